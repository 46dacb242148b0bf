//! What teachers write of pupils, what the conseil de classe says of them, and where they stand
//! in the socle.

use super::{QuellePeriode, division_notee};
use crate::rights::Action;
use crate::{Commands, Demande, UseCaseError, portail};
use domain::notes::{
    ActeDansLaPeriode, AppreciationCommand, Appreciations, ConseilCommand, ConseilDeClasse, Examen,
    LigneDAppreciation, PeriodeCommand, PeriodeDeNotes, Positionnement, PositionnementCommand,
    Positionnements,
};
use domain::{AnneeScolaire, DivisionId, EnseignementId, PersonneId};
use ledger::unit::Recorded;

impl Commands {
    /// Writes appreciations of an enseignement in a period.
    pub async fn rediger_appreciations(
        &self,
        demande: &Demande,
        enseignement: EnseignementId,
        (annee, rang): (AnneeScolaire, u16),
        lignes: Vec<(PersonneId, String)>,
    ) -> Result<Recorded, UseCaseError> {
        let (row, resource) = self.enseignement(enseignement.0).await?;
        let autorite = self.permit(&demande.acteur, Action::RedigerAppreciations, &resource)?;
        let division = division_notee(&row)?;
        let periode = self.periode(QuellePeriode { division, annee, rang }).await?;
        let inscrits = self.inscrits(division.into(), &[periode.fin]).await?;
        let ligne = |(eleve, texte): (PersonneId, String)| LigneDAppreciation {
            eleve,
            division: inscrits.contains(&eleve).then_some(division),
            texte,
        };
        let lignes = lignes.into_iter().map(ligne).collect();
        let id = periode.periode();
        let admettre = PeriodeCommand::Admettre { acte: ActeDansLaPeriode::Apprecier };
        self.act(demande, autorite, portail(&row.portail)?)
            .ask::<PeriodeDeNotes>(id, admettre)
            .tell::<Appreciations>(
                id.appreciations(enseignement),
                AppreciationCommand::RedigerAppreciations { enseignement, periode, lignes },
            )
            .record()
            .await
    }

    /// Says something of a pupil in the conseil de classe; `vue` is the version that was seen.
    pub async fn examiner_eleve(
        &self,
        demande: &Demande,
        quelle: QuellePeriode,
        eleve: PersonneId,
        vue: u32,
        examen: Examen,
    ) -> Result<Recorded, UseCaseError> {
        let (classe, autorite) = self.classe_for(demande, Action::TenirConseil, quelle).await?;
        let periode = self.periode(quelle).await?;
        let inscrits = self.inscrits(quelle.division.into(), &[periode.fin]).await?;
        let division = inscrits.contains(&eleve).then_some(quelle.division);
        let id = periode.periode();
        let admettre = PeriodeCommand::Admettre { acte: ActeDansLaPeriode::Examiner };
        self.act(demande, autorite, self.portail_of(&classe).await?)
            .ask::<PeriodeDeNotes>(id, admettre)
            .tell::<ConseilDeClasse>(
                id,
                ConseilCommand::ExaminerEleve { periode, eleve, division, vue, examen },
            )
            .record()
            .await
    }

    /// Says where a pupil of a division stands in the socle.
    pub async fn positionner_eleve(
        &self,
        demande: &Demande,
        division: DivisionId,
        eleve: PersonneId,
        positionnements: Vec<Positionnement>,
    ) -> Result<Recorded, UseCaseError> {
        let classe = self.classe(division.0).await?.ok_or(UseCaseError::Interdit)?;
        let autorite = self.permit(&demande.acteur, Action::PositionnerEleve, &classe.resource)?;
        let inscrit = self.divisions_of(&[eleve.0]).await?.get(&eleve) == Some(&division);
        let command = PositionnementCommand::PositionnerEleve { eleve, inscrit, positionnements };
        self.act(demande, autorite, self.portail_of(&classe).await?)
            .tell::<Positionnements>(eleve, command)
            .record()
            .await
    }
}
