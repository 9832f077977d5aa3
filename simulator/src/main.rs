//! The simulator as a program, for `make run` and the stories in the browser.

use std::{io, net::SocketAddr, path::PathBuf, time::Duration};

use clap::Parser;
use stripe_simulator::{Options, Simulator, Webhook};

/// Stands in for Stripe on this machine: test mode, no real money, no network
#[derive(Debug, Parser)]
#[command(name = "stripe-simulator", version)]
struct Arguments {
    /// Where it listens; port 0 takes one that is free
    #[arg(long, default_value = "127.0.0.1:0")]
    address: SocketAddr,
    /// A file in which everything is kept, and found again
    #[arg(long)]
    state: Option<PathBuf>,
    /// Where webhooks are sent
    #[arg(long, requires = "secret")]
    webhook: Option<String>,
    /// What webhooks are signed with
    #[arg(long)]
    secret: Option<String>,
    /// A file into which its address is written as soon as it listens
    #[arg(long)]
    address_file: Option<PathBuf>,
    /// End when the process that started it has ended
    #[arg(long)]
    with_parent: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let started_by = parent();
    let webhook = arguments.webhook.map(|url| Webhook { url, secret: arguments.secret.unwrap_or_default() });
    let options = Options { address: arguments.address, webhook, file: arguments.state, ..Options::default() };
    let simulator = Simulator::start(options).await?;
    if let Some(file) = arguments.address_file {
        let part = file.with_extension("part");
        std::fs::write(&part, simulator.url())?;
        std::fs::rename(part, file)?;
    }
    // Until it is killed, or nobody needs it any more: its file is always up to date.
    while !arguments.with_parent || parent() == started_by {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Ok(())
}

fn parent() -> u32 {
    std::os::unix::process::parent_id()
}
