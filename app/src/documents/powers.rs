//! What the person may do with documents here: what they may not do is not offered.

use domain::roles::Action;

use crate::{features::reads_again, frame::may};

/// Asked once a page: a list has fifty rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Powers {
    pub upload: bool,
    /// To throw away and bring back; so rows are chosen by whoever may.
    pub change: bool,
    /// To have them read again, which operators may have paused.
    pub read_again: bool,
    pub report: bool,
}

impl Powers {
    /// Of the person of this page.
    pub fn here() -> Self {
        Self {
            upload: may(Action::UploadDocuments),
            change: may(Action::ChangeDocuments),
            read_again: may(Action::ChangeDocuments) && reads_again(),
            report: may(Action::MakeReports),
        }
    }
}
