//! That the record is carried away is on it too: an export and an evidence bundle are made under a
//! consultation of each portal whose journal they are of, or say why they are not. This program's role
//! appends nothing: an auditor who could write his own consultation could write others. Who runs the
//! platform puts it on the record.

use crate::cli::Inscription;
use crate::date::spoken_annee;
use crate::obstacle::Obstacle;
use domain::journal::{Consultation, ConsultationEvent, NatureConsultation};
use domain::{Aggregate, AnneeScolaire, Event, PortailId};
use ledger::envelope::Stream;
use ledger::feed::{Fact, Journal, facts_of};
use ledger::keys::KeyRing;
use ledger::unit::Position;
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// The type of the event by which a consultation stands on the record.
const FAITE: &str = "journal.consultation.faite";

/// What is carried away, as the operator would put it on the record.
pub struct Sortie<'a> {
    /// Of which journals it is.
    pub journaux: BTreeSet<Journal>,
    /// Of which school year alone, where it was asked for.
    pub annee: Option<AnneeScolaire>,
    /// Who carries it away.
    pub auditeur: &'a str,
    /// What.
    pub objet: String,
    /// Why.
    pub motif: &'a str,
}

impl Sortie<'_> {
    /// That each journal has it on record, unless it is said why not. Without keys the scope of a
    /// consultation stays closed, and its place alone is held against the journals.
    pub async fn check(
        &self,
        connection: &mut PgConnection,
        keys: Option<&KeyRing>,
        asked: &Inscription,
    ) -> Result<(), Obstacle> {
        if asked.sans_consultation.is_some() {
            return Ok(());
        }
        let mut inscrites = Vec::new();
        for place in &asked.consultations {
            inscrites.push((&place.portail, annee_de(connection, keys, place).await?));
        }
        let lacking: Vec<_> = self.journaux.iter().filter(|journal| !covered(journal, &inscrites)).collect();
        if lacking.is_empty() {
            return Ok(());
        }
        Err(Obstacle::NotOnRecord { journaux: named(&lacking), commandes: self.commandes(&lacking) })
    }

    /// What the operator runs, once for each portal.
    fn commandes(&self, journaux: &[&Journal]) -> String {
        let annee = self.annee.map_or_else(String::new, |annee| format!(" --annee {annee}"));
        let said = format!(
            "--auditeur {} --objet {} --motif {}",
            shell(self.auditeur),
            shell(&self.objet),
            shell(self.motif)
        );
        let portails: BTreeSet<_> = journaux.iter().map(|journal| &journal.portail).collect();
        let commandes = portails
            .into_iter()
            .map(|portail| format!("  ent inscrire-consultation --portail {portail}{annee} {said}"));
        commandes.collect::<Vec<_>>().join("\n")
    }
}

fn covered(journal: &Journal, inscrites: &[(&PortailId, Option<AnneeScolaire>)]) -> bool {
    inscrites.iter().any(|(portail, annee)| {
        **portail == journal.portail && annee.is_none_or(|annee| annee == journal.annee)
    })
}

fn named(journaux: &[&Journal]) -> String {
    let each = journaux.iter().map(|one| format!("{} ({})", one.portail, spoken_annee(one.annee.0)));
    each.collect::<Vec<_>>().join(", ")
}

/// Of which school year the consultation at a place is; none where it is of all, or where there are no
/// keys to read it with. A page that somebody read is no reason to carry a journal away.
async fn annee_de(
    connection: &mut PgConnection,
    keys: Option<&KeyRing>,
    place: &Position,
) -> Result<Option<AnneeScolaire>, Obstacle> {
    let found: Option<(String, String)> = sqlx::query_as(
        "SELECT event_type, aggregate_id FROM ledger.events
         WHERE portail = $1 AND annee = $2 AND position = $3",
    )
    .bind(place.portail.as_str())
    .bind(place.annee.0)
    .bind(place.position)
    .fetch_optional(&mut *connection)
    .await?;
    let Some((_, id)) = found.filter(|(event_type, _)| event_type == FAITE) else {
        return Err(Obstacle::NoConsultation(place.to_string()));
    };
    let Some(keys) = keys else { return Ok(None) };
    let stream = Stream { kind: Consultation::TYPE.to_owned(), id };
    let facts = facts_of(connection, keys, &[stream]).await?;
    match facts.iter().find(|fact| fact.position == *place).and_then(Fact::event) {
        Some(Event::Consultation(ConsultationEvent::ConsultationFaite { portee, .. }))
            if portee.nature == NatureConsultation::Export =>
        {
            Ok(portee.annee)
        }
        Some(_) | None => Err(Obstacle::NotAnExport(place.to_string())),
    }
}

/// As one word of a command line, whatever is in it.
fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal(portail: &str, annee: i16) -> Journal {
        Journal { portail: portail.parse().unwrap(), annee: AnneeScolaire(annee) }
    }

    #[test]
    fn the_operator_is_told_one_command_for_each_portal_as_a_shell_takes_it() {
        let journaux = [("0690001b", 2025), ("0690001b", 2026), ("0750001a", 2026)];
        let sortie = Sortie {
            journaux: journaux.into_iter().map(|(portail, annee)| journal(portail, annee)).collect(),
            annee: None,
            auditeur: "Rectorat, DPD",
            objet: "export jsonl".to_owned(),
            motif: "contrôle de l'année",
        };
        let said = r"--auditeur 'Rectorat, DPD' --objet 'export jsonl' --motif 'contrôle de l'\''année'";
        let all: Vec<_> = sortie.journaux.iter().collect();
        assert_eq!(
            sortie.commandes(&all),
            format!(
                "  ent inscrire-consultation --portail 0690001b {said}\n  \
                 ent inscrire-consultation --portail 0750001a {said}"
            )
        );
        let sortie = Sortie { annee: Some(AnneeScolaire(2026)), ..sortie };
        let told = sortie.commandes(&[&journal("0750001a", 2026)]);
        assert!(told.contains("--portail 0750001a --annee 2026 --auditeur"), "{told}");
    }

    #[test]
    fn a_consultation_covers_its_portal_and_its_year_or_all_years() {
        let (own, other): (PortailId, PortailId) = ("0690001b".parse().unwrap(), "0750001a".parse().unwrap());
        let of = journal("0690001b", 2026);
        for (portail, annee, expected) in [
            (&own, None, true),
            (&own, Some(AnneeScolaire(2026)), true),
            (&own, Some(AnneeScolaire(2025)), false),
            (&other, None, false),
        ] {
            assert_eq!(covered(&of, &[(portail, annee)]), expected, "{portail} {annee:?}");
        }
        assert!(!covered(&of, &[]));
    }
}
