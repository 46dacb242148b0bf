//! Who stands in for an absent teacher.

use crate::rights::Action;
use crate::{Commands, Demande, UseCaseError, portail};
use chrono::NaiveDate;
use domain::annuaire::{RemplacementCommand, Remplacements};
use domain::{EnseignementId, PersonneId};
use ledger::unit::Recorded;

/// The replacement that is asked for.
#[derive(Debug, Clone, Copy)]
pub struct RemplacementDemande {
    /// For whom.
    pub absent: PersonneId,
    /// Who stands in.
    pub remplacant: PersonneId,
    /// First day.
    pub du: NaiveDate,
    /// First day without.
    pub au: NaiveDate,
}

impl Commands {
    /// Lets someone stand in for an absent teacher of an enseignement.
    pub async fn confier_remplacement(
        &self,
        demande: &Demande,
        enseignement: EnseignementId,
        asked: RemplacementDemande,
    ) -> Result<Recorded, UseCaseError> {
        let (row, resource) = self.enseignement(enseignement.0).await?;
        let autorite = self.permit(&demande.acteur, Action::ConfierRemplacement, &resource)?;
        let RemplacementDemande { absent, remplacant, du, au } = asked;
        let teachers = self.attached(row.etablissement, &[remplacant.0], &["enseignant"]).await?;
        let command = RemplacementCommand::ConfierRemplacement {
            enseignement,
            absent,
            attitre: row.attitres.contains(&absent.0),
            remplacant,
            rattache: teachers.contains(&remplacant),
            du,
            au,
        };
        let act = self.act_on(demande, autorite, portail(&row.portail)?, du);
        act.tell::<Remplacements>(enseignement, command).record().await
    }

    /// Ends a replacement before its time.
    pub async fn ecourter_remplacement(
        &self,
        demande: &Demande,
        enseignement: EnseignementId,
        remplacant: PersonneId,
        (du, au): (NaiveDate, NaiveDate),
    ) -> Result<Recorded, UseCaseError> {
        let (row, resource) = self.enseignement(enseignement.0).await?;
        let autorite = self.permit(&demande.acteur, Action::ConfierRemplacement, &resource)?;
        let command = RemplacementCommand::EcourterRemplacement { enseignement, remplacant, du, au };
        let act = self.act_on(demande, autorite, portail(&row.portail)?, au);
        act.tell::<Remplacements>(enseignement, command).record().await
    }
}
