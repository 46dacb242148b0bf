//! A school at whose served door browsers sign in.

use crate::navigateur::Navigateur;
use crate::{Ecole, Maison};
use anyhow::{Context, Result};
use api::http::{Cadence, CancellationToken, Connections, serve};
use api::identity::fournisseur::Fournisseurs;
use axum::http::HeaderValue;
use chrono::{DateTime, TimeDelta, Utc};
use domain::annuaire::{Personne, PersonneEvent, Source};
use domain::{Aggregate, CompteId, Event};
use futures::{SinkExt, StreamExt};
use ledger::clock::{Clock, SystemClock};
use ledger::envelope::Stream;
use ledger::feed::facts_of;
use reqwest::Url;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// How long something that must come is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// An address that is taken, before who will be there is known.
pub struct Place {
    listener: TcpListener,
    /// As browsers write it.
    pub origin: String,
}

impl Place {
    /// Takes one.
    pub async fn take() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://{}", listener.local_addr()?);
        Ok(Self { listener, origin })
    }
}

/// See the module.
pub struct Accueil {
    /// The school.
    pub ecole: Ecole,
    /// Where it is served.
    pub origin: String,
    /// By how many seconds the clock that tokens are judged by is ahead.
    ahead: Arc<AtomicI64>,
    closing: CancellationToken,
    serving: JoinHandle<usize>,
}

/// A socket of a browser.
pub struct Prise(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Accueil {
    /// Opens a school at an address, to which one signs in by these providers.
    pub async fn ouvrir(place: Place, fournisseurs: &str) -> Result<Self> {
        Self::ouvrir_a_cadence(place, fournisseurs, Cadence::default()).await
    }

    /// The same, at which one may knock so often.
    pub async fn ouvrir_a_cadence(place: Place, fournisseurs: &str, cadence: Cadence) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("fournisseurs.toml");
        std::fs::write(&path, format!("adresse = \"{}\"\n{fournisseurs}", place.origin))?;
        let ahead = Arc::new(AtomicI64::new(0));
        let shifted = ahead.clone();
        let theirs: api::identity::Clock =
            Arc::new(move || SystemClock.now() + TimeDelta::seconds(shifted.load(Ordering::Relaxed)));
        let (bench, fournisseurs) = (Ecole::copier().await?, Fournisseurs::read(&path)?);
        let ecole =
            Ecole::reconnaitre(Maison::open_with(bench, fournisseurs, theirs, cadence).await?).await?;
        let closing = CancellationToken::new();
        let router = ecole.maison.router.clone();
        let bounds = Connections { drain: Duration::from_secs(1), ..Connections::default() };
        let serving = tokio::spawn(serve(place.listener, router, bounds, closing.clone()));
        Ok(Self { ecole, origin: place.origin, ahead, closing, serving })
    }

    /// Puts the clock that tokens are judged by ahead.
    pub fn ahead_by(&self, seconds: i64) {
        self.ahead.store(seconds, Ordering::Relaxed);
    }

    /// Where a person comes from: an académie, and the key of its directory.
    pub async fn source(&self, compte: CompteId) -> Result<Source> {
        let bench = &self.ecole.maison.bench;
        let stream = Stream { kind: Personne::TYPE.to_owned(), id: compte.to_string() };
        let mut connection = bench.ledger.pool().acquire().await?;
        let facts = facts_of(&mut connection, &bench.keys, &[stream]).await?;
        let source = facts.iter().find_map(|fact| match fact.event() {
            Some(Event::Personne(PersonneEvent::PersonneEnregistree { source, .. })) => Some(source.clone()),
            _ => None,
        });
        source.context("nobody's compte")
    }

    /// The key of a person as EduConnect writes it.
    pub async fn educonnect(&self, compte: CompteId) -> Result<String> {
        let Source { portee, cle, .. } = self.source(compte).await?;
        Ok(format!("{{AAF}}{portee}|x|{cle}"))
    }

    /// The types of what the record says of comptes, in order.
    pub async fn record(&self) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar(
            "SELECT event_type FROM ledger.events WHERE aggregate_type LIKE 'identite.%'
             ORDER BY (metadata ->> 'recorded_at'), portail, position",
        )
        .fetch_all(&self.ecole.maison.bench.owner)
        .await?)
    }

    /// Waits until views have read all that is recorded.
    pub async fn settle(&self) -> Result<()> {
        Ok(self.ecole.maison.bench.runner.catch_up().await?)
    }

    /// Opens a socket as a page of this origin does, and waits until it is acknowledged.
    pub async fn socket(&self, browser: &Navigateur) -> Result<Prise> {
        let url: Url = self.origin.parse()?;
        let address = format!("{}/graphql/ws", self.origin.replacen("http", "ws", 1));
        let mut request = address.into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", HeaderValue::from_static("graphql-transport-ws"));
        headers.insert("origin", HeaderValue::from_str(&self.origin)?);
        headers.insert("cookie", HeaderValue::from_str(&browser.cookie(&url))?);
        let (mut socket, _) = connect_async(request).await?;
        socket.send(Message::text(json!({ "type": "connection_init" }).to_string())).await?;
        let mut prise = Prise(socket);
        let said = prise.hears().await?;
        anyhow::ensure!(said["type"] == "connection_ack", "{said}");
        Ok(prise)
    }

    /// Stops everything.
    pub async fn close(self) -> Result<()> {
        self.closing.cancel();
        self.serving.await?;
        self.ecole.maison.close().await
    }

    /// Now, by the clock of the record.
    pub fn now(&self) -> DateTime<Utc> {
        self.ecole.maison.bench.clock.now()
    }
}

impl Prise {
    /// The next message.
    pub async fn hears(&mut self) -> Result<Value> {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.0.next()).await.context("nothing came")?;
            match next.context("the socket ended")?? {
                Message::Text(text) => return Ok(serde_json::from_str(&text)?),
                Message::Close(frame) => anyhow::bail!("closed: {frame:?}"),
                Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_) => {}
            }
        }
    }

    /// The code with which it is hung up on.
    pub async fn closed(mut self) -> Result<u16> {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.0.next()).await.context("it stays open")?;
            if let Message::Close(frame) = next.context("the socket ended without a word")?? {
                return Ok(frame.context("no code")?.code.into());
            }
        }
    }
}
