//! A way to something that Sheaf stands on, and what befalls such ways.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    sync::watch,
    time::{sleep, timeout},
};

/// Between two looks whether it still stands at the same.
const LOOKS: Duration = Duration::from_millis(20);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Whatever comes and goes takes so much longer.
    Slow(Duration),
    /// So many bytes pass in a second, each way.
    Thin(usize),
    /// What is connected breaks off (RST), and so does whoever connects.
    Reset,
    /// It takes everything, connections too, and nothing comes of it. What is connected then never leads anywhere again.
    Silent,
    /// Nobody is there to connect to.
    Refused,
}

/// Each of them, by its name.
pub const FAULTS: [(&str, Fault); 5] = [
    ("slow", Fault::Slow(Duration::from_millis(150))),
    ("thin", Fault::Thin(16 * 1024)),
    ("reset", Fault::Reset),
    ("silent", Fault::Silent),
    ("refused", Fault::Refused),
];

#[derive(Debug, Clone, Copy)]
struct Situation {
    fault: Option<Fault>,
    to: SocketAddr,
}

/// A way that is as good as what it leads to, until it is told otherwise.
pub struct Way {
    address: SocketAddr,
    situation: watch::Sender<Situation>,
}

impl Way {
    pub async fn to(to: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (situation, seen) = watch::channel(Situation { fault: None, to });
        tokio::spawn(serve(listener, address, seen));
        Self { address, situation }
    }

    /// Where it begins.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on, until something else.
    pub fn suffers(&self, fault: Option<Fault>) {
        self.situation.send_modify(|situation| situation.fault = fault);
    }

    /// Where it leads whoever connects from now on.
    pub fn leads_to(&self, to: SocketAddr) {
        self.situation.send_modify(|situation| situation.to = to);
    }
}

async fn serve(listener: TcpListener, address: SocketAddr, mut seen: watch::Receiver<Situation>) {
    let mut listener = Some(listener);
    loop {
        let is_refused = seen.borrow_and_update().fault == Some(Fault::Refused);
        if is_refused {
            listener = None;
        } else if listener.is_none() {
            listener = TcpListener::bind(address).await.ok();
        }
        let Some(open) = &listener else {
            // The end of its test ends it too.
            if matches!(timeout(LOOKS, seen.changed()).await, Ok(Err(_))) {
                return;
            }
            continue;
        };
        tokio::select! {
            accepted = open.accept() => {
                if let Ok((here, _)) = accepted {
                    tokio::spawn(carry(here, seen.clone()));
                }
            }
            changed = seen.changed() => if changed.is_err() { return },
        }
    }
}

/// Carries what comes and goes until one end closes, or something befalls the way.
async fn carry(mut here: TcpStream, mut seen: watch::Receiver<Situation>) {
    let Situation { fault, to } = *seen.borrow();
    let mut fault = fault.filter(|fault| matches!(fault, Fault::Reset | Fault::Silent | Fault::Refused));
    if fault.is_none() {
        let Ok(mut there) = TcpStream::connect(to).await else { return };
        here.set_nodelay(true).unwrap();
        there.set_nodelay(true).unwrap();
        let (others, watched) = (seen.clone(), seen.clone());
        let ((from_here, to_here), (from_there, to_there)) = (here.split(), there.split());
        fault = tokio::select! {
            _ = async { tokio::join!(copy(from_here, to_there, others), copy(from_there, to_here, watched)) } => return,
            fault = breaks(&mut seen) => Some(fault),
        };
    }
    if fault == Some(Fault::Silent) {
        swallow(&mut here, &mut seen).await;
    }
    // A close without this would be a FIN.
    here.set_zero_linger().ok();
}

/// What ends a connection, once it does.
async fn breaks(seen: &mut watch::Receiver<Situation>) -> Fault {
    loop {
        let fault = seen.borrow_and_update().fault;
        if let Some(fault @ (Fault::Reset | Fault::Silent | Fault::Refused)) = fault {
            return fault;
        }
        if seen.changed().await.is_err() {
            return Fault::Reset;
        }
    }
}

/// Until whoever is connected gives up, or is told that there is nothing.
async fn swallow(here: &mut TcpStream, seen: &mut watch::Receiver<Situation>) {
    let mut bytes = vec![0; 64 * 1024];
    loop {
        let is_over = matches!(seen.borrow().fault, Some(Fault::Reset | Fault::Refused)) || seen.has_changed().is_err();
        match timeout(LOOKS, here.read(&mut bytes)).await {
            _ if is_over => return,
            Ok(Ok(0) | Err(_)) => return,
            Ok(Ok(_)) | Err(_) => {}
        }
    }
}

async fn copy(mut from: ReadHalf<'_>, mut to: WriteHalf<'_>, seen: watch::Receiver<Situation>) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        let mut rest = &bytes[..read];
        while !rest.is_empty() {
            let fault = seen.borrow().fault;
            let (some, pause) = match fault {
                Some(Fault::Slow(pause)) => (rest.len(), pause),
                Some(Fault::Thin(rate)) => (rest.len().min(rate / 50), LOOKS),
                _ => (rest.len(), Duration::ZERO),
            };
            if !pause.is_zero() {
                sleep(pause).await;
            }
            if to.write_all(&rest[..some]).await.is_err() {
                return;
            }
            rest = &rest[some..];
        }
    }
    to.shutdown().await.ok();
}
