//! What the absences of an établissement come to in a month, division by division.

use crate::{Commands, UseCaseError};
use chrono::NaiveDate;
use domain::EtablissementId;
use domain::absences::{ChiffresDuMois, DemiJournee, MoisCivil, PolitiqueDemiJournees, Suite};
use domain::annuaire::JoursDEcole;
use projections::annuaire::{Affectation, Annuaire, Division, Effectif, Histoire};
use std::collections::BTreeMap;
use uuid::Uuid;

impl Commands {
    /// The counts of a month in an établissement, up to today, of each division that had pupils then, in
    /// the order of their codes. An absence counts in the division in which the pupil was on that day; the
    /// pupil, and a threshold, in the last one in which he or she was. Rights are who asks'.
    pub async fn statistiques_d_absences(
        &self,
        etablissement: EtablissementId,
        mois: MoisCivil,
    ) -> Result<Vec<(Division, ChiffresDuMois)>, UseCaseError> {
        let (views, last) = (&self.views, mois.fin().min(self.today()));
        let counted = self.mois(etablissement, None, mois).await?;
        let (jours, demi_journees) = ouvertes(&counted.politique, &counted.ecole, (mois.debut(), last));
        let effectifs = Histoire::effectifs(views, etablissement.0, &jours, &demi_journees).await?;
        let mut chiffres: BTreeMap<Uuid, ChiffresDuMois> =
            effectifs.iter().map(|row| (row.division, of_effectif(row))).collect();
        let absents: Vec<_> = counted.eleves.values().flatten().copied().collect();
        let mut affectations = Histoire::affectations(views, &absents).await?;
        affectations.retain(|one| chiffres.contains_key(&one.division));
        for fiches in counted.eleves.values() {
            let mine: Vec<_> = affectations.iter().filter(|one| fiches.contains(&one.eleve)).collect();
            let found = counted.of(fiches);
            compter(&mut chiffres, &mine, last, &found.constatees, |row| &mut row.constatees);
            compter(&mut chiffres, &mine, last, &found.injustifiees, |row| &mut row.injustifiees);
            compter(&mut chiffres, &mine, last, &found.sans_motif, |row| &mut row.sans_motif);
            let division = jours.iter().rev().find_map(|jour| division_le(&mine, *jour));
            if let Some(row) = division.and_then(|division| chiffres.get_mut(&division)) {
                for rule in found.seuils() {
                    match rule.suite {
                        Suite::Signalement => row.signalements += 1,
                        Suite::SuiviRenforce => row.suivis += 1,
                    }
                }
            }
        }
        let divisions = Annuaire::divisions_of(views, &[etablissement.0]).await?.into_iter();
        let told = |row: Division| chiffres.remove(&row.id).map(|counts| (row, counts));
        Ok(divisions.filter_map(told).collect())
    }
}

/// The days on which pupils are expected, each with how many of its half-days.
fn ouvertes(
    politique: &PolitiqueDemiJournees,
    ecole: &JoursDEcole,
    days: (NaiveDate, NaiveDate),
) -> (Vec<NaiveDate>, Vec<i16>) {
    let mut by_day: BTreeMap<NaiveDate, i16> = BTreeMap::new();
    for half in politique.ouvertes(ecole, days) {
        *by_day.entry(half.jour).or_default() += 1;
    }
    by_day.into_iter().unzip()
}

fn of_effectif(row: &Effectif) -> ChiffresDuMois {
    let number = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    ChiffresDuMois { eleves: number(row.eleves), dues: number(row.dues), ..ChiffresDuMois::default() }
}

/// Adds half-days of a pupil, up to a day, to the divisions in which he or she was.
fn compter<'a>(
    chiffres: &mut BTreeMap<Uuid, ChiffresDuMois>,
    affectations: &[&Affectation],
    last: NaiveDate,
    demi_journees: impl IntoIterator<Item = &'a DemiJournee>,
    count: impl Fn(&mut ChiffresDuMois) -> &mut u32,
) {
    for half in demi_journees.into_iter().filter(|half| half.jour <= last) {
        let division = division_le(affectations, half.jour);
        if let Some(row) = division.and_then(|division| chiffres.get_mut(&division)) {
            *count(row) += 1;
        }
    }
}

fn division_le(affectations: &[&Affectation], jour: NaiveDate) -> Option<Uuid> {
    affectations.iter().find(|one| one.court(jour)).map(|one| one.division)
}
