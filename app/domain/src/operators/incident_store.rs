//! The SQL of what operators say of incidents. The functions of the database ask for the secret of the operator's session:
//! without a good one they change nothing.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Operator;
use crate::{
    db::SystemTx,
    error::Result,
    status::{NewIncident, Words},
};

/// False without a good secret.
pub(super) async fn open(
    tx: &mut SystemTx,
    operator: &Operator,
    now: DateTime<Utc>,
    incident: Uuid,
    update: Uuid,
    new: &NewIncident,
) -> Result<bool> {
    let components: Vec<String> = new.components.iter().map(|component| component.as_str().to_owned()).collect();
    let opened = sqlx::query_scalar!(
        r#"select operator_open_incident($1, $2, $3, $4, $5, $6, $7, $8, $9) as "opened!""#,
        operator.secret.as_slice(),
        now,
        incident,
        new.title,
        new.severity.as_str(),
        &components,
        update,
        new.words.state.as_str(),
        new.words.text,
    );
    Ok(opened.fetch_one(tx.conn()).await?)
}

/// False where there is no such incident.
pub(super) async fn tell(
    tx: &mut SystemTx,
    operator: &Operator,
    now: DateTime<Utc>,
    incident: Uuid,
    update: Uuid,
    words: &Words,
) -> Result<bool> {
    let told = sqlx::query_scalar!(
        r#"select operator_tell_incident($1, $2, $3, $4, $5, $6) as "told!""#,
        operator.secret.as_slice(),
        now,
        incident,
        update,
        words.state.as_str(),
        words.text,
    );
    Ok(told.fetch_one(tx.conn()).await?)
}
