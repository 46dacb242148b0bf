//! Fiches that are of one person.
//!
//! A merge may bring together fiches of two académies, so that its facts are in the journal of
//! the Région, which is everybody's. Who decides answers for both fiches: they are attached to
//! the établissement of the portal, or to établissements of the académie whose portal it is.

use crate::rights::Action;
use crate::{Commands, Demande, UseCaseError, rights_of};
use domain::annuaire::{Identite, IdentiteCommand, Rapprochement, doublons};
use domain::{PersonneId, PortailId};
use ledger::unit::Recorded;
use projections::annuaire::{Annuaire, Identites};
use projections::portails::{Portail, Portails};
use std::collections::BTreeSet;
use uuid::Uuid;

impl Commands {
    /// The fiches of the établissement of a portal that may be of one person.
    pub async fn rapprochements(&self, portail: &Portail) -> Result<Vec<Rapprochement>, UseCaseError> {
        let Some(etablissement) = portail.etablissement else { return Ok(vec![]) };
        Ok(doublons(&Identites::portraits(&self.views, etablissement).await?))
    }

    /// Reads a fiche as another one.
    pub async fn fusionner_fiches(
        &self,
        demande: &Demande,
        portail: &PortailId,
        (fiche, dans): (PersonneId, PersonneId),
        motif: String,
    ) -> Result<Recorded, UseCaseError> {
        let carrier = self.carrier(portail).await?;
        let resource = rights_of::portail(portail.clone(), Some(&carrier));
        let autorite = self.permit(&demande.acteur, Action::FusionnerFiches, &resource)?;
        let d_ici = self.answers_for(&carrier, &[fiche.0, dans.0]).await?;
        let interesse = demande.acteur.is(fiche) || demande.acteur.is(dans);
        self.act(demande, autorite, PortailId::region())
            .tell::<Identite>(fiche, IdentiteCommand::FondreFiche { fiche, dans, motif, d_ici, interesse })
            .tell::<Identite>(dans, IdentiteCommand::AbsorberFiche { fiche: dans, absorbee: fiche })
            .record()
            .await
    }

    /// Reads a fiche as itself again.
    pub async fn separer_fiches(
        &self,
        demande: &Demande,
        portail: &PortailId,
        fiche: PersonneId,
        motif: String,
    ) -> Result<Recorded, UseCaseError> {
        let carrier = self.carrier(portail).await?;
        let resource = rights_of::portail(portail.clone(), Some(&carrier));
        let autorite = self.permit(&demande.acteur, Action::FusionnerFiches, &resource)?;
        let act = self.act(demande, autorite, PortailId::region());
        let (identite, _) = act.load::<Identite>(fiche).await?;
        let de = identite.lue_comme().unwrap_or(fiche);
        if !self.answers_for(&carrier, &[fiche.0, de.0]).await? {
            return Err(UseCaseError::Interdit);
        }
        let interesse = demande.acteur.is(fiche) || demande.acteur.is(de);
        act.tell::<Identite>(fiche, IdentiteCommand::SeparerFiche { fiche, de, motif, interesse })
            .tell::<Identite>(de, IdentiteCommand::RendreFiche { fiche: de, rendue: fiche })
            .record()
            .await
    }

    /// The portal of an act.
    pub(crate) async fn carrier(&self, portail: &PortailId) -> Result<Portail, UseCaseError> {
        Portails::by_ids(&self.views, &[portail.to_string()]).await?.pop().ok_or(UseCaseError::Interdit)
    }

    /// Whether each of these fiches is attached to the établissement of a portal, or to one of
    /// the académie whose portal it is.
    async fn answers_for(&self, portail: &Portail, fiches: &[Uuid]) -> Result<bool, UseCaseError> {
        let attached = Annuaire::rattachements(&self.views, fiches).await?;
        let places: Vec<_> = attached.iter().map(|row| row.etablissement).collect();
        let houses = Annuaire::etablissements(&self.views, &places).await?;
        let ours: BTreeSet<_> = match portail.etablissement {
            Some(etablissement) => [etablissement].into(),
            None => houses.iter().filter(|house| house.portail == portail.id).map(|house| house.id).collect(),
        };
        let here = |fiche: &Uuid| {
            attached.iter().any(|row| row.personne == *fiche && ours.contains(&row.etablissement))
        };
        Ok(fiches.iter().all(here))
    }
}
