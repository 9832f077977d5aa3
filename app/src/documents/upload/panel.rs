//! What is on its way, over every page.

use leptos::prelude::*;

use super::{State, Transfer, Uploads, question::Question, use_uploads};
use crate::{
    routes,
    ui::{
        Badge, Button, ButtonSize, ButtonVariant, DropOverlay, FloatingPanel, Glyph, IconButton, Item, ItemList,
        Progress, Tone, bytes, counted,
    },
};

/// The picker's input, the overlay while files are dragged, the question before many are sent, and the list of uploads while
/// there are any.
#[component]
pub fn UploadPanel() -> impl IntoView {
    let uploads = use_uploads();
    let any = Memo::new(move |_| uploads.transfers.with(|transfers| !transfers.is_empty()));
    view! {
        <input id="upload-picker" type="file" multiple hidden on:change=move |event| uploads.take(&event) />
        <DropOverlay active=uploads.over label="Drop to upload" />
        <Question uploads />
        {move || any.get().then(|| view! { <Panel uploads /> })}
    }
}

#[component]
fn Panel(uploads: Uploads) -> impl IntoView {
    let title = Signal::derive(move || summary(&uploads.transfers.get()));
    let active = Signal::derive(move || {
        uploads.transfers.with(|transfers| transfers.iter().any(|transfer| transfer.state.with(State::is_active)))
    });
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
                <For each=move || uploads.transfers.get() key=|transfer| transfer.id let:transfer>
                    <TransferItem transfer uploads />
                </For>
            </ItemList>
        </FloatingPanel>
    }
}

/// How many files are done, in one line.
fn summary(transfers: &[Transfer]) -> String {
    let active = transfers.iter().filter(|transfer| transfer.state.with(State::is_active)).count();
    let failed = transfers.iter().filter(|transfer| transfer.state.with(|state| matches!(state, State::Failed(_))));
    match (active, failed.count()) {
        (0, 0) => {
            let done =
                transfers.iter().filter(|transfer| transfer.state.with(|state| matches!(state, State::Accepted(_))));
            format!("{} done", counted(done.count() as u64, "upload", "uploads"))
        }
        (0, failed) => format!("{} failed", counted(failed as u64, "upload", "uploads")),
        (active, _) => format!("Uploading {}", counted(active as u64, "file", "files")),
    }
}

#[component]
fn TransferItem(transfer: Transfer, uploads: Uploads) -> impl IntoView {
    let Transfer { id, name, bytes: size, state } = transfer;
    let state = ArcMemo::new(move |_| state.get());
    let told = state.clone();
    let meta = Signal::derive(move || sentence(&told.get(), size));
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
        State::Accepted(document) => view! {
            <Badge tone=Tone::Success glyph=Glyph::Check>
                "Uploaded"
            </Badge>
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
        State::Failed(_) | State::Cancelled => view! {
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

fn sentence(state: &State, size: u64) -> String {
    match state {
        State::Waiting => format!("{} · waiting", bytes(size)),
        State::Sending(share) => format!("{} of {}", bytes((size as f64 * share) as u64), bytes(size)),
        State::Finishing => format!("{} · almost there", bytes(size)),
        State::Accepted(_) => bytes(size),
        State::AlreadyHere { name, .. } => format!("Already here as “{name}”"),
        State::Failed(message) => message.clone(),
        State::Cancelled => "Cancelled".into(),
    }
}
