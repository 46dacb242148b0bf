//! Places at the door: so many connections, so many readings, and so many readings of one
//! compte. Who finds none is told so, or hung up on, before anything is done for him.

use domain::CompteId;
use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_io_timeout::TimeoutStream;
use tokio_stream::Stream;
use tonic::Status;
use tonic::transport::server::Connected;

/// How much room there is.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections.
    pub connections: usize,
    /// Readings, of everybody.
    pub readings: usize,
    /// Readings of one compte, over all of its connections and tokens.
    pub readings_per_compte: usize,
    /// How long a connection may be silent, or take to begin. A live one answers sooner: it is
    /// asked for a sign of life after a third of it.
    pub silence: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let silence = Duration::from_secs(60);
        Self { connections: 256, readings: 256, readings_per_compte: 16, silence }
    }
}

/// Who reads how much.
type Counts = Arc<Mutex<BTreeMap<CompteId, usize>>>;

/// The places of readings.
pub struct Places {
    readings: Arc<Semaphore>,
    per_compte: usize,
    counts: Counts,
}

impl Places {
    /// All free.
    pub fn new(limits: Limits) -> Self {
        let readings = Arc::new(Semaphore::new(limits.readings));
        Self { readings, per_compte: limits.readings_per_compte, counts: Counts::default() }
    }

    /// One of everybody's, taken before it is known who asks.
    pub fn take(&self) -> Result<OwnedSemaphorePermit, Status> {
        let taken = self.readings.clone().try_acquire_owned();
        taken.map_err(|_| Status::resource_exhausted("too many readings are open"))
    }

    /// The same place, held by a compte.
    pub fn hold(&self, place: OwnedSemaphorePermit, compte: CompteId) -> Result<Place, Status> {
        let mut counts = locked(&self.counts);
        let count = counts.entry(compte).or_default();
        if *count >= self.per_compte {
            return Err(Status::resource_exhausted("too many readings of this compte are open"));
        }
        *count += 1;
        Ok(Place { compte, counts: self.counts.clone(), _place: place })
    }
}

/// The place of a reading, free again when it is dropped.
pub struct Place {
    compte: CompteId,
    counts: Counts,
    _place: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = locked(&self.counts);
        if let Some(count) = counts.get_mut(&self.compte) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.compte);
            }
        }
    }
}

/// Nothing that holds this lock can panic half-way.
fn locked(counts: &Counts) -> MutexGuard<'_, BTreeMap<CompteId, usize>> {
    counts.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Bytes with which HTTP/2 begins: before them there is nobody to ask for a sign of life.
const PREFACE: usize = 24;

/// Who is at the other end of a connection: a proxy, as a rule.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// A connection and its place, which one that says nothing does not keep.
pub struct Connection {
    stream: Pin<Box<TimeoutStream<TcpStream>>>,
    /// What is still to come of the preface, and until when.
    begins: Option<(usize, Pin<Box<Sleep>>)>,
    peer: Peer,
    _place: OwnedSemaphorePermit,
}

impl Connection {
    fn new(stream: TcpStream, peer: Peer, silence: Duration, place: OwnedSemaphorePermit) -> Self {
        let mut stream = TimeoutStream::new(stream);
        stream.set_read_timeout(Some(silence));
        stream.set_write_timeout(Some(silence));
        let begins = Some((PREFACE, Box::pin(sleep_until(Instant::now() + silence))));
        Self { stream: Box::pin(stream), begins, peer, _place: place }
    }
}

/// The connections that find a place; others are closed at once.
pub fn connections(listener: TcpListener, limits: Limits) -> impl Stream<Item = io::Result<Connection>> {
    let places = Arc::new(Semaphore::new(limits.connections));
    futures::stream::unfold((listener, places), move |(listener, places)| async move {
        loop {
            let (stream, peer) = match listener.accept().await {
                Ok((stream, address)) => (stream, Peer(address.ip())),
                Err(error) => return Some((Err(error), (listener, places))),
            };
            if let Ok(place) = places.clone().try_acquire_owned() {
                let connection = Connection::new(stream, peer, limits.silence, place);
                return Some((Ok(connection), (listener, places)));
            }
        }
    })
}

impl Connected for Connection {
    type ConnectInfo = Peer;

    fn connect_info(&self) -> Peer {
        self.peer
    }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Self { stream, begins, .. } = self.get_mut();
        // However slowly it drips: that it is not silent does not make it a client.
        if let Some((_, deadline)) = begins
            && deadline.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let before = buf.filled().len();
        ready!(stream.as_mut().poll_read(cx, buf))?;
        let came = buf.filled().len() - before;
        *begins = begins
            .take()
            .and_then(|(left, deadline)| Some((left.checked_sub(came).filter(|left| *left > 0)?, deadline)));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.get_mut().stream.as_mut().poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().stream.as_mut().poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().stream.as_mut().poll_shutdown(cx)
    }
}
