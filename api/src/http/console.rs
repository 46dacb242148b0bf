//! The console: a page to try queries, served whole from the program, and the schema
//! that it reads. It asks no other host for anything, and its policy forbids it to.

use axum::{
    Router,
    extract::Path,
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use sha2::{Digest, Sha256};
use std::sync::{Arc, LazyLock};

/// What the page may load: its own files. Styles set by script are not held by it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

struct Asset {
    name: &'static str,
    content_type: &'static str,
    gzipped: bool,
    bytes: &'static [u8],
}

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

macro_rules! asset {
    ($name:literal, $content_type:expr, gzipped) => {
        Asset {
            name: $name,
            content_type: $content_type,
            gzipped: true,
            bytes: include_bytes!(concat!("../../assets/console/", $name, ".gz")),
        }
    };
    ($name:literal, $content_type:expr) => {
        Asset {
            name: $name,
            content_type: $content_type,
            gzipped: false,
            bytes: include_bytes!(concat!("../../assets/console/", $name)),
        }
    };
}

static ASSETS: [Asset; 7] = [
    asset!("react.production.min.js", JAVASCRIPT, gzipped),
    asset!("react-dom.production.min.js", JAVASCRIPT, gzipped),
    asset!("graphiql.min.js", JAVASCRIPT, gzipped),
    asset!("graphiql.min.css", CSS, gzipped),
    asset!("console.js", JAVASCRIPT),
    asset!("console.css", CSS),
    asset!("exemple.graphql", TEXT),
];

/// The page, its files under a path that changes with them, and the SDL.
pub(super) fn routes(sdl: fn() -> String) -> Router {
    let sdl = Arc::new(LazyLock::new(sdl));
    let schema = move || async move { ([(header::CONTENT_TYPE, TEXT)], String::clone(&sdl)) };
    let assets = format!("/console/{}", version());
    let page = include_str!("../../assets/console/index.html").replace("{assets}", &assets);
    let page = ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(page));
    Router::new()
        .route("/", get(async || (StatusCode::FOUND, [(header::LOCATION, "/console")])))
        .route("/console", get(async move || page))
        .route(&format!("{assets}/{{name}}"), get(async |Path(name): Path<String>| asset(&name)))
        .route("/schema.graphql", get(schema))
}

fn version() -> String {
    let all = ASSETS.iter().fold(Sha256::new(), |hash, asset| hash.chain_update(asset.bytes));
    all.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn asset(name: &str) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    let encoding = asset.gzipped.then_some([(header::CONTENT_ENCODING, "gzip")]);
    match encoding {
        Some(encoding) => (headers, encoding, asset.bytes).into_response(),
        None => (headers, asset.bytes).into_response(),
    }
}
