//! A report of about 40 pages with 28 charts, always the same: the content of the benchmark.
//!
//! `bench_report FOLDER [RUNS]` writes `bench-report.json` (the content) and `bench-report.pdf` into the folder, and
//! one line of JSON with the pages and the milliseconds of each run on standard output.

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;
use std::{env, fs, io};

use chrono::{DateTime, TimeDelta, Utc};
use domain::reports::content::{Bar, Excerpt, Figures, ReportContent, ReportedDocument, Segment};
use typesetting::typeset;

const DOCUMENTS: u32 = 24;
const EXCERPTS: u32 = 9;

const WORDS: [&str; 40] = [
    "the",
    "supplier",
    "shall",
    "deliver",
    "goods",
    "within",
    "thirty",
    "days",
    "of",
    "order",
    "and",
    "payment",
    "is",
    "due",
    "on",
    "receipt",
    "a",
    "statement",
    "account",
    "under",
    "section",
    "four",
    "this",
    "agreement",
    "reserve",
    "ratio",
    "interest",
    "committee",
    "reviewed",
    "quarterly",
    "figures",
    "for",
    "each",
    "branch",
    "with",
    "annual",
    "audit",
    "notes",
    "to",
    "capital",
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("usage: bench_report FOLDER [RUNS]")?);
    let runs: u32 = arguments.next().map_or(Ok(1), |runs| runs.parse())?;
    let content = content();
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("bench-report.json"), serde_json::to_vec_pretty(&content)?)?;

    let mut milliseconds = Vec::new();
    let mut pages = 0;
    for _ in 0..runs {
        let start = Instant::now();
        let report = typeset(&content)?;
        milliseconds.push(start.elapsed().as_millis());
        pages = report.pages;
        fs::write(folder.join("bench-report.pdf"), report.pdf)?;
    }
    writeln!(io::stdout(), "{}", serde_json::json!({ "pages": pages, "milliseconds": milliseconds }))?;
    Ok(())
}

fn content() -> ReportContent {
    let mut chance = Chance(20_260_314);
    let documents: Vec<ReportedDocument> = (1..=DOCUMENTS).map(|number| document(number, &mut chance)).collect();
    ReportContent {
        title: "Supplier contracts and statements".to_owned(),
        workspace: "Acme".to_owned(),
        author: "Ada".to_owned(),
        made_at: moment(),
        scope: "Search: payment type:pdf".to_owned(),
        figures: figures(&documents, &mut chance),
        documents,
    }
}

fn moment() -> DateTime<Utc> {
    DateTime::from_timestamp(1_773_480_600, 0).expect("14 March 2026, 09:30")
}

fn document(number: u32, chance: &mut Chance) -> ReportedDocument {
    let name = chance.sentence(4);
    let added_at = moment() - TimeDelta::days(chance.below(700).into());
    ReportedDocument {
        file_name: format!("{number:02}-{}.pdf", name.replace(' ', "-")),
        title: format!("{}{}", name[..1].to_uppercase(), &name[1..]),
        format: "PDF".to_owned(),
        author: Some("Bob".to_owned()),
        language: Some("English".to_owned()),
        created_at: Some(added_at - TimeDelta::days(9)),
        added_at,
        pages: 3 + chance.below(90),
        words: u64::from(900 + chance.below(30_000)),
        bytes: u64::from(40_000 + chance.below(4_000_000)),
        sha256: (0..8).map(|_| format!("{:08x}", chance.next())).collect(),
        excerpts: (0..EXCERPTS).map(|index| excerpt(index, chance)).collect(),
    }
}

fn excerpt(index: u32, chance: &mut Chance) -> Excerpt {
    let plain = |text: String| Segment { text, hit: false };
    let hit = || Segment { text: "payment".to_owned(), hit: true };
    let segments = vec![
        plain(format!("{} ", chance.sentence(24))),
        hit(),
        plain(format!(" {} ", chance.sentence(30))),
        hit(),
        plain(format!(" {}.", chance.sentence(20))),
    ];
    Excerpt { page: index * 3 + 1, segments }
}

fn figures(documents: &[ReportedDocument], chance: &mut Chance) -> Figures {
    let largest = |value: fn(&ReportedDocument) -> f64| {
        let mut bars: Vec<Bar> =
            documents.iter().map(|one| Bar { label: one.title.clone(), value: value(one) }).collect();
        bars.sort_by(|a, b| b.value.total_cmp(&a.value));
        bars.truncate(12);
        bars
    };
    let formats = [("PDF", 17.0), ("Word", 4.0), ("CSV", 2.0), ("Text", 1.0)];
    let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let months = (0..24).map(|month| format!("{} {}", names[month % 12], 2024 + month / 12));
    Figures {
        documents: documents.len() as u64,
        pages: documents.iter().map(|one| u64::from(one.pages)).sum(),
        words: documents.iter().map(|one| one.words).sum(),
        bytes: documents.iter().map(|one| one.bytes).sum(),
        by_format: formats.map(|(label, value)| Bar { label: label.to_owned(), value }).into(),
        by_month: months.map(|label| Bar { label, value: chance.below(6).into() }).collect(),
        pages_by_document: largest(|one| one.pages.into()),
        words_by_document: largest(|one| one.words as f64),
    }
}

/// Numbers that look like chance and are the same on every machine (a linear congruential generator).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 32) as u32
    }

    fn below(&mut self, end: u32) -> u32 {
        self.next() % end
    }

    fn sentence(&mut self, words: u32) -> String {
        let chosen: Vec<&str> = (0..words).map(|_| WORDS[self.below(WORDS.len() as u32) as usize]).collect();
        chosen.join(" ")
    }
}
