//! Whom an import looks among, to find those whom another source has named already.

use super::Annuaire;
use chrono::NaiveDate;
use domain::annuaire::Origine;
use sqlx::{FromRow, PgExecutor};
use uuid::Uuid;

/// Someone in an établissement, by identity.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Presente {
    pub personne: Uuid,
    pub etablissement: Uuid,
    pub nom: String,
    pub prenom: String,
    pub naissance: Option<NaiveDate>,
    pub profil: String,
}

/// An adult who answers for a pupil, by name.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Adulte {
    pub eleve: Uuid,
    pub responsable: Uuid,
    pub nom: String,
    pub prenom: String,
}

impl Annuaire {
    /// Who is in these établissements and whom a source has not named yet.
    pub async fn inconnus_de(
        db: impl PgExecutor<'_>,
        etablissements: &[Uuid],
        origine: Origine,
        portee: &str,
    ) -> sqlx::Result<Vec<Presente>> {
        sqlx::query_as(
            "SELECT r.personne, r.etablissement, p.nom, p.prenom, p.naissance, r.profil
             FROM rattachement r JOIN personne p ON p.id = r.personne
             WHERE r.etablissement = ANY ($1) AND NOT EXISTS (
                 SELECT FROM source s
                 WHERE s.personne = r.personne AND s.origine = $2 AND s.portee = $3)",
        )
        .bind(etablissements)
        .bind(origine.as_str())
        .bind(portee)
        .fetch_all(db)
        .await
    }

    /// Who is in an établissement and whom its STS has named by a number without a register.
    pub async fn sans_registre_de(
        db: impl PgExecutor<'_>,
        etablissement: Uuid,
        portee: &str,
    ) -> sqlx::Result<Vec<Presente>> {
        sqlx::query_as(
            "SELECT r.personne, r.etablissement, p.nom, p.prenom, p.naissance, r.profil
             FROM rattachement r JOIN personne p ON p.id = r.personne
             WHERE r.etablissement = $1 AND EXISTS (
                 SELECT FROM source s WHERE s.personne = r.personne AND s.origine = $2 AND s.portee = $3
                 AND strpos(s.cle, '/') = 0)",
        )
        .bind(etablissement)
        .bind(Origine::Sts.as_str())
        .bind(portee)
        .fetch_all(db)
        .await
    }

    /// The teachers of an établissement, whoever has named them.
    pub async fn enseignants_de(db: impl PgExecutor<'_>, etablissement: Uuid) -> sqlx::Result<Vec<Presente>> {
        sqlx::query_as(
            "SELECT r.personne, r.etablissement, p.nom, p.prenom, p.naissance, r.profil
             FROM rattachement r JOIN personne p ON p.id = r.personne
             WHERE r.etablissement = $1 AND r.profil = 'enseignant' ORDER BY r.personne",
        )
        .bind(etablissement)
        .fetch_all(db)
        .await
    }

    /// Who answers for the pupils of an établissement.
    pub async fn adultes_de(db: impl PgExecutor<'_>, etablissement: Uuid) -> sqlx::Result<Vec<Adulte>> {
        sqlx::query_as(
            "SELECT s.eleve, s.responsable, p.nom, p.prenom
             FROM rattachement r
             JOIN responsabilite s ON s.eleve = r.personne
             JOIN personne p ON p.id = s.responsable
             WHERE r.etablissement = $1 AND r.profil = 'eleve'",
        )
        .bind(etablissement)
        .fetch_all(db)
        .await
    }

    /// Code and name of every matière that is taught somewhere.
    pub async fn matieres(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<(String, String)>> {
        sqlx::query_as(
            "SELECT DISTINCT ON (matiere_code) matiere_code, matiere_libelle FROM enseignement
             ORDER BY matiere_code, matiere_libelle",
        )
        .fetch_all(db)
        .await
    }

    /// The établissement with this number.
    pub async fn par_uai(db: impl PgExecutor<'_>, uai: &str) -> sqlx::Result<Option<super::Etablissement>> {
        sqlx::query_as("SELECT * FROM etablissement WHERE uai = $1").bind(uai).fetch_optional(db).await
    }
}
