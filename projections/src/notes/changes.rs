//! What facts change in the tables of marks, gathered in memory and written with one
//! statement per kind of change, however many facts there are.
//!
//! Gathering keeps the order in which the facts of an evaluation stand: of a pupil's
//! results the last one is written. A publication is written before results are: once
//! published, an evaluation stays so, and all its results show.

use crate::ProjectionError;
use crate::annuaire::Colonnes;
use chrono::{DateTime, NaiveDate, Utc};
use domain::notes::{EvaluationEvent, FicheEvaluation, Resultat};
use domain::{Event, PersonneId};
use ledger::feed::Fact;
use sqlx::PgConnection;
use sqlx::types::Json;
use std::collections::BTreeMap;
use uuid::Uuid;

/// See the module.
#[derive(Default)]
pub(super) struct Changes<'a> {
    created: Created<'a>,
    published: BTreeMap<Uuid, DateTime<Utc>>,
    /// By evaluation and pupil.
    results: BTreeMap<(Uuid, Uuid), Resultat>,
    corrections: Corrections<'a>,
}

/// Evaluations that were created, as columns.
#[derive(Default)]
struct Created<'a> {
    id: Vec<Uuid>,
    portail: Vec<&'a str>,
    enseignement: Vec<Uuid>,
    auditoire: Vec<Colonnes>,
    auteur: Vec<Uuid>,
    titre: Vec<&'a str>,
    date: Vec<NaiveDate>,
    bareme: Vec<String>,
    coefficient: Vec<String>,
    formative: Vec<bool>,
    regime: Vec<&'static str>,
    sous_matiere: Vec<Option<&'a str>>,
}

/// Corrections that were made, as columns.
#[derive(Default)]
struct Corrections<'a> {
    evaluation: Vec<Uuid>,
    eleve: Vec<Uuid>,
    le: Vec<DateTime<Utc>>,
    sequence: Vec<i64>,
    avant: Vec<Option<Json<Resultat>>>,
    apres: Vec<Json<Resultat>>,
    motif: Vec<&'a str>,
    par: Vec<Option<Uuid>>,
}

impl<'a> Changes<'a> {
    /// Adds what one fact changes.
    pub fn hear(&mut self, fact: &'a Fact) -> Result<(), ProjectionError> {
        let Some(Event::Evaluation(event)) = fact.event() else { return Ok(()) };
        let evaluation = crate::stream_uuid(fact)?;
        match event {
            EvaluationEvent::EvaluationCreee { fiche, auteur } => {
                self.created.push(evaluation, fact.position.portail.as_str(), fiche, *auteur);
            }
            EvaluationEvent::NoteSaisie { eleve, resultat } => {
                self.results.insert((evaluation, eleve.0), *resultat);
            }
            EvaluationEvent::NoteCorrigee { eleve, avant, apres, motif } => {
                self.results.insert((evaluation, eleve.0), *apres);
                self.corrections.push(fact, evaluation, *eleve, (*avant, *apres), motif)?;
            }
            // Of the view of compétences.
            EvaluationEvent::CompetencePositionnee { .. } => {}
            EvaluationEvent::EvaluationPubliee { visible_des } => {
                let recorded = fact.envelope.recorded_at;
                self.published.insert(evaluation, visible_des.map_or(recorded, |it| it.max(recorded)));
            }
        }
        Ok(())
    }

    /// Writes everything.
    pub async fn write(self, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let Self { created, published, results, corrections } = self;
        if !created.id.is_empty() {
            created.insert(tx).await?;
        }
        if !published.is_empty() {
            publish(published, tx).await?;
        }
        if !results.is_empty() {
            set_results(&results, tx).await?;
        }
        if !corrections.evaluation.is_empty() {
            corrections.insert(tx).await?;
        }
        Ok(())
    }
}

impl<'a> Created<'a> {
    fn push(&mut self, evaluation: Uuid, portail: &'a str, fiche: &'a FicheEvaluation, auteur: PersonneId) {
        self.id.push(evaluation);
        self.portail.push(portail);
        self.enseignement.push(fiche.enseignement.0);
        self.auditoire.push(fiche.auditoire.into());
        self.auteur.push(auteur.0);
        self.titre.push(&fiche.titre);
        self.date.push(fiche.date);
        self.bareme.push(fiche.bareme.to_string());
        self.coefficient.push(fiche.coefficient.to_string());
        self.formative.push(fiche.formative);
        self.regime.push(fiche.regime.as_str());
        self.sous_matiere.push(fiche.sous_matiere.as_deref());
    }

    async fn insert(self, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        sqlx::query(
            "INSERT INTO evaluation (id, portail, enseignement, division, auteur, titre, date,
                                     bareme, coefficient, formative, regime, sous_matiere, groupe)
             SELECT id, portail, enseignement, division, auteur, titre, date, bareme::numeric,
                    coefficient::numeric, formative, regime, sous_matiere, groupe
             FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::date[],
                         $8::text[], $9::text[], $10::bool[], $11::text[], $12::text[], $13::uuid[])
                  AS created (id, portail, enseignement, division, auteur, titre, date, bareme, coefficient,
                              formative, regime, sous_matiere, groupe)",
        )
        .bind(self.id)
        .bind(self.portail)
        .bind(self.enseignement)
        .bind(self.auditoire.iter().map(|colonnes| colonnes.division).collect::<Vec<_>>())
        .bind(self.auteur)
        .bind(self.titre)
        .bind(self.date)
        .bind(self.bareme)
        .bind(self.coefficient)
        .bind(self.formative)
        .bind(self.regime)
        .bind(self.sous_matiere)
        .bind(self.auditoire.iter().map(|colonnes| colonnes.groupe).collect::<Vec<_>>())
        .execute(tx)
        .await?;
        Ok(())
    }
}

impl<'a> Corrections<'a> {
    fn push(
        &mut self,
        fact: &'a Fact,
        evaluation: Uuid,
        eleve: PersonneId,
        (avant, apres): (Option<Resultat>, Resultat),
        motif: &'a str,
    ) -> Result<(), ProjectionError> {
        let sequence = i64::try_from(fact.envelope.sequence)
            .map_err(|_| ProjectionError::Unfit("the event's sequence is out of range".to_owned()))?;
        self.evaluation.push(evaluation);
        self.eleve.push(eleve.0);
        self.le.push(fact.envelope.recorded_at);
        self.sequence.push(sequence);
        self.avant.push(avant.map(Json));
        self.apres.push(Json(apres));
        self.motif.push(motif);
        self.par.push(fact.envelope.actor.personne.map(|personne| personne.0));
        Ok(())
    }

    async fn insert(self, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        sqlx::query(
            "INSERT INTO correction (evaluation, eleve, le, sequence, avant, apres, motif, par)
             SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::bigint[], $5::jsonb[],
                                  $6::jsonb[], $7::text[], $8::uuid[])",
        )
        .bind(self.evaluation)
        .bind(self.eleve)
        .bind(self.le)
        .bind(self.sequence)
        .bind(self.avant)
        .bind(self.apres)
        .bind(self.motif)
        .bind(self.par)
        .execute(tx)
        .await?;
        Ok(())
    }
}

/// From now on families see the results of these evaluations.
async fn publish(
    published: BTreeMap<Uuid, DateTime<Utc>>,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    let (evaluations, instants): (Vec<_>, Vec<_>) = published.into_iter().unzip();
    sqlx::query(
        "UPDATE evaluation SET publiee_le = p.le FROM unnest($1::uuid[], $2::timestamptz[]) AS p (id, le)
         WHERE evaluation.id = p.id",
    )
    .bind(&evaluations)
    .bind(instants)
    .execute(&mut *tx)
    .await?;
    let sql = "UPDATE note SET publiee = true WHERE evaluation = ANY ($1)";
    sqlx::query(sql).bind(evaluations).execute(tx).await?;
    Ok(())
}

/// What pupils get, seen by families once the evaluation is.
async fn set_results(
    results: &BTreeMap<(Uuid, Uuid), Resultat>,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    let (evaluations, eleves): (Vec<_>, Vec<_>) = results.keys().copied().unzip();
    sqlx::query(
        "INSERT INTO note (evaluation, eleve, resultat, valeur, date, publiee)
         SELECT e.id, r.eleve, r.resultat, r.valeur::numeric, e.date, e.publiee_le IS NOT NULL
         FROM unnest($1::uuid[], $2::uuid[], $3::jsonb[], $4::text[]) AS r (evaluation, eleve, resultat, valeur)
         JOIN evaluation e ON e.id = r.evaluation
         ON CONFLICT (evaluation, eleve) DO UPDATE
         SET resultat = excluded.resultat, valeur = excluded.valeur, publiee = excluded.publiee",
    )
    .bind(evaluations)
    .bind(eleves)
    .bind(results.values().copied().map(Json).collect::<Vec<_>>())
    .bind(results.values().copied().map(mark).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// The mark, where the result is one: an absence has no value, nor has work not handed
/// in, even where they count as zero.
fn mark(resultat: Resultat) -> Option<String> {
    match resultat {
        Resultat::Note { valeur } => Some(valeur.to_string()),
        Resultat::Absent { .. } | Resultat::Dispense | Resultat::NonNote | Resultat::NonRendu { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_keeps_its_places() {
        let valeur = "12,50".parse().unwrap();
        assert_eq!(mark(Resultat::Note { valeur }).as_deref(), Some("12.50"));
    }

    #[test]
    fn what_stands_in_place_of_a_mark_has_none_even_where_it_counts_as_zero() {
        assert_eq!(mark(Resultat::NonRendu { compte_zero: true }), None);
        assert_eq!(mark(Resultat::Absent { compte_zero: true }), None);
    }
}
