//! What the views of a document have in common: which document, where in it, and what was loaded of it.

use domain::{
    Error,
    documents::{Document, PageText},
    id::DocumentId,
    search::Query,
};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use serde::{Deserialize, Serialize};

use super::place::Place;
use crate::{
    documents::reader_api::{find_document, pages_with, read_page},
    error::AppError,
};

/// A document that is open. All of it comes from the address.
///
/// Views read these resources with `get` and not in a `Suspend`: that lets go of its scope when two of its sources change in
/// quick succession, a moment before it shows what it made there, and the page stops working.
#[derive(Clone, Copy)]
pub struct Reading {
    /// None where the address has none.
    pub id: Memo<Option<DocumentId>>,
    pub place: Memo<Place>,
    pub document: Resource<Result<Document, AppError>>,
    /// What is searched in the document; empty where nothing is.
    pub query: Memo<String>,
    pub found: Resource<Result<Found, AppError>>,
}

/// What the search inside a document found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// What was searched: while a new search is under way, this is still the one before.
    pub query: String,
    /// The pages with hits, in order.
    pub pages: Vec<u32>,
}

/// A page of a document, or none where it is not read.
pub type PageResource = Resource<Result<Option<PageText>, AppError>>;

impl Reading {
    /// Reads the address and begins to load. Call it at the top of a page: resources are made in the same order on both sides.
    pub fn new() -> Self {
        let (parameters, queries) = (use_params_map(), use_query_map());
        let id = Memo::new(move |_| parameters.with(|parameters| parameters.get("id")?.parse().ok()));
        let place = Memo::new(move |_| queries.with(|query| Place::parse(|name| query.get(name))));
        let query = Memo::new(move |_| place.with(|place| place.query.clone()));
        let document = Resource::new(
            move || id.get(),
            |id: Option<DocumentId>| async move {
                match id {
                    Some(id) => find_document(id).await,
                    None => Err(Error::not_found().into()),
                }
            },
        );
        let found = Resource::new(
            move || (id.get(), query.get()),
            |(id, query)| async move {
                // What cannot be understood is known here already.
                Query::parse(&query)?;
                let pages = match id.filter(|_| !query.is_empty()) {
                    Some(id) => pages_with(id, query.clone()).await?,
                    None => Vec::new(),
                };
                Ok(Found { query, pages: pages.into_iter().filter_map(|page| u32::try_from(page).ok()).collect() })
            },
        );
        Self { id, place, document, query, found }
    }

    /// The page that one is at.
    pub fn page(self) -> PageResource {
        let source = Memo::new(move |_| {
            let place = self.place.get();
            (self.id.get(), place.page, place.query)
        });
        Resource::new(
            move || source.get(),
            |(id, number, query)| async move {
                match id {
                    Some(id) => read_page(id, number, query).await,
                    None => Ok(None),
                }
            },
        )
    }
}
