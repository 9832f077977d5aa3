//! The mails that this server keeps because it sends none: how one follows a confirmation link on one's own machine.

use domain::mail::KeptMail;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{
    error::AppError,
    routes, session,
    ui::{
        Badge, Button, ButtonKind, Card, Cluster, EmptyState, ErrorState, Field, FieldKind, Glyph, LinkedText,
        NotFoundPage, Notice, PageHeader, PublicLayout, QueryForm, Stack, Time, Tone,
    },
};

/// The page at [`routes::MAILBOX`]: asks for an address and shows its mails, newest first. It is not found where mails are
/// sent.
#[component]
pub fn Mailbox() -> impl IntoView {
    let address = use_query_map().with_untracked(|query| query.get("address")).unwrap_or_default();
    let address = address.trim().to_lowercase();
    let Some(services) = session::services().ok().filter(|services| !services.mailer.sends()) else {
        return view! {
            <PublicLayout>
                <NotFoundPage />
            </PublicLayout>
        }
        .into_any();
    };
    let prefix = format!("{}/", services.settings.public_url.trim_end_matches('/'));
    let asked = (!address.is_empty()).then(|| {
        let address = address.clone();
        Suspend::new(async move {
            match domain::mail::mailbox(&services, &address).await {
                Ok(mails) if mails.is_empty() => view! { <Nothing /> }.into_any(),
                Ok(mails) => mails
                    .into_iter()
                    .map(|mail| view! { <Mail mail prefix=prefix.clone() /> })
                    .collect_view()
                    .into_any(),
                Err(error) => view! { <ErrorState text=AppError::from(error).message().to_owned() /> }.into_any(),
            }
        })
    });
    view! {
        <Title text="Mailbox" />
        <PublicLayout>
            <Stack>
                <PageHeader
                    title="Mailbox"
                    description="No mail server is set, so Sheaf keeps its mails here instead of sending them."
                />
                <QueryForm action=routes::MAILBOX>
                    <Cluster>
                        <Field name="address" label="E-mail" kind=FieldKind::Email value=address />
                        <Button kind=ButtonKind::Submit>"Show mails"</Button>
                    </Cluster>
                </QueryForm>
                {asked}
            </Stack>
        </PublicLayout>
    }
    .into_any()
}

#[component]
fn Nothing() -> impl IntoView {
    view! {
        <EmptyState
            glyph=Glyph::Mail
            title="No mails to this address"
            text="A mail is kept a moment after it was asked for. Load this page again."
        />
    }
}

/// One mail, by its text: its HTML would be a stranger's page inside ours.
#[component]
fn Mail(mail: KeptMail, prefix: String) -> impl IntoView {
    view! {
        <Card title=mail.subject>
            <Stack>
                <Cluster>
                    <Time at=mail.created_at />
                    {match mail.sent_at {
                        Some(_) => view! { <Badge tone=Tone::Success>"Delivered"</Badge> },
                        None => view! { <Badge>"Waiting"</Badge> },
                    }}
                </Cluster>
                {mail.last_error.map(|error| view! { <Notice tone=Tone::Danger>{error}</Notice> })}
                <LinkedText text=mail.text_body prefix />
            </Stack>
        </Card>
    }
}
