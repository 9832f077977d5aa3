//! `sheaf operator`: who may come in by the operators' door. It signs in to the database as the owner of the schema, since no
//! server may make an operator.

use std::process::ExitCode;

use clap::Subcommand;
use domain::{
    Result, Services,
    db::{Db, setup},
    operators::{self, Credentials, OperatorInfo},
};

use super::needs;
use crate::{boot, config::Config};

#[derive(Debug, Subcommand)]
pub enum OperatorCommand {
    /// Make an operator, and print once what they sign in with
    Add {
        /// Their e-mail address
        email: String,
        /// Their name, as the members of a workspace see it
        #[arg(long)]
        name: String,
    },
    /// List all operators
    List,
    /// Shut an operator out for good, and end their sessions
    Disable {
        /// Their e-mail address
        email: String,
    },
    /// Give an operator a new secret for their authenticator app, and end their sessions
    ResetTotp {
        /// Their e-mail address
        email: String,
    },
}

/// One connection works; the other listens for announcements, which is part of the services.
const CONNECTIONS: u32 = 2;

pub async fn operator(command: OperatorCommand, config: Config) -> Result<ExitCode> {
    let (databases, embedded) = boot::databases(&config).await?;
    let done = async {
        let owner = databases.owner.ok_or_else(|| needs("SHEAF_OWNER_DATABASE_URL", "sheaf_owner"))?;
        setup::migrate(&owner).await?;
        run(command, &boot::services(&config, Db::open(owner, CONNECTIONS))?).await
    };
    let done = done.await;
    embedded.stop();
    done?;
    Ok(ExitCode::SUCCESS)
}

async fn run(command: OperatorCommand, services: &Services) -> Result<()> {
    match command {
        OperatorCommand::Add { email, name } => show(&operators::add(services, &email, &name).await?),
        OperatorCommand::List => operators::list(services).await?.iter().for_each(show_operator),
        OperatorCommand::Disable { email } => operators::disable(services, &email).await?,
        OperatorCommand::ResetTotp { email } => show(&operators::reset_totp(services, &email).await?),
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "this is what the command is for")]
fn show(credentials: &Credentials) {
    let Credentials { email, password, secret } = credentials;
    if let Some(password) = password {
        println!("password  {password}");
    }
    println!("secret    {}", secret.to_base32());
    println!("app       {}", secret.uri(email));
    println!(
        "\nNone of this is shown again. Put the secret into an authenticator app, and sign in at /operator/sign-in."
    );
}

#[expect(clippy::print_stdout, reason = "this is what the command is for")]
fn show_operator(operator: &OperatorInfo) {
    let OperatorInfo { email, name, disabled_at, last_seen_at, .. } = operator;
    let state = if disabled_at.is_some() { "disabled" } else { "active" };
    let seen = last_seen_at.map_or_else(|| "never".into(), |seen| seen.format("%Y-%m-%d %H:%M UTC").to_string());
    println!("{email}  {name}  {state}, last seen {seen}");
}
