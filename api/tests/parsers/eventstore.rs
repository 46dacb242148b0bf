//! What a reader asks of the gRPC door: whatever is sent, it is understood as it was said, or
//! refused as what cannot be asked; no place overflows.

use super::{seeds::Language, target};
use api::eventstore::protocole::read_req::Options;
use api::eventstore::protocole::read_req::options::all_options::AllOption;
use api::eventstore::protocole::read_req::options::filter_options::Filter;
use api::eventstore::protocole::read_req::options::stream_options::RevisionOption;
use api::eventstore::protocole::read_req::options::{FilterOption, StreamOption};
use api::eventstore::question::{Extent, Question, Source};
use ledger::feed::StoredEvent;
use ledger::histoire::Way;
use prost::Message;
use tonic::Code;
use uuid::Uuid;

/// Whole fields of the options of a reading, of which the last one counts, and parts of names and
/// expressions.
const ASKED: Language = Language {
    texts: &[
        include_bytes!("__fuzz__/eventstore/corpus/all-from-start.bin"),
        include_bytes!("__fuzz__/eventstore/corpus/stream-backwards-from-end.bin"),
        include_bytes!("__fuzz__/eventstore/corpus/stream-from-revision.bin"),
        include_bytes!("__fuzz__/eventstore/corpus/followed-by-prefix.bin"),
        include_bytes!("__fuzz__/eventstore/corpus/followed-by-expression.bin"),
    ],
    words: &[
        "\x12\x02\x12\x00",
        "\x12\x02\x1a\x00",
        "\x12\x04\x0a\x02\x08\x00",
        "\x0a\x05\x0a\x03\x1a\x01-",
        "\x0a\x07\x0a\x05\x1a\x03a-b",
        "\x0a\x09\x0a\x05\x1a\x03a-b\x10\x00",
        "\x18\x00",
        "\x18\x01",
        "\x18\x7f",
        "\x28\x00",
        "\x28\x7f",
        "\x32\x00",
        "\x3a\x00",
        "\x3a\x04\x12\x02\x12\x00",
        "\x3a\x07\x0a\x05\x0a\x03(a*",
        "\x42\x00",
        "\x4a\x02\x0a\x00",
        "-",
        "--",
        "é",
        "\0",
        "(a{9}){9}",
        "[^a]*",
    ],
};

#[test]
fn what_is_asked_of_the_record_is_understood_as_it_was_said_or_refused() {
    let event = StoredEvent {
        aggregate_type: "absences.appel".into(),
        aggregate_id: "577c8c77-3a9e-5b74-b8f4-bdf15b2a1d9f".into(),
        sequence: 1,
        event_type: "absences.appel.ouvert".into(),
        event_version: "1".into(),
        payload: "{}".into(),
        metadata: "{}".into(),
        portail: "0690001d".into(),
        annee: 2026,
        position: 1,
        key_id: Uuid::nil(),
        leaf_hash: vec![],
    };
    target!("eventstore", |input| {
        let Ok(asked) = Options::decode(ASKED.text(input).as_slice()) else { return };
        assert_eq!(Options::decode(asked.encode_to_vec().as_slice()).unwrap(), asked, "another question");
        match Question::try_from(asked.clone()) {
            Ok(question) => {
                is_of_what_was_asked(&question, &asked);
                begins_where_it_was_asked(&question, &asked);
                takes_what_was_asked(&question, &asked, &event);
            }
            Err(refusal) => assert_eq!(refusal.code(), Code::InvalidArgument, "{refusal}"),
        }
    });
}

fn is_of_what_was_asked(question: &Question, asked: &Options) {
    match (&question.source, &asked.stream_option) {
        (Source::All, Some(StreamOption::All(_))) => {}
        (Source::One(stream), Some(StreamOption::Stream(wanted))) => {
            let name = wanted.stream_identifier.as_ref().map(|id| id.stream_name.clone());
            assert_eq!(Some(format!("{}-{}", stream.kind, stream.id).into_bytes()), name, "another stream");
            assert!(!stream.kind.contains('-'), "{stream:?}");
        }
        other => panic!("{other:?}"),
    }
}

/// Read forwards, the event that is named is the first one; and only who follows begins at the end.
fn begins_where_it_was_asked(question: &Question, asked: &Options) {
    let followed = question.extent == Extent::Follow;
    assert!(!followed || question.way == Way::Forwards, "{question:?}");
    assert!(question.beyond.map_or(followed, |place| place >= -1), "{question:?}");
    let named = match &asked.stream_option {
        Some(StreamOption::All(all)) => match &all.all_option {
            Some(AllOption::Position(place)) => Some(i64::try_from(place.commit_position)),
            Some(AllOption::Start(_) | AllOption::End(_)) | None => None,
        },
        // Revisions are counted from 0, and the places of the record's streams from 1.
        Some(StreamOption::Stream(stream)) => match &stream.revision_option {
            Some(RevisionOption::Revision(at)) => Some(i64::try_from(at.saturating_add(1))),
            Some(RevisionOption::Start(_) | RevisionOption::End(_)) | None => None,
        },
        None => None,
    };
    if let (Some(Ok(first)), Way::Forwards, false) = (named, question.way, followed)
        && first < i64::MAX - 2
    {
        assert_eq!(question.beyond, Some(first - 1), "{question:?}");
    }
}

fn takes_what_was_asked(question: &Question, asked: &Options, event: &StoredEvent) {
    let wanted = match &asked.filter_option {
        Some(FilterOption::Filter(wanted)) => wanted.filter.as_ref(),
        Some(FilterOption::NoFilter(_)) | None => None,
    };
    let (Some(filter), Some(wanted)) = (&question.filter, wanted) else {
        assert!(question.filter.is_none() && wanted.is_none(), "{question:?}");
        return;
    };
    let stream = format!("{}-{}", event.aggregate_type, event.aggregate_id);
    let (expression, text) = match wanted {
        Filter::EventType(expression) => (expression, &event.event_type),
        Filter::StreamIdentifier(expression) => (expression, &stream),
    };
    let taken = filter.takes(event);
    if !expression.prefix.is_empty() {
        assert_eq!(taken, expression.prefix.iter().any(|prefix| text.starts_with(prefix.as_str())));
    }
}
