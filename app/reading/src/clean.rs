//! Text as the database and the screen can take it: no NUL, no control characters, composed accents.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::limits::LINE_CHARACTERS;

/// Whether a character may stand in a text. Tabs and line ends may; other control characters, byte order marks and
/// non-characters may not (Postgres refuses NUL, and nobody can see the others).
pub fn is_text(c: char) -> bool {
    match c {
        '\n' | '\t' => true,
        '\u{feff}' | '\u{fffe}' | '\u{ffff}' => false,
        _ => !c.is_control(),
    }
}

/// `text` without what may not stand in a text, with `\n` for every line end, and composed (NFC).
pub fn text(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\r' if characters.peek() == Some(&'\n') => {}
            '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => clean.push('\n'),
            c if is_text(c) => clean.push(c),
            _ => {}
        }
    }
    composed(clean)
}

/// Composes accents, which costs nothing where there are none apart.
pub fn composed(text: String) -> String {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes { text } else { text.nfc().collect() }
}

/// A title, an author or a heading: one line of at most [`LINE_CHARACTERS`], without the marks that turn the direction
/// of what follows. None if nothing is left.
pub fn line(text: &str) -> Option<String> {
    let mut line = String::new();
    let mut length = 0;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        let space = usize::from(!line.is_empty());
        if length + space >= LINE_CHARACTERS {
            break;
        }
        let kept: String = word
            .chars()
            .filter(|&c| is_text(c) && !turns_direction(c))
            .take(LINE_CHARACTERS - length - space)
            .collect();
        if kept.is_empty() {
            continue;
        }
        if space == 1 {
            line.push(' ');
        }
        length += space + kept.chars().count();
        line.push_str(&kept);
    }
    if line.is_empty() { None } else { Some(composed(line)) }
}

fn turns_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_go_and_line_ends_become_one_kind() {
        assert_eq!(text("a\0b\r\nc\rd\u{c}e\u{feff}\tf\u{7}"), "ab\nc\nd\ne\tf");
    }

    #[test]
    fn accents_are_composed() {
        assert_eq!(text("Cafe\u{301}"), "Caf\u{e9}");
    }

    #[test]
    fn a_line_is_one_line_and_short() {
        assert_eq!(line("  The\n\u{202e}Report\0 2026 ").as_deref(), Some("The Report 2026"));
        assert_eq!(line(" \u{202e} \0"), None);
        assert_eq!(line(&"ab ".repeat(1_000)).map(|line| line.chars().count()), Some(LINE_CHARACTERS));
    }
}
