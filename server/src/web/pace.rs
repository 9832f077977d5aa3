//! How fast a form with files has to come: whoever sends a byte a second has no place here for ever.

use std::time::Duration;

use axum::extract::multipart::MultipartError;
use domain::{Error, ErrorKind, Result};
use tokio::time::{Instant, timeout};

use super::intake::Intake;

/// What has to come of a form within [`WITHIN`], again and again until it ends, in bytes: about a kilobyte a second, of which the
/// slowest mobile connections bring ten.
pub const LEAST_BYTES: u64 = 64 * 1024;

/// How long that much may take, and so how long nothing may come. A connection that is lost in a tunnel comes back within it, and
/// proxies in front wait for longer (`deploy/nginx.conf`).
pub const WITHIN: Duration = Duration::from_secs(60);

/// How a form comes in. Only the time counts in which it is waited for: that a store is slow is no fault of whoever sends.
pub struct Pace {
    /// What counts the bytes of the form.
    pub intake: Intake,
    within: Duration,
    /// How much had come when enough of it had come last, in bytes.
    came: u64,
    /// How long the form was waited for since then.
    waited: Duration,
}

impl Pace {
    /// That of a form of which nothing was read yet.
    pub fn of(intake: Intake, within: Duration) -> Self {
        Self { intake, within, came: 0, waited: Duration::ZERO }
    }

    /// What comes next of the form. Fails with "too slow" where too little has come for too long, and as invalid where the form
    /// breaks off.
    pub async fn next<T>(&mut self, next: impl Future<Output = Result<T, MultipartError>>) -> Result<T> {
        let began = Instant::now();
        let next = timeout(self.within.saturating_sub(self.waited), next).await;
        self.waited += began.elapsed();
        let came = self.intake.came();
        if came - self.came >= LEAST_BYTES {
            (self.came, self.waited) = (came, Duration::ZERO);
        }
        next.map_err(|_| too_slow())?.map_err(broken)
    }
}

fn too_slow() -> Error {
    let message = "The upload came too slowly, or stopped on its way. Please try again where the connection is better.";
    Error::new(ErrorKind::TooSlow, message)
}

fn broken(error: MultipartError) -> Error {
    Error::invalid("file", "The upload broke off on its way. Please try again.").with_context(error)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::body::Body;
    use bytes::Bytes;
    use futures::{StreamExt, stream};
    use tokio::time::sleep;

    use super::*;

    const SHORT: Duration = Duration::from_millis(600);

    /// How pieces of so many bytes come in, `every` so often, where each is kept for so long before the next is asked for; and
    /// how long all of it took.
    async fn comes(pieces: usize, bytes: u64, every: Duration, kept: Duration) -> (Result<()>, Duration) {
        let piece = Bytes::from(vec![b'a'; usize::try_from(bytes).unwrap()]);
        let sent = stream::iter(vec![piece; pieces]).then(move |piece| async move {
            sleep(every).await;
            Ok::<_, Infallible>(piece)
        });
        let intake = Intake::new();
        let mut body = intake.of(Body::from_stream(sent)).into_data_stream();
        intake.reads_file();
        let (mut pace, began) = (Pace::of(intake, SHORT), Instant::now());
        for _ in 0..pieces {
            if let Err(error) = pace.next(async { Ok(body.next().await) }).await {
                return (Err(error), began.elapsed());
            }
            sleep(kept).await;
        }
        (Ok(()), began.elapsed())
    }

    #[tokio::test]
    async fn little_by_little_is_too_slow() {
        for (bytes, every) in [(1, SHORT / 20), (LEAST_BYTES / 20, SHORT / 10), (1, SHORT * 10)] {
            let (outcome, took) = comes(100, bytes, every, Duration::ZERO).await;
            assert!(outcome.unwrap_err().is(ErrorKind::TooSlow), "{bytes} bytes every {every:?}");
            assert!(took >= SHORT - SHORT / 20 && took < SHORT * 3, "{bytes} bytes every {every:?}: after {took:?}");
        }
    }

    #[tokio::test]
    async fn what_comes_fast_enough_takes_as_long_as_it_takes() {
        let (outcome, took) = comes(6, LEAST_BYTES, SHORT / 3, Duration::ZERO).await;
        assert!(outcome.is_ok() && took > SHORT, "{outcome:?} after {took:?}");
    }

    #[tokio::test]
    async fn a_slow_store_is_no_fault_of_whoever_sends() {
        let (outcome, took) = comes(5, 1, Duration::from_millis(1), SHORT / 2).await;
        assert!(outcome.is_ok() && took > SHORT * 2, "{outcome:?} after {took:?}");
    }
}
