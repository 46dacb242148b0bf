//! Stages en entreprise.

use super::Permise;
use crate::annuaire::enregistrer;
use crate::rights::Action;
use crate::{Commands, Demande, UseCaseError};
use chrono::NaiveDate;
use domain::annuaire::{EtatCivil, Personne};
use domain::vie_de_l_eleve::{FicheStage, PartieStage, Stage, StageCommand};
use domain::{CommandeId, EtablissementId, PersonneId, StageId};
use ledger::unit::Recorded;
use projections::annuaire::Annuaire;
use projections::vie_de_l_eleve::{self as views, Stages, Tuteurs};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Why a tuteur is in the directory.
const TUTEUR: &str = "tuteur d'un stage en entreprise";

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

/// Who looks after a pupil in a company.
#[derive(Debug, Clone)]
pub struct TuteurDemande {
    /// Chosen by who enters: the same one again is the same person, of other stages too.
    pub identifiant: Uuid,
    /// The identity.
    pub etat_civil: EtatCivil,
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
        let (permise, permises) = match self.tuteur_de(&row).await? {
            Some(tuteur) if partie == PartieStage::Entreprise && demande.acteur.is(PersonneId(tuteur)) => {
                let on = (row.id, tuteur, row.portail.as_str());
                let permise = self.permise_sur_constat(demande, Action::SignerPourEntreprise, on).await?;
                (permise, BTreeSet::from([partie]))
            }
            Some(_) | None => {
                let on = (row.eleve, row.portail.as_str());
                let permise = self.permise_au_portail(demande, Action::SignerConvention, on).await?;
                let place = EtablissementId(self.etablissement_du_portail(&row.portail).await?);
                (permise, parties(demande, PersonneId(row.eleve), place))
            }
        };
        let Permise { portail, autorite, par } = permise;
        let command = StageCommand::SignerConvention { partie, permises, par, le: self.today() };
        self.act(demande, autorite, portail).tell::<Stage>(stage, command).record().await
    }

    /// Opens a stage to the account of who looks after the pupil in the company. Who that is enters the
    /// directory by hand, and is nothing in any établissement: no right comes of it but those of the stage.
    pub async fn designer_tuteur(
        &self,
        demande: &Demande,
        stage: StageId,
        tuteur: TuteurDemande,
    ) -> Result<Recorded, UseCaseError> {
        let row = self.stage(stage).await?;
        let on = (row.eleve, row.portail.as_str());
        let Permise { portail, autorite, par } =
            self.permise_au_portail(demande, Action::DesignerTuteur, on).await?;
        let place = self.etablissement_du_portail(&row.portail).await?;
        let house = Annuaire::etablissements(&self.views, &[place]).await?.pop();
        let academie = crate::portail(&house.ok_or(UseCaseError::Interdit)?.portail)?;
        let uai = self.uai(place).await?;
        let TuteurDemande { identifiant, etat_civil } = tuteur;
        let parole = self.parole_saisie(&uai, TUTEUR.to_owned());
        let (personne, entrer) = enregistrer(&uai, identifiant, etat_civil, parole);
        let designer = StageCommand::DesignerTuteur { tuteur: personne, par, le: self.today() };
        let designe = self.act(demande, autorite.clone(), portail).tell::<Stage>(stage, designer);
        // In the journal of the académie: asked again, the two acts are completed.
        let commande = CommandeId::derived(&[&demande.commande.to_string(), "tuteur"]);
        let entree = Demande { commande, ..demande.clone() };
        let entree = self.act(&entree, autorite, academie).tell::<Personne>(personne, entrer);
        // Nobody is named whom the directory refuses.
        entree.decide().await?;
        let recorded = designe.record().await?;
        entree.record().await?;
        Ok(recorded)
    }

    /// Takes a stage away from the account of who looked after the pupil in the company, whoever that is.
    pub async fn retirer_tuteur(
        &self,
        demande: &Demande,
        stage: StageId,
        motif: String,
    ) -> Result<Recorded, UseCaseError> {
        let row = self.stage(stage).await?;
        let on = (row.eleve, row.portail.as_str());
        let Permise { portail, autorite, par } =
            self.permise_au_portail(demande, Action::DesignerTuteur, on).await?;
        let command = StageCommand::RetirerTuteur { motif, par, le: self.today() };
        self.act(demande, autorite, portail).tell::<Stage>(stage, command).record().await
    }

    /// Who looks after the pupil of a stage in the company and has an account for it, while it lasts.
    pub async fn tuteur_de(&self, row: &views::Stage) -> Result<Option<Uuid>, UseCaseError> {
        if row.is_over(self.today()) {
            return Ok(None);
        }
        let found = Tuteurs::de(&self.views, &[row.id]).await?.pop();
        Ok(found.map(|found| found.tuteur))
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
