//! How connections are taken, and how long one may be silent.

use std::time::Duration;

use axum::{Extension, Router, extract::ConnectInfo, serve::Listener};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::Layer;

/// How long a connection may take to bring the whole head of its next request, from when it is opened or the answer before has
/// ended: whoever sends one letter a second has no connection for ever. Longer than proxies keep an idle one to what is behind them
/// (nginx a minute, `keepalive_timeout` of an upstream; Caddy two), so that it is they who close it, and nothing is sent into
/// one that has just been closed here.
pub(super) const SILENCE: Duration = Duration::from_secs(180);

/// Answers HTTP/1.1, as proxies speak it to what is behind them. From `stopping` on it takes no new connection and returns when what
/// is under way has ended.
pub(super) async fn answer(mut listener: TcpListener, app: Router, silence: Duration, stopping: &CancellationToken) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(silence);
    let open = GracefulShutdown::new();
    // As axum takes them: it waits where no more files can be opened, and goes on.
    while let Some((stream, peer)) = stopping.run_until_cancelled(Listener::accept(&mut listener)).await {
        // A streamed answer is several small writes: without this each waits for a delayed acknowledgement.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(error = %error, "could not set TCP_NODELAY");
        }
        let app = Extension(ConnectInfo(peer)).layer(app.clone());
        let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
        let connection = open.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error = %error, "a connection ended");
            }
        });
    }
    drop(listener);
    open.shutdown().await;
}

#[cfg(test)]
mod tests {
    use std::{net::SocketAddr, time::Instant};

    use axum::routing::get;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
        time::{sleep, timeout},
    };

    use super::*;

    const SHORT: Duration = Duration::from_millis(400);

    /// What stands between an answer's begin and its end in these tests, longer than a connection may be silent.
    const LONG: Duration = Duration::from_millis(1000);

    async fn serve(stopping: &CancellationToken) -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let slow = || async {
            sleep(LONG).await;
            "slow"
        };
        let told = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() };
        let app = Router::new().route("/", get(told)).route("/slow", get(slow));
        let stopping = stopping.clone();
        tokio::spawn(async move { answer(listener, app, SHORT, &stopping).await });
        address
    }

    /// What the server says until it closes the connection.
    async fn rest(mut stream: TcpStream) -> String {
        let mut said = String::new();
        let read = timeout(Duration::from_secs(10), stream.read_to_string(&mut said)).await;
        read.expect("it is closed").unwrap();
        said
    }

    #[tokio::test]
    async fn a_head_that_never_ends_ends_its_connection() {
        let address = serve(&CancellationToken::new()).await;
        let (begun, stream) = (Instant::now(), TcpStream::connect(address).await.unwrap());
        let (mut read, mut write) = stream.into_split();
        let drip = tokio::spawn(async move {
            write.write_all(b"GET / HTTP/1.1\r\nHost: sheaf\r\nX-Slow: ").await.unwrap();
            // It fails once the other side has closed.
            while write.write_all(b"a").await.is_ok() {
                sleep(SHORT / 8).await;
            }
        });
        let mut said = Vec::new();
        // Whoever is cut off while it sends may see a reset.
        let read = timeout(Duration::from_secs(10), read.read_to_end(&mut said)).await;
        assert!(read.is_ok(), "the connection stays open");
        assert!(begun.elapsed() >= SHORT, "after {:?}", begun.elapsed());
        assert!(!String::from_utf8_lossy(&said).contains("200 OK"));
        drip.await.unwrap();
        let silent = TcpStream::connect(address).await.unwrap();
        assert_eq!(rest(silent).await, "", "nothing was asked");
    }

    #[tokio::test]
    async fn an_answer_may_take_longer_and_then_the_connection_has_its_time_again() {
        let address = serve(&CancellationToken::new()).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        let from = stream.local_addr().unwrap().to_string();
        stream.write_all(b"GET /slow HTTP/1.1\r\nHost: sheaf\r\n\r\n").await.unwrap();
        sleep(LONG + SHORT / 4).await;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: sheaf\r\n\r\n").await.unwrap();
        let said = rest(stream).await;
        assert!(said.contains("\r\n\r\nslowHTTP/1.1 200 OK"), "{said}");
        assert!(said.ends_with(&from), "{said}");
    }

    #[tokio::test]
    async fn what_is_under_way_is_answered_when_it_stops() {
        let stopping = CancellationToken::new();
        let address = serve(&stopping).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET /slow HTTP/1.1\r\nHost: sheaf\r\n\r\n").await.unwrap();
        sleep(SHORT / 4).await;
        stopping.cancel();
        let said = rest(stream).await;
        assert!(said.starts_with("HTTP/1.1 200 OK") && said.ends_with("slow"), "{said}");
        assert!(TcpStream::connect(address).await.is_err(), "nothing new is taken");
    }
}
