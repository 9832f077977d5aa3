//! A form with files, as it comes in. The parser of forms keeps whatever stands before a field and in its head until that is whole, and
//! has no limit of its own: so it is given no more of it than any form of ours has.

use std::sync::{
    Arc, Mutex, MutexGuard,
    atomic::{AtomicU64, Ordering},
};

use axum::{
    Error,
    body::{Body, BodyDataStream},
};
use bytes::Bytes;
use futures::{Stream, StreamExt, stream};

/// What may come, in bytes, before the parser has made something of it. A head has a name of a file and a few words, but the file comes
/// along in the same pieces, of which hyper's have up to 408 KiB, and the parser may take two before it looks.
const MAX_HEAD_BYTES: usize = 1024 * 1024;

/// What of the body is read at the moment. Shared by the body and whoever reads it.
#[derive(Clone)]
pub struct Intake {
    reading: Arc<Mutex<Reading>>,
    came: Arc<AtomicU64>,
}

#[derive(Clone, Copy)]
enum Reading {
    /// What stands around the files, of which so many bytes may still come.
    Head(usize),
    File,
    /// Nothing any more.
    Rest,
}

impl Intake {
    pub fn new() -> Self {
        Self { reading: Arc::new(Mutex::new(Reading::Head(MAX_HEAD_BYTES))), came: Arc::default() }
    }

    /// From here on a head is read, or the value of a field that is no file. To be said before each of their pieces.
    pub fn reads_head(&self) {
        *self.now() = Reading::Head(MAX_HEAD_BYTES);
    }

    /// From here on a file is read, which goes on as it comes and has a limit of its own.
    pub fn reads_file(&self) {
        *self.now() = Reading::File;
    }

    /// From here on whatever comes is forgotten.
    pub fn forgets(&self) {
        *self.now() = Reading::Rest;
    }

    /// How much of the body has come so far, in bytes.
    pub fn came(&self) -> u64 {
        self.came.load(Ordering::Relaxed)
    }

    /// The body as its reader lets it in.
    pub fn of(&self, body: Body) -> Body {
        Body::from_stream(self.clone().let_in(body.into_data_stream()))
    }

    fn let_in(self, body: BodyDataStream) -> impl Stream<Item = Result<Bytes, Error>> + Send + 'static {
        stream::unfold((body, self), |(mut body, intake)| async move {
            let is_head = matches!(*intake.now(), Reading::Head(_));
            if is_head {
                // The parser takes all that there is before it looks at any of it: so it is given one piece and looks.
                tokio::task::yield_now().await;
            }
            let part = body.next().await?;
            Some((part.and_then(|bytes| intake.take(bytes)), (body, intake)))
        })
    }

    fn take(&self, bytes: Bytes) -> Result<Bytes, Error> {
        self.came.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        match &mut *self.now() {
            Reading::Head(0) => Err(Error::new("what stands before a file is too long")),
            Reading::Head(left) => {
                *left = left.saturating_sub(bytes.len());
                Ok(bytes)
            }
            Reading::File => Ok(bytes),
            Reading::Rest => Ok(Bytes::new()),
        }
    }

    fn now(&self) -> MutexGuard<'_, Reading> {
        self.reading.lock().expect("no thread panics while it holds this lock")
    }
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, sync::atomic::AtomicUsize};

    use axum::extract::{FromRequest, Multipart, Request};

    use super::*;

    const PIECE: usize = 16 * 1024;

    /// A form of this beginning and many pieces behind it, and how many bytes of them were taken.
    async fn form(intake: &Intake, begins: impl Into<Bytes>, pieces: usize) -> (Multipart, Arc<AtomicUsize>) {
        let taken = Arc::new(AtomicUsize::new(0));
        let counted = taken.clone();
        let pieces = std::iter::repeat_n(Bytes::from_static(&[b'a'; PIECE]), pieces);
        let all = std::iter::once(begins.into()).chain(pieces);
        let ends = std::iter::once(Bytes::from_static(b"\r\n--x--\r\n"));
        let body = stream::iter(all.chain(ends)).map(move |piece| {
            counted.fetch_add(piece.len(), Ordering::Relaxed);
            Ok::<_, Infallible>(piece)
        });
        let request = Request::builder()
            .header("content-type", "multipart/form-data; boundary=x")
            .body(intake.of(Body::from_stream(body)))
            .unwrap();
        (Multipart::from_request(request, &()).await.unwrap(), taken)
    }

    #[tokio::test]
    async fn what_stands_before_a_file_and_does_not_end_is_not_kept() {
        for begins in ["", "--x\r\nx: ", "--x\r\ncontent-disposition: form-data; name=\"file\"\r\nx: "] {
            let intake = Intake::new();
            let (mut form, taken) = form(&intake, begins, 1_000).await;
            intake.reads_head();
            assert!(form.next_field().await.is_err(), "{begins}");
            let taken = taken.load(Ordering::Relaxed);
            assert!(taken <= MAX_HEAD_BYTES + 2 * PIECE, "{taken} bytes of {begins}");
        }
    }

    #[tokio::test]
    async fn a_file_is_as_long_as_it_is_and_what_follows_it_is_read() {
        let intake = Intake::new();
        let begins = "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n";
        let (mut form, _) = form(&intake, begins, 100).await;
        let mut field = form.next_field().await.unwrap().unwrap();
        intake.reads_file();
        let mut bytes = 0;
        while let Some(chunk) = field.chunk().await.unwrap() {
            bytes += chunk.len();
        }
        assert_eq!(bytes, 100 * PIECE);
        drop(field);
        intake.reads_head();
        assert!(form.next_field().await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_head_may_come_with_much_of_its_file_and_more_behind_it() {
        let intake = Intake::new();
        let head = "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n";
        let (mut form, _) = form(&intake, format!("{head}{}", "a".repeat(408 * 1024)), 30).await;
        intake.reads_head();
        let field = form.next_field().await.unwrap().unwrap();
        intake.reads_file();
        assert_eq!(field.bytes().await.unwrap().len(), 408 * 1024 + 30 * PIECE);
    }

    #[tokio::test]
    async fn what_is_forgotten_is_taken_to_its_end() {
        let intake = Intake::new();
        let (mut form, taken) = form(&intake, "--x\r\nx: ", 1_000).await;
        intake.forgets();
        assert!(form.next_field().await.is_err(), "nothing of it has reached the parser");
        assert!(taken.load(Ordering::Relaxed) > 1_000 * PIECE);
    }
}
