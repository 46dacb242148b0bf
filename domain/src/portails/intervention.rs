//! An intervention of a personne habilitée on a portal: the only time at which an
//! habilitation gives rights.
//!
//! It is asked for with a motive and the ticket that it answers, for parts of what the portal
//! holds and for a time. The gravest parts are opened by a second person, who is habilitated
//! too. Each reading of something nominative is a fact before anything is shown, and the
//! directeur is told when the intervention opens and when it ends (RGPD, art. 5.2, 28, 29 and
//! 32; CNIL, recommandation of 14 October 2021 on logging).

use super::Perimetre;
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, CompteId, HabilitationId, Lacune, PersonneId, PortailId, texte};
use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Someone, by the habilitation that he or she holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Habilite {
    /// Which habilitation.
    pub habilitation: HabilitationId,
    /// The compte held for it.
    pub compte: CompteId,
    /// Who holds it.
    pub personne: PersonneId,
}

impl Habilite {
    /// Whether the two are one human being.
    fn is(self, other: Self) -> bool {
        self.compte == other.compte || self.personne == other.personne
    }
}

/// The intervention that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FicheIntervention {
    /// On which portal.
    pub portail: PortailId,
    /// Who intervenes.
    pub habilite: Habilite,
    /// In what.
    pub perimetres: BTreeSet<Perimetre>,
    /// Why.
    pub motif: String,
    /// The ticket that it answers.
    pub ticket: String,
    /// For how long, once it is open.
    pub minutes: u16,
}

/// Of what the directeur is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Avis {
    /// It opened.
    Ouverture,
    /// It was closed.
    Cloture,
    /// Its time is over.
    Expiration,
}

/// What may be asked of an intervention.
#[derive(Debug, Clone)]
pub enum InterventionCommand {
    /// Asks for it; it opens at once if nothing in it is grave.
    DemanderIntervention {
        /// What is asked for.
        fiche: FicheIntervention,
        /// Whether the habilitation runs and covers it.
        couverte: bool,
        /// The directeur in office now, who is told.
        directeur: Option<PersonneId>,
        /// Now.
        maintenant: DateTime<Utc>,
    },
    /// Opens it as a second person.
    ContresignerIntervention {
        /// Who.
        par: Habilite,
        /// Whether that is another fiche of the person who intervenes.
        meme_personne: bool,
        /// Whether that habilitation runs and covers it.
        couverte: bool,
        /// The directeur in office now, who is told.
        directeur: Option<PersonneId>,
        /// Now.
        maintenant: DateTime<Utc>,
    },
    /// Puts a reading on the record, before anything is shown.
    ConsignerLecture {
        /// By which compte.
        compte: CompteId,
        /// In which part.
        perimetre: Perimetre,
        /// Of what: the kind of the object, and its id.
        objet: String,
        /// Now.
        maintenant: DateTime<Utc>,
    },
    /// Ends it, and says what was done.
    CloreIntervention {
        /// Who ends it: who intervenes, or the directeur.
        par: PersonneId,
        /// What was done.
        compte_rendu: String,
        /// The directeur in office now, who is told.
        directeur: Option<PersonneId>,
        /// Now.
        maintenant: DateTime<Utc>,
    },
    /// States that its time is over.
    ConstaterExpiration {
        /// The directeur in office now, who is told.
        directeur: Option<PersonneId>,
        /// Now.
        maintenant: DateTime<Utc>,
    },
}

events! {
    /// What happens to an intervention. Its contents are the portal's acts.
    pub enum InterventionEvent {
        /// It was asked for.
        InterventionDemandee = "portails.intervention.demandee" v 1 Office { fiche: FicheIntervention },
        /// A second person consents.
        InterventionContresignee = "portails.intervention.contresignee" v 1 Office { par: Habilite },
        /// It is open, until then.
        InterventionOuverte = "portails.intervention.ouverte" v 1 Office {
            le: DateTime<Utc>, limite: DateTime<Utc>,
        },
        /// Something nominative is about to be read.
        LectureConsignee = "portails.intervention.lecture_consignee" v 1 Office {
            perimetre: Perimetre, objet: String, le: DateTime<Utc>,
        },
        /// It was closed before its time was over.
        InterventionClose = "portails.intervention.close" v 1 Office {
            par: PersonneId, compte_rendu: String, le: DateTime<Utc>,
        },
        /// Its time was over.
        InterventionExpiree = "portails.intervention.expiree" v 1 Office { limite: DateTime<Utc> },
        /// The directeur is told.
        DirecteurAvise = "portails.intervention.directeur_avise" v 1 Office {
            directeur: PersonneId, avis: Avis, le: DateTime<Utc>,
        },
    }
}

refusals! {
    /// Why an intervention refuses.
    pub enum RefusIntervention {
        NonHabilite = "NON_HABILITE" at "habilitationId":
            "Aucune habilitation en cours ne couvre cette intervention : demandez-la à la Région ou à l'établissement.",
        PerimetreVide = "PERIMETRE_VIDE" at "perimetres":
            "Dites sur quoi porte l'intervention : un périmètre au moins.",
        MotifManquant = "MOTIF_MANQUANT" at "motif":
            "Une intervention doit dire son motif, en 500 caractères au plus.",
        TicketInvalide = "TICKET_INVALIDE" at "ticket":
            "La référence du ticket doit tenir en une ligne de 1 à 100 caractères.",
        DureeInvalide = "DUREE_INVALIDE" at "minutes":
            "Une intervention dure de 5 minutes à 8 heures, et 2 heures au plus sur les absences, les notes et les cahiers de textes.",
        PortailSansDirecteur = "PORTAIL_SANS_DIRECTEUR":
            "Ce portail n'a pas de directeur de la publication à aviser : rien ne s'y ouvre avant sa désignation.",
        InterventionDejaDemandee = "INTERVENTION_DEJA_DEMANDEE" at "intervention":
            "Une autre intervention porte déjà cet identifiant : donnez-en un nouveau.",
        InterventionInexistante = "INTERVENTION_INEXISTANTE" at "interventionId":
            "Cette intervention n'existe pas.",
        SecondePersonneRequise = "SECONDE_PERSONNE_REQUISE" at "interventionId":
            "Une autre personne habilitée doit contresigner : nul n'ouvre seul une intervention sur les absences, les notes ou les cahiers de textes.",
        InterventionDejaOuverte = "INTERVENTION_DEJA_OUVERTE" at "interventionId":
            "Cette intervention est déjà ouverte : il n'y a rien à contresigner.",
        InterventionNonOuverte = "INTERVENTION_NON_OUVERTE" at "interventionId":
            "Cette intervention n'est pas ouverte, ou elle a pris fin : demandez-en une autre.",
        PerimetreNonCouvert = "PERIMETRE_NON_COUVERT" at "perimetre":
            "Cette intervention ne porte pas sur cela : demandez-en une autre.",
        CompteRenduInvalide = "COMPTE_RENDU_INVALIDE" at "compteRendu":
            "Dites ce qui fut fait, en 2 000 caractères au plus.",
    }
}

/// Longest reference of a ticket, in characters.
const TICKET_MAX: usize = 100;
/// Longest report, in characters.
const COMPTE_RENDU_MAX: usize = 2_000;
/// Longest name of what is read, in characters.
const OBJET_MAX: usize = 200;
/// Shortest intervention, in minutes.
const DUREE_MIN: u16 = 5;
/// Longest one, a working day.
const DUREE_MAX: u16 = 8 * 60;
/// Longest one where something is grave.
const DUREE_MAX_GRAVE: u16 = 2 * 60;

/// How far it has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Etape {
    #[default]
    Demandee,
    Ouverte {
        limite: DateTime<Utc>,
    },
    Finie,
}

/// State of an intervention.
#[derive(Debug, Clone, Default)]
pub struct Intervention {
    fiche: Option<FicheIntervention>,
    etape: Etape,
}

impl Aggregate for Intervention {
    const TYPE: &'static str = "portails.intervention";
    /// Each step stands on the one before.
    const LACUNE: Lacune = Lacune::Fige;
    type Command = InterventionCommand;
    type Event = InterventionEvent;
    type Refus = RefusIntervention;

    fn decide(&self, command: InterventionCommand) -> Result<Vec<InterventionEvent>, RefusIntervention> {
        match command {
            InterventionCommand::DemanderIntervention { fiche, couverte, directeur, maintenant } => {
                if !couverte {
                    return Err(RefusIntervention::NonHabilite);
                }
                self.demander(checked(fiche)?, directeur, maintenant)
            }
            InterventionCommand::ContresignerIntervention {
                par,
                meme_personne,
                couverte,
                directeur,
                maintenant,
            } => {
                if !couverte {
                    return Err(RefusIntervention::NonHabilite);
                }
                self.contresigner(par, meme_personne, directeur, maintenant)
            }
            InterventionCommand::ConsignerLecture { compte, perimetre, objet, maintenant } => {
                self.consigner(compte, perimetre, &objet, maintenant)
            }
            InterventionCommand::CloreIntervention { par, compte_rendu, directeur, maintenant } => {
                self.clore(par, &compte_rendu, directeur, maintenant)
            }
            InterventionCommand::ConstaterExpiration { directeur, maintenant } => {
                Ok(self.constater_expiration(directeur, maintenant))
            }
        }
    }

    fn apply(&mut self, event: InterventionEvent) {
        match event {
            InterventionEvent::InterventionDemandee { fiche } => self.fiche = Some(fiche),
            InterventionEvent::InterventionOuverte { limite, .. } => self.etape = Etape::Ouverte { limite },
            InterventionEvent::InterventionClose { .. } | InterventionEvent::InterventionExpiree { .. } => {
                self.etape = Etape::Finie;
            }
            // What it says changes nothing of what may follow.
            InterventionEvent::InterventionContresignee { .. }
            | InterventionEvent::LectureConsignee { .. }
            | InterventionEvent::DirecteurAvise { .. } => {}
        }
    }
}

impl Intervention {
    fn demander(
        &self,
        fiche: FicheIntervention,
        directeur: Option<PersonneId>,
        maintenant: DateTime<Utc>,
    ) -> Result<Vec<InterventionEvent>, RefusIntervention> {
        match &self.fiche {
            Some(known) if *known == fiche => return Ok(vec![]),
            Some(_) => return Err(RefusIntervention::InterventionDejaDemandee),
            None => {}
        }
        let directeur = directeur.ok_or(RefusIntervention::PortailSansDirecteur)?;
        let mut events = vec![InterventionEvent::InterventionDemandee { fiche: fiche.clone() }];
        if !is_grave(&fiche) {
            events.extend(opening(&fiche, directeur, maintenant));
        }
        Ok(events)
    }

    fn contresigner(
        &self,
        par: Habilite,
        meme_personne: bool,
        directeur: Option<PersonneId>,
        maintenant: DateTime<Utc>,
    ) -> Result<Vec<InterventionEvent>, RefusIntervention> {
        let fiche = self.fiche()?;
        match self.etape {
            Etape::Ouverte { .. } => return Err(RefusIntervention::InterventionDejaOuverte),
            Etape::Finie => return Err(RefusIntervention::InterventionNonOuverte),
            Etape::Demandee => {}
        }
        if meme_personne || par.is(fiche.habilite) {
            return Err(RefusIntervention::SecondePersonneRequise);
        }
        let directeur = directeur.ok_or(RefusIntervention::PortailSansDirecteur)?;
        let mut events = vec![InterventionEvent::InterventionContresignee { par }];
        events.extend(opening(fiche, directeur, maintenant));
        Ok(events)
    }

    fn consigner(
        &self,
        compte: CompteId,
        perimetre: Perimetre,
        objet: &str,
        maintenant: DateTime<Utc>,
    ) -> Result<Vec<InterventionEvent>, RefusIntervention> {
        let fiche = self.fiche()?;
        let Etape::Ouverte { limite } = self.etape else {
            return Err(RefusIntervention::InterventionNonOuverte);
        };
        if limite <= maintenant || compte != fiche.habilite.compte {
            return Err(RefusIntervention::InterventionNonOuverte);
        }
        if !fiche.perimetres.contains(&perimetre) {
            return Err(RefusIntervention::PerimetreNonCouvert);
        }
        let objet = texte::line(objet, OBJET_MAX).ok_or(RefusIntervention::PerimetreNonCouvert)?;
        Ok(vec![InterventionEvent::LectureConsignee { perimetre, objet, le: maintenant }])
    }

    fn clore(
        &self,
        par: PersonneId,
        compte_rendu: &str,
        directeur: Option<PersonneId>,
        maintenant: DateTime<Utc>,
    ) -> Result<Vec<InterventionEvent>, RefusIntervention> {
        self.fiche()?;
        let compte_rendu = texte::paragraphs(compte_rendu, COMPTE_RENDU_MAX)
            .ok_or(RefusIntervention::CompteRenduInvalide)?;
        if self.etape == Etape::Finie {
            return Err(RefusIntervention::InterventionNonOuverte);
        }
        let close = InterventionEvent::InterventionClose { par, compte_rendu, le: maintenant };
        Ok(std::iter::once(close).chain(told(directeur, Avis::Cloture, maintenant)).collect())
    }

    fn constater_expiration(
        &self,
        directeur: Option<PersonneId>,
        maintenant: DateTime<Utc>,
    ) -> Vec<InterventionEvent> {
        match self.etape {
            Etape::Ouverte { limite } if limite <= maintenant => {
                let expiree = InterventionEvent::InterventionExpiree { limite };
                std::iter::once(expiree).chain(told(directeur, Avis::Expiration, maintenant)).collect()
            }
            Etape::Ouverte { .. } | Etape::Demandee | Etape::Finie => vec![],
        }
    }

    fn fiche(&self) -> Result<&FicheIntervention, RefusIntervention> {
        self.fiche.as_ref().ok_or(RefusIntervention::InterventionInexistante)
    }
}

/// The intervention as it would be kept.
fn checked(fiche: FicheIntervention) -> Result<FicheIntervention, RefusIntervention> {
    if fiche.perimetres.is_empty() {
        return Err(RefusIntervention::PerimetreVide);
    }
    let motif = texte::motif(&fiche.motif).ok_or(RefusIntervention::MotifManquant)?;
    let ticket = texte::line(&fiche.ticket, TICKET_MAX).ok_or(RefusIntervention::TicketInvalide)?;
    let most = if is_grave(&fiche) { DUREE_MAX_GRAVE } else { DUREE_MAX };
    if !(DUREE_MIN..=most).contains(&fiche.minutes) {
        return Err(RefusIntervention::DureeInvalide);
    }
    Ok(FicheIntervention { motif, ticket, ..fiche })
}

fn is_grave(fiche: &FicheIntervention) -> bool {
    fiche.perimetres.iter().any(|perimetre| perimetre.is_grave())
}

/// Its time counts from now on, and the directeur is told.
fn opening(
    fiche: &FicheIntervention,
    directeur: PersonneId,
    maintenant: DateTime<Utc>,
) -> impl Iterator<Item = InterventionEvent> {
    let limite = maintenant + TimeDelta::minutes(i64::from(fiche.minutes));
    let ouverte = InterventionEvent::InterventionOuverte { le: maintenant, limite };
    std::iter::once(ouverte).chain(told(Some(directeur), Avis::Ouverture, maintenant))
}

/// That the directeur is told, where there is one.
fn told(directeur: Option<PersonneId>, avis: Avis, le: DateTime<Utc>) -> Option<InterventionEvent> {
    directeur.map(|directeur| InterventionEvent::DirecteurAvise { directeur, avis, le })
}

#[cfg(test)]
mod tests;
