//! Drawing the page images of a document whose text is here already: an archive holds no images.

use futures::{StreamExt, TryStreamExt};

use super::{
    Document,
    read::store_image,
    reader::Reader,
    reading::{PageImage, ReadEvent, ReadRequest},
    share::announce,
    store,
};
use crate::{
    error::{Error, ErrorKind, Result},
    files,
    id::DocumentId,
    queue::{JobContext, JobError, Progress},
};

/// Images that are drawn before they are stored, and how many are stored at the same time.
const BATCH_IMAGES: usize = 32;
const UPLOADS_IN_FLIGHT: usize = 8;

/// Draws all pages, and keeps nothing else of what the reader tells. A document that cannot be drawn stays as it is.
pub async fn draw_pages(context: &JobContext, id: DocumentId) -> Result<(), JobError> {
    let drawn = tokio::select! {
        drawn = draw(context, id) => drawn,
        () = context.cancelled() => return Err(JobError::cancelled()),
    };
    match drawn {
        // Deleted meanwhile.
        Err(error) if error.is(ErrorKind::NotFound) => Ok(()),
        drawn => Ok(drawn?),
    }
}

async fn draw(context: &JobContext, id: DocumentId) -> Result<()> {
    let services = &context.services;
    let mut tx = services.db.tenant(&context.system()).await?;
    let Document { format, has_images, .. } = store::find(&mut tx, id).await?;
    tx.commit().await?;
    if has_images {
        // Drawn by an earlier attempt or by a reading. What has an address that stays is not drawn over.
        return Ok(());
    }
    let folder = tempfile::tempdir().map_err(|error| io(&error))?;
    let (input, output) = (folder.path().join("input"), folder.path().join("output"));
    std::fs::create_dir(&output).map_err(|error| io(&error))?;
    services.files.download(&files::original_key(context.tenant, id), &input).await?;
    let request = ReadRequest { format, first_page: 1, max_pages: services.settings.max_pages, images: true };
    let mut reader = Reader::start(&services.settings, &request, &input, &output)?;
    let (mut images, mut drawn) = (Vec::new(), 0);
    while let Some(event) = reader.next().await? {
        if let ReadEvent::Image(image) = event {
            images.push(image);
        }
        if images.len() >= BATCH_IMAGES {
            drawn += images.len();
            store_images(context, id, &output, std::mem::take(&mut images)).await?;
            context.progress(&Progress { stage: "images".into(), done: drawn as u64, of: None }).await?;
        }
    }
    drawn += images.len();
    store_images(context, id, &output, images).await?;
    if drawn == 0 {
        return Ok(());
    }
    let mut tx = services.db.tenant(&context.system()).await?;
    store::note_images(&mut tx, id).await?;
    announce(&mut tx, id).await?;
    tx.commit().await
}

async fn store_images(
    context: &JobContext,
    id: DocumentId,
    folder: &std::path::Path,
    images: Vec<PageImage>,
) -> Result<()> {
    futures::stream::iter(images)
        .map(|image| store_image(context, id, folder.to_owned(), image))
        .buffer_unordered(UPLOADS_IN_FLIGHT)
        .try_collect::<()>()
        .await
}

fn io(error: &std::io::Error) -> Error {
    Error::unavailable(format!("temporary folder: {error}"))
}
