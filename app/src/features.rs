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

/// Context that the server provides where the workspace cannot have documents read again now.
#[derive(Debug, Clone, Copy)]
pub struct ReadAgainPaused;

/// What the frame tells the pages in it.
#[derive(Debug, Clone, Copy)]
struct ReadsAgain(bool);

/// Tells the pages below whether documents can be read again now, as the server knew when the page was made.
pub(crate) fn provide_reads_again() {
    let is_paused = SharedValue::new(|| use_context::<ReadAgainPaused>().is_some()).into_inner();
    provide_context(ReadsAgain(!is_paused));
}

/// Whether documents can be read again now. Where they cannot, no page offers it, and [`ReadAgainNotice`] says why.
pub(crate) fn reads_again() -> bool {
    use_context::<ReadsAgain>().is_none_or(|ReadsAgain(reads)| reads)
}

/// Why nothing can be read again now; nothing where it can.
#[component]
pub(crate) fn ReadAgainNotice() -> impl IntoView {
    (!reads_again()).then(|| {
        view! {
            <Notice tone=Tone::Warning title="Reading again is paused">
                <p>"It is switched off for now. Nothing that is here is lost, and all the rest works. Please try again later."</p>
            </Notice>
        }
    })
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
