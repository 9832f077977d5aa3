//! Files on their way out, whole or in part (RFC 9110, sections 13 and 14): what a client has already is not sent, and of what it has in
//! part it gets the rest, as long as that is of the same bytes. The bytes are those that are stored, so nothing compresses them.

use std::ops::Range;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header},
};
use chrono::{DateTime, Utc};

use super::conditional::{self, Spared};

/// Marks an answer whose bytes are to stay as they are.
#[derive(Debug, Clone, Copy)]
pub struct AsStored;

/// The bytes that a file has now.
pub struct Version {
    /// A strong one: the same tag means the same bytes.
    etag: HeaderValue,
    modified: DateTime<Utc>,
    bytes: u64,
}

/// What a client is sent.
#[derive(Debug, PartialEq, Eq)]
pub enum Wanted {
    Whole,
    Part(Range<u64>),
    /// It has it already.
    Nothing,
    /// Of other bytes than these.
    Others,
    /// A part that there is not.
    Beyond,
}

impl Wanted {
    /// Whether bytes of the file are sent.
    pub fn has_content(&self) -> bool {
        matches!(self, Self::Whole | Self::Part(_))
    }

    /// The part that is sent; none of the whole, or where nothing is.
    pub fn part(&self) -> Option<Range<u64>> {
        match self {
            Self::Part(range) => Some(range.clone()),
            _ => None,
        }
    }
}

impl Version {
    /// `tag` is anything that other bytes do not have, in characters that may stand between quotation marks.
    pub fn new(tag: &str, modified: DateTime<Utc>, bytes: u64) -> Self {
        let etag = HeaderValue::from_str(&format!("\"{tag}\"")).unwrap_or(HeaderValue::from_static("\"\""));
        Self { etag, modified, bytes }
    }

    /// What of it a request wants (RFC 9110, section 13.2.2). Several ranges at once are answered with the whole, which is allowed.
    pub fn wanted(&self, method: &Method, asked: &HeaderMap) -> Wanted {
        if asked.contains_key(header::IF_MATCH) {
            if !conditional::matches_strongly(asked, &self.etag) {
                return Wanted::Others;
            }
        } else if moment(asked, header::IF_UNMODIFIED_SINCE).is_some_and(|since| self.second() > since) {
            return Wanted::Others;
        }
        if asked.contains_key(header::IF_NONE_MATCH) {
            if conditional::matches(asked, &self.etag) {
                return Wanted::Nothing;
            }
        } else if moment(asked, header::IF_MODIFIED_SINCE).is_some_and(|since| self.second() <= since) {
            return Wanted::Nothing;
        }
        // A range means something for GET alone.
        if method != Method::GET || !self.is_what_the_client_has(asked) {
            return Wanted::Whole;
        }
        match requested(asked, self.bytes) {
            Ok(Some(range)) => Wanted::Part(range),
            Ok(None) => Wanted::Whole,
            Err(()) => Wanted::Beyond,
        }
    }

    /// An answer with this body, which is of the part that is wanted; of none, an empty one. Whoever calls adds the content's type.
    pub fn answer(&self, wanted: &Wanted, body: Body) -> Response<Body> {
        let mut response = Response::new(if wanted.has_content() { body } else { Body::empty() });
        let headers = response.headers_mut();
        headers.insert(header::ETAG, self.etag.clone());
        headers.insert(header::LAST_MODIFIED, text_value(&self.modified.format(IMF_FIXDATE).to_string()));
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        let (status, length, range) = match wanted {
            Wanted::Whole => (StatusCode::OK, Some(self.bytes), None),
            Wanted::Part(range) => {
                let told = format!("bytes {}-{}/{}", range.start, range.end - 1, self.bytes);
                (StatusCode::PARTIAL_CONTENT, Some(range.end - range.start), Some(told))
            }
            Wanted::Nothing => (StatusCode::NOT_MODIFIED, None, None),
            Wanted::Others => (StatusCode::PRECONDITION_FAILED, None, None),
            Wanted::Beyond => (StatusCode::RANGE_NOT_SATISFIABLE, None, Some(format!("bytes */{}", self.bytes))),
        };
        if let Some(length) = length {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        if let Some(range) = range {
            headers.insert(header::CONTENT_RANGE, text_value(&range));
        }
        *response.status_mut() = status;
        response.extensions_mut().insert(AsStored);
        if *wanted == Wanted::Nothing {
            response.extensions_mut().insert(Spared(self.bytes));
        }
        response
    }

    /// Whether a client that goes on has begun with these bytes (RFC 9110, section 13.1.5). A date is as good as a tag: what is
    /// stored here has one moment for ever, or changes not twice in a second.
    fn is_what_the_client_has(&self, asked: &HeaderMap) -> bool {
        let Some(condition) = asked.get(header::IF_RANGE).map(HeaderValue::as_bytes) else { return true };
        let is_tag = condition.starts_with(b"\"") || condition.starts_with(b"W/");
        if is_tag { condition == self.etag.as_bytes() } else { moment(asked, header::IF_RANGE) == Some(self.second()) }
    }

    fn second(&self) -> i64 {
        self.modified.timestamp()
    }
}

/// The one way that dates are written in headers (RFC 9110, section 5.6.7).
const IMF_FIXDATE: &str = "%a, %d %b %Y %H:%M:%S GMT";

/// In seconds since 1970; none where it is no date.
fn moment(asked: &HeaderMap, name: header::HeaderName) -> Option<i64> {
    let text = asked.get(name)?.to_str().ok()?;
    DateTime::parse_from_rfc2822(text).ok().map(|moment| moment.timestamp())
}

/// One range of bytes (RFC 9110, section 14.1.2); none where none is asked for that can be understood, and an error for one that lies
/// beyond the end.
fn requested(headers: &HeaderMap, whole: u64) -> Result<Option<Range<u64>>, ()> {
    let Some(text) = headers.get(header::RANGE).and_then(|value| value.to_str().ok()) else { return Ok(None) };
    let Some((unit, spec)) = text.split_once('=') else { return Ok(None) };
    let Some((first, last)) = spec.trim().split_once('-') else { return Ok(None) };
    if !unit.trim().eq_ignore_ascii_case("bytes") || !is_number(first) || !is_number(last) {
        return Ok(None);
    }
    // What has more digits than a number can have lies beyond any end.
    let number = |text: &str| text.parse().unwrap_or(u64::MAX);
    let range = match (first.is_empty(), last.is_empty()) {
        (true, true) => return Ok(None),
        (true, false) => whole.saturating_sub(number(last))..whole,
        (false, true) => number(first)..whole,
        (false, false) if number(first) > number(last) => return Ok(None),
        (false, false) => number(first)..number(last).saturating_add(1).min(whole),
    };
    if range.is_empty() { Err(()) } else { Ok(Some(range)) }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn text_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("digits, words and spaces are a value of a header")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    const NOON: &str = "Sat, 21 Nov 2026 12:00:00 GMT";
    const BEFORE: &str = "Sat, 21 Nov 2026 11:59:59 GMT";
    const AFTER: &str = "Sat, 21 Nov 2026 12:00:01 GMT";

    fn version() -> Version {
        Version::new("abc", "2026-11-21T12:00:00.7Z".parse().unwrap(), 100)
    }

    fn wanted(headers: &[(&'static str, &'static str)]) -> Wanted {
        let headers =
            headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        version().wanted(&Method::GET, &headers.collect())
    }

    #[test]
    fn ranges_as_the_rfc_has_them() {
        for (text, range) in [
            ("bytes=0-9", 0..10),
            ("Bytes=0-0", 0..1),
            ("bytes=90-", 90..100),
            ("bytes=-10", 90..100),
            ("bytes=-1000", 0..100),
            ("bytes=50-1000", 50..100),
            ("bytes=0-18446744073709551615", 0..100),
            ("bytes=0-99999999999999999999999999", 0..100),
        ] {
            assert_eq!(wanted(&[("range", text)]), Wanted::Part(range), "{text}");
        }
        for text in ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999999999999999999-"] {
            assert_eq!(wanted(&[("range", text)]), Wanted::Beyond, "{text}");
        }
        let others = ["bytes=9-0", "bytes=a-b", "items=0-9", "bytes=0-1,5-6", "bytes", "bytes=-", "bytes=+1-2", ""];
        for text in others {
            assert_eq!(wanted(&[("range", text)]), Wanted::Whole, "{text}");
        }
        let empty = Version { bytes: 0, ..version() };
        let all = HeaderMap::from_iter([(header::RANGE, HeaderValue::from_static("bytes=0-"))]);
        assert_eq!(empty.wanted(&Method::GET, &all), Wanted::Beyond);
        assert_eq!(version().wanted(&Method::HEAD, &all), Wanted::Whole);
    }

    #[test]
    fn what_a_client_has_decides_what_it_is_sent() {
        let part = Wanted::Part(0..10);
        for (headers, sent) in [
            (&[("if-none-match", "\"abc\"")][..], Wanted::Nothing),
            (&[("if-none-match", "\"x\", W/\"abc\"")], Wanted::Nothing),
            (&[("if-none-match", "*")], Wanted::Nothing),
            (&[("if-none-match", "\"abc\""), ("range", "bytes=0-9")], Wanted::Nothing),
            // A tag counts before a date.
            (&[("if-none-match", "\"x\""), ("if-modified-since", AFTER)], Wanted::Whole),
            (&[("if-modified-since", NOON)], Wanted::Nothing),
            (&[("if-modified-since", BEFORE)], Wanted::Whole),
            (&[("if-modified-since", "yesterday")], Wanted::Whole),
            (&[("if-match", "\"abc\"")], Wanted::Whole),
            (&[("if-match", "W/\"abc\"")], Wanted::Others),
            (&[("if-match", "\"x\""), ("range", "bytes=0-9")], Wanted::Others),
            (&[("if-unmodified-since", BEFORE)], Wanted::Others),
            (&[("if-unmodified-since", NOON)], Wanted::Whole),
            (&[("range", "bytes=0-9"), ("if-range", "\"abc\"")], part),
            (&[("range", "bytes=0-9"), ("if-range", "W/\"abc\"")], Wanted::Whole),
            (&[("range", "bytes=0-9"), ("if-range", "\"x\"")], Wanted::Whole),
            (&[("range", "bytes=900-"), ("if-range", "\"x\"")], Wanted::Whole),
            (&[("range", "bytes=0-9"), ("if-range", NOON)], Wanted::Part(0..10)),
            (&[("range", "bytes=0-9"), ("if-range", BEFORE)], Wanted::Whole),
            (&[("range", "bytes=0-9"), ("if-range", AFTER)], Wanted::Whole),
        ] {
            assert_eq!(wanted(headers), sent, "{headers:?}");
        }
    }

    #[test]
    fn an_answer_says_what_it_is_a_part_of() {
        let told = |wanted: Wanted| {
            let response = version().answer(&wanted, Body::empty());
            let value = |name| response.headers().get(name).map_or("", |value: &HeaderValue| value.to_str().unwrap());
            assert_eq!((value(header::ETAG), value(header::LAST_MODIFIED)), ("\"abc\"", NOON));
            let (range, length) = (value(header::CONTENT_RANGE).to_owned(), value(header::CONTENT_LENGTH).to_owned());
            (response.status().as_u16(), range, length)
        };
        let answer = |status, range: &str, length: &str| (status, range.to_owned(), length.to_owned());
        assert_eq!(told(Wanted::Whole), answer(200, "", "100"));
        assert_eq!(told(Wanted::Part(10..20)), answer(206, "bytes 10-19/100", "10"));
        assert_eq!(told(Wanted::Nothing), answer(304, "", ""));
        assert_eq!(told(Wanted::Others), answer(412, "", ""));
        assert_eq!(told(Wanted::Beyond), answer(416, "bytes */100", ""));
    }
}
