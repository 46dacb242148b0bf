//! The door: GraphQL over HTTP and WebSocket, and what surrounds it.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "door/house.rs"]
mod house;
#[path = "door/over_http.rs"]
mod over_http;
#[path = "door/over_sockets.rs"]
mod over_sockets;
#[path = "door/surroundings.rs"]
mod surroundings;
