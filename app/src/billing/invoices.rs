//! The bills.

use domain::billing::{Invoice, InvoiceState};
use leptos::prelude::*;

use crate::{
    error::AppError,
    ui::{
        ActionsHeader, Badge, Button, ButtonSize, Cell, Cluster, EmptyState, Gap, Glyph, HeaderCell, Notice, Row,
        Section, Table, Time, Tone,
    },
};

/// The latest bills, the newest first, each with its PDF.
#[component]
pub(super) fn Invoices(invoices: Result<Vec<Invoice>, AppError>) -> impl IntoView {
    let body = match invoices {
        Ok(invoices) if invoices.is_empty() => {
            let text = "The first one stands here when something is to be paid.";
            view! { <EmptyState glyph=Glyph::FilePdf title="No invoices yet" text /> }.into_any()
        }
        Ok(invoices) => view! { <List invoices /> }.into_any(),
        Err(error) => view! { <Notice tone=Tone::Warning>{error.message().to_owned()}</Notice> }.into_any(),
    };
    view! { <Section title="Invoices">{body}</Section> }
}

#[component]
fn List(invoices: Vec<Invoice>) -> impl IntoView {
    let rows = invoices.into_iter().map(|invoice| view! { <Line invoice /> }).collect_view();
    view! {
        <Table label="Invoices">
            <thead>
                <tr>
                    <HeaderCell>"Number"</HeaderCell>
                    <HeaderCell>"Date"</HeaderCell>
                    <HeaderCell>"State"</HeaderCell>
                    <HeaderCell numeric=true>"With tax"</HeaderCell>
                    <ActionsHeader />
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

#[component]
fn Line(invoice: Invoice) -> impl IntoView {
    let Invoice { number, state, total, created_at, pdf, page, .. } = invoice;
    let number = number.unwrap_or_else(|| "Not numbered yet".to_owned());
    let pay = page.filter(|_| state == InvoiceState::Open).map(|page| {
        view! {
            <Button href=page external=true size=ButtonSize::Small>
                "Pay"
            </Button>
        }
    });
    let label = format!("Download {number} as PDF");
    let pdf = pdf.map(|pdf| {
        view! {
            <Button
                href=pdf
                external=true
                download=true
                size=ButtonSize::Small
                glyph=Glyph::Download
                attr:aria-label=label
            >
                "PDF"
            </Button>
        }
    });
    view! {
        <Row>
            <Cell primary=true>{number}</Cell>
            <Cell muted=true>
                <Time at=created_at absolute=true />
            </Cell>
            <Cell>
                <Badge tone=tone(state)>{state.label()}</Badge>
            </Cell>
            <Cell numeric=true>{total.to_string()}</Cell>
            <Cell>
                <Cluster gap=Gap::Small>{pay} {pdf}</Cluster>
            </Cell>
        </Row>
    }
}

fn tone(state: InvoiceState) -> Tone {
    match state {
        InvoiceState::Paid => Tone::Success,
        InvoiceState::Open => Tone::Warning,
        InvoiceState::Uncollectible => Tone::Danger,
        InvoiceState::Draft | InvoiceState::Void => Tone::Neutral,
    }
}
