//! Who was in which division when: what a rule says of a class, it says of the class of a day.

use crate::{Commands, UseCaseError};
use chrono::NaiveDate;
use domain::{DivisionId, PersonneId};
use projections::annuaire::Histoire;
use std::collections::BTreeSet;

impl Commands {
    /// Who was in a division on one of these days.
    pub(crate) async fn inscrits(
        &self,
        division: DivisionId,
        jours: &[NaiveDate],
    ) -> Result<BTreeSet<PersonneId>, UseCaseError> {
        let classe = Histoire::classe(&self.views, division.0, jours).await?;
        Ok(classe.into_iter().map(|eleve| PersonneId(eleve.id)).collect())
    }
}
