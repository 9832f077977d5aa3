//! The children: they are started by Sheaf itself, with nothing but these arguments.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use domain::documents::reading::ReadRequest;

/// Reads one hostile file.
#[derive(Debug, Args)]
pub struct ReadChild {
    /// Gives up every power that reading does not need; Sheaf itself always says this
    #[arg(long)]
    sandboxed: bool,
    #[arg(long)]
    input: PathBuf,
    #[arg(long)]
    output: PathBuf,
    #[arg(long)]
    pdfium: Option<PathBuf>,
    /// A ReadRequest as JSON
    #[arg(value_parser = parse_request)]
    request: ReadRequest,
}

/// Typesets one report.
#[derive(Debug, Args)]
pub struct TypesetChild {
    #[arg(long)]
    input: PathBuf,
    #[arg(long)]
    output: PathBuf,
    #[arg(long)]
    fonts: Option<PathBuf>,
}

impl ReadChild {
    pub fn run(self) -> ExitCode {
        let run = if self.sandboxed { reading::run_child } else { reading::run_child_unlocked };
        run(self.request, &self.input, &self.output, self.pdfium.as_deref())
    }
}

impl TypesetChild {
    pub fn run(self) -> ExitCode {
        typesetting::run_child_with(&self.input, &self.output, self.fonts.as_deref())
    }
}

fn parse_request(text: &str) -> Result<ReadRequest, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}
