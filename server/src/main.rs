//! The program `sheaf`: one binary in several roles. It wires the product to the machine and decides nothing of its own.

// The type of a view is as deep as its elements.
#![recursion_limit = "256"]

mod boot;
mod commands;
mod config;
mod embedded;
mod keys;
mod kinds;
mod readiness;
mod shutdown;
mod telemetry;
mod web;
mod work;

use std::process::ExitCode;

use clap::Parser;

use config::{Cli, Command};

/// A page is thousands of small allocations, most of which live as long as the request: with the C library's allocator they
/// were a third of its CPU.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.command.unwrap_or(Command::All) {
        // The children parse hostile files under limits that leave no room for threads of a runtime.
        Command::Read(child) => child.run(),
        Command::Typeset(child) => child.run(),
        command => run(command, cli.config),
    }
}

/// Of each thread, in bytes. A page is rendered in one go, view within view, within the verbs that wait for it; without optimisation
/// that comes near the two megabytes that a thread has by itself. What is not touched takes no memory.
const STACK: usize = 8 * 1024 * 1024;

fn run(command: Command, config: config::Config) -> ExitCode {
    telemetry::start(&config);
    // A thread looks for input only after so many tasks in a row. To render a page takes milliseconds: at the default of 61,
    // an answer of the database waited up to a second while many pages were asked for.
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = match runtime.enable_all().event_interval(4).thread_stack_size(STACK).build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("cannot start: {error}")),
    };
    let outcome = runtime.block_on(commands::run(command, config));
    // A blocking task that hangs must not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    match outcome {
        Ok(code) => code,
        // Whoever starts Sheaf is its operator.
        Err(error) => fail(error.context.as_ref().unwrap_or(&error.message)),
    }
}

#[expect(clippy::print_stderr, reason = "a command that fails says so to whoever started it")]
fn fail(message: &str) -> ExitCode {
    eprintln!("sheaf: {message}");
    ExitCode::FAILURE
}
