//! An établissement: its divisions, and who teaches what to which.
//!
//! The sources (AAF, STS) are read again and again: everything here is a wish that
//! may already be fulfilled, and then nothing happens. Ids are derived from the UAI
//! and the sources' own codes, so that two imports find the same division. Several
//! teachers of one enseignement share it (co-teaching). Source: code de l'éducation,
//! art. R421-2, 1° (the établissement organises its divisions).

use super::Uai;
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, DivisionId, EnseignementId, Lacune, PersonneId, texte};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is public about an établissement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FicheEtablissement {
    /// Its name.
    pub nom: String,
    /// Its kind, as the source codes it (`COLLEGE`, `LYCEE`).
    pub nature: String,
    /// Its académie.
    pub academie: String,
    /// Where it is.
    pub commune: String,
}

/// What is taught.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Matiere {
    /// Its code in the nomenclature of the source.
    pub code: String,
    /// Its name.
    pub libelle: String,
}

impl Uai {
    /// The division that the sources call `code` in this établissement.
    pub fn division(&self, code: &str) -> DivisionId {
        DivisionId::derived(&[self.as_str(), code])
    }

    /// The teaching of a matière to a division, whoever gives it.
    pub fn enseignement(&self, division: &str, matiere: &str) -> EnseignementId {
        EnseignementId::derived(&[self.as_str(), division, matiere])
    }
}

/// What may be asked of an établissement.
#[derive(Debug, Clone)]
pub enum EtablissementCommand {
    /// Enters the établissement, or what has changed about it.
    EnregistrerEtablissement {
        /// Its number.
        uai: Uai,
        /// What the source says of it.
        fiche: FicheEtablissement,
    },
    /// Opens a division, or tells what has changed about it.
    OuvrirDivision {
        /// Its code in the sources.
        code: String,
        /// Its name.
        libelle: String,
        /// The national code of its formation.
        mef: Option<String>,
    },
    /// Lets a teacher teach a matière to a division.
    AttribuerEnseignement {
        /// Code of the division.
        division: String,
        /// What is taught.
        matiere: Matiere,
        /// By whom.
        enseignant: PersonneId,
        /// Whether this teacher is professeur principal of the division.
        principal: bool,
    },
    /// Ends what a teacher teaches.
    RetirerEnseignement {
        /// Which teaching.
        enseignement: EnseignementId,
        /// Whose.
        enseignant: PersonneId,
    },
}

events! {
    /// What happens to an établissement.
    pub enum EtablissementEvent {
        /// The établissement entered the directory.
        EtablissementEnregistre = "annuaire.etablissement.enregistre" v 1 Annuaire {
            uai: Uai, fiche: FicheEtablissement,
        },
        /// What is public about it has changed.
        EtablissementActualise = "annuaire.etablissement.actualise" v 1 Annuaire { fiche: FicheEtablissement },
        /// A division was opened.
        DivisionOuverte = "annuaire.etablissement.division_ouverte" v 1 Annuaire {
            division: DivisionId, code: String, libelle: String, mef: Option<String>,
        },
        /// The name or the formation of a division has changed.
        DivisionActualisee = "annuaire.etablissement.division_actualisee" v 1 Annuaire {
            division: DivisionId, libelle: String, mef: Option<String>,
        },
        /// A teacher teaches a matière to a division; said again when the name of the
        /// matière or the charge of professeur principal has changed.
        EnseignementAttribue = "annuaire.etablissement.enseignement_attribue" v 1 Annuaire of enseignant {
            enseignement: EnseignementId, division: DivisionId, matiere: Matiere,
            enseignant: PersonneId, principal: bool,
        },
        /// A teacher no longer teaches it.
        EnseignementRetire = "annuaire.etablissement.enseignement_retire" v 1 Annuaire of enseignant {
            enseignement: EnseignementId, enseignant: PersonneId,
        },
    }
}

refusals! {
    /// Why an établissement refuses.
    pub enum RefusEtablissement {
        EtablissementInconnu = "ETABLISSEMENT_INCONNU" at "etablissementId":
            "Cet établissement n'est pas dans l'annuaire : importez d'abord sa fiche.",
        UaiDifferent { uai: Uai } = "UAI_DIFFERENT" at "uai":
            "Cet établissement porte le numéro {uai} : un numéro ne change pas de main.",
        DivisionInconnue = "DIVISION_INCONNUE" at "division":
            "Cette division n'existe pas dans l'établissement : ouvrez-la d'abord.",
        TexteInvalide { champ: &'static str } = "TEXTE_INVALIDE":
            "Le champ « {champ} » doit tenir en une ligne de 1 à 200 caractères.",
    }
}

/// Longest name or code, in characters.
const TEXTE_MAX: usize = 200;

/// What one teacher teaches, as last said.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Attribution {
    matiere: Matiere,
    principal: bool,
}

/// State of an établissement.
#[derive(Debug, Clone, Default)]
pub struct Etablissement {
    fiche: Option<(Uai, FicheEtablissement)>,
    divisions: BTreeMap<DivisionId, (String, Option<String>)>,
    attributions: BTreeMap<(EnseignementId, PersonneId), Attribution>,
}

impl Aggregate for Etablissement {
    const TYPE: &'static str = "annuaire.etablissement";
    /// What its source said is said again by the next delivery.
    const LACUNE: Lacune = Lacune::Recommence;
    type Command = EtablissementCommand;
    type Event = EtablissementEvent;
    type Refus = RefusEtablissement;

    fn decide(&self, command: EtablissementCommand) -> Result<Vec<EtablissementEvent>, RefusEtablissement> {
        match command {
            EtablissementCommand::EnregistrerEtablissement { uai, fiche } => self.enregistrer(uai, &fiche),
            EtablissementCommand::OuvrirDivision { code, libelle, mef } => {
                self.ouvrir_division(&code, &libelle, mef.as_deref())
            }
            EtablissementCommand::AttribuerEnseignement { division, matiere, enseignant, principal } => {
                self.attribuer(&division, &matiere, enseignant, principal)
            }
            EtablissementCommand::RetirerEnseignement { enseignement, enseignant } => {
                self.retirer(enseignement, enseignant)
            }
        }
    }

    fn apply(&mut self, event: EtablissementEvent) {
        match event {
            EtablissementEvent::EtablissementEnregistre { uai, fiche } => self.fiche = Some((uai, fiche)),
            EtablissementEvent::EtablissementActualise { fiche } => {
                if let Some((_, known)) = &mut self.fiche {
                    *known = fiche;
                }
            }
            EtablissementEvent::DivisionOuverte { division, libelle, mef, .. }
            | EtablissementEvent::DivisionActualisee { division, libelle, mef } => {
                self.divisions.insert(division, (libelle, mef));
            }
            EtablissementEvent::EnseignementAttribue {
                enseignement, matiere, enseignant, principal, ..
            } => {
                self.attributions.insert((enseignement, enseignant), Attribution { matiere, principal });
            }
            EtablissementEvent::EnseignementRetire { enseignement, enseignant } => {
                self.attributions.remove(&(enseignement, enseignant));
            }
        }
    }
}

impl Etablissement {
    fn enregistrer(
        &self,
        uai: Uai,
        fiche: &FicheEtablissement,
    ) -> Result<Vec<EtablissementEvent>, RefusEtablissement> {
        let fiche = FicheEtablissement {
            nom: texte("nom", &fiche.nom)?,
            nature: texte("nature", &fiche.nature)?,
            academie: texte("academie", &fiche.academie)?,
            commune: texte("commune", &fiche.commune)?,
        };
        match &self.fiche {
            None => Ok(vec![EtablissementEvent::EtablissementEnregistre { uai, fiche }]),
            Some((known, _)) if *known != uai => Err(RefusEtablissement::UaiDifferent { uai: known.clone() }),
            Some((_, known)) if *known == fiche => Ok(vec![]),
            Some(_) => Ok(vec![EtablissementEvent::EtablissementActualise { fiche }]),
        }
    }

    fn ouvrir_division(
        &self,
        code: &str,
        libelle: &str,
        mef: Option<&str>,
    ) -> Result<Vec<EtablissementEvent>, RefusEtablissement> {
        let code = texte("code", code)?;
        let libelle = texte("libelle", libelle)?;
        let mef = mef.map(|mef| texte("mef", mef)).transpose()?;
        let division = self.uai()?.division(&code);
        match self.divisions.get(&division) {
            None => Ok(vec![EtablissementEvent::DivisionOuverte { division, code, libelle, mef }]),
            Some(known) if *known == (libelle.clone(), mef.clone()) => Ok(vec![]),
            Some(_) => Ok(vec![EtablissementEvent::DivisionActualisee { division, libelle, mef }]),
        }
    }

    fn attribuer(
        &self,
        division: &str,
        matiere: &Matiere,
        enseignant: PersonneId,
        principal: bool,
    ) -> Result<Vec<EtablissementEvent>, RefusEtablissement> {
        let uai = self.uai()?;
        let code = texte("division", division)?;
        let matiere = Matiere {
            code: texte("matiere.code", &matiere.code)?,
            libelle: texte("matiere.libelle", &matiere.libelle)?,
        };
        let division = uai.division(&code);
        if !self.divisions.contains_key(&division) {
            return Err(RefusEtablissement::DivisionInconnue);
        }
        let enseignement = uai.enseignement(&code, &matiere.code);
        let wished = Attribution { matiere: matiere.clone(), principal };
        if self.attributions.get(&(enseignement, enseignant)) == Some(&wished) {
            return Ok(vec![]);
        }
        Ok(vec![EtablissementEvent::EnseignementAttribue {
            enseignement,
            division,
            matiere,
            enseignant,
            principal,
        }])
    }

    fn retirer(
        &self,
        enseignement: EnseignementId,
        enseignant: PersonneId,
    ) -> Result<Vec<EtablissementEvent>, RefusEtablissement> {
        self.uai()?;
        if self.attributions.contains_key(&(enseignement, enseignant)) {
            Ok(vec![EtablissementEvent::EnseignementRetire { enseignement, enseignant }])
        } else {
            Ok(vec![])
        }
    }

    fn uai(&self) -> Result<&Uai, RefusEtablissement> {
        self.fiche.as_ref().map(|(uai, _)| uai).ok_or(RefusEtablissement::EtablissementInconnu)
    }
}

fn texte(champ: &'static str, text: &str) -> Result<String, RefusEtablissement> {
    texte::line(text, TEXTE_MAX).ok_or(RefusEtablissement::TexteInvalide { champ })
}

#[cfg(test)]
mod tests;
