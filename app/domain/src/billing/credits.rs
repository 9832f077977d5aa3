//! What work costs, in page credits. One credit is one page of a PDF; what has no pages is measured in what a page holds.

use crate::documents::Format;

/// Characters of text, HTML or a Word document that count as a page.
pub const CHARACTERS_A_CREDIT: i64 = 3_000;

/// What is known of a document when its price is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Measured {
    /// Pages, sheets or slides.
    pub pages: i64,
    /// Characters of its text.
    pub characters: i64,
}

/// What it costs to have read this much of a document: a page of a PDF, an image, a sheet and a slide cost 1; of anything
/// that flows, each [`CHARACTERS_A_CREDIT`] cost 1, and the last of them in part too. At least 1 where anything was read.
pub fn cost_of_reading(format: Format, measured: Measured) -> i64 {
    let Measured { pages, characters } = measured;
    if pages == 0 && characters == 0 {
        return 0;
    }
    let cost =
        if is_counted_by_pages(format) { pages } else { (characters + CHARACTERS_A_CREDIT - 1) / CHARACTERS_A_CREDIT };
    cost.max(1)
}

/// The least that a file of this size will cost, before it was looked into: what is held for it while it waits.
pub fn least_cost(format: Format, bytes: i64) -> i64 {
    match format {
        Format::Other => 0,
        // A character has up to four bytes.
        Format::Text | Format::Markdown | Format::Csv => (bytes / (4 * CHARACTERS_A_CREDIT)).max(1),
        Format::Pdf | Format::Html | Format::Docx => 1,
    }
}

/// The least that it will cost, with what is known of it by now: a document that was opened once has a number of pages.
pub fn known_cost(format: Format, bytes: i64, pages: Option<i64>) -> i64 {
    match pages {
        Some(pages) if is_counted_by_pages(format) => pages.max(1),
        _ => least_cost(format, bytes),
    }
}

/// Whether a page of it is a page for everybody.
fn is_counted_by_pages(format: Format) -> bool {
    match format {
        Format::Pdf => true,
        Format::Text | Format::Markdown | Format::Csv | Format::Html | Format::Docx | Format::Other => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(format: Format, pages: i64, characters: i64) -> i64 {
        cost_of_reading(format, Measured { pages, characters })
    }

    #[test]
    fn a_page_is_a_credit_and_so_are_three_thousand_characters() {
        assert_eq!(cost(Format::Pdf, 41, 1_000_000), 41);
        assert_eq!(cost(Format::Pdf, 1, 0), 1);
        assert_eq!(cost(Format::Docx, 12, 3_000), 1);
        assert_eq!(cost(Format::Docx, 12, 3_001), 2);
        assert_eq!(cost(Format::Text, 1, 1), 1);
        assert_eq!(cost(Format::Text, 0, 0), 0);
    }

    #[test]
    fn what_is_held_is_never_more_than_what_it_will_cost() {
        for characters in [1_i64, 2_999, 3_000, 12_001, 1_000_000] {
            for bytes_a_character in 1..=4 {
                let held = least_cost(Format::Text, characters * bytes_a_character);
                assert!(held <= cost(Format::Text, 1, characters), "{characters} of {bytes_a_character} bytes");
            }
        }
        assert_eq!(least_cost(Format::Other, 1_000_000), 0);
    }

    #[test]
    fn a_document_that_was_opened_costs_its_pages() {
        assert_eq!(known_cost(Format::Pdf, 1_000_000, Some(41)), 41);
        assert_eq!(known_cost(Format::Pdf, 1_000_000, None), 1);
        assert_eq!(known_cost(Format::Csv, 120_000, Some(3)), 10);
    }
}
