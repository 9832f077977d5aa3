//! What is kept of a document, as files: the original, page images, and the text.

use bytes::Bytes;
use futures::stream::BoxStream;

use super::{Format, ImagesDigest, reading::ImageSize, store};
use crate::{
    Services,
    actor::{Action, Member},
    error::Result,
    files,
    id::DocumentId,
};

/// A file on its way to a person.
pub struct Download {
    pub name: String,
    pub format: Format,
    /// Of the whole file, also where only a range was asked for.
    pub bytes: u64,
    pub content: BoxStream<'static, Result<Bytes>>,
}

/// The file as it was uploaded, or a range of it.
pub async fn original(
    services: &Services,
    member: &Member,
    id: DocumentId,
    range: Option<std::ops::Range<u64>>,
) -> Result<Download> {
    member.require(Action::ReadDocuments)?;
    let mut tx = services.db.tenant(member).await?;
    let document = store::find(&mut tx, id).await?;
    tx.commit().await?;
    let key = files::original_key(member.tenant, id);
    let (bytes, content) = services.files.get_range(&key, range).await?;
    Ok(Download { name: document.name, format: document.format, bytes, content })
}

/// The image of a page, PNG, or a range of its bytes, as it is now: what is read again makes another one in its place.
pub async fn page_image(
    services: &Services,
    member: &Member,
    (id, page, size): (DocumentId, u32, ImageSize),
    range: Option<std::ops::Range<u64>>,
) -> Result<files::Object> {
    member.require(Action::ReadDocuments)?;
    let mut tx = services.db.tenant(member).await?;
    store::require(&mut tx, id).await?;
    tx.commit().await?;
    services.files.open(&files::page_image_key(member.tenant, id, page, size.as_str()), range).await
}

/// What the address of the image of a page carries now, from no memory; none where it has no address that stays. Fails with "not found"
/// where there is no such document, or none that the member may see.
///
/// A reading says that it draws anew before it puts an image in the place of another. So an image that was opened between two answers
/// that are the same is the one that they name.
pub async fn images_digest(
    services: &Services,
    member: &Member,
    id: DocumentId,
    page: u32,
) -> Result<Option<ImagesDigest>> {
    member.require(Action::ReadDocuments)?;
    let mut tx = services.db.tenant(member).await?;
    let digest = store::images_digest(&mut tx, id, page).await?;
    tx.commit().await?;
    Ok(digest)
}

/// The text of all pages, with a form feed between two, and the document's name.
pub async fn text_of(services: &Services, member: &Member, id: DocumentId) -> Result<(String, String)> {
    member.require(Action::ReadDocuments)?;
    let mut tx = services.db.tenant(member).await?;
    let document = store::find(&mut tx, id).await?;
    let text = store::text(&mut tx, id).await?;
    tx.commit().await?;
    Ok((document.name, text))
}
