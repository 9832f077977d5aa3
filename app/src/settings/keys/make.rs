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
        Select, Stack, Tone,
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
    let (copied, text) = (RwSignal::new(false), key.clone());
    let on_copy = move |_| {
        if copy(&text) {
            copied.set(true);
        }
    };
    let label = move || if copied.get() { "Copied" } else { "Copy the key" };
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
                    <Button glyph=Glyph::Copy on:click=on_copy class:needs-scripts=true>
                        {label}
                    </Button>
                </FormActions>
            </Stack>
        </Card>
    }
}

/// Whether there is a place to copy to: browsers give it to pages alone that came by HTTPS or from their own machine.
#[cfg(feature = "hydrate")]
fn copy(text: &str) -> bool {
    let clipboard = window().navigator().clipboard();
    if clipboard.is_undefined() {
        return false;
    }
    // Where the person does not allow it, the key still stands there to be copied by hand.
    let _ = clipboard.write_text(text);
    true
}

/// Nothing is clicked on a server.
#[cfg(not(feature = "hydrate"))]
fn copy(_text: &str) -> bool {
    false
}
