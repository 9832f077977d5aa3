//! PDF: text and facts by PDFium, page images by hayro.

mod facts;
mod images;
mod pdfium;
mod place;
mod renderer;
mod size;
mod text;
mod words;

use std::path::Path;
use std::sync::Arc;

use domain::documents::reading::{Failure, ReadEvent, ReadRequest};

use self::images::{Drawing, Images};
use self::pdfium::Document;
use crate::Sink;
use crate::limits::LEADING_FAILED_PAGES;
use crate::stop::Stop;

/// Loads the PDFium library, once a process, from its folder or file, else from the system. It must happen before the
/// sandbox is entered. An error is a [`Stop::Operator`].
pub fn prepare_pdfium(path: Option<&Path>) -> Result<(), Stop> {
    pdfium::load(path).map(|_| ())
}

/// Reads a PDF.
pub fn read(
    request: &ReadRequest,
    bytes: Vec<u8>,
    output: &Path,
    library: Option<&Path>,
    sink: &mut Sink<'_>,
) -> Result<(), Stop> {
    let bytes = Arc::new(bytes);
    let document = Document::open(pdfium::load(library)?, Arc::clone(&bytes))?;
    let facts = facts::read(&document);
    if facts.pages == 0 {
        return Err(Stop::because(Failure::Empty, "there are no pages"));
    }
    let last = facts.pages.min(request.max_pages);
    sink(ReadEvent::Opened(facts))?;
    let pages = Pages { document: &document, first: request.first_page.max(1), last };
    // The file is opened for drawing after it was announced, so that whatever happens then, that much is known.
    if request.images && pages.first <= last {
        let mut images = Images::of(bytes, document.page_count(), output);
        pages.read(Some(images.drawing()), sink)?;
    } else {
        pages.read(None, sink)?;
    }
    Ok(sink(ReadEvent::Finished)?)
}

/// The pages to read.
struct Pages<'d> {
    document: &'d Document,
    first: u32,
    last: u32,
}

impl Pages<'_> {
    fn read(&self, mut drawing: Option<Drawing<'_>>, sink: &mut Sink<'_>) -> Result<(), Stop> {
        let mut any_read = false;
        for number in self.first..=self.last {
            any_read |= self.read_one(number, drawing.as_mut(), sink)?;
            if !any_read && self.first == 1 && number >= LEADING_FAILED_PAGES {
                return Err(Stop::damaged(format!("the first {LEADING_FAILED_PAGES} pages failed")));
            }
        }
        // A resumed reading has pages from before, so only a whole one can find that there is nothing to keep.
        if !any_read && self.first == 1 {
            return Err(Stop::damaged("no page could be read"));
        }
        Ok(())
    }

    /// Whether the page could be read.
    fn read_one(&self, number: u32, drawing: Option<&mut Drawing<'_>>, sink: &mut Sink<'_>) -> Result<bool, Stop> {
        let Some(page) = self.document.page(number) else {
            sink(ReadEvent::PageFailed { number, reason: "PDFium could not open the page".to_owned() })?;
            return Ok(false);
        };
        let read = match text::read(&page, number) {
            Ok(read) => ReadEvent::Page(read),
            Err(reason) => ReadEvent::PageFailed { number, reason },
        };
        let is_read = matches!(read, ReadEvent::Page(_));
        // The text is told before the page is drawn, as drawing is where most harm is done.
        sink(read)?;
        if let Some(drawing) = drawing {
            drawing.draw(&page, number, sink)?;
        }
        Ok(is_read)
    }
}
