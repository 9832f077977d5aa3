//! What a file is, by its first bytes. The name only tells kinds of text apart.

use super::Format;

/// As many first bytes as [`format_of`] wants to see.
pub(super) const PREFIX_BYTES: usize = 8 * 1024;

/// PDF 32000-1, annex H, note 13: readers accept a header within the first 1,024 bytes.
const PDF_HEADER_WITHIN: usize = 1_024;

pub(super) fn format_of(prefix: &[u8], name: &str) -> Format {
    let head = &prefix[..prefix.len().min(PDF_HEADER_WITHIN)];
    if head.windows(5).any(|window| window == b"%PDF-") {
        return Format::Pdf;
    }
    if prefix.starts_with(b"PK\x03\x04") {
        return if is_docx(prefix, name) { Format::Docx } else { Format::Other };
    }
    let known = infer::get(prefix).map(|kind| kind.mime_type());
    match known {
        Some("text/html") => Format::Html,
        Some("text/xml" | "text/x-shellscript") | None if is_text(prefix) => text_format(prefix, name),
        Some(kind) if begins_with_letters(kind) && is_printable(prefix) => text_format(prefix, name),
        _ => Format::Other,
    }
}

/// Kinds that are known by two or three letters, with which a text may begin as well: "BMW", "BC-17", "MZ", "GIF", "ID3", "FWS".
/// Their files have bytes right after these that no text has.
fn begins_with_letters(kind: &str) -> bool {
    matches!(
        kind,
        "image/bmp"
            | "image/gif"
            | "audio/mpeg"
            | "application/x-llvm"
            | "application/vnd.microsoft.portable-executable"
            | "application/x-shockwave-flash"
    )
}

/// Whether no byte is one that stands for nothing in a text, whatever its encoding.
fn is_printable(prefix: &[u8]) -> bool {
    prefix.iter().all(|byte| !byte.is_ascii_control() || matches!(byte, b'\t' | b'\n' | b'\r' | b'\x0c'))
}

fn is_docx(prefix: &[u8], name: &str) -> bool {
    let kind = infer::get(prefix).map(|kind| kind.extension());
    // A DOCX may begin with any of its parts; where the first bytes do not tell, the name does, and the reader checks.
    kind == Some("docx") || (kind == Some("zip") && extension(name) == "docx")
}

/// Text has no NUL bytes, except in UTF-16, which says so in its first two bytes.
fn is_text(prefix: &[u8]) -> bool {
    let utf16 = prefix.starts_with(&[0xFF, 0xFE]) || prefix.starts_with(&[0xFE, 0xFF]);
    utf16 || (!prefix.contains(&0) && !prefix.starts_with(b"{\\rtf"))
}

fn text_format(prefix: &[u8], name: &str) -> Format {
    let start = String::from_utf8_lossy(&prefix[..prefix.len().min(512)]).to_lowercase();
    let start = start.trim_start_matches('\u{FEFF}').trim_start();
    if start.starts_with("<!doctype html") || start.starts_with("<html") {
        return Format::Html;
    }
    match extension(name).as_str() {
        "md" | "markdown" => Format::Markdown,
        "csv" | "tsv" => Format::Csv,
        "html" | "htm" | "xhtml" => Format::Html,
        "eml" => Format::Other,
        _ => Format::Text,
    }
}

fn extension(name: &str) -> String {
    name.rsplit_once('.').map(|(_, extension)| extension.to_lowercase()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_counts_more_than_the_name() {
        assert_eq!(format_of(b"%PDF-1.7\n...", "notes.txt"), Format::Pdf);
        assert_eq!(format_of(b"junk before %PDF-1.4", "scan"), Format::Pdf);
        assert_eq!(format_of(b"plain words", "report.pdf"), Format::Text);
        assert_eq!(format_of(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "photo.txt"), Format::Other);
        assert_eq!(format_of(b"a\0b", "notes.txt"), Format::Other);
        assert_eq!(format_of(b"MZ\x90\0", "invoice.docx"), Format::Other);
    }

    #[test]
    fn the_name_tells_kinds_of_text_apart() {
        assert_eq!(format_of(b"# Title", "readme.md"), Format::Markdown);
        assert_eq!(format_of(b"a,b\n1,2", "table.CSV"), Format::Csv);
        assert_eq!(format_of(b"  <!DOCTYPE html><p>", "page"), Format::Html);
        assert_eq!(format_of(b"\xFF\xFEh\0i\0", "notes.txt"), Format::Text);
        assert_eq!(format_of(b"hello", "notes"), Format::Text);
    }

    #[test]
    fn a_text_may_begin_with_the_letters_of_another_kind() {
        assert_eq!(format_of(b"BMW Group\n\nF\xfcr das Jahr", "report.txt"), Format::Text);
        assert_eq!(format_of(b"BC-Nr;Name\r\n1;Ada", "list.csv"), Format::Csv);
        assert_eq!(format_of(b"MZ means megazone", "notes.md"), Format::Markdown);
        assert_eq!(format_of(b"GIFs and how to say it", "notes"), Format::Text);
        assert_eq!(format_of(b"BM\x36\x10\0\0\0\0", "photo.txt"), Format::Other);
        assert_eq!(format_of(b"ID3\x03\0", "song.txt"), Format::Other);
        assert_eq!(format_of(b"%!PS-Adobe-3.0\n", "page.txt"), Format::Other);
    }
}
