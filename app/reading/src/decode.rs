//! From bytes to text: byte order marks, UTF-8, a declared encoding, else Windows-1252, which reads anything.

use encoding_rs::{Encoding, WINDOWS_1252};

/// The text of a file, cleaned. `declared` is the name of an encoding that the file gives itself, used where the bytes
/// are neither marked nor valid UTF-8.
pub fn text(bytes: &[u8], declared: Option<&str>) -> String {
    let decoded = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => encoding.decode_without_bom_handling(&bytes[mark..]).0,
        None => match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => fallback(declared).decode_without_bom_handling(bytes).0,
        },
    };
    crate::clean::text(&decoded)
}

fn fallback(declared: Option<&str>) -> &'static Encoding {
    declared.and_then(|name| Encoding::for_label(name.as_bytes())).unwrap_or(WINDOWS_1252)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_come_first_then_utf8_then_windows_1252() {
        assert_eq!(text(b"\xef\xbb\xbfGr\xc3\xbc\xc3\x9fe", None), "Gr\u{fc}\u{df}e");
        assert_eq!(text(b"Gr\xc3\xbc\xc3\x9fe", None), "Gr\u{fc}\u{df}e");
        assert_eq!(text(b"Gr\xfc\xdfe \x80 5", None), "Gr\u{fc}\u{df}e \u{20ac} 5");
        assert_eq!(text(b"\xff\xfeA\0\xfc\0", None), "A\u{fc}");
        assert_eq!(text(b"\xfe\xff\0A\0\xfc", None), "A\u{fc}");
    }

    #[test]
    fn a_declared_encoding_is_used_where_the_bytes_are_not_utf8() {
        assert_eq!(text(b"\x83e\x83X\x83g", Some("Shift_JIS")), "\u{30c6}\u{30b9}\u{30c8}");
        assert_eq!(text(b"\xfc", Some("no such encoding")), "\u{fc}");
    }
}
