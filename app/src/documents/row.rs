//! One document in the list.

use domain::{
    documents::{DocumentState, ListedDocument},
    id::DocumentId,
};
use leptos::prelude::*;

use super::{
    acts::Acts,
    powers::Powers,
    selection::Selection,
    state_badge::{StateBadge, format_glyph, note_of},
};
use crate::{
    routes,
    ui::{
        Badge, Cell, Glyph, MenuItem, MenuSeparator, RowMenu, RowSelect, RowTitle, SelectableRow, Time, bytes, grouped,
        leave_row,
    },
};

/// A row with what the person may do about it.
#[component]
pub(super) fn DocumentRow(document: ListedDocument, selection: Selection, acts: Acts, powers: Powers) -> impl IntoView {
    let id = document.id;
    let title = document.display_title().to_owned();
    let label = format!("Actions for {title}");
    let note = note_of(&document);
    let image = document.has_images.then(|| routes::page_thumbnail(id, 1, document.images.as_ref()));
    let private = document.private.then(|| view! { <Badge glyph=Glyph::Lock>"Private"</Badge> });
    let (format, state, pages, pages_read) = (document.format, document.state, document.pages, document.pages_read);
    let (words, size, added) = (document.words, document.bytes, document.created_at);
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
    view! {
        <SelectableRow selected=move || selection.has(id)>
            {select}
            <Cell primary=true>
                <RowTitle title href=routes::document(id) note image glyph=format_glyph(format)>
                    {private}
                </RowTitle>
            </Cell>
            <Cell>
                <StateBadge state pages pages_read />
            </Cell>
            <Cell numeric=true muted=true hide_narrow=true>
                {pages.map(|pages| grouped(pages.unsigned_abs().into()))}
            </Cell>
            <Cell numeric=true muted=true hide_narrow=true>
                {(words > 0).then(|| grouped(words.unsigned_abs()))}
            </Cell>
            <Cell numeric=true muted=true hide_narrow=true>
                {bytes(size.unsigned_abs())}
            </Cell>
            <Cell muted=true hide_narrow=true>
                <Time at=added />
            </Cell>
            <Cell>
                <RowMenu id=menu_id(id) label items=move || items(id, state, acts, powers) />
            </Cell>
        </SelectableRow>
    }
}

/// The id of the menu of a document's row.
pub(super) fn menu_id(id: DocumentId) -> String {
    format!("actions-{id}")
}

/// What can be done with it.
fn items(id: DocumentId, state: DocumentState, acts: Acts, powers: Powers) -> impl IntoView {
    let text = matches!(state, DocumentState::Read | DocumentState::PartlyRead).then(|| {
        view! {
            <MenuItem href=routes::document_text_file(id) external=true download=true glyph=Glyph::FileText>
                "Download text"
            </MenuItem>
        }
    });
    let retry = (powers.read_again && state.can_retry()).then(|| {
        view! {
            <MenuItem glyph=Glyph::Retry on:click=move |_| acts.retry(id)>
                "Read again"
            </MenuItem>
        }
    });
    let cancel = (powers.change && state.is_busy()).then(|| {
        view! {
            <MenuItem glyph=Glyph::Cancel on:click=move |_| acts.cancel(id)>
                "Cancel reading"
            </MenuItem>
        }
    });
    let trash = powers.change.then(|| {
        let press = move |_| {
            leave_row(&menu_id(id));
            acts.trash(vec![id]);
        };
        view! {
            <MenuSeparator />
            <MenuItem danger=true glyph=Glyph::Trash on:click=press>
                "Move to trash"
            </MenuItem>
        }
    });
    view! {
        <MenuItem href=routes::document(id) glyph=Glyph::Eye>
            "Open"
        </MenuItem>
        <MenuItem href=routes::document_original(id) external=true download=true glyph=Glyph::Download>
            "Download original"
        </MenuItem>
        {text}
        {retry}
        {cancel}
        {trash}
    }
}
