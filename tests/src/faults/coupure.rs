//! A wire between the program and its database that can be cut at an exact point of the
//! record's append: it reads the messages of PostgreSQL's protocol (version 3.0, "Message
//! Formats") as far as needed to know where the append stands.

use super::wait;
use anyhow::{Context, Result, ensure};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};

/// The name of the socket, which clients make of the port.
const SOCKET: &str = ".s.PGSQL.5432";
/// How a statement that appends is recognised.
const APPEND: &str = "ledger.append(";
/// Longer messages are not the program's.
const LONGEST: usize = 64 << 20;
/// How long a cut may wait for an append to cut.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the wire is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The batch was executed and never committed.
    InBatch,
    /// The batch was committed, and its answer is lost.
    BeforeAnswer,
}

/// See the module.
#[derive(Clone)]
pub struct Coupure(Arc<State>);

struct State {
    armed: Mutex<Option<Cut>>,
    cuts: AtomicUsize,
}

impl Coupure {
    /// Opens a socket in `directory`, which leads to the one in `upstream`.
    pub fn open(directory: &Path, upstream: &Path) -> Result<Self> {
        std::fs::create_dir_all(directory)?;
        let listener = UnixListener::bind(directory.join(SOCKET))?;
        let coupure = Self(Arc::new(State { armed: Mutex::new(None), cuts: AtomicUsize::new(0) }));
        let (wire, upstream) = (coupure.clone(), upstream.join(SOCKET));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(wire.clone().session(client, upstream.clone()));
            }
        });
        Ok(coupure)
    }

    /// Cuts the next append, and waits until that has happened.
    pub async fn cut(&self, cut: Cut) -> Result<()> {
        let before = self.0.cuts.load(Ordering::SeqCst);
        *self.0.armed.lock().map_err(|_| anyhow::anyhow!("the wire is broken for good"))? = Some(cut);
        let cut = async || Ok((self.0.cuts.load(Ordering::SeqCst) > before).then_some(()));
        wait::until("an append to cut", PATIENCE, cut).await
    }

    /// Takes the order to cut here, if there is one.
    fn take(&self, cut: Cut) -> bool {
        let Ok(mut armed) = self.0.armed.lock() else { return false };
        let taken = *armed == Some(cut);
        if taken {
            *armed = None;
            self.0.cuts.fetch_add(1, Ordering::SeqCst);
        }
        taken
    }

    /// One connection, until one side ends it or it is cut: both sockets close then.
    async fn session(self, client: UnixStream, upstream: PathBuf) {
        let Ok(server) = UnixStream::connect(upstream).await else { return };
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        let appending = Arc::new(AtomicBool::new(false));
        tokio::select! {
            _ = self.requests(from_client, to_server, appending.clone()) => {}
            _ = self.answers(from_server, to_client, appending) => {}
        }
    }

    async fn requests(
        &self,
        mut from: OwnedReadHalf,
        mut to: OwnedWriteHalf,
        appending: Arc<AtomicBool>,
    ) -> Result<()> {
        let length = from.read_u32().await?;
        let mut startup = vec![0; usize::try_from(length)?.checked_sub(4).context("a short startup")?];
        from.read_exact(&mut startup).await?;
        to.write_all(&[&length.to_be_bytes()[..], &startup].concat()).await?;
        let mut appends = BTreeSet::new();
        loop {
            let message = Message::read(&mut from).await?;
            match message.kind {
                b'P' if message.text(1).contains(APPEND) => drop(appends.insert(message.text(0))),
                b'P' => drop(appends.remove(&message.text(0))),
                b'B' if appends.contains(&message.text(1)) => appending.store(true, Ordering::SeqCst),
                b'S' if appending.load(Ordering::SeqCst) && self.take(Cut::InBatch) => {
                    to.flush().await?;
                    return Ok(());
                }
                _ => {}
            }
            to.write_all(&message.bytes).await?;
        }
    }

    /// While a batch is appended nothing is passed on before the server says that it is
    /// idle again: committed.
    async fn answers(
        &self,
        mut from: OwnedReadHalf,
        mut to: OwnedWriteHalf,
        appending: Arc<AtomicBool>,
    ) -> Result<()> {
        let mut held = Vec::new();
        loop {
            let message = Message::read(&mut from).await?;
            let (ready, idle) = (message.kind == b'Z', message.bytes.last() == Some(&b'I'));
            held.extend(message.bytes);
            if appending.load(Ordering::SeqCst) && !ready {
                continue;
            }
            if ready && idle && appending.swap(false, Ordering::SeqCst) && self.take(Cut::BeforeAnswer) {
                return Ok(());
            }
            to.write_all(&held).await?;
            held.clear();
        }
    }
}

/// A message of the protocol, its type byte and length included.
struct Message {
    kind: u8,
    bytes: Vec<u8>,
}

impl Message {
    async fn read(from: &mut OwnedReadHalf) -> Result<Self> {
        let kind = from.read_u8().await?;
        let length = from.read_u32().await?;
        let rest = usize::try_from(length)?.checked_sub(4).context("a short message")?;
        ensure!(rest <= LONGEST, "a message of {rest} bytes");
        let mut bytes = Vec::with_capacity(rest + 5);
        bytes.push(kind);
        bytes.extend(length.to_be_bytes());
        bytes.resize(rest + 5, 0);
        from.read_exact(&mut bytes[5..]).await?;
        Ok(Self { kind, bytes })
    }

    /// The n-th of the NUL-ended texts with which the message begins.
    fn text(&self, n: usize) -> String {
        let texts = self.bytes.get(5..).unwrap_or_default().split(|byte| *byte == 0);
        texts.map(|text| String::from_utf8_lossy(text).into_owned()).nth(n).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_tells_its_statement_and_its_text() {
        let bytes = [b"P\0\0\0\x10".as_slice(), b"sqlx_s_1\0SELECT 1\0\0\0"].concat();
        let message = Message { kind: b'P', bytes };
        assert_eq!((message.text(0).as_str(), message.text(1).as_str()), ("sqlx_s_1", "SELECT 1"));
        assert_eq!(message.text(9), "");
    }
}
