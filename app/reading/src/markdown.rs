//! Markdown to plain text, with its headings as outline.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::prose::Prose;
use crate::stop::Stop;

/// Reads a Markdown file. Raw HTML in it is left out, as is front matter; the title is the first heading.
pub fn read(bytes: &[u8]) -> Result<Prose, Stop> {
    let text = crate::decode::text(bytes, None);
    let mut reader = Reader::default();
    for event in Parser::new_ext(&text, extensions()) {
        reader.take(event);
    }
    reader.end_block("\n");
    Ok(reader.prose)
}

fn extensions() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
}

#[derive(Default)]
struct Reader {
    prose: Prose,
    block: String,
    heading: Option<u8>,
    /// One for each open list, with the next number of an ordered one.
    lists: Vec<Option<u64>>,
    silent: bool,
}

impl Reader {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.write(&text);
            }
            Event::SoftBreak => self.write(" "),
            Event::HardBreak => self.write("\n"),
            Event::TaskListMarker(done) => self.write(if done { "[x] " } else { "[ ] " }),
            Event::FootnoteReference(name) => self.write(&format!("[{name}]")),
            Event::Rule => self.end_block("\n\n"),
            Event::Html(_) | Event::InlineHtml(_) => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.end_block("\n\n");
                self.heading = Some(depth(*level));
            }
            Tag::MetadataBlock(_) => self.silent = true,
            Tag::List(first) => {
                self.end_block("\n");
                self.lists.push(*first);
            }
            Tag::Item => {
                self.end_block("\n");
                let marker = self.marker();
                self.write(&marker);
            }
            Tag::TableCell if !self.block.is_empty() => self.write("\t"),
            Tag::FootnoteDefinition(name) => self.write(&format!("[{name}] ")),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => self.end_heading(),
            TagEnd::Paragraph if self.lists.is_empty() => self.end_block("\n\n"),
            TagEnd::Paragraph | TagEnd::Item | TagEnd::TableRow | TagEnd::TableHead => self.end_block("\n"),
            TagEnd::CodeBlock | TagEnd::Table | TagEnd::HtmlBlock | TagEnd::BlockQuote(_) => self.end_block("\n\n"),
            TagEnd::List(_) => {
                self.lists.pop();
                self.end_block("\n");
                if self.lists.is_empty() {
                    self.prose.push("\n");
                }
            }
            TagEnd::MetadataBlock(_) => self.silent = false,
            _ => {}
        }
    }

    fn write(&mut self, text: &str) {
        if !self.silent {
            self.block.push_str(text);
        }
    }

    /// What stands before a list item: its number or a dash, indented by its depth.
    fn marker(&mut self) -> String {
        let indent = "  ".repeat(self.lists.len().saturating_sub(1).min(10));
        match self.lists.last_mut() {
            Some(Some(number)) => {
                let marker = format!("{indent}{number}. ");
                *number = number.saturating_add(1);
                marker
            }
            _ => format!("{indent}- "),
        }
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

    /// Moves the block to the pages and returns the page on which it begins; none if there is no block.
    fn take_block(&mut self, end: &str) -> Option<u32> {
        let mut block = std::mem::take(&mut self.block);
        block.truncate(block.trim_end().len());
        if block.is_empty() {
            return None;
        }
        block.push_str(end);
        Some(self.prose.push(&block))
    }
}

fn depth(level: HeadingLevel) -> u8 {
    level as u8 - HeadingLevel::H1 as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prose::tests_support::pages;

    #[test]
    fn markup_goes_and_words_stay() {
        let source = b"---\ntitle: x\n---\n# Big *news*\n\nHello **Ada**,\nsee [this](http://a.example).\n\n\
            - one\n- two\n  1. deep\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n<script>alert(1)</script>\n\n```\ncode\n```\n";
        let prose = read(source).expect("it is Markdown");
        assert_eq!(prose.facts.title.as_deref(), Some("Big news"));
        assert_eq!(pages(prose), ["Big news\n\nHello Ada, see this.\n\n- one\n- two\n  1. deep\n\na\tb\n1\t2\ncode"]);
    }

    #[test]
    fn headings_make_the_outline() {
        let source = format!("# One\n\n{}\n\n## Two\n\ntext\n", "long ".repeat(1_500));
        let prose = read(source.as_bytes()).expect("it is Markdown");
        let outline: Vec<_> =
            prose.facts.outline.iter().map(|entry| (entry.title.as_str(), entry.level, entry.page)).collect();
        assert_eq!(outline, [("One", 0, Some(1)), ("Two", 1, Some(3))]);
    }

    #[test]
    fn deep_quotes_end() {
        let source = format!("{} end", ">".repeat(200_000));
        assert!(pages(read(source.as_bytes()).expect("it is Markdown")).concat().ends_with("end"));
    }
}
