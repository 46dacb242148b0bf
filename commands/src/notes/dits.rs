//! What teachers and the conseil de classe say of the pupils of a list, and where these stand in the
//! socle: read under the listed fiche of each, whichever fiche it was said under.

use super::fiches::Listees;
use crate::{Commands, UseCaseError};
use domain::notes::{CompetenceVue, Proposition, ReleveDeMatiere, proposer};
use domain::{EnseignementId, EtablissementId, PeriodeId, PersonneId};
use projections::annuaire::Enseignement;
use projections::notes::{Appreciation, Bulletin, Bulletins, Competences, Conseils, Examen, Positionnement};
use std::collections::{BTreeMap, BTreeSet};
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
    /// What is written of a pupil in a matière, by who teaches it where he or she has it; else by who
    /// teaches it to a groupe.
    pub fn appreciation(
        &self,
        releve: &ReleveDeMatiere,
        ailleurs: &[Enseignement],
        eleve: PersonneId,
    ) -> Option<String> {
        let taught = releve.enseignements_de(eleve).into_iter();
        let mut taught = taught.chain(self.en_groupes(releve, ailleurs, eleve));
        taught.find_map(|one| self.appreciations.get(&(one, eleve))).cloned()
    }

    /// In which enseignements a pupil had a matière, with those of groupes whose teacher writes of him or
    /// her.
    pub(super) fn enseignements(
        &self,
        releve: &ReleveDeMatiere,
        ailleurs: &[Enseignement],
        eleve: PersonneId,
    ) -> BTreeSet<EnseignementId> {
        let mut taught = releve.enseignements_de(eleve);
        taught.extend(self.en_groupes(releve, ailleurs, eleve));
        taught
    }

    /// Marks of a groupe count with those of the division, where this is taught the matière too: what is
    /// written there is of the same line.
    fn en_groupes(
        &self,
        releve: &ReleveDeMatiere,
        ailleurs: &[Enseignement],
        eleve: PersonneId,
    ) -> Vec<EnseignementId> {
        let of_matiere = |row: &&Enseignement| row.matiere_code == releve.matiere.code;
        let rows = ailleurs.iter().filter(|row| row.auditoire.groupe().is_some()).filter(of_matiere);
        let ids = rows.map(|row| EnseignementId(row.id));
        ids.filter(|id| self.appreciations.contains_key(&(*id, eleve))).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::GroupeId;
    use domain::notes::MatiereEnseignee;

    #[test]
    fn what_is_written_in_a_groupe_is_of_the_line_of_the_division() {
        let (eleve, of_division) = (PersonneId::derived(&["Ana"]), EnseignementId::derived(&["6A"]));
        let releve = ReleveDeMatiere {
            matiere: MatiereEnseignee {
                enseignement: of_division,
                code: "030201".into(),
                libelle: "Anglais".into(),
            },
            suivie: BTreeMap::new(),
            moyennes: BTreeMap::new(),
            repartition: None,
        };
        let row = |id: u128, code: &str| Enseignement {
            id: Uuid::from_u128(id),
            etablissement: Uuid::nil(),
            auditoire: GroupeId(Uuid::from_u128(id)).into(),
            matiere_code: code.into(),
            matiere_libelle: code.into(),
            attitres: vec![],
            remplacements: vec![],
            portail: "0690001b".into(),
        };
        let ailleurs = [row(1, "030201"), row(2, "020700")];
        let mut dits = DitsDuConseil::default();
        let write = |dits: &mut DitsDuConseil, taught: EnseignementId, texte: &str| {
            dits.appreciations.insert((taught, eleve), texte.to_owned());
        };
        write(&mut dits, EnseignementId(Uuid::from_u128(2)), "Du latin.");
        assert_eq!(dits.appreciation(&releve, &ailleurs, eleve), None);
        let groupe = EnseignementId(Uuid::from_u128(1));
        write(&mut dits, groupe, "Parle bien.");
        assert_eq!(dits.appreciation(&releve, &ailleurs, eleve).as_deref(), Some("Parle bien."));
        assert_eq!(dits.enseignements(&releve, &ailleurs, eleve), BTreeSet::from([groupe, of_division]));
        write(&mut dits, of_division, "Écrit bien.");
        assert_eq!(dits.appreciation(&releve, &ailleurs, eleve).as_deref(), Some("Écrit bien."));
    }
}
