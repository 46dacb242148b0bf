//! The words of the carnet, and who has acknowledged them.

use super::{d_un_eleve, vue, word};
use crate::ProjectionError;
use chrono::{DateTime, NaiveDate, Utc};
use domain::Event;
use domain::vie_de_l_eleve::{self as domaine, MotEvent};
use ledger::feed::Fact;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

vue!(
    /// The view of the carnets.
    Carnets = "vie_de_l_eleve.carnets" of domaine::Mot {
        "mot" by "id",
        "mot_destinataire" by "mot",
    }
);

async fn suivre(fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let Some(Event::Mot(event)) = fact.event() else { return Ok(()) };
    let id = crate::stream_uuid(fact)?;
    match event {
        MotEvent::MotEcrit { eleve, nature, texte, destinataires, par } => {
            sqlx::query(
                "INSERT INTO mot (id, portail, eleve, nature, texte, auteur, ecrit_le)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(id)
            .bind(fact.position.portail.as_str())
            .bind(eleve.0)
            .bind(word(nature)?)
            .bind(texte)
            .bind(par.0)
            .bind(fact.envelope.recorded_at)
            .execute(&mut *tx)
            .await?;
            sqlx::query("INSERT INTO mot_destinataire (mot, personne) SELECT $1, unnest($2::uuid[])")
                .bind(id)
                .bind(destinataires.iter().map(|one| one.0).collect::<Vec<_>>())
                .execute(tx)
                .await?;
        }
        MotEvent::MotSigne { par, le, .. } => {
            sqlx::query("UPDATE mot_destinataire SET signe_le = $3 WHERE mot = $1 AND personne = $2")
                .bind(id)
                .bind(par.0)
                .bind(*le)
                .execute(tx)
                .await?;
        }
    }
    Ok(())
}

/// A word.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Mot {
    pub id: Uuid,
    pub portail: String,
    pub eleve: Uuid,
    pub nature: String,
    pub texte: String,
    pub auteur: Uuid,
    pub ecrit_le: DateTime<Utc>,
}

/// Who is to acknowledge it, and when he or she did.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct DestinataireDeMot {
    pub mot: Uuid,
    pub personne: Uuid,
    pub signe_le: Option<NaiveDate>,
}

d_un_eleve!(Carnets, Mot, "mot" by "ecrit_le" of DateTime<Utc>);

impl Carnets {
    /// A word.
    pub async fn by_id(db: impl PgExecutor<'_>, id: Uuid) -> sqlx::Result<Option<Mot>> {
        sqlx::query_as("SELECT * FROM mot WHERE id = $1").bind(id).fetch_optional(db).await
    }

    /// Who is to acknowledge these words.
    pub async fn destinataires(
        db: impl PgExecutor<'_>,
        mots: &[Uuid],
    ) -> sqlx::Result<Vec<DestinataireDeMot>> {
        sqlx::query_as(
            "SELECT mot, personne, signe_le FROM mot_destinataire WHERE mot = ANY ($1) ORDER BY mot, personne",
        )
        .bind(mots)
        .fetch_all(db)
        .await
    }
}
