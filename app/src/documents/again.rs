//! What it costs to read documents again, and the yes to it: for chosen ones where there are no scripts, and for all.

use domain::{billing::Quote, id::DocumentId, roles::Action};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{
    address,
    api::{ReadAllDocumentsAgain, ReadDocumentsAgain},
};
use crate::{
    billing::{
        Price,
        api::{quote_reading, quote_reading_all},
    },
    error::AppError,
    failure::Failure,
    features::{ReadAgainNotice, reads_again},
    frame::Gate,
    routes,
    ui::{
        Button, ButtonKind, ButtonVariant, Card, Crumb, EmptyState, Form, FormActions, Glyph, HiddenField, Loading,
        Notice, PageHeader, Prose, Tone, counted,
    },
};

/// The page at [`routes::READ_AGAIN`].
#[component]
pub fn ReadAgainPage() -> impl IntoView {
    view! {
        <Gate action=Action::ChangeDocuments>
            <Title text="Read again" />
            <PageHeader title="Read documents again" crumbs=vec![Crumb::new("Documents", routes::DOCUMENTS)] />
            <ReadAgainNotice />
            {reads_again().then(|| view! { <Chosen /> })}
        </Gate>
    }
}

/// The page at [`routes::READ_ALL_AGAIN`].
#[component]
pub fn ReadAllAgainPage() -> impl IntoView {
    view! {
        <Gate action=Action::ReadAllAgain>
            <Title text="Read all again" />
            <PageHeader
                title="Read all documents again"
                description="Every document that you see and that is not in the trash. The private documents of others stay as they are."
                crumbs=vec![Crumb::new("Workspace", routes::SETTINGS_WORKSPACE)]
            />
            <ReadAgainNotice />
            {reads_again().then(|| view! { <All /> })}
        </Gate>
    }
}

#[component]
fn Chosen() -> impl IntoView {
    let params = use_query_map();
    let ids = Memo::new(move |_| params.with(address::chosen));
    let quote = Resource::new(move || ids.get(), quote_reading);
    let action = ServerAction::<ReadDocumentsAgain>::new();
    let refused = Signal::derive(move || Some(action.value().get()?.err()?.message().to_owned()));
    view! {
        <Refusal refused />
        <Suspense fallback=|| view! { <Loading label="Working out what it costs" /> }>
            {move || {
                let ids = ids.get();
                Suspend::new(async move {
                    let quote = quote.await;
                    view! {
                        <Question quote action=ReadDocumentsAgain::url() confirm="Read them again" back=routes::DOCUMENTS ids />
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn All() -> impl IntoView {
    let params = use_query_map();
    let begun =
        Memo::new(move |_| params.with(|params| params.get_str("begun").and_then(|begun| begun.parse::<u64>().ok())));
    let quote = Resource::new(|| (), |()| quote_reading_all());
    let action = ServerAction::<ReadAllDocumentsAgain>::new();
    let refused = Signal::derive(move || Some(action.value().get()?.err()?.message().to_owned()));
    let question = move || match begun.get() {
        Some(documents) => view! { <Begun documents /> }.into_any(),
        None => view! {
            <Suspense fallback=|| view! { <Loading label="Working out what it costs" /> }>
                {move || Suspend::new(async move {
                    let quote = quote.await;
                    view! {
                        <Question
                            quote
                            action=ReadAllDocumentsAgain::url()
                            confirm="Read all again"
                            back=routes::SETTINGS_WORKSPACE
                            ids=Vec::new()
                        />
                    }
                })}
            </Suspense>
        }
        .into_any(),
    };
    view! {
        <Refusal refused />
        {question}
    }
}

/// Why it was not done.
#[component]
fn Refusal(refused: Signal<Option<String>>) -> impl IntoView {
    move || refused.get().map(|text| view! { <Notice tone=Tone::Danger>{text}</Notice> })
}

/// The price, and the form that says yes to it.
#[component]
fn Question(
    quote: Result<Quote, AppError>,
    /// Where it is posted to.
    action: &'static str,
    /// What the button says.
    confirm: &'static str,
    /// Where one goes who says no.
    back: &'static str,
    /// The chosen documents; none where all are meant.
    ids: Vec<DocumentId>,
) -> impl IntoView {
    match quote {
        Err(error) => view! { <Failure error /> }.into_any(),
        Ok(quote) if quote.documents == 0 => view! { <Nothing /> }.into_any(),
        Ok(quote) => {
            let chosen = ids.into_iter().enumerate();
            let fields = chosen
                .map(|(index, id)| view! { <HiddenField name=format!("documents[{index}]") value=id.to_string() /> })
                .collect_view();
            view! {
                <Card>
                    <Prose>
                        <Price quote />
                    </Prose>
                    <Form action>
                        {fields}
                        <FormActions>
                            <Button href=back>"Not now"</Button>
                            <Button variant=ButtonVariant::Primary kind=ButtonKind::Submit>
                                {confirm}
                            </Button>
                        </FormActions>
                    </Form>
                </Card>
            }
            .into_any()
        }
    }
}

#[component]
fn Nothing() -> impl IntoView {
    view! {
        <EmptyState
            glyph=Glyph::Documents
            title="There is nothing to read again"
            text="What is being read, waits for it, or lies in the trash is left as it is."
        >
            <Button href=routes::DOCUMENTS>"Your documents"</Button>
        </EmptyState>
    }
}

/// It is under way.
#[component]
fn Begun(documents: u64) -> impl IntoView {
    let number = counted(documents, "document", "documents");
    let are = if documents == 1 { "is" } else { "are" };
    view! {
        <Notice tone=Tone::Success>{format!("{number} {are} read again, one after another.")}</Notice>
        <FormActions>
            <Button href=routes::ACTIVITY>"See how far it is"</Button>
            <Button href=routes::DOCUMENTS>"Your documents"</Button>
        </FormActions>
    }
}
