//! Forgetting what Stripe has sent long ago.

use super::store;
use crate::{Services, error::Result};

/// Forgets the events that came more than 90 days ago, as a worker, and says how many those were; what is still to be looked into
/// stays. None of them comes again: Stripe sends an event for three days, or thirty where somebody asks for it there, and what
/// others have caught is refused by its signature after five minutes.
pub async fn forget_events(services: &Services) -> Result<i64> {
    let mut forgotten = 0;
    loop {
        // Of each transaction a few hundred, so that nobody who is told something meanwhile waits for it.
        let mut system = services.db.system().await?;
        let some = store::forget_events(&mut system, services.clock.now()).await?;
        system.commit().await?;
        forgotten += some;
        if some == 0 {
            return Ok(forgotten);
        }
    }
}
