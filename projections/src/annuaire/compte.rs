//! Who a compte is, in one statement: every request begins with it.
//!
//! It reads across the directory and the offices, in one snapshot of both: nobody is seen
//! between the end of one right and the beginning of another.

use super::Annuaire;
use chrono::NaiveDate;
use sqlx::{FromRow, PgExecutor};
use uuid::Uuid;

/// What makes a compte what it is to the school on a day.
#[derive(Debug, Clone, Default)]
pub struct Compte {
    /// The compte is an office's: it was delegated one, whether it runs or not.
    pub d_office: bool,
    /// The delegation that runs.
    pub delegation: Option<DelegationEnCours>,
    /// What the person is whose compte it is, or who holds the office; nothing where the
    /// directory does not know him or her, or the office has no holder any more.
    pub relations: Option<Relations>,
}

/// An office, and who holds it.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct DelegationEnCours {
    pub portail: String,
    pub administrateur: Uuid,
}

/// What makes someone what he or she is to the school.
#[derive(Debug, Clone, Default)]
pub struct Relations {
    /// May do nothing.
    pub suspendue: bool,
    /// Attached to, each with the profil of the same place in `profils`.
    pub etablissements: Vec<Uuid>,
    /// As what.
    pub profils: Vec<String>,
    /// Pupil of.
    pub divisions: Vec<Uuid>,
    /// Answers for, with the right to be informed, to which a pupil of age has not objected.
    pub enfants: Vec<Uuid>,
    /// Is of age (code civil, art. 414).
    pub majeur: bool,
    /// Labels of the portals that he or she directs.
    pub dirige: Vec<String>,
}

#[derive(FromRow)]
struct Row {
    en_cours: Option<bool>,
    portail: Option<String>,
    administrateur: Option<Uuid>,
    suspendue: Option<bool>,
    etablissements: Vec<Uuid>,
    profils: Vec<String>,
    divisions: Vec<Uuid>,
    enfants: Vec<Uuid>,
    majeur: Option<bool>,
    dirige: Vec<String>,
}

/// Of several delegations the one that runs counts. One that is over still makes the compte
/// an office's, and nobody's own.
const COMPTE: &str = "
    SELECT office.en_cours, office.portail, office.administrateur, p.suspendue,
           array(SELECT r.etablissement FROM rattachement r
                 WHERE r.personne = p.id ORDER BY r.etablissement) AS etablissements,
           array(SELECT r.profil FROM rattachement r
                 WHERE r.personne = p.id ORDER BY r.etablissement) AS profils,
           array(SELECT r.division FROM rattachement r
                 WHERE r.personne = p.id AND r.division IS NOT NULL) AS divisions,
           array(SELECT s.eleve FROM responsabilite s
                 WHERE s.responsable = p.id AND s.destinataire
                   AND NOT EXISTS (SELECT FROM opposition o WHERE o.eleve = s.eleve)) AS enfants,
           p.naissance + interval '18 years' <= $2 AS majeur,
           array(SELECT d.portail FROM direction d
                 WHERE d.directeur = p.id AND d.depuis <= $2
                   AND (d.jusque IS NULL OR d.jusque > $2)) AS dirige
    FROM (SELECT $1::uuid AS id) compte
    LEFT JOIN LATERAL (
        SELECT d.portail, d.administrateur,
               d.depuis <= $2 AND (d.jusque IS NULL OR d.jusque > $2) AS en_cours
        FROM delegation d WHERE d.compte = compte.id
        ORDER BY en_cours DESC, d.depuis, d.id LIMIT 1
    ) office ON true
    LEFT JOIN personne p ON p.id = CASE WHEN office.en_cours THEN office.administrateur
                                        WHEN office.en_cours IS NULL THEN compte.id END";

impl Annuaire {
    /// Who a compte is on a day.
    pub async fn compte(db: impl PgExecutor<'_>, compte: Uuid, day: NaiveDate) -> sqlx::Result<Compte> {
        let row: Row = sqlx::query_as(COMPTE).bind(compte).bind(day).fetch_one(db).await?;
        Ok(row.into())
    }
}

impl From<Row> for Compte {
    fn from(row: Row) -> Self {
        let in_force = row.en_cours == Some(true);
        let office = row.portail.zip(row.administrateur).filter(|_| in_force);
        Self {
            d_office: row.en_cours.is_some(),
            delegation: office.map(|(portail, administrateur)| DelegationEnCours { portail, administrateur }),
            relations: row.suspendue.map(|suspendue| Relations {
                suspendue,
                etablissements: row.etablissements,
                profils: row.profils,
                divisions: row.divisions,
                enfants: row.enfants,
                majeur: row.majeur == Some(true),
                dirige: row.dirige,
            }),
        }
    }
}
