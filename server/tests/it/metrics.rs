//! What Prometheus is told: in its format to the letter, at an address of its own, and in a bounded number of series.

use std::collections::{BTreeMap, BTreeSet};

use domain::clock::Clock;
use reqwest::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use uuid::Uuid;

use crate::{
    health::silent,
    test_app::{TestApp, eventually, free_port},
};

type Labels = BTreeMap<String, String>;

/// A figure, and labels that it has.
type Told<'a> = (&'a str, &'a [(&'a str, &'a str)]);

/// How often each address is made up anew, in each of three rounds.
const TIMES: u32 = 15;

#[tokio::test]
async fn figures_of_all_parts_are_told_at_an_address_of_their_own() {
    let address = format!("127.0.0.1:{}", free_port());
    let app = TestApp::start_with(&[("SHEAF_METRICS_ADDRESS", &address)]).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    ada.reads("notes.txt", "a few words").await;
    ada.get("/documents").await.expect_status(200).await;
    let counted: &[Told<'_>] = &[
        ("sheaf_http_requests_total", &[("method", "POST"), ("route", "/sign-up"), ("status", "2xx")]),
        ("sheaf_http_request_duration_seconds_count", &[("method", "GET"), ("route", "/documents")]),
        ("sheaf_jobs_claimed_total", &[("kind", "read_document")]),
        ("sheaf_jobs_ended_total", &[("kind", "read_document"), ("outcome", "done")]),
        ("sheaf_job_lag_seconds_count", &[("kind", "read_document")]),
        ("sheaf_read_duration_seconds_count", &[("format", "text"), ("outcome", "read")]),
        ("sheaf_mails_total", &[("outcome", "sent")]),
        ("sheaf_cache_lookups_total", &[("cache", "sessions"), ("outcome", "hit")]),
        ("sheaf_database_begin_duration_seconds_count", &[("outcome", "begun")]),
        ("process_resident_memory_bytes", &[]),
        ("process_start_time_seconds", &[]),
    ];
    for &(name, labels) in counted {
        let is_told = async || (figures(&address).await.of(name, labels) > 0.0).then_some(());
        eventually(&format!("{name} of {labels:?}"), is_told).await;
    }
    let figures = figures(&address).await;
    let known: &[Told<'_>] = &[
        ("sheaf_queue_waiting", &[("kind", "send_mail")]),
        ("sheaf_queue_oldest_seconds", &[("kind", "send_mail")]),
        ("sheaf_queue_running", &[("kind", "read_document")]),
        ("sheaf_jobs_ended_total", &[("kind", "send_mail"), ("outcome", "dead")]),
        ("sheaf_mails_total", &[("outcome", "given_up")]),
        ("sheaf_passwords_refused_total", &[]),
        ("sheaf_entitlement_drift_total", &[]),
        ("sheaf_database_connections", &[("pool", "web"), ("state", "idle")]),
        ("sheaf_database_connections", &[("pool", "work"), ("state", "used")]),
        ("sheaf_passwords_waiting", &[]),
        ("sheaf_http_requests_in_flight", &[]),
    ];
    for &(name, labels) in known {
        assert!(figures.samples.contains_key(&key(name, labels)), "{name} {labels:?}");
    }
    assert_eq!(reqwest::get(format!("http://{address}/documents")).await.unwrap().status(), 404);
    ada.get("/metrics").await.expect_status(404).await;
}

#[tokio::test]
async fn whatever_is_asked_for_makes_no_series_of_its_own() {
    let address = format!("127.0.0.1:{}", free_port());
    let app = TestApp::start_with(&[("SHEAF_METRICS_ADDRESS", &address)]).await;
    let mut made_up = Vec::new();
    let mut counts = BTreeSet::new();
    for round in 0..3 {
        for number in 0..TIMES {
            let word = Clock::system().id::<Uuid>().simple().to_string();
            let visitor = crate::client::Client::new(&app.url);
            for (method, path) in [
                (Method::GET, format!("/{word}")),
                (Method::GET, format!("/documents/{word}?{word}={word}")),
                (Method::POST, format!("/api/{word}/{word}")),
                (Method::from_bytes(format!("M{}", word.to_uppercase()).as_bytes()).unwrap(), format!("/{word}.png")),
            ] {
                let request = visitor.request(method, &path).header("x-request-id", &word).header("traceparent", &word);
                let request = request.header("host", format!("{word}.example")).header("user-agent", &word);
                request.send().await.unwrap();
            }
            if (round, number) == (0, 0) {
                // The first of each has made its series.
                counts.insert(http_series(&address).await);
            }
            made_up.push(word);
        }
        counts.insert(http_series(&address).await);
    }
    assert_eq!(counts.len(), 1, "{counts:?}");
    let text = told(&address).await.to_lowercase();
    assert_eq!(made_up.iter().find(|word| text.contains(word.as_str())), None);
    let figures = figures(&address).await;
    let unmatched = [("method", "GET"), ("route", "unmatched"), ("status", "4xx")];
    assert!(figures.of("sheaf_http_requests_total", &unmatched) >= f64::from(3 * TIMES));
    let odd = [("method", "other"), ("route", "unmatched"), ("status", "4xx")];
    assert!(figures.of("sheaf_http_requests_total", &odd) >= f64::from(3 * TIMES));
}

#[tokio::test]
async fn ten_thousand_made_up_addresses_methods_and_hosts_make_no_series() {
    let address = format!("127.0.0.1:{}", free_port());
    let app = TestApp::start_with(&[("SHEAF_METRICS_ADDRESS", &address)]).await;
    let host = app.url.strip_prefix("http://").unwrap().to_owned();
    // The first of each kind has made its series.
    assert_eq!(all_at_once(&host, 0..10).await, 10);
    let before = http_series(&address).await;
    let parts = [10..2_510, 2_510..5_010, 5_010..7_510, 7_510..10_010].map(|part| {
        let host = host.clone();
        tokio::spawn(async move { all_at_once(&host, part).await })
    });
    let mut answered = 0;
    for part in parts {
        answered += part.await.unwrap();
    }
    assert_eq!((answered, http_series(&address).await), (10_000, before));
    assert!(!told(&address).await.to_lowercase().contains("madeup"));
}

/// Requests on one connection, none of which waits for an answer, as ten thousand that do would take long. How many were
/// answered. Of ten, nine are refused before anything is rendered.
async fn all_at_once(host: &str, numbers: std::ops::Range<u32>) -> usize {
    let last = numbers.end - 1;
    let requests: String = numbers
        .map(|number| {
            let line = match number % 10 {
                0 => format!("GET /madeup{number}"),
                1..5 => format!("POST /api/madeup{number}/x"),
                5..8 => format!("MADEUP{number} /documents/madeup{number}"),
                _ => format!("DELETE /jobs/madeup{number}?madeup{number}=1"),
            };
            let end = if number == last { "connection: close\r\n" } else { "" };
            format!("{line} HTTP/1.1\r\nhost: madeup{number}.example\r\ncontent-length: 0\r\n{end}\r\n")
        })
        .collect();
    let (mut answers, mut asking) = tokio::net::TcpStream::connect(host).await.unwrap().into_split();
    let (mut text, asked) = (Vec::new(), requests.as_bytes());
    let (read, written) = tokio::join!(answers.read_to_end(&mut text), asking.write_all(asked));
    read.unwrap();
    written.unwrap();
    String::from_utf8_lossy(&text).matches("HTTP/1.1 ").count()
}

#[tokio::test]
async fn whoever_works_tells_whether_its_parts_answer_though_nobody_asks_whether_it_is_ready() {
    let (address, silent) = (format!("127.0.0.1:{}", free_port()), silent().await);
    let mut app = TestApp::prepare().await;
    let redis = format!("redis://{silent}");
    app.run("work", &[("SHEAF_METRICS_ADDRESS", &address), ("SHEAF_REDIS_URL", &redis)]).await;
    let answers = async || reqwest::get(format!("http://{address}/metrics")).await.ok();
    eventually("it tells figures", answers).await;
    let told = figures(&address).await;
    for (part, ready) in [("database", 1.0), ("migrations", 1.0), ("store", 1.0), ("redis", 0.0)] {
        assert_eq!(told.samples.get(&key("sheaf_part_ready", &[("part", part)])), Some(&ready), "{part}");
    }
}

/// How many series the requests have, but for those of whoever asks whether the program is ready, or tries the website.
async fn http_series(address: &str) -> usize {
    let figures = figures(address).await;
    let is_asked = |key: &&(String, Labels)| {
        key.0.starts_with("sheaf_http_")
            && key.1.get("route").is_none_or(|route| route != "/readyz" && route != "probe")
    };
    figures.samples.keys().filter(is_asked).count()
}

async fn told(address: &str) -> String {
    let answer = reqwest::get(format!("http://{address}/metrics")).await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (200, &"text/plain; version=0.0.4; charset=utf-8".parse().unwrap())
    );
    answer.text().await.unwrap()
}

/// What is told at this address.
pub async fn figures(address: &str) -> Figures {
    Figures::parse(&told(address).await)
}

/// What was told, each series once.
pub struct Figures {
    samples: BTreeMap<(String, Labels), f64>,
}

impl Figures {
    /// Fails where anything is not as <https://prometheus.io/docs/instrumenting/exposition_formats/> has it.
    fn parse(text: &str) -> Self {
        assert!(text.is_empty() || text.ends_with('\n'), "the last line ends");
        let (mut samples, mut types) = (BTreeMap::new(), BTreeMap::new());
        let (mut family, mut helped) = (String::new(), String::new());
        for line in text.lines().filter(|line| !line.is_empty()) {
            if let Some(help) = line.strip_prefix("# HELP ") {
                helped = help.split_once(' ').expect("a help says something").0.to_owned();
            } else if let Some(told) = line.strip_prefix("# TYPE ") {
                let (name, kind) = told.split_once(' ').expect("a type has a name");
                assert_eq!(name, helped, "each figure is explained");
                assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
                assert!(types.insert(name.to_owned(), kind.to_owned()).is_none(), "{name} comes twice");
                family = name.to_owned();
            } else {
                let ((name, labels), value) = sample(line);
                let is_histogram = types.get(&family).is_some_and(|kind| kind == "histogram");
                let part = name.strip_prefix(family.as_str()).unwrap_or_else(|| panic!("{line} is not of {family}"));
                let parts: &[&str] = if is_histogram { &["_bucket", "_sum", "_count"] } else { &[""] };
                assert!(parts.contains(&part), "{line} is not of {family}");
                assert_eq!(labels.contains_key("le"), part == "_bucket", "{line}");
                assert!(samples.insert((name, labels), value).is_none(), "{line} comes twice");
            }
        }
        let figures = Self { samples };
        types.iter().filter(|(_, kind)| *kind == "histogram").for_each(|(name, _)| figures.check_histogram(name));
        figures
    }

    /// The buckets grow up to the last, which has all.
    fn check_histogram(&self, name: &str) {
        let mut by_series: BTreeMap<Labels, Vec<(f64, f64)>> = BTreeMap::new();
        for ((part, labels), count) in &self.samples {
            let mut labels = labels.clone();
            if part == &format!("{name}_bucket") {
                let bound = labels.remove("le").unwrap().parse().unwrap();
                by_series.entry(labels).or_default().push((bound, *count));
            }
        }
        for (labels, mut buckets) in by_series {
            buckets.sort_by(|one, other| one.0.total_cmp(&other.0));
            assert!(buckets.is_sorted_by(|one, other| one.0 < other.0 && one.1 <= other.1), "{name} {buckets:?}");
            let (bound, all) = *buckets.last().unwrap();
            assert_eq!(
                (bound, Some(&all)),
                (f64::INFINITY, self.samples.get(&(format!("{name}_count"), labels.clone())))
            );
            assert!(self.samples.contains_key(&(format!("{name}_sum"), labels)), "{name}");
        }
    }

    /// Zero where it is not told.
    pub fn of(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.samples.get(&key(name, labels)).copied().unwrap_or_default()
    }
}

fn key(name: &str, labels: &[(&str, &str)]) -> (String, Labels) {
    (name.to_owned(), labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

/// `name{label="value",...} number`
fn sample(line: &str) -> ((String, Labels), f64) {
    let (series, value) = line.rsplit_once(' ').expect("a sample has a value");
    let value = value.parse().unwrap_or_else(|_| panic!("no number: {line}"));
    let (name, mut rest) = series.split_once('{').map_or((series, ""), |(name, rest)| (name, rest));
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    assert!(is_name(name), "{line}");
    let mut labels = Labels::new();
    while !rest.is_empty() && rest != "}" {
        let (label, after) = rest.split_once("=\"").unwrap_or_else(|| panic!("no label: {line}"));
        // Nothing of ours has a quote in it.
        let (value, after) = after.split_once('"').unwrap_or_else(|| panic!("no end of a label: {line}"));
        assert!(is_name(label) && !value.contains('\\'), "{line}");
        assert!(labels.insert(label.to_owned(), value.to_owned()).is_none(), "{line}");
        rest = after.strip_prefix(',').unwrap_or(after);
    }
    assert_eq!(rest == "}", series.contains('{'), "{line}");
    ((name.to_owned(), labels), value)
}
