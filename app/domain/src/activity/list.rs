//! Looking at what is under way and what is over.

use std::collections::HashMap;

use chrono::TimeDelta;
use serde_json::Value;
use uuid::Uuid;

use super::{
    About, Activity, ActivityListing, ActivityQuery, ActivityState, Shown, Wait, Work,
    store::{self, Row, Scope},
};
use crate::{
    Services,
    actor::{Action, Member},
    db::TenantTx,
    documents::reading::Failure,
    error::{Error, Result},
    id::JobId,
    queue::JobState,
};

/// On a page, of what is over.
const PAGE_ROWS: usize = 50;

/// Jobs that are counted before another; of more it is only said that there are more.
const COUNTED: u32 = 100;

/// Those and the next one, which is the last that can be told how many are before it.
const COUNTED_ROWS: i64 = COUNTED as i64 + 1;

/// Shown of what is under way.
const UNDER_WAY: usize = 100;

/// How long the queue keeps what is over. `queue` sweeps by the same days.
const KEPT: TimeDelta = TimeDelta::days(7);
const DEAD_KEPT: TimeDelta = TimeDelta::days(30);

/// What is told of a failure whose own words are not for the person.
const OUR_FAULT: &str = "Something went wrong on our side.";

/// The same where it is about something that the person may not see.
const UNSEEN: &str = "Whoever asked for it is told why.";

/// One page: a member sees what they asked for themselves, and what Sheaf does with documents that they see; those who run the
/// workspace see all of it, without the names of what is private.
pub async fn list(services: &Services, member: &Member, query: ActivityQuery) -> Result<ActivityListing> {
    member.require(Action::ReadActivity)?;
    let scope = scope_of(member);
    let Page { under_way, more_under_way, finished, next, rows } =
        services.db.read(member, |tx| page(tx, scope, &query)).await?;
    let at = rows.first().map_or_else(|| services.clock.now(), |row| row.now);
    let seen = rows.into_iter().filter(|row| row.is_seen_by(member));
    let mut known: HashMap<JobId, Activity> = seen.map(|row| (row.id, row.shown_to(member))).collect();
    let mut in_order = |ids: Vec<JobId>| ids.iter().filter_map(|id| known.remove(id)).collect::<Vec<_>>();
    let (under_way, finished) = (in_order(under_way), in_order(finished));
    Ok(ActivityListing { under_way, more_under_way, finished, next, at })
}

/// What a page shows, before it is known who may see what of it.
struct Page {
    under_way: Vec<JobId>,
    more_under_way: bool,
    finished: Vec<JobId>,
    next: Option<JobId>,
    rows: Vec<Row>,
}

async fn page(mut tx: TenantTx, scope: Scope, query: &ActivityQuery) -> Result<Page> {
    let mut under_way = Vec::new();
    if query.shows_under_way() {
        under_way = store::under_way(&mut tx, scope, UNDER_WAY as i64 + 1).await?;
    }
    let more_under_way = under_way.len() > UNDER_WAY;
    under_way.truncate(UNDER_WAY);
    let mut finished = Vec::new();
    // Beneath so much that is under way nobody would look for it, and it takes a walk over all of that to find it.
    if !(more_under_way && query.shown == Shown::All) {
        let before = query.before.unwrap_or(JobId(Uuid::max()));
        let states = states_of(query.shown);
        if !states.is_empty() {
            finished = store::finished(&mut tx, scope, states, before, PAGE_ROWS as i64 + 1).await?;
        }
    }
    let more = finished.len() > PAGE_ROWS;
    finished.truncate(PAGE_ROWS);
    let next = finished.last().copied().filter(|_| more);
    let counted = if under_way.is_empty() { 0 } else { COUNTED_ROWS };
    let all = [under_way.as_slice(), finished.as_slice()].concat();
    let rows = if all.is_empty() { Vec::new() } else { store::rows(&mut tx, &all, counted, false).await? };
    tx.commit().await?;
    Ok(Page { under_way, more_under_way, finished, next, rows })
}

/// One job with its result; "not found" also where it is not for the member to see.
pub async fn find(services: &Services, member: &Member, id: JobId) -> Result<Activity> {
    member.require(Action::ReadActivity)?;
    let mut tx = services.db.tenant(member).await?;
    let rows = store::rows(&mut tx, &[id], COUNTED_ROWS, true).await?;
    tx.commit().await?;
    let row = rows.into_iter().find(|row| row.is_seen_by(member)).ok_or_else(Error::not_found)?;
    Ok(row.shown_to(member))
}

fn scope_of(member: &Member) -> Scope {
    if member.may(Action::SeeAllActivity) { Scope::Everybodys } else { Scope::Of(member.account) }
}

fn states_of(shown: Shown) -> &'static [JobState] {
    match shown {
        Shown::All => &[JobState::Done, JobState::Dead, JobState::Cancelled],
        Shown::UnderWay => &[],
        Shown::Failed => &[JobState::Dead],
        Shown::Done => &[JobState::Done, JobState::Cancelled],
    }
}

impl Row {
    /// Support has no account, so nothing is its own.
    fn is_own(&self, member: &Member) -> bool {
        member.support.is_none() && self.account == Some(member.account)
    }

    pub fn is_seen_by(&self, member: &Member) -> bool {
        let is_sheafs = self.account.is_none() && Work::OF_DOCUMENTS.contains(&self.kind.as_str());
        member.may(Action::SeeAllActivity) || self.is_own(member) || is_sheafs && self.about.is_some()
    }

    /// Whether the member may cancel it or have it done again. Whoever may not know what it is about may not: what becomes of
    /// that could not be told.
    pub fn may_be_steered_by(&self, member: &Member) -> bool {
        let is_theirs = self.is_own(member) && member.may(Action::SteerActivity);
        (is_theirs || member.may(Action::ManageActivity))
            && Work::of(&self.kind).needs().is_none_or(|action| member.may(action))
            && !self.is_hidden()
    }

    /// What it is about is private to others, or gone.
    pub fn is_hidden(&self) -> bool {
        self.about.is_none() && Work::of(&self.kind).unseen().is_some()
    }

    pub fn shown_to(self, member: &Member) -> Activity {
        let may_steer = self.may_be_steered_by(member);
        let shows_errors = member.may(Action::SeeAllActivity) && !self.is_hidden();
        let shows_result = !self.is_hidden();
        let (about, failure, waits_for) = (self.about(), self.failure(), self.waits_for());
        let kept = if self.state == JobState::Dead { DEAD_KEPT } else { KEPT };
        let progress = self.progress.filter(|_| self.state == JobState::Running);
        Activity {
            id: self.id,
            about,
            state: state_of(self.state),
            is_cancelling: self.is_cancelling && !self.state.is_finished(),
            attempt: self.attempt,
            max_attempts: self.max_attempts,
            progress: progress.and_then(|progress| serde_json::from_value(progress).ok()),
            waits_for,
            asked_by: self.asked_by,
            created_at: self.created_at,
            started_at: self.started_at,
            finished_at: self.finished_at,
            worked: self.worked,
            credits: self.credits,
            failure,
            last_error: self.last_error.filter(|_| shows_errors && !matches!(self.state, JobState::Done)),
            may_steer,
            result: self.result.filter(|_| shows_result),
            result_kept_until: self.finished_at.map(|at| at + kept),
            kind: self.kind,
        }
    }

    fn about(&self) -> Option<About> {
        let work = Work::of(&self.kind);
        match self.text("name") {
            Some(name) => {
                let opens = matches!(work, Work::Reading | Work::PageImages | Work::Report);
                Some(About { name: name.to_owned(), id: self.subject.filter(|_| opens) })
            }
            None => work.unseen().map(|words| About { name: words.into(), id: None }),
        }
    }

    /// What its own page says of it. A reading may end well and find that the file is none that can be read.
    fn failure(&self) -> Option<String> {
        if !matches!(self.state, JobState::Done | JobState::Dead) {
            return None;
        }
        let told = self.text("failure").map(|failure| match Work::of(&self.kind) {
            Work::Reading => Failure::parse(failure).map_or(OUR_FAULT, |failure| failure.message()).to_owned(),
            _ => failure.to_owned(),
        });
        let unsaid = if self.is_hidden() { UNSEEN } else { OUR_FAULT };
        told.or_else(|| (self.state == JobState::Dead).then(|| unsaid.to_owned()))
    }

    fn waits_for(&self) -> Option<Wait> {
        if self.state != JobState::Waiting {
            return None;
        }
        Some(match self.before.and_then(|before| u32::try_from(before).ok()) {
            _ if self.is_paused => Wait::Paused,
            _ if !self.is_due && self.attempt > 0 => Wait::NextTry { at: self.run_at },
            _ if !self.is_due => Wait::Scheduled { at: self.run_at },
            _ if !self.is_served => Wait::Unserved,
            Some(0) if self.is_full => Wait::PlanLimit,
            Some(0) => Wait::FreeWorker,
            Some(before) if before <= COUNTED => Wait::Behind { before, more: false },
            _ => Wait::Behind { before: COUNTED, more: true },
        })
    }

    fn text(&self, field: &str) -> Option<&str> {
        self.about.as_ref()?.get(field).and_then(Value::as_str)
    }
}

fn state_of(state: JobState) -> ActivityState {
    match state {
        JobState::Waiting => ActivityState::Waiting,
        JobState::Running => ActivityState::Running,
        JobState::Done => ActivityState::Done,
        JobState::Dead => ActivityState::Failed,
        JobState::Cancelled => ActivityState::Cancelled,
    }
}
