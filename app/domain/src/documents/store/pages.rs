//! The SQL of pages.

use crate::{
    db::TenantTx,
    documents::{ImagesDigest, PageText, reading::PageRead},
    error::{Error, Result},
    id::DocumentId,
    search::{Language, Segment},
};

/// A page on its way into the database.
pub(crate) struct PageRow {
    number: i32,
    width: f32,
    height: f32,
    pub text: String,
    /// What is indexed: see `search::tokens`.
    pub index_text: String,
    words: serde_json::Value,
    word_count: i32,
    failure: Option<String>,
}

impl PageRow {
    pub fn read(page: PageRead) -> Self {
        let words = if page.words.is_empty() { page.text.split_whitespace().count() } else { page.words.len() };
        Self {
            number: i32::try_from(page.number).unwrap_or(i32::MAX),
            width: page.width,
            height: page.height,
            // Postgres takes no NUL in text, and the reader is not trusted to have left it out.
            text: page.text.replace('\0', ""),
            index_text: String::new(),
            words: serde_json::to_value(&page.words).map_or_else(|_| serde_json::json!([]), without_nul),
            word_count: i32::try_from(words).unwrap_or(i32::MAX),
            failure: None,
        }
    }

    pub fn failed(number: u32, reason: String) -> Self {
        Self {
            number: i32::try_from(number).unwrap_or(i32::MAX),
            width: 0.0,
            height: 0.0,
            text: String::new(),
            index_text: String::new(),
            words: serde_json::json!([]),
            word_count: 0,
            failure: Some(reason.replace('\0', "")),
        }
    }
}

/// Keeps pages; one that is kept already stays as it is, so that a job that runs twice does no harm.
pub(crate) async fn insert_pages(
    tx: &mut TenantTx,
    document: DocumentId,
    pages: &[PageRow],
    language: Language,
) -> Result<()> {
    let tenant = tx.id();
    let column = |pick: fn(&PageRow) -> String| pages.iter().map(pick).collect::<Vec<_>>();
    sqlx::query!(
        "insert into page (tenant_id, document_id, number, width, height, text, words, word_count, failure, config, tsv)
         select $1, $2, p.number, p.width, p.height, p.text, p.words, p.word_count, nullif(p.failure, ''), $3,
                to_tsvector($3::text::regconfig, p.index_text) || array_to_tsvector(array[$3::text])
         from unnest($4::int[], $5::real[], $6::real[], $7::text[], $8::jsonb[], $9::int[], $10::text[], $11::text[])
              as p (number, width, height, text, words, word_count, failure, index_text)
         on conflict do nothing",
        tenant.0,
        document.0,
        language.config(),
        &pages.iter().map(|page| page.number).collect::<Vec<_>>(),
        &pages.iter().map(|page| page.width).collect::<Vec<_>>(),
        &pages.iter().map(|page| page.height).collect::<Vec<_>>(),
        &column(|page| page.text.clone()),
        &pages.iter().map(|page| page.words.clone()).collect::<Vec<_>>(),
        &pages.iter().map(|page| page.word_count).collect::<Vec<_>>(),
        &column(|page| page.failure.clone().unwrap_or_default()),
        &column(|page| page.index_text.clone()),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Counts what is kept, so that the counts are right however often a job began anew.
pub(crate) async fn note_progress(
    tx: &mut TenantTx,
    document: DocumentId,
    language: Language,
    has_images: bool,
) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "update document d set
             language = $3,
             has_images = has_images or $4,
             (pages_read, pages_failed, words) = (
                 select count(*), count(p.failure), coalesce(sum(p.word_count), 0) from page p
                 where p.tenant_id = $1 and p.document_id = $2
             )
         where d.tenant_id = $1 and d.id = $2",
        tenant.0,
        document.0,
        language.code(),
        has_images,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes a document back to where nothing was read, for a reading that has opened it.
pub(crate) async fn forget_pages(tx: &mut TenantTx, document: DocumentId) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!("delete from page where tenant_id = $1 and document_id = $2", tenant.0, document.0)
        .execute(tx.conn())
        .await?;
    sqlx::query!(
        "update document set read_anew = false, language = null, pages = null, pages_read = 0, pages_failed = 0, words = 0,
                characters = 0, read_at = null, outline = '[]'
         where tenant_id = $1 and id = $2",
        tenant.0,
        document.0,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(crate) async fn page(tx: &mut TenantTx, document: DocumentId, number: i32) -> Result<Option<PageText>> {
    let tenant = tx.id();
    let row = sqlx::query!(
        r#"select number, width, height, text, words, failure is not null as "failed!"
           from page where tenant_id = $1 and document_id = $2 and number = $3"#,
        tenant.0,
        document.0,
        number,
    );
    let Some(row) = row.fetch_optional(tx.conn()).await? else { return Ok(None) };
    Ok(Some(PageText {
        number: row.number,
        width: row.width,
        height: row.height,
        segments: vec![Segment { text: row.text, hit: false }],
        words: serde_json::from_value(row.words)?,
        hits: Vec::new(),
        failed: row.failed,
    }))
}

/// What the address of the image of this page carries; none where the document has no digest of its images, or the page is not kept:
/// until it is, a reading that goes on may draw it once more. Fails with "not found" where there is no such document, or none that
/// the actor may see.
pub(crate) async fn images_digest(tx: &mut TenantTx, document: DocumentId, page: u32) -> Result<Option<ImagesDigest>> {
    let tenant = tx.id();
    let row = sqlx::query!(
        r#"select sha256, has_images and pages_read >= $3 as "is_drawn!", read_at
           from document where tenant_id = $1 and id = $2"#,
        tenant.0,
        document.0,
        i32::try_from(page).unwrap_or(i32::MAX),
    );
    let row = row.fetch_one(tx.conn()).await?;
    Ok(ImagesDigest::of(tenant.0, &row.sha256, row.is_drawn, row.read_at))
}

/// The text of all pages, with a form feed between two; fails above 64 MiB, which no page image is needed to know.
pub(crate) async fn text(tx: &mut TenantTx, document: DocumentId) -> Result<String> {
    const MAX_BYTES: i64 = 64 * 1024 * 1024;
    let tenant = tx.id();
    let bytes = sqlx::query_scalar!(
        r#"select coalesce(sum(octet_length(text)), 0) as "bytes!"
           from page where tenant_id = $1 and document_id = $2"#,
        tenant.0,
        document.0,
    );
    if bytes.fetch_one(tx.conn()).await? > MAX_BYTES {
        return Err(Error::limit_reached("The text of this document is too long to download at once."));
    }
    let text = sqlx::query_scalar!(
        r#"select coalesce(string_agg(text, E'\f' order by number), '') as "text!"
           from page where tenant_id = $1 and document_id = $2"#,
        tenant.0,
        document.0,
    );
    Ok(text.fetch_one(tx.conn()).await?)
}

fn without_nul(words: serde_json::Value) -> serde_json::Value {
    match words {
        serde_json::Value::String(text) => serde_json::Value::String(text.replace('\0', "")),
        serde_json::Value::Array(items) => items.into_iter().map(without_nul).collect(),
        other => other,
    }
}
