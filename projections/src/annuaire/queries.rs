//! What is asked of the directory.

use super::{Annuaire, Colonnes, Remplacement};
use chrono::NaiveDate;
use domain::annuaire::Auditoire;
use sqlx::{FromRow, PgExecutor};
use std::collections::BTreeSet;
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
    /// The académie's portal, in whose journal the directory is; its own is [`Self::hote`].
    pub portail: String,
}

impl Etablissement {
    /// Label of the établissement's own portal.
    pub fn hote(&self) -> String {
        self.uai.to_lowercase()
    }
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

/// What is taught, to whom and by whom.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Enseignement {
    pub id: Uuid,
    pub etablissement: Uuid,
    #[sqlx(flatten, try_from = "Colonnes")]
    pub auditoire: Auditoire,
    pub matiere_code: String,
    pub matiere_libelle: String,
    /// Who teaches it, present or not.
    pub attitres: Vec<Uuid>,
    /// Who stands in for one of them, and when.
    #[sqlx(json)]
    pub remplacements: Vec<Remplacement>,
    /// Label of the établissement's own portal.
    pub portail: String,
}

impl Enseignement {
    /// Who teaches it on a day: the substitutes in place of those for whom they stand in.
    pub fn enseignants(&self, le: NaiveDate) -> Vec<Uuid> {
        let absents = self.absents(le);
        let present = self.attitres.iter().filter(|attitre| !absents.contains(attitre));
        let instead = self.en_cours(le).map(|remplacement| &remplacement.remplacant);
        present.chain(instead).copied().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// For whom someone stands in on a day.
    pub fn absents(&self, le: NaiveDate) -> Vec<Uuid> {
        self.en_cours(le).map(|remplacement| remplacement.absent).collect()
    }

    fn en_cours(&self, le: NaiveDate) -> impl Iterator<Item = &Remplacement> {
        self.remplacements.iter().filter(move |remplacement| remplacement.court(le))
    }
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
    pub division: Option<Uuid>,
    /// Where he or she is enrolled, or was before leaving: each keeps a record of its own.
    pub dossiers: Vec<Uuid>,
    /// Every fiche of the same pupil, this one too.
    pub fiches: Vec<Uuid>,
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

/// Who was struck off somewhere is no longer attached there.
pub(super) const INSCRIT: &str = "NOT (r.profil = 'eleve' AND EXISTS (
         SELECT FROM radiation x WHERE x.eleve = r.personne AND x.etablissement = r.etablissement))";

const ELEVE: &str = "SELECT p.*,
            (SELECT r.division FROM rattachement r
             WHERE r.personne = p.id AND r.division IS NOT NULL
             ORDER BY r.etablissement LIMIT 1) AS division,
            array(SELECT r.etablissement FROM rattachement r
                  WHERE r.personne = ANY (tous.fiches) AND r.profil = 'eleve'
                  UNION
                  SELECT s.cadre FROM situation s
                  WHERE s.nature = 'rattachement' AND s.mot = 'eleve' AND s.sujet = ANY (tous.fiches)
                  ORDER BY 1) AS dossiers,
            tous.fiches
     FROM personne p
     CROSS JOIN LATERAL (
         SELECT array(SELECT p.id UNION
                      SELECT autre.fiche FROM identite i JOIN identite autre ON autre.racine = i.racine
                      WHERE i.fiche = p.id ORDER BY 1) AS fiches) tous";

const ENSEIGNEMENT: &str = "SELECT n.id, n.etablissement, n.division, n.groupe, n.matiere_code,
            n.matiere_libelle,
            array(SELECT t.personne FROM enseignant t WHERE t.enseignement = n.id ORDER BY 1) AS attitres,
            (SELECT coalesce(jsonb_agg(x ORDER BY x.du, x.remplacant), '[]') FROM remplacement x
             WHERE x.enseignement = n.id) AS remplacements,
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

    /// The enseignements of divisions and of groupes, in the order of their matières.
    pub async fn enseignements_of(
        db: impl PgExecutor<'_>,
        auditoires: &[Uuid],
    ) -> sqlx::Result<Vec<Enseignement>> {
        let sql = format!(
            "{ENSEIGNEMENT} WHERE n.division = ANY ($1) OR n.groupe = ANY ($1)
             ORDER BY n.division, n.groupe, n.matiere_libelle, n.id"
        );
        sqlx::query_as(&sql).bind(auditoires).fetch_all(db).await
    }

    /// The enseignements that a person gives on a day, under whichever of his or her fiches; those
    /// too in which someone stands in for him or her.
    pub async fn enseignements_by(
        db: impl PgExecutor<'_>,
        fiches: &[Uuid],
        le: NaiveDate,
    ) -> sqlx::Result<Vec<Enseignement>> {
        let sql = format!(
            "{ENSEIGNEMENT} WHERE n.id IN (
                 SELECT t.enseignement FROM enseignant t WHERE t.personne = ANY ($1)
                 UNION
                 SELECT x.enseignement FROM remplacement x
                 WHERE x.remplacant = ANY ($1) AND x.du <= $2 AND x.au > $2)
             ORDER BY n.matiere_libelle, n.id"
        );
        sqlx::query_as(&sql).bind(fiches).bind(le).fetch_all(db).await
    }

    /// The enseignements that sources say a fiche teaches, present or not.
    pub async fn enseignements_attitres(
        db: impl PgExecutor<'_>,
        fiche: Uuid,
    ) -> sqlx::Result<Vec<Enseignement>> {
        let sql = format!(
            "{ENSEIGNEMENT} WHERE n.id IN (SELECT t.enseignement FROM enseignant t WHERE t.personne = $1)
             ORDER BY n.matiere_libelle, n.id"
        );
        sqlx::query_as(&sql).bind(fiche).fetch_all(db).await
    }

    /// Where each of these persons teaches something.
    pub async fn enseignent_dans(
        db: impl PgExecutor<'_>,
        personnes: &[Uuid],
    ) -> sqlx::Result<Vec<(Uuid, Uuid)>> {
        sqlx::query_as(
            "SELECT DISTINCT t.personne, n.etablissement
             FROM enseignant t JOIN enseignement n ON n.id = t.enseignement
             WHERE t.personne = ANY ($1) ORDER BY 1, 2",
        )
        .bind(personnes)
        .fetch_all(db)
        .await
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
        let sql = format!(
            "SELECT personne, etablissement, profil, fonctions, division FROM rattachement r
             WHERE personne = ANY ($1) AND {INSCRIT} ORDER BY personne, etablissement"
        );
        sqlx::query_as(&sql).bind(personnes).fetch_all(db).await
    }

    /// These persons, as pupils.
    pub async fn eleves(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<Eleve>> {
        sqlx::query_as(&format!("{ELEVE} WHERE p.id = ANY ($1)")).bind(ids).fetch_all(db).await
    }

    /// The pupils for whom a person answers with the right to be informed, to which none who is of
    /// age has objected, under whichever of his or her fiches; a pupil with several appears once.
    pub async fn enfants_of(db: impl PgExecutor<'_>, fiches: &[Uuid]) -> sqlx::Result<Vec<Eleve>> {
        let sql = format!(
            "{ELEVE} WHERE p.id IN (
                 SELECT coalesce(i.racine, s.eleve) FROM responsabilite s
                 LEFT JOIN identite i ON i.fiche = s.eleve
                 WHERE s.responsable = ANY ($1) AND s.destinataire
                   AND NOT EXISTS (SELECT FROM opposition o WHERE o.eleve = s.eleve)
                   AND NOT EXISTS (SELECT FROM identite m JOIN opposition o ON o.eleve = m.fiche
                                   WHERE m.racine = i.racine))
             ORDER BY p.naissance, p.prenom, p.id"
        );
        sqlx::query_as(&sql).bind(fiches).fetch_all(db).await
    }

    /// Who answers for a pupil with the right to be informed.
    pub async fn responsables_of(db: impl PgExecutor<'_>, eleve: Uuid) -> sqlx::Result<Vec<Uuid>> {
        sqlx::query_scalar(
            "SELECT responsable FROM responsabilite WHERE eleve = $1 AND destinataire ORDER BY responsable",
        )
        .bind(eleve)
        .fetch_all(db)
        .await
    }

    /// Who is informed of a pupil, who has all these fiches: who answers for him or her with the right
    /// to be, unless the pupil, of age, has objected.
    pub async fn informes_de(db: impl PgExecutor<'_>, fiches: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
        sqlx::query_scalar(
            "SELECT DISTINCT responsable FROM responsabilite WHERE eleve = ANY ($1) AND destinataire
             AND NOT EXISTS (SELECT FROM opposition WHERE eleve = ANY ($1)) ORDER BY responsable",
        )
        .bind(fiches)
        .fetch_all(db)
        .await
    }

    /// Those of these fiches under which a pupil of age objects to others being informed.
    pub async fn opposees(db: impl PgExecutor<'_>, fiches: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
        sqlx::query_scalar("SELECT eleve FROM opposition WHERE eleve = ANY ($1) ORDER BY eleve")
            .bind(fiches)
            .fetch_all(db)
            .await
    }

    /// The adults who answer for pupils, informed or not.
    pub async fn repondants(db: impl PgExecutor<'_>, eleves: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
        sqlx::query_scalar("SELECT DISTINCT responsable FROM responsabilite WHERE eleve = ANY ($1)")
            .bind(eleves)
            .fetch_all(db)
            .await
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
