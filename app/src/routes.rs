//! Every address of the product. Links, redirects and route tables are built only from here.

use std::fmt::{Display, Write};

use chrono::{DateTime, SecondsFormat, Utc};
use domain::{
    billing::{Currency, Picked, PlanId},
    documents::ImagesDigest,
    tenants::LogoFault,
};

mod operators;

pub use operators::*;

// Public pages: server rendered, without scripts.
pub const HOME: &str = "/";
pub const PRICING: &str = "/pricing";
/// How Sheaf is used.
pub const DOCS: &str = "/docs";
/// What is in the archive of a workspace.
pub const DOCS_EXPORT: &str = "/docs/export-format";
pub const TERMS: &str = "/legal/terms";
pub const PRIVACY: &str = "/legal/privacy";
pub const CHANGELOG: &str = "/changelog";
pub const SIGN_UP: &str = "/sign-up";
pub const SIGN_IN: &str = "/sign-in";
/// POST only.
pub const SIGN_OUT: &str = "/sign-out";
pub const VERIFY: &str = "/verify";
pub const FORGOT_PASSWORD: &str = "/forgot-password";
pub const RESET_PASSWORD: &str = "/reset-password";
/// An invitation to a workspace, by the link of its mail.
pub const INVITE: &str = "/invite";
/// Making another workspace.
pub const WORKSPACES: &str = "/workspaces";
/// POST only: goes over to another workspace of the person.
pub const SWITCH: &str = "/switch";
/// POST only: keeps the theme in a cookie and goes back where the person came from.
pub const THEME: &str = "/theme";
/// The chosen theme as a style sheet, for pages that are the same for everybody.
pub const THEME_STYLE: &str = "/theme.css";
/// The public pages, for search engines.
pub const SITEMAP: &str = "/sitemap.xml";
/// Where to write about a weakness (RFC 9116).
pub const SECURITY_TXT: &str = "/.well-known/security.txt";
/// Development only: every component in both themes.
pub const DESIGN: &str = "/design";
/// Development only: the mails that were sent.
pub const MAILBOX: &str = "/mailbox";

// How Sheaf is, for everybody.
pub const STATUS: &str = "/status";
pub const STATUS_JSON: &str = "/status.json";
/// The incidents as a feed.
pub const STATUS_ATOM: &str = "/status.atom";

// Support in a workspace; POST only.
/// An owner lets support change things.
pub const SUPPORT_CONSENT: &str = "/support/consent";
pub const SUPPORT_WITHDRAW: &str = "/support/withdraw";
/// An operator ends their visit.
pub const SUPPORT_LEAVE: &str = "/support/leave";

// The app.
pub const DOCUMENTS: &str = "/documents";
pub const TRASH: &str = "/documents/trash";
/// What it costs to read chosen documents again, and the yes to it.
pub const READ_AGAIN: &str = "/documents/read-again";
/// The same of all documents.
pub const READ_ALL_AGAIN: &str = "/documents/read-all-again";
pub const SEARCH: &str = "/search";
pub const REPORTS: &str = "/reports";
pub const NEW_REPORT: &str = "/reports/new";
pub const ACTIVITY: &str = "/activity";
pub const SETTINGS: &str = "/settings";
pub const SETTINGS_ACCOUNT: &str = "/settings/account";
pub const SETTINGS_SESSIONS: &str = "/settings/sessions";
pub const SETTINGS_WORKSPACE: &str = "/settings/workspace";
pub const SETTINGS_MAIL: &str = "/settings/mail";
/// How the workspace does.
pub const SETTINGS_HEALTH: &str = "/settings/health";
pub const SETTINGS_MEMBERS: &str = "/settings/members";
/// Keys by which programs come in; POST makes one.
pub const SETTINGS_KEYS: &str = "/settings/keys";
pub const SETTINGS_AUDIT: &str = "/settings/audit";
pub const SETTINGS_EXPORT: &str = "/settings/export";
/// What the workspace pays.
pub const BILLING: &str = "/settings/billing";
/// The choice of another plan.
pub const BILLING_PLAN: &str = "/settings/billing/plan";
/// What was used, month by month.
pub const USAGE: &str = "/settings/usage";

// Ways to the payment service and back.
/// POST only: leads to the page where a plan is bought.
pub const BILLING_CHECKOUT: &str = "/settings/billing/checkout";
/// POST only: leads to the page of cards, addresses and invoices.
pub const BILLING_PORTAL: &str = "/settings/billing/portal";
/// Where one comes back from buying a plan.
pub const BILLING_RETURN: &str = "/settings/billing/return";

// Behind the app: bytes and events.
/// What was used in a month as a table.
pub const USAGE_CSV: &str = "/settings/usage.csv";
/// POST: a file, streamed.
pub const UPLOADS: &str = "/uploads";
/// The audit log as a table, with the filters of its page.
pub const AUDIT_CSV: &str = "/settings/audit.csv";
/// The same as JSON lines.
pub const AUDIT_JSON_LINES: &str = "/settings/audit.jsonl";
/// The workspace's logo; POST: another one.
pub const LOGO: &str = "/workspace/logo";
/// Server-sent events about the workspace's documents and reports.
pub const EVENTS: &str = "/events";

// From outside.
/// A file by a link that is good for a few minutes, without a session.
pub const FILE_LINK: &str = "/files/{token}/{name}";
/// POST only: what Stripe tells, signed by it.
pub const STRIPE_WEBHOOK: &str = "/stripe/webhook";

// Operation.
pub const LIVEZ: &str = "/livez";
pub const READYZ: &str = "/readyz";

/// The page of reading all documents again, with a word about how many are.
pub fn reading_all_again(documents: i64) -> String {
    format!("{READ_ALL_AGAIN}?begun={documents}")
}

/// The reader of a document.
pub fn document(id: impl Display) -> String {
    format!("{DOCUMENTS}/{id}")
}

/// The reader, opened at a page (from 1).
pub fn document_page(id: impl Display, page: u32) -> String {
    format!("{DOCUMENTS}/{id}?page={page}")
}

/// The reader, opened at a page with every hit of a search marked.
pub fn document_hit(id: impl Display, page: u32, query: &str) -> String {
    format!("{DOCUMENTS}/{id}?page={page}&q={}", encode(query))
}

/// The text of a document to read.
pub fn document_text(id: impl Display) -> String {
    format!("{DOCUMENTS}/{id}/text")
}

/// What is known of a document.
pub fn document_facts(id: impl Display) -> String {
    format!("{DOCUMENTS}/{id}/facts")
}

/// Who may see a document, and the choice of it.
pub fn document_sharing(id: impl Display) -> String {
    format!("{}#sharing", document_facts(id))
}

/// The file as it was uploaded.
pub fn document_original(id: impl Display) -> String {
    format!("{DOCUMENTS}/{id}/original")
}

/// What is known of a document, with a link to one of its files that other programs can follow: `original`, or the number of a page.
pub fn document_link(id: impl Display, file: impl Display) -> String {
    format!("{}?link={file}#link", document_facts(id))
}

/// A file by a link.
pub fn file_link(token: &str, name: &str) -> String {
    FILE_LINK.replace("{token}", token).replace("{name}", name)
}

/// The text of a document as a file.
pub fn document_text_file(id: impl Display) -> String {
    format!("{DOCUMENTS}/{id}/text.txt")
}

/// The image of a page (from 1) for the reader. With a digest it is the one that was drawn then, and without the one that there is.
pub fn page_image(id: impl Display, page: u32, images: Option<&ImagesDigest>) -> String {
    of_images(format!("{DOCUMENTS}/{id}/pages/{page}.png"), images)
}

/// The small image of a page (from 1), as [`page_image`].
pub fn page_thumbnail(id: impl Display, page: u32, images: Option<&ImagesDigest>) -> String {
    of_images(format!("{DOCUMENTS}/{id}/pages/{page}/thumbnail.png"), images)
}

/// In the query, which a server that knows of no digest passes over.
fn of_images(path: String, images: Option<&ImagesDigest>) -> String {
    match images {
        Some(digest) => format!("{path}?digest={digest}"),
        None => path,
    }
}

/// The results of a search.
pub fn search(query: &str) -> String {
    format!("{SEARCH}?q={}", encode(query))
}

/// A report and how far it is.
pub fn report(id: impl Display) -> String {
    format!("{REPORTS}/{id}")
}

/// The finished report.
pub fn report_file(id: impl Display) -> String {
    format!("{REPORTS}/{id}/report.pdf")
}

/// A finished archive of the workspace.
pub fn export_file(id: impl Display) -> String {
    format!("{SETTINGS_EXPORT}/{id}/archive.zip")
}

/// What is known of a piece of work: how far it is, and what came of it.
pub fn job(id: impl Display) -> String {
    format!("/jobs/{id}")
}

/// POST only: cancels a piece of work.
pub fn job_cancel(id: impl Display) -> String {
    format!("{}/cancel", job(id))
}

/// POST only: has it done again.
pub fn job_retry(id: impl Display) -> String {
    format!("{}/retry", job(id))
}

/// The sign-in page, from which one goes on to `next`.
pub fn sign_in_to(next: &str) -> String {
    format!("{SIGN_IN}?next={}", encode(next))
}

/// The sign-in page with a word about what was just done.
pub fn sign_in_after(done: Done) -> String {
    format!("{SIGN_IN}?done={}", done.as_str())
}

/// The account's settings with a word about what was just done.
pub fn settings_after(done: Done) -> String {
    format!("{SETTINGS_ACCOUNT}?done={}", done.as_str())
}

/// The workspace's settings with a word about what was just done.
pub fn workspace_after(done: Changed) -> String {
    format!("{SETTINGS_WORKSPACE}?done={}", done.as_str())
}

/// The workspace's settings with a word about why a picture is no logo.
pub fn workspace_fault(fault: LogoFault) -> String {
    format!("{SETTINGS_WORKSPACE}?fault={}", fault.as_str())
}

/// The workspace's logo; each has an address of its own, so that it may be kept.
pub fn logo(version: impl Display) -> String {
    format!("{LOGO}?v={version}")
}

/// What is asked for a new report about these documents.
pub fn new_report(documents: impl IntoIterator<Item = impl Display>) -> String {
    let ids: Vec<_> = documents.into_iter().map(|id| id.to_string()).collect();
    format!("{NEW_REPORT}?documents={}", ids.join(","))
}

/// What is asked for a new report about what a search finds.
pub fn new_report_of_search(query: &str) -> String {
    format!("{NEW_REPORT}?q={}", encode(query))
}

/// The page of the plan with a word about what was just done.
pub fn billing_after(done: Billed) -> String {
    format!("{BILLING}?done={}", done.as_str())
}

/// What another plan would cost, and the yes to it.
pub fn billing_plan_to(plan: PlanId, currency: Currency) -> String {
    format!("{BILLING_PLAN}?to={}&currency={}", plan.as_str(), currency.as_str())
}

/// The sign-up of somebody who has picked a plan.
pub fn sign_up_with(picked: Picked) -> String {
    format!("{SIGN_UP}?{}", picked.query())
}

/// The sign-in of somebody who has picked a plan.
pub fn sign_in_with(picked: Picked) -> String {
    format!("{SIGN_IN}?{}", picked.query())
}

/// The plan that was picked, as it is offered to an owner.
pub fn picked_plan(picked: Picked) -> String {
    billing_plan_to(picked.plan(), picked.currency())
}

/// The plans, priced in a currency.
pub fn pricing(currency: Currency) -> String {
    format!("{PRICING}?currency={}", currency.as_str())
}

/// What was used in the month that holds this moment; in the running one where none is named. `after`: from there on in the
/// ledger.
pub fn usage(month: Option<DateTime<Utc>>, after: Option<&str>) -> String {
    let month = month.map(|month| format!("month={}", month_name(month)));
    let after = after.map(|after| format!("after={}", encode(after)));
    let asked: Vec<_> = month.into_iter().chain(after).collect();
    if asked.is_empty() { USAGE.to_owned() } else { format!("{USAGE}?{}", asked.join("&")) }
}

/// The same month as a table.
pub fn usage_csv(month: Option<DateTime<Utc>>) -> String {
    month.map_or_else(|| USAGE_CSV.to_owned(), |month| format!("{USAGE_CSV}?month={}", month_name(month)))
}

/// The month that holds this moment, as addresses name it.
pub fn month_name(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// What the link of the confirmation mail opens.
pub fn verify(token: &str) -> String {
    format!("{VERIFY}?token={}", encode(token))
}

/// What the link of the password mail opens.
pub fn reset_password(token: &str) -> String {
    format!("{RESET_PASSWORD}?token={}", encode(token))
}

/// What the link of an invitation opens.
pub fn invite(token: &str) -> String {
    format!("{INVITE}?token={}", encode(token))
}

/// A page of the plan with a word about why nobody was led on to pay.
pub fn billing_fault(page: &str, fault: PayFault) -> String {
    let joint = if page.contains('?') { '&' } else { '?' };
    format!("{page}{joint}fault={}", fault.as_str())
}

/// What was done before the sign-in page is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    Verified,
    PasswordChanged,
    SignedOut,
}

impl Done {
    /// The word in the address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::PasswordChanged => "password-changed",
            Self::SignedOut => "signed-out",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Verified, Self::PasswordChanged, Self::SignedOut].into_iter().find(|done| done.as_str() == text)
    }
}

/// What was done before the page of the workspace is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    Settings,
    Logo,
    DeletionAsked,
    DeletionUndone,
}

impl Changed {
    /// The word in the address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Settings => "saved",
            Self::Logo => "logo",
            Self::DeletionAsked => "deletion-asked",
            Self::DeletionUndone => "kept",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        let all = [Self::Settings, Self::Logo, Self::DeletionAsked, Self::DeletionUndone];
        all.into_iter().find(|done| done.as_str() == text)
    }

    /// What the person is told, as a full sentence.
    pub fn message(self) -> &'static str {
        match self {
            Self::Settings => "The settings are saved.",
            Self::Logo => "The logo is changed.",
            Self::DeletionAsked => "The deletion is asked for, and all owners have a mail about it.",
            Self::DeletionUndone => "The workspace is kept.",
        }
    }
}

/// What was done before the page of the plan is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Billed {
    Paid,
    Changed,
    Cancelled,
    Kept,
    Cap,
}

impl Billed {
    /// The word in the address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Changed => "changed",
            Self::Cancelled => "cancelled",
            Self::Kept => "kept",
            Self::Cap => "cap",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        let all = [Self::Paid, Self::Changed, Self::Cancelled, Self::Kept, Self::Cap];
        all.into_iter().find(|done| done.as_str() == text)
    }

    /// What the person is told, as a full sentence.
    pub fn message(self) -> &'static str {
        match self {
            Self::Paid => {
                "Thank you. Your plan is shown here as soon as the payment has arrived, within seconds as a rule."
            }
            Self::Changed => "The change of the plan is made.",
            Self::Cancelled => "The plan is cancelled, and goes on to the end of what is paid.",
            Self::Kept => "The plan goes on as it is.",
            Self::Cap => "The cap is saved.",
        }
    }
}

/// Why nobody was led on to where one pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayFault {
    Coupon,
    Choice,
    Subscribed,
    Away,
    Unknown,
}

impl PayFault {
    /// The word in the address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Coupon => "coupon",
            Self::Choice => "choice",
            Self::Subscribed => "subscribed",
            Self::Away => "away",
            Self::Unknown => "unknown",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        let all = [Self::Coupon, Self::Choice, Self::Subscribed, Self::Away, Self::Unknown];
        all.into_iter().find(|fault| fault.as_str() == text)
    }

    /// What the person is told, as full sentences.
    pub fn message(self) -> &'static str {
        match self {
            Self::Coupon => "This code is not known, or its time is over. Check it, or go on without it.",
            Self::Choice => "This plan cannot be bought like that. Choose one of the plans below.",
            Self::Subscribed => "The workspace has a plan that is paid. Change it instead of buying another one.",
            Self::Away => {
                "The payment service cannot be reached right now, and nothing was paid by this. Please try again in a moment."
            }
            Self::Unknown => "The payment service does not know this workspace yet. Choose a plan first.",
        }
    }
}

/// A value made safe for the query of an address: all but the unreserved characters of RFC 3986 are percent-encoded.
pub fn encode(value: &str) -> String {
    value.bytes().fold(String::with_capacity(value.len()), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            write!(text, "%{byte:02X}").expect("a String takes whatever is written to it");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_cannot_leave_its_parameter() {
        assert_eq!(search("a&b=\"ü\" c#"), "/search?q=a%26b%3D%22%C3%BC%22%20c%23");
    }

    #[test]
    fn usage_is_asked_for_as_shortly_as_it_can_be() {
        let month = "2026-11-01T09:30:00Z".parse().ok();
        assert_eq!(usage(None, None), "/settings/usage");
        assert_eq!(usage(month, Some("a&b")), "/settings/usage?month=2026-11-01T09:30:00Z&after=a%26b");
        assert_eq!(usage_csv(month), "/settings/usage.csv?month=2026-11-01T09:30:00Z");
    }
}
