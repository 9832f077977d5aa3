//! What a stranger may try with another tenant's ids: every server function and every page, with each of Ada's ids in the
//! place of the stranger's own, and with every claim to be of Ada's workspace that a request can make. The requests are
//! made from the table of routes, so a route that is missing there fails in `routes.rs` and a new one is replayed here.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use app::routes;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::roles::Role;
use futures::StreamExt;
use reqwest::{Method, RequestBuilder, header::COOKIE};
use serde_json::{Value, json};

use crate::{
    client::{Client, form},
    roles::of_function,
    routes::{Encoding, functions, links, operator_acts, operator_pages, pages},
    test_app::{TestApp, eventually, threads},
};

/// Fewer would leave out a route, an id or a claim.
const CASES: usize = 10_000;

/// How long one answer may take, on a machine whose cores are busy with every other test.
const PATIENCE: Duration = Duration::from_secs(240);

/// What stands in Ada's documents and nowhere else.
const SECRET: &str = "heron4711";

/// Ada's workspace: what a stranger may know of it, and what nobody may be told.
struct Acme {
    tenant: String,
    /// Of every kind of thing that has an id.
    ids: Vec<String>,
    /// Words that are Ada's.
    words: Vec<String>,
}

/// How a request claims to be of Ada's workspace.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Claim {
    Nothing,
    Query,
    QueryOfIds,
    Cookie,
    CookieOfTheDatabase,
    Header,
    ForwardedUser,
    OriginalUrl,
    /// A member's own token, with another tenant written into it.
    ForgedToken,
    /// A token that asks for no signature.
    UnsignedToken,
    /// A forged token before the real one, in case the first wins.
    TwoTokens,
    /// A forged token after the real one, in case the last wins.
    TwoTokensTurned,
    Body,
}

impl Claim {
    const ALL: [Self; 13] = [
        Self::Nothing,
        Self::Query,
        Self::QueryOfIds,
        Self::Cookie,
        Self::CookieOfTheDatabase,
        Self::Header,
        Self::ForwardedUser,
        Self::OriginalUrl,
        Self::ForgedToken,
        Self::UnsignedToken,
        Self::TwoTokens,
        Self::TwoTokensTurned,
        Self::Body,
    ];
}

#[tokio::test]
async fn no_answer_to_a_stranger_holds_a_byte_of_adas() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let acme = workspace(&app, &mut ada).await;
    let eve = app.sign_up("Eve", "Globex").await;
    // A viewer has every reason to try.
    let bob = app.joins("Bob", "Globex", Role::Viewer).await;
    let visitor = Client::new(&app.url);
    let before = state_of(&app, &acme.tenant).await;

    let (eves, bobs, visitors) =
        tokio::join!(member(&eve, &acme, Role::Owner), member(&bob, &acme, Role::Viewer), stranger(&visitor, &acme));
    let at_the_door = at_the_operators_door(&eve, &acme).await + at_the_operators_door(&visitor, &acme).await;
    let replayed = eves + bobs + visitors + at_the_door;
    assert!(replayed >= CASES, "{replayed} requests were replayed");
    assert_eq!(state_of(&app, &acme.tenant).await, before, "something of Ada's was changed");
    crate::figures::note("requests_replayed", replayed);
    // Each answer that held a byte of Ada's has failed above.
    crate::figures::note("bytes_leaked", 0);
}

#[tokio::test]
async fn what_is_not_yours_takes_as_long_as_what_is_not_there() {
    // If both take equally long, the one is the slower in half of the pairs: with 600 pairs, 60 % or more happen once in a
    // million runs.
    const PAIRS: usize = 600;
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let document = ada.reads("heron.txt", format!("{SECRET} {SECRET}")).await.id.to_string();
    let mut eve = app.sign_up("Eve", "Globex").await;
    eve.reads("own.txt", "Nothing of note.").await;
    let nowhere = absent(&document);
    let time = async |client: &mut Client, id: &str| {
        let started = Instant::now();
        client.call("documents/find", json!({ "id": id })).await.expect_status(404).await;
        started.elapsed()
    };
    for _ in 0..50 {
        time(&mut eve, &document).await;
        time(&mut eve, &nowhere).await;
    }
    let mut slower = 0;
    for pair in 0..PAIRS {
        let (not_yours, not_there) = if pair % 2 == 0 {
            let not_yours = time(&mut eve, &document).await;
            (not_yours, time(&mut eve, &nowhere).await)
        } else {
            let not_there = time(&mut eve, &nowhere).await;
            (time(&mut eve, &document).await, not_there)
        };
        slower += usize::from(not_yours > not_there);
    }
    assert!((PAIRS * 4 / 10..=PAIRS * 6 / 10).contains(&slower), "{slower} of {PAIRS} tell them apart");
}

#[tokio::test]
async fn the_events_of_one_workspace_are_heard_in_no_other() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let eve = app.sign_up("Eve", "Globex").await;
    let acme = workspace(&app, &mut ada).await;
    let path = format!("{}?tenant_id={}", routes::EVENTS, acme.tenant);
    let mut heard = eve.request(Method::GET, &path).send().await.unwrap().bytes_stream();
    let mut adas = ada.request(Method::GET, routes::EVENTS).send().await.unwrap().bytes_stream();
    ada.post_form("/api/documents/trash", &[("documents[0]", acme.ids[0].as_str())]).await;
    // Ada hears of it; whatever Eve would hear has been sent by then.
    let told = async |stream: &mut (dyn futures::Stream<Item = reqwest::Result<bytes::Bytes>> + Unpin + Send)| {
        let mut text = String::new();
        while let Ok(Some(part)) = tokio::time::timeout(Duration::from_secs(3), stream.next()).await {
            text.push_str(&String::from_utf8_lossy(&part.unwrap()));
        }
        text
    };
    let (adas, eves) = (told(&mut adas).await, told(&mut heard).await);
    assert!(adas.contains("event: change"), "Ada is told: {adas}");
    assert!(!eves.contains("event: change"), "Eve is told: {eves}");
}

/// Everything that has an id in Ada's workspace.
async fn workspace(app: &TestApp, ada: &mut Client) -> Acme {
    let read = ada.reads("heron.txt", format!("An unmistakable sentence of {SECRET}.")).await;
    let stored = ada.uploads("heron.dwg", "AC1027 heron4711").await;
    let thrown_away = ada.reads("heron-old.txt", format!("An older unmistakable sentence of {SECRET}.")).await;
    let trashed = thrown_away.id.to_string();
    ada.post_form("/api/documents/trash", &[("documents[0]", trashed.as_str())]).await;
    let document = read.id.to_string();
    let fields = [("title", "Heron report"), ("documents[0]", document.as_str())];
    ada.post_form("/api/reports/ask", &fields).await;
    let report = eventually("the report is ready", async || {
        let reports: Value = ada.call("reports/list", json!({})).await.json().await;
        (reports[0]["state"] == "ready").then(|| reports[0]["id"].as_str().unwrap().to_owned())
    })
    .await;
    ada.post_form("/api/exports/ask", &[]).await;
    let export = eventually("the archive is made", async || {
        let exports: Value = ada.call("exports/list", json!({})).await.json().await;
        (exports[0]["state"] == "ready").then(|| exports[0]["id"].as_str().unwrap().to_owned())
    })
    .await;
    let mut superuser = app.superuser().await;
    let mut one = async |query: &str| -> String {
        sqlx::query_scalar(sqlx::AssertSqlSafe(query.to_owned())).fetch_one(&mut superuser).await.unwrap()
    };
    let tenant = one("select tenant_id::text from tenant where name = 'Acme'").await;
    let account = one("select id::text from account where name = 'Ada'").await;
    let session =
        one("select s.id::text from session s join account a on a.id = s.account_id where a.name = 'Ada'").await;
    let mail = one(&format!("select id::text from mail where tenant_id = '{tenant}' limit 1")).await;
    let job = one(&format!("select id::text from job where tenant_id = '{tenant}' limit 1")).await;
    ada.post_form("/api/members/invite", &[("email", "guest@heron.example"), ("role", "viewer")]).await;
    let invite = one(&format!("select id::text from invite where tenant_id = '{tenant}' limit 1")).await;
    let words = [
        SECRET,
        "Acme",
        "ada@acme.example",
        "guest@heron.example",
        "heron.txt",
        "heron.dwg",
        "Heron report",
        &read.sha256,
    ];
    Acme {
        words: words.map(str::to_owned).into(),
        ids: vec![document, trashed, stored, report, tenant.clone(), account, session, mail, job, invite, export],
        tenant,
    }
}

/// Calls everything in this role of another workspace; the pages, which take longest, as its owner alone.
async fn member(client: &Client, acme: &Acme, role: Role) -> usize {
    let mut replayed = 0;
    for id in &acme.ids {
        let nowhere = absent(id);
        for claim in Claim::ALL {
            for (path, encoding, arguments) in functions(id, id) {
                // These concern nobody but whoever calls them, who is in this workspace no more afterwards.
                if matches!(path, "accounts/sign_out_everywhere" | "accounts/change_password" | "members/leave") {
                    continue;
                }
                let (status, body) = call(client, acme, claim, (path, encoding, &arguments)).await;
                let case = format!("{path} with {id}, claiming {claim:?}");
                told_nothing(&case, &body, acme, id);
                let is_refused = status == 403 && !of_function(path).is_open_to(role);
                assert!(status < 500 && (status != 403 || is_refused), "{case}: {status} {body}");
                if claim == Claim::Nothing && arguments.to_string().contains(id.as_str()) {
                    let (_, _, arguments) =
                        functions(&nowhere, &nowhere).into_iter().find(|(other, ..)| *other == path).unwrap();
                    let (absent_status, absent_body) = call(client, acme, claim, (path, encoding, &arguments)).await;
                    assert_eq!(status, absent_status, "{case}: it is told from what is not there");
                    assert_eq!(body.replace(id, "ID"), absent_body.replace(&nowhere, "ID"), "{case}");
                }
                replayed += 1;
            }
            if role != Role::Owner {
                continue;
            }
            for path in pages(id, id) {
                let (status, body) = get(client, acme, claim, &path).await;
                let case = format!("{path}, claiming {claim:?}");
                told_nothing(&case, &body, acme, id);
                assert!(matches!(status, 200 | 303 | 401 | 404), "{case}: {status}");
                replayed += 1;
            }
        }
    }
    replayed
}

/// Calls everything as nobody.
async fn stranger(client: &Client, acme: &Acme) -> usize {
    let mut replayed = 0;
    for id in &acme.ids {
        for claim in Claim::ALL {
            for (path, encoding, arguments) in functions(id, id) {
                let (status, body) = call(client, acme, claim, (path, encoding, &arguments)).await;
                let case = format!("{path} with {id} as a visitor, claiming {claim:?}");
                told_nothing(&case, &body, acme, id);
                assert!(matches!(status, 302 | 303 | 401), "{case}: {status} {body}");
                replayed += 1;
            }
            for path in pages(id, id) {
                let (status, body) = get(client, acme, claim, &path).await;
                let case = format!("{path} as a visitor, claiming {claim:?}");
                told_nothing(&case, &body, acme, id);
                assert!(matches!(status, 303 | 401), "{case}: {status}");
                replayed += 1;
            }
            for path in links(id) {
                let (status, body) = get(client, acme, claim, &path).await;
                told_nothing(&path, &body, acme, id);
                assert_eq!(status, 404, "{path}, claiming {claim:?}");
                replayed += 1;
            }
        }
    }
    replayed
}

/// Tries the operators' door as somebody who is none: it is not there, and neither is a cookie that opens it.
async fn at_the_operators_door(client: &Client, acme: &Acme) -> usize {
    let mut replayed = 0;
    for claim in Claim::ALL {
        for path in operator_pages(&acme.tenant) {
            let (status, body) = get(client, acme, claim, &path).await;
            told_nothing(&path, &body.replace("q=Acme", ""), acme, &acme.tenant);
            assert_eq!(status, 404, "{path}, claiming {claim:?}");
            replayed += 1;
        }
        for (path, fields) in operator_acts(&acme.tenant) {
            let request = client.request(Method::POST, &with_query(&path, acme, claim));
            let (status, body) = answer(claimed(form(request, &fields), client, acme, claim)).await;
            told_nothing(&path, &body, acme, &acme.tenant);
            assert_eq!(status, 404, "{path}, claiming {claim:?}");
            replayed += 1;
        }
        for path in [routes::SUPPORT_CONSENT, routes::SUPPORT_WITHDRAW, routes::SUPPORT_LEAVE] {
            let request = form(client.request(Method::POST, path), &[("visit", &acme.ids[0])]);
            let (status, body) = answer(claimed(request, client, acme, claim)).await;
            told_nothing(path, &body, acme, &acme.ids[0]);
            assert!(matches!(status, 401 | 404), "{path}, claiming {claim:?}: {status}");
            replayed += 1;
        }
    }
    replayed
}

/// Fails if the body holds anything of Ada's but the id that the request has brought.
fn told_nothing(case: &str, body: &str, acme: &Acme, brought: &str) {
    let words = acme.words.iter().filter(|word| body.contains(word.as_str()));
    let ids = acme.ids.iter().filter(|id| *id != brought && body.contains(id.as_str()));
    let told: Vec<_> = words.chain(ids).collect();
    assert!(told.is_empty(), "{case} tells {told:?}: {body}");
}

async fn call(client: &Client, acme: &Acme, claim: Claim, function: (&str, Encoding, &Value)) -> (u16, String) {
    let (path, encoding, arguments) = function;
    let mut arguments = arguments.as_object().unwrap().clone();
    if claim == Claim::Body {
        for name in ["tenant", "tenant_id", "workspace"] {
            arguments.insert(name.into(), acme.tenant.as_str().into());
        }
    }
    let request = client.request(Method::POST, &with_query(&format!("/api/{path}"), acme, claim));
    let request = match encoding {
        Encoding::Json => request.json(&arguments),
        Encoding::Form => {
            let fields: Vec<_> =
                arguments.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
            form(request, &fields)
        }
    };
    answer(claimed(request, client, acme, claim)).await
}

async fn get(client: &Client, acme: &Acme, claim: Claim, path: &str) -> (u16, String) {
    let request = client.request(Method::GET, &with_query(path, acme, claim));
    answer(claimed(request, client, acme, claim)).await
}

async fn answer(request: RequestBuilder) -> (u16, String) {
    let response = request.timeout(PATIENCE).send().await;
    let response = response.unwrap_or_else(|error| panic!("{error:?}, while they wait for:\n{}", threads()));
    let status = response.status().as_u16();
    (status, String::from_utf8_lossy(&response.bytes().await.unwrap()).into_owned())
}

fn with_query(path: &str, acme: &Acme, claim: Claim) -> String {
    let joint = if path.contains('?') { '&' } else { '?' };
    match claim {
        Claim::Query => format!("{path}{joint}tenant_id={}", acme.tenant),
        Claim::QueryOfIds => format!("{path}{joint}tenant={}&workspace={}", acme.tenant, acme.tenant),
        _ => path.to_owned(),
    }
}

fn claimed(request: RequestBuilder, client: &Client, acme: &Acme, claim: Claim) -> RequestBuilder {
    let tenant = &acme.tenant;
    match claim {
        Claim::Nothing | Claim::Query | Claim::QueryOfIds | Claim::Body => request,
        Claim::Header => request.header("x-tenant-id", tenant).header("x-sheaf-tenant", tenant),
        Claim::ForwardedUser => {
            request.header("x-forwarded-user", "ada@acme.example").header("x-forwarded-for", "127.0.0.1")
        }
        Claim::OriginalUrl => {
            let path = routes::document(&acme.ids[0]);
            request.header("x-original-url", &path).header("x-rewrite-url", path)
        }
        Claim::Cookie => with_cookies(request, client, &format!("tenant_id={tenant}; tenant={tenant}")),
        Claim::CookieOfTheDatabase => with_cookies(request, client, &format!("app.tenant_id={tenant}")),
        Claim::ForgedToken => with_cookies(request, &without_session(client), &access(&forged(client, acme))),
        Claim::UnsignedToken => with_cookies(request, &without_session(client), &access(&unsigned(acme))),
        Claim::TwoTokens => {
            let own = client.cookies.get("__Host-at").map(|own| access(own)).unwrap_or_default();
            with_cookies(request, &without_session(client), &format!("{}; {own}", access(&forged(client, acme))))
        }
        Claim::TwoTokensTurned => with_cookies(request, client, &access(&forged(client, acme))),
    }
}

/// The client's cookies and more; a second header of cookies would be another matter.
fn with_cookies(request: RequestBuilder, client: &Client, more: &str) -> RequestBuilder {
    let own = client.cookies.iter().map(|(name, value)| format!("{name}={value}"));
    let all: Vec<_> = own.chain([more.to_owned()]).collect();
    let (http, request) = request.build_split();
    let mut request = request.unwrap();
    request.headers_mut().insert(COOKIE, all.join("; ").parse().unwrap());
    RequestBuilder::from_parts(http, request)
}

fn without_session(client: &Client) -> Client {
    let mut bare = client.clone();
    bare.cookies.clear();
    bare
}

fn access(token: &str) -> String {
    format!("__Host-at={token}")
}

/// A member's token whose payload names Ada's tenant, under the signature of what it said before.
fn forged(client: &Client, acme: &Acme) -> String {
    let Some(own) = client.cookies.get("__Host-at") else { return unsigned(acme) };
    let parts: Vec<&str> = own.split('.').collect();
    let mut claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    claims["tid"] = acme.tenant.as_str().into();
    format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(claims.to_string()), parts[2])
}

fn unsigned(acme: &Acme) -> String {
    let header = json!({ "alg": "none", "typ": "at+jwt" });
    let claims = json!({
        "iss": "sheaf", "aud": "sheaf-web", "sub": acme.ids[5], "tid": acme.tenant, "sid": acme.ids[6], "sv": 0,
        "role": "owner", "iat": 0, "nbf": 0, "exp": 4_102_444_800_u64,
    });
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(header), part(claims))
}

/// An id that nobody has, and that is as long as this one.
fn absent(id: &str) -> String {
    let last = if id.ends_with('0') { '1' } else { '0' };
    format!("{}{last}", &id[..id.len() - 1])
}

/// A digest of each table's rows of a tenant. Housekeeping has jobs of its own, which count in lanes.
pub async fn state_of(app: &TestApp, tenant: &str) -> BTreeSet<String> {
    let mut superuser = app.superuser().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid
         where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relrowsecurity and a.attname = 'tenant_id'
           and c.relname not in ('job', 'job_lane', 'job_step')",
    )
    .fetch_all(&mut superuser)
    .await
    .unwrap();
    let mut state = BTreeSet::new();
    for table in tables {
        let digest = format!(
            "select format('%s %s %s', '{table}', count(*), md5(string_agg(r::text, ' ' order by r::text)))
             from {table} r where tenant_id = '{tenant}'"
        );
        let digest: String = sqlx::query_scalar(sqlx::AssertSqlSafe(digest)).fetch_one(&mut superuser).await.unwrap();
        state.insert(digest);
    }
    assert!(state.len() > 5, "{state:?}");
    state
}
