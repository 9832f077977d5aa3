//! Whatever changes something says so in the audit log, in the transaction of the change. Every route that may change something
//! is called here as an owner calls it, and a witness in the database tells what each transaction did.
//!
//! Who adds a route adds a line to [`STEPS`]: with what it is called, and which act it records, or why it records none. A
//! `{name}` in a field stands for one of [`VALUES`]. The lines are called in their order.

use std::collections::BTreeSet;

use app::routes;
use domain::audit::Act;
use serde_json::{Map, Value};
use sqlx::{Executor, PgConnection};

use crate::{
    client::{Answer, Client},
    routes::{Encoding, UNSAFE, functions, pages},
    test_app::TestApp,
    workspace::png,
};

/// Who calls.
#[derive(Clone, Copy, PartialEq)]
enum Caller {
    Visitor,
    /// The owner of Acme.
    Ada,
    /// Ada in another browser, for what ends a session.
    AdaElsewhere,
}

use Caller::{Ada, AdaElsewhere, Visitor};

enum Records {
    Act(Act),
    /// And the reason why.
    Nothing(&'static str),
    /// It is refused here, for want of what it needs; and who sees to it that it records what it does.
    Refused(&'static str),
}

use Records::{Nothing, Refused};

type Fields = &'static [(&'static str, &'static str)];

const PASSWORD: &str = "correct horse battery";

/// Of what is bought.
const WITH_STRIPE: &str =
    "nothing is sold here; the tests of billing call it with a payment service and look at the log";

const STEPS: &[(&str, Caller, Fields, Records)] = &[
    (
        "/sign-up",
        Visitor,
        &[("name", "Bob"), ("workspace", "Initech"), ("email", "bob@initech.example"), ("password", PASSWORD)],
        Records::Act(Act::TenantMade),
    ),
    ("/verify", Visitor, &[("token", "{token}")], Records::Act(Act::SignedIn)),
    ("/forgot-password", Visitor, &[("email", "bob@initech.example")], Nothing("anybody may ask, who need not be Bob")),
    (
        "/reset-password",
        Visitor,
        &[("token", "{token}"), ("password", "another horse battery")],
        Nothing("an account is known across workspaces, and none of them is open"),
    ),
    (
        "/sign-in",
        Visitor,
        &[("email", "bob@initech.example"), ("password", "another horse battery")],
        Records::Act(Act::SignedIn),
    ),
    (
        "/api/members/invite",
        Ada,
        &[("email", "guest@acme.example"), ("role", "viewer")],
        Records::Act(Act::MemberInvited),
    ),
    ("/api/members/send_again", Ada, &[("invite", "{invite of an hour ago}")], Records::Act(Act::InviteSentAgain)),
    (
        "/invite",
        Visitor,
        &[("token", "{guest's token}"), ("name", "Eve"), ("password", PASSWORD)],
        Records::Act(Act::InviteAccepted),
    ),
    ("/api/members/change_role", Ada, &[("account", "{guest}"), ("role", "member")], Records::Act(Act::RoleChanged)),
    ("/api/members/remove", Ada, &[("account", "{guest}")], Records::Act(Act::MemberRemoved)),
    (
        "/api/members/invite",
        Ada,
        &[("email", "guest@acme.example"), ("role", "admin")],
        Records::Act(Act::MemberInvited),
    ),
    ("/api/members/withdraw", Ada, &[("invite", "{invite of an hour ago}")], Records::Act(Act::InviteWithdrawn)),
    ("/workspaces", AdaElsewhere, &[("name", "Second")], Records::Act(Act::TenantMade)),
    ("/switch", AdaElsewhere, &[("tenant", "{second}")], Records::Act(Act::SignedIn)),
    ("/theme", Visitor, &[("theme", "dark")], Nothing("it is kept in the browser")),
    ("/uploads", Ada, &[], Records::Act(Act::DocumentUploaded)),
    ("/api/documents/cancel", Ada, &[("document", "{waiting}")], Records::Act(Act::DocumentCancelled)),
    ("/api/documents/retry", Ada, &[("document", "{cancelled}")], Records::Act(Act::DocumentRetried)),
    ("/api/documents/cancel", Ada, &[("document", "{waiting}")], Records::Act(Act::DocumentCancelled)),
    ("/api/documents/read_again", Ada, &[("documents[0]", "{cancelled}")], Records::Act(Act::DocumentRetried)),
    ("/api/documents/cancel", Ada, &[("document", "{waiting}")], Records::Act(Act::DocumentCancelled)),
    ("/api/documents/read_all_again", Ada, &[], Records::Act(Act::AllRetried)),
    ("/api/activity/cancel", Ada, &[("job", "{waiting job}")], Records::Act(Act::JobCancelled)),
    ("/api/activity/retry", Ada, &[("job", "{cancelled job}")], Records::Act(Act::JobRetried)),
    ("/api/activity/retry_all", Ada, &[("of", "{dead job}")], Records::Act(Act::JobRetried)),
    (
        "/jobs/01912345-0000-7000-8000-000000000000/cancel",
        Ada,
        &[("job", "{waiting job}")],
        Records::Act(Act::JobCancelled),
    ),
    (
        "/jobs/01912345-0000-7000-8000-000000000000/retry",
        Ada,
        &[("job", "{cancelled job}")],
        Records::Act(Act::JobRetried),
    ),
    (
        "/api/documents/share",
        Ada,
        &[("document", "{document}"), ("visibility", "private")],
        Records::Act(Act::DocumentShared),
    ),
    ("/api/documents/trash", Ada, &[("documents[0]", "{document}")], Records::Act(Act::DocumentTrashed)),
    ("/api/documents/restore", Ada, &[("documents[0]", "{trashed}")], Records::Act(Act::DocumentRestored)),
    ("/api/documents/delete", Ada, &[("documents[0]", "{trashed}")], Records::Act(Act::DocumentDeleted)),
    ("/api/reports/ask", Ada, &[("title", "Quarter"), ("documents[0]", "{document}")], Records::Act(Act::ReportAsked)),
    (
        "/api/documents/trash_matching",
        Ada,
        &[("query[sort]", "newest"), ("query[format]", "text"), ("query[trash]", "false"), ("expected", "100")],
        Records::Act(Act::DocumentTrashed),
    ),
    ("/api/reports/delete", Ada, &[("report", "{report}")], Records::Act(Act::ReportDeleted)),
    ("/api/mail/send_again", Ada, &[("mail", "{failed mail}")], Records::Act(Act::MailSentAgain)),
    ("/api/exports/ask", Ada, &[], Records::Act(Act::ExportAsked)),
    ("/settings/keys", Ada, &[("name", "Import"), ("role", "member"), ("expires", "30")], Records::Act(Act::KeyMade)),
    ("/api/api_keys/revoke", Ada, &[("key", "{key}")], Records::Act(Act::KeyRevoked)),
    (
        "/api/tenants/change_settings",
        Ada,
        &[
            ("name", "Acme and sons"),
            ("slug", "acme-and-sons"),
            ("time_zone", "Europe/Paris"),
            ("language", "en"),
            ("document_language", ""),
            ("trash_days", "7"),
        ],
        Records::Act(Act::SettingsChanged),
    ),
    (
        "/settings/billing/checkout",
        Ada,
        &[("plan", "team"), ("currency", "eur")],
        Nothing("it leads to a page of Stripe's, and what is bought there is recorded when Stripe has it"),
    ),
    ("/settings/billing/portal", Ada, &[], Nothing("it leads to a page of Stripe's")),
    ("/workspace/logo", Ada, &[], Records::Act(Act::SettingsChanged)),
    ("/api/tenants/remove_logo", Ada, &[], Records::Act(Act::SettingsChanged)),
    ("/api/billing/change", Ada, &[("plan", "business"), ("at", "0")], Refused(WITH_STRIPE)),
    ("/api/billing/cancel", Ada, &[], Refused(WITH_STRIPE)),
    ("/api/billing/undo_cancel", Ada, &[], Refused(WITH_STRIPE)),
    ("/api/billing/set_cap", Ada, &[("cap", "100")], Refused(WITH_STRIPE)),
    ("/api/tenants/ask_deletion", Ada, &[("confirmation", "Acme and sons")], Records::Act(Act::DeletionAsked)),
    ("/api/tenants/undo_deletion", Ada, &[], Records::Act(Act::DeletionUndone)),
    (
        "/api/members/transfer_ownership",
        Ada,
        &[("account", "{somebody else in acme}")],
        Records::Act(Act::OwnershipTransferred),
    ),
    ("/api/members/leave", Ada, &[], Records::Act(Act::MemberLeft)),
    ("/sign-out", AdaElsewhere, &[], Nothing("one browser is closed; that it was opened stands there")),
    ("/api/accounts/sign_out_everywhere", AdaElsewhere, &[], Records::Act(Act::SignedOutEverywhere)),
    (
        "/api/accounts/change_password",
        AdaElsewhere,
        &[("old_password", PASSWORD), ("new_password", "another horse battery")],
        Records::Act(Act::PasswordChanged),
    ),
];

/// What a field may stand for, asked when the line is called.
const VALUES: &[(&str, &str)] = &[
    (
        "token",
        r"select substring(text_body from 'token=(\S+)') from mail
          where recipient = 'bob@initech.example' order by created_at desc limit 1",
    ),
    (
        "guest's token",
        r"select substring(text_body from 'token=(\S+)') from mail
          where recipient = 'guest@acme.example' order by created_at desc limit 1",
    ),
    (
        "invite of an hour ago",
        "update invite set last_sent_at = last_sent_at - interval '1 hour'
         where email = 'guest@acme.example' and accepted_at is null returning id::text",
    ),
    ("guest", "select id::text from account where email = 'guest@acme.example'"),
    ("second", "select tenant_id::text from tenant where name = 'Second'"),
    (
        "somebody else in acme",
        "insert into membership (tenant_id, account_id, role, created_at)
         select t.tenant_id, a.id, 'member', now() from tenant t, account a
         where t.name = 'Acme and sons' and a.email = 'bob@initech.example' returning account_id::text",
    ),
    ("waiting", "select id::text from document where state = 'waiting' and trashed_at is null limit 1"),
    ("cancelled", "select id::text from document where state = 'cancelled' limit 1"),
    (
        "waiting job",
        "select j.id::text from job j join document d on d.id = j.subject
         where j.kind = 'read_document' and j.state = 'waiting' and d.state = 'waiting' and d.trashed_at is null limit 1",
    ),
    (
        "cancelled job",
        "select j.id::text from job j join document d on d.id = j.subject
         where j.kind = 'read_document' and j.state = 'cancelled' and d.state = 'cancelled' and d.trashed_at is null
         limit 1",
    ),
    (
        "dead job",
        "update job set state = 'dead', finished_at = now(), died_at = now()
         where id = (
             select j.id from job j join tenant t on t.tenant_id = j.tenant_id
             where t.name = 'Acme' and j.kind = 'send_mail' and j.state = 'waiting' limit 1
         ) returning id::text",
    ),
    ("document", "select id::text from document where trashed_at is null limit 1"),
    ("trashed", "select id::text from document where trashed_at is not null limit 1"),
    ("report", "select id::text from report limit 1"),
    ("key", "select id::text from api_key where revoked_at is null limit 1"),
    (
        "failed mail",
        "update mail set state = 'failed', last_error = 'refused' where recipient = 'ada@acme.example' returning id::text",
    ),
];

/// Tables of people, who are known across tenants: what changes there alone is no tenant's.
const IDENTITY: [&str; 6] = ["account", "session", "email_token", "operator", "operator_session", "operator_act"];

/// What one transaction of the web server did.
#[derive(Debug, sqlx::FromRow)]
struct Witnessed {
    tables: Vec<String>,
    acts: Vec<String>,
}

impl Witnessed {
    /// Whether it changes what is a tenant's and does not say so.
    fn is_silent(&self) -> bool {
        self.acts.is_empty() && self.tables.iter().any(|table| !IDENTITY.contains(&table.as_str()))
    }

    /// Whether it says that this was done, and did something.
    fn records(&self, act: Act) -> bool {
        self.acts.iter().any(|word| word == act.as_str()) && self.tables.iter().any(|table| table != "audit_entry")
    }
}

#[test]
fn every_route_that_may_change_something_says_what_it_records() {
    let listed: BTreeSet<String> = STEPS.iter().map(|(route, ..)| (*route).to_owned()).collect();
    let address = |path: &str| format!("/api/{path}");
    let all = functions("", "");
    let forms = all.iter().filter(|(_, encoding, _)| *encoding == Encoding::Form).map(|(path, ..)| address(path));
    let needed: BTreeSet<String> = UNSAFE.iter().map(|route| (*route).to_owned()).chain(forms).collect();
    let missing: Vec<_> = needed.difference(&listed).collect();
    assert!(missing.is_empty(), "add a line to STEPS in audited.rs, with the act that it records, for {missing:?}");
    let known: BTreeSet<String> = needed.iter().cloned().chain(all.iter().map(|(path, ..)| address(path))).collect();
    let unknown: Vec<_> = listed.difference(&known).collect();
    assert!(unknown.is_empty(), "these routes are not there any more: {unknown:?}");
}

#[tokio::test]
async fn whatever_changes_something_records_it_in_the_same_transaction() {
    // No worker, so that documents wait and mails are not sent.
    let mut app = TestApp::prepare().await;
    app.url = app.run("serve", &[]).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let (document, report) = furnish(&mut ada).await;
    let mut superuser = app.superuser().await;
    superuser.execute(WITNESS).await.unwrap();
    let mut faults = Vec::new();

    // What is only read; and what leaves with the page.
    for (path, encoding, arguments) in functions(&document, &report) {
        if encoding == Encoding::Json && !STEPS.iter().any(|(route, ..)| *route == format!("/api/{path}")) {
            ada.call(path, arguments).await;
            faults.extend(silent(path, &witnessed(&mut superuser).await));
        }
    }
    for path in pages(&document, &report) {
        ada.get(&path).await;
        faults.extend(silent(&path, &witnessed(&mut superuser).await));
    }

    for (route, caller, fields, records) in STEPS {
        let mut client = match caller {
            Visitor => Client::new(&app.url),
            Ada => ada.clone(),
            AdaElsewhere => signed_in(&app).await,
        };
        let fields = filled(&mut superuser, fields).await;
        witnessed(&mut superuser).await;
        let answer = call(&mut client, route, &fields).await;
        let (status, body) = (answer.status(), answer.text().await);
        if let Refused(reason) = records {
            assert!((400..500).contains(&status) || status == 503, "{route}: {status} {body}, though {reason}");
        } else {
            assert!(status < 400, "{route} is to be called with what is right: {status} {body}");
        }
        let done = witnessed(&mut superuser).await;
        match records {
            Records::Act(act) if !done.iter().any(|done| done.records(*act)) => {
                faults.push(format!("{route} does not record {act:?} in the transaction of its change: {done:?}"));
            }
            Records::Act(_) => faults.extend(silent(route, &done)),
            Nothing(reason) | Refused(reason) if done.iter().any(|done| !done.acts.is_empty()) => {
                faults.push(format!("{route} records something, and says that it need not as {reason}: {done:?}"));
            }
            Nothing(_) | Refused(_) => {}
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_verified(&app, &mut superuser).await;
}

#[tokio::test]
async fn the_log_is_shown_filtered_and_taken_out() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let plan = ada.uploads("plan.txt", "The plan.").await;
    let page = ada.get("/settings/audit").await.expect_status(200).await.text().await;
    for word in ["Uploaded a document", "Made the workspace", "plan.txt", "127.0.0.1", "Download as CSV"] {
        assert!(page.contains(word), "{word} in {page}");
    }
    let page = ada.get("/settings/audit?act=account.signed_in&to=").await.expect_status(200).await.text().await;
    assert!(!page.contains("plan.txt"), "{page}");
    let nothing = ada.get("/settings/audit?act=report.asked").await.expect_status(200).await.text().await;
    assert!(nothing.contains("No entry is like that"), "{nothing}");
    let table = ada.get("/settings/audit.csv?act=document.uploaded").await.expect_status(200).await;
    assert!(table.header("content-disposition").starts_with("attachment"));
    assert!(table.header("content-type").starts_with("text/csv"));
    assert_eq!(table.text().await.lines().count(), 2, "the names of the columns, and the upload");
    let lines = ada.get("/settings/audit.jsonl").await.expect_status(200).await.text().await;
    assert!(lines.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{lines}");

    let mut eve = app.sign_up("Eve", "Globex").await;
    for path in ["/settings/audit", "/settings/audit.csv", "/settings/audit.jsonl"] {
        let hers = eve.get(path).await.expect_status(200).await.text().await;
        assert!(!hers.contains("plan.txt") && !hers.contains(&plan), "{path}: {hers}");
    }
}

/// Two documents that wait, two in the trash, and a report; one document and the report by their ids.
async fn furnish(ada: &mut Client) -> (String, String) {
    let mut ids = Vec::new();
    for name in ["one.txt", "two.txt", "three.txt", "four.txt"] {
        ids.push(ada.uploads(name, name).await);
    }
    let thrown_away = [("documents[0]", ids[2].as_str()), ("documents[1]", ids[3].as_str())];
    ada.post_form("/api/documents/trash", &thrown_away).await;
    ada.post_form("/api/reports/ask", &[("title", "Year"), ("documents[0]", ids[0].as_str())]).await;
    let reports: Value = ada.call("reports/list", Value::Object(Map::new())).await.json().await;
    (ids.remove(0), reports[0]["id"].as_str().unwrap().to_owned())
}

async fn signed_in(app: &TestApp) -> Client {
    let mut client = Client::new(&app.url);
    let fields = [("email", "ada@acme.example"), ("password", PASSWORD)];
    client.post_form("/sign-in", &fields).await.expect_status(303).await;
    client
}

/// The fields with what they stand for.
async fn filled(superuser: &mut PgConnection, fields: Fields) -> Vec<(&'static str, String)> {
    let mut filled = Vec::new();
    for (name, value) in fields {
        let mut value = (*value).to_owned();
        for (word, question) in VALUES {
            let place = format!("{{{word}}}");
            if value.contains(&place) {
                let found: Option<String> =
                    sqlx::query_scalar(*question).fetch_optional(&mut *superuser).await.unwrap();
                value = value.replace(&place, &found.unwrap_or_else(|| panic!("there is no {word} for {name}")));
            }
        }
        filled.push((*name, value));
    }
    filled
}

async fn call(client: &mut Client, route: &str, fields: &[(&str, String)]) -> Answer {
    if route == "/uploads" {
        return client.upload("new.txt", "Something new.").await;
    }
    if route == routes::LOGO {
        return client.set_logo(png(20)).await;
    }
    // The job stands in the address.
    if let Some((_, act)) = route.strip_prefix("/jobs/").and_then(|rest| rest.split_once('/')) {
        let (_, job) = fields.iter().find(|(name, _)| *name == "job").expect("a job is named");
        return client.post_form(&format!("{}/{act}", routes::job(job)), &[]).await;
    }
    let function = route.strip_prefix("/api/");
    let takes_json =
        |path: &str| functions("", "").iter().any(|(other, encoding, _)| *other == path && *encoding == Encoding::Json);
    match function.filter(|path| takes_json(path)) {
        Some(path) => {
            let arguments = fields.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str())));
            client.call(path, Value::Object(arguments.collect())).await
        }
        None => {
            let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            client.post_form(route, &fields).await
        }
    }
}

/// What the transactions of the web server did since this was last asked.
async fn witnessed(superuser: &mut PgConnection) -> Vec<Witnessed> {
    let question = "with gone as (delete from witness.change returning *)
                    select array_agg(distinct relation) as tables,
                           coalesce(array_agg(distinct act) filter (where act is not null), '{}') as acts
                    from gone where role = 'sheaf_app' group by transaction";
    sqlx::query_as(question).fetch_all(superuser).await.unwrap()
}

fn silent(route: &str, done: &[Witnessed]) -> Option<String> {
    let silent: Vec<_> = done.iter().filter(|done| done.is_silent()).map(|done| &done.tables).collect();
    (!silent.is_empty()).then(|| format!("{route} changes {silent:?} and records nothing in that transaction"))
}

/// The program finds that nothing was done to all these entries; and it does, once something was.
async fn assert_verified(app: &TestApp, superuser: &mut PgConnection) {
    let whole = app.command("audit").arg("verify").output().unwrap();
    let told = String::from_utf8_lossy(&whole.stdout).into_owned();
    assert!(whole.status.success() && told.lines().count() == 3, "Acme, Initech and Second: {told}");
    superuser.execute("update audit_entry set account_id = null where number = 2").await.unwrap();
    let broken = app.command("audit").arg("verify").output().unwrap();
    let told = String::from_utf8_lossy(&broken.stdout).into_owned();
    assert!(!broken.status.success() && told.contains("Entry 2 is not what was written there"), "{told}");
}

/// Notes which tables each transaction changes, and which acts it records. The head of the log moves with every entry, and what
/// was slow is kept by nobody's act.
const WITNESS: &str = "
create schema witness;
create table witness.change (transaction text, role text, relation text, act text);
create function witness.note() returns trigger language plpgsql security definer set search_path = pg_catalog as $note$
begin
    insert into witness.change
    values (pg_current_xact_id()::text, session_user, tg_table_name,
            case tg_table_name when 'audit_entry' then to_jsonb(new) ->> 'act' end);
    return null;
end $note$;
do $$
declare
    name text;
begin
    for name in select relname from pg_class
        where relnamespace = 'public'::regnamespace and relkind = 'r'
          and relname not in ('_sqlx_migrations', 'audit_head', 'slow_request')
    loop
        execute format('create trigger witness after insert or update or delete on public.%I
                            for each row execute function witness.note()', name);
    end loop;
end $$";
