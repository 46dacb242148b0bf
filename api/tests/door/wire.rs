//! A served house, and raw connections to it.

use super::house::House;
use api::http::{self, Connections};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// A house behind its real server.
pub struct Served {
    pub address: SocketAddr,
    server: JoinHandle<usize>,
}

impl Served {
    pub async fn open(house: &House, bounds: Connections) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(http::serve(listener, house.router.clone(), bounds, house.closing.clone()));
        Self { address, server }
    }

    pub async fn dial(&self) -> Wire {
        Wire(TcpStream::connect(self.address).await.unwrap())
    }

    /// Waits for the server to end, and gives how many connections it cut.
    pub async fn ended(self) -> usize {
        tokio::time::timeout(PATIENCE, self.server).await.expect("the server goes on").unwrap()
    }
}

/// One connection.
pub struct Wire(pub TcpStream);

impl Wire {
    pub async fn say(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// Says what may meet a closed door.
    pub async fn try_say(&mut self, text: &str) -> bool {
        self.0.write_all(text.as_bytes()).await.is_ok()
    }

    /// Everything until the other side closes.
    pub async fn hear_to_the_end(&mut self) -> String {
        let mut heard = Vec::new();
        let reading = self.0.read_to_end(&mut heard);
        // A reset is an end too.
        let _ = tokio::time::timeout(PATIENCE, reading).await.expect("the connection stays open");
        String::from_utf8_lossy(&heard).into_owned()
    }

    /// What comes until it contains `mark`.
    pub async fn hear_until(&mut self, mark: &str) -> String {
        let mut heard = Vec::new();
        let listening = async {
            let mut piece = [0; 4096];
            while !String::from_utf8_lossy(&heard).contains(mark) {
                let length = self.0.read(&mut piece).await.unwrap();
                assert!(length > 0, "closed before {mark:?}: {}", String::from_utf8_lossy(&heard));
                heard.extend_from_slice(&piece[..length]);
            }
        };
        tokio::time::timeout(PATIENCE, listening).await.unwrap_or_else(|_| panic!("{mark:?} never came"));
        String::from_utf8_lossy(&heard).into_owned()
    }
}

/// A POST of a document, as it goes over the wire.
pub fn posted(path: &str, document: &str, more: &str) -> String {
    let body = serde_json::json!({"query": document}).to_string();
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{more}\r\n{body}"
    )
}
