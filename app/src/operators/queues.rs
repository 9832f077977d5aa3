//! The queues of all workspaces: kinds of work, the processes that do it, and what is held up.

use domain::operators::{COUNTED_OF_A_KIND, KindLine, PauseLine, QueueOverview, WorkerLine};
use leptos::prelude::*;
use leptos_meta::Title;

use super::{
    form_states::Wrong,
    pause_form::{PauseForm, ResumeButton},
    seconds::{counted_to, span, span_or_none, spans},
    tabs::{DoorTab, DoorTabs},
};
use crate::{
    error::AppError,
    public_site::NoSuchPage,
    routes,
    ui::{
        Badge, Cell, EmptyState, ErrorState, Glyph, HeaderCell, Notice, OperatorLayout, PageHeader, Row, Section,
        Stack, Table, TextLink, Time, Tone, grouped,
    },
};

/// What the server found.
#[derive(Clone)]
pub struct QueuesShown {
    /// The operator's name.
    pub operator: String,
    /// The kinds of work that this version knows.
    pub known: Vec<&'static str>,
    pub overview: Result<QueueOverview, AppError>,
}

/// The page at [`routes::OPERATOR_QUEUES`], of a [`QueuesShown`] in context.
#[component]
pub fn QueuesPage() -> impl IntoView {
    let Some(QueuesShown { operator, known, overview }) = use_context() else {
        return view! { <NoSuchPage /> }.into_any();
    };
    let found = match overview {
        Ok(overview) => view! { <Overview overview known /> }.into_any(),
        Err(error) => {
            view! { <ErrorState text=error.message().to_owned() retry_href=routes::OPERATOR_QUEUES /> }.into_any()
        }
    };
    view! {
        <Title text="Queues" />
        <OperatorLayout operator>
            <Stack>
                <DoorTabs current=DoorTab::Queues />
                <PageHeader title="Queues" description="The work of all workspaces. What it is about is not shown here." />
                <Wrong />
                {found}
            </Stack>
        </OperatorLayout>
    }
    .into_any()
}

#[component]
fn Overview(overview: QueueOverview, known: Vec<&'static str>) -> impl IntoView {
    let unserved: Vec<String> = overview.unserved().map(|kind| kind.kind.clone()).collect();
    let QueueOverview { kinds, workers, pauses } = overview;
    let held_up: Vec<String> = pauses.iter().filter_map(|pause| pause.kind.clone()).collect();
    let names: Vec<String> = kinds.iter().map(|kind| kind.kind.clone()).collect();
    view! {
        <Unserved kinds=unserved.clone() known=known.clone() />
        <Kinds kinds held_up unserved known />
        <Workers workers />
        <Pauses pauses />
        <Section
            title="Hold up a kind of work"
            description="No more of it begins in any workspace, within a second. What runs is left alone, and nothing is lost."
        >
            <PauseForm tenant=None kinds=names />
        </Section>
    }
}

/// Says which work waits for a process that does it, and which of it for another version.
#[component]
fn Unserved(kinds: Vec<String>, known: Vec<&'static str>) -> impl IntoView {
    let (ours, others): (Vec<_>, Vec<_>) = kinds.into_iter().partition(|kind| known.contains(&kind.as_str()));
    let ours = (!ours.is_empty()).then(|| {
        let text = format!(
            "No process does this work: {}. What there is of it waits and is not lost. Start a worker, or one with \
             --kinds for it, and it begins.",
            ours.join(", "),
        );
        view! { <Notice tone=Tone::Danger>{text}</Notice> }
    });
    let others = (!others.is_empty()).then(|| {
        let text = format!(
            "This version does not know this work, and no process of another one does it: {}. What there is of it waits \
             and is not lost. Start a worker of the version that it is from, and it begins.",
            others.join(", "),
        );
        view! { <Notice tone=Tone::Danger>{text}</Notice> }
    });
    view! {
        {ours}
        {others}
    }
}

#[component]
fn Kinds(
    kinds: Vec<KindLine>,
    held_up: Vec<String>,
    /// Those that no process does.
    unserved: Vec<String>,
    known: Vec<&'static str>,
) -> impl IntoView {
    if kinds.is_empty() {
        let text = "A kind of work stands here once there was some of it.";
        return view! { <EmptyState glyph=Glyph::Clock title="No work yet" text /> }.into_any();
    }
    let recent = kinds.first().map_or(0.0, |kind| kind.recent_seconds);
    let description = format!(
        "Done, wait and run are of what finished within the last {}. Of wait and run, half took no longer than the first \
         figure, and 95 of 100 no longer than the second.",
        span(recent),
    );
    let row = |kind: KindLine| {
        let is_held_up = held_up.contains(&kind.kind);
        let is_unserved = unserved.contains(&kind.kind);
        let is_known = known.contains(&kind.kind.as_str());
        view! { <Kind kind is_held_up is_unserved is_known /> }
    };
    let rows = kinds.into_iter().map(row).collect_view();
    view! {
        <Section title="Kinds of work" description>
            <Table label="Kinds of work">
                <thead>
                    <tr>
                        <HeaderCell>"Kind"</HeaderCell>
                        <HeaderCell numeric=true>"Running"</HeaderCell>
                        <HeaderCell numeric=true>"Waiting"</HeaderCell>
                        <HeaderCell numeric=true>"For later"</HeaderCell>
                        <HeaderCell numeric=true>"Oldest"</HeaderCell>
                        <HeaderCell numeric=true hide_narrow=true>
                            "Wait"
                        </HeaderCell>
                        <HeaderCell numeric=true hide_narrow=true>
                            "Run"
                        </HeaderCell>
                        <HeaderCell numeric=true hide_narrow=true>
                            "Done"
                        </HeaderCell>
                        <HeaderCell numeric=true>"Dead"</HeaderCell>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </Section>
    }
    .into_any()
}

#[component]
fn Kind(kind: KindLine, is_held_up: bool, is_unserved: bool, is_known: bool) -> impl IntoView {
    let or_more = if kind.is_more { " or more" } else { "" };
    let waiting = format!("{}{or_more}", grouped(kind.waiting.unsigned_abs()));
    let scheduled = format!("{}{or_more}", grouped(kind.scheduled.unsigned_abs()));
    let no_tenant = None::<&str>;
    let lanes = routes::operator_lanes(&kind.kind, no_tenant, false);
    let dead_letters = routes::operator_dead(&kind.kind, no_tenant);
    view! {
        <Row>
            <Cell primary=true>
                <TextLink href=lanes quiet=true>
                    {kind.kind}
                </TextLink>
                " " {is_held_up.then(|| view! { <Badge tone=Tone::Warning>"Held up"</Badge> })} " "
                {is_unserved.then(|| view! { <Badge tone=Tone::Danger>"No worker"</Badge> })} " "
                {(!is_known).then(|| view! { <Badge>"Unknown to this version"</Badge> })}
            </Cell>
            <Cell numeric=true>{grouped(kind.running.unsigned_abs())}</Cell>
            <Cell numeric=true>{waiting}</Cell>
            <Cell numeric=true>{scheduled}</Cell>
            <Cell numeric=true>{span_or_none(kind.oldest_seconds)}</Cell>
            <Cell numeric=true hide_narrow=true>
                {spans(kind.wait_median, kind.wait_high)}
            </Cell>
            <Cell numeric=true hide_narrow=true>
                {spans(kind.run_median, kind.run_high)}
            </Cell>
            <Cell numeric=true hide_narrow=true>
                {grouped(kind.done.unsigned_abs())}
            </Cell>
            <Cell numeric=true>
                <TextLink href=dead_letters>
                    {counted_to(kind.dead, COUNTED_OF_A_KIND)}
                </TextLink>
            </Cell>
        </Row>
    }
}

#[component]
fn Workers(workers: Vec<WorkerLine>) -> impl IntoView {
    let nobody = workers.iter().all(|worker| !worker.is_alive());
    let warning = nobody
        .then(|| view! { <Notice tone=Tone::Danger>"No process works: whatever waits goes on waiting."</Notice> });
    let rows = workers.into_iter().map(|worker| view! { <Worker worker /> }).collect::<Vec<_>>();
    let table = (!rows.is_empty()).then(|| {
        view! {
            <Table label="Processes that work">
                <thead>
                    <tr>
                        <HeaderCell>"Name"</HeaderCell>
                        <HeaderCell>"State"</HeaderCell>
                        <HeaderCell>"Kinds"</HeaderCell>
                        <HeaderCell hide_narrow=true>"Started"</HeaderCell>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        }
    });
    view! { <Section title="Processes that work">{warning} {table}</Section> }
}

#[component]
fn Worker(worker: WorkerLine) -> impl IntoView {
    let (tone, state) = if worker.is_alive() {
        (Tone::Success, "Works".to_owned())
    } else {
        (Tone::Danger, format!("Silent for {}", span(worker.silent_seconds)))
    };
    view! {
        <Row>
            <Cell primary=true>{worker.name}</Cell>
            <Cell>
                <Badge tone>{state}</Badge>
            </Cell>
            <Cell>{worker.kinds.join(", ")}</Cell>
            <Cell hide_narrow=true>
                <Time at=worker.started_at exact=true />
            </Cell>
        </Row>
    }
}

#[component]
fn Pauses(pauses: Vec<PauseLine>) -> impl IntoView {
    if pauses.is_empty() {
        return view! {
            <Section title="Held up">
                <p>"Nothing is held up."</p>
            </Section>
        }
        .into_any();
    }
    let rows = pauses.into_iter().enumerate().map(|(number, pause)| view! { <Pause number pause /> }).collect_view();
    view! {
        <Section title="Held up">
            <Table label="Held up">
                <thead>
                    <tr>
                        <HeaderCell>"What"</HeaderCell>
                        <HeaderCell>"Reason"</HeaderCell>
                        <HeaderCell hide_narrow=true>"By"</HeaderCell>
                        <HeaderCell hide_narrow=true>"Since"</HeaderCell>
                        <HeaderCell>"Act"</HeaderCell>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </Section>
    }
    .into_any()
}

#[component]
fn Pause(number: usize, pause: PauseLine) -> impl IntoView {
    let what = pause.kind.clone().or(pause.name).unwrap_or_default();
    let tenant = pause.tenant.map(|tenant| tenant.to_string());
    let of = if tenant.is_some() { "Workspace" } else { "Kind" };
    let label = format!("Resume {what}");
    view! {
        <Row>
            <Cell>{what}" "<Badge>{of}</Badge></Cell>
            <Cell primary=true wraps=true>
                {pause.reason}
            </Cell>
            <Cell hide_narrow=true>{pause.paused_by}</Cell>
            <Cell hide_narrow=true>
                <Time at=pause.paused_at exact=true />
            </Cell>
            <Cell>
                <ResumeButton id=format!("resume-{number}") kind=pause.kind tenant label />
            </Cell>
        </Row>
    }
}
