//! What a source says, in the directory's own words: the same from the AAF, SIECLE or STS.

use super::Mode;
use crate::act::Act;
use domain::annuaire::{Etablissement, Personne};
use domain::annuaire::{
    EtablissementCommand, EtatCivil, FicheEtablissement, Matiere, PersonneCommand, Profil, Responsabilite,
    Source, Uai,
};
use domain::{Aggregate, DivisionId, EtablissementId, PersonneId};
use ledger::envelope::Stream;
use serde::Serialize;

/// What a source says of one établissement or of one person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Fiche {
    /// Of an établissement.
    Etablissement(EtablissementDecrit),
    /// Of a person.
    Personne(PersonneDecrite),
}

/// An établissement, with what is known of its divisions and of what is taught there.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EtablissementDecrit {
    /// Its number.
    pub uai: Uai,
    /// What is public about it.
    pub fiche: FicheEtablissement,
    /// Its divisions.
    pub divisions: Vec<DivisionDecrite>,
    /// Who teaches what; each in one of the divisions.
    pub enseignements: Vec<EnseignementDecrit>,
}

/// A division.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DivisionDecrite {
    /// Its code.
    pub code: String,
    /// Its name.
    pub libelle: String,
    /// The national code of its formation.
    pub mef: Option<String>,
}

/// What a teacher teaches to a division.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EnseignementDecrit {
    /// Code of the division.
    pub division: String,
    /// What is taught.
    pub matiere: Matiere,
    /// By whom.
    pub enseignant: PersonneId,
    /// Whether this teacher is professeur principal of the division.
    pub principal: bool,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PersonneDecrite {
    /// Who.
    pub personne: PersonneId,
    /// Where the person comes from.
    pub source: Source,
    /// What the source says of the identity.
    pub etat_civil: EtatCivil,
    /// What the person is, and where.
    pub rattachements: Vec<RattachementDecrit>,
    /// What there is to say of a pupil only.
    pub eleve: Option<EleveDecrit>,
}

/// What a person is in an établissement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RattachementDecrit {
    /// Where.
    pub etablissement: EtablissementId,
    /// As what.
    pub profil: Profil,
    /// Codes of the functions held there.
    pub fonctions: Vec<String>,
}

/// A pupil.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EleveDecrit {
    /// The division, in each établissement where the pupil is enrolled.
    pub affectations: Vec<(EtablissementId, Option<DivisionId>)>,
    /// The number by which an établissement knows the pupil.
    pub numeros: Vec<(EtablissementId, String)>,
    /// Who answers for the pupil.
    pub responsables: Vec<Responsabilite>,
}

impl Fiche {
    /// The stream of what it is about.
    pub(super) fn stream(&self) -> Stream {
        match self {
            Self::Etablissement(decrit) => {
                Stream { kind: Etablissement::TYPE.to_owned(), id: decrit.uai.etablissement().to_string() }
            }
            Self::Personne(decrite) => {
                Stream { kind: Personne::TYPE.to_owned(), id: decrite.personne.to_string() }
            }
        }
    }

    /// Adds to an act what the aggregates are told.
    pub(super) fn tell(&self, act: Act, mode: Mode) -> Act {
        match self {
            Self::Etablissement(decrit) => {
                act.tell_all::<Etablissement>(decrit.uai.etablissement(), decrit.commands())
            }
            Self::Personne(decrite) => {
                let act = act.tell_all::<Personne>(decrite.personne, decrite.commands());
                match (&decrite.eleve, mode) {
                    (Some(eleve), Mode::Reel) => eleve.rattacher_responsables(act),
                    // Nothing was recorded before: the adults may not be known yet.
                    (Some(_), Mode::ABlanc) | (None, _) => act,
                }
            }
        }
    }
}

impl EtablissementDecrit {
    fn commands(&self) -> Vec<EtablissementCommand> {
        let mut commands = vec![EtablissementCommand::EnregistrerEtablissement {
            uai: self.uai.clone(),
            fiche: self.fiche.clone(),
        }];
        commands.extend(self.divisions.iter().cloned().map(|division| {
            let DivisionDecrite { code, libelle, mef } = division;
            EtablissementCommand::OuvrirDivision { code, libelle, mef }
        }));
        commands.extend(self.enseignements.iter().cloned().map(|enseignement| {
            let EnseignementDecrit { division, matiere, enseignant, principal } = enseignement;
            EtablissementCommand::AttribuerEnseignement { division, matiere, enseignant, principal }
        }));
        commands
    }
}

impl PersonneDecrite {
    fn commands(&self) -> Vec<PersonneCommand> {
        let mut commands = vec![PersonneCommand::EnregistrerPersonne {
            personne: self.personne,
            source: self.source.clone(),
            etat_civil: self.etat_civil.clone(),
        }];
        commands.extend(self.rattachements.iter().cloned().map(|rattachement| {
            let RattachementDecrit { etablissement, profil, fonctions } = rattachement;
            PersonneCommand::RattacherPersonne { etablissement, profil, fonctions }
        }));
        if let Some(eleve) = &self.eleve {
            commands.extend(eleve.affectations.iter().map(|(etablissement, division)| {
                PersonneCommand::AffecterEleve { etablissement: *etablissement, division: *division }
            }));
            commands.extend(
                eleve.numeros.iter().cloned().map(|(etablissement, numero)| {
                    PersonneCommand::ImmatriculerEleve { etablissement, numero }
                }),
            );
            let responsables = eleve.responsables.clone();
            commands.push(PersonneCommand::EtablirResponsabilites { responsables });
        }
        commands
    }
}

impl EleveDecrit {
    /// An adult who has the right to be informed belongs to where the pupil is enrolled.
    fn rattacher_responsables(&self, mut act: Act) -> Act {
        for adulte in self.responsables.iter().filter(|adulte| adulte.destinataire) {
            let commands = self.affectations.iter().map(|(etablissement, _)| {
                let (etablissement, profil) = (*etablissement, Profil::Responsable);
                PersonneCommand::RattacherPersonne { etablissement, profil, fonctions: Vec::new() }
            });
            act = act.tell_all::<Personne>(adulte.responsable, commands.collect());
        }
        act
    }
}
