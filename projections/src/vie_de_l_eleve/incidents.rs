//! Incidents, for who reported them and who follows them.

use super::{sequence, vue, word};
use crate::ProjectionError;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use domain::Event;
use domain::vie_de_l_eleve::{self as domaine, IncidentEvent};
use ledger::feed::Fact;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

vue!(
    /// The view of incidents.
    Incidents = "vie_de_l_eleve.incidents" of domaine::Incident {
        "incident" by "id",
        "incident_protagoniste" by "incident",
        "incident_suivi" by "incident",
        "incident_avertissement" by "incident",
    }
);

async fn suivre(fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let Some(Event::Incident(event)) = fact.event() else { return Ok(()) };
    let id = crate::stream_uuid(fact)?;
    let change = match event {
        IncidentEvent::IncidentSignale { fiche, par } => {
            let a_avertir = fiche.a_avertir.iter().map(word).collect::<Result<Vec<_>, _>>()?;
            sqlx::query(
                "INSERT INTO incident (id, portail, nature, lieu, gravite, le, heure, a_avertir, rapporteur)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            )
            .bind(id)
            .bind(fact.position.portail.as_str())
            .bind(word(&fiche.nature)?)
            .bind(word(&fiche.lieu)?)
            .bind(word(&fiche.gravite)?)
            .bind(fiche.le)
            .bind(fiche.heure)
            .bind(a_avertir)
            .bind(par.0)
        }
        IncidentEvent::ProtagonisteImplique { personne, role, personnel, recit } => sqlx::query(
            "INSERT INTO incident_protagoniste (incident, personne, role, personnel, recit)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(id)
        .bind(personne.0)
        .bind(word(role)?)
        .bind(personnel)
        .bind(recit.as_deref()),
        IncidentEvent::ProtagonisteSuivi { personne, texte, par } => sqlx::query(
            "INSERT INTO incident_suivi (incident, sequence, personne, texte, par, le)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(id)
        .bind(sequence(fact)?)
        .bind(personne.0)
        .bind(texte)
        .bind(par.0)
        .bind(fact.envelope.recorded_at),
        IncidentEvent::InstanceAvertie { instance, le } => {
            sqlx::query("INSERT INTO incident_avertissement (incident, instance, le) VALUES ($1, $2, $3)")
                .bind(id)
                .bind(word(instance)?)
                .bind(*le)
        }
        IncidentEvent::IncidentClos { suite } => {
            sqlx::query("UPDATE incident SET suite = $2 WHERE id = $1").bind(id).bind(word(suite)?)
        }
    };
    change.execute(tx).await?;
    Ok(())
}

/// An incident as it stands.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Incident {
    pub id: Uuid,
    pub portail: String,
    pub nature: String,
    pub lieu: String,
    pub gravite: String,
    pub le: NaiveDate,
    pub heure: Option<NaiveTime>,
    pub a_avertir: Vec<String>,
    pub rapporteur: Uuid,
    pub suite: Option<String>,
}

/// Someone who was in it.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Protagoniste {
    pub incident: Uuid,
    pub personne: Uuid,
    pub role: String,
    pub personnel: bool,
    pub recit: Option<String>,
}

/// What was done with one of them.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct SuiviDIncident {
    pub incident: Uuid,
    pub personne: Uuid,
    pub texte: String,
    pub par: Uuid,
    pub le: DateTime<Utc>,
}

/// An instance that was warned.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct InstanceAvertie {
    pub incident: Uuid,
    pub instance: String,
    pub le: NaiveDate,
}

impl Incidents {
    /// An incident.
    pub async fn by_id(db: impl PgExecutor<'_>, id: Uuid) -> sqlx::Result<Option<Incident>> {
        sqlx::query_as("SELECT * FROM incident WHERE id = $1").bind(id).fetch_optional(db).await
    }

    /// The incidents of a portal, or only those that one of these persons reported, newest first,
    /// after a place in that order.
    pub async fn of_portail(
        db: impl PgExecutor<'_>,
        portail: &str,
        rapporteurs: Option<&[Uuid]>,
        ouverts: bool,
        after: Option<(NaiveDate, Uuid)>,
        limit: i64,
    ) -> sqlx::Result<Vec<Incident>> {
        let (day, id) = after.unzip();
        sqlx::query_as(
            "SELECT * FROM incident
             WHERE portail = $1 AND ($2::uuid[] IS NULL OR rapporteur = ANY ($2)) AND (NOT $3 OR suite IS NULL)
               AND ($4::date IS NULL OR (le, id) < ($4, $5))
             ORDER BY le DESC, id DESC LIMIT $6",
        )
        .bind(portail)
        .bind(rapporteurs)
        .bind(ouverts)
        .bind(day)
        .bind(id)
        .bind(limit)
        .fetch_all(db)
        .await
    }

    /// Who was in these.
    pub async fn protagonistes(
        db: impl PgExecutor<'_>,
        incidents: &[Uuid],
    ) -> sqlx::Result<Vec<Protagoniste>> {
        sqlx::query_as(
            "SELECT incident, personne, role, personnel, recit FROM incident_protagoniste
             WHERE incident = ANY ($1) ORDER BY incident, role, personne",
        )
        .bind(incidents)
        .fetch_all(db)
        .await
    }

    /// What was done about these, in order.
    pub async fn suivis(db: impl PgExecutor<'_>, incidents: &[Uuid]) -> sqlx::Result<Vec<SuiviDIncident>> {
        sqlx::query_as(
            "SELECT incident, personne, texte, par, le FROM incident_suivi
             WHERE incident = ANY ($1) ORDER BY incident, sequence",
        )
        .bind(incidents)
        .fetch_all(db)
        .await
    }

    /// Who was warned of these.
    pub async fn averties(db: impl PgExecutor<'_>, incidents: &[Uuid]) -> sqlx::Result<Vec<InstanceAvertie>> {
        sqlx::query_as(
            "SELECT incident, instance, le FROM incident_avertissement
             WHERE incident = ANY ($1) ORDER BY incident, le, instance",
        )
        .bind(incidents)
        .fetch_all(db)
        .await
    }
}
