//! A form that sends files.

use leptos::prelude::*;

/// A plain multipart POST; its fields are a [`DropZone`](super::DropZone) and a button.
#[component]
pub fn UploadForm(
    /// The path that files are posted to.
    #[prop(into)]
    action: String,
    /// Where links lead that are for it.
    #[prop(optional)]
    id: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    view! {
        <form class="form" id=id method="post" action=action enctype="multipart/form-data">
            {children()}
        </form>
    }
}
