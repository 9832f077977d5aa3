//! Who runs Sheaf: operators look after the workspaces from outside. They are no accounts and have no tenant; they sign in
//! with a password and a code, see which workspaces there are and how large, suspend one and restore it, and enter one as
//! support, for half an hour and in the sight of its members. They see the queues of all workspaces, hold work up, and have
//! run again what failed; and they see what Stripe has told.

mod queue_lines;
mod reason;
mod slow_lines;
mod stripe_lines;
mod tenant;
mod visit;

pub use queue_lines::{
    COUNTED_OF_A_KIND, COUNTED_OF_A_LANE, DeadLine, KindLine, LaneLimits, LaneLine, LanePage, Pausable, PauseLine,
    QueueFilter, QueueOverview, REPLAYED_AT_ONCE, Replayed, WorkerLine,
};
pub use reason::Reason;
pub use slow_lines::{SLOW_MS, SlowFilter, SlowLine, SlowPage, SlowRequest, SlowSpan};
pub use stripe_lines::{StripeEvent, StripeEventLine, StripeEventState, StripeFilter, StripePage};
pub use tenant::{MOST_DOCUMENTS_COUNTED, TenantLine, TenantPage};
pub use visit::{SupportNotice, VISIT_TTL};

#[cfg(feature = "server")]
mod door;
#[cfg(feature = "server")]
mod incident_store;
#[cfg(feature = "server")]
mod incidents;
#[cfg(feature = "server")]
mod limits;
#[cfg(feature = "server")]
mod operator;
#[cfg(feature = "server")]
mod people;
#[cfg(feature = "server")]
mod queue_acts;
#[cfg(feature = "server")]
mod queue_store;
#[cfg(feature = "server")]
mod queues;
#[cfg(feature = "server")]
mod reseal;
#[cfg(feature = "server")]
mod reseal_store;
#[cfg(feature = "server")]
mod sessions;
#[cfg(feature = "server")]
mod slow;
#[cfg(feature = "server")]
mod slow_store;
#[cfg(feature = "server")]
mod store;
#[cfg(feature = "server")]
mod stripe;
#[cfg(feature = "server")]
mod stripe_store;
#[cfg(feature = "server")]
mod support;
#[cfg(feature = "server")]
mod suspend;
#[cfg(feature = "server")]
mod switches;
#[cfg(feature = "server")]
mod tenant_store;
#[cfg(feature = "server")]
mod totp;

#[cfg(feature = "server")]
pub use self::{
    door::{tenant, tenants},
    incidents::{incident, incidents, open_incident, tell_incident},
    operator::Operator,
    people::{Credentials, OperatorInfo, add, disable, list, reset_totp},
    queue_acts::{pause, replay, replay_all, resume, set_lane},
    queues::{dead_letters, lane, lanes, overview, overview_of_owner},
    reseal::{Sealed, reseal, sealed},
    sessions::{SESSION_TTL, SignIn, authenticate, sign_in, sign_out},
    slow::{forget_slow_requests, keep_request, slow_request, slow_requests, slow_requests_of},
    stripe::{replay_stripe_event, stripe_event, stripe_events},
    support::{Visiting, consent, enter, leave, visited, visiting, withdraw_consent},
    suspend::{restore, suspend},
    switches::{place_in_switch, set_switch, switches},
    totp::TotpSecret,
};
#[cfg(feature = "server")]
pub(crate) use self::{support::visits_in, suspend::note};

/// What members of a suspended workspace are told. Unlike one that is closed until it is paid, it is closed to its owners too,
/// the archive included: operators may have suspended it because of what is in it, and decide about that themselves.
pub const SUSPENDED: &str = "This workspace is suspended. Nothing in it is lost. To have it opened again, or to get what is \
                             in it, answer any mail that you have had from Sheaf.";
