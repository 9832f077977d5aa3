//! What the template prints: the content in finished words. The template lays out and decides nothing.

use domain::reports::content::{Excerpt, ReportContent, ReportedDocument, Segment};
use serde::Serialize;

use crate::charts::{self, Chart, Plot};
use crate::text::{breakable, clean, short, short_name};
use crate::{language, say};

/// The longest title that is printed in full; four lines on the cover.
const TITLE_CHARACTERS: usize = 200;
const FILE_NAME_CHARACTERS: usize = 160;

/// The template's data. The field names are the template's.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    title: String,
    /// In points.
    title_size: u8,
    short_title: String,
    workspace: String,
    short_workspace: String,
    author: String,
    scope: String,
    made_on: String,
    imprint: Vec<Fact>,
    summary: String,
    figures: Vec<Figure>,
    charts: Vec<Chart>,
    documents: Vec<Section>,
    sources_note: String,
    sources: Vec<Source>,
}

#[derive(Debug, Serialize)]
struct Fact {
    label: &'static str,
    value: String,
}

#[derive(Debug, Serialize)]
struct Figure {
    label: &'static str,
    value: String,
    unit: &'static str,
}

#[derive(Debug, Serialize)]
struct Section {
    title: String,
    facts: Vec<Fact>,
    share: Option<Plot>,
    excerpts: Vec<Quote>,
}

#[derive(Debug, Serialize)]
struct Quote {
    page: String,
    lang: &'static str,
    segments: Vec<Segment>,
}

#[derive(Debug, Serialize)]
struct Source {
    number: String,
    name: String,
    size: String,
    sha256: String,
}

impl Report {
    pub(crate) fn new(content: &ReportContent) -> Self {
        let title = or(short(&content.title, TITLE_CHARACTERS), "Report");
        let workspace = short(&content.workspace, 120);
        let scope = short(&content.scope, 400);
        let author = short(&content.author, 120);
        Self {
            title_size: title_size(&title),
            short_title: breakable(&short(&title, 64), 24),
            short_workspace: breakable(&short(&workspace, 32), 24),
            made_on: say::date(content.made_at),
            imprint: imprint(content, &scope, &author),
            summary: summary(content, &workspace),
            figures: key_figures(content),
            charts: charts::of_report(&content.figures),
            documents: content.documents.iter().map(|document| section(document, &content.documents)).collect(),
            sources_note: sources_note(content),
            sources: content.documents.iter().enumerate().map(source).collect(),
            title: breakable(&title, 18),
            workspace: breakable(&workspace, 24),
            author,
            scope: breakable(&scope, 24),
        }
    }
}

fn or(text: String, instead: &str) -> String {
    if text.is_empty() { instead.to_owned() } else { text }
}

fn title_size(title: &str) -> u8 {
    match title.chars().count() {
        0..=60 => 34,
        61..=120 => 26,
        _ => 20,
    }
}

fn imprint(content: &ReportContent, scope: &str, author: &str) -> Vec<Fact> {
    let fact = |label, value: String| (!value.is_empty()).then(|| Fact { label, value: breakable(&value, 24) });
    [
        fact("Scope", scope.to_owned()),
        fact("Documents", say::number(content.figures.documents)),
        fact("Prepared by", author.to_owned()),
        fact("Date", say::moment(content.made_at)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn summary(content: &ReportContent, workspace: &str) -> String {
    let added = content.documents.iter().map(|document| document.added_at);
    let (Some(first), Some(last)) = (added.clone().min(), added.max()) else {
        return breakable(&format!("No document of the workspace {workspace} is in this report."), 40);
    };
    let documents = say::count(content.documents.len() as u64, "document");
    let (first, last) = (say::date(first), say::date(last));
    let when = if first == last { format!("on {first}") } else { format!("between {first} and {last}") };
    breakable(&format!("This report covers {documents} of the workspace {workspace}, added {when}."), 40)
}

fn key_figures(content: &ReportContent) -> Vec<Figure> {
    let figures = &content.figures;
    let (size, unit) = say::size(figures.bytes);
    let plain = |label, value| Figure { label, value: say::number(value), unit: "" };
    vec![
        plain("Documents", figures.documents),
        plain("Pages", figures.pages),
        plain("Words", figures.words),
        Figure { label: "Size of the originals", value: size, unit },
    ]
}

fn section(document: &ReportedDocument, all: &[ReportedDocument]) -> Section {
    let title = or(short(&document.title, TITLE_CHARACTERS), "Untitled");
    Section {
        title: breakable(&title, 20),
        facts: facts(document),
        share: charts::share_of(document, all),
        excerpts: document.excerpts.iter().map(|excerpt| quote(excerpt, document)).collect(),
    }
}

fn facts(document: &ReportedDocument) -> Vec<Fact> {
    let text = |text: &str, max| Some(short(text, max)).filter(|text| !text.is_empty());
    let rows = [
        ("File", Some(short_name(&document.file_name, FILE_NAME_CHARACTERS))),
        ("Format", text(&document.format, 40)),
        ("Author", document.author.as_deref().and_then(|author| text(author, 120))),
        ("Language", document.language.as_deref().and_then(|language| text(language, 40))),
        ("Created", document.created_at.map(say::date)),
        ("Added", Some(say::date(document.added_at))),
        ("Pages", (document.pages > 0).then(|| say::number(document.pages.into()))),
        ("Words", (document.words > 0).then(|| say::number(document.words))),
        ("Size", Some(say::size_text(document.bytes))),
    ];
    let row = |(label, value): (_, Option<String>)| Some(Fact { label, value: breakable(&value?, 24) });
    rows.into_iter().filter_map(row).collect()
}

fn quote(excerpt: &Excerpt, document: &ReportedDocument) -> Quote {
    let run = |run: &Segment| Segment { text: breakable(&clean(&run.text), 40), hit: run.hit };
    Quote {
        page: if excerpt.page > 0 { format!("Page {}", say::number(excerpt.page.into())) } else { String::new() },
        lang: language::code(document.language.as_deref()),
        segments: excerpt.segments.iter().map(run).collect(),
    }
}

fn sources_note(content: &ReportContent) -> String {
    if content.documents.is_empty() {
        return "This report has no sources.".to_owned();
    }
    "The SHA-256 of each original, as it was stored when this report was made. Computing it again shows whether a file \
     has changed since."
        .to_owned()
}

fn source((index, document): (usize, &ReportedDocument)) -> Source {
    Source {
        number: (index + 1).to_string(),
        name: breakable(&short_name(&document.file_name, FILE_NAME_CHARACTERS), 18),
        size: say::size_text(document.bytes),
        sha256: short(&document.sha256, 64),
    }
}
