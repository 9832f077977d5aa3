//! A Redis of a test alone.

use std::{
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;
use tokio::{net::TcpStream, time::sleep};

use crate::world::servers_folder;

/// A Redis that keeps nothing, and ends with its test.
pub struct OwnRedis {
    port: u16,
    child: Child,
    folder: TempDir,
}

impl OwnRedis {
    pub async fn start() -> Self {
        let folder = servers_folder();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let redis = Self { port, child: spawn(port, &folder), folder };
        redis.answers().await;
        redis
    }

    /// The same again, which has forgotten everything.
    pub async fn restart(&mut self) {
        self.kill();
        self.child = spawn(self.port, &self.folder);
        self.answers().await;
    }

    async fn answers(&self) {
        while TcpStream::connect(self.address()).await.is_err() {
            sleep(Duration::from_millis(10)).await;
        }
    }

    pub fn address(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    pub fn url(&self) -> String {
        url_of(self.address())
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

/// Of a Redis, or of a way to one.
pub fn url_of(address: SocketAddr) -> String {
    format!("redis://{address}/")
}

fn spawn(port: u16, folder: &TempDir) -> Child {
    let settings = ["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    let mut redis = Command::new("redis-server");
    redis.args(settings).current_dir(folder.path());
    redis.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

impl Drop for OwnRedis {
    fn drop(&mut self) {
        // It may have been killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
