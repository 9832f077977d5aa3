//! The tables of what was used. Each adds up to the same sum.

use chrono::NaiveDate;
use domain::billing::UsageSum;
use leptos::prelude::*;

use super::signed;
use crate::ui::{Cell, HeaderCell, Row, Section, SumRow, Table};

/// What was used by each of some, with the sum under it.
#[component]
pub(super) fn Sums(
    title: &'static str,
    /// The head of the first column.
    of: &'static str,
    sums: Vec<UsageSum>,
    total: i64,
) -> impl IntoView {
    let rows = sums.into_iter().map(|sum| (sum.name, sum.credits)).collect();
    view! {
        <Section title>
            <Adding label=title of rows total />
        </Section>
    }
}

/// What was used on each day, with the sum under it. Days without use are left out.
#[component]
pub(super) fn Days(days: Vec<(NaiveDate, i64)>, total: i64) -> impl IntoView {
    let used = days.into_iter().filter(|(_, used)| *used != 0);
    let rows = used.map(|(day, used)| (day.format("%-d %B %Y").to_string(), used)).collect();
    view! {
        <Section title="By day">
            <Adding label="By day" of="Day" rows total />
        </Section>
    }
}

#[component]
fn Adding(label: &'static str, of: &'static str, rows: Vec<(String, i64)>, total: i64) -> impl IntoView {
    let rows = rows
        .into_iter()
        .map(|(name, used)| {
            view! {
                <Row>
                    <Cell primary=true>{name}</Cell>
                    <Cell numeric=true>{signed(used)}</Cell>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Table label>
            <thead>
                <tr>
                    <HeaderCell>{of}</HeaderCell>
                    <HeaderCell numeric=true>"Page credits"</HeaderCell>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
            <SumRow label="In all" values=vec![signed(total)] />
        </Table>
    }
}
