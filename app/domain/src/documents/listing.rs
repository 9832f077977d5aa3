//! Looking at documents: the list, one document, its pages.

use std::time::Duration;

use super::{Document, DocumentState, ListQuery, Listing, PageText, list::PAGE_ROWS, store};
use crate::{
    Services,
    actor::{Action, Member},
    cache::Kept,
    error::{Error, ErrorKind, Result},
    id::DocumentId,
    search,
};

/// How many documents a member sees. Counting them takes as long as there are many.
///
/// Invalidated by: what is announced of documents, and of members, who take what is private along; and by 30 seconds.
const TOTAL: Kept<i64> = Kept::new("documents.total", 1, &["document", "member"]).shared_for(Duration::from_secs(30));

/// What is known of a document that the whole workspace sees, kept once for all of its members. None where it is private or not
/// there: that is kept for nobody, and the database says of each who asks whether they see it.
///
/// Invalidated by: what is announced of documents, which each change of one is, also of who sees it; and by 30 seconds.
const FACTS: Kept<Option<Document>> =
    Kept::new("documents.facts", 2, &["document"]).shared_for(Duration::from_secs(30));

/// How many documents the filters of a list find for a member, as [`Listing::matching`] tells it.
///
/// Invalidated by: what is announced of documents, and of members, who take what is private along; and by 30 seconds.
const MATCHING: Kept<Option<i64>> =
    Kept::new("documents.matching", 1, &["document", "member"]).shared_for(Duration::from_secs(30));

/// One page of the list, at most 50 rows.
pub async fn list(services: &Services, member: &Member, query: &ListQuery) -> Result<Listing> {
    member.require(Action::ReadDocuments)?;
    let read = services.db.read(member, |mut tx| async move {
        let documents = store::list(&mut tx, query, PAGE_ROWS + 1).await?;
        tx.commit().await?;
        Ok(documents)
    });
    let (mut documents, total) = (read.await?, total(services, member).await?);
    let more = documents.len() > PAGE_ROWS.unsigned_abs() as usize;
    documents.truncate(PAGE_ROWS.unsigned_abs() as usize);
    let next = documents.last().filter(|_| more).map(|last| store::cursor_of(last, query.sort));
    let is_part = query.after.is_some() || next.is_some();
    let is_counted = is_part && query.is_filtered() && !query.trash;
    let matching = if is_counted { matching(services, member, query).await? } else { None };
    Ok(Listing { documents, next, total, matching })
}

async fn total(services: &Services, member: &Member) -> Result<i64> {
    // In a transaction of its own, which begins after it is known what has changed: a replica is asked that shows as much. And while
    // Redis is asked, nobody holds a connection to the database.
    let count = services.db.read(member, |mut tx| async move {
        let counted = (store::count(&mut tx).await?, tx.source());
        tx.commit().await?;
        Ok(counted)
    });
    let (epochs, key) = (services.db.epochs(), member.sees_as());
    Ok(*services.cache.cached_from(epochs, &TOTAL, member.tenant, key, count).await?)
}

/// As [`total`] does.
async fn matching(services: &Services, member: &Member, query: &ListQuery) -> Result<Option<i64>> {
    let count = services.db.read(member, |mut tx| async move {
        let counted = (store::matching(&mut tx, query).await?, tx.source());
        tx.commit().await?;
        Ok(counted)
    });
    let (epochs, key) = (services.db.epochs(), format!("{}:{}", member.sees_as(), query.filter_word()));
    Ok(*services.cache.cached_from(epochs, &MATCHING, member.tenant, key, count).await?)
}

/// One document, also from the trash. Its pages, its text and its files are not given out on this word: each asks the database.
pub async fn find(services: &Services, member: &Member, id: DocumentId) -> Result<Document> {
    member.require(Action::ReadDocuments)?;
    let mut own = None;
    let load = async {
        match look_up(services, member, id).await {
            Ok(document) => {
                let everybodys = (!document.private).then(|| document.clone());
                own = Some(document);
                Ok(everybodys)
            }
            // It may be there for others, who must not be told that it is not.
            Err(error) if error.is(ErrorKind::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    };
    let kept = services.cache.cached(services.db.epochs(), &FACTS, member.tenant, id, load).await?;
    match own.or_else(|| (*kept).clone()) {
        Some(document) => Ok(document),
        None => look_up(services, member, id).await,
    }
}

/// The same as the database says it now, from no memory: for whatever decides on more than what is shown.
pub(super) async fn look_up(services: &Services, member: &Member, id: DocumentId) -> Result<Document> {
    member.require(Action::ReadDocuments)?;
    let mut tx = services.db.tenant(member).await?;
    let document = store::find(&mut tx, id).await?;
    tx.commit().await?;
    Ok(document)
}

/// One document's state, for whoever only waits for it.
pub async fn state_of(services: &Services, member: &Member, id: DocumentId) -> Result<DocumentState> {
    Ok(look_up(services, member, id).await?.state)
}

/// One page with the place of every word, and which words `query` hits.
pub async fn page(
    services: &Services,
    member: &Member,
    id: DocumentId,
    number: i32,
    query: Option<&str>,
) -> Result<PageText> {
    member.require(Action::ReadDocuments)?;
    let mut tx = services.db.tenant(member).await?;
    let mut page = store::page(&mut tx, id, number).await?.ok_or_else(Error::not_found)?;
    if let Some(query) = query.filter(|query| !query.trim().is_empty()) {
        search::hits_on_page(&mut tx, id, &mut page, query).await?;
    }
    tx.commit().await?;
    Ok(page)
}

/// The numbers of the pages that `query` hits, in order.
pub async fn pages_with(services: &Services, member: &Member, id: DocumentId, query: &str) -> Result<Vec<i32>> {
    member.require(Action::ReadDocuments)?;
    let mut tx = services.db.tenant(member).await?;
    let pages = search::pages_with(&mut tx, id, query).await?;
    tx.commit().await?;
    Ok(pages)
}
