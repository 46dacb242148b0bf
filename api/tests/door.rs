//! The door: GraphQL over HTTP and WebSocket, and what surrounds it.

#[path = "door/house.rs"]
mod house;
#[path = "door/over_http.rs"]
mod over_http;
#[path = "door/over_sockets.rs"]
mod over_sockets;
#[path = "door/surroundings.rs"]
mod surroundings;
