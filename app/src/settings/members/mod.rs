//! Who is in the workspace, who is asked to come, and the ways out.

mod going;
mod invites;
mod table;

use domain::{id::AccountId, members::People};
use leptos::prelude::*;
use leptos_meta::Title;

use self::{
    going::Going,
    invites::{InviteForm, Invites},
    table::Members,
};
use super::{SettingsHeader, View};
use crate::{
    error::AppError,
    failure::Failure,
    frame::CurrentProfile,
    live::{Subject, use_changes},
    members::api::{
        ChangeRole, InviteMember, LeaveWorkspace, RemoveMember, SendInviteAgain, TransferOwnership, WithdrawInvite,
        list_people,
    },
    routes,
    ui::{ErrorState, Loading, Notice, Tone},
};

/// What can be done on this page. Without scripts each is a form that leads back here, with what was wrong in the address.
#[derive(Clone, Copy)]
struct Acts {
    invite: ServerAction<InviteMember>,
    again: ServerAction<SendInviteAgain>,
    withdraw: ServerAction<WithdrawInvite>,
    change: ServerAction<ChangeRole>,
    /// Whose role was changed last.
    asked: RwSignal<Option<AccountId>>,
    remove: ServerAction<RemoveMember>,
    leave: ServerAction<LeaveWorkspace>,
    transfer: ServerAction<TransferOwnership>,
}

impl Acts {
    fn new() -> Self {
        Self {
            invite: ServerAction::new(),
            again: ServerAction::new(),
            withdraw: ServerAction::new(),
            change: ServerAction::new(),
            asked: RwSignal::new(None),
            remove: ServerAction::new(),
            leave: ServerAction::new(),
            transfer: ServerAction::new(),
        }
    }

    /// Grows with every act that was done here without loading a page.
    fn version(self) -> usize {
        self.invite.version().get()
            + self.again.version().get()
            + self.withdraw.version().get()
            + self.change.version().get()
    }

    /// What the latest act of each kind failed with, but for the invitation, which says it in its form, and for a role, which
    /// says it in its row where that is known.
    fn refused(self) -> Vec<String> {
        let values =
            [self.again.value(), self.withdraw.value(), self.remove.value(), self.leave.value(), self.transfer.value()];
        let values = values.into_iter().filter_map(|value| value.get()?.err());
        let change = self.change.value().get().and_then(Result::err).filter(|_| self.asked.get().is_none());
        values.chain(change).map(|error| error.message().to_owned()).collect()
    }
}

/// The page at [`routes::SETTINGS_MEMBERS`].
#[component]
pub fn MemberSettings() -> impl IntoView {
    let acts = Acts::new();
    load_again_with_own_role(acts);
    let changes = use_changes(Subject::Members);
    let people = Resource::new(move || (changes.get(), acts.version()), |_| list_people());
    let refused = move || {
        let notice = |text: String| view! { <Notice tone=Tone::Danger>{text}</Notice> };
        acts.refused().into_iter().map(notice).collect_view()
    };
    view! {
        <Title text="Members" />
        <SettingsHeader view=View::Members />
        {refused}
        <InviteForm action=acts.invite />
        <Transition fallback=|| view! { <Loading label="Loading the members" /> }>
            <Answer people acts />
        </Transition>
    }
}

/// Loads a new page once somebody has changed their own role: what they may do is another thing on every page.
fn load_again_with_own_role(acts: Acts) {
    let CurrentProfile(profile) = expect_context();
    let own = profile.map(|profile| profile.account);
    Effect::new(move |_| {
        let is_changed = matches!(acts.change.value().get(), Some(Ok(())));
        if is_changed && own.is_some() && acts.asked.get_untracked() == own {
            // It fails only for an address that is none.
            let _ = window().location().set_href(routes::SETTINGS_MEMBERS);
        }
    });
}

/// The same answer again makes nothing anew: a role that is chosen and not saved yet stays chosen.
#[component]
fn Answer(people: Resource<Result<People, AppError>>, acts: Acts) -> impl IntoView {
    let answer = Memo::new(move |_| people.get());
    move || answer.get().map(|people| view! { <Found people acts /> })
}

#[component]
fn Found(people: Result<People, AppError>, acts: Acts) -> impl IntoView {
    let CurrentProfile(profile) = expect_context();
    match (people, profile) {
        (Ok(People { members, invites }), Some(profile)) => view! {
            <Members members=members.clone() profile=profile.clone() change=acts.change asked=acts.asked />
            <Invites invites again=acts.again withdraw=acts.withdraw />
            {(!profile.is_support()).then(|| view! { <Going members profile=profile.clone() /> })}
        }
        .into_any(),
        (Err(error), _) => view! { <Failure error /> }.into_any(),
        (Ok(_), None) => {
            let text = "Sheaf could not look up who you are. This mends itself as a rule.";
            view! { <ErrorState text retry_href=routes::SETTINGS_MEMBERS /> }.into_any()
        }
    }
}
