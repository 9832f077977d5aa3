//! A report as its callers make it: the bytes of the PDF, and the process that writes one.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use domain::reports::content::{Bar, Excerpt, Figures, ReportContent, ReportedDocument, Segment};
use typesetting::{Fonts, run_child, run_child_with, typeset, typeset_with};

fn made_at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_773_480_600, 0).expect("14 March 2026, 09:30")
}

fn content(title: &str, said: &str) -> ReportContent {
    let document = |number: u8| ReportedDocument {
        title: format!("{title} {number}"),
        file_name: format!("file-{number}.pdf"),
        format: "PDF".to_owned(),
        author: None,
        language: None,
        created_at: Some(made_at()),
        added_at: made_at(),
        pages: 2,
        words: 640,
        bytes: 90_000,
        sha256: format!("{number:064x}"),
        excerpts: vec![Excerpt { page: 1, segments: vec![Segment { text: said.to_owned(), hit: number == 1 }] }],
    };
    let bars = vec![Bar { label: "PDF".to_owned(), value: 2.0 }];
    ReportContent {
        title: title.to_owned(),
        workspace: "Acme".to_owned(),
        author: "Ada".to_owned(),
        made_at: made_at(),
        scope: "2 chosen documents".to_owned(),
        documents: vec![document(1), document(2)],
        figures: Figures {
            documents: 2,
            pages: 4,
            words: 1_280,
            bytes: 180_000,
            by_format: bars,
            ..Figures::default()
        },
    }
}

fn contains(pdf: &[u8], needle: &str) -> bool {
    pdf.windows(needle.len()).any(|window| window == needle.as_bytes())
}

#[test]
fn the_same_content_gives_the_same_bytes_and_another_moment_gives_others() {
    let mut content = content("Report", "said");
    let first = typeset(&content).expect("a report");
    assert_eq!(first, typeset(&content).expect("a report"));
    content.made_at += chrono::TimeDelta::days(1);
    assert_ne!(first.pdf, typeset(&content).expect("a report").pdf);
}

#[test]
fn the_file_is_archival_tagged_titled_and_dated_by_its_content() {
    let report = typeset(&content("Supplier contracts", "said")).expect("a report");
    assert!(report.archival);
    assert!(report.pages >= 5, "{} pages", report.pages);
    assert!(report.pdf.starts_with(b"%PDF-1.7"));
    for part in ["pdfaid:part>2<", "pdfaid:conformance>A<", "pdfuaid:part>1<", "2026-03-14T09:30:00", ">Ada<"] {
        assert!(contains(&report.pdf, part), "{part} is not in the file's metadata");
    }
    assert!(contains(&report.pdf, "Supplier contracts") && contains(&report.pdf, "/Lang"));
}

#[test]
fn a_script_without_a_font_does_not_stop_a_report() {
    let report = typeset(&content("四半期報告", "ข้อความ")).expect("a report");
    assert!(!report.archival);
    assert!(report.pdf.starts_with(b"%PDF-1.7") && contains(&report.pdf, "/StructTreeRoot"));
}

#[test]
fn what_is_no_font_in_a_folder_of_fonts_is_passed_over() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("broken.ttf"), b"not a font").expect("a file");
    fs::write(folder.path().join("readme.txt"), b"no font either").expect("a file");
    let fonts = Fonts::with_folder(folder.path()).expect("the folder can be read");
    let content = content("Report", "said");
    assert_eq!(typeset_with(&content, &fonts).expect("a report"), typeset(&content).expect("a report"));
    assert!(Fonts::with_folder(Path::new("/no/such/folder")).is_err());
}

#[test]
fn the_child_writes_the_report_and_says_by_its_exit_code_when_it_cannot() {
    let folder = tempfile::tempdir().expect("a folder");
    let (input, output) = (folder.path().join("content.json"), folder.path().join("report.pdf"));
    let content = content("Report", "said");

    assert_eq!(run_child(&input, &output), ExitCode::FAILURE);
    fs::write(&input, b"{\"title\": 1}").expect("a file");
    assert_eq!(run_child(&input, &output), ExitCode::FAILURE);
    assert!(!output.exists());

    fs::write(&input, serde_json::to_vec(&content).expect("JSON")).expect("a file");
    assert_eq!(run_child_with(&input, &output, Some(&folder.path().join("no-fonts"))), ExitCode::FAILURE);
    assert_eq!(run_child(&input, &output), ExitCode::SUCCESS);
    assert_eq!(fs::read(&output).expect("the report"), typeset(&content).expect("a report").pdf);
}
