//! Which fiches are of one person: the one place where a merge is read.
//!
//! Whoever asks is known with all of his or her fiches (see [`super::Compte`]); what was
//! recorded under any of them stays under it.

use crate::{Forget, Projection, ProjectionError};
use async_trait::async_trait;
use chrono::NaiveDate;
use domain::annuaire::{Identite, IdentiteEvent, Portrait};
use domain::{Aggregate, EtablissementId, Event, PersonneId};
use ledger::feed::Fact;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

/// The view of the fiches of one person.
pub struct Identites;

#[async_trait]
impl Projection for Identites {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["identite"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[Identite::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[Forget { kind: Identite::TYPE, sql: "DELETE FROM identite WHERE fiche = ANY ($1::text[]::uuid[])" }]
    }

    /// Each fiche's line follows from its own stream alone, so that streams may be followed in
    /// any order. A principal fiche that has become alone keeps its line, which says nothing.
    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let Some(Event::Identite(event)) = fact.event() else { return Ok(()) };
        let read_as = |fiche: PersonneId, racine: PersonneId| {
            sqlx::query(
                "INSERT INTO identite (fiche, racine) VALUES ($1, $2)
                 ON CONFLICT (fiche) DO UPDATE SET racine = excluded.racine",
            )
            .bind(fiche.0)
            .bind(racine.0)
        };
        let query = match event {
            IdentiteEvent::FicheFondue { fiche, dans, .. } => read_as(*fiche, *dans),
            IdentiteEvent::FicheAbsorbee { fiche, .. } => read_as(*fiche, *fiche),
            IdentiteEvent::FicheSeparee { fiche, .. } => {
                sqlx::query("DELETE FROM identite WHERE fiche = $1").bind(fiche.0)
            }
            IdentiteEvent::FicheRendue { .. } => return Ok(()),
        };
        query.execute(tx).await?;
        Ok(())
    }
}

const COMPARE: &str = "SELECT p.id, p.nom, p.prenom, p.naissance, p.courriel,
            array(SELECT x.etablissement FROM rattachement x WHERE x.personne = p.id) AS etablissements
     FROM personne p";

#[derive(FromRow)]
struct Compared {
    id: Uuid,
    nom: String,
    prenom: String,
    naissance: Option<NaiveDate>,
    courriel: Option<String>,
    etablissements: Vec<Uuid>,
}

/// Most fiches that are compared with each other.
const COMPAREES_MAX: i64 = 20_000;

impl Identites {
    /// Frozen name of the view.
    pub const NAME: &'static str = "annuaire.identites";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// All fiches of whom these are, each with one of these: at least itself.
    pub async fn fiches(db: impl PgExecutor<'_>, personnes: &[Uuid]) -> sqlx::Result<Vec<(Uuid, Uuid)>> {
        sqlx::query_as(
            "SELECT asked.id, asked.id FROM unnest($1::uuid[]) AS asked (id)
             UNION
             SELECT one.fiche, other.fiche FROM identite one JOIN identite other ON other.racine = one.racine
             WHERE one.fiche = ANY ($1) ORDER BY 1, 2",
        )
        .bind(personnes)
        .fetch_all(db)
        .await
    }

    /// All fiches of whom these are, each after the principal one of its person.
    pub async fn ensembles(db: impl PgExecutor<'_>, fiches: &[Uuid]) -> sqlx::Result<Vec<(Uuid, Uuid)>> {
        sqlx::query_as(
            "SELECT asked.id, asked.id FROM unnest($1::uuid[]) AS asked (id)
             WHERE NOT EXISTS (SELECT FROM identite i WHERE i.fiche = asked.id)
             UNION
             SELECT other.racine, other.fiche FROM identite one JOIN identite other ON other.racine = one.racine
             WHERE one.fiche = ANY ($1) ORDER BY 1, 2",
        )
        .bind(fiches)
        .fetch_all(db)
        .await
    }

    /// The principal fiches of the persons whose fiches these are.
    pub async fn racines(db: impl PgExecutor<'_>, fiches: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
        sqlx::query_scalar(
            "SELECT DISTINCT coalesce(i.racine, asked.id) FROM unnest($1::uuid[]) AS asked (id)
             LEFT JOIN identite i ON i.fiche = asked.id",
        )
        .bind(fiches)
        .fetch_all(db)
        .await
    }

    /// As what each of these fiches is compared with another one.
    pub async fn portraits_de(db: impl PgExecutor<'_>, fiches: &[Uuid]) -> sqlx::Result<Vec<Portrait>> {
        let rows: Vec<Compared> =
            sqlx::query_as(&format!("{COMPARE} WHERE p.id = ANY ($1)")).bind(fiches).fetch_all(db).await?;
        Ok(rows.into_iter().map(Portrait::from).collect())
    }

    /// As what each of these fiches is compared with others: those attached to an
    /// établissement that are read as themselves.
    pub async fn portraits(db: impl PgExecutor<'_>, etablissement: Uuid) -> sqlx::Result<Vec<Portrait>> {
        let sql = format!(
            "{COMPARE} JOIN rattachement r ON r.personne = p.id
             LEFT JOIN identite i ON i.fiche = p.id
             WHERE r.etablissement = $1 AND coalesce(i.racine, p.id) = p.id
             ORDER BY p.id LIMIT $2"
        );
        let rows: Vec<Compared> =
            sqlx::query_as(&sql).bind(etablissement).bind(COMPAREES_MAX).fetch_all(db).await?;
        Ok(rows.into_iter().map(Portrait::from).collect())
    }

    /// The fiches of an établissement that are read as others, each with the one that it is
    /// read as.
    pub async fn fondues(db: impl PgExecutor<'_>, etablissement: Uuid) -> sqlx::Result<Vec<(Uuid, Uuid)>> {
        sqlx::query_as(
            "SELECT i.fiche, i.racine FROM identite i JOIN rattachement r ON r.personne = i.fiche
             WHERE r.etablissement = $1 AND i.fiche <> i.racine ORDER BY 2, 1",
        )
        .bind(etablissement)
        .fetch_all(db)
        .await
    }
}

impl From<Compared> for Portrait {
    fn from(row: Compared) -> Self {
        Self {
            personne: PersonneId(row.id),
            nom: row.nom,
            prenom: row.prenom,
            naissance: row.naissance,
            courriel: row.courriel,
            etablissements: row.etablissements.into_iter().map(EtablissementId).collect(),
        }
    }
}
