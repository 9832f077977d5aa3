//! What was rendered, for as long as it is good.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use domain::{
    Error, Result, Services, metrics,
    public_pages::{self, FRESH, Tag},
};
use futures::StreamExt;
use moka::future::Cache;
use tokio_util::sync::CancellationToken;

use super::{
    entry::{Entry, Rendered},
    page::{self, Key},
};

/// After this nobody gets the old one any more: so old is at most what the first one sees who asks for a page again. Whoever comes
/// next gets what was rendered meanwhile.
const STALE: Duration = Duration::from_secs(60 * 60);

/// Of all pages together with their pressed copies, in bytes. They are about thirty thousand each.
const CAPACITY: u64 = 32 * 1024 * 1024;

/// What an entry counts for at least, so that there are never more than some thousands.
const LEAST_WEIGHT: u32 = 8 * 1024;

/// The pages of this process, pressed as it answers them. One that is asked for by many at once is rendered once, by one server of
/// all where there is Redis, and put in the place of the one before as a whole. It is as old as what was rendered, so all servers ask
/// for the next at the same moment, and one of them renders that.
///
/// Invalidated by: a purge of one of its tags, and a minute.
pub struct Kept {
    host: Option<Arc<str>>,
    fresh: Duration,
    entries: Cache<Key, Arc<Entry>>,
    /// How often each tag was purged.
    epochs: [AtomicU64; Tag::ALL.len()],
}

/// How a page was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    Hit,
    /// It is being rendered anew.
    Stale,
    /// It was rendered for this request.
    Made,
    /// It was rendered for a request that came a little before.
    Waited,
}

impl Found {
    /// As RFC 9211 says it.
    pub fn as_str(self, is_foreign: bool) -> &'static str {
        match (self, is_foreign) {
            (Self::Hit, false) => "sheaf; hit",
            (Self::Hit, true) => "sheaf; hit; detail=foreign",
            (Self::Stale, false) => "sheaf; hit; detail=stale",
            (Self::Stale, true) => "sheaf; hit; detail=foreign-stale",
            (Self::Made, false) => "sheaf; fwd=miss; stored",
            (Self::Made, true) => "sheaf; fwd=miss; stored; detail=foreign",
            (Self::Waited, false) => "sheaf; fwd=miss; collapsed",
            (Self::Waited, true) => "sheaf; fwd=miss; collapsed; detail=foreign",
        }
    }
}

impl Kept {
    /// For the pages at this public address, and no other.
    pub fn new(public_url: &str) -> Self {
        let weight = |_: &Key, entry: &Arc<Entry>| entry.bytes().max(LEAST_WEIGHT);
        Self {
            host: page::host_in(public_url),
            fresh: FRESH,
            entries: Cache::builder().weigher(weight).max_capacity(CAPACITY).time_to_live(STALE).build(),
            epochs: Tag::ALL.map(|_| AtomicU64::new(0)),
        }
    }

    /// The same, which hears of purges until `shutdown`.
    pub fn start(services: &Services, shutdown: CancellationToken) -> Arc<Self> {
        let kept = Arc::new(Self::new(&services.settings.public_url));
        let (told, purges) = (kept.clone(), public_pages::purges(services));
        tokio::spawn(async move {
            let listening = purges.for_each(|tags| {
                told.purge(&tags);
                std::future::ready(())
            });
            shutdown.run_until_cancelled(listening).await;
        });
        kept
    }

    /// The host that people reach it by.
    pub fn host(&self) -> Option<&Arc<str>> {
        self.host.as_ref()
    }

    /// A number that is never the same again once one of these tags was purged.
    pub fn epoch(&self, tags: &[Tag]) -> u64 {
        tags.iter().map(|tag| self.epochs[*tag as usize].load(Ordering::Acquire)).sum()
    }

    /// What was kept under these tags is not found any more, nor what is being rendered right now.
    pub fn purge(&self, tags: &[Tag]) {
        for tag in tags {
            self.epochs[*tag as usize].fetch_add(1, Ordering::Release);
        }
    }

    /// The page, from memory or as `render` makes it.
    pub async fn get<F>(self: &Arc<Self>, key: Key, render: F) -> Result<(Arc<Entry>, Found)>
    where
        F: Future<Output = Result<Rendered>> + Send + 'static,
    {
        let known = self.entries.get(&key).await;
        metrics::looked_up("public pages", known.is_some());
        match known {
            Some(entry) if entry.is_younger_than(self.fresh) => Ok((entry, Found::Hit)),
            Some(entry) => {
                self.renew(key, &entry, render);
                Ok((entry, Found::Stale))
            }
            None => self.make(key, render).await,
        }
    }

    async fn make<F>(&self, key: Key, render: F) -> Result<(Arc<Entry>, Found)>
    where
        F: Future<Output = Result<Rendered>>,
    {
        let ours = AtomicBool::new(false);
        let made = self.entries.try_get_with(key, async {
            ours.store(true, Ordering::Relaxed);
            Entry::new(render.await?).await.map(Arc::new)
        });
        let entry = made.await.map_err(|error: Arc<Error>| Error::unavailable(format!("a public page: {error}")))?;
        Ok((entry, if ours.into_inner() { Found::Made } else { Found::Waited }))
    }

    /// In a task of its own, of which there is one an entry.
    fn renew<F>(self: &Arc<Self>, key: Key, old: &Arc<Entry>, render: F)
    where
        F: Future<Output = Result<Rendered>> + Send + 'static,
    {
        if !old.begin_renewing() {
            return;
        }
        let (kept, old) = (self.clone(), old.clone());
        tokio::spawn(async move {
            let renewed = async { old.renewed(render.await?).await };
            match renewed.await {
                Ok(entry) => kept.entries.insert(key, Arc::new(entry)).await,
                Err(error) => {
                    tracing::error!(error = %error, "a public page could not be rendered anew; the old one stays");
                    old.end_renewing();
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use axum::{body::Body, extract::Request};

    use super::*;

    fn kept(fresh: Duration) -> Arc<Kept> {
        Arc::new(Kept { fresh, ..Kept::new("https://sheaf.example") })
    }

    fn key(kept: &Kept) -> Key {
        let request = Request::builder().uri("/").header("host", "sheaf.example").body(Body::empty()).unwrap();
        page::key(&page::PAGES[0], kept, &request)
    }

    async fn rendered(text: &str) -> Result<Rendered> {
        Ok(Rendered { html: text.to_owned(), tags: &[Tag::Home], age: Duration::ZERO })
    }

    #[tokio::test]
    async fn of_any_number_who_come_at_once_one_renders() {
        let (kept, renders) = (kept(FRESH), Arc::new(AtomicUsize::new(0)));
        let asked = (0..200).map(|_| {
            let (kept, renders) = (kept.clone(), renders.clone());
            tokio::spawn(async move {
                let slow = async move {
                    renders.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    rendered("a page").await
                };
                kept.get(key(&kept), slow).await.unwrap().1
            })
        });
        let found: Vec<Found> =
            futures::future::join_all(asked).await.into_iter().map(|found| found.unwrap()).collect();
        assert_eq!(renders.load(Ordering::Relaxed), 1);
        assert_eq!(found.iter().filter(|found| **found == Found::Made).count(), 1);
    }

    #[tokio::test]
    async fn an_old_page_is_answered_while_one_renders_it_anew() {
        let kept = kept(Duration::ZERO);
        kept.get(key(&kept), rendered("old")).await.unwrap();
        let (entry, found) = kept.get(key(&kept), rendered("new")).await.unwrap();
        assert_eq!((entry.html(), found), ("old", Found::Stale));
        for _ in 0..500 {
            let (entry, found) = kept.get(key(&kept), async { Err(Error::internal("not now")) }).await.unwrap();
            assert_eq!(found, Found::Stale, "whoever fails to render leaves what there is");
            if entry.html() == "new" {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("nobody has rendered it anew");
    }

    #[tokio::test]
    async fn what_was_begun_before_a_purge_is_not_found_after_it() {
        let kept = kept(FRESH);
        let begun = key(&kept);
        kept.purge(&[Tag::Home]);
        kept.get(begun, rendered("old")).await.unwrap();
        let (entry, found) = kept.get(key(&kept), rendered("new")).await.unwrap();
        assert_eq!((entry.html(), found), ("new", Found::Made));
    }

    #[tokio::test]
    async fn a_failure_is_not_kept() {
        let kept = kept(FRESH);
        assert!(kept.get(key(&kept), async { Err(Error::internal("not now")) }).await.is_err());
        assert_eq!(kept.get(key(&kept), rendered("a page")).await.unwrap().1, Found::Made);
    }
}
