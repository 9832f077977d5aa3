//! Varnish in front of servers, with the rules that operators are given.

use std::{
    fs,
    process::{Child, Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::test_app::{eventually, free_port};

const RULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/varnish");

pub struct Varnish {
    pub url: String,
    process: Child,
    /// It works there, so it goes last.
    _folder: TempDir,
}

impl Varnish {
    /// Leads each host to its server, and all others to the last one.
    pub async fn start(hosts: &[(&str, &str)], others: &str) -> Self {
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
        let rules = folder.path().join("test.vcl");
        fs::write(&rules, configuration(hosts, others)).unwrap();
        let process = command()
            .arg("-F")
            .arg("-n")
            .arg(folder.path().join("work"))
            .args(["-a", &format!("127.0.0.1:{port}"), "-s", "malloc,32m", "-p", "http_gzip_support=off"])
            .arg("-f")
            .arg(rules)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let varnish = Self { url: format!("http://127.0.0.1:{port}"), process, _folder: folder };
        eventually("varnish answers", async || reqwest::get(format!("{}/livez", varnish.url)).await.ok()).await;
        varnish
    }
}

impl Drop for Varnish {
    fn drop(&mut self) {
        // It ends its child, which it would leave behind where it is killed.
        kill_process(Pid::from_child(&self.process), Signal::TERM).ok();
        self.process.wait().ok();
    }
}

/// Fails with what Varnish says, where it does not understand a file of ours.
pub fn compile(name: &str) {
    let folder = tempfile::tempdir().unwrap();
    let compiled = command()
        .arg("-C")
        .arg("-n")
        .arg(folder.path().join("work"))
        .args(["-p", &format!("vcl_path={RULES}"), "-f", &format!("{RULES}/{name}")])
        .output()
        .unwrap();
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
}

/// As whoever runs the tests: root's would have a user of its own, who may not look into the folder.
fn command() -> Command {
    let program =
        std::env::var("SHEAF_TEST_VARNISH").expect("run these tests with `make test`, which knows where varnishd is");
    let mut command = Command::new(program);
    command.args(["-j", "none"]);
    command
}

/// The addresses of a test before the rules of all.
fn configuration(hosts: &[(&str, &str)], others: &str) -> String {
    let backends: String =
        hosts.iter().enumerate().map(|(index, (_, server))| backend(&format!("server{index}"), server)).collect();
    let led: String = hosts
        .iter()
        .enumerate()
        .map(|(index, (host, _))| {
            format!("if (req.http.host == \"{host}\") {{ set req.backend_hint = server{index}; }}\n")
        })
        .collect();
    let others = backend("others", others);
    format!(
        "vcl 4.1;
        {others}
        {backends}
        acl purgers {{ \"127.0.0.1\"; }}
        sub vcl_recv {{
            set req.backend_hint = others;
            {led}
        }}
        sub vcl_deliver {{
            set resp.http.X-Cache = \"MISS\";
            if (obj.hits > 0) {{ set resp.http.X-Cache = \"HIT\"; }}
        }}
        include \"{RULES}/sheaf.vcl\";\n"
    )
}

fn backend(name: &str, server: &str) -> String {
    let (host, port) = server.trim_start_matches("http://").split_once(':').unwrap();
    format!("backend {name} {{ .host = \"{host}\"; .port = \"{port}\"; }}\n")
}
