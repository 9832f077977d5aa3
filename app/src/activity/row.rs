//! One piece of work in the list.

use chrono::{DateTime, Utc};
use domain::{
    activity::{Activity, ActivityListing, ActivityState, Wait, Work},
    features::Feature,
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    acts::Acts,
    api::{CancelJob, RetryJob},
    list::ROW_FORM,
};
use crate::{
    billing::signed,
    features::reads_again,
    routes,
    ui::{Badge, ButtonKind, ButtonSize, Cell, Cluster, Gap, Glyph, IconButton, Progress, Row, RowTitle, Time, Tone},
};

/// A row that stays in its place while what it tells changes, and with it the button that somebody is about to press.
#[component]
pub(super) fn JobRow(
    /// As it was when the row was made.
    job: Activity,
    found: Memo<Option<ActivityListing>>,
    /// The time of the server, moving on.
    now: Signal<DateTime<Utc>>,
    acts: Acts,
) -> impl IntoView {
    let (id, title, created_at) = (job.id, job.title(), job.created_at);
    let who = job.asked_by.clone().unwrap_or_else(|| "Sheaf".to_owned());
    let (href, glyph) = (href_of(&job), glyph_of(job.work()));
    let latest = Memo::new(move |before: Option<&Activity>| {
        let listed = found.with(|found| found.as_ref().and_then(|listing| listing.find(id)).cloned());
        listed.or_else(|| before.cloned()).unwrap_or_else(|| job.clone())
    });
    let note = Memo::new(move |_| latest.with(note_of));
    let name = title.clone();
    let title_cell = move || {
        let (title, href, note) = (name.clone(), href.clone(), note.get());
        view! { <RowTitle title href note glyph /> }.into_any()
    };
    // What is over does not listen to the clock.
    let took =
        move || latest.with(|job| job.duration(if job.state.is_under_way() { now.get() } else { now.get_untracked() }));
    let cost = move || latest.with(cost_of);
    view! {
        <Row>
            <Cell primary=true>{title_cell}</Cell>
            <Cell>
                <State latest now />
            </Cell>
            <Cell numeric=true muted=true hide_narrow=true>
                {took}
            </Cell>
            <Cell numeric=true muted=true hide_narrow=true>
                {cost}
            </Cell>
            <Cell muted=true hide_narrow=true>{who}</Cell>
            <Cell muted=true hide_narrow=true>
                <Time at=created_at />
            </Cell>
            <Cell>
                <Actions title latest acts />
            </Cell>
        </Row>
    }
}

#[component]
fn State(latest: Memo<Activity>, now: Signal<DateTime<Utc>>) -> impl IntoView {
    let state = Memo::new(move |_| latest.with(|job| job.state));
    let badge = move || {
        let state = state.get();
        let (tone, glyph) = face(state);
        view! {
            <Badge tone glyph>
                {state.label()}
            </Badge>
        }
    };
    let share = Memo::new(move |_| latest.with(|job| job.progress.as_ref().and_then(|progress| progress.share())));
    let has_share = Memo::new(move |_| share.with(Option::is_some));
    let bar = move || {
        has_share.get().then(|| {
            let label = Signal::derive(move || latest.with(|job| format!("{} of {}", job.work().label(), job.title())));
            view! { <Progress label value=share /> }
        })
    };
    view! {
        <Cluster gap=Gap::Tiny>
            {badge} <span>{move || latest.with(|job| word_of(job, now))}</span> {bar}
        </Cluster>
    }
}

/// What may be done about it. Without scripts the buttons post the form of the list.
#[component]
fn Actions(title: String, latest: Memo<Activity>, acts: Acts) -> impl IntoView {
    let id = latest.with_untracked(|job| job.id);
    // One whose worker died before it was stopped waits for another, and need not.
    let can_cancel = Memo::new(move |_| {
        latest.with(|job| match job.state {
            ActivityState::Running => job.may_steer && !job.is_cancelling,
            state => job.may_steer && state.is_under_way(),
        })
    });
    let reads_again = reads_again();
    let can_retry = Memo::new(move |_| {
        latest.with(|job| {
            let is_paused = !reads_again && job.work().feature() == Some(Feature::ReadAgain);
            job.may_steer && job.state.can_retry() && !is_paused
        })
    });
    let (name, other) = (title.clone(), title);
    let cancel = move || {
        can_cancel.get().then(|| {
            let (label, name) = (format!("Cancel {name}"), name.clone());
            let press = move |event: leptos::ev::MouseEvent| {
                event.prevent_default();
                match latest.with_untracked(|job| job.state) {
                    ActivityState::Running => acts.ask(id, name.clone()),
                    _ => acts.cancel(id, name.clone()),
                }
            };
            view! {
                <IconButton
                    glyph=Glyph::Cancel
                    label
                    kind=ButtonKind::Submit
                    size=ButtonSize::Small
                    name="job"
                    value=id.to_string()
                    attr:form=ROW_FORM
                    attr:formaction=CancelJob::url()
                    on:click=press
                />
            }
        })
    };
    let retry = move || {
        can_retry.get().then(|| {
            let label = format!("Try {other} again");
            let press = move |event: leptos::ev::MouseEvent| {
                event.prevent_default();
                acts.retry(id);
            };
            view! {
                <IconButton
                    glyph=Glyph::Retry
                    label
                    kind=ButtonKind::Submit
                    size=ButtonSize::Small
                    name="job"
                    value=id.to_string()
                    attr:form=ROW_FORM
                    attr:formaction=RetryJob::url()
                    on:click=press
                />
            }
        })
    };
    view! {
        {cancel}
        {retry}
    }
}

/// Beside the state: why it waits, how far it is, or that it was tried in vain.
fn word_of(job: &Activity, now: Signal<DateTime<Utc>>) -> String {
    match (job.state, &job.waits_for) {
        (state, _) if job.is_cancelling && state.is_under_way() => "stopping".into(),
        // Only these count down.
        (ActivityState::Waiting, Some(wait @ (Wait::NextTry { .. } | Wait::Scheduled { .. }))) => wait.text(now.get()),
        (ActivityState::Waiting, Some(wait)) => wait.text(now.get_untracked()),
        (ActivityState::Running, _) => {
            let progress = job.progress.as_ref().map(|progress| progress.text()).unwrap_or_default();
            if progress.is_empty() && job.attempt > 1 {
                format!("attempt {} of {}", job.attempt, job.max_attempts)
            } else {
                progress
            }
        }
        (ActivityState::Failed, _) if job.attempt > 1 => format!("after {} attempts", job.attempt),
        _ => String::new(),
    }
}

/// Page credits; none where it cost nothing. What is only set aside may become more or less.
fn cost_of(job: &Activity) -> Option<String> {
    let credits = (job.credits != 0).then(|| signed(job.credits))?;
    Some(if job.state.is_under_way() { format!("{credits} set aside") } else { credits })
}

/// Under the title: what kind of work it is, what went wrong, and what is good to know while it waits.
fn note_of(job: &Activity) -> String {
    let kind = job.about.as_ref().map(|_| job.work().label().to_owned());
    let waits = job.waits_for.as_ref().and_then(Wait::note).map(str::to_owned);
    let parts = [kind, job.failure.clone(), job.last_error.clone(), waits];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn href_of(job: &Activity) -> Option<String> {
    let id = job.about.as_ref()?.id?;
    match job.work() {
        Work::Reading | Work::PageImages => Some(routes::document(id)),
        Work::Report => Some(routes::report(id)),
        Work::ReadingAll | Work::Mail | Work::Export | Work::CleanUp | Work::Billing | Work::Other => None,
    }
}

fn glyph_of(work: Work) -> Glyph {
    match work {
        Work::Reading | Work::PageImages => Glyph::Document,
        Work::ReadingAll => Glyph::Retry,
        Work::Report => Glyph::Report,
        Work::Mail => Glyph::Mail,
        Work::Export => Glyph::Download,
        Work::CleanUp => Glyph::Trash,
        Work::Billing | Work::Other => Glyph::Activity,
    }
}

fn face(state: ActivityState) -> (Tone, Glyph) {
    match state {
        ActivityState::Waiting => (Tone::Neutral, Glyph::Clock),
        ActivityState::Running => (Tone::Info, Glyph::Activity),
        ActivityState::Done => (Tone::Success, Glyph::Check),
        ActivityState::Failed => (Tone::Danger, Glyph::Error),
        ActivityState::Cancelled => (Tone::Neutral, Glyph::Cancel),
    }
}
