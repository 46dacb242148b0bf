//! Conservation: legal holds, and destructions in two steps.

use crate::rights::{Action, Autorite};
use crate::{Act, Commands, Demande, UseCaseError, portail};
use domain::conservation::{
    Auteur, Destruction, DestructionCommand, Fondement, GelCommand, Gels, LotExamine, Periode, Portee, Sujet,
};
use domain::{CleId, CompteId, DestructionId, GelId, PersonneId, PortailId, Retention, journee};
use ledger::envelope::Stream;
use ledger::erasure::Erasure;
use ledger::unit::Recorded;
use projections::conservation::{Cle, Gel, Registre};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// How often a destruction is decided again because a hold or another destruction came
/// between.
const ATTEMPTS: usize = 5;

/// What is to be destroyed: contents of a class and a period.
#[derive(Debug, Clone)]
pub struct Choix {
    /// Of which class.
    pub classe: Retention,
    /// Written when.
    pub periode: Periode,
    /// About these persons; about all that the portal has written of, if none is said.
    pub personnes: Option<Vec<PersonneId>>,
}

/// The destruction that is asked for.
#[derive(Debug, Clone)]
pub struct DestructionDemandee {
    /// What.
    pub choix: Vec<Choix>,
    /// By what right.
    pub fondement: Fondement,
    /// Why.
    pub motif: String,
}

/// The holds that stand in the way, and where they were read.
struct Gelees {
    by_portail: BTreeMap<String, Gels>,
    elsewhere: Vec<Gel>,
    unmoved: Vec<(PortailId, Stream, u64)>,
}

impl Gelees {
    /// Whether something is held by a portal in whose journal it is, or about its person by
    /// any other.
    fn protegent(&self, cle: &Cle, sujet: &Sujet, classe: Retention) -> bool {
        let here = cle.portails.iter().filter_map(|portail| self.by_portail.get(portail));
        let named = |gel: &&Gel| *sujet == Sujet::Personne(PersonneId(gel.personne.unwrap_or_default()));
        let covers =
            |gel: &Gel| gel.classes.is_empty() || gel.classes.iter().any(|name| name == classe.as_str());
        here.into_iter().any(|gels| gels.protegent(sujet, classe))
            || self.elsewhere.iter().filter(named).any(covers)
    }
}

impl Commands {
    /// Protects something from destruction.
    pub async fn poser_gel(
        &self,
        demande: &Demande,
        portail: PortailId,
        gel: GelId,
        portee: Portee,
        motif: String,
    ) -> Result<Recorded, UseCaseError> {
        let autorite = self.permit_on(demande, Action::PoserGel, &portail).await?;
        let (par, le) = (auteur(demande), journee(self.now()));
        let command = GelCommand::PoserGel { gel, portee, motif, par, le };
        self.act(demande, autorite, portail.clone()).tell::<Gels>(portail, command).record().await
    }

    /// Lets it be destroyed again.
    pub async fn lever_gel(
        &self,
        demande: &Demande,
        portail: PortailId,
        gel: GelId,
        motif: String,
    ) -> Result<Recorded, UseCaseError> {
        let autorite = self.permit_on(demande, Action::LeverGel, &portail).await?;
        let (par, le) = (auteur(demande), journee(self.now()));
        let command = GelCommand::LeverGel { gel, motif, par, le };
        self.act(demande, autorite, portail.clone()).tell::<Gels>(portail, command).record().await
    }

    /// Asks that contents be destroyed. Nothing is: the list of what goes is for a second
    /// person to read.
    pub async fn demander_destruction(
        &self,
        demande: &Demande,
        portail: PortailId,
        destruction: DestructionId,
        asked: DestructionDemandee,
    ) -> Result<Recorded, UseCaseError> {
        let autorite = self.permit_on(demande, Action::DemanderDestruction, &portail).await?;
        let DestructionDemandee { choix, fondement, motif } = asked;
        let mut cles = BTreeMap::new();
        for Choix { classe, periode, personnes } in choix {
            let subjects = personnes
                .map(|ids| ids.into_iter().map(|id| Sujet::Personne(id).to_string()).collect::<Vec<_>>());
            let found =
                Registre::cles(&self.views, portail.as_str(), classe, periode, subjects.as_deref()).await?;
            cles.extend(found.into_iter().map(|cle| (cle.id, cle)));
        }
        let act = self.act(demande, autorite, portail.clone());
        let gelees = self.gelees(&act, &portail, cles.values()).await?;
        let le = journee(self.now());
        let lots = cles.values().filter_map(|cle| {
            let lot = cle.lot(le)?;
            let gele = gelees.protegent(cle, &lot.sujet, lot.classe);
            Some(LotExamine { lot, gele, partage: cle.portails.len() > 1 })
        });
        let command = DestructionCommand::DemanderDestruction {
            lots: lots.collect(),
            fondement,
            motif,
            par: auteur(demande),
            le,
        };
        act.tell::<Destruction>(destruction, command).record().await
    }

    /// Destroys what was asked for, and says so: both or neither.
    pub async fn confirmer_destruction(
        &self,
        demande: &Demande,
        destruction: DestructionId,
    ) -> Result<Recorded, UseCaseError> {
        let (portail, autorite) =
            self.permit_destruction(demande, Action::ConfirmerDestruction, destruction).await?;
        for _ in 0..ATTEMPTS {
            match self.detruire(demande, &autorite, &portail, destruction).await {
                Err(UseCaseError::Conflict) => {}
                done => return done,
            }
        }
        Err(UseCaseError::Conflict)
    }

    async fn detruire(
        &self,
        demande: &Demande,
        autorite: &Autorite,
        portail: &PortailId,
        destruction: DestructionId,
    ) -> Result<Recorded, UseCaseError> {
        let act = self.act(demande, autorite.clone(), portail.clone());
        let (known, _) = act.load::<Destruction>(destruction).await?;
        let named: Vec<_> = known.lots().iter().map(|lot| lot.cle.0).collect();
        let cles = Registre::living(&self.views, &named).await?;
        let gelees = self.gelees(&act, portail, cles.iter()).await?;
        let le = journee(self.now());
        let held = cles
            .iter()
            .filter(|cle| cle.lot(le).is_none_or(|lot| gelees.protegent(cle, &lot.sujet, lot.classe)));
        let gelees_ids = held.map(|cle| CleId(cle.id)).collect();
        let existantes: BTreeSet<_> = cles.iter().map(|cle| CleId(cle.id)).collect();
        let erasure = Erasure { keys: existantes.clone(), unmoved: gelees.unmoved };
        let par = auteur(demande);
        let command = DestructionCommand::ConfirmerDestruction { existantes, gelees: gelees_ids, par, le };
        act.tell::<Destruction>(destruction, command).record_erasing(&erasure).await
    }

    /// Gives a destruction up.
    pub async fn abandonner_destruction(
        &self,
        demande: &Demande,
        destruction: DestructionId,
        motif: String,
    ) -> Result<Recorded, UseCaseError> {
        let (portail, autorite) =
            self.permit_destruction(demande, Action::AbandonnerDestruction, destruction).await?;
        let (par, le) = (auteur(demande), journee(self.now()));
        let command = DestructionCommand::AbandonnerDestruction { motif, par, le };
        self.act(demande, autorite, portail).tell::<Destruction>(destruction, command).record().await
    }

    /// The holds of the portals in whose journals these keys have events, as their streams
    /// say; and those of other portals about the same persons, as the view says.
    async fn gelees<'a>(
        &self,
        act: &Act,
        portail: &PortailId,
        cles: impl Iterator<Item = &'a Cle> + Clone,
    ) -> Result<Gelees, UseCaseError> {
        let concerned = cles.clone().flat_map(|cle| cle.portails.iter().map(String::as_str));
        let labels: BTreeSet<_> = concerned.chain([portail.as_str()]).collect();
        let (mut by_portail, mut unmoved) = (BTreeMap::new(), Vec::new());
        for label in labels {
            let (gels, heard) = act.load::<Gels>(label).await?;
            let stream = Stream { kind: <Gels as domain::Aggregate>::TYPE.to_owned(), id: label.to_owned() };
            unmoved.push((crate::portail(label)?, stream, heard));
            by_portail.insert(label.to_owned(), gels);
        }
        let personnes: Vec<Uuid> = cles
            .filter_map(|cle| match cle.subject.parse() {
                Ok(Sujet::Personne(personne)) => Some(personne.0),
                Ok(Sujet::Portail(_)) | Err(_) => None,
            })
            .collect();
        let elsewhere = Registre::gels_of(&self.views, &personnes).await?;
        Ok(Gelees { by_portail, elsewhere, unmoved })
    }

    async fn permit_destruction(
        &self,
        demande: &Demande,
        action: Action,
        destruction: DestructionId,
    ) -> Result<(PortailId, Autorite), UseCaseError> {
        let found = Registre::by_ids(&self.views, &[destruction.0]).await?.pop();
        let portail = portail(&found.ok_or(UseCaseError::Interdit)?.portail)?;
        let autorite = self.permit_on(demande, action, &portail).await?;
        Ok((portail, autorite))
    }
}

fn auteur(demande: &Demande) -> Auteur {
    let compte = demande.acteur.compte.unwrap_or(CompteId::NONE);
    Auteur { compte, personne: demande.acteur.personne }
}
