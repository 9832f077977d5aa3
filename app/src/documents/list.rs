//! The documents of the workspace.

use domain::{
    documents::{ListQuery, ListedDocument, Listing, Sort},
    id::DocumentId,
};
use leptos::{
    either::{Either, EitherOf4},
    prelude::*,
    server_fn::ServerFn,
};
use leptos_meta::Title;
use leptos_router::hooks::{use_navigate, use_query_map};

use super::{
    acts::{Acts, use_acts},
    address,
    again_dialog::{Again, AgainDialog},
    api::{TrashDocuments, list_documents},
    counts::{in_view, is_whole, on_all_pages},
    everything::{Everything, OnAllPages, TrashEverything},
    filters::Filters,
    list_header::ListHeader,
    powers::Powers,
    row::DocumentRow,
    selection::Selection,
    upload::PlainUpload,
};
use crate::{
    error::AppError,
    failure::Failure,
    features::ReadAgainNotice,
    live::{Subject, keep_looking, use_changes},
    routes,
    ui::{
        ActionsHeader, Button, ButtonKind, EmptyState, Gap, Glyph, HeaderCell, Loading, Notice, Pagination, PostForm,
        RowSelectAll, SelectionBar, SortDirection, SortHeader, Stack, Table, Tone, WithoutScripts, ready,
    },
};

/// The page at [`routes::DOCUMENTS`].
#[component]
pub fn DocumentList() -> impl IntoView {
    let params = use_query_map();
    let query = Memo::new(move |_| params.with(|params| address::read(params, false)));
    let changes = use_changes(Subject::Documents);
    let listing = Resource::new(
        move || (query.get(), changes.get()),
        |(query, _)| async move {
            let listing = list_documents(query.clone()).await;
            (query, listing)
        },
    );
    let selection = Selection::new();
    let powers = Powers::here();
    view! {
        <Title text="Documents" />
        {powers.change.then(|| view! { <ReadAgainNotice /> })}
        <Transition>
            <ListHeader listing powers />
        </Transition>
        <Stack gap=Gap::Medium>
            <Filters query />
            <Transition fallback=|| view! { <Loading label="Loading documents" /> }>
                <Answer listing query selection powers />
            </Transition>
        </Stack>
    }
}

/// The answer of the list, with what it was asked for: while another question is under way, that is still the one before.
pub(super) type ListingResource = Resource<(ListQuery, Result<Listing, AppError>)>;

/// What there is to show, apart from the rows themselves.
#[derive(Clone, PartialEq)]
enum Shape {
    Rows,
    /// Nothing is like what was asked for.
    NoMatch,
    /// There is nothing at all.
    Nothing,
    Failed(AppError),
}

/// The answer of the list. Its parts are made anew only when another shape is due: the rows stay while the list is looked
/// at again, and with them the focus and what was chosen; also when that fails, with a word that they may be out of date.
#[component]
fn Answer(listing: ListingResource, query: Memo<ListQuery>, selection: Selection, powers: Powers) -> impl IntoView {
    // What the rows were asked for that are there.
    let kept = Memo::new(move |before: Option<&Option<ListQuery>>| {
        listing.with(|listing| match listing {
            Some((asked, Ok(listing))) => (!listing.documents.is_empty()).then(|| asked.clone()),
            _ => before.cloned().flatten(),
        })
    });
    let stale = Memo::new(move |_| {
        // It is asked first, because it knows only what it was asked for.
        let is_kept = kept.with(|kept| query.with(|query| kept.as_ref() == Some(query)));
        is_kept && listing.with(|listing| matches!(listing, Some((_, Err(error))) if error.kind().may_pass()))
    });
    let shape = Memo::new(move |_| {
        let is_stale = stale.get();
        listing.with(|listing| {
            let (asked, answer) = listing.as_ref()?;
            Some(match answer {
                Ok(listing) if !listing.documents.is_empty() => Shape::Rows,
                Ok(_) if asked.is_filtered() || asked.after.is_some() => Shape::NoMatch,
                Ok(_) => Shape::Nothing,
                Err(_) if is_stale => Shape::Rows,
                Err(error) => Shape::Failed(error.clone()),
            })
        })
    });
    let found = Memo::new(move |before: Option<&Option<Listing>>| {
        let answered = listing.get().and_then(|(_, answer)| answer.ok());
        answered.or_else(|| before.cloned().flatten())
    });
    let shown = move || {
        shape.get().map(|shape| match shape {
            Shape::Rows => EitherOf4::A(view! { <Rows found asked=kept stale query selection powers /> }),
            Shape::NoMatch => EitherOf4::B(view! { <NoMatch powers /> }),
            Shape::Nothing => EitherOf4::C(view! { <NoDocuments powers /> }),
            Shape::Failed(error) => EitherOf4::D(view! { <Failure error /> }),
        })
    };
    ready(move || listing.with(|_| ()), shown)
}

/// Says that the rows are those of a moment ago, and looks again until it is gone.
#[component]
fn Stale() -> impl IntoView {
    keep_looking();
    view! {
        <Notice tone=Tone::Warning title="Not up to date">
            "Sheaf could not be asked just now. These are the documents of a moment ago; the list mends itself as soon as it can."
        </Notice>
    }
}

#[component]
fn NoMatch(powers: Powers) -> impl IntoView {
    view! {
        <EmptyState glyph=Glyph::Filter title="No document is like that" text="Other filters may find more.">
            <Button href=routes::DOCUMENTS>"Show all documents"</Button>
        </EmptyState>
        <UploadWithoutScripts powers />
    }
}

/// Where the link in the header leads while there is no button.
#[component]
fn UploadWithoutScripts(powers: Powers) -> impl IntoView {
    powers.upload.then(|| {
        view! {
            <WithoutScripts>
                <PlainUpload />
            </WithoutScripts>
        }
    })
}

#[component]
fn NoDocuments(powers: Powers) -> impl IntoView {
    let text = if powers.upload {
        "Drop files anywhere on this page, and Sheaf reads them: every page becomes text that you can search and quote."
    } else {
        "Nobody has added a document yet. What others add stands here."
    };
    view! {
        <EmptyState glyph=Glyph::Documents title="No documents yet" text />
        {powers.upload.then(|| view! { <PlainUpload /> })}
    }
}

#[component]
fn Rows(
    found: Memo<Option<Listing>>,
    /// What they were found for.
    asked: Memo<Option<ListQuery>>,
    stale: Memo<bool>,
    query: Memo<ListQuery>,
    selection: Selection,
    powers: Powers,
) -> impl IntoView {
    let acts = use_acts();
    let shown = Memo::new(move |_| {
        found.with(|found| {
            found.iter().flat_map(|found| &found.documents).map(|document| document.id).collect::<Vec<_>>()
        })
    });
    // Rows that are gone are no longer chosen.
    Effect::new(move |_| selection.keep_only(&shown.get()));
    let table = view! { <DocumentTable found query selection shown powers /> };
    let again = Again::new();
    // Where this page is not all there is, it is said that the others are not chosen.
    let all = Signal::derive(move || {
        let is_part =
            found.with(|found| found.as_ref().is_some_and(|found| query.with(|query| !is_whole(query, found))));
        is_part && selection.count().get() == shown.with(Vec::len) as u64
    });
    let everything = Everything::new(Memo::new(move |_| {
        // While another list is on its way, these rows are none of it.
        let is_asked = asked.with(|asked| query.with(|query| asked.as_ref() == Some(query)));
        let number = found.with(|found| query.with(|query| on_all_pages(query, found.as_ref()?)))?;
        (is_asked && all.get()).then(|| (query.get(), number))
    }));
    let rows = if powers.change {
        Either::Left(view! {
            <PostForm id="documents-form" action=TrashDocuments::url() on:submit=move |event| {
                event.prevent_default();
                if !everything.ask() {
                    acts.trash(selection.ids());
                }
            } on:keydown=move |event| selection.hear(&event)>
                <Stack gap=Gap::Small>
                    <Chosen selection all everything powers again acts />
                    {table}
                </Stack>
            </PostForm>
            <AgainDialog again selection acts />
            <TrashEverything everything acts />
        })
    } else {
        Either::Right(table)
    };
    view! {
        {move || stale.get().then(|| view! { <Stale /> })}
        {rows}
        <Pages found asked />
        <UploadWithoutScripts powers />
    }
}

/// What is in view, and the ways to the rest of that.
#[component]
fn Pages(
    found: Memo<Option<Listing>>,
    /// What it was found for.
    asked: Memo<Option<ListQuery>>,
) -> impl IntoView {
    move || {
        let query = asked.get().unwrap_or_default();
        let next = found.with(|found| found.as_ref().and_then(|listing| listing.next.clone()));
        let older = next.map(|next| address::placed(&query, Some(next)));
        let start = query.after.is_some().then(|| address::placed(&query, None));
        let summary = found.with(|found| found.as_ref().map(|found| in_view(&query, found))).unwrap_or_default();
        view! { <Pagination label="Documents" newer=start older newer_label="Back to the start" summary /> }
    }
}

#[component]
fn DocumentTable(
    found: Memo<Option<Listing>>,
    query: Memo<ListQuery>,
    selection: Selection,
    shown: Memo<Vec<DocumentId>>,
    powers: Powers,
) -> impl IntoView {
    let acts = use_acts();
    let documents = move || found.with(|found| found.as_ref().map(|found| found.documents.clone()).unwrap_or_default());
    view! {
        <Table label="Documents" class:document-rows=true>
            {move || view! { <Head query=query.get() selection shown powers /> }}
            <tbody>
                <For
                    each=documents
                    key=|document| {
                        let ListedDocument { id, state, pages_read, pages, words, private, images, .. } = document;
                        (*id, *state, *pages_read, *pages, *words, *private, images.clone())
                    }
                    let:document
                >
                    <DocumentRow document selection acts powers />
                </For>
            </tbody>
        </Table>
    }
}

#[component]
fn Chosen(
    selection: Selection,
    all: Signal<bool>,
    everything: Everything,
    powers: Powers,
    again: Again,
    acts: Acts,
) -> impl IntoView {
    let navigate = use_navigate();
    // What names each document is for those of a page.
    let is_everything = Signal::derive(move || everything.count().is_some());
    let rows = selection.count();
    let count = Signal::derive(move || everything.count().unwrap_or_else(|| rows.get()));
    let which = Signal::derive(move || match (is_everything.get(), all.get()) {
        (true, _) => "on all pages",
        (false, true) => "all on this page",
        (false, false) => "",
    });
    let report = powers.report.then(|| {
        view! {
            <Button
                kind=ButtonKind::Submit
                glyph=Glyph::Report
                disabled=is_everything
                attr:formmethod="get"
                attr:formaction=routes::NEW_REPORT
                on:click=move |event| {
                    event.prevent_default();
                    navigate(&routes::new_report(selection.ids()), Default::default());
                }
            >
                "Make a report"
            </Button>
        }
    });
    let read_again = powers.read_again.then(|| {
        view! {
            <Button
                kind=ButtonKind::Submit
                glyph=Glyph::Retry
                disabled=is_everything
                attr:formmethod="get"
                attr:formaction=routes::READ_AGAIN
                on:click=move |event| {
                    event.prevent_default();
                    again.ask(selection, acts);
                }
            >
                "Read again"
            </Button>
        }
    });
    view! {
        <SelectionBar count noun="document" which on_clear=move |()| selection.clear()>
            <OnAllPages everything />
            // First, because it is what the Enter key presses.
            {report}
            {read_again}
            <Button kind=ButtonKind::Submit glyph=Glyph::Trash>
                "Move to trash"
            </Button>
        </SelectionBar>
    }
}

#[component]
fn Head(query: ListQuery, selection: Selection, shown: Memo<Vec<DocumentId>>, powers: Powers) -> impl IntoView {
    let count = selection.count();
    let rows = move || shown.with(Vec::len) as u64;
    let all = Signal::derive(move || rows() > 0 && count.get() == rows());
    let partial = Signal::derive(move || count.get() > 0 && count.get() < rows());
    let by = |ascending: Sort, descending: Sort, first: Sort| {
        let sorted = match query.sort {
            sort if sort == ascending => Some(SortDirection::Ascending),
            sort if sort == descending => Some(SortDirection::Descending),
            _ => None,
        };
        let other = match sorted {
            Some(SortDirection::Ascending) => descending,
            Some(SortDirection::Descending) => ascending,
            None => first,
        };
        (address::sorted(&query, other), Signal::stored(sorted))
    };
    let (name_href, name) = by(Sort::Name, Sort::NameDescending, Sort::Name);
    let (size_href, size) = by(Sort::Smallest, Sort::Largest, Sort::Largest);
    let (added_href, added) = by(Sort::Oldest, Sort::Newest, Sort::Newest);
    let select_all = powers.change.then(|| {
        view! { <RowSelectAll checked=all partial on_change=move |on| selection.set_all(&shown.get_untracked(), on) /> }
    });
    view! {
        <thead>
            <tr>
                {select_all}
                <SortHeader href=name_href sorted=name>
                    "Name"
                </SortHeader>
                <HeaderCell>"State"</HeaderCell>
                <HeaderCell numeric=true hide_narrow=true>
                    "Pages"
                </HeaderCell>
                <HeaderCell numeric=true hide_narrow=true>
                    "Words"
                </HeaderCell>
                <SortHeader href=size_href sorted=size numeric=true hide_narrow=true>
                    "Size"
                </SortHeader>
                <SortHeader href=added_href sorted=added hide_narrow=true>
                    "Added"
                </SortHeader>
                <ActionsHeader />
            </tr>
        </thead>
    }
}
