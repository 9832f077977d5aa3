//! The question before something is taken away.

use leptos::prelude::*;

use super::{Button, ButtonKind, ButtonVariant, Dialog, DialogActions};

/// Asks once more. With `action` it is a form that posts there and works without scripts; with `on_confirm` it calls
/// back and closes.
#[component]
pub fn ConfirmDialog(
    /// Unique on the page.
    #[prop(into)]
    id: String,
    /// The question: "Delete 3 documents?".
    #[prop(into)]
    title: Signal<String>,
    /// What the button does: "Move to trash".
    #[prop(into)]
    confirm: Signal<String>,
    /// What the other button says, where "Cancel" could mean either.
    #[prop(default = "Cancel")]
    dismiss: &'static str,
    /// The act takes something away.
    #[prop(optional)]
    danger: bool,
    #[prop(optional, into)] open: Option<RwSignal<bool>>,
    /// There is nothing to say yes to yet.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    #[prop(optional, into)] on_confirm: Option<Callback<()>>,
    /// The path that the confirmation is posted to.
    #[prop(optional, into)]
    action: Option<String>,
    /// What will happen, and hidden fields of the form.
    children: Children,
) -> impl IntoView {
    let variant = if danger { ButtonVariant::Danger } else { ButtonVariant::Primary };
    let dialog = id.clone();
    let is_form = action.is_some();
    let open = open.unwrap_or_else(|| RwSignal::new(false));
    view! {
        <Dialog id=id title=title open>
            <form
                method=if is_form { "post" } else { "dialog" }
                action=action
                on:submit=move |_| {
                    if let Some(on_confirm) = on_confirm {
                        on_confirm.run(());
                    }
                }
            >
                <div class="prose">{children()}</div>
                <DialogActions>
                    <CancelButton dialog open text=dismiss />
                    <Button variant kind=ButtonKind::Submit disabled>
                        {move || confirm.get()}
                    </Button>
                </DialogActions>
            </form>
        </Dialog>
    }
}

/// Closes the dialog without submitting its form: natively by its command, elsewhere through `open`.
#[component]
fn CancelButton(dialog: String, open: RwSignal<bool>, text: &'static str) -> impl IntoView {
    view! {
        <button class="btn btn-md" type="button" commandfor=dialog command="close" on:click=move |_| open.set(false)>
            {text}
        </button>
    }
}
