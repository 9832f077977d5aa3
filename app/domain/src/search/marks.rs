//! From the positions of hits back to the text: segments for a page, a snippet for a result, words for the page image.

use super::{Segment, tokens};
use crate::documents::reading::Word;

/// Terms around the best place of a page.
const SNIPPET_TERMS: usize = 36;

/// Places of hits in a text, in bytes, in order and apart. `positions` count terms from 1, as a tsvector does.
pub(super) fn places(text: &str, positions: &[i32]) -> Vec<(usize, usize)> {
    let tokens = tokens::tokens(text);
    let mut places: Vec<(usize, usize)> = Vec::with_capacity(positions.len());
    let mut sorted = positions.to_vec();
    sorted.sort_unstable();
    for position in sorted {
        let Some(token) = usize::try_from(position - 1).ok().and_then(|index| tokens.get(index)) else { continue };
        match places.last_mut() {
            // Pairs of a dense script overlap.
            Some(last) if token.start < last.1 => last.1 = last.1.max(token.end),
            _ => places.push((token.start, token.end)),
        }
    }
    places
}

/// The whole text, cut at the hits.
pub(super) fn segments(text: &str, places: &[(usize, usize)]) -> Vec<Segment> {
    let mut segments = Vec::with_capacity(places.len() * 2 + 1);
    let mut at = 0;
    for (start, end) in places {
        push(&mut segments, &text[at..*start], false);
        push(&mut segments, &text[*start..*end], true);
        at = *end;
    }
    push(&mut segments, &text[at..], false);
    segments
}

/// The part of a text with the most hits, on one line.
pub(super) fn snippet(text: &str, places: &[(usize, usize)]) -> Vec<Segment> {
    let tokens = tokens::tokens(text);
    if tokens.is_empty() {
        return Vec::new();
    }
    let first = best_window(&hits(&tokens, places));
    let last = (first + SNIPPET_TERMS).min(tokens.len()) - 1;
    let (start, end) = (tokens[first].start, sentence_end(text, tokens[last].end));
    let inside: Vec<_> = places
        .iter()
        .filter(|(from, to)| *from >= start && *to <= end)
        .map(|(from, to)| (from - start, to - start))
        .collect();
    let mut snippet = segments(&text[start..end], &inside);
    for segment in &mut snippet {
        segment.text = one_line(&segment.text);
    }
    if first > 0 {
        snippet.insert(0, Segment { text: "… ".into(), hit: false });
    }
    if end < text.trim_end().len() {
        snippet.push(Segment { text: " …".into(), hit: false });
    }
    snippet
}

/// The positions in `words` that the places touch. Every word stands in the text, in order.
pub(super) fn words_at(text: &str, words: &[Word], places: &[(usize, usize)]) -> Vec<u32> {
    let mut hits = Vec::new();
    let (mut at, mut next) = (0, places.iter().peekable());
    for (index, word) in words.iter().enumerate() {
        let Some(found) = text[at..].find(&word.text) else { continue };
        let (start, end) = (at + found, at + found + word.text.len());
        at = end;
        while next.peek().is_some_and(|(_, to)| *to <= start) {
            next.next();
        }
        if next.peek().is_some_and(|(from, _)| *from < end) {
            hits.push(u32::try_from(index).unwrap_or(u32::MAX));
        }
    }
    hits
}

/// Which terms touch a place. Both stand in the order of the text, and a page may have 50,000 of one and 16,000 of the other.
fn hits(tokens: &[tokens::Token], places: &[(usize, usize)]) -> Vec<bool> {
    let mut places = places.iter().peekable();
    let is_hit = |token: &tokens::Token| {
        while places.next_if(|(_, end)| *end <= token.start).is_some() {}
        places.peek().is_some_and(|(start, _)| *start < token.end)
    };
    tokens.iter().map(is_hit).collect()
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
        let text = "The quick brown fox, the lazy dog.";
        let places = places(text, &[4, 2, 99]);
        assert_eq!(told(&segments(text, &places)), "The [quick] brown [fox], the lazy dog.");
        assert_eq!(told(&snippet(text, &places)), "The [quick] brown [fox], the lazy dog.");
    }

    #[test]
    fn overlapping_pairs_are_one_hit() {
        let text = "新しい日本語の本";
        let all: Vec<i32> = (1..=8).collect();
        let found = places(text, &all[3..5]);
        assert_eq!(told(&segments(text, &found)), "新しい[日本語]の本");
    }

    #[test]
    fn a_snippet_shows_the_densest_place() {
        let words: Vec<String> = (1..=300).map(|n| format!("w{n}")).collect();
        let text = words.join("\n");
        let snippet = told(&snippet(&text, &places(&text, &[5, 200, 203, 206])));
        assert!(snippet.starts_with("… w192 ") && snippet.contains("[w200] w201 w202 [w203]"), "{snippet}");
        assert!(snippet.ends_with(" …") && !snippet.contains('\n'));
    }

    #[test]
    fn terms_are_hits_where_they_touch_a_place() {
        let text = "one 日本語の two three";
        let terms = tokens::tokens(text);
        assert_eq!(terms.len(), 6);
        let touched = |positions: &[i32]| hits(&terms, &places(text, positions));
        assert_eq!(touched(&[1, 6]), [true, false, false, false, false, true]);
        assert_eq!(touched(&[2]), [false, true, true, false, false, false], "the pair beside shares a character");
        assert_eq!(touched(&[3, 4, 5]), [false, true, true, true, true, false]);
        assert_eq!(touched(&[]), [false; 6]);
    }

    #[test]
    fn words_of_the_page_are_found_by_place() {
        let word = |text: &str| Word { text: text.into(), x: 0.0, y: 0.0, width: 1.0, height: 1.0 };
        let words = [word("The"), word("quick,"), word("fox"), word("fox")];
        let text = "The quick,\nfox fox";
        assert_eq!(words_at(text, &words, &places(text, &[2, 4])), [1, 3]);
    }
}
