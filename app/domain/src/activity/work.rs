//! The kinds of work, in people's words.

use crate::{features::Feature, roles::Action};

/// What a job does. The queue knows its kinds by their names alone, and may hold some of another version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    Reading,
    PageImages,
    /// To have all documents read again; the reading of each is work of its own.
    ReadingAll,
    Report,
    Mail,
    Export,
    CleanUp,
    /// What a plan, a payment or another month brings about.
    Billing,
    /// Of a version that knows more.
    Other,
}

impl Work {
    /// Kinds that are about a document. Where Sheaf itself began them, whoever sees the document sees them.
    pub const OF_DOCUMENTS: [&'static str; 2] = ["read_document", "draw_pages"];

    /// By the name in the queue.
    pub fn of(kind: &str) -> Self {
        match kind {
            "read_document" => Self::Reading,
            "draw_pages" => Self::PageImages,
            "read_all_again" => Self::ReadingAll,
            "make_report" => Self::Report,
            "send_mail" => Self::Mail,
            "make_export" => Self::Export,
            "sweep_documents" => Self::CleanUp,
            "count_revenue" | "resume_held" | "sync_subscription" | "tell_usage" => Self::Billing,
            _ => Self::Other,
        }
    }

    /// What operators may have switched off, without which it is not done again.
    pub fn feature(self) -> Option<Feature> {
        match self {
            Self::Reading | Self::ReadingAll => Some(Feature::ReadAgain),
            Self::PageImages
            | Self::Report
            | Self::Mail
            | Self::Export
            | Self::CleanUp
            | Self::Billing
            | Self::Other => None,
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Reading => "Reading",
            Self::PageImages => "Page images",
            Self::ReadingAll => "All documents again",
            Self::Report => "Report",
            Self::Mail => "Mail",
            Self::Export => "Export",
            Self::CleanUp => "Clean-up",
            Self::Billing => "Billing",
            Self::Other => "Other work",
        }
    }

    /// What stands in the place of a name that is not the reader's to know: what is hidden and what is gone look alike.
    pub fn unseen(self) -> Option<&'static str> {
        match self {
            Self::Reading | Self::PageImages => Some("A private or deleted document"),
            Self::Report => Some("A private or deleted report"),
            Self::Mail => Some("A deleted mail"),
            Self::Export => Some("A deleted archive"),
            Self::ReadingAll | Self::CleanUp | Self::Billing | Self::Other => None,
        }
    }

    /// What one must be allowed to do, besides, to cancel it or have it done again: what its own page asks for.
    pub fn needs(self) -> Option<Action> {
        match self {
            Self::Reading | Self::PageImages => Some(Action::ChangeDocuments),
            Self::ReadingAll => Some(Action::ReadAllAgain),
            Self::Report => Some(Action::MakeReports),
            Self::Mail => Some(Action::SendMailAgain),
            Self::Export => Some(Action::ExportWorkspace),
            Self::CleanUp | Self::Billing | Self::Other => None,
        }
    }
}
