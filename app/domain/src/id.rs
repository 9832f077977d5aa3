//! Ids are types: a [`DocumentId`] cannot be passed where a [`ReportId`] is meant. Each wraps a UUIDv7 that the server makes
//! from its [`Clock`](crate::clock), so ids sort by creation and tell no volume, as a sequence would.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "server", derive(sqlx::Type))]
        #[cfg_attr(feature = "server", sqlx(transparent))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )*};
}

ids! {
    /// A customer, the isolation boundary. The screen says "workspace".
    TenantId;
    /// A person, known across tenants.
    AccountId;
    /// One signed-in browser of an account.
    SessionId;
    /// A file that was uploaded, and what was read in it.
    DocumentId;
    /// Work in the queue.
    JobId;
    /// A PDF that Sheaf makes.
    ReportId;
    /// A message to a person.
    MailId;
    /// A line of the audit log.
    AuditId;
    /// An invitation of an e-mail address into a tenant.
    InviteId;
    /// An archive of everything in a tenant, asked for by an owner.
    ExportId;
    /// Somebody who runs Sheaf itself. No account of a tenant.
    OperatorId;
    /// One signed-in browser of an operator.
    OperatorSessionId;
    /// An operator's stay in a tenant.
    SupportVisitId;
    /// A request that took long or failed.
    SlowId;
    /// A key by which a program comes in.
    ApiKeyId;
}
