//! The name of a file, as a stranger sent it.

/// What the file systems of our users take.
const MAX_CHARACTERS: usize = 200;

/// The last part of a path, without control characters, without the marks that turn the direction of text (a name could
/// hide its ending behind them), at most 200 characters with its ending kept, never empty.
pub fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let visible: String = last.chars().filter(|c| !c.is_control() && !is_direction_mark(*c)).collect();
    let trimmed = visible.trim().trim_start_matches('.');
    if trimmed.is_empty() {
        return "Untitled".into();
    }
    shorten(trimmed)
}

/// Unicode's explicit directional formatting characters: UAX #9, section 2, and the byte order mark.
fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

fn shorten(name: &str) -> String {
    let characters = name.chars().count();
    if characters <= MAX_CHARACTERS {
        return name.to_owned();
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending).filter(|ending| ending.chars().count() <= 10);
    let kept = MAX_CHARACTERS - ending.map_or(0, |ending| ending.chars().count() + 1);
    let stem: String = name.chars().take(kept).collect();
    match ending {
        Some(ending) => format!("{stem}.{ending}"),
        None => stem,
    }
}

#[cfg(test)]
mod tests {
    use super::clean_name;

    #[test]
    fn paths_marks_and_control_characters_go() {
        assert_eq!(clean_name("report.pdf"), "report.pdf");
        assert_eq!(clean_name("../../etc/passwd"), "passwd");
        assert_eq!(clean_name("C:\\Users\\ada\\Rapport été.docx"), "Rapport été.docx");
        assert_eq!(clean_name("a\0b\r\n.txt"), "ab.txt");
        assert_eq!(clean_name("invoice\u{202E}fdp.exe"), "invoicefdp.exe");
        assert_eq!(clean_name(".."), "Untitled");
        assert_eq!(clean_name(""), "Untitled");
    }

    #[test]
    fn long_names_keep_their_ending() {
        let name = clean_name(&format!("{}.pdf", "ä".repeat(4_000)));
        assert_eq!(name.chars().count(), 200);
        assert!(name.ends_with(".pdf"));
    }
}
