//! A Redis of a test alone, and a way to it that can be made bad.

use std::{
    fs,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    time::sleep,
};

/// A Redis that keeps nothing, and ends with its test.
pub struct OwnRedis {
    port: u16,
    child: Child,
    _folder: TempDir,
}

impl OwnRedis {
    pub async fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("sheaf-servers.").tempdir().unwrap();
        // So scripts/with-servers sweeps what a killed test leaves.
        fs::write(folder.path().join("pid"), format!("{}\n", std::process::id())).unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let settings = ["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
        let mut redis = Command::new("redis-server");
        redis
            .args(settings)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let redis = Self { port, child: redis.spawn().unwrap(), _folder: folder };
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            sleep(Duration::from_millis(10)).await;
        }
        redis
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// What a command answers.
    pub async fn ask<T: redis::FromRedisValue>(&self, command: &[&[u8]]) -> T {
        let client = redis::Client::open(self.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let mut asked = redis::Cmd::new();
        command.iter().for_each(|word| {
            asked.arg(word);
        });
        asked.query_async(&mut connection).await.unwrap()
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// It stands still, with all its connections: `STOP`, and `CONT` to go on.
    pub fn signal(&self, signal: &str) {
        let sent = Command::new("kill").arg(format!("-{signal}")).arg(self.child.id().to_string()).status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for OwnRedis {
    fn drop(&mut self) {
        // It may have been killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A way to a Redis, as fast as that is until it is told otherwise.
pub struct Way {
    port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// Of whatever comes and goes, in milliseconds.
    delay: AtomicU64,
    is_cut: AtomicBool,
}

impl Way {
    pub async fn to(redis: &OwnRedis) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, state, to) = (listener.local_addr().unwrap().port(), Arc::<State>::default(), redis.port);
        tokio::spawn(serve(listener, to, state.clone()));
        Self { port, state }
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    pub fn slow_down(&self, delay: Duration) {
        self.state.delay.store(u64::try_from(delay.as_millis()).unwrap(), Ordering::Relaxed);
    }

    /// Whether nothing comes through: what is connected breaks off, and nobody else gets in.
    pub fn cut(&self, is_cut: bool) {
        self.state.is_cut.store(is_cut, Ordering::Relaxed);
    }
}

async fn serve(listener: TcpListener, to: u16, state: Arc<State>) {
    while let Ok((here, _)) = listener.accept().await {
        if state.is_cut.load(Ordering::Relaxed) {
            continue;
        }
        let Ok(there) = TcpStream::connect(("127.0.0.1", to)).await else { continue };
        let ((from_here, to_here), (from_there, to_there)) = (here.into_split(), there.into_split());
        tokio::spawn(copy(from_here, to_there, state.clone()));
        tokio::spawn(copy(from_there, to_here, state.clone()));
    }
}

async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, state: Arc<State>) {
    let mut bytes = vec![0; 64 * 1024];
    while !state.is_cut.load(Ordering::Relaxed) {
        // It looks from time to time whether it is cut.
        let Ok(read) = tokio::time::timeout(Duration::from_millis(20), from.read(&mut bytes)).await else { continue };
        let Some(read) = read.ok().filter(|read| *read > 0) else { return };
        sleep(Duration::from_millis(state.delay.load(Ordering::Relaxed))).await;
        if to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}
