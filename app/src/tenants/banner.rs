//! What everybody in a workspace is to know, on whatever page.

use chrono::{DateTime, Utc};
use leptos::{prelude::*, server_fn::ServerFn};

use super::api::UndoDeletion;
use crate::ui::{Button, ButtonKind, Notice, PostForm, Time, Tone};

/// That the workspace will be deleted, and for owners the way back. A plain form, because every page shows this.
#[component]
pub fn DeletionBanner(
    /// When the grace is over.
    at: DateTime<Utc>,
    may_undo: bool,
) -> impl IntoView {
    let rest = if may_undo { "Until then you can keep it." } else { "Until then an owner can keep it." };
    view! {
        <Notice tone=Tone::Warning title="This workspace will be deleted">
            <p>"On " <Time at absolute=true /> " everything in it goes for good. " {rest}</p>
            {may_undo
                .then(|| {
                    view! {
                        <PostForm id="keep-workspace" action=UndoDeletion::url()>
                            <Button kind=ButtonKind::Submit>"Keep the workspace"</Button>
                        </PostForm>
                    }
                })}
        </Notice>
    }
}
