//! Keys by which programs come in: what there is, another one, and the end of one.

mod make;
mod table;

use domain::{api_keys::MadeKey, roles::Action};
use leptos::prelude::*;
use leptos_meta::Title;

use self::{
    make::{MadeNow, MakeForm},
    table::Keys,
};
use super::{SettingsHeader, View};
use crate::{
    api_keys::api::{KeyList, list_keys},
    error::AppError,
    failure::Failure,
    frame::Gate,
    live::{Subject, use_changes},
    routes,
    ui::{Card, Fact, Facts, Gap, Loading, Section, Stack, TextLink},
};

/// The page at [`routes::SETTINGS_KEYS`].
#[component]
pub fn KeySettings() -> impl IntoView {
    view! {
        <Gate action=Action::ManageKeys>
            <Managed />
        </Gate>
    }
}

#[component]
fn Managed() -> impl IntoView {
    let changes = use_changes(Subject::Keys);
    let keys = Resource::new(move || changes.get(), |_| list_keys());
    // What the answer to the form tells, and no other page. It is asked for once, so a change of the list does not take it away.
    let made = Resource::new(
        || (),
        |()| {
            let made = use_context::<MadeKey>();
            async move { made }
        },
    );
    view! {
        <Title text="API keys" />
        <SettingsHeader view=View::Keys />
        <Transition>{move || made.get().flatten().map(|made| view! { <MadeNow made /> })}</Transition>
        // Outside of the list, which is made anew with each change: what is typed stays.
        <MakeForm />
        <Transition fallback=|| view! { <Loading label="Loading the keys" /> }>
            {move || keys.get().map(|keys| view! { <Answer keys /> })}
        </Transition>
    }
}

#[component]
fn Answer(keys: Result<KeyList, AppError>) -> impl IntoView {
    match keys {
        Ok(KeyList { keys, address }) => view! {
            <Keys keys />
            <Uses address />
        }
        .into_any(),
        Err(error) => view! { <Failure error /> }.into_any(),
    }
}

/// What a program sends, to be copied.
#[component]
fn Uses(address: String) -> impl IntoView {
    let bearer = "--header \"Authorization: Bearer $SHEAF_KEY\"";
    let upload = format!("curl {bearer} --form file=@lease.pdf {address}{}", routes::UPLOADS);
    let asked = format!("curl {bearer} {address}{}", routes::job("{job}"));
    let text = format!("curl {bearer} {address}{}", routes::document_text_file("{document}"));
    let more = format!("{}#for-programs", routes::DOCS);
    view! {
        <Section title="From a program" description="A program sends its key with each request.">
            <Card>
                <Stack gap=Gap::Medium>
                    <Facts>
                        <Fact label="Upload a file" code=true>
                            {upload}
                        </Fact>
                        <Fact label="Ask about its job" code=true>
                            {asked}
                        </Fact>
                        <Fact label="Fetch its text" code=true>
                            {text}
                        </Fact>
                    </Facts>
                    <p>
                        "An upload is answered with the ids of the document and of its job. More stands in the "
                        <TextLink href=more external=true>
                            "documentation"
                        </TextLink> "."
                    </p>
                </Stack>
            </Card>
        </Section>
    }
}
