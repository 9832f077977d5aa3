//! The SQL of how Sheaf is. None of it belongs to a tenant.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, Days, NaiveDate, Utc};
use uuid::Uuid;

use super::{
    Component, DAYS, FRESH_SECONDS, Health, Incident, IncidentState, IncidentUpdate, Severity,
    told::{Counted, Seen},
};
use crate::{db::SystemTx, error::Result};

/// Incidents that are shown. There are a few a year.
const INCIDENTS: i64 = 100;

/// Asks the database anything.
pub(super) async fn ask(tx: &mut SystemTx) -> Result<()> {
    sqlx::query_scalar!(r#"select 1 as "one!""#).fetch_one(tx.conn()).await?;
    Ok(())
}

/// Whether work of a kind has waited for longer than `late`, no attempt of it has ended since, and none is under way, as the lanes
/// tell: to look for one among the finished jobs could read them all. What stands in the lanes as running is done only while a
/// worker lives that does this kind. Work of workspaces whose work is held up waits rightly. It looks at 20,000 jobs at most.
pub(super) async fn is_stuck(tx: &mut SystemTx, kind: &str, late: Duration) -> Result<bool> {
    let stuck = sqlx::query_scalar!(
        r#"select exists (
               select from (
                   select tenant_id from job
                   where kind = $1 and finished_at is null and state = 'waiting'
                     and run_at < now() - make_interval(secs => $2)
                   limit 20000
               ) as late
               where tenant_id not in (select paused.tenant_id from paused_work() paused where paused.tenant_id is not null)
           ) and not exists (
               select from job_lane
               where kind = $1 and (
                   used > 0 and used_at > now() - make_interval(secs => $2)
                   or running > 0 and exists (
                       select from job_worker where $1 = any (kinds) and seen_at > now() - interval '30 seconds'
                   )
               )
           ) as "stuck!""#,
        kind,
        late.as_secs_f64(),
    );
    Ok(stuck.fetch_one(tx.conn()).await?)
}

/// Has whoever counts come one after another: each changes several rows, in an order of its own.
pub(super) async fn take_turns(tx: &mut SystemTx) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('status/probes', 0))").execute(tx.conn()).await?;
    Ok(())
}

/// Counts a minute for each of these parts, unless it is counted.
pub(super) async fn record(tx: &mut SystemTx, minute: DateTime<Utc>, found: &[(Component, Health)]) -> Result<()> {
    let (components, states): (Vec<String>, Vec<String>) =
        found.iter().map(|(component, health)| (component.as_str().to_owned(), health.as_str().to_owned())).unzip();
    sqlx::query!(
        "with counted as (
             insert into probe_state as known (component, state, since, seen_at)
             select found.component, found.state, $1::timestamptz, $1::timestamptz
             from unnest($2::text[], $3::text[]) as found (component, state)
             on conflict (component) do update
             set state = excluded.state, seen_at = excluded.seen_at,
                 since = case when known.state = excluded.state and known.seen_at > excluded.seen_at - make_interval(secs => $4)
                              then known.since else excluded.since end
             where known.seen_at < excluded.seen_at
             returning known.component, known.state
         ), written as (
             insert into probe_minute (minute, component, state, is_kept)
             select $1::timestamptz, counted.component, counted.state, false from counted
             on conflict (minute, component) do nothing
             returning component, state
         )
         insert into probe_day as day (component, day, ups, slows, downs)
         select written.component, ($1::timestamptz at time zone 'UTC')::date, (written.state = 'up')::int,
                (written.state = 'slow')::int, (written.state = 'down')::int
         from written
         on conflict (component, day) do update
         set ups = day.ups + excluded.ups, slows = day.slows + excluded.slows, downs = day.downs + excluded.downs",
        minute,
        &components,
        &states,
        FRESH_SECONDS as f64,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Makes the days known that these minutes are in, so that [`record_kept`] finds them.
pub(super) async fn begin_days(tx: &mut SystemTx, kept: &[(DateTime<Utc>, Component, Health)]) -> Result<()> {
    let columns = Columns::of(kept);
    sqlx::query!(
        "insert into probe_day (component, day)
         select distinct kept.component, (kept.minute at time zone 'UTC')::date
         from unnest($1::timestamptz[], $2::text[]) as kept (minute, component)
         on conflict do nothing",
        &columns.minutes,
        &columns.components,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Counts minutes in which the database was away, in days that are known. Several processes may bring the same minute, and each of
/// them twice: it is counted once, as the worst that one has found. A minute that was written down at its time stays as it is:
/// whoever did that had the database, so that it was away for the others alone.
pub(super) async fn record_kept(tx: &mut SystemTx, kept: &[(DateTime<Utc>, Component, Health)]) -> Result<()> {
    let columns = Columns::of(kept);
    sqlx::query!(
        "with written as (
             insert into probe_minute as known (minute, component, state, is_kept)
             select kept.minute, kept.component, kept.state, true
             from unnest($1::timestamptz[], $2::text[], $3::text[]) as kept (minute, component, state)
             on conflict (minute, component) do update set state = excluded.state, was = known.state
             where known.is_kept
               and array_position(array['up', 'slow', 'down'], excluded.state)
                   > array_position(array['up', 'slow', 'down'], known.state)
             returning known.minute, known.component, known.state, known.was
         ), gained as (
             select written.component, (written.minute at time zone 'UTC')::date as day,
                    count(*) filter (where written.state = 'up') - count(*) filter (where written.was = 'up') as ups,
                    count(*) filter (where written.state = 'slow') - count(*) filter (where written.was = 'slow') as slows,
                    count(*) filter (where written.state = 'down') - count(*) filter (where written.was = 'down') as downs
             from written group by 1, 2
         )
         update probe_day as day
         set ups = day.ups + gained.ups, slows = day.slows + gained.slows, downs = day.downs + gained.downs
         from gained where day.component = gained.component and day.day = gained.day",
        &columns.minutes,
        &columns.components,
        &columns.states,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What was found, as arrays of the same length.
struct Columns {
    minutes: Vec<DateTime<Utc>>,
    components: Vec<String>,
    states: Vec<String>,
}

impl Columns {
    fn of(found: &[(DateTime<Utc>, Component, Health)]) -> Self {
        Self {
            minutes: found.iter().map(|(minute, ..)| *minute).collect(),
            components: found.iter().map(|(_, component, _)| component.as_str().to_owned()).collect(),
            states: found.iter().map(|(.., health)| health.as_str().to_owned()).collect(),
        }
    }
}

/// Forgets days that are not shown any more, and single minutes that no process can bring any more: it keeps them for a day.
pub(super) async fn forget(tx: &mut SystemTx, now: DateTime<Utc>) -> Result<()> {
    let today = first_day(now.date_naive());
    sqlx::query!("delete from probe_day where day < $1", today).execute(tx.conn()).await?;
    sqlx::query!("delete from probe_minute where minute < $1::timestamptz - interval '2 days'", now)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) async fn counted(tx: &mut SystemTx, today: NaiveDate) -> Result<Vec<Counted>> {
    let rows = sqlx::query!(
        "select component, day, ups, slows, downs from probe_day where day >= $1 order by day limit 2000",
        first_day(today),
    );
    let rows = rows.fetch_all(tx.conn()).await?.into_iter();
    // A part that this version does not know is not shown.
    Ok(rows
        .filter_map(|row| {
            let component = Component::parse(&row.component)?;
            Some(Counted { component, day: row.day, ups: row.ups, slows: row.slows, downs: row.downs })
        })
        .collect())
}

pub(super) async fn seen(tx: &mut SystemTx) -> Result<Vec<Seen>> {
    let rows = sqlx::query!("select component, state, since, seen_at from probe_state limit 100");
    let rows = rows.fetch_all(tx.conn()).await?.into_iter();
    Ok(rows
        .filter_map(|row| {
            let component = Component::parse(&row.component)?;
            Some(Seen { component, health: Health::parse(&row.state), since: row.since, seen_at: row.seen_at })
        })
        .collect())
}

/// Those that were opened in the days that are shown, and those that are open, with what was said of them.
pub(crate) async fn incidents(tx: &mut SystemTx, today: NaiveDate) -> Result<Vec<Incident>> {
    let since = first_day(today).and_time(chrono::NaiveTime::MIN).and_utc();
    let rows = sqlx::query!(
        "select id, title, severity, components, opened_at, resolved_at from incident
         where opened_at >= $1 or resolved_at is null or resolved_at >= $1
         order by opened_at desc, id desc limit $2",
        since,
        INCIDENTS,
    );
    let rows = rows.fetch_all(tx.conn()).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut updates = updates(tx, &ids).await?;
    let incidents = rows.into_iter().map(|row| Incident {
        updates: updates.remove(&row.id).unwrap_or_default(),
        id: row.id,
        title: row.title,
        severity: Severity::parse(&row.severity).unwrap_or(Severity::Minor),
        components: row.components.iter().filter_map(|word| Component::parse(word)).collect(),
        opened_at: row.opened_at,
        resolved_at: row.resolved_at,
    });
    Ok(incidents.collect())
}

/// By incident, the newest first; 100 of each at most.
async fn updates(tx: &mut SystemTx, incidents: &[Uuid]) -> Result<BTreeMap<Uuid, Vec<IncidentUpdate>>> {
    let rows = sqlx::query!(
        r#"select said.incident_id as "incident_id!", said.id as "id!", said.state as "state!", said.words as "words!",
                  said.posted_at as "posted_at!"
           from unnest($1::uuid[]) as wanted (id) cross join lateral (
               select incident_id, id, state, words, posted_at from incident_update
               where incident_id = wanted.id order by posted_at desc, id desc limit 100
           ) as said
           order by said.posted_at desc, said.id desc"#,
        incidents,
    );
    let mut updates: BTreeMap<Uuid, Vec<IncidentUpdate>> = BTreeMap::new();
    for row in rows.fetch_all(tx.conn()).await? {
        let state = IncidentState::parse(&row.state).unwrap_or(IncidentState::Investigating);
        let update = IncidentUpdate { id: row.id, state, text: row.words, posted_at: row.posted_at };
        updates.entry(row.incident_id).or_default().push(update);
    }
    Ok(updates)
}

fn first_day(today: NaiveDate) -> NaiveDate {
    today.checked_sub_days(Days::new(u64::from(DAYS) - 1)).unwrap_or(today)
}
