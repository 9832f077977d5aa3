//! `sheaf purge`: has all web servers render public pages anew, and the caches in front forget them.

use std::{collections::BTreeSet, process::ExitCode};

use clap::Args;
use domain::{
    Result,
    public_pages::{self, Tag},
};

use super::fronts::Fronts;
use crate::{boot, config::Config};

#[derive(Debug, Args)]
pub struct Purge {
    /// Of which pages, separated by commas: home, pricing, docs, legal, changelog [default: all of them]
    #[arg(long = "tag", value_delimiter = ',', value_parser = Tag::parse)]
    tags: Vec<Tag>,
}

/// Announces it through the database, to which the web servers listen, and then tells the caches in front. In the other order they
/// would ask for the pages at once, and keep the old ones anew. Fails where one of them was not told.
pub async fn purge(config: Config, Purge { tags }: Purge) -> Result<ExitCode> {
    let fronts = Fronts::new(&config)?;
    let (databases, embedded) = boot::databases(&config).await?;
    let tags = if tags.is_empty() { Tag::ALL.to_vec() } else { tags };
    let tags: BTreeSet<Tag> = tags.into_iter().collect();
    let purged = async {
        let services = boot::services(&config, databases.open_app(&config))?;
        public_pages::purge(&services, &tags).await?;
        fronts.forget(&tags).await
    };
    let purged = purged.await;
    embedded.stop();
    purged?;
    Ok(ExitCode::SUCCESS)
}
