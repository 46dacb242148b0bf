//! What is asked of the directory.

use super::Annuaire;
use chrono::NaiveDate;
use sqlx::{FromRow, PgExecutor};
use uuid::Uuid;

/// An établissement.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Etablissement {
    pub id: Uuid,
    pub uai: String,
    pub nom: String,
    pub nature: String,
    pub academie: String,
    pub commune: String,
    pub portail: String,
}

/// A class of pupils.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Division {
    pub id: Uuid,
    pub etablissement: Uuid,
    pub code: String,
    pub libelle: String,
    pub mef: Option<String>,
}

/// What is taught to a division, and by whom today.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Enseignement {
    pub id: Uuid,
    pub etablissement: Uuid,
    pub division: Uuid,
    pub matiere_code: String,
    pub matiere_libelle: String,
    pub enseignants: Vec<Uuid>,
    /// Label of the établissement's own portal.
    pub portail: String,
}

/// A person.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Personne {
    pub id: Uuid,
    pub nom: String,
    pub prenom: String,
    pub civilite: Option<String>,
    pub naissance: Option<NaiveDate>,
    pub courriel: Option<String>,
    pub suspendue: bool,
}

/// A person with his or her schooling.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Eleve {
    #[sqlx(flatten)]
    pub personne: Personne,
    /// Where he or she is enrolled, if anywhere.
    pub etablissement: Option<Uuid>,
    pub division: Option<Uuid>,
}

/// What a person is in an établissement.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Rattachement {
    pub personne: Uuid,
    pub etablissement: Uuid,
    pub profil: String,
    pub fonctions: Vec<String>,
    pub division: Option<Uuid>,
}

const ELEVE: &str = "SELECT p.*,
            (SELECT r.etablissement FROM rattachement r
             WHERE r.personne = p.id AND r.profil = 'eleve' ORDER BY 1 LIMIT 1) AS etablissement,
            (SELECT r.division FROM rattachement r
             WHERE r.personne = p.id AND r.division IS NOT NULL
             ORDER BY r.etablissement LIMIT 1) AS division
     FROM personne p";

const ENSEIGNEMENT: &str = "SELECT n.id, n.etablissement, n.division, n.matiere_code, n.matiere_libelle,
            array(SELECT t.personne FROM enseignant t WHERE t.enseignement = n.id ORDER BY 1) AS enseignants,
            lower(e.uai) AS portail
     FROM enseignement n JOIN etablissement e ON e.id = n.etablissement";

impl Annuaire {
    /// The établissements with these ids.
    pub async fn etablissements(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<Etablissement>> {
        sqlx::query_as("SELECT * FROM etablissement WHERE id = ANY ($1)").bind(ids).fetch_all(db).await
    }

    /// The divisions with these ids.
    pub async fn divisions(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<Division>> {
        sqlx::query_as("SELECT * FROM division WHERE id = ANY ($1)").bind(ids).fetch_all(db).await
    }

    /// The divisions of établissements, in the order of their codes.
    pub async fn divisions_of(
        db: impl PgExecutor<'_>,
        etablissements: &[Uuid],
    ) -> sqlx::Result<Vec<Division>> {
        sqlx::query_as("SELECT * FROM division WHERE etablissement = ANY ($1) ORDER BY etablissement, code")
            .bind(etablissements)
            .fetch_all(db)
            .await
    }

    /// The enseignements with these ids.
    pub async fn enseignements(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<Enseignement>> {
        sqlx::query_as(&format!("{ENSEIGNEMENT} WHERE n.id = ANY ($1)")).bind(ids).fetch_all(db).await
    }

    /// The enseignements of divisions, in the order of their matières.
    pub async fn enseignements_of(
        db: impl PgExecutor<'_>,
        divisions: &[Uuid],
    ) -> sqlx::Result<Vec<Enseignement>> {
        let sql = format!(
            "{ENSEIGNEMENT} WHERE n.division = ANY ($1) ORDER BY n.division, n.matiere_libelle, n.id"
        );
        sqlx::query_as(&sql).bind(divisions).fetch_all(db).await
    }

    /// The enseignements that a person gives.
    pub async fn enseignements_by(
        db: impl PgExecutor<'_>,
        enseignant: Uuid,
    ) -> sqlx::Result<Vec<Enseignement>> {
        let sql = format!(
            "{ENSEIGNEMENT} JOIN enseignant mine ON mine.enseignement = n.id AND mine.personne = $1
             ORDER BY n.matiere_libelle, n.id"
        );
        sqlx::query_as(&sql).bind(enseignant).fetch_all(db).await
    }

    /// The persons with these ids.
    pub async fn personnes(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<Personne>> {
        sqlx::query_as("SELECT * FROM personne WHERE id = ANY ($1)").bind(ids).fetch_all(db).await
    }

    /// The pupils of divisions with their division, in the order of a class list.
    pub async fn eleves_of(
        db: impl PgExecutor<'_>,
        divisions: &[Uuid],
    ) -> sqlx::Result<Vec<(Uuid, Personne)>> {
        let rows: Vec<PupilRow> = sqlx::query_as(
            "SELECT r.division, p.* FROM rattachement r JOIN personne p ON p.id = r.personne
             WHERE r.division = ANY ($1) AND NOT p.suspendue ORDER BY r.division, p.nom, p.prenom, p.id",
        )
        .bind(divisions)
        .fetch_all(db)
        .await?;
        Ok(rows.into_iter().map(|row| (row.division, row.personne)).collect())
    }

    /// Where persons are attached, and as what.
    pub async fn rattachements(
        db: impl PgExecutor<'_>,
        personnes: &[Uuid],
    ) -> sqlx::Result<Vec<Rattachement>> {
        sqlx::query_as(
            "SELECT personne, etablissement, profil, fonctions, division FROM rattachement
             WHERE personne = ANY ($1) ORDER BY personne, etablissement",
        )
        .bind(personnes)
        .fetch_all(db)
        .await
    }

    /// These persons, as pupils.
    pub async fn eleves(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<Eleve>> {
        sqlx::query_as(&format!("{ELEVE} WHERE p.id = ANY ($1)")).bind(ids).fetch_all(db).await
    }

    /// The pupils for whom a person answers with the right to be informed, to which none who is of
    /// age has objected.
    pub async fn enfants_of(db: impl PgExecutor<'_>, responsable: Uuid) -> sqlx::Result<Vec<Eleve>> {
        let sql = format!(
            "{ELEVE} JOIN responsabilite s ON s.eleve = p.id
             WHERE s.responsable = $1 AND s.destinataire
               AND NOT EXISTS (SELECT FROM opposition o WHERE o.eleve = s.eleve)
             ORDER BY p.naissance, p.prenom, p.id"
        );
        sqlx::query_as(&sql).bind(responsable).fetch_all(db).await
    }

    /// The chefs d'établissement: who holds this fonction where.
    pub async fn by_fonction(
        db: impl PgExecutor<'_>,
        etablissement: Uuid,
        fonction: &str,
    ) -> sqlx::Result<Vec<Personne>> {
        sqlx::query_as(
            "SELECT p.* FROM rattachement r JOIN personne p ON p.id = r.personne
             WHERE r.etablissement = $1 AND $2 = ANY (r.fonctions) ORDER BY p.id",
        )
        .bind(etablissement)
        .bind(fonction)
        .fetch_all(db)
        .await
    }
}

#[derive(FromRow)]
struct PupilRow {
    division: Uuid,
    #[sqlx(flatten)]
    personne: Personne,
}
