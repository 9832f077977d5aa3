//! The members, each with what may be done about them.

use domain::{
    accounts::Profile,
    id::AccountId,
    members::{MemberInfo, may_change, may_remove, roles_to_give},
};
use leptos::{form::ActionForm, prelude::*, server_fn::ServerFn};

use crate::{
    members::api::{ChangeRole, RemoveMember},
    ui::{
        ActionsHeader, Badge, Button, ButtonKind, ButtonSize, ButtonVariant, Cell, ConfirmDialog, Glyph, HeaderCell,
        HiddenField, Row, RowTitle, Section, Select, Table, Time, Tone, counted,
    },
};

/// The section with the table.
#[component]
pub(super) fn Members(
    members: Vec<MemberInfo>,
    profile: Profile,
    change: ServerAction<ChangeRole>,
    /// Whose role was last asked to be changed: the answer stands there.
    asked: RwSignal<Option<AccountId>>,
) -> impl IntoView {
    let title = counted(members.len() as u64, "member", "members");
    let removable: Vec<_> = members.iter().filter(|member| is_removable(&profile, member)).cloned().collect();
    let rows = members
        .into_iter()
        .map(|member| view! { <MemberRow member profile=profile.clone() change asked /> })
        .collect_view();
    view! {
        <Section title description="Everybody who sees the documents of this workspace.">
            <Table label="Members">
                <thead>
                    <tr>
                        <HeaderCell>"Name"</HeaderCell>
                        <HeaderCell>"Role"</HeaderCell>
                        <HeaderCell hide_narrow=true>"Joined"</HeaderCell>
                        <ActionsHeader />
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </Section>
        {removable.into_iter().map(|member| view! { <RemoveDialog member /> }).collect_view()}
    }
}

#[component]
fn MemberRow(
    member: MemberInfo,
    profile: Profile,
    change: ServerAction<ChangeRole>,
    asked: RwSignal<Option<AccountId>>,
) -> impl IntoView {
    let you = member.account == profile.account;
    let removable = is_removable(&profile, &member);
    let name = if you { format!("{} (you)", member.name) } else { member.name.clone() };
    let (dialog, whom) = (dialog_of(&member), format!(" {}", member.name));
    let remove = removable.then(|| {
        view! {
            <Button variant=ButtonVariant::Ghost size=ButtonSize::Small opens=dialog>
                "Remove"
                <span class="sr-only">{whom}</span>
            </Button>
        }
    });
    let (note, joined_at) = (member.email.clone(), member.joined_at);
    view! {
        <Row>
            <Cell primary=true>
                <RowTitle title=name note glyph=Glyph::Person />
            </Cell>
            <Cell>
                <RoleOf member profile change asked />
            </Cell>
            <Cell muted=true hide_narrow=true>
                <Time at=joined_at />
            </Cell>
            <Cell>{remove}</Cell>
        </Row>
    }
}

/// The role, as a form where it may be changed.
#[component]
fn RoleOf(
    member: MemberInfo,
    profile: Profile,
    change: ServerAction<ChangeRole>,
    asked: RwSignal<Option<AccountId>>,
) -> impl IntoView {
    let role = member.role;
    if !may_change(profile.role, role, role) {
        return view! { <Badge tone=Tone::Neutral>{role.label()}</Badge> }.into_any();
    }
    let account = member.account;
    let (id, label, whose) =
        (format!("role-{account}"), format!("Role of {}", member.name), format!(" the role of {}", member.name));
    let options: Vec<_> =
        roles_to_give(profile.role).map(|role| (role.as_str().to_owned(), role.label().to_owned())).collect();
    let chosen = RwSignal::new(role.as_str().to_owned());
    let is_same = move || chosen.with(|chosen| chosen == role.as_str());
    let refused = move || {
        let error = change.value().get()?.err().filter(|_| asked.get() == Some(account))?;
        Some(view! { <p class="field-error" role="alert">{error.message().to_owned()}</p> })
    };
    view! {
        <ActionForm action=change on:submit=move |_| asked.set(Some(account))>
            <HiddenField name="account" value=account.to_string() />
            <div class="role-form" class:role-form-same=is_same>
                <Select
                    name="role"
                    id
                    label
                    options
                    value=chosen
                    on_change=move |word: String| chosen.set(word)
                    label_hidden=true
                />
                <Button kind=ButtonKind::Submit size=ButtonSize::Small busy=change.pending()>
                    "Save"
                    <span class="sr-only">{whose}</span>
                </Button>
            </div>
            {refused}
        </ActionForm>
    }
    .into_any()
}

/// A plain form: the page is loaded again, also where scripts are.
#[component]
fn RemoveDialog(member: MemberInfo) -> impl IntoView {
    let (id, title) = (dialog_of(&member), format!("Remove {}?", member.name));
    view! {
        <ConfirmDialog
            id
            title
            confirm="Remove"
            danger=true
            action=RemoveMember::url().to_owned()
        >
            <HiddenField name="account" value=member.account.to_string() />
            <p>"They see nothing of this workspace any more, within two seconds. What they uploaded and made stays."</p>
        </ConfirmDialog>
    }
}

fn is_removable(profile: &Profile, member: &MemberInfo) -> bool {
    member.account != profile.account && may_remove(profile.role, member.role)
}

fn dialog_of(member: &MemberInfo) -> String {
    format!("remove-{}", member.account)
}
