//! Where one is signed in.

use domain::accounts::SessionInfo;
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use super::{SettingsHeader, View};
use crate::{
    accounts::api::{SignOutEverywhere, list_sessions},
    failure::Failure,
    ui::{
        Badge, Button, ButtonVariant, Card, ConfirmDialog, FormActions, Glyph, Item, ItemList, Loading, Section, Time,
        Tone, moment,
    },
};

const DIALOG: &str = "sign-out-everywhere";

/// The page at [`routes::SETTINGS_SESSIONS`](crate::routes::SETTINGS_SESSIONS).
#[component]
pub fn SessionSettings() -> impl IntoView {
    let sessions = Resource::new(|| (), |()| list_sessions());
    view! {
        <Title text="Sessions" />
        <SettingsHeader view=View::Sessions />
        <Section title="Sessions" description="Every browser that you are signed in with.">
            <Suspense fallback=|| view! { <Loading label="Loading your sessions" /> }>
                {move || Suspend::new(async move {
                    match sessions.await {
                        Ok(sessions) => view! { <Sessions sessions /> }.into_any(),
                        Err(error) => view! { <Failure error /> }.into_any(),
                    }
                })}
            </Suspense>
            <FormActions>
                <Button variant=ButtonVariant::Danger glyph=Glyph::SignOut opens=DIALOG>
                    "Sign out everywhere"
                </Button>
            </FormActions>
        </Section>
        // A plain form, because the answer leads out of the app.
        <ConfirmDialog
            id=DIALOG
            title="Sign out everywhere?"
            confirm="Sign out everywhere"
            danger=true
            action=SignOutEverywhere::url().to_owned()
        >
            <p>"All your sessions end, this one included. You sign in again with your password."</p>
        </ConfirmDialog>
    }
}

#[component]
fn Sessions(sessions: Vec<SessionInfo>) -> impl IntoView {
    let items = sessions
        .into_iter()
        .map(|session| {
            view! {
                <Item
                    glyph=Glyph::System
                    title=browser(&session.user_agent)
                    meta=format!("Signed in {}", moment(session.created_at))
                >
                    {if session.current {
                        view! { <Badge tone=Tone::Success>"This browser"</Badge> }.into_any()
                    } else {
                        view! { <Time at=session.last_seen_at /> }.into_any()
                    }}
                </Item>
            }
        })
        .collect_view();
    view! {
        <Card flush=true>
            <ItemList label="Sessions">{items}</ItemList>
        </Card>
    }
}

/// The name of a browser and its system, as far as it tells them; else what it says of itself.
fn browser(user_agent: &str) -> String {
    // In this order, because each also claims to be those after it.
    const BROWSERS: [(&str, &str); 5] =
        [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];
    const SYSTEMS: [(&str, &str); 6] = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    let find = |known: &[(&str, &'static str)]| {
        known.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        _ if user_agent.trim().is_empty() => "An unknown browser".to_owned(),
        _ => user_agent.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::browser;

    #[test]
    fn a_browser_is_told_by_its_name() {
        let chrome =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36";
        assert_eq!(browser(chrome), "Chrome on Linux");
        assert_eq!(browser(""), "An unknown browser");
        assert_eq!(browser("curl/8"), "curl/8");
    }
}
