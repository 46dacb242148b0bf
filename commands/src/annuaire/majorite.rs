//! What a pupil of age decides for himself.

use crate::rights::{Acteur, Action, Autorite, Resource};
use crate::{Commands, Demande, UseCaseError, portail};
use domain::annuaire::{Personne, PersonneCommand};
use domain::{CommandeId, PersonneId, PortailId};
use ledger::unit::Recorded;
use projections::annuaire::Annuaire;
use uuid::Uuid;

impl Commands {
    /// Objects, or no longer objects, to those who answered for him being informed.
    pub async fn opposer_information(
        &self,
        demande: &Demande,
        opposee: bool,
    ) -> Result<Recorded, UseCaseError> {
        let personne = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        let eleve = Annuaire::eleves(&self.views, &[personne.0]).await?.pop();
        let enrolled =
            eleve.and_then(|eleve| eleve.dossiers.first().copied()).ok_or(UseCaseError::Interdit)?;
        let etablissement = Annuaire::etablissements(&self.views, &[enrolled]).await?.pop();
        let etablissement = etablissement.ok_or(UseCaseError::Interdit)?;
        let on = Resource::Eleve { personne, etablissement: Some(domain::EtablissementId(enrolled)) };
        let autorite = self.permit(&demande.acteur, Action::OpposerInformation, &on)?;
        let journal = portail(&etablissement.portail)?;
        if !opposee {
            return self.lever_oppositions(demande, &autorite, &journal, personne).await;
        }
        let fiche = self.fiche_majeure(&demande.acteur, personne).await?;
        let command = PersonneCommand::OpposerInformation { le: self.today() };
        self.act(demande, autorite, journal).tell::<Personne>(fiche, command).record().await
    }

    /// The fiche that says that the person is of age: the principal one, unless only another does.
    async fn fiche_majeure(&self, acteur: &Acteur, personne: PersonneId) -> Result<PersonneId, UseCaseError> {
        let fiches: Vec<_> = acteur.identites().into_iter().map(|fiche| fiche.0).collect();
        let known = Annuaire::personnes(&self.views, &fiches).await?;
        let says = |fiche: Uuid| known.iter().any(|row| row.id == fiche && row.naissance.is_some());
        let autre = fiches.iter().copied().find(|fiche| says(*fiche));
        Ok(autre.filter(|_| !says(personne.0)).map_or(personne, PersonneId))
    }

    /// Lifts the objection under whichever fiche it was made: fiches may have been merged since. Of
    /// several, each is an act of its own: a stream is in the journal of the académie that keeps it.
    async fn lever_oppositions(
        &self,
        demande: &Demande,
        autorite: &Autorite,
        journal: &PortailId,
        personne: PersonneId,
    ) -> Result<Recorded, UseCaseError> {
        let fiches: Vec<_> = demande.acteur.identites().into_iter().map(|fiche| fiche.0).collect();
        let opposees = Annuaire::opposees(&self.views, &fiches).await?;
        let autres = opposees.iter().filter(|fiche| **fiche != personne.0);
        for fiche in autres {
            let ou = Annuaire::rattachements(&self.views, &[*fiche]).await?;
            let ou: Vec<_> = ou.into_iter().map(|row| row.etablissement).collect();
            let maison = Annuaire::etablissements(&self.views, &ou).await?.into_iter().next();
            let journal = maison.map_or(Ok(journal.clone()), |maison| portail(&maison.portail))?;
            let commande = CommandeId::derived(&[&demande.commande.to_string(), &fiche.to_string()]);
            let demande = Demande { commande, ..demande.clone() };
            let act = self.act(&demande, autorite.clone(), journal);
            act.tell::<Personne>(PersonneId(*fiche), PersonneCommand::LeverOpposition).record().await?;
        }
        let act = self.act(demande, autorite.clone(), journal.clone());
        act.tell::<Personne>(personne, PersonneCommand::LeverOpposition).record().await
    }
}
