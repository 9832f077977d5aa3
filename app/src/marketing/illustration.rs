//! The product in one picture: a search, its result, and the very place on the page.

use leptos::prelude::*;

use crate::ui::{Badge, Glyph, Highlight, Icon, Tone};

/// A drawing made of the product's own parts. To screen readers it is one image.
#[component]
pub fn Illustration() -> impl IntoView {
    view! {
        <figure class="scene" role="img" aria-label=DESCRIPTION>
            <div class="scene-panel" inert=true>
                <div class="scene-search">
                    <Icon glyph=Glyph::Search />
                    <span>"\"notice period\" type:pdf"</span>
                </div>
                <p class="scene-count">"2 results in 38 documents"</p>
                <Hit
                    current=true
                    title="Lease, Harbour Street 12"
                    place="Page 3"
                    text=["The ", "notice period", " is three months to the end of a quarter."]
                />
                <Hit
                    current=false
                    title="Maintenance agreement"
                    place="Page 7"
                    text=["Either party may end it; a ", "notice period", " of six weeks applies."]
                />
                <div class="scene-report">
                    <Icon glyph=Glyph::Report />
                    <div>
                        <p class="scene-report-title">"Notice periods of all contracts"</p>
                        <p class="scene-report-note">"PDF, 14 pages"</p>
                    </div>
                    <Badge tone=Tone::Success>"Ready"</Badge>
                </div>
            </div>
            <div class="scene-desk" inert=true>
                <Sheet />
            </div>
        </figure>
    }
}

const DESCRIPTION: &str = "A search for “notice period” shows two results; the first opens page 3 of a lease with \
the words marked in their paragraph. Below, a report of all results is ready.";

#[component]
fn Hit(
    current: bool,
    title: &'static str,
    place: &'static str,
    /// Before, at and after the hit.
    text: [&'static str; 3],
) -> impl IntoView {
    let segments = vec![(text[0].into(), false), (text[1].into(), true), (text[2].into(), false)];
    view! {
        <div class="scene-hit" class:scene-hit-current=current>
            <p class="scene-hit-head">
                <span class="scene-hit-title">{title}</span>
                <span class="scene-hit-place">{place}</span>
            </p>
            <p class="scene-hit-text">
                <Highlight segments />
            </p>
        </div>
    }
}

/// The page of the lease, drawn: lines of text as strokes, and the one sentence that was found in letters.
#[component]
fn Sheet() -> impl IntoView {
    let before = (0..5).map(|line| stroke(150 + line * 20, [392, 404, 380, 398, 236][line]));
    let after = (0..8).map(|line| stroke(372 + line * 20, [400, 388, 404, 372, 396, 402, 384, 180][line]));
    view! {
        <svg class="sheet" viewBox="0 0 500 560" aria-hidden="true" focusable="false">
            <rect class="sheet-paper" x="0.5" y="0.5" width="499" height="559" rx="3"></rect>
            <text class="sheet-small" x="48" y="56">
                "Lease, Harbour Street 12"
            </text>
            <text class="sheet-small" x="452" y="56" text-anchor="end">
                "3"
            </text>
            <path class="sheet-rule" d="M48 70h404"></path>
            <text class="sheet-heading" x="48" y="118">
                "§ 7  Term and end"
            </text>
            {before.collect_view()}
            <rect class="sheet-mark" x="76.5" y="280" width="98" height="22" rx="2"></rect>
            <text class="sheet-text" x="48" y="296">
                "The"
            </text>
            <text class="sheet-text sheet-marked" x="79" y="296" textLength="93">
                "notice period"
            </text>
            <text class="sheet-text" x="180" y="296">
                "is three months to the end of a quarter."
            </text>
            <text class="sheet-text" x="48" y="322">
                "It is given in writing to the address in § 1."
            </text>
            {after.collect_view()}
        </svg>
    }
}

fn stroke(y: usize, length: usize) -> impl IntoView {
    view! { <path class="sheet-line" d=format!("M48 {y}h{length}")></path> }
}
