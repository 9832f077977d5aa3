//! The server functions of members. Whoever is in a workspace may see who else is, and leave; the rest is for those whose
//! role allows it. Each act leads back to the page, also where no scripts are.

use domain::{
    id::{AccountId, InviteId},
    members::People,
    roles::Role,
};
use leptos::{prelude::*, server_fn::codec::Json};

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::{routes, session};

/// The members and the open invitations.
#[server(name = ListPeople, prefix = "/api", endpoint = "members/list", input = Json)]
pub async fn list_people() -> Result<People, AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::members::list(&services, &member).await)
}

/// Mails an invitation.
#[server(name = InviteMember, prefix = "/api", endpoint = "members/invite")]
pub async fn invite_member(#[server(default)] email: String, role: Role) -> Result<(), AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::members::invite(&services, &member, &email, role).await)?;
    leptos_axum::redirect(routes::SETTINGS_MEMBERS);
    Ok(())
}

/// Mails a new link for an invitation.
#[server(name = SendInviteAgain, prefix = "/api", endpoint = "members/send_again")]
pub async fn send_invite_again(invite: InviteId) -> Result<(), AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::members::send_again(&services, &member, invite).await)?;
    leptos_axum::redirect(routes::SETTINGS_MEMBERS);
    Ok(())
}

/// Takes an invitation back.
#[server(name = WithdrawInvite, prefix = "/api", endpoint = "members/withdraw")]
pub async fn withdraw_invite(invite: InviteId) -> Result<(), AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::members::withdraw(&services, &member, invite).await)?;
    leptos_axum::redirect(routes::SETTINGS_MEMBERS);
    Ok(())
}

/// Gives a member another role.
#[server(name = ChangeRole, prefix = "/api", endpoint = "members/change_role")]
pub async fn change_role(account: AccountId, role: Role) -> Result<(), AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::members::change_role(&services, &member, account, role).await)?;
    if account == member.account {
        session::forget_access();
    }
    leptos_axum::redirect(routes::SETTINGS_MEMBERS);
    Ok(())
}

/// Takes a member out of the workspace.
#[server(name = RemoveMember, prefix = "/api", endpoint = "members/remove")]
pub async fn remove_member(account: AccountId) -> Result<(), AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::members::remove(&services, &member, account).await)?;
    leptos_axum::redirect(routes::SETTINGS_MEMBERS);
    Ok(())
}

/// Leaves the workspace, for another one of the person or for the sign-in page.
#[server(name = LeaveWorkspace, prefix = "/api", endpoint = "members/leave")]
pub async fn leave_workspace() -> Result<(), AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::members::leave(&services, &member).await)?;
    session::forget_access();
    leptos_axum::redirect(routes::DOCUMENTS);
    Ok(())
}

/// Makes another member owner in one's own place.
#[server(name = TransferOwnership, prefix = "/api", endpoint = "members/transfer_ownership")]
pub async fn transfer_ownership(account: AccountId) -> Result<(), AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::members::transfer_ownership(&services, &member, account).await)?;
    session::forget_access();
    leptos_axum::redirect(routes::SETTINGS_MEMBERS);
    Ok(())
}
