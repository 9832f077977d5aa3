//! The keys of the workspace, each with its end.

use chrono::{DateTime, Utc};
use domain::api_keys::ApiKeyInfo;
use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api_keys::api::RevokeKey,
    ui::{
        ActionsHeader, Badge, Button, ButtonSize, ButtonVariant, Cell, ConfirmDialog, EmptyState, Glyph, HeaderCell,
        HiddenField, Row, RowTitle, Section, Table, Time, Tone,
    },
};

/// The section with the table.
#[component]
pub(super) fn Keys(keys: Vec<ApiKeyInfo>) -> impl IntoView {
    if keys.is_empty() {
        let text = "A key lets a program upload documents and fetch what was read in them. What it uses is told apart from what \
                    people use.";
        return view! {
            <Section title="Keys">
                <EmptyState glyph=Glyph::Lock title="No keys yet" text />
            </Section>
        }
        .into_any();
    }
    let rows = keys.iter().map(|key| view! { <KeyRow key=key.clone() /> }).collect_view();
    view! {
        <Section title="Keys" description="Each acts as the person who made it, in the lesser of both roles.">
            <Table label="Keys">
                <thead>
                    <tr>
                        <HeaderCell>"Name"</HeaderCell>
                        <HeaderCell>"Role"</HeaderCell>
                        <HeaderCell hide_narrow=true>"Made by"</HeaderCell>
                        <HeaderCell hide_narrow=true>"Made"</HeaderCell>
                        <HeaderCell hide_narrow=true>"Last used"</HeaderCell>
                        <HeaderCell hide_narrow=true>"Ends"</HeaderCell>
                        <ActionsHeader />
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </Section>
        {keys.into_iter().map(|key| view! { <RevokeDialog key /> }).collect_view()}
    }
    .into_any()
}

#[component]
fn KeyRow(key: ApiKeyInfo) -> impl IntoView {
    let (dialog, which) = (dialog_of(&key), format!(" {}", key.name));
    let ApiKeyInfo { name, beginning, role, made_by, created_at, last_used_at, expires_at, expired, .. } = key;
    let (note, role) = (format!("{beginning}…"), role.label());
    let ended = expired.then(|| view! { <Badge tone=Tone::Warning>"Ended"</Badge> });
    view! {
        <Row>
            <Cell primary=true>
                <RowTitle title=name note glyph=Glyph::Lock>
                    {ended}
                </RowTitle>
            </Cell>
            <Cell>
                <Badge tone=Tone::Neutral>{role}</Badge>
            </Cell>
            <Cell muted=true hide_narrow=true>
                {made_by}
            </Cell>
            <Cell muted=true hide_narrow=true>
                <Time at=created_at />
            </Cell>
            <Cell muted=true hide_narrow=true>
                {moment_or_never(last_used_at)}
            </Cell>
            <Cell muted=true hide_narrow=true>
                {moment_or_never(expires_at)}
            </Cell>
            <Cell>
                <Button variant=ButtonVariant::Ghost size=ButtonSize::Small opens=dialog>
                    "Revoke"
                    <span class="sr-only">{which}</span>
                </Button>
            </Cell>
        </Row>
    }
}

fn moment_or_never(at: Option<DateTime<Utc>>) -> AnyView {
    match at {
        Some(at) => view! { <Time at /> }.into_any(),
        None => "Never".into_any(),
    }
}

/// A plain form: the page is loaded again, also where scripts are.
#[component]
fn RevokeDialog(key: ApiKeyInfo) -> impl IntoView {
    let (id, title) = (dialog_of(&key), format!("Revoke “{}”?", key.name));
    view! {
        <ConfirmDialog id title confirm="Revoke" danger=true action=RevokeKey::url().to_owned()>
            <HiddenField name="key" value=key.id.to_string() />
            <p>"The program that has it is refused from its next request on. A key does not come back: make another one."</p>
        </ConfirmDialog>
    }
}

fn dialog_of(key: &ApiKeyInfo) -> String {
    format!("revoke-{}", key.id)
}
