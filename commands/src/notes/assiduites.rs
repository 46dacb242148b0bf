//! Absences and lates before the conseil de classe: counted from what is on record here or, where
//! nobody follows them here, as the établissement gives them.

use super::{Classe, QuellePeriode};
use crate::rights::Action;
use crate::{Commands, Demande, UseCaseError};
use domain::annuaire::Auditoire;
use domain::notes::{
    ActeDansLaPeriode, Assiduite, ConseilCommand, ConseilDeClasse, FichePeriode, LigneDAssiduite,
    PeriodeCommand, PeriodeDeNotes,
};
use domain::{DivisionId, EtablissementId, PersonneId};
use ledger::unit::Recorded;
use projections::notes::AssiduitesDonnees;
use std::collections::BTreeMap;
use uuid::Uuid;

impl Commands {
    /// Gives the absences and lates of pupils in a period, which are counted in another program.
    pub async fn donner_assiduites(
        &self,
        demande: &Demande,
        quelle: QuellePeriode,
        lignes: Vec<(PersonneId, Assiduite)>,
    ) -> Result<Recorded, UseCaseError> {
        let (classe, autorite) = self.classe_for(demande, Action::DonnerAssiduites, quelle).await?;
        let periode = self.periode(quelle).await?;
        let eleves: Vec<_> = lignes.iter().map(|(eleve, _)| eleve.0).collect();
        let suivie = !self.assiduites(place(&classe), periode.jours(), &eleves).await?.is_empty();
        let inscrits = self.inscrits(Auditoire::Division(quelle.division), &[periode.fin]).await?;
        let ligne = |(eleve, assiduite): (PersonneId, Assiduite)| LigneDAssiduite {
            eleve,
            division: inscrits.contains(&eleve).then_some(quelle.division),
            assiduite,
        };
        let lignes = lignes.into_iter().map(ligne).collect();
        let id = periode.periode();
        let admettre = PeriodeCommand::Admettre { acte: ActeDansLaPeriode::Denombrer };
        self.act(demande, autorite, self.portail_of(&classe).await?)
            .ask::<PeriodeDeNotes>(id, admettre)
            .tell::<ConseilDeClasse>(id, ConseilCommand::DonnerAssiduites { periode, lignes, suivie })
            .record()
            .await
    }

    /// The assiduité of pupils of a division in a period, each under the listed fiche; of nobody whose
    /// absences nobody follows here and nobody gave. Rights are who asks'.
    pub async fn assiduites_du_conseil(
        &self,
        classe: &Classe,
        periode: &FichePeriode,
        eleves: &[Uuid],
    ) -> Result<BTreeMap<Uuid, Assiduite>, UseCaseError> {
        let counted = self.assiduites(place(classe), periode.jours(), eleves).await?;
        if !counted.is_empty() {
            return Ok(counted);
        }
        let listees = self.listees(eleves).await?;
        let given = AssiduitesDonnees::de(&self.views, periode.periode().0).await?;
        let given = listees.sous_la_listee(given, |row| row.eleve, |eleve, _| eleve.0);
        Ok(given.into_iter().map(|(eleve, row)| (eleve, row.assiduite)).collect())
    }
}

fn place(classe: &Classe) -> (EtablissementId, DivisionId) {
    (EtablissementId(classe.division.etablissement), DivisionId(classe.division.id))
}
