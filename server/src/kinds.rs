//! What the operator may call the parts of the work.

use std::{fmt, str::FromStr};

use domain::{
    billing::{SyncSubscription, TellUsage},
    documents::{DrawPages, ReadAllAgain, ReadDocument, ResumeHeld, Sweep},
    exports::MakeExport,
    insights::TellEvent,
    mail::SendMail,
    queue::Job,
    reports::MakeReport,
    revenue::CountRevenue,
};

/// What concerns bills; it has schedules too.
pub const BILLING: &[&str] = &[SyncSubscription::KIND, ResumeHeld::KIND, TellUsage::KIND, CountRevenue::KIND];

/// What concerns no workspace alone; it has schedules too.
pub const HOUSEKEEPING: &[&str] = &[Sweep::KIND, TellEvent::KIND];

/// Each part with its kinds of job, which are names too.
const PARTS: [(&str, &[&str]); 6] = [
    ("reading", &[ReadDocument::KIND, DrawPages::KIND, ReadAllAgain::KIND]),
    ("reports", &[MakeReport::KIND]),
    ("exports", &[MakeExport::KIND]),
    ("mail", &[SendMail::KIND]),
    ("billing", BILLING),
    ("housekeeping", HOUSEKEEPING),
];

/// A part of the work, or one kind of job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    kinds: &'static [&'static str],
}

/// How many jobs of each kind of a part run at once in one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    pub part: Part,
    pub jobs: usize,
}

impl Part {
    /// The names in the table of jobs.
    pub fn kinds(self) -> &'static [&'static str] {
        self.kinds
    }
}

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let name = text.trim();
        let found = PARTS.iter().find_map(|(part, kinds)| match kinds.iter().position(|kind| *kind == name) {
            Some(place) => Some(&kinds[place..=place]),
            None => (*part == name).then_some(*kinds),
        });
        found.map(|kinds| Self { kinds }).ok_or_else(|| format!("there is no work called “{name}”, there is {Names}"))
    }
}

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, jobs) = text.split_once('=').ok_or("it takes a kind of work and a number, like mail=8")?;
        let jobs = jobs.trim().parse::<usize>().ok().filter(|jobs| (1..=1_000).contains(jobs));
        Ok(Self { part: name.parse()?, jobs: jobs.ok_or("it takes a number from 1 to 1000, like mail=8")? })
    }
}

/// All names, for whoever has given another.
struct Names;

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = PARTS.iter().map(|(part, kinds)| format!("{part} ({})", kinds.join(", ")));
        f.write_str(&parts.collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::{config::Cli, work};

    #[test]
    fn every_kind_of_job_is_in_one_part() {
        let mut kinds: Vec<&str> = PARTS.iter().flat_map(|(_, kinds)| kinds.iter().copied()).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, work::registry().kinds().collect::<Vec<_>>());
    }

    #[test]
    fn a_part_has_its_kinds_and_a_kind_is_alone() {
        assert_eq!("reading".parse::<Part>().unwrap().kinds(), ["read_document", "draw_pages", "read_all_again"]);
        assert_eq!(" draw_pages".parse::<Part>().unwrap().kinds(), ["draw_pages"]);
        assert_eq!("mail".parse::<Part>(), "send_mail".parse());
        let refused = "mial".parse::<Part>().unwrap_err();
        assert!(refused.contains("“mial”") && refused.contains("mail (send_mail)"), "{refused}");
    }

    #[test]
    fn a_limit_is_a_part_and_a_number() {
        let limit: Limit = "reading=4".parse().unwrap();
        assert_eq!((limit.part.kinds().len(), limit.jobs), (3, 4));
        for wrong in ["", "mail", "mail=", "mail=0", "mail=1001", "mail=-1", "mial=1", "=1"] {
            assert!(wrong.parse::<Limit>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_help_names_every_part() {
        let help = Cli::command().render_long_help().to_string();
        let line = help.split("--kinds").nth(1).unwrap().split("--").next().unwrap();
        assert!(PARTS.iter().all(|(part, _)| line.contains(part)), "{line}");
    }
}
