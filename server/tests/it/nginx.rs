//! A real cache in front of servers: nginx, which keeps what it is told that it may.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::test_app::{eventually, free_port};

pub struct Nginx {
    pub url: String,
    folder: TempDir,
    process: Child,
}

impl Nginx {
    /// Leads each host to its server, and all others to the last one. It keeps by host, path and query, as a cache of many sites does.
    pub async fn start(hosts: &[(&str, &str)], others: &str) -> Self {
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
        fs::write(folder.path().join("nginx.conf"), configuration(folder.path(), port, hosts, others)).unwrap();
        let process = command(folder.path()).stdout(Stdio::null()).spawn().unwrap();
        let nginx = Self { url: format!("http://127.0.0.1:{port}"), folder, process };
        eventually("nginx answers", async || reqwest::get(format!("{}/livez", nginx.url)).await.ok()).await;
        nginx
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its workers end with it; killed, it would leave them behind.
        command(self.folder.path()).args(["-s", "stop"]).status().ok();
        self.process.wait().ok();
    }
}

fn command(folder: &Path) -> Command {
    let program =
        std::env::var("SHEAF_TEST_NGINX").expect("run these tests with `make test`, which knows where nginx is");
    let mut command = Command::new(program);
    command.arg("-p").arg(folder).arg("-c").arg(folder.join("nginx.conf")).arg("-e").arg(folder.join("error.log"));
    command
}

fn configuration(folder: &Path, port: u16, hosts: &[(&str, &str)], others: &str) -> String {
    let folder = folder.display();
    let servers: String = hosts.iter().map(|(host, server)| format!("{host} {server};\n")).collect();
    // Root's workers would be of another user, who may not write into the folder.
    let user = if rustix::process::geteuid().is_root() { "user root;" } else { "" };
    format!(
        "{user}
        daemon off;
        worker_processes 1;
        pid {folder}/nginx.pid;
        events {{ worker_connections 256; }}
        http {{
            access_log off;
            client_body_temp_path {folder}/body;
            proxy_temp_path {folder}/proxy;
            fastcgi_temp_path {folder}/fastcgi;
            uwsgi_temp_path {folder}/uwsgi;
            scgi_temp_path {folder}/scgi;
            proxy_cache_path {folder}/cache keys_zone=pages:1m;
            map $http_host $server {{
                default {others};
                {servers}
            }}
            server {{
                listen 127.0.0.1:{port};
                location / {{
                    proxy_pass $server;
                    proxy_http_version 1.1;
                    proxy_set_header Host $http_host;
                    proxy_set_header Connection \"\";
                    proxy_cache pages;
                    proxy_cache_key $http_host$request_uri;
                    proxy_cache_revalidate on;
                    add_header X-Cache $upstream_cache_status always;
                }}
            }}
        }}\n"
    )
}
