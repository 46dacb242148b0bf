//! A notice against a content, and what is decided of it.
//!
//! Regulation (EU) 2022/2065 (DSA): a notice says who, why and which exact content,
//! in good faith (art. 16 §2); it gives actual knowledge (art. 16 §3), so the first
//! knowledge of the moderator and of the directeur are facts of their own; the decision
//! states its reasons (art. 17 §3): facts, legal or contractual ground, automated means,
//! redress. Nobody moderates a complaint against himself.

use super::Empreinte;
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, Lacune, PersonneId, PortailId, PublicationId, texte};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The exact content as it was seen (DSA, art. 16 §2 b).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContenuSignale {
    /// Of which publication.
    pub publication: PublicationId,
    /// Which version.
    pub version: u32,
    /// Hash of what it said.
    pub empreinte: Empreinte,
    /// Where it was seen.
    pub portail: PortailId,
    /// Who wrote it.
    pub auteur: PersonneId,
}

/// What a content is blamed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MotifSignalement {
    /// Harassment (code pénal, art. 222-33-2-3: at school).
    Harcelement,
    /// Incitement to hatred (loi of 29 July 1881, art. 24).
    Haine,
    /// Invasion of privacy (code civil, art. 9).
    AtteinteViePrivee,
    /// Not for the pupils who can read it.
    ContenuInapproprie,
    /// Someone else's work.
    DroitDAuteur,
    /// Anything else, as explained.
    Autre,
}

/// In which office a person acts on a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfficeModeration {
    /// Moderator of the portal.
    Moderateur,
    /// Directeur de la publication.
    Directeur,
}

/// What becomes of the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It stays.
    Maintien,
    /// It is withdrawn.
    Retrait,
    /// It is hidden.
    Masquage,
}

/// The ground of a decision (DSA, art. 17 §3 d and e).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Fondement {
    /// Law.
    Illegal {
        /// Which text.
        texte: String,
    },
    /// The conditions of use.
    Conditions {
        /// Which clause.
        clause: String,
    },
}

/// The reasons of a decision (DSA, art. 17 §3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MotifsDeDecision {
    /// The facts relied on.
    pub faits: String,
    /// The ground.
    pub fondement: Fondement,
    /// How far and how long it reaches, where it is limited.
    pub portee: Option<String>,
    /// Whether a machine took part in finding or deciding.
    pub moyens_automatises: bool,
    /// How to contest it.
    pub voies_de_recours: String,
}

/// What may be asked of a notice.
#[derive(Debug, Clone)]
pub enum SignalementCommand {
    /// Gives notice of a content.
    SignalerContenu {
        /// What is online now.
        contenu: ContenuSignale,
        /// Which version was seen.
        version: u32,
        /// Who gives notice.
        signalant: PersonneId,
        /// Whether the same person has given notice of the same version before.
        deja_signale: bool,
        /// What for.
        motif: MotifSignalement,
        /// Why.
        explication: String,
        /// « Je déclare de bonne foi… »
        bonne_foi: bool,
        /// Now.
        maintenant: DateTime<Utc>,
    },
    /// Learns of the notice.
    PrendreConnaissance {
        /// Who.
        par: PersonneId,
        /// In which office.
        office: OfficeModeration,
        /// When.
        le: DateTime<Utc>,
    },
    /// Decides; who decides has learnt of the notice at the latest then.
    RendreDecision {
        /// Who.
        par: PersonneId,
        /// In which office.
        office: OfficeModeration,
        /// What.
        decision: Decision,
        /// Why.
        motifs: MotifsDeDecision,
        /// When.
        le: DateTime<Utc>,
    },
}

events! {
    /// What happens to a notice.
    pub enum SignalementEvent {
        /// The notice was received.
        SignalementRecu = "publications.signalement.recu" v 1 Moderation of signalant {
            contenu: ContenuSignale, signalant: PersonneId, motif: MotifSignalement,
            explication: String, le: DateTime<Utc>,
        },
        /// An office learnt of it for the first time.
        PremiereConnaissance = "publications.signalement.premiere_connaissance" v 1 Moderation {
            par: PersonneId, office: OfficeModeration, le: DateTime<Utc>,
        },
        /// It was decided; the reasons are owed to the author of the content.
        DecisionRendue = "publications.signalement.decision_rendue" v 1 Moderation of auteur {
            auteur: PersonneId, par: PersonneId, office: OfficeModeration, decision: Decision,
            motifs: MotifsDeDecision, le: DateTime<Utc>,
        },
    }
}

refusals! {
    /// Why a notice refuses.
    pub enum RefusSignalement {
        SignalementInexistant = "SIGNALEMENT_INEXISTANT" at "signalementId":
            "Ce signalement n'existe pas.",
        DejaSignale = "DEJA_SIGNALE":
            "Vous avez déjà signalé ce contenu : votre signalement est en cours d'examen ou a été tranché.",
        VersionPerimee = "VERSION_PERIMEE" at "version":
            "La publication a changé depuis votre lecture : relisez-la.",
        BonneFoiRequise = "BONNE_FOI_REQUISE" at "bonneFoi":
            "Un signalement se fait de bonne foi : cochez la déclaration.",
        ExplicationInvalide = "EXPLICATION_INVALIDE" at "explication":
            "Expliquez votre signalement, en 2 000 caractères au plus.",
        DecisionDejaRendue = "DECISION_DEJA_RENDUE":
            "Une décision a déjà été rendue sur ce signalement.",
        MotifsManquants = "MOTIFS_MANQUANTS" at "motifs":
            "Une décision dit ses faits, son fondement et les voies de recours, chacun en 2 000 caractères au plus.",
        JugeEtPartie = "JUGE_ET_PARTIE" at "par":
            "Nul ne modère un signalement qui le vise : laissez une autre personne décider.",
    }
}

/// Longest explanation or reason, in characters.
const TEXTE_MAX: usize = 2_000;

/// State of a notice.
#[derive(Debug, Clone, Default)]
pub struct Signalement {
    /// Of the content; known once the notice is received.
    auteur: Option<PersonneId>,
    connaissances: BTreeSet<OfficeModeration>,
    tranche: bool,
}

impl Aggregate for Signalement {
    const TYPE: &'static str = "publications.signalement";
    /// A decision stands on the notice and on who knew of it.
    const LACUNE: Lacune = Lacune::Fige;
    type Command = SignalementCommand;
    type Event = SignalementEvent;
    type Refus = RefusSignalement;

    fn decide(&self, command: SignalementCommand) -> Result<Vec<SignalementEvent>, RefusSignalement> {
        match command {
            SignalementCommand::SignalerContenu {
                contenu,
                version,
                signalant,
                deja_signale,
                motif,
                explication,
                bonne_foi,
                maintenant,
            } => {
                if deja_signale {
                    return Err(RefusSignalement::DejaSignale);
                }
                if contenu.version != version {
                    return Err(RefusSignalement::VersionPerimee);
                }
                if !bonne_foi {
                    return Err(RefusSignalement::BonneFoiRequise);
                }
                self.signaler(contenu, signalant, motif, &explication, maintenant)
            }
            SignalementCommand::PrendreConnaissance { par, office, le } => {
                self.auteur()?;
                Ok(self.first_knowledge(par, office, le).into_iter().collect())
            }
            SignalementCommand::RendreDecision { par, office, decision, motifs, le } => {
                self.rendre_decision(par, office, decision, &motifs, le)
            }
        }
    }

    fn apply(&mut self, event: SignalementEvent) {
        match event {
            SignalementEvent::SignalementRecu { contenu, .. } => self.auteur = Some(contenu.auteur),
            SignalementEvent::PremiereConnaissance { office, .. } => {
                self.connaissances.insert(office);
            }
            SignalementEvent::DecisionRendue { .. } => self.tranche = true,
        }
    }
}

impl Signalement {
    fn signaler(
        &self,
        contenu: ContenuSignale,
        signalant: PersonneId,
        motif: MotifSignalement,
        explication: &str,
        le: DateTime<Utc>,
    ) -> Result<Vec<SignalementEvent>, RefusSignalement> {
        if self.auteur.is_some() {
            return Err(RefusSignalement::DejaSignale);
        }
        let explication =
            texte::paragraphs(explication, TEXTE_MAX).ok_or(RefusSignalement::ExplicationInvalide)?;
        Ok(vec![SignalementEvent::SignalementRecu { contenu, signalant, motif, explication, le }])
    }

    fn rendre_decision(
        &self,
        par: PersonneId,
        office: OfficeModeration,
        decision: Decision,
        motifs: &MotifsDeDecision,
        le: DateTime<Utc>,
    ) -> Result<Vec<SignalementEvent>, RefusSignalement> {
        let auteur = self.auteur()?;
        if self.tranche {
            return Err(RefusSignalement::DecisionDejaRendue);
        }
        if par == auteur {
            return Err(RefusSignalement::JugeEtPartie);
        }
        let motifs = motifs.checked().ok_or(RefusSignalement::MotifsManquants)?;
        let rendue = SignalementEvent::DecisionRendue { auteur, par, office, decision, motifs, le };
        Ok(self.first_knowledge(par, office, le).into_iter().chain([rendue]).collect())
    }

    fn first_knowledge(
        &self,
        par: PersonneId,
        office: OfficeModeration,
        le: DateTime<Utc>,
    ) -> Option<SignalementEvent> {
        let first = !self.connaissances.contains(&office);
        first.then_some(SignalementEvent::PremiereConnaissance { par, office, le })
    }

    fn auteur(&self) -> Result<PersonneId, RefusSignalement> {
        self.auteur.ok_or(RefusSignalement::SignalementInexistant)
    }
}

impl MotifsDeDecision {
    /// The reasons as they are kept; `None` where one is missing or too long.
    fn checked(&self) -> Option<Self> {
        let reason = |text: &str| texte::paragraphs(text, TEXTE_MAX);
        let portee = match &self.portee {
            Some(portee) => Some(reason(portee)?),
            None => None,
        };
        let fondement = match &self.fondement {
            Fondement::Illegal { texte } => Fondement::Illegal { texte: reason(texte)? },
            Fondement::Conditions { clause } => Fondement::Conditions { clause: reason(clause)? },
        };
        Some(Self {
            faits: reason(&self.faits)?,
            fondement,
            portee,
            moyens_automatises: self.moyens_automatises,
            voies_de_recours: reason(&self.voies_de_recours)?,
        })
    }
}

#[cfg(test)]
mod tests;
