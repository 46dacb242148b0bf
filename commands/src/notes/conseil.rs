//! What teachers write of pupils, what the conseil de classe says of them, and where they stand
//! in the socle.

use super::QuellePeriode;
use crate::rights::Action;
use crate::{Commands, Demande, Refused, UseCaseError, portail};
use domain::annuaire::Auditoire;
use domain::notes::{
    ActeDansLaPeriode, AppreciationCommand, Appreciations, ConseilCommand, ConseilDeClasse, Examen,
    FichePeriode, LigneDAppreciation, PeriodeCommand, PeriodeDeNotes, Positionnement, PositionnementCommand,
    Positionnements, RefusAppreciation, RefusPeriode,
};
use domain::{AnneeScolaire, DivisionId, EnseignementId, PersonneId};
use ledger::unit::Recorded;
use projections::annuaire::Enseignement;
use std::collections::BTreeSet;

impl Commands {
    /// Writes appreciations of an enseignement in a period: of a groupe, in that of each pupil's division.
    pub async fn rediger_appreciations(
        &self,
        demande: &Demande,
        enseignement: EnseignementId,
        (annee, rang): (AnneeScolaire, u16),
        lignes: Vec<(PersonneId, String)>,
    ) -> Result<Recorded, UseCaseError> {
        let (row, resource) = self.enseignement(enseignement.0).await?;
        let autorite = self.permit(&demande.acteur, Action::RedigerAppreciations, &resource)?;
        let par_periode = match row.auditoire {
            Auditoire::Division(division) => {
                let quelle = QuellePeriode { division, annee, rang };
                vec![self.lignes_de_la_division(quelle, lignes).await?]
            }
            Auditoire::Groupe(_) => self.lignes_du_groupe(&row, (annee, rang), lignes).await?,
        };
        let mut act = self.act(demande, autorite, portail(&row.portail)?);
        for (periode, lignes) in par_periode {
            let id = periode.periode();
            let admettre = PeriodeCommand::Admettre { acte: ActeDansLaPeriode::Apprecier };
            act = act.ask::<PeriodeDeNotes>(id, admettre).tell::<Appreciations>(
                id.appreciations(enseignement),
                AppreciationCommand::RedigerAppreciations { enseignement, periode, lignes },
            );
        }
        act.record().await
    }

    async fn lignes_de_la_division(
        &self,
        quelle: QuellePeriode,
        lignes: Vec<(PersonneId, String)>,
    ) -> Result<(FichePeriode, Vec<LigneDAppreciation>), UseCaseError> {
        let periode = self.periode(quelle).await?;
        let inscrits = self.inscrits(quelle.division.into(), &[periode.fin]).await?;
        let ligne = |(eleve, texte): (PersonneId, String)| LigneDAppreciation {
            eleve,
            division: inscrits.contains(&eleve).then_some(quelle.division),
            texte,
        };
        Ok((periode, lignes.into_iter().map(ligne).collect()))
    }

    /// Each line is of a pupil who is in the groupe on the last day of the period of his or her division.
    async fn lignes_du_groupe(
        &self,
        row: &Enseignement,
        quand: (AnneeScolaire, u16),
        lignes: Vec<(PersonneId, String)>,
    ) -> Result<Vec<(FichePeriode, Vec<LigneDAppreciation>)>, UseCaseError> {
        let eleves: Vec<_> = lignes.iter().map(|(eleve, _)| *eleve).collect();
        let (mut found, mut reste) = (Vec::new(), lignes);
        for periode in self.periodes_des(row.etablissement, &eleves, quand).await? {
            let division = periode.division;
            let classe = self.inscrits(division.into(), &[periode.fin]).await?;
            let membres = self.inscrits(row.auditoire, &[periode.fin]).await?;
            let dedans: BTreeSet<_> = classe.intersection(&membres).copied().collect();
            let (ici, autres): (Vec<_>, Vec<_>) =
                reste.into_iter().partition(|(eleve, _)| dedans.contains(eleve));
            reste = autres;
            let ligne = |(eleve, texte): (PersonneId, String)| LigneDAppreciation {
                eleve,
                division: Some(division),
                texte,
            };
            if !ici.is_empty() {
                found.push((periode, ici.into_iter().map(ligne).collect()));
            }
        }
        let Some(&(eleve, _)) = reste.first() else { return Ok(found) };
        let membres = self.inscrits(row.auditoire, &[self.today()]).await?;
        Err(UseCaseError::Refused(if membres.contains(&eleve) {
            Refused::of(&RefusPeriode::PeriodeInconnue)
        } else {
            Refused::of(&RefusAppreciation::EleveHorsGroupe { eleve })
        }))
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
