//! The people of an établissement, as a file of it tells them.

use super::queries::INSCRIT;
use super::{Annuaire, Personne};
use domain::annuaire::Origine;
use sqlx::{FromRow, PgExecutor};
use uuid::Uuid;

/// Someone in an établissement.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Rattachee {
    #[sqlx(flatten)]
    pub personne: Personne,
    pub profil: String,
    pub fonctions: Vec<String>,
    /// Code of the pupil's division.
    pub division: Option<String>,
    /// Under which key the établissement's own file names the person, if it does.
    pub cle: Option<String>,
}

impl Rattachee {
    /// The key in a file of the établissement: its own, or else the directory's id.
    pub fn identifiant(&self) -> String {
        self.cle.clone().unwrap_or_else(|| self.personne.id.to_string())
    }
}

/// How an adult answers for a pupil.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Lien {
    pub eleve: Uuid,
    pub responsable: Uuid,
    pub lien: String,
    pub niveau: String,
    pub destinataire: bool,
}

const CLE: &str = "LEFT JOIN source s ON s.personne = p.id AND s.origine = $2
                   AND s.portee = (SELECT e.uai FROM etablissement e WHERE e.id = $1)";

impl Annuaire {
    /// Who is something in an établissement, in the order of a list.
    pub async fn membres_de(db: impl PgExecutor<'_>, etablissement: Uuid) -> sqlx::Result<Vec<Rattachee>> {
        let sql = format!(
            "SELECT p.*, r.profil, r.fonctions, d.code AS division, s.cle
             FROM rattachement r JOIN personne p ON p.id = r.personne
             LEFT JOIN division d ON d.id = r.division {CLE}
             WHERE r.etablissement = $1 AND NOT p.suspendue AND {INSCRIT} ORDER BY p.nom, p.prenom, p.id"
        );
        sqlx::query_as(&sql).bind(etablissement).bind(Origine::Csv.as_str()).fetch_all(db).await
    }

    /// Adults who answer for a pupil there, and are nothing there themselves.
    pub async fn adultes_d_ailleurs(
        db: impl PgExecutor<'_>,
        etablissement: Uuid,
        adultes: &[Uuid],
    ) -> sqlx::Result<Vec<Rattachee>> {
        let sql = format!(
            "SELECT p.*, 'responsable' AS profil, '{{}}'::text[] AS fonctions, NULL::text AS division, s.cle
             FROM personne p {CLE} WHERE p.id = ANY ($3) AND NOT p.suspendue ORDER BY p.nom, p.prenom, p.id"
        );
        let query = sqlx::query_as(&sql).bind(etablissement).bind(Origine::Csv.as_str());
        query.bind(adultes).fetch_all(db).await
    }

    /// Who answers for the pupils of an établissement, and how.
    pub async fn liens_de(db: impl PgExecutor<'_>, etablissement: Uuid) -> sqlx::Result<Vec<Lien>> {
        let sql = format!(
            "SELECT q.eleve, q.responsable, q.lien, q.niveau, q.destinataire
             FROM rattachement r JOIN personne p ON p.id = r.personne
             JOIN responsabilite q ON q.eleve = r.personne
             WHERE r.etablissement = $1 AND r.profil = 'eleve' AND NOT p.suspendue AND {INSCRIT}
             ORDER BY q.eleve, q.niveau, q.responsable"
        );
        sqlx::query_as(&sql).bind(etablissement).fetch_all(db).await
    }
}
