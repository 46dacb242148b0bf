//! Fiches that are of one person.
//!
//! A merge may bring together fiches of two académies, so that its facts are in the journal of
//! the Région, which is everybody's. Who decides answers for both fiches: they are attached to
//! the établissement of the portal, or to établissements of the académie whose portal it is.

use crate::rights::{Action, Autorite};
use crate::{Commands, Demande, UseCaseError, rights_of};
use domain::annuaire::{Identite, IdentiteCommand, Portrait, Rapprochement, SaisieDeResponsables, doublons};
use domain::{CommandeId, PersonneId, PortailId};
use ledger::unit::Recorded;
use projections::annuaire::{Annuaire, Identites, Rattachement, Sources};
use projections::portails::{Portail, Portails};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Why the fiche that a pupil gets in another académie is read as the one that he or she had.
const SUITE: &str = "accueil d'un élève radié par un établissement d'une autre académie pour celui-ci";

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
        let saisie = self.answered_by_hand(&[fiche.0, dans.0]).await?.then_some(SaisieDeResponsables::DIci);
        let fondre = IdentiteCommand::FondreFiche {
            fiche,
            dans,
            motif,
            portraits: Box::new((self.portrait(fiche).await?, self.portrait(dans).await?)),
            d_ici,
            saisie_de_responsables: saisie,
            interesse: self.concerned(demande, &[fiche.0, dans.0]).await?,
        };
        self.fondre(demande, autorite, (fiche, dans), fondre).await
    }

    /// Reads the fiche that a pupil gets in another académie as the one that he or she had: the
    /// établissement that has struck the pupil off for this one has said who comes. What the new
    /// one says is the same, if no feed has brought it.
    pub(super) async fn suivre_fiche(
        &self,
        demande: &Demande,
        autorite: Autorite,
        (fiche, venue): (PersonneId, PersonneId),
    ) -> Result<(), UseCaseError> {
        let of_one = Identites::fiches(&self.views, &[venue.0]).await?;
        if of_one.iter().any(|(_, other)| *other == fiche.0) {
            return Ok(());
        }
        let dans = Identites::racines(&self.views, &[venue.0]).await?.pop().map_or(venue, PersonneId);
        let had = self.portrait(venue).await?;
        let brought = Identites::portraits_de(&self.views, &[fiche.0]).await?.pop();
        let gets = brought.unwrap_or_else(|| Portrait { personne: fiche, ..had.clone() });
        let du_depart = self.answered_by_hand(&[dans.0]).await?.then_some(SaisieDeResponsables::DuDepart);
        let d_ici = self.answered_by_hand(&[fiche.0]).await?.then_some(SaisieDeResponsables::DIci);
        let fondre = IdentiteCommand::FondreFiche {
            fiche,
            dans,
            motif: SUITE.to_owned(),
            portraits: Box::new((gets, had)),
            d_ici: true,
            saisie_de_responsables: du_depart.or(d_ici),
            interesse: self.concerned(demande, &[fiche.0, dans.0]).await?,
        };
        // An act of its own: it is in another journal than the pupil's arrival.
        let commande = CommandeId::derived(&[&demande.commande.to_string(), "fiche"]);
        let demande = Demande { commande, ..demande.clone() };
        self.fondre(&demande, autorite, (fiche, dans), fondre).await?;
        Ok(())
    }

    /// Tells both fiches, together.
    async fn fondre(
        &self,
        demande: &Demande,
        autorite: Autorite,
        (fiche, dans): (PersonneId, PersonneId),
        fondre: IdentiteCommand,
    ) -> Result<Recorded, UseCaseError> {
        self.act(demande, autorite, PortailId::region())
            .tell::<Identite>(fiche, fondre)
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
        let interesse = self.concerned(demande, &[fiche.0, de.0]).await?;
        act.tell::<Identite>(fiche, IdentiteCommand::SeparerFiche { fiche, de, motif, interesse })
            .tell::<Identite>(de, IdentiteCommand::RendreFiche { fiche: de, rendue: fiche })
            .record()
            .await
    }

    /// The portal of an act.
    pub(crate) async fn carrier(&self, portail: &PortailId) -> Result<Portail, UseCaseError> {
        Portails::by_ids(&self.views, &[portail.to_string()]).await?.pop().ok_or(UseCaseError::Interdit)
    }

    /// As what a fiche is compared; who is unknown is like nobody.
    async fn portrait(&self, fiche: PersonneId) -> Result<Portrait, UseCaseError> {
        let found = Identites::portraits_de(&self.views, &[fiche.0]).await?.pop();
        Ok(found.unwrap_or_else(|| Portrait::inconnu(fiche)))
    }

    /// Whether one of these fiches is of who asks, or of a pupil for whom he or she answers.
    async fn concerned(&self, demande: &Demande, fiches: &[Uuid]) -> Result<bool, UseCaseError> {
        let acteur = &demande.acteur;
        let all: Vec<Uuid> =
            Identites::fiches(&self.views, fiches).await?.into_iter().map(|(_, fiche)| fiche).collect();
        if all.iter().any(|fiche| acteur.is(PersonneId(*fiche))) {
            return Ok(true);
        }
        let adultes = Annuaire::repondants(&self.views, &all).await?;
        Ok(adultes.into_iter().any(|adulte| acteur.is(PersonneId(adulte))))
    }

    /// Whether one of these fiches is known only from a hand, which says who answers for a pupil.
    async fn answered_by_hand(&self, fiches: &[Uuid]) -> Result<bool, UseCaseError> {
        for fiche in Sources::saisies_seulement(&self.views, fiches).await? {
            if !Annuaire::repondants(&self.views, &[fiche]).await?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the persons of these fiches are attached to the établissement of a portal, or to
    /// those of the académie whose portal it is, and to nothing else: a merge gives what either has.
    async fn answers_for(&self, portail: &Portail, fiches: &[Uuid]) -> Result<bool, UseCaseError> {
        let pairs = Identites::fiches(&self.views, fiches).await?;
        let all: Vec<Uuid> = pairs.iter().map(|(_, fiche)| *fiche).collect();
        let attached = Annuaire::rattachements(&self.views, &all).await?;
        let places: Vec<_> = attached.iter().map(|row| row.etablissement).collect();
        let houses = Annuaire::etablissements(&self.views, &places).await?;
        let ours: BTreeSet<_> = match portail.etablissement {
            Some(etablissement) => [etablissement].into(),
            None => houses.iter().filter(|house| house.portail == portail.id).map(|house| house.id).collect(),
        };
        let directed = Portails::diriges_par(&self.views, &all, self.today()).await?;
        let only = attached.iter().all(|row| ours.contains(&row.etablissement))
            && directed.iter().all(|place| place.is_some_and(|place| ours.contains(&place)));
        let here = |fiche: &Uuid| {
            let of_it =
                |row: &Rattachement| pairs.iter().any(|(asked, one)| asked == fiche && *one == row.personne);
            attached.iter().any(of_it)
        };
        Ok(only && fiches.iter().all(here))
    }
}
