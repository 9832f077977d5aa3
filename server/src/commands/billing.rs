//! `sheaf billing`: Stripe's side of what workspaces pay. It signs in to the database as a worker, who alone sees what Stripe was
//! told.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use domain::{
    Error, Result, Services,
    billing::{self, RolledUp},
    id::TenantId,
    tenants,
};

use super::services_of_worker;
use crate::{boot, config::Config};

/// What can be done about Stripe.
#[derive(Debug, Subcommand)]
pub enum BillingCommand {
    /// Make the products, prices, meter and portal that are missing at Stripe, and say which
    Setup,
    /// Ask Stripe what the workspaces have bought, also where it has told nothing
    Sync(Whose),
    /// Tell Stripe what was used beyond the included credits, which happens by itself every quarter of an hour
    RollUp(Whose),
    /// Compare the ledger, the meter, what Stripe was told and what it bills; the exit code says whether all agree
    Reconcile {
        #[command(flatten)]
        whose: Whose,
        /// A day of the month to compare, as in 2026-11-30 [default: today]
        #[arg(long)]
        month: Option<chrono::NaiveDate>,
    },
}

#[derive(Debug, Args)]
pub struct Whose {
    /// Of this workspace alone, by its id
    #[arg(long)]
    tenant: Option<TenantId>,
}

pub async fn run(command: BillingCommand, config: Config) -> Result<ExitCode> {
    if config.stripe_key().is_none() {
        return Err(Error::internal("this needs SHEAF_STRIPE_KEY: without it nothing is sold"));
    }
    let (databases, embedded) = boot::databases(&config).await?;
    let done = async { act(command, &services_of_worker(&config, &databases)?).await };
    let done = done.await;
    embedded.stop();
    done
}

async fn act(command: BillingCommand, services: &Services) -> Result<ExitCode> {
    match command {
        BillingCommand::Setup => {
            let made = billing::set_up(services).await?;
            made.iter().for_each(|line| say(line));
            say(&format!("{} made, the rest was there", made.len()));
            Ok(ExitCode::SUCCESS)
        }
        BillingCommand::Sync(whose) => sync(services, whose.tenant).await,
        BillingCommand::RollUp(whose) => {
            let RolledUp { written, sent } = match whose.tenant {
                Some(tenant) => billing::roll_up_of(services, known(services, tenant).await?).await?,
                None => billing::roll_up(services).await?,
            };
            say(&format!("{written} written down, {sent} sent"));
            Ok(ExitCode::SUCCESS)
        }
        BillingCommand::Reconcile { whose, month } => {
            let day = month.unwrap_or_else(|| services.clock.now().date_naive());
            reconcile(services, whose.tenant, day).await
        }
    }
}

/// One that fails does not stop the others; the exit code tells.
async fn sync(services: &Services, tenant: Option<TenantId>) -> Result<ExitCode> {
    let (mut changed, mut failed) = (0, 0);
    let mut each = Each::of(services, tenant).await?;
    while let Some(tenant) = each.next(services).await? {
        match billing::sync(services, tenant).await {
            Ok(is_new) => changed += usize::from(is_new),
            Err(error) => {
                failed += 1;
                say(&format!("{tenant}: {error}"));
            }
        }
    }
    say(&format!("{changed} changed, {failed} failed"));
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One that cannot be compared does not stop the others; the exit code tells.
async fn reconcile(services: &Services, tenant: Option<TenantId>, day: chrono::NaiveDate) -> Result<ExitCode> {
    let (mut differences, mut failed) = (0, 0);
    let mut each = Each::of(services, tenant).await?;
    while let Some(tenant) = each.next(services).await? {
        match billing::reconcile(services, tenant, day).await {
            Ok(found) => {
                differences += found.len();
                found.iter().for_each(|difference| say(&format!("{tenant}: {difference}")));
            }
            Err(error) => {
                failed += 1;
                say(&format!("{tenant}: {error}"));
            }
        }
    }
    say(&match differences {
        1 => "1 difference".to_owned(),
        _ => format!("{differences} differences"),
    });
    if failed > 0 {
        say(&format!("{failed} could not be compared"));
    }
    Ok(if differences + failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The workspaces that Stripe knows, a page of them at a time; or one, whether it does or not.
struct Each {
    page: Vec<TenantId>,
    /// Where the page has ended; none after the last one.
    last: Option<TenantId>,
}

impl Each {
    async fn of(services: &Services, tenant: Option<TenantId>) -> Result<Self> {
        match tenant {
            Some(tenant) => Ok(Self { page: vec![known(services, tenant).await?], last: None }),
            None => Ok(Self::turned(billing::customers(services, None).await?)),
        }
    }

    async fn next(&mut self, services: &Services) -> Result<Option<TenantId>> {
        if self.page.is_empty()
            && let Some(last) = self.last
        {
            *self = Self::turned(billing::customers(services, Some(last)).await?);
        }
        Ok(self.page.pop())
    }

    /// The first comes last, where it is taken from.
    fn turned(mut page: Vec<TenantId>) -> Self {
        let last = page.last().copied();
        page.reverse();
        Self { page, last }
    }
}

async fn known(services: &Services, tenant: TenantId) -> Result<TenantId> {
    match tenants::is_there(services, tenant).await? {
        true => Ok(tenant),
        false => Err(Error::not_found().with_context(format!("there is no workspace {tenant}"))),
    }
}

#[expect(clippy::print_stdout, reason = "this is what the command is for")]
fn say(line: &str) {
    println!("{line}");
}
