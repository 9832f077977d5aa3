//! What a row of a table is about: a picture, a title and a quieter line.

use leptos::{either::Either, prelude::*};

use super::{Glyph, Icon};

/// The content of a row's primary cell.
#[component]
pub fn RowTitle(
    #[prop(into)] title: String,
    /// Makes the title a link, where it leads somewhere.
    #[prop(optional_no_strip, into)]
    href: Option<String>,
    /// The line under the title; there is none where it is empty.
    #[prop(optional, into)]
    note: Option<String>,
    /// The note takes several lines where it has to, instead of being cut.
    #[prop(optional)]
    whole: bool,
    /// A small picture of it, if there is one.
    #[prop(default = None)]
    image: Option<String>,
    /// In place of a picture.
    glyph: Glyph,
    /// Other things beside the note.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="row-title">
            <Thumbnail image glyph />
            <div class="row-title-text">
                {match href {
                    Some(href) => Either::Left(view! { <a class="quiet-link" href=href>{title}</a> }),
                    None => Either::Right(view! { <span>{title}</span> }),
                }}
                <span class="row-title-line" class:row-title-whole=whole>
                    {note
                        .filter(|note| !note.is_empty())
                        .map(|note| view! { <span class="row-title-note">{note}</span> })}
                    {children.map(|children| children())}
                </span>
            </div>
        </div>
    }
}

/// A picture that gives way to an icon where it cannot be had. It says nothing that the title does not.
#[component]
fn Thumbnail(image: Option<String>, glyph: Glyph) -> impl IntoView {
    let broken = RwSignal::new(false);
    let picture = move || {
        image.clone().filter(|_| !broken.get()).map(|src| {
            view! {
                <img
                    class="row-title-image"
                    src=src
                    alt=""
                    width="36"
                    height="48"
                    loading="lazy"
                    decoding="async"
                    on:error=move |_| broken.set(true)
                />
            }
        })
    };
    view! {
        <span class="row-title-picture" aria-hidden="true">
            <Icon glyph />
            {picture}
        </span>
    }
}
