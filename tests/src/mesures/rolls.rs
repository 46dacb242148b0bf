//! What is written: rolls. The first load opens new ones; the second marks pupils in rolls
//! that have thirty events already.

use domain::absences::{Appel, AppelCommand, AppelEvent, Pointage, Presence, Seance};
use domain::{Aggregate, AppelId, DivisionId, EnseignementId, PersonneId};
use ledger::envelope::Stream;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Rolls that have a history.
pub const ROLLS: usize = 4096;
/// Events in each of them.
pub const HISTORY: usize = 30;
/// Pupils of a division; each was absent in every roll.
const PUPILS: usize = HISTORY - 1;
/// Divisions of the school, which have many rolls each.
const DIVISIONS: usize = 20;

/// The stream of a roll.
pub fn stream(id: AppelId) -> Stream {
    Stream { kind: Appel::TYPE.to_owned(), id: id.to_string() }
}

/// A new roll: its id, and the command that opens it.
pub fn opening(number: usize) -> (AppelId, AppelCommand) {
    let seance = seance("new", number);
    let maintenant = seance.date.and_time(seance.debut).and_utc();
    (seance.appel(), AppelCommand::OuvrirAppel { seance, enseignant: enseignante(), maintenant })
}

/// A roll with a history: its id, and its events.
pub fn history(roll: usize) -> (AppelId, Vec<AppelEvent>) {
    let seance = seance("old", roll);
    let opened = AppelEvent::AppelOuvert { seance, enseignant: enseignante() };
    let absents = (0..PUPILS).map(|number| AppelEvent::AbsenceConstatee { eleve: eleve(roll, number) });
    (seance.appel(), std::iter::once(opened).chain(absents).collect())
}

/// Rolls with a history, and how often each was marked since.
pub struct Rolls(Vec<AtomicUsize>);

impl Rolls {
    /// Rolls that nobody has touched yet.
    pub fn untouched() -> Self {
        Self((0..ROLLS).map(|_| AtomicUsize::new(0)).collect())
    }

    /// The next roll of a worker, and a command that decides one event. No two workers
    /// have a roll in common.
    pub fn next(&self, in_flight: usize, worker: usize, asked: usize) -> (AppelId, AppelCommand) {
        let own = (ROLLS - worker).div_ceil(in_flight).max(1);
        let roll = (worker + in_flight * (asked % own)) % ROLLS;
        let marked = self.0.get(roll).map_or(0, |marked| marked.fetch_add(1, Ordering::Relaxed));
        // Every pupil comes, then leaves again.
        let presence = if (marked / PUPILS).is_multiple_of(2) { Presence::Present } else { Presence::Absent };
        let (eleve, auditoire) = (eleve(roll, marked % PUPILS), Some(division(roll).into()));
        let pointage = Pointage { eleve, auditoire, presence };
        (seance("old", roll).appel(), AppelCommand::PointerEleves { pointages: vec![pointage] })
    }
}

fn seance(kind: &str, number: usize) -> Seance {
    Seance {
        enseignement: EnseignementId::derived(&[kind, &number.to_string()]),
        auditoire: division(number).into(),
        date: chrono::NaiveDate::from_ymd_opt(2026, 11, 23).unwrap_or_default(),
        debut: chrono::NaiveTime::from_hms_opt(8, 0, 0).unwrap_or_default(),
        fin: chrono::NaiveTime::from_hms_opt(9, 0, 0).unwrap_or_default(),
    }
}

fn division(roll: usize) -> DivisionId {
    DivisionId::derived(&[&(roll % DIVISIONS).to_string()])
}

fn eleve(roll: usize, number: usize) -> PersonneId {
    PersonneId::derived(&[&(roll % DIVISIONS).to_string(), &number.to_string()])
}

fn enseignante() -> PersonneId {
    PersonneId::derived(&["enseignante"])
}
