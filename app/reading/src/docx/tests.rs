use std::io::{Cursor, Write};

use domain::documents::reading::Failure;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::*;
use crate::prose::tests_support::pages;

const W: &str = r#"xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main""#;

fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).expect("memory takes it");
        zip.write_all(content.as_bytes()).expect("memory takes it");
    }
    zip.finish().expect("memory takes it").into_inner()
}

fn document(body: &str) -> Vec<u8> {
    archive(&[("word/document.xml", &format!("<w:document {W}><w:body>{body}</w:body></w:document>"))])
}

fn failure(bytes: Vec<u8>) -> Failure {
    match read(bytes) {
        Err(Stop::Document { reason, .. }) => reason,
        other => panic!("expected a refusal, not {:?}", other.map(pages)),
    }
}

#[test]
fn paragraphs_tables_and_references_are_text() {
    let read = read(document(
        "<w:p><w:r><w:t>Tom &amp; J&#233;r&#xF4;me</w:t><w:tab/><w:t>tab</w:t><w:br/><w:t>line</w:t></w:r></w:p>\
         <w:p><w:del><w:r><w:t>gone</w:t></w:r></w:del><w:r><w:instrText>PAGE</w:instrText><w:t>kept</w:t></w:r></w:p>\
         <w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p><w:p><w:r><w:t>b</w:t></w:r></w:p></w:tc>\
         <w:tc><w:tbl><w:tr><w:tc><w:p><w:r><w:t>in</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:tc></w:tr></w:tbl>",
    ))
    .expect("it is DOCX");
    assert_eq!(pages(read), ["Tom & J\u{e9}r\u{f4}me\ttab\nline\n\nkept\n\na b\tin"]);
}

#[test]
fn a_text_box_is_read_once() {
    let read = read(document(
        "<w:p><w:r><w:t>around</w:t></w:r><AlternateContent><Choice><txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p>\
         </txbxContent></Choice><Fallback><w:p><w:r><w:t>box</w:t></w:r></w:p></Fallback></AlternateContent></w:p>",
    ))
    .expect("it is DOCX");
    assert_eq!(pages(read), ["box\n\naround"]);
}

#[test]
fn headings_and_properties_are_found() {
    let styles = format!(
        "<w:styles {W}><w:style w:styleId=\"berschrift1\"><w:name w:val=\"heading 1\"/></w:style>\
         <w:style w:styleId=\"Eigen\"><w:name w:val=\"Eigen\"/><w:basedOn w:val=\"berschrift1\"/></w:style></w:styles>"
    );
    let heading = |style: &str, text: &str| {
        format!("<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>")
    };
    let body = [heading("berschrift1", "One"), heading("Heading2", "Two"), heading("Eigen", "Three")].concat();
    let core = "<c xmlns:dc=\"x\"><dc:title>Plan &amp; cost</dc:title><dc:creator>Ada</dc:creator>\
                <dcterms:created>2026-01-31T10:00:00Z</dcterms:created></c>";
    let prose = read(archive(&[
        ("_rels/.rels", "<r><Relationship Type=\"http://x/officeDocument\" Target=\"/word/document2.xml\"/></r>"),
        ("word/document2.xml", &format!("<w:document {W}>{body}</w:document>")),
        ("word/styles.xml", &styles),
        ("docProps/core.xml", core),
    ]))
    .expect("it is DOCX");
    assert_eq!(prose.facts.title.as_deref(), Some("Plan & cost"));
    assert_eq!(prose.facts.author.as_deref(), Some("Ada"));
    assert_eq!(prose.facts.created_at.map(|date| date.timestamp()), Some(1_769_853_600));
    let outline: Vec<_> = prose.facts.outline.iter().map(|entry| (entry.title.as_str(), entry.level)).collect();
    assert_eq!(outline, [("One", 0), ("Two", 1), ("Three", 0)]);
}

#[test]
fn entities_are_never_expanded() {
    let bytes = archive(&[(
        "word/document.xml",
        &format!(
            "<!DOCTYPE d [<!ENTITY a \"boom\"><!ENTITY b \"&a;&a;\"><!ENTITY x SYSTEM \"file:///etc/passwd\">]>\
             <w:document {W}><w:p><w:r><w:t>safe&b;&x;</w:t></w:r></w:p></w:document>"
        ),
    )]);
    assert_eq!(pages(read(bytes).expect("it is DOCX")), ["safe"]);
}

#[test]
fn bombs_are_refused() {
    assert_eq!(failure(document(&format!("<w:p><w:r><w:t>{}", "a".repeat(70 << 20)))), Failure::TooLarge);
    assert_eq!(failure(document(&"<w:sdt>".repeat(5_000))), Failure::TooLarge);
    let many: Vec<String> = (0..2_100).map(|number| format!("{number}.xml")).collect();
    let parts: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "")).collect();
    assert_eq!(failure(archive(&parts)), Failure::TooLarge);
}

#[test]
fn what_is_no_document_is_damaged_or_encrypted() {
    assert_eq!(failure(b"PK\x03\x04 not really".to_vec()), Failure::Damaged);
    assert_eq!(failure(archive(&[("xl/workbook.xml", "<x/>")])), Failure::Damaged);
    assert_eq!(failure(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....".to_vec()), Failure::PasswordProtected);
}
