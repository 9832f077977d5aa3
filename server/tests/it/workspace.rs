//! The settings of a workspace and its end, as browsers meet them.

use serde_json::json;

use crate::{
    client::{Answer, Client},
    test_app::{TestApp, eventually},
};

#[tokio::test]
async fn the_settings_are_a_form_that_says_what_is_wrong() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    app.sign_up("Eve", "Globex").await;
    let page = ada.get("/settings/workspace").await.expect_status(200).await.text().await;
    for shown in ["value=\"Acme\"", "value=\"acme\"", "Europe/Berlin", "Days in the trash", "Delete the workspace"] {
        assert!(page.contains(shown), "{shown}");
    }
    for (slug, said) in [("globex", "taken"), ("api", "kept for Sheaf"), ("-", "characters"), ("a b c", "letters")] {
        let refused = change(&mut ada, &[("slug", slug)]).await.expect_status(422).await.text().await;
        assert!(refused.contains(said), "{slug}: {refused}");
    }
    change(&mut ada, &[("name", "Acme Bindery"), ("slug", "bindery"), ("trash_days", "7")]).await;
    fresh().await;
    let page = ada.get("/documents/trash").await.expect_status(200).await.text().await;
    assert!(page.contains("Acme Bindery") && page.contains("for 7 days"), "{page}");
}

#[tokio::test]
async fn moments_are_told_by_the_clocks_of_the_workspace() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    assert!(ada.get("/settings/sessions").await.text().await.contains("UTC"));
    change(&mut ada, &[("time_zone", "Asia/Kathmandu")]).await;
    fresh().await;
    let page = ada.get("/settings/sessions").await.text().await;
    assert!(page.contains("(Asia/Kathmandu)"), "{page}");
}

#[tokio::test]
async fn a_document_of_no_language_is_taken_for_one_of_the_workspace() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    assert_eq!(ada.reads("before.txt", "4711 0815").await.language, None);
    change(&mut ada, &[("document_language", "deu")]).await;
    assert_eq!(ada.reads("after.txt", "4711 0816").await.language.as_deref(), Some("deu"));
    let english = include_bytes!("../../seed/meeting-notes.txt");
    assert_eq!(ada.reads("english.txt", english.as_slice()).await.language.as_deref(), Some("eng"));
}

#[tokio::test]
async fn a_logo_is_a_picture_and_nothing_else() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let mut eve = app.sign_up("Eve", "Globex").await;
    ada.get("/workspace/logo").await.expect_status(404).await;
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec();
    for (content, fault) in [
        (svg, "no-picture"),
        (Vec::new(), "missing"),
        (vec![b'x'; 600 * 1024], "too-large"),
        (png(5_000), "too-many-pixels"),
    ] {
        let led_to = ada.set_logo(content).await.expect_status(303).await;
        assert_eq!(led_to.header("location"), format!("/settings/workspace?fault={fault}"));
        let page = ada.get(&format!("/settings/workspace?fault={fault}")).await.expect_status(200).await;
        assert!(page.text().await.contains("role=\"alert\""), "{fault}");
    }
    ada.get("/workspace/logo").await.expect_status(404).await;
    ada.set_logo(png(20)).await.expect_status(303).await;
    let shown = ada.get("/workspace/logo").await.expect_status(200).await;
    assert_eq!(shown.header("content-type"), "image/png");
    assert_eq!(shown.header("x-content-type-options"), "nosniff");
    assert!(shown.header("content-security-policy").contains("sandbox"));
    assert_eq!(shown.bytes().await, png(20));
    eve.get("/workspace/logo").await.expect_status(404).await;
    fresh().await;
    assert!(ada.get("/documents").await.text().await.contains("/workspace/logo?v="), "it stands on every page");
    ada.post_form("/api/tenants/remove_logo", &[]).await;
    ada.get("/workspace/logo").await.expect_status(404).await;
}

#[tokio::test]
async fn a_deletion_is_told_on_every_page_until_it_is_undone() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let mut eve = app.sign_up("Eve", "Globex").await;
    let told = "This workspace will be deleted";
    let wrong = ada.post_form("/api/tenants/ask_deletion", &[("confirmation", "Globex")]).await;
    assert!(wrong.expect_status(422).await.text().await.contains("not the name"));
    ada.post_form("/api/tenants/ask_deletion", &[("confirmation", "Acme")]).await;
    eventually("every page tells it", async || {
        let page = ada.get("/reports").await.text().await;
        (page.contains(told) && page.contains("/api/tenants/undo_deletion")).then_some(())
    })
    .await;
    assert!(!eve.get("/reports").await.text().await.contains(told), "it is nobody else's business");
    ada.reads("meanwhile.txt", "Work goes on as usual.").await;
    ada.post_form("/api/tenants/undo_deletion", &[]).await;
    eventually("no page tells it any more", async || {
        (!ada.get("/reports").await.text().await.contains(told)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_worker_deletes_what_is_due_and_its_people_are_signed_out() {
    let mut app = TestApp::prepare().await;
    app.url = app.run("serve", &[]).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let mut eve = app.sign_up("Eve", "Globex").await;
    ada.uploads("plan.txt", "the plan").await;
    let mut superuser = app.superuser().await;
    let due = "update tenant set delete_after = now() - interval '2 hours' where name = 'Acme'";
    sqlx::query(due).execute(&mut superuser).await.unwrap();
    app.run("work", &[]).await;
    eventually("the workspace is gone", async || {
        let left = "select count(*) from tenant where name = 'Acme'";
        let left: i64 = sqlx::query_scalar(left).fetch_one(&mut superuser).await.unwrap();
        (left == 0).then_some(())
    })
    .await;
    fresh().await;
    ada.get("/documents").await.expect_status(303).await;
    eve.get("/documents").await.expect_status(200).await;
}

/// What a page shows of a workspace is at most two seconds old.
async fn fresh() {
    tokio::time::sleep(std::time::Duration::from_millis(2_100)).await;
}

/// Sends the form as it is, but for these fields.
async fn change(client: &mut Client, fields: &[(&str, &str)]) -> Answer {
    let found: serde_json::Value =
        client.call("tenants/settings", json!({})).await.expect_status(200).await.json().await;
    let now = &found["settings"];
    let days = now["trash_days"].to_string();
    let text = |name: &str| now[name].as_str().unwrap_or_default().to_owned();
    let mut form: Vec<(&str, String)> = ["name", "slug", "time_zone", "language", "document_language"]
        .into_iter()
        .map(|name| (name, text(name)))
        .chain([("trash_days", days)])
        .collect();
    for (name, value) in &mut form {
        if let Some((_, changed)) = fields.iter().find(|(field, _)| field == name) {
            *value = (*changed).to_owned();
        }
    }
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    client.post_form("/api/tenants/change_settings", &form).await
}

/// The head of a PNG this wide.
pub fn png(width: u32) -> Vec<u8> {
    let head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    [head, width.to_be_bytes().to_vec(), vec![0, 0, 0, 20, 8, 6, 0, 0, 0]].concat()
}
