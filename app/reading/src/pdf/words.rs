//! Characters grouped into words, and words into text.

use domain::documents::reading::Word;

use super::place::{Frame, Rect};
use crate::clean;
use crate::limits::{PAGE_TEXT_BYTES, PAGE_WORDS};

/// What PDFium gives for a hyphen at the end of a line, after which it writes neither space nor line end, and what
/// files themselves use for one.
const LINE_END_HYPHENS: [char; 2] = ['\u{2}', '\u{fffe}'];
const SOFT_HYPHEN: char = '\u{ad}';

/// The words and the text of a page as it is read.
pub struct Words {
    frame: Frame,
    words: Vec<Word>,
    text: String,
    word: String,
    bounds: Option<Rect>,
    gap: Gap,
}

/// What stands before the next word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Space,
    Line,
}

impl Words {
    /// No words yet, on a page with this frame.
    pub fn on(frame: Frame) -> Self {
        Self { frame, words: Vec::new(), text: String::new(), word: String::new(), bounds: None, gap: Gap::None }
    }

    /// Whether the page holds as much as is kept of one.
    pub fn is_full(&self) -> bool {
        self.words.len() >= PAGE_WORDS || self.text.len() + self.word.len() >= PAGE_TEXT_BYTES
    }

    /// Takes the next character and the box it has, which is asked for only if it is part of a word.
    pub fn push(&mut self, c: char, place: impl FnOnce() -> Option<Rect>) {
        match c {
            '\n' | '\r' => self.end_word(Gap::Line),
            c if LINE_END_HYPHENS.contains(&c) => {
                self.extend('-', place());
                self.end_word(Gap::Line);
            }
            c if c.is_whitespace() => self.end_word(Gap::Space),
            SOFT_HYPHEN => self.extend('-', place()),
            c if clean::is_text(c) => self.extend(c, place()),
            _ => {}
        }
    }

    /// The text and the words.
    pub fn finish(mut self) -> (String, Vec<Word>) {
        self.end_word(Gap::None);
        (self.text, self.words)
    }

    fn extend(&mut self, c: char, place: Option<Rect>) {
        self.word.push(c);
        if let Some(place) = place {
            self.bounds = Some(self.bounds.map_or(place, |bounds| bounds.union(place)));
        }
    }

    fn end_word(&mut self, gap: Gap) {
        let word = std::mem::take(&mut self.word);
        let place = self.bounds.take().and_then(|bounds| self.frame.place(bounds));
        // A word outside of what is shown is no part of the page.
        if let (false, Some(place), false) = (word.is_empty(), place, self.is_full()) {
            let text = clean::composed(word);
            match self.gap {
                _ if self.text.is_empty() => {}
                Gap::Line => self.text.push('\n'),
                Gap::Space | Gap::None => self.text.push(' '),
            }
            self.text.push_str(&text);
            self.words.push(Word { text, x: place.x, y: place.y, width: place.width, height: place.height });
            self.gap = Gap::None;
        }
        self.gap = self.gap.max(gap);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(characters: &str) -> (String, Vec<Word>) {
        let page = Rect { left: 0.0, bottom: 0.0, right: 1_000.0, top: 100.0 };
        let mut words = Words::on(Frame { bounds: page, quarters: 0, width: 1_000.0, height: 100.0 });
        for (at, c) in characters.chars().enumerate() {
            let left = at as f32 * 10.0;
            words.push(c, || Some(Rect { left, bottom: 80.0, right: left + 10.0, top: 90.0 }));
        }
        words.finish()
    }

    #[test]
    fn words_have_the_box_of_their_characters() {
        let (text, words) = read("ab  c\r\nd");
        assert_eq!(text, "ab c\nd");
        let boxes: Vec<_> =
            words.iter().map(|word| (word.text.as_str(), word.x, word.y, word.width, word.height)).collect();
        assert_eq!(
            boxes,
            [("ab", 0.0, 10.0, 20.0, 10.0), ("c", 40.0, 10.0, 10.0, 10.0), ("d", 70.0, 10.0, 10.0, 10.0)]
        );
    }

    #[test]
    fn a_hyphen_at_the_end_of_a_line_ends_the_word() {
        assert_eq!(read("exam\u{2}ple").0, "exam-\nple");
    }

    #[test]
    fn control_characters_and_words_off_the_page_are_left_out() {
        assert_eq!(read("a\0b\u{7}").0, "ab");
        let far = format!("seen {}gone", " ".repeat(200));
        assert_eq!(read(&far).0, "seen");
    }

    #[test]
    fn a_page_is_full_at_its_limits() {
        let (_, words) = read(&"a ".repeat(50));
        assert_eq!(words.len(), 50);
        let page = Rect { left: 0.0, bottom: 0.0, right: 10.0, top: 10.0 };
        let mut words = Words::on(Frame { bounds: page, quarters: 0, width: 10.0, height: 10.0 });
        for _ in 0..PAGE_WORDS + 10 {
            words.push('a', || Some(page));
            words.push(' ', || None);
        }
        assert!(words.is_full());
        assert_eq!(words.finish().1.len(), PAGE_WORDS);
    }
}
