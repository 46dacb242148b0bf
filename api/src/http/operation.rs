//! Operations that come over what stays open: a socket, a stream.
//!
//! A request has its place and its time from the router. A socket's is answered with the
//! upgrade, and what is said over it afterwards would pass by both: so each query and mutation
//! takes a place among the requests here, for no longer than one may. A subscription holds
//! none: it waits, and what it reads it reads in its turn.

use super::{Door, admission, faults, params::Prepared};
use async_graphql::{Executor, Response, ServerError};
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use std::sync::Arc;
use tokio::time::timeout;

/// The results of an operation, as the engine gives them, or why there are none.
pub(super) fn results<E: Executor>(door: &Arc<Door<E>>, prepared: Prepared) -> BoxStream<'static, Response> {
    if prepared.subscribes {
        return door.schema.execute_stream(prepared.request, None);
    }
    let door = door.clone();
    let only_one = async move {
        let Ok(_place) = door.requests.try_acquire() else { return refused(admission::FULL) };
        match timeout(door.limits.request_time, door.schema.execute(prepared.request)).await {
            Ok(response) if prepared.only_reads => faults::refuse_wrong_values(response),
            Ok(response) => response,
            Err(_) => {
                tracing::warn!(limit = ?door.limits.request_time, "an operation was given up");
                refused(admission::LATE)
            }
        }
    };
    stream::once(only_one).boxed()
}

fn refused((code, message): (&str, &str)) -> Response {
    let mut error = ServerError::new(message, None);
    error.extensions.get_or_insert_default().set("code", code);
    Response::from_errors(vec![error])
}
