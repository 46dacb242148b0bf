//! The record of a portal over the gRPC protocol of EventStoreDB, to read and nothing else.
//!
//! `$all` is the whole record of one portal, its years one after the other; a stream is the
//! life of one aggregate, named `kind-id`. Contents stay sealed. Who may read: [`acces`].
//! What would write is refused; what is not a stream (users, projections, persistent
//! subscriptions) is not there. In the clear (h2c), behind the proxy that holds the certificate.

// A status is what the protocol refuses with, and tonic's methods take it unboxed.
#![allow(clippy::result_large_err)]

mod acces;
mod filter;
mod message;
mod places;
pub mod protocole;
pub mod question;
mod reading;

use crate::http::{Cadence, CancellationToken, Ids, Lectures};
use crate::identity::{Clock, Verifier};
use acces::Acces;
use commands::Commands;
pub use places::Limits;
use places::{Peer, Places};
use protocole::server_features_server::{ServerFeatures, ServerFeaturesServer};
use protocole::streams_server::{Streams, StreamsServer};
use protocole::{
    AppendReq, AppendResp, BatchAppendReq, BatchAppendResp, DeleteReq, DeleteResp, Empty, ReadReq, ReadResp,
    SupportedMethods, TombstoneReq, TombstoneResp,
};
use question::Question;
use reading::Reading;
use sqlx::PgPool;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status, Streaming, transport::Server};

/// Bytes of a request.
const REQUEST_MAX: usize = 64 * 1024;
/// Readings on one connection.
const READINGS_PER_CONNECTION: u32 = 64;
/// Messages that wait for who takes them.
const WAITING: usize = 64;
/// The version of the protocol that is spoken.
const VERSION: &str = "23.10.0";

/// What the door stands on.
#[derive(Clone)]
pub struct Flux {
    /// What tells good tokens from bad ones.
    pub verifier: Arc<Verifier>,
    /// The use cases: who may read, and that he did.
    pub commands: Commands,
    /// The record.
    pub pool: PgPool,
    /// Moves when journals have grown.
    pub woken: watch::Receiver<u64>,
    /// What tells the time.
    pub clock: Clock,
    /// What makes ids of subscriptions.
    pub ids: Ids,
    /// Cancelled when the program is told to stop.
    pub closing: CancellationToken,
    /// How much room there is.
    pub limits: Limits,
    /// How often an address may begin to read.
    pub cadence: Cadence,
}

/// Serves until the door is told to close.
pub async fn serve(listener: TcpListener, flux: Flux) -> Result<(), tonic::transport::Error> {
    let closing = flux.closing.clone();
    let connections = places::connections(listener, flux.limits);
    let keepalive = Some(flux.limits.silence / 3);
    let (places, lectures) = (Places::new(flux.limits), Lectures::new(&flux.cadence));
    let streams = Porte { flux, places, lectures };
    Server::builder()
        .max_concurrent_streams(READINGS_PER_CONNECTION)
        .http2_keepalive_interval(keepalive)
        .http2_keepalive_timeout(keepalive)
        .add_service(StreamsServer::new(streams).max_decoding_message_size(REQUEST_MAX))
        .add_service(ServerFeaturesServer::new(Features).max_decoding_message_size(REQUEST_MAX))
        .serve_with_incoming_shutdown(connections, closing.cancelled_owned())
        .await
}

struct Porte {
    flux: Flux,
    places: Places,
    lectures: Lectures,
}

impl Porte {
    /// Before anything is looked up or verified for whoever asks.
    fn admit(&self, headers: &MetadataMap, peer: Option<&Peer>) -> Result<(), Status> {
        let taken = self.lectures.take(&headers.clone().into_headers(), peer.map(|Peer(ip)| *ip));
        taken.map_err(|wait| {
            metrics::counter!("http_rate_limited_total", "of" => "flux").increment(1);
            let seconds = wait.as_secs().saturating_add(1);
            Status::resource_exhausted(format!("this address asks too often: come back in {seconds} s"))
        })
    }
}

fn refused<T>() -> Result<T, Status> {
    Err(Status::permission_denied("the record is only read here"))
}

#[tonic::async_trait]
impl Streams for Porte {
    type ReadStream = ReceiverStream<Result<ReadResp, Status>>;
    type BatchAppendStream = ReceiverStream<Result<BatchAppendResp, Status>>;

    async fn read(&self, request: Request<ReadReq>) -> Result<Response<Self::ReadStream>, Status> {
        let (headers, extensions, asked) = request.into_parts();
        self.admit(&headers, extensions.get())?;
        let Flux { verifier, commands, pool, woken, clock, ids, closing, .. } = self.flux.clone();
        let place = self.places.take()?;
        let options = asked.options.ok_or_else(|| Status::invalid_argument("nothing is asked"))?;
        let written = message::Ids::of(&options);
        let question = Question::try_from(options)?;
        let Acces { portail, jeton } = Acces::open(&verifier, &commands, &headers).await?;
        let place = self.places.hold(place, jeton.compte)?;
        let expire = jeton.expire;
        let (out, taken) = mpsc::channel(WAITING);
        let id = ids();
        let reading = Reading {
            pool,
            portail,
            question,
            ids: written,
            expire,
            clock,
            woken,
            closing,
            id,
            _place: place,
        };
        tokio::spawn(reading.run(out));
        Ok(Response::new(ReceiverStream::new(taken)))
    }

    async fn append(&self, _: Request<Streaming<AppendReq>>) -> Result<Response<AppendResp>, Status> {
        refused()
    }

    async fn delete(&self, _: Request<DeleteReq>) -> Result<Response<DeleteResp>, Status> {
        refused()
    }

    async fn tombstone(&self, _: Request<TombstoneReq>) -> Result<Response<TombstoneResp>, Status> {
        refused()
    }

    async fn batch_append(
        &self,
        _: Request<Streaming<BatchAppendReq>>,
    ) -> Result<Response<Self::BatchAppendStream>, Status> {
        refused()
    }
}

/// What a client asks before anything else.
struct Features;

#[tonic::async_trait]
impl ServerFeatures for Features {
    async fn get_supported_methods(&self, _: Request<Empty>) -> Result<Response<SupportedMethods>, Status> {
        let event_store_server_version = VERSION.to_owned();
        Ok(Response::new(SupportedMethods { methods: Vec::new(), event_store_server_version }))
    }
}
