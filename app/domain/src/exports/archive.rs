//! An archive that somebody gives us, checked before anything of it is used: that it is whole, that it holds what its
//! manifest says and nothing else, and that it unpacks to no more than it says.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::FileExt,
    path::PathBuf,
    sync::Arc,
};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::{
    codec::{FramedRead, LinesCodec},
    io::StreamReader,
};
use zip::ZipArchive;

use super::{
    format::{ALWAYS, FORMAT, MANIFEST, Manifest, PackedFile, Part, SEAL, SEAL_DIGITS, VERSION},
    seal,
};
use crate::{
    documents::hexadecimal,
    error::{Error, Result},
};

/// Members of an archive: two a document. The directory of a ZIP is held in memory, some 500 bytes each.
const MAX_FILES: u64 = 500_000;

/// Of the manifest, which is held in memory: 200 bytes a member.
const MAX_MANIFEST_BYTES: u64 = 128 * 1024 * 1024;

/// The whole may unpack to this many bytes, and to so many times its own size besides: text of pages shrinks to a fifth.
const UNPACKED_BYTES: u64 = 200_000_000;
const UNPACKED_RATIO: u64 = 100;

/// One line: a page of text with the places of its words. A reader writes at most half of this.
const MAX_LINE_BYTES: usize = 32 * 1024 * 1024;

/// What is unpacked at once, and how many of these wait for whoever reads them.
const CHUNK: usize = 64 * 1024;
const CHUNKS: usize = 8;

/// An archive that was found to be whole.
pub struct Archive {
    zip: ZipArchive<Shared>,
    pub(super) manifest: Manifest,
}

impl Archive {
    /// Opens and checks an archive. It reads all of it twice, and fails with a sentence that says what is wrong.
    pub async fn open(path: PathBuf) -> Result<Self> {
        tokio::task::spawn_blocking(move || open(&File::open(path).map_err(|error| seal::unreadable(&error))?))
            .await
            .map_err(Error::internal)?
    }

    /// The members that are no list, by what they hold.
    pub(super) fn parts(&self) -> impl Iterator<Item = (Part, &PackedFile)> {
        self.manifest.files.iter().filter_map(|file| Some((Part::parse(&file.name)?, file)))
    }

    /// The bytes of a member, unpacked in a thread of their own.
    pub(super) fn content(&self, name: &str) -> BoxStream<'static, Result<Bytes>> {
        let (mut zip, name) = (self.zip.clone(), name.to_owned());
        let (sender, receiver) = mpsc::channel(CHUNKS);
        tokio::task::spawn_blocking(move || {
            if let Err(error) = send(&mut zip, &name, &sender) {
                // Whoever does not read on has a reason of his own.
                sender.blocking_send(Err(error)).ok();
            }
        });
        ReceiverStream::new(receiver).boxed()
    }

    /// The lines of a member.
    pub(super) fn lines(&self, name: &str) -> BoxStream<'static, Result<String>> {
        let bytes = StreamReader::new(self.content(name).map_err(io::Error::other));
        let lines = FramedRead::new(bytes, LinesCodec::new_with_max_length(MAX_LINE_BYTES));
        let name = name.to_owned();
        lines.map_err(move |error| refused(format!("“{name}” cannot be read: {error}"))).boxed()
    }
}

/// The refusal of an archive, with the reason.
pub(super) fn refused(reason: impl std::fmt::Display) -> Error {
    Error::invalid("archive", format!("This archive is not what it should be: {reason}. Nothing was imported."))
}

fn open(file: &File) -> Result<Archive> {
    seal::check(file)?;
    let file = file.try_clone().map_err(|error| seal::unreadable(&error))?;
    let packed = file.metadata().map_err(|error| seal::unreadable(&error))?.len();
    let claimed = claimed_files(&file, packed).map_err(|error| seal::unreadable(&error))?;
    if claimed > MAX_FILES {
        return Err(refused(format!("it has {claimed} files, and may have {MAX_FILES}")));
    }
    let mut zip = ZipArchive::new(Shared { file: Arc::new(file), position: 0 }).map_err(refused)?;
    let manifest = read_manifest(&mut zip)?;
    check_names(&zip, &manifest)?;
    check_sizes(&mut zip, &manifest, packed)?;
    for file in &manifest.files {
        check_content(&mut zip, file)?;
    }
    Ok(Archive { zip, manifest })
}

/// How many files the end of the archive claims, before a directory of that length is read into memory. A ZIP that is large
/// says it a second time, in a record that stands before the usual one (APPNOTE, sections 4.3.14 to 4.3.16).
fn claimed_files(file: &File, packed: u64) -> io::Result<u64> {
    const END: usize = 22;
    const LOCATOR: usize = 20;
    const RECORD: usize = 56;
    let missing = || io::Error::new(io::ErrorKind::InvalidData, "it has no directory");
    let end_at = packed.checked_sub((END + SEAL.len() + SEAL_DIGITS) as u64).ok_or_else(missing)?;
    let mut end = [0; END];
    file.read_exact_at(&mut end, end_at)?;
    if !end.starts_with(b"PK\x05\x06") {
        return Err(missing());
    }
    let mut locator = [0; LOCATOR];
    let locator_at = end_at.saturating_sub(LOCATOR as u64);
    file.read_exact_at(&mut locator, locator_at)?;
    if !locator.starts_with(b"PK\x06\x07") {
        return Ok(u64::from(u16::from_le_bytes([end[10], end[11]])));
    }
    let mut record = [0; RECORD];
    file.read_exact_at(&mut record, number(&locator, 8))?;
    if record.starts_with(b"PK\x06\x06") { Ok(number(&record, 32)) } else { Err(missing()) }
}

fn number(bytes: &[u8], at: usize) -> u64 {
    bytes[at..at + 8].iter().rev().fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

fn read_manifest(zip: &mut ZipArchive<Shared>) -> Result<Manifest> {
    let member = zip.by_name(MANIFEST).map_err(|_| refused("its manifest is missing"))?;
    let mut text = Vec::new();
    member.take(MAX_MANIFEST_BYTES + 1).read_to_end(&mut text).map_err(refused)?;
    if text.len() as u64 > MAX_MANIFEST_BYTES {
        return Err(refused("its manifest is too long"));
    }
    let manifest: Manifest =
        serde_json::from_slice(&text).map_err(|error| refused(format!("its manifest is not understood: {error}")))?;
    if manifest.format != FORMAT {
        return Err(refused("it is no export of a workspace"));
    }
    if manifest.version != VERSION {
        return Err(refused(format!("its format has version {}, and this Sheaf knows {VERSION}", manifest.version)));
    }
    Ok(manifest)
}

/// Each name is one that an export has, and the archive and its manifest name the same.
fn check_names(zip: &ZipArchive<Shared>, manifest: &Manifest) -> Result<()> {
    if zip.has_duplicate_names() {
        return Err(refused("two of its files have one name"));
    }
    let listed: HashMap<&str, &PackedFile> = manifest.files.iter().map(|file| (file.name.as_str(), file)).collect();
    for name in zip.file_names() {
        let name = name.map_err(refused)?;
        if name == MANIFEST {
            continue;
        }
        if Part::parse(&name).is_none() {
            return Err(refused(format!("it has a file called {name:?}, which no export has")));
        }
        if !listed.contains_key(&*name) {
            return Err(refused(format!("its manifest does not name “{name}”")));
        }
    }
    // All of its names are listed: where the numbers agree, all that is listed is there, and once.
    let missing = manifest.files.iter().find(|file| zip.index_for_name(&file.name).is_none());
    if let Some(file) = missing {
        return Err(refused(format!("“{}” is missing", file.name)));
    }
    if listed.len() != manifest.files.len() || zip.len() != manifest.files.len() + 1 {
        return Err(refused("its manifest names a file twice"));
    }
    match ALWAYS.iter().find(|name| !listed.contains_key(*name)) {
        Some(name) => Err(refused(format!("“{name}” is missing"))),
        None => Ok(()),
    }
}

/// What it says of its sizes, before anything is unpacked.
fn check_sizes(zip: &mut ZipArchive<Shared>, manifest: &Manifest, packed: u64) -> Result<()> {
    let most = UNPACKED_BYTES.saturating_add(packed.saturating_mul(UNPACKED_RATIO));
    let mut unpacked: u64 = 0;
    for file in &manifest.files {
        unpacked = unpacked.saturating_add(file.bytes);
        if unpacked > most {
            return Err(refused("it unpacks to far more than its size, as no export does"));
        }
        let member = zip.by_name(&file.name).map_err(refused)?;
        if member.size() != file.bytes {
            return Err(refused(format!("“{}” has another size than the manifest says", file.name)));
        }
    }
    Ok(())
}

/// Unpacks a member as far as its size allows, whatever the directory says, and compares.
fn check_content(zip: &mut ZipArchive<Shared>, file: &PackedFile) -> Result<()> {
    let member = zip.by_name(&file.name).map_err(refused)?;
    let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; CHUNK]);
    let mut some = member.take(file.bytes.saturating_add(1));
    loop {
        let count = some.read(&mut buffer).map_err(|error| refused(format!("“{}”: {error}", file.name)))?;
        if count == 0 {
            break;
        }
        bytes += count as u64;
        hash.update(&buffer[..count]);
    }
    if bytes == file.bytes && hexadecimal(&hash.finalize()) == file.sha256 {
        Ok(())
    } else {
        Err(refused(format!("“{}” has another hash than the manifest says", file.name)))
    }
}

fn send(zip: &mut ZipArchive<Shared>, name: &str, sender: &mpsc::Sender<Result<Bytes>>) -> Result<()> {
    let mut member = zip.by_name(name).map_err(refused)?;
    loop {
        let mut chunk = vec![0; CHUNK];
        let count = member.read(&mut chunk).map_err(refused)?;
        chunk.truncate(count);
        if count == 0 || sender.blocking_send(Ok(chunk.into())).is_err() {
            return Ok(());
        }
    }
}

/// A file that several read at once, each from a place of its own: the directory is read once and shared.
#[derive(Clone)]
struct Shared {
    file: Arc<File>,
    position: u64,
}

impl Read for Shared {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(buffer, self.position)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Shared {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(offset) => self.file.metadata()?.len().checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = place.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}
