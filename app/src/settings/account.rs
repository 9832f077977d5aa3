//! Who one is, one's password, how the pages look, and which keys they listen to.

use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{SettingsHeader, View};
use crate::{
    accounts::api::ChangePassword,
    frame::CurrentProfile,
    returned::state_of,
    routes::{self, Done},
    ui::{
        Button, ButtonKind, ButtonVariant, ErrorState, ErrorSummary, Fact, Facts, Field, FieldKind, FormActions,
        Notice, Section, SingleKeys, ThemeSwitch, Tone,
    },
};

/// The page at [`routes::SETTINGS_ACCOUNT`].
#[component]
pub fn AccountSettings() -> impl IntoView {
    let query = use_query_map();
    let changed = move || {
        let done = query.with(|query| query.get_str("done").and_then(Done::parse));
        (done == Some(Done::PasswordChanged)).then(|| {
            view! {
                <Notice tone=Tone::Success>"Your password is changed, and your other sessions are signed out."</Notice>
            }
        })
    };
    view! {
        <Title text="Settings" />
        <SettingsHeader view=View::Account />
        {changed}
        <Section title="You">
            <Who />
        </Section>
        <Section title="Password" description="Changing it signs out all your other sessions.">
            <PasswordForm />
        </Section>
        <Section title="Theme" description="Kept in this browser.">
            <ThemeSwitch />
        </Section>
        <Section title="Keyboard" description="Kept in this browser.">
            <SingleKeys />
        </Section>
    }
}

#[component]
fn Who() -> impl IntoView {
    let CurrentProfile(profile) = expect_context();
    match profile {
        Some(profile) => view! {
            <Facts>
                <Fact label="Name">{profile.name}</Fact>
                <Fact label="E-mail">{profile.email}</Fact>
                <Fact label="Workspace">{profile.tenant_name}</Fact>
                <Fact label="Role">{profile.role.label()}</Fact>
            </Facts>
        }
        .into_any(),
        None => {
            let text = "Sheaf could not look up who you are. This mends itself as a rule.";
            view! { <ErrorState text retry_href=routes::SETTINGS_ACCOUNT /> }.into_any()
        }
    }
}

#[component]
fn PasswordForm() -> impl IntoView {
    let action = ServerAction::<ChangePassword>::new();
    let (old, new) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    provide_context(state_of(action));
    Effect::new(move |_| {
        if let Some(Ok(())) = action.value().get() {
            old.set(String::new());
            new.set(String::new());
        }
    });
    view! {
        <ActionForm action attr:class="form" attr:novalidate=true>
            <ErrorSummary />
            <Field
                name="old_password"
                label="Current password"
                kind=FieldKind::Password
                autocomplete="current-password"
                bind=old
                required=true
            />
            <Field
                name="new_password"
                label="New password"
                kind=FieldKind::Password
                autocomplete="new-password"
                hint="At least 10 characters; a few words are easy to remember."
                bind=new
                required=true
            />
            <FormActions>
                <Button variant=ButtonVariant::Primary kind=ButtonKind::Submit busy=action.pending()>
                    "Change password"
                </Button>
            </FormActions>
        </ActionForm>
    }
}
