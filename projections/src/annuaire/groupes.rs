//! The groupes of établissements, and what is in them: those that hands make, whose tables these are,
//! and those that sources declare ([`super::Repartitions`]).

use crate::{Forget, Projection, ProjectionError, stream_uuid};
use async_trait::async_trait;
use domain::annuaire::{Ensemble, GroupeEvent, Groupes as Aggregat};
use domain::{Aggregate, Event, GroupeId};
use ledger::feed::Fact;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

/// The view of groupes.
pub struct Groupes;

#[async_trait]
impl Projection for Groupes {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["groupe", "groupe_membre", "groupe_encadrant"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[Aggregat::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[
            Forget {
                kind: Aggregat::TYPE,
                sql: "DELETE FROM groupe_membre USING groupe g WHERE groupe = g.id AND g.etablissement = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: Aggregat::TYPE,
                sql: "DELETE FROM groupe_encadrant USING groupe g WHERE groupe = g.id AND g.etablissement = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: Aggregat::TYPE,
                sql: "DELETE FROM groupe WHERE etablissement = ANY ($1::text[]::uuid[])",
            },
        ]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let Some(Event::Groupes(event)) = fact.event() else { return Ok(()) };
        let query = match event {
            GroupeEvent::GroupeCree { groupe, annee, code, libelle } => sqlx::query(
                "INSERT INTO groupe (id, etablissement, annee, code, libelle, clos)
                 VALUES ($1, $2, $3, $4, $5, false)",
            )
            .bind(groupe.0)
            .bind(stream_uuid(fact)?)
            .bind(annee.0)
            .bind(code)
            .bind(libelle),
            GroupeEvent::GroupeRenomme { groupe, libelle } => {
                sqlx::query("UPDATE groupe SET libelle = $2 WHERE id = $1").bind(groupe.0).bind(libelle)
            }
            GroupeEvent::PersonneInscrite { groupe, personne } => enters(*groupe, personne.0, "personne"),
            GroupeEvent::PersonneDesinscrite { groupe, personne } => leaves(*groupe, personne.0),
            GroupeEvent::EnsembleInclus { groupe, ensemble } => {
                let (membre, nature) = part(*ensemble);
                enters(*groupe, membre, nature)
            }
            GroupeEvent::EnsembleExclu { groupe, ensemble } => leaves(*groupe, part(*ensemble).0),
            GroupeEvent::EncadrantNomme { groupe, encadrant } => sqlx::query(
                "INSERT INTO groupe_encadrant (groupe, personne) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            )
            .bind(groupe.0)
            .bind(encadrant.0),
            GroupeEvent::EncadrantRetire { groupe, encadrant } => {
                sqlx::query("DELETE FROM groupe_encadrant WHERE groupe = $1 AND personne = $2")
                    .bind(groupe.0)
                    .bind(encadrant.0)
            }
            GroupeEvent::GroupeReconduit { groupe, annee } => {
                sqlx::query("UPDATE groupe SET annee = $2 WHERE id = $1").bind(groupe.0).bind(annee.0)
            }
            GroupeEvent::GroupeClos { groupe } => {
                sqlx::query("UPDATE groupe SET clos = true WHERE id = $1").bind(groupe.0)
            }
        };
        query.execute(tx).await?;
        Ok(())
    }
}

type Statement<'q> = sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments>;

/// Of what came between two entries, a part may have been erased.
fn enters<'q>(groupe: GroupeId, membre: Uuid, nature: &'q str) -> Statement<'q> {
    sqlx::query(
        "INSERT INTO groupe_membre (groupe, membre, nature) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    )
    .bind(groupe.0)
    .bind(membre)
    .bind(nature)
}

fn leaves<'q>(groupe: GroupeId, membre: Uuid) -> Statement<'q> {
    sqlx::query("DELETE FROM groupe_membre WHERE groupe = $1 AND membre = $2").bind(groupe.0).bind(membre)
}

fn part(ensemble: Ensemble) -> (Uuid, &'static str) {
    match ensemble {
        Ensemble::Division { division } => (division.0, "division"),
        Ensemble::Groupe { groupe } => (groupe.0, "groupe"),
    }
}

/// A groupe.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Groupe {
    pub id: Uuid,
    pub etablissement: Uuid,
    /// The school year that it is of, or was last of.
    pub annee: i16,
    pub code: String,
    pub libelle: String,
    /// It ended with its year, or is declared no more.
    pub clos: bool,
    /// A hand opened it; a source alone declares it otherwise.
    pub saisi: bool,
    /// A source declares it, and says its name.
    pub declare: bool,
    /// From which divisions its members come, where a source says.
    pub provenances: Vec<Uuid>,
    pub encadrants: Vec<Uuid>,
    /// Label of the établissement's own portal.
    pub portail: String,
}

/// What was put into a groupe.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Membre {
    pub groupe: Uuid,
    pub membre: Uuid,
    /// `personne`, `division` or `groupe`.
    pub nature: String,
}

/// One that a hand opened and a source declares is named as the source says, and is led and filled by both.
const GROUPE: &str = "SELECT g.*, lower(e.uai) AS portail,
            array(SELECT x.personne FROM groupe_encadrant x WHERE x.groupe = g.id
                  UNION
                  SELECT q.personne FROM repartition q JOIN groupe_declare d ON d.id = q.groupe AND NOT d.clos
                  JOIN rattachement r ON r.personne = q.personne AND r.etablissement = q.etablissement
                  WHERE q.groupe = g.id AND r.profil NOT IN ('eleve', 'responsable')
                  ORDER BY 1) AS encadrants
     FROM (SELECT h.id, h.etablissement, h.annee, h.code, coalesce(d.libelle, h.libelle) AS libelle,
                  h.clos AND d.id IS NULL AS clos, true AS saisi, d.id IS NOT NULL AS declare,
                  coalesce(d.divisions, '{}') AS provenances
           FROM groupe h LEFT JOIN groupe_declare d ON d.id = h.id AND NOT d.clos
           UNION ALL
           SELECT d.id, d.etablissement, d.annee, d.code, d.libelle, d.clos, false, NOT d.clos, d.divisions
           FROM groupe_declare d WHERE NOT EXISTS (SELECT FROM groupe h WHERE h.id = d.id)) g
     JOIN etablissement e ON e.id = g.etablissement";

impl Groupes {
    /// Frozen name of the view.
    pub const NAME: &'static str = "annuaire.groupes";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// The groupes with these ids.
    pub async fn by_ids(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<Groupe>> {
        sqlx::query_as(&format!("{GROUPE} WHERE g.id = ANY ($1)")).bind(ids).fetch_all(db).await
    }

    /// The groupes of établissements that are open, in the order of their codes.
    pub async fn of(db: impl PgExecutor<'_>, etablissements: &[Uuid]) -> sqlx::Result<Vec<Groupe>> {
        let sql = format!(
            "{GROUPE} WHERE g.etablissement = ANY ($1) AND NOT g.clos ORDER BY g.etablissement, g.code, g.id"
        );
        sqlx::query_as(&sql).bind(etablissements).fetch_all(db).await
    }

    /// What was put into groupes.
    pub async fn membres(db: impl PgExecutor<'_>, groupes: &[Uuid]) -> sqlx::Result<Vec<Membre>> {
        sqlx::query_as("SELECT * FROM groupe_membre WHERE groupe = ANY ($1) ORDER BY groupe, nature, membre")
            .bind(groupes)
            .fetch_all(db)
            .await
    }

    /// Who is in groupes in the end, in the order of a list: persons who were put there, pupils whom
    /// sources put there, those of their divisions, and those of the groupes within.
    pub async fn personnes(
        db: impl PgExecutor<'_>,
        groupes: &[Uuid],
    ) -> sqlx::Result<Vec<(Uuid, super::Personne)>> {
        let dedans = Self::dedans("SELECT id, id FROM unnest($1::uuid[]) AS asked (id)");
        let sql = format!(
            "SELECT x.groupe, p.* FROM ({dedans}) x JOIN personne p ON p.id = x.personne
             WHERE NOT p.suspendue ORDER BY x.groupe, p.nom, p.prenom, p.id"
        );
        let rows: Vec<InGroupe> = sqlx::query_as(&sql).bind(groupes).fetch_all(db).await?;
        Ok(rows.into_iter().map(|row| (row.groupe, row.personne)).collect())
    }

    /// The statement that finds who is in groupes, suspended or not. It begins with another one that has
    /// each of them twice: as itself, and as a part of itself.
    pub(crate) fn dedans(asked: &str) -> String {
        format!(
            "WITH RECURSIVE dans (groupe, partie) AS (
                 {asked}
                 UNION
                 SELECT d.groupe, m.membre FROM dans d JOIN groupe_membre m ON m.groupe = d.partie
                 WHERE m.nature = 'groupe'
                   AND (EXISTS (SELECT FROM groupe g WHERE g.id = m.membre AND NOT g.clos)
                        OR EXISTS (SELECT FROM groupe_declare g WHERE g.id = m.membre AND NOT g.clos)))
             SELECT d.groupe, m.membre AS personne FROM dans d JOIN groupe_membre m ON m.groupe = d.partie
             WHERE m.nature = 'personne'
             UNION
             SELECT d.groupe, q.personne FROM dans d JOIN repartition q ON q.groupe = d.partie
             JOIN groupe_declare g ON g.id = q.groupe AND NOT g.clos
             JOIN rattachement r ON r.personne = q.personne AND r.etablissement = q.etablissement
             WHERE r.profil = 'eleve' AND NOT EXISTS (
                 SELECT FROM radiation x
                 WHERE x.eleve = q.personne AND x.etablissement = q.etablissement)
             UNION
             SELECT d.groupe, r.personne FROM dans d JOIN groupe_membre m ON m.groupe = d.partie
             JOIN rattachement r ON r.division = m.membre WHERE m.nature = 'division'"
        )
    }

    /// In which open groupes somebody who has these fiches is a pupil, by himself, by a source, by the
    /// division or by another groupe.
    pub async fn suivis(db: impl PgExecutor<'_>, fiches: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
        sqlx::query_scalar(
            "WITH RECURSIVE ici AS MATERIALIZED (
                 SELECT r.personne, r.etablissement, r.division FROM rattachement r
                 WHERE r.personne = ANY ($1) AND r.profil = 'eleve' AND NOT EXISTS (
                     SELECT FROM radiation x
                     WHERE x.eleve = r.personne AND x.etablissement = r.etablissement)),
             dans (groupe) AS (
                 SELECT m.groupe FROM ici JOIN groupe_membre m ON m.membre IN (ici.personne, ici.division)
                 UNION
                 SELECT q.groupe FROM ici
                 JOIN repartition q ON q.personne = ici.personne AND q.etablissement = ici.etablissement
                 UNION
                 SELECT m.groupe FROM dans JOIN groupe_membre m ON m.membre = dans.groupe
                 WHERE EXISTS (SELECT FROM groupe g WHERE g.id = dans.groupe AND NOT g.clos)
                    OR EXISTS (SELECT FROM groupe_declare g WHERE g.id = dans.groupe AND NOT g.clos))
             SELECT groupe FROM dans
             WHERE EXISTS (SELECT FROM groupe g WHERE g.id = dans.groupe AND NOT g.clos)
                OR EXISTS (SELECT FROM groupe_declare g WHERE g.id = dans.groupe AND NOT g.clos)
             ORDER BY groupe",
        )
        .bind(fiches)
        .fetch_all(db)
        .await
    }
}

#[derive(FromRow)]
struct InGroupe {
    groupe: Uuid,
    #[sqlx(flatten)]
    personne: super::Personne,
}
