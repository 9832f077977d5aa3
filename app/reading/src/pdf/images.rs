//! Page images and thumbnails: drawn by hayro, and by PDFium where hayro gives up.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::documents::reading::{ImageSize, PageImage, ReadEvent};

use super::pdfium::Page;
use super::renderer::Renderer;
use super::size::pixels;
use crate::Sink;
use crate::image::{Picture, encode};
use crate::limits::{IMAGES_BYTES, THUMBNAIL_WIDTH};
use crate::stop::Stop;

/// Draws the pages of one document into a folder.
pub struct Images {
    folder: PathBuf,
    /// None once hayro has refused the document.
    file: Option<hayro::hayro_syntax::Pdf>,
    written: u64,
}

impl Images {
    /// Opens the document a second time, for hayro.
    pub fn of(bytes: Arc<Vec<u8>>, folder: &Path) -> Self {
        let file = catch_unwind(AssertUnwindSafe(|| hayro::hayro_syntax::Pdf::new(bytes).ok())).ok().flatten();
        Self { folder: folder.to_owned(), file, written: 0 }
    }

    /// What draws, with all it remembers from page to page.
    pub fn drawing(&mut self) -> Drawing<'_> {
        let Self { folder, file, written } = self;
        Drawing { folder, renderer: file.as_ref().map(Renderer::new), written }
    }
}

/// Draws page after page.
pub struct Drawing<'i> {
    folder: &'i Path,
    renderer: Option<Renderer<'i>>,
    written: &'i mut u64,
}

impl Drawing<'_> {
    /// Draws a page and tells of its two images. A page that cannot be drawn has none, which is no failure of the page.
    pub fn draw(&mut self, page: &Page<'_>, number: u32, sink: &mut Sink<'_>) -> Result<(), Stop> {
        if *self.written > IMAGES_BYTES {
            return Ok(());
        }
        let Some(picture) = self.picture(page, number) else { return Ok(()) };
        self.write(&picture, number, ImageSize::Page, sink)?;
        self.write(&picture.shrunk_to(THUMBNAIL_WIDTH), number, ImageSize::Thumbnail, sink)
    }

    fn picture(&mut self, page: &Page<'_>, number: u32) -> Option<Picture> {
        let frame = page.frame();
        let (width, height) = pixels(frame.width, frame.height)?;
        let drawn = self.renderer.as_mut().and_then(|renderer| renderer.draw(number, width, height));
        drawn.or_else(|| page.draw(width, height))
    }

    fn write(&mut self, picture: &Picture, number: u32, size: ImageSize, sink: &mut Sink<'_>) -> Result<(), Stop> {
        let png = encode(picture).map_err(|error| Stop::operator(format!("page image: {error}")))?;
        let file = format!("{number}-{}.png", size.as_str());
        std::fs::write(self.folder.join(&file), &png)
            .map_err(|error| Stop::operator(format!("page image: {error}")))?;
        *self.written += png.len() as u64;
        Ok(sink(ReadEvent::Image(PageImage { number, size, file }))?)
    }
}
