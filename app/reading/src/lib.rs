//! Reads uploaded files: text with the place of every word, facts, outline and page images.
//!
//! Every file is hostile until read. So the parsing happens in a process of its own for each document ([`run_child`]),
//! locked down by [`sandbox`] before the first byte is parsed, with every size bounded by [`limits`]. The parent kills
//! the process on wall clock as well, because a parser that has run out of memory can sleep for ever.
//!
//! One folder or file a format: `pdf`, `docx`, `html`, `markdown`, `csv_rows`, `plain`. Those without pages of their
//! own share `prose`, which cuts their text into pages.

mod child;
mod clean;
mod csv_rows;
mod dates;
mod decode;
mod docx;
mod html;
mod image;
pub mod limits;
mod markdown;
mod pdf;
mod plain;
mod prose;
pub mod sandbox;
mod stop;
mod title;

use std::path::Path;

use domain::documents::Format;
use domain::documents::reading::{Failure, ReadEvent, ReadRequest};

pub use child::{run_child, run_child_unlocked, run_child_within};
pub use pdf::prepare_pdfium;
pub use stop::Stop;

/// Takes each event in order. An error means that nobody listens any more, and ends the reading.
pub type Sink<'a> = dyn FnMut(ReadEvent) -> std::io::Result<()> + 'a;

/// Reads one file in this very process, without any sandbox, and hands its events to `sink`. Images go into the folder
/// `output`. `pdfium` is the folder of the PDFium library (or the library itself), needed for PDF only.
///
/// Everything up to `Finished` goes to `sink`; a document that cannot be read is an `Err`, which the caller announces.
/// May panic and may abort on a hostile file: [`run_child`] is the way to read what somebody uploaded.
pub fn read(
    request: &ReadRequest,
    input: &Path,
    output: &Path,
    pdfium: Option<&Path>,
    sink: &mut Sink<'_>,
) -> Result<(), Stop> {
    let bytes = load(request.format, input)?;
    match request.format {
        Format::Pdf => pdf::read(request, bytes, output, pdfium, sink),
        Format::Text => plain::read(&bytes)?.announce(request, sink),
        Format::Markdown => markdown::read(&bytes)?.announce(request, sink),
        Format::Csv => csv_rows::read(&bytes)?.announce(request, sink),
        Format::Html => html::read(&bytes)?.announce(request, sink),
        Format::Docx => docx::read(bytes)?.announce(request, sink),
        Format::Other => Err(Stop::operator("this format is not read")),
    }
}

/// The whole file, if it is not larger than its format may be.
fn load(format: Format, input: &Path) -> Result<Vec<u8>, Stop> {
    let limit = match format {
        Format::Pdf | Format::Docx => limits::INPUT_BYTES,
        _ => limits::TEXT_INPUT_BYTES,
    };
    let size = std::fs::metadata(input).map_err(|error| Stop::operator(format!("input: {error}")))?.len();
    if size == 0 {
        return Err(Stop::because(Failure::Empty, "the file has no bytes"));
    }
    if size > limit {
        return Err(Stop::because(Failure::TooLarge, format!("{size} bytes, {limit} are read")));
    }
    std::fs::read(input).map_err(|error| Stop::operator(format!("input: {error}")))
}
