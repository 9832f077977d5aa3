//! What members are told of a part of the product that is switched off.

use leptos::prelude::*;

use crate::ui::{Notice, Tone};

/// Context that the server provides where the workspace cannot take files in now.
#[derive(Debug, Clone, Copy)]
pub struct UploadsPaused;

/// Whether it is there.
pub(crate) fn uploads_paused() -> bool {
    use_context::<UploadsPaused>().is_some()
}

/// That uploads are paused, for whoever may upload.
#[component]
pub(crate) fn PausedBanner() -> impl IntoView {
    view! {
        <Notice tone=Tone::Warning title="Uploads are paused">
            <p>"Nothing that is here is lost, and all the rest works. Please try again later."</p>
        </Notice>
    }
}
