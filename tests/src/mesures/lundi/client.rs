//! The clients: connections that stay open, as many as there are requests under way, and answers
//! that say by which code they are refusals.

use anyhow::{Context, Result};
use axum::body::Bytes;
use axum::http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use tokio::net::TcpStream;

type Connection = SendRequest<Full<Bytes>>;

/// What is said when nobody answered.
const LOST: &str = "connexion perdue";

/// Connections of HTTP/1.1 over loopback.
pub struct Clients {
    address: SocketAddr,
    /// Those on which nothing is asked; the one that was used last is used first.
    idle: Mutex<Vec<Connection>>,
}

impl Clients {
    /// None yet.
    pub fn of(address: SocketAddr) -> Self {
        Self { address, idle: Mutex::default() }
    }

    /// Asks in GraphQL: the data of the answer, or the code of what went wrong.
    pub async fn ask(&self, token: &str, query: &str, variables: &Value) -> Result<Value, String> {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let (status, body) = self.send(token, body).await.map_err(|_| LOST.to_owned())?;
        let mut answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        let code = answer.pointer("/errors/0/extensions/code").and_then(Value::as_str);
        match (status, code) {
            (_, Some(code)) => Err(code.to_owned()),
            (StatusCode::OK, None) => Ok(answer["data"].take()),
            (status, None) => Err(status.to_string()),
        }
    }

    async fn send(&self, token: &str, body: String) -> Result<(StatusCode, Bytes)> {
        let request = Request::builder()
            .method(Method::POST)
            .uri("/graphql")
            .header(header::HOST, "localhost")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Full::from(body))?;
        let mut connection = self.connection().await?;
        connection.ready().await?;
        let response = connection.send_request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        Ok((status, body))
    }

    async fn connection(&self) -> Result<Connection> {
        while let Some(connection) = self.next() {
            // The server closes one that rests for long.
            if !connection.is_closed() {
                return Ok(connection);
            }
        }
        let stream = TcpStream::connect(self.address).await.with_context(|| self.address.to_string())?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // It ends with its sender; what breaks it is told to who sends.
        tokio::spawn(async move { drop(connection.await) });
        Ok(sender)
    }

    fn next(&self) -> Option<Connection> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
}
