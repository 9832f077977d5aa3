//! The text of a page.

use domain::documents::reading::PageRead;

use super::pdfium::{Page, TextPage};
use super::words::Words;
use crate::limits::PAGE_CHARACTERS;

/// Reads the words of a page. An error says why not, for the operator.
pub fn read(page: &Page<'_>, number: u32) -> Result<PageRead, String> {
    let frame = page.frame();
    if !frame.is_sound() {
        return Err(format!("a page of {} x {} points", frame.width, frame.height));
    }
    let text = page.text().ok_or("PDFium could not read the text")?;
    let mut words = Words::on(frame);
    let mut index = 0;
    let count = text.len().min(PAGE_CHARACTERS);
    while index < count && !words.is_full() {
        let (c, units) = character(&text, index);
        words.push(c, || text.place(index));
        index += units;
    }
    let (text, words) = words.finish();
    Ok(PageRead { number, width: frame.width, height: frame.height, text, words })
}

/// The character at `index` and how many places it takes: two if it is a surrogate pair.
fn character(text: &TextPage<'_>, index: i32) -> (char, i32) {
    let unit = text.unit(index);
    if let 0xd800..=0xdbff = unit
        && let low @ 0xdc00..=0xdfff = text.unit(index + 1)
    {
        let code = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 2);
    }
    // Half a pair alone is no character; NUL is left out of every text.
    (char::from_u32(unit).unwrap_or('\0'), 1)
}
