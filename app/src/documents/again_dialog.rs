//! Reading the chosen documents again: a few at once, many once it was seen what they cost.

use domain::{
    billing::{QUOTE_FROM, Quote},
    id::DocumentId,
};
use leptos::{either::EitherOf3, prelude::*, task::spawn_local};

use super::{acts::Acts, selection::Selection};
use crate::{
    billing::{Price, api::quote_reading},
    error::AppError,
    ui::{ConfirmDialog, Loading, LoadingShape, Notice, Tone, counted},
};

const DIALOG: &str = "read-again";

/// What is being asked about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Again {
    open: RwSignal<bool>,
    ids: RwSignal<Vec<DocumentId>>,
    /// None until it is known.
    quote: RwSignal<Option<Result<Quote, AppError>>>,
}

impl Again {
    /// Nothing is asked.
    pub fn new() -> Self {
        Self { open: RwSignal::new(false), ids: RwSignal::new(Vec::new()), quote: RwSignal::new(None) }
    }

    /// Has what is chosen read again, or asks first where that is much.
    pub fn ask(self, selection: Selection, acts: Acts) {
        let ids = selection.ids();
        if ids.len() < QUOTE_FROM {
            acts.read_again(ids);
            selection.clear();
            return;
        }
        self.quote.set(None);
        self.ids.set(ids.clone());
        self.open.set(true);
        spawn_local(async move {
            let quote = quote_reading(ids.clone()).await;
            // Another choice may have been made meanwhile, and the page may be gone.
            if self.ids.try_with_untracked(|asked| *asked == ids) == Some(true) {
                self.quote.set(Some(quote));
            }
        });
    }
}

/// The question, with the price. There is nothing to confirm before it is known.
#[component]
pub(super) fn AgainDialog(again: Again, selection: Selection, acts: Acts) -> impl IntoView {
    let number = move || counted(again.ids.with(Vec::len) as u64, "document", "documents");
    let title = Signal::derive(move || format!("Read {} again?", number()));
    let is_unknown =
        Signal::derive(move || again.quote.with(|quote| !matches!(quote, Some(Ok(quote)) if quote.documents > 0)));
    let body = move || match again.quote.get() {
        None => EitherOf3::A(view! { <Loading label="Working out what it costs" shape=LoadingShape::Text /> }),
        Some(Ok(quote)) => EitherOf3::B(view! { <Answer quote /> }),
        Some(Err(error)) => EitherOf3::C(view! { <Notice tone=Tone::Danger>{error.message().to_owned()}</Notice> }),
    };
    let agree = move |()| {
        acts.read_again(again.ids.get_untracked());
        selection.clear();
    };
    view! {
        <ConfirmDialog id=DIALOG title confirm="Read them again" open=again.open disabled=is_unknown on_confirm=agree>
            {body}
        </ConfirmDialog>
    }
}

#[component]
fn Answer(quote: Quote) -> impl IntoView {
    if quote.documents == 0 {
        return view! { <p>"None of them can be read again now: they are being read, or wait already."</p> }.into_any();
    }
    view! { <Price quote /> }.into_any()
}
