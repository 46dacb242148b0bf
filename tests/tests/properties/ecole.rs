//! A small school: two collèges of one division each, made by the use cases themselves.

use anyhow::{Result, ensure};
use commands::annuaire::{
    AuditoireDecrit, DivisionDecrite, EleveDecrit, EnseignementDecrit, EtablissementDecrit, Fiche, Identite,
    Issue, Limite, Lot, Mode, PersonneDecrite, RattachementDecrit,
};
use commands::rights::Acteur;
use commands::{Commands, UseCaseError};
use domain::annuaire::{
    Academie, EtatCivil, FicheEtablissement, Livraison, Matiere, NatureDeLivraison, NiveauResponsabilite,
    Origine, Profil, Responsabilite, Source, Uai,
};
use domain::{CompteId, PersonneId};
use recits::exploitant;
use std::collections::BTreeSet;

/// Who might ask for something in a collège.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Qui {
    Chef,
    Cpe,
    Enseignante,
    Eleve(u8),
    Parent,
    /// By the separate compte of the office.
    Administrateur,
    Exploitant,
    Anonyme,
}

impl Qui {
    pub const TOUS: [Self; 8] = [
        Self::Chef,
        Self::Cpe,
        Self::Enseignante,
        Self::Eleve(0),
        Self::Parent,
        Self::Administrateur,
        Self::Exploitant,
        Self::Anonyme,
    ];

    /// The person, where there is one.
    pub fn personne(self, college: u8) -> PersonneId {
        PersonneId::derived(&[&format!("{self:?} {college}")])
    }

    /// The compte with which he or she signs in.
    pub fn compte(self, college: u8) -> Option<CompteId> {
        match self {
            Self::Anonyme => None,
            Self::Exploitant => Some(exploitant()),
            Self::Administrateur => Some(CompteId::derived(&["administrateur", &college.to_string()])),
            Self::Chef | Self::Cpe | Self::Enseignante | Self::Eleve(_) | Self::Parent => {
                Some(CompteId::personnel(self.personne(college)))
            }
        }
    }

    fn profil(self) -> Profil {
        match self {
            Self::Chef => Profil::Direction,
            Self::Cpe => Profil::VieScolaire,
            Self::Enseignante => Profil::Enseignant,
            Self::Eleve(_) => Profil::Eleve,
            Self::Parent => Profil::Responsable,
            Self::Administrateur | Self::Exploitant | Self::Anonyme => Profil::Autre,
        }
    }
}

/// Number of a collège.
pub fn uai(college: u8) -> Uai {
    let number = format!("069000{}", college + 1);
    ('A'..='Z').find_map(|letter| format!("{number}{letter}").parse().ok()).unwrap()
}

/// Everyone of a collège who is in the directory, the adults before who needs them.
fn personnes() -> [Qui; 7] {
    [Qui::Chef, Qui::Cpe, Qui::Enseignante, Qui::Parent, Qui::Eleve(0), Qui::Eleve(1), Qui::Eleve(2)]
}

/// What the source says of a collège and its people; `edition` tells one delivery from another.
fn fiches(college: u8, edition: u8) -> Vec<Fiche> {
    let division =
        DivisionDecrite { code: "6A".to_owned(), libelle: format!("Sixième {edition}"), mef: None };
    let taught = EnseignementDecrit {
        auditoire: AuditoireDecrit::Division("6A".to_owned()),
        matiere: Matiere { code: "maths".to_owned(), libelle: "Mathématiques".to_owned() },
        enseignant: Qui::Enseignante.personne(college),
        principal: edition.is_multiple_of(2),
    };
    let etablissement = EtablissementDecrit {
        uai: uai(college),
        fiche: Some(FicheEtablissement {
            nom: format!("Collège {college}"),
            nature: "COLLEGE".to_owned(),
            academie: "LYON".to_owned(),
            commune: "Lyon".to_owned(),
        }),
        source: None,
        divisions: vec![division],
        groupes: None,
        enseignements: vec![taught],
        limite: Limite::Etablissement,
    };
    let people = personnes().into_iter().map(|qui| Fiche::Personne(personne(college, qui, edition)));
    std::iter::once(Fiche::Etablissement(etablissement)).chain(people).collect()
}

fn personne(college: u8, qui: Qui, edition: u8) -> PersonneDecrite {
    let etablissement = uai(college).etablissement();
    let parent = Responsabilite {
        responsable: Qui::Parent.personne(college),
        lien: "mère".to_owned(),
        niveau: NiveauResponsabilite::Legale1,
        destinataire: true,
    };
    let eleve = EleveDecrit {
        affectations: vec![(etablissement, Some(uai(college).division("6A")))],
        numeros: vec![(etablissement, format!("{college}-{edition}"))],
        responsables: Some(if qui == Qui::Eleve(0) { vec![parent] } else { vec![] }),
    };
    let source =
        Source { origine: Origine::Aaf, portee: "Lyon".to_owned(), cle: format!("{qui:?} {college}") };
    PersonneDecrite {
        personne: qui.personne(college),
        identite: Identite::Entiere {
            source,
            etat_civil: EtatCivil { nom: format!("Nom {edition}"), ..EtatCivil::default() },
        },
        rattachements: vec![RattachementDecrit { etablissement, profil: qui.profil(), fonctions: vec![] }],
        perimetre: None,
        eleve: matches!(qui, Qui::Eleve(_)).then_some(eleve),
        groupes: vec![],
    }
}

/// Imports a delivery about a collège.
pub async fn importer(
    commands: &Commands,
    acteur: &Acteur,
    college: u8,
    edition: u8,
) -> Result<(), UseCaseError> {
    let etablissements = BTreeSet::from([uai(college).etablissement()]);
    let livraison = Livraison {
        origine: Origine::Aaf,
        portee: format!("Lyon {college}"),
        nature: NatureDeLivraison::Complete,
        du: "2026-09-14".parse().map_err(UseCaseError::fault)?,
        annee: None,
    };
    let import = commands
        .commencer_importation(acteur, Academie::Lyon, &etablissements, livraison, Mode::Reel)
        .await?;
    for issue in import.importer(Lot(fiches(college, edition))).await? {
        if let Issue::Refuse(refused) = issue {
            return Err(UseCaseError::Refused(refused));
        }
    }
    Ok(())
}

/// The two collèges in the directory.
pub async fn ouvrir(commands: &Commands) -> Result<()> {
    let operator = commands.acteur(Some(exploitant())).await?;
    ensure!(operator.exploitant, "the operator is none");
    for college in 0..2 {
        importer(commands, &operator, college, 0).await?;
    }
    Ok(())
}
