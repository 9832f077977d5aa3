//! PDFium behind safe types: the only place that calls into it. One process reads one document on one thread, so nothing
//! here is shared.

#![expect(unsafe_code, reason = "PDFium is a C library; each call passes handles that the types here keep alive")]

mod bitmap;
mod document;
mod page;

use std::path::Path;
use std::sync::OnceLock;

use pdfium_render::prelude::{Pdfium, PdfiumLibraryBindings, PdfiumLibraryBindingsAccessor};

use crate::stop::Stop;

pub use document::Document;
pub use page::{Page, TextPage};

/// The functions of the loaded library.
pub type Bindings = &'static dyn PdfiumLibraryBindings;

static LIBRARY: OnceLock<Result<Bindings, String>> = OnceLock::new();

/// Loads the library once for the whole process; later calls answer what the first one did. `path` is its folder or the
/// library itself; without one the system is asked.
pub fn load(path: Option<&Path>) -> Result<Bindings, Stop> {
    LIBRARY.get_or_init(|| bind(path)).clone().map_err(Stop::Operator)
}

fn bind(path: Option<&Path>) -> Result<Bindings, String> {
    let library = match path {
        Some(path) if path.is_dir() => Pdfium::bind_to_library(Pdfium::pdfium_platform_library_name_at_path(path)),
        Some(path) => Pdfium::bind_to_library(path),
        None => Pdfium::bind_to_system_library(),
    };
    let library = library.map_err(|error| format!("the PDFium library could not be loaded: {error:?}"))?;
    Ok(Pdfium::new(library).bindings())
}

/// A text that PDFium writes as UTF-16 with a closing NUL: `write` is given a buffer and its size in bytes and returns the
/// size it needs. Longer texts than `most` bytes count as absent.
fn utf16_text(
    most: usize,
    write: impl Fn(*mut std::ffi::c_void, std::ffi::c_ulong) -> std::ffi::c_ulong,
) -> Option<String> {
    let bytes = usize::try_from(write(std::ptr::null_mut(), 0)).ok()?;
    if !(4..=most).contains(&bytes) {
        return None;
    }
    let mut units = vec![0u16; bytes.div_ceil(2)];
    let written = usize::try_from(write(units.as_mut_ptr().cast(), (units.len() * 2) as std::ffi::c_ulong)).ok()?;
    let units = &units[..written.min(bytes) / 2];
    Some(String::from_utf16_lossy(units).trim_end_matches('\0').to_owned())
}
