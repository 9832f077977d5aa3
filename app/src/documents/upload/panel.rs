//! What is on its way, over every page.

use domain::documents::{DocumentState, READ_FORMATS};
use leptos::prelude::*;

use super::{Kind, State, Transfer, Uploads, question::Question, use_uploads};
use crate::{
    routes,
    ui::{
        Badge, Button, ButtonSize, ButtonVariant, DropOverlay, FloatingPanel, Glyph, IconButton, Item, ItemList,
        Progress, Tone, bytes,
    },
};

/// The picker's input, the overlay while files are dragged, the question before many are sent, and the list of uploads while
/// there are any.
#[component]
pub fn UploadPanel() -> impl IntoView {
    let uploads = use_uploads();
    let label = Signal::derive(move || {
        if uploads.private.get() { "Drop to upload, for you alone" } else { "Drop to upload" }.to_owned()
    });
    let any = Memo::new(move |_| uploads.transfers.with(|transfers| !transfers.is_empty()));
    view! {
        <input id="upload-picker" type="file" multiple hidden on:change=move |event| uploads.take(&event) />
        <DropOverlay active=uploads.over label />
        <Question uploads />
        {move || any.get().then(|| view! { <Panel uploads /> })}
    }
}

#[component]
fn Panel(uploads: Uploads) -> impl IntoView {
    // The bars move many times a second; the order changes only with the kind of a state.
    let kinds = Memo::new(move |_| {
        uploads.transfers.with(|all| all.iter().map(|one| one.state.with(State::kind)).collect::<Vec<_>>())
    });
    let active = Signal::derive(move || kinds.with(|kinds| kinds.contains(&Kind::Active)));
    let title = Signal::derive(move || kinds.with(|kinds| summary(kinds)));
    let clear = move || {
        view! {
            <Button
                variant=ButtonVariant::Ghost
                size=ButtonSize::Small
                disabled=active
                on:click=move |_| uploads.clear()
            >
                "Clear"
            </Button>
        }
    };
    view! {
        <FloatingPanel title actions=clear>
            <ItemList label="Uploads">
                <For each=move || in_order(uploads, kinds) key=|transfer| transfer.id let:transfer>
                    <TransferItem transfer uploads />
                </For>
            </ItemList>
        </FloatingPanel>
    }
}

/// What needs an answer, what is on its way, what is done; each as it came.
fn in_order(uploads: Uploads, kinds: Memo<Vec<Kind>>) -> Vec<Transfer> {
    let mut all: Vec<_> = kinds.get().into_iter().zip(uploads.transfers.get()).collect();
    all.sort_by_key(|(kind, _)| *kind);
    all.into_iter().map(|(_, transfer)| transfer).collect()
}

/// How far all of it is, and what needs an answer: "3 of 28 uploaded · 2 already here".
fn summary(kinds: &[Kind]) -> String {
    let count = |wanted: Kind| kinds.iter().filter(|kind| **kind == wanted).count();
    let uploaded = match (count(Kind::Active), count(Kind::Accepted)) {
        (0, 0) => None,
        (0, done) => Some(format!("{done} uploaded")),
        (_, done) => Some(format!("{done} of {} uploaded", kinds.len())),
    };
    let told = [(Kind::AlreadyHere, "already here"), (Kind::Failed, "failed"), (Kind::Cancelled, "cancelled")];
    let told = told.map(|(kind, word)| (count(kind), word)).into_iter().filter(|(count, _)| *count > 0);
    let told = told.map(|(count, word)| format!("{count} {word}"));
    uploaded.into_iter().chain(told).collect::<Vec<_>>().join(" · ")
}

#[component]
fn TransferItem(transfer: Transfer, uploads: Uploads) -> impl IntoView {
    let Transfer { id, name, bytes: size, private, state } = transfer;
    let state = ArcMemo::new(move |_| state.get());
    let told = state.clone();
    let meta = Signal::derive(move || sentence(&told.get(), size, private));
    // The bar moves many times a second, and its buttons must stay under the finger: only the kind of state makes them anew.
    let of_kind = state.clone();
    let kind = Memo::new(move |_| match of_kind.get() {
        State::Sending(_) => State::Sending(0.0),
        other => other,
    });
    let share = Signal::derive(move || match state.get() {
        State::Sending(share) => Some(share),
        _ => None,
    });
    let label = format!("Uploading {name}");
    let cancel_label = format!("Cancel {name}");
    let end = move |kind: State| match kind {
        State::Waiting | State::Sending(_) | State::Finishing => view! {
            <Progress label=label.clone() value=share />
            <IconButton glyph=Glyph::Cancel label=cancel_label.clone() on:click=move |_| uploads.cancel(id) />
        }
        .into_any(),
        State::Accepted { document, is_read } => view! {
            {if is_read {
                view! {
                    <Badge tone=Tone::Success glyph=Glyph::Check>
                        "Uploaded"
                    </Badge>
                }
            } else {
                view! { <Badge glyph=Glyph::Document>{DocumentState::Stored.label()}</Badge> }
            }}
            <Button size=ButtonSize::Small href=routes::document(document)>
                "Open"
            </Button>
        }
        .into_any(),
        State::AlreadyHere { document, .. } => view! {
            <Button size=ButtonSize::Small href=routes::document(document)>
                "Open"
            </Button>
            <Button size=ButtonSize::Small on:click=move |_| uploads.again(id, true)>
                "Keep both"
            </Button>
        }
        .into_any(),
        State::Failed(_) | State::Cancelled { .. } => view! {
            <Button size=ButtonSize::Small glyph=Glyph::Retry on:click=move |_| uploads.again(id, false)>
                "Try again"
            </Button>
            <IconButton glyph=Glyph::Close label="Dismiss" on:click=move |_| uploads.dismiss(id) />
        }
        .into_any(),
    };
    // One key a kind: what belonged to another kind is taken down with its listeners, and nothing of it is used again.
    view! {
        <Item glyph=Glyph::Document title=name meta>
            <For each=move || [kind.get()] key=State::kind let:kind>
                {end(kind)}
            </For>
        </Item>
    }
}

fn sentence(state: &State, size: u64, private: bool) -> String {
    let alone = if private { " · for you alone" } else { "" };
    match state {
        State::Waiting => format!("{} · waiting{alone}", bytes(size)),
        State::Sending(share) => format!("{} of {}{alone}", bytes((size as f64 * share) as u64), bytes(size)),
        State::Finishing => format!("{} · almost there{alone}", bytes(size)),
        State::Accepted { is_read: true, .. } => format!("{}{alone}", bytes(size)),
        State::Accepted { is_read: false, .. } => format!("Sheaf reads {READ_FORMATS}{alone}"),
        State::AlreadyHere { name, .. } => format!("Already here as “{name}”"),
        State::Failed(message) => message.clone(),
        State::Cancelled { all_sent: false } => "Cancelled".into(),
        State::Cancelled { all_sent: true } => {
            "Cancelled after all of it was sent: it may be among the documents".into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_cancels_too_late_is_told_so() {
        let told = |all_sent| sentence(&State::Cancelled { all_sent }, 1_000, false);
        assert_eq!(told(false), "Cancelled");
        assert!(told(true).ends_with("it may be among the documents"));
    }

    #[test]
    fn all_that_needs_an_answer_is_counted() {
        let told = |states: [State; 3]| summary(&states.each_ref().map(State::kind));
        assert_eq!(
            told([State::Waiting, State::Finishing, State::Failed(String::new())]),
            "0 of 3 uploaded · 1 failed"
        );
        let cancelled = State::Cancelled { all_sent: false };
        assert_eq!(told([cancelled.clone(), cancelled, State::Failed(String::new())]), "1 failed · 2 cancelled");
    }
}
