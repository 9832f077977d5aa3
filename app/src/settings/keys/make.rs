//! Another key, and the one time that it is shown.

use domain::{
    api_keys::{KEY_ROLES, KeyLife, MadeKey},
    roles::Role,
};
use leptos::{context::Provider, prelude::*};

use crate::{
    returned::state_from,
    routes,
    ui::{
        Button, ButtonKind, ButtonVariant, Card, Fact, Facts, Field, Form, FormActions, Gap, Glyph, Notice, Section,
        Select, Stack, Toasts, Tone, use_toasts,
    },
};

/// A plain form, also where scripts are: what it is answered with is a page that is shown once.
#[component]
pub(super) fn MakeForm() -> impl IntoView {
    let state = Signal::stored(state_from(routes::SETTINGS_KEYS));
    let roles: Vec<_> = KEY_ROLES.iter().map(|role| (role.as_str().to_owned(), role.label().to_owned())).collect();
    let lives: Vec<_> = KeyLife::ALL.iter().map(|life| (life.as_str().to_owned(), life.label().to_owned())).collect();
    view! {
        <Section
            title="Make a key"
            description="A key acts as you: it sees what you see, and it ends when you leave the workspace."
        >
            <Provider value=state>
                <Form action=routes::SETTINGS_KEYS>
                    <Field
                        name="name"
                        label="Name"
                        hint="What the program does, as in “Nightly import”."
                        autocomplete="off"
                        max_length=100u32
                        required=true
                    />
                    <Select
                        name="role"
                        label="Role"
                        hint="Viewer looks and changes nothing. Member uploads too. No key may do more than you."
                        options=roles
                        value=Role::Member.as_str().to_owned()
                    />
                    <Select name="expires" label="Ends" options=lives value=KeyLife::Quarter.as_str().to_owned() />
                    <FormActions>
                        <Button variant=ButtonVariant::Primary kind=ButtonKind::Submit glyph=Glyph::Plus>
                            "Make the key"
                        </Button>
                    </FormActions>
                </Form>
            </Provider>
        </Section>
    }
}

/// The key that was made a moment ago.
#[component]
pub(super) fn MadeNow(made: MadeKey) -> impl IntoView {
    let MadeKey { name, key, .. } = made;
    let (toasts, text) = (use_toasts(), key.clone());
    view! {
        <Notice tone=Tone::Success title=format!("The key “{name}” is made.")>
            "Copy it now, and keep it like a password: it is shown this once, and Sheaf itself does not know it any more."
        </Notice>
        <Card>
            <Stack gap=Gap::Medium>
                <Facts>
                    <Fact label="Key" code=true>
                        {key}
                    </Fact>
                </Facts>
                <FormActions>
                    <Button glyph=Glyph::Copy on:click=move |_| copy(&text, toasts) class:needs-scripts=true>
                        "Copy the key"
                    </Button>
                </FormActions>
            </Stack>
        </Card>
    }
}

/// Puts the key where it can be pasted from, and says whether the browser did so: it gives that place to pages alone that came by
/// HTTPS or from their own machine, and only where the person allows it.
#[cfg(feature = "hydrate")]
fn copy(key: &str, toasts: Toasts) {
    const BY_HAND: &str = "Your browser did not let Sheaf copy it. Select the key above, and copy it yourself.";
    let clipboard = window().navigator().clipboard();
    if clipboard.is_undefined() {
        toasts.error(BY_HAND);
        return;
    }
    let written = clipboard.write_text(key);
    leptos::task::spawn_local(async move {
        match written.await {
            Ok(_) => toasts.success("The key is copied."),
            Err(_) => toasts.error(BY_HAND),
        }
    });
}

/// Nothing is clicked on a server.
#[cfg(not(feature = "hydrate"))]
fn copy(_key: &str, _toasts: Toasts) {}
