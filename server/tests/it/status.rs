//! The status page, incidents and switches, as visitors, operators and members see them.

use std::time::{Duration, Instant};

use domain::status::PROBED_PAGE;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::{
    client::Client,
    operators::Bob,
    test_app::{TestApp, eventually},
};

#[tokio::test]
async fn everybody_reads_how_sheaf_is_and_what_operators_say() {
    let app = TestApp::start().await;
    let mut visitor = Client::new(&app.url);
    let page = visitor.get("/status").await.expect_status(200).await;
    assert_eq!(page.header("cache-control"), "public, max-age=30");
    let page = page.text().await;
    for words in ["Status", "Reading of documents", "None in the last 90 days.", "role=\"img\""] {
        assert!(page.contains(words), "{words} in {page}");
    }
    // Behind the end of each page Leptos puts scripts of its own, which nothing here asks for.
    let shown = page.split("</html>").next().unwrap();
    assert!(!shown.contains("<script"), "it is plain");

    let mut bob = Bob::added(&app).signs_in(&app).await;
    bob.get("/operator/incidents").await.expect_status(200).await;
    let fields = [
        ("title", "Mail & <b>reports</b> are late"),
        ("severity", "major"),
        ("component_mail", "on"),
        ("state", "investigating"),
        ("text", "We look into <it> & will tell more."),
    ];
    let wrong = bob.post_form("/operator/incidents", &fields).await.expect_status(422).await.text().await;
    assert!(wrong.contains("Confirm that everybody is to read this."), "{wrong}");
    let no_part = [("title", "Mail is late"), ("severity", "major"), ("state", "investigating"), ("confirm", "on")];
    let no_part = [&no_part[..], &[("text", "We look into it.")]].concat();
    let no_part = bob.post_form("/operator/incidents", &no_part).await.expect_status(422).await.text().await;
    assert!(no_part.contains("aria-describedby=\"field-components-error\""), "{no_part}");
    assert!(wrong.contains("will tell more."), "what was typed is kept");
    let confirmed = [&fields[..], &[("confirm", "on")]].concat();
    let opened = bob.post_form("/operator/incidents", &confirmed).await.expect_status(303).await;
    let incident = opened.header("location").to_owned();
    bob.get(&incident).await.expect_status(200).await;
    let id = incident.split_once("id=").unwrap().1;
    let more = [("incident", id), ("state", "resolved"), ("text", "All mail is out now."), ("confirm", "on")];
    bob.post_form("/operator/incidents/incident", &more).await.expect_status(303).await;
    bob.get("/operator/incidents/incident?id=nothing").await.expect_status(404).await;
    let list = bob.get("/operator/incidents").await.expect_status(200).await.text().await;
    let told = list.split("<time").nth(1).and_then(|time| time.split(['>', '<']).nth(1)).unwrap_or_default();
    assert!(told.ends_with(" UTC") && told.matches(':').count() == 2, "{told}: an operator needs the second");

    eventually("it is public", async || {
        let page = visitor.get("/status").await.expect_status(200).await.text().await;
        page.contains("All mail is out now.").then_some(())
    })
    .await;
    let feed = visitor.get("/status.atom").await.expect_status(200).await;
    assert_eq!(feed.header("content-type"), "application/atom+xml; charset=utf-8");
    let feed = feed.text().await;
    assert_eq!(feed.matches("<entry>").count(), 2, "{feed}");
    let titles: Vec<_> =
        texts(&feed).into_iter().filter_map(|(path, text)| (path == "feed/entry/title").then_some(text)).collect();
    let title = "Mail & <b>reports</b> are late";
    assert_eq!(titles, [format!("Resolved: {title}"), format!("Investigating: {title}")]);
    let told: serde_json::Value = visitor.get("/status.json").await.expect_status(200).await.json().await;
    assert_eq!(told["incidents"][0]["updates"][0]["state"], "resolved");
    assert_eq!(told["is_away"], false);
}

#[tokio::test]
async fn the_status_page_answers_while_the_database_is_away() {
    let app = TestApp::start().await;
    let mut visitor = Client::new(&app.url);
    visitor.get("/status").await.expect_status(200).await;
    set_away(&app, true).await;
    let probed = visitor.get(PROBED_PAGE).await.status();
    assert!(probed >= 500, "{probed}");
    let page = eventually("it says so", async || {
        let page = visitor.get("/status").await.expect_status(200).await.text().await;
        (page.contains("The database does not answer") && page.contains("This is what was known before"))
            .then_some(page)
    })
    .await;
    assert!(page.contains("is not known now") && !page.contains("None in the last 90 days."), "{page}");
    let told: serde_json::Value = visitor.get("/status.json").await.expect_status(200).await.json().await;
    assert_eq!((&told["is_away"], &told["incidents_are_known"]), (&true.into(), &false.into()));
    assert_ne!(told["summary"], "All parts of Sheaf work.", "nobody knows");
    for part in told["components"].as_array().unwrap() {
        let is_down = part["component"] == "website" || part["component"] == "database";
        assert_eq!(part["health"], if is_down { "down" } else { "unknown" }, "{told}");
    }
    let feed = visitor.get("/status.atom").await.expect_status(200).await.text().await;
    assert!(
        texts(&feed).iter().any(|(path, text)| path == "feed/subtitle" && text.contains("not known now")),
        "{feed}"
    );
}

#[tokio::test]
async fn a_time_without_the_database_is_down_in_the_history_afterwards() {
    let app = TestApp::start_logging(&[]).await;
    let mut visitor = Client::new(&app.url);
    let page = visitor.get(PROBED_PAGE).await.expect_status(200).await.text().await;
    assert!(page.contains("This link is not good"), "it was looked for: {page}");
    set_away(&app, true).await;
    eventually("a minute begins, and what is found is kept", async || {
        app.logged().contains("how the parts are is kept").then_some(())
    })
    .await;
    set_away(&app, false).await;
    let told = eventually("it is written down", async || {
        let told: serde_json::Value = visitor.get("/status.json").await.expect_status(200).await.json().await;
        (minutes_down(&told, "database") > 0).then_some(told)
    })
    .await;
    assert!(minutes_down(&told, "website") > 0, "no page was shown: {told}");
    assert_eq!(minutes_down(&told, "files"), 0, "the store was there: {told}");
}

/// In all days that are shown.
fn minutes_down(told: &serde_json::Value, component: &str) -> i64 {
    let parts = told["components"].as_array().unwrap();
    let part = parts.iter().find(|part| part["component"] == component).unwrap();
    part["days"].as_array().unwrap().iter().map(|day| day["down"].as_i64().unwrap()).sum()
}

/// Takes the database away from everybody, or gives it back.
async fn set_away(app: &TestApp, is_away: bool) {
    let database = app.admin.get_database().unwrap().to_owned();
    let mut superuser = PgConnection::connect_with(&app.admin.clone().database("postgres")).await.unwrap();
    let open = !is_away;
    let set = format!("alter database \"{database}\" allow_connections {open}");
    superuser.execute(AssertSqlSafe(set)).await.unwrap();
    if is_away {
        let end = "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1";
        sqlx::query(end).bind(&database).execute(&mut superuser).await.unwrap();
    }
}

#[tokio::test]
async fn uploads_that_are_switched_off_are_paused_on_every_server() {
    let mut app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    ada.upload("a.txt", "a").await.expect_status(202).await;
    let mut bob = Bob::added(&app).signs_in(&app).await;
    let other = app.run("serve", &[]).await;
    let page = bob.get("/operator/switches").await.expect_status(200).await.text().await;
    assert!(page.contains("read_again") && page.contains("Nothing was switched yet"), "{page}");
    let fields = [("key", "uploads"), ("state", "off"), ("switch_reason", "The store is full.")];
    bob.post_form("/operator/switches/switch", &fields).await.expect_status(422).await;
    let nowhere = [("key", "uploads"), ("q", "acm"), ("tenant", "nobody"), ("place", "allow")];
    let wrong = bob.post_form("/operator/switches/switch", &nowhere).await.expect_status(404).await.text().await;
    assert_eq!(wrong.matches("There is nothing here, or it is not yours to see.").count(), 1, "{wrong}");
    assert!(wrong.contains("Acme"), "what was searched for is still there: {wrong}");
    let confirmed = [&fields[..], &[("confirm", "on")]].concat();
    bob.post_form("/operator/switches/switch", &confirmed).await.expect_status(303).await;

    let refused = ada.upload("b.txt", "b").await.expect_status(503).await.text().await;
    assert!(refused.contains("Uploads are paused"), "{refused}");
    let page = ada.get("/documents").await.expect_status(200).await.text().await;
    assert!(page.contains("Uploads are paused"), "{page}");
    let mut elsewhere = Client::new(&other);
    elsewhere.cookies = ada.cookies.clone();
    let switched = Instant::now();
    eventually("the other server obeys", async || (elsewhere.upload("b.txt", "b").await.status() == 503).then_some(()))
        .await;
    assert!(switched.elapsed() < Duration::from_secs(2), "{:?}", switched.elapsed());

    let found = bob.get("/operator/switches/switch?key=uploads&q=acm").await.expect_status(200).await.text().await;
    assert!(found.contains("Acme") && found.contains("Switch on"), "{found}");
    let acme: String = sqlx::query_scalar("select tenant_id::text from tenant where name = 'Acme'")
        .fetch_one(&mut app.superuser().await)
        .await
        .unwrap();
    let allow = [("key", "uploads"), ("q", "a&c"), ("tenant", acme.as_str()), ("place", "allow")];
    let placed = bob.post_form("/operator/switches/switch", &allow).await.expect_status(303).await;
    assert_eq!(placed.header("location"), "/operator/switches/switch?key=uploads&q=a%26c", "the search goes on");
    eventually("Acme may again", async || (ada.upload("b.txt", "b").await.status() == 202).then_some(())).await;
    assert!(!ada.get("/documents").await.text().await.contains("Uploads are paused"));
    let changes = bob.get("/operator/switches").await.expect_status(200).await.text().await;
    assert!(changes.contains("uploads: on for Acme") && changes.contains("The store is full."), "{changes}");

    for path in ["/operator/switches", "/operator/switches/switch?key=uploads", "/operator/incidents"] {
        ada.get(path).await.expect_status(404).await;
        Client::new(&app.url).get(path).await.expect_status(404).await;
    }
    ada.post_form("/operator/switches/switch", &confirmed).await.expect_status(404).await;
}

/// The texts of an XML document, each with the path of its element. Panics where it is not well-formed: an element that is not
/// closed in its place, or a character that no text may hold.
fn texts(xml: &str) -> Vec<(String, String)> {
    let (mut open, mut texts) = (Vec::new(), Vec::new());
    let body = xml.strip_prefix("<?xml version=\"1.0\" encoding=\"utf-8\"?>").unwrap().trim();
    for part in body.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap_or_else(|| panic!("a tag without an end: {part}"));
        let name = tag.trim_matches('/').split_whitespace().next().unwrap();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "{part}");
        } else if !tag.ends_with('/') {
            open.push(name);
        }
        if !text.trim().is_empty() {
            texts.push((open.join("/"), unescaped(text)));
        }
    }
    assert!(open.is_empty(), "{open:?}");
    texts
}

fn unescaped(text: &str) -> String {
    let known = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'")];
    let without_entities = known.iter().fold(text.replace("&amp;", ""), |text, (entity, _)| text.replace(entity, ""));
    assert!(!without_entities.contains(['&', '>']), "{text}");
    assert!(text.chars().all(|character| character == '\n' || !character.is_control()), "{text:?}");
    known
        .iter()
        .fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
        .replace("&amp;", "&")
}
