//! The trash: what was thrown away in the last days, with a way back.

use domain::{
    documents::{ListQuery, ListedDocument, Listing},
    id::DocumentId,
};
use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{
    acts::{Acts, use_acts},
    address,
    api::{DeleteDocuments, RestoreDocuments, list_documents},
    powers::Powers,
    row::menu_id,
    selection::Selection,
    state_badge::{format_glyph, note_of},
};
use crate::{
    error::AppError,
    failure::Failure,
    frame::trash_keeps,
    live::{Subject, use_changes},
    routes,
    ui::{
        ActionsHeader, Button, ButtonKind, ButtonVariant, Cell, Crumb, Dialog, DialogActions, EmptyState, Gap, Glyph,
        HeaderCell, Loading, MenuItem, PageHeader, Pagination, PostForm, Prose, RowMenu, RowSelect, RowSelectAll,
        RowTitle, SelectableRow, SelectionBar, Stack, Table, Time, bytes, counted, leave_row,
    },
};

const FORM: &str = "trash-form";
const DIALOG: &str = "delete-for-good";

/// What is being asked about before it is deleted.
#[derive(Clone, Copy)]
struct Deleting {
    open: RwSignal<bool>,
    ids: RwSignal<Vec<DocumentId>>,
}

impl Deleting {
    fn ask(self, ids: Vec<DocumentId>) {
        self.ids.set(ids);
        self.open.set(true);
    }
}

/// The page at [`routes::TRASH`].
#[component]
pub fn DocumentTrash() -> impl IntoView {
    let params = use_query_map();
    let query = Memo::new(move |_| params.with(|params| address::read(params, true)));
    let changes = use_changes(Subject::Documents);
    let listing = Resource::new(move || (query.get(), changes.get()), |(query, _)| list_documents(query));
    let selection = Selection::new();
    let deleting = Deleting { open: RwSignal::new(false), ids: RwSignal::new(Vec::new()) };
    let powers = Powers::here();
    view! {
        <Title text="Trash" />
        <PageHeader
            title="Trash"
            description=format!("Documents stay here for {} and are then deleted for good.", trash_keeps())
            crumbs=vec![Crumb::new("Documents", routes::DOCUMENTS)]
        />
        <Transition fallback=|| view! { <Loading label="Loading the trash" /> }>
            <Answer listing query selection deleting powers />
        </Transition>
        {powers.change.then(|| view! { <DeleteDialog selection deleting /> })}
    }
}

/// As in the list of documents: the rows stay while the trash is looked at again.
#[component]
fn Answer(
    listing: Resource<Result<Listing, AppError>>,
    query: Memo<ListQuery>,
    selection: Selection,
    deleting: Deleting,
    powers: Powers,
) -> impl IntoView {
    // Rows, nothing, or a failure.
    let shape = Memo::new(move |_| listing.get().map(|listing| listing.map(|listing| listing.documents.is_empty())));
    let found = Memo::new(move |before: Option<&Option<Listing>>| {
        let answered = listing.get().and_then(Result::ok);
        answered.or_else(|| before.cloned().flatten())
    });
    move || {
        shape.get().map(|shape| match shape {
            Ok(true) => view! { <Nothing powers /> }.into_any(),
            Ok(false) => view! { <Rows found query selection deleting powers /> }.into_any(),
            Err(error) => view! { <Failure error /> }.into_any(),
        })
    }
}

#[component]
fn Nothing(powers: Powers) -> impl IntoView {
    let text = if powers.change {
        "What you move to the trash can be restored here."
    } else {
        "What others move to the trash is shown here until it is deleted for good."
    };
    view! {
        <EmptyState glyph=Glyph::Trash title="The trash is empty" text>
            <Button href=routes::DOCUMENTS>"Your documents"</Button>
        </EmptyState>
    }
}

#[component]
fn Rows(
    found: Memo<Option<Listing>>,
    query: Memo<ListQuery>,
    selection: Selection,
    deleting: Deleting,
    powers: Powers,
) -> impl IntoView {
    let documents = move || found.get().map(|listing| listing.documents).unwrap_or_default();
    let shown = Memo::new(move |_| documents().iter().map(|document| document.id).collect::<Vec<DocumentId>>());
    Effect::new(move |_| selection.keep_only(&shown.get()));
    let pages = move || {
        let next = found.get().and_then(|listing| listing.next);
        let older = query.with(|query| next.map(|next| address::placed(query, Some(next))));
        let start = query.with(|query| query.after.as_ref().map(|_| address::placed(query, None)));
        view! { <Pagination label="Trash" newer=start older newer_label="Back to the start" /> }
    };
    let acts = use_acts();
    let table = view! {
        <Table label="Documents in the trash">
            <Head selection shown powers />
            <tbody>
                <For each=documents key=|document| document.id let:document>
                    <TrashRow document selection deleting acts powers />
                </For>
            </tbody>
        </Table>
    };
    let rows = if powers.change {
        Either::Left(view! {
            <PostForm id=FORM action=RestoreDocuments::url() on:submit=move |event| {
                event.prevent_default();
                acts.restore(selection.ids());
            } on:keydown=move |event| selection.hear(&event)>
                <Stack gap=Gap::Small>
                    <Chosen selection deleting />
                    {table}
                </Stack>
            </PostForm>
        })
    } else {
        Either::Right(table)
    };
    view! {
        {rows}
        {pages}
    }
}

#[component]
fn Chosen(selection: Selection, deleting: Deleting) -> impl IntoView {
    view! {
        <SelectionBar count=selection.count() noun="document" on_clear=move |()| selection.clear()>
            <Button kind=ButtonKind::Submit glyph=Glyph::Restore>
                "Restore"
            </Button>
            <Button
                variant=ButtonVariant::Danger
                glyph=Glyph::Trash
                opens=DIALOG
                on:click=move |_| deleting.ask(selection.ids())
            >
                "Delete for good"
            </Button>
        </SelectionBar>
    }
}

#[component]
fn Head(selection: Selection, shown: Memo<Vec<DocumentId>>, powers: Powers) -> impl IntoView {
    let rows = move || shown.with(Vec::len) as u64;
    let count = selection.count();
    let all = Signal::derive(move || rows() > 0 && count.get() == rows());
    let partial = Signal::derive(move || count.get() > 0 && count.get() < rows());
    let select_all = powers.change.then(|| {
        view! { <RowSelectAll checked=all partial on_change=move |on| selection.set_all(&shown.get_untracked(), on) /> }
    });
    let actions = powers.change.then(|| view! { <ActionsHeader /> });
    view! {
        <thead>
            <tr>
                {select_all}
                <HeaderCell>"Name"</HeaderCell>
                <HeaderCell numeric=true hide_narrow=true>
                    "Size"
                </HeaderCell>
                <HeaderCell hide_narrow=true>"Moved here"</HeaderCell>
                {actions}
            </tr>
        </thead>
    }
}

#[component]
fn TrashRow(
    document: ListedDocument,
    selection: Selection,
    deleting: Deleting,
    acts: Acts,
    powers: Powers,
) -> impl IntoView {
    let id = document.id;
    let title = document.display_title().to_owned();
    let note = note_of(&document);
    let select = powers.change.then(|| {
        view! {
            <RowSelect
                name="documents[]"
                value=id.to_string()
                label=format!("Select {title}")
                checked=move || selection.has(id)
                on_change=move |on| selection.set(id, on)
            />
        }
    });
    let label = format!("Actions for {title}");
    let actions = powers.change.then(|| {
        view! {
            <Cell>
                <RowMenu id=menu_id(id) label items=move || items(id, deleting, acts) />
            </Cell>
        }
    });
    view! {
        <SelectableRow selected=move || selection.has(id)>
            {select}
            <Cell primary=true>
                <RowTitle title note glyph=format_glyph(document.format) />
            </Cell>
            <Cell numeric=true muted=true hide_narrow=true>
                {bytes(document.bytes.unsigned_abs())}
            </Cell>
            <Cell muted=true hide_narrow=true>{document.trashed_at.map(|at| view! { <Time at /> })}</Cell>
            {actions}
        </SelectableRow>
    }
}

/// What can be done with it.
fn items(id: DocumentId, deleting: Deleting, acts: Acts) -> impl IntoView {
    let restore = move |_| {
        leave_row(&menu_id(id));
        acts.restore(vec![id]);
    };
    view! {
        <MenuItem glyph=Glyph::Restore on:click=restore>
            "Restore"
        </MenuItem>
        <MenuItem danger=true glyph=Glyph::Trash on:click=move |_| deleting.ask(vec![id])>
            "Delete for good"
        </MenuItem>
    }
}

/// Asks once more. Without scripts its button posts the rows that are chosen.
#[component]
fn DeleteDialog(selection: Selection, deleting: Deleting) -> impl IntoView {
    let acts = use_acts();
    let number = move || counted(deleting.ids.with(Vec::len) as u64, "document", "documents");
    let title = Signal::derive(move || match deleting.ids.with(Vec::len) {
        0 => "Delete the chosen documents for good?".to_owned(),
        _ => format!("Delete {} for good?", number()),
    });
    let delete = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        deleting.open.set(false);
        acts.delete(deleting.ids.get_untracked());
        selection.clear();
    };
    view! {
        <Dialog id=DIALOG title open=deleting.open>
            <Prose>
                <p>"The files, their text and their page images are gone then, and nothing brings them back."</p>
            </Prose>
            <DialogActions>
                <Button on:click=move |_| deleting.open.set(false)>"Cancel"</Button>
                <Button
                    variant=ButtonVariant::Danger
                    kind=ButtonKind::Submit
                    attr:form=FORM
                    attr:formaction=DeleteDocuments::url()
                    on:click=delete
                >
                    "Delete for good"
                </Button>
            </DialogActions>
        </Dialog>
    }
}
