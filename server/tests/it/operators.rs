//! The operators' door, from the command line to the workspace.

use std::time::{Duration, Instant};

use domain::{clock::Clock, db::setup::OWNER, operators::TotpSecret};

use crate::{
    client::Client,
    metrics::figures,
    test_app::{TestApp, eventually, free_port},
};

const BOB: &str = "bob@sheaf.example";

/// How soon every server obeys.
const SOON: Duration = Duration::from_millis(2_500);

/// What the command line prints for a new operator.
pub struct Bob {
    password: String,
    secret: TotpSecret,
}

impl Bob {
    pub fn added(app: &TestApp) -> Self {
        let printed = operator(app, &["add", BOB, "--name", "Bob"]);
        let value = |name: &str| {
            let line = printed.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{printed}"));
            line.trim().to_owned()
        };
        Self { password: value("password"), secret: TotpSecret::from_base32(&value("secret")).unwrap() }
    }

    pub async fn signs_in(&self, app: &TestApp) -> Client {
        let mut bob = Client::new(&app.url);
        let code = self.secret.code_at(Clock::system().now());
        let fields = [("email", BOB), ("password", self.password.as_str()), ("code", code.as_str())];
        let answer = bob.post_form("/operator/sign-in", &fields).await.expect_status(303).await;
        assert_eq!(answer.header("location"), "/operator");
        bob
    }
}

#[tokio::test]
async fn an_operator_suspends_and_restores_a_workspace() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let mut eve = app.sign_up("Eve", "Globex").await;
    let mut bob = Bob::added(&app).signs_in(&app).await;
    assert!(operator(&app, &["list"]).contains("bob@sheaf.example  Bob  active"));

    let list = bob.get("/operator").await.expect_status(200).await.text().await;
    assert!(list.contains("Acme") && list.contains("Globex"), "{list}");
    let found = bob.get("/operator?q=acm").await.expect_status(200).await.text().await;
    assert!(found.contains("Acme") && !found.contains("Globex"), "{found}");
    let page = format!("/operator/tenants/{}", tenant(&app, "Acme").await);
    bob.get(&page).await.expect_status(200).await;
    bob.get("/operator/tenants/01912345-0000-7000-8000-000000000000").await.expect_status(404).await;
    bob.get("/operator/tenants/acme").await.expect_status(404).await;

    let suspend = format!("{page}/suspend");
    bob.post_form(&suspend, &[("suspend_reason", "because"), ("confirm", "on")]).await.expect_status(422).await;
    let reason = ("suspend_reason", "Nobody has paid for a year.");
    let unconfirmed = bob.post_form(&suspend, &[reason]).await.expect_status(422).await.text().await;
    assert!(unconfirmed.contains("Nobody has paid for a year."), "what was typed is kept");
    ada.get("/documents").await.expect_status(200).await;
    bob.post_form(&suspend, &[reason, ("confirm", "on")]).await.expect_status(303).await;

    let started = Instant::now();
    eventually("Ada is shut out", async || (ada.get("/documents").await.status() == 403).then_some(())).await;
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    let shown = ada.get("/settings/account").await.expect_status(403).await.text().await;
    assert!(shown.contains("This workspace is suspended"), "{shown}");
    ada.call("documents/list", serde_json::json!({ "query": { "sort": "newest", "trash": false } }))
        .await
        .expect_status(403)
        .await;
    ada.upload("a.txt", "a").await.expect_status(403).await;
    eve.get("/documents").await.expect_status(200).await;

    bob.post_form(&format!("{page}/restore"), &[]).await.expect_status(303).await;
    eventually("Ada is back", async || (ada.get("/documents").await.status() == 200).then_some(())).await;
    assert_eq!(acts(&app, "tenant.(suspended|restored)").await, ["tenant.suspended", "tenant.restored"]);
    bob.post_form("/operator/sign-out", &[]).await.expect_status(303).await;
    assert!(bob.cookies.is_empty(), "{:?}", bob.cookies);
    bob.get("/operator").await.expect_status(404).await;
}

#[tokio::test]
async fn the_work_of_a_suspended_workspace_waits() {
    let mut app = TestApp::prepare().await;
    app.url = app.run("serve", &[]).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let id = ada.uploads("notes.txt", "It waits.").await;
    let mut bob = Bob::added(&app).signs_in(&app).await;
    let page = format!("/operator/tenants/{}", tenant(&app, "Acme").await);
    let fields = [("suspend_reason", "Nobody has paid for a year."), ("confirm", "on")];
    bob.post_form(&format!("{page}/suspend"), &fields).await.expect_status(303).await;
    let mut eve = app.sign_up("Eve", "Globex").await;
    app.run("work", &[]).await;
    // Eve's came later and is read, so the worker has passed over Ada's.
    eve.reads("hers.txt", "It is read.").await;
    let state: String = sqlx::query_scalar("select state from document where id = $1::uuid")
        .bind(&id)
        .fetch_one(&mut app.superuser().await)
        .await
        .unwrap();
    assert_eq!(state, "waiting");
    bob.post_form(&format!("{page}/restore"), &[]).await.expect_status(303).await;
    eventually("Ada is back", async || (ada.get("/documents").await.status() == 200).then_some(())).await;
    ada.document_when_read(&id).await;
}

#[tokio::test]
async fn an_operator_sees_the_queues_and_holds_work_up() {
    let mut app = TestApp::prepare().await;
    app.url = app.run("serve", &[]).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let id = ada.uploads("notes.txt", "It waits.").await;
    let mut bob = Bob::added(&app).signs_in(&app).await;
    let page = bob.get("/operator/queues").await.expect_status(200).await.text().await;
    for words in ["read_document", "No process works", "Nothing is held up."] {
        assert!(page.contains(words), "{words} in {page}");
    }
    assert!(!page.contains("notes.txt"), "{page}");
    assert!(page.contains("<option value=\"read_document\""), "a kind is chosen, so none is mistyped: {page}");
    let status = owner(&app, "queue", &["status"]);
    assert!(status.contains("read_document") && status.contains("held up: 0"), "{status}");

    let acme = tenant(&app, "Acme").await;
    let lanes = format!("/operator/queues/lanes?kind=&tenant={acme}");
    for path in ["/operator/queues/lanes", "/operator/queues/lanes?order=use", &lanes] {
        let page = bob.get(path).await.expect_status(200).await.text().await;
        assert!(page.contains("Acme") && page.contains("read_document"), "{path}: {page}");
    }
    let lane = format!("/operator/queues/lane?kind=read_document&tenant={acme}");
    bob.get(&lane).await.expect_status(200).await;
    bob.get(&lane.replace("read_document", "nothing")).await.expect_status(404).await;
    bob.get("/operator/queues/lane").await.expect_status(404).await;
    let fields = [("tenant", acme.as_str()), ("kind", "read_document"), ("max_running", "3"), ("max_waiting", "500")];
    let wrong = [&fields[..], &[("weight", "heavy")]].concat();
    bob.post_form("/operator/queues/lane", &wrong).await.expect_status(422).await;
    let right = [&fields[..], &[("weight", "2.5")]].concat();
    bob.post_form("/operator/queues/lane", &right).await.expect_status(303).await;
    let page = bob.get(&lane).await.expect_status(200).await.text().await;
    assert!(page.contains("value=\"2.5\"") && page.contains("value=\"500\""), "{page}");

    let reason = ("pause_reason", "It reads the wrong pages.");
    let unconfirmed = [("tenant", acme.as_str()), reason];
    let again = bob.post_form("/operator/queues/pause", &unconfirmed).await.expect_status(422).await.text().await;
    assert!(again.contains("It reads the wrong pages."), "what was typed is kept");
    let nobody = ("tenant", "01912345-0000-7000-8000-000000000000");
    bob.post_form("/operator/queues/pause", &[nobody, reason, ("confirm", "on")]).await.expect_status(404).await;
    let paused = [("tenant", acme.as_str()), reason, ("confirm", "on")];
    bob.post_form("/operator/queues/pause", &paused).await.expect_status(303).await;
    bob.post_form("/operator/queues/pause", &paused).await.expect_status(409).await;
    let page = bob.get(&lanes).await.expect_status(200).await.text().await;
    assert!(page.contains("Held up by Bob") && page.contains("It reads the wrong pages."), "{page}");

    let mut eve = app.sign_up("Eve", "Globex").await;
    app.run("work", &[]).await;
    // Eve's came later and is read, so the worker has passed over Ada's.
    eve.reads("hers.txt", "It is read.").await;
    assert!(ada.document(&id).await.state.is_busy());
    bob.post_form("/operator/queues/resume", &[("tenant", &acme)]).await.expect_status(303).await;
    bob.post_form("/operator/queues/resume", &[("tenant", &acme)]).await.expect_status(409).await;
    ada.document_when_read(&id).await;

    let kind = [("kind", "read_document"), reason, ("confirm", "on")];
    bob.post_form("/operator/queues/pause", &kind).await.expect_status(303).await;
    let page = bob.get("/operator/queues").await.expect_status(200).await.text().await;
    assert!(page.contains("Resume read_document") && !page.contains("No process works"), "{page}");
    bob.post_form("/operator/queues/resume", &[("kind", "read_document")]).await.expect_status(303).await;
    assert_eq!(acts(&app, "work").await, ["work.limits_changed", "work.paused", "work.resumed"]);
}

#[tokio::test]
async fn an_operator_is_warned_of_work_that_no_process_does() {
    let mut app = TestApp::prepare().await;
    app.url = app.run("serve", &[]).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let id = ada.uploads("notes.txt", "It waits.").await;
    let mut bob = Bob::added(&app).signs_in(&app).await;
    // Of a version that knows more.
    let later = "with lane as (insert into job_lane (tenant_id, kind) select tenant_id, 'make_poster' from tenant)
                 insert into job (tenant_id, id, kind, payload, max_attempts)
                 select tenant_id, gen_random_uuid(), 'make_poster', '{}', 5 from tenant";
    sqlx::query(later).execute(&mut app.superuser().await).await.unwrap();
    let page = bob.get("/operator/queues").await.expect_status(200).await.text().await;
    for words in ["No process does this work: read_document", "one does it: make_poster", "Unknown to this version"] {
        assert!(page.contains(words), "{words} in {page}");
    }
    assert!(owner(&app, "queue", &["status"]).contains("no worker does: make_poster, read_document"));

    let address = format!("127.0.0.1:{}", free_port());
    app.run("work", &[("SHEAF_KINDS", "mail"), ("SHEAF_METRICS_ADDRESS", &address)]).await;
    let unserved = "sheaf_queue_unserved_jobs";
    let answers = async || reqwest::get(format!("http://{address}/metrics")).await.ok();
    eventually("it tells figures", answers).await;
    let told = figures(&address).await;
    for kind in ["read_document", "other"] {
        assert_eq!(told.of(unserved, &[("kind", kind)]), 1.0, "{kind}");
    }

    app.run("work", &[]).await;
    ada.document_when_read(&id).await;
    let page = eventually("somebody does all that this version knows", async || {
        let page = bob.get("/operator/queues").await.expect_status(200).await.text().await;
        (!page.contains("No process does this work")).then_some(page)
    })
    .await;
    assert!(page.contains("one does it: make_poster"), "{page}");
}

#[tokio::test]
async fn an_operator_sees_what_is_earned_and_takes_it_out() {
    let mut app = TestApp::prepare().await;
    app.url = app.run("serve", &[]).await;
    app.sign_up("Ada", "Acme").await;
    let mut bob = Bob::added(&app).signs_in(&app).await;
    let page = bob.get("/operator/revenue").await.expect_status(200).await.text().await;
    assert!(page.contains("Nothing was counted yet"), "{page}");
    let acme = tenant(&app, "Acme").await;
    let counted = format!(
        "insert into revenue_tenant
         values ('{acme}', '2024-10-01', 'usd', 'free', 'team', 0, 5400, 5400, 0, 0, 0, 0, 1, 1, 1, 5400, 0, 5400, 0, 0, 0, 120, 0,
                 3600, 30000, now())"
    );
    sqlx::query(sqlx::AssertSqlSafe(counted)).execute(&mut app.superuser().await).await.unwrap();
    sqlx::query("select sum_revenue('2024-10-01')").execute(&mut app.superuser().await).await.unwrap();

    let page = bob.get("/operator/revenue?month=2024-10").await.expect_status(200).await.text().await;
    for words in ["October 2024", "$54.00", "$648.00", "100.0 %", "month-chart", "All plans"] {
        assert!(page.contains(words), "{words} in {page}");
    }
    assert!(!page.contains("Acme"), "{page}");
    let table = bob.get("/operator/revenue.csv?month=2024-10").await.expect_status(200).await;
    assert!(table.header("content-disposition").contains("revenue.csv"));
    assert!(table.text().await.contains("2024-10,team,usd,0,5400,5400,"));

    let workspaces = "?month=2024-10&currency=usd";
    let page =
        bob.get(&format!("/operator/revenue/workspaces{workspaces}")).await.expect_status(200).await.text().await;
    for words in ["Acme", "120", "1 h", "€0.05", "$54.00"] {
        assert!(page.contains(words), "{words} in {page}");
    }
    let table = bob.get(&format!("/operator/revenue/workspaces.csv{workspaces}")).await.expect_status(200).await;
    assert!(table.text().await.contains(",Acme,team,0,5400,5400,"));
    for nonsense in ["?month=never&currency=gold&after=x", "?month=9999-12&after=1.2", "?month=0000-01"] {
        bob.get(&format!("/operator/revenue{nonsense}")).await.expect_status(200).await;
        bob.get(&format!("/operator/revenue/workspaces{nonsense}")).await.expect_status(200).await;
    }
}

#[tokio::test]
async fn an_operator_has_what_failed_run_again() {
    let mut app = TestApp::prepare().await;
    app.url = app.run("serve", &[]).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let mut bob = Bob::added(&app).signs_in(&app).await;
    let nothing = bob.get("/operator/queues/dead").await.expect_status(200).await.text().await;
    assert!(nothing.contains("No dead letters"), "{nothing}");
    ada.uploads("one.txt", "One.").await;
    ada.uploads("two.txt", "Two.").await;
    let died = "update job set state = 'dead', attempt = max_attempts, finished_at = now(), died_at = now(),
                               last_error = 'the reader was out of order'
                where kind = 'read_document' returning id::text";
    let jobs: Vec<String> = sqlx::query_scalar(died).fetch_all(&mut app.superuser().await).await.unwrap();

    let page = bob.get("/operator/queues/dead?kind=read_document").await.expect_status(200).await.text().await;
    assert!(page.contains("the reader was out of order") && page.contains("Acme"), "{page}");
    assert!(!page.contains("one.txt"), "{page}");
    let other = bob.get("/operator/queues/dead?kind=make_report").await.expect_status(200).await.text().await;
    assert!(!other.contains("out of order"), "{other}");

    let acme = tenant(&app, "Acme").await;
    let one = [("of", acme.as_str()), ("job", jobs[0].as_str())];
    bob.post_form("/operator/queues/replay", &one).await.expect_status(303).await;
    bob.post_form("/operator/queues/replay", &one).await.expect_status(409).await;
    bob.post_form("/operator/queues/replay", &[("kind", "read_document")]).await.expect_status(422).await;
    let all = [("kind", "read_document"), ("confirm", "on")];
    let replayed = bob.post_form("/operator/queues/replay", &all).await.expect_status(303).await;
    let next = replayed.header("location").to_owned();
    let page = bob.get(&next).await.expect_status(200).await.text().await;
    assert!(page.contains("1 dead letter runs again.") && page.contains("No dead letters"), "{page}");
    let states: Vec<String> = sqlx::query_scalar("select state from job where kind = 'read_document'")
        .fetch_all(&mut app.superuser().await)
        .await
        .unwrap();
    assert_eq!(states, ["waiting", "waiting"]);
    assert_eq!(acts(&app, "work").await, ["work.replayed", "work.replayed"]);
}

#[tokio::test]
async fn support_is_seen_looks_and_changes_what_an_owner_consents_to() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    ada.reads("notes.txt", "Ada's notes.").await;
    let mut bob = Bob::added(&app).signs_in(&app).await;
    let page = format!("/operator/tenants/{}", tenant(&app, "Acme").await);
    let enter = format!("{page}/enter");
    bob.post_form(&enter, &[("visit_reason", "help")]).await.expect_status(422).await;
    let entered = bob.post_form(&enter, &[("visit_reason", "Ada cannot find her notes.")]).await;
    let cookie = entered.header("set-cookie").to_owned();
    for attribute in ["__Host-sv=", "HttpOnly", "Secure", "SameSite=Strict", "Max-Age=1800"] {
        assert!(cookie.contains(attribute), "{attribute} in {cookie}");
    }
    entered.expect_status(303).await;

    assert_eq!(bob.list().await.total, 1, "she looks");
    let hers = bob.get("/documents").await.expect_status(200).await.text().await;
    assert!(hers.contains("You are in this workspace as support until"), "{hers}");
    bob.upload("a.txt", "a").await.expect_status(403).await;
    bob.call("accounts/sessions", serde_json::json!({})).await.expect_status(403).await;

    let mut adas = String::new();
    eventually("Ada is told", async || {
        adas = ada.get("/documents").await.expect_status(200).await.text().await;
        adas.contains("Sheaf support (Bob) is in this workspace until").then_some(())
    })
    .await;
    assert!(adas.contains("Ada cannot find her notes."), "{adas}");
    let visit = visit(&app).await;
    bob.post_form("/support/consent", &[("visit", &visit)]).await.expect_status(403).await;
    ada.post_form("/support/consent", &[("visit", &visit)]).await.expect_status(303).await;
    eventually("Bob may", async || (bob.upload("a.txt", "a").await.status() == 202).then_some(())).await;
    ada.post_form("/support/withdraw", &[("visit", &visit)]).await.expect_status(303).await;
    eventually("Bob may not", async || (bob.upload("b.txt", "b").await.status() == 403).then_some(())).await;

    let left = bob.post_form("/support/leave", &[]).await.expect_status(303).await;
    assert_eq!(left.header("location"), page);
    bob.get("/documents").await.expect_status(303).await;
    let acts = acts(&app, "support").await;
    assert_eq!(acts, ["support.entered", "support.consented", "support.consent_withdrawn", "support.left"]);
}

#[tokio::test]
async fn another_server_knows_of_an_owners_consent_when_it_hears_of_it() {
    let mut app = TestApp::prepare().await;
    app.url = app.run("serve", &[]).await;
    let other = app.run("serve", &[]).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let mut bob = Bob::added(&app).signs_in(&app).await;
    let enter = format!("/operator/tenants/{}/enter", tenant(&app, "Acme").await);
    bob.post_form(&enter, &[("visit_reason", "Ada cannot find her notes.")]).await.expect_status(303).await;
    bob.url = other;
    let consented = async |bob: &mut Client| {
        let visits = bob.call("tenants/visits", serde_json::json!({})).await.expect_status(200).await;
        visits.json::<serde_json::Value>().await[0]["consented"] == true
    };
    assert!(!consented(&mut bob).await);
    ada.post_form("/support/consent", &[("visit", &visit(&app).await)]).await.expect_status(303).await;
    // The page asks once for each change that it hears of, so what the server remembers must not be older.
    let begun = Instant::now();
    while !consented(&mut bob).await {
        assert!(begun.elapsed() < Duration::from_secs(1), "the other server tells of before");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn for_whoever_is_no_operator_there_is_a_sign_in_page_and_nothing_else() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let mut visitor = Client::new(&app.url);
    for client in [&mut ada, &mut visitor] {
        client.get("/operator/sign-in").await.expect_status(200).await;
        client.get("/operator").await.expect_status(404).await;
        let fields = [("email", "ada@acme.example"), ("password", "correct horse battery"), ("code", "000000")];
        let refused = client.post_form("/operator/sign-in", &fields).await.expect_status(422).await.text().await;
        assert!(refused.contains("do not belong together") && !refused.contains("000000"), "{refused}");
    }
    visitor.cookies.insert("__Host-op".into(), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into());
    let answer = visitor.get("/operator").await.expect_status(303).await;
    assert_eq!(answer.header("location"), "/operator/sign-in");
    visitor.cookies.insert("__Host-sv".into(), format!("{}.AAAA", tenant(&app, "Acme").await.replace('-', "")));
    visitor.get("/documents").await.expect_status(303).await;
}

/// What `sheaf operator` prints.
fn operator(app: &TestApp, arguments: &[&str]) -> String {
    owner(app, "operator", arguments)
}

/// What a command prints that signs in as the owner of the schema.
fn owner(app: &TestApp, command: &str, arguments: &[&str]) -> String {
    let (host, port, database) =
        (app.admin.get_host(), app.admin.get_port(), app.admin.get_database().unwrap_or_default());
    let owner = format!("postgres://{OWNER}:test@{host}:{port}/{database}");
    let output = app.command(command).args(arguments).env("SHEAF_OWNER_DATABASE_URL", owner).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

async fn tenant(app: &TestApp, name: &str) -> String {
    sqlx::query_scalar("select tenant_id::text from tenant where name = $1")
        .bind(name)
        .fetch_one(&mut app.superuser().await)
        .await
        .unwrap()
}

/// The acts of these kinds in the audit log, in their order.
async fn acts(app: &TestApp, kind: &str) -> Vec<String> {
    sqlx::query_scalar("select act from audit_entry where act ~ $1 order by created_at, id")
        .bind(format!("^{kind}"))
        .fetch_all(&mut app.superuser().await)
        .await
        .unwrap()
}

async fn visit(app: &TestApp) -> String {
    let visit = "select id::text from support_visit where ended_at is null";
    sqlx::query_scalar(visit).fetch_one(&mut app.superuser().await).await.unwrap()
}
