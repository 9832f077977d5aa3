//! What ties together all that one request has caused: an id that goes along into the jobs which the request enqueues, and
//! into those that they enqueue.
//!
//! It does not go into the SQL. A comment in a statement would make another statement of it for each request, to be prepared
//! anew; and the name of the application, which Postgres tells the client again at each change, would cost every transaction
//! some bytes for the sake of few. Statements that are slow are logged by us, with the trace of whoever asked.

use std::fmt;

use uuid::Uuid;

use crate::{clock::Clock, id::JobId};

tokio::task_local! {
    static CURRENT: Place;
}

/// The trace id of W3C's Trace Context: 16 bytes, not all of them zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, sqlx::Type)]
#[sqlx(transparent)]
pub struct TraceId(pub(crate) Uuid);

/// The id of one request or one attempt of a job in a trace: 8 bytes, not all of them zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpanId(u64);

/// Where in a trace something happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub trace: TraceId,
    /// The request, or the attempt of a job.
    pub span: SpanId,
}

impl TraceId {
    /// A fresh one.
    pub fn new(clock: &Clock) -> Self {
        Self(Uuid::from_bytes(clock.random()))
    }

    /// Of a job that no request has caused: the same in each of its attempts.
    pub fn of_job(job: JobId) -> Self {
        Self(job.0)
    }

    /// From its 32 digits.
    pub fn parse(digits: &str) -> Option<Self> {
        if is_hex(digits, 32) { Uuid::try_parse(digits).ok().map(Self) } else { None }
    }

    /// From what somebody has copied: in any case, and with space around it. None where it is no id of a trace.
    pub fn parse_copied(text: &str) -> Option<Self> {
        Self::parse(&text.trim().to_ascii_lowercase()).filter(|trace| !trace.0.is_nil())
    }
}

impl SpanId {
    /// A fresh one.
    pub fn new(clock: &Clock) -> Self {
        Self(u64::from_be_bytes(clock.random()).max(1))
    }

    /// From its 16 digits.
    pub fn parse(digits: &str) -> Option<Self> {
        if !is_hex(digits, 16) {
            return None;
        }
        u64::from_str_radix(digits, 16).ok().filter(|id| *id != 0).map(Self)
    }

    /// As the table of jobs keeps it, which knows no numbers without a sign.
    #[cfg(feature = "server")]
    pub(crate) fn to_sql(self) -> i64 {
        self.0.cast_signed()
    }

    #[cfg(feature = "server")]
    pub(crate) fn from_sql(id: i64) -> Option<Self> {
        (id != 0).then(|| Self(id.cast_unsigned()))
    }
}

impl Place {
    /// Where the header `traceparent` says that its sender is; none where it is not well-formed
    /// (<https://www.w3.org/TR/trace-context/>).
    pub fn from_traceparent(header: &str) -> Option<Self> {
        let mut parts = header.splitn(5, '-');
        let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        // Later versions may say more after the flags; this one does not.
        let is_known = version != "ff" && (version != "00" || parts.next().is_none());
        let is_hex = is_hex(version, 2) && is_hex(trace, 32) && is_hex(parent, 16) && is_hex(flags, 2);
        let is_named = [trace, parent].iter().all(|id| id.bytes().any(|digit| digit != b'0'));
        if !(is_known && is_hex && is_named) {
            return None;
        }
        Some(Self { trace: TraceId(Uuid::try_parse(trace).ok()?), span: SpanId::parse(parent)? })
    }

    /// The header that tells whoever is called where the caller is.
    pub fn to_traceparent(self) -> String {
        format!("00-{}-{}-01", self.trace, self.span)
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.simple().fmt(f)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// The request or the job that this task works for; none outside of both.
pub fn current() -> Option<Place> {
    CURRENT.try_with(|place| *place).ok()
}

/// Does this work as a part of the request or the job at this place. Tasks that it spawns are none, unless they are given it.
pub async fn within<F: Future>(place: Place, work: F) -> F::Output {
    CURRENT.scope(place, work).await
}

/// The standard asks for small letters.
fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn a_trace_is_taken_from_a_header_that_is_well_formed_and_from_no_other() {
        let good = format!("00-{TRACE}-00f067aa0ba902b7-01");
        assert_eq!(Place::from_traceparent(&good).unwrap().trace.to_string(), TRACE);
        let later = format!("cc-{TRACE}-00f067aa0ba902b7-01-what-comes-later");
        assert_eq!(Place::from_traceparent(&later).unwrap().trace.to_string(), TRACE);
        for wrong in [
            String::new(),
            TRACE.to_owned(),
            format!("00-{TRACE}-00f067aa0ba902b7"),
            format!("00-{TRACE}-00f067aa0ba902b7-01-more"),
            format!("ff-{TRACE}-00f067aa0ba902b7-01"),
            format!("00-{}-00f067aa0ba902b7-01", TRACE.to_uppercase()),
            format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            format!("00-{TRACE}-{}-01", "0".repeat(16)),
            format!("00-{TRACE}ab-00f067aa0ba902b7-01"),
            format!("00-{}\n-00f067aa0ba902b7-01", &TRACE[..31]),
            format!(" 00-{TRACE}-00f067aa0ba902b7-01"),
        ] {
            assert_eq!(Place::from_traceparent(&wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_trace_is_read_as_it_was_copied() {
        for copied in [TRACE.to_owned(), format!(" {TRACE}\n"), format!("\t{}", TRACE.to_uppercase())] {
            assert_eq!(TraceId::parse_copied(&copied).unwrap().to_string(), TRACE, "{copied:?}");
        }
        let hyphens = "4bf92f35-77b3-4da6-a3ce-929d0e0e4736";
        for wrong in ["", " ", hyphens, &TRACE[1..], &format!("{TRACE}0"), &TRACE.replace('4', "g"), &"0".repeat(32)] {
            assert_eq!(TraceId::parse_copied(wrong), None, "{wrong:?}");
        }
    }

    #[tokio::test]
    async fn a_trace_is_known_in_its_work_and_nowhere_else() {
        let clock = Clock::system();
        let place = Place { trace: TraceId::new(&clock), span: SpanId::new(&clock) };
        assert_eq!(current(), None);
        assert_eq!(within(place, async { current() }).await, Some(place));
        assert_eq!(current(), None);
    }

    #[test]
    fn a_place_is_told_as_it_is_read() {
        let header = format!("00-{TRACE}-f0f067aa0ba902b7-01");
        let place = Place::from_traceparent(&header).unwrap();
        assert_eq!(place.to_traceparent(), header);
        assert_eq!(SpanId::from_sql(place.span.to_sql()), Some(place.span), "a large one is a negative number there");
        assert_eq!(
            (SpanId::from_sql(0), SpanId::parse("f0f067aa0ba902b"), SpanId::parse("+0f067aa0ba902b7")),
            (None, None, None)
        );
    }
}
