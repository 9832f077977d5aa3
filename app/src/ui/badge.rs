//! A word about a state.

use leptos::prelude::*;

use super::{Glyph, Icon, IconSize};

/// What a message or a state means for the person. Colour never says it alone: a word or an icon does too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    #[default]
    Neutral,
    Info,
    Success,
    Warning,
    Danger,
}

impl Tone {
    /// The class that sets the colours of whatever carries it.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Neutral => "tone-neutral",
            Self::Info => "tone-info",
            Self::Success => "tone-success",
            Self::Warning => "tone-warning",
            Self::Danger => "tone-danger",
        }
    }

    pub(super) fn glyph(self) -> Glyph {
        match self {
            Self::Neutral | Self::Info => Glyph::Info,
            Self::Success => Glyph::Check,
            Self::Warning => Glyph::Warning,
            Self::Danger => Glyph::Error,
        }
    }
}

/// A small label.
#[component]
pub fn Badge<C: IntoView + Send + 'static>(
    #[prop(optional)] tone: Tone,
    /// Stands before the text.
    #[prop(optional)]
    glyph: Option<Glyph>,
    children: TypedChildren<C>,
) -> impl IntoView {
    view! {
        <span class=format!("badge badge-sm state-badge {}", tone.class())>
            {glyph.map(|glyph| view! { <Icon glyph size=IconSize::Small /> })} {children.into_inner()()}
        </span>
    }
}
