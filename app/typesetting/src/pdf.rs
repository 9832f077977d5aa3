//! Writing the PDF: tagged, dated by the content, in the strictest standard that it can meet.

use chrono::{DateTime, Datelike, Timelike, Utc};
use domain::reports::content::ReportContent;
use typst::foundations::{Datetime, Smart};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp, pdf};

use crate::{TypesetError, messages};

/// The bytes of the file, and whether it is PDF/A-2a and PDF/UA-1.
///
/// Both forbid a character without a glyph, and a report in a script that no font has must come out all the same, so
/// what cannot conform is written as plain tagged PDF.
pub(crate) fn export(document: &PagedDocument, content: &ReportContent) -> Result<(Vec<u8>, bool), TypesetError> {
    let archival = PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1]).expect("these two go together");
    if let Ok(bytes) = pdf(document, &options(content, archival)) {
        return Ok((bytes, true));
    }
    match pdf(document, &options(content, PdfStandards::default())) {
        Ok(bytes) => Ok((bytes, false)),
        Err(errors) => Err(TypesetError::Export(messages(&errors).join("; "))),
    }
}

fn options(content: &ReportContent, standards: PdfStandards) -> PdfOptions {
    let ReportContent { workspace, title, made_at, .. } = content;
    PdfOptions {
        ident: Smart::Custom(format!("sheaf report\n{workspace}\n{title}\n{}", made_at.to_rfc3339())),
        creator: Smart::Custom(Some("Sheaf".to_owned())),
        timestamp: timestamp(made_at),
        standards,
        ..PdfOptions::default()
    }
}

/// `None` for a year that a PDF cannot name.
fn timestamp(moment: &DateTime<Utc>) -> Option<Timestamp> {
    let part = |number: u32| u8::try_from(number).ok();
    let date = Datetime::from_ymd_hms(
        moment.year(),
        part(moment.month())?,
        part(moment.day())?,
        part(moment.hour())?,
        part(moment.minute())?,
        part(moment.second())?,
    )?;
    (0..=9999).contains(&moment.year()).then(|| Timestamp::new_utc(date))
}
