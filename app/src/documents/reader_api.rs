//! The reader's server functions. Any member may call them.

use chrono::{DateTime, Utc};
use domain::{
    documents::{Document, PageText},
    id::DocumentId,
};
use leptos::{prelude::*, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::{routes, session};
#[cfg(feature = "ssr")]
use domain::{
    ErrorKind,
    documents::{self, LinkedFile},
    search::Query,
};

/// Pages of text in one answer of [`read_text`].
pub const TEXT_PAGES: u32 = 10;

/// One document without its pages, also from the trash.
#[server(name = FindDocument, prefix = "/api", endpoint = "documents/find", input = Json)]
pub async fn find_document(id: DocumentId) -> Result<Document, AppError> {
    let (services, member) = session::member()?;
    session::answered(documents::find(&services, &member, id).await)
}

/// One page with the place of every word and the hits of `query`; none where it is not read yet or does not exist.
#[server(name = ReadPage, prefix = "/api", endpoint = "documents/page", input = Json)]
pub async fn read_page(id: DocumentId, number: u32, query: String) -> Result<Option<PageText>, AppError> {
    let (services, member) = session::member()?;
    session::answered(page_or_none(&services, &member, id, number, &query).await)
}

/// The text of [`TEXT_PAGES`] pages from `first` on, cut at the hits of `query`, without the places of words.
#[server(name = ReadText, prefix = "/api", endpoint = "documents/text", input = Json)]
pub async fn read_text(id: DocumentId, first: u32, query: String) -> Result<Vec<PageText>, AppError> {
    let (services, member) = session::member()?;
    session::answered(pages_from(&services, &member, id, first, &query).await)
}

/// The numbers of the pages that `query` hits, in order; "invalid" on `q` where it cannot be understood.
#[server(name = PagesWith, prefix = "/api", endpoint = "documents/pages_with", input = Json)]
pub async fn pages_with(id: DocumentId, query: String) -> Result<Vec<i32>, AppError> {
    let (services, member) = session::member()?;
    session::answered(documents::pages_with(&services, &member, id, &query).await)
}

/// A link to a file, as another program takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkShown {
    /// In full, with the host.
    pub address: String,
    pub until: DateTime<Utc>,
}

/// A link to the original of a document or, with a number, to the image of that page; good for a few minutes, for whoever has it.
#[server(name = LinkFile, prefix = "/api", endpoint = "documents/link", input = Json)]
pub async fn link_file(id: DocumentId, page: Option<u32>) -> Result<LinkShown, AppError> {
    let (services, member) = session::member()?;
    let file = page.map_or(LinkedFile::Original, LinkedFile::Page);
    let link = session::answered(documents::link(&services, &member, id, file).await)?;
    let address = format!("{}{}", services.settings.public_url, routes::file_link(&link.token, &link.name));
    Ok(LinkShown { address, until: link.until })
}

/// A page that is not there is no failure: the document may still be on its way. A query that cannot be understood is told
/// by [`pages_with`], and the page is shown without it.
#[cfg(feature = "ssr")]
async fn page_or_none(
    services: &domain::Services,
    member: &domain::actor::Member,
    id: DocumentId,
    number: u32,
    query: &str,
) -> domain::Result<Option<PageText>> {
    let number = i32::try_from(number).unwrap_or(i32::MAX);
    let query = Query::parse(query).is_ok().then_some(query);
    match documents::page(services, member, id, number, query).await {
        Ok(page) => Ok(Some(page)),
        Err(error) if error.is(ErrorKind::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(feature = "ssr")]
async fn pages_from(
    services: &domain::Services,
    member: &domain::actor::Member,
    id: DocumentId,
    first: u32,
    query: &str,
) -> domain::Result<Vec<PageText>> {
    let mut pages = Vec::new();
    for number in first..first.saturating_add(TEXT_PAGES) {
        let Some(mut page) = page_or_none(services, member, id, number, query).await? else { break };
        page.words.clear();
        page.hits.clear();
        pages.push(page);
    }
    Ok(pages)
}
