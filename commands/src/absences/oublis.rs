//! Rolls that nobody has opened.

use crate::{Commands, UseCaseError};
use chrono::NaiveDate;
use domain::absences::{AppelNonOuvert, Attente};
use domain::{DivisionId, EnseignementId, EtablissementId, heure_locale};
use projections::absences::{Appel, Appels, Reglements};
use projections::annuaire::Annuaire;
use std::collections::{BTreeMap, BTreeSet};

impl Commands {
    /// The séances of a day in an établissement whose rolls nobody has opened, and is late to open.
    /// Rights are who asks'.
    pub async fn appels_non_ouverts(
        &self,
        etablissement: EtablissementId,
        date: NaiveDate,
    ) -> Result<Vec<AppelNonOuvert>, UseCaseError> {
        let held = self.occurrences_de(etablissement, (date, date), None).await?;
        let taught = held.iter().flat_map(|one| &one.cours.enseignements).map(|id| id.0);
        let taught: Vec<_> = taught.collect::<BTreeSet<_>>().into_iter().collect();
        let rows = Annuaire::enseignements(&self.views, &taught).await?;
        let divisions: BTreeMap<_, _> =
            rows.iter().map(|row| (EnseignementId(row.id), DivisionId(row.division))).collect();
        let portail = self.uai(etablissement.0).await?.portail();
        let opened = Appels::du_jour(&self.views, portail.as_str(), date).await?;
        let ouvertes: Vec<_> = opened.iter().map(Appel::seance).collect();
        let politique = Reglements::politique(&self.views, etablissement.0, date).await?;
        let (zone, maintenant) = (self.zone(etablissement).await?, heure_locale(self.now()));
        let known = Attente { politique: &politique, zone, ouvertes: &ouvertes, maintenant };
        Ok(known.non_ouverts(held.iter().map(|one| (&*one.cours, &one.occurrence)), &divisions))
    }
}
