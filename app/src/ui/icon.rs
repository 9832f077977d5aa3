//! The icons, drawn for Sheaf on a grid of 20 with a line of 1.5.

use std::sync::LazyLock;

use leptos::{prelude::*, tachys::html::InertElement};

/// The outline of a file, and what is drawn on it.
macro_rules! sheet {
    ($on_it:literal) => {
        concat!("M5.5 2.5h6l4 4v10a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1v-13a1 1 0 0 1 1-1ZM11.25 2.5v4.25h4.25", $on_it)
    };
}

/// A circle, and what is drawn in it.
macro_rules! ring {
    ($in_it:literal) => {
        concat!("M10 2.75a7.25 7.25 0 1 1 0 14.5 7.25 7.25 0 0 1 0-14.5Z", $in_it)
    };
}

/// A drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glyph {
    Documents,
    Document,
    FilePdf,
    FileText,
    FileTable,
    FileWeb,
    FileOther,
    Search,
    Report,
    Mail,
    Settings,
    Upload,
    Download,
    Trash,
    Restore,
    Retry,
    Cancel,
    Check,
    Warning,
    Error,
    Info,
    Close,
    Menu,
    More,
    Sun,
    Moon,
    System,
    ChevronLeft,
    ChevronRight,
    ChevronUp,
    ChevronDown,
    Plus,
    Minus,
    Filter,
    Clock,
    Lock,
    Person,
    SignOut,
    External,
    Copy,
    Eye,
    Outline,
    Activity,
}

impl Glyph {
    /// Every icon, for the page that shows them all.
    pub const ALL: [Self; 43] = [
        Self::Documents,
        Self::Document,
        Self::FilePdf,
        Self::FileText,
        Self::FileTable,
        Self::FileWeb,
        Self::FileOther,
        Self::Search,
        Self::Report,
        Self::Mail,
        Self::Settings,
        Self::Upload,
        Self::Download,
        Self::Trash,
        Self::Restore,
        Self::Retry,
        Self::Cancel,
        Self::Check,
        Self::Warning,
        Self::Error,
        Self::Info,
        Self::Close,
        Self::Menu,
        Self::More,
        Self::Sun,
        Self::Moon,
        Self::System,
        Self::ChevronLeft,
        Self::ChevronRight,
        Self::ChevronUp,
        Self::ChevronDown,
        Self::Plus,
        Self::Minus,
        Self::Filter,
        Self::Clock,
        Self::Lock,
        Self::Person,
        Self::SignOut,
        Self::External,
        Self::Copy,
        Self::Eye,
        Self::Outline,
        Self::Activity,
    ];

    /// One path in all: an icon is drawn with one line.
    fn path(self) -> &'static str {
        match self {
            Self::Documents => {
                "M7.5 2.75h4.75l3.5 3.5v7.5a1 1 0 0 1-1 1H7.5a1 1 0 0 1-1-1v-10a1 1 0 0 1 1-1ZM12 2.75V6.5h3.75M4 6v10.25a1 1 0 0 0 1 1h7.5"
            }
            Self::Document => sheet!(""),
            Self::FilePdf => sheet!("M7.5 14.5v-4.25h1.6a1.3 1.3 0 0 1 0 2.6H7.5M12.5 10.25v4.25"),
            Self::FileText => sheet!("M7.25 10h5.5M7.25 12.25h5.5M7.25 14.5h3"),
            Self::FileTable => sheet!("M7.25 10h5.5v4.5h-5.5ZM7.25 12.25h5.5M10 10v4.5"),
            Self::FileWeb => sheet!("M8.75 10.25 7 12.25l1.75 2M11.25 10.25l1.75 2-1.75 2"),
            Self::FileOther => sheet!("M7.5 12.5h.01M10 12.5h.01M12.5 12.5h.01"),
            Self::Search => "M9 3.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11ZM13 13l4 4",
            Self::Report => {
                "M5 2.5h10a1 1 0 0 1 1 1v13a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1v-13a1 1 0 0 1 1-1ZM7.25 14v-3M10 14V8.5M12.75 14V6"
            }
            Self::Mail => {
                "M3.5 4.5h13a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-13a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1ZM2.75 5.5l7.25 5.25 7.25-5.25"
            }
            Self::Settings => {
                "M3 6h6.5M14 6h3M3 14h3M10.5 14H17M11.75 3.75a2.25 2.25 0 1 1 0 4.5 2.25 2.25 0 0 1 0-4.5ZM8.25 11.75a2.25 2.25 0 1 1 0 4.5 2.25 2.25 0 0 1 0-4.5Z"
            }
            Self::Upload => "M10 13V3.5M6.25 7 10 3.25 13.75 7M3.5 13v2.5a1 1 0 0 0 1 1h11a1 1 0 0 0 1-1V13",
            Self::Download => "M10 3.25v9.5M6.25 9.25 10 13l3.75-3.75M3.5 13.5v2a1 1 0 0 0 1 1h11a1 1 0 0 0 1-1v-2",
            Self::Trash => {
                "M3.5 5.5h13M7.5 5.5v-2a1 1 0 0 1 1-1h3a1 1 0 0 1 1 1v2M5 5.5l.7 11a1 1 0 0 0 1 1h6.6a1 1 0 0 0 1-1l.7-11M8.5 9v5M11.5 9v5"
            }
            Self::Restore => "M4 7.5h8a4.25 4.25 0 0 1 0 8.5H7M7.25 4 3.75 7.5 7.25 11",
            Self::Retry => "M16.25 10a6.25 6.25 0 1 1-2-4.6M16.5 2.75v3.5H13",
            Self::Cancel => ring!("M5 5l10 10"),
            Self::Check => "M4 10.75 8 14.75 16.25 5.75",
            Self::Warning => "M10 3 17.75 16.5H2.25ZM10 8.25v3.5M10 14.1h.01",
            Self::Error => ring!("M10 6.5v4.25M10 13.4h.01"),
            Self::Info => ring!("M10 9.25v4.25M10 6.6h.01"),
            Self::Close => "M5 5l10 10M15 5 5 15",
            Self::Menu => "M3.5 6h13M3.5 10h13M3.5 14h13",
            Self::More => {
                "M5 10a.5.5 0 1 0-1 0 .5.5 0 1 0 1 0ZM10.5 10a.5.5 0 1 0-1 0 .5.5 0 1 0 1 0ZM16 10a.5.5 0 1 0-1 0 .5.5 0 1 0 1 0Z"
            }
            Self::Sun => {
                "M10 6.75a3.25 3.25 0 1 1 0 6.5 3.25 3.25 0 0 1 0-6.5ZM10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.35 4.35l1.05 1.05M14.6 14.6l1.05 1.05M4.35 15.65l1.05-1.05M14.6 5.4l1.05-1.05"
            }
            Self::Moon => "M16.5 12.1A6.9 6.9 0 0 1 7.9 3.5a6.9 6.9 0 1 0 8.6 8.6Z",
            Self::System => {
                "M3.5 3.75h13a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1h-13a1 1 0 0 1-1-1v-8a1 1 0 0 1 1-1ZM7 16.75h6M10 13.75v3"
            }
            Self::ChevronLeft => "M12 4.75 6.75 10 12 15.25",
            Self::ChevronRight => "M8 4.75 13.25 10 8 15.25",
            Self::ChevronUp => "M4.75 12.5 10 7.25l5.25 5.25",
            Self::ChevronDown => "M4.75 7.5 10 12.75l5.25-5.25",
            Self::Plus => "M10 4v12M4 10h12",
            Self::Minus => "M4 10h12",
            Self::Filter => "M3 5h14M5.75 10h8.5M8.25 15h3.5",
            Self::Clock => ring!("M10 6v4.25l2.75 1.75"),
            Self::Lock => {
                "M5 9h10a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1ZM6.75 9V6.25a3.25 3.25 0 0 1 6.5 0V9"
            }
            Self::Person => {
                "M10 3a3.25 3.25 0 1 1 0 6.5A3.25 3.25 0 0 1 10 3ZM3.75 17c.4-3 3-4.75 6.25-4.75S15.85 14 16.25 17"
            }
            Self::SignOut => "M8.5 3.25h-4a1 1 0 0 0-1 1v11.5a1 1 0 0 0 1 1h4M8 10h9M13.75 6.5 17.25 10l-3.5 3.5",
            Self::External => {
                "M11.5 3.5h5v5M16.25 3.75 9.5 10.5M14.5 11.5v4a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1h4"
            }
            Self::Copy => {
                "M8 7h8a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1V8a1 1 0 0 1 1-1ZM4.5 13H4a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1h8a1 1 0 0 1 1 1v.5"
            }
            Self::Eye => {
                "M2.25 10S5 4.75 10 4.75 17.75 10 17.75 10 15 15.25 10 15.25 2.25 10 2.25 10ZM10 7.75a2.25 2.25 0 1 1 0 4.5 2.25 2.25 0 0 1 0-4.5Z"
            }
            Self::Outline => "M3.5 5h.01M7 5h9.5M6 10h.01M9.5 10h7M6 15h.01M9.5 15h7",
            Self::Activity => "M2.5 10h3.25L8 4l4 12 2.25-6h3.25",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IconSize {
    /// 16 pixels: in badges and small buttons.
    Small,
    /// 20 pixels.
    #[default]
    Medium,
    /// 32 pixels: alone in an empty page.
    Large,
}

impl IconSize {
    const ALL: [Self; 3] = [Self::Small, Self::Medium, Self::Large];

    fn class(self) -> &'static str {
        match self {
            Self::Small => "icon icon-small",
            Self::Medium => "icon",
            Self::Large => "icon icon-large",
        }
    }
}

/// An icon in the colour of the text around it. It is decoration: what it means is said by that text, or by the accessible
/// name of what it stands in.
#[component]
pub fn Icon(
    /// The drawing.
    glyph: Glyph,
    #[prop(optional)] size: IconSize,
) -> impl IntoView {
    InertElement::new(markup(glyph, size))
}

/// A page has hundreds of icons, many of them alike: each is written once, and then only copied.
fn markup(glyph: Glyph, size: IconSize) -> &'static str {
    static DRAWN: LazyLock<Vec<String>> = LazyLock::new(|| {
        let sizes = |glyph: Glyph| IconSize::ALL.map(|size| draw(glyph, size));
        Glyph::ALL.into_iter().flat_map(sizes).collect()
    });
    &DRAWN[glyph as usize * IconSize::ALL.len() + size as usize]
}

fn draw(glyph: Glyph, size: IconSize) -> String {
    format!(
        r#"<svg class="{}" viewBox="0 0 20 20" aria-hidden="true" focusable="false"><path d="{}"></path></svg>"#,
        size.class(),
        glyph.path(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_icon_is_drawn_as_itself() {
        for (place, glyph) in Glyph::ALL.into_iter().enumerate() {
            assert_eq!(glyph as usize, place, "{glyph:?} stands in the order of its declaration");
            for size in IconSize::ALL {
                assert_eq!(markup(glyph, size), draw(glyph, size));
            }
        }
    }
}
