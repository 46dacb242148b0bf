//! The door: GraphQL over HTTP, WebSocket and event streams, its connections, and what
//! surrounds it.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "door/attacks.rs"]
mod attacks;
#[path = "door/documents.rs"]
mod documents;
#[path = "door/house.rs"]
mod house;
#[path = "door/over_http.rs"]
mod over_http;
#[path = "door/over_sockets.rs"]
mod over_sockets;
#[path = "door/over_streams.rs"]
mod over_streams;
#[path = "door/over_wires.rs"]
mod over_wires;
#[path = "door/surroundings.rs"]
mod surroundings;
#[path = "door/wire.rs"]
mod wire;
