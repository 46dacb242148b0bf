//! Facts to record where it does not matter what they say.

use domain::absences::{AppelEvent, Seance};
use domain::{Aggregate, AppelId, DivisionId, EnseignementId, Event, PersonneId, absences};
use ledger::envelope::Stream;
use ledger::unit::{Context, Unit};

/// The stream of a roll.
pub fn appel(name: &str) -> Stream {
    Stream { kind: absences::Appel::TYPE.to_owned(), id: AppelId::derived(&[name]).to_string() }
}

/// A pupil.
pub fn eleve(name: &str) -> PersonneId {
    PersonneId::derived(&["eleve", name])
}

/// A roll is opened: about nobody.
pub fn ouvert() -> AppelEvent {
    let seance = Seance {
        enseignement: EnseignementId::derived(&["maths"]),
        auditoire: DivisionId::derived(&["6A"]).into(),
        date: "2026-11-23".parse().unwrap(),
        debut: "08:00:00".parse().unwrap(),
        fin: "09:00:00".parse().unwrap(),
    };
    AppelEvent::AppelOuvert { seance, enseignant: PersonneId::derived(&["enseignante"]) }
}

/// A pupil is not there: about the pupil.
pub fn absent(name: &str) -> AppelEvent {
    AppelEvent::AbsenceConstatee { eleve: eleve(name) }
}

/// A unit of these events, each at its place in its stream.
pub fn unit<'a>(
    context: Context,
    body: &str,
    events: impl IntoIterator<Item = (&'a Stream, u64, AppelEvent)>,
) -> Unit {
    let mut unit = Unit::new(context, body.as_bytes().to_vec());
    for (stream, sequence, event) in events {
        let payload = serde_json::to_vec(&event).unwrap();
        unit.stage(stream.clone(), sequence, &Event::Appel(event), payload);
    }
    unit
}
