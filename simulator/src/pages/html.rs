//! The frame of a page.

use super::Page;
use crate::state::State;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;\
background:#fff}.mode{background:#7a3e00;color:#fff;padding:.25rem .75rem;border-radius:.25rem;display:inline-block;\
font-weight:600}table{border-collapse:collapse;width:100%}td,th{padding:.4rem;text-align:left;border-bottom:1px solid #ccc}\
td.amount,th.amount{text-align:right}label{display:block;margin:.6rem 0 .2rem}input{font:inherit;padding:.4rem;width:100%;\
box-sizing:border-box;border:1px solid #666;border-radius:.25rem}button{font:inherit;padding:.5rem 1rem;margin:.8rem .4rem 0 0;\
border:0;border-radius:.25rem;background:#1f4fd8;color:#fff;cursor:pointer}.error{color:#a40000;font-weight:600}";

/// A whole page. `body` is HTML, in which every text of somebody else was escaped.
pub fn page(status: u16, title: &str, body: &str) -> Page {
    Page::html(
        status,
        format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
             content=\"width=device-width, initial-scale=1\"><title>{title} (test mode)</title><style>{STYLE}</style></head>\
             <body><p class=\"mode\">Test mode: no real money moves</p><main><h1>{title}</h1>{body}</main></body></html>",
            title = escaped(title),
        ),
    )
}

/// A text that is shown as it is.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// A field with its label.
pub fn field(name: &str, label: &str, value: &str, more: &str) -> String {
    let value = escaped(value);
    format!("<label for=\"{name}\">{label}</label><input id=\"{name}\" name=\"{name}\" value=\"{value}\" {more}>")
}

/// The fields of a card.
pub fn card_fields() -> String {
    let number = field("card", "Card number", "", "inputmode=\"numeric\" autocomplete=\"off\" required");
    let expiry = field("expiry", "Expires (month / year)", "12 / 40", "autocomplete=\"off\"");
    let code = field("cvc", "Security code", "123", "inputmode=\"numeric\" autocomplete=\"off\"");
    format!(
        "{number}{expiry}{code}<p>4242 4242 4242 4242 pays; 4000 0000 0000 0341 is kept and then fails; 4000 0000 0000 0002 is \
         declined.</p>"
    )
}

/// What went wrong, announced by screen readers; nothing where nothing did.
pub fn error(message: Option<&str>) -> String {
    message.map_or_else(String::new, |message| format!("<p class=\"error\" role=\"alert\">{}</p>", escaped(message)))
}

/// What there is, for whoever opens the simulator itself.
pub fn start(state: &State) -> Page {
    let rows = state.subscriptions.newest().take(50).map(|row| {
        let customer = state.customers.get(&row.customer).and_then(|customer| customer.name.as_deref());
        format!(
            "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
            escaped(&row.id),
            escaped(customer.unwrap_or(&row.customer)),
            row.status.word()
        )
    });
    let rows: String = rows.collect();
    let body = format!(
        "<p>This stands in for Stripe on this machine.</p><table><tr><th>Subscription</th><th>Customer</th><th>Status</th></tr>\
         {rows}</table>"
    );
    page(200, "Stripe simulator", &body)
}

pub fn not_found() -> Page {
    page(404, "There is no such page", "<p>The address may be of a session that is over.</p>")
}
