//! What teachers and the conseil de classe say of the pupils of a list, and where these stand in the
//! socle: read under the listed fiche of each, whichever fiche it was said under.

use super::fiches::Listees;
use crate::{Commands, UseCaseError};
use domain::notes::{CompetenceVue, Proposition, ReleveDeMatiere, proposer};
use domain::{EnseignementId, EtablissementId, PeriodeId, PersonneId};
use projections::notes::{Appreciation, Bulletin, Bulletins, Competences, Conseils, Examen, Positionnement};
use std::collections::BTreeMap;
use uuid::Uuid;

/// See the module.
#[derive(Debug, Default)]
pub struct DitsDuConseil {
    /// What teachers write.
    pub appreciations: BTreeMap<(EnseignementId, PersonneId), String>,
    /// What the conseil says. What it said under another fiche is its version 0: nothing was said yet
    /// under the listed one, where it goes on.
    pub examens: BTreeMap<PersonneId, Examen>,
    /// Where the pupils stand.
    pub positionnements: BTreeMap<PersonneId, Vec<Positionnement>>,
}

impl DitsDuConseil {
    /// What is written of a pupil in a matière, by who teaches it where he or she has it.
    pub fn appreciation(&self, releve: &ReleveDeMatiere, eleve: PersonneId) -> Option<String> {
        let taught = releve.enseignements_de(eleve);
        taught.into_iter().find_map(|one| self.appreciations.get(&(one, eleve))).cloned()
    }
}

impl Commands {
    /// What is said of pupils in a period.
    pub async fn dits_du_conseil(
        &self,
        periode: PeriodeId,
        eleves: &[Uuid],
    ) -> Result<DitsDuConseil, UseCaseError> {
        let listees = self.listees(eleves).await?;
        let appreciations = self.appreciations(periode, &listees).await?.into_iter();
        let examens = Conseils::examens(&self.views, periode.0).await?;
        let mut examens = listees.sous_la_listee(examens, |row| row.eleve, |eleve, _| eleve);
        for (eleve, row) in &mut examens {
            row.version = if row.eleve == eleve.0 { row.version } else { 0 };
        }
        let mut positionnements: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for row in Conseils::positionnements(&self.views, &listees.paires()).await? {
            positionnements.entry(PersonneId(row.eleve)).or_default().push(row);
        }
        Ok(DitsDuConseil {
            appreciations: appreciations.map(|(cle, row)| (cle, row.texte)).collect(),
            examens,
            positionnements,
        })
    }

    /// Where pupils are proposed to be placed in the socle, from what an établissement's evaluations have
    /// shown of them.
    pub async fn propositions_du_socle(
        &self,
        etablissement: EtablissementId,
        eleves: &[Uuid],
    ) -> Result<BTreeMap<PersonneId, Vec<Proposition>>, UseCaseError> {
        let listees = self.listees(eleves).await?;
        let portail = self.uai(etablissement.0).await?.portail();
        let rows = Competences::of_pupils(&self.views, &listees.fiches(), portail.as_str()).await?;
        let mut seen: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for row in rows {
            let Some(positionnement) = row.place() else { continue };
            let eleve = PersonneId(listees.sous(row.eleve));
            let observation = CompetenceVue { date: row.date, titre: row.titre, positionnement };
            seen.entry(eleve).or_default().push(observation);
        }
        Ok(seen.into_iter().map(|(eleve, observations)| (eleve, proposer(observations))).collect())
    }

    /// What teachers write in a period of the pupils of a list.
    pub(super) async fn appreciations(
        &self,
        periode: PeriodeId,
        listees: &Listees,
    ) -> Result<BTreeMap<(EnseignementId, PersonneId), Appreciation>, UseCaseError> {
        let rows = Conseils::appreciations(&self.views, periode.0).await?;
        let cle = |eleve, row: &Appreciation| (EnseignementId(row.enseignement), eleve);
        Ok(listees.sous_la_listee(rows, |row| row.eleve, cle))
    }

    /// The bulletins of pupils in a period, once they are frozen.
    pub async fn bulletins_du_conseil(
        &self,
        periode: PeriodeId,
        eleves: &[Uuid],
    ) -> Result<BTreeMap<PersonneId, Bulletin>, UseCaseError> {
        let listees = self.listees(eleves).await?;
        let fiches = listees.fiches().into_iter();
        let ids: Vec<Uuid> = fiches.map(|fiche| periode.bulletin(PersonneId(fiche)).0).collect();
        let rows = Bulletins::by_ids(&self.views, &ids).await?;
        Ok(listees.sous_la_listee(rows, |row| row.eleve, |eleve, _| eleve))
    }
}
