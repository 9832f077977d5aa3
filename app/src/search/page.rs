//! The page one searches with. What is searched stands in the address, so that a search can be linked and kept.

use domain::{
    ErrorKind,
    roles::Action,
    search::{Query, SearchResults},
};
use leptos::{html, prelude::*};
use leptos_router::hooks::use_query_map;

use super::{api::search, results::Results};
use crate::{
    error::AppError,
    failure::Failure,
    frame::may,
    routes,
    ui::{
        Button, ButtonKind, ButtonVariant, EmptyState, Gap, GetForm, GetFormError, Glyph, Loading, PageHeader,
        PageTitle, SearchField, SearchHints, Stack, is_key_off,
    },
};

/// The page at [`routes::SEARCH`]. `?q=` is the query.
#[component]
pub fn SearchPage() -> impl IntoView {
    let parameters = use_query_map();
    let query = Memo::new(move |_| {
        parameters.with(|parameters| parameters.get("q")).map(|query| query.trim().to_owned()).unwrap_or_default()
    });
    let found = Resource::new(
        move || query.get(),
        |query| async move {
            // What cannot be understood is known here already.
            Query::parse(&query)?;
            match query.is_empty() {
                true => Ok(None),
                false => search(query.clone()).await.map(|results| Some((query, results))),
            }
        },
    );
    let title = move || match query.read().as_str() {
        "" => "Search".to_owned(),
        query => format!("Search: {query}"),
    };
    let answer = move || {
        let found = found.get()?;
        Some(view! { <Answer found /> })
    };
    view! {
        <PageTitle text=Signal::derive(title) />
        <PageHeader title="Search" description="All pages of all documents of this workspace.">
            <ReportButton query />
        </PageHeader>
        <Stack gap=Gap::Small>
            <SearchForm query found />
            <Hints />
        </Stack>
        <Transition fallback=|| view! { <Loading label="Searching" /> }>{answer}</Transition>
    }
}

/// What was found, with what was searched: while a new search is under way, that is still the one before.
type Found = Result<Option<(String, SearchResults)>, AppError>;

/// The field, with what is wrong with the query under it.
#[component]
fn SearchForm(query: Memo<String>, found: Resource<Found>) -> impl IntoView {
    let typed = RwSignal::new(query.get_untracked());
    Effect::new(move |_| typed.set(query.get()));
    let field = NodeRef::<html::Input>::new();
    focus_with_slash(field);
    let error = move || {
        let error = found.get()?.err().filter(is_about_query)?;
        Some(view! { <GetFormError message=error.message() /> })
    };
    view! {
        <GetForm action=routes::SEARCH.to_owned() label="Search all documents" search=true>
            <SearchField
                label="Search all documents"
                placeholder="Words, \"a phrase\", type:pdf"
                bind=typed
                shortcut="/"
                node_ref=field
            />
            <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary>
                "Search"
            </Button>
            <Transition>{error}</Transition>
        </GetForm>
    }
}

/// A search that has something to look for can be made a report of, by those who may.
#[component]
fn ReportButton(query: Memo<String>) -> impl IntoView {
    let allowed = may(Action::MakeReports);
    view! {
        <Show when=move || allowed && !query.read().is_empty()>
            <Button href=Signal::derive(move || routes::new_report_of_search(&query.read())) glyph=Glyph::Report>
                "Make a report of this search"
            </Button>
        </Show>
    }
}

#[component]
fn Hints() -> impl IntoView {
    let hints = vec![
        ("lease renewal", "pages with both words, in any of their forms"),
        ("\"notice period\"", "these words one after the other"),
        ("rent OR lease", "one of them"),
        ("lease -draft", "the first without the second"),
        ("contract*", "words that begin like this"),
        ("lease (harbour OR hill)", "parentheses keep together"),
        ("type:pdf", "only this format: pdf, word, text, markdown, csv, html"),
        ("after:2026-01 before:2026-03-15", "only documents added in this time"),
    ];
    view! { <SearchHints label="How to search" hints /> }
}

#[component]
fn Answer(found: Found) -> impl IntoView {
    match found {
        Ok(None) => view! {
            <EmptyState
                glyph=Glyph::Search
                title="Search every page"
                text="Results open the page at the place, with all hits marked."
            />
        }
        .into_any(),
        Ok(Some((query, results))) => view! { <Results query results /> }.into_any(),
        // It stands at the field.
        Err(error) if is_about_query(&error) => ().into_any(),
        Err(error) => view! { <Failure error /> }.into_any(),
    }
}

fn is_about_query(error: &AppError) -> bool {
    error.kind() == ErrorKind::Invalid && error.field() == Some("q")
}

/// Takes one to the field from wherever one is on the page. In the browser only.
fn focus_with_slash(field: NodeRef<html::Input>) {
    Effect::new(move |_| {
        let handle = window_event_listener(leptos::ev::keydown, move |event| {
            let focus = document().active_element();
            let types =
                focus.is_some_and(|focus| focus.closest("input, textarea, select, dialog").ok().flatten().is_some());
            let is_slash = event.key() == "/" && !event.ctrl_key() && !event.alt_key() && !event.meta_key();
            if let Some(field) = field.get_untracked().filter(|_| is_slash && !types && !is_key_off(&event)) {
                event.prevent_default();
                // It fails only for an element that is not in the page any more.
                let _ = field.focus();
                field.select();
            }
        });
        on_cleanup(move || handle.remove());
    });
}
