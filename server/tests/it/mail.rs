//! Mail through a real SMTP connection: sent once, tried again with backoff, and shown when it cannot be sent.

use serde_json::{Value, json};

use crate::{
    client::Client,
    smtp_sink::SmtpSink,
    test_app::{TestApp, eventually},
};

#[tokio::test]
async fn mail_is_sent_and_a_refusal_is_tried_again() {
    let sink = SmtpSink::start().await;
    let app =
        TestApp::start_with(&[("SHEAF_SMTP_URL", &sink.url), ("SHEAF_MAIL_FROM", "Sheaf <out@sheaf.example>")]).await;
    sink.refuse(1);
    let mut ada = Client::new(&app.url);
    let fields =
        [("name", "Ada"), ("workspace", "Acme"), ("email", "ada@acme.example"), ("password", "correct horse battery")];
    ada.post_form("/sign-up", &fields).await.expect_status(200).await;
    let mail = eventually("the mail arrives", async || sink.mails().into_iter().next()).await;
    assert!(mail.contains("From: Sheaf <out@sheaf.example>") && mail.contains("To: ada@acme.example"), "{mail}");
    assert!(mail.contains("text/plain") && mail.contains("text/html") && mail.contains("Message-ID: <"), "{mail}");
    let mut superuser = app.superuser().await;
    let attempts: i32 =
        sqlx::query_scalar("select attempt from job where kind = 'send_mail'").fetch_one(&mut superuser).await.unwrap();
    assert_eq!((attempts, sink.mails().len()), (2, 1));
    // Mail leaves this machine, so there is no mailbox page.
    let mailbox = ada.get("/mailbox?address=ada@acme.example").await;
    assert!(!mailbox.text().await.contains("Confirm your address"));
}

#[tokio::test]
async fn a_mail_that_is_given_up_is_shown_and_sent_again() {
    let sink = SmtpSink::start().await;
    let app = TestApp::start_with(&[("SHEAF_SMTP_URL", &sink.url)]).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let mut eve = app.sign_up("Eve", "Globex").await;
    // The mails of both.
    let sent = eventually("they are confirmed", async || Some(sink.mails().len()).filter(|mails| *mails == 2)).await;
    // Until it is given up: a second attempt may follow the first within moments.
    sink.refuse(100);
    ada.post_form("/forgot-password", &[("email", "ada@acme.example")]).await.expect_status(200).await;
    let failed = eventually("the mail is refused", async || undelivered(&mut ada).await.pop()).await;
    assert_eq!(failed["given_up"], false);
    // Its last attempt, now: nobody waits hours for a test.
    let mut superuser = app.superuser().await;
    eventually("the last attempt is the next", async || {
        let next = "update job set attempt = max_attempts - 1, run_at = now()
                    where kind = 'send_mail' and state = 'waiting' and last_error is not null";
        let changed = sqlx::query(next).execute(&mut superuser).await.unwrap();
        (changed.rows_affected() == 1).then_some(())
    })
    .await;
    let dead = eventually("the mail is given up", async || {
        undelivered(&mut ada).await.pop().filter(|mail| mail["given_up"] == true)
    })
    .await;
    assert!(dead["reason"].as_str().unwrap().contains("try again later"), "{dead}");
    let page = ada.get("/settings/mail").await.expect_status(200).await.text().await;
    assert!(page.contains("Given up") && page.contains("try again later") && page.contains("Send again"), "{page}");
    assert!(undelivered(&mut eve).await.is_empty());
    sink.refuse(0);
    let id = dead["id"].as_str().unwrap();
    assert_eq!(eve.post_form("/api/mail/send_again", &[("mail", id)]).await.status(), 404);
    assert_eq!(sink.mails().len(), sent);
    let again = ada.post_form("/api/mail/send_again", &[("mail", id)]).await.expect_status(202).await;
    let address = again.header("location").to_owned();
    let begun: Value = again.json().await;
    assert_eq!(address, format!("/jobs/{}", begun["job"].as_str().unwrap()));
    assert_eq!((&begun["jobs"], &begun["count"]), (&json!([begun["job"]]), &json!(1)));
    let status: Value = ada.get(&address).await.expect_status(200).await.json().await;
    assert_eq!(status["kind"], "send_mail");
    eventually("the mail is sent", async || (sink.mails().len() == sent + 1).then_some(())).await;
    eventually("nothing is undelivered", async || undelivered(&mut ada).await.is_empty().then_some(())).await;
}

async fn undelivered(client: &mut Client) -> Vec<Value> {
    client.call("mail/undelivered", json!({})).await.expect_status(200).await.json().await
}

#[tokio::test]
async fn the_mailbox_shows_what_is_not_sent() {
    let app = TestApp::start().await;
    app.sign_up("Ada", "Acme").await;
    let mut visitor = Client::new(&app.url);
    let page = visitor.get("/mailbox?address=ada@acme.example").await.expect_status(200).await.text().await;
    assert!(page.contains("Confirm your address"), "{page}");
}
