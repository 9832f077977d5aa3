//! Which rows of a list are chosen.

use std::collections::BTreeSet;

use domain::id::DocumentId;
use leptos::prelude::*;

/// The chosen documents of a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Selection(RwSignal<BTreeSet<DocumentId>>);

impl Selection {
    /// Nothing is chosen yet.
    pub fn new() -> Self {
        Self(RwSignal::new(BTreeSet::new()))
    }

    pub fn count(self) -> Signal<u64> {
        Signal::derive(move || self.0.with(|chosen| chosen.len() as u64))
    }

    /// Whether a document is chosen; reactive.
    pub fn has(self, id: DocumentId) -> bool {
        self.0.with(|chosen| chosen.contains(&id))
    }

    /// As of now, for an act.
    pub fn ids(self) -> Vec<DocumentId> {
        self.0.with_untracked(|chosen| chosen.iter().copied().collect())
    }

    pub fn set(self, id: DocumentId, chosen: bool) {
        self.0.update(|ids| {
            if chosen {
                ids.insert(id);
            } else {
                ids.remove(&id);
            }
        });
    }

    pub fn set_all(self, ids: &[DocumentId], chosen: bool) {
        self.0.set(if chosen { ids.iter().copied().collect() } else { BTreeSet::new() });
    }

    /// Lets go of what is not in view any more, so that nobody acts on rows they cannot see.
    pub fn keep_only(self, ids: &[DocumentId]) {
        if self.0.with_untracked(|chosen| chosen.iter().any(|id| !ids.contains(id))) {
            self.0.update(|chosen| chosen.retain(|id| ids.contains(id)));
        }
    }
}
