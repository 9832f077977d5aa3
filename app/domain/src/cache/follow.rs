//! What changes, between Redis and this process: Redis is told of what was heard of, so that it answers with nothing older; and
//! other processes are heard through it, which are heard through Postgres as well. One of the two ways is enough.

use std::time::Duration;

use tokio::time::{sleep, timeout};
use tokio_stream::StreamExt;

use super::{
    Epochs,
    connection::{Away, Connection},
    untold::{self, Change},
};

const CHANNEL: &str = "sheaf:changes";

/// Between two tries to tell Redis.
const RETRIED_EVERY: Duration = Duration::from_millis(250);

/// A connection that was silent for so long is made anew, as it may lead nowhere.
const SILENCE: Duration = Duration::from_secs(60);

/// Between two tries to listen.
const LISTENED_AGAIN: Duration = Duration::from_secs(1);

/// Tells Redis of each change that these hear of, for as long as the process lives. Whoever has made it tells the other
/// processes too; those do not tell each other.
pub(super) async fn tell(redis: Connection, epochs: Epochs, server: String) {
    loop {
        tokio::select! {
            () = epochs.untold().more.notified() => {}
            () = redis.doubts.more.notified() => {}
        }
        loop {
            if let Some(doubts) = redis.doubts.open()
                && let Err(away) = doubt_all(&redis, doubts, &epochs).await
            {
                tracing::debug!(error = %away, "redis could not be told to forget what it keeps; trying again");
                sleep(RETRIED_EVERY).await;
                continue;
            }
            let batch = epochs.untold().batch();
            if batch.is_empty() {
                break;
            }
            match tell_batch(&redis, &batch, &server).await {
                Ok(()) => epochs.untold().told(&batch),
                Err(away) => {
                    tracing::debug!(error = %away, "redis could not be told what has changed; trying again");
                    sleep(RETRIED_EVERY).await;
                }
            }
        }
    }
}

/// Has all fall that is kept in the Redis which answers now. What was read from it here since it may have been another one falls
/// too.
async fn doubt_all(redis: &Connection, doubts: u64, epochs: &Epochs) -> Result<(), Away> {
    redis.ask::<()>(redis::pipe().cmd("UNLINK").arg(untold::ALL).ignore()).await?;
    epochs.bump_all();
    redis.doubts.settle(doubts);
    Ok(())
}

async fn tell_batch(redis: &Connection, batch: &[(String, Change)], server: &str) -> Result<(), Away> {
    let tags: Vec<&str> = batch.iter().map(|(tag, _)| tag.as_str()).collect();
    let ours = batch.iter().filter(|(_, change)| change.is_ours).map(|(tag, _)| tag.as_str());
    let message: Vec<&str> = std::iter::once(server).chain(ours).collect();
    let mut commands = redis::pipe();
    // In this order: whoever hears of it finds it done.
    commands.cmd("UNLINK").arg(tags).ignore();
    if message.len() > 1 {
        commands.cmd("PUBLISH").arg(CHANNEL).arg(message.join("\n")).ignore();
    }
    redis.ask(&commands).await
}

/// Hears what other processes have told Redis.
pub(super) async fn listen(redis: Connection, epochs: Epochs, server: String) {
    let mut is_lost = false;
    loop {
        // Why it fails is said where Redis is asked. What is missed meanwhile is heard through Postgres.
        if let Ok(listener) = redis.listen(CHANNEL).await {
            let mut messages = listener.into_on_message();
            if is_lost {
                redis.doubts.raise();
            }
            is_lost = loop {
                match timeout(SILENCE, messages.next()).await {
                    Ok(Some(message)) => {
                        hear(&epochs, &message.get_payload::<String>().unwrap_or_default(), &server);
                    }
                    Ok(None) => break true,
                    Err(_) => break false,
                }
            };
            if is_lost {
                // It breaks off where Redis ends, also where nobody asks it anything in that moment.
                redis.doubts.raise();
            }
        }
        sleep(LISTENED_AGAIN).await;
    }
}

fn hear(epochs: &Epochs, message: &str, server: &str) {
    let mut lines = message.lines();
    if lines.next() == Some(server) {
        return;
    }
    for tag in lines {
        match untold::parse(tag) {
            Some((tenant, kind)) => epochs.raise(tenant, kind),
            None if tag == untold::ALL => epochs.bump_all(),
            None => {}
        }
    }
}
