//! All servers are replaced, one after another, while people work; nobody notices.

use std::{
    process::{ExitStatus, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use reqwest::{
    Client as Http, Method, RequestBuilder,
    multipart::{Form, Part},
    redirect::Policy,
};
use rustix::process::{Pid, Signal, kill_process};
use tokio::{task::JoinSet, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    client::Client,
    test_app::{Process, TestApp, eventually, free_port},
};

const SERVERS: usize = 3;

/// Who work at the same time, each request after the answer to the one before.
const PEOPLE: usize = 4;

/// How often the balancer looks at /readyz, which is well below the drain.
const LOOK: Duration = Duration::from_millis(100);

const DRAIN_SECONDS: &str = "1";

/// From the start of a process to the first 200 of /readyz, with a database that is there. Of several starts the quickest
/// counts, since the others share the machine with the load.
const START: Duration = Duration::from_millis(300);

const LIST: &str = r#"{"query":{"sort":"newest","trash":false}}"#;

struct Server {
    url: String,
    process: Process,
    ready_after: Duration,
}

impl Server {
    async fn start(app: &TestApp) -> Self {
        let address = format!("127.0.0.1:{}", free_port());
        let begun = Instant::now();
        let mut command = app.command("serve");
        command.env("SHEAF_ADDRESS", &address).env("SHEAF_DRAIN_SECONDS", DRAIN_SECONDS);
        let process = Process(command.stdout(Stdio::null()).spawn().unwrap());
        let (url, http) = (format!("http://{address}"), Http::new());
        while !is_ready(&http, &url).await {
            assert!(begun.elapsed() < Duration::from_secs(60), "the server is not ready");
            sleep(Duration::from_millis(2)).await;
        }
        Self { url, process, ready_after: begun.elapsed() }
    }

    fn terminate(&self) {
        kill_process(Pid::from_child(&self.process.0), Signal::TERM).unwrap();
    }

    async fn ended(mut self) -> ExitStatus {
        eventually("the server ends", async || self.process.0.try_wait().unwrap()).await
    }
}

/// Sends each request to the next server that is ready, and tries none again.
#[derive(Clone, Default)]
struct Balancer {
    http: Http,
    servers: Arc<Mutex<Vec<(String, bool)>>>,
    next: Arc<AtomicUsize>,
}

impl Balancer {
    async fn start(self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(forward).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        tokio::spawn(self.look());
        url
    }

    fn add(&self, url: &str) {
        self.servers.lock().unwrap().push((url.to_owned(), true));
    }

    fn remove(&self, url: &str) {
        self.servers.lock().unwrap().retain(|(known, _)| known != url);
    }

    async fn look(self) {
        loop {
            let known = self.servers.lock().unwrap().clone();
            for (url, _) in known {
                let is_ready = is_ready(&self.http, &url).await;
                self.servers.lock().unwrap().iter_mut().filter(|server| server.0 == url).for_each(|s| s.1 = is_ready);
            }
            sleep(LOOK).await;
        }
    }

    fn pick(&self) -> Option<String> {
        let servers = self.servers.lock().unwrap();
        let ready: Vec<_> = servers.iter().filter(|(_, is_ready)| *is_ready).collect();
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        ready.get(turn % ready.len().max(1)).map(|(url, _)| url.clone())
    }
}

async fn forward(State(balancer): State<Balancer>, request: Request) -> Response {
    let Some(server) = balancer.pick() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    parts.headers.remove(header::HOST);
    let body = to_bytes(body, 1_000_000).await.unwrap();
    let asked = balancer.http.request(parts.method, format!("{server}{path}")).headers(parts.headers).body(body);
    match asked.send().await {
        Ok(answer) => answered(answer),
        Err(error) => (StatusCode::BAD_GATEWAY, format!("{server}: {error:?}")).into_response(),
    }
}

/// Without what is said of the connection, which is another one.
fn answered(answer: reqwest::Response) -> Response {
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    for name in [header::CONNECTION, header::TRANSFER_ENCODING, header::CONTENT_LENGTH] {
        headers.remove(name);
    }
    (status, headers, Body::from_stream(answer.bytes_stream())).into_response()
}

async fn is_ready(http: &Http, url: &str) -> bool {
    let asked = http.get(format!("{url}/readyz")).timeout(Duration::from_secs(2)).send().await;
    asked.is_ok_and(|answer| answer.status() == StatusCode::OK)
}

/// What one person did.
#[derive(Default)]
struct Done {
    requests: usize,
    uploads: usize,
    failures: Vec<String>,
    slowest: Duration,
}

impl Done {
    async fn ask(&mut self, what: &str, request: RequestBuilder, wanted: u16) {
        let begun = Instant::now();
        self.requests += 1;
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => return self.failures.push(format!("{what}: {error:?}")),
        };
        let status = answer.status().as_u16();
        match answer.text().await {
            Ok(_) if status == wanted => self.slowest = self.slowest.max(begun.elapsed()),
            Ok(text) => self.failures.push(format!("{what}: {status} {}", text.chars().take(300).collect::<String>())),
            Err(error) => self.failures.push(format!("{what}: {error:?}")),
        }
    }
}

async fn work(person: usize, ada: Client, end: CancellationToken) -> Done {
    let mut done = Done::default();
    while !end.is_cancelled() {
        done.ask("a page", ada.request(Method::GET, "/documents"), 200).await;
        let list = ada.request(Method::POST, "/api/documents/list").header("content-type", "application/json");
        done.ask("a function", list.body(LIST), 200).await;
        let content = format!("{person} of {}", done.requests);
        let form = Form::new().part("file", Part::bytes(content.into_bytes()).file_name("note.txt"));
        let upload = ada.request(Method::POST, "/uploads").header("accept", "application/json").multipart(form);
        done.ask("an upload", upload, 202).await;
        done.uploads += 1;
        sleep(Duration::from_millis(5)).await;
    }
    done
}

/// Listens to what changes, again whenever the stream ends, as a browser does. Returns how many streams ended.
async fn listen(ada: Client, end: CancellationToken) -> usize {
    let mut ended = 0;
    loop {
        let answer = ada.request(Method::GET, "/events").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "a browser gives up a stream that is refused");
        let mut stream = answer.bytes_stream();
        while let Some(read) = tokio::select! {
            read = stream.next() => read,
            () = end.cancelled() => return ended,
        } {
            read.unwrap();
        }
        ended += 1;
        sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_are_replaced_under_load_and_no_request_fails() {
    let mut app = TestApp::prepare().await;
    let http = Http::builder().redirect(Policy::none()).pool_max_idle_per_host(32).build().unwrap();
    let balancer = Balancer { http, ..Balancer::default() };
    let mut servers = Vec::new();
    for _ in 0..SERVERS {
        servers.push(Server::start(&app).await);
    }
    let mut starts: Vec<Duration> = servers.iter().map(|server| server.ready_after).collect();
    servers.iter().for_each(|server| balancer.add(&server.url));
    app.url = balancer.clone().start().await;
    let ada = app.sign_up("Ada", "Acme").await;

    let end = CancellationToken::new();
    let mut people = JoinSet::new();
    for person in 0..PEOPLE {
        people.spawn(work(person, ada.clone(), end.clone()));
    }
    let listener = tokio::spawn(listen(ada.clone(), end.clone()));
    sleep(Duration::from_millis(500)).await;
    let mut replaced = Vec::new();
    for server in servers {
        replaced.push(replace(&app, &balancer, server).await);
    }
    starts.extend(replaced.iter().map(|server| server.ready_after));
    sleep(Duration::from_millis(500)).await;
    end.cancel();

    let done = people.join_all().await;
    let (requests, uploads): (usize, usize) =
        done.iter().fold((0, 0), |sum, done| (sum.0 + done.requests, sum.1 + done.uploads));
    let failures: Vec<&String> = done.iter().flat_map(|done| &done.failures).collect();
    let slowest = done.iter().map(|done| done.slowest).max().unwrap();
    let streams = listener.await.unwrap();
    eprintln!("{requests} requests while {SERVERS} servers were replaced: {} failed", failures.len());
    eprintln!("the slowest took {slowest:?}; {streams} streams of events ended and were opened again");
    eprintln!("from start to ready: {starts:?}");
    assert!(failures.is_empty(), "{failures:?}");
    assert!(requests > 50 && streams > 0, "{requests} requests and {streams} streams are no load");
    let kept: i64 =
        sqlx::query_scalar("select count(*) from document").fetch_one(&mut app.superuser().await).await.unwrap();
    assert_eq!(usize::try_from(kept).unwrap(), uploads, "each upload was done once");
    let quickest = starts.iter().min().unwrap();
    assert!(*quickest < START, "no start was quicker than {quickest:?}");
}

/// Stops one server as a service manager does, and puts another in its place.
async fn replace(app: &TestApp, balancer: &Balancer, server: Server) -> Server {
    let (url, http) = (server.url.clone(), Http::new());
    server.terminate();
    eventually("it says that it stops", async || (!is_ready(&http, &url).await).then_some(())).await;
    let alive = http.get(format!("{url}/livez")).send().await.unwrap();
    assert_eq!(alive.status(), StatusCode::OK, "what comes all the same is answered");
    assert_eq!(alive.headers()[header::CONNECTION], "close", "and nobody keeps the connection");
    let status = server.ended().await;
    assert!(status.success(), "{status}");
    balancer.remove(&url);
    let next = Server::start(app).await;
    balancer.add(&next.url);
    next
}
