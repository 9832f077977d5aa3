//! What the test of crashes in billing kills (tests/it/billing_crash.rs): a program that uses credits, and one that tells Stripe of
//! them. What it is to do is its argument, and where and when is in its environment.

#[path = "shared/services.rs"]
mod shared;

use std::{env, error::Error as Failure};

use chrono::DateTime;
use domain::{
    Services,
    billing::{self, Stripe, StripeSettings},
    clock::Clock,
    db::{Db, setup::WORKER},
    id::{DocumentId, JobId, TenantId},
};
use sqlx::postgres::PgConnectOptions;

type Ended = Result<(), Box<dyn Failure>>;

/// Of the roles, in a cluster that lives as long as the tests.
const PASSWORD: &str = "test";

#[tokio::main]
async fn main() -> Ended {
    tracing_subscriber::fmt().with_max_level(tracing::Level::WARN).with_ansi(false).with_writer(std::io::stderr).init();
    let arguments: Vec<String> = env::args().skip(1).collect();
    let services = services()?;
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["use", tenant, document, job, credits] => {
            let (tenant, document, job) =
                (TenantId(tenant.parse()?), DocumentId(document.parse()?), JobId(job.parse()?));
            let e = billing::entitlements(&services, tenant).await?;
            billing::counter::charge(&services, tenant, &e, document, job, credits.parse()?).await?;
        }
        ["roll-up", tenant] => {
            billing::roll_up_of(&services, TenantId(tenant.parse()?)).await?;
        }
        _ => return Err("usage: billing_chaos use <tenant> <document> <job> <credits> | roll-up <tenant>".into()),
    }
    services.db.close().await;
    Ok(())
}

/// Those of a worker.
fn services() -> Result<Services, Box<dyn Failure>> {
    let now = DateTime::from_timestamp(setting("SHEAF_CHAOS_NOW").parse()?, 0).ok_or("a time beyond the calendar")?;
    let clock = Clock::manual(now);
    let admin: PgConnectOptions = setting("SHEAF_CHAOS_DATABASE").parse()?;
    let db = Db::open(admin.username(WORKER).password(PASSWORD), 2);
    let stripe = Stripe::new(StripeSettings {
        key: "sk_test_chaos".into(),
        url: setting("SHEAF_CHAOS_STRIPE").parse()?,
        webhook_secrets: Vec::new(),
    })?;
    Ok(Services { stripe: Some(stripe), ..shared::services(db, clock, &env::temp_dir())? })
}

/// Empty where it is not set, which nothing that is asked for is.
fn setting(name: &str) -> String {
    env::var(name).unwrap_or_default()
}
