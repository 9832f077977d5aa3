//! What clients had already and were not sent again, among the figures of operators.

use domain::health::{Health, Part, Sums};
use leptos::prelude::*;

use super::health::in_per_cent;
use crate::ui::{Cell, HeaderCell, Row, Section, SumRow, Table, bytes, grouped};

/// Answers with a tag by class of route: how many of them the client had, and the bytes that it was spared.
#[component]
pub(super) fn Spared(health: Health) -> impl IntoView {
    let spared = health.by_name(Part::Spared);
    let spared_of = |name: &str| spared.get(name).map_or(0, |sums| sums.number);
    let classes = health.by_name(Part::Tagged);
    let row = |(name, sums): (&&str, &Sums)| {
        let (name, [asked, known, share, saved]) = ((*name).to_owned(), told(sums, spared_of(name)));
        view! {
            <Row>
                <Cell primary=true>{name}</Cell>
                <Cell numeric=true>{asked}</Cell>
                <Cell numeric=true>{known}</Cell>
                <Cell numeric=true>{share}</Cell>
                <Cell numeric=true>{saved}</Cell>
            </Row>
        }
    };
    let rows = classes.iter().map(row).collect_view();
    let in_all = told(&health.all(Part::Tagged), health.all(Part::Spared).number).to_vec();
    view! {
        <Section
            title="Not sent again"
            description="Answers with a tag: a client that has one of them already is told so (304), and is spared its bytes."
        >
            <Table label="Not sent again">
                <thead>
                    <tr>
                        <HeaderCell>"Class"</HeaderCell>
                        <HeaderCell numeric=true>"Answers"</HeaderCell>
                        <HeaderCell numeric=true>"Had already"</HeaderCell>
                        <HeaderCell numeric=true>"Share"</HeaderCell>
                        <HeaderCell numeric=true>"Bytes spared"</HeaderCell>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
                <SumRow label="In all" values=in_all />
            </Table>
        </Section>
    }
}

/// Answers, those that the client had, their share to a tenth of a per cent, and the bytes that were not sent.
fn told(sums: &Sums, spared: i64) -> [String; 4] {
    let known = sums.number - sums.failed;
    let share = in_per_cent((known * 1_000).checked_div(sums.number));
    [grouped(sums.number.unsigned_abs()), grouped(known.unsigned_abs()), share, bytes(spared.unsigned_abs())]
}
