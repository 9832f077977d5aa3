//! The landing page. It claims only what the product does today.

use leptos::prelude::*;
use leptos_meta::{Meta, Title};

use super::illustration::Illustration;
use crate::{
    routes,
    ui::{Button, ButtonSize, ButtonVariant, Glyph, Icon, PublicLayout},
};

/// The page at [`routes::HOME`].
#[component]
pub fn Home() -> impl IntoView {
    view! {
        <Title text="Documents in, finished work out" />
        <Meta name="description" content=LEDE />
        <PublicLayout>
            <section class="hero">
                <h1 class="hero-title">"Documents in. Finished work out."</h1>
                <p class="hero-lede">{LEDE}</p>
                <div class="hero-actions">
                    <Button variant=ButtonVariant::Primary size=ButtonSize::Large href=routes::SIGN_UP>
                        "Create a workspace"
                    </Button>
                    <Button size=ButtonSize::Large href=routes::SIGN_IN>
                        "Sign in"
                    </Button>
                </div>
            </section>
            <Illustration />
            <section class="steps" aria-labelledby="steps">
                <h2 class="sr-only" id="steps">
                    "What Sheaf does"
                </h2>
                <ol class="step-list">{STEPS.into_iter().map(step).collect_view()}</ol>
            </section>
            <Promise
                title="One customer cannot see another. The database sees to it."
                text="Every row belongs to a workspace, and Postgres itself refuses to show it to anyone else. The \
                rule holds even where a query of ours is wrong. Files are opened in a locked-down process of their own \
                that knows nothing but the one file."
            />
            <Promise
                title="Every hit leads to its place."
                text="Sheaf keeps where each word of a PDF stands. A search result opens the page with the words \
                marked, and a report names the page of every excerpt and the checksum of every source."
            />
            <section class="promise">
                <h2 class="promise-title">"One command to run all of it."</h2>
                <div class="promise-body">
                    <p>
                        "Sheaf starts its own database, keeps files in a folder and catches its mails in a mailbox "
                        "page. The same program runs on many machines when a bigger Postgres, Redis and an object "
                        "store are there."
                    </p>
                    <pre class="command">
                        <code>"make run"</code>
                    </pre>
                </div>
            </section>
            <section class="closing">
                <h2 class="promise-title">"Put a document in and see."</h2>
                <p class="hero-lede">"A workspace takes a minute to make, and no card is asked for."</p>
                <Button variant=ButtonVariant::Primary size=ButtonSize::Large href=routes::SIGN_UP>
                    "Create a workspace"
                </Button>
            </section>
        </PublicLayout>
    }
}

const LEDE: &str = "Sheaf reads your PDFs, Word files and texts, finds every word in them again, and sets what you \
need as a report that is ready to send.";

const STEPS: [(&str, Glyph, &str); 4] = [
    (
        "In",
        Glyph::Upload,
        "Drop PDF, Word, Markdown, HTML, CSV or plain text anywhere on the page, many at once. Duplicates are told, \
        limits are clear, nothing is half kept.",
    ),
    (
        "Read",
        Glyph::Eye,
        "Text, titles, dates, language and the place of every word, page by page while you watch. If one page cannot \
        be read, the others are kept.",
    ),
    (
        "Find",
        Glyph::Search,
        "Phrases, and, or, not, prefixes, types and dates over all your documents. Each result shows its words in \
        their sentence.",
    ),
    (
        "Out",
        Glyph::Report,
        "A typeset PDF of chosen documents or of a search: contents, figures, excerpts and sources. A mail says when \
        it is done.",
    ),
];

fn step((title, glyph, text): (&'static str, Glyph, &'static str)) -> impl IntoView {
    view! {
        <li class="step">
            <Icon glyph />
            <h3 class="step-title">{title}</h3>
            <p class="step-text">{text}</p>
        </li>
    }
}

#[component]
fn Promise(title: &'static str, text: &'static str) -> impl IntoView {
    view! {
        <section class="promise">
            <h2 class="promise-title">{title}</h2>
            <div class="promise-body">
                <p>{text}</p>
            </div>
        </section>
    }
}
