//! What operators see of a running Sheaf beside its log: traces, slow requests, errors and product events, each told to a sink
//! that speaks the protocol.

use std::time::{Duration, Instant};

use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use sqlx::Connection;

use crate::{
    client::Client,
    http_sink::HttpSink,
    operators::Bob,
    test_app::{TestApp, eventually, free_port},
};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// All spans that a collector got, each as the protocol has it.
fn spans(sink: &HttpSink) -> Vec<Value> {
    let mut spans = Vec::new();
    for kept in sink.kept() {
        assert_eq!((kept.path.as_str(), kept.header("content-type")), ("/v1/traces", "application/json"));
        let told = kept.json();
        let [resource] = &told["resourceSpans"].as_array().unwrap()[..] else { panic!("{}", kept.body) };
        let name = json!({ "key": "service.name", "value": { "stringValue": "sheaf" } });
        assert!(resource["resource"]["attributes"].as_array().unwrap().contains(&name), "{resource}");
        for span in resource["scopeSpans"][0]["spans"].as_array().unwrap() {
            let digits = |field: &str| span[field].as_str().unwrap().len();
            assert_eq!((digits("traceId"), digits("spanId")), (32, 16), "{span}");
            assert!([0, 16].contains(&digits("parentSpanId")), "{span}");
            let nanos = |field: &str| span[field].as_str().unwrap().parse::<u64>().unwrap();
            assert!(nanos("startTimeUnixNano") <= nanos("endTimeUnixNano"), "{span}");
            spans.push(span.clone());
        }
    }
    spans
}

async fn uploads_with_a_trace(ada: &mut Client) {
    let form = Form::new().part("file", Part::bytes(b"a few words".to_vec()).file_name("notes.txt"));
    let request = ada
        .request(Method::POST, "/uploads")
        .header("accept", "application/json")
        .header("traceparent", format!("00-{TRACE}-{PARENT}-01"))
        .multipart(form);
    ada.send(request).await.expect_status(202).await;
}

#[tokio::test]
async fn a_trace_hangs_together_from_a_request_to_its_statements_and_its_job() {
    let sink = HttpSink::start().await;
    let url = format!("{}/v1/traces", sink.url);
    let settings =
        [("SHEAF_OTLP_URL", url.as_str()), ("SHEAF_OTLP_RATIO", "1"), ("SHEAF_OTLP_AUTHORIZATION", "Basic eyes")];
    let app = TestApp::start_with(&settings).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    uploads_with_a_trace(&mut ada).await;
    let of_trace = || spans(&sink).into_iter().filter(|span| span["traceId"] == TRACE).collect::<Vec<_>>();
    let job =
        eventually("the job is told", async || of_trace().into_iter().find(|span| span["name"] == "job read_document"));
    let job = job.await;
    let all = of_trace();
    let request = all.iter().find(|span| span["name"] == "POST /uploads").expect("the request is told");
    assert_eq!((&request["parentSpanId"], &request["kind"]), (&json!(PARENT), &json!(2)));
    assert_eq!((&job["parentSpanId"], &job["kind"]), (&request["spanId"], &json!(5)));
    for root in [request, &job] {
        let is_within = |span: &&Value| span["parentSpanId"] == root["spanId"];
        let statements = all.iter().filter(is_within).filter(|span| span["name"].as_str().unwrap().starts_with("sql "));
        assert!(statements.count() >= 2, "{root} of {all:?}");
    }
    let sign_up = spans(&sink).into_iter().find(|span| span["name"] == "POST /sign-up").expect("the sign-up is told");
    let waits = spans(&sink).into_iter().filter(|span| span["parentSpanId"] == sign_up["spanId"]);
    let names: Vec<String> = waits.map(|span| span["name"].as_str().unwrap().to_owned()).collect();
    assert!(names.iter().any(|name| name == "password hash"), "{names:?}");
    assert!(sink.kept().iter().all(|kept| kept.header("authorization") == "Basic eyes"));
    let text: String = sink.kept().into_iter().map(|kept| kept.body).collect();
    for private in ["ada@", "notes.txt", "a few words", "set_config('", "correct horse"] {
        assert!(!text.contains(private), "{private}");
    }
}

#[tokio::test]
async fn a_collector_that_is_away_costs_a_request_nothing_and_what_is_dropped_is_counted() {
    let address = format!("127.0.0.1:{}", free_port());
    let away = format!("http://127.0.0.1:{}/v1/traces", free_port());
    let settings =
        [("SHEAF_OTLP_URL", away.as_str()), ("SHEAF_OTLP_RATIO", "1"), ("SHEAF_METRICS_ADDRESS", address.as_str())];
    let (blind, seen) = (TestApp::start().await, TestApp::start_with(&settings).await);
    let (mut of_blind, mut of_seen) = (Vec::new(), Vec::new());
    // One after the other, so that whatever else the machine does falls on both.
    for _ in 0..60 {
        of_blind.push(takes(&blind).await);
        of_seen.push(takes(&seen).await);
    }
    let (without, with) = (median(of_blind), median(of_seen));
    assert!(
        with < without * 2 + Duration::from_millis(10),
        "{with:?} with a collector that is away, {without:?} without"
    );
    let dropped = async || {
        let told = reqwest::get(format!("http://{address}/metrics")).await.unwrap().text().await.unwrap();
        let line = told.lines().find(|line| line.starts_with("sheaf_telemetry_dropped_total{what=\"trace\"}"))?;
        (line.rsplit(' ').next()?.parse::<f64>().ok()? > 0.0).then_some(())
    };
    eventually("what was dropped is counted", dropped).await;
}

async fn takes(app: &TestApp) -> Duration {
    let mut visitor = Client::new(&app.url);
    let begun = Instant::now();
    visitor.get("/sign-in").await.expect_status(200).await;
    begun.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[tokio::test]
async fn an_operator_sees_what_a_slow_request_waited_for() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let mut bob = Bob::added(&app).signs_in(&app).await;
    let nothing = bob.get("/operator/slow").await.expect_status(200).await.text().await;
    assert!(nothing.contains("Nothing was slow") || nothing.contains("/operator/slow/"), "{nothing}");

    let mut superuser = app.superuser().await;
    let mut holding = superuser.begin().await.unwrap();
    sqlx::query("lock table document in access exclusive mode").execute(&mut *holding).await.unwrap();
    let slow = tokio::spawn(async move {
        ada.list().await;
        ada
    });
    tokio::time::sleep(Duration::from_millis(900)).await;
    holding.rollback().await.unwrap();
    let mut ada = slow.await.unwrap();

    let list = eventually("the slow request is kept", async || {
        let list = bob.clone().get("/operator/slow").await.expect_status(200).await.text().await;
        list.contains("/api/documents/list").then_some(list)
    });
    let list = list.await;
    assert!(list.contains("Acme"), "{list}");
    let row = list.split("<tr").find(|row| row.contains("/api/documents/list")).unwrap();
    let page = row.split('"').find(|part| part.starts_with("/operator/slow/")).unwrap().to_owned();
    let shown = bob.get(&page).await.expect_status(200).await.text().await;
    assert!(shown.contains("class=\"waterfall\"") && shown.contains("role=\"img\""), "{shown}");
    assert!(shown.matches("waterfall-bar").count() >= 3 && shown.contains("sql select"), "{shown}");
    assert!(!shown.contains("style=\""), "a policy forbids it");
    ada.get(&page).await.expect_status(404).await;
    ada.get("/operator/slow").await.expect_status(404).await;
    bob.get("/operator/slow/not-an-id").await.expect_status(404).await;
    bob.get("/operator/slow/01912345-0000-7000-8000-000000000000").await.expect_status(404).await;

    // It is forgotten after a week, and so is what is more than 2,000.
    sqlx::query("update slow_request set at = at - interval '8 days'").execute(&mut superuser).await.unwrap();
    let more = "insert into slow_request (id, at, method, route, status, took_ms, trace_id, spans)
                select gen_random_uuid(), now(), 'GET', '/', 200, 600, gen_random_uuid(), '[]'::jsonb from generate_series(1, 2005)";
    sqlx::query(more).execute(&mut superuser).await.unwrap();
    let forgotten: i64 =
        sqlx::query_scalar("select forget_slow_requests(now())").fetch_one(&mut superuser).await.unwrap();
    assert!(forgotten >= 6, "{forgotten}");
    let left: i64 = sqlx::query_scalar("select count(*) from slow_request").fetch_one(&mut superuser).await.unwrap();
    // Whatever was slow meanwhile is there as well.
    assert!((2_000..2_010).contains(&left), "{left}");
    let first = bob.get("/operator/slow").await.expect_status(200).await.text().await;
    let older = first.split('"').find(|part| part.starts_with("/operator/slow?after=")).unwrap().to_owned();
    let second = bob.get(&older).await.expect_status(200).await.text().await;
    assert!(second.contains("Newest"), "{second}");
}

#[tokio::test]
async fn sentry_is_told_of_an_error_with_its_trace_and_of_nobody() {
    let sink = HttpSink::start().await;
    let dsn = format!("{}/7", sink.url.replace("http://", "http://abc123@"));
    let app = TestApp::start_with(&[("SHEAF_SENTRY_DSN", dsn.as_str()), ("SHEAF_ENVIRONMENT", "test")]).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    sqlx::query("alter table report rename to report_gone").execute(&mut app.superuser().await).await.unwrap();
    let request = ada
        .request(Method::POST, "/api/reports/list")
        .header("content-type", "application/json")
        .header("traceparent", format!("00-{TRACE}-{PARENT}-01"))
        .body("{\"quagga\":\"okapi\"}");
    ada.send(request).await.expect_status(500).await;
    let told = eventually("the error is told", async || sink.kept().into_iter().find(|kept| kept.body.contains(TRACE)));
    let told = told.await;
    assert_eq!(
        (told.path.as_str(), told.header("content-type")),
        ("/api/7/envelope/", "application/x-sentry-envelope")
    );
    assert!(told.header("x-sentry-auth").starts_with("Sentry sentry_version=7, "), "{told:?}");
    assert!(told.header("x-sentry-auth").contains("sentry_key=abc123"), "{told:?}");
    let lines: Vec<Value> = told.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [header, item, event] = &lines[..] else { panic!("{}", told.body) };
    assert_eq!((&item["type"], &header["event_id"]), (&json!("event"), &event["event_id"]));
    assert_eq!(item["length"], told.body.lines().last().unwrap().len());
    for (field, value) in [("level", "error"), ("environment", "test"), ("release", "sheaf@0.1.0")] {
        assert_eq!(event[field], value, "{event}");
    }
    assert_eq!(event["contexts"]["trace"]["trace_id"], TRACE);
    assert_eq!(event["extra"]["http.route"], "/api/reports/list");
    let all: String = sink.kept().into_iter().map(|kept| kept.body).collect();
    for private in ["ada@", "127.0.0.1", "quagga", "okapi", "cookie", "__Host"] {
        assert!(!all.contains(private), "{private}: {all}");
    }
    assert!(ada.cookies.values().all(|cookie| cookie.len() < 8 || !all.contains(cookie.as_str())));
}

#[tokio::test]
async fn product_events_are_told_by_jobs_under_names_that_lead_back_to_nobody() {
    let sink = HttpSink::start().await;
    let app = TestApp::start_with(&[("SHEAF_POSTHOG_URL", sink.url.as_str()), ("SHEAF_POSTHOG_KEY", "phc_test")]).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    ada.reads("notes.txt", "a few words").await;
    let events = || {
        let batches = sink.kept().into_iter().inspect(|kept| {
            assert_eq!((kept.path.as_str(), &kept.json()["api_key"]), ("/batch/", &json!("phc_test")));
        });
        batches.flat_map(|kept| kept.json()["batch"].as_array().unwrap().clone()).collect::<Vec<_>>()
    };
    let named = |name: &str| events().into_iter().find(|event| event["event"] == name);
    let signed_up = eventually("a sign-up is told", async || named("signed up")).await;
    let uploaded = eventually("an upload is told", async || named("document uploaded")).await;
    assert_eq!(uploaded["properties"]["format"], "text");
    assert_eq!(uploaded["distinct_id"], signed_up["distinct_id"]);
    assert_eq!(signed_up["properties"]["$process_person_profile"], false);
    let subject = signed_up["distinct_id"].as_str().unwrap();
    let tenant: String =
        sqlx::query_scalar("select tenant_id::text from tenant").fetch_one(&mut app.superuser().await).await.unwrap();
    assert!(subject.len() == 32 && subject != tenant.replace('-', ""), "{subject}");
    let text: String = sink.kept().into_iter().map(|kept| kept.body).collect();
    // As they are written: in small letters "ada" stands in one id of a few hundred.
    for private in ["Ada", "ada@", "Acme", "acme", "notes.txt", "a few words", tenant.as_str()] {
        assert!(!text.contains(private), "{private}: {text}");
    }

    // Where the project's key is refused, it is a dead letter as any other.
    sink.answer(401);
    ada.uploads("more.txt", "more words").await;
    let dead = "select count(*) from job where kind = 'tell_event' and state = 'dead'";
    let is_dead = async || {
        let dead: i64 = sqlx::query_scalar(dead).fetch_one(&mut app.superuser().await).await.unwrap();
        (dead == 1).then_some(())
    };
    eventually("what is refused is a dead letter", is_dead).await;
}

#[tokio::test]
async fn nothing_is_told_unless_somebody_asked_for_it() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    ada.reads("notes.txt", "a few words").await;
    let told: i64 = sqlx::query_scalar("select count(*) from job where kind = 'tell_event'")
        .fetch_one(&mut app.superuser().await)
        .await
        .unwrap();
    assert_eq!(told, 0);
    let kept: i64 = sqlx::query_scalar("select count(*) from job where span_id is not null and trace_id is not null")
        .fetch_one(&mut app.superuser().await)
        .await
        .unwrap();
    assert!(kept >= 2, "a job knows by what it was caused, whoever is told");
}
