//! What facts change in the tables of rolls, gathered in memory and written with one
//! statement per kind of change, however many facts there are.
//!
//! Gathering keeps the order in which the facts of a roll stand: of a pupil's lines the
//! last one is written. The rest does not depend on the order between rolls.

use crate::ProjectionError;
use crate::annuaire::Colonnes;
use chrono::{NaiveDate, NaiveTime};
use domain::absences::{AppelEvent, Incident, NatureDIncident, Presence, Seance};
use domain::{Event, PersonneId};
use ledger::feed::Fact;
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// See the module.
#[derive(Default)]
pub(super) struct Changes<'a> {
    opened: Opened<'a>,
    /// By roll and pupil; none where the pupil is simply there.
    lines: BTreeMap<(Uuid, Uuid), Option<Line<'a>>>,
    closed: BTreeSet<Uuid>,
    /// By roll, pupil and kind; none where it was taken back.
    incidents: Incidents<'a>,
    reminded: BTreeSet<(Uuid, NaiveDate)>,
}

/// What befell pupils in séances, by roll, pupil and kind.
type Incidents<'a> = BTreeMap<(Uuid, Uuid, NatureDIncident), Option<(Incident, Option<&'a str>)>>;

/// Rolls that were opened, as columns.
#[derive(Default)]
struct Opened<'a> {
    id: Vec<Uuid>,
    portail: Vec<&'a str>,
    enseignement: Vec<Uuid>,
    auditoire: Vec<Colonnes>,
    date: Vec<NaiveDate>,
    debut: Vec<NaiveTime>,
    fin: Vec<NaiveTime>,
    enseignant: Vec<Uuid>,
}

/// A line as it was last seen.
struct Line<'a> {
    presence: Presence,
    motif: Option<&'a str>,
}

impl<'a> Changes<'a> {
    /// Adds what one fact changes.
    pub fn hear(&mut self, fact: &'a Fact) -> Result<(), ProjectionError> {
        let Some(Event::Appel(event)) = fact.event() else { return Ok(()) };
        let appel = crate::stream_uuid(fact)?;
        match event {
            AppelEvent::AppelOuvert { seance, enseignant } => {
                self.opened.push(appel, fact.position.portail.as_str(), seance, *enseignant);
            }
            AppelEvent::AbsenceConstatee { eleve } => self.set_line(appel, *eleve, Presence::Absent, None),
            AppelEvent::RetardConstate { eleve, minutes } => {
                self.set_line(appel, *eleve, Presence::EnRetard { minutes: *minutes }, None);
            }
            AppelEvent::PresenceRetablie { eleve } => {
                self.lines.insert((appel, eleve.0), None);
            }
            AppelEvent::AppelClos { .. } => {
                self.closed.insert(appel);
            }
            AppelEvent::AppelCorrige { eleve, apres, motif, .. } => {
                self.set_line(appel, *eleve, *apres, Some(motif));
            }
            AppelEvent::IncidentNote { eleve, incident, motif } => {
                let noted = Some((*incident, motif.as_deref()));
                self.incidents.insert((appel, eleve.0, incident.nature()), noted);
            }
            AppelEvent::IncidentRetire { eleve, nature, .. } => {
                self.incidents.insert((appel, eleve.0, *nature), None);
            }
            AppelEvent::AppelRappele { le } => {
                self.reminded.insert((appel, *le));
            }
        }
        Ok(())
    }

    fn set_line(&mut self, appel: Uuid, eleve: PersonneId, presence: Presence, motif: Option<&'a str>) {
        self.lines.insert((appel, eleve.0), Some(Line { presence, motif }));
    }

    /// Writes everything.
    pub async fn write(self, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let Self { opened, lines, closed, incidents, reminded } = self;
        if !opened.id.is_empty() {
            opened.insert(tx).await?;
        }
        if !closed.is_empty() {
            let closed: Vec<_> = closed.into_iter().collect();
            let sql = "UPDATE appel SET clos = true WHERE id = ANY ($1)";
            sqlx::query(sql).bind(closed).execute(&mut *tx).await?;
        }
        if !lines.is_empty() {
            write_lines(&lines, tx).await?;
            let appels: BTreeSet<_> = lines.keys().map(|(appel, _)| *appel).collect();
            count(&appels.into_iter().collect::<Vec<_>>(), tx).await?;
        }
        if !incidents.is_empty() {
            write_incidents(&incidents, tx).await?;
        }
        if !reminded.is_empty() {
            let (appels, days): (Vec<_>, Vec<_>) = reminded.into_iter().unzip();
            let sql = "INSERT INTO appel_rappel SELECT * FROM unnest($1::uuid[], $2::date[])";
            sqlx::query(sql).bind(appels).bind(days).execute(tx).await?;
        }
        Ok(())
    }
}

impl<'a> Opened<'a> {
    fn push(&mut self, appel: Uuid, portail: &'a str, seance: &Seance, enseignant: PersonneId) {
        self.id.push(appel);
        self.portail.push(portail);
        self.enseignement.push(seance.enseignement.0);
        self.auditoire.push(seance.auditoire.into());
        self.date.push(seance.date);
        self.debut.push(seance.debut);
        self.fin.push(seance.fin);
        self.enseignant.push(enseignant.0);
    }

    async fn insert(self, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        sqlx::query(
            "INSERT INTO appel (id, portail, enseignement, division, groupe, date, debut, fin, enseignant,
                                clos, absents, retards)
             SELECT *, false, 0, 0
             FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::date[], $7::time[],
                         $8::time[], $9::uuid[])",
        )
        .bind(self.id)
        .bind(self.portail)
        .bind(self.enseignement)
        .bind(self.auditoire.iter().map(|colonnes| colonnes.division).collect::<Vec<_>>())
        .bind(self.auditoire.iter().map(|colonnes| colonnes.groupe).collect::<Vec<_>>())
        .bind(self.date)
        .bind(self.debut)
        .bind(self.fin)
        .bind(self.enseignant)
        .execute(tx)
        .await?;
        Ok(())
    }
}

async fn write_lines(
    lines: &BTreeMap<(Uuid, Uuid), Option<Line<'_>>>,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    let gone = lines.iter().filter(|(_, line)| line.is_none());
    let (appels, eleves): (Vec<_>, Vec<_>) = gone.map(|(place, _)| *place).unzip();
    if !appels.is_empty() {
        let gone = "DELETE FROM appel_ligne l USING unnest($1::uuid[], $2::uuid[]) AS gone (appel, eleve)
                    WHERE l.appel = gone.appel AND l.eleve = gone.eleve";
        sqlx::query(gone).bind(appels).bind(eleves).execute(&mut *tx).await?;
    }
    let set: Vec<_> = lines.iter().filter_map(|(place, line)| Some((place, line.as_ref()?))).collect();
    if set.is_empty() {
        return Ok(());
    }
    let (etats, minutes): (Vec<_>, Vec<_>) = set.iter().map(|(_, line)| stored(line.presence)).unzip();
    sqlx::query(
        "INSERT INTO appel_ligne (appel, eleve, etat, minutes, motif, date)
         SELECT line.appel, line.eleve, line.etat, line.minutes, line.motif, appel.date
         FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::smallint[], $5::text[])
              AS line (appel, eleve, etat, minutes, motif)
         JOIN appel ON appel.id = line.appel
         ON CONFLICT (appel, eleve) DO UPDATE
         SET etat = excluded.etat, minutes = excluded.minutes, motif = excluded.motif",
    )
    .bind(set.iter().map(|((appel, _), _)| *appel).collect::<Vec<_>>())
    .bind(set.iter().map(|((_, eleve), _)| *eleve).collect::<Vec<_>>())
    .bind(etats)
    .bind(minutes)
    .bind(set.iter().map(|(_, line)| line.motif).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes away what stood under each key, and writes what stands there now.
async fn write_incidents(incidents: &Incidents<'_>, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    sqlx::query(
        "DELETE FROM appel_incident i USING unnest($1::uuid[], $2::uuid[], $3::text[]) AS gone (appel, eleve, nature)
         WHERE i.appel = gone.appel AND i.eleve = gone.eleve AND i.nature = gone.nature",
    )
    .bind(incidents.keys().map(|(appel, _, _)| *appel).collect::<Vec<_>>())
    .bind(incidents.keys().map(|(_, eleve, _)| *eleve).collect::<Vec<_>>())
    .bind(incidents.keys().map(|(_, _, nature)| nature.as_str()).collect::<Vec<_>>())
    .execute(&mut *tx)
    .await?;
    let noted: Vec<_> = incidents.iter().filter_map(|(place, noted)| Some((place, (*noted)?))).collect();
    sqlx::query(
        "INSERT INTO appel_incident (appel, eleve, nature, heure, motif)
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::time[], $5::text[])",
    )
    .bind(noted.iter().map(|((appel, _, _), _)| *appel).collect::<Vec<_>>())
    .bind(noted.iter().map(|((_, eleve, _), _)| *eleve).collect::<Vec<_>>())
    .bind(noted.iter().map(|((_, _, nature), _)| nature.as_str()).collect::<Vec<_>>())
    .bind(noted.iter().map(|(_, (incident, _))| incident.heure()).collect::<Vec<_>>())
    .bind(noted.iter().map(|(_, (_, motif))| *motif).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// A presence as the table has it.
fn stored(presence: Presence) -> (&'static str, Option<i16>) {
    match presence {
        Presence::Present => ("present", None),
        Presence::Absent => ("absent", None),
        Presence::EnRetard { minutes } => ("en_retard", i16::try_from(minutes).ok()),
    }
}

async fn count(appels: &[Uuid], tx: &mut PgConnection) -> Result<(), ProjectionError> {
    sqlx::query(
        "UPDATE appel SET absents = lines.absents, retards = lines.retards
         FROM (SELECT roll.id, count(*) FILTER (WHERE etat = 'absent') AS absents,
                      count(*) FILTER (WHERE etat = 'en_retard') AS retards
               FROM unnest($1::uuid[]) AS roll (id) LEFT JOIN appel_ligne l ON l.appel = roll.id
               GROUP BY roll.id) lines
         WHERE appel.id = lines.id",
    )
    .bind(appels)
    .execute(tx)
    .await?;
    Ok(())
}
