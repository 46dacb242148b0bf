//! Two rolls a week in each division: two to six pupils of a hundred are absent, some come late,
//! and some who were thought absent are corrected by the vie scolaire the next day.

use super::agenda::{Agenda, Geste};
use super::calendrier::{apres, heure, lendemain, ouvre, semaines};
use super::decor::{Decor, Division, Ecole, Enseignement};
use chrono::{NaiveDate, NaiveTime, TimeDelta};
use commands::absences::{Ligne, SeanceDemandee};
use domain::absences::{Presence, Seance};
use domain::{AppelId, CompteId, PersonneId};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeSet;

/// Hours of the week at which rolls are called: days after Monday, hour.
const CRENEAUX: [(u64, u32); 8] = [(0, 8), (0, 14), (1, 9), (1, 15), (3, 8), (3, 10), (4, 9), (4, 14)];
/// Enseignements of a division that call rolls in the demo.
const PAR_DIVISION: usize = 2;
/// Length of a séance, in minutes.
const DUREE: i64 = 55;

/// A séance of every week.
struct Cours<'a> {
    ecole: &'a Ecole,
    division: &'a Division,
    enseignement: &'a Enseignement,
    jours: u64,
    debut: NaiveTime,
}

/// Writes the rolls of the term in the agenda.
pub fn inscrire(agenda: &mut Agenda, decor: &Decor, des: &mut ChaCha8Rng) {
    let cours: Vec<_> = decor.ecoles.iter().flat_map(emploi_du_temps).collect();
    for lundi in semaines() {
        for cours in &cours {
            if let Some(date) = apres(lundi, cours.jours).filter(|date| ouvre(*date)) {
                cours.appel(agenda, date, des);
            }
        }
    }
}

/// Gives each séance an hour at which neither its division nor its teacher has another.
fn emploi_du_temps(ecole: &Ecole) -> Vec<Cours<'_>> {
    let mut pris = BTreeSet::new();
    let mut cours = Vec::new();
    for (rang, division) in ecole.divisions.iter().enumerate() {
        // Not the same matières everywhere: each teacher has a few divisions.
        let pas = division.enseignements.len().max(1);
        let choisis = (0..PAR_DIVISION).filter_map(|n| division.enseignements.get((rang + n * 3) % pas));
        for enseignement in choisis {
            let libre = CRENEAUX.iter().enumerate().find(|(creneau, _)| {
                let libre = |qui| !pris.contains(&(*creneau, qui));
                libre(division.id.0) && libre(enseignement.enseignant.0)
            });
            if let Some((creneau, (jours, debut))) = libre {
                pris.extend([(creneau, division.id.0), (creneau, enseignement.enseignant.0)]);
                cours.push(Cours { ecole, division, enseignement, jours: *jours, debut: heure(*debut, 0) });
            }
        }
    }
    cours
}

impl Cours<'_> {
    /// The roll of one day: opened, called, closed, sometimes corrected.
    fn appel(&self, agenda: &mut Agenda, date: NaiveDate, des: &mut ChaCha8Rng) {
        let (debut, enseignement) = (self.debut, self.enseignement.id);
        let fin = debut + TimeDelta::minutes(DUREE);
        let demandee = SeanceDemandee { enseignement, date, debut, fin };
        let auditoire = self.division.id.into();
        let appel = Seance { enseignement, auditoire, date, debut, fin }.appel();
        let compte = CompteId::personnel(self.enseignement.enseignant);
        let ouvrir =
            Geste::nouveau(compte, format!("ouvrir l'appel {appel}"), move |commands, demande| async move {
                commands.ouvrir_appel(&demande, demandee).await.map(drop)
            });
        agenda.inscrire(date, debut + TimeDelta::minutes(3), ouvrir);
        let lignes = lignes(self.division, des);
        self.corrections(agenda, date, appel, &lignes, des);
        let pointer =
            Geste::nouveau(compte, format!("pointer l'appel {appel}"), move |commands, demande| async move {
                commands.pointer_eleves(&demande, appel, &lignes).await.map(drop)
            });
        agenda.inscrire(date, debut + TimeDelta::minutes(7), pointer.apres_relecture());
        let clore =
            Geste::nouveau(compte, format!("clore l'appel {appel}"), move |commands, demande| async move {
                commands.clore_appel(&demande, appel).await.map(drop)
            });
        agenda.inscrire(date, debut + TimeDelta::minutes(20), clore);
    }

    /// One in ten of those called absent had only come late: the CPE says so the next day.
    fn corrections(
        &self,
        agenda: &mut Agenda,
        date: NaiveDate,
        appel: AppelId,
        lignes: &[Ligne],
        des: &mut ChaCha8Rng,
    ) {
        for ligne in lignes.iter().filter(|ligne| ligne.presence == Presence::Absent) {
            if !des.random_ratio(1, 10) {
                continue;
            }
            let eleve = ligne.eleve;
            let corrigee =
                Ligne { eleve, presence: Presence::EnRetard { minutes: des.random_range(20..50) } };
            let motif = "Arrivé par le bureau de la vie scolaire, billet d'entrée remis".to_owned();
            let nom = format!("corriger l'appel {appel} pour {eleve}");
            let cpe = CompteId::personnel(self.ecole.cpe);
            let corriger = Geste::nouveau(cpe, nom, move |commands, demande| async move {
                commands.corriger_appel(&demande, appel, corrigee, motif).await.map(drop)
            });
            agenda.inscrire(lendemain(date), heure(11, 30), corriger.apres_relecture());
        }
    }
}

/// Who is not there, or not on time.
fn lignes(division: &Division, des: &mut ChaCha8Rng) -> Vec<Ligne> {
    let absences = des.random_range(20..60);
    let mut ligne = |eleve: &PersonneId| {
        let presence = match des.random_range(0..1_000) {
            tire if tire < absences => Presence::Absent,
            tire if tire < absences + 15 => Presence::EnRetard { minutes: des.random_range(2..20) },
            _ => return None,
        };
        Some(Ligne { eleve: *eleve, presence })
    };
    division.eleves.iter().filter_map(&mut ligne).collect()
}
