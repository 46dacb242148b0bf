//! The directory: établissements, divisions, enseignements, persons and who answers
//! for whom.

mod auditoire;
mod bascules;
mod calendriers;
mod changes;
mod compte;
mod etablissements;
mod groupes;
mod histoire;
mod identites;
mod inscriptions;
mod queries;
mod rapprochement;
mod rattachees;
mod remplacements;
mod repartitions;
mod sources;

pub use auditoire::*;
pub use bascules::*;
pub use calendriers::*;
pub use compte::*;
pub use groupes::*;
pub use histoire::*;
pub use identites::*;
pub use inscriptions::*;
pub use queries::*;
pub use rapprochement::*;
pub use rattachees::*;
pub use remplacements::*;
pub use repartitions::*;
pub use sources::*;

use crate::{Forget, Projection, ProjectionError};
use async_trait::async_trait;
use changes::Changes;
use domain::{Aggregate, Event, annuaire};
use etablissements::Etablissements;
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

    /// People and établissements have no table in common: what is gathered of the ones may be
    /// written after all of the others.
    async fn apply_all(&self, facts: &[&Fact], tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let (mut etablissements, mut changes) = (Etablissements::default(), Changes::default());
        for fact in facts {
            match fact.event() {
                Some(Event::Etablissement(event)) => etablissements.hear(fact, event)?,
                Some(Event::Personne(event)) => changes.hear(event),
                // Erased, or of a stream that this view does not hear.
                Some(_) | None => {}
            }
        }
        etablissements.write(&mut *tx).await?;
        changes.write(tx).await
    }
}
