//! Who is habilitated, and what is done under an habilitation.

mod queries;

pub use queries::*;

use crate::{Forget, Projection, ProjectionError, stream_uuid};
use async_trait::async_trait;
use domain::portails::{Avis, Designant, FicheIntervention, HabilitationEvent, InterventionEvent, Perimetre};
use domain::{Aggregate, Event, portails};
use ledger::feed::Fact;
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// The view of habilitations and interventions.
pub struct Interventions;

impl Interventions {
    /// Frozen name of the view.
    pub const NAME: &'static str = "portails.interventions";
    /// Version of its tables.
    pub const VERSION: i32 = 1;
}

#[async_trait]
impl Projection for Interventions {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["habilitation", "intervention", "lecture_nominative", "avis_au_directeur"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[portails::Habilitation::TYPE, portails::Intervention::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[
            Forget {
                kind: portails::Habilitation::TYPE,
                sql: "DELETE FROM habilitation WHERE id = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: portails::Intervention::TYPE,
                sql: "DELETE FROM intervention WHERE id = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: portails::Intervention::TYPE,
                sql: "DELETE FROM lecture_nominative WHERE intervention = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: portails::Intervention::TYPE,
                sql: "DELETE FROM avis_au_directeur WHERE intervention = ANY ($1::text[]::uuid[])",
            },
        ]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        if let Some(Event::Habilitation(event)) = fact.event() {
            return habilitation(fact, event, tx).await;
        }
        let Some(Event::Intervention(event)) = fact.event() else { return Ok(()) };
        match event {
            InterventionEvent::InterventionDemandee { fiche } => demandee(fact, fiche, tx).await,
            event => followed(fact, event, tx).await,
        }
    }
}

async fn habilitation(
    fact: &Fact,
    event: &HabilitationEvent,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    let id = stream_uuid(fact)?;
    let query = match event {
        HabilitationEvent::HabilitationAccordee {
            portail,
            designant,
            compte,
            personne,
            perimetres,
            par,
            du,
            au,
        } => sqlx::query(
            "INSERT INTO habilitation (id, portail, partout, compte, personne, perimetres, par, depuis, jusque)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(id)
        .bind(portail.as_str())
        .bind(*designant == Designant::Region)
        .bind(compte.0)
        .bind(personne.0)
        .bind(words(perimetres))
        .bind(par.0)
        .bind(du)
        .bind(au),
        HabilitationEvent::HabilitationRevoquee { motif, le, .. } => {
            sqlx::query("UPDATE habilitation SET jusque = $2, motif_de_fin = $3 WHERE id = $1")
                .bind(id)
                .bind(le)
                .bind(motif)
        }
    };
    query.execute(tx).await?;
    Ok(())
}

async fn demandee(
    fact: &Fact,
    fiche: &FicheIntervention,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    let minutes = i16::try_from(fiche.minutes)
        .map_err(|_| ProjectionError::Unfit("the duration is out of range".to_owned()))?;
    sqlx::query(
        "INSERT INTO intervention (id, portail, habilitation, compte, personne, perimetres, motif, ticket,
                                   minutes, demandee_le)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(stream_uuid(fact)?)
    .bind(fiche.portail.as_str())
    .bind(fiche.habilite.habilitation.0)
    .bind(fiche.habilite.compte.0)
    .bind(fiche.habilite.personne.0)
    .bind(words(&fiche.perimetres))
    .bind(&fiche.motif)
    .bind(&fiche.ticket)
    .bind(minutes)
    .bind(fact.envelope.recorded_at)
    .execute(tx)
    .await?;
    Ok(())
}

async fn followed(
    fact: &Fact,
    event: &InterventionEvent,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    let id = stream_uuid(fact)?;
    let sequence = i64::try_from(fact.envelope.sequence)
        .map_err(|_| ProjectionError::Unfit("the sequence is out of range".to_owned()))?;
    let query = match event {
        InterventionEvent::InterventionDemandee { .. } => return Ok(()), // it has its own statement
        InterventionEvent::InterventionContresignee { par } => {
            sqlx::query("UPDATE intervention SET contresignee_par = $2 WHERE id = $1")
                .bind(id)
                .bind(par.personne.0)
        }
        InterventionEvent::InterventionOuverte { le, limite } => {
            sqlx::query("UPDATE intervention SET ouverte_le = $2, limite = $3 WHERE id = $1")
                .bind(id)
                .bind(le)
                .bind(limite)
        }
        InterventionEvent::LectureConsignee { perimetre, objet, le } => sqlx::query(
            "INSERT INTO lecture_nominative (intervention, sequence, perimetre, objet, le)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(id)
        .bind(sequence)
        .bind(perimetre.as_str())
        .bind(objet)
        .bind(le),
        InterventionEvent::InterventionClose { par, compte_rendu, le } => sqlx::query(
            "UPDATE intervention SET close_par = $2, compte_rendu = $3, finie_le = $4 WHERE id = $1",
        )
        .bind(id)
        .bind(par.0)
        .bind(compte_rendu)
        .bind(le),
        InterventionEvent::InterventionExpiree { limite } => {
            sqlx::query("UPDATE intervention SET finie_le = $2 WHERE id = $1").bind(id).bind(limite)
        }
        InterventionEvent::DirecteurAvise { directeur, avis, le } => sqlx::query(
            "INSERT INTO avis_au_directeur (intervention, sequence, directeur, avis, le)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(id)
        .bind(sequence)
        .bind(directeur.0)
        .bind(avis_word(*avis))
        .bind(le),
    };
    query.execute(tx).await?;
    Ok(())
}

fn avis_word(avis: Avis) -> &'static str {
    match avis {
        Avis::Ouverture => "ouverture",
        Avis::Cloture => "cloture",
        Avis::Expiration => "expiration",
    }
}

fn words(perimetres: &BTreeSet<Perimetre>) -> Vec<&'static str> {
    perimetres.iter().map(|perimetre| perimetre.as_str()).collect()
}
