//! Groupes of an établissement.

use crate::rights::{Action, Resource};
use crate::{Commands, Demande, Refused, UseCaseError, portail, rights_of};
use domain::annuaire::{Ensemble, GroupeCommand, Groupes, Membre, RefusGroupe, Uai};
use domain::{AnneeScolaire, DivisionId, EtablissementId, GroupeId, PersonneId};
use ledger::unit::Recorded;
use projections::annuaire::{Annuaire, Groupe, Groupes as Views};
use std::collections::BTreeSet;
use uuid::Uuid;

/// What is a staff's profil.
pub(super) const PERSONNELS: [&str; 4] = ["enseignant", "direction", "vie_scolaire", "administratif"];

/// The groupe that is asked for.
#[derive(Debug, Clone)]
pub struct GroupeDemande {
    /// For which school year.
    pub annee: AnneeScolaire,
    /// Its code.
    pub code: String,
    /// Its name.
    pub libelle: String,
}

impl Commands {
    /// Opens a groupe, led by who opens it.
    pub async fn creer_groupe(
        &self,
        demande: &Demande,
        uai: &Uai,
        asked: GroupeDemande,
    ) -> Result<(GroupeId, Recorded), UseCaseError> {
        let id = uai.etablissement();
        let autorite = self.permit(&demande.acteur, Action::CreerGroupe, &Resource::Etablissement { id })?;
        let encadrant = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        let GroupeDemande { annee, code, libelle } = asked;
        let groupe = uai.groupe(annee, code.trim());
        let commands = vec![
            GroupeCommand::CreerGroupe { uai: uai.clone(), annee, code, libelle, aujourd_hui: self.today() },
            GroupeCommand::NommerEncadrant { groupe, encadrant, personnel: true },
        ];
        let act = self.act(demande, autorite, uai.portail()).tell_all::<Groupes>(id, commands);
        Ok((groupe, act.record().await?))
    }

    /// Gives a groupe another name.
    pub async fn renommer_groupe(
        &self,
        demande: &Demande,
        groupe: GroupeId,
        libelle: String,
    ) -> Result<Recorded, UseCaseError> {
        let row = self.groupe(groupe).await?;
        self.tell_groupe(demande, &row, GroupeCommand::RenommerGroupe { groupe, libelle }).await
    }

    /// Puts more into a groupe.
    pub async fn ajouter_membres(
        &self,
        demande: &Demande,
        groupe: GroupeId,
        membres: Vec<Membre>,
    ) -> Result<Recorded, UseCaseError> {
        let row = self.groupe(groupe).await?;
        let connus = self.connus(row.etablissement, &membres).await?;
        self.tell_groupe(demande, &row, GroupeCommand::AjouterMembres { groupe, membres, connus }).await
    }

    /// Takes something out of a groupe.
    pub async fn retirer_membres(
        &self,
        demande: &Demande,
        groupe: GroupeId,
        membres: Vec<Membre>,
    ) -> Result<Recorded, UseCaseError> {
        let row = self.groupe(groupe).await?;
        self.tell_groupe(demande, &row, GroupeCommand::RetirerMembres { groupe, membres }).await
    }

    /// Lets someone lead a groupe.
    pub async fn nommer_encadrant(
        &self,
        demande: &Demande,
        groupe: GroupeId,
        encadrant: PersonneId,
    ) -> Result<Recorded, UseCaseError> {
        let row = self.groupe(groupe).await?;
        let personnel = self.attached(row.etablissement, &[encadrant.0], &PERSONNELS).await?;
        let personnel = personnel.contains(&encadrant);
        self.tell_groupe(demande, &row, GroupeCommand::NommerEncadrant { groupe, encadrant, personnel }).await
    }

    /// No longer lets someone lead a groupe.
    pub async fn retirer_encadrant(
        &self,
        demande: &Demande,
        groupe: GroupeId,
        encadrant: PersonneId,
    ) -> Result<Recorded, UseCaseError> {
        let row = self.groupe(groupe).await?;
        self.tell_groupe(demande, &row, GroupeCommand::RetirerEncadrant { groupe, encadrant }).await
    }

    async fn tell_groupe(
        &self,
        demande: &Demande,
        row: &Groupe,
        command: GroupeCommand,
    ) -> Result<Recorded, UseCaseError> {
        let autorite = self.permit(&demande.acteur, Action::GererGroupe, &rights_of::groupe(row))?;
        let nomme = matches!(command, GroupeCommand::RenommerGroupe { .. });
        if !row.saisi || (nomme && row.declare) {
            return Err(UseCaseError::Refused(Refused::of(&RefusGroupe::GroupeDeSource)));
        }
        let act = self.act(demande, autorite, portail(&row.portail)?);
        act.tell::<Groupes>(EtablissementId(row.etablissement), command).record().await
    }

    async fn groupe(&self, id: GroupeId) -> Result<Groupe, UseCaseError> {
        Views::by_ids(&self.views, &[id.0]).await?.pop().ok_or(UseCaseError::Interdit)
    }

    /// The persons, the divisions and the groupes that only sources declare, among these, that are of an
    /// établissement.
    async fn connus(
        &self,
        etablissement: Uuid,
        membres: &[Membre],
    ) -> Result<BTreeSet<Membre>, UseCaseError> {
        let (mut personnes, mut divisions, mut groupes) = (Vec::new(), Vec::new(), Vec::new());
        for membre in membres {
            match membre {
                Membre::Personne(personne) => personnes.push(personne.0),
                Membre::Ensemble(Ensemble::Division { division }) => divisions.push(division.0),
                Membre::Ensemble(Ensemble::Groupe { groupe }) => groupes.push(groupe.0),
            }
        }
        let here = Annuaire::divisions(&self.views, &divisions).await?.into_iter();
        let here = here.filter(|row| row.etablissement == etablissement);
        let division = |id| Membre::Ensemble(Ensemble::Division { division: DivisionId(id) });
        let mut connus: BTreeSet<_> = here.map(|row| division(row.id)).collect();
        let declares = Views::by_ids(&self.views, &groupes).await?.into_iter();
        let declares = declares.filter(|row| row.etablissement == etablissement && !row.saisi && !row.clos);
        let groupe = |id| Membre::Ensemble(Ensemble::Groupe { groupe: GroupeId(id) });
        connus.extend(declares.map(|row| groupe(row.id)));
        let attached = self.attached(etablissement, &personnes, &[]).await?;
        connus.extend(attached.into_iter().map(Membre::Personne));
        Ok(connus)
    }

    /// Those among these persons whom the directory attaches to an établissement under one of
    /// these profils; no profil is any.
    pub(crate) async fn attached(
        &self,
        etablissement: Uuid,
        personnes: &[Uuid],
        profils: &[&str],
    ) -> Result<BTreeSet<PersonneId>, UseCaseError> {
        let rows = Annuaire::rattachements(&self.views, personnes).await?.into_iter();
        let here = rows.filter(|row| {
            let fits = profils.is_empty() || profils.contains(&row.profil.as_str());
            row.etablissement == etablissement && fits
        });
        Ok(here.map(|row| PersonneId(row.personne)).collect())
    }
}
