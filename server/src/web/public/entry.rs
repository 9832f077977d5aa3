//! One page as it was rendered, with a copy in each encoding: whoever asks waits for none of them to be pressed.

use std::{
    io::{self, Write},
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use axum::http::HeaderValue;
use bytes::Bytes;
use domain::{Error, Result, public_pages::Tag};

use super::encoding::Encoding;
use crate::web::conditional;

/// Brotli's; the two above it take ten times as long for a hundredth less.
const BROTLI_QUALITY: i32 = 9;
const ZSTD_LEVEL: i32 = 19;

/// What was rendered.
pub struct Rendered {
    pub html: String,
    pub tags: &'static [Tag],
    /// For how long it has been there, here or on another server.
    pub age: Duration,
}

pub struct Entry {
    /// Of the page itself, without quotation marks. Each encoding adds its name, as equal tags mean equal bytes.
    digest: String,
    /// In the order of [`Encoding::ALL`].
    bodies: [Bytes; Encoding::ALL.len()],
    /// Its tags with spaces between, as `Surrogate-Key` takes them.
    pub tags: HeaderValue,
    made: Instant,
    renewing: AtomicBool,
}

impl Entry {
    /// Presses a page, beside the tasks that answer requests.
    pub async fn new(rendered: Rendered) -> Result<Self> {
        let (html, tags, made) = (rendered.html, tags(rendered.tags)?, moment(rendered.age));
        let pressed = tokio::task::spawn_blocking(move || press(html.into())).await.map_err(Error::internal)?;
        let (digest, bodies) = pressed.map_err(Error::internal)?;
        Ok(Self { digest, bodies, tags, made, renewing: AtomicBool::new(false) })
    }

    /// What takes the place of this one. Where it is the same page, it is not pressed again.
    pub async fn renewed(&self, rendered: Rendered) -> Result<Self> {
        if conditional::digest(rendered.html.as_bytes()) != self.digest {
            return Self::new(rendered).await;
        }
        let (digest, bodies, tags) = (self.digest.clone(), self.bodies.clone(), self.tags.clone());
        Ok(Self { digest, bodies, tags, made: moment(rendered.age), renewing: AtomicBool::new(false) })
    }

    pub fn body(&self, encoding: Encoding) -> Bytes {
        self.bodies[encoding as usize].clone()
    }

    /// A strong one.
    pub fn etag(&self, encoding: Encoding) -> HeaderValue {
        let suffix = Encoding::name(encoding).map(|name| format!("-{name}")).unwrap_or_default();
        let etag = format!("\"{}{suffix}\"", self.digest);
        HeaderValue::from_str(&etag).expect("hexadecimal digits and a word are a value of a header")
    }

    /// What it takes in memory.
    pub fn bytes(&self) -> u32 {
        u32::try_from(self.bodies.iter().map(Bytes::len).sum::<usize>()).unwrap_or(u32::MAX)
    }

    pub fn is_younger_than(&self, age: Duration) -> bool {
        self.made.elapsed() < age
    }

    /// Whether nobody was at it.
    pub fn begin_renewing(&self) -> bool {
        !self.renewing.swap(true, Ordering::AcqRel)
    }

    pub fn end_renewing(&self) {
        self.renewing.store(false, Ordering::Release);
    }

    #[cfg(test)]
    pub fn html(&self) -> &str {
        std::str::from_utf8(&self.bodies[Encoding::Identity as usize]).unwrap()
    }
}

fn tags(tags: &[Tag]) -> Result<HeaderValue> {
    let tags = tags.iter().map(|tag| tag.as_str()).collect::<Vec<_>>().join(" ");
    HeaderValue::from_str(&tags).map_err(Error::internal)
}

/// When it was, for what is so old.
fn moment(age: Duration) -> Instant {
    Instant::now().checked_sub(age).unwrap_or_else(Instant::now)
}

fn press(html: Bytes) -> io::Result<(String, [Bytes; Encoding::ALL.len()])> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&html)?;
    let zstd = zstd::bulk::compress(&html, ZSTD_LEVEL)?;
    let mut brotli = Vec::new();
    let parameters =
        brotli::enc::BrotliEncoderParams { quality: BROTLI_QUALITY, size_hint: html.len(), ..Default::default() };
    brotli::BrotliCompress(&mut &html[..], &mut brotli, &parameters)?;
    Ok((conditional::digest(&html), [html, gzip.finish()?.into(), zstd.into(), brotli.into()]))
}
