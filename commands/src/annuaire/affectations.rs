//! Who was in which division or groupe when: what a rule says of a class, it says of the class of a day.

use crate::{Commands, UseCaseError};
use chrono::NaiveDate;
use domain::PersonneId;
use domain::annuaire::Auditoire;
use projections::annuaire::{Annuaire, Groupes, Histoire, Personne};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

impl Commands {
    /// Who was in a division or a groupe on one of these days.
    pub(crate) async fn inscrits(
        &self,
        auditoire: Auditoire,
        jours: &[NaiveDate],
    ) -> Result<BTreeSet<PersonneId>, UseCaseError> {
        let listed = self.liste(auditoire, jours).await?;
        Ok(listed.into_iter().map(|eleve| PersonneId(eleve.id)).collect())
    }

    /// The same, each once.
    pub(crate) async fn liste(
        &self,
        auditoire: Auditoire,
        jours: &[NaiveDate],
    ) -> Result<Vec<Personne>, UseCaseError> {
        let groupe = match auditoire {
            Auditoire::Division(division) => {
                return Ok(Histoire::classe(&self.views, division.0, jours).await?);
            }
            Auditoire::Groupe(groupe) => groupe,
        };
        let mut listed: Vec<Personne> = Vec::new();
        for jour in jours {
            let members = Histoire::membres(&self.views, groupe.0, *jour).await?;
            let known: BTreeSet<_> = listed.iter().map(|one| one.id).collect();
            listed.extend(members.into_iter().filter(|one| !known.contains(&one.id)));
        }
        Ok(listed)
    }

    /// In which divisions of an établissement these pupils are on a day.
    pub(crate) async fn divisions_le(
        &self,
        etablissement: Uuid,
        eleves: &[PersonneId],
        jour: NaiveDate,
    ) -> Result<BTreeMap<PersonneId, Uuid>, UseCaseError> {
        let eleves: Vec<_> = eleves.iter().map(|eleve| eleve.0).collect();
        let mut affectations = Histoire::affectations(&self.views, &eleves).await?;
        affectations.retain(|one| one.court(jour));
        let divisions: Vec<_> = affectations.iter().map(|one| one.division).collect();
        let mut here = Annuaire::divisions(&self.views, &divisions).await?;
        here.retain(|row| row.etablissement == etablissement);
        affectations.retain(|one| here.iter().any(|row| row.id == one.division));
        Ok(affectations.into_iter().map(|one| (PersonneId(one.eleve), one.division)).collect())
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
