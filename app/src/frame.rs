//! What stands around every page of the app: who is signed in, the way elsewhere, and whatever outlives a page.

use domain::{accounts::Profile, billing::Standing, roles::Action, tenants::Zone};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::{
    billing::{BillingBanner, PaymentWall, is_open_unpaid},
    documents::{self, UploadPanel},
    features::{PausedBanner, provide_reads_again, uploads_paused},
    operators::SupportBanner,
    returned::{Refused, provide_returned},
    routes,
    tenants::DeletionBanner,
    ui::{self, AppLayout, ForbiddenPage, OtherWorkspace, SuspendedPage, UndoToast, counted},
};

/// The person and the workspace; none where they could not be had when the page was made.
#[derive(Clone)]
pub struct CurrentProfile(pub Option<Profile>);

/// Whether the person may do this here, by their role, and as no payment is missing; false where it is not known who they are.
/// Asked while a page is made: the answer does not change without a new page.
pub fn may(action: Action) -> bool {
    use_context::<CurrentProfile>().and_then(|current| current.0).is_some_and(|profile| profile.may(action))
}

/// A page that is for those who may do this alone: anybody else is told so in its place. Where it is not known who they are,
/// the page itself says what is wrong.
#[component]
pub fn Gate(action: Action, children: Children) -> impl IntoView {
    let profile = use_context::<CurrentProfile>().and_then(|current| current.0);
    match profile {
        Some(profile) if !profile.may_when_paid(action) => view! { <ForbiddenPage /> }.into_any(),
        Some(profile) if !profile.may(action) => {
            view! { <ForbiddenPage text=profile.billing.standing.refusal().message /> }.into_any()
        }
        _ => children(),
    }
}

/// How long the trash of this workspace keeps: "30 days".
pub fn trash_keeps() -> String {
    let profile = use_context::<CurrentProfile>().and_then(|current| current.0);
    // As a new workspace has it; without a profile the page says what is wrong.
    let days = profile.map_or(30, |profile| profile.trash_days);
    counted(u64::from(days.unsigned_abs()), "day", "days")
}

/// The frame around all pages.
#[component]
pub fn Frame(children: Children) -> impl IntoView {
    let profile = SharedValue::new(known_profile).into_inner();
    provide_context(CurrentProfile(profile.clone()));
    #[cfg(feature = "hydrate")]
    if let Some(profile) = &profile {
        crate::tenants::follow(profile.tenant);
    }
    ui::provide_zone(SharedValue::new(known_zone).into_inner());
    provide_returned();
    let banner = profile.as_ref().and_then(banner);
    let logo = profile.as_ref().and_then(|profile| profile.logo).map(routes::logo);
    let shut_out = profile.as_ref().is_some_and(Profile::is_shut_out);
    #[cfg(feature = "hydrate")]
    if shut_out {
        crate::live::keep_quiet();
    }
    let is_unpaid = profile.as_ref().is_some_and(is_closed_unpaid);
    #[cfg(feature = "hydrate")]
    if is_unpaid {
        go_past_wall();
    }
    let notice = profile.as_ref().map(|profile| profile.billing);
    let visits = profile.as_ref().map(|profile| profile.support.clone()).unwrap_or_default();
    let may_upload = may(Action::UploadDocuments);
    prepare_uploads(profile.as_ref(), may_upload);
    // Without a profile the names are empty; the page says what is wrong.
    let others = profile.as_ref().map(other_workspaces).unwrap_or_default();
    let elsewhere = others.clone();
    let (workspace, person, email) =
        profile.map(|profile| (profile.tenant_name, profile.name, profile.email)).unwrap_or_default();
    let mailbox = SharedValue::new(has_mailbox).into_inner();
    let paused = SharedValue::new(uploads_paused).into_inner();
    provide_reads_again();
    view! {
        <AppLayout workspace others logo person email mailbox banner>
            {(!shut_out).then(|| view! { <SupportBanner visits /> })}
            {notice.map(|notice| view! { <BillingBanner notice /> })}
            {(may_upload && paused).then(|| view! { <PausedBanner /> })}
            <Refused />
            {if shut_out {
                view! { <SuspendedPage others=elsewhere /> }.into_any()
            } else if is_unpaid {
                view! { <PaymentWall /> }.into_any()
            } else {
                children()
            }}
            {may_upload.then(|| view! { <UploadPanel /> })}
            <UndoToast />
        </AppLayout>
    }
}

/// Tells the uploads what the server takes and whether the person may add files, and goes on with their choice who sees them.
fn prepare_uploads(profile: Option<&Profile>, may_upload: bool) {
    let cookie = profile.map(|profile| documents::private_cookie(profile.tenant, profile.account));
    let private = SharedValue::new(|| is_set(cookie.as_deref())).into_inner();
    documents::remember_private(cookie, private);
    documents::limit_uploads(SharedValue::new(upload_limit).into_inner());
    documents::allow_uploads(may_upload);
}

fn other_workspaces(profile: &Profile) -> Vec<OtherWorkspace> {
    let others = profile.workspaces.iter().filter(|workspace| workspace.tenant != profile.tenant);
    others.map(|workspace| OtherWorkspace { id: workspace.tenant.to_string(), name: workspace.name.clone() }).collect()
}

/// Whether this page is closed because a payment is missing. Support may come in, to help.
fn is_closed_unpaid(profile: &Profile) -> bool {
    let is_open = use_location().pathname.with_untracked(|path| is_open_unpaid(path));
    profile.billing.standing == Standing::Suspended && !profile.is_support() && !is_open
}

/// Has a page loaded that is open all the same, once a link leads there: the wall stands in the place of every other.
#[cfg(feature = "hydrate")]
fn go_past_wall() {
    let pathname = use_location().pathname;
    Effect::new(move |_| {
        let path = pathname.get();
        if is_open_unpaid(&path) {
            // It fails only for an address that is none.
            let _ = window().location().set_href(&path);
        }
    });
}

/// What everybody in the workspace is to know.
fn banner(profile: &Profile) -> Option<Children> {
    let (at, may_undo) = (profile.delete_after?, profile.may(Action::DeleteWorkspace));
    Some(Box::new(move || view! { <DeletionBanner at may_undo /> }.into_any()))
}

#[cfg(feature = "ssr")]
fn known_profile() -> Option<Profile> {
    use_context::<crate::session::CurrentMember>()?.profile.as_deref().cloned()
}

#[cfg(not(feature = "ssr"))]
fn known_profile() -> Option<Profile> {
    None
}

/// The zone of the workspace.
#[cfg(feature = "ssr")]
fn known_zone() -> Zone {
    let profile = use_context::<crate::session::CurrentMember>().and_then(|current| current.profile);
    let now = use_context::<ui::RequestTime>();
    match (profile, now) {
        (Some(profile), Some(ui::RequestTime(now))) => Zone::of(&profile.time_zone, now),
        _ => Zone::utc(),
    }
}

#[cfg(not(feature = "ssr"))]
fn known_zone() -> Zone {
    Zone::utc()
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

/// Whether the request came with this cookie.
#[cfg(feature = "ssr")]
fn is_set(cookie: Option<&str>) -> bool {
    let (Some(cookie), Some(request)) = (cookie, use_context::<http::request::Parts>()) else { return false };
    let sent = request.headers.get_all(http::header::COOKIE);
    let names = sent.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
    names.filter_map(|pair| pair.trim().split_once('=')).any(|(name, _)| name == cookie)
}

#[cfg(not(feature = "ssr"))]
fn is_set(_cookie: Option<&str>) -> bool {
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
