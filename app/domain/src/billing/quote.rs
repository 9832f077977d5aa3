//! The price of reading documents again, before it is done.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{MeterReading, Quote, statement::meter_in};
use crate::{
    Services,
    actor::{Action, Member},
    documents,
    error::{Error, Result},
    id::DocumentId,
};

/// Documents in one question, as in one act.
const MAX_AT_ONCE: usize = 500;

/// What it costs to have these documents read again: by their pages, or by the text that was read of them before, and of one that
/// was never opened the least that it can be. Those that cannot be read again now, are not there, or are not the member's to
/// see, cost nothing.
pub async fn quote(services: &Services, member: &Member, asked: &[DocumentId]) -> Result<Quote> {
    member.require(Action::ChangeDocuments)?;
    if asked.len() > MAX_AT_ONCE {
        return Err(Error::limit_reached(format!("Choose at most {MAX_AT_ONCE} documents at once.")));
    }
    let ids: BTreeSet<Uuid> = asked.iter().map(|id| id.0).collect();
    let mut tx = services.db.tenant(member).await?;
    let chosen = documents::store::chosen(&mut tx, &ids.into_iter().collect::<Vec<_>>()).await?;
    let meter = meter_in(services, &mut tx).await?;
    tx.commit().await?;
    let ready = chosen.iter().filter(|document| document.is_ready);
    let costs: Vec<i64> = ready.map(|document| documents::cost_again(services, document)).collect();
    Ok(quote_of(&meter, costs.len() as i64, costs.iter().sum()))
}

/// The same of every document that the member may change.
pub async fn quote_all(services: &Services, member: &Member) -> Result<Quote> {
    member.require(Action::ReadAllAgain)?;
    let mut tx = services.db.tenant(member).await?;
    let sum = documents::sum_of_all(services, &mut tx).await?;
    let meter = meter_in(services, &mut tx).await?;
    tx.commit().await?;
    Ok(quote_of(&meter, sum.documents, sum.credits))
}

/// What does not fit into the month waits, and costs nothing in it.
fn quote_of(meter: &MeterReading, documents: i64, credits: i64) -> Quote {
    let (overage, cost) = meter.cost_of(credits.min(meter.remaining()));
    Quote { documents, credits, overage, cost, remains: meter.remaining() - credits }
}
