//! What Sheaf earns, month by month, for whoever runs it: what subscriptions are worth, what was invoiced and paid, who came, stayed
//! and left, and what each workspace used and cost.
//!
//! Each figure has its formula at its name in [`Figures`]. What comes in is kept as it comes: invoices and changes of a subscription
//! by the sync with Stripe ([`keep`]), usage by the ledger. A job counts each workspace at night, and a schedule sums them up.
//! Amounts of different currencies are never added.

mod cost;
mod figures;
mod month;
mod overview;

pub use cost::{CENTS_A_GIGABYTE_MONTH, CENTS_A_WORKER_HOUR, COST_CURRENCY, cost};
pub use figures::{Figures, Share};
pub use month::Month;
pub use overview::{After, MONTHS_SHOWN, PlanMonth, RevenueOverview, RevenueQuery, WorkspaceMonth, WorkspacePage};

#[cfg(feature = "server")]
mod count;
#[cfg(feature = "server")]
mod csv;
#[cfg(feature = "server")]
mod door;
#[cfg(feature = "server")]
mod invoices;
#[cfg(feature = "server")]
mod jobs;
#[cfg(feature = "server")]
mod movement;
#[cfg(feature = "server")]
mod operator_store;
#[cfg(feature = "server")]
mod store;

#[cfg(feature = "server")]
pub use self::{
    count::{count, count_month, sum, sum_month},
    csv::{months_csv, workspaces_csv},
    door::{overview, workspaces},
    invoices::{KeptInvoice, keep},
    jobs::CountRevenue,
};
