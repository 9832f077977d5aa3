//! The child process that typesets: like a reader it starts with nothing but its arguments, and ends in bounded time.

use std::{process::Stdio, time::Duration};

use serde::Deserialize;
use tokio::{process::Command, time::timeout};
use tracing::Instrument;

use super::ReportContent;
use crate::{
    error::{Error, Result},
    services::Settings,
};

/// A report of 200 documents takes some seconds.
const TIMEOUT: Duration = Duration::from_secs(120);

/// A finished PDF.
pub(super) struct Made {
    pub pdf: Vec<u8>,
    pub pages: u32,
}

#[derive(Deserialize)]
struct Told {
    pages: u32,
}

pub(super) async fn typeset(settings: &Settings, content: &ReportContent) -> Result<Made> {
    let io = |error: std::io::Error| Error::unavailable(format!("typesetter: {error}"));
    let folder = tempfile::tempdir().map_err(io)?;
    let (input, output) = (folder.path().join("content.json"), folder.path().join("report.pdf"));
    tokio::fs::write(&input, serde_json::to_vec(content)?).await.map_err(io)?;
    let mut command = Command::new(&settings.program);
    command.arg("typeset").arg("--input").arg(&input).arg("--output").arg(&output);
    if let Some(fonts) = &settings.fonts {
        command.arg("--fonts").arg(fonts);
    }
    let running = command
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(io)?
        .wait_with_output();
    let ended = timeout(TIMEOUT, running).instrument(tracing::info_span!("typesetter")).await;
    let ended = ended.map_err(|_| Error::internal("the typesetter took too long"))?.map_err(io)?;
    if !ended.status.success() {
        let complaints = String::from_utf8_lossy(&ended.stderr);
        return Err(Error::internal(format!("the typesetter failed ({}): {complaints}", ended.status)));
    }
    let told: Told = serde_json::from_slice(&ended.stdout)?;
    Ok(Made { pdf: tokio::fs::read(&output).await.map_err(io)?, pages: told.pages })
}
