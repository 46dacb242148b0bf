//! Absences and lates before the conseil de classe: counted from what is on record here or, where no
//! roll tells of them here, as the établissement gives them.

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
use projections::absences::Appels;
use projections::annuaire::Identites;
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
        let inscrits = self.inscrits(Auditoire::Division(quelle.division), &[periode.fin]).await?;
        let eleves: Vec<_> = inscrits.iter().map(|eleve| eleve.0).collect();
        let suivie = self.appelees(&classe, &periode, &eleves).await?;
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
    /// absences nobody follows here and nobody gave. An absence that is entered by hand is counted, and takes
    /// nothing from what was given of others. Rights are who asks'.
    pub async fn assiduites_du_conseil(
        &self,
        classe: &Classe,
        periode: &FichePeriode,
        eleves: &[Uuid],
    ) -> Result<BTreeMap<Uuid, Assiduite>, UseCaseError> {
        let mut assiduites = self.assiduites(place(classe), periode.jours(), eleves).await?;
        if self.appelees(classe, periode, eleves).await? {
            return Ok(assiduites);
        }
        let listees = self.listees(eleves).await?;
        let given = AssiduitesDonnees::de(&self.views, periode.periode().0).await?;
        let given = listees.sous_la_listee(given, |row| row.eleve, |eleve, _| eleve.0);
        assiduites.extend(given.into_iter().map(|(eleve, row)| (eleve, row.assiduite)));
        Ok(assiduites)
    }

    /// Whether rolls tell here of the absences of these pupils, under whichever of their fiches.
    async fn appelees(
        &self,
        classe: &Classe,
        periode: &FichePeriode,
        eleves: &[Uuid],
    ) -> Result<bool, UseCaseError> {
        let fiches = Identites::fiches(&self.views, eleves).await?;
        let fiches: Vec<_> = fiches.into_iter().map(|(_, fiche)| fiche).collect();
        let (etablissement, division) = place(classe);
        let place = (etablissement.0, division.0);
        Ok(Appels::appelees(&self.views, place, &fiches, periode.jours()).await?)
    }
}

fn place(classe: &Classe) -> (EtablissementId, DivisionId) {
    (EtablissementId(classe.division.etablissement), DivisionId(classe.division.id))
}
