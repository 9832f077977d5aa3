//! The frame of the app: a sidebar, which becomes a bar at the bottom of a narrow window.

use leptos::prelude::*;
use leptos_router::components::A;

use super::{Glyph, Icon, LogoImage, Menu, MenuItem, MenuSeparator, ThemeSwitch, Toaster, Wordmark};
use crate::routes;

/// A workspace of the person besides the one that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherWorkspace {
    pub id: String,
    pub name: String,
}

/// The frame around every page of the app.
#[component]
pub fn AppLayout(
    /// The workspace's name; empty where it is not known.
    workspace: String,
    /// Where else the person may go.
    others: Vec<OtherWorkspace>,
    /// The address of its logo.
    #[prop(optional_no_strip)]
    logo: Option<String>,
    /// The person's name.
    person: String,
    email: String,
    /// Shows the way to the mailbox page of a machine without a mail server.
    #[prop(optional)]
    mailbox: bool,
    /// Shown over the page: a warning that concerns everything, such as an unconfirmed address.
    #[prop(optional_no_strip)]
    banner: Option<Children>,
    children: Children,
) -> impl IntoView {
    view! {
        <a class="skip-link" href="#main">
            "Skip to content"
        </a>
        <div class="app-layout">
            <header class="app-sidebar">
                <div class="app-brand">
                    <Wordmark />
                    {logo.map(|source| view! { <LogoImage source label="" /> })}
                    {(!workspace.is_empty()).then(|| view! { <WorkspaceMenu workspace others /> })}
                </div>
                <nav class="app-nav" aria-label="Main">
                    <ul>
                        {NAVIGATION
                            .into_iter()
                            .map(|(href, glyph, label)| {
                                view! {
                                    <li>
                                        <A href=href>
                                            <Icon glyph />
                                            <span>{label}</span>
                                        </A>
                                    </li>
                                }
                            })
                            .collect_view()}
                    </ul>
                </nav>
                <div class="app-account">
                    <AccountMenu person email mailbox />
                </div>
            </header>
            <main class="app-main" id="main" tabindex="-1">
                {banner.map(|banner| view! { <div class="app-banner">{banner()}</div> })}
                {children()}
            </main>
        </div>
        <Toaster />
    }
}

const NAVIGATION: [(&str, Glyph, &str); 5] = [
    (routes::DOCUMENTS, Glyph::Documents, "Documents"),
    (routes::SEARCH, Glyph::Search, "Search"),
    (routes::REPORTS, Glyph::Report, "Reports"),
    (routes::ACTIVITY, Glyph::Activity, "Activity"),
    (routes::SETTINGS, Glyph::Settings, "Settings"),
];

/// Says which workspace is open, and leads to the others. Each is a form: the answer loads a page in the other workspace.
#[component]
fn WorkspaceMenu(workspace: String, others: Vec<OtherWorkspace>) -> impl IntoView {
    let has_others = !others.is_empty();
    let items = others
        .into_iter()
        .map(|other| {
            view! {
                <li>
                    <form method="post" action=routes::SWITCH>
                        <button class="menu-item" type="submit" name="tenant" value=other.id>
                            <Icon glyph=Glyph::Documents />
                            {other.name}
                        </button>
                    </form>
                </li>
            }
        })
        .collect_view();
    view! {
        <Menu id="workspace-menu" label=workspace>
            {items}
            {has_others.then(|| view! { <MenuSeparator /> })}
            <MenuItem href=routes::SETTINGS_MEMBERS glyph=Glyph::Person>
                "Members"
            </MenuItem>
            <MenuItem href=routes::WORKSPACES external=true glyph=Glyph::Plus>
                "New workspace"
            </MenuItem>
        </Menu>
    }
}

#[component]
fn AccountMenu(person: String, email: String, mailbox: bool) -> impl IntoView {
    view! {
        <Menu id="account-menu" label=person.clone() upwards=true>
            <li class="menu-head">
                <span class="menu-head-name">{person}</span>
                <span class="menu-head-note">{email}</span>
            </li>
            <li class="menu-theme">
                <span>"Theme"</span>
                <ThemeSwitch />
            </li>
            <MenuSeparator />
            <MenuItem href=routes::SETTINGS_ACCOUNT glyph=Glyph::Person>
                "Your account"
            </MenuItem>
            {mailbox
                .then(|| {
                    view! {
                        <MenuItem href=routes::MAILBOX external=true glyph=Glyph::Mail>
                            "Mailbox"
                        </MenuItem>
                    }
                })}
            <MenuSeparator />
            <li>
                <form method="post" action=routes::SIGN_OUT>
                    <button class="menu-item" type="submit">
                        <Icon glyph=Glyph::SignOut />
                        "Sign out"
                    </button>
                </form>
            </li>
        </Menu>
    }
}
