//! An SMTP server that keeps what it gets, and answers as it is told.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

#[derive(Clone)]
pub struct SmtpSink {
    pub url: String,
    mails: Arc<Mutex<Vec<String>>>,
    /// How many of the next mails are refused for now (451).
    refusals: Arc<AtomicUsize>,
}

impl SmtpSink {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let sink = Self { url, mails: Arc::default(), refusals: Arc::default() };
        let serving = sink.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let sink = serving.clone();
                tokio::spawn(async move { sink.serve(stream).await });
            }
        });
        sink
    }

    pub fn mails(&self) -> Vec<String> {
        self.mails.lock().unwrap().clone()
    }

    pub fn refuse(&self, mails: usize) {
        self.refusals.store(mails, Ordering::SeqCst);
    }

    async fn serve(&self, stream: TcpStream) -> Option<()> {
        let (reader, mut writer) = stream.into_split();
        let mut lines = BufReader::new(reader).lines();
        writer.write_all(b"220 sink\r\n").await.ok()?;
        while let Ok(Some(line)) = lines.next_line().await {
            let answer: &[u8] = match line.get(..4)?.to_uppercase().as_str() {
                "EHLO" | "HELO" => b"250 sink\r\n",
                "DATA" => {
                    writer.write_all(b"354 go on\r\n").await.ok()?;
                    let mut mail = String::new();
                    while let Ok(Some(line)) = lines.next_line().await {
                        if line == "." {
                            break;
                        }
                        mail.push_str(&line);
                        mail.push('\n');
                    }
                    let refused =
                        self.refusals.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
                    if refused.is_ok() {
                        b"451 <ada@acme.example> has no room; try again later\r\n"
                    } else {
                        self.mails.lock().unwrap().push(mail);
                        b"250 kept\r\n"
                    }
                }
                "QUIT" => return writer.write_all(b"221 bye\r\n").await.ok(),
                _ => b"250 ok\r\n",
            };
            writer.write_all(answer).await.ok()?;
        }
        Some(())
    }
}
