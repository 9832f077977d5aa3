//! PDFium behind safe types: the only place that calls into it. One process reads one document on one thread, so
//! nothing here is shared.

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

/// The loaded library.
#[derive(Clone, Copy)]
pub struct Library(&'static dyn PdfiumLibraryBindings);

impl Library {
    /// Calls into the library. Where memory runs out it throws a C++ exception, which must not run through Rust: the
    /// locks around the library would stay taken, and the next call would sleep for ever. So the process ends with
    /// SIGABRT.
    fn call<T>(self, function: impl FnOnce(&'static dyn PdfiumLibraryBindings) -> T) -> T {
        let guard = EndOnUnwind;
        let result = function(self.0);
        std::mem::forget(guard);
        result
    }
}

struct EndOnUnwind;

impl Drop for EndOnUnwind {
    fn drop(&mut self) {
        std::process::abort();
    }
}

static LIBRARY: OnceLock<Result<Library, String>> = OnceLock::new();

/// Loads the library once for the whole process; later calls answer what the first one did. `path` is its folder or the
/// library itself; without one the system is asked.
pub fn load(path: Option<&Path>) -> Result<Library, Stop> {
    LIBRARY.get_or_init(|| bind(path)).clone().map_err(Stop::Operator)
}

fn bind(path: Option<&Path>) -> Result<Library, String> {
    let library = match path {
        Some(path) if path.is_dir() => Pdfium::bind_to_library(Pdfium::pdfium_platform_library_name_at_path(path)),
        Some(path) => Pdfium::bind_to_library(path),
        None => Pdfium::bind_to_system_library(),
    };
    let library = library.map_err(|error| format!("the PDFium library could not be loaded: {error:?}"))?;
    Ok(Library(Pdfium::new(library).bindings()))
}

/// A text that PDFium writes as UTF-16 with a closing NUL: `write` is given a buffer and its size in bytes and returns
/// the size it needs. Longer texts than `most` bytes count as absent.
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
