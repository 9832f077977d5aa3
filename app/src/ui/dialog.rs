//! A question or a form over the page, in a native `<dialog>`: the browser keeps the focus inside and Escape closes it.

use leptos::{html, prelude::*};

use super::{Glyph, Icon};

/// A modal dialog. It is opened by `open`, or without scripts by a button with `opens="its id"`.
#[component]
pub fn Dialog(
    /// Unique on the page.
    #[prop(into)]
    id: String,
    #[prop(into)] title: Signal<String>,
    /// Follows and leads: set it to open or close, and it is false again when the person closed the dialog.
    #[prop(optional, into)]
    open: Option<RwSignal<bool>>,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let (Some(open), Some(dialog)) = (open, node.get()) else {
            return;
        };
        match (open.get(), dialog.open()) {
            // It fails only for a dialog that is not in the page any more.
            (true, false) => drop(dialog.show_modal()),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let title_id = format!("{id}-title");
    let (labelled_by, closes) = (title_id.clone(), id.clone());
    view! {
        <dialog
            class="dialog"
            id=id
            node_ref=node
            closedby="any"
            aria-labelledby=labelled_by
            on:close=move |_| {
                if let Some(open) = open {
                    open.set(false);
                }
            }
        >
            <header class="dialog-header">
                <h2 class="dialog-title" id=title_id>
                    {move || title.get()}
                </h2>
                <button
                    class="btn btn-ghost btn-square btn-sm"
                    type="button"
                    aria-label="Close"
                    commandfor=closes
                    command="close"
                    on:click=move |_| {
                        if let Some(dialog) = node.get_untracked() {
                            dialog.close();
                        }
                    }
                >
                    <Icon glyph=Glyph::Close />
                </button>
            </header>
            <div class="dialog-body">{children()}</div>
        </dialog>
    }
}

/// The buttons at the end of a dialog; the last one does what the title says.
#[component]
pub fn DialogActions(children: Children) -> impl IntoView {
    view! { <div class="dialog-actions">{children()}</div> }
}

/// Whether a dialog or a menu is open, wherever the focus is: Escape is meant for it. In the browser only.
pub fn is_overlay_open() -> bool {
    let open = document().query_selector("dialog[open], [popover]:popover-open");
    matches!(open, Ok(Some(_)))
}
