//! Disciplinary procedures and sanctions.

use super::Permise;
use crate::rights::Action;
use crate::{Commands, Demande, UseCaseError};
use chrono::NaiveDate;
use domain::vie_de_l_eleve::{
    CasObligatoire, CauseEffacement, Conseil, DecisionDeSanction, Defense, Degre, NatureRecours, Sanction,
    SanctionCommand, VoieDeNotification,
};
use domain::{IncidentId, PersonneId, SanctionId};
use ledger::unit::Recorded;
use projections::annuaire::Inscriptions;
use projections::vie_de_l_eleve::{self as views, Sanctions};

/// A procedure as it is engaged.
#[derive(Debug, Clone)]
pub struct ProcedureDemandee {
    /// Against whom.
    pub eleve: PersonneId,
    /// What he is blamed for.
    pub griefs: String,
    /// Why the chef had to, if he had to.
    pub cas: Option<CasObligatoire>,
    /// After which incident.
    pub incident: Option<IncidentId>,
}

/// What a pupil is told of his time to answer.
#[derive(Debug, Clone, Copy)]
pub struct InformationDemandee {
    /// So many working days.
    pub jours: u8,
    /// When the conseil de discipline sits.
    pub conseil_le: Option<NaiveDate>,
}

/// A sursis to be revoked.
#[derive(Debug, Clone)]
pub struct RevocationDemandee {
    /// The new facts and the reasons.
    pub motifs: String,
    /// When the new facts were.
    pub faits_le: NaiveDate,
    /// What they could be answered with.
    pub encourue: Degre,
    /// The sitting, where a conseil decided.
    pub conseil: Option<Conseil>,
}

impl Commands {
    /// Engages a procedure.
    pub async fn engager_procedure(
        &self,
        demande: &Demande,
        procedure: ProcedureDemandee,
    ) -> Result<(SanctionId, Recorded), UseCaseError> {
        let ProcedureDemandee { eleve, griefs, cas, incident } = procedure;
        let Permise { portail, autorite, par } =
            self.permise_sur(demande, Action::EngagerProcedure, eleve).await?;
        let le = self.today();
        let command = SanctionCommand::EngagerProcedure { eleve, griefs, cas, incident, par, le };
        let id = SanctionId(demande.commande.0);
        let act = self.act(demande, autorite, portail).tell::<Sanction>(id, command);
        Ok((id, act.record().await?))
    }

    /// Tells the pupil, and who answers for a minor, what he is blamed for; his time runs.
    pub async fn informer_eleve(
        &self,
        demande: &Demande,
        sanction: SanctionId,
        information: InformationDemandee,
    ) -> Result<Recorded, UseCaseError> {
        let InformationDemandee { jours, conseil_le } = information;
        let eleve = PersonneId(self.sanction(sanction).await?.eleve);
        let mineur = self.est_mineur(eleve).await?;
        let responsables = self.responsables(eleve).await?.into_iter().collect();
        let le = self.today();
        let command = SanctionCommand::InformerEleve { jours, mineur, responsables, conseil_le, le };
        self.tell_sanction(demande, Action::ConduireProcedure, sanction, command).await
    }

    /// Takes the defence, or that there is none.
    pub async fn recueillir_defense(
        &self,
        demande: &Demande,
        sanction: SanctionId,
        defense: Defense,
    ) -> Result<Recorded, UseCaseError> {
        let command = SanctionCommand::RecueillirDefense { defense, le: self.today() };
        self.tell_sanction(demande, Action::ConduireProcedure, sanction, command).await
    }

    /// Gives a procedure up without a sanction.
    pub async fn classer_procedure(
        &self,
        demande: &Demande,
        sanction: SanctionId,
        motif: String,
    ) -> Result<Recorded, UseCaseError> {
        let command = SanctionCommand::ClasserProcedure { motif, le: self.today() };
        self.tell_sanction(demande, Action::ConduireProcedure, sanction, command).await
    }

    /// Pronounces a sanction.
    pub async fn prononcer_sanction(
        &self,
        demande: &Demande,
        sanction: SanctionId,
        decision: DecisionDeSanction,
    ) -> Result<Recorded, UseCaseError> {
        let command = SanctionCommand::PrononcerSanction { decision, le: self.today() };
        self.tell_sanction(demande, Action::PrononcerSanction, sanction, command).await
    }

    /// Says that the pupil and each of those who answer for him were notified.
    pub async fn notifier_sanction(
        &self,
        demande: &Demande,
        sanction: SanctionId,
        voie: VoieDeNotification,
    ) -> Result<Recorded, UseCaseError> {
        let eleve = PersonneId(self.sanction(sanction).await?.eleve);
        let mut destinataires = self.responsables(eleve).await?;
        destinataires.insert(eleve);
        let destinataires = destinataires.into_iter().collect();
        let command = SanctionCommand::NotifierSanction { destinataires, voie, le: self.today() };
        self.tell_sanction(demande, Action::ConduireProcedure, sanction, command).await
    }

    /// Says that a sanction is carried out.
    pub async fn executer_sanction(
        &self,
        demande: &Demande,
        sanction: SanctionId,
        du: NaiveDate,
    ) -> Result<Recorded, UseCaseError> {
        let command = SanctionCommand::ExecuterSanction { du };
        self.tell_sanction(demande, Action::ConduireProcedure, sanction, command).await
    }

    /// Revokes a sursis.
    pub async fn revoquer_sursis(
        &self,
        demande: &Demande,
        sanction: SanctionId,
        revocation: RevocationDemandee,
    ) -> Result<Recorded, UseCaseError> {
        let RevocationDemandee { motifs, faits_le, encourue, conseil } = revocation;
        let command =
            SanctionCommand::RevoquerSursis { motifs, faits_le, encourue, conseil, le: self.today() };
        self.tell_sanction(demande, Action::PrononcerSanction, sanction, command).await
    }

    /// Notes that a sanction is contested.
    pub async fn noter_recours(
        &self,
        demande: &Demande,
        sanction: SanctionId,
        nature: NatureRecours,
    ) -> Result<Recorded, UseCaseError> {
        let command = SanctionCommand::NoterRecours { nature, le: self.today() };
        self.tell_sanction(demande, Action::ConduireProcedure, sanction, command).await
    }

    /// Takes a sanction away after a recourse.
    pub async fn annuler_sanction(
        &self,
        demande: &Demande,
        sanction: SanctionId,
        motif: String,
    ) -> Result<Recorded, UseCaseError> {
        let command = SanctionCommand::AnnulerSanction { motif, le: self.today() };
        self.tell_sanction(demande, Action::PrononcerSanction, sanction, command).await
    }

    /// Asks that a sanction leave the file, for a pupil who changes schools.
    pub async fn demander_effacement(
        &self,
        demande: &Demande,
        sanction: SanctionId,
    ) -> Result<Recorded, UseCaseError> {
        let par = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        let command = SanctionCommand::DemanderEffacement { par, le: self.today() };
        self.tell_sanction(demande, Action::DemanderEffacement, sanction, command).await
    }

    /// Takes a sanction out of the file.
    pub async fn effacer_sanction(
        &self,
        demande: &Demande,
        sanction: SanctionId,
        cause: CauseEffacement,
    ) -> Result<Recorded, UseCaseError> {
        let row = self.sanction(sanction).await?;
        let place = self.etablissement_du_portail(&row.portail).await?;
        let mut parti = false;
        for fiche in self.eleve(PersonneId(row.eleve)).await?.fiches {
            parti = parti || Inscriptions::quittes(&self.views, fiche).await?.contains(&place);
        }
        let terme = Sanctions::terme(&self.views, row.eleve).await?;
        let command = SanctionCommand::EffacerSanction { cause, parti, terme, le: self.today() };
        self.tell_sanction(demande, Action::EffacerSanction, sanction, command).await
    }

    async fn tell_sanction(
        &self,
        demande: &Demande,
        action: Action,
        sanction: SanctionId,
        command: SanctionCommand,
    ) -> Result<Recorded, UseCaseError> {
        let row = self.sanction(sanction).await?;
        let Permise { portail, autorite, .. } =
            self.permise_au_portail(demande, action, (row.eleve, &row.portail)).await?;
        self.act(demande, autorite, portail).tell::<Sanction>(sanction, command).record().await
    }

    async fn sanction(&self, sanction: SanctionId) -> Result<views::Sanction, UseCaseError> {
        Sanctions::by_id(&self.views, sanction.0).await?.ok_or(UseCaseError::Interdit)
    }
}
