//! What the client does when Stripe answers late, badly or not at all: against a server of this test, which answers what it is
//! told to.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::{
    client::{Stripe, StripeSettings},
    form::Form,
};
use crate::error::{Error, ErrorKind};

/// What is answered to one request after another. Nothing at all is a connection that breaks.
type Answers = &'static [(u16, &'static str, &'static str)];

const NOTHING: (u16, &str, &str) = (0, "", "");

async fn stripe(answers: Answers) -> (Stripe, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let settings = StripeSettings { key: "sk_test_secret".into(), url, webhook_secrets: Vec::new() };
    (Stripe::new(settings).unwrap(), tokio::spawn(serve(listener, answers)))
}

/// The requests, as they came.
async fn serve(listener: TcpListener, answers: Answers) -> Vec<String> {
    let mut requests = Vec::new();
    for (status, headers, body) in answers {
        let (mut stream, _) = listener.accept().await.unwrap();
        requests.push(request(&mut stream).await);
        if *status > 0 {
            let length = body.len();
            let answer =
                format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    }
    requests
}

async fn request(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    loop {
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
            if body.len() >= length.unwrap_or_default() {
                return text;
            }
        }
        let mut bytes = [0; 4_096];
        let read = stream.read(&mut bytes).await.unwrap();
        assert!(read > 0, "the request ended early: {text}");
        text.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
    }
}

#[tokio::test]
async fn what_passes_is_tried_again_under_the_same_key() {
    const SLOW: (u16, &str, &str) = (429, "retry-after: 0\r\n", r#"{"error":{"code":"rate_limit"}}"#);
    let (stripe, served) = stripe(&[NOTHING, SLOW, (500, "", "no json"), (200, "", r#"{"id":"cus_1"}"#)]).await;
    let made = stripe.post("/v1/customers", &Form::new().with("name", "Acme"), "a key").await.unwrap();
    assert_eq!(made["id"], "cus_1");
    let requests = served.await.unwrap();
    assert_eq!(requests.len(), 4);
    for request in &requests {
        assert!(request.starts_with("POST /v1/customers HTTP/1.1\r\n"), "{request}");
        assert!(request.contains("idempotency-key: a key\r\n") && request.ends_with("\r\n\r\nname=Acme"), "{request}");
        assert!(request.contains("stripe-version: 2026-09-30.endive\r\n"), "{request}");
        assert!(request.contains("authorization: Bearer sk_test_secret\r\n"), "{request}");
    }
}

#[tokio::test]
async fn an_answer_is_not_asked_for_again() {
    let (stripe, served) = stripe(&[(402, "", r#"{"error":{"type":"card_error","code":"card_declined"}}"#)]).await;
    let failure = stripe.post("/v1/subscriptions/sub_1", &Form::new(), "a key").await.unwrap_err();
    assert_eq!(Error::from(failure).kind, ErrorKind::Conflict);
    assert_eq!(served.await.unwrap().len(), 1);
}

#[tokio::test]
async fn it_gives_up_in_time_and_says_no_secret() {
    let (stripe, _served) = stripe(&[(503, "retry-after: 3600\r\n", "{}")]).await;
    let form = Form::new().with("lookup_keys[0]", "x y");
    let asked = stripe.get("/v1/prices", &form);
    let failure = tokio::time::timeout(Duration::from_secs(5), asked).await.unwrap().unwrap_err();
    let error = Error::from(failure);
    assert_eq!(error.kind, ErrorKind::Unavailable);
    assert!(!error.to_string().contains("sk_test_secret"), "{error}");
}

#[tokio::test]
async fn an_answer_that_is_none_is_no_success() {
    const TORN: &str = r#"{"id":"cus_1","na"#;
    let all: [Answers; 3] = [&[(200, "", "<html>It works!</html>")], &[(200, "", "")], &[(200, "", TORN)]];
    for answers in all {
        let (stripe, served) = stripe(answers).await;
        let failure = stripe.post("/v1/customers", &Form::new(), "a key").await.unwrap_err();
        assert_eq!(Error::from(failure).kind, ErrorKind::Internal);
        assert_eq!(served.await.unwrap().len(), 1);
    }
}
