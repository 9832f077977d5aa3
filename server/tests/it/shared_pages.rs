//! Public pages of many servers and many hosts: one renders for all, whoever asks by whatever name.

use std::time::Duration;

use futures::future::join_all;
use reqwest::{Method, header::HOST};

use crate::{
    client::Client,
    metrics::figures,
    test_app::{TestApp, eventually, free_port},
};

/// By which the servers are asked, all the same.
const HOST_OF_ALL: &str = "sheaf.example";

#[tokio::test]
async fn of_all_servers_one_renders_a_page_and_all_answer_the_same() {
    let redis = std::env::var("SHEAF_TEST_REDIS_URL").expect("run these tests with `make test`, which starts Redis");
    let mut app = TestApp::prepare().await;
    let ports = [free_port(), free_port(), free_port()];
    let mut servers = Vec::new();
    for port in ports {
        let figures = format!("127.0.0.1:{port}");
        let settings = [
            ("SHEAF_REDIS_URL", redis.as_str()),
            ("SHEAF_URL", "http://sheaf.example"),
            ("SHEAF_METRICS_ADDRESS", figures.as_str()),
        ];
        servers.push(app.run("serve", &settings).await);
    }
    // A server that has just begun to listen takes what there is for purged; and what another run has kept is known by now.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(app.command("purge").env("SHEAF_REDIS_URL", &redis).status().unwrap().success());
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = renders(&ports).await;
    let asked = (0..90).map(|number| get(&servers[number % 3], "/legal/terms", HOST_OF_ALL));
    let answers = join_all(asked).await;
    let tags: std::collections::BTreeSet<&str> = answers.iter().map(|(_, etag)| etag.as_str()).collect();
    assert_eq!(tags.len(), 1, "all servers answer the same page");
    let rendered = renders(&ports).await - before;
    assert!((0.0..=1.0).contains(&rendered), "one renders for all: {rendered}");
    assert!(answers.iter().filter(|(status, _)| status.ends_with("stored")).count() <= 3);
    // What a server renders later, it takes from whoever has.
    let (status, etag) = get(&servers[1], "/pricing", HOST_OF_ALL).await;
    assert_eq!(status, "sheaf; fwd=miss; stored");
    for server in &servers {
        assert_eq!(get(server, "/pricing", HOST_OF_ALL).await.1, etag);
    }
    assert!(renders(&ports).await - before <= 2.0);
}

#[tokio::test]
async fn a_thousand_hosts_cost_one_page() {
    let mut app = TestApp::prepare().await;
    let figures = free_port();
    let server = app.run("serve", &[("SHEAF_METRICS_ADDRESS", &format!("127.0.0.1:{figures}"))]).await;
    eventually("the server keeps what it has rendered", async || {
        tokio::time::sleep(Duration::from_millis(300)).await;
        (get(&server, "/changelog", "warm.example").await.0 == "sheaf; hit; detail=foreign").then_some(())
    })
    .await;
    get(&server, "/docs", "warm.example").await;
    let (before, memory) = (renders(&[figures]).await, app.peak_memory());
    for some in 0..20 {
        let hosts = (0..50).map(|number| format!("host-{some}-{number}.example"));
        let server = server.as_str();
        let asked = hosts.map(|host| async move { get(server, "/docs", &host).await.0 });
        for status in join_all(asked).await {
            assert!(status.starts_with("sheaf; hit; detail=foreign"), "{status}");
        }
    }
    let rendered = renders(&[figures]).await - before;
    assert!(rendered <= 1.0, "a minute may have passed, and no more was rendered: {rendered}");
    let grown = app.peak_memory() - memory;
    assert!(grown < 32 * 1024 * 1024, "{grown} bytes for hosts that nobody has");
}

/// How a page was found, and its tag.
async fn get(server: &str, path: &str, host: &str) -> (String, String) {
    let mut client = Client::new(server);
    let answer = client.send(client.request(Method::GET, path).header(HOST, host)).await.expect_status(200).await;
    (answer.header("cache-status").to_owned(), answer.header("etag").to_owned())
}

/// How often the servers, by the ports of their figures, have rendered a public page.
async fn renders(ports: &[u16]) -> f64 {
    let told = ports.iter().map(|port| async move {
        let figures = figures(&format!("127.0.0.1:{port}")).await;
        figures.of("sheaf_cache_lookups_total", &[("cache", "public_pages.rendered"), ("outcome", "miss")])
    });
    join_all(told).await.into_iter().sum()
}
