//! The child process: lock down, read, and tell the parent on standard output. Standard error is for the operator.

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;

use domain::documents::Format;
use domain::documents::reading::{Failure, ReadEvent, ReadRequest};

use crate::limits::Limits;
use crate::sandbox::{self, CpuBudget};
use crate::stop::Stop;

/// The installation or the parent is at fault, so the document may be tried again elsewhere.
const OPERATOR: u8 = 2;
/// A reader panicked.
const CRASHED: u8 = 1;

/// Reads one file inside the sandbox with the default [`Limits`]: see [`run_child_within`].
pub fn run_child(request: ReadRequest, input: &Path, output: &Path, pdfium: Option<&Path>) -> ExitCode {
    run_child_within(&Limits::default(), request, input, output, pdfium)
}

/// Reads one file inside the sandbox. It writes the [`ReadEvent`]s as JSON lines to standard output, flushed one by
/// one, and the images into the folder `output`, which must exist. The process is locked down for good: call it once,
/// as the last thing a process does, from its main thread. The parent clears the environment and watches the clock.
///
/// Exit code 0 says that the last line is `Finished` or `Failed`; 1 that a reader panicked (the last line is `Failed`
/// with `crashed`); 2 that the installation is at fault (the same line, with the cause in `detail`).
pub fn run_child_within(
    limits: &Limits,
    request: ReadRequest,
    input: &Path,
    output: &Path,
    pdfium: Option<&Path>,
) -> ExitCode {
    tell(|| locked_down(limits, &request, input, output, pdfium))
}

/// Reads one file with no locks at all, otherwise like [`run_child`]: for a file that one trusts, to see what the locks cost.
pub fn run_child_unlocked(request: ReadRequest, input: &Path, output: &Path, pdfium: Option<&Path>) -> ExitCode {
    tell(|| crate::read(&request, input, output, pdfium, &mut |event| write_event(&event)))
}

/// Reads, and makes the last line and the exit code of how that ended.
fn tell(read: impl FnOnce() -> Result<(), Stop>) -> ExitCode {
    let (code, reason, detail) = match catch_unwind(AssertUnwindSafe(read)) {
        Ok(Ok(())) => return ExitCode::SUCCESS,
        Ok(Err(Stop::Document { reason, detail })) => (0, reason, detail),
        Ok(Err(Stop::Operator(detail))) => (OPERATOR, Failure::Crashed, detail),
        Ok(Err(stop @ Stop::Unheard(_))) => {
            complain(&stop.to_string());
            return ExitCode::from(OPERATOR);
        }
        Err(panic) => (CRASHED, Failure::Crashed, panic_message(panic.as_ref())),
    };
    if code != 0 {
        complain(&detail);
    }
    match write_event(&ReadEvent::Failed { reason, detail }) {
        Ok(()) => ExitCode::from(code),
        Err(_) => ExitCode::from(OPERATOR),
    }
}

fn locked_down(
    limits: &Limits,
    request: &ReadRequest,
    input: &Path,
    output: &Path,
    pdfium: Option<&Path>,
) -> Result<(), Stop> {
    let mut budget = CpuBudget::start(limits);
    // A library cannot be loaded once the doors are closed; no document has been looked at yet.
    if request.format == Format::Pdf {
        crate::prepare_pdfium(pdfium)?;
    }
    let confinement = sandbox::enter(limits, input, output).map_err(Stop::operator)?;
    for gap in confinement.gaps() {
        complain(&gap);
    }
    crate::read(request, input, output, pdfium, &mut |event| {
        let page_done = matches!(event, ReadEvent::Page(_) | ReadEvent::PageFailed { .. });
        write_event(&event)?;
        if page_done {
            budget.renew();
        }
        Ok(())
    })
}

fn write_event(event: &ReadEvent) -> io::Result<()> {
    let mut line = serde_json::to_vec(event)?;
    line.push(b'\n');
    let mut out = io::stdout().lock();
    out.write_all(&line)?;
    out.flush()
}

/// Standard error may be closed, and then there is nobody to tell.
fn complain(message: &str) {
    let _ = writeln!(io::stderr(), "sheaf read: {message}");
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a reader panicked".to_owned())
}
