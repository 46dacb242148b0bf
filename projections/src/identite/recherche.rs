//! What is asked when somebody signs in.

use super::Comptes;
use chrono::{DateTime, Utc};
use domain::identite::Vecteur;
use sqlx::{FromRow, PgExecutor};
use uuid::Uuid;

/// An external identity and what it opens.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct LiaisonDeCompte {
    pub id: Uuid,
    pub compte: Uuid,
    pub personne: Uuid,
    pub fournisseur: String,
    pub nature: String,
    pub portail: String,
    pub le: DateTime<Utc>,
    pub rompue: bool,
}

/// A compte that was refused or locked before.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Verrou {
    pub compte: Uuid,
    /// Where its stream is.
    pub portail: String,
    pub verrouille: bool,
    pub motif: Option<String>,
    pub le: Option<DateTime<Utc>>,
    pub jusque: Option<DateTime<Utc>>,
}

impl Verrou {
    /// Whether it holds at an instant.
    pub fn tient(&self, now: DateTime<Utc>) -> bool {
        self.verrouille && self.jusque.is_none_or(|jusque| now < jusque)
    }
}

/// A sign-in.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Connexion {
    pub session: Uuid,
    pub compte: Uuid,
    pub fournisseur: String,
    pub portail: String,
    pub ouverte_le: DateTime<Utc>,
    pub etablissement: Option<Uuid>,
    pub profil: Option<String>,
    pub close_le: Option<DateTime<Utc>>,
    pub fin: Option<String>,
}

impl Comptes {
    /// By which number an établissement knows each of these pupils.
    pub async fn immatriculations(
        db: impl PgExecutor<'_>,
        etablissement: Uuid,
        eleves: &[Uuid],
    ) -> sqlx::Result<Vec<(Uuid, String)>> {
        sqlx::query_as(
            "SELECT eleve, numero FROM immatriculation
             WHERE etablissement = $1 AND eleve = ANY ($2) ORDER BY eleve",
        )
        .bind(etablissement)
        .bind(eleves)
        .fetch_all(db)
        .await
    }

    /// The identities with these ids.
    pub async fn liaisons(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<LiaisonDeCompte>> {
        sqlx::query_as("SELECT * FROM liaison WHERE id = ANY ($1)").bind(ids).fetch_all(db).await
    }

    /// All identities that open a compte, or opened it, oldest first.
    pub async fn liaisons_of(db: impl PgExecutor<'_>, compte: Uuid) -> sqlx::Result<Vec<LiaisonDeCompte>> {
        sqlx::query_as("SELECT * FROM liaison WHERE compte = $1 ORDER BY le, id")
            .bind(compte)
            .fetch_all(db)
            .await
    }

    /// What is known of refusals and locks of a compte.
    pub async fn verrou(db: impl PgExecutor<'_>, compte: Uuid) -> sqlx::Result<Option<Verrou>> {
        sqlx::query_as("SELECT * FROM verrou WHERE compte = $1").bind(compte).fetch_optional(db).await
    }

    /// The sign-ins of a compte, newest first, after a place given by the (ouverte_le, session)
    /// of the last one seen.
    pub async fn connexions(
        db: impl PgExecutor<'_>,
        compte: Uuid,
        after: Option<(DateTime<Utc>, Uuid)>,
        limit: i64,
    ) -> sqlx::Result<Vec<Connexion>> {
        let (le, session) = after.unzip();
        sqlx::query_as(
            "SELECT * FROM connexion
             WHERE compte = $1 AND ($2::timestamptz IS NULL OR (ouverte_le, session) < ($2, $3))
             ORDER BY ouverte_le DESC, session DESC LIMIT $4",
        )
        .bind(compte)
        .bind(le)
        .bind(session)
        .bind(limit)
        .fetch_all(db)
        .await
    }

    /// The fiches that a vecteur describes: a few, since a second person makes it ambiguous. Names are
    /// compared without regard to case; the pupil's number decides which family is meant.
    pub async fn decrits(db: impl PgExecutor<'_>, vecteur: &Vecteur) -> sqlx::Result<Vec<Uuid>> {
        let sql = if vecteur.eleve { ELEVE } else { RESPONSABLE };
        sqlx::query_scalar(sql)
            .bind(vecteur.uai.etablissement().0)
            .bind(&vecteur.numero)
            .bind(&vecteur.nom)
            .bind(&vecteur.prenom)
            .fetch_all(db)
            .await
    }
}

const ELEVE: &str = "
    SELECT p.id FROM immatriculation i JOIN personne p ON p.id = i.eleve
    WHERE i.etablissement = $1 AND i.numero = $2
      AND lower(p.nom) = lower($3) AND lower(p.prenom) = lower($4)
    LIMIT 16";

const RESPONSABLE: &str = "
    SELECT DISTINCT p.id FROM immatriculation i
    JOIN responsabilite s ON s.eleve = i.eleve AND s.destinataire
    JOIN personne p ON p.id = s.responsable
    WHERE i.etablissement = $1 AND i.numero = $2
      AND lower(p.nom) = lower($3) AND lower(p.prenom) = lower($4)
    LIMIT 16";
