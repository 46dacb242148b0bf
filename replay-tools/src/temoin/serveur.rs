//! The connections of a witness: how many, how slow, and how they end.
//!
//! It is asked by machines, a few times a minute each, and anybody may knock. `axum::serve` would
//! let each of them hold a connection for as long as he likes, and once told to stop would wait
//! for the slowest of them. Here a connection is one request, its life is short whatever it does,
//! and who comes when there is no place waits until there is one.

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService as Answers;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Bytes of the request line and header lines.
const HEAD_BYTES: usize = 16 * 1024;
/// After a connection that could not be accepted: out of descriptors, as a rule.
const PAUSE: Duration = Duration::from_millis(50);

/// What connections may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limites {
    /// How many may be open.
    pub connexions: usize,
    /// How long the head of a request may take.
    pub tete: Duration,
    /// How long a connection may live, whatever it does.
    pub vie: Duration,
    /// How long those under way have to finish once the witness is told to stop.
    pub arret: Duration,
}

impl Default for Limites {
    fn default() -> Self {
        let [tete, vie, arret] = [10, 30, 5].map(Duration::from_secs);
        Self { connexions: 256, tete, vie, arret }
    }
}

/// Serves until `stop` is ready, then lets those under way finish. Gives the number of
/// connections that had to be cut.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limites: Limites,
    stop: impl Future<Output = ()>,
) -> usize {
    let (closing, closed) = watch::channel(false);
    let mut under_way = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            () = stop.as_mut() => break,
            Some(_) = under_way.join_next() => {}
            accepted = listener.accept(), if under_way.len() < limites.connexions => match accepted {
                Ok((stream, _)) => {
                    under_way.spawn(converse(stream, router.clone(), limites, closed.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    ledger::wake::tick(PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    closing.send_replace(true);
    let finished = async { while under_way.join_next().await.is_some() {} };
    if tokio::time::timeout(limites.arret, finished).await.is_ok() {
        return 0;
    }
    let cut = under_way.len();
    tracing::warn!(connections = cut, "cut: they had not finished");
    under_way.shutdown().await;
    cut
}

/// One connection, from its first byte to its end.
async fn converse(stream: TcpStream, router: Router, limites: Limites, mut closed: watch::Receiver<bool>) {
    let mut http = http1::Builder::new();
    // Who asks again connects again: no request is cut because its connection is old.
    http.timer(TokioTimer::new())
        .header_read_timeout(limites.tete)
        .max_header_size(HEAD_BYTES)
        .keep_alive(false);
    let talking = http.serve_connection(TokioIo::new(stream), Answers::new(router));
    let mut talking = pin!(talking);
    let whole = async {
        tokio::select! {
            ended = talking.as_mut() => return ended,
            _ = closed.wait_for(|closed| *closed) => talking.as_mut().graceful_shutdown(),
        }
        talking.await
    };
    match tokio::time::timeout(limites.vie, whole).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a connection ended badly"),
        Err(_) => tracing::debug!("a connection was cut at the end of its time"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Bytes;
    use axum::routing::post;
    use std::net::SocketAddr;
    use std::time::Instant;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::oneshot;
    use tokio::task::JoinHandle;

    const LONG: Duration = Duration::from_secs(60);
    const SHORT: Duration = Duration::from_millis(200);
    const LIMITES: Limites = Limites { connexions: 2, tete: LONG, vie: LONG, arret: LONG };
    const WHOLE: &[u8] = b"POST /echo HTTP/1.1\r\nhost: t\r\ncontent-length: 3\r\n\r\nabc";
    const SLOW: &[u8] = b"POST /echo HTTP/1.1\r\nhost: t\r\ncontent-length: 3\r\n\r\na";

    struct Porte {
        address: SocketAddr,
        stop: oneshot::Sender<()>,
        served: JoinHandle<usize>,
    }

    impl Porte {
        async fn open(limites: Limites) -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let router = Router::new().route("/echo", post(|body: Bytes| async { body }));
            let (stop, stopped) = oneshot::channel::<()>();
            let stopped = async { drop(stopped.await) };
            Self { address, stop, served: tokio::spawn(serve(listener, router, limites, stopped)) }
        }

        async fn says(&self, bytes: &[u8]) -> TcpStream {
            let mut stream = TcpStream::connect(self.address).await.unwrap();
            stream.write_all(bytes).await.unwrap();
            stream
        }

        /// One whose body is being read, and has not come.
        async fn begun(&self) -> TcpStream {
            let head = "POST /echo HTTP/1.1\r\nhost: t\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n";
            let mut stream = self.says(head.as_bytes()).await;
            let mut invited = [0; 25];
            stream.read_exact(&mut invited).await.unwrap();
            assert_eq!(&invited, b"HTTP/1.1 100 Continue\r\n\r\n");
            stream
        }
    }

    /// All that is answered until the other side hangs up, which it must.
    async fn heard(mut stream: TcpStream) -> String {
        let mut text = String::new();
        let read = tokio::time::timeout(LONG / 2, stream.read_to_string(&mut text));
        // What is cut may be reset.
        let _ = read.await.expect("nobody hung up");
        text
    }

    #[tokio::test]
    async fn a_request_is_answered_and_its_connection_ends() {
        let porte = Porte::open(LIMITES).await;
        let answer = heard(porte.says(WHOLE).await).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("abc"), "{answer}");
    }

    #[tokio::test]
    async fn who_says_nothing_or_half_a_head_is_hung_up_on() {
        let porte = Porte::open(Limites { tete: SHORT, ..LIMITES }).await;
        let [silent, half] = [porte.says(b"").await, porte.says(b"POST /echo HT").await];
        assert!(!heard(silent).await.contains("200"));
        assert!(!heard(half).await.contains("200"));
        assert!(heard(porte.says(WHOLE).await).await.contains("200"), "the next one is answered");
    }

    #[tokio::test]
    async fn who_is_slow_with_a_body_is_hung_up_on() {
        let porte = Porte::open(Limites { vie: SHORT, ..LIMITES }).await;
        assert_eq!(heard(porte.says(SLOW).await).await, "");
    }

    #[tokio::test]
    async fn who_comes_when_there_is_no_place_is_answered_when_there_is() {
        let porte = Porte::open(LIMITES).await;
        let [mut one, two] = [porte.says(SLOW).await, porte.says(SLOW).await];
        let third = tokio::spawn(heard(porte.says(WHOLE).await));
        // Those who have a place are answered meanwhile.
        one.write_all(b"bc").await.unwrap();
        assert!(heard(one).await.ends_with("abc"));
        assert!(third.await.unwrap().ends_with("abc"));
        drop(two);
    }

    #[tokio::test]
    async fn without_a_place_nobody_is_answered() {
        let porte = Porte::open(LIMITES).await;
        let _held = [porte.says(SLOW).await, porte.says(SLOW).await];
        let mut third = porte.says(WHOLE).await;
        let answered = tokio::time::timeout(SHORT, third.read_u8()).await;
        assert!(answered.is_err(), "a third connection was served beside two");
    }

    #[tokio::test]
    async fn who_trickles_does_not_keep_it_from_stopping() {
        let porte = Porte::open(Limites { connexions: 3, arret: SHORT, ..LIMITES }).await;
        let _slow = porte.begun().await;
        let silent = porte.says(b"").await;
        // One that is answered was accepted after them.
        assert!(heard(porte.says(b"x\r\n\r\n").await).await.contains("400"));
        let began = Instant::now();
        porte.stop.send(()).unwrap();
        assert_eq!(porte.served.await.unwrap(), 1, "only what had begun is waited for, and cut");
        assert!(began.elapsed() < LONG / 2);
        assert_eq!(heard(silent).await, "");
    }

    #[tokio::test]
    async fn what_had_begun_before_the_stop_is_answered() {
        let porte = Porte::open(LIMITES).await;
        let mut slow = porte.begun().await;
        porte.stop.send(()).unwrap();
        slow.write_all(b"abc").await.unwrap();
        assert!(heard(slow).await.ends_with("abc"));
        assert_eq!(porte.served.await.unwrap(), 0);
    }
}
