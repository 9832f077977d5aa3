//! A form that sends files.

use leptos::prelude::*;

/// A plain multipart POST; its fields are a [`DropZone`](super::DropZone) and a button.
#[component]
pub fn UploadForm(
    /// The path that files are posted to.
    #[prop(into)]
    action: String,
    children: Children,
) -> impl IntoView {
    view! {
        <form class="form" method="post" action=action enctype="multipart/form-data">
            {children()}
        </form>
    }
}
