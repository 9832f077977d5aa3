//! Documents without pages of their own: their text is cut into pages of about 3,000 characters at the ends of
//! paragraphs or lines.

use domain::documents::reading::{Facts, Failure, OutlineEntry, PageRead, ReadEvent, ReadRequest};

use crate::Sink;
use crate::limits::{OUTLINE_ENTRIES, OUTLINE_LEVELS, PROSE_PAGE_CHARACTERS};
use crate::stop::Stop;

/// A document as it is read: facts that grow and pages that fill.
#[derive(Debug, Default)]
pub struct Prose {
    /// `pages` and `outline` are filled in here; the rest is the reader's.
    pub facts: Facts,
    pages: Vec<String>,
    page: String,
    page_characters: usize,
}

impl Prose {
    /// Adds a paragraph or a line, with its line end or the empty line that follows it. Returns the page on which it
    /// begins, from 1.
    pub fn push(&mut self, block: &str) -> u32 {
        let characters = block.chars().count();
        let fits = self.page_characters + characters <= PROSE_PAGE_CHARACTERS;
        // A page that is half full already is closed rather than filled with the beginning of a long paragraph.
        if !fits && (characters <= PROSE_PAGE_CHARACTERS || self.page_characters > PROSE_PAGE_CHARACTERS / 2) {
            self.close_page();
        }
        let number = self.page_number();
        let mut rest = block;
        loop {
            let room = PROSE_PAGE_CHARACTERS - self.page_characters;
            let piece = first_piece(rest, room);
            self.page.push_str(piece);
            self.page_characters += piece.chars().count();
            rest = &rest[piece.len()..];
            if rest.is_empty() {
                return number;
            }
            self.close_page();
        }
    }

    /// Adds a heading to the outline. `level` is 0 for the highest.
    pub fn outline(&mut self, title: &str, level: u8, page: u32) {
        let outline = &mut self.facts.outline;
        if outline.len() < OUTLINE_ENTRIES
            && let Some(title) = crate::clean::line(title)
        {
            outline.push(OutlineEntry { title, level: level.min(OUTLINE_LEVELS), page: Some(page) });
        }
    }

    /// Tells of the document and of the pages that `request` asks for.
    pub fn announce(mut self, request: &ReadRequest, sink: &mut Sink<'_>) -> Result<(), Stop> {
        self.close_page();
        if self.pages.is_empty() {
            return Err(Stop::because(Failure::Empty, "there is no text in it"));
        }
        self.facts.pages = u32::try_from(self.pages.len()).unwrap_or(u32::MAX);
        sink(ReadEvent::Opened(self.facts))?;
        let pages =
            (1..).zip(self.pages).filter(|(number, _)| (request.first_page..=request.max_pages).contains(number));
        for (number, text) in pages {
            sink(ReadEvent::Page(PageRead { number, width: 0.0, height: 0.0, text, words: Vec::new() }))?;
        }
        Ok(sink(ReadEvent::Finished)?)
    }

    fn page_number(&self) -> u32 {
        u32::try_from(self.pages.len() + 1).unwrap_or(u32::MAX)
    }

    fn close_page(&mut self) {
        let page = std::mem::take(&mut self.page);
        self.page_characters = 0;
        let text = page.trim_end().trim_start_matches('\n');
        if !text.trim().is_empty() {
            self.pages.push(text.to_owned());
        }
    }
}

/// The beginning of `text` of at most `room` characters, cut after the last line end, else after the last space, else
/// hard.
fn first_piece(text: &str, room: usize) -> &str {
    let Some((limit, _)) = text.char_indices().nth(room) else { return text };
    let head = &text[..limit];
    let cut = head.rfind('\n').map(|at| at + 1).or_else(|| {
        let (at, space) = head.char_indices().rfind(|(_, c)| c.is_whitespace())?;
        Some(at + space.len_utf8())
    });
    &text[..cut.unwrap_or(limit)]
}

#[cfg(test)]
pub(crate) mod tests_support {
    use super::*;

    /// The texts of all pages.
    pub fn pages(prose: Prose) -> Vec<String> {
        let format = domain::documents::Format::Text;
        let request = ReadRequest { format, first_page: 1, max_pages: u32::MAX, images: false };
        let mut pages = Vec::new();
        let mut sink = |event| {
            if let ReadEvent::Page(page) = event {
                pages.push(page.text);
            }
            Ok(())
        };
        prose.announce(&request, &mut sink).expect("there is text");
        pages
    }
}

#[cfg(test)]
mod tests {
    use super::tests_support::pages;
    use super::*;

    fn announced(prose: Prose, request: &ReadRequest) -> Vec<ReadEvent> {
        let mut events = Vec::new();
        let mut sink = |event| {
            events.push(event);
            Ok(())
        };
        prose.announce(request, &mut sink).expect("there is text");
        events
    }

    fn request(first_page: u32, max_pages: u32) -> ReadRequest {
        ReadRequest { format: domain::documents::Format::Text, first_page, max_pages, images: false }
    }

    #[test]
    fn pages_end_where_paragraphs_end() {
        let mut prose = Prose::default();
        let paragraph = format!("{}\n\n", "word ".repeat(200).trim_end());
        let begins: Vec<u32> = (0..7).map(|_| prose.push(&paragraph)).collect();
        assert_eq!(begins, [1, 1, 2, 2, 3, 3, 4]);
        let events = announced(prose, &request(2, 3));
        assert!(matches!(&events[0], ReadEvent::Opened(facts) if facts.pages == 4));
        assert!(matches!(&events[1], ReadEvent::Page(page) if page.number == 2 && page.text.ends_with("word")));
        assert!(matches!(&events[2], ReadEvent::Page(page) if page.number == 3));
        assert_eq!(events[3], ReadEvent::Finished);
        assert_eq!(events.len(), 4);
    }

    #[test]
    fn an_endless_line_is_cut_and_nothing_is_lost() {
        let mut prose = Prose::default();
        let line = "\u{6f22}".repeat(10_000);
        prose.push(&line);
        assert_eq!(pages(prose).concat(), line);
    }

    #[test]
    fn white_space_is_no_content() {
        let mut prose = Prose::default();
        prose.push(" \n\n\t\n");
        let stop = prose.announce(&request(1, 10), &mut |_| Ok(())).expect_err("nothing to read");
        assert!(matches!(stop, Stop::Document { reason: Failure::Empty, .. }));
    }
}
