//! Starting children and listening to them.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use domain::documents::Format;
use domain::documents::reading::{Failure, PageRead, ReadEvent, ReadRequest};

/// Says what the child is to do: `read` or the name of a probe.
const ACT: &str = "SHEAF_READING_CHILD";
/// What a read child is given, as JSON, and the paths.
const REQUEST: &str = "SHEAF_READING_REQUEST";
const INPUT: &str = "SHEAF_READING_INPUT";
const OUTPUT: &str = "SHEAF_READING_OUTPUT";
const PDFIUM: &str = "SHEAF_PDFIUM_DIR";

/// What came of a child.
pub struct Outcome {
    pub events: Vec<ReadEvent>,
    pub status: ExitStatus,
    pub errors: String,
    pub elapsed: Duration,
}

impl Outcome {
    /// Why the document could not be read: as told, or as its parent would conclude from how the child died.
    pub fn failure(&self) -> Option<Failure> {
        if let Some(ReadEvent::Failed { reason, .. }) = self.events.last() {
            return Some(*reason);
        }
        match self.status.signal() {
            Some(4..=6) => Some(Failure::TooLarge),
            Some(9 | 24) => Some(Failure::TooSlow),
            Some(_) => Some(Failure::Crashed),
            None => None,
        }
    }

    pub fn pages(&self) -> impl Iterator<Item = &PageRead> {
        self.events.iter().filter_map(|event| match event {
            ReadEvent::Page(page) => Some(page),
            _ => None,
        })
    }
}

/// The folder of the PDFium library; none, loudly, if it is not known.
pub fn pdfium() -> Option<PathBuf> {
    let folder = std::env::var_os(PDFIUM).map(PathBuf::from);
    if folder.is_none() {
        eprintln!("SKIPPED: {PDFIUM} is not set, so nothing is tested with PDFium");
    }
    folder
}

/// Reads a file in a child, which is killed after `patience`.
pub fn read(request: &ReadRequest, input: &Path, output: &Path, patience: Duration) -> Outcome {
    let request = serde_json::to_string(request).expect("it is plain data");
    let variables = [(REQUEST, OsStr::new(&request)), (INPUT, input.as_os_str()), (OUTPUT, output.as_os_str())];
    start("read", &variables, patience)
}

/// Runs a probe in a locked child that may read `input` and write `output`.
pub fn probe(name: &str, input: &Path, output: &Path) -> String {
    let outcome = start(name, &[(INPUT, input.as_os_str()), (OUTPUT, output.as_os_str())], Duration::from_secs(60));
    outcome.errors
}

pub fn request(format: Format) -> ReadRequest {
    ReadRequest { format, first_page: 1, max_pages: 5_000, images: false }
}

fn start(act: &str, variables: &[(&str, &OsStr)], patience: Duration) -> Outcome {
    let mut command = Command::new(std::env::current_exe().expect("the test program"));
    command.args(["--exact", "process::child", "--nocapture", "--test-threads=1"]);
    command.env_clear().env(ACT, act).env("RUST_MIN_STACK", (64 << 20).to_string());
    command.envs(variables.iter().copied());
    if let Some(folder) = std::env::var_os(PDFIUM) {
        command.env(PDFIUM, folder);
    }
    let begun = Instant::now();
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let events = listen(child.stdout.take().expect("piped"));
    let errors = collect(child.stderr.take().expect("piped"));
    let status = loop {
        match child.try_wait().expect("it is our child") {
            Some(status) => break status,
            None if begun.elapsed() > patience => {
                child.kill().expect("it is our child");
                break child.wait().expect("it is our child");
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let elapsed = begun.elapsed();
    Outcome { events: events.recv().expect("it listens"), status, errors: errors.recv().expect("it listens"), elapsed }
}

/// The events among the lines, as the test program writes lines of its own. Only the last line may be cut off by a
/// death.
fn listen(output: impl Read + Send + 'static) -> mpsc::Receiver<Vec<ReadEvent>> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let lines: Vec<Vec<u8>> = BufReader::new(output).split(b'\n').map(|line| line.expect("a pipe")).collect();
        let events = lines
            .iter()
            .filter_map(|line| line.iter().position(|byte| *byte == b'{').map(|at| &line[at..]))
            .filter_map(|line| serde_json::from_slice(line).ok())
            .collect();
        send.send(events).expect("somebody waits");
    });
    receive
}

fn collect(mut errors: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        errors.read_to_end(&mut bytes).expect("a pipe");
        send.send(String::from_utf8_lossy(&bytes).into_owned()).expect("somebody waits");
    });
    receive
}

/// What a child does; nothing in an ordinary run.
#[test]
fn child() {
    let Some(act) = std::env::var_os(ACT) else { return };
    let path = |name| PathBuf::from(std::env::var_os(name).expect("the parent sets it"));
    if act == "read" {
        let request = serde_json::from_str(&std::env::var(REQUEST).expect("the parent sets it")).expect("a request");
        let pdfium = std::env::var_os(PDFIUM).map(PathBuf::from);
        let code = reading::run_child(request, &path(INPUT), &path(OUTPUT), pdfium.as_deref());
        std::process::exit(i32::from(code != std::process::ExitCode::SUCCESS));
    }
    super::sandbox::act(act.to_str().expect("a name"), &path(INPUT), &path(OUTPUT));
    std::process::exit(0);
}
