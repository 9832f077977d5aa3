//! Small PDFs written by hand, read in a locked child.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::time::Duration;

use domain::documents::Format;
use domain::documents::reading::{Facts, Failure, ImageSize, PageImage, ReadEvent, ReadRequest, Word};

use crate::process::{self, Outcome};

/// Far more than the CPU time a child has for a page, as other tests run beside.
const PATIENCE: Duration = Duration::from_secs(240);

/// Objects numbered from 1 as a whole file, with the table of their places.
fn file(objects: &[String], trailer: &str) -> Vec<u8> {
    let mut file = String::from("%PDF-1.7\n");
    let mut places = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        places.push(file.len());
        file.push_str(&format!("{} 0 obj\n{object}\nendobj\n", index + 1));
    }
    let table = file.len();
    file.push_str(&format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1));
    for place in places {
        file.push_str(&format!("{place:010} 00000 n \n"));
    }
    file.push_str(&format!("trailer\n<< /Size {} {trailer} >>\nstartxref\n{table}\n%%EOF\n", objects.len() + 1));
    file.into_bytes()
}

fn stream(content: &str) -> String {
    format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len())
}

/// Two pages, the second turned by 90 degrees with its text turned back; a title; an outline whose second entry leads
/// back to the first.
fn two_pages() -> Vec<u8> {
    let upright = "BT /F1 20 Tf 100 700 Td (Hello Ada) Tj 0 -30 Td (second) Tj ET";
    let sideways = "BT /F1 20 Tf 0 1 -1 0 100 200 Tm (Hello Ada) Tj 0 -30 Td (second) Tj ET";
    let page = |content: u8, extra: &str| {
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {content} 0 R /Resources << /Font << /F1 6 0 R >> >> \
             {extra} >>"
        )
    };
    file(
        &[
            "<< /Type /Catalog /Pages 2 0 R /Outlines 8 0 R >>".to_owned(),
            "<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>".to_owned(),
            page(5, ""),
            page(12, "/Rotate 90"),
            stream(upright),
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
            "<< /Title (Plan) /Author (Ada) /CreationDate (D:20260131100000Z) >>".to_owned(),
            "<< /Type /Outlines /First 9 0 R /Last 10 0 R >>".to_owned(),
            "<< /Title (One) /Parent 8 0 R /Next 10 0 R /Dest [3 0 R /Fit] >>".to_owned(),
            "<< /Title (Two) /Parent 8 0 R /Next 9 0 R /First 11 0 R /Dest [4 0 R /Fit] >>".to_owned(),
            "<< /Title (Deep) /Parent 10 0 R >>".to_owned(),
            stream(sideways),
        ],
        "/Root 1 0 R /Info 7 0 R",
    )
}

fn read(bytes: &[u8], request: &ReadRequest, output: &Path) -> Outcome {
    let input = output.join("input.pdf");
    fs::write(&input, bytes).expect("it can be written");
    process::read(request, &input, output, PATIENCE)
}

fn failure(bytes: &[u8]) -> Option<Failure> {
    let folder = tempfile::tempdir().expect("a folder");
    read(bytes, &process::request(Format::Pdf), folder.path()).failure()
}

fn facts(outcome: &Outcome) -> &Facts {
    match outcome.events.first() {
        Some(ReadEvent::Opened(facts)) => facts,
        other => panic!("{other:?}, and on standard error: {}", outcome.errors),
    }
}

#[test]
fn facts_text_and_places() {
    if process::pdfium().is_none() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let outcome = read(&two_pages(), &process::request(Format::Pdf), folder.path());
    let facts = facts(&outcome);
    assert_eq!((facts.title.as_deref(), facts.author.as_deref(), facts.pages), (Some("Plan"), Some("Ada"), 2));
    assert_eq!(facts.created_at.map(|date| date.timestamp()), Some(1_769_853_600));
    let outline: Vec<_> = facts.outline.iter().map(|entry| (entry.title.as_str(), entry.level, entry.page)).collect();
    assert_eq!(outline, [("One", 0, Some(1)), ("Two", 0, Some(2)), ("Deep", 1, None)]);
    let pages: Vec<_> = outcome.pages().collect();
    assert_eq!(
        pages.iter().map(|page| (page.width, page.height)).collect::<Vec<_>>(),
        [(600.0, 800.0), (800.0, 600.0)]
    );
    assert_eq!(pages.iter().map(|page| page.text.as_str()).collect::<Vec<_>>(), ["Hello Ada\nsecond"; 2]);
    let upright = &pages[0].words[0];
    assert!(is_near(upright, 100.0, 80.0, 45.0, 28.0), "{upright:?}");
    // 200 points above the bottom of the page as it lies are 200 points from the left of the page as it is shown.
    let turned = &pages[1].words[0];
    assert!(is_near(turned, 200.0, 80.0, 45.0, 28.0), "{turned:?}");
    assert_eq!(outcome.events.last(), Some(&ReadEvent::Finished));
}

/// Within ten points, as the height of a font is a matter of opinion.
fn is_near(word: &Word, x: f32, y: f32, width: f32, height: f32) -> bool {
    [(word.x, x), (word.y, y), (word.width, width), (word.height, height)]
        .iter()
        .all(|(is, say)| (is - say).abs() < 10.0)
}

#[test]
fn a_resumed_request_begins_in_the_middle() {
    if process::pdfium().is_none() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let request = ReadRequest { first_page: 2, ..process::request(Format::Pdf) };
    let outcome = read(&two_pages(), &request, folder.path());
    assert_eq!(facts(&outcome).pages, 2);
    assert_eq!(outcome.pages().map(|page| page.number).collect::<Vec<_>>(), [2]);
}

#[test]
fn every_page_has_an_image_and_a_thumbnail() {
    if process::pdfium().is_none() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let request = ReadRequest { images: true, ..process::request(Format::Pdf) };
    let outcome = read(&two_pages(), &request, folder.path());
    let images: Vec<&PageImage> = outcome
        .events
        .iter()
        .filter_map(|event| match event {
            ReadEvent::Image(image) => Some(image),
            _ => None,
        })
        .collect();
    let size = |image: &PageImage| {
        let bytes = fs::read(folder.path().join(&image.file)).expect("it was written");
        assert_eq!(&bytes[..8], b"\x89PNG\r\n\x1a\n");
        let side = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
        (image.number, image.size, side(16), side(20))
    };
    assert_eq!(
        images.into_iter().map(size).collect::<Vec<_>>(),
        [
            (1, ImageSize::Page, 1_400, 1_867),
            (1, ImageSize::Thumbnail, 240, 320),
            (2, ImageSize::Page, 1_400, 1_050),
            (2, ImageSize::Thumbnail, 240, 180),
        ]
    );
}

#[test]
fn what_cannot_be_read_says_why() {
    if process::pdfium().is_none() {
        return;
    }
    assert_eq!(failure(b""), Some(Failure::Empty));
    assert_eq!(failure(b"not a PDF"), Some(Failure::Damaged));
    let objects = ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [] /Count 0 >>"].map(str::to_owned);
    assert_eq!(failure(&file(&objects, "/Root 1 0 R")), Some(Failure::Empty));
}

#[test]
fn a_form_that_draws_itself_runs_out_of_memory_and_ends() {
    if process::pdfium().is_none() {
        return;
    }
    let form = "/X Do /X Do";
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>"
            .to_owned(),
        stream("/X Do"),
        format!(
            "<< /Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources << /XObject << /X 5 0 R >> >> /Length {} >>\n\
             stream\n{form}\nendstream",
            form.len()
        ),
    ];
    let folder = tempfile::tempdir().expect("a folder");
    let outcome = read(&file(&objects, "/Root 1 0 R"), &process::request(Format::Pdf), folder.path());
    assert_ne!(outcome.status.signal(), Some(9), "only the clock stopped it");
    assert!(matches!(outcome.failure(), None | Some(Failure::TooLarge | Failure::TooSlow)), "{:?}", outcome.status);
}

#[test]
fn a_missing_library_is_no_fault_of_the_document() {
    let folder = tempfile::tempdir().expect("a folder");
    let input = folder.path().join("input.pdf");
    fs::write(&input, two_pages()).expect("it can be written");
    let stop = reading::prepare_pdfium(Some(&folder.path().join("nowhere.so"))).expect_err("it is not there");
    assert!(matches!(stop, reading::Stop::Operator(_)));
}
