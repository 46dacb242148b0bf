//! What a `Read` asks, made sure of: nothing of it is trusted.

use super::filter::Filter;
use super::protocole::read_req::Options;
use super::protocole::read_req::options::all_options::AllOption;
use super::protocole::read_req::options::stream_options::RevisionOption;
use super::protocole::read_req::options::{CountOption, FilterOption, ReadDirection, StreamOption};
use ledger::envelope::Stream;
use ledger::histoire::Way;
use tonic::Status;

/// Longest name of a stream, in bytes.
const NAME_MAX: usize = 256;

/// What is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// All that the portal recorded.
    All,
    /// The life of one aggregate.
    One(Stream),
}

/// How much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// At most so many events.
    Count(u64),
    /// All, and then what is recorded from then on.
    Follow,
}

/// See the module.
#[derive(Debug)]
pub struct Question {
    /// What is read.
    pub source: Source,
    /// Which way.
    pub way: Way,
    /// The place beyond which it is read: a rank, or a place in the stream. `None` is the end
    /// of what there is when a subscription opens.
    pub beyond: Option<i64>,
    /// How much.
    pub extent: Extent,
    /// Which events.
    pub filter: Option<Filter>,
}

impl TryFrom<Options> for Question {
    type Error = Status;

    fn try_from(options: Options) -> Result<Self, Status> {
        let way = match options.read_direction() {
            ReadDirection::Forwards => Way::Forwards,
            ReadDirection::Backwards => Way::Backwards,
        };
        let extent = match options.count_option {
            Some(CountOption::Count(count)) => Extent::Count(count),
            Some(CountOption::Subscription(_)) => Extent::Follow,
            None => return Err(Status::invalid_argument("neither a count nor a subscription")),
        };
        if (extent, way) == (Extent::Follow, Way::Backwards) {
            return Err(Status::invalid_argument("a subscription goes forwards"));
        }
        let filter = match options.filter_option {
            Some(FilterOption::Filter(filter)) => Some(Filter::try_from(filter)?),
            Some(FilterOption::NoFilter(_)) | None => None,
        };
        let (source, from) = match options.stream_option {
            Some(StreamOption::All(all)) => (Source::All, From::of_all(all.all_option)),
            Some(StreamOption::Stream(stream)) => {
                let name = stream.stream_identifier.map(|id| id.stream_name).unwrap_or_default();
                (Source::One(named(&name)?), From::of_stream(stream.revision_option))
            }
            None => return Err(Status::invalid_argument("neither a stream nor $all")),
        };
        let beyond = from.beyond(&source, way, extent);
        Ok(Self { source, way, beyond, extent, filter })
    }
}

/// The stream `kind-id`.
fn named(name: &[u8]) -> Result<Stream, Status> {
    let name = std::str::from_utf8(name).ok().filter(|name| name.len() <= NAME_MAX);
    let (kind, id) = name
        .and_then(|name| name.split_once('-'))
        .ok_or_else(|| Status::invalid_argument("a stream is named kind-id"))?;
    Ok(Stream { kind: kind.to_owned(), id: id.to_owned() })
}

/// Where reading begins, as the protocol says it.
#[derive(Clone, Copy)]
enum From {
    Start,
    End,
    At(u64),
}

impl From {
    fn of_all(option: Option<AllOption>) -> Self {
        match option {
            Some(AllOption::Position(position)) => Self::At(position.commit_position),
            Some(AllOption::End(_)) => Self::End,
            Some(AllOption::Start(_)) | None => Self::Start,
        }
    }

    fn of_stream(option: Option<RevisionOption>) -> Self {
        match option {
            Some(RevisionOption::Revision(revision)) => Self::At(revision),
            Some(RevisionOption::End(_)) => Self::End,
            Some(RevisionOption::Start(_)) | None => Self::Start,
        }
    }

    /// A read begins at the event named, but backwards in `$all` before it; a subscription begins
    /// after it. Revisions are from 0, places in our streams from 1.
    fn beyond(self, source: &Source, way: Way, extent: Extent) -> Option<i64> {
        let at = match self {
            Self::At(at) => i64::try_from(at).unwrap_or(i64::MAX - 1).min(i64::MAX - 2),
            Self::Start => return Some(if way == Way::Forwards { 0 } else { first_backwards(source) }),
            Self::End => {
                return match (extent, way) {
                    (Extent::Follow, _) => None,
                    (Extent::Count(_), Way::Forwards | Way::Backwards) => Some(i64::MAX),
                };
            }
        };
        let place = if *source == Source::All { at } else { at + 1 };
        Some(match (extent, way, source) {
            (Extent::Follow, ..) | (_, Way::Backwards, Source::All) => place,
            (_, Way::Forwards, _) => place - 1,
            (_, Way::Backwards, Source::One(_)) => place + 1,
        })
    }
}

/// Backwards from its start a stream has its first event, and `$all` has none.
fn first_backwards(source: &Source) -> i64 {
    match source {
        Source::All => 0,
        Source::One(_) => 2,
    }
}
