//! Who did what to what, when and from where: a line in the transaction of the act, never changed and never deleted.
//!
//! The database itself numbers the entries of a tenant and links them: each carries the hash of the one before
//! (migrations/20261122000510_audit_chain.sql). Whoever has the database may still write all of it anew, from one entry to the
//! last; who keeps the last hash somewhere else finds that too.

mod act;
mod entry;

pub use act::Act;
pub use entry::{AuditListing, AuditQuery, Entry, Person, Subject};

#[cfg(feature = "server")]
mod chain;
#[cfg(feature = "server")]
mod export;
#[cfg(feature = "server")]
mod list;
#[cfg(feature = "server")]
mod record;
#[cfg(feature = "server")]
mod store;
#[cfg(feature = "server")]
mod verify;

#[cfg(feature = "server")]
pub(crate) use self::export::quoted;
#[cfg(feature = "server")]
pub use self::{
    export::{ExportFormat, export},
    list::{list, people},
    record::{record, record_detail, record_many},
    verify::{Verified, verify},
};
