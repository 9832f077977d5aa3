//! The kinds of work, and where a worker may die at each.

use domain::{
    billing::TellUsage,
    documents::{DrawPages, ReadAllAgain, ReadDocument, ResumeHeld, Sweep},
    exports::MakeExport,
    insights::TellEvent,
    mail::SendMail,
    queue::Job,
    reports::MakeReport,
    revenue::CountRevenue,
};

pub const CLAIM: &str = "claim.before";
pub const SETTLED: &str = "settle.after";
/// In the middle of a job that takes long.
pub const RENEWAL: &str = "renew.before";
/// Behind the commit of another job.
pub const TOLD: &str = "enqueue.after_commit";

/// The places (`queue::fault`) to which every job comes.
const PLACES: [&str; 7] = [CLAIM, "claim.after", "run.before", RENEWAL, "run.after", "settle.before", SETTLED];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    SendMail,
    ReadDocument,
    DrawPages,
    ReadAllAgain,
    ResumeHeld,
    MakeReport,
    MakeExport,
    TellUsage,
    TellEvent,
    CountRevenue,
    Sweep,
}

impl Kind {
    /// Those whose rounds take longest come first.
    pub const ALL: [Self; 11] = [
        Self::DrawPages,
        Self::ResumeHeld,
        Self::TellUsage,
        Self::MakeReport,
        Self::MakeExport,
        Self::ReadAllAgain,
        Self::Sweep,
        Self::CountRevenue,
        Self::ReadDocument,
        Self::SendMail,
        Self::TellEvent,
    ];

    /// As the table of jobs and the settings have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::SendMail => SendMail::KIND,
            Self::ReadDocument => ReadDocument::KIND,
            Self::DrawPages => DrawPages::KIND,
            Self::ReadAllAgain => ReadAllAgain::KIND,
            Self::ResumeHeld => ResumeHeld::KIND,
            Self::MakeReport => MakeReport::KIND,
            Self::MakeExport => MakeExport::KIND,
            Self::TellUsage => TellUsage::KIND,
            Self::TellEvent => TellEvent::KIND,
            Self::CountRevenue => CountRevenue::KIND,
            Self::Sweep => Sweep::KIND,
        }
    }

    /// Where its worker is killed.
    pub fn places(self) -> Vec<&'static str> {
        PLACES.into_iter().chain(self.enqueues().then_some(TOLD)).collect()
    }

    /// Whether a schedule makes its job, in the worker that does it.
    pub fn is_scheduled(self) -> bool {
        matches!(self, Self::CountRevenue | Self::Sweep)
    }

    /// What keeps its job from going on while a superuser holds it, so that its lease is renewed: the table that it needs first. None
    /// where it is about nothing in the database.
    pub fn lock(self) -> Option<&'static str> {
        Some(match self {
            Self::ReadDocument | Self::DrawPages | Self::ReadAllAgain | Self::ResumeHeld => {
                "begin; lock table document in access exclusive mode"
            }
            Self::SendMail => "begin; lock table mail in access exclusive mode",
            Self::MakeReport => "begin; lock table report in access exclusive mode",
            // The first that is swept.
            Self::MakeExport | Self::Sweep => "begin; lock table export in access exclusive mode",
            Self::TellUsage => "begin; lock table tenant_meter in access exclusive mode",
            Self::CountRevenue => "begin; lock table cost_day in access exclusive mode",
            Self::TellEvent => return None,
        })
    }

    /// Whether its worker enqueues other jobs, or its own.
    fn enqueues(self) -> bool {
        match self {
            Self::MakeReport | Self::MakeExport | Self::TellUsage | Self::ReadAllAgain | Self::ResumeHeld => true,
            Self::CountRevenue | Self::Sweep => true,
            Self::SendMail | Self::ReadDocument | Self::DrawPages | Self::TellEvent => false,
        }
    }
}
