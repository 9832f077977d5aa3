//! The people of a workspace: who is in it, who is invited, and how they come and go.
//!
//! An invitation is a link in a mail. Whoever opens it has proved the address, so it makes a verified account where there is
//! none; and it is good for that address alone.

mod people;
mod powers;

pub use people::{Invitation, InvitationState, InviteInfo, MemberInfo, People};
pub use powers::{may_change, may_invite, may_remove, roles_to_give};

#[cfg(feature = "server")]
mod accept;
#[cfg(feature = "server")]
mod change;
#[cfg(feature = "server")]
mod invite;
#[cfg(feature = "server")]
mod list;
#[cfg(feature = "server")]
mod mails;
#[cfg(feature = "server")]
mod store;
#[cfg(feature = "server")]
mod token;

#[cfg(feature = "server")]
pub use self::{
    accept::{NewMember, accept, accept_as_new, invitation},
    change::{change_role, leave, remove, transfer_ownership},
    invite::{INVITE_TTL, invite, send_again, withdraw},
    list::list,
};
