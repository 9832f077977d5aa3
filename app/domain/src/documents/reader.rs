//! The child process that reads a file, as its parent sees it: started with nothing but its arguments, watched by the wall
//! clock, and never trusted.

use std::{
    path::Path,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use futures::StreamExt;
use tokio::{
    io::AsyncReadExt,
    process::{Child, ChildStderr, ChildStdout, Command},
    task::JoinHandle,
    time::{Instant, timeout_at},
};
use tokio_util::codec::{FramedRead, LinesCodec};

use super::reading::{Failure, ReadEvent, ReadRequest};
use crate::{
    error::{Error, Result},
    services::Settings,
};

/// The longest line a reader may write: a page of text and words is far below it.
const MAX_LINE_BYTES: usize = 16 * 1024 * 1024;

/// The longest silence between two lines: a reader that ran out of memory may sleep without using any CPU.
const MAX_SILENCE: Duration = Duration::from_secs(60);

/// Lines that a reader writes of a page, which are itself and its two images, and those at the beginning and the end.
const LINES_OF_A_PAGE: u64 = 3;
const LINES_BESIDE_PAGES: u64 = 2;

/// The exit code of a reader that found the installation at fault, and not the file.
const OPERATOR: i32 = 2;

/// As much of a reader's complaints as an operator wants to see, from their end.
const MAX_STDERR_BYTES: usize = 4 * 1024;

/// A running reader. Dropping it kills the process.
pub(super) struct Reader {
    child: Child,
    lines: FramedRead<ChildStdout, LinesCodec>,
    complaints: JoinHandle<String>,
    deadline: Instant,
    /// Lines that it may still write: one that was taken over by what it reads must not fill our memory or the database.
    lines_left: u64,
    done: bool,
}

impl Reader {
    /// Starts a reader on `input`; page images appear in `output`.
    pub(super) fn start(settings: &Settings, request: &ReadRequest, input: &Path, output: &Path) -> Result<Self> {
        let lines_left = LINES_BESIDE_PAGES + LINES_OF_A_PAGE * u64::from(request.max_pages);
        let request = serde_json::to_string(request)?;
        let mut command = Command::new(&settings.program);
        command.arg("read").arg("--sandboxed").arg("--input").arg(input).arg("--output").arg(output);
        if let Some(pdfium) = &settings.pdfium {
            command.arg("--pdfium").arg(pdfium);
        }
        let mut child = command
            .arg(request)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| Error::unavailable(format!("cannot start a reader: {error}")))?;
        let stdout = child.stdout.take().ok_or_else(|| Error::internal("a reader has no output"))?;
        let lines = FramedRead::new(stdout, LinesCodec::new_with_max_length(MAX_LINE_BYTES));
        let stderr = child.stderr.take().ok_or_else(|| Error::internal("a reader has no errors"))?;
        let complaints = tokio::spawn(hear(stderr));
        let deadline = Instant::now() + settings.read_timeout;
        Ok(Self { child, lines, complaints, deadline, lines_left, done: false })
    }

    /// The next thing it tells; none after `Finished` or `Failed`. However the process ends, one of these two is told; an
    /// error says that the fault is ours, and that another try may go better.
    pub(super) async fn next(&mut self) -> Result<Option<ReadEvent>> {
        if self.done {
            return Ok(None);
        }
        let patience = self.deadline.min(Instant::now() + MAX_SILENCE);
        let event = match timeout_at(patience, self.lines.next()).await {
            Err(_) => failed(Failure::TooSlow, "the wall clock ran out"),
            Ok(Some(Ok(_))) if self.lines_left == 0 => failed(Failure::Crashed, "it tells more than it was asked for"),
            Ok(Some(Ok(line))) => serde_json::from_str(&line)
                .unwrap_or_else(|error| failed(Failure::Crashed, format!("not an event: {error}"))),
            Ok(Some(Err(error))) => failed(Failure::Crashed, format!("unreadable output: {error}")),
            Ok(None) => self.explain_end().await,
        };
        self.lines_left = self.lines_left.saturating_sub(1);
        if matches!(event, ReadEvent::Finished | ReadEvent::Failed { .. }) {
            self.done = true;
        }
        if let ReadEvent::Failed { reason: Failure::Crashed, detail } = &event
            && self.blames_us().await
        {
            return Err(Error::internal(format!("a reader cannot work here: {detail}")));
        }
        if self.done {
            self.child.start_kill().ok();
        }
        Ok(Some(event))
    }

    /// Whether it ends with the exit code that says so, which follows its last line at once.
    async fn blames_us(&mut self) -> bool {
        let ended = tokio::time::timeout(Duration::from_secs(1), self.child.wait()).await;
        ended.is_ok_and(|status| status.is_ok_and(|status| status.code() == Some(OPERATOR)))
    }

    /// The process closed its output without a last word: what its exit and its complaints say.
    async fn explain_end(&mut self) -> ReadEvent {
        // They are only shown to the operator: what arrives within a second is enough.
        let complaints = tokio::time::timeout(Duration::from_secs(1), &mut self.complaints).await;
        let complaints = complaints.ok().and_then(|heard| heard.ok()).unwrap_or_default();
        match tokio::time::timeout(Duration::from_secs(5), self.child.wait()).await {
            Ok(Ok(status)) => failed(failure_of(status, &complaints), format!("{status}: {complaints}")),
            Ok(Err(error)) => failed(Failure::Crashed, error),
            Err(_) => failed(Failure::TooSlow, "it closed its output and did not end"),
        }
    }
}

fn failed(reason: Failure, detail: impl std::fmt::Display) -> ReadEvent {
    ReadEvent::Failed { reason, detail: detail.to_string() }
}

/// What a death means. The parsers end by these signals when memory runs out: an allocation that fails aborts, and PDFium
/// runs into a trap.
fn failure_of(status: ExitStatus, complaints: &str) -> Failure {
    use libc::{SIGABRT, SIGILL, SIGTRAP, SIGXCPU, SIGXFSZ};
    match std::os::unix::process::ExitStatusExt::signal(&status) {
        Some(SIGXCPU) => Failure::TooSlow,
        Some(SIGXFSZ | SIGABRT | SIGTRAP | SIGILL) => Failure::TooLarge,
        _ if complaints.contains("memory allocation of") || complaints.contains("Out of memory") => Failure::TooLarge,
        _ => Failure::Crashed,
    }
}

/// The end of what a reader complains of. All of it is taken as it comes: once nobody does, a reader that complains of each page
/// waits for ever.
async fn hear(mut stderr: ChildStderr) -> String {
    let (mut heard, mut buffer) = (Vec::new(), [0_u8; MAX_STDERR_BYTES]);
    while let Ok(count @ 1..) = stderr.read(&mut buffer).await {
        heard.extend_from_slice(&buffer[..count]);
        heard.drain(..heard.len().saturating_sub(MAX_STDERR_BYTES));
    }
    String::from_utf8_lossy(&heard).trim().replace('\n', "; ")
}

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, Permissions},
        os::unix::fs::PermissionsExt,
    };

    use super::*;
    use crate::documents::Format;

    // In one test: while one thread starts a program, no other can start one that it has just written.
    #[tokio::test]
    async fn a_reader_is_heard_to_its_end_and_has_one() {
        one_that_tells_without_end_is_ended().await;
        one_that_complains_of_much_is_heard().await;
    }

    async fn one_that_tells_without_end_is_ended() {
        let image = r#"{"event":"image","number":1,"size":"page","file":"1.png"}"#;
        let (_folder, mut reader) = reader(&format!("while :; do echo '{image}'; done"));
        let mut images = 0;
        let last = loop {
            match reader.next().await.unwrap() {
                Some(ReadEvent::Image(_)) => images += 1,
                last => break last,
            }
        };
        assert_eq!(images, 8, "as many lines as two pages may have");
        assert!(matches!(last, Some(ReadEvent::Failed { reason: Failure::Crashed, .. })), "{last:?}");
        assert_eq!(reader.next().await.unwrap(), None);
    }

    async fn one_that_complains_of_much_is_heard() {
        // More than a pipe holds, which is 64 KiB.
        let complain = format!("i=0; while [ $i -lt 2000 ]; do echo '{}' >&2; i=$((i+1)); done", "x".repeat(99));
        let (_folder, mut finishes) = reader(&format!("{complain}; echo '{{\"event\":\"finished\"}}'"));
        assert_eq!(finishes.next().await.unwrap(), Some(ReadEvent::Finished));
        let (_folder, mut dies) =
            reader(&format!("{complain}; echo 'memory allocation of 9 bytes failed' >&2; exit 1"));
        let last = dies.next().await.unwrap();
        assert!(matches!(&last, Some(ReadEvent::Failed { reason: Failure::TooLarge, .. })), "{last:?}");
    }

    /// A reader of two pages that is this script.
    fn reader(script: &str) -> (tempfile::TempDir, Reader) {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("reader");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&program, Permissions::from_mode(0o700)).unwrap();
        let settings = Settings {
            public_url: String::new(),
            max_upload_bytes: 0,
            max_documents: 0,
            max_pages: 2,
            read_timeout: Duration::from_secs(20),
            program,
            pdfium: None,
            fonts: None,
        };
        let request = ReadRequest { format: Format::Pdf, first_page: 1, max_pages: 2, images: true };
        let reader = Reader::start(&settings, &request, folder.path(), folder.path()).unwrap();
        (folder, reader)
    }
}
