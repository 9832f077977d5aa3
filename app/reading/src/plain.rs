//! Plain text.

use crate::prose::Prose;
use crate::stop::Stop;

/// Of a text, one byte in so many may be a control character that no text needs. Of what is compressed or compiled, one in ten is.
const CONTROLS: usize = 50;

/// Reads a text file; a paragraph ends at an empty line. What began like a text and is none is damaged.
pub fn read(bytes: &[u8]) -> Result<Prose, Stop> {
    if !is_text(bytes) {
        return Err(Stop::damaged("more control characters than a text has"));
    }
    let text = crate::decode::text(bytes, None);
    let mut prose = Prose::default();
    for paragraph in text.split_inclusive("\n\n") {
        prose.push(paragraph);
    }
    Ok(prose)
}

/// Every encoding that is read without being named keeps control characters for themselves, but for UTF-16, which has a mark.
fn is_text(bytes: &[u8]) -> bool {
    let is_marked = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    // Escape begins the colours of a terminal, whose output people keep.
    let is_idle = |byte: &&u8| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r' | b'\x0c' | b'\x1b');
    is_marked || bytes.iter().filter(is_idle).count() <= bytes.len() / CONTROLS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_like_a_text_and_is_none_is_damaged() {
        let noise: Vec<u8> = (0..=255).cycle().take(64 * 1024).collect();
        let begun = [b"<rdf:li>".repeat(1_000), noise].concat();
        assert!(read(&begun).is_err());
        let coloured = b"\x1b[32mall is well\x1b[0m\n".repeat(100);
        for text in [&b""[..], b"Gr\xfc\xdfe", b"\xff\xfeh\0i\0", b"one page\x0canother", &coloured] {
            assert!(read(text).is_ok(), "{text:?}");
        }
    }
}
