//! How Sheaf does: what operators are shown is what was done, and `/readyz` names the part that is away.

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::net::TcpListener;

use crate::{
    client::Client,
    operators::Bob,
    store::settings,
    test_app::{TestApp, eventually, free_port},
};

#[tokio::test]
async fn the_page_of_operators_adds_up_to_the_requests_that_were_made() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    ada.reads("notes.txt", "a few words").await;
    let mut bob = Bob::added(&app).signs_in(&app).await;
    let before = totals(&page(&mut bob, "hour").await);
    for _ in 0..7 {
        ada.get("/documents").await.expect_status(200).await;
    }
    ada.get("/nowhere").await.expect_status(404).await;
    let shown = page(&mut bob, "hour").await;
    let after = totals(&shown);
    // Each of the two pages is counted when it was answered, so the first of them alone.
    assert_eq!(in_all(&after) - in_all(&before), 7 + 1 + 1);
    let (all, buckets) = after.split_last().unwrap();
    assert_eq!(buckets.len(), 13);
    assert_eq!(buckets.iter().sum::<u64>(), *all, "each request is in one bucket");
    for words in [
        "By class of route",
        "unmatched",
        "pages",
        "read_document",
        "sessions",
        "documents.total",
        "Acme",
        "sheaf_app",
        "heat-map-5",
    ] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    assert!(shown.contains("CREATE EXTENSION pg_stat_statements") || shown.contains("Slowest queries"), "{shown}");

    for period in ["day", "fortnight", "always"] {
        assert!(in_all(&totals(&page(&mut bob, period).await)) > in_all(&after), "{period}");
    }
    let still = bob.get("/operator/health").await.expect_status(200).await;
    assert_eq!(still.header("refresh"), "");
    // It loads itself again so often and no more, so that the session of whoever has gone away ends.
    for (asked, next) in [("40", "39"), ("255", "39"), ("1", "0")] {
        let live = bob.get(&format!("/operator/health?period=hour&live={asked}")).await.expect_status(200).await;
        assert_eq!(live.header("refresh"), format!("30; url=/operator/health?period=hour&live={next}"));
    }
    for over in ["0", "-1", "on"] {
        let stopped = bob.get(&format!("/operator/health?period=hour&live={over}")).await.expect_status(200).await;
        assert_eq!(stopped.header("refresh"), "");
        let shown = stopped.text().await;
        assert!(shown.contains("/operator/health?period=hour&amp;live=40"), "the way to go on: {shown}");
        assert_eq!(shown.contains("and has stopped"), over == "0", "{shown}");
    }
    ada.get("/operator/health").await.expect_status(404).await;
    Client::new(&app.url).get("/operator/health").await.expect_status(404).await;
}

#[tokio::test]
async fn what_was_counted_outlives_its_process() {
    let app = TestApp::prepare().await;
    let (mut process, url) = begin(&app, &[]);
    eventually("it answers", async || reqwest::get(format!("{url}/readyz")).await.ok()).await;
    let mut visitor = Client::new(&url);
    for _ in 0..5 {
        visitor.get("/pricing").await.expect_status(200).await;
    }
    end(&mut process);
    let kept = "select coalesce(sum(number), 0)::bigint from health_figure where part = 'requests' and name = 'pages'";
    let kept: i64 = sqlx::query_scalar(kept).fetch_one(&mut app.superuser().await).await.unwrap();
    assert_eq!(kept, 5);
}

#[tokio::test]
async fn a_part_that_stands_still_is_away_by_its_name_and_holds_up_no_other() {
    // They take connections and never answer.
    let (redis, mail, store) = (silent().await, silent().await, silent().await);
    let (redis, mail) = (format!("redis://{redis}"), format!("smtp://{mail}"));
    let mut app = TestApp::prepare().await;
    let weak: &[(&str, &str)] = &[("SHEAF_REDIS_URL", &redis), ("SHEAF_SMTP_URL", &mail)];
    let weakened = app.run("serve", weak).await;
    let begun = Instant::now();
    let (status, told) = ready(&weakened).await;
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert_eq!(
        (status, &told["database"], &told["store"], &told["cache"]),
        (200, &true.into(), &true.into(), &false.into())
    );
    for (part, state, needed) in [
        ("database", "ok", true),
        ("migrations", "ok", true),
        ("store", "ok", true),
        ("redis", "away", false),
        ("mail", "away", false),
    ] {
        assert_eq!(
            (&told["parts"][part]["state"], &told["parts"][part]["needed"]),
            (&state.into(), &needed.into()),
            "{told}"
        );
    }
    assert!(told["parts"]["redis"]["ms"].as_u64().is_some_and(|ms| ms < 1_500), "{told}");
    eventually("changes are heard of", async || {
        (ready(&weakened).await.1["parts"]["listener"]["state"] == "ok").then_some(())
    })
    .await;

    let store = format!("http://{store}");
    let (mut process, url) = begin(&app, &settings(&store));
    eventually("it answers", async || reqwest::get(format!("{url}/livez")).await.ok()).await;
    let (status, told) = ready(&url).await;
    assert_eq!(
        (status, &told["parts"]["store"]["state"], &told["parts"]["database"]["state"]),
        (503, &"away".into(), &"ok".into())
    );
    assert!(told["parts"]["store"]["ms"].as_u64().is_some_and(|ms| ms >= 1_900), "{told}");
    end(&mut process);
}

/// A server that nobody waits for.
fn begin(app: &TestApp, settings: &[(&str, &str)]) -> (Child, String) {
    let port = free_port();
    let mut command = app.command("serve");
    command.env("SHEAF_ADDRESS", format!("127.0.0.1:{port}")).envs(settings.iter().copied()).stdout(Stdio::null());
    (command.spawn().unwrap(), format!("http://127.0.0.1:{port}"))
}

/// As whoever runs it does.
fn end(process: &mut Child) {
    let asked = Command::new("kill").args(["-TERM", &process.id().to_string()]).status().unwrap();
    assert!(asked.success());
    assert!(process.wait().unwrap().success());
}

async fn ready(url: &str) -> (u16, Value) {
    let answer = reqwest::get(format!("{url}/readyz")).await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// Takes connections and never answers.
pub async fn silent() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    });
    address
}

async fn page(bob: &mut Client, period: &str) -> String {
    bob.get(&format!("/operator/health?period={period}")).await.expect_status(200).await.text().await
}

/// The last row of the table beside the heat map: a figure for each bucket, and that of all.
fn totals(page: &str) -> Vec<u64> {
    let table = page.split("Requests by time and by how long they took\"").nth(1).expect("a table");
    let row = table.split("<tfoot>").nth(1).and_then(|rest| rest.split("</tfoot>").next()).expect("a last row");
    let figure = |cell: &str| {
        let digits: String = cell.split('<').next().unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
        digits.parse().unwrap_or_else(|_| panic!("no figure: {cell}"))
    };
    row.split("<td class=\"numeric\">").skip(1).map(figure).collect()
}

fn in_all(totals: &[u64]) -> u64 {
    *totals.last().expect("a sum")
}
