//! What the first division of each établissement lives besides rolls and marks: its periods and its
//! emploi du temps, a séance with a travail, absences that wait to be settled, a word in the carnet.

use super::agenda::{Agenda, Geste};
use super::calendrier::{ANNEE, ANNEE_SCOLAIRE, PERIODES, RENTREE, apres, heure, lendemain, ouvre, semaines};
use super::decor::{Decor, Division, Ecole, Enseignement};
use chrono::NaiveDate;
use commands::cahier_de_textes::{CoursDemande, SeanceARediger, TravailADonner};
use domain::JourDeSemaine;
use domain::annuaire::{Decoupage, Periode};
use domain::cahier_de_textes::{ContenuDeSeance, Plage, Semaines};
use domain::vie_de_l_eleve::NatureMot;
use domain::{CompteId, CoursId, PersonneId, SeanceId, TravailId};

/// When the courses of a week are, one for each of the first enseignements of the division.
const PLACES: [(JourDeSemaine, u32); 6] = [
    (JourDeSemaine::Lundi, 10),
    (JourDeSemaine::Mardi, 8),
    (JourDeSemaine::Mardi, 10),
    (JourDeSemaine::Jeudi, 9),
    (JourDeSemaine::Jeudi, 14),
    (JourDeSemaine::Vendredi, 10),
];
/// The week of the term in which the séance is, and the word is written.
const SEMAINE: usize = 2;

/// Writes all of it in the agenda.
pub fn inscrire(agenda: &mut Agenda, decor: &Decor, graine: u64) {
    for ecole in &decor.ecoles {
        let Some(division) = ecole.divisions.first() else { continue };
        calendrier(agenda, ecole, division);
        emploi_du_temps(agenda, ecole, division, graine);
        if let Some(enseignement) = division.enseignements.get(1) {
            cahier(agenda, enseignement, graine);
        }
        constats(agenda, ecole);
        if let Some(eleve) = division.eleves.first() {
            mot(agenda, ecole, *eleve);
        }
    }
}

/// The day before lessons begin in earnest, the chef says how the year goes.
fn calendrier(agenda: &mut Agenda, ecole: &Ecole, division: &Division) {
    let chef = CompteId::personnel(ecole.chef);
    let (uai, id) = (ecole.uai.clone(), division.id);
    let fixer =
        Geste::nouveau(chef, format!("fixer l'année de {uai}"), move |commands, demande| async move {
            commands.fixer_annee(&demande, &uai, ANNEE, ANNEE_SCOLAIRE).await.map(drop)
        });
    agenda.inscrire(RENTREE, heure(8, 30), fixer);
    let decouper =
        Geste::nouveau(chef, format!("fixer les périodes de {id}"), move |commands, demande| async move {
            let periode = |(libelle, debut, fin): (&str, NaiveDate, NaiveDate)| Periode {
                libelle: libelle.to_owned(),
                debut,
                fin,
            };
            let periodes = PERIODES.map(periode).to_vec();
            commands.fixer_periodes(&demande, id, ANNEE, Decoupage::Trimestres, periodes).await.map(drop)
        });
    agenda.inscrire(RENTREE, heure(8, 40), decouper.apres_relecture());
}

/// The courses, placed one after the other: each is checked against those before.
fn emploi_du_temps(agenda: &mut Agenda, ecole: &Ecole, division: &Division, graine: u64) {
    let chef = CompteId::personnel(ecole.chef);
    for ((jour, debut), (enseignement, minute)) in
        PLACES.into_iter().zip(division.enseignements.iter().zip(0..))
    {
        let (uai, id) = (ecole.uai.clone(), enseignement.id);
        let cours = CoursId::derived(&["demo", &graine.to_string(), &id.to_string()]);
        let placer =
            Geste::nouveau(chef, format!("placer le cours {cours}"), move |commands, demande| async move {
                let asked = CoursDemande {
                    cours,
                    enseignements: vec![id],
                    jour,
                    plage: Plage { debut: heure(debut, 0), fin: heure(debut, 55) },
                    salles: vec![format!("B{}", 101 + minute)],
                    semaines: Semaines::TOUTES,
                };
                commands.placer_cours(&demande, &uai, ANNEE, asked).await.map(drop)
            });
        agenda.inscrire(RENTREE, heure(9, minute), placer.apres_relecture());
    }
}

/// A séance that the pupils read on the evening of its day, and what they have to do for the next.
fn cahier(agenda: &mut Agenda, enseignement: &Enseignement, graine: u64) {
    let Some(jour) = semaines().nth(SEMAINE).and_then(|lundi| apres(lundi, 1)) else { return };
    let (compte, id) = (CompteId::personnel(enseignement.enseignant), enseignement.id);
    let clef = [&*graine.to_string(), &*id.to_string()];
    let seance = SeanceId::derived(&["demo", clef[0], clef[1]]);
    let travail = TravailId::derived(&["demo", clef[0], clef[1]]);
    let rediger =
        Geste::nouveau(compte, format!("rédiger la séance {seance}"), move |commands, demande| async move {
            let contenu = ContenuDeSeance {
                titre: "Reprise et méthode".to_owned(),
                avant: "Avoir son cahier et son manuel.".to_owned(),
                apres: "Relire la leçon ; elle sera interrogée.".to_owned(),
            };
            let (debut, fin) = (heure(8, 0), heure(8, 55));
            let asked = SeanceARediger { seance, enseignement: id, date: jour, debut, fin, contenu };
            commands.rediger_seance(&demande, asked).await.map(drop)
        });
    agenda.inscrire(jour, heure(17, 0), rediger);
    let donner =
        Geste::nouveau(compte, format!("donner le travail {travail}"), move |commands, demande| async move {
            let asked = TravailADonner {
                travail,
                enseignement: id,
                pour_le: lendemain(lendemain(jour)),
                titre: "Exercices 1 à 4".to_owned(),
                consigne: "Sur une feuille, en justifiant.".to_owned(),
                minutes: 30,
                a_rendre: true,
            };
            commands.donner_travail(&demande, asked).await.map(drop)
        });
    agenda.inscrire(jour, heure(17, 5), donner);
    let publier =
        Geste::nouveau(compte, format!("publier la séance {seance}"), move |commands, demande| async move {
            commands.publier_seance(&demande, seance).await.map(drop)
        });
    agenda.inscrire(jour, heure(17, 10), publier.apres_relecture());
    let publier = Geste::nouveau(
        compte,
        format!("publier le travail {travail}"),
        move |commands, demande| async move { commands.publier_travail(&demande, travail).await.map(drop) },
    );
    agenda.inscrire(jour, heure(17, 10), publier.apres_relecture());
}

/// After each week, once its rolls are corrected, the CPE states its absences; nobody has settled
/// them yet.
fn constats(agenda: &mut Agenda, ecole: &Ecole) {
    let cpe = CompteId::personnel(ecole.cpe);
    for lundi in semaines() {
        let jours: Vec<_> =
            (0..5).filter_map(|rang| apres(lundi, rang)).filter(|jour| ouvre(*jour)).collect();
        let Some(dernier) = jours.last().copied() else { continue };
        for (jour, minute) in jours.into_iter().zip(0..) {
            let uai = ecole.uai.clone();
            let nom = format!("constater les absences du {jour} à {uai}");
            let constater = Geste::nouveau(cpe, nom, move |commands, demande| async move {
                commands.constater_absences(&demande, &uai, jour).await.map(drop)
            });
            agenda.inscrire(lendemain(dernier), heure(12, minute), constater.apres_relecture());
        }
    }
}

/// A word to the family of the first pupil.
fn mot(agenda: &mut Agenda, ecole: &Ecole, eleve: PersonneId) {
    let Some(jour) = semaines().nth(SEMAINE).and_then(|lundi| apres(lundi, 3)) else { return };
    let cpe = CompteId::personnel(ecole.cpe);
    let ecrire =
        Geste::nouveau(cpe, format!("écrire au carnet de {eleve}"), move |commands, demande| async move {
            let texte = "Réunion avec les familles jeudi à 18 h, en salle polyvalente.".to_owned();
            commands.ecrire_mot(&demande, eleve, NatureMot::Information, texte).await.map(drop)
        });
    agenda.inscrire(jour, heure(16, 30), ecrire);
}
