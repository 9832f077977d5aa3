//! The price of reading documents again, before it is done.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{
    Measured, MeterReading, Quote, cost_of_reading, known_cost,
    statement::meter_in,
    usage_store::{self, Quoted},
};
use crate::{
    Services,
    actor::{Action, Member},
    documents::Format,
    error::{Error, Result},
    id::DocumentId,
};

/// Documents in one question, as in one act.
const MAX_AT_ONCE: usize = 500;

/// What it costs to have these documents read: by their pages, or by the text that was read of them before, and of one that was
/// never opened the least that it can be. Those that are not there, or not the member's to see, cost nothing.
pub async fn quote(services: &Services, member: &Member, documents: &[DocumentId]) -> Result<Quote> {
    member.require(Action::ChangeDocuments)?;
    if documents.len() > MAX_AT_ONCE {
        return Err(Error::limit_reached(format!("Choose at most {MAX_AT_ONCE} documents at once.")));
    }
    let ids: BTreeSet<Uuid> = documents.iter().map(|id| id.0).collect();
    let mut tx = services.db.tenant(member).await?;
    let quoted = usage_store::quoted(&mut tx, &ids.into_iter().collect::<Vec<_>>()).await?;
    let meter = meter_in(services, &mut tx).await?;
    tx.commit().await?;
    let max_pages = i64::from(services.settings.max_pages);
    let costs = quoted.iter().map(|document| cost_of(document, max_pages)).collect::<Result<Vec<_>>>()?;
    Ok(quote_of(&meter, costs.len() as i64, costs.iter().sum()))
}

fn cost_of(document: &Quoted, max_pages: i64) -> Result<i64> {
    let format = Format::parse(&document.format).ok_or_else(|| Error::internal("an unknown format"))?;
    let pages = document.pages.map(|pages| i64::from(pages).min(max_pages));
    let read = cost_of_reading(format, Measured { pages: 0, characters: document.characters });
    Ok(known_cost(format, document.bytes, pages).max(read))
}

fn quote_of(meter: &MeterReading, documents: i64, credits: i64) -> Quote {
    let (overage, cost) = meter.cost_of(credits);
    Quote { documents, credits, overage, cost, remains: meter.remaining() - credits }
}
