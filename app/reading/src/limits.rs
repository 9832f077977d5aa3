//! Every number that bounds a reader. What the parent watches (wall clock, length of a line, files in the output
//! folder) it can only watch from outside, so those numbers are here for it to copy.
//!
//! How the parent tells what a death means: SIGXCPU, or its own SIGKILL on wall clock, is "too slow"; SIGABRT, SIGTRAP
//! and SIGILL are how the parsers end when memory runs out, which is "too large"; anything else is "crashed". Pages
//! announced before the death are good, and reading may be resumed after the last of them.

use std::time::Duration;

const MIB: u64 = 1024 * 1024;

/// Address space of the process. PDFium, the fonts built into the page images and a 512 MiB file fit; a decompression
/// bomb does not.
pub const MEMORY_BYTES: u64 = 1536 * MIB;
/// CPU time until the first page is announced, and again from each page to the next. The slowest honest page seen took
/// 2 s.
pub const CPU_PER_PAGE: Duration = Duration::from_secs(30);
/// CPU time of the whole process: 2,400 pages with images take about two minutes.
pub const CPU_TOTAL: Duration = Duration::from_secs(15 * 60);
/// Wall time from one line of output to the next, for the parent: a reader out of memory may sleep without using any
/// CPU.
pub const WALL_PER_PAGE: Duration = Duration::from_secs(60);
/// Wall time of the whole process, for the parent.
pub const WALL_TOTAL: Duration = Duration::from_secs(30 * 60);
/// Open files: standard streams, the input, one image, and fonts.
pub const OPEN_FILES: u64 = 32;
/// Size of one written file.
pub const FILE_BYTES: u64 = 512 * MIB;
/// Stack of the main thread: parsers recurse into nested objects.
pub const STACK_BYTES: u64 = 64 * MIB;

/// Size of a PDF or DOCX file.
pub const INPUT_BYTES: u64 = 512 * MIB;
/// Size of a text, Markdown, CSV or HTML file.
pub const TEXT_INPUT_BYTES: u64 = 64 * MIB;
/// Longest line a reader writes, for the parent: a page of 1 MB of text and 50,000 words takes about 8 MiB as JSON.
pub const EVENT_LINE_BYTES: u64 = 16 * MIB;

/// Words kept of one page.
pub const PAGE_WORDS: usize = 50_000;
/// Bytes of text kept of one page.
pub const PAGE_TEXT_BYTES: usize = 1_000_000;
/// Characters looked at on one PDF page, spaces included.
pub const PAGE_CHARACTERS: i32 = 2_000_000;
/// Pages that may fail one after the other, with none read, before the document counts as damaged.
pub const LEADING_FAILED_PAGES: u32 = 50;
/// Entries of an outline; the protocol promises it.
pub const OUTLINE_ENTRIES: usize = 2_000;
/// Levels of an outline.
pub const OUTLINE_LEVELS: u8 = 32;
/// Characters of a title, an author or an outline entry.
pub const LINE_CHARACTERS: usize = 500;
/// Characters of a page of a format that has no pages of its own.
pub const PROSE_PAGE_CHARACTERS: usize = 3_000;

/// Width of a page image, in pixels.
pub const PAGE_IMAGE_WIDTH: u32 = 1_400;
/// Width of a thumbnail, in pixels.
pub const THUMBNAIL_WIDTH: u32 = 240;
/// Pixels of a page image: a page of A0 proportions at full width has 2.8 million.
pub const IMAGE_PIXELS: u32 = 8_000_000;
/// Height of a page image, in pixels.
pub const IMAGE_HEIGHT: u32 = 16_000;
/// Bytes of all images of a document; pages after that have none.
pub const IMAGES_BYTES: u64 = 2048 * MIB;

/// Entries of a DOCX archive.
pub const ARCHIVE_ENTRIES: usize = 2_000;
/// Unpacked bytes of one part of a DOCX archive, counted while unpacking.
pub const ARCHIVE_PART_BYTES: u64 = 64 * MIB;
/// Unpacked bytes of all parts that are read.
pub const ARCHIVE_TOTAL_BYTES: u64 = 256 * MIB;
/// Unpacked bytes for each packed byte, once a part is larger than [`ARCHIVE_RATIO_FROM_BYTES`]. Office XML packs 10 to
/// 40 times, tables of repeated rows up to about 150 times.
pub const ARCHIVE_RATIO: u64 = 250;
/// Smaller parts may be packed as tightly as they like.
pub const ARCHIVE_RATIO_FROM_BYTES: u64 = 4 * MIB;
/// Elements inside each other in a part of a DOCX file; Word itself stays below 100.
pub const XML_DEPTH: usize = 1_000;

/// What the process may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Address space in bytes.
    pub memory: u64,
    /// CPU time from page to page.
    pub cpu_per_page: Duration,
    /// CPU time in all.
    pub cpu_total: Duration,
    /// Open files at a time.
    pub open_files: u64,
    /// Bytes of one written file.
    pub file_bytes: u64,
    /// Bytes of stack of the main thread.
    pub stack_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: MEMORY_BYTES,
            cpu_per_page: CPU_PER_PAGE,
            cpu_total: CPU_TOTAL,
            open_files: OPEN_FILES,
            file_bytes: FILE_BYTES,
            stack_bytes: STACK_BYTES,
        }
    }
}
