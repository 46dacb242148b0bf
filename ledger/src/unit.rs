//! A unit of work: what one use case records, whole or not at all.

use crate::envelope::{Actor, Authority, Envelope, FORMAT, MAX_BYTES, Stream, Undated};
use crate::keys::{KeyName, KeyRing, Subject};
use crate::seal::{SealError, Sealed, seal};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{AnneeScolaire, CleId, CommandeId, CompteId, EvenementId, Event, EventSpec, PortailId};
use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::str::FromStr;

/// Who asks, on what authority, for which portal, under which command id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Portal to whose journal everything in the unit belongs.
    pub portail: PortailId,
    /// Who acts.
    pub actor: Actor,
    /// On what authority.
    pub authority: Authority,
    /// Chosen by who asks; asked again under the same id, the first answer is given again.
    pub command_id: CommandeId,
    /// The event to which the use case reacts, if any.
    pub cause: Option<EvenementId>,
    /// The school day on which the act takes effect.
    pub business_date: NaiveDate,
}

/// An event that waits to be recorded.
#[derive(Debug, Clone)]
pub struct Staged {
    /// Its stream.
    pub stream: Stream,
    /// Its place there.
    pub sequence: u64,
    /// The contract of its type.
    pub spec: EventSpec,
    /// Whom its content is about.
    pub subject: Subject,
    /// Its content, as JSON.
    pub payload: Vec<u8>,
}

/// What one use case records.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Who, why, where.
    pub context: Context,
    /// What was asked, so that the same id with another wish is found out.
    body: Vec<u8>,
    events: Vec<Staged>,
    /// Streams on which it stands, each with the last event that was heard.
    unmoved: Vec<(Stream, u64)>,
}

impl Unit {
    /// An empty unit. `body` is what was asked, in any stable form.
    pub fn new(context: Context, body: Vec<u8>) -> Self {
        Self { context, body, events: Vec::new(), unmoved: Vec::new() }
    }

    /// Adds a decided event at its place in its stream.
    pub fn stage(&mut self, stream: Stream, sequence: u64, event: &Event, payload: Vec<u8>) {
        let subject = match event.subject() {
            Some(personne) => Subject::Personne(personne),
            None => Subject::Portail(self.context.portail.clone()),
        };
        self.events.push(Staged { stream, sequence, spec: *event.spec(), subject, payload });
    }

    /// Has it stand on a stream of its portal to which it adds nothing: it is recorded only if no
    /// event has come after the last that was heard there (0: there was none). Any number of units
    /// may stand on one stream at once.
    pub fn stand_on(&mut self, stream: Stream, heard: u64) {
        self.unmoved.push((stream, heard));
    }

    /// The events staged so far for one stream.
    pub fn staged<'a>(&'a self, stream: &'a Stream) -> impl Iterator<Item = &'a Staged> {
        self.events.iter().filter(move |event| event.stream == *stream)
    }

    /// Stream and place of every staged event.
    pub fn places(&self) -> impl Iterator<Item = (&Stream, u64)> {
        self.events.iter().map(|event| (&event.stream, event.sequence))
    }

    /// What was asked.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Whether nothing was decided.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Seals every content under its key.
    pub async fn seal(&self, keys: &KeyRing, now: DateTime<Utc>) -> Result<SealedUnit, AppendError> {
        let name = |event: &Staged| KeyName {
            subject: event.subject.clone(),
            retention: event.spec.retention,
            period: event.spec.retention.periode(now),
        };
        let names: BTreeSet<_> = self.events.iter().map(name).collect();
        let ring = keys.for_names(&names).await?;
        let mut events = Vec::with_capacity(self.events.len());
        for event in &self.events {
            let key = ring.get(&name(event)).ok_or(SealError::UnknownKey)?;
            let event_id = event_id(now);
            let sealed = seal(&key.bytes, event_id, &event.payload)?;
            events.push(SealedEvent {
                stream: event.stream.clone(),
                sequence: event.sequence,
                name: event.spec.name,
                version: event.spec.version,
                key_id: key.id,
                leaf: self.leaf(event, event_id, key.id, &sealed, now)?,
                payload: sealed.text,
            });
        }
        let digest = digest(keys, self.context.actor.compte, &self.body)?;
        // Where it adds something, the place of what it adds says all.
        let adds_nothing = |(stream, _): &&(Stream, u64)| self.staged(stream).next().is_none();
        let unmoved = self.unmoved.iter().filter(adds_nothing).cloned().collect();
        Ok(SealedUnit { context: self.context.clone(), digest, events, unmoved })
    }
}

impl Unit {
    /// The leaf of one of its events, as far as it is known before it is recorded.
    fn leaf(
        &self,
        event: &Staged,
        event_id: EvenementId,
        key_id: CleId,
        sealed: &Sealed,
        now: DateTime<Utc>,
    ) -> Result<Undated, AppendError> {
        let context = &self.context;
        let leaf = Undated::of(Envelope {
            format: FORMAT,
            event_id,
            event_type: event.spec.name.to_owned(),
            version: event.spec.version,
            portail: context.portail.clone(),
            annee: AnneeScolaire::at(now),
            stream: event.stream.clone(),
            sequence: event.sequence,
            recorded_at: now,
            business_date: context.business_date,
            actor: context.actor.clone(),
            authority: context.authority.clone(),
            command_id: context.command_id,
            cause: context.cause,
            key_id,
            ct_sha256: sealed.ct_sha256.clone(),
            commit: sealed.commit.clone(),
        });
        leaf.map_err(|error| AppendError::Fault(error.to_string()))
    }
}

/// Tells one wish from another under the same command id; another compte's is another.
pub(crate) fn digest(keys: &KeyRing, compte: CompteId, body: &[u8]) -> Result<[u8; 32], SealError> {
    keys.kek().digest(&[compte.0.as_bytes(), body].concat())
}

/// UUID v7: in the order of their making, and unguessable.
fn event_id(now: DateTime<Utc>) -> EvenementId {
    let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
    let timestamp = uuid::Timestamp::from_unix(uuid::NoContext, seconds, now.timestamp_subsec_nanos());
    EvenementId(uuid::Uuid::new_v7(timestamp))
}

/// A unit ready for the writer.
pub struct SealedUnit {
    pub(crate) context: Context,
    pub(crate) digest: [u8; 32],
    pub(crate) events: Vec<SealedEvent>,
    pub(crate) unmoved: Vec<(Stream, u64)>,
}

/// An event ready for the writer, which gives it its instant and place.
pub struct SealedEvent {
    pub(crate) stream: Stream,
    pub(crate) sequence: u64,
    pub(crate) name: &'static str,
    pub(crate) version: u32,
    pub(crate) key_id: CleId,
    /// Exact text of the sealed content.
    pub(crate) payload: String,
    leaf: Undated,
}

impl SealedUnit {
    /// The streams that it extends.
    pub(crate) fn streams(&self) -> HashSet<&Stream> {
        self.events.iter().map(|event| &event.stream).collect()
    }

    /// Those, and the streams on which it stands.
    pub(crate) fn concerns(&self) -> impl Iterator<Item = &Stream> {
        let extended = self.events.iter().map(|event| &event.stream);
        extended.chain(self.unmoved.iter().map(|(stream, _)| stream))
    }
}

impl SealedEvent {
    /// Its leaf, recorded at `at`.
    pub(crate) fn leaf(&self, at: DateTime<Utc>) -> Result<String, AppendError> {
        let leaf = self.leaf.dated(at).map_err(|error| AppendError::Fault(error.to_string()))?;
        if leaf.len() > MAX_BYTES {
            return Err(AppendError::Fault(format!("an envelope of {} bytes", leaf.len())));
        }
        Ok(leaf)
    }
}

/// Where a unit was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Up to where the journal must be read to have seen all of it.
    pub position: Position,
    /// Position of its first event; 0 when there was nothing to record.
    pub first: i64,
    /// The command had been recorded before: this is its first answer.
    pub repeated: bool,
}

/// A place in a journal. Written `portail/annee/position`; clients hand it back as is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Whose journal.
    pub portail: PortailId,
    /// Which school year.
    pub annee: AnneeScolaire,
    /// From 1; 0 is the place before the first event.
    pub position: i64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.portail, self.annee, self.position)
    }
}

/// Not a place in a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("une position s'écrit « portail/année/numéro », telle que la mutation l'a rendue")]
pub struct InvalidPosition;

impl FromStr for Position {
    type Err = InvalidPosition;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('/');
        let (Some(portail), Some(annee), Some(position), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(InvalidPosition);
        };
        Ok(Self {
            portail: portail.parse().map_err(|_| InvalidPosition)?,
            annee: AnneeScolaire(annee.parse().map_err(|_| InvalidPosition)?),
            position: position.parse().ok().filter(|p| *p >= 0).ok_or(InvalidPosition)?,
        })
    }
}

/// Why a unit was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// A stream has moved since it was read: read again and decide again.
    #[error("a stream has moved since it was read")]
    Conflict,
    /// The command id was used for another wish.
    #[error("this command id was used for another command")]
    OtherBody,
    /// The database did not answer in time. Whether the unit was recorded is unknown:
    /// asking again with the same command id tells.
    #[error("the record did not answer in time")]
    Unavailable,
    /// The program is stopping and takes no more.
    #[error("the record is closed")]
    Closed,
    /// The contents are sealed under a key that was destroyed meanwhile: seal them again.
    #[error("a data key was destroyed meanwhile")]
    KeyDestroyed,
    /// The contents could not be sealed.
    #[error("contents could not be sealed")]
    Seal(#[from] SealError),
    /// Anything else; the message is for the log.
    #[error("fault of the record: {0}")]
    Fault(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_reads_back_as_written() {
        let text = "0690001d/2026/42";
        assert_eq!(text.parse::<Position>().unwrap().to_string(), text);
        for text in ["", "a/2026", "a/2026/-1", "A/2026/1", "a/x/1", "a/2026/1/2"] {
            assert_eq!(text.parse::<Position>(), Err(InvalidPosition), "{text}");
        }
    }
}
