//! Writing an archive: a thread of its own packs what is sent to it, piece by piece, so that no more than a few pieces are
//! in memory and no thread that answers requests compresses anything.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::{sync::mpsc, task::JoinHandle};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{
    format::{MANIFEST, Manifest, PackedFile, Part, SEAL, SEAL_DIGITS},
    seal,
};
use crate::{
    documents::hexadecimal,
    error::{Error, Result},
};

/// Pieces that wait to be packed, each at most a few megabytes.
const PIECES: usize = 8;

/// An archive that is being written. Dropping it gives the archive up.
pub(super) struct Packer {
    pieces: mpsc::Sender<Piece>,
    thread: JoinHandle<Result<()>>,
}

enum Piece {
    /// The next member begins, and the one before is complete.
    Begin(String),
    Bytes(Bytes),
    End(Box<Manifest>),
}

impl Packer {
    /// Begins an archive in a new file.
    pub fn start(path: PathBuf) -> Self {
        let (pieces, received) = mpsc::channel(PIECES);
        Self { pieces, thread: tokio::task::spawn_blocking(move || write(&path, received)) }
    }

    /// Begins a member; what is written from now on belongs to it.
    pub async fn begin(&self, name: impl Into<String>) -> Result<()> {
        self.send(Piece::Begin(name.into())).await
    }

    pub async fn write(&self, bytes: impl Into<Bytes>) -> Result<()> {
        self.send(Piece::Bytes(bytes.into())).await
    }

    /// Writes the manifest, in which the list of files is filled in, and closes the archive.
    pub async fn finish(self, manifest: Manifest) -> Result<()> {
        self.send(Piece::End(Box::new(manifest))).await?;
        self.thread.await.map_err(Error::internal)?
    }

    async fn send(&self, piece: Piece) -> Result<()> {
        let gone = |_| Error::unavailable("the archive cannot be written; the log says why");
        self.pieces.send(piece).await.map_err(gone)
    }
}

fn write(path: &Path, received: mpsc::Receiver<Piece>) -> Result<()> {
    write_all(path, received).inspect_err(|error| tracing::warn!(error = %error, "could not write an archive"))
}

fn write_all(path: &Path, mut received: mpsc::Receiver<Piece>) -> Result<()> {
    let mut writing = Writing::create(path)?;
    while let Some(piece) = received.blocking_recv() {
        match piece {
            Piece::Begin(name) => writing.begin(name)?,
            Piece::Bytes(bytes) => writing.write(&bytes)?,
            Piece::End(manifest) => {
                writing.end(*manifest)?;
                return seal(path);
            }
        }
    }
    // It was given up; the file goes with its folder.
    Ok(())
}

struct Writing {
    zip: ZipWriter<BufWriter<File>>,
    /// The members that are complete.
    files: Vec<PackedFile>,
    open: Option<Open>,
}

/// The member that is being written.
struct Open {
    name: String,
    bytes: u64,
    hash: Sha256,
}

impl Writing {
    fn create(path: &Path) -> Result<Self> {
        let mut zip = ZipWriter::new(BufWriter::new(File::create(path).map_err(broken)?));
        // The digits are written when everything before them is there.
        zip.set_comment(format!("{SEAL}{}", "0".repeat(SEAL_DIGITS))).map_err(broken)?;
        Ok(Self { zip, files: Vec::new(), open: None })
    }

    fn begin(&mut self, name: String) -> Result<()> {
        self.close();
        self.zip.start_file(name.as_str(), options(&name)).map_err(broken)?;
        self.open = Some(Open { name, bytes: 0, hash: Sha256::new() });
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        if let Some(open) = &mut self.open {
            open.bytes += bytes.len() as u64;
            open.hash.update(bytes);
        }
        self.zip.write_all(bytes).map_err(broken)
    }

    fn close(&mut self) {
        if let Some(Open { name, bytes, hash }) = self.open.take() {
            self.files.push(PackedFile { name, bytes, sha256: hexadecimal(&hash.finalize()) });
        }
    }

    fn end(mut self, mut manifest: Manifest) -> Result<()> {
        self.close();
        manifest.files = std::mem::take(&mut self.files);
        self.zip.start_file(MANIFEST, options(MANIFEST)).map_err(broken)?;
        serde_json::to_writer(&mut self.zip, &manifest)?;
        self.zip.finish().map_err(broken)?.flush().map_err(broken)
    }
}

/// Originals and reports are compressed already, as a rule; lines of JSON shrink to a fifth. The time of a member is always
/// the same, so that the same content gives the same bytes.
fn options(name: &str) -> SimpleFileOptions {
    let method = match Part::parse(name) {
        Some(Part::Original(_) | Part::Report(_)) => CompressionMethod::Stored,
        _ => CompressionMethod::Deflated,
    };
    SimpleFileOptions::default()
        .compression_method(method)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o600)
        .large_file(true)
}

fn broken(error: impl std::fmt::Display) -> Error {
    Error::unavailable(format!("temporary file: {error}"))
}
