//! A link to a file of the document, for a program that has no session of its own.

use domain::documents::Document;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    reader::reading::Reading,
    reader_api::{LinkShown, link_file},
};
use crate::{
    error::AppError,
    failure::Failure,
    routes,
    ui::{Button, Card, Cluster, Fact, Facts, Gap, Loading, LoadingShape, Stack, moment},
};

/// The word in the address that asks for a link to the file itself; a number asks for one to the image of that page.
const ORIGINAL: &str = "original";

/// The page whose image a link is offered to.
const FIRST_PAGE: &str = "1";

/// The link that the address of the page asks for.
#[derive(Clone, Copy)]
pub(super) struct OpenLink {
    /// What it is to.
    asked: Memo<Option<String>>,
    link: Resource<Result<Option<LinkShown>, AppError>>,
    /// How often another one was asked for.
    times: RwSignal<u32>,
}

impl OpenLink {
    /// Begins to make it. Call it at the top of a page, after [`Reading::new`].
    pub fn new(reading: Reading) -> Self {
        let (queries, times) = (use_query_map(), RwSignal::new(0));
        let asked = Memo::new(move |_| queries.with(|query| query.get("link")));
        let link = Resource::new(
            move || (reading.id.get(), asked.get(), times.get()),
            |(id, asked, _)| async move {
                match (id, asked.as_deref(), asked.as_deref().and_then(|page| page.parse().ok())) {
                    (Some(id), Some(ORIGINAL), _) => link_file(id, None).await.map(Some),
                    (Some(id), _, Some(page)) => link_file(id, Some(page)).await.map(Some),
                    _ => Ok(None),
                }
            },
        );
        Self { asked, link, times }
    }

    /// Makes another link to what there is one to already: the address stays as it is, and asks for nothing by itself.
    fn ask_again(self, file: &str) {
        if self.asked.with_untracked(|asked| asked.as_deref() == Some(file)) {
            self.times.update(|times| *times += 1);
        }
    }
}

/// The card on the page of facts. What lies in the trash has none.
#[component]
pub(super) fn LinkCard(document: RwSignal<Document>) -> impl IntoView {
    let is_there = Memo::new(move |_| document.with(|document| document.trashed_at.is_none()));
    move || is_there.get().then(|| view! { <Links document /> })
}

#[component]
fn Links(document: RwSignal<Document>) -> impl IntoView {
    let open = expect_context::<OpenLink>();
    let id = document.with_untracked(|document| document.id);
    let has_images = Memo::new(move |_| document.with(|document| document.has_images));
    let answer = |answer: Result<Option<LinkShown>, AppError>| match answer {
        Ok(Some(link)) => view! { <Shown link /> }.into_any(),
        Ok(None) => ().into_any(),
        Err(error) => view! { <Failure error /> }.into_any(),
    };
    view! {
        <Card title="A link for another program" attr:id="link">
            <Stack gap=Gap::Medium>
                <p>
                    "An office program or a command can open a file by a link, without signing in. It is good for five minutes, \
                     for whoever has it, and ends sooner if you sign out or may not see the document any more."
                </p>
                <Transition fallback=|| {
                    view! { <Loading label="Making a link" shape=LoadingShape::Text /> }
                }>{move || open.link.get().map(answer)}</Transition>
                <Cluster gap=Gap::Small>
                    <Button href=routes::document_link(id, ORIGINAL) on:click=move |_| open.ask_again(ORIGINAL)>
                        "Make a link to the file"
                    </Button>
                    <Show when=move || has_images.get()>
                        <Button
                            href=routes::document_link(id, FIRST_PAGE)
                            on:click=move |_| open.ask_again(FIRST_PAGE)
                        >
                            "Make a link to the image of page 1"
                        </Button>
                    </Show>
                </Cluster>
            </Stack>
        </Card>
    }
}

#[component]
fn Shown(link: LinkShown) -> impl IntoView {
    view! {
        <Facts>
            <Fact label="Link" code=true>
                {link.address}
            </Fact>
            <Fact label="Good until">{moment(link.until)}</Fact>
        </Facts>
    }
}
