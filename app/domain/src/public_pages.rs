//! The pages that everybody may see. Web servers keep them as they were rendered; what must be rendered anew is named by tags.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use futures::Stream;
use serde::{Deserialize, Serialize};
use tokio_stream::StreamExt;

use crate::{
    Services,
    cache::Kept,
    error::Result,
    live::{self, NO_TENANT},
};

/// The kind under which a purge is announced, in no tenant's name.
const KIND: &str = "public_page";

/// How long what one server has rendered is shown by all of them. Then one of them renders it anew.
pub const FRESH: Duration = Duration::from_secs(60);

/// What one server has rendered, for all. Servers keep it by themselves in the form that they answer, so here for a second alone.
///
/// Invalidated by: a purge, of whatever tag, and a minute.
const RENDERED: Kept<Rendered> =
    Kept::new("public_pages.rendered", 1, &[KIND]).fresh_for(Duration::from_secs(1), Duration::ZERO).shared_for(FRESH);

/// A page as it was rendered, by whichever server.
#[derive(Debug, Serialize, Deserialize)]
pub struct Rendered {
    pub html: String,
    /// When that began.
    pub at: DateTime<Utc>,
}

/// What a public page is about. A page has one or more of these, and each names the pages that are to be rendered anew together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tag {
    Home,
    Pricing,
    Docs,
    Legal,
    Changelog,
}

impl Tag {
    pub const ALL: [Self; 5] = [Self::Home, Self::Pricing, Self::Docs, Self::Legal, Self::Changelog];

    /// The word in the header `Surrogate-Key`, and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Pricing => "pricing",
            Self::Docs => "docs",
            Self::Legal => "legal",
            Self::Changelog => "changelog",
        }
    }

    /// The tag with this word. Fails with a sentence that names all of them.
    pub fn parse(text: &str) -> std::result::Result<Self, String> {
        let known = Self::ALL.map(Self::as_str).join(", ");
        Self::ALL.into_iter().find(|tag| tag.as_str() == text).ok_or_else(|| format!("the tags are {known}"))
    }
}

/// The page of this name, as this or another server has rendered it within a minute: of all that ask at once, one renders, as long as
/// Redis answers; the others wait half a second for it, and then render for themselves. Without Redis, each server renders for itself.
/// The name has to say all that the page depends on, the version of the program among it.
pub async fn rendered<F>(services: &Services, name: &str, render: F) -> Result<Arc<Rendered>>
where
    F: Future<Output = Result<String>>,
{
    let render = async {
        let at = services.clock.now();
        Ok(Rendered { html: render.await?, at })
    };
    services.cache.cached(services.db.epochs(), &RENDERED, NO_TENANT, name, render).await
}

/// Has every web server render the pages with these tags anew, each within a second.
pub async fn purge(services: &Services, tags: &BTreeSet<Tag>) -> Result<()> {
    let mut tx = services.db.system().await?;
    for tag in tags {
        live::announce_to_servers(&mut tx, KIND, tag.as_str()).await?;
    }
    tx.commit().await
}

/// The purges from now on, each as the tags that it names: all of them where some may have been missed.
pub fn purges(services: &Services) -> impl Stream<Item = Vec<Tag>> + Send + use<> {
    services.live.subscribe_server().filter_map(|change| match change.kind.as_str() {
        KIND => Tag::parse(&change.id).ok().map(|tag| vec![tag]),
        "everything" => Some(Tag::ALL.to_vec()),
        _ => None,
    })
}
