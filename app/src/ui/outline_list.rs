//! The contents of a document as its author made them.

use leptos::prelude::*;

/// One line of an outline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutlineLine {
    pub title: String,
    /// 0 for the top level; deeper than 5 is shown like 5.
    pub level: u8,
    /// None where it leads nowhere.
    pub href: Option<String>,
    /// The page it leads to.
    pub page: Option<u32>,
}

/// The lines of an outline, indented by their level.
#[component]
pub fn OutlineList(#[prop(into)] lines: Signal<Vec<OutlineLine>>) -> impl IntoView {
    view! {
        <nav class="outline-list" aria-label="Contents">
            <ul>{move || lines.get().into_iter().map(line).collect_view()}</ul>
        </nav>
    }
}

fn line(line: OutlineLine) -> impl IntoView {
    let class = format!("outline-line outline-level-{}", line.level.min(5));
    let face = view! {
        <span class="outline-title">{line.title}</span>
        <span class="outline-page">{line.page}</span>
    };
    match line.href {
        Some(href) => view! {
            <li>
                <a class=class href=href data-noscroll="true">
                    {face}
                </a>
            </li>
        }
        .into_any(),
        None => view! {
            <li>
                <span class=class>{face}</span>
            </li>
        }
        .into_any(),
    }
}
