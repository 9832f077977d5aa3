//! What stands around every page of the app: who is signed in, the way elsewhere, and whatever outlives a page.

use domain::accounts::Profile;
use leptos::prelude::*;

use crate::{
    accounts::api::current_profile,
    documents::{self, UploadPanel},
    error::AppError,
    ui::{AppLayout, UndoToast},
};

/// The person and the workspace, loaded once and kept for all pages.
#[derive(Clone, Copy)]
pub struct CurrentProfile(pub Resource<Result<Profile, AppError>>);

/// The frame around all pages.
#[component]
pub fn Frame(children: Children) -> impl IntoView {
    let profile = Resource::new(|| (), |()| current_profile());
    provide_context(CurrentProfile(profile));
    // A profile that cannot be had leaves the names empty; the page says what is wrong.
    let known = move |pick: fn(Profile) -> String| {
        Signal::derive(move || profile.get().and_then(Result::ok).map(pick).unwrap_or_default())
    };
    let mailbox = SharedValue::new(has_mailbox).into_inner();
    documents::limit_uploads(SharedValue::new(upload_limit).into_inner());
    view! {
        <AppLayout
            workspace=known(|profile| profile.tenant_name)
            person=known(|profile| profile.name)
            email=known(|profile| profile.email)
            mailbox
        >
            {children()}
            <UploadPanel />
            <UndoToast />
        </AppLayout>
    }
}

/// Whether mails are kept here to be looked at, because no server sends them.
#[cfg(feature = "ssr")]
fn has_mailbox() -> bool {
    use_context::<domain::Services>().is_some_and(|services| !services.mailer.sends())
}

#[cfg(not(feature = "ssr"))]
fn has_mailbox() -> bool {
    false
}

/// The largest file that the server takes, in bytes.
#[cfg(feature = "ssr")]
fn upload_limit() -> Option<u64> {
    use_context::<domain::Services>().map(|services| services.settings.max_upload_bytes)
}

#[cfg(not(feature = "ssr"))]
fn upload_limit() -> Option<u64> {
    None
}
