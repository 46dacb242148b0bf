//! The directory: établissements, divisions, enseignements, persons and who answers
//! for whom.

mod bascules;
mod calendriers;
mod changes;
mod compte;
mod groupes;
mod histoire;
mod identites;
mod inscriptions;
mod queries;
mod rapprochement;
mod remplacements;
mod sources;

pub use bascules::*;
pub use calendriers::*;
pub use compte::*;
pub use groupes::*;
pub use histoire::*;
pub use identites::*;
pub use inscriptions::*;
pub use queries::*;
pub use rapprochement::*;
pub use remplacements::*;
pub use sources::*;

use crate::{Forget, Projection, ProjectionError, stream_uuid};
use async_trait::async_trait;
use changes::Changes;
use domain::annuaire::EtablissementEvent;
use domain::{Aggregate, Event, annuaire};
use ledger::feed::Fact;
use sqlx::PgConnection;

/// The view of the directory.
pub struct Annuaire;

impl Annuaire {
    /// Frozen name of the view.
    pub const NAME: &'static str = "annuaire.annuaire";
    /// Version of its tables.
    pub const VERSION: i32 = 1;
}

#[async_trait]
impl Projection for Annuaire {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &[
            "etablissement",
            "division",
            "enseignement",
            "enseignant",
            "personne",
            "rattachement",
            "responsabilite",
            "opposition",
        ]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[annuaire::Etablissement::TYPE, annuaire::Personne::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[
            Forget {
                kind: annuaire::Etablissement::TYPE,
                sql: "DELETE FROM enseignant USING enseignement e WHERE enseignement = e.id AND e.etablissement = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: annuaire::Etablissement::TYPE,
                sql: "DELETE FROM enseignement WHERE etablissement = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: annuaire::Etablissement::TYPE,
                sql: "DELETE FROM division WHERE etablissement = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: annuaire::Etablissement::TYPE,
                sql: "DELETE FROM etablissement WHERE id = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: annuaire::Personne::TYPE,
                sql: "DELETE FROM personne WHERE id = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: annuaire::Personne::TYPE,
                sql: "DELETE FROM rattachement WHERE personne = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: annuaire::Personne::TYPE,
                sql: "DELETE FROM responsabilite WHERE eleve = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: annuaire::Personne::TYPE,
                sql: "DELETE FROM opposition WHERE eleve = ANY ($1::text[]::uuid[])",
            },
        ]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        self.apply_all(&[fact], tx).await
    }

    /// People and établissements have no table in common: what is gathered of people may be
    /// written last.
    async fn apply_all(&self, facts: &[&Fact], tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let mut changes = Changes::default();
        for fact in facts {
            match fact.event() {
                Some(Event::Etablissement(event)) => etablissement(fact, event, &mut *tx).await?,
                Some(Event::Personne(event)) => changes.hear(event),
                // Erased, or of a stream that this view does not hear.
                Some(_) | None => {}
            }
        }
        changes.write(tx).await
    }
}

async fn etablissement(
    fact: &Fact,
    event: &EtablissementEvent,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    let id = stream_uuid(fact)?;
    let query = match event {
        EtablissementEvent::EtablissementEnregistre { uai, fiche, .. } => sqlx::query(
            "INSERT INTO etablissement (id, nom, nature, academie, commune, uai, portail)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(id)
        .bind(&fiche.nom)
        .bind(&fiche.nature)
        .bind(&fiche.academie)
        .bind(&fiche.commune)
        .bind(uai.as_str())
        .bind(fact.position.portail.as_str()),
        EtablissementEvent::EtablissementActualise { fiche, .. } => sqlx::query(
            "UPDATE etablissement SET nom = $2, nature = $3, academie = $4, commune = $5 WHERE id = $1",
        )
        .bind(id)
        .bind(&fiche.nom)
        .bind(&fiche.nature)
        .bind(&fiche.academie)
        .bind(&fiche.commune),
        EtablissementEvent::DivisionOuverte { division, code, libelle, mef, .. } => sqlx::query(
            "INSERT INTO division (id, etablissement, code, libelle, mef) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(division.0)
        .bind(id)
        .bind(code)
        .bind(libelle)
        .bind(mef),
        EtablissementEvent::DivisionActualisee { division, libelle, mef, .. } => {
            sqlx::query("UPDATE division SET libelle = $2, mef = $3 WHERE id = $1")
                .bind(division.0)
                .bind(libelle)
                .bind(mef)
        }
        EtablissementEvent::EnseignementAttribue {
            enseignement,
            division,
            matiere,
            enseignant,
            principal,
            provenance: _,
        } => sqlx::query(
            "WITH taught AS (
                     INSERT INTO enseignement (id, etablissement, division, matiere_code, matiere_libelle)
                     VALUES ($1, $2, $3, $4, $5)
                     ON CONFLICT (id) DO UPDATE SET matiere_libelle = excluded.matiere_libelle)
                 INSERT INTO enseignant (enseignement, personne, principal) VALUES ($1, $6, $7)
                 ON CONFLICT (enseignement, personne) DO UPDATE SET principal = excluded.principal",
        )
        .bind(enseignement.0)
        .bind(id)
        .bind(division.0)
        .bind(&matiere.code)
        .bind(&matiere.libelle)
        .bind(enseignant.0)
        .bind(principal),
        EtablissementEvent::EnseignementRetire { enseignement, enseignant } => {
            sqlx::query("DELETE FROM enseignant WHERE enseignement = $1 AND personne = $2")
                .bind(enseignement.0)
                .bind(enseignant.0)
        }
        // What is not in force shows nowhere.
        EtablissementEvent::EtablissementReconnu { .. }
        | EtablissementEvent::ParoleEntendue { .. }
        | EtablissementEvent::ParoleRetiree { .. } => return Ok(()),
    };
    query.execute(tx).await?;
    Ok(())
}
