//! What came out, for people and for programs.

use std::{
    fs,
    io::{self, Write},
    path::Path,
    process::Command,
    time::Duration,
};

use serde_json::{Value, json};

use super::{
    history::{RECOVERY, p99},
    round::Outcome,
};

/// Says a line at once. Those of `println!` are held back until a test has failed.
pub fn say(line: &str) {
    let mut stderr = io::stderr().lock();
    writeln!(stderr, "chaos: {line}").unwrap();
}

/// A line for the fault, and one for all that must not have happened.
pub fn tell(outcome: &Outcome) {
    let longest = outcome.recoveries.iter().max().copied().unwrap_or_default();
    let throughput = outcome
        .throughput
        .map_or_else(String::new, |(before, after)| format!(", {before:.1} jobs a second before and {after:.1} after"));
    say(&format!(
        "{:<26} {:>5} jobs, {:>3} recovered in {:>4.1} s{throughput}, {} violations",
        outcome.fault,
        outcome.jobs,
        outcome.recoveries.len(),
        longest.as_secs_f64(),
        outcome.violations.len(),
    ));
    for violation in &outcome.violations {
        say(&format!("  {violation}"));
    }
}

/// Of all recoveries together.
pub fn recovery(outcomes: &[Outcome]) -> Duration {
    p99(outcomes.iter().flat_map(|outcome| outcome.recoveries.iter().copied()).collect())
}

/// Writes bench-results/chaos.json.
pub fn write(seed: u64, outcomes: &[Outcome]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let result = json!({ "bench": "chaos", "conditions": conditions(&root, seed), "figures": figures(outcomes) });
    let folder = root.join("bench-results");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("chaos.json"), format!("{result:#}\n")).unwrap();
}

fn conditions(root: &Path, seed: u64) -> Value {
    let commit = Command::new("git").args(["rev-parse", "--short", "HEAD"]).current_dir(root).output();
    let commit = commit.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: f64 = load.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    // As text: not every reader of JSON keeps a number of 64 bits.
    json!({ "cores": cores, "load": load, "commit": commit, "profile": "debug", "seed": seed.to_string() })
}

fn figures(outcomes: &[Outcome]) -> Vec<Value> {
    let jobs: usize = outcomes.iter().map(|outcome| outcome.jobs).sum();
    let violations: usize = outcomes.iter().map(|outcome| outcome.violations.len()).sum();
    let recoveries: usize = outcomes.iter().map(|outcome| outcome.recoveries.len()).sum();
    let recovery = recovery(outcomes);
    let mut figures = vec![
        json!({ "name": "faults", "value": outcomes.len(), "unit": "faults" }),
        json!({ "name": "jobs", "value": jobs, "unit": "jobs" }),
        json!({ "name": "recoveries", "value": recoveries, "unit": "jobs" }),
        json!({ "name": "violations", "value": violations, "unit": "violations",
                "goal": "<= 0", "met": violations == 0 }),
        json!({ "name": "recovery.p99", "value": recovery.as_secs_f64(), "unit": "s",
                "goal": format!("<= {}", RECOVERY.as_secs()), "met": recovery <= RECOVERY }),
    ];
    for outcome in outcomes {
        if let Some((before, after)) = outcome.throughput {
            let ratio = after / before;
            figures.push(json!({ "name": format!("ratio.throughput.{}", outcome.fault), "value": ratio,
                                 "unit": "after/before", "goal": ">= 0.95", "met": ratio >= 0.95 }));
        }
    }
    figures
}
