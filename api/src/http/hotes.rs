//! Which hosts the program answers to: its base domain, the portals under it, and addresses that
//! are no names. A name that is somebody else's, and leads here, is given nothing.

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::IpAddr;
use std::sync::Arc;

/// Lets a request through that was sent to one of ours.
pub async fn ours(State(base): State<Arc<str>>, request: Request, next: Next) -> Response {
    let told = request.headers().get(header::HOST).map(|host| host.to_str().unwrap_or("?"));
    let asked = told.or_else(|| request.uri().authority().map(|authority| authority.as_str()));
    match asked {
        Some(host) if !answers_to(&base, host) => StatusCode::NOT_FOUND.into_response(),
        Some(_) | None => next.run(request).await,
    }
}

/// Whether a host, with or without its port, is ours.
fn answers_to(base: &str, host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(bracketed) => return bracketed.split(']').next().is_some_and(|ip| ip.parse::<IpAddr>().is_ok()),
        None => host.split(':').next().unwrap_or_default(),
    };
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    let base = base.to_ascii_lowercase();
    let under = |parent: &str| name == parent || name.ends_with(&format!(".{parent}"));
    name.parse::<IpAddr>().is_ok() || under("localhost") || under(&base)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_under_the_base_domain_and_addresses_are_ours() {
        let base = "ent.exemple.fr";
        for host in [
            "ent.exemple.fr",
            "0690001b.ent.exemple.fr:8443",
            "ENT.Exemple.FR.",
            "127.0.0.1:4000",
            "[::1]:4000",
            "localhost:4000",
            "0690001b.localhost",
        ] {
            assert!(answers_to(base, host), "{host}");
        }
        for host in ["exemple.fr", "ent.exemple.fr.attaque.fr", "xent.exemple.fr", "attaque.fr:80", "", "[x]"]
        {
            assert!(!answers_to(base, host), "{host}");
        }
    }
}
