//! The keys that sign tokens and seal secrets are rotated while people are signed in.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{accounts::TokenKeys, clock::Clock, db::setup::OWNER, operators::TotpSecret};

use crate::{client::Client, test_app::TestApp};

const ACCESS: &str = "__Host-at";
const REFRESH: &str = "__Host-rt";
const BOB: &str = "bob@sheaf.example";

#[tokio::test]
async fn a_session_goes_on_over_a_rotation_and_a_retired_key_is_refused() {
    let mut app = TestApp::prepare().await;
    let old = STANDARD.encode(TokenKeys::generate().unwrap());
    app.url = app.run("serve", &[("SHEAF_TOKEN_KEYS", &old)]).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let bob = added(&app, &old);
    let signed_by_old = ada.cookies.clone();
    let id_of_old = listed(&app, &old).remove(0).0;

    let steps = keys(&app, &old, &["rotate", "tokens"]).unwrap();
    let settings: Vec<String> =
        steps.lines().filter_map(|line| line.strip_prefix("SHEAF_TOKEN_KEYS=")).map(str::to_owned).collect();
    let [known, signs] = &settings[..] else { panic!("{steps}") };
    assert_ne!(known, signs);

    // Whichever of two servers in neighbouring steps answers, nobody is asked for anything.
    let first_step = app.run("serve", &[("SHEAF_TOKEN_KEYS", known)]).await;
    let second_step = app.run("serve", &[("SHEAF_TOKEN_KEYS", signs)]).await;
    for url in [&first_step, &second_step] {
        is_taken_as_it_is(url, &signed_by_old).await;
    }
    ada.url = second_step.clone();
    ada.cookies.remove(ACCESS);
    ada.get("/documents").await.expect_status(200).await;
    is_taken_as_it_is(&first_step, &ada.cookies).await;

    let secrets_with = |setting: &str| listed(&app, setting).into_iter().map(|(_, use_, secrets)| (use_, secrets));
    let two: Vec<_> = secrets_with(signs).collect();
    assert_eq!(two, [("signs".to_owned(), 0), ("checks".to_owned(), 1)]);
    let refused = keys(&app, signs, &["retire", &id_of_old]).unwrap_err();
    assert!(refused.contains("1 secrets are sealed with"), "{refused}");
    assert!(keys(&app, known, &["retire", &id_of_old]).unwrap_err().contains("signs"), "the one that signs stays");
    assert!(keys(&app, signs, &["rotate", "secrets"]).unwrap().contains("1 secrets sealed anew"));
    assert!(keys(&app, signs, &["rotate", "secrets"]).unwrap().contains("0 secrets sealed anew"), "it is done");
    let retired = keys(&app, signs, &["retire", &id_of_old]).unwrap();
    let new = retired.lines().find_map(|line| line.strip_prefix("SHEAF_TOKEN_KEYS=")).unwrap();
    assert_eq!(listed(&app, new).len(), 1);

    app.url = app.run("serve", &[("SHEAF_TOKEN_KEYS", new)]).await;
    is_taken_as_it_is(&app.url, &ada.cookies).await;
    let mut with_old = Client::new(&app.url);
    with_old.cookies = signed_by_old;
    with_old.cookies.remove(REFRESH);
    with_old.get("/documents").await.expect_status(303).await;
    bob.signs_in(&app).await;
}

/// No token is renewed on the way, which would hide that it was not good.
async fn is_taken_as_it_is(url: &str, cookies: &BTreeMap<String, String>) {
    let mut browser = Client::new(url);
    browser.cookies = cookies.clone();
    browser.cookies.remove(REFRESH);
    browser.get("/documents").await.expect_status(200).await;
}

struct Bob {
    password: String,
    secret: TotpSecret,
}

fn added(app: &TestApp, setting: &str) -> Bob {
    let printed = owner(app, setting, "operator", &["add", BOB, "--name", "Bob"]).unwrap();
    let value = |name: &str| printed.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
    Bob { password: value("password"), secret: TotpSecret::from_base32(&value("secret")).unwrap() }
}

impl Bob {
    async fn signs_in(&self, app: &TestApp) {
        let code = self.secret.code_at(Clock::system().now());
        let fields = [("email", BOB), ("password", self.password.as_str()), ("code", code.as_str())];
        Client::new(&app.url).post_form("/operator/sign-in", &fields).await.expect_status(303).await;
    }
}

/// Id, use, and how many secrets, of each key.
fn listed(app: &TestApp, setting: &str) -> Vec<(String, String, u64)> {
    let printed = keys(app, setting, &["list"]).unwrap();
    let words = printed.lines().map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    words.map(|words| (words[0].clone(), words[1].clone(), words[3].parse().unwrap())).collect()
}

fn keys(app: &TestApp, setting: &str, arguments: &[&str]) -> Result<String, String> {
    owner(app, setting, "keys", arguments)
}

/// What a command says that signs in as the owner of the schema.
fn owner(app: &TestApp, setting: &str, command: &str, arguments: &[&str]) -> Result<String, String> {
    let (host, port, database) =
        (app.admin.get_host(), app.admin.get_port(), app.admin.get_database().unwrap_or_default());
    let url = format!("postgres://{OWNER}:test@{host}:{port}/{database}");
    let mut process = app.command(command);
    process.args(arguments).env("SHEAF_OWNER_DATABASE_URL", url).env("SHEAF_TOKEN_KEYS", setting);
    let output = process.output().unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(said(&output.stdout)) } else { Err(said(&output.stderr)) }
}
