//! Reading a document: from the store through a reader into pages, kept as they come, so that a crash costs a few pages and
//! not the document.

use std::path::{Path, PathBuf};

use futures::{StreamExt, TryStreamExt};
use serde_json::json;

use super::{
    DocumentState, credits, process,
    reader::Reader,
    reading::{Facts, Failure, PageImage, PageRead, ReadEvent, ReadRequest},
    share::announce,
    store::{self, PageRow},
};
use crate::{
    actor::System,
    billing,
    error::{Error, Result},
    files,
    id::DocumentId,
    metrics,
    queue::{JobContext, JobError, Progress},
    search::{Language, tokens},
    tenants,
};

/// Pages that are kept together: one transaction and one announcement for all of them.
const BATCH_PAGES: usize = 16;

/// Page images that are stored at the same time.
const UPLOADS_IN_FLIGHT: usize = 8;

/// How often it is told how far the reading is.
const TOLD_EVERY: std::time::Duration = std::time::Duration::from_secs(1);

/// Characters from which the language is guessed.
const LANGUAGE_SAMPLE: usize = 6_000;

/// Reads a document from its first unread page and keeps what can be read. What is wrong with the file is told in the
/// document's state and is no failure of the job; what is wrong with us is, and is tried again.
pub async fn read_document(context: &JobContext, id: DocumentId) -> Result<(), JobError> {
    let mut reading = match Reading::begin(context, id).await? {
        Some(reading) => reading,
        // Deleted meanwhile, in the trash, or waiting for credits.
        None => return Ok(()),
    };
    tokio::select! {
        read = reading.run() => read?,
        () = context.cancelled() => return Err(JobError::cancelled()),
    }
    Ok(())
}

/// Tells that a document could not be read, when its job has failed for good: a fault of ours, and not of the file.
pub(super) async fn give_up_reading(context: &JobContext, id: DocumentId) -> Result<()> {
    let services = &context.services;
    let mut tx = services.db.tenant(&System::for_tenant(context.tenant)).await?;
    process::reading_crashed(services, &mut tx, id).await?;
    billing::release(&mut tx, id).await?;
    tx.commit().await
}

/// Tells that nothing more of a document is read, when its job was cancelled while it ran. What was read is kept.
pub(super) async fn call_off_reading(context: &JobContext, id: DocumentId) -> Result<()> {
    let services = &context.services;
    let mut tx = services.db.tenant(&System::for_tenant(context.tenant)).await?;
    process::reading_cancelled(services, &mut tx, id).await?;
    billing::release(&mut tx, id).await?;
    tx.commit().await
}

struct Reading<'a> {
    context: &'a JobContext,
    id: DocumentId,
    /// As it was told before a crash.
    language: Option<Language>,
    /// What was read first, from which the language is guessed: a cover alone has too few words.
    sample: String,
    /// What it is taken for where no language can be told.
    default_language: Option<Language>,
    request: ReadRequest,
    /// What is kept is of an earlier reading.
    is_anew: bool,
    bytes: i64,
    object_key: String,
    folder: tempfile::TempDir,
    pages: Vec<PageRow>,
    images: Vec<PageImage>,
    /// Pages that are kept by now, or are about to be.
    kept: u64,
    /// Pages that there are to read; none before the document is open.
    of: Option<u64>,
    last_batch: tokio::time::Instant,
    last_told: tokio::time::Instant,
    begun: tokio::time::Instant,
}

impl<'a> Reading<'a> {
    async fn begin(context: &'a JobContext, id: DocumentId) -> Result<Option<Self>> {
        let services = &context.services;
        let mut tx = services.db.tenant(&System::for_tenant(context.tenant)).await?;
        let Some(start) = store::begin_reading(&mut tx, id).await? else {
            // Whoever takes it out of the trash finds that it was not read, and may have it read then.
            process::reading_cancelled(services, &mut tx, id).await?;
            billing::release(&mut tx, id).await?;
            tx.commit().await?;
            return Ok(None);
        };
        let default_language = tenants::document_language(&mut tx).await?;
        announce(&mut tx, id).await?;
        let cost = credits::cost(start.format, start.bytes, None, services.settings.max_pages);
        let may_begin = credits::reserve(context, &mut tx, id, cost).await?;
        tx.commit().await?;
        if !may_begin {
            return Ok(None);
        }
        let request = ReadRequest {
            format: start.format,
            first_page: start.pages_kept.unsigned_abs() + 1,
            max_pages: services.settings.max_pages,
            images: true,
        };
        Ok(Some(Self {
            context,
            id,
            language: start.language.as_deref().map(Language::from_code),
            sample: String::new(),
            default_language: default_language.as_deref().map(Language::from_code),
            request,
            is_anew: start.is_anew,
            bytes: start.bytes,
            object_key: start.object_key,
            folder: tempfile::tempdir().map_err(|error| Error::unavailable(format!("temporary folder: {error}")))?,
            pages: Vec::new(),
            images: Vec::new(),
            kept: start.pages_kept.unsigned_abs().into(),
            of: None,
            last_batch: tokio::time::Instant::now(),
            last_told: tokio::time::Instant::now(),
            begun: tokio::time::Instant::now(),
        }))
    }

    async fn run(&mut self) -> Result<()> {
        let services = &self.context.services;
        let (input, output) = (self.folder.path().join("input"), self.output());
        std::fs::create_dir(&output).map_err(|error| Error::unavailable(format!("temporary folder: {error}")))?;
        services.files.download(&self.object_key, &input).await?;
        let mut reader = Reader::start(&services.settings, &self.request, &input, &output)?;
        while let Some(event) = reader.next().await? {
            match event {
                ReadEvent::Opened(facts) => {
                    if !self.open(&facts).await? {
                        return Ok(());
                    }
                }
                ReadEvent::Page(page) => self.take(page).await?,
                ReadEvent::PageFailed { number, reason } => self.take_failed(number, reason).await?,
                ReadEvent::Image(image) => self.images.push(image),
                ReadEvent::Finished => {
                    self.keep_batch().await?;
                    return self.finish(DocumentState::Read, None).await;
                }
                ReadEvent::Failed { reason, detail } => {
                    tracing::info!(document.id = %self.id, reason = reason.as_str(), detail, "a document could not be read");
                    self.keep_batch().await?;
                    return self.finish(DocumentState::Unreadable, Some(reason)).await;
                }
            }
        }
        Ok(())
    }

    /// Keeps what the document says of itself, in the place of what was read earlier, and sets aside what its pages cost. False
    /// where it waits for credits from here on.
    async fn open(&mut self, facts: &Facts) -> Result<bool> {
        self.of = Some(facts.pages.min(self.request.max_pages).into());
        let services = &self.context.services;
        let mut tx = services.db.tenant(&System::for_tenant(self.context.tenant)).await?;
        if self.is_anew {
            store::forget_pages(&mut tx, self.id).await?;
        }
        store::set_facts(&mut tx, self.id, facts).await?;
        announce(&mut tx, self.id).await?;
        let pages = i32::try_from(facts.pages).unwrap_or(i32::MAX);
        let cost = credits::cost(self.request.format, self.bytes, Some(pages), self.request.max_pages);
        let may_go_on = credits::reserve(self.context, &mut tx, self.id, cost).await?;
        tx.commit().await?;
        Ok(may_go_on)
    }

    async fn take(&mut self, page: PageRead) -> Result<()> {
        self.make_room().await?;
        self.pages.push(PageRow::read(page));
        Ok(())
    }

    async fn take_failed(&mut self, number: u32, reason: String) -> Result<()> {
        self.make_room().await?;
        self.pages.push(PageRow::failed(number, reason));
        Ok(())
    }

    /// A page begins only when the images of the one before have all been told, so a batch is complete here.
    async fn make_room(&mut self) -> Result<()> {
        let waited = self.last_batch.elapsed() > std::time::Duration::from_millis(400);
        if self.pages.len() >= BATCH_PAGES || (waited && !self.pages.is_empty()) {
            self.keep_batch().await?;
        }
        Ok(())
    }

    async fn keep_batch(&mut self) -> Result<()> {
        if self.pages.is_empty() {
            return Ok(());
        }
        let has_images = !self.images.is_empty();
        self.store_images().await?;
        self.kept += self.pages.len() as u64;
        self.tell().await?;
        let (pages, known, sample) = (std::mem::take(&mut self.pages), self.language, std::mem::take(&mut self.sample));
        // Off the threads that answer requests: pages may be long.
        let prepared = tokio::task::spawn_blocking(move || prepare(pages, known, sample)).await;
        let (pages, sample, language) = prepared.map_err(Error::internal)?;
        self.sample = sample;
        let language = language.or(self.default_language);
        let mut tx = self.context.services.db.tenant(&System::for_tenant(self.context.tenant)).await?;
        store::insert_pages(&mut tx, self.id, &pages, language).await?;
        store::note_progress(&mut tx, self.id, language, has_images).await?;
        announce(&mut tx, self.id).await?;
        tx.commit().await?;
        self.last_batch = tokio::time::Instant::now();
        Ok(())
    }

    /// Says how far it is, once a second: what takes less is over before anybody looks.
    async fn tell(&mut self) -> Result<()> {
        if self.last_told.elapsed() < TOLD_EVERY {
            return Ok(());
        }
        self.last_told = tokio::time::Instant::now();
        let progress = Progress { stage: "pages".into(), done: self.kept, of: self.of };
        self.context.progress(&progress).await
    }

    async fn store_images(&mut self) -> Result<()> {
        let (context, document, folder) = (self.context, self.id, self.output());
        let images = std::mem::take(&mut self.images);
        futures::stream::iter(images)
            .map(|image| store_image(context, document, folder.clone(), image))
            .buffer_unordered(UPLOADS_IN_FLIGHT)
            .try_collect::<()>()
            .await
    }

    async fn finish(&mut self, state: DocumentState, failure: Option<Failure>) -> Result<()> {
        let failure_told = failure.map(Failure::as_str);
        self.context.keep_result(&json!({ "document": self.id, "pages": self.kept, "failure": failure_told }))?;
        let services = &self.context.services;
        let mut tx = services.db.tenant(&System::for_tenant(self.context.tenant)).await?;
        store::finish_reading(&mut tx, self.id, state, failure, services.clock.now()).await?;
        announce(&mut tx, self.id).await?;
        credits::settle(self.context, &mut tx, self.id, failure).await?;
        tx.commit().await?;
        let labels = [("format", self.request.format.as_str()), ("outcome", state.as_str())];
        metrics::READ_SECONDS.took(self.begun.elapsed(), labels);
        Ok(())
    }

    fn output(&self) -> PathBuf {
        self.folder.path().join("output")
    }
}

pub(super) async fn store_image(
    context: &JobContext,
    document: DocumentId,
    folder: PathBuf,
    image: PageImage,
) -> Result<()> {
    // The name comes from the reader, which may have been taken over by the file it reads: only its last part is used.
    let name = Path::new(&image.file).file_name().ok_or_else(|| Error::internal("an image without a name"))?;
    let path = folder.join(name);
    let is_file = tokio::fs::symlink_metadata(&path).await.is_ok_and(|found| found.is_file());
    if !is_file {
        return Err(Error::internal("a reader told of an image that is no file"));
    }
    let io = |error: std::io::Error| Error::unavailable(format!("page image: {error}"));
    let content = tokio::fs::read(&path).await.map_err(io)?;
    tokio::fs::remove_file(&path).await.map_err(io)?;
    let key = files::page_image_key(context.tenant, document, image.number, image.size.as_str());
    context.services.files.put(&key, content.into()).await
}

/// What is indexed of each page, the sample with what these add to it, and the language: the known one, or the one that the sample is
/// written in.
fn prepare(mut pages: Vec<PageRow>, known: Option<Language>, sample: String) -> (Vec<PageRow>, String, Language) {
    let sample = with_more(sample, &pages);
    let language = known.unwrap_or_else(|| Language::detect(&sample));
    for page in &mut pages {
        page.index_text = tokens::index_text(&page.text);
    }
    (pages, sample, language)
}

/// A page ends a word.
fn with_more(mut sample: String, pages: &[PageRow]) -> String {
    let missing = LANGUAGE_SAMPLE.saturating_sub(sample.chars().count());
    sample.extend(pages.iter().flat_map(|page| page.text.chars().chain([' '])).take(missing));
    sample
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_guessed_from_more_than_the_cover() {
        let page = |text: &str| {
            let (number, width, height, words) = (1, 0.0, 0.0, Vec::new());
            vec![PageRow::read(PageRead { number, width, height, text: text.into(), words })]
        };
        let (_, sample, cover) = prepare(page("4711"), None, String::new());
        assert_eq!(cover.code(), None);
        let text = "Der Vertrag wird zwischen den Parteien geschlossen und gilt für drei Jahre. ".repeat(100);
        let (_, sample, inside) = prepare(page(&text), None, sample);
        assert_eq!((inside.code(), sample.chars().count()), (Some("deu"), LANGUAGE_SAMPLE));
        let (_, _, appendix) = prepare(page("The terms and conditions are in the appendix."), None, sample);
        assert_eq!(appendix, inside);
    }
}
