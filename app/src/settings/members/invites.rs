//! Inviting, and the invitations that wait for an answer.

use domain::{
    members::{InviteInfo, roles_to_give},
    roles::{Action, Role},
};
use leptos::{context::Provider, form::ActionForm, prelude::*};

use crate::{
    frame::{CurrentProfile, may},
    members::api::{InviteMember, SendInviteAgain, WithdrawInvite},
    returned::state_of,
    ui::{
        Badge, Button, ButtonKind, ButtonSize, ButtonVariant, Card, Cluster, EmptyState, ErrorSummary, Field,
        FieldKind, FormActions, Gap, Glyph, HiddenField, Item, ItemList, Notice, Section, Select, Time, Tone,
    },
};

/// The form; nothing for whoever may not invite.
#[component]
pub(super) fn InviteForm(action: ServerAction<InviteMember>) -> impl IntoView {
    let CurrentProfile(profile) = expect_context();
    let role = profile.map(|profile| profile.role).filter(|_| may(Action::InviteMembers));
    role.map(|role| view! { <InviteFields role action /> })
}

#[component]
fn InviteFields(role: Role, action: ServerAction<InviteMember>) -> impl IntoView {
    let state = state_of(action);
    let email = RwSignal::new(state.with_untracked(|state| state.value("email").unwrap_or_default().to_owned()));
    let sent_to = StoredValue::new(String::new());
    Effect::new(move |_| {
        let is_sent = matches!(action.value().get(), Some(Ok(())));
        // The next address may be on its way into the field already.
        if is_sent && email.with_untracked(|email| sent_to.with_value(|sent_to| sent_to == email)) {
            email.set(String::new());
        }
    });
    let sent = move || {
        matches!(action.value().get(), Some(Ok(())))
            .then(|| view! { <Notice tone=Tone::Success>"The invitation is on its way."</Notice> })
    };
    let options: Vec<_> = roles_to_give(role).map(|role| (role.as_str().to_owned(), role.label().to_owned())).collect();
    let hint = roles_to_give(role).map(described).collect::<Vec<_>>().join(" ");
    view! {
        <Section title="Invite somebody" description="They get a mail with a link that is good for seven days.">
            {sent}
            // The state is this form's alone: the table below has fields of the same name.
            <Provider value=state>
                <ActionForm
                    action
                    attr:class="form"
                    attr:novalidate=true
                    on:submit=move |_| sent_to.set_value(email.get_untracked())
                >
                    <ErrorSummary />
                    <Field
                        name="email"
                        label="E-mail"
                        kind=FieldKind::Email
                        autocomplete="off"
                        bind=email
                        required=true
                    />
                    <Select name="role" label="Role" hint options value=Role::Member.as_str().to_owned() />
                    <FormActions>
                        <Button
                            variant=ButtonVariant::Primary
                            kind=ButtonKind::Submit
                            glyph=Glyph::Mail
                            busy=action.pending()
                        >
                            "Send the invitation"
                        </Button>
                    </FormActions>
                </ActionForm>
            </Provider>
        </Section>
    }
}

/// The open invitations; nothing for whoever may not invite.
#[component]
pub(super) fn Invites(
    invites: Vec<InviteInfo>,
    again: ServerAction<SendInviteAgain>,
    withdraw: ServerAction<WithdrawInvite>,
) -> impl IntoView {
    may(Action::InviteMembers).then(|| {
        let list = if invites.is_empty() {
            view! {
                <EmptyState
                    glyph=Glyph::Mail
                    title="Nobody is invited"
                    text="Who was invited and has not answered yet stands here."
                />
            }
            .into_any()
        } else {
            let items = invites.into_iter().map(|invite| view! { <Invite invite again withdraw /> }).collect_view();
            view! {
                <Card flush=true>
                    <ItemList label="Invitations">{items}</ItemList>
                </Card>
            }
            .into_any()
        };
        view! { <Section title="Invitations">{list}</Section> }
    })
}

#[component]
fn Invite(
    invite: InviteInfo,
    again: ServerAction<SendInviteAgain>,
    withdraw: ServerAction<WithdrawInvite>,
) -> impl IntoView {
    let (id, same_id) = (invite.id.to_string(), invite.id.to_string());
    let state = if invite.expired {
        view! { <Badge tone=Tone::Warning>"Too old"</Badge> }
    } else {
        view! { <Badge tone=Tone::Info>"Waiting"</Badge> }
    };
    let meta = format!("{}, invited by {}", invite.role.label(), invite.invited_by);
    let (to_again, to_withdraw) = (format!(" to {}", invite.email), format!(" the invitation of {}", invite.email));
    view! {
        <Item glyph=Glyph::Mail title=invite.email meta>
            <Cluster gap=Gap::Small>
                <Time at=invite.last_sent_at />
                {state}
                <ActionForm action=again>
                    <HiddenField name="invite" value=id />
                    <Button kind=ButtonKind::Submit size=ButtonSize::Small busy=again.pending()>
                        "Send again"
                        <span class="sr-only">{to_again}</span>
                    </Button>
                </ActionForm>
                <ActionForm action=withdraw>
                    <HiddenField name="invite" value=same_id />
                    <Button
                        variant=ButtonVariant::Ghost
                        kind=ButtonKind::Submit
                        size=ButtonSize::Small
                        busy=withdraw.pending()
                    >
                        "Withdraw"
                        <span class="sr-only">{to_withdraw}</span>
                    </Button>
                </ActionForm>
            </Cluster>
        </Item>
    }
}

/// The role and what it may do.
fn described(role: Role) -> String {
    let may = match role {
        Role::Viewer => "looks and changes nothing",
        Role::Member => "works with documents and reports",
        Role::Admin => "also runs the workspace and its people",
        Role::Owner => "also exports, hands over and deletes the workspace",
    };
    format!("{} {may}.", role.label())
}
