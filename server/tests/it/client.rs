//! A browser, as far as the server can tell: cookies, the headers that browsers send, and no redirects followed.

use std::{collections::BTreeMap, time::Duration};

use reqwest::{
    Method, RequestBuilder, Response,
    header::{COOKIE, SET_COOKIE},
    multipart::{Form, Part},
    redirect::Policy,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use domain::documents::{Document, DocumentState, Listing};

use crate::test_app::eventually;

#[derive(Clone)]
pub struct Client {
    pub url: String,
    pub cookies: BTreeMap<String, String>,
    http: reqwest::Client,
}

/// An answer whose cookies were kept.
pub struct Answer(pub Response);

impl Client {
    pub fn new(url: &str) -> Self {
        let http =
            reqwest::Client::builder().redirect(Policy::none()).timeout(Duration::from_secs(240)).build().unwrap();
        Self { url: url.to_owned(), cookies: BTreeMap::new(), http }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        let request = self.request(Method::GET, path);
        self.send(request).await
    }

    pub async fn post_form(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = form(self.request(Method::POST, path), fields);
        self.send(request).await
    }

    /// Posts a form of a page as a browser without scripts does.
    pub async fn post_plain(&mut self, page: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self
            .request(Method::POST, path)
            .header("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
            .header("referer", format!("{}{page}", self.url));
        self.send(form(request, fields)).await
    }

    /// The same for a form that is refused: the address that it is led back to, and what stands there.
    pub async fn is_led_back(&mut self, page: &str, path: &str, fields: &[(&str, &str)]) -> (String, String) {
        let refused = self.post_plain(page, path, fields).await;
        assert!(matches!(refused.status(), 302 | 303), "{path}: {}", refused.status());
        let back = refused.header("location").to_owned();
        assert!(back.starts_with('/') && back.len() < 4_000, "{path} leads to {back}");
        let shown = self.get(&back).await.expect_status(200).await.text().await;
        (back, shown)
    }

    /// Calls a server function that takes JSON.
    pub async fn call(&mut self, endpoint: &str, arguments: Value) -> Answer {
        let request = self
            .request(Method::POST, &format!("/api/{endpoint}"))
            .header("content-type", "application/json")
            .body(arguments.to_string());
        self.send(request).await
    }

    pub async fn upload(&mut self, name: &str, content: impl Into<Vec<u8>>) -> Answer {
        let part = Part::bytes(content.into()).file_name(name.to_owned());
        let form = Form::new().part("file", part);
        let request = self.request(Method::POST, "/uploads").header("accept", "application/json").multipart(form);
        self.send(request).await
    }

    /// Sends a picture as the workspace's logo.
    pub async fn set_logo(&mut self, picture: impl Into<Vec<u8>>) -> Answer {
        let part = Part::bytes(picture.into()).file_name("logo");
        let request = self.request(Method::POST, "/workspace/logo").multipart(Form::new().part("logo", part));
        self.send(request).await
    }

    /// Uploads a file that is accepted and returns its document's id.
    pub async fn uploads(&mut self, name: &str, content: impl Into<Vec<u8>>) -> String {
        let answer: Value = self.upload(name, content).await.expect_status(202).await.json().await;
        answer["document"].as_str().unwrap().to_owned()
    }

    pub async fn document(&mut self, id: &str) -> Document {
        self.call("documents/find", json!({ "id": id })).await.expect_status(200).await.json().await
    }

    /// The document once nobody is at work on it any more.
    pub async fn document_when_read(&mut self, id: &str) -> Document {
        eventually("the document is read", async || {
            let document = self.document(id).await;
            (!document.state.is_busy()).then_some(document)
        })
        .await
    }

    /// Uploads a file and waits until it is read whole.
    pub async fn reads(&mut self, name: &str, content: impl Into<Vec<u8>>) -> Document {
        let id = self.uploads(name, content).await;
        let document = self.document_when_read(&id).await;
        assert_eq!(document.state, DocumentState::Read, "{name}: {:?}", document.failure);
        document
    }

    pub async fn list(&mut self) -> Listing {
        let query = json!({ "query": { "sort": "newest", "trash": false } });
        self.call("documents/list", query).await.expect_status(200).await.json().await
    }

    /// A request as a browser sends it from one of our own pages.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.http
            .request(method, format!("{}{path}", self.url))
            .header(COOKIE, cookies.join("; "))
            .header("sec-fetch-site", "same-origin")
    }

    pub async fn send(&mut self, request: RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        for cookie in response.headers().get_all(SET_COOKIE) {
            let (pair, attributes) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.into(), value.into());
            }
        }
        Answer(response)
    }
}

impl Answer {
    pub fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    pub fn header(&self, name: &str) -> &str {
        self.0.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Goes on with the answer if its status is this; fails with its body otherwise.
    pub async fn expect_status(self, status: u16) -> Self {
        if self.status() != status {
            let (found, url) = (self.status(), self.0.url().clone());
            panic!("{url}: {found} instead of {status}: {}", self.text().await);
        }
        self
    }

    pub async fn text(self) -> String {
        self.0.text().await.unwrap()
    }

    pub async fn bytes(self) -> Vec<u8> {
        self.0.bytes().await.unwrap().to_vec()
    }

    pub async fn json<T: DeserializeOwned>(self) -> T {
        let text = self.text().await;
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }
}

/// A request with the fields of a form.
pub fn form(request: RequestBuilder, fields: &[(&str, &str)]) -> RequestBuilder {
    let body: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", percent_encode(value))).collect();
    request.header("content-type", "application/x-www-form-urlencoded").body(body.join("&"))
}

fn percent_encode(value: &str) -> String {
    value.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
