//! Choosing the documents of all pages of a list, and not of the one in view alone. They are named by what the list was asked for.

use domain::documents::ListQuery;
use leptos::prelude::*;

use super::acts::Acts;
use crate::{
    frame::trash_keeps,
    ui::{Button, ButtonVariant, ConfirmDialog, counted, grouped},
};

const DIALOG: &str = "trash-everything";

/// What a list was asked for, and how many documents it has on all its pages.
pub(super) type Extent = (ListQuery, u64);

/// The documents of all pages, once they are chosen.
#[derive(Clone, Copy)]
pub(super) struct Everything {
    /// They can be chosen where all of a page are, and there are other pages.
    offered: Memo<Option<Extent>>,
    chosen: RwSignal<Option<Extent>>,
    /// Whether it is asked if they are to be thrown away.
    asked: RwSignal<bool>,
}

impl Everything {
    /// Nothing is chosen yet.
    pub fn new(offered: Memo<Option<Extent>>) -> Self {
        let everything = Self { offered, chosen: RwSignal::new(None), asked: RwSignal::new(false) };
        // Whoever lets go of a row, or sees another list or another number, has not chosen that.
        Effect::new(move |_| {
            if everything.chosen.with(Option::is_some) && everything.count().is_none() {
                everything.chosen.set(None);
                everything.asked.set(false);
            }
        });
        everything
    }

    /// How many are chosen; none where it is rows of the page in view that are. Reactive.
    pub fn count(self) -> Option<u64> {
        self.extent().map(|(_, number)| number)
    }

    /// Asks whether they are to be thrown away. False where it is rows of the page in view that are chosen.
    pub fn ask(self) -> bool {
        let is_chosen = self.now().is_some();
        if is_chosen {
            self.asked.set(true);
        }
        is_chosen
    }

    /// What is chosen, as long as it is what is offered. Reactive.
    fn extent(self) -> Option<Extent> {
        let chosen = self.chosen.get()?;
        self.offered.with(|offered| offered.as_ref() == Some(&chosen)).then_some(chosen)
    }

    /// The same for an act.
    fn now(self) -> Option<Extent> {
        untrack(|| self.extent())
    }

    fn turn(self) {
        self.chosen.set(if self.now().is_some() { None } else { self.offered.get_untracked() });
    }
}

/// The way to them where all of a page are chosen, and back. It needs scripts.
#[component]
pub(super) fn OnAllPages(everything: Everything) -> impl IntoView {
    let is_offered = Memo::new(move |_| everything.offered.with(Option::is_some));
    let text = move || match everything.offered.get() {
        Some((query, number)) if everything.count().is_none() => {
            let which = if query.is_filtered() { "that match" } else { "documents" };
            format!("Select all {} {which}", grouped(number))
        }
        _ => "Select this page alone".to_owned(),
    };
    move || {
        is_offered.get().then(|| {
            view! {
                <Button
                    variant=ButtonVariant::Ghost
                    class:needs-scripts=true
                    on:click=move |_| everything.turn()
                >
                    {text}
                </Button>
            }
        })
    }
}

/// The question before they are thrown away.
#[component]
pub(super) fn TrashEverything(everything: Everything, acts: Acts) -> impl IntoView {
    let number = move || counted(everything.count().unwrap_or_default(), "document", "documents");
    let title = Signal::derive(move || format!("Move {} to the trash?", number()));
    let text = format!("They are on all pages of this list. The trash keeps them for {}.", trash_keeps());
    let agree = move |()| {
        if let Some((query, number)) = everything.now() {
            acts.trash_matching(query, number);
        }
    };
    view! {
        <ConfirmDialog id=DIALOG title confirm="Move to trash" open=everything.asked on_confirm=agree>
            <p>{text}</p>
        </ConfirmDialog>
    }
}
