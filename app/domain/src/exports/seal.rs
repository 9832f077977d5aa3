//! The last bytes of an archive: SHA-256 of all bytes before them, so that whatever is cut off or altered is noticed. It
//! says that the archive is whole, and not who made it: what is in it is checked as a stranger's all the same.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};

use sha2::{Digest, Sha256};

use super::format::{SEAL, SEAL_DIGITS};
use crate::{
    documents::hexadecimal,
    error::{Error, Result},
};

/// What is hashed at once.
const CHUNK: usize = 64 * 1024;

/// Writes the hash of everything before the last 64 bytes into these. It blocks.
pub fn seal(path: &Path) -> Result<()> {
    write_hash(path).map_err(|error| Error::unavailable(format!("temporary file: {error}")))
}

/// Fails unless the file ends in a seal that fits. It blocks.
pub(super) fn check(file: &File) -> Result<()> {
    let (sealed, hash) = read_hash(file).map_err(|error| unreadable(&error))?.ok_or_else(|| {
        Error::invalid("archive", "This is no archive of Sheaf, or its end is missing. Nothing was imported.")
    })?;
    if hash_of(file, sealed).map_err(|error| unreadable(&error))? == hash {
        Ok(())
    } else {
        Err(Error::invalid(
            "archive",
            "This archive was altered or is damaged: its hash differs. Nothing was imported.",
        ))
    }
}

pub(super) fn unreadable(error: &io::Error) -> Error {
    Error::invalid("archive", format!("This archive cannot be read: {error}. Nothing was imported."))
}

fn write_hash(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    let sealed = file.metadata()?.len().saturating_sub(SEAL_DIGITS as u64);
    let hash = hash_of(&file, sealed)?;
    file.seek(SeekFrom::Start(sealed))?;
    file.write_all(hash.as_bytes())?;
    file.sync_all()
}

/// How many bytes are sealed, and with which hash; none where there is no seal.
fn read_hash(mut file: &File) -> io::Result<Option<(u64, String)>> {
    let tail = SEAL.len() + SEAL_DIGITS;
    let bytes = file.metadata()?.len();
    let Some(start) = bytes.checked_sub(tail as u64) else { return Ok(None) };
    file.seek(SeekFrom::Start(start))?;
    let mut end = vec![0; tail];
    file.read_exact(&mut end)?;
    let hash = std::str::from_utf8(&end).ok().and_then(|end| end.strip_prefix(SEAL));
    Ok(hash.map(|hash| (bytes - SEAL_DIGITS as u64, hash.to_owned())))
}

/// Of the first bytes, in lowercase hexadecimal.
fn hash_of(mut file: &File, bytes: u64) -> io::Result<String> {
    file.seek(SeekFrom::Start(0))?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; CHUNK]);
    let mut sealed = file.take(bytes);
    loop {
        match sealed.read(&mut buffer)? {
            0 => return Ok(hexadecimal(&hash.finalize())),
            count => hash.update(&buffer[..count]),
        }
    }
}
