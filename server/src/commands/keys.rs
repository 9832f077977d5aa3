//! `sheaf keys`: what signs access tokens and seals secrets, put in the place of another without anybody noticing.
//!
//! Where the keys are a setting, no command can change them on all servers: then what is to be set is printed, step by step. Where
//! they lie in the data folder, they are changed there, and the one server that uses them is started again.

use std::process::ExitCode;

use clap::{Subcommand, ValueEnum};
use domain::{
    Error, Result, Services,
    db::Db,
    operators::{self, Sealed},
};

use super::needs;
use crate::{boot, config::Config, keys::KeyRing};

#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Print the keys by their ids, in their order, and how many kept secrets each has sealed
    List,
    /// Make a new key, or seal all kept secrets with the newest
    Rotate {
        #[arg(value_enum)]
        what: Rotated,
    },
    /// Take an old key away, once nothing is sealed with it any more
    Retire {
        /// Its id, as `list` prints it
        // One in 64 begins with a hyphen.
        #[arg(allow_hyphen_values = true)]
        id: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Rotated {
    /// The key that signs access tokens, and from which the one is derived that seals secrets
    Tokens,
    /// The secrets that the database keeps sealed, which are those of the operators' apps
    Secrets,
}

/// One connection works; the other listens for announcements, which is part of the services.
const CONNECTIONS: u32 = 2;

pub async fn keys(command: KeysCommand, config: Config) -> Result<ExitCode> {
    let ring = KeyRing::load(&config)?;
    if matches!(command, KeysCommand::Rotate { what: Rotated::Tokens }) {
        return rotate(&config, &ring);
    }
    let (databases, embedded) = boot::databases(&config).await?;
    let done = async {
        let owner = databases.owner.clone().ok_or_else(|| needs("SHEAF_OWNER_DATABASE_URL", "sheaf_owner"))?;
        let services = boot::services(&config, Db::open(owner, CONNECTIONS))?;
        act(command, &config, &ring, &services).await
    };
    let done = done.await;
    embedded.stop();
    done
}

async fn act(command: KeysCommand, config: &Config, ring: &KeyRing, services: &Services) -> Result<ExitCode> {
    match command {
        KeysCommand::List => list(services, &operators::sealed(services).await?),
        KeysCommand::Rotate { .. } => {
            say(&format!("{} secrets sealed anew", operators::reseal(services).await?));
            let unknown = operators::sealed(services).await?.unknown;
            if unknown > 0 {
                return Err(Error::internal(format!(
                    "{unknown} secrets were sealed with a key that is not here: give it too, or `sheaf operator reset-totp`"
                )));
            }
        }
        KeysCommand::Retire { id } => retire(config, ring, services, &id).await?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list(services: &Services, sealed: &Sealed) {
    for (place, id) in services.keys.ids().iter().enumerate() {
        let use_ = if place == 0 { "signs" } else { "checks" };
        say(&format!("{id}  {use_:<6}  secrets {}", sealed.with(id)));
    }
    if sealed.unknown > 0 {
        say(&format!("unknown       -       secrets {}", sealed.unknown));
    }
}

fn rotate(config: &Config, ring: &KeyRing) -> Result<ExitCode> {
    let rotated = ring.with_new()?;
    if config.token_keys.is_none() {
        rotated.write_to_folder(&config.data)?;
        say("a new key signs once Sheaf is started again; then: sheaf keys rotate secrets");
        return Ok(ExitCode::SUCCESS);
    }
    say("1. on every server, one after the other, so that all know the key before one signs with it:");
    say(&format!("SHEAF_TOKEN_KEYS={}", rotated.not_signing_yet().to_setting()));
    say("2. then once more on every server, so that it signs:");
    say(&format!("SHEAF_TOKEN_KEYS={}", rotated.to_setting()));
    say("3. with that setting: sheaf keys rotate secrets");
    say("4. ten minutes later, when all that the old key has signed has run out: sheaf keys retire <id>");
    Ok(ExitCode::SUCCESS)
}

async fn retire(config: &Config, ring: &KeyRing, services: &Services, id: &str) -> Result<()> {
    let ids = services.keys.ids();
    let place = ids.iter().position(|known| known == id);
    let place = place.ok_or_else(|| Error::not_found().with_context(format!("there is no key {id}")))?;
    if place == 0 {
        return Err(Error::internal(format!("the key {id} signs: rotate first, and retire the one before")));
    }
    let secrets = operators::sealed(services).await?.with(id);
    if secrets > 0 {
        return Err(Error::internal(format!("{secrets} secrets are sealed with {id}: sheaf keys rotate secrets")));
    }
    let left = ring.without(place);
    if config.token_keys.is_none() {
        left.write_to_folder(&config.data)?;
        say("it is gone once Sheaf is started again");
    } else {
        say("on every server, one after the other:");
        say(&format!("SHEAF_TOKEN_KEYS={}", left.to_setting()));
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "this is what the command is for")]
fn say(line: &str) {
    println!("{line}");
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::KeysCommand;
    use crate::config::{Cli, Command};

    #[test]
    fn an_id_may_begin_with_a_hyphen() {
        for given in ["aB3_", "-_3k", "-hV0", "--x1"] {
            let cli = Cli::try_parse_from(["sheaf", "keys", "retire", given]).expect(given);
            let Some(Command::Keys { command: KeysCommand::Retire { id } }) = cli.command else { panic!("{given}") };
            assert_eq!(id, given);
        }
    }
}
