//! The connections: how many, how slow, and how they end.
//!
//! `axum::serve` bounds neither the head of a request nor the time that it takes, and once
//! told to stop waits for the slowest client for ever. Here hyper is asked for more: a head
//! keeps within its bytes, lines and time (or is answered 431, or hung up on); a peer that
//! is gone, or reads nothing, is let go; those beyond the last place are told so, and may
//! still ask the probes; and what is not done when the drain ends is cut, and counted.
//!
//! HTTP/1.1 only: browsers speak HTTP/2 to the proxy that holds the certificate, and none
//! of the floods that HTTP/2 made possible come in here.

use axum::{Router, body::Body, http::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::{SockRef, TcpKeepalive};
use std::{io, net::IpAddr, pin::pin, sync::Arc, time::Duration};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tower::Service;

const SECOND: Duration = Duration::from_secs(1);

/// What connections may cost.
#[derive(Debug, Clone, Copy)]
pub struct Connections {
    /// How many may be open, sockets among them.
    pub most: u32,
    /// How many beyond those are accepted to be told that there is no place.
    pub told: usize,
    /// Bytes of the request line and header lines.
    pub head_bytes: usize,
    /// Header lines.
    pub head_lines: usize,
    /// How long a head may take, and how long a connection may wait for its next request.
    pub head_time: Duration,
    /// How long a peer may read nothing of what is written to it, or be silent on the wire.
    pub stalled: Duration,
    /// How long those under way have to finish once the program is told to stop.
    pub drain: Duration,
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            most: 8192,
            told: 64,
            head_bytes: 16 * 1024,
            head_lines: 64,
            head_time: Duration::from_secs(30),
            stalled: Duration::from_secs(30),
            drain: Duration::from_secs(30),
        }
    }
}

/// A connection's place among those that may be open. Who takes a connection over keeps it.
#[derive(Clone)]
pub(super) struct Place {
    _permit: Arc<OwnedSemaphorePermit>,
    /// There was none left: nothing but the probes is answered.
    pub beyond: bool,
}

/// Who is at the other end of a connection: a proxy, as a rule.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub IpAddr);

/// Serves until `closing` is cancelled, then lets those under way finish. Gives the number
/// of connections that had to be cut.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    bounds: Connections,
    closing: CancellationToken,
) -> usize {
    let doorkeeper = Doorkeeper::new(router, bounds, closing.clone());
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, address)) => doorkeeper.welcome(stream, Peer(address.ip())),
                Err(error) => pause_after(&error).await,
            },
            () = closing.cancelled() => break,
        }
    }
    drop(listener);
    doorkeeper.see_off().await
}

/// Out of descriptors, as a rule: some will be free again in a moment.
async fn pause_after(error: &io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    #[allow(clippy::disallowed_methods)] // a poll: nothing says when accepting works again
    tokio::time::sleep(Duration::from_millis(50)).await;
}

struct Doorkeeper {
    router: Router,
    bounds: Connections,
    http: http1::Builder,
    places: Arc<Semaphore>,
    places_beyond: Arc<Semaphore>,
    closing: CancellationToken,
    cut: CancellationToken,
}

impl Doorkeeper {
    fn new(router: Router, bounds: Connections, closing: CancellationToken) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(bounds.head_time)
            .max_header_size(bounds.head_bytes)
            .max_headers(bounds.head_lines);
        let places = Arc::new(Semaphore::new(bounds.most as usize));
        let places_beyond = Arc::new(Semaphore::new(bounds.told));
        Self { router, bounds, http, places, places_beyond, closing, cut: CancellationToken::new() }
    }

    /// A place, one beyond the last, or none at all.
    fn place(&self) -> Option<Place> {
        let (permit, beyond) = match self.places.clone().try_acquire_owned() {
            Ok(permit) => (permit, false),
            Err(_) => (self.places_beyond.clone().try_acquire_owned().ok()?, true),
        };
        Some(Place { _permit: Arc::new(permit), beyond })
    }

    fn welcome(&self, stream: TcpStream, peer: Peer) {
        let Some(place) = self.place() else {
            metrics::counter!("http_connections_refused_total").increment(1);
            return;
        };
        if let Err(error) = notice_when_gone(&stream, self.bounds.stalled) {
            tracing::debug!(%error, "a connection was gone before it began");
            return;
        }
        let mut http = self.http.clone();
        http.keep_alive(!place.beyond);
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.bounds.stalled));
        let router = self.router.clone();
        let answer = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(place.clone());
            request.extensions_mut().insert(peer);
            router.clone().call(request.map(Body::new))
        });
        let talking = http.serve_connection(TokioIo::new(Box::pin(stream)), answer).with_upgrades();
        let (closing, cut) = (self.closing.clone(), self.cut.clone());
        tokio::spawn(async move {
            let mut talking = pin!(talking);
            let ended = tokio::select! {
                ended = talking.as_mut() => ended,
                () = closing.cancelled() => {
                    talking.as_mut().graceful_shutdown();
                    tokio::select! {
                        ended = talking => ended,
                        () = cut.cancelled() => return,
                    }
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended badly");
            }
        });
    }

    /// Waits for those under way, sockets among them, and cuts the rest.
    async fn see_off(self) -> usize {
        let everybody = self.places.acquire_many(self.bounds.most);
        if tokio::time::timeout(self.bounds.drain, everybody).await.is_ok() {
            return 0;
        }
        let left = (self.bounds.most as usize).saturating_sub(self.places.available_permits());
        self.cut.cancel();
        tracing::warn!(connections = left, drain = ?self.bounds.drain, "cut: they had not finished");
        left
    }
}

/// Has the system probe a peer that is silent, and give up on one that acknowledges nothing:
/// a machine that was switched off says no good-bye.
fn notice_when_gone(stream: &TcpStream, stalled: Duration) -> io::Result<()> {
    // The system counts in whole seconds, and refuses none.
    let (silence, interval) = (stalled.max(SECOND), (stalled / 4).max(SECOND));
    let keepalive = TcpKeepalive::new().with_time(silence).with_interval(interval).with_retries(4);
    let socket = SockRef::from(stream);
    socket.set_tcp_keepalive(&keepalive)?;
    socket.set_tcp_user_timeout(Some(stalled))?;
    stream.set_nodelay(true)
}
