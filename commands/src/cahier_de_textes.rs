//! The cahier de textes: what is written of séances, travaux, and what pupils make of them.

mod droit;
mod emploi_du_temps;
mod lecture;
mod progression;

pub use droit::DroitDeLecture;
pub use emploi_du_temps::{CoursDemande, ImportDeCours};
pub use lecture::OccurrenceLue;

use crate::rights::{Action, Autorite, Resource};
use crate::{Act, Commands, Demande, UseCaseError, portail};
use chrono::{NaiveDate, NaiveTime};
use domain::annuaire::Auditoire;
use domain::cahier_de_textes::{
    Abonnement, AbonnementCommand, Cahier, CahierCommand, ContenuDeSeance, Copie, CopieCommand, FicheSeance,
    FicheTravail, QualiteDuVisa, Seance, SeanceCommand, Travail, TravailAFaire, TravailCommand,
};
use domain::pieces::Objet;
use domain::{CopieId, EnseignementId, EtablissementId, PersonneId, PieceId, PortailId, SeanceId, TravailId};
use ledger::unit::Recorded;
use projections::cahier_de_textes::{Cahiers, TravailDonne};

/// The office of who puts a visa on a cahier for the corps d'inspection: that of the policy.
const INSPECTION: &str = "inspection";

/// A séance to be written of; to whom it is given follows from its enseignement.
#[derive(Debug, Clone)]
pub struct SeanceARediger {
    /// Under which id: the same asked twice is one séance.
    pub seance: SeanceId,
    /// What is taught.
    pub enseignement: EnseignementId,
    /// School day.
    pub date: NaiveDate,
    /// Start, local time.
    pub debut: NaiveTime,
    /// End, local time.
    pub fin: NaiveTime,
    /// What is written.
    pub contenu: ContenuDeSeance,
}

/// A travail to be given; to whom follows from its enseignement.
#[derive(Debug, Clone)]
pub struct TravailADonner {
    /// Under which id: the same asked twice is one travail.
    pub travail: TravailId,
    /// In what.
    pub enseignement: EnseignementId,
    /// For which day.
    pub pour_le: NaiveDate,
    /// What it is.
    pub titre: String,
    /// How it is to be done.
    pub consigne: String,
    /// How long it should take.
    pub minutes: u16,
    /// It is to be handed in.
    pub a_rendre: bool,
}

impl Commands {
    /// Writes a first draft of a séance.
    pub async fn rediger_seance(
        &self,
        demande: &Demande,
        asked: SeanceARediger,
    ) -> Result<(SeanceId, Recorded), UseCaseError> {
        let (row, resource) = self.enseignement(asked.enseignement.0).await?;
        let autorite = self.permit(&demande.acteur, Action::RedigerCahier, &resource)?;
        let auteur = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        let SeanceARediger { seance, enseignement, date, debut, fin, contenu } = asked;
        let fiche = FicheSeance { enseignement, auditoire: row.auditoire, date, debut, fin };
        let command = SeanceCommand::RedigerSeance { fiche, contenu, auteur, reprise_de: None };
        let act = self.act_on(demande, autorite, portail(&row.portail)?, date);
        Ok((seance, act.tell::<Seance>(seance, command).record().await?))
    }

    /// Writes something else of a séance.
    pub async fn modifier_seance(
        &self,
        demande: &Demande,
        seance: SeanceId,
        contenu: ContenuDeSeance,
    ) -> Result<Recorded, UseCaseError> {
        self.tell_seance(demande, seance, SeanceCommand::ModifierSeance { contenu }).await
    }

    /// Lets pupils and families read what is written of a séance.
    pub async fn publier_seance(
        &self,
        demande: &Demande,
        seance: SeanceId,
    ) -> Result<Recorded, UseCaseError> {
        self.tell_seance(demande, seance, SeanceCommand::PublierSeance).await
    }

    /// Says which files accompany what is written of a séance: those that are new were deposited by who
    /// asks.
    pub async fn documenter_seance(
        &self,
        demande: &Demande,
        seance: SeanceId,
        pieces: Vec<PieceId>,
    ) -> Result<Recorded, UseCaseError> {
        let act = self.act_sur_seance(demande, seance).await?;
        let fiches = demande.acteur.identites();
        let act = self.joindre(act, demande, &pieces, (Objet::Seance { seance }, fiches.as_slice())).await?;
        act.tell::<Seance>(seance, SeanceCommand::DocumenterSeance { pieces }).record().await
    }

    async fn tell_seance(
        &self,
        demande: &Demande,
        seance: SeanceId,
        command: SeanceCommand,
    ) -> Result<Recorded, UseCaseError> {
        self.act_sur_seance(demande, seance).await?.tell::<Seance>(seance, command).record().await
    }

    /// An act on what is written of a séance, for who keeps the cahier that it is in.
    async fn act_sur_seance(&self, demande: &Demande, seance: SeanceId) -> Result<Act, UseCaseError> {
        let row = Cahiers::seances(&self.views, &[seance.0]).await?.pop().ok_or(UseCaseError::Interdit)?;
        let (_, resource) = self.enseignement(row.enseignement).await?;
        let autorite = self.permit(&demande.acteur, Action::RedigerCahier, &resource)?;
        Ok(self.act_on(demande, autorite, portail(&row.portail)?, row.date))
    }

    /// Gives a travail, as a draft.
    pub async fn donner_travail(
        &self,
        demande: &Demande,
        asked: TravailADonner,
    ) -> Result<(TravailId, Recorded), UseCaseError> {
        let (row, resource) = self.enseignement(asked.enseignement.0).await?;
        let autorite = self.permit(&demande.acteur, Action::RedigerCahier, &resource)?;
        let auteur = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        let travail = asked.travail;
        let fiche = fiche(asked, row.auditoire, self.today());
        let command = TravailCommand::DonnerTravail { fiche, auteur };
        let act = self.act(demande, autorite, portail(&row.portail)?);
        Ok((travail, act.tell::<Travail>(travail, command).record().await?))
    }

    /// Changes a travail; the day on which it was given stays.
    pub async fn modifier_travail(
        &self,
        demande: &Demande,
        asked: TravailADonner,
    ) -> Result<Recorded, UseCaseError> {
        self.tell_travail(demande, asked.travail, |row| TravailCommand::ModifierTravail {
            fiche: fiche(asked, row.auditoire, row.donne_le),
        })
        .await
    }

    /// Lets pupils and families read a travail.
    pub async fn publier_travail(
        &self,
        demande: &Demande,
        travail: TravailId,
    ) -> Result<Recorded, UseCaseError> {
        self.tell_travail(demande, travail, |_| TravailCommand::PublierTravail).await
    }

    /// Takes a travail back.
    pub async fn annuler_travail(
        &self,
        demande: &Demande,
        travail: TravailId,
    ) -> Result<Recorded, UseCaseError> {
        self.tell_travail(demande, travail, |_| TravailCommand::AnnulerTravail).await
    }

    /// Says which files accompany a travail: those that are new were deposited by who asks.
    pub async fn documenter_travail(
        &self,
        demande: &Demande,
        travail: TravailId,
        pieces: Vec<PieceId>,
    ) -> Result<Recorded, UseCaseError> {
        let (row, autorite) = self.travail_of(demande, travail).await?;
        let act = self.act(demande, autorite, portail(&row.portail)?);
        let fiches = demande.acteur.identites();
        let act =
            self.joindre(act, demande, &pieces, (Objet::Travail { travail }, fiches.as_slice())).await?;
        act.tell::<Travail>(travail, TravailCommand::DocumenterTravail { pieces }).record().await
    }

    async fn tell_travail(
        &self,
        demande: &Demande,
        travail: TravailId,
        command: impl FnOnce(TravailDonne) -> TravailCommand,
    ) -> Result<Recorded, UseCaseError> {
        let (row, autorite) = self.travail_of(demande, travail).await?;
        let act = self.act(demande, autorite, portail(&row.portail)?);
        act.tell::<Travail>(travail, command(row)).record().await
    }

    /// Gives a pupil's copie back.
    pub async fn annoter_copie(
        &self,
        demande: &Demande,
        travail: TravailId,
        eleve: PersonneId,
        annotation: String,
    ) -> Result<Recorded, UseCaseError> {
        let (row, autorite) = self.travail_of(demande, travail).await?;
        let auteur = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        let command = CopieCommand::AnnoterCopie { travail, eleve, auteur, annotation };
        let act = self.act(demande, autorite, portail(&row.portail)?);
        act.tell::<Copie>(CopieId::de(travail, eleve), command).record().await
    }

    /// The pupil who asks says that a travail is done, or that it is not after all.
    pub async fn marquer_travail(
        &self,
        demande: &Demande,
        travail: TravailId,
        fait: bool,
    ) -> Result<Recorded, UseCaseError> {
        self.tell_ma_copie(demande, travail, &[], |travail, eleve, auditoire| CopieCommand::MarquerTravail {
            travail,
            eleve,
            auditoire,
            fait,
        })
        .await
    }

    /// The pupil who asks hands a file in.
    pub async fn rendre_travail(
        &self,
        demande: &Demande,
        travail: TravailId,
        nom: String,
        octets: Vec<u8>,
    ) -> Result<Recorded, UseCaseError> {
        self.tell_ma_copie(demande, travail, &[], |travail, eleve, auditoire| CopieCommand::RendreTravail {
            travail,
            eleve,
            auditoire,
            nom,
            octets,
        })
        .await
    }

    /// The pupil who asks hands in files that he or she has deposited.
    pub async fn deposer_copie(
        &self,
        demande: &Demande,
        travail: TravailId,
        pieces: Vec<PieceId>,
    ) -> Result<Recorded, UseCaseError> {
        let handed = pieces.clone();
        self.tell_ma_copie(demande, travail, &handed, |travail, eleve, auditoire| {
            CopieCommand::DeposerCopie { travail, eleve, auditoire, pieces }
        })
        .await
    }

    /// Tells the copie of the pupil who asks, which these files join. What is another division's or another
    /// groupe's looks like what does not exist.
    async fn tell_ma_copie(
        &self,
        demande: &Demande,
        travail: TravailId,
        pieces: &[PieceId],
        command: impl FnOnce(TravailAFaire, PersonneId, Option<Auditoire>) -> CopieCommand,
    ) -> Result<Recorded, UseCaseError> {
        let eleve = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        let row = Cahiers::travaux(&self.views, &[travail.0]).await?.pop().ok_or(UseCaseError::Interdit)?;
        let (enseignement, _) = self.enseignement(row.enseignement).await?;
        let etablissement = Some(EtablissementId(enseignement.etablissement));
        let resource = Resource::Eleve { personne: eleve, etablissement };
        let autorite = self.permit(&demande.acteur, Action::FaireTravail, &resource)?;
        let auditoire = Some(row.auditoire).filter(|auditoire| demande.acteur.est_de(*auditoire));
        auditoire.filter(|_| row.est_ouvert()).ok_or(UseCaseError::Interdit)?;
        let (ouvert, a_rendre) = (row.est_ouvert(), row.a_rendre);
        let a_faire = TravailAFaire { travail, auditoire: row.auditoire, ouvert, a_rendre };
        let copie = CopieId::de(travail, eleve);
        let act = self.act(demande, autorite, portail(&row.portail)?);
        let act = act.tell::<Copie>(copie, command(a_faire, eleve, auditoire));
        let fiches = demande.acteur.identites();
        self.joindre(act, demande, pieces, (Objet::Copie { copie }, fiches.as_slice())).await?.record().await
    }

    /// States that a cahier was seen up to a day.
    pub async fn viser_cahier(
        &self,
        demande: &Demande,
        enseignement: EnseignementId,
        jusqu_au: NaiveDate,
    ) -> Result<Recorded, UseCaseError> {
        let (row, resource) = self.enseignement(enseignement.0).await?;
        let autorite = self.permit(&demande.acteur, Action::ViserCahier, &resource)?;
        let par = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        let qualite = match autorite.office.as_str() {
            INSPECTION => QualiteDuVisa::Inspection,
            _ => QualiteDuVisa::Direction,
        };
        let aujourd_hui = self.today();
        let command = CahierCommand::ViserCahier { enseignement, par, qualite, jusqu_au, aujourd_hui };
        let act = self.act(demande, autorite, portail(&row.portail)?);
        act.tell::<Cahier>(enseignement, command).record().await
    }

    /// Opens an address for the agenda of who asks, in place of the one that was open.
    pub async fn ouvrir_abonnement(
        &self,
        demande: &Demande,
        empreinte: String,
    ) -> Result<Recorded, UseCaseError> {
        let personne = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        self.tell_abonnement(demande, AbonnementCommand::OuvrirAbonnement { personne, empreinte }).await
    }

    /// Closes the one that is open.
    pub async fn revoquer_abonnement(&self, demande: &Demande) -> Result<Recorded, UseCaseError> {
        let personne = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        self.tell_abonnement(demande, AbonnementCommand::RevoquerAbonnement { personne }).await
    }

    /// A person may go from one établissement to another and a stream stays in one journal: this
    /// one is in the Région's.
    async fn tell_abonnement(
        &self,
        demande: &Demande,
        command: AbonnementCommand,
    ) -> Result<Recorded, UseCaseError> {
        let personne = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        let etablissements = demande.acteur.etablissements.clone();
        let resource = Resource::Personne { id: personne, etablissements };
        let autorite = self.permit(&demande.acteur, Action::GererAbonnement, &resource)?;
        let act = self.act(demande, autorite, PortailId::region());
        act.tell::<Abonnement>(personne, command).record().await
    }

    /// A travail, for who keeps the cahier that it is in.
    async fn travail_of(
        &self,
        demande: &Demande,
        travail: TravailId,
    ) -> Result<(TravailDonne, Autorite), UseCaseError> {
        let row = Cahiers::travaux(&self.views, &[travail.0]).await?.pop().ok_or(UseCaseError::Interdit)?;
        let (_, resource) = self.enseignement(row.enseignement).await?;
        let autorite = self.permit(&demande.acteur, Action::RedigerCahier, &resource)?;
        Ok((row, autorite))
    }
}

fn fiche(asked: TravailADonner, auditoire: Auditoire, donne_le: NaiveDate) -> FicheTravail {
    let TravailADonner { enseignement, pour_le, titre, consigne, minutes, a_rendre, .. } = asked;
    FicheTravail { enseignement, auditoire, donne_le, pour_le, titre, consigne, minutes, a_rendre }
}
