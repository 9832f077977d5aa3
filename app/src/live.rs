//! What changes in the workspace while a page is open, told by the server as it happens.
//!
//! [`provide_live`] stands once at the root of the app; a page asks [`use_changes`] for a number that grows with every
//! change it cares for, and puts it among the sources of its resource. Nothing is told during server rendering.

#[cfg(feature = "hydrate")]
mod source;

#[cfg(feature = "hydrate")]
pub use source::{begin, keep_quiet, look_again_soon};

use domain::id::{DocumentId, ReportId};
use leptos::prelude::*;
use serde::Deserialize;

/// What a page wants to know of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// What is told of the whole workspace: visits of support, and that it is suspended.
    Workspace,
    /// Any document.
    Documents,
    Document(DocumentId),
    /// Any report.
    Reports,
    Report(ReportId),
    /// Any mail.
    Mail,
    /// Anybody of the workspace, or invited to it.
    Members,
    /// Any key of a program.
    Keys,
    /// Any archive of the workspace.
    Exports,
    /// Its plan and what it pays.
    Billing,
    /// Any work, which is told with what it is about where it is asked for, and by itself once somebody is at it.
    Activity,
}

impl Subject {
    fn covers(self, change: &Change) -> bool {
        let is = |kind: &str, id: Option<String>| change.kind == kind && id.is_none_or(|id| change.id == id);
        change.kind == "everything"
            || match self {
                Self::Workspace => false,
                Self::Documents => is("document", None),
                Self::Document(id) => is("document", Some(id.to_string())),
                Self::Reports => is("report", None),
                Self::Report(id) => is("report", Some(id.to_string())) || is("mail", None),
                Self::Mail => is("mail", None),
                Self::Members => is("member", None),
                Self::Keys => is("api_key", None),
                Self::Exports => is("export", None),
                Self::Billing => is("billing", None),
                Self::Activity => ["job", "document", "report", "mail", "export"].contains(&change.kind.as_str()),
            }
    }
}

/// One change, as the stream of [`routes::EVENTS`](crate::routes::EVENTS) says it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Change {
    kind: String,
    #[serde(default)]
    id: String,
}

impl Change {
    fn everything() -> Self {
        Self { kind: "everything".into(), id: String::new() }
    }
}

/// The changes of this browser's workspace, in small bundles.
#[derive(Debug, Clone, Copy)]
pub struct Live {
    latest: RwSignal<Vec<Change>>,
}

impl Live {
    /// Makes every page look again at once, after the person has changed something here.
    pub fn look_again(self) {
        self.latest.set(vec![Change::everything()]);
    }
}

/// Follows the server's changes for as long as the app is open. Call it once, at the root of the app.
pub fn provide_live() -> Live {
    let live = Live { latest: RwSignal::new(Vec::new()) };
    provide_context(live);
    #[cfg(feature = "hydrate")]
    source::follow(live.latest);
    live
}

/// The changes as the root provides them.
pub fn use_live() -> Live {
    use_context().unwrap_or_else(|| Live { latest: RwSignal::new(Vec::new()) })
}

/// Makes every page look again every few seconds, for as long as the view is there that calls it: what could not be had may
/// be there by then, and nobody tells of that. In the browser only.
pub fn keep_looking() {
    #[cfg(feature = "hydrate")]
    source::keep_looking(use_live());
}

/// A number that grows with every change of the subject. The subject may be a signal, for a page whose id changes.
pub fn use_changes(subject: impl Into<Signal<Subject>>) -> Signal<u64> {
    let Live { latest } = use_live();
    let subject = subject.into();
    let version = RwSignal::new(0);
    Effect::new(move |before: Option<()>| {
        let concerns = latest.with(|changes| {
            let subject = subject.get_untracked();
            changes.iter().any(|change| subject.covers(change))
        });
        // What was told before this page was there is in it already.
        if before.is_some() && concerns {
            version.update(|version| *version += 1);
        }
    });
    version.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_hears_of_its_subject_and_of_a_gap() {
        let id: DocumentId = "018f0000-0000-7000-8000-000000000001".parse().expect("a UUID");
        let change = |kind: &str, id: String| Change { kind: kind.into(), id };
        assert!(Subject::Documents.covers(&change("document", id.to_string())));
        assert!(Subject::Document(id).covers(&change("document", id.to_string())));
        assert!(!Subject::Document(id).covers(&change("document", "another".into())));
        assert!(!Subject::Reports.covers(&change("document", id.to_string())));
        assert!(Subject::Activity.covers(&change("job", "a tenant".into())));
        assert!(!Subject::Activity.covers(&change("member", id.to_string())));
        assert!(Subject::Billing.covers(&change("billing", String::new())));
        assert!(Subject::Reports.covers(&Change::everything()));
    }
}
