//! Who a compte is, in one statement: every request begins with it.
//!
//! It reads across the directory and the offices, in one snapshot of both: nobody is seen
//! between the end of one right and the beginning of another.

use super::Annuaire;
use crate::portails::bricks;
use chrono::{DateTime, NaiveDate, Utc};
use domain::identite::ProfilTenu;
use domain::portails::ServiceEnt;
use sqlx::{FromRow, PgExecutor};
use uuid::Uuid;

/// What makes a compte what it is to the school on a day.
#[derive(Debug, Clone, Default)]
pub struct Compte {
    /// The compte is an office's: it was delegated one, whether it runs or not.
    pub d_office: bool,
    /// The compte was given an habilitation, whether it runs or not.
    pub habilite: bool,
    /// The delegation that runs.
    pub delegation: Option<DelegationEnCours>,
    /// It is locked.
    pub verrouille: bool,
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
    /// What it entrusts.
    pub attributions: Vec<String>,
    /// The adhésion of the portal's établissement is over.
    pub terminee: bool,
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
    /// Answers for, with the right to be informed, to which a pupil of age has not objected: every
    /// fiche of each.
    pub enfants: Vec<Uuid>,
    /// Infirmier there.
    pub infirmeries: Vec<Uuid>,
    /// Is of age (code civil, art. 414).
    pub majeur: bool,
    /// In these open groupes, by whatever way.
    pub groupes: Vec<Uuid>,
    /// Labels of the portals that he or she directs.
    pub dirige: Vec<String>,
    /// Établissements of these portals.
    pub etablissements_diriges: Vec<Uuid>,
    /// Of all these établissements, those of his or her pupils and those of pupils whom he or she receives
    /// in a company, those whose adhésion is over.
    pub terminees: Vec<Uuid>,
    /// Of the same, private lycées.
    pub prives: Vec<Uuid>,
    /// Bricks that are closed to his or her profil, and where.
    pub fermetures: Vec<(Uuid, ServiceEnt)>,
}

/// When one asks who a compte is, and as what it acts.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Now.
    pub now: DateTime<Utc>,
    /// The school day.
    pub jour: NaiveDate,
    /// In which of the person's profils; in all of them, where none is chosen.
    pub choix: Option<ProfilTenu>,
}

#[derive(FromRow)]
struct Row {
    habilite: bool,
    verrouille: bool,
    en_cours: Option<bool>,
    portail: Option<String>,
    administrateur: Option<Uuid>,
    attributions: Option<Vec<String>>,
    terminee: Option<bool>,
    personne: Option<Uuid>,
    fiches: Vec<Uuid>,
    suspendue: Option<bool>,
    etablissements: Vec<Uuid>,
    profils: Vec<String>,
    divisions: Vec<Uuid>,
    enfants: Vec<Uuid>,
    infirmeries: Vec<Uuid>,
    majeur: Option<bool>,
    groupes: Vec<Uuid>,
    dirige: Vec<String>,
    etablissements_diriges: Vec<Uuid>,
    terminees: Vec<Uuid>,
    prives: Vec<Uuid>,
    fermetures_ou: Vec<Uuid>,
    fermetures: Vec<String>,
}

/// Of several delegations the one that runs counts. One that is over still makes the compte
/// an office's, and nobody's own. Who acts in one profil has what that one brings, while it is
/// held: the direction of a portal goes with its établissement, that of a partner's with the person.
///
/// Fiches of one person count together, whichever of them the compte is of: this is where a merge
/// is read. A suspended one gives no right, and suspends nobody who has another; of somebody with
/// no other it still says where he or she is, so that an office there answers for the compte. Where
/// a pupil was struck off, he or she is attached no longer.
///
/// Each step is materialised, and `LIMIT 1` and `OFFSET 0` hold the planner to one look-up for
/// each of a person's few places: left to itself it reads all portals, for every request.
const COMPTE: &str = "
    WITH office AS MATERIALIZED (
        SELECT d.portail, d.administrateur,
               d.depuis <= $2 AND (d.jusque IS NULL OR d.jusque > $2) AS en_cours,
               (SELECT t.attributions FROM attribution t
                WHERE t.portail = d.portail AND t.delegation = d.id) AS attributions,
               EXISTS (SELECT FROM adhesion a WHERE a.portail = d.portail AND a.jusque <= $2)
               AND NOT EXISTS (SELECT FROM adhesion a WHERE a.portail = d.portail AND a.depuis <= $2
                               AND (a.jusque IS NULL OR a.jusque > $2)) AS terminee
        FROM delegation d WHERE d.compte = $1
        ORDER BY en_cours DESC, d.depuis, d.id LIMIT 1
    ), qui AS MATERIALIZED (
        SELECT coalesce(i.racine, un.id) AS personne, array_agg(p.id ORDER BY p.id) AS fiches,
               CASE WHEN bool_and(p.suspendue) THEN array_agg(p.id)
                    ELSE array_agg(p.id) FILTER (WHERE NOT p.suspendue) END AS actives,
               bool_and(p.suspendue) AS suspendue,
               bool_and(p.naissance + interval '18 years' <= $2) FILTER (WHERE NOT p.suspendue) AS majeur
        FROM (SELECT administrateur AS id FROM office WHERE en_cours
              UNION ALL SELECT $1 WHERE NOT EXISTS (SELECT FROM office)) un
        LEFT JOIN identite i ON i.fiche = un.id
        LEFT JOIN identite autre ON autre.racine = i.racine
        JOIN personne p ON p.id = coalesce(autre.fiche, un.id)
        GROUP BY 1
    ), lien AS MATERIALIZED (
        SELECT r.personne, r.etablissement, r.profil, r.fonctions, r.division
        FROM qui JOIN rattachement r ON r.personne = ANY (qui.actives)
        WHERE r.profil <> 'eleve' OR NOT EXISTS (
            SELECT FROM radiation x WHERE x.eleve = r.personne AND x.etablissement = r.etablissement)
    ), enfant AS MATERIALIZED (
        SELECT s.eleve, i.racine FROM qui
        JOIN responsabilite s ON s.responsable = ANY (qui.actives) AND s.destinataire
        LEFT JOIN identite i ON i.fiche = s.eleve
        WHERE NOT EXISTS (SELECT FROM opposition o WHERE o.eleve = s.eleve)
          AND NOT EXISTS (SELECT FROM identite m JOIN opposition o ON o.eleve = m.fiche
                          WHERE m.racine = i.racine)
    ), tenu AS MATERIALIZED (
        SELECT $4::uuid IS NULL
            OR EXISTS (SELECT FROM lien WHERE etablissement = $4 AND profil = $5)
            OR $5 = 'responsable' AND EXISTS (
                SELECT FROM enfant e JOIN rattachement c ON c.personne = e.eleve
                WHERE c.profil = 'eleve' AND c.etablissement = $4) AS held
    ), dirige AS MATERIALIZED (
        SELECT d.portail, q.etablissement
        FROM qui JOIN direction d ON d.directeur = ANY (qui.actives) CROSS JOIN tenu
        LEFT JOIN portail q ON q.id = d.portail
        WHERE d.depuis <= $2 AND (d.jusque IS NULL OR d.jusque > $2)
          AND ($4::uuid IS NULL OR q.etablissement IS NULL
               OR tenu.held AND q.etablissement = $4 AND $5 NOT IN ('eleve', 'responsable'))
    ), maison AS MATERIALIZED (
        SELECT lie.etablissement, q.nature, q.terminee
        FROM (SELECT etablissement FROM lien
              UNION SELECT r.etablissement FROM enfant e JOIN rattachement r ON r.personne = e.eleve
              UNION SELECT etablissement FROM dirige
              UNION SELECT q.etablissement FROM qui JOIN stage_tuteur t ON t.tuteur = ANY (qui.actives)
              CROSS JOIN LATERAL (SELECT s.portail FROM stage s WHERE s.id = t.stage LIMIT 1) s
              CROSS JOIN LATERAL (SELECT q.etablissement FROM portail q WHERE q.id = s.portail LIMIT 1) q) lie
        CROSS JOIN LATERAL (
            SELECT q.nature,
                   EXISTS (SELECT FROM adhesion a WHERE a.portail = q.id AND a.jusque <= $2)
                   AND NOT EXISTS (SELECT FROM adhesion a WHERE a.portail = q.id AND a.depuis <= $2
                                   AND (a.jusque IS NULL OR a.jusque > $2)) AS terminee
            FROM portail q WHERE q.etablissement = lie.etablissement LIMIT 1
        ) q
    ), fermee AS MATERIALIZED (
        SELECT l.etablissement, f.service_ent
        FROM lien l
        CROSS JOIN LATERAL (SELECT q.id FROM portail q WHERE q.etablissement = l.etablissement LIMIT 1) q
        CROSS JOIN LATERAL (
            SELECT f.service_ent FROM fermeture f WHERE f.portail = q.id AND f.profil = l.profil
               AND f.depuis <= $2 AND (f.jusque IS NULL OR f.jusque > $2) OFFSET 0
        ) f
        WHERE $4::uuid IS NULL OR l.etablissement = $4 AND l.profil = $5
    )
    SELECT EXISTS (SELECT FROM habilitation h WHERE h.compte = $1) AS habilite,
           EXISTS (SELECT FROM verrou v WHERE v.verrouille AND (v.jusque IS NULL OR v.jusque > $3)
                     AND v.compte = ANY (ARRAY[$1] || CASE WHEN office.en_cours IS NULL THEN qui.fiches END)
           ) AS verrouille,
           office.en_cours, office.portail, office.administrateur, office.attributions,
           office.terminee, qui.personne, coalesce(qui.fiches, '{}') AS fiches, qui.suspendue, qui.majeur,
           array(SELECT etablissement FROM lien WHERE $4::uuid IS NULL
                 UNION ALL SELECT $4 WHERE tenu.held AND $4 IS NOT NULL
                 ORDER BY 1) AS etablissements,
           array(SELECT r.profil FROM (
                     SELECT etablissement, profil, personne FROM lien WHERE $4::uuid IS NULL
                     UNION ALL SELECT $4, $5::text, NULL WHERE tenu.held AND $4 IS NOT NULL) r
                 ORDER BY r.etablissement, r.personne) AS profils,
           divisions.ids AS divisions,
           array(SELECT DISTINCT coalesce(autre.fiche, e.eleve)
                 FROM enfant e LEFT JOIN identite autre ON autre.racine = e.racine
                 WHERE tenu.held
                   AND ($4::uuid IS NULL OR $5 = 'responsable' AND EXISTS (
                       SELECT FROM rattachement c WHERE c.personne = e.eleve
                         AND c.profil = 'eleve' AND c.etablissement = $4))) AS enfants,
           array(SELECT DISTINCT etablissement FROM lien
                 WHERE 'INFIRMIER' = ANY (fonctions)
                   AND ($4::uuid IS NULL OR etablissement = $4 AND profil = $5) ORDER BY 1) AS infirmeries,
           array(WITH RECURSIVE dans (groupe) AS (
                     SELECT g.id FROM groupe_membre m JOIN groupe g ON g.id = m.groupe
                     WHERE m.membre = ANY (qui.actives || divisions.ids) AND NOT g.clos AND tenu.held
                       AND g.etablissement IN (SELECT etablissement FROM lien)
                       AND ($4::uuid IS NULL OR g.etablissement = $4)
                     UNION
                     SELECT g.id FROM lien l
                     JOIN repartition q ON q.personne = l.personne AND q.etablissement = l.etablissement
                     JOIN groupe_declare g ON g.id = q.groupe
                     WHERE l.profil = 'eleve' AND NOT g.clos AND tenu.held
                       AND ($4::uuid IS NULL OR g.etablissement = $4)
                     UNION
                     SELECT g.id FROM dans JOIN groupe_membre m ON m.membre = dans.groupe
                     JOIN groupe g ON g.id = m.groupe WHERE NOT g.clos)
                 SELECT groupe FROM dans) AS groupes,
           array(SELECT portail FROM dirige) AS dirige,
           array(SELECT etablissement FROM dirige WHERE etablissement IS NOT NULL) AS etablissements_diriges,
           array(SELECT etablissement FROM maison WHERE terminee) AS terminees,
           array(SELECT etablissement FROM maison WHERE nature = 'lycee_prive') AS prives,
           array(SELECT etablissement FROM fermee ORDER BY 1, service_ent) AS fermetures_ou,
           array(SELECT service_ent FROM fermee ORDER BY etablissement, 1) AS fermetures
    FROM tenu LEFT JOIN office ON true LEFT JOIN qui ON true
    CROSS JOIN LATERAL (
        SELECT array(SELECT l.division FROM lien l
                     WHERE l.division IS NOT NULL AND tenu.held
                       AND ($4::uuid IS NULL OR $5 = 'eleve' AND l.etablissement = $4)) AS ids
    ) divisions";

/// Who is attached to an établissement has a profil there, and so has who answers, with the right
/// to be informed, for a pupil of it. Fiches of one person count together.
const PROFILS: &str = "
    WITH fiche AS MATERIALIZED (
        SELECT $1::uuid AS id
        UNION SELECT autre.fiche FROM identite i JOIN identite autre ON autre.racine = i.racine
        WHERE i.fiche = $1)
    SELECT r.etablissement, r.profil FROM fiche JOIN rattachement r ON r.personne = fiche.id
    WHERE r.profil <> 'eleve' OR NOT EXISTS (
        SELECT FROM radiation x WHERE x.eleve = r.personne AND x.etablissement = r.etablissement)
    UNION
    SELECT c.etablissement, 'responsable' FROM fiche JOIN responsabilite s ON s.responsable = fiche.id
    JOIN rattachement c ON c.personne = s.eleve AND c.profil = 'eleve'
    LEFT JOIN identite i ON i.fiche = s.eleve
    WHERE s.destinataire
      AND NOT EXISTS (SELECT FROM opposition o WHERE o.eleve = s.eleve)
      AND NOT EXISTS (SELECT FROM identite m JOIN opposition o ON o.eleve = m.fiche
                      WHERE m.racine = i.racine)
    ORDER BY 1, 2";

impl Annuaire {
    /// Who a compte is at an instant.
    pub async fn compte(db: impl PgExecutor<'_>, compte: Uuid, at: Moment) -> sqlx::Result<Compte> {
        let row: Row = sqlx::query_as(COMPTE)
            .bind(compte)
            .bind(at.jour)
            .bind(at.now)
            .bind(at.choix.map(|choix| choix.etablissement.0))
            .bind(at.choix.map(|choix| choix.profil.as_str()))
            .fetch_one(db)
            .await?;
        Ok(row.into())
    }

    /// The profils that a person has: where, and as what.
    pub async fn profils_of(db: impl PgExecutor<'_>, personne: Uuid) -> sqlx::Result<Vec<(Uuid, String)>> {
        sqlx::query_as(PROFILS).bind(personne).fetch_all(db).await
    }
}

impl From<Row> for Compte {
    fn from(row: Row) -> Self {
        let in_force = row.en_cours == Some(true);
        let office = row.portail.zip(row.administrateur).filter(|_| in_force);
        let terminee = row.terminee == Some(true);
        let attributions = row.attributions.unwrap_or_default();
        Self {
            d_office: row.en_cours.is_some(),
            habilite: row.habilite,
            verrouille: row.verrouille,
            delegation: office.map(|(portail, administrateur)| DelegationEnCours {
                portail,
                administrateur,
                attributions,
                terminee,
            }),
            relations: row.personne.zip(row.suspendue).map(|(personne, suspendue)| Relations {
                personne,
                fiches: row.fiches,
                suspendue,
                etablissements: row.etablissements,
                profils: row.profils,
                divisions: row.divisions,
                enfants: row.enfants,
                infirmeries: row.infirmeries,
                majeur: row.majeur == Some(true),
                groupes: row.groupes,
                dirige: row.dirige,
                etablissements_diriges: row.etablissements_diriges,
                terminees: row.terminees,
                prives: row.prives,
                fermetures: bricks(row.fermetures_ou.into_iter().zip(row.fermetures)),
            }),
        }
    }
}
