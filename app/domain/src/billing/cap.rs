//! How much a workspace may use beyond the included credits: its owners decide.

use serde_json::json;

use super::{Subscription, ledger_store, resume::resume_held, roll_over::take_warnings_back, store::subscription};
use crate::{
    Services,
    actor::{Action, Member},
    audit::{self, Act},
    error::{Error, Result},
    live,
};

/// The largest cap. The table has the same.
const MAX_CAP: i64 = 1_000_000_000;

/// Lets the workspace use at most so many page credits a month beyond the included ones. A larger cap has documents go on that
/// wait for credits, and is not spoken of as used up; a smaller one stops what is new, and takes nothing back.
pub async fn set_cap(services: &Services, member: &Member, cap: i64) -> Result<()> {
    member.require(Action::ManageBilling)?;
    if !(0..=MAX_CAP).contains(&cap) {
        return Err(Error::invalid("cap", "Give a number of page credits from 0 to 1,000,000,000."));
    }
    let mut tx = services.db.tenant(member).await?;
    let before = subscription(&mut tx).await?;
    if cap > 0 && !before.entitlements(services.clock.now()).sells_credits() {
        return Err(Error::conflict(
            "Your plan sells no page credits beyond the included ones. Choose a larger plan first.",
        ));
    }
    ledger_store::set_cap(&mut tx, cap).await?;
    if cap > before.cap {
        resume_held(&mut tx, &services.clock).await?;
    }
    let detail = json!({ "from": before.cap, "to": cap });
    audit::record_detail(&mut tx, &services.clock, Act::CapChanged, member.tenant.0, detail).await?;
    live::announce(&mut tx, "billing", member.tenant).await?;
    if let Some(meter) = ledger_store::look(&mut tx).await? {
        let after = Subscription { cap, ..before };
        take_warnings_back(&mut tx, &after.entitlements(services.clock.now()), meter).await?;
    }
    tx.commit().await
}
