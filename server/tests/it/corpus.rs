//! Real documents: none crashes or hangs anything, and digital ones read as poppler reads them.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    process::Command,
};

use domain::documents::{Document, DocumentState, reading::Failure};

use crate::{client::Client, test_app::TestApp};

/// Of documents whose text both sides can read.
const MIN_MEDIAN_SIMILARITY: f64 = 0.98;

/// Characters of a document that are compared: counting is linear, and enough of a long one says what all of it would.
const MAX_COMPARED: usize = 400_000;

/// Empty tables, and a picture: there is not one word in these.
const WITHOUT_TEXT: [&str; 4] = [
    "office__blk-containing-table.docx",
    "office__shp-inline-shape-access.docx",
    "office__tbl-2x2-table.docx",
    "office__tbl-having-tables.docx",
];

/// The folder of real documents, or none; then the test that asked is skipped loudly.
#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
pub fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("SHEAF_CORPUS").map(PathBuf::from).filter(|folder| folder.is_dir());
    if folder.is_none() {
        eprintln!("SKIPPED: SHEAF_CORPUS does not name the folder of real documents");
    }
    folder
}

#[tokio::test]
async fn every_real_document_ends_well_and_digital_ones_read_like_poppler() {
    let Some(corpus) = folder() else { return };
    let app = TestApp::start_with(&[("SHEAF_READ_SECONDS", "120"), ("SHEAF_MAX_PAGES", "100")]).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let mut uploaded = Vec::new();
    for file in files(&corpus) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let id = ada.uploads(&name, std::fs::read(&file).unwrap()).await;
        uploaded.push((name, file, id));
    }
    let mut similarities = Vec::new();
    for (name, file, id) in uploaded {
        let document = ada.document_when_read(&id).await;
        check_state(&name, &document);
        let comparable = name.starts_with("digital__") || name.starts_with("cjk__");
        let has_text = matches!(document.state, DocumentState::Read | DocumentState::PartlyRead);
        if comparable && has_text && name.ends_with(".pdf") {
            similarities.push((similarity(&mut ada, &id, &file).await, name));
        }
    }
    similarities.sort_by(|a, b| a.0.total_cmp(&b.0));
    let median = similarities[similarities.len() / 2].0;
    assert!(median >= MIN_MEDIAN_SIMILARITY, "{median}: {similarities:#?}");
}

fn check_state(name: &str, document: &Document) {
    match document.state {
        DocumentState::Unreadable => {
            let failure = document.failure.unwrap_or_else(|| panic!("{name} says not why it could not be read"));
            assert!(failure != Failure::Crashed && failure != Failure::TooSlow, "{name}: {failure:?}");
            if WITHOUT_TEXT.contains(&name) {
                return assert_eq!(failure, Failure::Empty, "{name}");
            }
            let broken = ["encrypted__", "malformed__"].iter().any(|kind| name.starts_with(kind));
            assert!(broken, "{name}: {failure:?}");
            if name.starts_with("encrypted__") {
                assert_eq!(failure, Failure::PasswordProtected, "{name}");
            }
        }
        DocumentState::Read | DocumentState::PartlyRead | DocumentState::Stored => {}
        state => panic!("{name} is {state:?}"),
    }
}

/// How many of the characters (without white space, as a bag) agree with `pdftotext`, from 0 to 1.
async fn similarity(client: &mut Client, id: &str, file: &Path) -> f64 {
    let ours = client.get(&format!("/documents/{id}/text.txt")).await.expect_status(200).await.text().await;
    let file = file.to_owned();
    // On a thread of its own: a client that does not run does not see that the server has closed an idle connection.
    tokio::task::spawn_blocking(move || agreement(&ours, &file)).await.unwrap()
}

fn agreement(ours: &str, file: &Path) -> f64 {
    let pages = ours.matches('\u{c}').count() + 1;
    let theirs = Command::new("pdftotext")
        .args(["-enc", "UTF-8", "-l", &pages.to_string()])
        .arg(file)
        .arg("-")
        .output()
        .expect("poppler's pdftotext is installed by `make test`");
    let theirs = String::from_utf8_lossy(&theirs.stdout).into_owned();
    let (ours, theirs) = (bag(ours), bag(&theirs));
    let (own, other): (usize, usize) = (ours.values().sum(), theirs.values().sum());
    let shared: usize = ours.iter().map(|(c, count)| (*count).min(theirs.get(c).copied().unwrap_or(0))).sum();
    if own + other == 0 { 1.0 } else { 2.0 * shared as f64 / (own + other) as f64 }
}

/// Pairs of neighbouring characters, counted: close to the edit distance, in linear time.
fn bag(text: &str) -> HashMap<(char, char), usize> {
    let characters: Vec<char> =
        text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).take(MAX_COMPARED).collect();
    let mut bag = HashMap::new();
    for pair in characters.windows(2) {
        *bag.entry((pair[0], pair[1])).or_default() += 1;
    }
    bag
}

fn files(corpus: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(corpus)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file() && path.extension().is_some_and(|extension| extension != "json"))
        .collect();
    files.sort();
    files
}
