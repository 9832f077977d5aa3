//! What the link of an invitation opens. Fields: `token`, and for somebody without an account `name` and `password`.
//!
//! Looking changes nothing: programs that open every link in a mail must not use it up.

use domain::{
    accounts::Profile,
    members::{Invitation, InvitationState},
};
use leptos::prelude::*;

use crate::{
    accounts::{FormPage, carried},
    routes,
    session::{self, CurrentMember},
    ui::{Button, ButtonKind, ButtonVariant, Field, FieldKind, Form, FormActions, HiddenField, Notice, TextLink, Tone},
};

/// The page at [`routes::INVITE`].
#[component]
pub fn InvitationPage() -> impl IntoView {
    let token = carried("token");
    let profile = use_context::<CurrentMember>().and_then(|current| current.profile);
    let services = session::services();
    view! {
        <FormPage title="Join a workspace">
            {Suspend::new(async move {
                let found = match services {
                    Ok(services) => session::answered(domain::members::invitation(&services, &token).await),
                    Err(error) => Err(error),
                };
                match found {
                    Ok(invitation) => view! { <Answer invitation token profile=profile.as_deref().cloned() /> }.into_any(),
                    Err(error) => view! { <Refusal text=error.message().to_owned() /> }.into_any(),
                }
            })}
        </FormPage>
    }
}

#[component]
fn Answer(invitation: Invitation, token: String, profile: Option<Profile>) -> impl IntoView {
    let own = profile.as_ref().is_some_and(|profile| profile.email == invitation.email);
    let is_member = profile
        .as_ref()
        .is_some_and(|profile| own && profile.workspaces.iter().any(|workspace| workspace.tenant == invitation.tenant));
    if is_member {
        return view! { <MemberAlready invitation /> }.into_any();
    }
    if let Some(refusal) = invitation.state.refusal() {
        let signs_in = invitation.state == InvitationState::Accepted && profile.is_none();
        return view! {
            <Refusal text=refusal />
            {signs_in.then(|| view! { <SignInLink href=routes::SIGN_IN.to_owned() /> })}
        }
        .into_any();
    }
    let intro = format!(
        "{} invites {} to “{}”. Role: {}.",
        invitation.invited_by,
        invitation.email,
        invitation.workspace,
        invitation.role.label(),
    );
    let way = match profile {
        Some(_) if own => view! { <JoinForm workspace=invitation.workspace token /> }.into_any(),
        Some(profile) => view! { <SomebodyElse signed_in=profile.email invited=invitation.email /> }.into_any(),
        None if invitation.has_account => view! {
            <p>"You have an account with this address. Sign in, and you come back here."</p>
            <SignInLink href=routes::sign_in_to(&routes::invite(&token)) />
        }
        .into_any(),
        None => view! { <NewAccountForm token /> }.into_any(),
    };
    view! {
        <p>{intro}</p>
        {way}
    }
    .into_any()
}

#[component]
fn Refusal(#[prop(into)] text: String) -> impl IntoView {
    view! { <Notice tone=Tone::Warning>{text}</Notice> }
}

#[component]
fn SignInLink(href: String) -> impl IntoView {
    view! {
        <FormActions>
            <Button variant=ButtonVariant::Primary href wide=true>
                "Sign in"
            </Button>
        </FormActions>
    }
}

#[component]
fn MemberAlready(invitation: Invitation) -> impl IntoView {
    view! {
        <Notice tone=Tone::Info>{format!("You are a member of “{}” already.", invitation.workspace)}</Notice>
        <Form action=routes::SWITCH>
            <HiddenField name="tenant" value=invitation.tenant.to_string() />
            <FormActions>
                <Button variant=ButtonVariant::Primary kind=ButtonKind::Submit wide=true>
                    "Open the workspace"
                </Button>
            </FormActions>
        </Form>
    }
}

#[component]
fn JoinForm(workspace: String, token: String) -> impl IntoView {
    view! {
        <Form action=routes::INVITE>
            <HiddenField name="token" value=token />
            <FormActions>
                <Button variant=ButtonVariant::Primary kind=ButtonKind::Submit wide=true>
                    {format!("Join {workspace}")}
                </Button>
            </FormActions>
        </Form>
    }
}

#[component]
fn SomebodyElse(signed_in: String, invited: String) -> impl IntoView {
    view! {
        <p>
            "You are signed in as " <strong>{signed_in}</strong> ". Sign out, open the link of the mail again, and join as "
            <strong>{invited}</strong> "."
        </p>
        <Form action=routes::SIGN_OUT>
            <FormActions>
                <Button kind=ButtonKind::Submit wide=true>
                    "Sign out"
                </Button>
            </FormActions>
        </Form>
        <p>
            <TextLink href=routes::DOCUMENTS>"Stay signed in"</TextLink>
        </p>
    }
}

#[component]
fn NewAccountForm(token: String) -> impl IntoView {
    view! {
        <Form action=routes::INVITE>
            <HiddenField name="token" value=token />
            <Field name="name" label="Your name" autocomplete="name" required=true max_length=100u32 />
            <Field
                name="password"
                label="Password"
                kind=FieldKind::Password
                hint="At least 10 characters. A few words are better than one odd one."
                autocomplete="new-password"
                required=true
            />
            <FormActions>
                <Button variant=ButtonVariant::Primary kind=ButtonKind::Submit wide=true>
                    "Create account and join"
                </Button>
            </FormActions>
        </Form>
    }
}
