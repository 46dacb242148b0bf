//! What was told to families, what waits to be, and what nobody took.

use super::adresses::en_defaut;
use super::preferences::reunies;
use crate::{Forget, Projection, ProjectionError, stream_uuid};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::notifications::{Annonce, Canal, Echec, Envoi as Aggregat, EnvoiEvent, Theme};
use domain::{Aggregate, Event};
use ledger::feed::Fact;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

/// The view of envois.
pub struct Envois;

#[async_trait]
impl Projection for Envois {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["envoi"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[Aggregat::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[Forget { kind: Aggregat::TYPE, sql: "DELETE FROM envoi WHERE id = ANY ($1::text[]::uuid[])" }]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let Some(Event::Envoi(event)) = fact.event() else { return Ok(()) };
        let id = stream_uuid(fact)?;
        let query = match event {
            EnvoiEvent::EnvoiPrepare { destinataire, canal, annonce, theme, pas_avant } => sqlx::query(
                "INSERT INTO envoi (id, portail, destinataire, canal, annonce, theme, pas_avant, maj,
                                    etat, essais)
                 VALUES ($1, $3, $4, $5, $6, $7, $8, $2, 'prepare', 0)",
            )
            .bind(id)
            .bind(fact.envelope.recorded_at)
            .bind(fact.position.portail.as_str())
            .bind(destinataire.0)
            .bind(canal.as_str())
            .bind(annonce.0)
            .bind(Json(theme))
            .bind(pas_avant),
            EnvoiEvent::EnvoiRemis { message } => sqlx::query(
                "UPDATE envoi SET etat = 'remis', message = $3, echec = NULL, maj = $2 WHERE id = $1",
            )
            .bind(id)
            .bind(fact.envelope.recorded_at)
            .bind(message),
            EnvoiEvent::EnvoiDiffere { essai, echec, pas_avant } => {
                failed(id, fact, *essai, *echec).bind("prepare").bind(Some(*pas_avant))
            }
            EnvoiEvent::EnvoiAbandonne { essai, echec } => {
                failed(id, fact, *essai, *echec).bind("abandonne").bind(None::<DateTime<Utc>>)
            }
            EnvoiEvent::EnvoiNonRemis { echec, .. } => {
                sqlx::query("UPDATE envoi SET etat = 'non_remis', echec = $3, maj = $2 WHERE id = $1")
                    .bind(id)
                    .bind(fact.envelope.recorded_at)
                    .bind(Json(*echec))
            }
            // Addresses have a view of their own, and so has what nobody is told of.
            EnvoiEvent::AdresseEnDefaut { .. }
            | EnvoiEvent::AdresseRetablie { .. }
            | EnvoiEvent::EnvoiSansSuite { .. } => return Ok(()),
        };
        query.execute(tx).await?;
        Ok(())
    }
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments>;

fn failed<'q>(id: Uuid, fact: &'q Fact, essai: u8, echec: Echec) -> Query<'q> {
    sqlx::query(
        "UPDATE envoi SET essais = $3, echec = $4, etat = $5, pas_avant = coalesce($6, pas_avant), maj = $2
         WHERE id = $1",
    )
    .bind(id)
    .bind(fact.envelope.recorded_at)
    .bind(i16::from(essai))
    .bind(Json(echec))
}

/// An envoi as it stands.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Envoi {
    pub id: Uuid,
    pub portail: String,
    pub destinataire: Uuid,
    pub canal: String,
    pub annonce: Uuid,
    #[sqlx(json)]
    pub theme: Theme,
    pub etat: String,
    pub essais: i16,
    pub pas_avant: DateTime<Utc>,
    pub message: Option<String>,
    pub maj: DateTime<Utc>,
    /// What is announced; none once it was erased.
    pub details: Option<Json<Annonce>>,
    pub echec: Option<Json<Echec>>,
}

/// An envoi that is to leave, with all that its text says.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Pli {
    pub id: Uuid,
    pub portail: String,
    pub destinataire: Uuid,
    pub canal: String,
    pub pas_avant: DateTime<Utc>,
    /// What is announced; none once it was erased.
    pub details: Option<Json<Annonce>>,
    /// The pupil's given name.
    pub prenom: Option<String>,
    pub etablissement: Option<String>,
    pub matiere: Option<String>,
    /// Code of the division or the groupe, where it is told of all of it.
    pub auditoire: Option<String>,
    /// Where it goes: an address or a number; none of what goes to devices.
    pub adresse: Option<String>,
}

/// What is asked about envois.
#[derive(Debug, Clone, Copy)]
pub enum Suivi<'a> {
    /// Those of a portal that nobody took or that came back, while no other way tells the same person,
    /// under whichever of his or her fiches, and letters that wait to be posted.
    ATraiter(&'a str),
    /// Those to somebody, under whichever of his or her fiches.
    A(&'a [Uuid]),
}

const ENVOI: &str = "SELECT e.*, a.details FROM envoi e LEFT JOIN annonce a ON a.id = e.annonce";

const PLI: &str = concat!(
    "SELECT e.id, e.portail, e.destinataire, e.canal, e.pas_avant, a.details, p.prenom,
            x.nom AS etablissement, n.matiere_libelle AS matiere, coalesce(c.code, g.code) AS auditoire,
            CASE e.canal
                WHEN 'sms' THEN (SELECT telephone FROM ",
    reunies!(
        "SELECT e.destinataire UNION
         SELECT autre.fiche FROM identite i JOIN identite autre ON autre.racine = i.racine
         WHERE i.fiche = e.destinataire",
        "coalesce((SELECT i.racine FROM identite i WHERE i.fiche = e.destinataire), e.destinataire)"
    ),
    " lui)
                WHEN 'appareil' THEN NULL
                ELSE (WITH lui (id) AS (
                          SELECT e.destinataire UNION
                          SELECT autre.fiche FROM identite i JOIN identite autre ON autre.racine = i.racine
                          WHERE i.fiche = e.destinataire)
                      SELECT q.courriel FROM lui JOIN personne q ON q.id = lui.id
                      WHERE q.courriel IS NOT NULL AND NOT q.suspendue
                        AND NOT ",
    en_defaut!("SELECT id FROM lui", "q.courriel"),
    "
                      ORDER BY q.id = e.destinataire DESC, q.id LIMIT 1)
            END AS adresse
     FROM envoi e
     LEFT JOIN annonce a ON a.id = e.annonce
     LEFT JOIN personne p ON p.id = a.eleve
     LEFT JOIN etablissement x ON lower(x.uai) = e.portail
     LEFT JOIN evaluation v ON v.id = (a.details->>'evaluation')::uuid
     LEFT JOIN enseignement n ON n.id = coalesce(v.enseignement, (a.details->>'enseignement')::uuid)
     LEFT JOIN division c ON c.id = a.division
     LEFT JOIN groupe_declare g ON g.id = a.groupe"
);

impl Envois {
    /// Frozen name of the view.
    pub const NAME: &'static str = "notifications.envois";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// The envois with these ids.
    pub async fn by_ids(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<Envoi>> {
        sqlx::query_as(&format!("{ENVOI} WHERE e.id = ANY ($1)")).bind(ids).fetch_all(db).await
    }

    /// Envois, the ones that moved last first.
    pub async fn suivis(
        db: impl PgExecutor<'_>,
        suivi: Suivi<'_>,
        after: Option<(DateTime<Utc>, Uuid)>,
        limit: i64,
    ) -> sqlx::Result<Vec<Envoi>> {
        let (of, which) = match suivi {
            Suivi::ATraiter(portail) => (
                vec![portail.to_owned()],
                "e.portail = ANY ($1)
                 AND ((e.etat IN ('abandonne', 'non_remis')
                       AND NOT EXISTS (SELECT FROM envoi x LEFT JOIN identite j ON j.fiche = x.destinataire
                                       WHERE x.annonce = e.annonce AND x.etat IN ('prepare', 'remis')
                                         AND coalesce(j.racine, x.destinataire) = coalesce(
                                             (SELECT i.racine FROM identite i WHERE i.fiche = e.destinataire),
                                             e.destinataire)))
                      OR (e.etat = 'prepare' AND e.canal = 'lettre'))",
            ),
            Suivi::A(fiches) => {
                (fiches.iter().map(Uuid::to_string).collect(), "e.destinataire = ANY ($1::uuid[])")
            }
        };
        let sql = format!(
            "{ENVOI} WHERE {which} AND ($2::timestamptz IS NULL OR (e.maj, e.id) < ($2, $3))
             ORDER BY e.maj DESC, e.id DESC LIMIT $4"
        );
        let (maj, id) = after.unzip();
        sqlx::query_as(&sql).bind(of).bind(maj).bind(id).bind(limit).fetch_all(db).await
    }

    /// What may leave at an instant by these ways, those of one person and instant together.
    pub async fn a_remettre(
        db: impl PgExecutor<'_>,
        canaux: &[Canal],
        maintenant: DateTime<Utc>,
        limit: i64,
    ) -> sqlx::Result<Vec<Pli>> {
        let canaux: Vec<_> = canaux.iter().map(|canal| canal.as_str()).collect();
        let sql = format!(
            "{PLI} WHERE e.etat = 'prepare' AND e.canal = ANY ($1) AND e.pas_avant <= $2
             ORDER BY e.pas_avant, e.destinataire, e.canal, e.id LIMIT $3"
        );
        sqlx::query_as(&sql).bind(canaux).bind(maintenant).bind(limit).fetch_all(db).await
    }

    /// The mails that left in a message, with what is said of them now.
    pub async fn du_message(db: impl PgExecutor<'_>, message: &str) -> sqlx::Result<Vec<Pli>> {
        sqlx::query_as(&format!("{PLI} WHERE e.message = $1 AND e.canal = 'courriel' ORDER BY e.id"))
            .bind(message)
            .fetch_all(db)
            .await
    }

    /// The same of envois with these ids.
    pub async fn plis(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<Pli>> {
        sqlx::query_as(&format!("{PLI} WHERE e.id = ANY ($1)")).bind(ids).fetch_all(db).await
    }
}
