//! Notifications: how people wish to be told, and what is told to them.
//!
//! What there is to tell follows from facts by a reaction ([`Commands::preparer_envois`]): each is
//! prepared once, whichever process finds it. What fails by every way that was prepared is told by
//! another one. Carriers are of the program; what became of an envoi is recorded here.

mod reaction;

use crate::rights::{Action, Autorite, Resource};
use crate::{Commands, Demande, UseCaseError, portail, rights_of};
use chrono::{DateTime, Utc};
use domain::notifications::{
    Appareil, Calme, Canal, Choix, Echec, Envoi, EnvoiCommand, Preferences, PreferencesCommand, Telephone,
    Theme,
};
use domain::{Aggregate, AppareilId, CommandeId, EnvoiId, PersonneId, PortailId};
use ledger::envelope::Stream;
use ledger::feed::facts_of;
use ledger::unit::Recorded;
use projections::annuaire::Annuaire;
use projections::notifications::{self as views, AppareilConnu, Appareils, Envois};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// How a try to hand over an envoi ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Issue {
    /// A carrier has taken it, in this message.
    Remis(String),
    /// It has not.
    Echec(Echec),
    /// It has not: there is no such address.
    SansBoite(String),
    /// It has not, and asks to be left alone until then.
    PlusTard(DateTime<Utc>),
}

impl Commands {
    /// Says how the person who asks is told.
    pub async fn choisir_preferences(
        &self,
        demande: &Demande,
        choix: BTreeMap<Theme, Choix>,
        calme: Calme,
    ) -> Result<Recorded, UseCaseError> {
        let autres = self.autres_moyens(demande).await?;
        let command = |personne| PreferencesCommand::ChoisirPreferences { personne, choix, calme, autres };
        self.tell_preferences(demande, command).await
    }

    /// Whether who asks may say how he or she is told: asked before a code is sent anywhere.
    pub fn peut_choisir_preferences(&self, demande: &Demande) -> Result<(), UseCaseError> {
        let personne = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        self.permit_on_self(demande, personne).map(drop)
    }

    fn permit_on_self(&self, demande: &Demande, personne: PersonneId) -> Result<Autorite, UseCaseError> {
        let etablissements = demande.acteur.etablissements.clone();
        let resource = Resource::Personne { id: personne, etablissements };
        self.permit(&demande.acteur, Action::ChoisirPreferences, &resource)
    }

    /// Gives a telephone, to which a code goes whose SHA-256 this is.
    pub async fn declarer_telephone(
        &self,
        demande: &Demande,
        numero: Telephone,
        empreinte: String,
    ) -> Result<Recorded, UseCaseError> {
        let maintenant = self.now();
        let command =
            |personne| PreferencesCommand::DeclarerTelephone { personne, numero, empreinte, maintenant };
        self.tell_preferences(demande, command).await
    }

    /// Confirms a telephone by what was typed, whose SHA-256 this is.
    pub async fn confirmer_telephone(
        &self,
        demande: &Demande,
        empreinte: String,
    ) -> Result<Recorded, UseCaseError> {
        let maintenant = self.now();
        let command = |personne| PreferencesCommand::ConfirmerTelephone { personne, empreinte, maintenant };
        self.tell_preferences(demande, command).await
    }

    /// Takes a telephone back, under whichever fiches it was given: each is a stream of its own.
    pub async fn oublier_telephone(&self, demande: &Demande) -> Result<Recorded, UseCaseError> {
        for fiche in views::Preferences::telephonees(&self.views, &autres_fiches(demande)).await? {
            let commande = CommandeId::derived(&[&demande.commande.to_string(), &fiche.to_string()]);
            let demande = Demande { commande, ..demande.clone() };
            let forget = |personne| PreferencesCommand::OublierTelephone { personne };
            self.tell_preferences_of(&demande, PersonneId(fiche), forget).await?;
        }
        self.tell_preferences(demande, |personne| PreferencesCommand::OublierTelephone { personne }).await
    }

    /// Gives a device that takes messages, or what has changed about one that was given.
    pub async fn declarer_appareil(
        &self,
        demande: &Demande,
        appareil: Appareil,
    ) -> Result<Recorded, UseCaseError> {
        let adresse = appareil.adresse.clone();
        let command = |personne| PreferencesCommand::DeclarerAppareil { personne, appareil };
        self.tell_appareil(demande, |known| known.details.adresse == adresse, command).await
    }

    /// Takes a device back.
    pub async fn oublier_appareil(
        &self,
        demande: &Demande,
        appareil: AppareilId,
    ) -> Result<Recorded, UseCaseError> {
        let command = |personne| PreferencesCommand::OublierAppareil { personne, appareil };
        self.tell_appareil(demande, |known| known.id == appareil.0, command).await
    }

    /// States that a push service knows a device of somebody no more, in the journal where it was
    /// given.
    pub async fn perdre_appareil(
        &self,
        demande: &Demande,
        portail: &PortailId,
        personne: PersonneId,
        appareil: AppareilId,
    ) -> Result<Recorded, UseCaseError> {
        let resource = rights_of::portail(portail.clone(), None);
        let autorite = self.permit(&demande.acteur, Action::ConstaterEnvoi, &resource)?;
        let command = PreferencesCommand::PerdreAppareil { personne, appareil };
        self.act(demande, autorite, portail.clone()).tell::<Preferences>(personne, command).record().await
    }

    /// Preferences are of a human being: what is said from now on is under the principal one of his or
    /// her fiches.
    async fn tell_preferences(
        &self,
        demande: &Demande,
        command: impl FnOnce(PersonneId) -> PreferencesCommand,
    ) -> Result<Recorded, UseCaseError> {
        let personne = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        self.tell_preferences_of(demande, personne, command).await
    }

    /// The same, under one of the fiches of who asks.
    async fn tell_preferences_of(
        &self,
        demande: &Demande,
        fiche: PersonneId,
        command: impl FnOnce(PersonneId) -> PreferencesCommand,
    ) -> Result<Recorded, UseCaseError> {
        let personne = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        let autorite = self.permit_on_self(demande, personne)?;
        let home = match self.begun_in(fiche).await? {
            Some(journal) => journal,
            None => self.home_of(demande).await?,
        };
        self.act(demande, autorite, home).tell::<Preferences>(fiche, command(fiche)).record().await
    }

    /// The same of a device, under whichever fiche of who asks has it.
    async fn tell_appareil(
        &self,
        demande: &Demande,
        which: impl Fn(&AppareilConnu) -> bool,
        command: impl FnOnce(PersonneId) -> PreferencesCommand,
    ) -> Result<Recorded, UseCaseError> {
        let personne = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        let given = Appareils::of(&self.views, personne.0).await?;
        let known = given.iter().find(|known| which(known));
        let fiche = known.map_or(personne, |known| PersonneId(known.personne));
        self.tell_preferences_of(demande, fiche, command).await
    }

    /// The ways that are open to who asks by what was given under other fiches than the principal one.
    async fn autres_moyens(&self, demande: &Demande) -> Result<BTreeSet<Canal>, UseCaseError> {
        let (fiches, mut ways) = (autres_fiches(demande), BTreeSet::new());
        let Some(personne) = demande.acteur.personne.filter(|_| !fiches.is_empty()) else {
            return Ok(ways);
        };
        if !views::Preferences::telephonees(&self.views, &fiches).await?.is_empty() {
            ways.insert(Canal::Sms);
        }
        let given = Appareils::of(&self.views, personne.0).await?;
        if given.iter().any(|known| fiches.contains(&known.personne)) {
            ways.insert(Canal::Appareil);
        }
        Ok(ways)
    }

    /// In whose journal somebody has begun to say how he or she is told: a person may go from one
    /// établissement to another, and a stream stays in one journal.
    async fn begun_in(&self, personne: PersonneId) -> Result<Option<PortailId>, UseCaseError> {
        let stream = Stream { kind: Preferences::TYPE.to_owned(), id: personne.to_string() };
        let mut connection = self.views.acquire().await?;
        let facts = facts_of(&mut connection, self.keys(), &[stream]).await.map_err(UseCaseError::fault)?;
        Ok(facts.into_iter().next().map(|fact| fact.position.portail))
    }

    /// The portal of an établissement to which who asks is attached; for who has none, the Région's.
    async fn home_of(&self, demande: &Demande) -> Result<PortailId, UseCaseError> {
        let Some(etablissement) = demande.acteur.etablissements.first() else {
            return Ok(PortailId::region());
        };
        let found = Annuaire::etablissements(&self.views, &[etablissement.0]).await?.pop();
        found.map_or(Ok(PortailId::region()), |etablissement| portail(&etablissement.hote()))
    }

    /// States that a letter was posted.
    pub async fn poster_lettre(&self, demande: &Demande, envoi: EnvoiId) -> Result<Recorded, UseCaseError> {
        let row = Envois::by_ids(&self.views, &[envoi.0]).await?.pop().ok_or(UseCaseError::Interdit)?;
        let portail = portail(&row.portail)?;
        let autorite = self.permit_on(demande, Action::PosterLettre, &portail).await?;
        let command = EnvoiCommand::RemettreEnvoi { message: String::new() };
        self.act(demande, autorite, portail).tell::<Envoi>(envoi, command).record().await
    }

    /// States that the address which an envoi found not to exist works: its owner says so, or who
    /// has heard it of the family.
    pub async fn retablir_adresse(
        &self,
        demande: &Demande,
        envoi: EnvoiId,
    ) -> Result<Recorded, UseCaseError> {
        let row = Envois::by_ids(&self.views, &[envoi.0]).await?.pop().ok_or(UseCaseError::Interdit)?;
        let (portail, acteur) = (portail(&row.portail)?, &demande.acteur);
        let autorite = match acteur.personne {
            Some(personne) if !acteur.compte_d_office && acteur.is(PersonneId(row.destinataire)) => {
                self.permit_on_self(demande, personne)?
            }
            Some(_) | None => self.permit_on(demande, Action::RetablirAdresse, &portail).await?,
        };
        let command = EnvoiCommand::RetablirAdresse;
        self.act(demande, autorite, portail).tell::<Envoi>(envoi, command).record().await
    }

    /// Of these envois, those that still wait and may leave now, as the record and no view says: what
    /// has left is not sent again because a view lags, nor what a carrier has just put off.
    pub async fn en_attente(
        &self,
        demande: &Demande,
        portail: &PortailId,
        envois: &[EnvoiId],
    ) -> Result<Vec<EnvoiId>, UseCaseError> {
        let resource = rights_of::portail(portail.clone(), None);
        let autorite = self.permit(&demande.acteur, Action::ConstaterEnvoi, &resource)?;
        let act = self.act(demande, autorite, portail.clone());
        let (mut waiting, maintenant) = (Vec::new(), self.now());
        for envoi in envois {
            if act.load::<Envoi>(envoi).await?.0.attend(maintenant) {
                waiting.push(*envoi);
            }
        }
        Ok(waiting)
    }

    /// Records how a try to hand over envois in one message ended.
    pub async fn constater_envois(
        &self,
        demande: &Demande,
        portail: &PortailId,
        envois: &[EnvoiId],
        issue: &Issue,
    ) -> Result<Recorded, UseCaseError> {
        let resource = rights_of::portail(portail.clone(), None);
        let autorite = self.permit(&demande.acteur, Action::ConstaterEnvoi, &resource)?;
        let command = match issue {
            Issue::Remis(message) => EnvoiCommand::RemettreEnvoi { message: message.clone() },
            Issue::Echec(echec) => {
                let maintenant = self.now();
                EnvoiCommand::EchouerEnvoi { echec: *echec, adresse: None, pas_avant: None, maintenant }
            }
            Issue::SansBoite(adresse) => EnvoiCommand::EchouerEnvoi {
                echec: Echec::AdresseInexistante,
                adresse: Some(adresse.clone()),
                pas_avant: None,
                maintenant: self.now(),
            },
            Issue::PlusTard(pas_avant) => EnvoiCommand::EchouerEnvoi {
                echec: Echec::RefusPassager,
                adresse: None,
                pas_avant: Some(*pas_avant),
                maintenant: self.now(),
            },
        };
        self.tell_envois(demande, autorite, portail, envois, &command).await
    }

    /// Records that envois came back: why, as a status code of mail, and the address that they were
    /// for, where it is still the recipient's.
    pub async fn constater_non_remise(
        &self,
        demande: &Demande,
        portail: &PortailId,
        envois: &[EnvoiId],
        statut: &str,
        adresse: Option<String>,
    ) -> Result<Recorded, UseCaseError> {
        let resource = rights_of::portail(portail.clone(), None);
        let autorite = self.permit(&demande.acteur, Action::ConstaterEnvoi, &resource)?;
        let command = EnvoiCommand::ConstaterNonRemise { statut: statut.to_owned(), adresse };
        self.tell_envois(demande, autorite, portail, envois, &command).await
    }

    async fn tell_envois(
        &self,
        demande: &Demande,
        autorite: Autorite,
        portail: &PortailId,
        envois: &[EnvoiId],
        command: &EnvoiCommand,
    ) -> Result<Recorded, UseCaseError> {
        let mut act = self.act(demande, autorite, portail.clone());
        for envoi in envois {
            act = act.tell::<Envoi>(envoi, command.clone());
        }
        act.record().await
    }
}

/// The fiches of who asks, besides the principal one.
fn autres_fiches(demande: &Demande) -> Vec<Uuid> {
    demande.acteur.fiches.iter().map(|fiche| fiche.0).collect()
}
