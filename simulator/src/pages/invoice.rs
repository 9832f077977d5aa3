//! The page of a bill, on which it can be paid, and its PDF.

use super::{Page, html, pdf};
use crate::{
    amount::{day, money},
    engine::pay,
    objects::{Invoice, InvoiceStatus},
    state::State,
};

pub fn show(state: &State, id: &str, error: Option<&str>) -> Page {
    // A draft has no page.
    let Some(invoice) = state.invoices.get(id).filter(|row| row.number.is_some()) else { return html::not_found() };
    let mut body = html::error(error);
    body.push_str(&format!("<p>{}</p><table>", html::escaped(&heading(invoice))));
    for (text, amount) in rows(invoice) {
        body.push_str(&format!("<tr><td>{}</td><td class=\"amount\">{amount}</td></tr>", html::escaped(&text)));
    }
    body.push_str("</table>");
    if invoice.status == InvoiceStatus::Open {
        body.push_str(&format!(
            "<form method=\"post\" action=\"/i/{id}\"><button>Pay {}</button></form>",
            money(invoice.amount_remaining(), &invoice.currency)
        ));
    }
    body.push_str(&format!("<p><a href=\"/i/{id}/pdf\">Download PDF</a></p>"));
    let number = invoice.number.as_deref().unwrap_or_default();
    html::page(if error.is_some() { 402 } else { 200 }, &format!("Invoice {number}"), &body)
}

fn heading(invoice: &Invoice) -> String {
    let name = invoice.customer_name.as_deref().or(invoice.customer_email.as_deref()).unwrap_or(&invoice.customer);
    format!("For {name}, of {}: {}.", day(invoice.created), invoice.status.word())
}

/// Lines, discounts and sums.
fn rows(invoice: &Invoice) -> Vec<(String, String)> {
    let cents = |amount: i64| money(amount, &invoice.currency);
    let mut rows: Vec<(String, String)> =
        invoice.lines.iter().map(|line| (line.description.clone(), cents(line.amount))).collect();
    for (_, amount) in invoice.discount_amounts().into_iter().filter(|(_, amount)| *amount > 0) {
        rows.push(("Discount".to_owned(), cents(-amount)));
    }
    rows.push(("Total".to_owned(), cents(invoice.total())));
    rows.push(("Amount due".to_owned(), cents(invoice.amount_due)));
    rows
}

/// Pays with the card that is kept.
pub fn pay(state: &mut State, id: &str) -> Page {
    if state.invoices.get(id).is_none_or(|row| row.number.is_none()) {
        return html::not_found();
    }
    match pay::attempt(state, id, None) {
        Ok(None) => Page::to(format!("/i/{id}")),
        Ok(Some(_)) => show(state, id, Some("Your card was declined.")),
        Err(failure) => show(state, id, Some(&failure.message)),
    }
}

pub fn pdf(state: &State, id: &str) -> Page {
    let Some(invoice) = state.invoices.get(id).filter(|row| row.number.is_some()) else { return html::not_found() };
    let number = invoice.number.as_deref().unwrap_or_default();
    let mut lines = vec![format!("Invoice {number} (test mode)"), heading(invoice), String::new()];
    lines.extend(rows(invoice).into_iter().map(|(text, amount)| format!("{text}: {amount}")));
    Page { status: 200, content_type: "application/pdf", body: pdf::of_lines(&lines), location: None }
}
