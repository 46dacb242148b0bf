//! The client: keep-alive connections of HTTP/1.1 over loopback, one request at a time on
//! each.

use anyhow::{Context, Result, ensure};
use axum::body::Bytes;
use axum::http::Request;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tokio::sync::Mutex;

/// As many connections as requests are kept in flight.
pub struct Client {
    connections: Vec<Mutex<SendRequest<Full<Bytes>>>>,
}

impl Client {
    /// Connects.
    pub async fn connect(address: SocketAddr, connections: usize) -> Result<Self> {
        let mut opened = Vec::with_capacity(connections);
        for _ in 0..connections {
            let stream = TcpStream::connect(address).await.with_context(|| address.to_string())?;
            stream.set_nodelay(true)?;
            let (sender, connection) = handshake(TokioIo::new(stream)).await?;
            // It ends with its sender; what breaks it is told to who sends.
            tokio::spawn(async move { drop(connection.await) });
            opened.push(Mutex::new(sender));
        }
        Ok(Self { connections: opened })
    }

    /// Sends a request on one of the connections, and gives the body of what must be a 200.
    pub async fn send(&self, connection: usize, request: Request<Full<Bytes>>) -> Result<Bytes> {
        let mut sender = self.connections.get(connection).context("no such connection")?.lock().await;
        sender.ready().await?;
        let response = sender.send_request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        ensure!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&body));
        Ok(body)
    }
}
