//! The directory: établissements, divisions, enseignements, persons and who answers
//! for whom.

mod bascules;
mod calendriers;
mod compte;
mod groupes;
mod identites;
mod inscriptions;
mod queries;
mod remplacements;

pub use bascules::*;
pub use calendriers::*;
pub use compte::*;
pub use groupes::*;
pub use identites::*;
pub use inscriptions::*;
pub use queries::*;
pub use remplacements::*;

use crate::{Forget, Projection, ProjectionError, stream_uuid};
use async_trait::async_trait;
use domain::annuaire::{EtablissementEvent, EtatCivil, PersonneEvent, Responsabilite};
use domain::{Aggregate, Event, PersonneId, annuaire};
use ledger::feed::Fact;
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

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
        ]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        match fact.event() {
            Some(Event::Etablissement(event)) => etablissement(fact, event, tx).await,
            Some(Event::Personne(event)) => personne(event, tx).await,
            // Erased, or of a stream that this view does not hear.
            Some(
                Event::Groupes(_)
                | Event::Calendrier(_)
                | Event::Remplacements(_)
                | Event::Identite(_)
                | Event::Inscription(_)
                | Event::Bascule(_)
                | Event::Portail(_)
                | Event::Appel(_)
                | Event::Evaluation(_)
                | Event::Publication(_)
                | Event::Signalement(_)
                | Event::Gels(_)
                | Event::Destruction(_)
                | Event::Remise(_)
                | Event::Rectification(_)
                | Event::Consultation(_)
                | Event::Verification(_),
            )
            | None => Ok(()),
        }
    }
}

async fn etablissement(
    fact: &Fact,
    event: &EtablissementEvent,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    let id = stream_uuid(fact)?;
    let query = match event {
        EtablissementEvent::EtablissementEnregistre { uai, fiche } => sqlx::query(
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
        EtablissementEvent::EtablissementActualise { fiche } => sqlx::query(
            "UPDATE etablissement SET nom = $2, nature = $3, academie = $4, commune = $5 WHERE id = $1",
        )
        .bind(id)
        .bind(&fiche.nom)
        .bind(&fiche.nature)
        .bind(&fiche.academie)
        .bind(&fiche.commune),
        EtablissementEvent::DivisionOuverte { division, code, libelle, mef } => sqlx::query(
            "INSERT INTO division (id, etablissement, code, libelle, mef) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(division.0)
        .bind(id)
        .bind(code)
        .bind(libelle)
        .bind(mef),
        EtablissementEvent::DivisionActualisee { division, libelle, mef } => {
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
    };
    query.execute(tx).await?;
    Ok(())
}

async fn personne(event: &PersonneEvent, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    match event {
        PersonneEvent::PersonneEnregistree { personne, etat_civil, .. }
        | PersonneEvent::EtatCivilRectifie { personne, etat_civil } => {
            return set_etat_civil(*personne, etat_civil, tx).await;
        }
        PersonneEvent::ResponsabilitesEtablies { personne, responsables } => {
            return set_responsables(*personne, responsables, tx).await;
        }
        PersonneEvent::PersonneRattachee { personne, etablissement, profil, fonctions } => sqlx::query(
            "INSERT INTO rattachement (personne, etablissement, profil, fonctions) VALUES ($1, $2, $3, $4)
             ON CONFLICT (personne, etablissement)
             DO UPDATE SET profil = excluded.profil, fonctions = excluded.fonctions",
        )
        .bind(personne.0)
        .bind(etablissement.0)
        .bind(word(profil))
        .bind(fonctions)
        .execute(tx),
        PersonneEvent::EleveAffecte { personne, etablissement, division } => {
            sqlx::query("UPDATE rattachement SET division = $3 WHERE personne = $1 AND etablissement = $2")
                .bind(personne.0)
                .bind(etablissement.0)
                .bind(division.map(|division| division.0))
                .execute(tx)
        }
        PersonneEvent::PersonneSuspendue { personne } => set_suspendue(*personne, true).execute(tx),
        PersonneEvent::PersonneReprise { personne } => set_suspendue(*personne, false).execute(tx),
    }
    .await?;
    Ok(())
}

async fn set_etat_civil(
    personne: PersonneId,
    etat_civil: &EtatCivil,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    sqlx::query(
        "INSERT INTO personne (id, nom, prenom, civilite, naissance, courriel) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO UPDATE SET nom = excluded.nom, prenom = excluded.prenom,
             civilite = excluded.civilite, naissance = excluded.naissance, courriel = excluded.courriel",
    )
    .bind(personne.0)
    .bind(&etat_civil.nom)
    .bind(&etat_civil.prenom)
    .bind(&etat_civil.civilite)
    .bind(etat_civil.naissance)
    .bind(&etat_civil.courriel)
    .execute(tx)
    .await?;
    Ok(())
}

async fn set_responsables(
    eleve: PersonneId,
    responsables: &[Responsabilite],
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    sqlx::query("DELETE FROM responsabilite WHERE eleve = $1").bind(eleve.0).execute(&mut *tx).await?;
    let ids: Vec<Uuid> = responsables.iter().map(|one| one.responsable.0).collect();
    let liens: Vec<&str> = responsables.iter().map(|one| one.lien.as_str()).collect();
    let niveaux: Vec<String> = responsables.iter().map(|one| word(&one.niveau)).collect();
    let destinataires: Vec<bool> = responsables.iter().map(|one| one.destinataire).collect();
    sqlx::query(
        "INSERT INTO responsabilite (eleve, responsable, lien, niveau, destinataire)
         SELECT $1, * FROM unnest($2::uuid[], $3::text[], $4::text[], $5::bool[])",
    )
    .bind(eleve.0)
    .bind(ids)
    .bind(liens)
    .bind(niveaux)
    .bind(destinataires)
    .execute(tx)
    .await?;
    Ok(())
}

fn set_suspendue<'q>(
    personne: PersonneId,
    suspendue: bool,
) -> sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments> {
    sqlx::query("UPDATE personne SET suspendue = $2 WHERE id = $1").bind(personne.0).bind(suspendue)
}

/// The frozen word under which a unit variant is stored: the one of its events.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}
