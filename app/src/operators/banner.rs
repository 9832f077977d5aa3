//! What stands over every page while support is in the workspace.

use domain::{
    operators::{SUSPENDED, SupportNotice},
    roles::Action,
};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    frame::may,
    live::{Subject, use_changes},
    routes,
    tenants::api::find_visits,
    ui::{Button, ButtonKind, ButtonSize, HiddenField, Notice, PostForm, Stack, Tone},
};

/// A notice for each visit that is under way; nothing while there is none. Owners consent in it, and support leaves by it.
#[component]
pub fn SupportBanner(
    /// As they were when the page was made.
    visits: Vec<SupportNotice>,
) -> impl IntoView {
    let visits = follow(visits);
    move || visits.get().into_iter().map(|visit| view! { <Visit visit /> }).collect_view()
}

/// The visits as they are now. A workspace that has been suspended meanwhile is closed by a new page, which says so.
fn follow(known: Vec<SupportNotice>) -> RwSignal<Vec<SupportNotice>> {
    let visits = RwSignal::new(known);
    let changes = use_changes(Subject::Workspace);
    Effect::new(move |before: Option<()>| {
        let asked = changes.get();
        if before.is_some() {
            spawn_local(async move {
                let found = find_visits().await;
                if changes.get_untracked() != asked {
                    // It was asked again meanwhile, and this may tell of before.
                    return;
                }
                match found {
                    Ok(now) if visits.with_untracked(|shown| *shown != now) => visits.set(now),
                    Err(error) if error.message() == SUSPENDED => {
                        // It fails only where there is no page any more.
                        let _ = window().location().reload();
                    }
                    // What cannot be asked now is asked with the next change.
                    _ => {}
                }
            });
        }
    });
    visits
}

#[component]
fn Visit(visit: SupportNotice) -> impl IntoView {
    let until = visit.until.format("%H:%M UTC");
    let title = if visit.mine {
        format!("You are in this workspace as support until {until}")
    } else {
        format!("Sheaf support ({}) is in this workspace until {until}", visit.name)
    };
    let powers = match (visit.consented, visit.mine) {
        (true, true) => "An owner lets you change things.",
        (true, false) => "An owner lets them change things.",
        (false, true) => "You may look, and change nothing until an owner consents.",
        (false, false) => "They may look, and change nothing until an owner consents.",
    };
    let reason = format!("Reason: {}", visit.reason);
    let (action, label) = match (visit.mine, visit.consented) {
        (true, _) => (routes::SUPPORT_LEAVE, "Leave"),
        (false, false) => (routes::SUPPORT_CONSENT, "Let support change things"),
        (false, true) => (routes::SUPPORT_WITHDRAW, "Withdraw consent"),
    };
    let acts = visit.mine || may(Action::ConsentToSupport);
    let id = visit.visit.to_string();
    view! {
        <Notice tone=Tone::Warning title>
            <Stack>
                <p>{reason}</p>
                <p>{powers}</p>
                {acts
                    .then(|| {
                        view! {
                            <PostForm id=format!("support-{id}") action>
                                <HiddenField name="visit" value=id.clone() />
                                <Button kind=ButtonKind::Submit size=ButtonSize::Small>
                                    {label}
                                </Button>
                            </PostForm>
                        }
                    })}
            </Stack>
        </Notice>
    }
}
