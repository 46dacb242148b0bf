//! The emploi du temps of an établissement in a school year: its courses, and what is changed of
//! single occurrences.
//!
//! One stream per établissement and year, for that nobody and nothing is in two places at once is
//! a rule about all of its courses; one event per course, so that a history says what became of
//! each, none is larger than a page of text, and an import that changes three courses records
//! three. What a timetable program exports is taken as it is, with its conflicts told; what a hand
//! adds may make none. Sources: code de l'éducation, art. R421-2 (the établissement organises its
//! classes and its hours) and D332-4; décret n° 2014-940 (service of teachers).

use super::{Cours, Modification, Modifications, Occurrence, Plage, Rang, Ressource, Semaines};
use super::{conflits, dates, occurrences};
use crate::annuaire::JoursDEcole;
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, AnneeScolaire, CoursId, EmploiDuTempsId, EtablissementId, Lacune, texte};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Most courses of an établissement in a year; large ones have some 1,500.
const COURS_MAX: usize = 6_000;
/// Most teachers, publics or rooms of one course.
const PARTICIPATIONS_MAX: usize = 60;
/// Longest name of a room, a matière or a groupe, in characters.
const TEXTE_MAX: usize = 200;

/// Who says that there is a course.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrigineDuCours {
    /// STS, which a timetable program wrote to.
    Sts,
    /// A timetable program's own export, which says more.
    Edt,
    /// A hand.
    Saisie,
}

/// What may be asked of an emploi du temps.
#[derive(Debug, Clone)]
pub enum EmploiDuTempsCommand {
    /// Takes all courses that a program exports; those that it no longer names are withdrawn.
    ImporterCours {
        /// Where.
        etablissement: EtablissementId,
        /// In which school year.
        annee: AnneeScolaire,
        /// From which program.
        origine: OrigineDuCours,
        /// All of them.
        cours: Vec<Cours>,
    },
    /// Adds a course, or changes one that was added so.
    PlacerCours {
        /// Where.
        etablissement: EtablissementId,
        /// In which school year.
        annee: AnneeScolaire,
        /// The course.
        cours: Cours,
    },
    /// Takes away a course that was added so.
    RetirerCours {
        /// Which one.
        cours: CoursId,
    },
    /// Changes one occurrence.
    ModifierOccurrence {
        /// Which one.
        rang: Rang,
        /// Into what.
        modification: Modification,
        /// The days of school there.
        ecole: JoursDEcole,
    },
    /// Lets one occurrence be as in other weeks again.
    RetablirOccurrence {
        /// Which one.
        rang: Rang,
    },
    /// Says which weeks are called A; the others are called B.
    FixerSemainesA {
        /// Where.
        etablissement: EtablissementId,
        /// In which school year.
        annee: AnneeScolaire,
        /// Which.
        semaines: Semaines,
    },
}

events! {
    /// What happens to an emploi du temps.
    pub enum EmploiDuTempsEvent {
        /// There is a course, or it has changed into this.
        CoursPlace = "cahier_de_textes.emploi_du_temps.cours_place" v 1 Scolarite {
            etablissement: EtablissementId, annee: AnneeScolaire, origine: OrigineDuCours, cours: Cours,
        },
        /// There no longer is.
        CoursRetire = "cahier_de_textes.emploi_du_temps.cours_retire" v 1 Scolarite { cours: CoursId },
        /// One occurrence is not as in other weeks.
        OccurrenceModifiee = "cahier_de_textes.emploi_du_temps.occurrence_modifiee" v 1 Scolarite {
            rang: Rang, modification: Modification,
        },
        /// It is again.
        OccurrenceRetablie = "cahier_de_textes.emploi_du_temps.occurrence_retablie" v 1 Scolarite { rang: Rang },
        /// These weeks are called A.
        SemainesAFixees = "cahier_de_textes.emploi_du_temps.semaines_a_fixees" v 1 Scolarite {
            etablissement: EtablissementId, annee: AnneeScolaire, semaines: Semaines,
        },
    }
}

refusals! {
    /// Why an emploi du temps refuses.
    pub enum RefusEmploiDuTemps {
        HorairesDeCours = "HORAIRES_DE_COURS" at "fin":
            "La fin du cours doit suivre son début : corrigez les horaires.",
        CoursSansSemaine = "COURS_SANS_SEMAINE" at "semaines":
            "Un cours a lieu au moins une semaine, avec un enseignant ou une classe : dites lesquelles.",
        CoursIllisible { champ: &'static str } = "COURS_ILLISIBLE":
            "Le champ « {champ} » du cours est vide, trop long ou trop nombreux : corrigez-le.",
        TropDeCours = "TROP_DE_COURS":
            "Un emploi du temps compte 6 000 cours au plus : vérifiez que le fichier est d'un seul établissement.",
        CoursEnDouble = "COURS_EN_DOUBLE":
            "Le même cours est donné deux fois : gardez-en un.",
        CoursInconnu = "COURS_INCONNU" at "coursId":
            "Ce cours n'est pas dans l'emploi du temps : vérifiez l'établissement et l'année scolaire.",
        CoursImporte = "COURS_IMPORTE" at "coursId":
            "Ce cours vient du logiciel d'emploi du temps : changez-l'y et importez de nouveau, ou modifiez une seule séance.",
        OrigineReservee = "ORIGINE_RESERVEE":
            "Un import dit de quel logiciel il vient : la saisie à la main place les cours un à un.",
        EdtPrevaut = "EDT_PREVAUT":
            "L'emploi du temps de cette année vient d'EDT, qui en dit plus que STS : importez un nouvel export d'EDT.",
        OccurrenceInconnue { date: NaiveDate } = "OCCURRENCE_INCONNUE" at "date":
            "Ce cours n'a pas lieu le {date} : choisissez un jour où il est prévu.",
        JourSansEcole { date: NaiveDate } = "JOUR_SANS_ECOLE" at "date":
            "Il n'y a pas école le {date} : choisissez un autre jour de la même année scolaire.",
        ConflitDeRessource { quoi: &'static str, autre: CoursId } = "CONFLIT_D_EMPLOI_DU_TEMPS":
            "{quoi} est déjà pris à cette heure par le cours {autre} : choisissez un autre moment, ou libérez-le d'abord.",
    }
}

/// Courses, who said that there are, and what is changed of single occurrences.
#[derive(Debug, Clone, Default)]
pub struct EmploiDuTemps {
    annee: Option<AnneeScolaire>,
    cours: BTreeMap<CoursId, (OrigineDuCours, Cours)>,
    modifications: Modifications,
    semaines_a: Option<Semaines>,
}

impl EmploiDuTempsId {
    /// That of an établissement in a school year.
    pub fn de(etablissement: EtablissementId, annee: AnneeScolaire) -> Self {
        Self::derived(&[&etablissement.to_string(), &annee.to_string()])
    }
}

impl Cours {
    /// Whether it is one: hours in their order, weeks, and texts of a bearable length.
    pub fn verifier(&self) -> Result<(), RefusEmploiDuTemps> {
        verifier_plage(self.plage)?;
        if self.semaines().est_vide() {
            return Err(RefusEmploiDuTemps::CoursSansSemaine);
        }
        let line = |champ, text: &str| verifier_texte(champ, text);
        line("matiere", &self.matiere.libelle)?;
        line("matiere", &self.matiere.code)?;
        let counts =
            [self.enseignants.len(), self.publics.len(), self.salles.len(), self.enseignements.len()];
        if counts.iter().any(|count| *count > PARTICIPATIONS_MAX) {
            return Err(RefusEmploiDuTemps::CoursIllisible { champ: "participations" });
        }
        self.salles.iter().try_for_each(|salle| line("salles", &salle.qui))?;
        self.publics.iter().try_for_each(|public| match &public.qui {
            super::Public::Division { .. } => Ok(()),
            super::Public::Groupe { divisions, .. } if divisions.len() > PARTICIPATIONS_MAX => {
                Err(RefusEmploiDuTemps::CoursIllisible { champ: "divisions" })
            }
            super::Public::Groupe { code, .. } => line("groupe", code),
        })
    }
}

fn verifier_plage(plage: Plage) -> Result<(), RefusEmploiDuTemps> {
    if plage.debut < plage.fin { Ok(()) } else { Err(RefusEmploiDuTemps::HorairesDeCours) }
}

fn verifier_texte(champ: &'static str, text: &str) -> Result<(), RefusEmploiDuTemps> {
    texte::line(text, TEXTE_MAX).map(drop).ok_or(RefusEmploiDuTemps::CoursIllisible { champ })
}

impl Aggregate for EmploiDuTemps {
    const TYPE: &'static str = "cahier_de_textes.emploi_du_temps";
    /// Its source says everything again.
    const LACUNE: Lacune = Lacune::Recommence;
    type Command = EmploiDuTempsCommand;
    type Event = EmploiDuTempsEvent;
    type Refus = RefusEmploiDuTemps;

    fn decide(&self, command: EmploiDuTempsCommand) -> Result<Vec<EmploiDuTempsEvent>, RefusEmploiDuTemps> {
        match command {
            EmploiDuTempsCommand::ImporterCours { etablissement, annee, origine, cours } => {
                self.importer(etablissement, annee, origine, cours)
            }
            EmploiDuTempsCommand::PlacerCours { etablissement, annee, cours } => {
                self.placer(etablissement, annee, cours)
            }
            EmploiDuTempsCommand::RetirerCours { cours } => self.retirer(cours),
            EmploiDuTempsCommand::ModifierOccurrence { rang, modification, ecole } => {
                self.modifier(rang, modification, &ecole)
            }
            EmploiDuTempsCommand::RetablirOccurrence { rang } => {
                let changed = self.modifications.contains_key(&rang);
                Ok(changed.then_some(EmploiDuTempsEvent::OccurrenceRetablie { rang }).into_iter().collect())
            }
            EmploiDuTempsCommand::FixerSemainesA { etablissement, annee, semaines } => {
                let new = self.semaines_a != Some(semaines);
                let fixed = EmploiDuTempsEvent::SemainesAFixees { etablissement, annee, semaines };
                Ok(new.then_some(fixed).into_iter().collect())
            }
        }
    }

    fn apply(&mut self, event: EmploiDuTempsEvent) {
        match event {
            EmploiDuTempsEvent::CoursPlace { annee, origine, cours, .. } => {
                self.annee = Some(annee);
                self.cours.insert(cours.id, (origine, cours));
            }
            EmploiDuTempsEvent::CoursRetire { cours } => {
                self.cours.remove(&cours);
            }
            EmploiDuTempsEvent::OccurrenceModifiee { rang, modification } => {
                self.modifications.insert(rang, modification);
            }
            EmploiDuTempsEvent::OccurrenceRetablie { rang } => {
                self.modifications.remove(&rang);
            }
            EmploiDuTempsEvent::SemainesAFixees { annee, semaines, .. } => {
                self.annee = Some(annee);
                self.semaines_a = Some(semaines);
            }
        }
    }
}

impl EmploiDuTemps {
    fn importer(
        &self,
        etablissement: EtablissementId,
        annee: AnneeScolaire,
        origine: OrigineDuCours,
        cours: Vec<Cours>,
    ) -> Result<Vec<EmploiDuTempsEvent>, RefusEmploiDuTemps> {
        if origine == OrigineDuCours::Saisie {
            return Err(RefusEmploiDuTemps::OrigineReservee);
        }
        let better = |known: &OrigineDuCours| *known != OrigineDuCours::Saisie && *known > origine;
        if self.cours.values().any(|(known, _)| better(known)) {
            return Err(RefusEmploiDuTemps::EdtPrevaut);
        }
        if cours.len() > COURS_MAX {
            return Err(RefusEmploiDuTemps::TropDeCours);
        }
        let (mut named, mut events) = (BTreeSet::new(), Vec::new());
        for one in cours {
            one.verifier()?;
            if !named.insert(one.id) {
                return Err(RefusEmploiDuTemps::CoursEnDouble);
            }
            let one = (origine, one.range());
            if self.cours.get(&one.1.id) != Some(&one) {
                events.push(EmploiDuTempsEvent::CoursPlace { etablissement, annee, origine, cours: one.1 });
            }
        }
        let gone = |(id, (by, _)): &(&CoursId, &(OrigineDuCours, Cours))| {
            *by != OrigineDuCours::Saisie && !named.contains(*id)
        };
        let gone =
            self.cours.iter().filter(gone).map(|(id, _)| EmploiDuTempsEvent::CoursRetire { cours: *id });
        // Rooms and teachers are free before others take them.
        Ok(gone.chain(events).collect())
    }

    fn placer(
        &self,
        etablissement: EtablissementId,
        annee: AnneeScolaire,
        cours: Cours,
    ) -> Result<Vec<EmploiDuTempsEvent>, RefusEmploiDuTemps> {
        cours.verifier()?;
        let (origine, cours) = (OrigineDuCours::Saisie, cours.range());
        match self.cours.get(&cours.id) {
            Some((known, same)) if *known == origine && *same == cours => return Ok(vec![]),
            Some((OrigineDuCours::Saisie, _)) => {}
            Some(_) => return Err(RefusEmploiDuTemps::CoursImporte),
            None if self.cours.len() >= COURS_MAX => return Err(RefusEmploiDuTemps::TropDeCours),
            None => {}
        }
        let others = self.cours().filter(|other| other.id != cours.id);
        let mine = |one: &super::Conflit| one.premier == cours.id || one.second == cours.id;
        match conflits(others.chain([&cours])).into_iter().find(mine) {
            Some(conflit) => {
                let autre = if conflit.premier == cours.id { conflit.second } else { conflit.premier };
                Err(conflit_avec(&conflit.ressource, autre))
            }
            None => Ok(vec![EmploiDuTempsEvent::CoursPlace { etablissement, annee, origine, cours }]),
        }
    }

    fn retirer(&self, cours: CoursId) -> Result<Vec<EmploiDuTempsEvent>, RefusEmploiDuTemps> {
        match self.cours.get(&cours) {
            None => Err(RefusEmploiDuTemps::CoursInconnu),
            Some((OrigineDuCours::Saisie, _)) => Ok(vec![EmploiDuTempsEvent::CoursRetire { cours }]),
            Some(_) => Err(RefusEmploiDuTemps::CoursImporte),
        }
    }

    fn modifier(
        &self,
        rang: Rang,
        modification: Modification,
        ecole: &JoursDEcole,
    ) -> Result<Vec<EmploiDuTempsEvent>, RefusEmploiDuTemps> {
        let (Some((_, cours)), Some(annee)) = (self.cours.get(&rang.cours), self.annee) else {
            return Err(RefusEmploiDuTemps::CoursInconnu);
        };
        if !dates(cours, annee, ecole).any(|date| date == rang.date) {
            return Err(RefusEmploiDuTemps::OccurrenceInconnue { date: rang.date });
        }
        if self.modifications.get(&rang) == Some(&modification) {
            return Ok(vec![]);
        }
        if let Modification::Changee { date, plage, salles, enseignants } = &modification {
            plage.map_or(Ok(()), verifier_plage)?;
            for salle in salles.iter().flatten() {
                verifier_texte("salles", salle)?;
            }
            let counts = [salles.as_ref().map(Vec::len), enseignants.as_ref().map(Vec::len)];
            if counts.into_iter().flatten().any(|count| count > PARTICIPATIONS_MAX) {
                return Err(RefusEmploiDuTemps::CoursIllisible { champ: "participations" });
            }
            let le = date.unwrap_or(rang.date);
            if AnneeScolaire::of(le) != annee || !ecole.est_ouvre(le) {
                return Err(RefusEmploiDuTemps::JourSansEcole { date: le });
            }
            self.libre(rang, &modification, annee, ecole, le)?;
        }
        Ok(vec![EmploiDuTempsEvent::OccurrenceModifiee { rang, modification }])
    }

    /// Whether an occurrence changed so takes nothing from any other of its day.
    fn libre(
        &self,
        rang: Rang,
        modification: &Modification,
        annee: AnneeScolaire,
        ecole: &JoursDEcole,
        le: NaiveDate,
    ) -> Result<(), RefusEmploiDuTemps> {
        let mut changed = self.modifications.clone();
        changed.insert(rang, modification.clone());
        let day: Vec<Occurrence> = occurrences(self.cours(), &changed, annee, ecole, (le, le));
        let Some(mine) = day.iter().find(|one| one.rang == rang) else { return Ok(()) };
        let disputed = day.iter().find_map(|other| Some((mine.dispute(other)?, other.rang.cours)));
        match disputed {
            Some((ressource, autre)) => Err(conflit_avec(&ressource, autre)),
            None => Ok(()),
        }
    }

    /// Its courses.
    pub fn cours(&self) -> impl Iterator<Item = &Cours> {
        self.cours.values().map(|(_, cours)| cours)
    }

    /// What is changed of single occurrences.
    pub fn modifications(&self) -> &Modifications {
        &self.modifications
    }

    /// The weeks that are called A, once that is said.
    pub fn semaines_a(&self) -> Option<Semaines> {
        self.semaines_a
    }
}

fn conflit_avec(ressource: &Ressource, autre: CoursId) -> RefusEmploiDuTemps {
    let quoi = match ressource {
        Ressource::Enseignant { .. } => "L'enseignant",
        Ressource::Public { .. } => "La classe ou le groupe",
        Ressource::Salle { .. } => "La salle",
    };
    RefusEmploiDuTemps::ConflitDeRessource { quoi, autre }
}

#[cfg(test)]
mod tests;
