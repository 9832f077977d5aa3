//! Who of a workspace may do what: the act behind every server function, page and unsafe route; each is called in every
//! role, and no page leads a person to what their role refuses.

use std::{collections::BTreeSet, time::Duration};

use app::routes;
use domain::roles::{Action, Role, allows};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    client::Client,
    replay::state_of,
    routes::{UNSAFE, call, functions, pages},
    test_app::{TestApp, eventually},
};

/// Whom something is open to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Access {
    /// It is for visitors too, and no workspace's.
    Anybody,
    /// It concerns the account that asks and nobody else, whatever its role.
    OwnAccount,
    /// Whoever may do this, by the table of roles and acts.
    Act(Action),
}

impl Access {
    pub fn is_open_to(self, role: Role) -> bool {
        match self {
            Self::Anybody | Self::OwnAccount => true,
            Self::Act(action) => allows(role, action),
        }
    }
}

use Access::{Act, Anybody, OwnAccount};

/// Server functions, by their path below /api.
const FUNCTIONS: &[(&str, Access)] = &[
    ("accounts/change_password", OwnAccount),
    ("accounts/sessions", OwnAccount),
    ("accounts/sign_out_everywhere", OwnAccount),
    ("activity/cancel", Act(Action::SteerActivity)),
    ("activity/list", Act(Action::ReadActivity)),
    ("activity/retry", Act(Action::SteerActivity)),
    ("activity/retry_all", Act(Action::ManageActivity)),
    ("api_keys/list", Act(Action::ManageKeys)),
    ("api_keys/revoke", Act(Action::ManageKeys)),
    ("audit/list", Act(Action::ReadAudit)),
    ("audit/people", Act(Action::ReadAudit)),
    ("billing/cancel", Act(Action::ManageBilling)),
    ("billing/change", Act(Action::ManageBilling)),
    ("billing/invoices", Act(Action::ReadBilling)),
    ("billing/ledger", Act(Action::ReadBilling)),
    ("billing/overview", Act(Action::ReadBilling)),
    ("billing/payment", Act(Action::ReadBilling)),
    ("billing/preview", Act(Action::ManageBilling)),
    ("billing/quote", Act(Action::ChangeDocuments)),
    ("billing/quote_all", Act(Action::ReadAllAgain)),
    ("billing/set_cap", Act(Action::ManageBilling)),
    ("billing/undo_cancel", Act(Action::ManageBilling)),
    ("billing/usage", Act(Action::ReadBilling)),
    ("documents/cancel", Act(Action::ChangeDocuments)),
    ("documents/delete", Act(Action::ChangeDocuments)),
    ("documents/find", Act(Action::ReadDocuments)),
    ("documents/link", Act(Action::ReadDocuments)),
    ("documents/list", Act(Action::ReadDocuments)),
    ("documents/page", Act(Action::ReadDocuments)),
    ("documents/pages_with", Act(Action::ReadDocuments)),
    ("documents/read_again", Act(Action::ChangeDocuments)),
    ("documents/read_all_again", Act(Action::ReadAllAgain)),
    ("documents/restore", Act(Action::ChangeDocuments)),
    ("documents/retry", Act(Action::ChangeDocuments)),
    ("documents/share", Act(Action::ShareDocuments)),
    ("documents/sharing", Act(Action::ReadDocuments)),
    ("documents/text", Act(Action::ReadDocuments)),
    ("documents/trash", Act(Action::ChangeDocuments)),
    ("documents/trash_matching", Act(Action::ChangeDocuments)),
    ("exports/ask", Act(Action::ExportWorkspace)),
    ("exports/list", Act(Action::ExportWorkspace)),
    ("mail/send_again", Act(Action::SendMailAgain)),
    ("mail/undelivered", Act(Action::ReadMail)),
    ("members/change_role", Act(Action::ChangeRoles)),
    ("members/invite", Act(Action::InviteMembers)),
    ("members/leave", OwnAccount),
    ("members/list", Act(Action::ReadMembers)),
    ("members/remove", Act(Action::RemoveMembers)),
    ("members/send_again", Act(Action::InviteMembers)),
    ("members/transfer_ownership", Act(Action::TransferOwnership)),
    ("members/withdraw", Act(Action::InviteMembers)),
    ("reports/ask", Act(Action::MakeReports)),
    ("reports/chosen", Act(Action::ReadDocuments)),
    ("reports/delete", Act(Action::MakeReports)),
    ("reports/find", Act(Action::ReadReports)),
    ("reports/list", Act(Action::ReadReports)),
    ("search", Act(Action::Search)),
    ("tenants/ask_deletion", Act(Action::DeleteWorkspace)),
    ("tenants/change_settings", Act(Action::ChangeSettings)),
    ("tenants/health", Act(Action::ReadHealth)),
    ("tenants/remove_logo", Act(Action::ChangeSettings)),
    ("tenants/settings", Act(Action::ChangeSettings)),
    ("tenants/undo_deletion", Act(Action::DeleteWorkspace)),
    ("tenants/visits", OwnAccount),
];

/// What is got, as the table of routes has it.
const PAGES: &[(&str, Access)] = &[
    ("/documents", Act(Action::ReadDocuments)),
    ("/documents/trash", Act(Action::ReadDocuments)),
    ("/documents/read-again?documents={document}", Act(Action::ChangeDocuments)),
    ("/documents/read-all-again", Act(Action::ReadAllAgain)),
    ("/documents/{document}", Act(Action::ReadDocuments)),
    ("/documents/{document}/text", Act(Action::ReadDocuments)),
    ("/documents/{document}/facts", Act(Action::ReadDocuments)),
    ("/documents/{document}/facts?link=original", Act(Action::ReadDocuments)),
    ("/documents/{document}/original", Act(Action::ReadDocuments)),
    ("/documents/{document}/text.txt", Act(Action::ReadDocuments)),
    ("/documents/{document}/pages/1.png", Act(Action::ReadDocuments)),
    ("/documents/{document}/pages/1/thumbnail.png", Act(Action::ReadDocuments)),
    ("/search?q=unmistakable", Act(Action::Search)),
    ("/reports", Act(Action::ReadReports)),
    ("/reports/new?documents={document}", Act(Action::MakeReports)),
    ("/reports/{report}", Act(Action::ReadReports)),
    ("/reports/{report}/report.pdf", Act(Action::ReadReports)),
    ("/activity", Act(Action::ReadActivity)),
    ("/activity?show=failed", Act(Action::ReadActivity)),
    ("/jobs/{document}", Act(Action::ReadActivity)),
    ("/settings/account", OwnAccount),
    ("/settings/sessions", OwnAccount),
    ("/settings/workspace", Act(Action::ChangeSettings)),
    ("/workspace/logo", Act(Action::ReadDocuments)),
    ("/settings/members", Act(Action::ReadMembers)),
    ("/settings/keys", Act(Action::ManageKeys)),
    ("/settings/mail", Act(Action::ReadMail)),
    ("/settings/health", Act(Action::ReadHealth)),
    ("/settings/audit", Act(Action::ReadAudit)),
    ("/settings/audit.csv", Act(Action::ReadAudit)),
    ("/settings/audit.jsonl", Act(Action::ReadAudit)),
    ("/settings/billing", Act(Action::ReadBilling)),
    ("/settings/billing/plan", Act(Action::ReadBilling)),
    ("/settings/billing/plan?to=team&currency=usd", Act(Action::ReadBilling)),
    ("/settings/usage", Act(Action::ReadBilling)),
    ("/settings/usage.csv", Act(Action::ReadBilling)),
    ("/settings/billing/return?session=cs_of_nobody", Act(Action::ManageBilling)),
    ("/settings/export", Act(Action::ExportWorkspace)),
    ("/settings/export/{report}/archive.zip", Act(Action::ExportWorkspace)),
];

/// Unsafe routes that are no server functions.
const ROUTES: &[(&str, Access)] = &[
    (routes::SIGN_UP, Anybody),
    (routes::SIGN_IN, Anybody),
    (routes::SIGN_OUT, OwnAccount),
    (routes::VERIFY, Anybody),
    (routes::FORGOT_PASSWORD, Anybody),
    (routes::RESET_PASSWORD, Anybody),
    (routes::THEME, Anybody),
    (routes::INVITE, Anybody),
    (routes::WORKSPACES, OwnAccount),
    (routes::SWITCH, OwnAccount),
    (routes::UPLOADS, Act(Action::UploadDocuments)),
    (routes::LOGO, Act(Action::ChangeSettings)),
    (routes::SETTINGS_KEYS, Act(Action::ManageKeys)),
    (routes::BILLING_CHECKOUT, Act(Action::ManageBilling)),
    (routes::BILLING_PORTAL, Act(Action::ManageBilling)),
    ("/jobs/01912345-0000-7000-8000-000000000000/cancel", Act(Action::SteerActivity)),
    ("/jobs/01912345-0000-7000-8000-000000000000/retry", Act(Action::SteerActivity)),
];

/// Forms and links that Acme's pages offer to whoever may follow them: the pages that are looked at hold what there is to
/// leave out.
const OFFERED: &[&str] = &[
    "/activity",
    "/api/activity/retry_all",
    "/api/documents/cancel",
    "/api/documents/delete",
    "/api/documents/read_again",
    "/api/documents/read_all_again",
    "/api/documents/restore",
    "/api/documents/retry",
    "/api/documents/trash",
    "/api/exports/ask",
    "/api/mail/send_again",
    "/api/members/invite",
    "/api/reports/ask",
    "/api/reports/delete",
    "/documents/read-again",
    "/documents/read-all-again",
    "/reports/new",
    "/api/tenants/ask_deletion",
    "/api/tenants/change_settings",
    "/settings/audit",
    "/settings/audit.csv",
    "/settings/billing",
    "/settings/usage",
    "/settings/export",
    "/settings/keys",
    "/settings/mail",
    "/settings/health",
    "/settings/workspace",
    "/uploads",
    "/workspace/logo",
];

/// Everybody's words for "no".
const REFUSAL: &str = "Your role in this workspace does not allow this.";

/// Who may call a server function.
pub fn of_function(path: &str) -> Access {
    find(FUNCTIONS, path).unwrap_or_else(|| panic!("{path} does not say who may call it"))
}

#[test]
fn every_function_page_and_unsafe_route_says_whom_it_is_open_to() {
    let keys = |table: &[(&str, Access)]| table.iter().map(|(key, _)| (*key).to_owned()).collect::<BTreeSet<_>>();
    let called: BTreeSet<_> = functions("", "").into_iter().map(|(path, ..)| path.to_owned()).collect();
    assert_eq!(keys(FUNCTIONS), called);
    assert_eq!(keys(PAGES), BTreeSet::from_iter(pages("{document}", "{report}")));
    let posted = UNSAFE.iter().filter(|path| !path.starts_with("/api/")).map(|path| (*path).to_owned());
    assert_eq!(keys(ROUTES), BTreeSet::from_iter(posted));
}

#[tokio::test]
async fn each_role_does_what_the_table_says_and_nothing_else() {
    let mut acme = Acme::found().await;
    let mut people = std::mem::take(&mut acme.people);
    // What is refused comes first: nothing is under way then, so that whatever is changed was changed by the refused.
    for (role, person) in &mut people {
        acme.is_refused(*role, person).await;
    }
    for (role, person) in &mut people {
        acme.is_let(*role, person).await;
    }
}

#[tokio::test]
async fn no_page_offers_what_the_role_refuses() {
    let mut acme = Acme::found().await;
    for (role, mut person) in std::mem::take(&mut acme.people) {
        let mut offered = BTreeSet::new();
        for path in acme.pages() {
            let answer = person.get(&path).await;
            if !answer.header("content-type").starts_with("text/html") {
                continue;
            }
            let html = answer.text().await;
            let led_to = targets(&html);
            let refused: Vec<_> = led_to.iter().filter(|target| !acme.is_open(target, role)).collect();
            assert!(refused.is_empty(), "{path} leads a {} to {refused:?}", role.as_str());
            let may_upload = allows(role, Action::UploadDocuments);
            assert_eq!(html.contains("id=\"upload-picker\""), may_upload, "{path} as {}", role.as_str());
            if path.starts_with(routes::DOCUMENTS) && !allows(role, Action::ChangeDocuments) {
                assert!(!html.contains("type=\"checkbox\""), "{path} has a {} choose rows", role.as_str());
            }
            offered.extend(led_to);
        }
        for &target in OFFERED {
            let is_open = acme.is_open(target, role);
            assert_eq!(offered.contains(target), is_open, "{target} as {}", role.as_str());
        }
    }
}

/// Ada's workspace with somebody in each role, and with documents in every state that can be acted on.
struct Acme {
    app: TestApp,
    tenant: String,
    /// Read, in the trash, on its way, and unreadable.
    documents: Vec<String>,
    report: String,
    people: Vec<(Role, Client)>,
}

impl Acme {
    async fn found() -> Self {
        let app = TestApp::start().await;
        let mut ada = app.sign_up("Ada", "Acme").await;
        let mut documents = Vec::new();
        for name in ["read", "trashed", "waiting", "unreadable"] {
            let content = format!("An unmistakable sentence of {name}.");
            documents.push(ada.reads(&format!("{name}.txt"), content).await.id.to_string());
        }
        let fields = [("title", "Unmistakable report"), ("documents[0]", documents[0].as_str())];
        ada.post_form("/api/reports/ask", &fields).await;
        let report = eventually("the report is ready", async || {
            let reports: Value = ada.call("reports/list", json!({})).await.json().await;
            (reports[0]["state"] == "ready").then(|| reports[0]["id"].as_str().unwrap().to_owned())
        })
        .await;
        let mut people = Vec::new();
        for role in [Role::Viewer, Role::Member, Role::Admin] {
            people.push((role, app.joins("Bob", "Acme", role).await));
        }
        people.push((Role::Owner, ada));
        let tenant = settled(&app).await;
        Self { app, tenant, documents, report, people }
    }

    /// Every page about each of the documents.
    fn pages(&self) -> BTreeSet<String> {
        self.documents.iter().flat_map(|document| pages(document, &self.report)).collect()
    }

    /// Calls what the table refuses to the role.
    async fn is_refused(&self, role: Role, person: &mut Client) {
        let before = state_of(&self.app, &self.tenant).await;
        for (path, encoding, arguments) in functions(&self.documents[0], &self.report) {
            if !of_function(path).is_open_to(role) {
                let (status, body) = call(person, path, encoding, &arguments).await;
                assert!(status == 403 && body.contains(REFUSAL), "{path} as {}: {status} {body}", role.as_str());
                assert_eq!(state_of(&self.app, &self.tenant).await, before, "{path} as {}", role.as_str());
            }
        }
        for (path, access) in ROUTES {
            if !access.is_open_to(role) {
                let (status, body) = post(person, path).await;
                assert!(status == 403 && body.contains(REFUSAL), "{path} as {}: {status} {body}", role.as_str());
                assert_eq!(state_of(&self.app, &self.tenant).await, before, "{path} as {}", role.as_str());
            }
        }
        for path in self.pages().into_iter().filter(|path| !self.is_shown(path, role)) {
            let page = person.get(&path).await.expect_status(403).await.text().await;
            // A file has no page of its own to say it.
            let is_told = page.contains("This is not open to you") || page.contains(REFUSAL);
            assert!(is_told, "{path} as {}: {page}", role.as_str());
        }
    }

    /// Calls what the table allows to the role.
    async fn is_let(&self, role: Role, person: &mut Client) {
        assert_eq!(person.get(routes::EVENTS).await.status(), 200, "any member hears what happens");
        for path in self.pages().into_iter().filter(|path| self.is_shown(path, role)) {
            let status = person.get(&path).await.status();
            // A text has no images, and an earlier person may have deleted what this one asks for.
            assert!(matches!(status, 200 | 404), "{path} as {}: {status}", role.as_str());
        }
        for (path, access) in ROUTES {
            if matches!(access, Act(_)) && access.is_open_to(role) {
                let (status, body) = post(person, path).await;
                assert!(is_let_through(status, &body), "{path} as {}: {status} {body}", role.as_str());
            }
        }
        let mut calls = functions(&self.documents[0], &self.report);
        // Whoever has called these is in another workspace, or signed out.
        let last = ["members/leave", "accounts/sign_out_everywhere"];
        calls.sort_by_key(|(path, ..)| last.iter().position(|other| other == path));
        for (path, encoding, arguments) in calls {
            if of_function(path).is_open_to(role) {
                let (status, body) = call(person, path, encoding, &arguments).await;
                assert!(is_let_through(status, &body), "{path} as {}: {status} {body}", role.as_str());
            }
        }
    }

    /// Whether a page is open to the role.
    fn is_shown(&self, address: &str, role: Role) -> bool {
        self.page(&self.path_of(address)).is_none_or(|access| access.is_open_to(role))
    }

    /// The path as the tables have it.
    fn path_of(&self, address: &str) -> String {
        let path = without_query(address).replace(&self.report, "{report}");
        self.documents.iter().fold(path, |path, id| path.replace(id, "{document}"))
    }

    fn page(&self, path: &str) -> Option<Access> {
        PAGES.iter().find(|(page, _)| without_query(page) == path).map(|(_, access)| *access)
    }

    /// Whether an address of ours, to which a form or a link leads, is open to the role; others are nobody's business here.
    fn is_open(&self, address: &str, role: Role) -> bool {
        let path = self.path_of(address);
        let page = self.page(&path);
        let function = path.strip_prefix("/api/").map(of_function);
        function.or_else(|| find(ROUTES, &path)).or(page).is_none_or(|access| access.is_open_to(role))
    }
}

/// Waits until nobody works for Acme any more, gives its documents the states that they are named after, and has its mail
/// refused. Returns its id.
async fn settled(app: &TestApp) -> String {
    let mut superuser = app.superuser().await;
    let tenant: String = sqlx::query_scalar("select tenant_id::text from tenant where name = 'Acme'")
        .fetch_one(&mut superuser)
        .await
        .unwrap();
    eventually("every job is done", async || {
        let busy: i64 = sqlx::query_scalar(
            "select count(*) from job where tenant_id = $1::uuid and state in ('waiting', 'running')",
        )
        .bind(&tenant)
        .fetch_one(&mut superuser)
        .await
        .unwrap();
        (busy == 0).then_some(())
    })
    .await;
    for change in [
        "update document set trashed_at = now() where name = 'trashed.txt'",
        "update document set state = 'waiting' where name = 'waiting.txt'",
        "update document set state = 'unreadable' where name = 'unreadable.txt'",
        // Of the owner: others see it where they see the work of all.
        "update job set state = 'dead', died_at = now() where kind = 'read_document'
         and subject = (select id from document where name = 'unreadable.txt')",
        "update mail set state = 'failed', last_error = 'There is no such address.'",
    ] {
        sqlx::query(change).execute(&mut superuser).await.unwrap();
    }
    // As the product does with each change, so that nobody remembers what was before.
    let changed = sqlx::query("select pg_notify('sheaf_changes', $1)").bind(format!("{tenant}:everything:*:"));
    changed.execute(&mut superuser).await.unwrap();
    sleep(Duration::from_millis(200)).await;
    tenant
}

/// Calls an unsafe route with what it takes.
async fn post(person: &mut Client, path: &str) -> (u16, String) {
    let answer = match path {
        routes::UPLOADS => person.upload("added.txt", "What a person adds.").await,
        routes::LOGO => person.set_logo("no picture").await,
        _ => person.post_form(path, &[]).await,
    };
    (answer.status(), answer.text().await)
}

/// It may be wrong, or gone, or somebody else's to decide; the role may do it.
fn is_let_through(status: u16, body: &str) -> bool {
    status < 500 && status != 401 && !body.contains(REFUSAL)
}

/// Where the forms, buttons and links of a page lead.
fn targets(html: &str) -> BTreeSet<String> {
    let values = ["action=\"", "href=\""].into_iter().flat_map(|name| html.split(name).skip(1));
    values.filter_map(|rest| rest.split('"').next()).map(|value| without_query(value).to_owned()).collect()
}

fn without_query(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or_default()
}

fn find(table: &[(&str, Access)], key: &str) -> Option<Access> {
    table.iter().find(|(found, _)| *found == key).map(|(_, access)| *access)
}
