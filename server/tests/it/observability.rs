//! The files for Grafana and Prometheus name figures that there are, and leave none out.

use std::collections::BTreeSet;

use domain::metrics::{COUNTERS, GAUGES, TIMES};
use serde_json::Value;

const DASHBOARD: &str = include_str!("../../observability/grafana.json");
const ALERTS: &str = include_str!("../../observability/alerts.yml");

/// What Prometheus adds to the name of a histogram.
const PARTS: [&str; 3] = ["_bucket", "_count", "_sum"];

#[test]
fn every_figure_is_on_some_panel_and_no_panel_shows_another() {
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let shown: BTreeSet<String> = panels
        .iter()
        .flat_map(|panel| panel["targets"].as_array().into_iter().flatten())
        .flat_map(|target| figures_in(target["expr"].as_str().unwrap()))
        .collect();
    assert_eq!(shown, known());
    let ids: BTreeSet<i64> = panels.iter().map(|panel| panel["id"].as_i64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len(), "each panel has an id of its own");
}

#[test]
fn every_alert_asks_for_figures_that_there_are_and_leads_to_its_heading() {
    let rules = rules();
    assert!(rules.len() >= 15, "{}", rules.len());
    for rule in &rules {
        let figures = figures_in(&rule.expr);
        assert!(!figures.is_empty(), "{} asks for nothing", rule.name);
        assert!(figures.is_subset(&known()), "{}: {figures:?}", rule.name);
        assert_eq!(rule.runbook, format!("docs/operations.md#{}", kebab(&rule.name)));
        assert!(["page", "ticket"].contains(&rule.severity.as_str()), "{}", rule.severity);
        assert!(rule.lasts.strip_suffix('m').is_some_and(|minutes| minutes.parse::<u32>().is_ok()), "{}", rule.lasts);
        assert_eq!(rule.expr.matches('(').count(), rule.expr.matches(')').count(), "{}", rule.name);
    }
    let names: BTreeSet<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(names.len(), rules.len());
}

struct Rule {
    name: String,
    expr: String,
    lasts: String,
    severity: String,
    runbook: String,
}

/// The rules of our own file, which has one value a line, in one order.
fn rules() -> Vec<Rule> {
    let parse = |text: &str| {
        let value = |key: &str| {
            let line = text.lines().find_map(|line| line.trim().strip_prefix(key)?.strip_prefix(": "));
            let line = line.unwrap_or_else(|| panic!("no {key} in {text}"));
            line.trim_matches('\'').replace("''", "'")
        };
        Rule {
            name: text.lines().next().unwrap().to_owned(),
            expr: value("expr"),
            lasts: value("for"),
            severity: value("severity"),
            runbook: value("runbook"),
        }
    };
    ALERTS.split("      - alert: ").skip(1).map(parse).collect()
}

/// Names that begin as ours do, without what Prometheus adds to them.
fn figures_in(expr: &str) -> BTreeSet<String> {
    let words = expr.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let ours = words.filter(|word| word.starts_with("sheaf_") || word.starts_with("process_"));
    let whole = |word: &str| {
        let base = PARTS.iter().find_map(|part| word.strip_suffix(part));
        base.filter(|base| TIMES.iter().any(|time| time.name == *base)).unwrap_or(word).to_owned()
    };
    ours.map(whole).collect()
}

fn known() -> BTreeSet<String> {
    let counters = COUNTERS.iter().map(|counter| counter.name);
    let gauges = GAUGES.iter().map(|gauge| gauge.name);
    counters.chain(gauges).chain(TIMES.iter().map(|time| time.name)).map(str::to_owned).collect()
}

/// `NoWorker` as `no-worker`.
fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(letter.to_ascii_lowercase());
    }
    kebab
}
