//! The settings of the workspace, for whoever may change them.

use domain::{
    roles::Action,
    tenants::{DOCUMENT_LANGUAGES, LogoFault, ScreenLanguage, TRASH_DAYS},
};
use leptos::{context::Provider, form::ActionForm, prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{SettingsHeader, View, danger::DangerZone, load_again};
use crate::{
    failure::Failure,
    features::{ReadAgainNotice, reads_again},
    frame::may,
    returned::state_of,
    routes::{self, Changed},
    tenants::api::{ChangeSettings, RemoveLogo, SettingsToChange, find_settings},
    ui::{
        Button, ButtonKind, ButtonVariant, ErrorSummary, Field, FieldKind, FileField, FormActions, Glyph, Loading,
        LogoImage, Notice, PostForm, Section, Select, Tone, UploadForm,
    },
};

/// The page at [`routes::SETTINGS_WORKSPACE`].
#[component]
pub fn WorkspaceSettings() -> impl IntoView {
    let settings = Resource::new(|| (), |()| find_settings());
    view! {
        <Title text="Workspace" />
        <SettingsHeader view=View::Workspace />
        <Outcome />
        <Suspense fallback=|| view! { <Loading label="Loading the settings" /> }>
            {move || Suspend::new(async move {
                match settings.await {
                    Ok(found) => view! { <Parts found /> }.into_any(),
                    Err(error) => view! { <Failure error /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

/// What was just done, or why it was not.
#[component]
fn Outcome() -> impl IntoView {
    let query = use_query_map();
    let done = move || query.with(|query| query.get_str("done").and_then(Changed::parse));
    let fault = move || query.with(|query| query.get_str("fault").and_then(LogoFault::parse));
    move || match (fault(), done()) {
        (Some(fault), _) => view! { <Notice tone=Tone::Danger>{fault.message()}</Notice> }.into_any(),
        (None, Some(done)) => view! { <Notice tone=Tone::Success>{done.message()}</Notice> }.into_any(),
        (None, None) => ().into_any(),
    }
}

#[component]
fn Parts(found: SettingsToChange) -> impl IntoView {
    let (name, source) = (found.settings.name.clone(), found.settings.logo.map(routes::logo));
    let (owner_of_logo, delete_after) = (name.clone(), found.settings.delete_after);
    view! {
        <Section title="Workspace" description="Everybody in the workspace has these.">
            <SettingsForm found />
        </Section>
        <Section title="Logo" description="A PNG, JPEG or WebP picture of at most 512 kB and 2,000 pixels.">
            <LogoForm name=owner_of_logo source />
        </Section>
        <Reading />
        <DangerZone name delete_after />
    }
}

/// The way to what concerns all documents at once.
#[component]
fn Reading() -> impl IntoView {
    may(Action::ReadAllAgain).then(|| {
        view! {
            <Section
                title="Reading"
                description="A newer Sheaf may read more in a document than the one that has read it. You see what it costs first."
            >
                <ReadAgainNotice />
                {reads_again()
                    .then(|| {
                        view! {
                            <FormActions>
                                <Button href=routes::READ_ALL_AGAIN glyph=Glyph::Retry>
                                    "Read all documents again"
                                </Button>
                            </FormActions>
                        }
                    })}
            </Section>
        }
    })
}

#[component]
fn SettingsForm(found: SettingsToChange) -> impl IntoView {
    let action = ServerAction::<ChangeSettings>::new();
    let state = state_of(action);
    load_again(action, Changed::Settings);
    let SettingsToChange { settings, time_zones } = found;
    let zones = time_zones.into_iter().map(|zone| (zone.clone(), zone)).collect::<Vec<_>>();
    let languages = choices(ScreenLanguage::ALL.map(|language| (language.code(), language.label())));
    let of_documents = choices([("", "None in particular")].into_iter().chain(DOCUMENT_LANGUAGES));
    view! {
        <Provider value=state>
            <ActionForm action attr:class="form" attr:novalidate=true>
                <ErrorSummary />
                <Field name="name" label="Name" value=settings.name required=true max_length=100u32 />
                <Field
                    name="slug"
                    label="Address"
                    hint="3 to 40 letters from a to z, digits and dashes. No other workspace has the same."
                    value=settings.slug
                    required=true
                    max_length=40u32
                />
                <Select
                    name="time_zone"
                    label="Time zone"
                    options=zones
                    value=settings.time_zone
                />
                <Select
                    name="language"
                    label="Language"
                    options=languages
                    value=settings.language.code().to_owned()
                />
                <Select
                    name="document_language"
                    label="Language of a document in which none can be told"
                    options=of_documents
                    value=settings.document_language.unwrap_or_default()
                />
                <Field
                    name="trash_days"
                    label="Days in the trash"
                    kind=FieldKind::Number
                    hint=format!("From {} to {}; then a document is deleted for good.", TRASH_DAYS.start(), TRASH_DAYS.end())
                    value=settings.trash_days.to_string()
                    required=true
                />
                <FormActions>
                    <Button variant=ButtonVariant::Primary kind=ButtonKind::Submit busy=action.pending()>
                        "Save"
                    </Button>
                </FormActions>
            </ActionForm>
        </Provider>
    }
}

/// Plain forms: a file goes by multipart, and the picture stands on every page.
#[component]
fn LogoForm(name: String, source: Option<String>) -> impl IntoView {
    let shown = source.map(|source| {
        view! {
            <LogoImage source label=format!("Logo of {name}") />
            <PostForm id="remove-logo" action=RemoveLogo::url()>
                <Button kind=ButtonKind::Submit>"Remove the logo"</Button>
            </PostForm>
        }
    });
    view! {
        {shown}
        <UploadForm action=routes::LOGO>
            <FileField name="logo" label="Picture" accept="image/png,image/jpeg,image/webp" />
            <FormActions>
                <Button kind=ButtonKind::Submit>"Use as logo"</Button>
            </FormActions>
        </UploadForm>
    }
}

fn choices(known: impl IntoIterator<Item = (&'static str, &'static str)>) -> Vec<(String, String)> {
    known.into_iter().map(|(value, label)| (value.to_owned(), label.to_owned())).collect()
}
