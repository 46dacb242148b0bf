//! Stages en entreprise.

use super::Permise;
use crate::rights::Action;
use crate::{Commands, Demande, UseCaseError};
use chrono::NaiveDate;
use domain::vie_de_l_eleve::{FicheStage, PartieStage, Stage, StageCommand};
use domain::{EtablissementId, PersonneId, StageId};
use ledger::unit::Recorded;
use projections::vie_de_l_eleve::{self as views, Stages};
use std::collections::BTreeSet;

/// A stage as it is prepared.
#[derive(Debug, Clone)]
pub struct StageDemande {
    /// Whose.
    pub eleve: PersonneId,
    /// What its convention says.
    pub fiche: FicheStage,
    /// The teacher who follows it.
    pub referent: PersonneId,
}

impl Commands {
    /// Prepares a stage; its référent is of the établissement's staff.
    pub async fn preparer_stage(
        &self,
        demande: &Demande,
        stage: StageDemande,
    ) -> Result<(StageId, Recorded), UseCaseError> {
        let StageDemande { eleve, fiche, referent } = stage;
        let Permise { portail, autorite, par } =
            self.permise_sur(demande, Action::PreparerStage, eleve).await?;
        let place = EtablissementId(self.etablissement_du_portail(portail.as_str()).await?);
        if self.personnels(place, &[referent.0]).await?.is_empty() {
            return Err(UseCaseError::Interdit);
        }
        let mineur = self.est_mineur(eleve).await?;
        let command = StageCommand::PreparerStage { eleve, fiche, referent, mineur, par };
        let id = StageId(demande.commande.0);
        let act = self.act(demande, autorite, portail).tell::<Stage>(id, command);
        Ok((id, act.record().await?))
    }

    /// Signs a convention for a party.
    pub async fn signer_convention(
        &self,
        demande: &Demande,
        stage: StageId,
        partie: PartieStage,
    ) -> Result<Recorded, UseCaseError> {
        let row = self.stage(stage).await?;
        let on = (row.eleve, row.portail.as_str());
        let Permise { portail, autorite, par } =
            self.permise_au_portail(demande, Action::SignerConvention, on).await?;
        let place = EtablissementId(self.etablissement_du_portail(&row.portail).await?);
        let permises = parties(demande, PersonneId(row.eleve), place);
        let command = StageCommand::SignerConvention { partie, permises, par, le: self.today() };
        self.act(demande, autorite, portail).tell::<Stage>(stage, command).record().await
    }

    /// Tells of a visit.
    pub async fn rendre_compte_de_visite(
        &self,
        demande: &Demande,
        stage: StageId,
        le: NaiveDate,
        compte_rendu: String,
    ) -> Result<Recorded, UseCaseError> {
        let row = self.stage(stage).await?;
        let on = (row.id, row.referent, row.portail.as_str());
        let Permise { portail, autorite, par } =
            self.permise_sur_constat(demande, Action::VisiterStage, on).await?;
        let command = StageCommand::RendreCompteDeVisite { le, compte_rendu, par };
        self.act(demande, autorite, portail).tell::<Stage>(stage, command).record().await
    }

    async fn stage(&self, stage: StageId) -> Result<views::Stage, UseCaseError> {
        Stages::by_id(&self.views, stage.0).await?.ok_or(UseCaseError::Interdit)
    }
}

/// The parties for which someone may sign: what he or she is to the pupil and to the school.
fn parties(demande: &Demande, eleve: PersonneId, place: EtablissementId) -> BTreeSet<PartieStage> {
    let acteur = &demande.acteur;
    let direction = acteur.direction_de.contains(&place);
    let qualites = [
        (PartieStage::Etablissement, direction),
        (PartieStage::Entreprise, direction),
        (PartieStage::Eleve, acteur.is(eleve)),
        (PartieStage::Responsable, acteur.enfants.contains(&eleve)),
    ];
    qualites.into_iter().filter(|(_, held)| *held).map(|(partie, _)| partie).collect()
}
