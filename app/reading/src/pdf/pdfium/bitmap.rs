//! Drawing a page.

use std::ffi::c_int;

use pdfium_render::prelude::FPDF_PAGE;

use super::Library;
use crate::image::Picture;

/// Numbers of `fpdfview.h`: four bytes a pixel without transparency; annotations are drawn; red comes first.
const FORMAT_BGRX: c_int = 3;
const FLAG_ANNOTATIONS: c_int = 0x01;
const FLAG_RED_FIRST: c_int = 0x10;
const WHITE: std::ffi::c_ulong = 0xffff_ffff;

/// The page on white at a size in pixels; none if there is not enough memory.
pub fn draw(library: Library, page: FPDF_PAGE, width: u32, height: u32) -> Option<Picture> {
    let (columns, rows) = (c_int::try_from(width).ok()?, c_int::try_from(height).ok()?);
    let stride = columns.checked_mul(4)?;
    let mut pixels = vec![u8::MAX; stride as usize * height as usize];
    // SAFETY: the buffer has `rows` rows of `stride` bytes and outlives the bitmap; the page is open.
    let drawn = library.call(|pdfium| unsafe {
        let bitmap = pdfium.FPDFBitmap_CreateEx(columns, rows, FORMAT_BGRX, pixels.as_mut_ptr().cast(), stride);
        if bitmap.is_null() {
            return false;
        }
        pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, columns, rows, WHITE);
        pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, columns, rows, 0, FLAG_ANNOTATIONS | FLAG_RED_FIRST);
        pdfium.FPDFBitmap_Destroy(bitmap);
        true
    });
    drawn.then_some(Picture { width, height, pixels })
}
