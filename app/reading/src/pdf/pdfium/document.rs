//! An open document, its facts and bookmarks.

use std::collections::HashSet;
use std::ffi::{c_int, c_ulong};
use std::sync::Arc;

use domain::documents::reading::Failure;
use pdfium_render::prelude::{FPDF_BOOKMARK, FPDF_DOCUMENT};

use super::{Library, Page, utf16_text};
use crate::stop::Stop;

/// Bytes of a text of the document's own description; longer ones are not kept.
const META_BYTES: usize = 64 * 1024;

/// Error numbers of `FPDF_GetLastError`, from `fpdfview.h`.
const ERROR_PASSWORD: c_ulong = 4;
const ERROR_SECURITY: c_ulong = 5;

/// An open document.
pub struct Document {
    library: Library,
    handle: FPDF_DOCUMENT,
    /// PDFium reads from these bytes as long as the document is open.
    _bytes: Arc<Vec<u8>>,
}

/// A bookmark of the document it was asked of.
#[derive(Clone, Copy)]
pub struct Bookmark(FPDF_BOOKMARK);

impl Document {
    /// Opens a document without a password.
    pub fn open(library: Library, bytes: Arc<Vec<u8>>) -> Result<Self, Stop> {
        // SAFETY: the bytes live as long as the document, in the same struct.
        let handle = library.call(|pdfium| unsafe { pdfium.FPDF_LoadMemDocument64(&bytes, None) });
        if !handle.is_null() {
            return Ok(Self { library, handle, _bytes: bytes });
        }
        // SAFETY: no arguments.
        let code = library.call(|pdfium| unsafe { pdfium.FPDF_GetLastError() });
        let reason = match code {
            ERROR_PASSWORD | ERROR_SECURITY => Failure::PasswordProtected,
            _ => Failure::Damaged,
        };
        Err(Stop::because(reason, format!("PDFium error {code}")))
    }

    /// How many pages the document says it has.
    pub fn page_count(&self) -> u32 {
        // SAFETY: the document is open.
        u32::try_from(self.library.call(|pdfium| unsafe { pdfium.FPDF_GetPageCount(self.handle) })).unwrap_or(0)
    }

    /// Opens a page by its number from 1; none if it is damaged.
    pub fn page(&self, number: u32) -> Option<Page<'_>> {
        let index = c_int::try_from(number.checked_sub(1)?).ok()?;
        // SAFETY: the document is open; a wrong index is answered with null.
        let handle = self.library.call(|pdfium| unsafe { pdfium.FPDF_LoadPage(self.handle, index) });
        Page::new(self.library, handle)
    }

    /// An entry of the information dictionary: `Title`, `Author`, `CreationDate`, `ModDate`.
    pub fn meta(&self, tag: &str) -> Option<String> {
        utf16_text(META_BYTES, |buffer, size| {
            // SAFETY: the buffer has that size, or is null with size 0.
            self.library.call(|pdfium| unsafe { pdfium.FPDF_GetMetaText(self.handle, tag, buffer, size) })
        })
    }

    /// The bookmarks in document order, each with its level from 0, at most `most`. A bookmark that was met before ends
    /// its list, so that loops do.
    pub fn bookmarks(&self, most: usize, levels: u8) -> Vec<(Bookmark, u8)> {
        let mut found = Vec::new();
        let mut met = HashSet::new();
        let mut waiting = vec![(self.first_child(None), 0)];
        while let Some((bookmark, level)) = waiting.pop() {
            if bookmark.0.is_null() || found.len() >= most || !met.insert(bookmark.0 as usize) {
                continue;
            }
            found.push((bookmark, level));
            waiting.push((self.next_sibling(bookmark), level));
            if level < levels {
                waiting.push((self.first_child(Some(bookmark)), level + 1));
            }
        }
        found
    }

    /// The title of a bookmark.
    pub fn bookmark_title(&self, bookmark: Bookmark) -> Option<String> {
        utf16_text(META_BYTES, |buffer, size| {
            // SAFETY: the bookmark is of this open document; the buffer has that size, or is null with size 0.
            self.library.call(|pdfium| unsafe { pdfium.FPDFBookmark_GetTitle(bookmark.0, buffer, size) })
        })
    }

    /// The page a bookmark leads to, from 1.
    pub fn bookmark_page(&self, bookmark: Bookmark) -> Option<u32> {
        // SAFETY: the bookmark is of this open document.
        let place = self.library.call(|pdfium| unsafe { pdfium.FPDFBookmark_GetDest(self.handle, bookmark.0) });
        if place.is_null() {
            return None;
        }
        // SAFETY: the destination was just given by this document.
        let index = self.library.call(|pdfium| unsafe { pdfium.FPDFDest_GetDestPageIndex(self.handle, place) });
        Some(u32::try_from(index).ok()? + 1)
    }

    fn first_child(&self, bookmark: Option<Bookmark>) -> Bookmark {
        let parent = bookmark.map_or(std::ptr::null_mut(), |bookmark| bookmark.0);
        // SAFETY: null asks for the first bookmark of the document.
        Bookmark(self.library.call(|pdfium| unsafe { pdfium.FPDFBookmark_GetFirstChild(self.handle, parent) }))
    }

    fn next_sibling(&self, bookmark: Bookmark) -> Bookmark {
        // SAFETY: the bookmark is of this open document.
        Bookmark(self.library.call(|pdfium| unsafe { pdfium.FPDFBookmark_GetNextSibling(self.handle, bookmark.0) }))
    }
}

impl Drop for Document {
    fn drop(&mut self) {
        // SAFETY: pages borrow the document, so none is open any more.
        self.library.call(|pdfium| unsafe { pdfium.FPDF_CloseDocument(self.handle) });
    }
}
