//! The calendar of an établissement. Whoever cuts it anew asks the periods whose days would change:
//! one that is locked keeps them.

use crate::act::Act;
use crate::rights::{Action, Resource};
use crate::{Commands, Demande, UseCaseError};
use chrono::NaiveDate;
use domain::annuaire::{
    Academie, Calendrier, CalendrierCommand, Decoupage, JoursDEcole, Periode, Redecoupage, Uai,
};
use domain::notes::{PeriodeCommand, PeriodeDeNotes};
use domain::{AnneeScolaire, DivisionId, EtablissementId, PeriodeId};
use ledger::unit::Recorded;
use projections::annuaire::Annuaire;
use uuid::Uuid;

impl Commands {
    /// Says from when to when a school year is lived. Periods that have the first or the last day of it
    /// follow, unless they are locked.
    pub async fn fixer_annee(
        &self,
        demande: &Demande,
        uai: &Uai,
        annee: AnneeScolaire,
        (debut, fin): (NaiveDate, NaiveDate),
    ) -> Result<Recorded, UseCaseError> {
        let questions = move |calendrier: &Calendrier| -> Vec<_> {
            let touchees = calendrier.redecoupages(annee, debut, fin).into_iter();
            let question = |Redecoupage { division, rang, jours }| {
                let periode = PeriodeId::de(division, annee, rang);
                (periode.to_string(), PeriodeCommand::Redecouper { jours })
            };
            touchees.map(question).collect()
        };
        let id = uai.etablissement();
        self.act_du_calendrier(demande, uai)?
            .ask_each::<Calendrier, PeriodeDeNotes>(id, questions)
            .tell::<Calendrier>(id, CalendrierCommand::FixerAnnee { annee, debut, fin })
            .record()
            .await
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
        let days = |index: usize| periodes.get(index).map(|periode| (periode.debut, periode.fin));
        let cut: Vec<_> = (0..Decoupage::MAX).map(days).collect();
        let command = CalendrierCommand::FixerPeriodes { annee, division, connue: true, decoupage, periodes };
        let mut act = self.act_du_calendrier(demande, &uai)?.tell::<Calendrier>(uai.etablissement(), command);
        for (rang, jours) in (1..).zip(cut) {
            let periode = PeriodeId::de(division, annee, rang);
            act = act.ask::<PeriodeDeNotes>(periode, PeriodeCommand::Redecouper { jours });
        }
        act.record().await
    }

    /// An act on the calendar of an établissement, of who may fix it.
    fn act_du_calendrier(&self, demande: &Demande, uai: &Uai) -> Result<Act, UseCaseError> {
        let id = uai.etablissement();
        let autorite =
            self.permit(&demande.acteur, Action::FixerCalendrier, &Resource::Etablissement { id })?;
        Ok(self.act(demande, autorite, uai.portail()))
    }

    /// The number of an établissement of the directory.
    pub(crate) async fn uai(&self, etablissement: Uuid) -> Result<Uai, UseCaseError> {
        let row = Annuaire::etablissements(&self.views, &[etablissement]).await?.pop();
        row.ok_or(UseCaseError::Interdit)?.uai.parse().map_err(UseCaseError::fault)
    }

    /// The days of school of an établissement.
    pub(crate) async fn jours_d_ecole(
        &self,
        etablissement: EtablissementId,
    ) -> Result<JoursDEcole, UseCaseError> {
        let row = Annuaire::etablissements(&self.views, &[etablissement.0]).await?.pop();
        let academie: Academie =
            row.ok_or(UseCaseError::Interdit)?.academie.parse().map_err(UseCaseError::fault)?;
        Ok(JoursDEcole::de(academie.into(), self.national.clone()))
    }
}
