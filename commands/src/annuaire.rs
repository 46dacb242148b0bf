//! Annuaire: what the sources say of the établissements and the people of an académie.
//!
//! An import is idempotent: the aggregates decide nothing where the source says nothing new,
//! so one that was interrupted is simply begun again. Each [`Lot`] is one act, recorded whole
//! in the journal of the académie's portal; if one of its fiches is refused, each is tried
//! alone, so that the refusal is that fiche's alone.

mod affectations;
mod bascule;
mod calendrier;
mod fiche;
mod fusions;
mod groupes;
mod inscriptions;
mod majorite;
mod remplacements;
mod saisie;

pub use bascule::Tournant;
pub use fiche::{
    AuditoireDecrit, DivisionDecrite, EleveDecrit, EnseignementDecrit, EtablissementDecrit, Fiche,
    GroupeDecrit, GroupesDecrits, GroupesDits, Identite, Limite, PersonneDecrite, RattachementDecrit,
};
pub use groupes::GroupeDemande;
pub use inscriptions::DepartDemande;
pub use remplacements::RemplacementDemande;
pub(crate) use saisie::enregistrer;
pub use saisie::{PersonneSaisie, RattachementSaisi};

use crate::act::{Act, Decisions};
use crate::rights::{Acteur, Action, Autorite, Resource};
use crate::{Commands, Demande, Refused, UseCaseError};
use chrono::{DateTime, SecondsFormat, Utc};
use domain::annuaire::{
    Academie, Alimentation, AlimentationCommand, Bascule, Etablissement, EtablissementCommand, Livraison,
    NatureDeLivraison, Parole, Personne,
};
use domain::{BasculeId, CommandeId, EtablissementId, PersonneId, PortailId, journee};
use ledger::envelope::Stream;
use projections::annuaire::Annuaire;
use std::collections::{BTreeMap, BTreeSet};

/// Whether an import records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It does.
    Reel,
    /// Everything is decided and nothing recorded.
    ABlanc,
}

/// Fiches that are recorded together.
#[derive(Debug, Clone, Default)]
pub struct Lot(pub Vec<Fiche>);

/// What became of a fiche.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Issue {
    /// It entered the directory.
    Cree,
    /// The source says something new of it.
    Modifie,
    /// The source says nothing new.
    Inchange,
    /// The domain refused it, and nothing of it was recorded.
    Refuse(Refused),
}

/// An import under way, on the authority that permitted it.
#[derive(Clone)]
pub struct Importation {
    commands: Commands,
    acteur: Acteur,
    autorite: Autorite,
    portail: PortailId,
    livraison: Livraison,
    commencee: DateTime<Utc>,
    mode: Mode,
}

impl Commands {
    /// Begins to import a delivery about these établissements and their people, unless it comes
    /// out of its turn or prepares a school year that has yet to begin there. The right is asked for
    /// each établissement; every act of the import is recorded on this authority.
    pub async fn commencer_importation(
        &self,
        acteur: &Acteur,
        academie: Academie,
        etablissements: &BTreeSet<EtablissementId>,
        livraison: Livraison,
        mode: Mode,
    ) -> Result<Importation, UseCaseError> {
        let right = |id: &EtablissementId| {
            self.permit(acteur, Action::ImporterAnnuaire, &Resource::Etablissement { id: *id })
        };
        let granted = etablissements.iter().map(right).collect::<Result<Vec<_>, _>>()?;
        let importation = Importation {
            commands: self.clone(),
            acteur: acteur.clone(),
            autorite: granted.into_iter().next().ok_or(UseCaseError::Interdit)?,
            portail: PortailId::from(academie),
            livraison,
            commencee: self.now(),
            mode,
        };
        let (livraison, aujourd_hui) = (importation.livraison.clone(), journee(importation.commencee));
        let anticipee = importation.anticipe(etablissements).await?;
        let commencer = AlimentationCommand::CommencerLivraison { livraison, aujourd_hui, anticipee };
        importation.marquer("commencer", commencer).await?;
        Ok(importation)
    }
}

impl Importation {
    /// Says that the delivery was taken to its end.
    pub async fn achever(&self) -> Result<(), UseCaseError> {
        let livraison = self.livraison.clone();
        match self.mode {
            Mode::Reel => self.marquer("achever", AlimentationCommand::AcheverLivraison { livraison }).await,
            Mode::ABlanc => Ok(()),
        }
    }

    /// Whether the delivery names a school year that has yet to begin in one of these établissements.
    async fn anticipe(&self, etablissements: &BTreeSet<EtablissementId>) -> Result<bool, UseCaseError> {
        let Some(annee) = self.livraison.annee else { return Ok(false) };
        let act = self.act_of(b"bascules".to_vec())?;
        for etablissement in etablissements {
            let (bascule, _) = act.load::<Bascule>(BasculeId::of(*etablissement, annee)).await?;
            if bascule.est_a_venir(annee, journee(self.commencee)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn marquer(&self, quoi: &str, command: AlimentationCommand) -> Result<(), UseCaseError> {
        let act = self.act_of(quoi.as_bytes().to_vec())?;
        let act = act.tell::<Alimentation>(self.livraison.alimentation(), command);
        match self.mode {
            Mode::Reel => act.record().await.map(drop),
            Mode::ABlanc => act.decide().await.map(drop),
        }
    }

    /// Imports a lot; one issue for each of its fiches, in their order.
    pub async fn importer(&self, lot: Lot) -> Result<Vec<Issue>, UseCaseError> {
        match self.importer_ensemble(&lot.0).await {
            Err(UseCaseError::Refused(_)) if lot.0.len() > 1 => self.importer_une_a_une(&lot.0).await,
            Err(UseCaseError::Refused(refused)) => Ok(vec![Issue::Refuse(refused)]),
            issues => issues,
        }
    }

    async fn importer_une_a_une(&self, fiches: &[Fiche]) -> Result<Vec<Issue>, UseCaseError> {
        let mut issues = Vec::with_capacity(fiches.len());
        for fiche in fiches {
            match self.importer_ensemble(std::slice::from_ref(fiche)).await {
                Ok(mut one) => issues.append(&mut one),
                Err(UseCaseError::Refused(refused)) => issues.push(Issue::Refuse(refused)),
                Err(error) => return Err(error),
            }
        }
        Ok(issues)
    }

    async fn importer_ensemble(&self, fiches: &[Fiche]) -> Result<Vec<Issue>, UseCaseError> {
        let mut act = self.act(fiches)?;
        let quittent: Vec<_> = fiches.iter().filter_map(Fiche::peut_quitter).collect();
        let enseignent = self.enseignent(&quittent).await?;
        let parole = Parole::de(self.livraison.origine, &self.livraison.portee, journee(self.commencee));
        let annee = self.livraison.annee_scolaire();
        for fiche in fiches {
            act = fiche.tell(act, &parole, annee);
        }
        for (personne, etablissement) in enseignent {
            let quitter = EtablissementCommand::QuitterEnseignements { enseignant: personne, le: parole.le };
            let parti = move |personne: &Personne| !personne.exerce_dans(etablissement);
            act = act.tell_if::<Personne, Etablissement>(personne, parti, (etablissement, quitter));
        }
        let decisions = match self.mode {
            Mode::Reel => act.record_decisions().await?.1,
            Mode::ABlanc => act.decide().await?.decided().await,
        };
        Ok(issues(fiches, decisions))
    }

    /// Where each of these teaches something.
    async fn enseignent(
        &self,
        personnes: &[PersonneId],
    ) -> Result<Vec<(PersonneId, EtablissementId)>, UseCaseError> {
        if personnes.is_empty() {
            return Ok(vec![]);
        }
        let ids: Vec<_> = personnes.iter().map(|personne| personne.0).collect();
        let rows = Annuaire::enseignent_dans(&self.commands.views, &ids).await?;
        Ok(rows.into_iter().map(|(qui, ou)| (PersonneId(qui), EtablissementId(ou))).collect())
    }

    /// The act of these fiches. Its id is that of their content in this run of the import: to
    /// send it again is the same command, while an older delivery that is imported anew after a
    /// newer one is another. The digest is keyed, for ids are in the clear.
    fn act(&self, fiches: &[Fiche]) -> Result<Act, UseCaseError> {
        self.act_of(serde_json::to_vec(fiches).map_err(UseCaseError::fault)?)
    }

    fn act_of(&self, corps: Vec<u8>) -> Result<Act, UseCaseError> {
        let digest = self.commands.ledger.keys().kek().digest(&corps).map_err(UseCaseError::fault)?;
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let commencee = self.commencee.to_rfc3339_opts(SecondsFormat::Micros, true);
        let Livraison { origine, portee, nature, du, .. } = &self.livraison;
        let nature = match nature {
            NatureDeLivraison::Complete => "complete",
            NatureDeLivraison::Delta => "delta",
        };
        let (portail, du) = (self.portail.as_str(), du.to_string());
        let commande =
            CommandeId::derived(&[portail, origine.as_str(), portee, nature, &du, &commencee, &digest]);
        let demande = Demande { acteur: self.acteur.clone(), commande, corps, cause: None };
        Ok(self.commands.act(&demande, self.autorite.clone(), self.portail.clone()))
    }
}

/// What the decisions say of each fiche.
fn issues(fiches: &[Fiche], decisions: Decisions) -> Vec<Issue> {
    let mut first: BTreeMap<Stream, u64> = BTreeMap::new();
    for (stream, sequence) in decisions {
        let known = first.entry(stream).or_insert(sequence);
        *known = sequence.min(*known);
    }
    let issue = |fiche: &Fiche| match first.get(&fiche.stream()) {
        Some(1) => Issue::Cree,
        Some(_) => Issue::Modifie,
        None => Issue::Inchange,
    };
    fiches.iter().map(issue).collect()
}
