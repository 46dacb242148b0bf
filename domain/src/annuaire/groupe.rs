//! The groupes of an établissement: any gathering other than a division.
//!
//! A groupe holds persons, divisions and other groupes, and is led by those who were named to
//! lead it. That no groupe is within itself, by whatever way round, is a rule about all of them:
//! so they share one stream. A groupe keeps its id from one school year to the next, so that
//! what was shared with it stays shared; at the end of a year each is either kept or closed, and
//! whatever is within a kept one is kept too. Source: code de l'éducation, art. R421-2, 1° and
//! 2° (the établissement organises its divisions and groups of pupils).

use super::Uai;
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, AnneeScolaire, DivisionId, GroupeId, Lacune, PersonneId, texte};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

impl Uai {
    /// The groupe that was first opened under `code` in a school year.
    pub fn groupe(&self, annee: AnneeScolaire, code: &str) -> GroupeId {
        GroupeId::derived(&[self.as_str(), &annee.to_string(), code])
    }
}

/// Several at once, as part of a groupe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "nature", rename_all = "snake_case")]
pub enum Ensemble {
    /// The pupils of a division, whoever they are that day.
    Division {
        /// Which one.
        division: DivisionId,
    },
    /// All that is in another groupe.
    Groupe {
        /// Which one.
        groupe: GroupeId,
    },
}

/// What is in a groupe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Membre {
    /// A person.
    Personne(PersonneId),
    /// A division or another groupe.
    Ensemble(Ensemble),
}

/// What may be asked of the groupes of an établissement.
#[derive(Debug, Clone)]
pub enum GroupeCommand {
    /// Opens a groupe.
    CreerGroupe {
        /// The établissement's number.
        uai: Uai,
        /// For which school year.
        annee: AnneeScolaire,
        /// Its code, which no other groupe of that year has.
        code: String,
        /// Its name.
        libelle: String,
        /// Today.
        aujourd_hui: NaiveDate,
    },
    /// Gives it another name.
    RenommerGroupe {
        /// Which one.
        groupe: GroupeId,
        /// Its name.
        libelle: String,
    },
    /// Puts more into it; what is there already is passed over.
    AjouterMembres {
        /// Which one.
        groupe: GroupeId,
        /// What.
        membres: Vec<Membre>,
        /// Those whom the directory attaches to the établissement, its divisions, and the groupes that
        /// sources declare there.
        connus: BTreeSet<Membre>,
    },
    /// Takes something out of it; what is not there is passed over.
    RetirerMembres {
        /// Which one.
        groupe: GroupeId,
        /// What.
        membres: Vec<Membre>,
    },
    /// Lets someone lead it.
    NommerEncadrant {
        /// Which one.
        groupe: GroupeId,
        /// Who.
        encadrant: PersonneId,
        /// Whether he or she is of the staff of the établissement.
        personnel: bool,
    },
    /// No longer lets someone lead it.
    RetirerEncadrant {
        /// Which one.
        groupe: GroupeId,
        /// Who.
        encadrant: PersonneId,
    },
    /// Turns the year: these are kept, all others are closed.
    PasserAnnee {
        /// The year that begins.
        annee: AnneeScolaire,
        /// What is kept.
        gardes: BTreeSet<GroupeId>,
    },
}

events! {
    /// What happens to the groupes of an établissement.
    pub enum GroupeEvent {
        /// A groupe was opened.
        GroupeCree = "annuaire.groupe.cree" v 1 Annuaire {
            groupe: GroupeId, annee: AnneeScolaire, code: String, libelle: String,
        },
        /// It has another name.
        GroupeRenomme = "annuaire.groupe.renomme" v 1 Annuaire { groupe: GroupeId, libelle: String },
        /// A person is in it.
        PersonneInscrite = "annuaire.groupe.personne_inscrite" v 1 Annuaire of personne {
            groupe: GroupeId, personne: PersonneId,
        },
        /// A person is no longer in it.
        PersonneDesinscrite = "annuaire.groupe.personne_desinscrite" v 1 Annuaire of personne {
            groupe: GroupeId, personne: PersonneId,
        },
        /// A division or another groupe is in it.
        EnsembleInclus = "annuaire.groupe.ensemble_inclus" v 1 Annuaire { groupe: GroupeId, ensemble: Ensemble },
        /// It no longer is.
        EnsembleExclu = "annuaire.groupe.ensemble_exclu" v 1 Annuaire { groupe: GroupeId, ensemble: Ensemble },
        /// Someone leads it.
        EncadrantNomme = "annuaire.groupe.encadrant_nomme" v 1 Annuaire of encadrant {
            groupe: GroupeId, encadrant: PersonneId,
        },
        /// He or she no longer does.
        EncadrantRetire = "annuaire.groupe.encadrant_retire" v 1 Annuaire of encadrant {
            groupe: GroupeId, encadrant: PersonneId,
        },
        /// It goes on in another school year.
        GroupeReconduit = "annuaire.groupe.reconduit" v 1 Annuaire { groupe: GroupeId, annee: AnneeScolaire },
        /// It ended with its year.
        GroupeClos = "annuaire.groupe.clos" v 1 Annuaire { groupe: GroupeId },
    }
}

refusals! {
    /// Why groupes refuse.
    pub enum RefusGroupe {
        AnneeLointaine = "ANNEE_LOINTAINE" at "annee":
            "Un groupe se crée pour l'année en cours ou pour la suivante : corrigez l'année scolaire.",
        GroupeInconnu = "GROUPE_INCONNU" at "groupeId":
            "Ce groupe n'existe pas dans l'établissement : créez-le d'abord.",
        GroupeDeSource = "GROUPE_DE_SOURCE" at "groupeId":
            "Une source déclare ce groupe et dit qui y est : faites-l'y corriger, ou mettez-le dans un groupe à vous.",
        GroupeFerme = "GROUPE_FERME" at "groupeId":
            "Ce groupe est clos depuis la fin de son année scolaire : créez-en un nouveau.",
        CodeDejaPris { code: String } = "CODE_DEJA_PRIS" at "code":
            "Un groupe de cette année porte déjà le code {code} : choisissez-en un autre.",
        TexteInvalide { champ: &'static str } = "TEXTE_INVALIDE":
            "Le champ « {champ} » doit tenir en une ligne de 1 à 200 caractères.",
        MembreExterieur = "MEMBRE_EXTERIEUR" at "membres":
            "Un membre au moins n'est pas de l'établissement : choisissez des personnes qui y sont rattachées, et ses divisions.",
        CycleDeGroupes { groupe: GroupeId } = "CYCLE_DE_GROUPES" at "membres":
            "Le groupe {groupe} contient déjà celui-ci, directement ou par d'autres : l'y mettre ferait un cycle. Retirez d'abord l'un de l'autre.",
        TropDeMembres = "TROP_DE_MEMBRES" at "membres":
            "Un groupe compte 2 000 membres au plus : faites-en plusieurs.",
        EncadrantExterieur = "ENCADRANT_EXTERIEUR" at "encadrantId":
            "Un groupe est encadré par un personnel de l'établissement : choisissez-en un.",
        AnneeRevolue = "ANNEE_REVOLUE" at "annee":
            "Les groupes ont déjà passé cette année scolaire.",
        SousGroupeNonGarde { groupe: GroupeId } = "SOUS_GROUPE_NON_GARDE" at "groupes":
            "Le groupe {groupe} fait partie d'un groupe que vous gardez : gardez-le aussi, ou retirez-l'en.",
    }
}

/// Longest name or code, in characters.
const TEXTE_MAX: usize = 200;
/// Most members of one groupe, whatever they are.
const MEMBRES_MAX: usize = 2_000;

/// A groupe as it stands.
#[derive(Debug, Clone)]
struct Groupe {
    annee: AnneeScolaire,
    code: String,
    libelle: String,
    clos: bool,
    membres: BTreeSet<Membre>,
    encadrants: BTreeSet<PersonneId>,
}

/// The groupes of an établissement.
#[derive(Debug, Clone, Default)]
pub struct Groupes(BTreeMap<GroupeId, Groupe>);

impl Aggregate for Groupes {
    const TYPE: &'static str = "annuaire.groupe";
    /// A groupe of which nothing is left is opened anew; who was erased is in none.
    const LACUNE: Lacune = Lacune::Recommence;
    type Command = GroupeCommand;
    type Event = GroupeEvent;
    type Refus = RefusGroupe;

    fn decide(&self, command: GroupeCommand) -> Result<Vec<GroupeEvent>, RefusGroupe> {
        match command {
            GroupeCommand::CreerGroupe { uai, annee, code, libelle, aujourd_hui } => {
                let AnneeScolaire(courante) = AnneeScolaire::of(aujourd_hui);
                if annee.0 < courante || annee.0 > courante.saturating_add(1) {
                    return Err(RefusGroupe::AnneeLointaine);
                }
                self.creer(&uai, annee, &code, &libelle)
            }
            GroupeCommand::RenommerGroupe { groupe, libelle } => self.renommer(groupe, &libelle),
            GroupeCommand::AjouterMembres { groupe, membres, connus } => {
                self.ajouter(groupe, membres, &connus)
            }
            GroupeCommand::RetirerMembres { groupe, membres } => self.retirer(groupe, membres),
            GroupeCommand::NommerEncadrant { groupe, encadrant, personnel } => {
                self.nommer(groupe, encadrant, personnel)
            }
            GroupeCommand::RetirerEncadrant { groupe, encadrant } => {
                let leads = self.ouvert(groupe)?.encadrants.contains(&encadrant);
                Ok(leads.then_some(GroupeEvent::EncadrantRetire { groupe, encadrant }).into_iter().collect())
            }
            GroupeCommand::PasserAnnee { annee, gardes } => self.passer(annee, &gardes),
        }
    }

    fn apply(&mut self, event: GroupeEvent) {
        match event {
            GroupeEvent::GroupeCree { groupe, annee, code, libelle } => {
                let (membres, encadrants) = (BTreeSet::new(), BTreeSet::new());
                self.0.insert(groupe, Groupe { annee, code, libelle, clos: false, membres, encadrants });
            }
            GroupeEvent::GroupeRenomme { groupe, libelle } => self.change(groupe, |it| it.libelle = libelle),
            GroupeEvent::PersonneInscrite { groupe, personne } => {
                self.change(groupe, |it| {
                    it.membres.insert(Membre::Personne(personne));
                });
            }
            GroupeEvent::PersonneDesinscrite { groupe, personne } => {
                self.change(groupe, |it| {
                    it.membres.remove(&Membre::Personne(personne));
                });
            }
            GroupeEvent::EnsembleInclus { groupe, ensemble } => {
                self.change(groupe, |it| {
                    it.membres.insert(Membre::Ensemble(ensemble));
                });
            }
            GroupeEvent::EnsembleExclu { groupe, ensemble } => {
                self.change(groupe, |it| {
                    it.membres.remove(&Membre::Ensemble(ensemble));
                });
            }
            GroupeEvent::EncadrantNomme { groupe, encadrant } => {
                self.change(groupe, |it| {
                    it.encadrants.insert(encadrant);
                });
            }
            GroupeEvent::EncadrantRetire { groupe, encadrant } => {
                self.change(groupe, |it| {
                    it.encadrants.remove(&encadrant);
                });
            }
            GroupeEvent::GroupeReconduit { groupe, annee } => self.change(groupe, |it| it.annee = annee),
            GroupeEvent::GroupeClos { groupe } => self.change(groupe, |it| it.clos = true),
        }
    }
}

impl Groupes {
    fn creer(
        &self,
        uai: &Uai,
        annee: AnneeScolaire,
        code: &str,
        libelle: &str,
    ) -> Result<Vec<GroupeEvent>, RefusGroupe> {
        let (code, libelle) = (texte("code", code)?, texte("libelle", libelle)?);
        let taken = |it: &Groupe| it.annee == annee && !it.clos && it.code == code;
        let groupe = uai.groupe(annee, &code);
        if self.0.contains_key(&groupe) || self.0.values().any(taken) {
            return Err(RefusGroupe::CodeDejaPris { code });
        }
        Ok(vec![GroupeEvent::GroupeCree { groupe, annee, code, libelle }])
    }

    fn renommer(&self, groupe: GroupeId, libelle: &str) -> Result<Vec<GroupeEvent>, RefusGroupe> {
        let known = self.ouvert(groupe)?;
        let libelle = texte("libelle", libelle)?;
        if known.libelle == libelle {
            return Ok(vec![]);
        }
        Ok(vec![GroupeEvent::GroupeRenomme { groupe, libelle }])
    }

    fn ajouter(
        &self,
        groupe: GroupeId,
        membres: Vec<Membre>,
        connus: &BTreeSet<Membre>,
    ) -> Result<Vec<GroupeEvent>, RefusGroupe> {
        let there = &self.ouvert(groupe)?.membres;
        let new: BTreeSet<_> = membres.into_iter().filter(|membre| !there.contains(membre)).collect();
        if there.len() + new.len() > MEMBRES_MAX {
            return Err(RefusGroupe::TropDeMembres);
        }
        for membre in &new {
            match membre {
                // Whether a hand has opened it is known here before any view knows it.
                Membre::Ensemble(Ensemble::Groupe { groupe: part }) if self.0.contains_key(part) => {
                    self.admits(groupe, *part)?;
                }
                // One that only a source declares holds no groupe, so that it closes no cycle.
                known if connus.contains(known) => {}
                Membre::Ensemble(Ensemble::Groupe { .. }) => return Err(RefusGroupe::GroupeInconnu),
                Membre::Personne(_) | Membre::Ensemble(Ensemble::Division { .. }) => {
                    return Err(RefusGroupe::MembreExterieur);
                }
            }
        }
        Ok(new.into_iter().map(|membre| entree(groupe, membre)).collect())
    }

    /// Whether `part` may be put into `groupe`. New parts of one command are all parts of the
    /// same groupe, so that none of them can close a cycle through another.
    fn admits(&self, groupe: GroupeId, part: GroupeId) -> Result<(), RefusGroupe> {
        self.ouvert(part)?;
        if part == groupe || self.parts(part).contains(&groupe) {
            return Err(RefusGroupe::CycleDeGroupes { groupe: part });
        }
        Ok(())
    }

    fn retirer(&self, groupe: GroupeId, membres: Vec<Membre>) -> Result<Vec<GroupeEvent>, RefusGroupe> {
        let there = &self.ouvert(groupe)?.membres;
        let gone: BTreeSet<_> = membres.into_iter().filter(|membre| there.contains(membre)).collect();
        Ok(gone.into_iter().map(|membre| sortie(groupe, membre)).collect())
    }

    fn nommer(
        &self,
        groupe: GroupeId,
        encadrant: PersonneId,
        personnel: bool,
    ) -> Result<Vec<GroupeEvent>, RefusGroupe> {
        if self.ouvert(groupe)?.encadrants.contains(&encadrant) {
            return Ok(vec![]);
        }
        if !personnel {
            return Err(RefusGroupe::EncadrantExterieur);
        }
        Ok(vec![GroupeEvent::EncadrantNomme { groupe, encadrant }])
    }

    fn passer(
        &self,
        annee: AnneeScolaire,
        gardes: &BTreeSet<GroupeId>,
    ) -> Result<Vec<GroupeEvent>, RefusGroupe> {
        for groupe in gardes {
            self.ouvert(*groupe)?;
            if let Some(lost) = self.parts(*groupe).into_iter().find(|part| !gardes.contains(part)) {
                return Err(RefusGroupe::SousGroupeNonGarde { groupe: lost });
            }
        }
        // What was opened for the year that begins, or has passed into it, stays as it is.
        let before = self.0.iter().filter(|(_, it)| !it.clos && it.annee < annee);
        if self.0.values().any(|it| !it.clos && it.annee > annee) {
            return Err(RefusGroupe::AnneeRevolue);
        }
        let turned = before.map(|(&groupe, _)| match gardes.contains(&groupe) {
            true => GroupeEvent::GroupeReconduit { groupe, annee },
            false => GroupeEvent::GroupeClos { groupe },
        });
        Ok(turned.collect())
    }

    /// The open groupes within a groupe, at whatever depth.
    fn parts(&self, groupe: GroupeId) -> BTreeSet<GroupeId> {
        let (mut found, mut next) = (BTreeSet::new(), vec![groupe]);
        while let Some(here) = next.pop() {
            let Some(it) = self.0.get(&here).filter(|it| !it.clos) else { continue };
            for membre in &it.membres {
                if let Membre::Ensemble(Ensemble::Groupe { groupe: part }) = membre
                    && self.0.get(part).is_some_and(|it| !it.clos)
                    && found.insert(*part)
                {
                    next.push(*part);
                }
            }
        }
        found
    }

    fn ouvert(&self, groupe: GroupeId) -> Result<&Groupe, RefusGroupe> {
        let known = self.0.get(&groupe).ok_or(RefusGroupe::GroupeInconnu)?;
        if known.clos { Err(RefusGroupe::GroupeFerme) } else { Ok(known) }
    }

    fn change(&mut self, groupe: GroupeId, change: impl FnOnce(&mut Groupe)) {
        if let Some(it) = self.0.get_mut(&groupe) {
            change(it);
        }
    }
}

fn entree(groupe: GroupeId, membre: Membre) -> GroupeEvent {
    match membre {
        Membre::Personne(personne) => GroupeEvent::PersonneInscrite { groupe, personne },
        Membre::Ensemble(ensemble) => GroupeEvent::EnsembleInclus { groupe, ensemble },
    }
}

fn sortie(groupe: GroupeId, membre: Membre) -> GroupeEvent {
    match membre {
        Membre::Personne(personne) => GroupeEvent::PersonneDesinscrite { groupe, personne },
        Membre::Ensemble(ensemble) => GroupeEvent::EnsembleExclu { groupe, ensemble },
    }
}

fn texte(champ: &'static str, text: &str) -> Result<String, RefusGroupe> {
    texte::line(text, TEXTE_MAX).ok_or(RefusGroupe::TexteInvalide { champ })
}

#[cfg(test)]
mod tests;
