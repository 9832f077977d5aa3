//! What the person may do with documents here: what they may not do is not offered.

use domain::roles::Action;

use crate::frame::may;

/// Asked once a page: a list has fifty rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Powers {
    pub upload: bool,
    /// To throw away, bring back, and have read again; so rows are chosen by whoever may.
    pub change: bool,
    pub report: bool,
}

impl Powers {
    /// Of the person of this page.
    pub fn here() -> Self {
        Self {
            upload: may(Action::UploadDocuments),
            change: may(Action::ChangeDocuments),
            report: may(Action::MakeReports),
        }
    }
}
