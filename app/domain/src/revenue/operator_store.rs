//! The SQL of what is told of all workspaces. The functions of the database ask for the secret of the operator's session: without a
//! good one they tell nothing.

use chrono::{DateTime, Utc};
use sqlx::types::Json;

use super::{After, Figures, Month, PlanMonth, WorkspaceMonth};
use crate::{
    billing::{Currency, PlanId},
    db::SystemTx,
    error::Result,
    id::TenantId,
    operators::Operator,
};

/// Sums a month up anew.
pub(super) async fn sum(tx: &mut SystemTx, month: Month) -> Result<()> {
    sqlx::query_scalar!("select sum_revenue($1)", month.first_day()).fetch_one(tx.conn()).await?;
    Ok(())
}

/// The months from one to another, the oldest first.
pub(super) async fn months(
    tx: &mut SystemTx,
    operator: &Operator,
    now: DateTime<Utc>,
    first: Month,
    last: Month,
) -> Result<Vec<PlanMonth>> {
    let rows = sqlx::query!(
        r#"select month as "month!: Month", plan as "plan!: PlanId", currency as "currency!: Currency",
                  figures as "figures!: Json<Figures>"
           from operator_revenue($1, $2, $3, $4)"#,
        operator.secret.as_slice(),
        now,
        first.first_day(),
        last.first_day(),
    )
    .fetch_all(tx.conn())
    .await?;
    let line = |month, plan, currency, Json(figures)| PlanMonth { month, plan, currency, figures };
    Ok(rows.into_iter().map(|row| line(row.month, row.plan, row.currency, row.figures)).collect())
}

/// Workspaces of a month, those first that used most.
pub(super) async fn workspaces(
    tx: &mut SystemTx,
    operator: &Operator,
    now: DateTime<Utc>,
    (month, currency): (Month, Currency),
    after: Option<After>,
    most: i32,
) -> Result<Vec<WorkspaceMonth>> {
    let rows = sqlx::query!(
        r#"select tenant_id as "tenant!: TenantId", name as "name!", plan as "plan!: PlanId",
                  figures as "figures!: Json<Figures>"
           from operator_revenue_of_tenants($1, $2, $3, $4, $5, $6, $7)"#,
        operator.secret.as_slice(),
        now,
        month.first_day(),
        currency.as_str(),
        after.map(|after| after.used),
        after.map(|after| after.tenant.0),
        most,
    )
    .fetch_all(tx.conn())
    .await?;
    let line = |tenant, name, plan, Json(figures): Json<Figures>| {
        let figures = figures.of_one();
        WorkspaceMonth { tenant, name, plan, figures }
    };
    Ok(rows.into_iter().map(|row| line(row.tenant, row.name, row.plan, row.figures)).collect())
}
