//! A person of the directory.
//!
//! Sources are read again and again: everything here is a wish that may already be
//! fulfilled, and then nothing happens. A person whom a complete file no longer
//! names is suspended, never deleted, and comes back by being registered again. Who
//! answers for a pupil, and who has the right to be informed, follows the code civil,
//! art. 371-1, 372 and 373-2 (both parents, living together or not) and the code de
//! l'éducation, art. L131-4 (who has charge of the child). An adult pupil answers for himself
//! by being of age: no responsibility says so.

use super::{EtatCivil, Profil};
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, DivisionId, EtablissementId, Lacune, PersonneId, texte};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where a person comes from: an académie and its own key of that person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// The académie whose directory it is.
    pub academie: String,
    /// `ENTPersonJointure` there.
    pub cle: String,
}

/// How an adult answers for a pupil.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NiveauResponsabilite {
    /// First legal representative.
    Legale1,
    /// Second legal representative.
    Legale2,
    /// Has charge of the pupil without representing him or her.
    Charge,
    /// To be called, nothing more.
    Contact,
    /// None.
    Aucune,
}

impl NiveauResponsabilite {
    /// The frozen name, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Legale1 => "legale1",
            Self::Legale2 => "legale2",
            Self::Charge => "charge",
            Self::Contact => "contact",
            Self::Aucune => "aucune",
        }
    }

    /// Whether the pupil's legal representative.
    pub const fn is_legale(self) -> bool {
        matches!(self, Self::Legale1 | Self::Legale2)
    }
}

/// One adult who answers for a pupil.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Responsabilite {
    /// Who.
    pub responsable: PersonneId,
    /// The tie, as the source codes it.
    pub lien: String,
    /// At what level.
    pub niveau: NiveauResponsabilite,
    /// Whether he or she has the right to be informed.
    pub destinataire: bool,
}

/// What may be asked of a person's record.
#[derive(Debug, Clone)]
pub enum PersonneCommand {
    /// Enters the person, or what has changed; lifts a suspension.
    EnregistrerPersonne {
        /// Who.
        personne: PersonneId,
        /// Where the person comes from.
        source: Source,
        /// What the source says.
        etat_civil: EtatCivil,
    },
    /// Says what the person is in an établissement; the last word counts.
    RattacherPersonne {
        /// Where.
        etablissement: EtablissementId,
        /// As what.
        profil: Profil,
        /// Codes of the functions held there.
        fonctions: Vec<String>,
    },
    /// Puts a pupil in a division of an établissement, or in none.
    AffecterEleve {
        /// Where.
        etablissement: EtablissementId,
        /// In which division.
        division: Option<DivisionId>,
    },
    /// Gives the pupil the number that an établissement knows him or her by.
    ImmatriculerEleve {
        /// Where.
        etablissement: EtablissementId,
        /// The number.
        numero: String,
    },
    /// Says who answers for the pupil: all of them, in place of who did before.
    EtablirResponsabilites {
        /// The adults.
        responsables: Vec<Responsabilite>,
    },
    /// The sources no longer name the person.
    SuspendrePersonne,
}

events! {
    /// What happens to a person's record.
    pub enum PersonneEvent {
        /// The person entered the directory.
        PersonneEnregistree = "annuaire.personne.enregistree" v 1 Annuaire of personne {
            personne: PersonneId, source: Source, etat_civil: EtatCivil,
        },
        /// The sources say something else of the identity.
        EtatCivilRectifie = "annuaire.personne.etat_civil_rectifie" v 1 Annuaire of personne {
            personne: PersonneId, etat_civil: EtatCivil,
        },
        /// The person is something in an établissement.
        PersonneRattachee = "annuaire.personne.rattachee" v 1 Annuaire of personne {
            personne: PersonneId, etablissement: EtablissementId, profil: Profil, fonctions: Vec<String>,
        },
        /// The pupil is in a division of the établissement, or no longer in any.
        EleveAffecte = "annuaire.personne.eleve_affecte" v 1 Annuaire of personne {
            personne: PersonneId, etablissement: EtablissementId, division: Option<DivisionId>,
        },
        /// The établissement knows the pupil by this number (`ENTEleveStructRattachId`).
        EleveImmatricule = "annuaire.personne.eleve_immatricule" v 1 Annuaire of personne {
            personne: PersonneId, etablissement: EtablissementId, numero: String,
        },
        /// These adults, and no others, answer for the pupil.
        ResponsabilitesEtablies = "annuaire.personne.responsabilites_etablies" v 1 Annuaire of personne {
            personne: PersonneId, responsables: Vec<Responsabilite>,
        },
        /// The sources no longer name the person.
        PersonneSuspendue = "annuaire.personne.suspendue" v 1 Annuaire of personne { personne: PersonneId },
        /// The sources name the person again.
        PersonneReprise = "annuaire.personne.reprise" v 1 Annuaire of personne { personne: PersonneId },
    }
}

refusals! {
    /// Why a person's record refuses.
    pub enum RefusPersonne {
        PersonneInconnue = "PERSONNE_INCONNUE" at "personneId":
            "Cette personne n'est pas dans l'annuaire : importez d'abord son état civil.",
        SourceDifferente = "SOURCE_DIFFERENTE" at "source":
            "Cette personne vient d'une autre source : un identifiant ne change pas de main.",
        NomManquant = "NOM_MANQUANT" at "nom":
            "Une personne a un nom : donnez-le, en 200 caractères au plus.",
        TexteInvalide { champ: &'static str } = "TEXTE_INVALIDE":
            "Le champ « {champ} » doit tenir en une ligne de 1 à 200 caractères.",
        EleveNonRattache = "ELEVE_NON_RATTACHE" at "etablissementId":
            "Cette personne n'est pas élève de l'établissement : rattachez-la d'abord comme élève.",
        ResponsableDeSoiMeme = "RESPONSABLE_DE_SOI_MEME" at "responsables":
            "Personne n'est son propre responsable : retirez cette ligne.",
        ResponsableEnDouble { responsable: PersonneId } = "RESPONSABLE_EN_DOUBLE" at "responsables":
            "Le responsable {responsable} figure deux fois : gardez une seule ligne.",
    }
}

/// Longest name or code, in characters.
const TEXTE_MAX: usize = 200;

/// State of a registered person.
#[derive(Debug, Clone)]
struct Fiche {
    personne: PersonneId,
    source: Source,
    etat_civil: EtatCivil,
    suspendue: bool,
}

/// State of a person's record.
#[derive(Debug, Clone, Default)]
pub struct Personne {
    fiche: Option<Fiche>,
    rattachements: BTreeMap<EtablissementId, (Profil, Vec<String>)>,
    affectations: BTreeMap<EtablissementId, DivisionId>,
    numeros: BTreeMap<EtablissementId, String>,
    responsables: Vec<Responsabilite>,
}

impl Aggregate for Personne {
    const TYPE: &'static str = "annuaire.personne";
    /// Someone erased whom a source delivers again enters anew.
    const LACUNE: Lacune = Lacune::Recommence;
    type Command = PersonneCommand;
    type Event = PersonneEvent;
    type Refus = RefusPersonne;

    fn decide(&self, command: PersonneCommand) -> Result<Vec<PersonneEvent>, RefusPersonne> {
        match command {
            PersonneCommand::EnregistrerPersonne { personne, source, etat_civil } => {
                self.enregistrer(personne, source, &etat_civil)
            }
            PersonneCommand::RattacherPersonne { etablissement, profil, fonctions } => {
                self.rattacher(etablissement, profil, &fonctions)
            }
            PersonneCommand::AffecterEleve { etablissement, division } => {
                self.affecter(etablissement, division)
            }
            PersonneCommand::ImmatriculerEleve { etablissement, numero } => {
                self.immatriculer(etablissement, &numero)
            }
            PersonneCommand::EtablirResponsabilites { responsables } => {
                self.etablir_responsabilites(responsables)
            }
            PersonneCommand::SuspendrePersonne => self.suspendre(),
        }
    }

    fn apply(&mut self, event: PersonneEvent) {
        match event {
            PersonneEvent::PersonneEnregistree { personne, source, etat_civil } => {
                self.fiche = Some(Fiche { personne, source, etat_civil, suspendue: false });
            }
            PersonneEvent::EtatCivilRectifie { etat_civil, .. } => {
                if let Some(fiche) = &mut self.fiche {
                    fiche.etat_civil = etat_civil;
                }
            }
            PersonneEvent::PersonneRattachee { etablissement, profil, fonctions, .. } => {
                self.rattachements.insert(etablissement, (profil, fonctions));
            }
            PersonneEvent::EleveAffecte { etablissement, division, .. } => {
                match division {
                    Some(division) => self.affectations.insert(etablissement, division),
                    None => self.affectations.remove(&etablissement),
                };
            }
            PersonneEvent::EleveImmatricule { etablissement, numero, .. } => {
                self.numeros.insert(etablissement, numero);
            }
            PersonneEvent::ResponsabilitesEtablies { responsables, .. } => self.responsables = responsables,
            PersonneEvent::PersonneSuspendue { .. } => self.set_suspendue(true),
            PersonneEvent::PersonneReprise { .. } => self.set_suspendue(false),
        }
    }
}

impl Personne {
    fn enregistrer(
        &self,
        personne: PersonneId,
        source: Source,
        etat_civil: &EtatCivil,
    ) -> Result<Vec<PersonneEvent>, RefusPersonne> {
        let etat_civil = checked(etat_civil)?;
        let Some(fiche) = &self.fiche else {
            return Ok(vec![PersonneEvent::PersonneEnregistree { personne, source, etat_civil }]);
        };
        if fiche.source != source || fiche.personne != personne {
            return Err(RefusPersonne::SourceDifferente);
        }
        let mut events = Vec::new();
        if fiche.suspendue {
            events.push(PersonneEvent::PersonneReprise { personne });
        }
        if fiche.etat_civil != etat_civil {
            events.push(PersonneEvent::EtatCivilRectifie { personne, etat_civil });
        }
        Ok(events)
    }

    fn rattacher(
        &self,
        etablissement: EtablissementId,
        profil: Profil,
        fonctions: &[String],
    ) -> Result<Vec<PersonneEvent>, RefusPersonne> {
        let personne = self.fiche()?.personne;
        let mut fonctions =
            fonctions.iter().map(|code| texte("fonctions", code)).collect::<Result<Vec<_>, _>>()?;
        fonctions.sort();
        fonctions.dedup();
        if self.rattachements.get(&etablissement) == Some(&(profil, fonctions.clone())) {
            return Ok(vec![]);
        }
        Ok(vec![PersonneEvent::PersonneRattachee { personne, etablissement, profil, fonctions }])
    }

    fn affecter(
        &self,
        etablissement: EtablissementId,
        division: Option<DivisionId>,
    ) -> Result<Vec<PersonneEvent>, RefusPersonne> {
        let personne = self.enrolled_in(etablissement)?;
        if self.affectations.get(&etablissement).copied() == division {
            return Ok(vec![]);
        }
        Ok(vec![PersonneEvent::EleveAffecte { personne, etablissement, division }])
    }

    fn immatriculer(
        &self,
        etablissement: EtablissementId,
        numero: &str,
    ) -> Result<Vec<PersonneEvent>, RefusPersonne> {
        let personne = self.enrolled_in(etablissement)?;
        let numero = texte("numero", numero)?;
        if self.numeros.get(&etablissement) == Some(&numero) {
            return Ok(vec![]);
        }
        Ok(vec![PersonneEvent::EleveImmatricule { personne, etablissement, numero }])
    }

    fn enrolled_in(&self, etablissement: EtablissementId) -> Result<PersonneId, RefusPersonne> {
        let personne = self.fiche()?.personne;
        match self.rattachements.get(&etablissement) {
            Some((Profil::Eleve, _)) => Ok(personne),
            Some(_) | None => Err(RefusPersonne::EleveNonRattache),
        }
    }

    fn etablir_responsabilites(
        &self,
        mut responsables: Vec<Responsabilite>,
    ) -> Result<Vec<PersonneEvent>, RefusPersonne> {
        let personne = self.fiche()?.personne;
        responsables.sort_by_key(|line| line.responsable);
        if responsables.iter().any(|line| line.responsable == personne) {
            return Err(RefusPersonne::ResponsableDeSoiMeme);
        }
        let twice = responsables.iter().zip(responsables.iter().skip(1));
        if let Some((line, _)) = twice.into_iter().find(|(one, next)| one.responsable == next.responsable) {
            return Err(RefusPersonne::ResponsableEnDouble { responsable: line.responsable });
        }
        for line in &mut responsables {
            line.lien = texte("lien", &line.lien)?;
        }
        if responsables == self.responsables {
            return Ok(vec![]);
        }
        Ok(vec![PersonneEvent::ResponsabilitesEtablies { personne, responsables }])
    }

    fn suspendre(&self) -> Result<Vec<PersonneEvent>, RefusPersonne> {
        let fiche = self.fiche()?;
        if fiche.suspendue {
            return Ok(vec![]);
        }
        Ok(vec![PersonneEvent::PersonneSuspendue { personne: fiche.personne }])
    }

    fn fiche(&self) -> Result<&Fiche, RefusPersonne> {
        self.fiche.as_ref().ok_or(RefusPersonne::PersonneInconnue)
    }

    fn set_suspendue(&mut self, suspendue: bool) {
        if let Some(fiche) = &mut self.fiche {
            fiche.suspendue = suspendue;
        }
    }
}

fn checked(etat_civil: &EtatCivil) -> Result<EtatCivil, RefusPersonne> {
    let prenom = match etat_civil.prenom.trim() {
        "" => String::new(),
        prenom => texte("prenom", prenom)?,
    };
    let optional = |champ, text: &Option<String>| match text.as_deref().map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => texte(champ, text).map(Some),
    };
    Ok(EtatCivil {
        nom: texte::line(&etat_civil.nom, TEXTE_MAX).ok_or(RefusPersonne::NomManquant)?,
        prenom,
        civilite: optional("civilite", &etat_civil.civilite)?,
        naissance: etat_civil.naissance,
        courriel: optional("courriel", &etat_civil.courriel)?,
    })
}

fn texte(champ: &'static str, text: &str) -> Result<String, RefusPersonne> {
    texte::line(text, TEXTE_MAX).ok_or(RefusPersonne::TexteInvalide { champ })
}

#[cfg(test)]
mod tests;
