//! The frame of a page that is one form.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::ui::{Glyph, Icon, IconSize, PublicLayout};

/// A title, a sentence, one form, and the ways elsewhere below it.
#[component]
pub(crate) fn FormPage(
    title: &'static str,
    #[prop(optional, into)] intro: Option<String>,
    /// The links under the sheet.
    #[prop(optional, into)]
    elsewhere: ViewFn,
    children: Children,
) -> impl IntoView {
    view! {
        <Title text=title />
        <PublicLayout narrow=true>
            <div class="form-page">
                <header class="form-page-header">
                    <h1 class="page-title">{title}</h1>
                    {intro.map(|intro| view! { <p class="page-description">{intro}</p> })}
                </header>
                <div class="form-page-sheet">{children()}</div>
                <div class="form-page-elsewhere">{elsewhere.run()}</div>
            </div>
        </PublicLayout>
    }
}

/// Says that a mail is on its way, and what to do with it. The same for known and unknown addresses.
#[component]
pub(super) fn MailOnItsWay(children: Children) -> impl IntoView {
    view! {
        <div class="mail-sent" role="status">
            <Icon glyph=Glyph::Mail size=IconSize::Large />
            <p>{children()}</p>
            <p class="field-hint">"Nothing there after a few minutes? Look into the spam folder."</p>
        </div>
    }
}
