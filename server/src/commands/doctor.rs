//! `sheaf doctor`: every part that Sheaf stands on, whether it is well, and how to mend it.

use std::{path::Path, process::ExitCode, time::Duration};

use domain::{
    Result, Services, billing,
    db::{checks, setup},
};
use tokio::time::timeout;

use crate::{
    boot::{self, Databases},
    config::Config,
};

/// Longer than any healthy part takes.
const PATIENCE: Duration = Duration::from_secs(5);

/// Checks all parts; the exit code says whether all are well.
pub async fn doctor(config: Config) -> Result<ExitCode> {
    let mut report = Report::default();
    report.check(
        "site",
        config.site.join("pkg").is_dir(),
        "build it with `cargo xtask build`, or name it with SHEAF_SITE",
    );
    let pdfium = config.pdfium().is_some_and(|folder| has_pdfium(&folder)) || has_system_pdfium();
    report.check("pdfium", pdfium, "run `make setup`, or name the folder of libpdfium.so with SHEAF_PDFIUM_DIR");
    let fonts = config.fonts_dir.as_ref().is_none_or(|folder| folder.is_dir());
    report.check("fonts", fonts, "SHEAF_FONTS_DIR names a folder that is not there");
    match boot::databases(&config).await {
        Ok((databases, embedded)) => {
            check_services(&mut report, &config, &databases).await;
            embedded.stop();
        }
        Err(error) => report.check("database", false, &format!("{error}")),
    }
    Ok(if report.is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn check_services(report: &mut Report, config: &Config, databases: &Databases) {
    let services = match boot::services(config, databases.open_app(config)) {
        Ok(services) => services,
        Err(error) => return report.check("settings", false, &error.to_string()),
    };
    let reachable = timeout(PATIENCE, services.db.system()).await.is_ok_and(|opened| opened.is_ok());
    report.check(
        "database",
        reachable,
        "check SHEAF_DATABASE_URL: Postgres must answer to the role sheaf_app; if a transaction pooler is in between, \
         set SHEAF_DATABASE_POOLER=transaction",
    );
    if reachable {
        if databases.session.is_some() {
            check_pooler(report, &services).await;
        }
        check_migrations(report, &services).await;
        check_roles(report, &services).await;
    }
    check_replicas(report, config, &services).await;
    let worker = databases.worker.is_some();
    report.check("worker role", worker, "`work` and `all` need SHEAF_WORKER_DATABASE_URL, as the role sheaf_worker");
    let redis = timeout(PATIENCE, services.cache.is_ready()).await.unwrap_or(false);
    report.check("redis", redis, "check SHEAF_REDIS_URL; without it, limits are kept in process");
    let store = timeout(PATIENCE, services.files.is_ready()).await.unwrap_or(false);
    report.check("store", store, "check the SHEAF_S3_ settings, or that the data folder can be written");
    let mail = timeout(PATIENCE, services.mailer.is_ready()).await.unwrap_or(false);
    report.check("mail", mail, "check SHEAF_SMTP_URL: the server must answer and take the password");
    if services.stripe.is_some() {
        check_stripe(report, config, &services).await;
    }
}

/// Each is named by its place in the setting, as its URL may hold a password.
async fn check_replicas(report: &mut Report, config: &Config, services: &Services) {
    for (index, replica) in config.replica_urls.iter().enumerate() {
        let checked = timeout(2 * PATIENCE, checks::replica(&services.db, replica)).await;
        let (is_well, advice) = match &checked {
            Ok(Ok(())) => (true, ""),
            Ok(Err(error)) => (false, error.context.as_deref().unwrap_or("")),
            Err(_) => (false, "check SHEAF_REPLICA_URLS: it does not answer"),
        };
        report.check(&format!("replica {}", index + 1), is_well, advice);
    }
}

/// Only where plans are sold.
async fn check_stripe(report: &mut Report, config: &Config, services: &Services) {
    let answers = timeout(PATIENCE, billing::is_ready(services)).await.unwrap_or(false);
    report.check("stripe", answers, "check SHEAF_STRIPE_KEY and SHEAF_STRIPE_URL: Stripe must answer and take the key");
    let has_secret = config.stripe_webhook_secrets.iter().any(|secret| !secret.trim().is_empty());
    report.check(
        "stripe webhook",
        has_secret,
        "set SHEAF_STRIPE_WEBHOOK_SECRETS to the signing secret of the endpoint /stripe/webhook; without it, what Stripe \
         tells is heard within hours",
    );
}

/// Only what a pooler changes: without one, no statement is unnamed and there is no second way.
async fn check_pooler(report: &mut Report, services: &Services) {
    let answers = timeout(PATIENCE, checks::answers_statements(&services.db)).await.is_ok_and(|asked| asked.is_ok());
    report.check("pooler", answers, "check SHEAF_DATABASE_URL: its pooler must be in transaction or session mode");
    let hears = timeout(PATIENCE, checks::hears_announcements(&services.db)).await.is_ok_and(|heard| heard.is_ok());
    report.check(
        "session",
        hears,
        "check SHEAF_SESSION_DATABASE_URL: it must lead to the same database, as the same role, around the pooler",
    );
}

async fn check_migrations(report: &mut Report, services: &Services) {
    let advice = "run `sheaf migrate` with SHEAF_OWNER_DATABASE_URL";
    match setup::pending_migrations(&services.db).await {
        Ok(pending) if pending.is_empty() => report.check("migrations", true, ""),
        Ok(pending) => report.check("migrations", false, &format!("{} not applied: {advice}", pending.len())),
        Err(_) => report.check("migrations", false, advice),
    }
}

async fn check_roles(report: &mut Report, services: &Services) {
    let safe = checks::is_bound_by_policies(&services.db).await.unwrap_or(false);
    report.check("roles", safe, "SHEAF_DATABASE_URL must name a role that row-level security binds: sheaf_app");
}

fn has_pdfium(folder: &Path) -> bool {
    folder.join("libpdfium.so").is_file()
}

fn has_system_pdfium() -> bool {
    ["/usr/lib", "/usr/local/lib", "/usr/lib/x86_64-linux-gnu"].into_iter().any(|folder| has_pdfium(Path::new(folder)))
}

struct Report {
    is_well: bool,
}

impl Default for Report {
    fn default() -> Self {
        Self { is_well: true }
    }
}

impl Report {
    #[expect(clippy::print_stdout, reason = "this is what the command is for")]
    fn check(&mut self, part: &str, is_well: bool, advice: &str) {
        self.is_well &= is_well;
        match is_well {
            true => println!("ok      {part}"),
            false => println!("broken  {part}: {advice}"),
        }
    }
}
