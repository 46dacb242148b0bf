//! Which identities open which comptes, which comptes are locked, and who signed in.

mod immatriculations;
mod recherche;

pub use recherche::*;

use crate::{Forget, Projection, ProjectionError, stream_uuid};
use async_trait::async_trait;
use domain::annuaire;
use domain::identite::{Compte, CompteEvent, Liaison, LiaisonEvent, Session, SessionEvent};
use domain::{Aggregate, Event};
use immatriculations::Immatriculations;
use ledger::feed::Fact;
use sqlx::PgConnection;

/// The view of comptes and of what opens them.
pub struct Comptes;

impl Comptes {
    /// Frozen name of the view.
    pub const NAME: &'static str = "identite.comptes";
    /// Version of its tables.
    pub const VERSION: i32 = 1;
}

#[async_trait]
impl Projection for Comptes {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["liaison", "verrou", "connexion", "immatriculation"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[Liaison::TYPE, Compte::TYPE, Session::TYPE, annuaire::Personne::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[
            Forget { kind: Liaison::TYPE, sql: "DELETE FROM liaison WHERE id = ANY ($1::text[]::uuid[])" },
            Forget { kind: Compte::TYPE, sql: "DELETE FROM verrou WHERE compte = ANY ($1::text[]::uuid[])" },
            Forget {
                kind: Session::TYPE,
                sql: "DELETE FROM connexion WHERE session = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: annuaire::Personne::TYPE,
                sql: "DELETE FROM immatriculation WHERE eleve = ANY ($1::text[]::uuid[])",
            },
        ]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        self.apply_all(&[fact], tx).await
    }

    /// People are gathered, for an import is about all of them; comptes are used one by one.
    async fn apply_all(&self, facts: &[&Fact], tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let mut immatriculations = Immatriculations::default();
        for fact in facts {
            if fact.envelope.stream.kind == Compte::TYPE {
                compte(fact, &mut *tx).await?;
                continue;
            }
            match fact.event() {
                Some(Event::Liaison(event)) => liaison(fact, event, &mut *tx).await?,
                Some(Event::Session(event)) => session(fact, event, &mut *tx).await?,
                Some(Event::Personne(event)) => immatriculations.hear(event),
                // Erased, or of a stream that this view does not hear.
                Some(_) | None => {}
            }
        }
        immatriculations.write(tx).await
    }
}

async fn liaison(fact: &Fact, event: &LiaisonEvent, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let id = stream_uuid(fact)?;
    let query = match event {
        LiaisonEvent::LiaisonEtablie { personne, compte, fournisseur, cle } => sqlx::query(
            "INSERT INTO liaison (id, compte, personne, fournisseur, nature, portail, le)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (id) DO UPDATE SET compte = excluded.compte, personne = excluded.personne,
                 le = excluded.le, rompue = false",
        )
        .bind(id)
        .bind(compte.0)
        .bind(personne.0)
        .bind(fournisseur.as_str())
        .bind(cle.nature().as_str())
        .bind(fact.position.portail.as_str())
        .bind(fact.envelope.recorded_at),
        LiaisonEvent::LiaisonRompue { .. } => {
            sqlx::query("UPDATE liaison SET rompue = true WHERE id = $1").bind(id)
        }
    };
    query.execute(tx).await?;
    Ok(())
}

/// The row is made by any fact of the stream, erased ones too: it says where the stream is.
async fn compte(fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let id = stream_uuid(fact)?;
    sqlx::query("INSERT INTO verrou (compte, portail) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(id)
        .bind(fact.position.portail.as_str())
        .execute(&mut *tx)
        .await?;
    let Some(Event::Compte(event)) = fact.event() else { return Ok(()) };
    let query = match event {
        CompteEvent::EchecInscrit { .. } => return Ok(()),
        CompteEvent::CompteVerrouille { motif, le, jusque, .. } => sqlx::query(
            "UPDATE verrou SET verrouille = true, motif = $2, le = $3, jusque = $4 WHERE compte = $1",
        )
        .bind(id)
        .bind(motif)
        .bind(le)
        .bind(jusque),
        CompteEvent::CompteDeverrouille { .. } => sqlx::query(
            "UPDATE verrou SET verrouille = false, motif = NULL, le = NULL, jusque = NULL WHERE compte = $1",
        )
        .bind(id),
    };
    query.execute(tx).await?;
    Ok(())
}

async fn session(fact: &Fact, event: &SessionEvent, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let id = stream_uuid(fact)?;
    let query = match event {
        SessionEvent::SessionOuverte { fournisseur, .. } => sqlx::query(
            "INSERT INTO connexion (session, compte, fournisseur, portail, ouverte_le)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(id)
        .bind(fact.envelope.actor.compte.0)
        .bind(fournisseur.as_str())
        .bind(fact.position.portail.as_str())
        .bind(fact.envelope.recorded_at),
        SessionEvent::ProfilChoisi { choix } => {
            sqlx::query("UPDATE connexion SET etablissement = $2, profil = $3 WHERE session = $1")
                .bind(id)
                .bind(choix.etablissement.0)
                .bind(choix.profil.as_str())
        }
        SessionEvent::SessionClose { fin } => {
            sqlx::query("UPDATE connexion SET close_le = $2, fin = $3 WHERE session = $1")
                .bind(id)
                .bind(fact.envelope.recorded_at)
                .bind(fin.as_str())
        }
    };
    query.execute(tx).await?;
    Ok(())
}
