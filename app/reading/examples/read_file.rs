//! Prints the events of one file: `read_file [--sandboxed] [--images] [--quiet] FORMAT FILE [PDFIUM_FOLDER]`. Images go
//! into a temporary folder, whose name is printed.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool for the terminal")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use domain::documents::Format;
use domain::documents::reading::ReadRequest;

fn main() -> ExitCode {
    let (flags, arguments): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let has = |flag: &str| flags.iter().any(|given| given == flag);
    let [format, input, library @ ..] = arguments.as_slice() else {
        eprintln!("usage: read_file [--sandboxed] [--images] [--quiet] FORMAT FILE [PDFIUM_FOLDER]");
        return ExitCode::from(2);
    };
    let Some(format) = Format::parse(format) else {
        eprintln!("no such format: {format}");
        return ExitCode::from(2);
    };
    let request = ReadRequest { format, first_page: 1, max_pages: 5_000, images: has("--images") };
    let output = output_folder();
    let library = library.first().map(PathBuf::from);
    if has("--sandboxed") {
        return reading::run_child(request, Path::new(input), &output, library.as_deref());
    }
    let quiet = has("--quiet");
    let result = reading::read(&request, Path::new(input), &output, library.as_deref(), &mut |event| {
        if !quiet {
            println!("{}", serde_json::to_string(&event)?);
        }
        Ok(())
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => {
            eprintln!("{stop}");
            ExitCode::FAILURE
        }
    }
}

fn output_folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("read_file-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
    eprintln!("images in {}", folder.display());
    folder
}
