//! Where pupils need not be: absences of whole groups, and dispenses.

use crate::{Forget, Projection, ProjectionError, stream_uuid};
use async_trait::async_trait;
use chrono::{NaiveDate, NaiveDateTime};
use domain::absences::{
    Collective as Groupe, CollectiveEvent, Dispense as Aggregat, DispenseEvent, Etendue, FicheCollective,
};
use domain::{Aggregate, Event};
use ledger::feed::Fact;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

/// The view of excuses.
pub struct Excuses;

#[async_trait]
impl Projection for Excuses {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["collective", "dispense"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[Groupe::TYPE, Aggregat::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[
            Forget { kind: Groupe::TYPE, sql: "DELETE FROM collective WHERE id = ANY ($1::text[]::uuid[])" },
            Forget { kind: Aggregat::TYPE, sql: "DELETE FROM dispense WHERE id = ANY ($1::text[]::uuid[])" },
        ]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        match fact.event() {
            Some(Event::Collective(event)) => collective(stream_uuid(fact)?, event, tx).await,
            Some(Event::Dispense(event)) => dispense(stream_uuid(fact)?, event, tx).await,
            Some(_) | None => Ok(()),
        }
    }
}

async fn collective(id: Uuid, event: &CollectiveEvent, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    match event {
        CollectiveEvent::CollectiveDeclaree { fiche } => {
            let FicheCollective { etablissement, nature, libelle, creneau, divisions, groupes } = fiche;
            sqlx::query("INSERT INTO collective VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
                .bind(id)
                .bind(etablissement.0)
                .bind(nature.as_str())
                .bind(libelle)
                .bind(creneau.debut)
                .bind(creneau.fin)
                .bind(divisions.iter().map(|division| division.0).collect::<Vec<_>>())
                .bind(groupes.iter().map(|groupe| groupe.0).collect::<Vec<_>>())
                .execute(tx)
                .await?;
        }
        CollectiveEvent::CollectiveAnnulee { motif } => {
            let sql = "UPDATE collective SET annulee = $2 WHERE id = $1";
            sqlx::query(sql).bind(id).bind(motif).execute(tx).await?;
        }
    }
    Ok(())
}

async fn dispense(id: Uuid, event: &DispenseEvent, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    match event {
        DispenseEvent::DispenseAccordee { eleve, etablissement, etendue } => {
            sqlx::query("INSERT INTO dispense VALUES ($1, $2, $3, $4, $5, $6)")
                .bind(id)
                .bind(etablissement.0)
                .bind(eleve.0)
                .bind(etendue.du)
                .bind(etendue.au)
                .bind(Json(etendue))
                .execute(tx)
                .await?;
        }
        DispenseEvent::DispenseTerminee { le, .. } => {
            let sql = "UPDATE dispense SET au = $2 WHERE id = $1";
            sqlx::query(sql).bind(id).bind(le).execute(tx).await?;
        }
    }
    Ok(())
}

/// An absence of a whole group.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Collective {
    pub id: Uuid,
    pub etablissement: Uuid,
    pub nature: String,
    pub libelle: String,
    pub debut: NaiveDateTime,
    pub fin: NaiveDateTime,
    pub divisions: Vec<Uuid>,
    pub groupes: Vec<Uuid>,
    /// Why it did not take place.
    pub annulee: Option<String>,
}

/// A dispense; its own last day counts, and not the one that was granted first.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Dispense {
    pub id: Uuid,
    pub etablissement: Uuid,
    pub eleve: Uuid,
    pub du: NaiveDate,
    pub au: NaiveDate,
    pub etendue: Json<Etendue>,
}

impl Dispense {
    /// What it covers, as it stands.
    pub fn etendue(&self) -> Etendue {
        Etendue { au: self.au, ..self.etendue.0.clone() }
    }
}

/// A span in which a pupil is at school elsewhere.
#[derive(Debug, Clone, Copy, FromRow)]
#[allow(missing_docs)]
pub struct Ailleurs {
    pub eleve: Uuid,
    pub debut: NaiveDateTime,
    pub fin: NaiveDateTime,
}

/// Who of the pupils `$2` is in the ensembles `dans`, by situations of one nature: each has an index of its
/// own.
fn dedans(nature: &str) -> String {
    format!(
        "SELECT d.collective, s.sujet, greatest(d.depuis, nullif(s.depuis, premier.le)), least(d.jusque, s.jusque)
         FROM dans d JOIN situation s ON s.nature = '{nature}' AND s.objet = d.ensemble AND s.sujet = ANY ($2)
         CROSS JOIN LATERAL (SELECT min(x.depuis) AS le FROM situation x
                             WHERE x.nature = '{nature}' AND x.objet = s.objet) premier"
    )
}

impl Excuses {
    /// Frozen name of the view.
    pub const NAME: &'static str = "absences.excuses";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// The absences of groups with these ids.
    pub async fn collectives(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<Collective>> {
        sqlx::query_as("SELECT * FROM collective WHERE id = ANY ($1)").bind(ids).fetch_all(db).await
    }

    /// Those of an établissement that touch these days, in order, after a place in that order.
    pub async fn collectives_of(
        db: impl PgExecutor<'_>,
        etablissement: Uuid,
        (du, au): (NaiveDate, NaiveDate),
        after: Option<(NaiveDateTime, Uuid)>,
        limit: i64,
    ) -> sqlx::Result<Vec<Collective>> {
        let (debut, id) = after.unzip();
        sqlx::query_as(
            "SELECT * FROM collective WHERE etablissement = $1 AND debut < $3::date + 1 AND fin > $2::date
             AND ($4::timestamp IS NULL OR (debut, id) > ($4, $5))
             ORDER BY debut, id LIMIT $6",
        )
        .bind(etablissement)
        .bind(du)
        .bind(au)
        .bind(debut)
        .bind(id)
        .bind(limit)
        .fetch_all(db)
        .await
    }

    /// When these pupils are away with a group of theirs on these days: with the division or the
    /// groupe in which each is then, and for as long. What was so before the directory knew anybody
    /// there is what it knew first.
    pub async fn ailleurs(
        db: impl PgExecutor<'_>,
        etablissement: Uuid,
        eleves: &[Uuid],
        (du, au): (NaiveDate, NaiveDate),
    ) -> sqlx::Result<Vec<Ailleurs>> {
        let sql = format!(
            "WITH RECURSIVE ouverte AS (
                 SELECT id, debut, fin, divisions || groupes AS ensembles FROM collective
                 WHERE etablissement = $1 AND annulee IS NULL AND debut < $4::date + 1 AND fin > $3::date
             ), dans (collective, ensemble, depuis, jusque) AS (
                 SELECT id, unnest(ensembles), NULL::date, NULL::date FROM ouverte
                 UNION
                 SELECT d.collective, s.objet, greatest(d.depuis, nullif(s.depuis, premier.le)),
                        least(d.jusque, s.jusque)
                 FROM dans d JOIN situation s ON s.nature = 'appartenance' AND s.sujet = d.ensemble
                 CROSS JOIN LATERAL (SELECT min(x.depuis) AS le FROM situation x
                                     WHERE x.nature = 'appartenance' AND x.sujet = s.sujet) premier
             ), absent (collective, eleve, depuis, jusque) AS (
                 SELECT collective, ensemble, depuis, jusque FROM dans WHERE ensemble = ANY ($2)
                 UNION {} UNION {}
             )
             SELECT a.eleve, greatest(c.debut, a.depuis::timestamp) AS debut,
                    least(c.fin, a.jusque::timestamp) AS fin
             FROM absent a JOIN ouverte c ON c.id = a.collective
             WHERE greatest(c.debut, a.depuis::timestamp) < least(c.fin, a.jusque::timestamp)",
            dedans("affectation"),
            dedans("repartition"),
        );
        sqlx::query_as(&sql).bind(etablissement).bind(eleves).bind(du).bind(au).fetch_all(db).await
    }

    /// The dispenses with these ids.
    pub async fn dispenses(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<Dispense>> {
        sqlx::query_as("SELECT * FROM dispense WHERE id = ANY ($1)").bind(ids).fetch_all(db).await
    }

    /// The dispenses of these pupils in an établissement, newest first, after a place in that order;
    /// all of them, where no limit is given.
    pub async fn dispenses_of(
        db: impl PgExecutor<'_>,
        etablissement: Uuid,
        eleves: &[Uuid],
        after: Option<(NaiveDate, Uuid)>,
        limit: Option<i64>,
    ) -> sqlx::Result<Vec<Dispense>> {
        let (du, id) = after.unzip();
        sqlx::query_as(
            "SELECT * FROM dispense WHERE etablissement = $1 AND eleve = ANY ($2)
             AND ($3::date IS NULL OR (du, id) < ($3, $4))
             ORDER BY du DESC, id DESC LIMIT $5",
        )
        .bind(etablissement)
        .bind(eleves)
        .bind(du)
        .bind(id)
        .bind(limit)
        .fetch_all(db)
        .await
    }
}
