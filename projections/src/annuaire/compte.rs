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
    /// The fiche as which all others of the same person are read.
    pub personne: Uuid,
    /// All of them, that one too.
    pub fiches: Vec<Uuid>,
    /// May do nothing.
    pub suspendue: bool,
    /// Attached to, each with the profil of the same place in `profils`.
    pub etablissements: Vec<Uuid>,
    /// As what.
    pub profils: Vec<String>,
    /// Pupil of.
    pub divisions: Vec<Uuid>,
    /// Answers for, with the right to be informed: every fiche of each.
    pub enfants: Vec<Uuid>,
    /// In these open groupes, by whatever way.
    pub groupes: Vec<Uuid>,
    /// Labels of the portals that he or she directs.
    pub dirige: Vec<String>,
}

#[derive(FromRow)]
struct Row {
    en_cours: Option<bool>,
    portail: Option<String>,
    administrateur: Option<Uuid>,
    personne: Option<Uuid>,
    fiches: Vec<Uuid>,
    suspendue: Option<bool>,
    etablissements: Vec<Uuid>,
    profils: Vec<String>,
    divisions: Vec<Uuid>,
    enfants: Vec<Uuid>,
    groupes: Vec<Uuid>,
    dirige: Vec<String>,
}

/// Of several delegations the one that runs counts. One that is over still makes the compte
/// an office's, and nobody's own.
///
/// Fiches of one person count together, whichever of them the compte is of: this is where a
/// merge is read. A suspended one gives no right, and suspends nobody who has another. Where a pupil was struck off, he or she is no longer attached.
const COMPTE: &str = "
    SELECT office.en_cours, office.portail, office.administrateur,
           qui.personne, coalesce(qui.fiches, '{}') AS fiches, qui.suspendue,
           coalesce(la.etablissements, '{}') AS etablissements, coalesce(la.profils, '{}') AS profils,
           coalesce(la.divisions, '{}') AS divisions,
           array(SELECT s.eleve FROM responsabilite s
                 WHERE s.responsable = ANY (qui.actives) AND s.destinataire
                 UNION
                 SELECT autre.fiche FROM responsabilite s JOIN identite i ON i.fiche = s.eleve
                 JOIN identite autre ON autre.racine = i.racine
                 WHERE s.responsable = ANY (qui.actives) AND s.destinataire) AS enfants,
           array(WITH RECURSIVE dans (groupe) AS (
                     SELECT g.id FROM groupe_membre m JOIN groupe g ON g.id = m.groupe
                     WHERE m.membre = ANY (qui.actives || la.divisions) AND NOT g.clos
                     UNION
                     SELECT g.id FROM dans JOIN groupe_membre m ON m.membre = dans.groupe
                     JOIN groupe g ON g.id = m.groupe WHERE NOT g.clos)
                 SELECT groupe FROM dans) AS groupes,
           array(SELECT d.portail FROM direction d
                 WHERE d.directeur = ANY (qui.actives) AND d.depuis <= $2
                   AND (d.jusque IS NULL OR d.jusque > $2)) AS dirige
    FROM (SELECT $1::uuid AS id) compte
    LEFT JOIN LATERAL (
        SELECT d.portail, d.administrateur,
               d.depuis <= $2 AND (d.jusque IS NULL OR d.jusque > $2) AS en_cours
        FROM delegation d WHERE d.compte = compte.id
        ORDER BY en_cours DESC, d.depuis, d.id LIMIT 1
    ) office ON true
    LEFT JOIN LATERAL (
        SELECT coalesce(i.racine, un.id) AS personne, array_agg(p.id ORDER BY p.id) AS fiches,
               coalesce(array_agg(p.id) FILTER (WHERE NOT p.suspendue), '{}') AS actives,
               bool_and(p.suspendue) AS suspendue
        FROM (SELECT CASE WHEN office.en_cours THEN office.administrateur
                          WHEN office.en_cours IS NULL THEN compte.id END AS id) un
        LEFT JOIN identite i ON i.fiche = un.id
        LEFT JOIN identite autre ON autre.racine = i.racine
        JOIN personne p ON p.id = coalesce(autre.fiche, un.id)
        GROUP BY 1
    ) qui ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(r.etablissement ORDER BY r.etablissement, r.personne) AS etablissements,
               array_agg(r.profil ORDER BY r.etablissement, r.personne) AS profils,
               coalesce(array_agg(r.division) FILTER (WHERE r.division IS NOT NULL), '{}') AS divisions
        FROM rattachement r
        WHERE r.personne = ANY (qui.actives)
          AND NOT (r.profil = 'eleve' AND EXISTS (
              SELECT FROM radiation x WHERE x.eleve = r.personne AND x.etablissement = r.etablissement))
    ) la ON true";

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
            relations: row.personne.zip(row.suspendue).map(|(personne, suspendue)| Relations {
                personne,
                fiches: row.fiches,
                suspendue,
                etablissements: row.etablissements,
                profils: row.profils,
                divisions: row.divisions,
                enfants: row.enfants,
                groupes: row.groupes,
                dirige: row.dirige,
            }),
        }
    }
}
