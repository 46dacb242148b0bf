//! An event as the protocol tells it: the content sealed, as it is stored; the envelope, byte
//! for byte the leaf, as its metadata.

use super::protocole::read_req::Options;
use super::protocole::read_req::options::uuid_option;
use super::protocole::read_resp::read_event::{Position, RecordedEvent};
use super::protocole::read_resp::{CaughtUp, Checkpoint, Content, ReadEvent, SubscriptionConfirmation};
use super::protocole::{ReadResp, StreamIdentifier, Uuid, uuid};
use ledger::envelope::{Envelope, Stream};
use ledger::feed::StoredEvent;
use ledger::histoire::Rank;
use std::collections::HashMap;
use tonic::Status;

/// How ids are written.
#[derive(Debug, Clone, Copy)]
pub enum Ids {
    /// As text.
    Text,
    /// As two halves.
    Halves,
}

impl Ids {
    /// As who asks wants them.
    pub fn of(options: &Options) -> Self {
        match options.uuid_option.as_ref().and_then(|option| option.content.as_ref()) {
            Some(uuid_option::Content::String(_)) => Self::Text,
            Some(uuid_option::Content::Structured(_)) | None => Self::Halves,
        }
    }

    fn write(self, id: ::uuid::Uuid) -> Uuid {
        let (most, least) = id.as_u64_pair();
        let value = match self {
            Self::Text => uuid::Value::String(id.to_string()),
            Self::Halves => uuid::Value::Structured(uuid::Structured {
                most_significant_bits: most.cast_signed(),
                least_significant_bits: least.cast_signed(),
            }),
        };
        Uuid { value: Some(value) }
    }
}

/// The name of an event's stream.
pub fn name(event: &StoredEvent) -> String {
    format!("{}-{}", event.aggregate_type, event.aggregate_id)
}

/// An event.
pub fn event(ids: Ids, stored: StoredEvent) -> Result<ReadResp, Status> {
    let envelope: Envelope = serde_json::from_str(&stored.metadata).map_err(|_| {
        tracing::error!(portail = %stored.portail, position = stored.position, "an envelope is unreadable");
        Status::data_loss("an envelope is unreadable")
    })?;
    let rank = Rank::of(&stored).0.unsigned_abs();
    // The protocol counts hundreds of nanoseconds.
    let created = envelope.recorded_at.timestamp_micros().saturating_mul(10);
    let metadata = [
        ("type", stored.event_type.clone()),
        ("content-type", "application/json".to_owned()),
        ("created", created.to_string()),
    ];
    let recorded = RecordedEvent {
        id: Some(ids.write(envelope.event_id.0)),
        stream_identifier: Some(StreamIdentifier { stream_name: name(&stored).into_bytes() }),
        stream_revision: stored.sequence.unsigned_abs().saturating_sub(1),
        prepare_position: rank,
        commit_position: rank,
        metadata: metadata.map(|(key, value)| (key.to_owned(), value)).into_iter().collect::<HashMap<_, _>>(),
        custom_metadata: stored.metadata.into_bytes(),
        data: stored.payload.into_bytes(),
    };
    let position = Some(Position::CommitPosition(rank));
    Ok(told(Content::Event(ReadEvent { event: Some(recorded), link: None, position })))
}

/// That a subscription is open.
pub fn confirmation(id: ::uuid::Uuid) -> ReadResp {
    told(Content::Confirmation(SubscriptionConfirmation { subscription_id: id.to_string() }))
}

/// How far a filtered subscription has read.
pub fn checkpoint(rank: i64) -> ReadResp {
    let rank = rank.unsigned_abs();
    told(Content::Checkpoint(Checkpoint { commit_position: rank, prepare_position: rank }))
}

/// That a subscription has read all there was.
pub fn caught_up() -> ReadResp {
    told(Content::CaughtUp(CaughtUp {}))
}

/// That there is no such stream.
pub fn not_found(stream: &Stream) -> ReadResp {
    let stream_name = format!("{}-{}", stream.kind, stream.id).into_bytes();
    let stream_identifier = Some(StreamIdentifier { stream_name });
    told(Content::StreamNotFound(super::protocole::read_resp::StreamNotFound { stream_identifier }))
}

fn told(content: Content) -> ReadResp {
    ReadResp { content: Some(content) }
}
