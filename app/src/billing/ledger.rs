//! The ledger: every page credit that came, and every one that left, with its reason.

use domain::billing::{EntryKind, LedgerLine};
use leptos::prelude::*;

use super::signed;
use crate::{
    routes,
    ui::{
        Badge, Cell, EmptyState, Gap, Glyph, HeaderCell, Pagination, Row, RowTitle, Section, Stack, Table, Time, Tone,
        counted,
    },
};

/// Some lines, the newest first, and the way to the older ones.
#[component]
pub(super) fn Ledger(lines: Vec<LedgerLine>, start: Option<String>, next: Option<String>) -> impl IntoView {
    if lines.is_empty() {
        let text =
            "Each credit that is granted, used, credited back or expires gets a line, and no line is ever changed.";
        return view! {
            <Section title="Ledger">
                <EmptyState glyph=Glyph::Outline title="No entries yet" text />
            </Section>
        }
        .into_any();
    }
    let summary = counted(lines.len() as u64, "entry", "entries");
    let rows = lines.into_iter().map(|line| view! { <Line line /> }).collect_view();
    view! {
        <Section
            title="Ledger"
            description="Every page credit that came and went, the newest first, over all months. No line is ever changed; the bill is the sum of those beyond the plan."
        >
            <Stack gap=Gap::Medium>
                <Table label="Ledger">
                    <thead>
                        <tr>
                            <HeaderCell>"What"</HeaderCell>
                            <HeaderCell numeric=true>"Page credits"</HeaderCell>
                            <HeaderCell hide_narrow=true>"Who"</HeaderCell>
                            <HeaderCell>"When"</HeaderCell>
                            <HeaderCell hide_narrow=true>"Price list"</HeaderCell>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </Table>
                <Pagination label="Ledger" newer=start older=next newer_label="Back to the start" summary />
            </Stack>
        </Section>
    }
    .into_any()
}

#[component]
fn Line(line: LedgerLine) -> impl IntoView {
    let prices = format!("{} {}", line.plan.label(), line.price_version);
    let who = line.who.unwrap_or_else(|| "Sheaf".to_owned());
    let who = match line.through {
        Some(key) => format!("{who}, through {key}"),
        None => who,
    };
    let number = if line.credits > 0 { format!("+{}", signed(line.credits)) } else { signed(line.credits) };
    let beyond = line.is_overage.then(|| view! { <Badge tone=Tone::Warning>"Billed"</Badge> });
    let note = [line.document_name, line.note].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let (title, glyph) = (line.kind.label(), glyph(line.kind));
    let href = line.document.map(routes::document);
    let title = view! {
        <RowTitle title href note glyph>
            {beyond}
        </RowTitle>
    }
    .into_any();
    view! {
        <Row>
            <Cell primary=true>{title}</Cell>
            <Cell numeric=true>{number}</Cell>
            <Cell muted=true hide_narrow=true>
                {who}
            </Cell>
            <Cell muted=true>
                <Time at=line.at />
            </Cell>
            <Cell muted=true hide_narrow=true>
                {prices}
            </Cell>
        </Row>
    }
}

fn glyph(kind: EntryKind) -> Glyph {
    match kind {
        EntryKind::Grant => Glyph::Plus,
        EntryKind::Use => Glyph::Document,
        EntryKind::CreditBack => Glyph::Restore,
        EntryKind::Adjustment => Glyph::Person,
        EntryKind::Expiry => Glyph::Clock,
    }
}
