//! What there is to tell: of absences once a roll is closed, of marks and bulletins once they may be
//! seen, of what the vie scolaire has written, of travaux; to the staff, of what it has to see to.
//!
//! A row has the id of the event that it announces, so that a view rebuilt from zero announces
//! nothing twice.

mod faits;

use super::adresses::en_defaut;
use super::preferences::reunies;
use super::{Adresses, Appareils, Envois, Preferences};
use crate::annuaire::{Annuaire, Groupes, Identites, Repartitions};
use crate::{Forget, Projection, ProjectionError};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use domain::absences::{Appel, Assiduite};
use domain::cahier_de_textes::Travail;
use domain::notes::{Bulletin, Evaluation};
use domain::notifications::{Annonce, Calme, Canal, Choix, Theme};
use domain::vie_de_l_eleve::{Mot, Passage, Sanction};
use domain::{Aggregate, Event, PersonneId, journee};
use ledger::feed::Fact;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, PgExecutor};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use uuid::Uuid;

/// The view of what there is to tell.
pub struct Annonces;

#[async_trait]
impl Projection for Annonces {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["annonce", "annonce_seance", "annonce_travail"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[
            Appel::TYPE,
            Evaluation::TYPE,
            Bulletin::TYPE,
            Mot::TYPE,
            Sanction::TYPE,
            Passage::TYPE,
            Travail::TYPE,
            Assiduite::TYPE,
        ]
    }

    fn forgets(&self) -> &'static [Forget] {
        const ANNONCES: &str = "DELETE FROM annonce WHERE flux = ANY ($1::text[]::uuid[])";
        const SEANCES: &str = "DELETE FROM annonce_seance WHERE appel = ANY ($1::text[]::uuid[])";
        const TRAVAUX: &str = "DELETE FROM annonce_travail WHERE travail = ANY ($1::text[]::uuid[])";
        &[
            Forget { kind: Appel::TYPE, sql: ANNONCES },
            Forget { kind: Appel::TYPE, sql: SEANCES },
            Forget { kind: Evaluation::TYPE, sql: ANNONCES },
            Forget { kind: Bulletin::TYPE, sql: ANNONCES },
            Forget { kind: Mot::TYPE, sql: ANNONCES },
            Forget { kind: Sanction::TYPE, sql: ANNONCES },
            Forget { kind: Passage::TYPE, sql: ANNONCES },
            Forget { kind: Travail::TYPE, sql: ANNONCES },
            Forget { kind: Travail::TYPE, sql: TRAVAUX },
            Forget { kind: Assiduite::TYPE, sql: ANNONCES },
        ]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        match fact.event() {
            Some(Event::Appel(event)) => faits::appel(fact, event, tx).await,
            Some(Event::Evaluation(event)) => faits::evaluation(fact, event, tx).await,
            Some(Event::Bulletin(event)) => faits::bulletin(fact, event, tx).await,
            Some(Event::Mot(event)) => faits::mot(fact, event, tx).await,
            Some(Event::Sanction(event)) => faits::sanction(fact, event, tx).await,
            Some(Event::Passage(event)) => faits::passage(fact, event, tx).await,
            Some(Event::Travail(event)) => faits::travail(fact, event, tx).await,
            Some(Event::Assiduite(event)) => faits::assiduite(fact, event, tx).await,
            Some(_) | None => Ok(()),
        }
    }
}

/// Something to tell, and to whom.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct APreparer {
    pub id: Uuid,
    pub portail: String,
    pub connue_le: DateTime<Utc>,
    #[sqlx(json)]
    pub details: Annonce,
    /// Who answers for the pupil with the right to be informed, and the pupil who is of age; the
    /// same for all of a division or a groupe, and its pupils; of what the staff has to see to, who has to.
    #[sqlx(json)]
    pub destinataires: Vec<Destinataire>,
    /// Up to when all that is on the record has been read by the views that say whom there is to tell and
    /// what is prepared.
    pub lu_jusque: DateTime<Utc>,
}

/// Which announcements there is something to prepare for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recherche {
    /// Those that became known in a span of time, and for which nothing is prepared yet, nor will be.
    Nouvelles,
    /// Those that the law has told at once, of which the last way to somebody failed in a span of time.
    EnVain,
}

/// Somebody who is to be told, and how he or she can be.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[allow(missing_docs)]
pub struct Destinataire {
    pub personne: PersonneId,
    /// The directory has an address for mail, and nobody has said that it does not exist.
    pub courriel: bool,
    /// A telephone is confirmed.
    pub telephone: bool,
    /// A device takes messages.
    pub appareil: bool,
    /// By which ways he or she was told of it in vain; none where a way has reached, or still may.
    pub en_vain: BTreeSet<Canal>,
    /// What was chosen.
    pub choix: Option<BTreeMap<Theme, Choix>>,
    pub calme: Option<Calme>,
}

/// The pupils of whom an announcement tells their families, by all of their fiches; of these, the fiches of those
/// who do not object to others being informed.
fn eleves() -> String {
    let du_groupe = Groupes::dedans("SELECT a.groupe, a.groupe WHERE a.groupe IS NOT NULL");
    format!(
        "
    SELECT coalesce(array_agg(f.fiche), '{{}}') AS fiches,
           coalesce(array_agg(f.fiche) FILTER (WHERE NOT f.opposee), '{{}}') AS informees
    FROM (SELECT x.fiche, bool_or(o.eleve IS NOT NULL) OVER (PARTITION BY x.racine) AS opposee
          FROM (SELECT DISTINCT coalesce(m.fiche, e.id) AS fiche, coalesce(i.racine, e.id) AS racine
                FROM (SELECT a.eleve WHERE a.eleve IS NOT NULL AND a.etablissement IS NULL
                      UNION
                      SELECT r.personne FROM rattachement r JOIN personne p ON p.id = r.personne
                      WHERE r.division = a.division AND NOT p.suspendue
                      UNION
                      SELECT d.personne FROM ({du_groupe}) d JOIN personne p ON p.id = d.personne
                      WHERE NOT p.suspendue AND EXISTS (
                          SELECT FROM rattachement r WHERE r.personne = p.id AND r.profil = 'eleve')) e (id)
                LEFT JOIN identite i ON i.fiche = e.id
                LEFT JOIN identite m ON m.racine = i.racine) x
          LEFT JOIN opposition o ON o.eleve = x.fiche) f"
    )
}

/// Who is told of what becomes known of pupils: the same persons as may read it, whichever of their
/// fiches says so, and no suspended one. What is all of a division's or a groupe's to do is told to its
/// pupils; what an établissement has to follow, to its CPE and its direction; of the vie scolaire, who is
/// known to be an AED is not told.
const DESTINATAIRES: &str = concat!(
    "
    SELECT coalesce(jsonb_agg(jsonb_build_object(
               'personne', d.personne, 'courriel', d.courriel, 'telephone', f.telephone IS NOT NULL,
               'appareil', EXISTS (SELECT FROM appareil w
                                   WHERE w.personne = d.personne
                                      OR w.personne IN (SELECT j.fiche FROM identite j
                                                        WHERE j.racine = d.personne)),
               'en_vain', coalesce((SELECT jsonb_agg(e.canal)
                                    FROM envoi e LEFT JOIN identite j ON j.fiche = e.destinataire
                                    WHERE e.annonce = a.id AND coalesce(j.racine, e.destinataire) = d.personne
                                    HAVING bool_and(e.etat IN ('abandonne', 'non_remis'))), '[]'),
               'choix', f.choix, 'calme', f.calme) ORDER BY d.personne), '[]')
    FROM (SELECT coalesce(i.racine, p.id) AS personne,
                 bool_or(p.courriel IS NOT NULL AND NOT ",
    en_defaut!(
        "SELECT p.id UNION SELECT autre.fiche FROM identite autre WHERE autre.racine = i.racine",
        "p.courriel"
    ),
    ") AS courriel
          FROM (SELECT s.responsable FROM responsabilite s
                WHERE s.eleve = ANY (tous.informees) AND s.destinataire
                UNION
                SELECT q.id FROM personne q
                WHERE q.id = ANY (tous.fiches)
                  AND (a.division IS NOT NULL OR a.groupe IS NOT NULL
                       OR q.naissance <= $3::date - interval '18 years')
                UNION
                SELECT a.personnel WHERE a.personnel IS NOT NULL
                UNION
                SELECT r.personne FROM rattachement r
                WHERE r.etablissement = a.etablissement
                  AND (r.profil = 'direction'
                       OR r.profil = 'vie_scolaire'
                          AND NOT (r.fonctions <> '{}' AND r.fonctions <@ '{AED,SUR}'))) qui (id)
          JOIN personne p ON p.id = qui.id
          LEFT JOIN identite i ON i.fiche = p.id
          WHERE NOT p.suspendue
          GROUP BY 1) d
    CROSS JOIN LATERAL ",
    reunies!(
        "SELECT d.personne UNION SELECT autre.fiche FROM identite autre WHERE autre.racine = d.personne",
        "d.personne"
    ),
    " f"
);

/// When the oldest event was recorded that one of these views has not read, if any: asked in the statement
/// that reads what they say.
const NON_LU: &str = "
    SELECT min((SELECT (e.metadata ->> 'recorded_at')::timestamptz FROM ledger.events e
                WHERE e.portail = j.portail AND e.annee = j.annee
                  AND e.position = coalesce(c.position, 0) + 1))
    FROM unnest($7::text[]) AS view (name)
    LEFT JOIN projections.version v ON v.projection = view.name
    CROSS JOIN ledger.journal j
    LEFT JOIN projections.checkpoint c ON c.projection = view.name AND c.version = v.version
         AND c.portail = j.portail AND c.annee = j.annee
    WHERE j.position > coalesce(c.position, 0)";

/// The views that say whom there is to tell, by which ways, and what is prepared.
const SAVOIR: [&str; 8] = [
    Annuaire::NAME,
    Groupes::NAME,
    Repartitions::NAME,
    Identites::NAME,
    Preferences::NAME,
    Appareils::NAME,
    Adresses::NAME,
    Envois::NAME,
];

impl Annonces {
    /// Frozen name of the view.
    pub const NAME: &'static str = "notifications.annonces";
    /// Version of its tables.
    pub const VERSION: i32 = 4;

    /// The school days of which rolls have told something since an instant, by portal, with the
    /// last instant at which they did.
    pub async fn journees(
        db: impl PgExecutor<'_>,
        depuis: DateTime<Utc>,
    ) -> sqlx::Result<Vec<(String, NaiveDate, DateTime<Utc>)>> {
        sqlx::query_as(
            "SELECT portail, (details->>'date')::date AS jour, max(connue_le)
             FROM annonce WHERE connue_le > $1 AND eleve IS NOT NULL AND details ? 'date' GROUP BY 1, 2 ORDER BY 3, 1, 2",
        )
        .bind(depuis)
        .fetch_all(db)
        .await
    }

    /// What there is something to prepare for, by a span of time, oldest first, after a place in that
    /// order. Who is of age is so at its end.
    pub async fn a_preparer(
        db: impl PgExecutor<'_>,
        recherche: Recherche,
        lors: RangeInclusive<DateTime<Utc>>,
        apres: Option<(DateTime<Utc>, Uuid)>,
        limit: i64,
    ) -> sqlx::Result<Vec<APreparer>> {
        let (after, id) = apres.unzip();
        let which = match recherche {
            Recherche::Nouvelles => {
                "a.connue_le BETWEEN $1 AND $6 AND NOT EXISTS (SELECT FROM envoi e WHERE e.annonce = a.id)
                 AND NOT EXISTS (SELECT FROM annonce_sans_suite s WHERE s.annonce = a.id)"
            }
            Recherche::EnVain => {
                "a.id IN (SELECT r.annonce FROM envoi r
                          WHERE r.etat IN ('abandonne', 'non_remis') AND r.maj BETWEEN $1 AND $6
                            AND r.theme = ANY ($8)
                            AND NOT EXISTS (SELECT FROM envoi s
                                            WHERE s.annonce = r.annonce AND s.destinataire = r.destinataire
                                              AND s.etat IN ('prepare', 'remis')))"
            }
        };
        let eleves = eleves();
        let sql = format!(
            "SELECT a.id, a.portail, a.connue_le, a.details, ({DESTINATAIRES}) AS destinataires,
                    least($6, ({NON_LU})) AS lu_jusque
             FROM annonce a CROSS JOIN LATERAL ({eleves}) tous
             WHERE {which} AND a.connue_le IS NOT NULL
               AND ($2::timestamptz IS NULL OR (a.connue_le, a.id) > ($2, $4))
             ORDER BY a.connue_le, a.id LIMIT $5"
        );
        let (from, to) = lors.into_inner();
        let query = sqlx::query_as::<_, APreparer>(&sql)
            .bind(from)
            .bind(after)
            .bind(journee(to))
            .bind(id)
            .bind(limit)
            .bind(to)
            .bind(SAVOIR);
        match recherche {
            Recherche::Nouvelles => query.fetch_all(db).await,
            Recherche::EnVain => {
                let due = Theme::ALL.iter().copied().filter(|theme| theme.est_du_sans_delai());
                query.bind(due.map(Json).collect::<Vec<_>>()).fetch_all(db).await
            }
        }
    }
}
