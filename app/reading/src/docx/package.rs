//! The archive around the parts, with a limit on everything that is unpacked.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use domain::documents::reading::Failure;
use quick_xml::events::Event;
use zip::ZipArchive;
use zip::result::ZipError;

use super::xml::{self, Xml};
use crate::limits::{
    ARCHIVE_ENTRIES, ARCHIVE_PART_BYTES, ARCHIVE_RATIO, ARCHIVE_RATIO_FROM_BYTES, ARCHIVE_TOTAL_BYTES,
};
use crate::stop::Stop;

const MAIN_PART: &str = "word/document.xml";
/// The end of the central directory: signature, and where it has the number of entries.
const DIRECTORY_END: &[u8] = b"PK\x05\x06";
const DIRECTORY_END_BYTES: usize = 22;
/// How every file begins that Office has encrypted: a compound file around the real one.
const COMPOUND_FILE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// An open archive.
pub struct Package {
    archive: ZipArchive<Cursor<Vec<u8>>>,
    /// Bytes that may still be unpacked.
    left: u64,
}

impl Package {
    /// Opens the archive, unless it has too many entries.
    pub fn open(bytes: Vec<u8>) -> Result<Self, Stop> {
        if bytes.starts_with(COMPOUND_FILE) {
            return Err(Stop::because(Failure::PasswordProtected, "an encrypted Office file"));
        }
        // Counted before the directory is read into memory.
        if claimed_entries(&bytes).is_some_and(|entries| entries > ARCHIVE_ENTRIES) {
            return Err(Stop::too_large("too many entries"));
        }
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(Stop::damaged)?;
        if archive.len() > ARCHIVE_ENTRIES {
            return Err(Stop::too_large(format!("{} entries", archive.len())));
        }
        Ok(Self { archive, left: ARCHIVE_TOTAL_BYTES })
    }

    /// The name of the part with the text: some writers do not call it `word/document.xml`.
    pub fn main_part(&mut self) -> Result<String, Stop> {
        if self.archive.index_for_name(MAIN_PART).is_some() {
            return Ok(MAIN_PART.to_owned());
        }
        let Some(part) = self.part("_rels/.rels")? else { return Err(Stop::damaged("no relationships")) };
        let mut target = None;
        let mut xml = Xml::new(part);
        xml.each(|event, _| {
            if let Event::Start(tag) | Event::Empty(tag) = event
                && xml::attribute(tag, "Type").is_some_and(|kind| kind.ends_with("/officeDocument"))
            {
                target = xml::attribute(tag, "Target");
            }
            Ok(())
        })?;
        let target = target.ok_or_else(|| Stop::damaged("no main part"))?;
        Ok(target.trim_start_matches('/').to_owned())
    }

    /// A part as a stream, or none if there is none of the name. What is read of it counts against the limits.
    pub fn part(&mut self, name: &str) -> Result<Option<impl BufRead + '_>, Stop> {
        let file = match self.archive.by_name(name) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(error) => return Err(Stop::damaged(error)),
        };
        let packed = file.compressed_size();
        Ok(Some(BufReader::new(Counted { inner: file, packed, read: 0, left: &mut self.left })))
    }
}

/// The part called `name` in the folder of the part `main`.
pub fn beside(main: &str, name: &str) -> String {
    match main.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{name}"),
        None => name.to_owned(),
    }
}

/// What the end of the archive says of its entries; 65,535 stands for "more".
fn claimed_entries(bytes: &[u8]) -> Option<usize> {
    let tail = &bytes[bytes.len().saturating_sub(DIRECTORY_END_BYTES + usize::from(u16::MAX))..];
    let at = tail.windows(DIRECTORY_END.len()).rposition(|window| window == DIRECTORY_END)?;
    let count = tail.get(at + 10..at + 12)?;
    Some(usize::from(u16::from_le_bytes([count[0], count[1]])))
}

/// Counts what is unpacked and stops at the limits, whatever the directory says.
struct Counted<'p, R> {
    inner: R,
    packed: u64,
    read: u64,
    left: &'p mut u64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read += count as u64;
        let ratio = self.read > ARCHIVE_RATIO_FROM_BYTES && self.read / self.packed.max(1) > ARCHIVE_RATIO;
        if self.read > ARCHIVE_PART_BYTES || count as u64 > *self.left || ratio {
            // The kind tells the limit from damage when it comes out of the XML reader.
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "a part unpacks to too much"));
        }
        *self.left -= count as u64;
        Ok(count)
    }
}
