//! Turns of the school year: their plans, and how far each has come.

use crate::{Forget, Projection, ProjectionError, stream_uuid};
use async_trait::async_trait;
use chrono::NaiveDate;
use domain::annuaire::{Bascule as Aggregat, BasculeEvent, DivisionPrevue};
use domain::{Aggregate, Event};
use ledger::feed::Fact;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

/// The view of turns of the year.
pub struct Bascules;

#[async_trait]
impl Projection for Bascules {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["bascule", "bascule_division", "bascule_affectation", "bascule_enseignement"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[Aggregat::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[
            Forget { kind: Aggregat::TYPE, sql: "DELETE FROM bascule WHERE id = ANY ($1::text[]::uuid[])" },
            Forget {
                kind: Aggregat::TYPE,
                sql: "DELETE FROM bascule_division WHERE bascule = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: Aggregat::TYPE,
                sql: "DELETE FROM bascule_affectation WHERE bascule = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: Aggregat::TYPE,
                sql: "DELETE FROM bascule_enseignement WHERE bascule = ANY ($1::text[]::uuid[])",
            },
        ]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let Some(Event::Bascule(event)) = fact.event() else { return Ok(()) };
        let id = stream_uuid(fact)?;
        let query = match event {
            BasculeEvent::BasculePreparee { etablissement, annee, le } => sqlx::query(
                "INSERT INTO bascule (id, etablissement, annee, le, etat, groupes)
                 VALUES ($1, $2, $3, $4, 'en_preparation', '{}')
                 ON CONFLICT (id) DO UPDATE SET le = excluded.le",
            )
            .bind(id)
            .bind(etablissement.0)
            .bind(annee.0)
            .bind(le),
            BasculeEvent::DivisionsPrevues { divisions } => return plan_divisions(id, divisions, tx).await,
            BasculeEvent::AffectationPrevue { eleve, division: Some(division) } => sqlx::query(
                "INSERT INTO bascule_affectation (bascule, eleve, division) VALUES ($1, $2, $3)
                 ON CONFLICT (bascule, eleve) DO UPDATE SET division = excluded.division",
            )
            .bind(id)
            .bind(eleve.0)
            .bind(division),
            BasculeEvent::AffectationPrevue { eleve, division: None } => {
                sqlx::query("DELETE FROM bascule_affectation WHERE bascule = $1 AND eleve = $2")
                    .bind(id)
                    .bind(eleve.0)
            }
            BasculeEvent::EnseignementsRepris { division } => {
                sqlx::query("DELETE FROM bascule_enseignement WHERE bascule = $1 AND division = $2")
                    .bind(id)
                    .bind(division)
            }
            BasculeEvent::EnseignementPrevu { division, matiere, enseignant, principal } => sqlx::query(
                "INSERT INTO bascule_enseignement (bascule, division, matiere_code, matiere_libelle, enseignant,
                                                   principal)
                 VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT (bascule, division, matiere_code, enseignant)
                 DO UPDATE SET matiere_libelle = excluded.matiere_libelle, principal = excluded.principal",
            )
            .bind(id)
            .bind(division)
            .bind(&matiere.code)
            .bind(&matiere.libelle)
            .bind(enseignant.0)
            .bind(principal),
            BasculeEvent::GroupesGardes { groupes } => {
                sqlx::query("UPDATE bascule SET groupes = $2 WHERE id = $1")
                    .bind(id)
                    .bind(groupes.iter().map(|groupe| groupe.0).collect::<Vec<_>>())
            }
            BasculeEvent::AnneeBasculee { .. } => {
                sqlx::query("UPDATE bascule SET etat = 'basculee' WHERE id = $1").bind(id)
            }
            BasculeEvent::BasculeAchevee { .. } => {
                sqlx::query("UPDATE bascule SET etat = 'achevee' WHERE id = $1").bind(id)
            }
        };
        query.execute(tx).await?;
        Ok(())
    }
}

async fn plan_divisions(
    bascule: Uuid,
    divisions: &[DivisionPrevue],
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    sqlx::query("DELETE FROM bascule_division WHERE bascule = $1").bind(bascule).execute(&mut *tx).await?;
    sqlx::query(
        "INSERT INTO bascule_division (bascule, code, libelle, mef, rang)
         SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY",
    )
    .bind(bascule)
    .bind(divisions.iter().map(|division| division.code.as_str()).collect::<Vec<_>>())
    .bind(divisions.iter().map(|division| division.libelle.as_str()).collect::<Vec<_>>())
    .bind(divisions.iter().map(|division| division.mef.as_deref()).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// A turn of the year.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Bascule {
    pub id: Uuid,
    pub etablissement: Uuid,
    pub annee: i16,
    pub le: NaiveDate,
    /// `en_preparation`, `basculee` or `achevee`.
    pub etat: String,
    /// The groupes that go on.
    pub groupes: Vec<Uuid>,
    /// Pupils of the établissement of whom the plan says nothing.
    pub sans_affectation: i64,
}

/// A division that a plan opens, with how many pupils it will have.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct DivisionAVenir {
    pub bascule: Uuid,
    pub code: String,
    pub libelle: String,
    pub mef: Option<String>,
    pub effectif: i64,
}

impl Bascules {
    /// Frozen name of the view.
    pub const NAME: &'static str = "annuaire.bascules";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// The turns with these ids.
    pub async fn by_ids(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<Bascule>> {
        sqlx::query_as(
            "SELECT b.*, (SELECT count(*) FROM rattachement r
                          LEFT JOIN bascule_affectation a ON a.bascule = b.id AND a.eleve = r.personne
                          WHERE r.etablissement = b.etablissement AND r.profil = 'eleve' AND a.eleve IS NULL
                            AND NOT EXISTS (SELECT FROM radiation x WHERE x.eleve = r.personne
                                            AND x.etablissement = r.etablissement)) AS sans_affectation
             FROM bascule b WHERE b.id = ANY ($1)",
        )
        .bind(ids)
        .fetch_all(db)
        .await
    }

    /// The divisions that a plan opens, in its order.
    pub async fn divisions(db: impl PgExecutor<'_>, bascule: Uuid) -> sqlx::Result<Vec<DivisionAVenir>> {
        sqlx::query_as(
            "SELECT d.bascule, d.code, d.libelle, d.mef,
                    (SELECT count(*) FROM bascule_affectation a
                     WHERE a.bascule = d.bascule AND a.division = d.code) AS effectif
             FROM bascule_division d WHERE d.bascule = $1 ORDER BY d.rang",
        )
        .bind(bascule)
        .fetch_all(db)
        .await
    }
}
