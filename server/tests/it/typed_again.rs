//! Forms as browsers without scripts send them: what is wrong is told beside what was typed, and nobody else is told either.

use domain::roles::Role;
use reqwest::{
    Method,
    multipart::{Form, Part},
};

use crate::{client::Client, operators::Bob, test_app::TestApp};

const SETTINGS: &str = "/settings/workspace";
const CHANGE: &str = "/api/tenants/change_settings";

/// The page, where it posts and what, the field that is wrong, and what else stands there.
type Case<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a str, &'a [&'a str]);

#[tokio::test]
async fn what_was_typed_comes_back_with_what_is_wrong() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let long = "Rent & more ".repeat(20);
    let about = "/reports/new?q=rent";
    let cases: [Case; 6] = [
        (
            SETTINGS,
            CHANGE,
            &settings("Acme & <Sons>", "a b c"),
            "slug",
            &[
                "value=\"Acme &amp; &lt;Sons&gt;\"",
                "value=\"a b c\"",
                "value=\"Europe/Berlin\" selected",
                "value=\"deu\" selected",
                "value=\"7\"",
            ],
        ),
        (
            SETTINGS,
            "/api/tenants/ask_deletion",
            &[("confirmation", "Globex <b>")],
            "confirmation",
            &["value=\"Globex &lt;b&gt;\"", "not the name"],
        ),
        (
            about,
            "/api/reports/ask",
            &[("title", ""), ("q", "rent <or>")],
            "title",
            &["value=\"rent &lt;or&gt;\"", "Give the report a title."],
        ),
        (about, "/api/reports/ask", &[("title", long.as_str()), ("q", "rent")], "title", &["value=\"Rent &amp; more"]),
        (about, "/api/reports/ask", &[("title", "Rent"), ("q", "")], "q", &["value=\"Rent\""]),
        (about, "/api/reports/ask", &[("title", "Rent"), ("q", "elephant")], "q", &["finds nothing"]),
    ];
    for (page, path, fields, wrong, shown) in cases {
        let (back, answer) = ada.is_led_back(page, path, fields).await;
        let wrong = format!("id=\"field-{wrong}-error\"");
        for words in shown.iter().copied().chain([wrong.as_str()]) {
            assert!(answer.contains(words), "{path}: {words} in {answer}");
        }
        assert!(!answer.contains("<Sons>") && !answer.contains("<or>"), "{path}: {answer}");
        // Wrong again, from the page that it came back to: that attempt is forgotten.
        let (again, answer) = ada.is_led_back(&back, path, fields).await;
        assert!(answer.contains(&wrong), "{path}: {answer}");
        assert_eq!((again.matches("__typed=").count(), again.matches("__err=").count()), (1, 1), "{again}");
    }
    let unchanged = ada.get(SETTINGS).await.text().await;
    assert!(unchanged.contains("value=\"Acme\"") && !unchanged.contains("field-slug-error"), "{unchanged}");
}

#[tokio::test]
async fn a_choice_of_readers_comes_back() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    app.joins("Bob", "Acme", Role::Member).await;
    let document = ada.uploads("plan.txt", "the plan").await;
    let bob: String = sqlx::query_scalar("select id::text from account where name = 'Bob'")
        .fetch_one(&mut app.superuser().await)
        .await
        .unwrap();
    let page = format!("/documents/{document}/facts");
    let before = ada.get(&page).await.expect_status(200).await.text().await;
    let (private, chosen) = ("value=\"private\" selected", format!("value=\"{bob}\" checked"));
    assert!(!before.contains(private) && !before.contains(&chosen), "{before}");
    let nobody = "01912345-0000-7000-8000-000000000000";
    let fields = [
        ("document", document.as_str()),
        ("visibility", "private"),
        ("readers[0]", bob.as_str()),
        ("readers[1]", nobody),
    ];
    let (_, shown) = ada.is_led_back(&page, "/api/documents/share", &fields).await;
    assert!(shown.contains("role=\"alert\"") && shown.contains(private) && shown.contains(&chosen), "{shown}");
}

#[tokio::test]
async fn an_act_that_is_refused_says_why() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let (_, shown) = ada.is_led_back("/documents", "/api/documents/trash", &[]).await;
    assert!(shown.contains("Choose at least one document."), "{shown}");

    let file = Form::new().text("visibility", "private").part("file", Part::text("").file_name("empty.txt"));
    let request = ada.request(Method::POST, "/uploads").header("accept", "text/html").multipart(file);
    let refused = ada.send(request).await.expect_status(303).await;
    let shown = ada.get(refused.header("location")).await.expect_status(200).await.text().await;
    assert!(
        shown.contains("empty.txt") && shown.contains("role=\"alert\"") && shown.contains("value=\"private\" selected"),
        "{shown}"
    );

    let part = "--x\r\nContent-Disposition: form-data; name=\"logo\"\r\n\r\nhalf a picture";
    let request =
        ada.request(Method::POST, "/workspace/logo").header("content-type", "multipart/form-data; boundary=x");
    let broken = ada.send(request.body(part)).await.expect_status(303).await;
    assert_eq!(broken.header("location"), "/settings/workspace?fault=broken-off");
}

#[tokio::test]
async fn nobody_else_sees_what_was_typed_and_nobody_can_make_it_up() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let mut eve = app.sign_up("Eve", "Globex").await;
    let mut bob = app.joins("Bob", "Acme", Role::Admin).await;
    let (back, shown) = ada.is_led_back(SETTINGS, CHANGE, &settings("A secret plan", "a b c")).await;
    assert!(shown.contains("value=\"A secret plan\"") && !back.contains("secret"), "{back}");

    let mut elsewhere = Client::new(&app.url);
    let fields = [("email", "ada@acme.example"), ("password", "correct horse battery")];
    elsewhere.post_form("/sign-in", &fields).await.expect_status(303).await;
    for other in [&mut eve, &mut bob, &mut elsewhere] {
        let led = other.get(&back).await.expect_status(303).await;
        assert_eq!(led.header("location"), SETTINGS, "to the page as it is");
    }
    let visitor = Client::new(&app.url).get(&back).await.expect_status(303).await;
    assert!(visitor.header("location").starts_with("/sign-in?next="));

    let (before, sealed) = back.split_once("__typed=").unwrap();
    let other = if sealed.starts_with('A') { "B" } else { "A" };
    let (eves, _) = eve.is_led_back(SETTINGS, CHANGE, &settings("Of Globex", "a b c")).await;
    let (_, eves) = eves.split_once("__typed=").unwrap();
    for forged in [
        before.trim_end_matches('&').to_owned(),
        format!("{before}__typed={other}{}", &sealed[1..]),
        format!("{before}__typed={eves}"),
        format!("{before}__typed="),
    ] {
        let led = ada.get(&forged).await.expect_status(303).await;
        assert_eq!(led.header("location"), SETTINGS, "{forged}");
    }
    // The rest of an address is left as it is.
    let led = ada.get("/search?q=a%26b&__err=e30&__path=%2Fapi%2Fx").await.expect_status(303).await;
    assert_eq!(led.header("location"), "/search?q=a%26b");
}

#[tokio::test]
async fn a_password_goes_nowhere() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let fields = [("old_password", "not-hers-4711"), ("new_password", "short-hers-4711")];
    let (back, shown) = ada.is_led_back("/settings/account", "/api/accounts/change_password", &fields).await;
    assert!(shown.contains("-error\"") && !shown.contains("hers-4711") && !back.contains("hers-4711"), "{shown}");
}

#[tokio::test]
async fn visitors_find_what_they_typed() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    ada.post_form("/api/members/invite", &[("email", "bob@acme.example"), ("role", "member")]).await;
    let token = app.token_mailed_to("bob@acme.example").await;
    let mut visitor = Client::new(&app.url);
    for (path, fields, shown) in [
        ("/sign-in", vec![("email", "ada@<acme"), ("password", "of-hers-4711")], "value=\"ada@&lt;acme\""),
        ("/forgot-password", vec![("email", "ada <b>")], "value=\"ada &lt;b&gt;\""),
        (
            "/invite",
            vec![("token", token.as_str()), ("name", "Bob <b>"), ("password", "hers-4711")],
            "value=\"Bob &lt;b&gt;\"",
        ),
    ] {
        let answer = visitor.post_plain(path, path, &fields).await;
        assert!((400..500).contains(&answer.status()), "{path}: {}", answer.status());
        let page = answer.text().await;
        assert!(page.contains(shown) && page.contains("role=\"alert\""), "{path}: {page}");
        assert!(!page.contains("hers-4711"), "{path}: {page}");
    }
    let long = format!("<b>{}", "x".repeat(500));
    let answer =
        ada.post_plain("/workspaces", "/workspaces", &[("name", long.as_str())]).await.expect_status(422).await;
    assert!(answer.text().await.contains("value=\"&lt;b&gt;xxx"));
}

#[tokio::test]
async fn operators_find_what_they_typed() {
    let app = TestApp::start().await;
    // There is a lane of what was ever asked for.
    app.sign_up("Ada", "Acme").await.uploads("notes.txt", "the notes").await;
    let acme: String = sqlx::query_scalar("select tenant_id::text from tenant where name = 'Acme'")
        .fetch_one(&mut app.superuser().await)
        .await
        .unwrap();
    let mut bob = Bob::added(&app).signs_in(&app).await;
    let page = format!("/operator/tenants/{acme}");
    let (suspend, enter) = (format!("{page}/suspend"), format!("{page}/enter"));
    for (path, fields, shown) in [
        (enter.as_str(), vec![("visit_reason", "too <s>")], ["value=\"too &lt;s&gt;\"", "field-visit_reason-error"]),
        (
            suspend.as_str(),
            vec![("suspend_reason", "too <s>"), ("confirm", "on")],
            ["value=\"too &lt;s&gt;\"", "value=\"on\" checked"],
        ),
        (
            suspend.as_str(),
            vec![("suspend_reason", "A <long> reason.")],
            ["value=\"A &lt;long&gt; reason.\"", "field-confirm-error"],
        ),
        (
            "/operator/queues/pause",
            vec![("kind", "read_document"), ("pause_reason", "A <long> reason.")],
            ["value=\"A &lt;long&gt; reason.\"", "value=\"read_document\""],
        ),
        (
            "/operator/queues/lane",
            vec![
                ("tenant", acme.as_str()),
                ("kind", "read_document"),
                ("weight", "<heavy>"),
                ("max_running", "3"),
                ("max_waiting", "517"),
            ],
            ["value=\"&lt;heavy&gt;\"", "value=\"517\""],
        ),
    ] {
        let answer = bob.post_plain(&page, path, &fields).await.expect_status(422).await.text().await;
        for words in shown {
            assert!(answer.contains(words), "{path}: {words} in {answer}");
        }
    }
}

/// The form of a workspace's settings.
fn settings<'a>(name: &'a str, slug: &'a str) -> [(&'a str, &'a str); 6] {
    [
        ("name", name),
        ("slug", slug),
        ("time_zone", "Europe/Berlin"),
        ("language", "en"),
        ("document_language", "deu"),
        ("trash_days", "7"),
    ]
}
