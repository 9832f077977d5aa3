//! Which rows of a list are chosen.

use std::collections::BTreeSet;

use domain::id::DocumentId;
use leptos::{ev, prelude::*};

use crate::ui::is_overlay_open;

/// The chosen documents of a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Selection(RwSignal<BTreeSet<DocumentId>>);

impl Selection {
    /// Nothing is chosen yet, but for what was ticked before the page listened.
    pub fn new() -> Self {
        let selection = Self(RwSignal::new(BTreeSet::new()));
        #[cfg(feature = "hydrate")]
        selection.adopt();
        selection
    }

    /// It is read before the boxes follow the selection, and chosen after that.
    #[cfg(feature = "hydrate")]
    fn adopt(self) {
        use leptos::{wasm_bindgen::JsCast, web_sys::HtmlInputElement};
        let page = document();
        if page.document_element().is_none_or(|root| root.has_attribute("data-hydrated")) {
            return;
        }
        let Ok(ticked) = page.query_selector_all("tbody .select-cell :checked") else { return };
        let ids: Vec<DocumentId> = (0..ticked.length())
            .filter_map(|at| ticked.get(at)?.dyn_into::<HtmlInputElement>().ok()?.value().parse().ok())
            .collect();
        if !ids.is_empty() {
            Effect::new(move |_| self.set_all(&ids, true));
        }
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

    pub fn clear(self) {
        self.set_all(&[], false);
    }

    /// Escape lets go of all, unless it closes something that is open.
    pub fn hear(self, event: &ev::KeyboardEvent) {
        if event.key() == "Escape" && !is_overlay_open() {
            self.clear();
        }
    }

    /// Lets go of what is not in view any more, so that nobody acts on rows they cannot see.
    pub fn keep_only(self, ids: &[DocumentId]) {
        if self.0.with_untracked(|chosen| chosen.iter().any(|id| !ids.contains(id))) {
            self.0.update(|chosen| chosen.retain(|id| ids.contains(id)));
        }
    }
}
