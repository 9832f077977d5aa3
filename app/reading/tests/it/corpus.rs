//! Real and hostile files, each in a locked child, with limits on time.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use domain::documents::Format;
use domain::documents::reading::{Failure, PageRead, ReadEvent, ReadRequest};

use crate::process::{self, Outcome};

/// No file may take longer, whatever it does: far more than the CPU time a child has for a page.
const PATIENCE: Duration = Duration::from_secs(240);

/// The files of the corpus below `folder` of a format that is read; none, loudly, without a corpus.
fn files(folder: &str) -> Vec<(PathBuf, Format)> {
    let Some(corpus) = std::env::var_os("SHEAF_CORPUS") else {
        eprintln!("SKIPPED: SHEAF_CORPUS is not set, so no real file is read");
        return Vec::new();
    };
    if process::pdfium().is_none() {
        return Vec::new();
    }
    let entries = std::fs::read_dir(Path::new(&corpus).join(folder)).expect("the corpus is there");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("it can be listed").path())
        .filter_map(|path| Some((path.clone(), format(path.extension()?)?)))
        .collect();
    files.sort_by(|(one, _), (other, _)| one.cmp(other));
    files
}

fn format(extension: &OsStr) -> Option<Format> {
    match extension.to_str()? {
        "pdf" => Some(Format::Pdf),
        "docx" => Some(Format::Docx),
        "txt" | "eml" => Some(Format::Text),
        "md" => Some(Format::Markdown),
        "csv" => Some(Format::Csv),
        "html" => Some(Format::Html),
        _ => None,
    }
}

fn read(path: &Path, format: Format, pages: u32) -> Outcome {
    let output = tempfile::tempdir().expect("a folder");
    let request = ReadRequest { format, first_page: 1, max_pages: pages, images: true };
    process::read(&request, path, output.path(), PATIENCE)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[test]
fn every_file_is_read_or_says_why_not() {
    for (path, format) in files("") {
        let outcome = read(&path, format, 3);
        let name = name(&path);
        let failure = outcome.failure();
        eprintln!("{name}: {} pages, {failure:?}, {:.1?}", outcome.pages().count(), outcome.elapsed);
        outcome.pages().for_each(|page| check(page, &name));
        match failure {
            None => assert_eq!(outcome.events.last(), Some(&ReadEvent::Finished), "{name}: {}", outcome.errors),
            Some(Failure::PasswordProtected) => assert!(name.contains("encrypted"), "{name}"),
            Some(Failure::Damaged) => assert!(name.contains("malformed"), "{name}: {:?}", outcome.events.last()),
            // Some of the DOCX files hold a picture or an empty table and not one word.
            Some(Failure::Empty) => assert!(name.contains("office"), "{name}"),
            Some(other) => panic!("{name}: {other:?} {}", outcome.errors),
        }
    }
}

/// What the protocol promises of a page.
fn check(page: &PageRead, name: &str) {
    let mut rest = page.text.as_str();
    for word in &page.words {
        let at = rest.find(&word.text).unwrap_or_else(|| panic!("{name}, page {}: {word:?} is not next", page.number));
        assert!(rest[..at].chars().all(char::is_whitespace), "{name}, page {}: text before {word:?}", page.number);
        rest = &rest[at + word.text.len()..];
        let shown = word.x <= page.width && word.y <= page.height && word.x + word.width >= 0.0;
        assert!(shown && word.y + word.height >= 0.0, "{name}, page {}: {word:?} is not shown", page.number);
    }
    let clean = !page.text.chars().any(|c| c.is_control() && c != '\n' && c != '\t');
    assert!(clean, "{name}, page {}: control characters", page.number);
}

#[test]
fn hostile_files_end_in_time_and_harm_nothing() {
    for (path, format) in files("hostile") {
        let outcome = read(&path, format, 20);
        eprintln!(
            "{}: {} pages, {:?}, {}, {:.1?}",
            name(&path),
            outcome.pages().count(),
            outcome.failure(),
            outcome.status,
            outcome.elapsed
        );
        assert!(outcome.elapsed < PATIENCE, "{}: only the clock stopped it", name(&path));
        let ended = outcome.events.last() == Some(&ReadEvent::Finished) || outcome.failure().is_some();
        assert!(ended, "{}: {:?} {}", name(&path), outcome.status, outcome.errors);
        assert!(outcome.events.iter().all(|event| !told_secret(event)), "{}", name(&path));
    }
}

/// Whether a file made the reader tell of another one.
fn told_secret(event: &ReadEvent) -> bool {
    matches!(event, ReadEvent::Page(page) if page.text.contains("root:x:0:0"))
}

#[test]
fn digital_text_is_what_poppler_reads() {
    let mut similarities: Vec<(f64, String)> = files("")
        .into_iter()
        .filter(|(path, _)| name(path).starts_with("digital__"))
        .filter_map(|(path, format)| Some((similarity(&ours(&path, format), &poppler(&path)?), name(&path))))
        .collect();
    if similarities.is_empty() {
        eprintln!("SKIPPED: no corpus, no PDFium or no pdftotext");
        return;
    }
    similarities.sort_by(|one, other| one.0.total_cmp(&other.0));
    for (similarity, name) in &similarities {
        eprintln!("{similarity:.4} {name}");
    }
    let median = similarities[similarities.len() / 2].0;
    assert!(median >= 0.98, "median {median}");
}

const COMPARED_PAGES: u32 = 40;

/// The characters of each page, without white space.
fn ours(path: &Path, format: Format) -> Vec<Vec<char>> {
    let request = ReadRequest { max_pages: COMPARED_PAGES, ..process::request(format) };
    let output = tempfile::tempdir().expect("a folder");
    let outcome = process::read(&request, path, output.path(), PATIENCE);
    outcome.pages().map(|page| characters(&page.text)).collect()
}

fn poppler(path: &Path) -> Option<Vec<Vec<char>>> {
    let output =
        Command::new("pdftotext").args(["-l", &COMPARED_PAGES.to_string()]).arg(path).arg("-").output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).split('\u{c}').map(characters).collect())
}

fn characters(text: &str) -> Vec<char> {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// How much of the pages is the same and in the same order, from 0 to 1: twice the longest common subsequence of each
/// page over the characters of both.
fn similarity(ours: &[Vec<char>], theirs: &[Vec<char>]) -> f64 {
    let total: usize = ours.iter().chain(theirs).map(Vec::len).sum();
    let common: usize = ours.iter().zip(theirs).map(|(one, other)| common(one, other)).sum();
    if total == 0 { 1.0 } else { 2.0 * common as f64 / total as f64 }
}

/// The length of the longest common subsequence.
fn common(one: &[char], other: &[char]) -> usize {
    let mut row = vec![0; other.len() + 1];
    for c in one {
        let mut diagonal = 0;
        for (at, d) in other.iter().enumerate() {
            let above = row[at + 1];
            row[at + 1] = if c == d { diagonal + 1 } else { above.max(row[at]) };
            diagonal = above;
        }
    }
    row[other.len()]
}
