//! From the positions of hits back to the text: segments for a page, a snippet for a result, words for the page image.

use std::ops::Range;

use super::{Segment, tokens};
use crate::documents::reading::Word;

/// Terms around the best place of a page.
const SNIPPET_TERMS: usize = 36;

/// A page's text, its terms, and what a query hits of it. The text is cut into terms once, which is most of the work.
pub(super) struct Marks<'a> {
    text: &'a str,
    terms: Vec<Range<usize>>,
    /// In order and apart.
    hits: Vec<Range<usize>>,
}

impl<'a> Marks<'a> {
    /// `positions` count terms from 1, as a tsvector does. Those that the text has not are passed over.
    pub fn new(text: &'a str, positions: &[i32]) -> Self {
        let terms = tokens::places(text);
        let mut sorted = positions.to_vec();
        sorted.sort_unstable();
        let mut hits: Vec<Range<usize>> = Vec::with_capacity(sorted.len());
        for position in sorted {
            let Some(term) = usize::try_from(position - 1).ok().and_then(|index| terms.get(index)) else { continue };
            match hits.last_mut() {
                // Pairs of a dense script overlap.
                Some(last) if term.start < last.end => last.end = last.end.max(term.end),
                _ => hits.push(term.clone()),
            }
        }
        Self { text, terms, hits }
    }

    /// The whole text, cut at the hits.
    pub fn segments(&self) -> Vec<Segment> {
        segments(self.text, 0..self.text.len(), &self.hits)
    }

    /// The part of the text with the most hits, on one line.
    pub fn snippet(&self) -> Vec<Segment> {
        if self.terms.is_empty() {
            return Vec::new();
        }
        let first = best_window(&self.hit_terms());
        let last = (first + SNIPPET_TERMS).min(self.terms.len()) - 1;
        let shown = self.terms[first].start..sentence_end(self.text, self.terms[last].end);
        let from = self.hits.partition_point(|hit| hit.start < shown.start);
        let to = self.hits.partition_point(|hit| hit.end <= shown.end).max(from);
        let mut snippet = segments(self.text, shown.clone(), &self.hits[from..to]);
        for segment in &mut snippet {
            segment.text = one_line(&segment.text);
        }
        if first > 0 {
            snippet.insert(0, Segment { text: "… ".into(), hit: false });
        }
        if shown.end < self.text.trim_end().len() {
            snippet.push(Segment { text: " …".into(), hit: false });
        }
        snippet
    }

    /// The positions in `words` that the hits touch. Every word stands in the text, in order.
    pub fn words(&self, words: &[Word]) -> Vec<u32> {
        let mut touched = Vec::new();
        let (mut at, mut hits) = (0, self.hits.iter().peekable());
        for (index, word) in words.iter().enumerate() {
            let Some(found) = self.text[at..].find(&word.text) else { continue };
            let start = at + found;
            at = start + word.text.len();
            while hits.next_if(|hit| hit.end <= start).is_some() {}
            if hits.peek().is_some_and(|hit| hit.start < at) {
                touched.push(u32::try_from(index).unwrap_or(u32::MAX));
            }
        }
        touched
    }

    /// Which terms touch a hit. Both stand in the order of the text, and a page may have 50,000 of one and 16,000 of the other.
    fn hit_terms(&self) -> Vec<bool> {
        let mut hits = self.hits.iter().peekable();
        let is_hit = |term: &Range<usize>| {
            while hits.next_if(|hit| hit.end <= term.start).is_some() {}
            hits.peek().is_some_and(|hit| hit.start < term.end)
        };
        self.terms.iter().map(is_hit).collect()
    }
}

/// What is `shown` of a text, cut at the hits in it.
fn segments(text: &str, shown: Range<usize>, hits: &[Range<usize>]) -> Vec<Segment> {
    let mut segments = Vec::with_capacity(hits.len() * 2 + 1);
    let mut at = shown.start;
    for hit in hits {
        push(&mut segments, &text[at..hit.start], false);
        push(&mut segments, &text[hit.clone()], true);
        at = hit.end;
    }
    push(&mut segments, &text[at..shown.end], false);
    segments
}

/// The first term of the window with the most hits, with a little before the first of them.
fn best_window(hits: &[bool]) -> usize {
    let window = SNIPPET_TERMS.min(hits.len());
    let mut count = hits[..window].iter().filter(|hit| **hit).count();
    let (mut best, mut first) = (count, 0);
    for start in 1..=hits.len() - window {
        count = count + usize::from(hits[start + window - 1]) - usize::from(hits[start - 1]);
        if count > best {
            (best, first) = (count, start);
        }
    }
    let first_hit = hits[first..first + window].iter().position(|hit| *hit).unwrap_or(0);
    (first + first_hit).saturating_sub(8).min(hits.len() - window)
}

/// A closing mark right after the last word belongs to it.
fn sentence_end(text: &str, end: usize) -> usize {
    text[end..].chars().next().filter(|c| ".,;:!?)”\"。、".contains(*c)).map_or(end, |c| end + c.len_utf8())
}

fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_whitespace() {
            line.push(c);
        } else if !line.ends_with(' ') {
            line.push(' ');
        }
    }
    line
}

fn push(segments: &mut Vec<Segment>, text: &str, hit: bool) {
    if !text.is_empty() {
        segments.push(Segment { text: text.to_owned(), hit });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(segments: &[Segment]) -> String {
        segments.iter().map(|s| if s.hit { format!("[{}]", s.text) } else { s.text.clone() }).collect()
    }

    #[test]
    fn hits_are_marked_where_they_stand() {
        let marks = Marks::new("The quick brown fox, the lazy dog.", &[4, 2, 99]);
        assert_eq!(told(&marks.segments()), "The [quick] brown [fox], the lazy dog.");
        assert_eq!(told(&marks.snippet()), "The [quick] brown [fox], the lazy dog.");
    }

    #[test]
    fn overlapping_pairs_are_one_hit() {
        assert_eq!(told(&Marks::new("新しい日本語の本", &[4, 5]).segments()), "新しい[日本語]の本");
    }

    #[test]
    fn a_snippet_shows_the_densest_place() {
        let words: Vec<String> = (1..=300).map(|n| format!("w{n}")).collect();
        let text = words.join("\n");
        let snippet = told(&Marks::new(&text, &[5, 200, 203, 206]).snippet());
        assert!(snippet.starts_with("… w192 ") && snippet.contains("[w200] w201 w202 [w203]"), "{snippet}");
        assert!(snippet.ends_with(" …") && !snippet.contains('\n'));
    }

    #[test]
    fn terms_are_hits_where_they_touch_a_place() {
        let touched = |positions: &[i32]| Marks::new("one 日本語の two three", positions).hit_terms();
        assert_eq!(touched(&[1, 6]), [true, false, false, false, false, true]);
        assert_eq!(touched(&[2]), [false, true, true, false, false, false], "the pair beside shares a character");
        assert_eq!(touched(&[3, 4, 5]), [false, true, true, true, true, false]);
        assert_eq!(touched(&[]), [false; 6]);
    }

    #[test]
    fn words_of_the_page_are_found_by_place() {
        let word = |text: &str| Word { text: text.into(), x: 0.0, y: 0.0, width: 1.0, height: 1.0 };
        let words = [word("The"), word("quick,"), word("fox"), word("fox")];
        assert_eq!(Marks::new("The quick,\nfox fox", &[2, 4]).words(&words), [1, 3]);
    }
}
