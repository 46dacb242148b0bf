//! What takes place: read from the plan of an établissement and expanded. Who asks for it has
//! been found to have the right.

use crate::{Commands, UseCaseError};
use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::cahier_de_textes::{
    Conflit, Cours, FicheSeance, Occurrence, Plage, Public, Semaines, conflits, occurrences,
};
use domain::{AnneeScolaire, CoursId, DivisionId, EnseignementId, EtablissementId, GroupeId, PersonneId};
use projections::annuaire::{Annuaire, Eleve, Enseignement, Groupes};
use projections::cahier_de_textes::EmploisDuTemps;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// An occurrence, with what its course says of it.
#[derive(Debug, Clone)]
pub struct OccurrenceLue {
    /// Where.
    pub etablissement: EtablissementId,
    /// The course.
    pub cours: Arc<Cours>,
    /// The occurrence.
    pub occurrence: Occurrence,
    /// Whether its week is called A, once that is said.
    pub semaine_a: Option<bool>,
}

impl Commands {
    /// All that takes place in an établissement from a day to a day, both included, as it was
    /// known at an instant.
    pub async fn occurrences_de(
        &self,
        etablissement: EtablissementId,
        (du, au): (NaiveDate, NaiveDate),
        connu_le: Option<DateTime<Utc>>,
    ) -> Result<Vec<OccurrenceLue>, UseCaseError> {
        let ecole = self.jours_d_ecole(etablissement).await?;
        let mut all = Vec::new();
        for annee in AnneeScolaire::of(du).0..=AnneeScolaire::of(au).0 {
            let annee = AnneeScolaire(annee);
            let plan = EmploisDuTemps::plan(&self.views, etablissement, annee, connu_le).await?;
            let found = occurrences(&plan.cours, &plan.modifications, annee, &ecole, (du, au));
            let cours: HashMap<CoursId, Arc<Cours>> =
                plan.cours.into_iter().map(|one| (one.id, Arc::new(one))).collect();
            all.extend(found.into_iter().filter_map(|occurrence| {
                let week = Semaines::du(annee, occurrence.date);
                let semaine_a = plan.semaines_a.map(|a| !a.commun(week).est_vide());
                let cours = cours.get(&occurrence.rang.cours)?.clone();
                Some(OccurrenceLue { etablissement, cours, occurrence, semaine_a })
            }));
        }
        self.remplacer(&mut all).await?;
        Ok(all)
    }

    /// Puts who stands in for an absent teacher in his or her place, as the directory has it today.
    async fn remplacer(&self, all: &mut [OccurrenceLue]) -> Result<(), UseCaseError> {
        let ids: BTreeSet<_> = all.iter().flat_map(|one| &one.cours.enseignements).map(|id| id.0).collect();
        let ids: Vec<_> = ids.into_iter().collect();
        let rows = Annuaire::enseignements(&self.views, &ids).await?;
        let stood_in: HashMap<_, _> = rows
            .into_iter()
            .filter(|row| !row.remplacements.is_empty())
            .map(|row| (row.id, row.remplacements))
            .collect();
        for one in all {
            let date = one.occurrence.date;
            let spans = one.cours.enseignements.iter().filter_map(|id| stood_in.get(&id.0)).flatten();
            for span in spans.filter(|span| span.court(date)) {
                for who in one.occurrence.enseignants.iter_mut().filter(|who| who.0 == span.absent) {
                    *who = PersonneId(span.remplacant);
                }
            }
        }
        Ok(())
    }

    /// Those that a teacher gives, under whichever of his or her fiches.
    pub async fn occurrences_enseignant(
        &self,
        etablissement: EtablissementId,
        fiches: &[PersonneId],
        span: (NaiveDate, NaiveDate),
        connu_le: Option<DateTime<Utc>>,
    ) -> Result<Vec<OccurrenceLue>, UseCaseError> {
        let mut all = self.occurrences_de(etablissement, span, connu_le).await?;
        all.retain(|one| one.occurrence.enseignants.iter().any(|who| fiches.contains(who)));
        Ok(all)
    }

    /// Those of a division, its groupes too.
    pub async fn occurrences_division(
        &self,
        etablissement: EtablissementId,
        division: DivisionId,
        span: (NaiveDate, NaiveDate),
        connu_le: Option<DateTime<Utc>>,
    ) -> Result<Vec<OccurrenceLue>, UseCaseError> {
        let mut all = self.occurrences_de(etablissement, span, connu_le).await?;
        all.retain(|one| one.occurrence.publics.iter().any(|public| public.divisions().contains(&division)));
        Ok(all)
    }

    /// Those of a pupil in an établissement: of the division, and of the groupes that he or she is
    /// in. A groupe that the directory does not have, or that a source declares without saying who is in
    /// it, may be anybody's of the division.
    pub async fn occurrences_eleve(
        &self,
        etablissement: EtablissementId,
        eleve: &Eleve,
        span: (NaiveDate, NaiveDate),
        connu_le: Option<DateTime<Utc>>,
    ) -> Result<Vec<OccurrenceLue>, UseCaseError> {
        let Some(division) = eleve.division.map(DivisionId) else { return Ok(Vec::new()) };
        let mut all = self.occurrences_division(etablissement, division, span, connu_le).await?;
        let groupes: BTreeSet<_> = all
            .iter()
            .flat_map(|one| &one.occurrence.publics)
            .filter_map(|public| match public {
                Public::Groupe { groupe, .. } => Some(groupe.0),
                Public::Division { .. } => None,
            })
            .collect();
        let groupes: Vec<_> = groupes.into_iter().collect();
        let members = Groupes::personnes(&self.views, &groupes).await?;
        let filled: BTreeSet<_> = members.iter().map(|(groupe, _)| *groupe).collect();
        let known = Groupes::by_ids(&self.views, &groupes).await?.into_iter();
        let known = known.filter(|row| row.saisi || filled.contains(&row.id));
        let known: BTreeSet<_> = known.map(|row| GroupeId(row.id)).collect();
        let mine: BTreeSet<_> = members
            .into_iter()
            .filter(|(_, personne)| eleve.fiches.contains(&personne.id))
            .map(|(groupe, _)| GroupeId(groupe))
            .collect();
        let is_there = |public: &Public| match public {
            Public::Division { division: one } => *one == division,
            Public::Groupe { groupe, divisions, .. } => {
                mine.contains(groupe) || (divisions.contains(&division) && !known.contains(groupe))
            }
        };
        all.retain(|one| one.occurrence.publics.iter().any(is_there));
        Ok(all)
    }

    /// The rooms of an établissement in which nothing takes place in a span of a day.
    pub async fn salles_libres(
        &self,
        etablissement: EtablissementId,
        date: NaiveDate,
        plage: Plage,
    ) -> Result<Vec<String>, UseCaseError> {
        let plan = EmploisDuTemps::plan(&self.views, etablissement, AnneeScolaire::of(date), None).await?;
        let rooms = plan.cours.iter().flat_map(|one| &one.salles).map(|room| room.qui.clone());
        let mut rooms: BTreeSet<String> = rooms.collect();
        for one in self.occurrences_de(etablissement, (date, date), None).await? {
            if one.occurrence.annulee.is_none() && one.occurrence.plage.croise(plage) {
                one.occurrence.salles.iter().for_each(|room| {
                    rooms.remove(room);
                });
            }
        }
        Ok(rooms.into_iter().collect())
    }

    /// What an établissement's courses of a school year want twice at one time.
    pub async fn conflits_de(
        &self,
        etablissement: EtablissementId,
        annee: AnneeScolaire,
    ) -> Result<Vec<(Conflit, Arc<Cours>, Arc<Cours>)>, UseCaseError> {
        let plan = EmploisDuTemps::plan(&self.views, etablissement, annee, None).await?;
        let found = conflits(&plan.cours);
        let cours: HashMap<_, _> = plan.cours.into_iter().map(|one| (one.id, Arc::new(one))).collect();
        let told = found.into_iter().filter_map(|one| {
            let (premier, second) = (cours.get(&one.premier)?, cours.get(&one.second)?);
            Some((one, premier.clone(), second.clone()))
        });
        Ok(told.collect())
    }

    /// Where an enseignement is given from a day to the end of its school year.
    pub(super) async fn places(
        &self,
        row: &Enseignement,
        enseignement: EnseignementId,
        depuis: NaiveDate,
    ) -> Result<Vec<FicheSeance>, UseCaseError> {
        let etablissement = EtablissementId(row.etablissement);
        let all = self.occurrences_de(etablissement, (depuis, fin_d_annee(depuis)), None).await?;
        let here = all.into_iter().filter(|one| {
            one.occurrence.annulee.is_none() && one.cours.enseignements.contains(&enseignement)
        });
        Ok(here
            .map(|one| FicheSeance {
                enseignement,
                auditoire: row.auditoire,
                date: one.occurrence.date,
                debut: one.occurrence.plage.debut,
                fin: one.occurrence.plage.fin,
            })
            .collect())
    }
}

/// The last day of the school year in which a day is.
fn fin_d_annee(jour: NaiveDate) -> NaiveDate {
    let next = NaiveDate::from_ymd_opt(i32::from(AnneeScolaire::of(jour).0) + 1, 8, 1);
    next.and_then(|next| next.checked_sub_days(Days::new(1))).unwrap_or(jour)
}
