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
    /// Établissements of these portals.
    pub etablissements_diriges: Vec<Uuid>,
    /// Of all these établissements and those of his or her pupils, those whose adhésion is over.
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
    suspendue: Option<bool>,
    etablissements: Vec<Uuid>,
    profils: Vec<String>,
    divisions: Vec<Uuid>,
    enfants: Vec<Uuid>,
    majeur: Option<bool>,
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
/// `LIMIT 1` and `OFFSET 0` hold the planner to one look-up for each of a person's few places: left to
/// itself it reads all portals, for every request.
const COMPTE: &str = "
    SELECT EXISTS (SELECT FROM habilitation h WHERE h.compte = compte.id) AS habilite,
           EXISTS (SELECT FROM verrou v WHERE v.compte = compte.id AND v.verrouille
                     AND (v.jusque IS NULL OR v.jusque > $3)) AS verrouille,
           office.en_cours, office.portail, office.administrateur, office.attributions,
           office.terminee, p.suspendue,
           array(SELECT r.etablissement FROM rattachement r
                 WHERE r.personne = p.id AND $4::uuid IS NULL
                 UNION ALL SELECT $4 WHERE tenu.held AND $4 IS NOT NULL
                 ORDER BY 1) AS etablissements,
           array(SELECT r.profil FROM (
                     SELECT r.etablissement, r.profil FROM rattachement r
                     WHERE r.personne = p.id AND $4::uuid IS NULL
                     UNION ALL SELECT $4, $5::text WHERE tenu.held AND $4 IS NOT NULL) r
                 ORDER BY r.etablissement) AS profils,
           array(SELECT r.division FROM rattachement r
                 WHERE r.personne = p.id AND r.division IS NOT NULL AND tenu.held
                   AND ($4::uuid IS NULL OR $5 = 'eleve' AND r.etablissement = $4)) AS divisions,
           array(SELECT s.eleve FROM responsabilite s
                 WHERE s.responsable = p.id AND s.destinataire AND tenu.held
                   AND NOT EXISTS (SELECT FROM opposition o WHERE o.eleve = s.eleve)
                   AND ($4::uuid IS NULL OR $5 = 'responsable' AND EXISTS (
                       SELECT FROM rattachement c WHERE c.personne = s.eleve
                         AND c.profil = 'eleve' AND c.etablissement = $4))) AS enfants,
           p.naissance + interval '18 years' <= $2 AS majeur,
           dirige.portails AS dirige, dirige.etablissements AS etablissements_diriges,
           maisons.terminees, maisons.prives,
           fermetures.ou AS fermetures_ou, fermetures.services_ent AS fermetures
    FROM (SELECT $1::uuid AS id) compte
    LEFT JOIN LATERAL (
        SELECT d.portail, d.administrateur,
               d.depuis <= $2 AND (d.jusque IS NULL OR d.jusque > $2) AS en_cours,
               (SELECT t.attributions FROM attribution t
                WHERE t.portail = d.portail AND t.delegation = d.id) AS attributions,
               EXISTS (SELECT FROM adhesion a WHERE a.portail = d.portail AND a.jusque <= $2)
               AND NOT EXISTS (SELECT FROM adhesion a WHERE a.portail = d.portail AND a.depuis <= $2
                               AND (a.jusque IS NULL OR a.jusque > $2)) AS terminee
        FROM delegation d WHERE d.compte = compte.id
        ORDER BY en_cours DESC, d.depuis, d.id LIMIT 1
    ) office ON true
    LEFT JOIN personne p ON p.id = CASE WHEN office.en_cours THEN office.administrateur
                                        WHEN office.en_cours IS NULL THEN compte.id END
    CROSS JOIN LATERAL (
        SELECT $4::uuid IS NULL
            OR EXISTS (SELECT FROM rattachement r
                       WHERE r.personne = p.id AND r.etablissement = $4 AND r.profil = $5)
            OR $5 = 'responsable' AND EXISTS (
                SELECT FROM responsabilite s JOIN rattachement c ON c.personne = s.eleve
                WHERE s.responsable = p.id AND s.destinataire
                  AND c.profil = 'eleve' AND c.etablissement = $4) AS held
    ) tenu
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(d.portail), '{}') AS portails,
               coalesce(array_agg(q.etablissement) FILTER (WHERE q.etablissement IS NOT NULL), '{}') AS etablissements
        FROM direction d LEFT JOIN portail q ON q.id = d.portail
        WHERE d.directeur = p.id AND d.depuis <= $2 AND (d.jusque IS NULL OR d.jusque > $2)
          AND ($4::uuid IS NULL OR q.etablissement IS NULL
               OR tenu.held AND q.etablissement = $4 AND $5 NOT IN ('eleve', 'responsable'))
    ) dirige
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(lie.etablissement) FILTER (WHERE q.terminee), '{}') AS terminees,
               coalesce(array_agg(lie.etablissement) FILTER (WHERE q.nature = 'lycee_prive'), '{}') AS prives
        FROM (SELECT r.etablissement FROM rattachement r WHERE r.personne = p.id
              UNION ALL SELECT r.etablissement FROM responsabilite s
                        JOIN rattachement r ON r.personne = s.eleve WHERE s.responsable = p.id
              UNION ALL SELECT unnest(dirige.etablissements)) lie
        CROSS JOIN LATERAL (
            SELECT q.nature,
                   EXISTS (SELECT FROM adhesion a WHERE a.portail = q.id AND a.jusque <= $2)
                   AND NOT EXISTS (SELECT FROM adhesion a WHERE a.portail = q.id AND a.depuis <= $2
                                   AND (a.jusque IS NULL OR a.jusque > $2)) AS terminee
            FROM portail q WHERE q.etablissement = lie.etablissement LIMIT 1
        ) q
    ) maisons
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(r.etablissement), '{}') AS ou,
               coalesce(array_agg(f.service_ent), '{}') AS services_ent
        FROM rattachement r
        CROSS JOIN LATERAL (SELECT q.id FROM portail q WHERE q.etablissement = r.etablissement LIMIT 1) q
        CROSS JOIN LATERAL (
            SELECT f.service_ent FROM fermeture f WHERE f.portail = q.id AND f.profil = r.profil
               AND f.depuis <= $2 AND (f.jusque IS NULL OR f.jusque > $2) OFFSET 0
        ) f
        WHERE r.personne = p.id AND ($4::uuid IS NULL OR r.etablissement = $4 AND r.profil = $5)
    ) fermetures";

/// Who is attached to an établissement has a profil there, and so has who answers, with the right
/// to be informed, for a pupil of it.
const PROFILS: &str = "
    SELECT r.etablissement, r.profil FROM rattachement r WHERE r.personne = $1
    UNION
    SELECT c.etablissement, 'responsable' FROM responsabilite s
    JOIN rattachement c ON c.personne = s.eleve AND c.profil = 'eleve'
    WHERE s.responsable = $1 AND s.destinataire
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
            relations: row.suspendue.map(|suspendue| Relations {
                suspendue,
                etablissements: row.etablissements,
                profils: row.profils,
                divisions: row.divisions,
                enfants: row.enfants,
                majeur: row.majeur == Some(true),
                dirige: row.dirige,
                etablissements_diriges: row.etablissements_diriges,
                terminees: row.terminees,
                prives: row.prives,
                fermetures: bricks(row.fermetures_ou.into_iter().zip(row.fermetures)),
            }),
        }
    }
}
