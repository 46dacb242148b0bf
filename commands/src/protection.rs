//! Protection: what a person may ask about his or her data.
//!
//! A demand is recorded on the portal of an établissement to which the person is attached, whose
//! chef answers for the data; for who has none, on the Région's.

use crate::rights::{Action, Resource};
use crate::{Commands, Demande, UseCaseError, portail, rights_of};
use chrono::NaiveDate;
use domain::protection::{Champ, Demandeur, Rectification, RectificationCommand, Remise, RemiseCommand};
use domain::{EtablissementId, PersonneId, PortailId, RectificationId, RemiseId};
use ledger::unit::Recorded;
use projections::annuaire::{Annuaire, Identites};
use projections::protection::{Droits, Rectification as Asked, Remise as Handed};

/// The rectification that is asked for.
#[derive(Debug, Clone)]
pub struct RectificationDemandee {
    /// What is wrong.
    pub champ: Champ,
    /// What should stand there.
    pub valeur: String,
    /// Why.
    pub motif: String,
}

/// How a rectification is decided.
#[derive(Debug, Clone)]
pub enum Reponse {
    /// Granted, and what was done.
    Accordee(String),
    /// Refused, and why.
    Refusee(String),
}

impl Commands {
    /// Asks for all that is held about a person.
    pub async fn demander_donnees(
        &self,
        demande: &Demande,
        remise: RemiseId,
        personne: PersonneId,
    ) -> Result<Recorded, UseCaseError> {
        let (resource, portail) = self.about(personne).await?;
        let autorite = self.permit(&demande.acteur, Action::DemanderDonnees, &resource)?;
        let demandeur = self.demandeur(demande, personne).await?;
        let act = self.act(demande, autorite, portail);
        act.tell::<Remise>(remise, RemiseCommand::DemanderDonnees { demandeur }).record().await
    }

    /// The demand whose data someone may fetch: his or her own, while the right to ask lasts.
    pub async fn remise_de(&self, demande: &Demande, remise: RemiseId) -> Result<Handed, UseCaseError> {
        let row = self.remise(remise).await?;
        let (resource, _) = self.about(PersonneId(row.personne)).await?;
        self.permit(&demande.acteur, Action::DemanderDonnees, &resource)?;
        match demande.acteur.is(PersonneId(row.par)) {
            true => Ok(row),
            false => Err(UseCaseError::Interdit),
        }
    }

    /// Records what is handed over, before it is: to who asked for it.
    pub async fn remettre_donnees(
        &self,
        demande: &Demande,
        remise: RemiseId,
        faits: u64,
        empreinte: String,
    ) -> Result<Recorded, UseCaseError> {
        let row = self.remise_de(demande, remise).await?;
        let (resource, _) = self.about(PersonneId(row.personne)).await?;
        let autorite = self.permit(&demande.acteur, Action::DemanderDonnees, &resource)?;
        let command = self.remettre(&row, faits, empreinte).await?;
        self.act(demande, autorite, portail(&row.portail)?).tell::<Remise>(remise, command).record().await
    }

    /// The same for an operator, who hands over what was asked for in another way.
    pub async fn inscrire_remise(
        &self,
        demande: &Demande,
        remise: RemiseId,
        faits: u64,
        empreinte: String,
    ) -> Result<Recorded, UseCaseError> {
        let row = self.remise(remise).await?;
        let portail = portail(&row.portail)?;
        let resource = rights_of::portail(portail.clone(), None);
        let autorite = self.permit(&demande.acteur, Action::InscrireRemise, &resource)?;
        let command = self.remettre(&row, faits, empreinte).await?;
        self.act(demande, autorite, portail).tell::<Remise>(remise, command).record().await
    }

    /// Asks that something about a person be set right.
    pub async fn demander_rectification(
        &self,
        demande: &Demande,
        rectification: RectificationId,
        personne: PersonneId,
        asked: RectificationDemandee,
    ) -> Result<Recorded, UseCaseError> {
        let (resource, portail) = self.about(personne).await?;
        let autorite = self.permit(&demande.acteur, Action::DemanderRectification, &resource)?;
        let demandeur = self.demandeur(demande, personne).await?;
        let RectificationDemandee { champ, valeur, motif } = asked;
        let command = RectificationCommand::DemanderRectification { demandeur, champ, valeur, motif };
        self.act(demande, autorite, portail).tell::<Rectification>(rectification, command).record().await
    }

    /// Answers such a demand.
    pub async fn repondre_rectification(
        &self,
        demande: &Demande,
        rectification: RectificationId,
        reponse: Reponse,
    ) -> Result<Recorded, UseCaseError> {
        let row = self.rectification(rectification).await?;
        let portail = portail(&row.portail)?;
        let carrier = self.carrier(&portail).await?;
        let resource = rights_of::portail(portail.clone(), Some(&carrier));
        let autorite = self.permit(&demande.acteur, Action::DeciderRectification, &resource)?;
        // Whichever of one's fiches it is about, one is concerned oneself.
        let own = [row.personne, row.par].into_iter().map(PersonneId).find(|id| demande.acteur.is(*id));
        let par = own.or(demande.acteur.personne).ok_or(UseCaseError::Interdit)?;
        let le = self.today();
        let command = match reponse {
            Reponse::Accordee(suite) => RectificationCommand::AccorderRectification { suite, par, le },
            Reponse::Refusee(motif) => RectificationCommand::RefuserRectification { motif, par, le },
        };
        self.act(demande, autorite, portail).tell::<Rectification>(rectification, command).record().await
    }

    /// A person as a resource of the rights, and the portal where demands about him or her go.
    pub(crate) async fn about(&self, personne: PersonneId) -> Result<(Resource, PortailId), UseCaseError> {
        let attached = Annuaire::rattachements(&self.views, &[personne.0]).await?;
        let etablissements: Vec<_> = attached.iter().map(|row| row.etablissement).collect();
        let portail = match etablissements.first() {
            Some(first) => self.uai(*first).await?.portail(),
            None => PortailId::region(),
        };
        let etablissements = etablissements.into_iter().map(EtablissementId).collect();
        Ok((Resource::Personne { id: personne, etablissements }, portail))
    }

    async fn demandeur(&self, demande: &Demande, personne: PersonneId) -> Result<Demandeur, UseCaseError> {
        let naissance = self.naissance(personne).await?;
        let acteur = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        let par = if demande.acteur.is(personne) { personne } else { acteur };
        Ok(Demandeur { personne, par, naissance, le: self.today() })
    }

    /// The command by which it is handed over today.
    async fn remettre(
        &self,
        row: &Handed,
        faits: u64,
        empreinte: String,
    ) -> Result<RemiseCommand, UseCaseError> {
        let naissance = self.naissance(PersonneId(row.personne)).await?;
        Ok(RemiseCommand::RemettreDonnees { naissance, le: self.today(), faits, empreinte })
    }

    /// When a person of the directory was born, by whichever of his or her fiches says so; where
    /// they differ, the earlier day, so that nobody is kept from his or her rights.
    async fn naissance(&self, personne: PersonneId) -> Result<Option<NaiveDate>, UseCaseError> {
        let fiches = Identites::fiches(&self.views, &[personne.0]).await?;
        let fiches: Vec<_> = fiches.into_iter().map(|(_, fiche)| fiche).collect();
        let known = Annuaire::personnes(&self.views, &fiches).await?;
        if known.iter().all(|row| row.id != personne.0) {
            return Err(UseCaseError::Interdit);
        }
        Ok(known.into_iter().filter_map(|row| row.naissance).min())
    }

    async fn remise(&self, id: RemiseId) -> Result<Handed, UseCaseError> {
        Droits::remises(&self.views, &[id.0]).await?.pop().ok_or(UseCaseError::Interdit)
    }

    async fn rectification(&self, id: RectificationId) -> Result<Asked, UseCaseError> {
        Droits::rectifications(&self.views, &[id.0]).await?.pop().ok_or(UseCaseError::Interdit)
    }
}
