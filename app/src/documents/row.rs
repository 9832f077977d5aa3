//! One document in the list.

use domain::documents::{DocumentState, ListedDocument};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    acts::Acts,
    api::{CancelDocument, RetryDocument, TrashDocuments},
    list::ROW_FORM,
    powers::Powers,
    selection::Selection,
    state_badge::{StateBadge, format_glyph, note_of},
};
use crate::{
    routes,
    ui::{
        Badge, Cell, Glyph, MenuItem, MenuPost, MenuSeparator, RowMenu, RowSelect, RowTitle, SelectableRow, Time,
        bytes, grouped,
    },
};

/// A row with what the person may do about it.
#[component]
pub(super) fn DocumentRow(document: ListedDocument, selection: Selection, acts: Acts, powers: Powers) -> impl IntoView {
    let id = document.id;
    let title = document.display_title().to_owned();
    let note = note_of(&document);
    let image = document.has_images.then(|| routes::page_thumbnail(id, 1));
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
                <Actions document acts powers />
            </Cell>
        </SelectableRow>
    }
}

#[component]
fn Actions(document: ListedDocument, acts: Acts, powers: Powers) -> impl IntoView {
    let id = document.id;
    let value = id.to_string();
    let label = format!("Actions for {}", document.display_title());
    let retry = (powers.read_again && document.state.can_retry()).then(|| {
        view! {
            <MenuPost
                form=ROW_FORM
                action=RetryDocument::url()
                name="document"
                value=value.clone()
                glyph=Glyph::Retry
                on_choose=move || acts.retry(id)
            >
                "Read again"
            </MenuPost>
        }
    });
    let cancel = (powers.change && document.state.is_busy()).then(|| {
        view! {
            <MenuPost
                form=ROW_FORM
                action=CancelDocument::url()
                name="document"
                value=value.clone()
                glyph=Glyph::Cancel
                on_choose=move || acts.cancel(id)
            >
                "Cancel reading"
            </MenuPost>
        }
    });
    let trash = powers.change.then(|| {
        view! {
            <MenuSeparator />
            <MenuPost
                form=ROW_FORM
                action=TrashDocuments::url()
                name="documents[]"
                value=value
                danger=true
                glyph=Glyph::Trash
                on_choose=move || acts.trash(vec![id])
            >
                "Move to trash"
            </MenuPost>
        }
    });
    let has_text = matches!(document.state, DocumentState::Read | DocumentState::PartlyRead);
    view! {
        <RowMenu id=format!("actions-{id}") label>
            <MenuItem href=routes::document(id) glyph=Glyph::Eye>
                "Open"
            </MenuItem>
            <MenuItem href=routes::document_original(id) external=true download=true glyph=Glyph::Download>
                "Download original"
            </MenuItem>
            {has_text
                .then(|| {
                    view! {
                        <MenuItem
                            href=routes::document_text_file(id)
                            external=true
                            download=true
                            glyph=Glyph::FileText
                        >
                            "Download text"
                        </MenuItem>
                    }
                })}
            {retry}
            {cancel}
            {trash}
        </RowMenu>
    }
}
