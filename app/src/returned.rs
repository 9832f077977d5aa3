//! Forms that came back: a browser without scripts has sent one, something was wrong with it, and its page is shown again,
//! with what was typed and what is wrong.
//!
//! The server leads back to the page with what was typed in the address, sealed for the member who typed it, and opens it for
//! the page (`server/src/web/returned.rs`). Scripts are not needed for any of it; where they come later, they find the same.

use leptos::{
    prelude::*,
    server_fn::{ServerFn, error::ServerFnUrlError},
};
use leptos_router::{hooks::use_query_map, params::ParamsMap};
use serde::{Deserialize, Serialize};

use crate::{
    accounts::api::SignOutEverywhere,
    activity::api::{CancelJob, RetryAllFailed, RetryJob},
    api_keys::api::RevokeKey,
    documents::api::{CancelDocument, DeleteDocuments, RestoreDocuments, RetryDocument, TrashDocuments},
    error::AppError,
    tenants::api::{RemoveLogo, UndoDeletion},
    ui::{FieldError, FormState, Notice, Tone},
};

/// The path that the form was posted to, in an address. The name is that of leptos, as is that of the error.
pub const PATH: &str = "__path";

/// What is wrong with it, as leptos writes it for a server function.
pub const ERROR: &str = "__err";

/// What was typed, sealed.
pub const TYPED: &str = "__typed";

/// Acts whose forms have no place of their own for what is wrong: most are one button in a row.
const ACTS: [&str; 12] = [
    CancelJob::PATH,
    RetryJob::PATH,
    RetryAllFailed::PATH,
    TrashDocuments::PATH,
    RestoreDocuments::PATH,
    DeleteDocuments::PATH,
    RetryDocument::PATH,
    CancelDocument::PATH,
    RemoveLogo::PATH,
    UndoDeletion::PATH,
    RevokeKey::PATH,
    SignOutEverywhere::PATH,
];

/// A form as it was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// The path that it was posted to; empty where none came back.
    pub path: String,
    /// Name and value of each field. Secrets are never among them.
    pub values: Vec<(String, String)>,
    /// What is wrong with it, where no server function says so.
    pub error: Option<AppError>,
}

/// Tells all pages below what has come back. Call it once, in what stands around them.
pub(crate) fn provide_returned() {
    // In the browser it is what the server has found.
    provide_context(SharedValue::new(|| use_context::<Returned>().unwrap_or_default()).into_inner());
}

/// Says why such an act was refused that was posted without scripts, for as long as the page that it came back to is open.
#[component]
pub(crate) fn Refused() -> impl IntoView {
    let query = use_query_map();
    move || {
        let error = query.with(refusal)?;
        Some(view! { <Notice tone=Tone::Danger>{error.message().to_owned()}</Notice> })
    }
}

fn refusal(query: &ParamsMap) -> Option<AppError> {
    let (path, error) = (query.get_str(PATH)?, query.get_str(ERROR)?);
    ACTS.contains(&path).then(|| ServerFnUrlError::decode_err(error))
}

/// The form that was posted to `path`, if this page is the answer to that.
pub(crate) fn returned_from(path: &str) -> Option<Returned> {
    // Whoever goes on to another page and comes back finds the form as it is.
    let is_answer = use_query_map().with_untracked(|query| query.get_str(PATH) == Some(path));
    use_context::<Returned>().filter(|returned| is_answer && returned.path == path)
}

/// What a form shows that is posted to `path`, where no server function is behind it: what was typed, and what is wrong with it.
pub(crate) fn state_from(path: &str) -> FormState {
    let Some(Returned { values, error, .. }) = returned_from(path) else { return FormState::default() };
    FormState { values, ..error.as_ref().map(wrong).unwrap_or_default() }
}

/// What the form of an action shows: what is wrong with it, and what was typed where it came back.
pub(crate) fn state_of<S>(action: ServerAction<S>) -> Signal<FormState>
where
    S: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    let typed = returned_from(S::PATH).map(|returned| returned.values).unwrap_or_default();
    Signal::derive(move || match action.value().get() {
        Some(Err(error)) => FormState { values: typed.clone(), ..wrong(&error) },
        _ => FormState::default(),
    })
}

/// At its field, or over the whole.
fn wrong(error: &AppError) -> FormState {
    match error.field() {
        Some(field) => FormState {
            errors: vec![FieldError { field: field.to_owned(), message: error.message().to_owned() }],
            ..FormState::default()
        },
        None => FormState { message: Some(error.message().to_owned()), ..FormState::default() },
    }
}
