//! `sheaf purge`: has all web servers render public pages anew.

use std::process::ExitCode;

use clap::Args;
use domain::{
    Result,
    public_pages::{self, Tag},
};

use crate::{boot, config::Config};

#[derive(Debug, Args)]
pub struct Purge {
    /// Of which pages, separated by commas: home, pricing, docs, legal, changelog [default: all of them]
    #[arg(long = "tag", value_delimiter = ',', value_parser = Tag::parse)]
    tags: Vec<Tag>,
}

/// Announces it through the database, to which the web servers listen.
pub async fn purge(config: Config, Purge { tags }: Purge) -> Result<ExitCode> {
    let (databases, embedded) = boot::databases(&config).await?;
    let tags = if tags.is_empty() { Tag::ALL.to_vec() } else { tags };
    let purged = async {
        let services = boot::services(&config, databases.open_app(&config))?;
        public_pages::purge(&services, &tags.into_iter().collect()).await
    };
    let purged = purged.await;
    embedded.stop();
    purged?;
    Ok(ExitCode::SUCCESS)
}
