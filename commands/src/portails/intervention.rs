//! Personnes habilitées: who designates them, and what they do.

use crate::rights::{Acteur, Action, InterventionEnCours, Resource};
use crate::{Commands, Demande, UseCaseError, portail};
use chrono::NaiveDate;
use domain::portails::{
    Designant, FicheHabilitation, FicheIntervention, Habilitation, HabilitationCommand, Habilite,
    Intervention, InterventionCommand, Perimetre,
};
use domain::{CompteId, HabilitationId, InterventionId, PersonneId, PortailId, journee};
use ledger::unit::Recorded;
use projections::annuaire::{Annuaire, Identites};
use projections::portails::{self as views, Interventions, Portails};
use std::collections::BTreeSet;

/// The habilitation that is to be given.
#[derive(Debug, Clone)]
pub struct HabilitationDemandee {
    /// Its id, chosen by who asks.
    pub habilitation: HabilitationId,
    /// The compte held for it, not the personal one.
    pub compte: CompteId,
    /// Who will hold it.
    pub personne: PersonneId,
    /// For what.
    pub perimetres: BTreeSet<Perimetre>,
    /// First day.
    pub du: NaiveDate,
    /// First day without it.
    pub au: NaiveDate,
}

/// The intervention that is asked for.
#[derive(Debug, Clone)]
pub struct InterventionDemandee {
    /// Its id, chosen by who asks.
    pub intervention: InterventionId,
    /// In what.
    pub perimetres: BTreeSet<Perimetre>,
    /// Why.
    pub motif: String,
    /// The ticket that it answers.
    pub ticket: String,
    /// For how long, once it is open.
    pub minutes: u16,
}

impl Commands {
    /// Designates a personne habilitée.
    pub async fn accorder_habilitation(
        &self,
        demande: &Demande,
        portail: PortailId,
        asked: HabilitationDemandee,
    ) -> Result<Recorded, UseCaseError> {
        let autorite = self.permit_on(demande, Action::AccorderHabilitation, &portail).await?;
        let par = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        let row = Portails::by_ids(&self.views, &[portail.to_string()]).await?.pop();
        let HabilitationDemandee { habilitation, compte, personne, perimetres, du, au } = asked;
        let command = HabilitationCommand::AccorderHabilitation {
            designant: row.as_ref().and_then(designant),
            compte_libre: self.may_be_habilitated(compte, &portail).await?,
            fiche: FicheHabilitation { portail: portail.clone(), compte, personne, perimetres, par, du, au },
        };
        self.act(demande, autorite, portail).tell::<Habilitation>(habilitation, command).record().await
    }

    /// Ends an habilitation.
    pub async fn revoquer_habilitation(
        &self,
        demande: &Demande,
        habilitation: HabilitationId,
        motif: String,
        le: NaiveDate,
    ) -> Result<Recorded, UseCaseError> {
        let row = Interventions::habilitations(&self.views, &[habilitation.0]).await?.pop();
        let portail = portail(&row.ok_or(UseCaseError::Interdit)?.portail)?;
        let autorite = self.permit_on(demande, Action::RevoquerHabilitation, &portail).await?;
        let command = HabilitationCommand::RevoquerHabilitation { motif, le };
        self.act(demande, autorite, portail).tell::<Habilitation>(habilitation, command).record().await
    }

    /// Asks for an intervention; it opens at once if nothing in it is grave.
    pub async fn demander_intervention(
        &self,
        demande: &Demande,
        portail: PortailId,
        asked: InterventionDemandee,
    ) -> Result<Recorded, UseCaseError> {
        let autorite = self.permit_on(demande, Action::DemanderIntervention, &portail).await?;
        let InterventionDemandee { intervention, perimetres, motif, ticket, minutes } = asked;
        let (habilite, couverte) = self.habilitation_for(&demande.acteur, &portail, &perimetres).await?;
        let command = InterventionCommand::DemanderIntervention {
            fiche: FicheIntervention {
                portail: portail.clone(),
                habilite,
                perimetres,
                motif,
                ticket,
                minutes,
            },
            couverte,
            directeur: self.directeur(&portail).await?,
            maintenant: self.now(),
        };
        self.act(demande, autorite, portail).tell::<Intervention>(intervention, command).record().await
    }

    /// Opens an intervention as a second person.
    pub async fn contresigner_intervention(
        &self,
        demande: &Demande,
        intervention: InterventionId,
    ) -> Result<Recorded, UseCaseError> {
        let (row, portail) = self.intervention(intervention).await?;
        let autorite = self.permit_on(demande, Action::ContresignerIntervention, &portail).await?;
        let perimetres = row.perimetres.iter().filter_map(|word| Perimetre::named(word)).collect();
        let (par, couverte) = self.habilitation_for(&demande.acteur, &portail, &perimetres).await?;
        // As of now: the fiches may have been merged since it was asked for.
        let fiches = Identites::fiches(&self.views, &[par.personne.0]).await?;
        let command = InterventionCommand::ContresignerIntervention {
            par,
            meme_personne: fiches.iter().any(|(_, fiche)| *fiche == row.personne),
            couverte,
            directeur: self.directeur(&portail).await?,
            maintenant: self.now(),
        };
        self.act(demande, autorite, portail).tell::<Intervention>(intervention, command).record().await
    }

    /// Ends an intervention.
    pub async fn clore_intervention(
        &self,
        demande: &Demande,
        intervention: InterventionId,
        compte_rendu: String,
    ) -> Result<Recorded, UseCaseError> {
        let (_, portail) = self.intervention(intervention).await?;
        let autorite = self.permit_on(demande, Action::CloreIntervention, &portail).await?;
        let par = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        let command = InterventionCommand::CloreIntervention {
            par,
            compte_rendu,
            directeur: self.directeur(&portail).await?,
            maintenant: self.now(),
        };
        self.act(demande, autorite, portail).tell::<Intervention>(intervention, command).record().await
    }

    /// States of every intervention whose time is over that it is, and says how many there were.
    /// `demande` makes the demand of each.
    pub async fn constater_expirations(
        &self,
        demande: impl Fn(InterventionId) -> Demande,
    ) -> Result<usize, UseCaseError> {
        let overdue = Interventions::overdue(&self.views, self.now()).await?;
        for row in &overdue {
            let (id, portail) = (InterventionId(row.id), portail(&row.portail)?);
            let demande = demande(id);
            let autorite = self.permit_on(&demande, Action::ConstaterExpiration, &portail).await?;
            let directeur = self.directeur(&portail).await?;
            let command = InterventionCommand::ConstaterExpiration { directeur, maintenant: self.now() };
            self.act(&demande, autorite, portail).tell::<Intervention>(id, command).record().await?;
        }
        Ok(overdue.len())
    }

    /// Puts what a personne habilitée is about to read on the record of the intervention that
    /// lets her in. What others read is theirs to read.
    pub async fn consigner_lecture(
        &self,
        demande: &Demande,
        action: Action,
        on: &Resource,
    ) -> Result<(), UseCaseError> {
        let acteur = &demande.acteur;
        let (Some(compte), Some(perimetre)) = (acteur.compte, perimetre(action)) else { return Ok(()) };
        let Some(open) = acteur.interventions.iter().find(|one| reaches(one, perimetre, on)) else {
            return Ok(());
        };
        let autorite = self.permit(acteur, action, on)?;
        let command = InterventionCommand::ConsignerLecture {
            compte,
            perimetre,
            objet: on.to_string(),
            maintenant: self.now(),
        };
        let act = self.act(demande, autorite, open.portail.clone());
        act.tell::<Intervention>(open.id, command).record().await?;
        Ok(())
    }

    async fn intervention(
        &self,
        id: InterventionId,
    ) -> Result<(views::Intervention, PortailId), UseCaseError> {
        let row = Interventions::by_ids(&self.views, &[id.0]).await?.pop().ok_or(UseCaseError::Interdit)?;
        let portail = portail(&row.portail)?;
        Ok((row, portail))
    }

    /// The habilitation of the acteur that covers all this, or another and that it does not.
    async fn habilitation_for(
        &self,
        acteur: &Acteur,
        portail: &PortailId,
        perimetres: &BTreeSet<Perimetre>,
    ) -> Result<(Habilite, bool), UseCaseError> {
        let (Some(compte), Some(personne)) = (acteur.compte, acteur.personne) else {
            return Err(UseCaseError::Interdit);
        };
        let words: Vec<_> = perimetres.iter().map(|one| one.as_str().to_owned()).collect();
        let given = Interventions::habilitations_of(&self.views, compte.0).await?;
        let today = journee(self.now());
        let covering = given.iter().find(|one| one.covers(today, portail.as_str(), &words));
        let found = covering.or(given.first()).ok_or(UseCaseError::Interdit)?;
        let habilite = Habilite { habilitation: HabilitationId(found.id), compte, personne };
        Ok((habilite, covering.is_some()))
    }

    /// Whether a compte is no person's, no operator's and no other office's.
    async fn may_be_habilitated(&self, compte: CompteId, portail: &PortailId) -> Result<bool, UseCaseError> {
        let personne = Annuaire::personnes(&self.views, &[compte.0]).await?;
        let delegated = Portails::delegations_of(&self.views, compte.0).await?;
        let given = Interventions::habilitations_of(&self.views, compte.0).await?;
        let elsewhere = given.iter().any(|one| one.portail != portail.as_str());
        let platform = self.exploitants.contains(&compte) || self.auditeurs.contains(&compte);
        Ok(personne.is_empty() && delegated.is_empty() && !elsewhere && !platform)
    }
}

/// What the house may designate for.
fn designant(row: &views::Portail) -> Option<Designant> {
    match (row.nature.as_str(), row.etablissement) {
        ("region", _) => Some(Designant::Region),
        (_, Some(_)) => Some(Designant::Etablissement),
        (_, None) => None,
    }
}

/// The part of the house in which an action reads; the others are not opened by interventions.
fn perimetre(action: Action) -> Option<Perimetre> {
    const OPENED: &[(Action, Perimetre)] = &[
        (Action::LireEtablissement, Perimetre::Annuaire),
        (Action::LireDivision, Perimetre::Annuaire),
        (Action::LirePersonne, Perimetre::Annuaire),
        (Action::LireAppel, Perimetre::Absences),
        (Action::LireAbsencesEleve, Perimetre::Absences),
        (Action::LireCarnetDeNotes, Perimetre::Notes),
        (Action::LireNotesEleve, Perimetre::Notes),
        (Action::LireCahier, Perimetre::CahierDeTextes),
        (Action::LirePublication, Perimetre::Publications),
    ];
    OPENED.iter().find(|(opened, _)| *opened == action).map(|(_, perimetre)| *perimetre)
}

/// Whether an intervention lets into this part of the house in which a thing is.
fn reaches(open: &InterventionEnCours, perimetre: Perimetre, on: &Resource) -> bool {
    let there = match on {
        Resource::Publication { portail, .. } => *portail == open.portail,
        Resource::Personne { etablissements, .. } => {
            open.etablissement.is_some_and(|place| etablissements.contains(&place))
        }
        other => open.etablissement.is_some() && other.etablissement() == open.etablissement,
    };
    there && open.perimetres.contains(&perimetre)
}

#[cfg(test)]
mod tests;
