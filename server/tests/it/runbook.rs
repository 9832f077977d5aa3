//! docs/operations.md and what it leads to, held against what there is.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const RUNBOOK: &str = include_str!("../../../docs/operations.md");
const RULES: &str = include_str!("../../observability/alerts.yml");

/// Settings of the scripts, which the program does not know.
const OF_SCRIPTS: [&str; 4] = ["SHEAF_RESTART", "SHEAF_CACHE", "SHEAF_MIGRATION_ROWS", "SHEAF_MIGRATION_TABLES"];

/// What stands for `<id>` and the like.
const SOME: &str = "00000000-0000-0000-0000-000000000000";

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
    let alerts = RULES.lines().filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("alert: "));
    assert_eq!(alerts.map(str::to_owned).collect::<BTreeSet<_>>(), told);
}

#[test]
fn every_alert_is_told_as_its_rule_says() {
    for rule in RULES.split("- alert: ").skip(1) {
        let value = |key: &str| rule.lines().find_map(|line| line.trim().strip_prefix(key)).unwrap().trim_matches('\'');
        let (name, _) = rule.split_once('\n').unwrap();
        let lasts = match value("for: ") {
            "0m" => "at once".to_owned(),
            time => format!("for {time}"),
        };
        let told = format!("`{name}`, a {}, {lasts}. ", value("severity: "));
        assert!(RUNBOOK.contains(&told), "the sheet says of it: {told}");
    }
}

#[test]
fn every_command_that_is_shown_is_one() {
    let shown: BTreeSet<String> = commands_of_runbook().into_iter().chain(commands_of_deploy()).collect();
    assert!(shown.len() > 15, "{shown:?}");
    for command in shown {
        // `--help` after all else: what stands before it was understood.
        let help = Command::new(env!("CARGO_BIN_EXE_sheaf")).args(words(&command)).arg("--help").output().unwrap();
        let said = String::from_utf8_lossy(&help.stderr).into_owned();
        assert!(help.status.success() && !help.stdout.is_empty(), "sheaf {command}: {said}");
    }
}

#[test]
fn every_script_and_every_target_that_is_shown_is_there() {
    let makefile = include_str!("../../../Makefile");
    let mut known = 0;
    for code in codes() {
        if let Some(target) = code.strip_prefix("make ") {
            let target = target.split_whitespace().next().unwrap();
            assert!(makefile.contains(&format!("\n{target}: ")), "make {target}");
            known += 1;
        }
        let named = code.split(|c: char| c.is_whitespace() || "()'\"".contains(c));
        for path in
            named.filter(|word| ["scripts/", "deploy/", "migrations/"].iter().any(|folder| word.starts_with(folder)))
        {
            assert!(path.contains('*') || root().join(path).exists(), "{path} is not there");
            known += 1;
        }
        if let Some((_, filter)) = code.split_once("FILTER=") {
            let module = filter.split("::").next().unwrap();
            let tests =
                ["server", "app/domain"].map(|part| root().join(part).join("tests/it").join(format!("{module}.rs")));
            assert!(tests.iter().any(|path| path.exists()), "no tests {module}");
            known += 1;
        }
    }
    assert!(known > 10, "{known}");
}

/// What the runbook has people type, without the name of the program.
fn commands_of_runbook() -> Vec<String> {
    let mut commands = Vec::new();
    for code in codes() {
        let parts = code.split("&&").flat_map(|part| part.split(';')).map(str::trim);
        commands.extend(parts.filter_map(|part| part.strip_prefix("sheaf ")).map(str::to_owned));
    }
    commands
}

/// What its files start.
fn commands_of_deploy() -> Vec<String> {
    let mut commands = Vec::new();
    for (path, text) in texts() {
        let is = |name: &str| path.file_name().unwrap().to_string_lossy().starts_with(name);
        for line in text.lines().map(str::trim) {
            let quoted = |key: &str| line.strip_prefix(key)?.strip_suffix('"').filter(|_| is("fly"));
            let listed = |key: &str| line.strip_prefix(key)?.strip_suffix(']').filter(|words| !words.contains(','));
            let command = line
                .strip_prefix("ExecStart=/usr/bin/sheaf ")
                .or_else(|| listed("command: [").filter(|_| is("docker-compose")))
                .or_else(|| listed("CMD [").filter(|_| is("Dockerfile")).map(|word| word.trim_matches('"')))
                .or_else(|| quoted("web = \"").or_else(|| quoted("work = \"")));
            commands.extend(command.map(str::to_owned));
        }
    }
    assert!(commands.len() >= 8, "{commands:?}");
    commands
}

/// What stands in the runbook as code: lines that are set in, without their remarks, and what is between backticks.
fn codes() -> Vec<String> {
    let mut codes = Vec::new();
    let mut prose = String::new();
    for line in RUNBOOK.lines() {
        match line.strip_prefix("    ") {
            Some(code) => codes.push(code.split(" #").next().unwrap().trim().to_owned()),
            None => prose.extend([line, " "]),
        }
    }
    codes.extend(prose.split('`').skip(1).step_by(2).map(str::to_owned));
    codes
}

/// As a shell takes them apart, with something in the place of `<what is meant>`.
fn words(command: &str) -> Vec<String> {
    let mut meant = String::new();
    for (index, part) in command.split(['<', '>']).enumerate() {
        meant.push_str(if index % 2 == 1 { SOME } else { part });
    }
    let quoted = meant.split('"').enumerate();
    quoted
        .flat_map(|(index, part)| match index % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        })
        .collect()
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
    let deploy =
        files("deploy").chain(files("deploy/systemd")).chain(files("deploy/varnish")).filter(|path| path.is_file());
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
