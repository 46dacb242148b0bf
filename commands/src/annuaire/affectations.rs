//! Who was in which division or groupe when: what a rule says of a class, it says of the class of a day.

use crate::{Commands, UseCaseError};
use chrono::NaiveDate;
use domain::PersonneId;
use domain::annuaire::Auditoire;
use projections::annuaire::{Groupes, Histoire};
use std::collections::BTreeSet;

impl Commands {
    /// Who was in a division or a groupe on one of these days.
    pub(crate) async fn inscrits(
        &self,
        auditoire: Auditoire,
        jours: &[NaiveDate],
    ) -> Result<BTreeSet<PersonneId>, UseCaseError> {
        let listed = match auditoire {
            Auditoire::Division(division) => Histoire::classe(&self.views, division.0, jours).await?,
            Auditoire::Groupe(groupe) => {
                let mut listed = Vec::new();
                for jour in jours {
                    listed.extend(Histoire::membres(&self.views, groupe.0, *jour).await?);
                }
                listed
            }
        };
        Ok(listed.into_iter().map(|eleve| PersonneId(eleve.id)).collect())
    }

    /// Which of these pupils are in a division or a groupe today.
    pub(crate) async fn presents(
        &self,
        auditoire: Auditoire,
        eleves: &[PersonneId],
    ) -> Result<BTreeSet<PersonneId>, UseCaseError> {
        match auditoire {
            Auditoire::Division(division) => {
                let eleves: Vec<_> = eleves.iter().map(|eleve| eleve.0).collect();
                let affectations = self.divisions_of(&eleves).await?;
                let here = affectations.into_iter().filter(|(_, affectation)| *affectation == division);
                Ok(here.map(|(eleve, _)| eleve).collect())
            }
            Auditoire::Groupe(groupe) => {
                let members = Groupes::personnes(&self.views, &[groupe.0]).await?;
                let members: BTreeSet<_> = members.into_iter().map(|(_, one)| PersonneId(one.id)).collect();
                Ok(eleves.iter().filter(|eleve| members.contains(eleve)).copied().collect())
            }
        }
    }
}
