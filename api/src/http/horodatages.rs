//! The timestamps of the meta-journal's head (RFC 3161), at the base domain, for anybody.
//!
//! | route | what |
//! |---|---|
//! | `GET /journal/horodatages` | the last ones, newest first: size, time, authority |
//! | `GET /journal/horodatages/{size}.tsr` | one, as `openssl ts -verify -in` reads it |
//! | `GET /journal/horodatages/{size}.note` | the checkpoint that it is over (`-data`) |

use super::journal::{Answer, FOR_EVER, FRESH, Journals, Refused, answer};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use ledger::timestamp::query::response;
use serde::Serialize;

/// How many are listed: two years of days.
const MOST: i64 = 732;

/// One of the list.
#[derive(Serialize)]
struct Horodatage {
    size: i64,
    gen_time: DateTime<Utc>,
    tsa: String,
    url: String,
}

/// The list.
pub(super) async fn list(State(journals): State<Journals>, headers: HeaderMap) -> Answer {
    journals.meta(&headers)?;
    let timestamps = journals.sealer().timestamps(MOST).await?;
    let listed: Vec<Horodatage> = timestamps
        .into_iter()
        .map(|timestamp| Horodatage {
            url: format!("/journal/horodatages/{}.tsr", timestamp.size),
            size: timestamp.size,
            gen_time: timestamp.gen_time,
            tsa: timestamp.tsa,
        })
        .collect();
    let body = serde_json::to_vec(&listed).map_err(Refused::fault)?;
    Ok(answer("application/json", FRESH, body))
}

/// One timestamp, or what it is over.
pub(super) async fn one(
    State(journals): State<Journals>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Answer {
    journals.meta(&headers)?;
    let (size, kind) = file.split_once('.').ok_or(Refused::Absent)?;
    let number: i64 = size.parse().map_err(|_| Refused::Absent)?;
    // One timestamp has one address.
    if number.to_string() != size {
        return Err(Refused::Absent);
    }
    let (timestamp, note) = journals.sealer().timestamp_of(number).await?.ok_or(Refused::Absent)?;
    match kind {
        "tsr" => {
            let body = response(&timestamp.token).map_err(Refused::fault)?;
            Ok(answer("application/timestamp-reply", FOR_EVER, body))
        }
        "note" => Ok(answer("text/plain; charset=utf-8", FOR_EVER, note.into_bytes())),
        _ => Err(Refused::Absent),
    }
}
