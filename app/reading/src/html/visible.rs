//! Collects the visible text from the stream of tokens.

use std::cell::RefCell;

use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};

use super::meta;
use super::tags::{self, Effect};
use crate::prose::Prose;

/// A paragraph is handed on when it grows past this many bytes, as a file without any tag is one paragraph.
const BLOCK_BYTES: usize = 64 * 1024;

/// The sink of the tokenizer, which takes it by shared reference.
#[derive(Default)]
pub struct Visible(RefCell<State>);

impl Visible {
    /// What was read.
    pub fn finish(self) -> Prose {
        let mut state = self.0.into_inner();
        state.end_block("\n");
        state.prose
    }
}

impl TokenSink for Visible {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                state.start(&tag);
                return tags::then(&tag.name);
            }
            Token::TagToken(tag) => state.end(&tag.name),
            Token::CharacterTokens(text) => state.write(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

#[derive(Default)]
struct State {
    prose: Prose,
    block: String,
    /// White space was seen that is written only if something follows on the line.
    space: bool,
    /// A new row has no tab before its first cell.
    in_row: bool,
    pre: u32,
    heading: Option<u8>,
    /// The element whose content is not shown, and how many of its name are open.
    silent: Option<(String, u32)>,
    title: Option<String>,
}

impl State {
    fn start(&mut self, tag: &Tag) {
        let name: &str = &tag.name;
        if let Some((silent, open)) = &mut self.silent {
            *open += u32::from(silent == name && !tag.self_closing);
            return;
        }
        let hidden = tags::can_hide(name) && meta::attribute(tag, "hidden").is_some();
        match name {
            "meta" => meta::learn(&mut self.prose.facts, tag),
            "title" if self.prose.facts.title.is_none() => self.title = Some(String::new()),
            _ if tags::is_silent(name) || hidden => {
                if !tag.self_closing || name != "svg" {
                    self.silent = Some((name.to_owned(), 1));
                }
            }
            _ => self.begin(name),
        }
    }

    fn begin(&mut self, name: &str) {
        match tags::effect(name) {
            Effect::Inline => {}
            Effect::Break => self.newline(),
            Effect::Line => self.end_line(),
            Effect::Paragraph => self.end_block("\n\n"),
            Effect::Heading(level) => {
                self.end_block("\n\n");
                self.heading = Some(level);
            }
            Effect::Item => {
                self.end_line();
                self.block.push_str("- ");
            }
            Effect::Cell => {
                if self.in_row {
                    self.block.push('\t');
                    self.space = false;
                }
                self.in_row = true;
            }
            Effect::Pre => {
                self.end_block("\n\n");
                self.pre += 1;
            }
        }
    }

    fn end(&mut self, name: &str) {
        if let Some((silent, open)) = &mut self.silent {
            *open -= u32::from(silent == name);
            if *open == 0 {
                self.silent = None;
            }
            return;
        }
        if name == "title"
            && let Some(title) = self.title.take()
        {
            self.prose.facts.title = crate::clean::line(&title);
            return;
        }
        match tags::effect(name) {
            Effect::Inline | Effect::Cell => {}
            Effect::Break => self.newline(),
            Effect::Line | Effect::Item => self.end_line(),
            Effect::Paragraph => self.end_block("\n\n"),
            Effect::Heading(_) => self.end_heading(),
            Effect::Pre => {
                self.pre = self.pre.saturating_sub(1);
                self.end_block("\n\n");
            }
        }
    }

    fn write(&mut self, text: &str) {
        if self.silent.is_some() {
            return;
        }
        if let Some(title) = &mut self.title {
            title.push_str(text);
            return;
        }
        if self.pre > 0 {
            self.block.push_str(text);
        } else {
            self.write_collapsed(text);
        }
        if self.block.len() > BLOCK_BYTES {
            let block = std::mem::take(&mut self.block);
            self.prose.push(&block);
        }
    }

    fn write_collapsed(&mut self, text: &str) {
        for c in text.chars() {
            // A no-break space is white space to a reader, but not to HTML.
            if c.is_ascii_whitespace() {
                self.space = true;
                continue;
            }
            if self.space && !self.block.is_empty() && !self.block.ends_with(char::is_whitespace) {
                self.block.push(' ');
            }
            self.space = false;
            self.block.push(c);
        }
    }

    fn newline(&mut self) {
        if !self.block.is_empty() {
            self.block.push('\n');
        }
        self.space = false;
    }

    fn end_line(&mut self) {
        self.in_row = false;
        self.space = false;
        self.block.truncate(self.block.trim_end().len());
        self.newline();
    }

    fn end_heading(&mut self) {
        let title = self.block.clone();
        let page = self.take_block("\n\n");
        if let (Some(level), Some(page)) = (self.heading.take(), page) {
            self.prose.outline(&title, level, page);
            if self.prose.facts.title.is_none() {
                self.prose.facts.title = crate::clean::line(&title);
            }
        }
    }

    fn end_block(&mut self, end: &str) {
        self.take_block(end);
    }

    /// Moves the block to the pages and returns the page on which it begins; none if there is no text in it.
    fn take_block(&mut self, end: &str) -> Option<u32> {
        let mut block = std::mem::take(&mut self.block);
        self.space = false;
        self.in_row = false;
        block.truncate(block.trim_end().len());
        if block.is_empty() {
            return None;
        }
        block.push_str(end);
        Some(self.prose.push(&block))
    }
}
