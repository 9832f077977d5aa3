//! Every route and server function with who may call it; each is called as a visitor, and as Eve with what is Ada's. One
//! that is missing in the table fails.

use std::collections::BTreeSet;

use app::routes;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::operators::SlowFilter;
use serde_json::{Value, json};

use crate::{client::Client, test_app::TestApp};

/// What changes something, and so must come from our own pages.
pub const UNSAFE: &[&str] = &[
    "/sign-up",
    "/sign-in",
    "/sign-out",
    "/verify",
    "/forgot-password",
    "/reset-password",
    "/theme",
    "/invite",
    "/workspaces",
    "/switch",
    "/uploads",
    "/workspace/logo",
    "/settings/keys",
    "/settings/billing/checkout",
    "/settings/billing/portal",
    "/jobs/01912345-0000-7000-8000-000000000000/cancel",
    "/jobs/01912345-0000-7000-8000-000000000000/retry",
    "/api/activity/cancel",
    "/api/activity/retry",
    "/api/activity/retry_all",
    "/api/documents/trash",
    "/api/documents/trash_matching",
    "/api/documents/read_again",
    "/api/documents/read_all_again",
    "/api/documents/delete",
    "/api/documents/share",
    "/api/reports/ask",
    "/api/exports/ask",
    "/api/mail/send_again",
    "/api/api_keys/revoke",
    "/api/members/invite",
    "/api/members/change_role",
    "/api/members/remove",
    "/api/members/leave",
    "/api/tenants/change_settings",
    "/api/tenants/ask_deletion",
    "/api/tenants/undo_deletion",
    "/api/accounts/change_password",
    "/api/accounts/sign_out_everywhere",
    "/api/billing/change",
    "/api/billing/cancel",
    "/api/billing/undo_cancel",
    "/api/billing/set_cap",
];

/// What changes something at the operators' door, and while somebody has come in by it: `operators.rs` calls each as Bob and
/// as Ada, and says what it records.
pub const DOOR: [&str; 16] = [
    "/operator/sign-in",
    "/operator/sign-out",
    "/operator/tenants/01912345-0000-7000-8000-000000000000/suspend",
    "/operator/tenants/01912345-0000-7000-8000-000000000000/restore",
    "/operator/tenants/01912345-0000-7000-8000-000000000000/enter",
    "/operator/queues/pause",
    "/operator/queues/resume",
    "/operator/queues/lane",
    "/operator/queues/replay",
    "/operator/stripe/replay",
    "/operator/incidents",
    "/operator/incidents/incident",
    "/operator/switches/switch",
    "/support/consent",
    "/support/withdraw",
    "/support/leave",
];

/// Server functions by their path below /api, each for members only; with arguments that name Ada's document and report.
pub fn functions(document: &str, report: &str) -> Vec<(&'static str, Encoding, Value)> {
    use Encoding::{Form, Json};
    vec![
        ("accounts/change_password", Form, json!({ "old_password": "x", "new_password": "y" })),
        ("accounts/sessions", Json, json!({})),
        ("accounts/sign_out_everywhere", Form, json!({})),
        ("activity/cancel", Form, json!({ "job": document })),
        ("activity/list", Json, json!({ "query": {} })),
        ("activity/retry", Form, json!({ "job": document })),
        ("activity/retry_all", Form, json!({})),
        ("api_keys/list", Json, json!({})),
        ("api_keys/revoke", Form, json!({ "key": document })),
        ("audit/list", Json, json!({ "query": {} })),
        ("audit/people", Json, json!({})),
        ("billing/cancel", Form, json!({})),
        ("billing/change", Form, json!({ "plan": "business", "at": "0" })),
        ("billing/invoices", Json, json!({})),
        ("billing/ledger", Json, json!({ "after": null })),
        ("billing/overview", Json, json!({})),
        ("billing/payment", Json, json!({})),
        ("billing/preview", Json, json!({ "plan": "business" })),
        ("billing/quote", Json, json!({ "documents": [document] })),
        ("billing/quote_all", Json, json!({})),
        ("billing/set_cap", Form, json!({ "cap": "100" })),
        ("billing/undo_cancel", Form, json!({})),
        ("billing/usage", Json, json!({ "query": { "month": null } })),
        ("documents/cancel", Form, json!({ "document": document })),
        ("documents/delete", Form, json!({ "documents[0]": document })),
        ("documents/find", Json, json!({ "id": document })),
        ("documents/link", Json, json!({ "id": document, "page": null })),
        ("documents/list", Json, json!({ "query": { "sort": "newest", "trash": false } })),
        ("documents/page", Json, json!({ "id": document, "number": 1, "query": "" })),
        ("documents/pages_with", Json, json!({ "id": document, "query": "unmistakable" })),
        ("documents/read_again", Form, json!({ "documents[0]": document })),
        ("documents/read_all_again", Form, json!({})),
        ("documents/restore", Form, json!({ "documents[0]": document })),
        ("documents/retry", Form, json!({ "document": document })),
        ("documents/share", Form, json!({ "document": document, "visibility": "workspace" })),
        ("documents/sharing", Json, json!({ "id": document })),
        ("documents/text", Json, json!({ "id": document, "first": 1, "query": "" })),
        ("documents/trash", Form, json!({ "documents[0]": document })),
        (
            "documents/trash_matching",
            Form,
            json!({ "query[sort]": "newest", "query[trash]": "false", "expected": "100" }),
        ),
        ("exports/ask", Form, json!({})),
        ("exports/list", Json, json!({})),
        ("mail/send_again", Form, json!({ "mail": document })),
        ("mail/undelivered", Json, json!({})),
        ("members/change_role", Form, json!({ "account": document, "role": "viewer" })),
        ("members/invite", Form, json!({ "email": "guest@nowhere.example", "role": "viewer" })),
        ("members/leave", Form, json!({})),
        ("members/list", Json, json!({})),
        ("members/remove", Form, json!({ "account": document })),
        ("members/send_again", Form, json!({ "invite": document })),
        ("members/transfer_ownership", Form, json!({ "account": document })),
        ("members/withdraw", Form, json!({ "invite": document })),
        ("reports/ask", Form, json!({ "title": "Stolen", "documents[0]": document })),
        ("reports/chosen", Json, json!({ "documents": [document] })),
        ("reports/delete", Form, json!({ "report": report })),
        ("reports/find", Json, json!({ "report": report })),
        ("reports/list", Json, json!({})),
        ("tenants/ask_deletion", Form, json!({ "confirmation": "no name of a workspace" })),
        (
            "tenants/change_settings",
            Form,
            json!({
                "name": "Stolen", "slug": "stolen", "time_zone": "UTC", "language": "en", "document_language": "",
                "trash_days": "30",
            }),
        ),
        ("tenants/health", Json, json!({})),
        ("tenants/remove_logo", Form, json!({})),
        ("tenants/settings", Json, json!({})),
        ("tenants/undo_deletion", Form, json!({})),
        ("tenants/visits", Json, json!({})),
        ("search", Json, json!({ "query": "unmistakable" })),
    ]
}

/// Everything that is got by a member, with Ada's ids in it.
pub fn pages(document: &str, report: &str) -> Vec<String> {
    vec![
        "/documents".into(),
        "/documents/trash".into(),
        format!("/documents/read-again?documents={document}"),
        "/documents/read-all-again".into(),
        format!("/documents/{document}"),
        format!("/documents/{document}/text"),
        format!("/documents/{document}/facts"),
        format!("/documents/{document}/facts?link=original"),
        format!("/documents/{document}/original"),
        format!("/documents/{document}/text.txt"),
        format!("/documents/{document}/pages/1.png"),
        format!("/documents/{document}/pages/1/thumbnail.png"),
        "/search?q=unmistakable".into(),
        "/reports".into(),
        format!("/reports/new?documents={document}"),
        format!("/reports/{report}"),
        format!("/reports/{report}/report.pdf"),
        "/activity".into(),
        "/activity?show=failed".into(),
        format!("/jobs/{document}"),
        "/settings/account".into(),
        "/settings/sessions".into(),
        "/settings/mail".into(),
        "/settings/health".into(),
        "/settings/members".into(),
        "/settings/keys".into(),
        "/settings/audit".into(),
        "/settings/audit.csv".into(),
        "/settings/audit.jsonl".into(),
        "/settings/usage.csv".into(),
        "/settings/billing/return?session=cs_of_nobody".into(),
        "/settings/workspace".into(),
        "/workspace/logo".into(),
        "/settings/billing".into(),
        "/settings/billing/plan".into(),
        "/settings/billing/plan?to=team&currency=usd".into(),
        "/settings/usage".into(),
        "/settings/export".into(),
        format!("/settings/export/{report}/archive.zip"),
    ]
}

/// Addresses as links to files have them, with Ada's id in the place of what lets in: they lead nobody anywhere, whoever asks.
pub fn links(id: &str) -> [String; 3] {
    let coded = URL_SAFE_NO_PAD.encode(format!("{{\"u\":9999999999,\"d\":\"{id}\",\"f\":\"Original\"}}"));
    [
        routes::file_link(id, "original.txt"),
        routes::file_link(&coded, "original.txt"),
        routes::file_link(&coded, &format!("original.txt?document={id}")),
    ]
}

/// What is got by operators, with a workspace of Ada's; for anybody else none of it is there.
pub fn operator_pages(tenant: &str) -> Vec<String> {
    vec![
        routes::OPERATOR.into(),
        format!("{}?q=Acme", routes::OPERATOR),
        routes::operator_tenant(tenant),
        routes::OPERATOR_QUEUES.into(),
        routes::OPERATOR_LANES.into(),
        routes::operator_lanes("read_document", Some(tenant), true),
        routes::operator_lane(tenant, "read_document"),
        routes::operator_dead("read_document", Some(tenant)),
        routes::OPERATOR_HEALTH.into(),
        routes::operator_health("day", Some(3)),
        routes::OPERATOR_REVENUE.into(),
        routes::operator_revenue("2026-11", "eur"),
        routes::operator_revenue_csv("2026-11"),
        routes::operator_revenue_workspaces("2026-11", "eur", None::<&str>),
        routes::operator_revenue_workspaces_csv("2026-11", "eur"),
        routes::OPERATOR_STRIPE.into(),
        format!("{}?state=received&tenant={tenant}", routes::OPERATOR_STRIPE),
        routes::operator_stripe_event("evt_1"),
        routes::OPERATOR_INCIDENTS.into(),
        routes::operator_incident("01912345-0000-7000-8000-000000000000"),
        routes::OPERATOR_SWITCHES.into(),
        routes::operator_switch("uploads", ""),
        routes::OPERATOR_SLOW.into(),
        routes::operator_slow(SlowFilter::Failed, None::<&str>),
        format!("{}?reference=4bf92f3577b34da6a3ce929d0e0e4736", routes::OPERATOR_SLOW),
        routes::operator_slow_request("01912345-0000-7000-8000-000000000000"),
    ]
}

/// What operators post, with valid fields; for anybody else none of it is there.
pub fn operator_acts(tenant: &str) -> Vec<(String, Vec<(&'static str, &'static str)>)> {
    let reason = "They have asked us for it.";
    vec![
        (routes::OPERATOR_SIGN_OUT.into(), vec![]),
        (routes::operator_suspend(tenant), vec![("suspend_reason", reason), ("confirm", "on")]),
        (routes::operator_restore(tenant), vec![]),
        (routes::operator_enter(tenant), vec![("visit_reason", reason)]),
        (routes::OPERATOR_PAUSE.into(), vec![("kind", "read_document"), ("pause_reason", reason), ("confirm", "on")]),
        (routes::OPERATOR_RESUME.into(), vec![("kind", "read_document")]),
        (
            routes::OPERATOR_LANE.into(),
            vec![
                ("tenant", "01912345-0000-7000-8000-000000000000"),
                ("kind", "read_document"),
                ("weight", "1"),
                ("max_running", "1"),
                ("max_waiting", "1"),
            ],
        ),
        (routes::OPERATOR_REPLAY.into(), vec![("kind", "read_document"), ("confirm", "on")]),
        (routes::OPERATOR_STRIPE_REPLAY.into(), vec![("event", "evt_1")]),
        (
            routes::OPERATOR_INCIDENTS.into(),
            vec![
                ("title", "Mail is late"),
                ("severity", "minor"),
                ("component_mail", "on"),
                ("state", "investigating"),
                ("text", "We look into it."),
                ("confirm", "on"),
            ],
        ),
        (
            routes::OPERATOR_INCIDENT.into(),
            vec![
                ("incident", "01912345-0000-7000-8000-000000000000"),
                ("state", "resolved"),
                ("text", "All mail is out."),
                ("confirm", "on"),
            ],
        ),
        (
            routes::OPERATOR_SWITCH.into(),
            vec![("key", "uploads"), ("state", "off"), ("switch_reason", reason), ("confirm", "on")],
        ),
    ]
}

#[derive(Clone, Copy, PartialEq)]
pub enum Encoding {
    Form,
    Json,
}

#[test]
fn every_server_function_stands_in_the_table() {
    let listed: BTreeSet<String> = functions("", "").into_iter().map(|(path, ..)| path.to_owned()).collect();
    let mut written = BTreeSet::new();
    for file in walk(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../app/src"))) {
        let text = std::fs::read_to_string(file).unwrap();
        let endpoints = text.split("endpoint = \"").skip(1).filter_map(|rest| rest.split('"').next());
        written.extend(endpoints.map(str::to_owned));
        assert!(!text.contains("GetUrl") && !text.contains("GetJson"), "a server function that a link could call");
    }
    assert_eq!(written, listed);
}

#[tokio::test]
async fn the_routers_literals_are_our_addresses() {
    let of = |listing: Vec<leptos_axum::AxumRouteListing>| {
        listing.iter().map(|route| route.path().to_owned()).collect::<BTreeSet<_>>()
    };
    let id = "{id}";
    let app = [
        routes::DOCUMENTS.to_owned(),
        routes::TRASH.to_owned(),
        routes::READ_AGAIN.to_owned(),
        routes::READ_ALL_AGAIN.to_owned(),
        routes::document(id),
        routes::document_text(id),
        routes::document_facts(id),
        routes::SEARCH.to_owned(),
        routes::REPORTS.to_owned(),
        routes::NEW_REPORT.to_owned(),
        routes::report(id),
        routes::ACTIVITY.to_owned(),
        routes::SETTINGS.to_owned(),
        routes::SETTINGS_ACCOUNT.to_owned(),
        routes::SETTINGS_SESSIONS.to_owned(),
        routes::SETTINGS_MAIL.to_owned(),
        routes::SETTINGS_HEALTH.to_owned(),
        routes::SETTINGS_MEMBERS.to_owned(),
        routes::SETTINGS_KEYS.to_owned(),
        routes::SETTINGS_AUDIT.to_owned(),
        routes::SETTINGS_WORKSPACE.to_owned(),
        routes::SETTINGS_EXPORT.to_owned(),
        routes::BILLING.to_owned(),
        routes::BILLING_PLAN.to_owned(),
        routes::USAGE.to_owned(),
    ];
    assert_eq!(of(leptos_axum::generate_route_list(app::App)), BTreeSet::from(app));
    let public = [
        routes::HOME,
        routes::PRICING,
        routes::STATUS,
        routes::DOCS,
        routes::DOCS_EXPORT,
        routes::TERMS,
        routes::PRIVACY,
        routes::CHANGELOG,
        routes::SIGN_UP,
        routes::SIGN_IN,
        routes::VERIFY,
        routes::FORGOT_PASSWORD,
        routes::RESET_PASSWORD,
        routes::INVITE,
        routes::WORKSPACES,
        routes::DESIGN,
        routes::MAILBOX,
        routes::OPERATOR,
        routes::OPERATOR_SIGN_IN,
        &routes::operator_tenant(id),
        routes::OPERATOR_QUEUES,
        routes::OPERATOR_LANES,
        routes::OPERATOR_LANE,
        routes::OPERATOR_DEAD,
        routes::OPERATOR_HEALTH,
        routes::OPERATOR_REVENUE,
        routes::OPERATOR_REVENUE_WORKSPACES,
        routes::OPERATOR_STRIPE,
        routes::OPERATOR_STRIPE_EVENT,
        routes::OPERATOR_INCIDENTS,
        routes::OPERATOR_INCIDENT,
        routes::OPERATOR_SWITCHES,
        routes::OPERATOR_SWITCH,
        routes::OPERATOR_SLOW,
        &routes::operator_slow_request(id),
    ];
    assert_eq!(of(leptos_axum::generate_route_list(app::PublicSite)), public.map(str::to_owned).into());
}

#[tokio::test]
async fn a_visitor_is_let_in_nowhere_behind_the_sign_in() {
    let app = TestApp::start().await;
    let mut visitor = Client::new(&app.url);
    let nobody = "01912345-0000-7000-8000-000000000000";
    for (path, encoding, arguments) in functions(nobody, nobody) {
        let answer = call(&mut visitor, path, encoding, &arguments).await;
        assert!(matches!(answer.0, 401 | 302 | 303), "{path}: {answer:?}");
        assert!(!answer.1.contains("tenant"), "{path}: {answer:?}");
    }
    for path in pages(nobody, nobody) {
        let status = visitor.get(&path).await.status();
        assert!(matches!(status, 401 | 303), "{path}: {status}");
    }
    assert_eq!(visitor.get("/events").await.status(), 401);
    assert_eq!(visitor.upload("a.txt", "a").await.status(), 401);
}

#[tokio::test]
async fn eve_gets_nothing_of_adas_from_any_route() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let document = ada.reads("unmistakable.txt", "An unmistakable sentence of Acme.").await.id.to_string();
    let fields = [("title", "Unmistakable report"), ("documents[0]", document.as_str())];
    ada.post_form("/api/reports/ask", &fields).await;
    let reports: Value = ada.call("reports/list", json!({})).await.json().await;
    let report = reports[0]["id"].as_str().unwrap().to_owned();
    let mut eve = app.sign_up("Eve", "Globex").await;
    for (path, encoding, arguments) in functions(&document, &report) {
        if path.starts_with("accounts/") {
            continue;
        }
        let (status, body) = call(&mut eve, path, encoding, &arguments).await;
        assert!(!body.to_lowercase().contains("unmistakable"), "{path}: {status} {body}");
        assert_ne!(status, 403, "{path} tells that it exists");
        assert!(status < 500, "{path}: {status} {body}");
    }
    for path in pages(&document, &report) {
        let answer = eve.get(&path).await;
        let (status, body) = (answer.status(), answer.text().await);
        // What she asked for herself stands in the page that she asked for.
        assert!(!body.contains("sentence of Acme") && !body.contains("Unmistakable report"), "{path}: {status}");
        assert!(status == 200 || status == 404, "{path}: {status}");
    }
    // And nothing of Ada's was changed.
    assert_eq!(ada.list().await.total, 1);
    ada.call("reports/find", json!({ "report": report })).await.expect_status(200).await;
}

/// Calls a server function, and returns the status and the body of its answer.
pub async fn call(client: &mut Client, path: &str, encoding: Encoding, arguments: &Value) -> (u16, String) {
    let answer = match encoding {
        Encoding::Json => client.call(path, arguments.clone()).await,
        Encoding::Form => {
            let fields: Vec<(&str, &str)> = arguments
                .as_object()
                .unwrap()
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
                .collect();
            client.post_form(&format!("/api/{path}"), &fields).await
        }
    };
    (answer.status(), answer.text().await)
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(walk(&path));
        } else {
            files.push(path);
        }
    }
    files
}
