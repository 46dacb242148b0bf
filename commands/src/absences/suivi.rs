//! What surrounds absences: the règlement of an établissement, absences of whole groups,
//! dispenses, and the follow-up of a pupil.

use crate::rights::{Action, Resource};
use crate::{Commands, Demande, UseCaseError};
use chrono::NaiveDate;
use domain::absences::{
    Assiduite, AssiduiteCommand, Collective, CollectiveCommand, Dispense, DispenseCommand, Etendue,
    FicheCollective, MotifDAbsence, PolitiqueDemiJournees, Reglement, ReglementCommand, Scolarite,
};
use domain::annuaire::Uai;
use domain::{AnneeScolaire, CollectiveId, DispenseId, EtablissementId, PersonneId};
use ledger::unit::Recorded;
use projections::absences::Excuses;
use projections::annuaire::{Annuaire, Groupes};

/// Profils of those who may follow a pupil.
const PERSONNELS: [&str; 3] = ["enseignant", "vie_scolaire", "direction"];

impl Commands {
    /// Says how half-days are counted from a day on.
    pub async fn fixer_demi_journees(
        &self,
        demande: &Demande,
        uai: &Uai,
        politique: PolitiqueDemiJournees,
        depuis: NaiveDate,
    ) -> Result<Recorded, UseCaseError> {
        self.tell_reglement(demande, uai, ReglementCommand::FixerPolitique { politique, depuis }).await
    }

    /// Adds a motive of the établissement, or says otherwise what follows from it.
    pub async fn definir_motif(
        &self,
        demande: &Demande,
        uai: &Uai,
        motif: MotifDAbsence,
    ) -> Result<Recorded, UseCaseError> {
        self.tell_reglement(demande, uai, ReglementCommand::DefinirMotif { motif }).await
    }

    /// Takes such a motive out of use.
    pub async fn retirer_motif(
        &self,
        demande: &Demande,
        uai: &Uai,
        code: String,
    ) -> Result<Recorded, UseCaseError> {
        self.tell_reglement(demande, uai, ReglementCommand::RetirerMotif { code }).await
    }

    async fn tell_reglement(
        &self,
        demande: &Demande,
        uai: &Uai,
        command: ReglementCommand,
    ) -> Result<Recorded, UseCaseError> {
        let id = uai.etablissement();
        let resource = Resource::Etablissement { id };
        let autorite = self.permit(&demande.acteur, Action::FixerReglementAbsences, &resource)?;
        self.act(demande, autorite, uai.portail()).tell::<Reglement>(id, command).record().await
    }

    /// Declares that a whole group is away.
    pub async fn declarer_collective(
        &self,
        demande: &Demande,
        uai: &Uai,
        collective: CollectiveId,
        fiche: FicheCollective,
    ) -> Result<Recorded, UseCaseError> {
        let autorite = self.tenir(demande, fiche.etablissement)?;
        let divisions: Vec<_> = fiche.divisions.iter().map(|id| id.0).collect();
        let groupes: Vec<_> = fiche.groupes.iter().map(|id| id.0).collect();
        let divisions = Annuaire::divisions(&self.views, &divisions).await?;
        let groupes = Groupes::by_ids(&self.views, &groupes).await?;
        let here = fiche.etablissement.0;
        let connus = divisions.iter().filter(|row| row.etablissement == here).count()
            == fiche.divisions.len()
            && groupes.iter().filter(|row| row.etablissement == here).count() == fiche.groupes.len();
        let day = fiche.creneau.debut.date();
        self.act_on(demande, autorite, uai.portail(), day)
            .tell::<Collective>(collective, CollectiveCommand::DeclarerCollective { fiche, connus })
            .record()
            .await
    }

    /// Calls it off.
    pub async fn annuler_collective(
        &self,
        demande: &Demande,
        collective: CollectiveId,
        motif: String,
    ) -> Result<Recorded, UseCaseError> {
        let row = Excuses::collectives(&self.views, &[collective.0]).await?.pop();
        let etablissement = row.ok_or(UseCaseError::Interdit)?.etablissement;
        let autorite = self.tenir(demande, EtablissementId(etablissement))?;
        let portail = self.uai(etablissement).await?.portail();
        let command = CollectiveCommand::AnnulerCollective { motif };
        self.act(demande, autorite, portail).tell::<Collective>(collective, command).record().await
    }

    /// Grants a dispense.
    pub async fn accorder_dispense(
        &self,
        demande: &Demande,
        dispense: DispenseId,
        eleve: PersonneId,
        etendue: Etendue,
    ) -> Result<Recorded, UseCaseError> {
        let (enseignement, _) = self.enseignement(etendue.enseignement.0).await?;
        let etablissement = EtablissementId(enseignement.etablissement);
        let autorite = self.tenir(demande, etablissement)?;
        let scolarite = Scolarite { eleve, etablissement };
        let portail = self.scolarise(scolarite).await?;
        let day = etendue.du;
        let inscrit = self.inscrits(enseignement.auditoire, &[day]).await?.contains(&eleve);
        self.act_on(demande, autorite, portail, day)
            .tell::<Dispense>(dispense, DispenseCommand::AccorderDispense { scolarite, etendue, inscrit })
            .record()
            .await
    }

    /// Ends a dispense before its time.
    pub async fn terminer_dispense(
        &self,
        demande: &Demande,
        dispense: DispenseId,
        le: NaiveDate,
    ) -> Result<Recorded, UseCaseError> {
        let row = Excuses::dispenses(&self.views, &[dispense.0]).await?.pop();
        let etablissement = row.ok_or(UseCaseError::Interdit)?.etablissement;
        let autorite = self.tenir(demande, EtablissementId(etablissement))?;
        let portail = self.uai(etablissement).await?.portail();
        let command = DispenseCommand::TerminerDispense { le };
        self.act_on(demande, autorite, portail, le).tell::<Dispense>(dispense, command).record().await
    }

    /// Begins the follow-up of a pupil by a référent.
    pub async fn ouvrir_suivi(
        &self,
        demande: &Demande,
        scolarite: Scolarite,
        referent: PersonneId,
        objectif: String,
    ) -> Result<Recorded, UseCaseError> {
        let staff = self.attached(scolarite.etablissement.0, &[referent.0], &PERSONNELS).await?;
        let du_personnel = staff.contains(&referent);
        let le = self.today();
        let command = AssiduiteCommand::OuvrirSuivi { referent, du_personnel, objectif, le };
        self.tell_assiduite(demande, scolarite, command).await
    }

    /// Ends it.
    pub async fn clore_suivi(
        &self,
        demande: &Demande,
        scolarite: Scolarite,
        bilan: String,
    ) -> Result<Recorded, UseCaseError> {
        let command = AssiduiteCommand::CloreSuivi { bilan, le: self.today() };
        self.tell_assiduite(demande, scolarite, command).await
    }

    async fn tell_assiduite(
        &self,
        demande: &Demande,
        scolarite: Scolarite,
        command: AssiduiteCommand,
    ) -> Result<Recorded, UseCaseError> {
        let autorite = self.tenir(demande, scolarite.etablissement)?;
        let portail = self.uai(scolarite.etablissement.0).await?.portail();
        let assiduite = scolarite.assiduite(AnneeScolaire::of(self.today()));
        self.act(demande, autorite, portail).tell::<Assiduite>(assiduite, command).record().await
    }
}
