//! The files of the site as a build leaves them: each in every encoding, kept for ever, and known by a tag.

use std::{collections::BTreeSet, fs, io::Read, path::PathBuf};

use reqwest::Method;

use crate::{
    client::{Answer, Client},
    test_app::TestApp,
};

/// What a compressed copy's name ends with, and what it is called in headers.
const ENCODINGS: [(&str, &str); 3] = [("br", "br"), ("zst", "zstd"), ("gz", "gzip")];

/// Below this nothing gains from being compressed (`xtask/src/assets.rs`).
const SMALLEST: u64 = 1024;

#[tokio::test]
async fn every_file_with_a_hash_is_there_in_each_encoding_and_is_kept_for_ever() {
    let Some(site) = built() else {
        assert!(std::env::var_os("CI").is_none(), "the site is built before these tests run");
        return;
    };
    let app = TestApp::start_with(&[("SHEAF_SITE", site.to_str().unwrap())]).await;
    let mut visitor = Client::new(&app.url);
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(site.join("pkg")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !ENCODINGS.iter().any(|(ending, _)| name.ends_with(&format!(".{ending}"))) {
            names.insert(name);
        }
    }
    assert!(names.iter().filter(|name| name.ends_with(".wasm")).count() > 3, "the parts are among them: {names:?}");
    for name in names {
        let (file, address) = (site.join("pkg").join(&name), format!("/pkg/{name}"));
        let plain = fs::read(&file).unwrap();
        let mut tags = BTreeSet::new();
        let answer = ask(&mut visitor, &address, "identity", "").await.expect_status(200).await;
        tags.insert(is_kept(&answer, &address, ""));
        assert!(answer.bytes().await == plain, "{address}");
        if (plain.len() as u64) < SMALLEST {
            continue;
        }
        for (ending, encoding) in ENCODINGS {
            let copy = fs::read(site.join("pkg").join(format!("{name}.{ending}")));
            let copy = copy.unwrap_or_else(|error| panic!("{name} in {encoding}: {error}"));
            let answer = ask(&mut visitor, &address, encoding, "").await.expect_status(200).await;
            let tag = is_kept(&answer, &address, encoding);
            assert!(answer.bytes().await == copy, "{address} in {encoding}");
            assert!(decoded(encoding, &copy) == plain, "{address} in {encoding} is another file");
            let again = ask(&mut visitor, &address, encoding, &tag).await.expect_status(304).await;
            assert_eq!((is_kept(&again, &address, ""), again.bytes().await.len()), (tag.clone(), 0));
            tags.insert(tag);
        }
        assert_eq!(tags.len(), 4, "{address} has a tag for each encoding: {tags:?}");
    }
}

#[tokio::test]
async fn a_file_of_the_site_that_a_client_has_is_not_sent_again() {
    let site = tempfile::tempdir().unwrap();
    fs::create_dir(site.path().join("pkg")).unwrap();
    let files = [("pkg/sheaf.0123456789abcdef.css", "a{color:red}".repeat(99)), ("robots.txt", "User-agent: *".into())];
    for (name, content) in &files {
        fs::write(site.path().join(name), content).unwrap();
    }
    let app = TestApp::start_with(&[("SHEAF_SITE", site.path().to_str().unwrap())]).await;
    let mut visitor = Client::new(&app.url);
    for (name, content) in files {
        let address = format!("/{name}");
        let first = ask(&mut visitor, &address, "identity", "").await.expect_status(200).await;
        let (tag, modified) = (first.header("etag").to_owned(), first.header("last-modified").to_owned());
        assert!(tag.starts_with('"') && first.text().await == content, "{name}: {tag}");
        let known = ask(&mut visitor, &address, "identity", &tag).await.expect_status(304).await;
        assert_eq!((known.header("etag"), known.header("vary")), (tag.as_str(), "accept-encoding"));
        // A tag counts before a date, and a part is a part of the same bytes.
        let request = |headers: &[(&str, &str)]| {
            let request = visitor.request(Method::GET, &address).header("accept-encoding", "identity");
            headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
        };
        let asked = request(&[("if-none-match", "\"other\""), ("if-modified-since", &modified)]);
        let part = request(&[("range", "bytes=0-3")]);
        let other_part = request(&[("range", "bytes=0-3"), ("if-range", "\"other\"")]);
        visitor.send(asked).await.expect_status(200).await;
        assert_eq!(visitor.send(part).await.expect_status(206).await.text().await, content[..4]);
        assert_eq!(visitor.send(other_part).await.expect_status(200).await.text().await, content);
    }
}

#[tokio::test]
async fn a_name_that_no_file_can_have_is_not_found() {
    let app = TestApp::start().await;
    let mut visitor = Client::new(&app.url);
    for address in [format!("/{}", "a".repeat(253)), format!("/pkg/{}", "a".repeat(300)), "/a".repeat(3_000)] {
        let answer = ask(&mut visitor, &address, "br", "").await.expect_status(404).await;
        assert_eq!(answer.header("cache-control"), "private, no-cache");
    }
}

/// Checks that a browser keeps it for ever and a cache tells its encodings apart; answers its tag.
fn is_kept(answer: &Answer, address: &str, encoding: &str) -> String {
    assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable", "{address}");
    assert_eq!(answer.header("vary"), "accept-encoding", "{address}");
    assert_eq!(answer.header("content-encoding"), encoding, "{address}");
    answer.header("etag").to_owned()
}

async fn ask(client: &mut Client, address: &str, encoding: &str, tag: &str) -> Answer {
    let request = client.request(Method::GET, address).header("accept-encoding", encoding);
    let request = if tag.is_empty() { request } else { request.header("if-none-match", tag) };
    client.send(request).await
}

fn decoded(encoding: &str, copy: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    match encoding {
        "br" => brotli::BrotliDecompress(&mut &copy[..], &mut plain).unwrap(),
        "zstd" => plain = zstd::stream::decode_all(copy).unwrap(),
        _ => {
            flate2::read::GzDecoder::new(copy).read_to_end(&mut plain).unwrap();
        }
    }
    plain
}

/// The site that a build has left; none where there was no build for browsers.
fn built() -> Option<PathBuf> {
    let site = PathBuf::from(std::env::var_os("SHEAF_SITE")?);
    site.join("hash.txt").exists().then_some(site)
}
