//! What a source says, in the directory's own words: the same whichever source it is.

use crate::act::Act;
use domain::annuaire::{
    DeclarationDeGroupe, EtablissementCommand, EtatCivil, FicheEtablissement, Matiere, PersonneCommand,
    Profil, Rectification, Responsabilite, Source, Uai,
};
use domain::annuaire::{Etablissement, Parole, Perimetre, Personne};
use domain::{Aggregate, AnneeScolaire, DivisionId, EnseignementId, EtablissementId, GroupeId, PersonneId};
use ledger::envelope::Stream;
use serde::Serialize;
use std::collections::BTreeSet;

/// What a source says of one établissement or of one person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Fiche {
    /// Of an établissement.
    Etablissement(EtablissementDecrit),
    /// Of a person.
    Personne(PersonneDecrite),
    /// It no longer names a person in these établissements.
    Retrait(PersonneId, #[serde(skip)] Perimetre),
}

/// An établissement, with what is known of its divisions and of what is taught there.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EtablissementDecrit {
    /// Its number.
    pub uai: Uai,
    /// What is public about it, where the source says.
    pub fiche: Option<FicheEtablissement>,
    /// The source's key of it.
    pub source: Option<Source>,
    /// Its divisions.
    pub divisions: Vec<DivisionDecrite>,
    /// Its groupes, where the source says.
    pub groupes: Option<GroupesDecrits>,
    /// Who teaches what; each in one of the divisions or of the groupes.
    pub enseignements: Vec<EnseignementDecrit>,
    /// Of what this is all that is taught.
    pub limite: Limite,
}

/// Of what a list of enseignements is the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Limite {
    /// Of nothing: there may be others.
    Aucune,
    /// Of what one teacher teaches here.
    Enseignant(PersonneId),
    /// Of all that is taught here.
    Etablissement,
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

/// The groupes of an établissement, in the school year of the delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupesDecrits {
    /// Those that the source declares; each comes from divisions that are open.
    pub groupes: Vec<GroupeDecrit>,
    /// Whether there are no others.
    pub entiers: bool,
}

/// A groupe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupeDecrit {
    /// Its code.
    pub code: String,
    /// Its name.
    pub libelle: String,
    /// Codes of the divisions from which its members come.
    pub divisions: BTreeSet<String>,
}

/// In which groupes of an établissement a source says that a person is: all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupesDits {
    /// Its number.
    pub uai: Uai,
    /// Their codes.
    pub codes: BTreeSet<String>,
}

/// To whom something is taught, by its code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum AuditoireDecrit {
    /// To a division.
    Division(String),
    /// To a groupe of the school year of the delivery.
    Groupe(String),
}

/// What a teacher teaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EnseignementDecrit {
    /// To whom.
    pub auditoire: AuditoireDecrit,
    /// What is taught.
    pub matiere: Matiere,
    /// By whom.
    pub enseignant: PersonneId,
    /// Whether this teacher is professeur principal of the division; of a groupe nobody is.
    pub principal: bool,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PersonneDecrite {
    /// Who.
    pub personne: PersonneId,
    /// What the source says of the identity.
    pub identite: Identite,
    /// What the person is, and where.
    pub rattachements: Vec<RattachementDecrit>,
    /// Where the person is nothing else; said of nowhere, where there is none.
    #[serde(skip)]
    pub perimetre: Option<Perimetre>,
    /// What there is to say of a pupil only.
    pub eleve: Option<EleveDecrit>,
    /// In which groupes the person is, where the source says.
    pub groupes: Vec<GroupesDits>,
}

/// What a source says of an identity.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Identite {
    /// All of it.
    Entiere {
        /// The source's key of the person.
        source: Source,
        /// The identity.
        etat_civil: EtatCivil,
    },
    /// What has changed since: the source has said the rest before.
    Rectifiee(Rectification),
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
    /// Who answers for the pupil, where the source says.
    pub responsables: Option<Vec<Responsabilite>>,
}

impl Fiche {
    /// The stream of what it is about.
    pub(super) fn stream(&self) -> Stream {
        let personne = |id: &PersonneId| Stream { kind: Personne::TYPE.to_owned(), id: id.to_string() };
        match self {
            Self::Etablissement(decrit) => {
                Stream { kind: Etablissement::TYPE.to_owned(), id: decrit.uai.etablissement().to_string() }
            }
            Self::Personne(decrite) => personne(&decrite.personne),
            Self::Retrait(id, _) => personne(id),
        }
    }

    /// Who may leave an établissement by it.
    pub(super) fn peut_quitter(&self) -> Option<PersonneId> {
        match self {
            Self::Etablissement(_) => None,
            Self::Personne(decrite) => decrite.perimetre.as_ref().map(|_| decrite.personne),
            Self::Retrait(personne, _) => Some(*personne),
        }
    }

    /// Adds to an act what the aggregates are told, in the words of a source that speaks of a year.
    pub(super) fn tell(&self, act: Act, parole: &Parole, annee: AnneeScolaire) -> Act {
        match self {
            Self::Etablissement(decrit) => {
                act.tell_all::<Etablissement>(decrit.uai.etablissement(), decrit.commands(parole, annee))
            }
            Self::Personne(decrite) => {
                act.tell_all::<Personne>(decrite.personne, decrite.commands(parole, annee))
            }
            Self::Retrait(personne, perimetre) => {
                let (perimetre, parole) = (perimetre.clone(), parole.clone());
                act.tell::<Personne>(*personne, PersonneCommand::RetirerSource { perimetre, parole })
            }
        }
    }
}

impl EtablissementDecrit {
    fn commands(&self, parole: &Parole, annee: AnneeScolaire) -> Vec<EtablissementCommand> {
        let fiche = self.fiche.iter().map(|fiche| EtablissementCommand::EnregistrerEtablissement {
            uai: self.uai.clone(),
            fiche: fiche.clone(),
            parole: parole.clone(),
        });
        let source = self.source.iter().cloned();
        let source = source.map(|source| EtablissementCommand::ReconnaitreSource { source });
        let mut commands: Vec<_> = fiche.chain(source).collect();
        commands.extend(self.divisions.iter().cloned().map(|division| {
            let DivisionDecrite { code, libelle, mef } = division;
            EtablissementCommand::OuvrirDivision { code, libelle, mef, parole: parole.clone() }
        }));
        commands.extend(self.groupes.iter().flat_map(|decrits| decrits.commands(&self.uai, parole, annee)));
        commands.extend(self.enseignements.iter().map(|enseignement| enseignement.command(parole, annee)));
        let enseignant = match self.limite {
            Limite::Aucune => return commands,
            Limite::Enseignant(enseignant) => Some(enseignant),
            Limite::Etablissement => None,
        };
        let sauf = self.enseignements.iter().map(|enseignement| enseignement.cle(&self.uai, annee));
        let (sauf, parole) = (sauf.collect(), parole.clone());
        commands.push(EtablissementCommand::LimiterEnseignements { enseignant, sauf, parole });
        commands
    }
}

impl EnseignementDecrit {
    fn command(&self, parole: &Parole, annee: AnneeScolaire) -> EtablissementCommand {
        let Self { auditoire, matiere, enseignant, principal } = self.clone();
        let parole = parole.clone();
        match auditoire {
            AuditoireDecrit::Division(division) => EtablissementCommand::AttribuerEnseignement {
                division,
                matiere,
                enseignant,
                principal,
                parole,
            },
            AuditoireDecrit::Groupe(groupe) => {
                EtablissementCommand::AttribuerAuGroupe { annee, groupe, matiere, enseignant, parole }
            }
        }
    }

    /// By what the établissement knows it.
    fn cle(&self, uai: &Uai, annee: AnneeScolaire) -> (EnseignementId, PersonneId) {
        let enseignement = match &self.auditoire {
            AuditoireDecrit::Division(code) => uai.enseignement(code, &self.matiere.code),
            AuditoireDecrit::Groupe(code) => uai.groupe(annee, code).enseignement(&self.matiere.code),
        };
        (enseignement, self.enseignant)
    }
}

impl GroupesDecrits {
    fn commands(&self, uai: &Uai, parole: &Parole, annee: AnneeScolaire) -> Vec<EtablissementCommand> {
        let declarations = self.groupes.iter().cloned().map(|GroupeDecrit { code, libelle, divisions }| {
            let divisions = divisions.iter().map(|division| uai.division(division)).collect();
            let declaration = DeclarationDeGroupe { annee, code, libelle, divisions };
            EtablissementCommand::DeclarerGroupe { declaration, parole: parole.clone() }
        });
        let sauf = self.groupes.iter().map(|groupe| uai.groupe(annee, &groupe.code)).collect();
        let limite = EtablissementCommand::LimiterGroupes { annee, sauf, parole: parole.clone() };
        declarations.chain(self.entiers.then_some(limite)).collect()
    }
}

impl GroupesDits {
    fn groupes(&self, annee: AnneeScolaire) -> BTreeSet<GroupeId> {
        self.codes.iter().map(|code| self.uai.groupe(annee, code)).collect()
    }
}

impl PersonneDecrite {
    fn commands(&self, parole: &Parole, annee: AnneeScolaire) -> Vec<PersonneCommand> {
        let mut commands = Vec::with_capacity(5);
        match &self.identite {
            Identite::Entiere { source, etat_civil } => commands.push(PersonneCommand::EnregistrerPersonne {
                personne: self.personne,
                source: source.clone(),
                etat_civil: etat_civil.clone(),
                parole: parole.clone(),
            }),
            Identite::Rectifiee(rectification) if rectification.is_empty() => {}
            Identite::Rectifiee(rectification) => commands.push(PersonneCommand::RectifierEtatCivil {
                rectification: rectification.clone(),
                parole: parole.clone(),
            }),
        }
        commands.extend(self.rattachements.iter().cloned().map(|rattachement| {
            let RattachementDecrit { etablissement, profil, fonctions } = rattachement;
            PersonneCommand::RattacherPersonne { etablissement, profil, fonctions, parole: parole.clone() }
        }));
        if let Some(perimetre) = &self.perimetre {
            commands.push(PersonneCommand::LimiterRattachements {
                perimetre: perimetre.clone(),
                sauf: self.rattachements.iter().map(|rattachement| rattachement.etablissement).collect(),
                parole: parole.clone(),
            });
        }
        if let Some(eleve) = &self.eleve {
            commands.extend(eleve.affectations.iter().map(|(etablissement, division)| {
                let (etablissement, division) = (*etablissement, *division);
                PersonneCommand::AffecterEleve { etablissement, division, parole: parole.clone() }
            }));
            commands.extend(eleve.responsables.iter().cloned().map(|responsables| {
                PersonneCommand::EtablirResponsabilites { responsables, parole: parole.clone() }
            }));
            commands.extend(
                eleve.numeros.iter().cloned().map(|(etablissement, numero)| {
                    PersonneCommand::ImmatriculerEleve { etablissement, numero }
                }),
            );
        }
        commands.extend(self.groupes.iter().map(|dits| PersonneCommand::RepartirPersonne {
            etablissement: dits.uai.etablissement(),
            annee,
            groupes: dits.groupes(annee),
            parole: parole.clone(),
        }));
        commands
    }
}
