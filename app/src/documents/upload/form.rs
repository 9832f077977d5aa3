//! Uploading by a plain form, for browsers without scripts; with scripts the same place is a target for drops.

use domain::documents::READ_FORMATS;
use leptos::{context::Provider, prelude::*};

use super::use_uploads;
use crate::{
    documents::sharing::visibilities,
    returned::returned_from,
    routes,
    ui::{Button, ButtonKind, ButtonVariant, DropZone, ErrorSummary, FormState, Select, UploadForm, WithoutScripts},
};

/// What the picker offers first. It helps the person and protects nothing.
const ACCEPT: &str = ".pdf,.txt,.md,.csv,.html,.htm,.docx";

/// A target for files that is a form of its own.
#[component]
pub fn PlainUpload() -> impl IntoView {
    let uploads = use_uploads();
    let returned = returned_from(routes::UPLOADS).unwrap_or_default();
    // The choice is that of all uploads, so it does not go with the state of this form.
    if returned.values.iter().any(|(name, word)| name == "visibility" && word == "private") {
        uploads.keep_private(true);
    }
    let message = returned.error.map(|error| error.message().to_owned());
    let state = Signal::stored(FormState { message, ..FormState::default() });
    let private = uploads.private();
    let chosen = Signal::derive(move || if private.get() { "private" } else { "workspace" }.to_owned());
    view! {
        <Provider value=state>
            <UploadForm action=routes::UPLOADS id="upload">
                <ErrorSummary />
                // Before the files, so that it is known when they come.
                <Select
                    name="visibility"
                    label="Who may see them"
                    options=visibilities()
                    value=chosen
                    on_change=move |word: String| uploads.keep_private(word == "private")
                />
                <DropZone
                    id="upload-file"
                    name="file"
                    label="Drop documents here, or choose them"
                    hint=format!("{READ_FORMATS} are read; other files are kept.")
                    accept=ACCEPT
                    on:change=move |event| uploads.take(&event)
                />
                <WithoutScripts>
                    <Button variant=ButtonVariant::Primary kind=ButtonKind::Submit>
                        "Upload"
                    </Button>
                </WithoutScripts>
            </UploadForm>
        </Provider>
    }
}
