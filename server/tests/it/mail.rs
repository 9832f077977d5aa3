//! Mail through a real SMTP connection: sent once, tried again with backoff, and shown when it cannot be sent.

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
async fn the_mailbox_shows_what_is_not_sent() {
    let app = TestApp::start().await;
    app.sign_up("Ada", "Acme").await;
    let mut visitor = Client::new(&app.url);
    let page = visitor.get("/mailbox?address=ada@acme.example").await.expect_status(200).await.text().await;
    assert!(page.contains("Confirm your address"), "{page}");
}
