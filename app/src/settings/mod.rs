//! Settings: the account, its sessions, the people of the workspace, the mail that did not arrive, and the audit log.

mod account;
mod audit;
mod mail;
mod members;
mod sessions;

pub use account::AccountSettings;
pub use audit::AuditSettings;
pub use mail::MailSettings;
pub use members::MemberSettings;
pub use sessions::SessionSettings;

use domain::roles::Action;
use leptos::prelude::*;

use crate::{
    frame::may,
    routes,
    ui::{PageHeader, Tab, Tabs},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    Account,
    Sessions,
    Members,
    Mail,
    Audit,
}

/// The head that all settings have in common.
#[component]
fn SettingsHeader(view: View) -> impl IntoView {
    view! {
        <PageHeader title="Settings" />
        <Tabs label="Settings">
            <Tab href=routes::SETTINGS_ACCOUNT current=view == View::Account>
                "Account"
            </Tab>
            <Tab href=routes::SETTINGS_SESSIONS current=view == View::Sessions>
                "Sessions"
            </Tab>
            <Tab href=routes::SETTINGS_MEMBERS current=view == View::Members>
                "Members"
            </Tab>
            {may(Action::ReadMail)
                .then(|| {
                    view! {
                        <Tab href=routes::SETTINGS_MAIL current=view == View::Mail>
                            "Mail"
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
        </Tabs>
    }
}
