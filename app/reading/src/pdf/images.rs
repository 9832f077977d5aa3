//! Page images and thumbnails: drawn by hayro, and by PDFium where hayro gives up.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::documents::reading::{ImageSize, PageImage, ReadEvent};
use hayro::hayro_syntax::Pdf;

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
    file: Option<Pdf>,
    written: u64,
}

impl Images {
    /// Opens the document, which has so many pages, a second time, for hayro. Where hayro counts others, as it leaves out those that are
    /// damaged or listed twice, its pages are not those of the text.
    pub fn of(bytes: Arc<Vec<u8>>, pages: u32, folder: &Path) -> Self {
        let open = || Pdf::new(bytes).ok().filter(|file| file.pages().len() as u64 == u64::from(pages));
        let file = catch_unwind(AssertUnwindSafe(open)).ok().flatten();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_whose_pages_are_counted_otherwise_is_not_drawn_by_hayro() {
        let is_drawn = |kids: &str, pages| Images::of(Arc::new(pdf(kids, pages)), pages, Path::new("")).file.is_some();
        assert!(is_drawn("3 0 R", 1));
        assert!(!is_drawn("3 0 R 3 0 R", 2), "the same page twice");
        assert!(!is_drawn("3 0 R 9 0 R", 2), "a page that is not there");
    }

    fn pdf(kids: &str, pages: u32) -> Vec<u8> {
        let objects = [
            "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
            format!("<</Type/Pages/Kids[{kids}]/Count {pages}/MediaBox[0 0 100 100]>>"),
            "<</Type/Page/Parent 2 0 R>>".to_owned(),
        ];
        let (mut file, mut places) = ("%PDF-1.4\n".to_owned(), String::new());
        for (number, object) in (1..).zip(objects) {
            places += &format!("{:010} 00000 n \n", file.len());
            file += &format!("{number} 0 obj\n{object}\nendobj\n");
        }
        let start = file.len();
        file += &format!("xref\n0 4\n0000000000 65535 f \n{places}trailer\n<</Size 4/Root 1 0 R>>\n");
        file += &format!("startxref\n{start}\n%%EOF\n");
        file.into_bytes()
    }
}
