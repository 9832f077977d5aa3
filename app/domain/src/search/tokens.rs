//! Cutting text into the terms that are indexed. Postgres is given one plain term after the other, so that the position of a
//! lexeme in a tsvector leads back to the place in the text, whatever the locale of the database thinks of punctuation.
//!
//! Words are runs of letters and digits, in lowercase. Scripts without spaces (Chinese, Japanese, Korean) are cut into
//! overlapping pairs of characters, which a query matches as a phrase.

use std::ops::Range;

/// Postgres indexes nothing longer than 2,046 bytes, and no position for it: this stays below in any script.
const MAX_TERM_CHARACTERS: usize = 255;

/// Of what is indexed of a text. Postgres refuses a tsvector above 1,048,575 bytes, and with it the page; what is left of these is for
/// letters that take more bytes without their accents, and for the name of the language.
const MAX_INDEX_BYTES: usize = 900_000;

/// Of one place of a term in a tsvector, at most: the place, the number of places, and a byte that aligns them.
const PLACE_BYTES: usize = 5;

type Characters<'a> = std::iter::Peekable<std::str::CharIndices<'a>>;

/// Where the terms of a text stand in it, in bytes and in order.
pub fn places(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut characters = text.char_indices().peekable();
    while let Some(&(start, first)) = characters.peek() {
        if is_dense(first) {
            take_pairs(&mut characters, &mut found);
        } else if is_word(first) {
            found.push(start..word_end(&mut characters));
        } else {
            characters.next();
        }
    }
    found
}

/// All terms of a text, in order.
pub fn terms(text: &str) -> Vec<String> {
    let term = |place| {
        let mut term = String::new();
        push_term(&mut term, &text[place]);
        term
    };
    places(text).into_iter().map(term).collect()
}

/// The terms with a space between two, as they are given to `to_tsvector`: as many as one tsvector holds even if no two are the same,
/// which is more than the pages of people have.
pub fn index_text(text: &str) -> String {
    let mut index = String::with_capacity(text.len());
    let mut bytes = 0;
    for place in places(text) {
        let before = index.len();
        if before > 0 {
            index.push(' ');
        }
        let start = index.len();
        push_term(&mut index, &text[place]);
        bytes += index.len() - start + PLACE_BYTES;
        if bytes > MAX_INDEX_BYTES {
            index.truncate(before);
            break;
        }
    }
    index
}

/// Where the word ends that the characters are at.
fn word_end(characters: &mut Characters<'_>) -> usize {
    let Some((start, first)) = characters.next() else { return 0 };
    let mut end = start + first.len_utf8();
    let starts_with_digit = first.is_numeric();
    while let Some(&(at, c)) = characters.peek() {
        // Postgres reads "5e10x" as a number and a word; cut by us, both sides count the same terms.
        let ends_number = starts_with_digit && c.is_alphabetic() && !c.is_numeric();
        if ends_number || is_dense(c) || !(is_word(c) || is_mark(c)) {
            break;
        }
        characters.next();
        end = at + c.len_utf8();
    }
    end
}

fn take_pairs(characters: &mut Characters<'_>, found: &mut Vec<Range<usize>>) {
    let mut run = Vec::new();
    while let Some((at, c)) = characters.next_if(|(_, c)| is_dense(*c)) {
        run.push(at..at + c.len_utf8());
    }
    match run.as_slice() {
        [one] => found.push(one.clone()),
        run => found.extend(run.windows(2).map(|pair| pair[0].start..pair[1].end)),
    }
}

/// Writes a term as it is indexed: `text` is what stands in its place.
fn push_term(terms: &mut String, text: &str) {
    if text.starts_with(is_dense) {
        terms.push_str(text);
    } else {
        let letters = text.chars().filter(|c| !is_mark(*c)).take(MAX_TERM_CHARACTERS);
        terms.extend(letters.flat_map(char::to_lowercase).filter(|lower| is_word(*lower)));
    }
}

/// Letters and digits, without the raised and the fractional ones, on which locales disagree.
fn is_word(c: char) -> bool {
    c.is_alphanumeric()
        && !is_mark(c)
        && !matches!(c, '²' | '³' | '¹' | '¼'..='¾' | '\u{2070}'..='\u{209C}' | '\u{2150}'..='\u{218F}' | '\u{2460}'..='\u{24FF}')
}

/// Combining marks inside a word, which are left out: Latin accents, Arabic vowel signs, and the few that Rust takes for
/// letters and the C library does not.
fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{0300}'..='\u{036F}' | '\u{0640}' | '\u{064B}'..='\u{065F}' | '\u{0670}' | '\u{00AD}' | '\u{200C}'
        | '\u{0C04}' | '\u{0F82}' | '\u{0F83}' | '\u{1DC0}'..='\u{1DFF}' | '\u{11080}' | '\u{11081}')
}

/// Scripts that are written without spaces between words: Han, Kana, Hangul.
fn is_dense(c: char) -> bool {
    matches!(c,
        '\u{3007}' | '\u{3040}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
        && c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_lowercase_and_without_punctuation() {
        assert_eq!(index_text("“Hello”, World—it’s 3.14!"), "hello world it s 3 14");
        assert_eq!(index_text("Café na\u{0308}ive co\u{00AD}operate"), "café naive cooperate");
        assert_eq!(index_text("5e10x 1st x86 a1b2"), "5 e10x 1 st x86 a1b2");
        assert_eq!(index_text(" \n\t … "), "");
    }

    #[test]
    fn no_more_is_indexed_than_postgres_takes() {
        let words = |count: u32| (0..count).map(|n| format!("w{n:019}")).collect::<Vec<_>>().join(" ");
        assert_eq!(index_text(&words(30_000)), words(30_000));
        let index = index_text(&words(50_000));
        assert!(index.len() < MAX_INDEX_BYTES && words(50_000).starts_with(&index));
    }

    #[test]
    fn dense_scripts_are_cut_into_pairs() {
        assert_eq!(index_text("日本語の本"), "日本 本語 語の の本");
        assert_eq!(index_text("第1章 字"), "第 1 章 字");
    }

    #[test]
    fn places_lead_back_into_the_text() {
        let text = "Ein Bär, 日本語.";
        let found: Vec<_> = places(text).into_iter().map(|place| &text[place]).collect();
        assert_eq!(found, ["Ein", "Bär", "日本", "本語"]);
    }

    #[test]
    fn every_character_comes_to_an_end() {
        for c in '\0'..=char::MAX {
            let text = format!("{c}{c} 1{c}1 a{c}");
            assert!(terms(&text).len() <= text.len(), "{c:?}");
        }
    }

    #[test]
    fn a_term_is_never_empty_and_never_too_long() {
        let text = format!("{} \u{0640} İ", "x".repeat(5_000));
        let terms = terms(&text);
        assert!(terms.iter().all(|term| !term.is_empty() && term.len() <= 1_024), "{terms:?}");
        assert_eq!(terms[0].len(), 255);
    }
}
