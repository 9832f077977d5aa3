//! Why reading ends before the end of the document.

use std::fmt;

use domain::documents::reading::Failure;

/// Why reading ended early.
#[derive(Debug)]
pub enum Stop {
    /// The document is at fault. `detail` is for the operator.
    Document { reason: Failure, detail: String },
    /// The installation is at fault: a library or a folder is missing. The document may be fine.
    Operator(String),
    /// Nobody listens to the events any more.
    Unheard(std::io::Error),
}

impl Stop {
    pub(crate) fn because(reason: Failure, detail: impl fmt::Display) -> Self {
        Self::Document { reason, detail: detail.to_string() }
    }

    pub(crate) fn damaged(detail: impl fmt::Display) -> Self {
        Self::because(Failure::Damaged, detail)
    }

    pub(crate) fn too_large(detail: impl fmt::Display) -> Self {
        Self::because(Failure::TooLarge, detail)
    }

    pub(crate) fn operator(detail: impl fmt::Display) -> Self {
        Self::Operator(detail.to_string())
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::Unheard(error)
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document { reason, detail } => write!(f, "{}: {detail}", reason.as_str()),
            Self::Operator(detail) => f.write_str(detail),
            Self::Unheard(error) => write!(f, "the events could not be written: {error}"),
        }
    }
}

impl std::error::Error for Stop {}
