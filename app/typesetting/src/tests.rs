//! What stands on the pages: these tests lay a report out and read its text back.

use chrono::{DateTime, TimeDelta, Utc};
use domain::reports::content::{Bar, Excerpt, Figures, ReportContent, ReportedDocument, Segment};
use typst::layout::{Frame, FrameItem};

use crate::{Fonts, MAX_DOCUMENTS, MAX_EXCERPT_CHARACTERS, TypesetError, lay_out, typeset};

fn made_at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_773_480_600, 0).expect("14 March 2026, 09:30")
}

fn document(number: i64) -> ReportedDocument {
    let run = |text: &str, hit| Segment { text: text.to_owned(), hit };
    ReportedDocument {
        title: format!("Agreement {number}"),
        file_name: format!("agreement-{number}.pdf"),
        format: "PDF".to_owned(),
        author: Some("Bob".to_owned()),
        language: Some("English".to_owned()),
        created_at: None,
        added_at: made_at() - TimeDelta::days(number),
        pages: 12,
        words: 4_312,
        bytes: 1_400_000,
        sha256: format!("{number:064x}"),
        excerpts: vec![Excerpt {
            page: 3,
            segments: vec![run("The ", false), run("invoice", true), run(" is due.", false)],
        }],
    }
}

/// A small report that uses every part of the template.
pub(crate) fn sample() -> ReportContent {
    let bars = |label: &str| vec![Bar { label: label.to_owned(), value: 3.0 }];
    ReportContent {
        title: "Supplier contracts".to_owned(),
        workspace: "Acme".to_owned(),
        author: "Ada".to_owned(),
        made_at: made_at(),
        scope: "Search: invoice type:pdf".to_owned(),
        documents: (1..=3).map(document).collect(),
        figures: Figures {
            documents: 3,
            pages: 36,
            words: 12_936,
            bytes: 4_200_000,
            by_format: bars("PDF"),
            by_month: bars("Mar 2026"),
            pages_by_document: bars("Agreement 1"),
            words_by_document: bars("Agreement 2"),
        },
    }
}

/// The text of each page, in reading order, without the spaces, which the typesetter does not keep.
fn pages(content: &ReportContent) -> Vec<String> {
    let (document, warnings) = lay_out(content, Fonts::embedded()).expect("the report can be laid out");
    assert_eq!(warnings, Vec::<String>::new());
    document
        .pages()
        .iter()
        .map(|page| {
            let mut text = String::new();
            collect(&page.frame, &mut text);
            squeezed(&text)
        })
        .collect()
}

fn collect(frame: &Frame, text: &mut String) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Text(run) => text.push_str(&run.text),
            FrameItem::Group(group) => collect(&group.frame, text),
            _ => {}
        }
    }
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn assert_says(pages: &[String], phrase: &str) {
    let phrase = squeezed(phrase);
    assert!(pages.iter().any(|page| page.contains(&phrase)), "{phrase} is on none of {pages:#?}");
}

#[test]
fn every_part_is_on_its_page() {
    let pages = pages(&sample());
    for said in ["Sheaf", "Supplier contracts", "Acme", "Search: invoice type:pdf", "Ada", "14 March 2026, 09:30 UTC"] {
        assert!(pages[0].contains(&squeezed(said)), "{said} is not on the cover: {}", pages[0]);
    }
    assert!(pages[1].contains("Contents") && pages[1].contains("Agreement3"), "{}", pages[1]);
    for said in ["12,936", "4.2 MB", "Documents by format", "Documents by month added", "Words by document"] {
        assert!(pages[2].contains(&squeezed(said)), "{said} is not in the summary: {}", pages[2]);
    }
    for said in ["agreement-2.pdf", "4,312", "1.4 MB", "Page 3", "The invoice is due.", "33%", "Share of this report"] {
        assert_says(&pages[3..], said);
    }
    assert!(pages.last().is_some_and(|last| last.contains(&format!("{:064x}", 3))), "{pages:#?}");
}

#[test]
fn the_contents_name_the_page_of_each_section() {
    let pages = pages(&sample());
    let start = pages.iter().rposition(|page| page.contains("Appendix:sources")).expect("there is an appendix");
    assert!(pages[1].contains(&format!("Appendix:sources\u{200E}{}", start + 1)), "{}", pages[1]);
}

#[test]
fn text_of_a_person_is_never_markup() {
    let hostile =
        "#read(\"/etc/passwd\") *bold* _it_ $x^2$ \\ <label> @ref = Heading `raw` // gone /* gone */ [x]{y} ~ --";
    let mut content = sample();
    (content.title, content.workspace, content.author) = (hostile.to_owned(), hostile.to_owned(), hostile.to_owned());
    content.scope = hostile.to_owned();
    content.documents[0].title = hostile.to_owned();
    content.documents[0].file_name = hostile.to_owned();
    content.documents[0].excerpts[0].segments[1].text = hostile.to_owned();
    content.figures.by_format[0].label = hostile.to_owned();
    let pages = pages(&content);
    assert_eq!(pages[0].matches(&squeezed(hostile)).count(), 4, "{}", pages[0]);
    assert_says(&pages[1..2], hostile);
    assert_eq!(pages[3].matches(&squeezed(hostile)).count(), 3, "{}", pages[3]);
    assert!(!pages.concat().contains("root:"));
}

#[test]
fn invisible_and_turning_characters_are_gone() {
    let mut content = sample();
    content.documents[0].title = "in\0voice\u{202E}fdp\u{2066}.exe\u{0007}".to_owned();
    content.documents[1].title = "\0\u{200F}".to_owned();
    let pages = pages(&content);
    assert_says(&pages, "invoicefdp.exe");
    assert_says(&pages, "Untitled");
    assert!(!pages.concat().contains(['\0', '\u{202E}', '\u{2066}', '\u{0007}']));
}

#[test]
fn nothing_runs_over_the_edge_however_long_a_word_is() {
    let mut content = sample();
    for word in ["M".repeat(10_000), "ab_c-d.e".repeat(1_000), "mmmmm ".repeat(2_000)] {
        (content.title, content.workspace, content.author) = (word.clone(), word.clone(), word.clone());
        content.documents[0].title = word.clone();
        content.documents[0].file_name = word.clone();
        content.documents[0].excerpts[0].segments[0].text = word.clone();
        content.figures.by_format[0].label = word.clone();
        let (document, _) = lay_out(&content, Fonts::embedded()).expect("the report can be laid out");
        for (index, page) in document.pages().iter().enumerate() {
            let right = rightmost(&page.frame, 0.0, None);
            // The margin on the right is 27 mm, 76.5 points; half a point is rounding.
            let edge = page.frame.width().to_pt() - 76.5 + 0.5;
            assert!(right <= edge, "page {} has text at {right} beyond {edge}", index + 1);
        }
    }
}

/// Where the text that ends farthest to the right ends, in points. What a clipping box hides does not count.
fn rightmost(frame: &Frame, left: f64, clip: Option<f64>) -> f64 {
    let ends = frame.items().map(|(place, item)| match item {
        FrameItem::Text(run) => (left + place.x.to_pt() + run.width().to_pt()).min(clip.unwrap_or(f64::MAX)),
        FrameItem::Group(group) => {
            let inner = left + place.x.to_pt();
            let clip = if group.clip.is_some() { Some(inner + group.frame.width().to_pt()) } else { clip };
            rightmost(&group.frame, inner, clip)
        }
        _ => 0.0,
    });
    ends.fold(0.0, f64::max)
}

#[test]
fn a_report_without_documents_says_so() {
    let mut content = sample();
    content.documents.clear();
    content.figures = Figures::default();
    let pages = pages(&content);
    assert_says(&pages, "No document of the workspace Acme is in this report.");
    assert_says(&pages, "This report has no sources.");
    assert!(typeset(&content).expect("an empty report is a report").archival);
}

#[test]
fn five_hundred_documents_are_all_listed_under_a_repeated_header() {
    let mut content = sample();
    content.documents = (1..=500).map(document).collect();
    let pages = pages(&content);
    let appendix = pages.iter().rposition(|page| page.contains("Appendix:sources")).expect("there is an appendix");
    assert!(pages.len() - appendix > 5, "{} pages of sources", pages.len() - appendix);
    assert!(pages[appendix..].iter().all(|page| page.contains("No.SourceSizeSHA-256")));
    for number in [1, 250, 500] {
        assert_says(&pages[appendix..], &format!("{number:064x}"));
    }
}

#[test]
fn too_much_is_refused() {
    let mut content = sample();
    content.documents[0].excerpts[0].segments[0].text = "x".repeat(MAX_EXCERPT_CHARACTERS + 1);
    assert!(matches!(typeset(&content), Err(TypesetError::TooMuchText(_))));
    content.documents = vec![document(1); MAX_DOCUMENTS + 1];
    assert!(matches!(typeset(&content), Err(TypesetError::TooManyDocuments(_))));
}
