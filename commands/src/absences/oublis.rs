//! Rolls that nobody has opened.

use crate::{Commands, UseCaseError};
use chrono::NaiveDate;
use domain::absences::{AppelNonOuvert, Attente, Creneau};
use domain::annuaire::Auditoire;
use domain::{DivisionId, EnseignementId, EtablissementId, GroupeId, heure_locale};
use projections::absences::{Appel, Appels, Collective, Excuses, Reglements};
use projections::annuaire::Annuaire;
use std::collections::{BTreeMap, BTreeSet};

/// Most absences of whole groups that are looked at of a day.
const COLLECTIVES_MAX: i64 = 1_000;

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
        let auditoires: BTreeMap<_, _> =
            rows.iter().map(|row| (EnseignementId(row.id), row.auditoire)).collect();
        let portail = self.uai(etablissement.0).await?.portail();
        let opened = Appels::du_jour(&self.views, portail.as_str(), date).await?;
        let ouvertes: Vec<_> = opened.iter().map(Appel::seance).collect();
        let politique = Reglements::politique(&self.views, etablissement.0, date).await?;
        let (ecole, maintenant) = (self.jours_d_ecole(etablissement).await?, heure_locale(self.now()));
        let ailleurs = self.ailleurs(etablissement, date).await?;
        let (ouvertes, ailleurs) = (ouvertes.as_slice(), ailleurs.as_slice());
        let known = Attente { politique: &politique, ecole: &ecole, ouvertes, ailleurs, maintenant };
        Ok(known.non_ouverts(held.iter().map(|one| (&*one.cours, &one.occurrence)), &auditoires))
    }

    /// When whole divisions and groupes of an établissement are at school elsewhere on a day.
    async fn ailleurs(
        &self,
        etablissement: EtablissementId,
        date: NaiveDate,
    ) -> Result<Vec<(Auditoire, Creneau)>, UseCaseError> {
        let (views, days) = (&self.views, (date, date));
        let rows = Excuses::collectives_of(views, etablissement.0, days, None, COLLECTIVES_MAX);
        let mut rows = rows.await?;
        rows.retain(|row| row.annulee.is_none());
        let away = |row: &Collective| {
            let creneau = Creneau { debut: row.debut, fin: row.fin };
            let divisions = row.divisions.iter().map(|id| Auditoire::Division(DivisionId(*id)));
            let groupes = row.groupes.iter().map(|id| Auditoire::Groupe(GroupeId(*id)));
            divisions.chain(groupes).map(|who| (who, creneau)).collect::<Vec<_>>()
        };
        Ok(rows.iter().flat_map(away).collect())
    }
}
