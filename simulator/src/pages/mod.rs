//! Pages that a browser can click through, without scripts: checkout, the customer portal, and a bill. Each says that it is in test
//! mode.

mod checkout;
mod html;
mod invoice;
mod pdf;
mod portal;

pub use checkout::begin;

use crate::{params::Params, state::State};

/// What a browser is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub status: u16,
    pub content_type: &'static str,
    pub body: Vec<u8>,
    /// Where to go on instead.
    pub location: Option<String>,
}

impl Page {
    fn html(status: u16, body: String) -> Self {
        Self { status, content_type: "text/html; charset=utf-8", body: body.into_bytes(), location: None }
    }

    fn to(location: String) -> Self {
        Self { location: Some(location), ..Self::html(303, String::new()) }
    }
}

/// Answers a browser. `form` holds what was sent with POST.
pub fn page(state: &mut State, method: &str, path: &str, form: &Params) -> Page {
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    match (method, segments.as_slice()) {
        ("GET", [""]) => html::start(state),
        ("GET", ["c", "pay", id]) => checkout::show(state, id),
        ("POST", ["c", "pay", id]) => checkout::submit(state, id, form),
        ("GET", ["p", "session", id]) => portal::show(state, id),
        ("POST", ["p", "session", id]) => portal::submit(state, id, form),
        ("GET", ["i", id]) => invoice::show(state, id, None),
        ("POST", ["i", id]) => invoice::pay(state, id),
        ("GET", ["i", id, "pdf"]) => invoice::pdf(state, id),
        _ => html::not_found(),
    }
}
