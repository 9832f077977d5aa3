//! Public pages: the same for everybody, kept, and purged. No one can put into them what another sees; caches.rs tries the same behind
//! real caches.

use std::{
    collections::BTreeSet,
    fs,
    time::{Duration, Instant},
};

use futures::future::join_all;
use reqwest::{
    Method,
    header::{HOST, SET_COOKIE},
};

use crate::{
    client::{Answer, Client},
    test_app::{TestApp, eventually},
};

const PAGES: [&str; 7] =
    ["/", "/pricing", "/docs", "/docs/export-format", "/legal/terms", "/legal/privacy", "/changelog"];

/// How soon a purge is seen by every server.
const SOON: Duration = Duration::from_secs(1);

#[tokio::test]
async fn every_page_is_kept_and_the_same_for_everybody() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Unmistakable").await;
    ada.cookies.insert("theme".into(), "dark".into());
    for page in PAGES {
        // Ada comes first, and what is rendered then is rendered for nobody.
        let hers = ada.get(page).await.expect_status(200).await;
        assert_eq!(status_of(&hers), "sheaf; fwd=miss; stored", "{page}");
        let theirs = Client::new(&app.url).get(page).await.expect_status(200).await;
        assert_eq!(status_of(&theirs), "sheaf; hit", "{page}");
        for answer in [&hers, &theirs] {
            assert!(answer.0.headers().get(SET_COOKIE).is_none(), "{page}");
            assert!(answer.header("cache-control").starts_with("public, max-age=0, s-maxage="), "{page}");
            assert_eq!(answer.header("vary"), "accept-encoding");
            let policy = answer.header("content-security-policy");
            assert!(
                policy.starts_with("default-src 'none'; style-src 'self'") && !policy.contains("nonce"),
                "{policy}"
            );
            assert!(!answer.header("surrogate-key").is_empty() && !answer.header("etag").starts_with("W/"));
        }
        assert_eq!(hers.header("etag"), theirs.header("etag"), "{page}");
        let (hers, theirs) = (hers.text().await, theirs.text().await);
        assert_eq!(hers, theirs, "{page}");
        for foreign in ["nmistakable", "data-theme", "nonce", "<script"] {
            assert!(!theirs.contains(foreign), "{page} has {foreign}");
        }
    }
    // Her theme reaches her by a style sheet of her own.
    let style = ada.get("/theme.css").await.expect_status(200).await;
    assert_eq!((style.header("cache-control"), style.header("vary")), ("private, no-cache", "cookie"));
    assert!(style.text().await.contains("color-scheme:dark"));
    let style = Client::new(&app.url).get("/theme.css").await.expect_status(200).await;
    assert!(!style.text().await.contains("color-scheme"));
    // Forms and what is behind the sign-in are kept by nobody.
    for path in ["/sign-in", "/sign-up", "/documents", "/forgot-password"] {
        let answer = ada.get(path).await;
        assert_eq!(answer.header("cache-control"), "private, no-cache", "{path}");
        assert_eq!(status_of(&answer), "", "{path}");
    }
}

#[tokio::test]
async fn addresses_of_one_page_are_one_entry_and_nobody_poisons_it() {
    let app = TestApp::start().await;
    let mut visitor = Client::new(&app.url);
    keeps(&app.url).await;
    let euros = visitor.get("/pricing").await.text().await;
    let dollars = visitor.get("/pricing?currency=usd").await.text().await;
    assert_ne!(euros, dollars);
    let long = format!("/pricing?{}&currency=usd", "x".repeat(4_000));
    for path in ["/pricing?a=1&currency=usd", "/pricing?%63urrency=%75sd&currency=gbp", &long] {
        let answer = visitor.get(path).await;
        assert_eq!((status_of(&answer), answer.text().await == dollars), ("sheaf; hit".into(), true), "{path}");
    }
    for path in
        ["/pricing?currency=eur", "/pricing?currency=%22%3E%3Cscript%3E", "/pricing?next=//evil.example", "/pricing?"]
    {
        let answer = visitor.get(path).await;
        assert_eq!((status_of(&answer), answer.text().await == euros), ("sheaf; hit".into(), true), "{path}");
    }
    let forwarded = [
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "gopher"),
        ("x-original-url", "/documents"),
        ("x-rewrite-url", "/sign-in"),
        ("forwarded", "host=evil.example"),
        ("cookie", "__Host-at=x; theme=dark; a=<script>"),
        ("authorization", "Bearer x"),
        ("accept-language", "xx-evil"),
        ("range", "bytes=0-9"),
    ];
    for (name, value) in forwarded {
        let answer = visitor.send(visitor.request(Method::GET, "/pricing").header(name, value)).await;
        assert_eq!((answer.status(), status_of(&answer).as_str()), (200, "sheaf; hit"), "{name}");
        assert!(answer.text().await == euros, "{name} reaches the page");
    }
    // Whoever names another host is answered, reads no entry of ours, and makes none.
    for (host, status) in [
        ("evil.example", "sheaf; fwd=miss; stored; detail=foreign"),
        ("127.0.0.1", "sheaf; hit; detail=foreign"),
        ("localhost:1", "sheaf; hit; detail=foreign"),
    ] {
        let answer = visitor.send(visitor.request(Method::GET, "/legal/terms").header(HOST, host)).await;
        assert_eq!(status_of(&answer), status, "{host}");
        assert_eq!(answer.header("cache-control"), "private, no-store", "{host}");
        assert!(!answer.text().await.contains(host), "nothing of a host's name is in a page");
    }
    assert_eq!(status_of(&visitor.get("/legal/terms").await), "sheaf; fwd=miss; stored");
    let head = visitor.send(visitor.request(Method::HEAD, "/legal/terms")).await;
    assert_eq!((status_of(&head).as_str(), head.bytes().await.len()), ("sheaf; hit", 0));
    for (method, path) in [(Method::POST, "/pricing"), (Method::PUT, "/")] {
        let refused = visitor.send(visitor.request(method, path)).await;
        assert_eq!(refused.status(), 405, "{path}");
    }
}

#[tokio::test]
async fn what_a_client_has_is_not_sent_again() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let mut tags = BTreeSet::new();
    for (accepted, encoding, begins) in [
        ("gzip, deflate, br, zstd", "br", &[][..]),
        ("br;q=0.1, zstd, gzip", "zstd", &[0x28, 0xb5, 0x2f, 0xfd]),
        ("gzip, br;q=0", "gzip", &[0x1f, 0x8b]),
        ("identity", "", b"<!DOCTYPE html>"),
    ] {
        let ask = |client: &Client, tag: &str| {
            client.request(Method::GET, "/docs").header("accept-encoding", accepted).header("if-none-match", tag)
        };
        let answer = ada.send(ask(&ada, "\"other\"")).await.expect_status(200).await;
        assert_eq!(answer.header("content-encoding"), encoding);
        let (etag, policy) = (answer.header("etag").to_owned(), answer.header("content-security-policy").to_owned());
        assert!(answer.bytes().await.starts_with(begins), "{encoding}");
        let again = ada.send(ask(&ada, &format!("\"x\", W/{etag}"))).await;
        assert_eq!((again.status(), again.header("etag")), (304, etag.as_str()), "{encoding}");
        // A cache takes the headers of a 304: those of the page must not get lost by it.
        assert_eq!(again.header("content-security-policy"), policy);
        assert!(again.bytes().await.is_empty());
        tags.insert(etag);
    }
    assert_eq!(tags.len(), 4, "each encoding has a tag of its own");

    let job = job_of(&mut ada).await;
    let told = ada.get(&job).await.expect_status(200).await;
    let etag = told.header("etag").to_owned();
    assert!(etag.starts_with("W/\"") && told.header("cache-control") == "private, no-cache", "{etag}");
    let known = ada.request(Method::GET, &job).header("if-none-match", &etag);
    let known = ada.send(known).await;
    assert_eq!((known.status(), known.header("cache-control")), (304, "private, no-cache"));
    // A tag is no key: to Eve it is not there, whatever she says that she has.
    let mut eve = app.sign_up("Eve", "Globex").await;
    let asked = eve.request(Method::GET, &job).header("if-none-match", &etag);
    assert_eq!(eve.send(asked).await.status(), 404);
}

#[tokio::test]
async fn a_file_of_the_site_is_sent_as_the_client_likes_it_best_and_kept_for_ever() {
    let site = tempfile::tempdir().unwrap();
    let style = site.path().join("pkg/sheaf.0123456789abcdef.css");
    fs::create_dir(site.path().join("pkg")).unwrap();
    fs::write(site.path().join("hash.txt"), "css: 0123456789abcdef\n").unwrap();
    fs::write(&style, "plain").unwrap();
    for extension in ["br", "zst", "gz"] {
        fs::write(style.with_extension(format!("css.{extension}")), extension).unwrap();
    }
    let app = TestApp::start_with(&[("SHEAF_SITE", site.path().to_str().unwrap())]).await;
    let mut visitor = Client::new(&app.url);
    let page = visitor.get("/docs").await.text().await;
    assert!(page.contains("href=\"/pkg/sheaf.0123456789abcdef.css\""));
    for (accepted, encoding, content) in [
        ("gzip, zstd, br", "br", "br"),
        ("zstd, gzip;q=0.9, br;q=0.5", "zstd", "zst"),
        ("gzip", "gzip", "gz"),
        ("br;q=0", "", "plain"),
        ("", "", "plain"),
    ] {
        let asked = visitor.request(Method::GET, "/pkg/sheaf.0123456789abcdef.css").header("accept-encoding", accepted);
        let answer = visitor.send(asked).await.expect_status(200).await;
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(
            (answer.header("content-encoding"), answer.header("vary")),
            (encoding, "accept-encoding"),
            "{accepted}"
        );
        assert_eq!(answer.text().await, content, "{accepted}");
    }
}

#[tokio::test]
async fn a_part_of_a_download_can_be_asked_for_whatever_the_client_accepts() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let content = include_bytes!("../../seed/lease-agreement.pdf");
    let id = ada.uploads("Lease.pdf", &content[..]).await;
    let ask = |range: &str| {
        let request =
            ada.request(Method::GET, &format!("/documents/{id}/original")).header("accept-encoding", "gzip, br");
        if range.is_empty() { request } else { request.header("range", range.to_owned()) }
    };
    let (whole, part, beyond) = (ask(""), ask("bytes=100-199"), ask("bytes=99999999-"));
    let whole = ada.send(whole).await.expect_status(200).await;
    assert_eq!((whole.header("content-encoding"), whole.header("accept-ranges")), ("", "bytes"));
    assert_eq!(whole.header("content-length"), content.len().to_string());
    assert!(whole.bytes().await == content);
    let part = ada.send(part).await.expect_status(206).await;
    assert_eq!(part.header("content-range"), format!("bytes 100-199/{}", content.len()));
    assert!(part.bytes().await == content[100..200]);
    assert_eq!(ada.send(beyond).await.status(), 416);
}

#[tokio::test]
async fn of_many_who_come_at_once_one_renders() {
    let app = TestApp::start().await;
    keeps(&app.url).await;
    let asked = (0..100).map(|_| {
        let mut client = Client::new(&app.url);
        async move { status_of(&client.get("/docs").await.expect_status(200).await) }
    });
    let statuses = join_all(asked).await;
    let made = statuses.iter().filter(|status| status.ends_with("stored")).count();
    assert_eq!(made, 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| !status.contains("bypass")), "{statuses:?}");
}

#[tokio::test]
async fn a_purge_is_seen_by_every_server_within_a_second() {
    let mut app = TestApp::prepare().await;
    let servers = [app.run("serve", &[]).await, app.run("serve", &[]).await];
    for server in &servers {
        keeps(server).await;
        let mut visitor = Client::new(server);
        for page in ["/pricing", "/docs"] {
            visitor.get(page).await.expect_status(200).await;
            assert_eq!(status_of(&visitor.get(page).await), "sheaf; hit");
        }
    }
    let purged = app.command("purge").args(["--tag", "pricing"]).status().unwrap();
    assert!(purged.success());
    let since = Instant::now();
    for server in &servers {
        let mut visitor = Client::new(server);
        while status_of(&visitor.get("/pricing").await) == "sheaf; hit" {
            assert!(since.elapsed() < SOON, "{server} still has it");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(status_of(&visitor.get("/docs").await), "sheaf; hit", "what has another tag stays");
    }
    let unknown = app.command("purge").args(["--tag", "prices"]).output().unwrap();
    assert!(!unknown.status.success());
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("pricing, docs"), "the tags are named");
}

/// Waits until a server listens: as it begins to, it takes for purged whatever it has kept before.
async fn keeps(server: &str) {
    let mut visitor = Client::new(server);
    eventually("the server keeps what it has rendered", async || {
        tokio::time::sleep(Duration::from_millis(300)).await;
        (status_of(&visitor.get("/changelog").await) == "sheaf; hit").then_some(())
    })
    .await;
}

/// The address of a piece of work that is done.
async fn job_of(ada: &mut Client) -> String {
    let answer: serde_json::Value = ada.upload("notes.txt", "A few words.").await.expect_status(202).await.json().await;
    ada.document_when_read(answer["document"].as_str().unwrap()).await;
    let job = format!("/jobs/{}", answer["job"].as_str().unwrap());
    eventually("nothing of the job changes any more", async || {
        let first = ada.get(&job).await.header("etag").to_owned();
        tokio::time::sleep(Duration::from_millis(300)).await;
        (ada.get(&job).await.header("etag") == first).then_some(())
    })
    .await;
    job
}

fn status_of(answer: &Answer) -> String {
    answer.header("cache-status").to_owned()
}
