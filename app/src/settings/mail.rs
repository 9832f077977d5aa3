//! Mail that did not arrive: why, and another try.

use domain::{mail::UndeliveredMail, roles::Action};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;

use super::{SettingsHeader, View};
use crate::{
    error::AppError,
    failure::Failure,
    frame::{Gate, may},
    live::{Subject, use_changes},
    mail::api::{SendMailAgain, undelivered_mail},
    ui::{
        Badge, Button, ButtonKind, Card, Cluster, EmptyState, Glyph, HiddenField, Item, ItemList, Loading, Notice,
        Section, Time, Tone,
    },
};

/// The page at [`routes::SETTINGS_MAIL`](crate::routes::SETTINGS_MAIL).
#[component]
pub fn MailSettings() -> impl IntoView {
    view! {
        <Gate action=Action::ReadMail>
            <Undelivered />
        </Gate>
    }
}

#[component]
fn Undelivered() -> impl IntoView {
    let again = ServerAction::<SendMailAgain>::new();
    let changes = use_changes(Subject::Mail);
    let mails = Resource::new(move || (changes.get(), again.version().get()), |_| undelivered_mail());
    let refused = move || {
        let error = again.value().get()?.err()?;
        Some(view! { <Notice tone=Tone::Danger>{error.message().to_owned()}</Notice> })
    };
    view! {
        <Title text="Mail" />
        <SettingsHeader view=View::Mail />
        {refused}
        <Section
            title="Undelivered mail"
            description="What has not arrived so far, with what the mail server said. Sheaf tries for some hours; what it has given up then can be sent again."
        >
            <Transition fallback=|| view! { <Loading label="Loading undelivered mail" /> }>
                {move || mails.get().map(|mails| view! { <Answer mails again /> })}
            </Transition>
        </Section>
    }
}

#[component]
fn Answer(mails: Result<Vec<UndeliveredMail>, AppError>, again: ServerAction<SendMailAgain>) -> impl IntoView {
    match mails {
        Ok(mails) if mails.is_empty() => view! {
            <EmptyState glyph=Glyph::Mail title="No mail has failed" text="Nothing waits to be sent again." />
        }
        .into_any(),
        Ok(mails) => {
            let items = mails.into_iter().map(|mail| view! { <Mail mail again /> }).collect_view();
            view! {
                <Card flush=true>
                    <ItemList label="Undelivered mail">{items}</ItemList>
                </Card>
            }
            .into_any()
        }
        Err(error) => view! { <Failure error /> }.into_any(),
    }
}

#[component]
fn Mail(mail: UndeliveredMail, again: ServerAction<SendMailAgain>) -> impl IntoView {
    let state = if mail.given_up {
        view! { <Badge tone=Tone::Danger>"Given up"</Badge> }
    } else {
        view! { <Badge tone=Tone::Warning>"Trying again"</Badge> }
    };
    let id = mail.id.to_string();
    let button = (mail.given_up && may(Action::SendMailAgain)).then(|| {
        view! {
            <ActionForm action=again>
                <HiddenField name="mail" value=id />
                <Button kind=ButtonKind::Submit glyph=Glyph::Retry busy=again.pending()>
                    "Send again"
                </Button>
            </ActionForm>
        }
    });
    view! {
        <Item glyph=Glyph::Mail title=mail.subject meta=format!("To {}. {}", mail.recipient, mail.reason)>
            <Cluster>
                <Time at=mail.created_at />
                {state}
                {button}
            </Cluster>
        </Item>
    }
}
