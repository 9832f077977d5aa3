//! The people of a workspace. Their page stands among the settings; the page that an invitation opens stands here, before the
//! sign-in.

pub mod api;

#[cfg(feature = "ssr")]
mod invitation;

#[cfg(feature = "ssr")]
pub use invitation::InvitationPage;
