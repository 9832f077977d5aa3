//! Text of strangers, made fit for a page: no invisible characters, no line that cannot break, no title of 10,000
//! characters.

/// Where a long word may be broken. The template turns it into a break without a hyphen and it never reaches the PDF;
/// `clean` removes those that were in the text.
pub(crate) const BREAK: char = '\u{200B}';

/// The text in one line: every run of white space and control characters is one space, and what is invisible, turns the
/// direction of its neighbours or belongs to no script is gone.
pub(crate) fn clean(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars().filter(|c| *c != '\0' && !is_unwanted(*c)) {
        if !c.is_whitespace() && !c.is_control() {
            line.push(if is_private(c) { char::REPLACEMENT_CHARACTER } else { c });
        } else if !line.ends_with(' ') {
            line.push(' ');
        }
    }
    line
}

/// A name or title: clean, trimmed, at most `max` characters, the last of them an ellipsis when it was longer.
pub(crate) fn short(text: &str, max: usize) -> String {
    let line = clean(text).trim().to_owned();
    if line.chars().count() <= max {
        return line;
    }
    let kept: String = line.chars().take(max.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// A file name: clean and at most `max` characters, with what is too much left out of the middle, for its end says what
/// it is.
pub(crate) fn short_name(name: &str, max: usize) -> String {
    let line = clean(name).trim().to_owned();
    let length = line.chars().count();
    if length <= max {
        return line;
    }
    let tail = max / 3;
    let head: String = line.chars().take(max - tail - 1).collect();
    let end: String = line.chars().skip(length - tail).collect();
    format!("{}…{}", head.trim_end(), end.trim_start())
}

/// The text with places to break in every word longer than `longest` characters, after its punctuation where it has
/// some. Words beyond the European scripts are left whole for longer, because a break parts joined letters.
pub(crate) fn breakable(text: &str, longest: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = 0;
    for c in text.chars() {
        let limit = if c < '\u{0590}' { longest } else { longest.max(60) };
        if run >= limit && !c.is_whitespace() {
            out.push(BREAK);
            run = 0;
        }
        out.push(c);
        run = if c.is_whitespace() { 0 } else { run + 1 };
        if run > longest / 2 && matches!(c, '-' | '_' | '.' | '/') {
            out.push(BREAK);
            run = 0;
        }
    }
    out
}

/// Characters that show nothing of their own: marks, embeddings, overrides and isolates of direction, breaks that a
/// stranger set, soft hyphens, byte order marks, tags and noncharacters. The joiners stay, for scripts need them.
fn is_unwanted(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF0}'..='\u{FFFB}' | '\u{FDD0}'..='\u{FDEF}'
        | '\u{E0000}'..='\u{E0FFF}')
        || u32::from(c) & 0xFFFE == 0xFFFE
}

/// Private characters mean nothing outside the file they come from, and PDF/A forbids them.
fn is_private(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_leaves_one_line_of_visible_text() {
        assert_eq!(clean("a\0b"), "ab");
        assert_eq!(clean("one\r\n\t two\u{2029}three "), "one two three ");
        assert_eq!(clean("invoice\u{202E}fdp.exe\u{200F}"), "invoicefdp.exe");
        assert_eq!(clean("\u{FEFF}x\u{FFFF}\u{E000}"), "x\u{FFFD}");
        assert_eq!(clean("نص عربي and 中文"), "نص عربي and 中文");
    }

    #[test]
    fn short_keeps_the_beginning_and_short_name_both_ends() {
        assert_eq!(short("  as it is ", 20), "as it is");
        assert_eq!(short("one two three", 8), "one two…");
        assert_eq!(short(&"é".repeat(10_000), 200).chars().count(), 200);
        assert_eq!(short_name("a-very-long-file-name.pdf", 16), "a-very-lon…e.pdf");
        assert_eq!(short_name(&"中".repeat(5_000), 90).chars().count(), 90);
    }

    #[test]
    fn a_long_word_can_break_and_short_ones_do_not() {
        assert_eq!(breakable("short words only", 8), "short words only");
        assert_eq!(breakable("abcdefghij xy", 4), "abcd\u{200B}efgh\u{200B}ij xy");
        assert_eq!(breakable("statement_2024.pdf", 16), "statement_\u{200B}2024.pdf");
        assert!(!breakable(&"ع".repeat(50), 24).contains(BREAK));
        assert!(breakable(&"ع".repeat(100), 24).contains(BREAK));
    }
}
