//! One socket of `graphql-transport-ws` and the subscriptions on it.

use anyhow::{Context, Result, bail};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::Instant;
use tokio::net::TcpStream;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::{Message, WebSocketConfig};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

/// Bytes of a buffer here: the machine is shared with what is measured.
const BUFFER: usize = 4096;

/// What a subscription came to.
pub enum News {
    /// It has sent something.
    Heard(Instant),
    /// It has ended, or its socket has.
    Ended,
}

/// What is subscribed to, where, and as whom.
pub struct Subscription {
    /// The socket's address.
    pub address: String,
    /// The bearer token.
    pub token: String,
    /// The document.
    pub query: String,
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

impl Subscription {
    /// Opens a socket, subscribes so many times, waits for the first answer to each, and
    /// then tells what comes.
    pub async fn open(&self, operations: usize, told: UnboundedSender<News>) -> Result<JoinHandle<()>> {
        let mut request = self.address.as_str().into_client_request()?;
        let protocol = HeaderValue::from_static("graphql-transport-ws");
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        let config = WebSocketConfig::default().read_buffer_size(BUFFER).write_buffer_size(0);
        let (mut socket, _) = connect_async_with_config(request, Some(config), true).await?;
        let authorization = format!("Bearer {}", self.token);
        send(&mut socket, json!({"type": "connection_init", "payload": {"authorization": authorization}}))
            .await?;
        expect(&mut socket, "connection_ack").await?;
        for id in 0..operations {
            let payload = json!({"query": self.query});
            send(&mut socket, json!({"type": "subscribe", "id": id.to_string(), "payload": payload})).await?;
        }
        for _ in 0..operations {
            expect(&mut socket, "next").await?;
        }
        Ok(tokio::spawn(listen(socket, operations, told)))
    }
}

/// Tells what comes until the socket closes, which ends every subscription that is left.
async fn listen(mut socket: Socket, mut left: usize, told: UnboundedSender<News>) {
    while let Some(Ok(message)) = socket.next().await {
        let Some(said) = said(&message) else { continue };
        let news = match said["type"].as_str() {
            Some("next") => News::Heard(Instant::now()),
            Some("complete" | "error") => {
                left = left.saturating_sub(1);
                News::Ended
            }
            _ => continue,
        };
        let _ = told.send(news);
    }
    for _ in 0..left {
        let _ = told.send(News::Ended);
    }
}

async fn send(socket: &mut Socket, message: Value) -> Result<()> {
    Ok(socket.send(Message::text(message.to_string())).await?)
}

/// The next thing that is said must be of this type.
async fn expect(socket: &mut Socket, kind: &str) -> Result<()> {
    loop {
        let message = socket.next().await.context("the socket was closed")??;
        match said(&message) {
            Some(said) if said["type"] == kind => return Ok(()),
            Some(other) => bail!("{kind} was expected, not {other}"),
            None if message.is_close() => bail!("the socket was closed: {message}"),
            None => {}
        }
    }
}

fn said(message: &Message) -> Option<Value> {
    message.is_text().then(|| serde_json::from_slice(&message.clone().into_data()).ok()).flatten()
}
