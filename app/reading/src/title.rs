//! Whether a document's own title says more than the name of its file.

/// What programs write where nobody gave a title, in lower case.
const FILLERS: [&str; 16] = [
    "untitled",
    "untitled document",
    "untitled-1",
    "no title",
    "title",
    "document",
    "document1",
    "none",
    "unknown",
    "model",
    "layout1",
    "pdfx",
    "adobe photoshop pdf",
    "powerpoint presentation",
    "slide 1",
    "microsoft word",
];

/// Word's driver for printers puts its own name before that of the file.
const PRINTED: [&str; 3] = ["Microsoft Word - ", "Microsoft PowerPoint - ", "Microsoft Excel - "];

/// Ends of names of files. A title that has one is the name that the file had somewhere else, and worth less than its own.
const ENDINGS: [&str; 18] = [
    "pdf", "doc", "docx", "dot", "rtf", "odt", "txt", "tex", "dvi", "ps", "xls", "xlsx", "ppt", "pptx", "indd", "dwg",
    "psd", "qxd",
];

/// The title, one clean line, if somebody gave it to the document; none where a program filled it in.
pub fn given(text: &str) -> Option<String> {
    let line = crate::clean::line(text)?;
    let title = PRINTED.iter().find_map(|program| line.strip_prefix(program)).unwrap_or(&line).trim();
    let lower = title.to_lowercase();
    let is_name = lower.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending));
    let is_given = !is_name && !FILLERS.contains(&lower.trim_matches(['(', ')', '<', '>'])) && !lower.is_empty();
    is_given.then(|| title.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_filled_in_is_no_title() {
        for text in [
            "",
            " ",
            "Untitled",
            "(untitled)",
            "Title",
            "Binder1.pdf",
            "Adobe Photoshop PDF",
            "Microsoft Word - a b.doc",
        ] {
            assert_eq!(given(text), None, "{text}");
        }
        for (text, title) in [
            ("Annual report  2026", "Annual report 2026"),
            ("Microsoft Word - Lease agreement", "Lease agreement"),
            ("On version 2.0", "On version 2.0"),
            ("The model", "The model"),
        ] {
            assert_eq!(given(text).as_deref(), Some(title));
        }
    }
}
