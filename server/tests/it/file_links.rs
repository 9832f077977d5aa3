//! Files by a link, for programs without a session.

use app::{documents::reader_api::LinkShown, routes};
use domain::roles::Role;
use reqwest::{Method, Url, header::SET_COOKIE};
use serde_json::{Value, json};

use crate::{
    client::{Answer, Client},
    test_app::TestApp,
};

const LEASE: &[u8] = include_bytes!("../../seed/lease-agreement.pdf");

#[tokio::test]
async fn a_program_without_a_session_gets_the_file_by_its_link() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let id = ada.reads("Lease.pdf", LEASE).await.id.to_string();
    let link = link(&mut ada, &id, Value::Null).await;
    assert!(link.ends_with("/original.pdf"), "{link}");
    let whole = follow(&app, &link, &[]).await.expect_status(200).await;
    let told = |name: &str| whole.header(name).to_owned();
    assert_eq!((told("content-type"), told("accept-ranges")), ("application/pdf".into(), "bytes".into()));
    assert!(told("content-disposition").starts_with("attachment; filename=\"Lease.pdf\""));
    assert_eq!(told("referrer-policy"), "no-referrer");
    assert_eq!(told("x-content-type-options"), "nosniff");
    assert!(told("content-security-policy").contains("sandbox"));
    assert!(whole.0.headers().get(SET_COOKIE).is_none());
    let seconds = told("cache-control").replace("private, max-age=", "").replace(", no-transform", "");
    assert!((1..=300).contains(&seconds.parse::<u32>().unwrap()), "{}", told("cache-control"));
    let etag = told("etag");
    assert!(whole.bytes().await == LEASE);

    let part = follow(&app, &link, &[("range", "bytes=100-199"), ("if-range", &etag)]).await.expect_status(206).await;
    assert_eq!(part.header("content-range"), format!("bytes 100-199/{}", LEASE.len()));
    assert!(part.bytes().await == LEASE[100..200]);
    assert_eq!(follow(&app, &link, &[("range", "bytes=99999999-")]).await.status(), 416);
    assert_eq!(follow(&app, &link, &[("if-none-match", &etag)]).await.status(), 304);

    let image = self::link(&mut ada, &id, json!(1)).await;
    assert!(image.ends_with("/page-1.png"), "{image}");
    let png = follow(&app, &image, &[]).await.expect_status(200).await;
    assert_eq!(png.header("content-type"), "image/png");
    let png = png.bytes().await;
    let part = follow(&app, &image, &[("range", "bytes=1-3")]).await.expect_status(206).await;
    assert_eq!((part.bytes().await.as_slice(), &png[1..4]), (&b"PNG"[..], &b"PNG"[..]));
    // A link lets in to its file and to nothing else, and by no other method.
    assert_eq!(follow(&app, &image.replace("page-1.png", "page-2.png"), &[]).await.status(), 404);
    let posted = Client::new(&app.url).request(Method::POST, &image);
    assert_eq!(Client::new(&app.url).send(posted).await.status(), 405);
    assert!(!app.logged().contains(image.split('/').nth(2).unwrap()), "an address that lets in is in no log");
}

#[tokio::test]
async fn the_page_of_facts_has_the_link_also_without_scripts() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let id = ada.reads("notes.txt", "A few words.").await.id.to_string();
    let facts = ada.get(&routes::document_facts(&id)).await.expect_status(200).await.text().await;
    assert!(facts.contains(&format!("{}?link=original#link", routes::document_facts(&id))));
    assert!(!facts.contains("/files/"), "a link is made for whoever asks for one");
    let asked = format!("{}?link=original", routes::document_facts(&id));
    let shown = ada.get(&asked).await.expect_status(200).await.text().await;
    let (_, rest) = shown.split_once(&format!("{}/files/", app.url)).expect("the page shows the link");
    let path = format!("/files/{}", rest.split(['<', '"', '\\']).next().unwrap());
    assert_eq!(follow(&app, &path, &[]).await.expect_status(200).await.text().await, "A few words.");
}

#[tokio::test]
async fn a_link_ends_as_soon_as_its_maker_may_not_read_any_more() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let mut bob = app.joins("Bob", "Acme", Role::Member).await;
    let mut eve = app.sign_up("Eve", "Globex").await;
    let id = ada.reads("notes.txt", "A few words.").await.id.to_string();
    let (adas, bobs) = (link(&mut ada, &id, Value::Null).await, link(&mut bob, &id, Value::Null).await);
    let leads = async |link: &str| follow(&app, link, &[]).await.status();
    assert_eq!((leads(&adas).await, leads(&bobs).await), (200, 200));
    let missing = eve.call("documents/link", json!({ "id": id, "page": null })).await.expect_status(404).await;
    assert!(!missing.text().await.contains("files"));

    let share = async |ada: &mut Client, visibility: &str| {
        let fields = [("document", id.as_str()), ("visibility", visibility)];
        ada.post_form("/api/documents/share", &fields).await;
    };
    share(&mut ada, "private").await;
    assert_eq!((leads(&adas).await, leads(&bobs).await), (200, 404), "it is hers alone");
    share(&mut ada, "workspace").await;
    assert_eq!(leads(&bobs).await, 200);
    ada.post_form("/api/documents/trash", &[("documents[0]", &id)]).await;
    assert_eq!((leads(&adas).await, leads(&bobs).await), (404, 404), "it lies in the trash");
    ada.post_form("/api/documents/restore", &[("documents[0]", &id)]).await;
    assert_eq!(leads(&bobs).await, 200);
    bob.post_form(routes::SIGN_OUT, &[]).await;
    assert_eq!((leads(&adas).await, leads(&bobs).await), (200, 404), "his session is over");
    let suspend = "update tenant set suspended_at = now() where name = 'Acme'";
    sqlx::query(suspend).execute(&mut app.superuser().await).await.unwrap();
    assert_eq!(leads(&adas).await, 404, "the workspace is suspended");

    // Whatever is wrong, the answer is the same.
    let gone = follow(&app, &adas, &[]).await.text().await;
    for wrong in ["/files/x/original.txt", "/files/%00/original.txt", &format!("{adas}x"), &adas.replace('/', "/A")] {
        let answer = follow(&app, wrong, &[]).await;
        if wrong.starts_with("/files/") {
            assert_eq!((answer.status(), answer.header("referrer-policy")), (404, "no-referrer"), "{wrong}");
            assert_eq!(answer.text().await, gone, "{wrong}");
        } else {
            assert_eq!(answer.status(), 404, "{wrong}");
        }
    }
}

#[tokio::test]
async fn a_link_is_followed_so_often_a_minute_and_no_more() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let id = ada.uploads("notes.txt", "A few words.").await;
    let link = link(&mut ada, &id, Value::Null).await;
    let mut statuses = std::collections::BTreeMap::<u16, usize>::new();
    for _ in 0..70 {
        let asked = (0..10).map(|_| follow(&app, &link, &[("range", "bytes=0-0")]));
        for answer in futures::future::join_all(asked).await {
            if answer.status() == 429 {
                assert_eq!(answer.header("retry-after"), "60");
            }
            *statuses.entry(answer.status()).or_default() += 1;
        }
    }
    // The machine may be so slow that a minute ends meanwhile.
    assert!(
        statuses[&206] >= 600 && statuses[&206] + statuses.get(&429).copied().unwrap_or_default() == 700,
        "{statuses:?}"
    );
}

/// The path of a link that a member has made.
pub async fn link(client: &mut Client, id: &str, page: Value) -> String {
    let made = client.call("documents/link", json!({ "id": id, "page": page })).await.expect_status(200).await;
    let made: LinkShown = made.json().await;
    assert!(made.address.starts_with(&client.url), "{}", made.address);
    Url::parse(&made.address).unwrap().path().to_owned()
}

/// Asks as a program that knows the link and nothing else.
async fn follow(app: &TestApp, link: &str, headers: &[(&str, &str)]) -> Answer {
    let request = reqwest::Client::new().get(format!("{}{link}", app.url));
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    Answer(request.send().await.unwrap())
}
