//! The other side: what the steps of jobs do something to. It honours keys as a provider of payments does, and remembers who
//! told it what and when.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde::Deserialize;
use sqlx::types::Uuid;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    time::sleep,
};

use super::history::{Call, Effect, Moment};

/// What an effect takes, once it cannot be taken back any more.
const ANSWER: Duration = Duration::from_millis(5);

pub struct Effects {
    pub address: SocketAddr,
    book: Arc<Book>,
}

struct Book {
    began: Instant,
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    calls: Vec<Call>,
    receipts: HashMap<String, usize>,
}

/// A line that a worker says.
#[derive(Deserialize)]
struct Line {
    job: Uuid,
    attempt: i32,
    worker: String,
    step: Option<String>,
    key: Option<String>,
}

impl Effects {
    /// Listens on a port of its own, for as long as the runtime lives.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let book = Arc::new(Book { began: Instant::now(), entries: Mutex::default() });
        let kept = book.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(kept.clone(), stream));
            }
        });
        Self { address, book }
    }

    pub fn now(&self) -> Moment {
        self.book.began.elapsed()
    }

    /// What workers said whose names begin like this, in order.
    pub fn calls_of(&self, workers: &str) -> Vec<Call> {
        let entries = self.book.entries.lock().unwrap();
        entries.calls.iter().filter(|call| call.worker.starts_with(workers)).cloned().collect()
    }
}

async fn answer(book: Arc<Book>, stream: TcpStream) {
    let (mut stream, mut text) = (BufReader::new(stream), String::new());
    // A worker that was killed while it spoke has said nothing.
    if stream.read_line(&mut text).await.is_err() || !text.ends_with('\n') {
        return;
    }
    let receipt = book.enter(serde_json::from_str(&text).unwrap());
    sleep(ANSWER).await;
    // Nor does one that was killed since wait for the answer.
    let _ = stream.write_all(format!("{receipt}\n").as_bytes()).await;
}

impl Book {
    /// The receipt: the same for a key that was seen before.
    fn enter(&self, line: Line) -> usize {
        let mut entries = self.entries.lock().unwrap();
        let effect = line.step.zip(line.key).map(|(step, key)| Effect { step, key });
        let next = entries.receipts.len() + 1;
        let receipt = effect.as_ref().map_or(0, |effect| *entries.receipts.entry(effect.key.clone()).or_insert(next));
        let (job, attempt, worker) = (line.job, line.attempt, line.worker);
        entries.calls.push(Call { job, attempt, worker, at: self.began.elapsed(), effect });
        receipt
    }
}
