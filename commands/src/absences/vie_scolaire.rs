//! What bulletins say of the absences and lates of pupils, counted from what is on record.

use crate::{Commands, UseCaseError};
use chrono::NaiveDate;
use domain::absences::{AbsenceAuBulletin, Creneau, DemiJourneesAuBulletin};
use domain::notes::Assiduite;
use domain::{DivisionId, EtablissementId};
use projections::absences::{Appels, CreneauDeDossier, DossierAbsence, Dossiers, Excuses, Reglements};
use projections::annuaire::Identites;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

impl Commands {
    /// The assiduité of pupils of a division in the days of a period, under whichever of their fiches it is
    /// on record; of nobody where nobody called the rolls of the division nor entered absences: what nobody
    /// has looked at is not nought, whoever looked at another division. Rights are who asks'.
    pub async fn assiduites(
        &self,
        (etablissement, division): (EtablissementId, DivisionId),
        days: (NaiveDate, NaiveDate),
        eleves: &[Uuid],
    ) -> Result<BTreeMap<Uuid, Assiduite>, UseCaseError> {
        let (views, place) = (&self.views, etablissement.0);
        let memes: BTreeSet<_> = Identites::fiches(views, eleves).await?.into_iter().collect();
        let fiches: BTreeSet<_> = memes.iter().map(|(_, fiche)| *fiche).collect();
        let fiches: Vec<_> = fiches.into_iter().collect();
        if !Appels::suivies(views, (place, division.0), &fiches, days).await? {
            return Ok(BTreeMap::new());
        }
        let portail = self.uai(place).await?.portail();
        let ecole = self.jours_d_ecole(etablissement).await?;
        let politiques = Reglements::politiques(views, place).await?;
        let absences = self.absences_au_bulletin(etablissement, &fiches, days).await?;
        let ailleurs = Excuses::ailleurs(views, place, &fiches, days).await?;
        let retards = Appels::retards(views, portail.as_str(), &fiches, days).await?;
        let told = |eleve: Uuid| {
            let is_of = |fiche: &Uuid| memes.contains(&(eleve, *fiche));
            let absences: Vec<_> =
                absences.iter().filter(|(of, _)| is_of(of)).map(|(_, absence)| *absence).collect();
            let away = ailleurs.iter().filter(|one| is_of(&one.eleve));
            let away: Vec<_> = away.map(|one| Creneau { debut: one.debut, fin: one.fin }).collect();
            let counted = DemiJourneesAuBulletin::compter(&politiques, &ecole, days, &absences, &away);
            let late = retards.iter().filter(|(of, _)| is_of(of)).map(|(_, appel)| appel);
            Assiduite {
                demi_journees: number(counted.toutes.len()),
                injustifiees: number(counted.injustifiees.len()),
                retards: number(late.collect::<BTreeSet<_>>().len()),
                donnee: false,
            }
        };
        Ok(eleves.iter().map(|eleve| (*eleve, told(*eleve))).collect())
    }

    /// The spans of absence of these fiches that touch these days, each with its fiche.
    async fn absences_au_bulletin(
        &self,
        etablissement: EtablissementId,
        fiches: &[Uuid],
        days: (NaiveDate, NaiveDate),
    ) -> Result<Vec<(Uuid, AbsenceAuBulletin)>, UseCaseError> {
        let rows = Dossiers::between(&self.views, etablissement.0, Some(fiches), days).await?;
        let rows: BTreeMap<Uuid, DossierAbsence> = rows.into_iter().map(|row| (row.id, row)).collect();
        let ids: Vec<_> = rows.keys().copied().collect();
        let spans = Dossiers::creneaux(&self.views, &ids).await?.into_iter();
        let absence = |span: CreneauDeDossier| {
            let row = rows.get(&span.dossier)?;
            let creneau = Creneau { debut: span.debut, fin: span.fin };
            let (constatee, valeur) = (row.est_constatee(), row.valeur_au_bulletin());
            Some((row.eleve, AbsenceAuBulletin { creneau, constatee, valeur }))
        };
        Ok(spans.filter_map(absence).collect())
    }
}

fn number(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}
