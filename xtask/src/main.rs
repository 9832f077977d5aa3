//! Builds what the browser loads, and the server beside it. Nothing of the product is here.
//!
//! It links wasm-bindgen and wasm-split as libraries, at the version that Cargo.toml pins, so that the two halves of that format can
//! never disagree and no tool has to be installed.

mod assets;
mod browser;
mod budget;
mod build;
mod site;

use std::{path::PathBuf, process::ExitCode};

const HELP: &str = "\
cargo xtask build [--release] [--site DIR]   build the browser half and the server
cargo xtask site  [--release] [--site DIR]   build the browser half alone
cargo xtask budget [--write] [--site DIR]    fail where a built site has outgrown frontend/budget.txt, or write that anew

  --release    small and slow to build: optimised, best compression
  --site DIR   where the files for the browser go (default: site in the target folder)";

/// What to build, from the command line.
pub struct Plan {
    /// Optimised, and compressed as well as it goes.
    pub release: bool,
    /// The folder that the server serves: `pkg` in it, and the files of `public`.
    pub site: PathBuf,
    /// Also build the server.
    pub server: bool,
}

/// What went wrong, as a sentence for the person at the terminal.
pub type Failure = String;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.is_empty() || arguments.iter().any(|argument| argument == "--help") {
        say(HELP);
        return ExitCode::SUCCESS;
    }
    let done = match arguments.split_first() {
        Some((first, rest)) if first == "budget" => look_at_budget(rest),
        _ => plan(&arguments).and_then(|plan| build::run(&plan)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say(&format!("xtask: {failure}"));
            ExitCode::FAILURE
        }
    }
}

fn look_at_budget(arguments: &[String]) -> Result<(), Failure> {
    let (mut site, mut write) = (build::target_folder().join("site"), false);
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--write" => write = true,
            "--site" => site = rest.next().ok_or("--site takes a folder")?.into(),
            other => return Err(format!("unknown option {other}; try --help")),
        }
    }
    budget::run(&site, write)
}

fn plan(arguments: &[String]) -> Result<Plan, Failure> {
    let mut plan = Plan { release: false, site: build::target_folder().join("site"), server: true };
    let mut rest = arguments.iter();
    match rest.next().map(String::as_str) {
        Some("build") => {}
        Some("site") => plan.server = false,
        other => return Err(format!("unknown command {}; try --help", other.unwrap_or("(none)"))),
    }
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--release" => plan.release = true,
            "--site" => plan.site = rest.next().ok_or("--site takes a folder")?.into(),
            other => return Err(format!("unknown option {other}; try --help")),
        }
    }
    Ok(plan)
}

/// Prints a line on standard error: standard output stays free for the program that `make run` starts afterwards.
#[expect(clippy::print_stderr, reason = "a build tool speaks to the terminal")]
pub fn say(line: &str) {
    eprintln!("{line}");
}
