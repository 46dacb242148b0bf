//! Policies of averages, and periods from the last mark to the bulletins.

use crate::act::Act;
use crate::rights::{Action, Autorite, Resource};
use crate::{Commands, Demande, Refused, UseCaseError, portail, rights_of};
use chrono::NaiveDate;
use domain::annuaire::{Calendrier, CalendrierCommand, Uai};
use domain::notes::{
    ActeDansLaPeriode, FichePeriode, PeriodeCommand, PeriodeDeNotes, PolitiqueCommand, PolitiqueDeMoyenne,
    Politiques, RefusPeriode,
};
use domain::{AnneeScolaire, DivisionId, EtablissementId, PersonneId, PortailId};
use ledger::unit::Recorded;
use projections::annuaire::{Annuaire, Calendriers, Division, Enseignement, Histoire, Periode};
use projections::notes::{Conseils, Periodes};
use uuid::Uuid;

/// A period as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct QuellePeriode {
    /// Of which division.
    pub division: DivisionId,
    /// In which year.
    pub annee: AnneeScolaire,
    /// Which one, from 1.
    pub rang: u16,
}

/// A division before its conseil de classe.
#[derive(Debug, Clone)]
pub struct Classe {
    /// The division.
    pub division: Division,
    /// What is taught there, in the order of the matières.
    pub enseignements: Vec<Enseignement>,
    /// The same, as a resource of the rights.
    pub resource: Resource,
}

impl Classe {
    /// The same with one of its enseignements alone: who keeps the gradebook of one may read the marks
    /// of no other.
    #[must_use]
    pub fn avec_le_seul(self, enseignement: &Enseignement) -> Self {
        Self { enseignements: vec![enseignement.clone()], ..self }
    }
}

impl Commands {
    /// Sets the policy by which an établissement averages, from a day on.
    pub async fn fixer_politique_de_moyenne(
        &self,
        demande: &Demande,
        uai: &Uai,
        politique: PolitiqueDeMoyenne,
        du: NaiveDate,
    ) -> Result<Recorded, UseCaseError> {
        let id = uai.etablissement();
        let resource = Resource::Etablissement { id };
        let autorite = self.permit(&demande.acteur, Action::FixerPolitiqueDeMoyenne, &resource)?;
        self.act(demande, autorite, uai.portail())
            .tell::<Politiques>(id, PolitiqueCommand::FixerPolitique { politique, du })
            .record()
            .await
    }

    /// Locks a period, with the days that the calendar gives it; its averages are made by the policy
    /// that holds today.
    pub async fn verrouiller_periode(
        &self,
        demande: &Demande,
        quelle: QuellePeriode,
    ) -> Result<Recorded, UseCaseError> {
        let (classe, autorite) = self.classe_for(demande, Action::VerrouillerPeriode, quelle).await?;
        let (fiche, today) = (self.periode(quelle).await?, self.today());
        let place = classe.division.etablissement;
        let politique = Periodes::politique_au(&self.views, place, today).await?;
        let QuellePeriode { division, annee, rang } = quelle;
        let confirmer = CalendrierCommand::Confirmer { annee, division, rang, jours: fiche.jours() };
        self.act(demande, autorite, self.portail_of(&classe).await?)
            .ask::<Calendrier>(EtablissementId(place), confirmer)
            .tell::<PeriodeDeNotes>(fiche.periode(), PeriodeCommand::Verrouiller { fiche, politique })
            .record()
            .await
    }

    /// Lets marks be entered again, and says why.
    pub async fn deverrouiller_periode(
        &self,
        demande: &Demande,
        quelle: QuellePeriode,
        motif: String,
    ) -> Result<Recorded, UseCaseError> {
        let (classe, autorite) = self.classe_for(demande, Action::VerrouillerPeriode, quelle).await?;
        self.tell_periode(demande, autorite, &classe, quelle, PeriodeCommand::Deverrouiller { motif }).await
    }

    /// Says that the conseil de classe of a period meets.
    pub async fn reunir_conseil(
        &self,
        demande: &Demande,
        quelle: QuellePeriode,
    ) -> Result<Recorded, UseCaseError> {
        let (classe, autorite) = self.classe_for(demande, Action::TenirConseil, quelle).await?;
        self.tell_periode(demande, autorite, &classe, quelle, PeriodeCommand::ReunirConseil).await
    }

    async fn tell_periode(
        &self,
        demande: &Demande,
        autorite: Autorite,
        classe: &Classe,
        quelle: QuellePeriode,
        command: PeriodeCommand,
    ) -> Result<Recorded, UseCaseError> {
        let periode = self.periode(quelle).await?.periode();
        let portail = self.portail_of(classe).await?;
        self.act(demande, autorite, portail).tell::<PeriodeDeNotes>(periode, command).record().await
    }

    /// A division with what is taught there, if there is one.
    pub async fn classe(&self, division: Uuid) -> Result<Option<Classe>, UseCaseError> {
        let Some(row) = Annuaire::divisions(&self.views, &[division]).await?.pop() else { return Ok(None) };
        let enseignements = Annuaire::enseignements_of(&self.views, &[division]).await?;
        let principaux = Conseils::principaux(&self.views, division).await?;
        let resource = rights_of::conseil(&row, &enseignements, &principaux, self.today());
        Ok(Some(Classe { division: row, enseignements, resource }))
    }

    /// The division of an act, for who may do this there.
    pub(super) async fn classe_for(
        &self,
        demande: &Demande,
        action: Action,
        quelle: QuellePeriode,
    ) -> Result<(Classe, Autorite), UseCaseError> {
        let classe = self.classe(quelle.division.0).await?.ok_or(UseCaseError::Interdit)?;
        let autorite = self.permit(&demande.acteur, action, &classe.resource)?;
        Ok((classe, autorite))
    }

    /// The label of the portal of a division's établissement.
    pub(super) async fn portail_of(&self, classe: &Classe) -> Result<PortailId, UseCaseError> {
        match classe.enseignements.first() {
            Some(enseignement) => portail(&enseignement.portail),
            None => Ok(self.uai(classe.division.etablissement).await?.portail()),
        }
    }

    /// A period, as the calendar has it.
    pub async fn periode(&self, quelle: QuellePeriode) -> Result<FichePeriode, UseCaseError> {
        let QuellePeriode { division, annee, rang } = quelle;
        let rows = Calendriers::periodes(&self.views, &[division.0], annee.0).await?;
        let found = rows.iter().filter_map(fiche).find(|fiche| fiche.rang == rang);
        found.ok_or_else(|| UseCaseError::Refused(Refused::of(&RefusPeriode::PeriodeInconnue)))
    }

    /// The division in which a pupil, who has all these fiches, is on the last day of a period of a
    /// year, with that period and the fiche of which it is said.
    pub async fn classe_de(
        &self,
        fiches: &[Uuid],
        (annee, rang): (AnneeScolaire, u16),
    ) -> Result<Option<(Classe, FichePeriode, PersonneId)>, UseCaseError> {
        let affectations = Histoire::affectations(&self.views, fiches).await?;
        let divisions: Vec<_> = affectations.iter().map(|one| one.division).collect();
        let rows = Calendriers::periodes(&self.views, &divisions, annee.0).await?;
        let periodes: Vec<_> = rows.iter().filter_map(fiche).filter(|one| one.rang == rang).collect();
        let found = affectations.iter().find_map(|one| {
            let mut theirs = periodes.iter().filter(|periode| periode.division.0 == one.division);
            theirs.find(|periode| one.court(periode.fin)).map(|periode| (one, periode))
        });
        let Some((affectation, periode)) = found else { return Ok(None) };
        let classe = self.classe(affectation.division).await?;
        Ok(classe.map(|classe| (classe, periode.clone(), PersonneId(affectation.eleve))))
    }

    /// The periods of that rank of the divisions of an établissement, of those in which any of these pupils
    /// is on the last day.
    pub(super) async fn periodes_des(
        &self,
        etablissement: Uuid,
        eleves: &[PersonneId],
        (annee, rang): (AnneeScolaire, u16),
    ) -> Result<Vec<FichePeriode>, UseCaseError> {
        let eleves: Vec<_> = eleves.iter().map(|eleve| eleve.0).collect();
        let affectations = Histoire::affectations(&self.views, &eleves).await?;
        let divisions: Vec<_> = affectations.iter().map(|one| one.division).collect();
        let mut here = Annuaire::divisions(&self.views, &divisions).await?;
        here.retain(|row| row.etablissement == etablissement);
        let here: Vec<_> = here.into_iter().map(|row| row.id).collect();
        let rows = Calendriers::periodes(&self.views, &here, annee.0).await?;
        let is_of = |periode: &FichePeriode| {
            let mut theirs = affectations.iter().filter(|one| one.division == periode.division.0);
            periode.rang == rang && theirs.any(|one| one.court(periode.fin))
        };
        let found: Vec<_> = rows.iter().filter_map(fiche).filter(is_of).collect();
        if found.is_empty() {
            return Err(UseCaseError::Refused(Refused::of(&RefusPeriode::PeriodeInconnue)));
        }
        Ok(found)
    }

    /// The act, if the period of each of these divisions in which a day falls admits it. Where the calendar
    /// has cut no periods, none is ever locked.
    pub(super) async fn within(
        &self,
        act: Act,
        acte: ActeDansLaPeriode,
        divisions: &[Uuid],
        jour: NaiveDate,
    ) -> Result<Act, UseCaseError> {
        let annee = AnneeScolaire::of(jour);
        let rows = Calendriers::periodes(&self.views, divisions, annee.0).await?;
        let falls = rows.iter().filter_map(fiche).filter(|fiche| (fiche.debut..=fiche.fin).contains(&jour));
        Ok(falls.fold(act, |act, fiche| {
            act.ask::<PeriodeDeNotes>(fiche.periode(), PeriodeCommand::Admettre { acte })
        }))
    }
}

pub(super) fn fiche(row: &Periode) -> Option<FichePeriode> {
    Some(FichePeriode {
        division: DivisionId(row.division),
        annee: AnneeScolaire(row.annee),
        rang: u16::try_from(row.rang).ok()?,
        libelle: row.libelle.clone(),
        debut: row.debut,
        fin: row.fin,
    })
}
