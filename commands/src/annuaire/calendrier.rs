//! The calendar of an établissement.

use crate::rights::{Action, Resource};
use crate::{Commands, Demande, UseCaseError};
use chrono::NaiveDate;
use domain::annuaire::{Calendrier, CalendrierCommand, Decoupage, Periode, Uai};
use domain::{AnneeScolaire, DivisionId, EtablissementId};
use ledger::unit::Recorded;
use projections::annuaire::Annuaire;
use uuid::Uuid;

impl Commands {
    /// Says from when to when a school year is lived.
    pub async fn fixer_annee(
        &self,
        demande: &Demande,
        uai: &Uai,
        annee: AnneeScolaire,
        (debut, fin): (NaiveDate, NaiveDate),
    ) -> Result<Recorded, UseCaseError> {
        self.tell_calendrier(demande, uai, CalendrierCommand::FixerAnnee { annee, debut, fin }).await
    }

    /// Cuts a school year into the periods of a division.
    pub async fn fixer_periodes(
        &self,
        demande: &Demande,
        division: DivisionId,
        annee: AnneeScolaire,
        decoupage: Decoupage,
        periodes: Vec<Periode>,
    ) -> Result<Recorded, UseCaseError> {
        let row = Annuaire::divisions(&self.views, &[division.0]).await?.pop();
        let uai = self.uai(row.ok_or(UseCaseError::Interdit)?.etablissement).await?;
        let command = CalendrierCommand::FixerPeriodes { annee, division, connue: true, decoupage, periodes };
        self.tell_calendrier(demande, &uai, command).await
    }

    async fn tell_calendrier(
        &self,
        demande: &Demande,
        uai: &Uai,
        command: CalendrierCommand,
    ) -> Result<Recorded, UseCaseError> {
        let id: EtablissementId = uai.etablissement();
        let autorite =
            self.permit(&demande.acteur, Action::FixerCalendrier, &Resource::Etablissement { id })?;
        self.act(demande, autorite, uai.portail()).tell::<Calendrier>(id, command).record().await
    }

    /// The number of an établissement of the directory.
    pub(crate) async fn uai(&self, etablissement: Uuid) -> Result<Uai, UseCaseError> {
        let row = Annuaire::etablissements(&self.views, &[etablissement]).await?.pop();
        row.ok_or(UseCaseError::Interdit)?.uai.parse().map_err(UseCaseError::fault)
    }
}
