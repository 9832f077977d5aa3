//! All that the template can see: its own files and the content. Everything else does not exist.

use chrono::{DateTime, Datelike, Utc};
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Feature, Library, LibraryExt, World};

use crate::fonts::Fonts;
use crate::view::Report;

const MAIN: &str = "/report.typ";
const DATA: &str = "/content.json";
const TEMPLATE: [(&str, &str); 5] = [
    (MAIN, include_str!("templates/report.typ")),
    ("/style.typ", include_str!("templates/style.typ")),
    ("/cover.typ", include_str!("templates/cover.typ")),
    ("/charts.typ", include_str!("templates/charts.typ")),
    ("/sections.typ", include_str!("templates/sections.typ")),
];

pub(crate) struct ReportWorld<'a> {
    library: LazyHash<Library>,
    fonts: &'a Fonts,
    sources: Vec<Source>,
    data: Bytes,
    made_at: DateTime<Utc>,
}

impl<'a> ReportWorld<'a> {
    pub(crate) fn new(report: &Report, made_at: DateTime<Utc>, fonts: &'a Fonts) -> Self {
        // Row headers of a table are behind this feature; without them a table of facts is not accessible.
        let features = [Feature::A11yExtras].into_iter().collect();
        Self {
            library: LazyHash::new(Library::builder().with_features(features).build()),
            fonts,
            sources: TEMPLATE.map(|(path, text)| Source::new(file_id(path), text.to_owned())).into(),
            data: Bytes::new(serde_json::to_vec(report).expect("a report of strings and numbers is always JSON")),
            made_at,
        }
    }
}

impl World for ReportWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.store().book()
    }

    fn main(&self) -> FileId {
        file_id(MAIN)
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.sources.iter().find(|source| source.id() == id).cloned().ok_or_else(|| not_found(id))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == file_id(DATA) { Ok(self.data.clone()) } else { Err(not_found(id)) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.store().font(index)
    }

    /// The day the report was asked for.
    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        let day = self.made_at.date_naive();
        Datetime::from_ymd(day.year(), u8::try_from(day.month()).ok()?, u8::try_from(day.day()).ok()?)
    }
}

fn file_id(path: &str) -> FileId {
    let path = VirtualPath::new(path).expect("the paths of the template are fixed and valid");
    FileId::new(RootedPath::new(VirtualRoot::Project, path))
}

fn not_found(id: FileId) -> FileError {
    FileError::NotFound(id.get().vpath().get_with_slash().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::sample;

    #[test]
    fn only_the_template_and_the_content_exist() {
        let content = sample();
        let world = ReportWorld::new(&Report::new(&content), content.made_at, Fonts::embedded());
        assert!(world.source(world.main()).is_ok());
        assert!(world.file(file_id(DATA)).is_ok());
        for path in ["/etc/passwd", "/templates/report.typ", "/src/lib.rs", "/Cargo.toml"] {
            assert!(world.file(file_id(path)).is_err(), "{path}");
            assert!(world.source(file_id(path)).is_err(), "{path}");
        }
    }
}
