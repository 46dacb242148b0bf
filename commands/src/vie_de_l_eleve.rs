//! Life at school: what is reported, punished, sanctioned, written, cared for.

mod carnet;
mod incident;
mod infirmerie;
mod punition;
mod sanction;
mod stage;

pub use incident::{IncidentDemande, ProtagonisteDemande};
pub use punition::PunitionDemandee;
pub use sanction::{InformationDemandee, ProcedureDemandee, RevocationDemandee};
pub use stage::{StageDemande, TuteurDemande};

use crate::rights::{Action, Autorite, Resource};
use crate::{Commands, Demande, UseCaseError, portail, rights_of};
use domain::annuaire::EtatCivil;
use domain::{EtablissementId, PersonneId, PortailId};
use projections::annuaire::{Annuaire, Eleve};
use projections::portails::Portails;
use projections::vie_de_l_eleve::professeurs_principaux;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Where someone may do something, and on what authority.
struct Permise {
    portail: PortailId,
    autorite: Autorite,
    /// Who acts.
    par: PersonneId,
}

impl Commands {
    /// A pupil's files, one for each établissement that keeps one, as resources of the rights.
    pub async fn dossiers_eleve(&self, eleve: &Eleve) -> Result<Vec<(Uuid, Resource)>, UseCaseError> {
        let principaux = self.principaux(&eleve.fiches).await?;
        let file = |place: &Uuid| (*place, rights_of::dossier_eleve(eleve.personne.id, *place, &principaux));
        Ok(eleve.dossiers.iter().map(file).collect())
    }

    /// The professeurs principaux of a pupil who has these fiches.
    async fn principaux(&self, fiches: &[Uuid]) -> Result<Vec<Uuid>, UseCaseError> {
        let found = professeurs_principaux(&self.views, fiches).await?;
        Ok(found.into_iter().map(|(_, principal)| principal).collect())
    }

    /// Permits an action on the file of a pupil, in the first établissement where it may be done.
    async fn permise_sur(
        &self,
        demande: &Demande,
        action: Action,
        eleve: PersonneId,
    ) -> Result<Permise, UseCaseError> {
        let row = self.eleve(eleve).await?;
        let mut refused = UseCaseError::Interdit;
        for (place, resource) in self.dossiers_eleve(&row).await? {
            match self.permit(&demande.acteur, action, &resource) {
                Ok(autorite) => return self.permise_a(demande, place, autorite).await,
                // A brick that is closed says so, where nothing else lets in.
                Err(error @ UseCaseError::Refused(_)) => refused = error,
                Err(_) => {}
            }
        }
        Err(refused)
    }

    /// Permits an action on something that is in a pupil's file on a portal.
    async fn permise_au_portail(
        &self,
        demande: &Demande,
        action: Action,
        (eleve, label): (Uuid, &str),
    ) -> Result<Permise, UseCaseError> {
        let place = self.etablissement_du_portail(label).await?;
        let row = self.eleve(PersonneId(eleve)).await?;
        let principaux = self.principaux(&row.fiches).await?;
        let resource = rights_of::dossier_eleve(eleve, place, &principaux);
        let autorite = self.permit(&demande.acteur, action, &resource)?;
        let par = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        Ok(Permise { portail: portail(label)?, autorite, par })
    }

    /// Permits an action on an incident, a punition or a stage of a portal.
    async fn permise_sur_constat(
        &self,
        demande: &Demande,
        action: Action,
        (id, auteur, label): (Uuid, Uuid, &str),
    ) -> Result<Permise, UseCaseError> {
        let place = self.etablissement_du_portail(label).await?;
        let autorite = self.permit(&demande.acteur, action, &rights_of::constat(id, place, auteur))?;
        let par = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        Ok(Permise { portail: portail(label)?, autorite, par })
    }

    async fn permise_a(
        &self,
        demande: &Demande,
        place: Uuid,
        autorite: Autorite,
    ) -> Result<Permise, UseCaseError> {
        let etablissement = Annuaire::etablissements(&self.views, &[place]).await?.pop();
        let etablissement = etablissement.ok_or(UseCaseError::Interdit)?;
        let par = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        Ok(Permise { portail: portail(&etablissement.hote())?, autorite, par })
    }

    async fn eleve(&self, eleve: PersonneId) -> Result<Eleve, UseCaseError> {
        let found = Annuaire::eleves(&self.views, &[eleve.0]).await?.pop();
        found.ok_or(UseCaseError::Interdit)
    }

    /// The établissement of a portal; a partner's has none, and no pupil's file.
    pub async fn etablissement_du_portail(&self, label: &str) -> Result<Uuid, UseCaseError> {
        let row = Portails::by_ids(&self.views, &[label.to_owned()]).await?.pop();
        row.and_then(|row| row.etablissement).ok_or(UseCaseError::Interdit)
    }

    /// Whether a pupil is a minor today; of whom no birthday is known, one.
    async fn est_mineur(&self, eleve: PersonneId) -> Result<bool, UseCaseError> {
        let row = self.eleve(eleve).await?;
        let etat_civil = EtatCivil { naissance: row.personne.naissance, ..EtatCivil::default() };
        Ok(!etat_civil.est_majeur(self.today()))
    }

    /// Who answers for a pupil with the right to be informed.
    async fn responsables(&self, eleve: PersonneId) -> Result<BTreeSet<PersonneId>, UseCaseError> {
        let row = self.eleve(eleve).await?;
        let mut all = BTreeSet::new();
        for fiche in row.fiches {
            let found = Annuaire::responsables_of(&self.views, fiche).await?;
            all.extend(found.into_iter().map(PersonneId));
        }
        Ok(all)
    }

    /// Those of these persons who are of an établissement's staff.
    async fn personnels(
        &self,
        etablissement: EtablissementId,
        personnes: &[Uuid],
    ) -> Result<BTreeSet<Uuid>, UseCaseError> {
        let rows = Annuaire::rattachements(&self.views, personnes).await?;
        let staff = rows.into_iter().filter(|row| {
            row.etablissement == etablissement.0 && !["eleve", "responsable"].contains(&row.profil.as_str())
        });
        Ok(staff.map(|row| row.personne).collect())
    }
}
