//! One report in a process of its own: what the worker starts, so that a report that needs too much is ended alone.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use domain::reports::content::ReportContent;

use crate::{Fonts, FontsError, Typeset, TypesetError, typeset_with};

/// The most bytes of content that are read: the limit on excerpts, in characters of four bytes and with room for the
/// rest.
const MAX_CONTENT_BYTES: u64 = 32 * 1024 * 1024;

#[derive(Debug, thiserror::Error)]
enum ChildError {
    #[error("the content cannot be read: {0}")]
    Input(io::Error),
    #[error("the content is longer than {MAX_CONTENT_BYTES} bytes")]
    TooLong,
    #[error("the content is not the content of a report: {0}")]
    Content(#[from] serde_json::Error),
    #[error(transparent)]
    Fonts(#[from] FontsError),
    #[error(transparent)]
    Typeset(#[from] TypesetError),
    #[error("the report cannot be written: {0}")]
    Output(io::Error),
}

/// Typesets the content in the file `input` (a `ReportContent` as JSON) into the PDF `output`, with the embedded fonts.
///
/// Says one line of JSON on standard output, `{"pages": n}`; a failure is said on standard error and in the exit code.
pub fn run_child(input: &Path, output: &Path) -> ExitCode {
    run_child_with(input, output, None)
}

/// The same with the fonts of a folder beside the embedded ones, see [`Fonts::with_folder`].
pub fn run_child_with(input: &Path, output: &Path, fonts: Option<&Path>) -> ExitCode {
    match run(input, output, fonts) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // When even this cannot be said, the exit code still says it.
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(input: &Path, output: &Path, fonts: Option<&Path>) -> Result<(), ChildError> {
    let content = read_content(input)?;
    let Typeset { pdf, pages, .. } = match fonts {
        Some(folder) => typeset_with(&content, &Fonts::with_folder(folder)?)?,
        None => typeset_with(&content, Fonts::embedded())?,
    };
    fs::write(output, pdf).map_err(ChildError::Output)?;
    writeln!(io::stdout(), "{}", serde_json::json!({ "pages": pages })).map_err(ChildError::Output)
}

fn read_content(path: &Path) -> Result<ReportContent, ChildError> {
    let mut json = Vec::new();
    let file = File::open(path).map_err(ChildError::Input)?;
    file.take(MAX_CONTENT_BYTES + 1).read_to_end(&mut json).map_err(ChildError::Input)?;
    if json.len() as u64 > MAX_CONTENT_BYTES {
        return Err(ChildError::TooLong);
    }
    Ok(serde_json::from_slice(&json)?)
}
