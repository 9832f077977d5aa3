//! People who come, change and go, as browsers and three servers see it.

use std::time::{Duration, Instant};

use domain::{id::AccountId, members::People, roles::Role};
use serde_json::json;

use crate::{
    client::Client,
    test_app::{TestApp, eventually},
};

/// What is promised, and a request's time on two busy cores.
const EVERYWHERE_WITHIN: Duration = Duration::from_millis(2_500);

const PASSWORD: &str = "correct horse battery";

#[tokio::test]
async fn a_role_and_a_removal_are_obeyed_by_three_servers_within_two_seconds() {
    let mut app = TestApp::prepare().await;
    // Behind a proxy all of them have one address; the keys are in the shared folder.
    let servers = [app.run("serve", &[]).await, app.run("serve", &[]).await, app.run("serve", &[]).await];
    app.url = servers[0].clone();
    let mut ada = app.sign_up("Ada", "Acme").await;
    let bob = joins(&app, &mut ada, "bob@acme.example", "member").await;
    let account = account_of(&mut ada, "bob@acme.example").await;
    // Only what Bob holds in his hands: with his refresh token, a server would let him go on elsewhere.
    let at = |server: &String| {
        let mut browser = bob.clone();
        browser.url = server.clone();
        browser.cookies.retain(|name, _| name == "__Host-at");
        browser
    };
    let mut browsers: Vec<Client> = servers.iter().map(at).collect();
    for browser in &mut browsers {
        browser.call("documents/list", all_documents()).await.expect_status(200).await;
        assert_eq!(trashes_nothing(browser).await, 422, "he may, and is told that he chose nothing");
    }

    let fields = [("account", account.as_str()), ("role", "viewer")];
    ada.post_form("/api/members/change_role", &fields).await.expect_status(200).await;
    let changed = Instant::now();
    for browser in &mut browsers {
        eventually("a viewer trashes nothing", async || (trashes_nothing(browser).await == 403).then_some(())).await;
    }
    let role = changed.elapsed();
    assert!(role <= EVERYWHERE_WITHIN, "a role took {role:?}");

    ada.post_form("/api/members/remove", &[("account", account.as_str())]).await.expect_status(200).await;
    let removed = Instant::now();
    for browser in &mut browsers {
        eventually("somebody who was removed is nobody", async || {
            (browser.call("documents/list", all_documents()).await.status() == 401).then_some(())
        })
        .await;
    }
    let removal = removed.elapsed();
    assert!(removal <= EVERYWHERE_WITHIN, "a removal took {removal:?}");
}

#[tokio::test]
async fn an_invitation_is_looked_at_without_being_used() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    invite(&mut ada, "bob@acme.example", "viewer").await;
    let token = app.token_mailed_to("bob@acme.example").await;
    let path = format!("/invite?token={token}");
    let mut visitor = Client::new(&app.url);
    for _ in 0..2 {
        let page = visitor.get(&path).await.expect_status(200).await.text().await;
        assert!(page.contains("Acme") && page.contains("Create account and join"), "{page}");
    }
    // Somebody else is told for whom it is, and a wrong form changes nothing.
    let mut eve = app.sign_up("Eve", "Globex").await;
    let page = eve.get(&path).await.expect_status(200).await.text().await;
    assert!(page.contains("bob@acme.example") && page.contains("Sign out"), "{page}");
    let refused = eve.post_form("/invite", &[("token", &token)]).await.expect_status(403).await.text().await;
    assert!(refused.contains("bob@acme.example") && refused.contains("eve@globex.example"), "{refused}");
    let short = [("token", token.as_str()), ("name", "Bob <b>"), ("password", "short")];
    let again = visitor.post_form("/invite", &short).await.expect_status(422).await.text().await;
    assert!(again.contains("Use at least 10 characters.") && again.contains("Bob &lt;b&gt;"), "{again}");

    let fields = [("token", token.as_str()), ("name", "Bob"), ("password", PASSWORD)];
    let joined = visitor.post_form("/invite", &fields).await.expect_status(303).await;
    assert_eq!(joined.header("location"), "/documents");
    let page = visitor.get(&path).await.expect_status(200).await.text().await;
    assert!(page.contains("a member of “Acme” already"), "{page}");
    let mut late = Client::new(&app.url);
    let used = late.post_form("/invite", &fields).await.expect_status(409).await.text().await;
    assert!(used.contains("used already"), "{used}");
    let forged = late.get("/invite?token=nonsense").await.text().await;
    assert!(forged.contains("This link is not good"), "{forged}");
}

#[tokio::test]
async fn a_browser_goes_from_one_workspace_to_another_and_back() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    ada.uploads("notes.txt", "for Acme alone").await;
    let mut bob = app.sign_up("Bob", "Initech").await;
    let acme = tenant(&app, "Acme").await;
    bob.post_form("/switch", &[("tenant", &acme)]).await.expect_status(404).await;
    let nobodys = bob.post_form("/switch", &[("tenant", "01912345-0000-7000-8000-000000000000")]).await;
    assert_eq!(nobodys.status(), 404, "what is not his is what is not there");

    invite(&mut ada, "bob@initech.example", "member").await;
    let token = app.token_mailed_to("bob@initech.example").await;
    // The invitation leads through the sign-in page and back.
    let mut visitor = Client::new(&app.url);
    let page = visitor.get(&format!("/invite?token={token}")).await.expect_status(200).await.text().await;
    assert!(page.contains("/sign-in?next=%2Finvite%3Ftoken%3D"), "{page}");
    bob.post_form("/invite", &[("token", &token)]).await.expect_status(303).await;
    assert_eq!(bob.list().await.total, 1);
    let page = bob.get("/documents").await.expect_status(200).await.text().await;
    assert!(page.contains("action=\"/switch\"") && page.contains("Initech"), "the menu leads back");
    let initech = tenant(&app, "Initech").await;
    bob.post_form("/switch", &[("tenant", &initech)]).await.expect_status(303).await;
    assert_eq!(bob.list().await.total, 0);

    // He goes over while his access token is renewed on the way: the browser gets both new cookies.
    bob.cookies.remove("__Host-at");
    let before = bob.cookies["__Host-rt"].clone();
    bob.post_form("/switch", &[("tenant", &acme)]).await.expect_status(303).await;
    assert_ne!(bob.cookies["__Host-rt"], before, "rotated");
    assert_eq!(bob.list().await.total, 1);

    // He leaves, and is at home at once.
    bob.post_form("/api/members/leave", &[]).await.expect_status(200).await;
    assert_eq!(bob.list().await.total, 0);
    bob.post_form("/switch", &[("tenant", &acme)]).await.expect_status(404).await;

    let wrong = bob.post_form("/workspaces", &[("name", "")]).await.expect_status(422).await.text().await;
    assert!(wrong.contains("Enter a name for the workspace."), "{wrong}");
    bob.post_form("/workspaces", &[("name", "Bindery")]).await.expect_status(303).await;
    assert!(bob.get("/documents").await.text().await.contains("Bindery"));
    let mut nobody = Client::new(&app.url);
    let answer = nobody.post_form("/workspaces", &[("name", "Bindery")]).await.expect_status(303).await;
    assert_eq!(answer.header("location"), "/sign-in?next=%2Fworkspaces");
}

#[tokio::test]
async fn a_viewer_is_shown_the_members_and_offered_nothing() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let mut bob = joins(&app, &mut ada, "bob@acme.example", "viewer").await;
    invite(&mut ada, "bob1@acme.example", "member").await;
    let adas = ada.get("/settings/members").await.expect_status(200).await.text().await;
    for offered in ["Send the invitation", "bob1@acme.example", "Withdraw", "Role of Bob", "Transfer ownership"] {
        assert!(adas.contains(offered), "{offered}");
    }
    let bobs = bob.get("/settings/members").await.expect_status(200).await.text().await;
    assert!(bobs.contains("ada@acme.example") && bobs.contains("Leave the workspace"), "{bobs}");
    for hidden in ["Send the invitation", "bob1@acme.example", "Withdraw", "Role of", "Transfer ownership", "remove-"] {
        assert!(!bobs.contains(hidden), "{hidden}");
    }
    let account = account_of(&mut ada, "ada@acme.example").await;
    for (path, fields) in [
        ("members/invite", vec![("email", "eve@globex.example"), ("role", "viewer")]),
        ("members/change_role", vec![("account", account.as_str()), ("role", "viewer")]),
        ("members/remove", vec![("account", account.as_str())]),
        ("members/transfer_ownership", vec![("account", account.as_str())]),
    ] {
        assert_eq!(bob.post_form(&format!("/api/{path}"), &fields).await.status(), 403, "{path}");
    }
}

#[tokio::test]
async fn a_refused_invitation_is_still_in_the_form_without_scripts() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let mistyped = format!("<b>{}", "x".repeat(10_000));
    for (email, role, told) in [
        ("ada@acme.example", "viewer", "a member of the workspace already"),
        ("bob@", "admin", "like ada@example.com"),
        (mistyped.as_str(), "viewer", "like ada@example.com"),
    ] {
        let fields = [("email", email), ("role", role)];
        let (back, page) = ada.is_led_back("/settings/members", "/api/members/invite", &fields).await;
        assert!(back.starts_with("/settings/members?__path="), "{back}");
        assert!(!back.contains("acme"), "no address stands in {back}");
        assert!(page.contains(told), "{page}");
        let kept: String = email.chars().take(1_000).collect();
        let field = format!("value=\"{}\"", kept.replace('<', "&lt;").replace('>', "&gt;"));
        assert!(page.contains(&field), "{field} in {page}");
        assert!(page.contains(&format!("value=\"{role}\" selected")), "{role} in {page}");
    }
    // With scripts the form holds it by itself, and the page stays.
    let called = ada.post_form("/api/members/invite", &[("email", "bob@"), ("role", "viewer")]).await;
    assert_eq!(called.header("location"), "");
    called.expect_status(422).await;
    // What nobody may choose is not chosen, whatever was sent.
    let fields = [("email", "bob@acme.example"), ("role", "god")];
    let (_, page) = ada.is_led_back("/settings/members", "/api/members/invite", &fields).await;
    assert!(page.contains("value=\"member\" selected") && page.contains("value=\"bob@acme.example\""), "{page}");
}

async fn invite(by: &mut Client, email: &str, role: &str) {
    by.post_form("/api/members/invite", &[("email", email), ("role", role)]).await.expect_status(200).await;
}

/// Somebody new who was invited, in a browser of their own.
async fn joins(app: &TestApp, by: &mut Client, email: &str, role: &str) -> Client {
    invite(by, email, role).await;
    let token = app.token_mailed_to(email).await;
    let mut client = Client::new(&app.url);
    let fields = [("token", token.as_str()), ("name", "Bob"), ("password", PASSWORD)];
    client.post_form("/invite", &fields).await.expect_status(303).await;
    client
}

async fn account_of(client: &mut Client, email: &str) -> String {
    let people: People = client.call("members/list", json!({})).await.expect_status(200).await.json().await;
    assert!(people.members.iter().any(|member| member.role == Role::Owner));
    let account: AccountId = people.members.iter().find(|member| member.email == email).unwrap().account;
    account.to_string()
}

async fn tenant(app: &TestApp, name: &str) -> String {
    let tenant = sqlx::query_scalar("select tenant_id::text from tenant where name = $1").bind(name);
    tenant.fetch_one(&mut app.superuser().await).await.unwrap()
}

/// The status that the act gets, for which no document is chosen: whether one may is asked before that.
async fn trashes_nothing(client: &mut Client) -> u16 {
    client.post_form("/api/documents/trash", &[]).await.status()
}

fn all_documents() -> serde_json::Value {
    json!({ "query": { "sort": "newest", "trash": false } })
}
