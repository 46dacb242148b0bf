//! The import of a source of one établissement, read and understood: what is to be told, in one
//! order for all of them.

use super::envoi::Origine;
use super::guichet::{Guichet, OuvertureRefusee};
use super::rapport::Rapport;
use super::retraits::{Retraits, retirer};
use super::traduction::Traduction;
use commands::annuaire::Fiche;
use commands::rights::Acteur;
use commands::{Commands, UseCaseError};
use domain::PersonneId;
use domain::annuaire::{Academie, Perimetre, Uai};
use std::collections::{BTreeSet, HashSet};
use tokio::task::JoinError;

/// What a delivery of one établissement says.
#[derive(Debug)]
pub struct Versement {
    /// Whose it is.
    pub uai: Uai,
    /// Of what the établissement is told, before its people.
    pub etablissement: Vec<(Fiche, Origine)>,
    /// Of people, in any order.
    pub personnes: Vec<(PersonneId, Traduction, Origine)>,
    /// Of what the établissement is told once its people are known.
    pub ensuite: Vec<(Fiche, Origine)>,
    /// People of whom the source speaks, though their entry is refused.
    pub citees: HashSet<PersonneId>,
    /// Whether the delivery names everybody: an entry without a key may be anybody's.
    pub nomme_chacun: bool,
}

/// Why an import of an établissement's source did not reach its end.
#[derive(Debug, thiserror::Error)]
pub enum ErreurVersement {
    /// The files are no delivery of this source.
    #[error("{0}")]
    Refuse(String),
    /// Nobody has said yet what the établissement is.
    #[error("l'établissement {0} n'est pas dans l'annuaire : importez d'abord l'annuaire fédérateur, ou STS")]
    EtablissementInconnu(Uai),
    /// The import could not begin.
    #[error(transparent)]
    Ouverture(#[from] OuvertureRefusee),
    /// The use case stopped.
    #[error("l'import s'est arrêté ; relancez-le, il reprendra où il en était")]
    CasDUsage(#[from] UseCaseError),
    /// The reading thread ended badly.
    #[error("la lecture de la livraison s'est arrêtée")]
    Lecture(#[from] JoinError),
}

impl From<sqlx::Error> for ErreurVersement {
    fn from(error: sqlx::Error) -> Self {
        Self::CasDUsage(error.into())
    }
}

impl Versement {
    /// Hands it over in the name of `acteur`, and says what became of it.
    pub async fn verser(
        self,
        commands: &Commands,
        acteur: &Acteur,
        academie: Academie,
        rapport: Rapport,
        retraits: Retraits,
    ) -> Result<Rapport, ErreurVersement> {
        let perimetre = Perimetre::new(BTreeSet::from([self.uai.etablissement()]));
        let mut guichet = Guichet::nouveau(commands, acteur, rapport, retraits);
        guichet.ouvrir(academie, &perimetre).await?;
        de_l_etablissement(&mut guichet, self.etablissement).await?;
        let mut nommees = self.citees;
        for (personne, mut traduction, origine) in self.personnes {
            nommees.insert(personne);
            for fiche in &mut traduction.fiches {
                if let Fiche::Personne(decrite) = fiche {
                    decrite.perimetre = Some(perimetre.clone());
                }
            }
            let reponses = guichet.confier(traduction, &origine).await?;
            guichet.noter(reponses);
        }
        let reponses = guichet.attendre().await?;
        guichet.noter(reponses);
        de_l_etablissement(&mut guichet, self.ensuite).await?;
        retirer(&mut guichet, &perimetre, self.nomme_chacun, |qui| nommees.contains(&qui)).await?;
        Ok(guichet.fermer().await?)
    }
}

async fn de_l_etablissement(
    guichet: &mut Guichet<'_>,
    fiches: Vec<(Fiche, Origine)>,
) -> Result<(), ErreurVersement> {
    for (fiche, origine) in fiches {
        let reponses = guichet.confier_seule(fiche, origine).await?;
        guichet.noter(reponses);
    }
    let reponses = guichet.attendre().await?;
    guichet.noter(reponses);
    Ok(())
}
