//! Where an import hands over what it read, and hears what became of it: the same for every
//! source.

use super::envoi::{Envoi, Origine, Reponse};
use super::rapport::Rapport;
use super::retraits::Retraits;
use super::traduction::Traduction;
use commands::annuaire::{Fiche, Importation, Issue, Mode};
use commands::rights::Acteur;
use commands::{Commands, UseCaseError};
use domain::EtablissementId;
use domain::annuaire::Academie;
use projections::annuaire::Sources;
use std::collections::BTreeSet;

/// See the module.
pub struct Guichet<'a> {
    commands: &'a Commands,
    acteur: &'a Acteur,
    envoi: Option<Envoi>,
    /// How many the import may suspend.
    pub retraits: Retraits,
    /// What there is to say of the import.
    pub rapport: Rapport,
}

/// Why a delivery cannot begin to be imported.
#[derive(Debug, thiserror::Error)]
pub enum OuvertureRefusee {
    /// The views have not read all of the record.
    #[error(
        "les vues n'ont pas fini de lire le journal : attendez qu'elles soient à jour, puis relancez l'import"
    )]
    VuesEnRetard,
    /// The use case refused.
    #[error("l'import ne peut pas commencer")]
    CasDUsage(#[from] UseCaseError),
}

impl From<sqlx::Error> for OuvertureRefusee {
    fn from(error: sqlx::Error) -> Self {
        Self::CasDUsage(error.into())
    }
}

impl<'a> Guichet<'a> {
    /// Not open yet.
    pub fn nouveau(commands: &'a Commands, acteur: &'a Acteur, rapport: Rapport, retraits: Retraits) -> Self {
        Self { commands, acteur, envoi: None, retraits, rapport }
    }

    /// The use cases.
    pub fn commands(&self) -> &'a Commands {
        self.commands
    }

    /// Begins to import into these établissements of an académie: with the right to, in its turn,
    /// and with views that know all that was imported before.
    pub async fn ouvrir(
        &mut self,
        academie: Academie,
        etablissements: &BTreeSet<EtablissementId>,
    ) -> Result<(), OuvertureRefusee> {
        let mode = if self.rapport.a_blanc { Mode::ABlanc } else { Mode::Reel };
        if !Sources::a_jour(self.commands.views(), academie.label()).await? {
            return Err(OuvertureRefusee::VuesEnRetard);
        }
        let livraison = self.rapport.livraison.clone();
        let debut =
            self.commands.commencer_importation(self.acteur, academie, etablissements, livraison, mode);
        self.envoi = Some(Envoi::nouveau(debut.await?));
        Ok(())
    }

    /// The import, once it has begun.
    pub fn importation(&self) -> Option<&Importation> {
        self.envoi.as_ref().map(Envoi::importation)
    }

    /// Hands over what an entry became; gives what became of others meanwhile.
    pub async fn confier(
        &mut self,
        traduction: Traduction,
        origine: &Origine,
    ) -> Result<Vec<Reponse>, UseCaseError> {
        for (motif, attribut) in &traduction.remarques {
            self.rapport.remarquer(origine, motif, *attribut);
        }
        let Some(envoi) = &mut self.envoi else { return Ok(Vec::new()) };
        let fiches = traduction.fiches.into_iter().map(|fiche| {
            let principale = matches!(fiche, Fiche::Personne(_));
            (fiche, Origine { principale, ..origine.clone() })
        });
        envoi.confier(fiches).await
    }

    /// Hands over one fiche in an act of its own.
    pub async fn confier_seule(
        &mut self,
        fiche: Fiche,
        origine: Origine,
    ) -> Result<Vec<Reponse>, UseCaseError> {
        match &mut self.envoi {
            Some(envoi) => envoi.confier_seule(fiche, origine).await,
            None => Ok(Vec::new()),
        }
    }

    /// Waits until it is known what became of everything.
    pub async fn attendre(&mut self) -> Result<Vec<Reponse>, UseCaseError> {
        match &mut self.envoi {
            Some(envoi) => envoi.attendre().await,
            None => Ok(Vec::new()),
        }
    }

    /// Says what became of fiches. Of what an entry made known besides itself, only a refusal is
    /// told: the entry counts once.
    pub fn noter(&mut self, reponses: Vec<Reponse>) {
        for (origine, issue) in reponses {
            match issue {
                Issue::Refuse(refus) if !origine.principale => self.rapport.refuser(&origine, refus),
                issue if origine.principale => self.rapport.conclure(&origine, issue),
                Issue::Cree | Issue::Modifie | Issue::Inchange | Issue::Refuse(_) => {}
            }
        }
    }

    /// Says that the delivery was taken to its end, unless its withdrawals are still to be confirmed.
    pub async fn fermer(mut self) -> Result<Rapport, UseCaseError> {
        if let Some(envoi) = self.envoi.as_ref().filter(|_| !self.rapport.retraits_a_confirmer) {
            envoi.importation().achever().await?;
        }
        self.rapport.ranger();
        Ok(self.rapport)
    }
}
