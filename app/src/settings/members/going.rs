//! Handing the workspace over, and leaving it.

use domain::{
    accounts::Profile,
    members::MemberInfo,
    roles::{Action, Role},
};
use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    frame::may,
    members::api::{LeaveWorkspace, TransferOwnership},
    ui::{Button, ButtonVariant, Cluster, ConfirmDialog, Glyph, Notice, Section, Select, Tone},
};

const TRANSFER: &str = "transfer-ownership";
const LEAVE: &str = "leave-workspace";

/// The ways out. The last owner has none before somebody else is an owner.
#[component]
pub(super) fn Going(members: Vec<MemberInfo>, profile: Profile) -> impl IntoView {
    let owners = members.iter().filter(|member| member.role == Role::Owner).count();
    let is_last_owner = profile.role == Role::Owner && owners <= 1;
    let others: Vec<_> = members
        .into_iter()
        .filter(|member| member.account != profile.account)
        .map(|member| (member.account.to_string(), format!("{}, {}", member.name, member.email)))
        .collect();
    let may_transfer = may(Action::TransferOwnership) && !others.is_empty();
    view! {
        <Section title="Leaving" description="What you uploaded and made stays in the workspace.">
            {is_last_owner
                .then(|| {
                    view! {
                        <Notice tone=Tone::Info>
                            "You are the last owner. Before you can leave, make somebody else an owner."
                        </Notice>
                    }
                })}
            <Cluster>
                {may_transfer
                    .then(|| {
                        view! {
                            <Button glyph=Glyph::Person opens=TRANSFER>
                                "Transfer ownership"
                            </Button>
                        }
                    })}
                {(!is_last_owner)
                    .then(|| {
                        view! {
                            <Button variant=ButtonVariant::Danger glyph=Glyph::SignOut opens=LEAVE>
                                "Leave the workspace"
                            </Button>
                        }
                    })}
            </Cluster>
        </Section>
        {may_transfer.then(|| view! { <TransferDialog others /> })}
        {(!is_last_owner).then(|| view! { <LeaveDialog workspace=profile.tenant_name /> })}
    }
}

/// Both dialogs are plain forms, because what the person may do is another thing afterwards.
#[component]
fn TransferDialog(others: Vec<(String, String)>) -> impl IntoView {
    let first = others.first().map(|(account, _)| account.clone()).unwrap_or_default();
    view! {
        <ConfirmDialog
            id=TRANSFER
            title="Transfer ownership?"
            confirm="Transfer ownership"
            danger=true
            action=TransferOwnership::url().to_owned()
        >
            <Select name="account" label="New owner" options=others value=first />
            <p>"They become owner, and you become admin. Only an owner can make you owner again."</p>
        </ConfirmDialog>
    }
}

#[component]
fn LeaveDialog(workspace: String) -> impl IntoView {
    view! {
        <ConfirmDialog
            id=LEAVE
            title=format!("Leave {workspace}?")
            confirm="Leave the workspace"
            danger=true
            action=LeaveWorkspace::url().to_owned()
        >
            <p>"You see nothing of it any more. To come back, you have to be invited again."</p>
        </ConfirmDialog>
    }
}
