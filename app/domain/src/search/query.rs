//! The query language: words (all must occur), `"a phrase"`, `OR`, `NOT` or a leading minus, `prefix*`, parentheses, and the
//! filters `type:pdf`, `after:2026-01-31`, `before:2026`.

use chrono::{Datelike, NaiveDate};

use super::tokens::terms;
use crate::{
    documents::Format,
    error::{Error, Result},
};

/// Longer queries are refused before they are parsed.
const MAX_CHARACTERS: usize = 1_000;

/// Deeper parentheses are refused: nobody writes them.
const MAX_DEPTH: usize = 20;

/// A parsed query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// What the pages must say; none where only filters are given.
    pub node: Option<Node>,
    /// Any of these; all formats where empty.
    pub formats: Vec<Format>,
    /// Added before this day.
    pub before: Option<NaiveDate>,
    /// Added on or after this day.
    pub after: Option<NaiveDate>,
}

/// What a page must say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// These terms one after the other; mostly one.
    Phrase(Vec<String>),
    /// A term that begins like this.
    Prefix(String),
    Not(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
}

impl Query {
    /// Fails with "invalid" on field `q` where it cannot be understood, and says why.
    pub fn parse(text: &str) -> Result<Self> {
        if text.chars().count() > MAX_CHARACTERS {
            return Err(invalid(format!("A search has at most {MAX_CHARACTERS} characters.")));
        }
        let mut query = Self::default();
        let words = lex(text)?;
        let mut parser = Parser { words: &words, query: &mut query, depth: 0 };
        let node = parser.any_of()?;
        if !parser.words.is_empty() {
            return Err(invalid("There is a closing parenthesis without an opening one."));
        }
        if node.as_ref().is_some_and(only_excludes) {
            return Err(invalid("Add a word to look for: this search only says what to leave out."));
        }
        query.node = node;
        Ok(query)
    }

    /// Whether it asks for nothing at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Word {
    Open,
    Close,
    Or,
    And,
    Not,
    Quoted(String),
    Bare(String),
}

fn lex(text: &str) -> Result<Vec<Word>> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            '(' => (Word::Open, 1),
            ')' => (Word::Close, 1),
            '|' => (Word::Or, 1),
            '-' | '!' if rest.len() > 1 && !rest[1..].starts_with(char::is_whitespace) => (Word::Not, 1),
            '"' | '“' | '”' | '„' => {
                let inner = &rest[first.len_utf8()..];
                let end = inner.find(['"', '“', '”']).ok_or_else(|| invalid("A quotation mark is not closed."))?;
                let close = inner[end..].chars().next().map_or(0, char::len_utf8);
                (Word::Quoted(inner[..end].to_owned()), first.len_utf8() + end + close)
            }
            _ => {
                let end = rest.find(|c: char| c.is_whitespace() || "()|\"“”„".contains(c)).unwrap_or(rest.len());
                let bare = &rest[..end];
                let word = match bare {
                    "OR" => Word::Or,
                    "AND" | "&" => Word::And,
                    "NOT" => Word::Not,
                    _ => Word::Bare(bare.to_owned()),
                };
                (word, end)
            }
        };
        words.push(taken.0);
        rest = rest[taken.1..].trim_start();
    }
    Ok(words)
}

struct Parser<'a> {
    words: &'a [Word],
    query: &'a mut Query,
    depth: usize,
}

impl Parser<'_> {
    fn any_of(&mut self) -> Result<Option<Node>> {
        let mut nodes = Vec::new();
        loop {
            nodes.extend(self.all_of()?);
            match self.words.first() {
                Some(Word::Or) => self.words = &self.words[1..],
                _ => break,
            }
        }
        Ok(combine(nodes, Node::Or))
    }

    fn all_of(&mut self) -> Result<Option<Node>> {
        let mut nodes = Vec::new();
        while let Some(word) = self.words.first() {
            match word {
                Word::Or | Word::Close => break,
                Word::And => self.words = &self.words[1..],
                _ => nodes.extend(self.one()?),
            }
        }
        Ok(combine(nodes, Node::And))
    }

    fn one(&mut self) -> Result<Option<Node>> {
        // Counted, and not nested: twice "not" says nothing, and Postgres refuses what is hundreds deep.
        let negations = self.words.iter().take_while(|word| matches!(word, Word::Not)).count();
        let words = self.words;
        let Some((word, rest)) = words[negations..].split_first() else {
            self.words = &[];
            return Ok(None);
        };
        self.words = rest;
        let node = match word {
            Word::Open => self.parenthesis()?,
            Word::Quoted(text) => phrase(text),
            Word::Bare(text) => self.bare(text)?,
            Word::Or | Word::And | Word::Close | Word::Not => None,
        };
        Ok(if negations % 2 == 1 { node.map(|node| Node::Not(Box::new(node))) } else { node })
    }

    fn parenthesis(&mut self) -> Result<Option<Node>> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(invalid("These parentheses are nested too deep."));
        }
        let node = self.any_of()?;
        self.depth -= 1;
        match self.words.split_first() {
            Some((Word::Close, rest)) => {
                self.words = rest;
                Ok(node)
            }
            _ => Err(invalid("A parenthesis is not closed.")),
        }
    }

    fn bare(&mut self, text: &str) -> Result<Option<Node>> {
        match text.split_once(':') {
            Some(("type", value)) => {
                let format = format_of(value)
                    .ok_or_else(|| invalid("After type: write pdf, text, markdown, csv, html, word or other."))?;
                self.query.formats.push(format);
                Ok(None)
            }
            Some(("before", value)) => {
                self.query.before = Some(first_day(value)?);
                Ok(None)
            }
            Some(("after", value)) => {
                self.query.after = Some(first_day(value)?);
                Ok(None)
            }
            _ => Ok(match text.strip_suffix('*') {
                Some(start) => prefix(start),
                None => phrase(text),
            }),
        }
    }
}

fn combine(mut nodes: Vec<Node>, with: fn(Vec<Node>) -> Node) -> Option<Node> {
    match nodes.len() {
        0 => None,
        1 => nodes.pop(),
        _ => Some(with(nodes)),
    }
}

fn phrase(text: &str) -> Option<Node> {
    let mut terms = terms(text);
    match terms.as_slice() {
        [] => None,
        // One character of a script that is indexed in pairs: every pair that begins with it.
        [one] if one.chars().count() == 1 && !one.is_ascii() => terms.pop().map(Node::Prefix),
        _ => Some(Node::Phrase(terms)),
    }
}

/// `long-ter*` is the phrase of all terms but the last, and a term that begins like the last.
fn prefix(text: &str) -> Option<Node> {
    let mut terms = terms(text);
    let last = Node::Prefix(terms.pop()?);
    if terms.is_empty() { Some(last) } else { Some(Node::And(vec![Node::Phrase(terms), last])) }
}

fn only_excludes(node: &Node) -> bool {
    match node {
        Node::Not(_) => true,
        Node::And(nodes) => nodes.iter().all(only_excludes),
        Node::Or(nodes) => nodes.iter().any(only_excludes),
        Node::Phrase(_) | Node::Prefix(_) => false,
    }
}

fn format_of(word: &str) -> Option<Format> {
    match word.to_lowercase().as_str() {
        "word" | "doc" => Some(Format::Docx),
        "txt" => Some(Format::Text),
        "md" => Some(Format::Markdown),
        other => Format::parse(other),
    }
}

/// `2026` and `2026-05` stand for their first day.
fn first_day(text: &str) -> Result<NaiveDate> {
    let full = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    // Years with a sign or more digits are days too, some of which Postgres does not know.
    let day = full.parse::<NaiveDate>().ok().filter(|day| (1..=9_999).contains(&day.year()));
    day.ok_or_else(|| invalid("Write a day like 2026-01-31, a month like 2026-01 or a year like 2026."))
}

fn invalid(message: impl Into<String>) -> Error {
    Error::invalid("q", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> Node {
        Node::Phrase(vec![text.into()])
    }

    fn node(text: &str) -> Node {
        Query::parse(text).unwrap().node.unwrap()
    }

    #[test]
    fn words_phrases_and_operators() {
        assert_eq!(node("Invoice"), word("invoice"));
        assert_eq!(node("red fox"), Node::And(vec![word("red"), word("fox")]));
        assert_eq!(node("\"red fox\""), Node::Phrase(vec!["red".into(), "fox".into()]));
        assert_eq!(node("red OR fox"), Node::Or(vec![word("red"), word("fox")]));
        assert_eq!(node("red -fox"), Node::And(vec![word("red"), Node::Not(Box::new(word("fox")))]));
        assert_eq!(node("red NOT fox"), node("red -fox"));
        assert_eq!(node(&format!("{}fox", "-".repeat(900))), word("fox"));
        assert_eq!(Query::parse("red NOT NOT").unwrap().node.unwrap(), word("red"));
        assert_eq!(node("inv*"), Node::Prefix("inv".into()));
        assert_eq!(node("well-known"), Node::Phrase(vec!["well".into(), "known".into()]));
        let nested = Node::And(vec![word("a1"), Node::Or(vec![word("b1"), word("c1")])]);
        assert_eq!(node("a1 (b1 OR c1)"), nested);
        assert_eq!(node("a1 AND (b1 | c1)"), nested);
    }

    #[test]
    fn filters_stand_beside_words() {
        let query = Query::parse("invoice type:pdf type:word after:2026-02 before:2026-03-15").unwrap();
        assert_eq!(query.node, Some(word("invoice")));
        assert_eq!(query.formats, [Format::Pdf, Format::Docx]);
        assert_eq!(query.after, NaiveDate::from_ymd_opt(2026, 2, 1));
        assert_eq!(query.before, NaiveDate::from_ymd_opt(2026, 3, 15));
        assert!(Query::parse("  ").unwrap().is_empty());
    }

    #[test]
    fn what_cannot_be_understood_is_told() {
        for text in [
            "\"open",
            "(a",
            "a)",
            "-a",
            "-a -b",
            "type:exe",
            "before:soon",
            "before:-5000-01-01 a",
            "after:+99999-01-01 a",
            "a OR -b",
            &"(".repeat(50),
            &"x".repeat(2_000),
        ] {
            let error = Query::parse(text).unwrap_err();
            assert_eq!(error.field.as_deref(), Some("q"), "{text}");
        }
    }

    #[test]
    fn nothing_a_person_types_panics() {
        for text in [
            "-",
            "*",
            "\"\"",
            "OR",
            "AND OR NOT",
            ":",
            "type:",
            "'; drop table page; --",
            "é*",
            "日",
            "日本語",
            "a:*b",
            "\\",
        ] {
            let _ = Query::parse(text);
        }
    }
}
