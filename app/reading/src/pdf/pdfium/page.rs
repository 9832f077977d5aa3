//! An open page and its text.

use std::ffi::c_int;
use std::marker::PhantomData;

use pdfium_render::prelude::{FPDF_PAGE, FPDF_TEXTPAGE, FS_RECTF};

use super::Library;
use super::bitmap;
use crate::image::Picture;
use crate::pdf::place::{Frame, Rect};

/// An open page.
pub struct Page<'d> {
    library: Library,
    handle: FPDF_PAGE,
    document: PhantomData<&'d ()>,
}

impl Page<'_> {
    pub(super) fn new(library: Library, handle: FPDF_PAGE) -> Option<Self> {
        (!handle.is_null()).then_some(Self { library, handle, document: PhantomData })
    }

    /// Where the page lies in its own coordinates and how it is turned.
    pub fn frame(&self) -> Frame {
        let mut bounds = FS_RECTF { left: 0.0, top: 0.0, right: 0.0, bottom: 0.0 };
        // SAFETY: the page is open, and `bounds` outlives the calls.
        let (quarters, width, height) = self.library.call(|pdfium| unsafe {
            pdfium.FPDF_GetPageBoundingBox(self.handle, &mut bounds);
            (
                pdfium.FPDFPage_GetRotation(self.handle),
                pdfium.FPDF_GetPageWidthF(self.handle),
                pdfium.FPDF_GetPageHeightF(self.handle),
            )
        });
        Frame { bounds: rect(&bounds), quarters: quarters.rem_euclid(4) as u8, width, height }
    }

    /// The text of the page; none if it cannot be had.
    pub fn text(&self) -> Option<TextPage<'_>> {
        // SAFETY: the page is open, and stays so as the text borrows it.
        let handle = self.library.call(|pdfium| unsafe { pdfium.FPDFText_LoadPage(self.handle) });
        (!handle.is_null()).then_some(TextPage { library: self.library, handle, page: PhantomData })
    }

    /// The page drawn at a size in pixels; none if there is not enough memory.
    pub fn draw(&self, width: u32, height: u32) -> Option<Picture> {
        bitmap::draw(self.library, self.handle, width, height)
    }
}

impl Drop for Page<'_> {
    fn drop(&mut self) {
        // SAFETY: the text of the page borrows it, so it is closed.
        self.library.call(|pdfium| unsafe { pdfium.FPDF_ClosePage(self.handle) });
    }
}

/// The characters of a page in reading order.
pub struct TextPage<'p> {
    library: Library,
    handle: FPDF_TEXTPAGE,
    page: PhantomData<&'p ()>,
}

impl TextPage<'_> {
    /// How many characters there are, with the spaces and line ends that PDFium puts between words.
    pub fn len(&self) -> c_int {
        // SAFETY: the text is open.
        self.library.call(|pdfium| unsafe { pdfium.FPDFText_CountChars(self.handle) })
    }

    /// The code point, or the half of a surrogate pair, at `index`.
    pub fn unit(&self, index: c_int) -> u32 {
        // SAFETY: the text is open; a wrong index is answered with 0.
        self.library.call(|pdfium| unsafe { pdfium.FPDFText_GetUnicode(self.handle, index) })
    }

    /// The box of a character in the coordinates of the page: as high as its font and as wide as it advances.
    pub fn place(&self, index: c_int) -> Option<Rect> {
        let mut bounds = FS_RECTF { left: 0.0, top: 0.0, right: 0.0, bottom: 0.0 };
        // SAFETY: the text is open, and `bounds` outlives the call; a wrong index is answered with false.
        let known =
            self.library.call(|pdfium| unsafe { pdfium.FPDFText_GetLooseCharBox(self.handle, index, &mut bounds) });
        (known != 0).then(|| rect(&bounds))
    }
}

impl Drop for TextPage<'_> {
    fn drop(&mut self) {
        // SAFETY: the text is open and closed once.
        self.library.call(|pdfium| unsafe { pdfium.FPDFText_ClosePage(self.handle) });
    }
}

fn rect(bounds: &FS_RECTF) -> Rect {
    Rect {
        left: bounds.left.min(bounds.right),
        right: bounds.left.max(bounds.right),
        bottom: bounds.bottom.min(bounds.top),
        top: bounds.bottom.max(bounds.top),
    }
}
