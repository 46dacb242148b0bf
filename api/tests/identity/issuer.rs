//! An issuer of tokens that publishes its keys.

use axum::{Router, routing::get};
use jsonwebtoken::jwk::Jwk;
use serde_json::{Value, json};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

/// An issuer on this machine that counts how often its keys are asked for.
pub struct Issuer {
    keys: Arc<Mutex<String>>,
    asked: Arc<AtomicUsize>,
    pub url: String,
}

impl Issuer {
    pub async fn start(keys: Vec<Jwk>) -> Self {
        let keys = Arc::new(Mutex::new(json!({"keys": keys}).to_string()));
        let asked = Arc::new(AtomicUsize::new(0));
        let (served, count) = (keys.clone(), asked.clone());
        let app = Router::new().route(
            "/jwks",
            get(move || {
                count.fetch_add(1, Ordering::SeqCst);
                let keys = served.lock().unwrap().clone();
                async move { keys }
            }),
        );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { keys, asked, url }
    }

    pub fn publish(&self, keys: &Value) {
        self.answer(&json!({"keys": keys}).to_string());
    }

    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// The same answer whatever is asked, well-formed or not.
    pub fn answer(&self, text: &str) {
        *self.keys.lock().unwrap() = text.to_owned();
    }
}
