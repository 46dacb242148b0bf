//! The roll of one séance.
//!
//! A roll is opened by a teacher of the enseignement, records who is absent or
//! late, and is closed; a roll with nobody absent is a fact too. Once closed it only
//! changes by corrections, which keep what stood before and why. Source: code de
//! l'éducation, art. R131-5 (the register of absences is kept by each teacher), and
//! L131-8 for what follows from an absence.

mod incident;

pub use incident::{Incident, NatureDIncident};

use crate::annuaire::Auditoire;
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, AppelId, EnseignementId, Lacune, PersonneId, heure_locale, journee, texte};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A span of one school day in which an enseignement is given. Hours are those of
/// the clock on the wall (Europe/Paris).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Seance {
    /// What is taught, and by whom.
    pub enseignement: EnseignementId,
    /// Who should be there.
    #[serde(flatten)]
    pub auditoire: Auditoire,
    /// School day.
    pub date: NaiveDate,
    /// Start, local time.
    pub debut: NaiveTime,
    /// End, local time, after the start.
    pub fin: NaiveTime,
}

impl Seance {
    /// One séance has one roll, whoever opens it: with two teachers the second finds
    /// the roll of the first.
    pub fn appel(&self) -> AppelId {
        AppelId::derived(&[
            &self.enseignement.to_string(),
            &self.date.to_string(),
            &self.debut.format("%H:%M").to_string(),
        ])
    }

    /// Whether both are of one enseignement and have an instant in common.
    pub fn croise(&self, other: &Self) -> bool {
        self.enseignement == other.enseignement
            && self.date == other.date
            && self.debut < other.fin
            && other.debut < self.fin
    }

    fn minutes(&self) -> i64 {
        (self.fin - self.debut).num_minutes()
    }
}

/// How a pupil is seen in a roll.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "etat")]
pub enum Presence {
    /// There from the start.
    #[default]
    Present,
    /// Not there.
    Absent,
    /// Came late, by so many minutes.
    EnRetard {
        /// From 1 to the length of the séance.
        minutes: u16,
    },
}

/// One line of a roll as it is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pointage {
    /// Whom it is about.
    pub eleve: PersonneId,
    /// The division or the groupe of the séance, if the directory has this pupil in it on that day.
    pub auditoire: Option<Auditoire>,
    /// How the pupil is seen.
    pub presence: Presence,
}

/// What may be asked of a roll.
#[derive(Debug, Clone)]
pub enum AppelCommand {
    /// Begins the roll of a séance that has begun or is of today.
    OuvrirAppel {
        /// Which one.
        seance: Seance,
        /// Who calls it.
        enseignant: PersonneId,
        /// Now.
        maintenant: DateTime<Utc>,
    },
    /// Enters some lines; the last word on a pupil counts until the roll is closed.
    PointerEleves {
        /// The lines; all or none are taken.
        pointages: Vec<Pointage>,
    },
    /// Ends the roll: who has not been named was there.
    CloreAppel,
    /// Changes one line of a closed roll.
    CorrigerAppel {
        /// The new line.
        pointage: Pointage,
        /// Why; shown to the family and kept in the record.
        motif: String,
    },
    /// Notes what befell a pupil; the last word of a kind counts.
    NoterIncident {
        /// Whom.
        eleve: PersonneId,
        /// The division or the groupe of the séance, if the directory has this pupil in it.
        auditoire: Option<Auditoire>,
        /// What.
        incident: Incident,
        /// Why so late; a closed roll asks for it.
        motif: Option<String>,
    },
    /// Takes such a note back.
    RetirerIncident {
        /// Of whom.
        eleve: PersonneId,
        /// Which.
        nature: NatureDIncident,
        /// Why; a closed roll asks for it.
        motif: Option<String>,
    },
    /// Reminds who opened the roll that it is not closed.
    RappelerAppel {
        /// Now.
        maintenant: DateTime<Utc>,
    },
}

events! {
    /// What happens to a roll.
    pub enum AppelEvent {
        /// A teacher began the roll.
        AppelOuvert = "absences.appel.ouvert" v 1 Scolarite { seance: Seance, enseignant: PersonneId },
        /// A pupil was not there.
        AbsenceConstatee = "absences.appel.absence_constatee" v 1 Scolarite of eleve { eleve: PersonneId },
        /// A pupil came late.
        RetardConstate = "absences.appel.retard_constate" v 1 Scolarite of eleve { eleve: PersonneId, minutes: u16 },
        /// A pupil named absent or late while the roll was open was there after all.
        PresenceRetablie = "absences.appel.presence_retablie" v 1 Scolarite of eleve { eleve: PersonneId },
        /// The roll was ended, with its counts.
        AppelClos = "absences.appel.clos" v 1 Scolarite { absents: u16, retards: u16 },
        /// One line of the closed roll was changed.
        AppelCorrige = "absences.appel.corrige" v 1 Scolarite of eleve {
            eleve: PersonneId, avant: Presence, apres: Presence, motif: String,
        },
        /// Something befell a pupil.
        IncidentNote = "absences.appel.incident_note" v 1 Scolarite of eleve {
            eleve: PersonneId, incident: Incident, motif: Option<String>,
        },
        /// It did not.
        IncidentRetire = "absences.appel.incident_retire" v 1 Scolarite of eleve {
            eleve: PersonneId, nature: NatureDIncident, motif: Option<String>,
        },
        /// Who opened the roll was reminded of it.
        AppelRappele = "absences.appel.rappele" v 1 Scolarite { le: NaiveDate },
    }
}

refusals! {
    /// Why a roll refuses.
    pub enum RefusAppel {
        AppelInexistant = "APPEL_INEXISTANT" at "appelId":
            "Aucun appel n'est ouvert sous cet identifiant : ouvrez d'abord l'appel de la séance.",
        AppelDejaOuvert = "APPEL_DEJA_OUVERT":
            "L'appel de cette séance est déjà ouvert : reprenez-le au lieu d'en ouvrir un autre.",
        AppelDejaClos = "APPEL_DEJA_CLOS":
            "L'appel est clos : corrigez-le en donnant un motif.",
        AppelEncoreOuvert = "APPEL_ENCORE_OUVERT":
            "L'appel est encore ouvert : modifiez-le directement, la correction vient après la clôture.",
        SeanceAVenir = "SEANCE_A_VENIR" at "date":
            "Cette séance n'a pas encore eu lieu : l'appel s'ouvre le jour même.",
        HorairesInvalides = "HORAIRES_INVALIDES" at "fin":
            "La fin de la séance doit suivre son début.",
        EleveHorsDivision { eleve: PersonneId } = "ELEVE_HORS_DIVISION" at "eleveId":
            "L'élève {eleve} n'est pas de cette division : vérifiez la liste de la classe.",
        EleveHorsGroupe { eleve: PersonneId } = "ELEVE_HORS_GROUPE" at "eleveId":
            "L'élève {eleve} n'est pas de ce groupe : vérifiez la liste de ses membres.",
        EleveEnDouble { eleve: PersonneId } = "ELEVE_EN_DOUBLE" at "eleveId":
            "L'élève {eleve} figure deux fois dans la saisie : gardez une seule ligne.",
        RetardInvalide { minutes: u16 } = "RETARD_INVALIDE" at "minutes":
            "Un retard de {minutes} minutes est impossible : donnez de 1 minute à la durée de la séance.",
        MotifManquant = "MOTIF_MANQUANT" at "motif":
            "Une correction doit dire son motif, en 500 caractères au plus.",
        HeureHorsSeance = "HEURE_HORS_SEANCE" at "heure":
            "Cette heure n'est pas dans la séance : donnez-en une entre son début et sa fin.",
        IncidentNonNote = "INCIDENT_NON_NOTE" at "nature":
            "Rien de tel n'est noté pour cet élève dans cet appel.",
        SeanceEnCours = "SEANCE_EN_COURS" at "appelId":
            "La séance n'est pas finie : rappelez l'appel après sa fin.",
    }
}

/// State of a roll.
#[derive(Debug, Clone, Default)]
pub struct Appel {
    seance: Option<Seance>,
    clos: bool,
    presences: BTreeMap<PersonneId, Presence>,
    incidents: BTreeMap<(PersonneId, NatureDIncident), Incident>,
    rappele_le: Option<NaiveDate>,
}

impl Aggregate for Appel {
    const TYPE: &'static str = "absences.appel";
    /// Each line has its own pupil; the others may still be corrected.
    const LACUNE: Lacune = Lacune::Continue;
    type Command = AppelCommand;
    type Event = AppelEvent;
    type Refus = RefusAppel;

    fn decide(&self, command: AppelCommand) -> Result<Vec<AppelEvent>, RefusAppel> {
        match command {
            AppelCommand::OuvrirAppel { seance, enseignant, maintenant } => {
                self.ouvrir(seance, enseignant, maintenant)
            }
            AppelCommand::PointerEleves { pointages } => self.pointer(&pointages),
            AppelCommand::CloreAppel => self.clore(),
            AppelCommand::CorrigerAppel { pointage, motif } => self.corriger(&pointage, &motif),
            AppelCommand::NoterIncident { eleve, auditoire, incident, motif } => {
                self.noter(eleve, auditoire, incident, motif)
            }
            AppelCommand::RetirerIncident { eleve, nature, motif } => self.retirer(eleve, nature, motif),
            AppelCommand::RappelerAppel { maintenant } => self.rappeler(maintenant),
        }
    }

    fn apply(&mut self, event: AppelEvent) {
        match event {
            AppelEvent::AppelOuvert { seance, .. } => self.seance = Some(seance),
            AppelEvent::AbsenceConstatee { eleve } => self.set(eleve, Presence::Absent),
            AppelEvent::RetardConstate { eleve, minutes } => {
                self.set(eleve, Presence::EnRetard { minutes });
            }
            AppelEvent::PresenceRetablie { eleve } => self.set(eleve, Presence::Present),
            AppelEvent::AppelClos { .. } => self.clos = true,
            AppelEvent::AppelCorrige { eleve, apres, .. } => self.set(eleve, apres),
            AppelEvent::IncidentNote { eleve, incident, .. } => {
                self.incidents.insert((eleve, incident.nature()), incident);
            }
            AppelEvent::IncidentRetire { eleve, nature, .. } => {
                self.incidents.remove(&(eleve, nature));
            }
            AppelEvent::AppelRappele { le } => self.rappele_le = Some(le),
        }
    }
}

impl Appel {
    fn ouvrir(
        &self,
        seance: Seance,
        enseignant: PersonneId,
        maintenant: DateTime<Utc>,
    ) -> Result<Vec<AppelEvent>, RefusAppel> {
        if self.seance.is_some() {
            return Err(RefusAppel::AppelDejaOuvert);
        }
        if seance.fin <= seance.debut {
            return Err(RefusAppel::HorairesInvalides);
        }
        if seance.date > journee(maintenant) {
            return Err(RefusAppel::SeanceAVenir);
        }
        Ok(vec![AppelEvent::AppelOuvert { seance, enseignant }])
    }

    fn pointer(&self, pointages: &[Pointage]) -> Result<Vec<AppelEvent>, RefusAppel> {
        let seance = self.open_seance()?;
        let mut seen = std::collections::BTreeSet::new();
        let mut events = Vec::new();
        for pointage in pointages {
            let eleve = pointage.eleve;
            if !seen.insert(eleve) {
                return Err(RefusAppel::EleveEnDouble { eleve });
            }
            check_line(&seance, pointage)?;
            if pointage.presence == self.presence(eleve) {
                continue;
            }
            events.push(match pointage.presence {
                Presence::Present => AppelEvent::PresenceRetablie { eleve },
                Presence::Absent => AppelEvent::AbsenceConstatee { eleve },
                Presence::EnRetard { minutes } => AppelEvent::RetardConstate { eleve, minutes },
            });
        }
        Ok(events)
    }

    fn clore(&self) -> Result<Vec<AppelEvent>, RefusAppel> {
        self.open_seance()?;
        let count = |wanted: fn(&Presence) -> bool| {
            let found = self.presences.values().filter(|presence| wanted(presence)).count();
            u16::try_from(found).unwrap_or(u16::MAX)
        };
        Ok(vec![AppelEvent::AppelClos {
            absents: count(|presence| matches!(presence, Presence::Absent)),
            retards: count(|presence| matches!(presence, Presence::EnRetard { .. })),
        }])
    }

    fn corriger(&self, pointage: &Pointage, motif: &str) -> Result<Vec<AppelEvent>, RefusAppel> {
        let seance = self.seance.ok_or(RefusAppel::AppelInexistant)?;
        if !self.clos {
            return Err(RefusAppel::AppelEncoreOuvert);
        }
        let motif = texte::motif(motif).ok_or(RefusAppel::MotifManquant)?;
        check_line(&seance, pointage)?;
        let Pointage { eleve, presence: apres, .. } = *pointage;
        let avant = self.presence(eleve);
        if avant == apres {
            return Ok(vec![]);
        }
        Ok(vec![AppelEvent::AppelCorrige { eleve, avant, apres, motif }])
    }

    fn noter(
        &self,
        eleve: PersonneId,
        auditoire: Option<Auditoire>,
        incident: Incident,
        motif: Option<String>,
    ) -> Result<Vec<AppelEvent>, RefusAppel> {
        let seance = self.seance.ok_or(RefusAppel::AppelInexistant)?;
        attendre(&seance, eleve, auditoire)?;
        if incident.heure().is_some_and(|heure| heure < seance.debut || heure >= seance.fin) {
            return Err(RefusAppel::HeureHorsSeance);
        }
        if self.incidents.get(&(eleve, incident.nature())) == Some(&incident) {
            return Ok(vec![]);
        }
        let motif = self.reason(motif)?;
        Ok(vec![AppelEvent::IncidentNote { eleve, incident, motif }])
    }

    fn retirer(
        &self,
        eleve: PersonneId,
        nature: NatureDIncident,
        motif: Option<String>,
    ) -> Result<Vec<AppelEvent>, RefusAppel> {
        self.seance.ok_or(RefusAppel::AppelInexistant)?;
        if !self.incidents.contains_key(&(eleve, nature)) {
            return Err(RefusAppel::IncidentNonNote);
        }
        let motif = self.reason(motif)?;
        Ok(vec![AppelEvent::IncidentRetire { eleve, nature, motif }])
    }

    /// A closed roll changes for a reason only.
    fn reason(&self, motif: Option<String>) -> Result<Option<String>, RefusAppel> {
        match motif {
            Some(motif) => texte::motif(&motif).map(Some).ok_or(RefusAppel::MotifManquant),
            None if self.clos => Err(RefusAppel::MotifManquant),
            None => Ok(None),
        }
    }

    /// Once a day, when the séance is over.
    fn rappeler(&self, maintenant: DateTime<Utc>) -> Result<Vec<AppelEvent>, RefusAppel> {
        let seance = self.open_seance()?;
        let le = journee(maintenant);
        if heure_locale(maintenant) < seance.date.and_time(seance.fin) {
            return Err(RefusAppel::SeanceEnCours);
        }
        if self.rappele_le == Some(le) { Ok(vec![]) } else { Ok(vec![AppelEvent::AppelRappele { le }]) }
    }

    fn open_seance(&self) -> Result<Seance, RefusAppel> {
        match self.seance {
            None => Err(RefusAppel::AppelInexistant),
            Some(_) if self.clos => Err(RefusAppel::AppelDejaClos),
            Some(seance) => Ok(seance),
        }
    }

    /// Who has not been named is there.
    fn presence(&self, eleve: PersonneId) -> Presence {
        self.presences.get(&eleve).copied().unwrap_or_default()
    }

    fn set(&mut self, eleve: PersonneId, presence: Presence) {
        self.presences.insert(eleve, presence);
    }
}

/// A pupil is expected where the directory has him or her.
fn attendre(seance: &Seance, eleve: PersonneId, auditoire: Option<Auditoire>) -> Result<(), RefusAppel> {
    if auditoire == Some(seance.auditoire) {
        return Ok(());
    }
    Err(match seance.auditoire {
        Auditoire::Division(_) => RefusAppel::EleveHorsDivision { eleve },
        Auditoire::Groupe(_) => RefusAppel::EleveHorsGroupe { eleve },
    })
}

fn check_line(seance: &Seance, pointage: &Pointage) -> Result<(), RefusAppel> {
    attendre(seance, pointage.eleve, pointage.auditoire)?;
    match pointage.presence {
        Presence::EnRetard { minutes } if minutes == 0 || i64::from(minutes) > seance.minutes() => {
            Err(RefusAppel::RetardInvalide { minutes })
        }
        Presence::EnRetard { .. } | Presence::Present | Presence::Absent => Ok(()),
    }
}

#[cfg(test)]
mod tests;
