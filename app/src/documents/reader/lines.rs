//! The lines of a page: which words stand in one, so that copied text has its spaces and line breaks.

use domain::documents::{PageText, reading::Word};

/// The words of a page in reading order, a new line wherever the page's text has a line break between two words.
pub fn lines(page: &PageText) -> Vec<Vec<Word>> {
    let text: String = page.segments.iter().map(|segment| segment.text.as_str()).collect();
    let mut lines: Vec<Vec<Word>> = Vec::new();
    let mut at = 0;
    for word in &page.words {
        // Every word stands in the text, in order; one that does not, by a fault of the reader, goes on in its line.
        let between = text[at..].find(&word.text).map(|found| &text[at..at + found]);
        let breaks = between.is_some_and(|between| between.contains('\n'));
        at += between.map_or(0, |between| between.len() + word.text.len());
        match lines.last_mut().filter(|_| !breaks) {
            Some(line) => line.push(word.clone()),
            None => lines.push(vec![word.clone()]),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use domain::search::Segment;

    use super::*;

    fn page(segments: &[(&str, bool)], words: &[&str]) -> PageText {
        let word = |text: &&str| Word { text: (*text).into(), x: 0.0, y: 0.0, width: 1.0, height: 1.0 };
        PageText {
            number: 1,
            width: 100.0,
            height: 100.0,
            segments: segments.iter().map(|(text, hit)| Segment { text: (*text).into(), hit: *hit }).collect(),
            words: words.iter().map(word).collect(),
            hits: Vec::new(),
            failed: false,
        }
    }

    fn told(page: &PageText) -> Vec<String> {
        let line = |line: Vec<Word>| line.into_iter().map(|word| word.text).collect::<Vec<_>>().join(" ");
        lines(page).into_iter().map(line).collect()
    }

    #[test]
    fn lines_are_those_of_the_text() {
        let page = page(
            &[("The ", false), ("quick", true), (" fox\njumps\n\nover it", false)],
            &["The", "quick", "fox", "jumps", "over", "it"],
        );
        assert_eq!(told(&page), ["The quick fox", "jumps", "over it"]);
    }

    #[test]
    fn a_word_that_the_text_lacks_breaks_nothing() {
        assert_eq!(told(&page(&[("a\nb", false)], &["a", "ghost", "b"])), ["a ghost", "b"]);
        assert!(lines(&page(&[], &[])).is_empty());
    }
}
