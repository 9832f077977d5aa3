//! What operators say of incidents. It is public at once, and stays as it was said.

use uuid::Uuid;

use super::{Operator, incident_store, store};
use crate::{
    Services,
    db::SystemTx,
    error::{Error, Result},
    status::{self, Incident, NewIncident, Words},
};

/// The incidents that the public page shows.
pub async fn incidents(services: &Services, _: &Operator) -> Result<Vec<Incident>> {
    let today = services.clock.now().date_naive();
    let mut system = services.db.system().await?;
    let incidents = status::store::incidents(&mut system, today).await?;
    system.commit().await?;
    Ok(incidents)
}

/// One of them.
pub async fn incident(services: &Services, operator: &Operator, id: Uuid) -> Result<Incident> {
    let found = incidents(services, operator).await?;
    found.into_iter().find(|incident| incident.id == id).ok_or_else(Error::not_found)
}

/// Opens an incident and answers its id.
pub async fn open_incident(services: &Services, operator: &Operator, new: &NewIncident) -> Result<Uuid> {
    let (incident, update) = (services.clock.id::<Uuid>(), services.clock.id::<Uuid>());
    let mut system = services.db.system().await?;
    if !incident_store::open(&mut system, operator, services.clock.now(), incident, update, new).await? {
        return Err(Error::not_found());
    }
    note(services, system, operator, "incident.opened", incident, &new.title).await?;
    Ok(incident)
}

/// Says more of one. "Resolved" closes it, and anything else opens it again.
pub async fn tell_incident(services: &Services, operator: &Operator, incident: Uuid, words: &Words) -> Result<()> {
    let update = services.clock.id::<Uuid>();
    let mut system = services.db.system().await?;
    if !incident_store::tell(&mut system, operator, services.clock.now(), incident, update, words).await? {
        return Err(Error::not_found());
    }
    note(services, system, operator, "incident.told", incident, words.state.as_str()).await
}

/// Records it and commits.
async fn note(
    services: &Services,
    mut system: SystemTx,
    operator: &Operator,
    act: &'static str,
    incident: Uuid,
    what: &str,
) -> Result<()> {
    let (subject, reason) = (Some(incident), Some(what));
    let act = store::Act { operator: operator.id, act, subject, reason, from: operator.from };
    store::record(&mut system, &services.clock, &act).await?;
    system.commit().await
}
