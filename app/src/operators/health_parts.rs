//! The parts that Sheaf stands on, under its figures.

use domain::{
    health::{Connections, Health, Part, SlowStatement, Stored, Sums},
    id::TenantId,
    operators::{COUNTED_OF_A_KIND, KindLine, QueueOverview},
    revenue::{self, Month, WorkspaceMonth},
};
use leptos::prelude::*;

use super::{
    health::{Timed, TimedHead, per_cent},
    seconds::{counted_to, span, span_or_none},
    tenant_cell::TenantCell,
};
use crate::{
    routes,
    ui::{
        Cell, Cluster, HeaderCell, Notice, Row, Section, Stat, StatGroup, Table, TextLink, Tone, bytes, counted,
        grouped,
    },
};

/// What waits at this moment.
#[component]
pub(super) fn Queues(queues: QueueOverview) -> impl IntoView {
    let nobody = queues.workers.iter().all(|worker| !worker.is_alive());
    let warning = nobody
        .then(|| view! { <Notice tone=Tone::Danger>"No process works: whatever waits goes on waiting."</Notice> });
    let row = |kind: KindLine| {
        view! {
            <Row>
                <Cell primary=true>{kind.kind}</Cell>
                <Cell numeric=true>{grouped(kind.running.unsigned_abs())}</Cell>
                <Cell numeric=true>{counted_to(kind.waiting, COUNTED_OF_A_KIND)}</Cell>
                <Cell numeric=true>{span_or_none(kind.oldest_seconds)}</Cell>
                <Cell numeric=true>{counted_to(kind.dead, COUNTED_OF_A_KIND)}</Cell>
            </Row>
        }
    };
    let rows = queues.kinds.into_iter().map(row).collect_view();
    view! {
        <Section title="Queues" description="At this moment.">
            {warning}
            <Table label="Queues">
                <thead>
                    <tr>
                        <HeaderCell>"Kind"</HeaderCell>
                        <HeaderCell numeric=true>"Running"</HeaderCell>
                        <HeaderCell numeric=true>"Waiting"</HeaderCell>
                        <HeaderCell numeric=true>"Oldest"</HeaderCell>
                        <HeaderCell numeric=true>"Dead"</HeaderCell>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
            <TextLink href=routes::OPERATOR_QUEUES>"All of the queues"</TextLink>
        </Section>
    }
}

/// What was worked on in the period.
#[component]
pub(super) fn Jobs(health: Health) -> impl IntoView {
    let kinds = health.by_name(Part::Jobs);
    let rows = kinds
        .into_iter()
        .map(|(name, sums)| view! { <Timed name=name.to_owned() sums part=Part::Jobs /> })
        .collect_view();
    view! {
        <Section title="Work" description="Attempts of jobs that ended in this time, and what they took.">
            <Table label="Work">
                <TimedHead what="Kind" number="Attempts" />
                <tbody>{rows}</tbody>
            </Table>
        </Section>
    }
}

/// What was asked of the caches in the period.
#[component]
pub(super) fn Caches(health: Health) -> impl IntoView {
    let row = |(name, sums): (&str, Sums)| {
        let (name, unknown) = (name.to_owned(), per_cent(&sums));
        let (questions, known) = (sums.number.unsigned_abs(), (sums.number - sums.failed).unsigned_abs());
        view! {
            <Row>
                <Cell primary=true>{name}</Cell>
                <Cell numeric=true>{grouped(questions)}</Cell>
                <Cell numeric=true>{grouped(known)}</Cell>
                <Cell numeric=true>{unknown}</Cell>
            </Row>
        }
    };
    let rows = health.by_name(Part::Caches).into_iter().map(row).collect_view();
    view! {
        <Section title="Caches">
            <Table label="Caches">
                <thead>
                    <tr>
                        <HeaderCell>"Cache"</HeaderCell>
                        <HeaderCell numeric=true>"Questions"</HeaderCell>
                        <HeaderCell numeric=true>"Known"</HeaderCell>
                        <HeaderCell numeric=true>"Not known"</HeaderCell>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </Section>
    }
}

/// Who is connected, and what took longest.
#[component]
pub(super) fn Database(connections: Connections, statements: Option<Vec<SlowStatement>>) -> impl IntoView {
    let stats = connections
        .by_role
        .into_iter()
        .map(|(role, number)| {
            let label =
                if role.is_empty() { "Connections of Postgres".into() } else { format!("Connections of {role}") };
            view! { <Stat label value=grouped(number.unsigned_abs()) /> }
        })
        .collect_view();
    let most = format!("Postgres takes {} connections.", grouped(u64::from(connections.most.unsigned_abs())));
    let slowest = match statements {
        None => view! {
            <p>
                "The slowest queries stand here where Postgres keeps them: add pg_stat_statements to \
                 shared_preload_libraries, start Postgres again, and run CREATE EXTENSION pg_stat_statements in this database."
            </p>
        }
        .into_any(),
        Some(statements) => view! { <Slowest statements /> }.into_any(),
    };
    view! {
        <Section title="Database" description=most>
            <StatGroup>
                {stats} <Stat label="Size" value=bytes(connections.bytes.unsigned_abs()) />
            </StatGroup>
            {slowest}
        </Section>
    }
}

#[component]
fn Slowest(statements: Vec<SlowStatement>) -> impl IntoView {
    let row = |line: SlowStatement| {
        view! {
            <Row>
                <Cell primary=true wraps=true>
                    <code>{line.statement}</code>
                </Cell>
                <Cell numeric=true>{grouped(line.calls.unsigned_abs())}</Cell>
                <Cell numeric=true>{span(line.total)}</Cell>
                <Cell numeric=true>{span(line.mean)}</Cell>
            </Row>
        }
    };
    let rows = statements.into_iter().map(row).collect_view();
    view! {
        <Table label="Slowest queries">
            <thead>
                <tr>
                    <HeaderCell>"Query"</HeaderCell>
                    <HeaderCell numeric=true>"Calls"</HeaderCell>
                    <HeaderCell numeric=true>"All calls"</HeaderCell>
                    <HeaderCell numeric=true>"One call"</HeaderCell>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

/// What the workspaces store.
#[component]
pub(super) fn Storage(stored: Stored) -> impl IntoView {
    let row = |(tenant, name, size): (TenantId, String, i64)| {
        view! {
            <Row>
                <TenantCell tenant name />
                <Cell numeric=true>{bytes(size.max(0).unsigned_abs())}</Cell>
            </Row>
        }
    };
    let rows = stored.most.into_iter().map(row).collect_view();
    let workspaces = counted(stored.workspaces.unsigned_abs(), "workspace", "workspaces");
    view! {
        <Section title="Storage" description="The workspaces that store most.">
            <StatGroup>
                <Stat label="Stored" value=bytes(stored.all.max(0).unsigned_abs()) note=workspaces />
            </StatGroup>
            <Table label="Storage">
                <thead>
                    <tr>
                        <HeaderCell>"Workspace"</HeaderCell>
                        <HeaderCell numeric=true>"Stored"</HeaderCell>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </Section>
    }
}

/// What the workspaces that used most have cost this month.
#[component]
pub(super) fn Costs(month: Month, costs: Vec<WorkspaceMonth>) -> impl IntoView {
    let all = routes::operator_revenue_workspaces(month, "eur", None::<&str>);
    let row = |line: WorkspaceMonth| {
        view! {
            <Row>
                <TenantCell tenant=line.tenant name=line.name />
                <Cell numeric=true>{span(line.figures.worker_seconds as f64)}</Cell>
                <Cell numeric=true>{revenue::cost(&line.figures).to_string()}</Cell>
            </Row>
        }
    };
    let is_empty = costs.is_empty();
    let rows = costs.into_iter().map(row).collect_view();
    let shown = if is_empty {
        view! { <p>"Nothing was counted yet: it is, each night."</p> }.into_any()
    } else {
        view! {
            <Table label="Cost by workspace">
                <thead>
                    <tr>
                        <HeaderCell>"Workspace"</HeaderCell>
                        <HeaderCell numeric=true>"Workers"</HeaderCell>
                        <HeaderCell numeric=true>"Cost"</HeaderCell>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        }
        .into_any()
    };
    view! {
        <Section title="Cost by workspace" description="Of this month, as it was counted last night; those that used most.">
            {shown}
            <Cluster>
                <TextLink href=all>"Usage and cost of all workspaces"</TextLink>
            </Cluster>
        </Section>
    }
}
