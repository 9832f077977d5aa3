//! docs/operations.md and what it leads to, held against what there is.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const RUNBOOK: &str = include_str!("../../../docs/operations.md");

/// Settings of the scripts, which the program does not know.
const OF_SCRIPTS: [&str; 2] = ["SHEAF_RESTART", "SHEAF_CACHE"];

#[test]
fn every_link_leads_somewhere() {
    let headings = headings();
    let links: Vec<&str> = RUNBOOK.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(links.len() > 20, "{links:?}");
    for link in links {
        match link.strip_prefix('#') {
            Some(slug) => assert!(headings.contains(slug), "no heading for #{slug}"),
            None if link.starts_with("http") => {}
            None => assert!(root().join("docs").join(link).exists(), "{link} is not there"),
        }
    }
}

#[test]
fn every_alert_has_its_heading_and_every_heading_its_alert() {
    let sheet = RUNBOOK.split("## On call").nth(1).unwrap().split("\n## ").next().unwrap();
    let mut told = BTreeSet::new();
    for section in sheet.split("\n### ").skip(1) {
        let (heading, text) = section.split_once("\n\n`").unwrap();
        let (alert, _) = text.split_once('`').unwrap();
        assert_eq!(slug(heading), kebab(alert), "a link from the alert {alert} leads to its heading");
        told.insert(alert.to_owned());
    }
    assert!(told.len() > 10, "{told:?}");
    // Where the rules are, they and the sheet name the same.
    if let Ok(rules) = fs::read_to_string(root().join("server/observability/alerts.yml")) {
        let alerts = rules.lines().filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("alert: "));
        assert_eq!(alerts.map(str::to_owned).collect::<BTreeSet<_>>(), told);
    }
}

#[test]
fn every_setting_that_is_named_is_one() {
    let help = Command::new(env!("CARGO_BIN_EXE_sheaf")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let known: BTreeSet<String> = settings(&help).into_iter().chain(OF_SCRIPTS.map(str::to_owned)).collect();
    for (path, text) in texts() {
        let unknown: Vec<_> = settings(&text).into_iter().filter(|name| !known.contains(name)).collect();
        assert!(unknown.is_empty(), "{} names {unknown:?}", path.display());
    }
}

/// The runbook, the examples of settings, and everything of deploy.
fn texts() -> Vec<(PathBuf, String)> {
    let files = |folder: &str| fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let deploy = files("deploy").chain(files("deploy/systemd")).filter(|path| path.is_file());
    let all = deploy.chain(["docs/operations.md", ".env.example"].map(|path| root().join(path)));
    all.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

fn settings(text: &str) -> BTreeSet<String> {
    let is_of_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let words = text.split(|c: char| !is_of_name(c));
    // `SHEAF_S3_` stands for all that begin so.
    words.filter(|word| word.starts_with("SHEAF_") && !word.ends_with('_')).map(str::to_owned).collect()
}

fn headings() -> BTreeSet<String> {
    RUNBOOK.lines().filter(|line| line.starts_with('#')).map(|line| slug(line.trim_start_matches('#').trim())).collect()
}

/// As a heading is linked to: small letters, and dashes for blanks.
fn slug(heading: &str) -> String {
    let kept = heading.to_lowercase();
    kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.extend(c.to_lowercase());
    }
    kebab
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
