//! Public pages behind real caches: nginx, which knows nothing of a purge, and Varnish, which is told.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    process::{Command, Output},
    time::{Duration, Instant},
};

use bytes::Bytes;
use reqwest::{
    Method, Response,
    header::{ACCEPT_ENCODING, COOKIE, HOST, HeaderMap, HeaderName, HeaderValue},
    redirect::Policy,
};

use crate::{
    client::Client,
    http_sink::HttpSink,
    nginx::Nginx,
    test_app::{TestApp, eventually, free_port},
    varnish::{self, Varnish},
};

/// How soon a purge is seen by every server.
const SOON: Duration = Duration::from_secs(1);

const HOSTS: [&str; 2] = ["acme.example", "globex.example"];

#[tokio::test]
async fn behind_nginx_no_host_and_no_person_gets_what_is_anothers() {
    let world = World::start().await;
    let nginx = Nginx::start(&world.servers(), &world.acme).await;
    world.is_never_mixed_up(&nginx.url).await;
}

#[tokio::test]
async fn behind_varnish_no_host_and_no_person_gets_what_is_anothers() {
    let world = World::start().await;
    let varnish = Varnish::start(&world.servers(), &world.acme).await;
    world.is_never_mixed_up(&varnish.url).await;
}

/// Nginx asks again after a second (by a clock of whole seconds, so after two at most), and what a purge says is seen through it too,
/// without a purge of its own.
#[tokio::test]
async fn a_purge_is_seen_through_a_cache() {
    let mut app = TestApp::prepare().await;
    let acme = app.run("serve", &[("SHEAF_URL", "http://acme.example")]).await;
    let nginx = Nginx::start(&[], &acme).await;
    let http = reqwest::Client::new();
    let ask = || http.get(format!("{}/docs", nginx.url)).header(HOST, "acme.example").send();
    let is_kept = async || ask().await.unwrap().headers()["x-cache"] == "HIT";
    eventually("the cache keeps the page", async || is_kept().await.then_some(())).await;
    let purged = app.command("purge").status().unwrap();
    assert!(purged.success());
    let since = Instant::now();
    while is_kept().await {
        assert!(since.elapsed() < 2 * SOON + Duration::from_millis(500), "the cache still answers by itself");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Nobody has asked for longer than the pages are fresh. So whoever comes next would be shown the old one, while it is asked for anew.
#[tokio::test]
async fn a_cache_that_is_told_of_a_purge_shows_the_new_page_at_once() {
    let world = World::start().await;
    let varnish = Varnish::start(&world.servers(), &world.acme).await;
    for (host, server) in world.servers() {
        eventually("the server keeps what it has rendered", async || {
            tokio::time::sleep(Duration::from_millis(300)).await;
            (Shown::of(server, host, "/pricing", 0).await.status == "sheaf; hit").then_some(())
        })
        .await;
        for page in ["/pricing", "/docs"] {
            Shown::of(&varnish.url, host, page, 1).await;
        }
    }
    tokio::time::sleep(2 * SOON).await;
    for host in HOSTS {
        let old = Shown::of(&varnish.url, host, "/docs", 2).await;
        assert_eq!((old.cache.as_str(), old.made_for), ("HIT", format!("{host}-1")), "it is old, and shown once more");
    }
    let mut purge = world.app.command("purge");
    purge.args(["--tag", "pricing"]).env("SHEAF_PURGE_URLS", &varnish.url);
    let purged = output(purge).await;
    assert!(purged.status.success(), "{}", String::from_utf8_lossy(&purged.stderr));
    // The command has ended some hundred milliseconds after the announcement, and there is nothing left to wait for.
    for host in HOSTS {
        let new = Shown::of(&varnish.url, host, "/pricing", 3).await;
        assert_eq!((new.cache.as_str(), new.made_for), ("MISS", format!("{host}-3")), "the old one is not shown");
        assert!(new.status.starts_with("sheaf; fwd=miss"), "the server has rendered it anew: {}", new.status);
        assert_eq!(Shown::of(&varnish.url, host, "/docs", 4).await.cache, "HIT", "what has another tag stays");
    }
}

#[tokio::test]
async fn varnish_is_purged_by_nobody_else() {
    let mut app = TestApp::prepare().await;
    let acme = app.run("serve", &[("SHEAF_URL", "http://acme.example")]).await;
    let varnish = Varnish::start(&[("acme.example", &acme)], &acme).await;
    let (here, there, pricing) = ([127, 0, 0, 1], [127, 0, 0, 2], ("surrogate-key", "pricing"));
    assert_eq!(purged_from(&varnish.url, here, &[pricing]).await, 200);
    assert_eq!(purged_from(&varnish.url, there, &[pricing]).await, 403, "another address");
    assert_eq!(
        purged_from(&varnish.url, here, &[pricing, ("x-forwarded-for", "192.0.2.1")]).await,
        403,
        "somebody behind a proxy"
    );
    for tags in ["", ".*", "pricing || obj.status == 200"] {
        assert_eq!(purged_from(&varnish.url, here, &[("surrogate-key", tags)]).await, 400, "{tags}");
    }
}

#[test]
fn the_example_for_varnish_compiles() {
    varnish::compile("default.vcl");
}

#[tokio::test]
async fn each_cache_in_front_is_told_twice_and_named_where_it_was_not() {
    let app = TestApp::prepare().await;
    let (well, sick, away) = (HttpSink::start().await, HttpSink::start().await, free_port());
    let purge = async |urls: String| {
        let mut purge = app.command("purge");
        purge.args(["--tag", "pricing,docs"]).env("SHEAF_PURGE_URLS", urls).env("SHEAF_PURGE_TOKEN", "hush");
        output(purge).await
    };
    let told = purge(format!("{}/purge?key=hidden", well.url)).await;
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let kept = well.kept();
    assert_eq!(kept.len(), 2, "at once, and after the servers have heard");
    for told in kept {
        assert_eq!((told.method.as_str(), told.path.as_str()), ("PURGE", "/purge"));
        assert_eq!((told.header("surrogate-key"), told.header("authorization")), ("pricing docs", "Bearer hush"));
    }

    sick.answer(503);
    let urls = format!("{}/?key=hidden,http://bob:secret@127.0.0.1:{away}/,{}", sick.url, well.url);
    let told = purge(urls).await;
    let said = String::from_utf8_lossy(&told.stderr).into_owned();
    assert!(!told.status.success() && said.contains(&format!("{} answered 503", sick.url)), "{said}");
    assert!(said.contains(&format!("http://127.0.0.1:{away} cannot be reached")), "{said}");
    assert!(!said.contains(&well.url) && well.kept().len() == 4, "{said}");
    for secret in ["hidden", "bob", "secret", "hush"] {
        assert!(!said.contains(secret), "{said}");
    }
}

/// Two servers with a host each, and Ada, who is signed in to the first.
struct World {
    app: TestApp,
    acme: String,
    globex: String,
}

impl World {
    async fn start() -> Self {
        let mut app = TestApp::prepare().await;
        let acme = app.run("all", &[("SHEAF_URL", "http://acme.example")]).await;
        let globex = app.run("serve", &[("SHEAF_URL", "http://globex.example")]).await;
        app.url.clone_from(&acme);
        Self { app, acme, globex }
    }

    /// Each host with its server.
    fn servers(&self) -> [(&'static str, &str); 2] {
        [(HOSTS[0], self.acme.as_str()), (HOSTS[1], self.globex.as_str())]
    }

    /// Asks a cache before both for pages of a hundred hosts. Each answer names the request for which it was made, so an answer that
    /// was made for another host is found.
    async fn is_never_mixed_up(&self, cache: &str) {
        let ada = self.app.sign_up("Ada", "Acme").await;
        let http = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
        let references = references(&http, &self.servers()).await;
        let (mut dice, mut hits, mut hers) = (Dice(20_261_123), BTreeSet::new(), 0);
        for number in 0..400 {
            let asked = Asked::any(&mut dice);
            let ask = || http.get(format!("{cache}{}", asked.address)).headers(asked.headers(&ada, number)).send();
            // The first of two is what the second may get.
            ask().await.unwrap().bytes().await.unwrap();
            let answer = ask().await.unwrap();
            if asked.is_answered_by(&answer) {
                hits.insert((asked.host.clone(), asked.target));
            }
            hers += usize::from(asked.target == "/documents" && answer.status() == 200);
            let body = answer.bytes().await.unwrap();
            if let Some(reference) = references.get(&(asked.host.clone(), asked.target, asked.encoding)) {
                assert!(body == *reference, "another page than asked for: {asked:?}");
            }
        }
        assert_eq!(hits.len(), 8, "the cache has kept what it may: {hits:?}");
        assert!(hers > 10, "Ada has seen her documents");
    }
}

/// A page as somebody is shown it.
struct Shown {
    /// Whether the cache has kept it.
    cache: String,
    /// How the server has found it, when it was asked.
    status: String,
    /// The name of the request with which it was.
    made_for: String,
}

impl Shown {
    async fn of(url: &str, host: &str, page: &str, number: u32) -> Self {
        let asked = reqwest::Client::new().get(format!("{url}{page}")).header(HOST, host);
        let answer = asked.header("x-request-id", format!("{host}-{number}")).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{host}{page}");
        let told = |name: &str| answer.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        Self { cache: told("x-cache"), status: told("cache-status"), made_for: told("x-request-id") }
    }
}

/// What is answered to whoever wants a purge from an address of this machine.
async fn purged_from(cache: &str, from: [u8; 4], headers: &[(&'static str, &'static str)]) -> u16 {
    let http = reqwest::Client::builder().local_address(IpAddr::from(from)).build().unwrap();
    let headers = headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
    let asked = http.request(Method::from_bytes(b"PURGE").unwrap(), cache).headers(headers.collect());
    asked.send().await.unwrap().status().as_u16()
}

/// Of a command that is waited for beside the tasks of a test, some of which it talks to.
async fn output(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap()
}

const TARGETS: [&str; 4] = ["/pricing", "/pricing?currency=usd", "/docs", "/"];
const ENCODINGS: [&str; 4] = ["identity", "gzip", "br", "zstd"];

/// Each page as its own server answers it, by host, address and encoding.
async fn references(
    http: &reqwest::Client,
    servers: &[(&str, &str)],
) -> BTreeMap<(String, &'static str, &'static str), Bytes> {
    let mut references = BTreeMap::new();
    for (host, server) in servers {
        for target in TARGETS {
            for encoding in ENCODINGS {
                let asked = http.get(format!("{server}{target}")).header(HOST, *host).header(ACCEPT_ENCODING, encoding);
                let body = asked.send().await.unwrap().bytes().await.unwrap();
                references.insert(((*host).to_owned(), target, encoding), body);
            }
        }
    }
    references
}

/// What somebody may ask a cache for.
#[derive(Debug)]
struct Asked {
    host: String,
    target: &'static str,
    /// The target with what does not belong to it.
    address: String,
    encoding: &'static str,
    is_ada: bool,
    forwarded: bool,
}

impl Asked {
    fn any(dice: &mut Dice) -> Self {
        let host = match dice.of(4) {
            0 => "acme.example".to_owned(),
            1 => "globex.example".to_owned(),
            _ => format!("host-{}.example", dice.of(100)),
        };
        let target = *dice.one(&[&TARGETS[..], &["/documents", "/sign-in"]].concat());
        let joint = if target.contains('?') { '&' } else { '?' };
        let address = match *dice.one(&["", "utm=1", "a=%00&b=c", "currency=xyz"]) {
            "" => target.to_owned(),
            noise => format!("{target}{joint}{noise}"),
        };
        Self {
            host,
            target,
            address,
            encoding: *dice.one(&ENCODINGS),
            is_ada: dice.of(2) == 0,
            forwarded: dice.of(3) == 0,
        }
    }

    fn headers(&self, ada: &Client, number: u32) -> HeaderMap {
        let cookies: Vec<_> = ada.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut headers = vec![
            (HOST, self.host.clone()),
            (ACCEPT_ENCODING, self.encoding.to_owned()),
            (HeaderName::from_static("x-request-id"), format!("{}-{number}", self.host)),
        ];
        headers.extend(self.is_ada.then(|| (COOKIE, cookies.join("; "))));
        headers.extend(self.forwarded.then(|| (HeaderName::from_static("x-forwarded-host"), "globex.example".into())));
        headers.into_iter().map(|(name, value)| (name, HeaderValue::from_str(&value).unwrap())).collect()
    }

    /// Whether the cache has kept the answer. Fails where it must not have, or where the answer is another's.
    fn is_answered_by(&self, answer: &Response) -> bool {
        let told = |name: &str| answer.headers().get(name).map_or("", |value| value.to_str().unwrap());
        let (cache, made_for, control) = (told("x-cache"), told("x-request-id"), told("cache-control"));
        let context = format!("{self:?}: {}, {cache}, {control}, made for {made_for}", answer.status());
        assert!(made_for.starts_with(&format!("{}-", self.host)), "a page of another host: {context}");
        let is_page = TARGETS.contains(&self.target);
        let is_known = ["acme.example", "globex.example"].contains(&self.host.as_str());
        if !is_page || !is_known {
            assert!(cache == "MISS" && control.starts_with("private, no-"), "somebody's page is kept: {context}");
        }
        let is_let_in = self.target != "/documents" || self.is_ada;
        assert_eq!(answer.status(), if is_let_in { 200 } else { 303 }, "{context}");
        cache == "HIT"
    }
}

/// The same throws each time (Knuth's linear congruential generator).
struct Dice(u64);

impl Dice {
    fn of(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.of(of.len() as u64) as usize]
    }
}
