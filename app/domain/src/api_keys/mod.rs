//! Keys by which programs come in.
//!
//! A key acts as whoever made it, in its own role or in theirs, whichever is less: it sees what they see, what is private to them
//! included, and it is good for as long as they are in the workspace. Its text names the workspace and the key, so that it is
//! looked up inside that tenant and nowhere else; and it holds a secret, of which only the hash is kept.

mod key;

pub use key::{ApiKeyInfo, KEY_ROLES, KeyLife, MadeKey};

#[cfg(feature = "server")]
mod authenticate;
#[cfg(feature = "server")]
mod change;
#[cfg(feature = "server")]
mod store;
#[cfg(feature = "server")]
mod token;

#[cfg(feature = "server")]
pub use self::{
    authenticate::authenticate,
    change::{KeyForm, list, make, revoke},
    token::BEGINNING,
};

#[cfg(feature = "server")]
pub(crate) use self::change::revoke_of;
