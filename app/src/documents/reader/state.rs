//! How far a document is read, in words, and what the person may do about it.

use domain::{
    documents::{Document, DocumentState, READ_FORMATS, reading::Failure},
    features::Feature,
    roles::Action,
};
use leptos::{ev, prelude::*, server_fn::ServerFn};

use crate::{
    documents::{
        acts::use_acts,
        api::{CancelDocument, RestoreDocuments, RetryDocument},
        powers::Powers,
    },
    frame::{may, trash_keeps},
    routes,
    ui::{Button, ButtonKind, Cluster, Gap, Glyph, HiddenField, Notice, PostForm, Progress, Tone, counted, grouped},
};

/// What stands over the document while it is not simply read; nothing when it is.
#[component]
pub fn StateNotice(document: RwSignal<Document>) -> impl IntoView {
    let state = Memo::new(move |_| document.with(|document| (document.state, document.trashed_at.is_some())));
    move || match state.get() {
        (_, true) => view! { <InTrash document /> }.into_any(),
        (DocumentState::Waiting | DocumentState::Reading, _) => view! { <Busy document /> }.into_any(),
        (DocumentState::Held, _) => view! { <Held document /> }.into_any(),
        (DocumentState::Read, _) => ().into_any(),
        (DocumentState::PartlyRead, _) => view! { <PartlyRead document /> }.into_any(),
        (DocumentState::Unreadable, _) => view! { <Unreadable document /> }.into_any(),
        (DocumentState::Cancelled, _) => view! { <Cancelled document /> }.into_any(),
        (DocumentState::Stored, _) => view! { <Stored document /> }.into_any(),
    }
}

#[component]
fn InTrash(document: RwSignal<Document>) -> impl IntoView {
    let id = document.with_untracked(|document| document.id);
    let acts = use_acts();
    let restore = Powers::here().change.then(|| {
        view! {
            <ActForm id="restore-document" action=RestoreDocuments::url() on_send=move |()| acts.restore(vec![id])>
                <HiddenField name="documents[0]" value=id.to_string() />
                <Button kind=ButtonKind::Submit glyph=Glyph::Restore>
                    "Restore"
                </Button>
            </ActForm>
        }
    });
    view! {
        <Notice tone=Tone::Warning title="In the trash">
            <p>{format!("It is deleted for good after {} there.", trash_keeps())}</p>
            {restore}
        </Notice>
    }
}

/// While a job is at work, how far it is and, for those who may, the way to stop it.
#[component]
fn Busy(document: RwSignal<Document>) -> impl IntoView {
    let id = document.with_untracked(|document| document.id);
    let acts = use_acts();
    let label = Signal::derive(move || document.with(progress_label));
    let value = Signal::derive(move || document.with(progress));
    let cancel = Powers::here().change.then(|| {
        view! {
            <ActForm id="cancel-reading" action=CancelDocument::url() on_send=move |()| acts.cancel(id)>
                <HiddenField name="document" value=id.to_string() />
                <Button kind=ButtonKind::Submit glyph=Glyph::Cancel>
                    "Cancel reading"
                </Button>
            </ActForm>
        }
    });
    view! {
        <Notice tone=Tone::Info>
            <Progress label value labelled=true />
            {cancel}
        </Notice>
    }
}

/// It needs more page credits than remain. It goes on by itself, and whoever may is led to where there is room to be made.
#[component]
fn Held(document: RwSignal<Document>) -> impl IntoView {
    let way = may(Action::ReadBilling).then(|| {
        view! {
            <Button href=routes::BILLING glyph=Glyph::Plus>
                "See plan and cap"
            </Button>
        }
    });
    view! {
        <Notice tone=Tone::Warning title="This document waits for page credits">
            <p>
                "Reading it takes more of them than remain in this month. Nothing was charged for it, and it is read by itself: \
                 when the next month begins, or as soon as an owner raises the workspace's cap or takes a larger plan."
            </p>
            <Cluster gap=Gap::Small>{way} <Retry document /> <Original document /></Cluster>
        </Notice>
    }
}

#[component]
fn PartlyRead(document: RwSignal<Document>) -> impl IntoView {
    view! {
        <Notice tone=Tone::Warning title="Not all of this document could be read">
            <p>{move || document.with(what_is_missing)}</p>
            <Retry document />
        </Notice>
    }
}

#[component]
fn Unreadable(document: RwSignal<Document>) -> impl IntoView {
    let reason = move || document.with(|document| document.failure.unwrap_or(Failure::Crashed).message());
    view! {
        <Notice tone=Tone::Danger title="This document could not be read">
            <p>{reason}</p>
            <Cluster gap=Gap::Small>
                <Retry document />
                <Original document />
            </Cluster>
        </Notice>
    }
}

#[component]
fn Cancelled(document: RwSignal<Document>) -> impl IntoView {
    view! {
        <Notice title="Reading was cancelled">
            <p>"What was read before is kept."</p>
            <Cluster gap=Gap::Small>
                <Retry document />
                <Original document />
            </Cluster>
        </Notice>
    }
}

#[component]
fn Stored(document: RwSignal<Document>) -> impl IntoView {
    view! {
        <Notice title=DocumentState::Stored.label()>
            <p>{format!("Sheaf keeps this file as it is. It reads {READ_FORMATS}, by what is in a file and not by its name.")}</p>
            <Cluster gap=Gap::Small>
                <Original document />
            </Cluster>
        </Notice>
    }
}

/// Nothing for those who may not; and why, where it is paused.
#[component]
fn Retry(document: RwSignal<Document>) -> impl IntoView {
    let id = document.with_untracked(|document| document.id);
    let acts = use_acts();
    let powers = Powers::here();
    if powers.change && !powers.read_again {
        return view! { <p>{Feature::ReadAgain.refusal()}</p> }.into_any();
    }
    let form = powers.read_again.then(|| {
        view! {
            <ActForm id="read-again" action=RetryDocument::url() on_send=move |()| acts.retry(id)>
                <HiddenField name="document" value=id.to_string() />
                <Button kind=ButtonKind::Submit glyph=Glyph::Retry>
                    "Read again"
                </Button>
            </ActForm>
        }
    });
    form.into_any()
}

#[component]
fn Original(document: RwSignal<Document>) -> impl IntoView {
    let href = document.with_untracked(|document| routes::document_original(document.id));
    view! {
        <Button href download=true glyph=Glyph::Download>
            "Download original"
        </Button>
    }
}

/// A form that posts its one act, or calls back where scripts are.
#[component]
pub fn ActForm(
    /// Unique on the page.
    id: &'static str,
    action: &'static str,
    #[prop(into)] on_send: Callback<()>,
    children: Children,
) -> impl IntoView {
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        on_send.run(());
    };
    view! {
        <PostForm id action on:submit=send>
            {children()}
        </PostForm>
    }
}

fn progress_label(document: &Document) -> String {
    match (document.state, document.pages) {
        (DocumentState::Waiting, _) => "Waiting to be read".into(),
        (_, Some(pages)) => {
            let pages = counted(pages.unsigned_abs().into(), "page", "pages");
            format!("Reading: {} of {pages}", number(document.pages_read))
        }
        (_, None) => "Opening the file".into(),
    }
}

fn progress(document: &Document) -> Option<f64> {
    let pages = document.pages.filter(|pages| *pages > 0)?;
    (document.state == DocumentState::Reading).then(|| f64::from(document.pages_read) / f64::from(pages))
}

fn what_is_missing(document: &Document) -> String {
    let failed = match document.pages_failed {
        0 => String::new(),
        1 => "One page could not be read; the others are here. ".into(),
        failed => format!("{} pages could not be read; the others are here. ", number(failed)),
    };
    match document.pages.filter(|pages| *pages > document.pages_read) {
        Some(pages) if document.pages_read == 1 => {
            format!("{failed}Only the first of {} pages is here.", number(pages))
        }
        Some(pages) => {
            format!("{failed}The first {} of {} pages are here.", number(document.pages_read), number(pages))
        }
        None => failed,
    }
}

fn number(number: i32) -> String {
    grouped(number.unsigned_abs().into())
}
