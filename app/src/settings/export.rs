//! The workspace as one archive, for its owners.

use domain::exports::{Export, ExportState, KEPT_DAYS};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;

use super::{SettingsHeader, View};
use crate::{
    error::AppError,
    exports::api::{AskExport, list_exports},
    failure::Failure,
    live::{Subject, use_changes},
    routes,
    ui::{
        Badge, Button, ButtonKind, ButtonVariant, Card, Cluster, EmptyState, FormActions, Glyph, Item, ItemList,
        Loading, Notice, Progress, Prose, Section, Time, Tone, bytes, counted, moment,
    },
};

/// The page at [`routes::SETTINGS_EXPORT`].
#[component]
pub fn ExportSettings() -> impl IntoView {
    let ask = ServerAction::<AskExport>::new();
    let changes = use_changes(Subject::Exports);
    let exports = Resource::new(move || (changes.get(), ask.version().get()), |_| list_exports());
    let refused = move || {
        let error = ask.value().get()?.err()?;
        Some(view! { <Notice tone=Tone::Danger>{error.message().to_owned()}</Notice> })
    };
    view! {
        <Title text="Export" />
        <SettingsHeader view=View::Export />
        {refused}
        <Transition fallback=|| view! { <Loading label="Loading the archives" /> }>
            {move || Suspend::new(async move {
                let exports = exports.await;
                view! { <Answer exports ask /> }
            })}
        </Transition>
    }
}

#[component]
fn Answer(exports: Result<Vec<Export>, AppError>, ask: ServerAction<AskExport>) -> impl IntoView {
    match exports {
        Ok(exports) => {
            let is_busy = exports.iter().any(|export| export.state.is_busy());
            view! {
                <Section
                    title="Export everything"
                    description="One archive of the workspace, to keep or to take elsewhere."
                >
                    <What />
                    <ActionForm action=ask>
                        <FormActions>
                            <Button
                                variant=ButtonVariant::Primary
                                kind=ButtonKind::Submit
                                glyph=Glyph::Download
                                disabled=is_busy
                                busy=ask.pending()
                            >
                                "Make an archive"
                            </Button>
                        </FormActions>
                    </ActionForm>
                </Section>
                <Section title="Archives" description=format!("Each is deleted {KEPT_DAYS} days after it is made.")>
                    <Archives exports />
                </Section>
            }
            .into_any()
        }
        Err(error) => view! { <Failure error /> }.into_any(),
    }
}

#[component]
fn What() -> impl IntoView {
    view! {
        <Prose>
            <p>
                "The archive is a ZIP with every original, what was read in it with the place of each word, the facts, the \
                 reports, the members and the audit log. A text in it says where everything is."
            </p>
            <p>
                "It holds the documents of all members, also those that are private and that you do not see here, and the \
                 trash. Only owners can ask for it and download it, and the audit log says when they did."
            </p>
        </Prose>
    }
}

#[component]
fn Archives(exports: Vec<Export>) -> impl IntoView {
    if exports.is_empty() {
        let text = "Ask for one above. A mail tells you when it is ready.";
        return view! { <EmptyState glyph=Glyph::Download title="No archives" text /> }.into_any();
    }
    let items = exports.into_iter().map(|export| view! { <Archive export /> }).collect_view();
    view! {
        <Card flush=true>
            <ItemList label="Archives">{items}</ItemList>
        </Card>
    }
    .into_any()
}

#[component]
fn Archive(export: Export) -> impl IntoView {
    let download = (export.state == ExportState::Ready).then(|| {
        view! {
            <Button href=routes::export_file(export.id) glyph=Glyph::Download external=true download=true>
                "Download"
            </Button>
        }
    });
    let meta = told(&export);
    let share = export.progress.and_then(|progress| progress.share());
    let progress =
        export.state.is_busy().then(|| view! { <Progress label="Making the archive" value=Signal::stored(share) /> });
    let title = format!("Asked for by {}", export.asked_by);
    view! {
        <Item glyph=Glyph::FileOther title meta>
            <Cluster>
                {progress} <Time at=export.created_at /> <StateBadge state=export.state /> {download}
            </Cluster>
        </Item>
    }
}

#[component]
fn StateBadge(state: ExportState) -> impl IntoView {
    let (tone, glyph) = match state {
        ExportState::Waiting => (Tone::Neutral, Glyph::Clock),
        ExportState::Making => (Tone::Info, Glyph::Clock),
        ExportState::Ready => (Tone::Success, Glyph::Check),
        ExportState::Failed => (Tone::Danger, Glyph::Error),
    };
    view! {
        <Badge tone glyph>
            {state.label()}
        </Badge>
    }
}

/// What the second line says: how far it is, how large, or why there is none.
fn told(export: &Export) -> String {
    match (export.state, &export.progress) {
        (ExportState::Failed, _) => export.failure.clone().unwrap_or_default(),
        (ExportState::Ready, _) => {
            let documents = counted(export.documents.unwrap_or(0).unsigned_abs(), "document", "documents");
            let size = bytes(export.bytes.unwrap_or(0).unsigned_abs());
            match export.expires_at {
                Some(at) => format!("{documents}, {size}, until {}", moment(at)),
                None => format!("{documents}, {size}"),
            }
        }
        (ExportState::Making, Some(progress)) => {
            format!("{} of {}", progress.done, counted(progress.of.unwrap_or(progress.done), "document", "documents"))
        }
        (ExportState::Waiting | ExportState::Making, _) => {
            "You can leave this page; a mail tells you when it is done.".into()
        }
    }
}
