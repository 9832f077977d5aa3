//! Settings: the account, its sessions, the workspace, its people and its programs, the mail that did not arrive, the audit log, and the
//! archive of it all.

mod account;
mod audit;
mod danger;
mod export;
mod health;
mod keys;
mod mail;
mod members;
mod sessions;
mod workspace;

use domain::roles::Action;
use leptos::{prelude::*, server_fn::ServerFn, wasm_split::wasm_split};

use crate::{
    error::AppError,
    frame::may,
    parts::{Missing, part},
    routes::{self, Changed},
    ui::{PageHeader, Tab, Tabs},
};
use account::AccountSettings;
use audit::AuditSettings;
use export::ExportSettings;
use health::HealthSettings;
use keys::KeySettings;
use mail::MailSettings;
use members::MemberSettings;
use sessions::SessionSettings;
use workspace::WorkspaceSettings;

/// The pages of settings that stand in this folder.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Page {
    Account,
    Sessions,
    Workspace,
    Members,
    Keys,
    Mail,
    Health,
    Audit,
    Export,
}

part!(Page, "settings", page);

/// One of them.
#[wasm_split(settings, wasm_split_path = leptos::wasm_split, fallible)]
fn page(page: Page) -> Result<AnyView, Missing> {
    Ok(match page {
        Page::Account => view! { <AccountSettings /> }.into_any(),
        Page::Sessions => view! { <SessionSettings /> }.into_any(),
        Page::Workspace => view! { <WorkspaceSettings /> }.into_any(),
        Page::Members => view! { <MemberSettings /> }.into_any(),
        Page::Keys => view! { <KeySettings /> }.into_any(),
        Page::Mail => view! { <MailSettings /> }.into_any(),
        Page::Health => view! { <HealthSettings /> }.into_any(),
        Page::Audit => view! { <AuditSettings /> }.into_any(),
        Page::Export => view! { <ExportSettings /> }.into_any(),
    })
}

/// Each has a tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    Account,
    Sessions,
    Workspace,
    Members,
    Keys,
    Mail,
    Health,
    Audit,
    Export,
    Billing,
    Usage,
}

/// The head that all settings have in common.
#[component]
pub(crate) fn SettingsHeader(view: View) -> impl IntoView {
    view! {
        <PageHeader title="Settings" />
        <Tabs label="Settings">
            <Tab href=routes::SETTINGS_ACCOUNT current=view == View::Account>
                "Account"
            </Tab>
            <Tab href=routes::SETTINGS_SESSIONS current=view == View::Sessions>
                "Sessions"
            </Tab>
            {may(Action::ChangeSettings)
                .then(|| {
                    view! {
                        <Tab href=routes::SETTINGS_WORKSPACE current=view == View::Workspace>
                            "Workspace"
                        </Tab>
                    }
                })}
            <Tab href=routes::SETTINGS_MEMBERS current=view == View::Members>
                "Members"
            </Tab>
            {may(Action::ManageKeys)
                .then(|| {
                    view! {
                        <Tab href=routes::SETTINGS_KEYS current=view == View::Keys>
                            "API keys"
                        </Tab>
                    }
                })}
            {may(Action::ReadMail)
                .then(|| {
                    view! {
                        <Tab href=routes::SETTINGS_MAIL current=view == View::Mail>
                            "Mail"
                        </Tab>
                    }
                })}
            {may(Action::ReadHealth)
                .then(|| {
                    view! {
                        <Tab href=routes::SETTINGS_HEALTH current=view == View::Health>
                            "Health"
                        </Tab>
                    }
                })}
            {may(Action::ReadAudit)
                .then(|| {
                    view! {
                        <Tab href=routes::SETTINGS_AUDIT current=view == View::Audit>
                            "Audit log"
                        </Tab>
                    }
                })}
            {may(Action::ReadBilling)
                .then(|| {
                    view! {
                        <Tab href=routes::BILLING current=view == View::Billing>
                            "Plan and billing"
                        </Tab>
                        <Tab href=routes::USAGE current=view == View::Usage>
                            "Usage"
                        </Tab>
                    }
                })}
            {may(Action::ExportWorkspace)
                .then(|| {
                    view! {
                        <Tab href=routes::SETTINGS_EXPORT current=view == View::Export>
                            "Export"
                        </Tab>
                    }
                })}
        </Tabs>
    }
}

/// Loads the page of the workspace anew once the act has succeeded: its name and its end stand around every page.
fn load_again<S>(action: ServerAction<S>, done: Changed)
where
    S: ServerFn<Output = (), Error = AppError> + Clone + Send + Sync + 'static,
{
    Effect::new(move |_| {
        if let Some(Ok(())) = action.value().get() {
            // It fails only for an address that is none.
            let _ = window().location().set_href(&routes::workspace_after(done));
        }
    });
}
