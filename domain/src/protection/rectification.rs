//! What someone asks to have set right about a person.
//!
//! It is granted, saying what was done, or refused, saying why; who refused also says how to
//! complain (RGPD, art. 12.4 and 16). A month is given to answer (art. 12.3). The data themselves
//! are set right where they come from: at their source, or by the act that is theirs (a roll, a
//! mark), so that the next delivery doesn't undo it. Nobody decides on his own demand.

use super::Demandeur;
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, Lacune, PersonneId, texte};
use chrono::{Months, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is said to be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Champ {
    /// Name, first name, civility.
    EtatCivil,
    /// Date of birth.
    Naissance,
    /// Address for mail.
    Courriel,
    /// Établissement, profil, division or groupe.
    Rattachement,
    /// Who answers for a pupil.
    Responsabilite,
    /// An absence or a late arrival.
    Absence,
    /// A mark.
    Note,
    /// Anything else.
    Autre,
}

impl Champ {
    /// The frozen name, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EtatCivil => "etat_civil",
            Self::Naissance => "naissance",
            Self::Courriel => "courriel",
            Self::Rattachement => "rattachement",
            Self::Responsabilite => "responsabilite",
            Self::Absence => "absence",
            Self::Note => "note",
            Self::Autre => "autre",
        }
    }
}

/// What may be asked of a rectification.
#[derive(Debug, Clone)]
pub enum RectificationCommand {
    /// Asks for it.
    DemanderRectification {
        /// Who asks, and about whom.
        demandeur: Demandeur,
        /// What is wrong.
        champ: Champ,
        /// What should stand there.
        valeur: String,
        /// Why.
        motif: String,
    },
    /// Grants it.
    AccorderRectification {
        /// What was done.
        suite: String,
        /// Who decides.
        par: PersonneId,
        /// On which day.
        le: NaiveDate,
    },
    /// Refuses it.
    RefuserRectification {
        /// Why, and how to complain.
        motif: String,
        /// Who decides.
        par: PersonneId,
        /// On which day.
        le: NaiveDate,
    },
}

events! {
    /// What happens to a rectification.
    pub enum RectificationEvent {
        /// Someone asks that something about a person be set right, and is to be answered by
        /// that day.
        RectificationDemandee = "protection.rectification.demandee" v 1 Annuaire of personne {
            personne: PersonneId, par: PersonneId, champ: Champ, valeur: String, motif: String,
            le: NaiveDate, avant_le: NaiveDate,
        },
        /// It was granted, and that was done.
        RectificationAccordee = "protection.rectification.accordee" v 1 Annuaire of personne {
            personne: PersonneId, suite: String, par: PersonneId, le: NaiveDate,
        },
        /// It was refused, for that reason.
        RectificationRefusee = "protection.rectification.refusee" v 1 Annuaire of personne {
            personne: PersonneId, motif: String, par: PersonneId, le: NaiveDate,
        },
    }
}

refusals! {
    /// Why a rectification refuses.
    pub enum RefusRectification {
        RectificationInconnue = "RECTIFICATION_INCONNUE" at "rectificationId":
            "Cette rectification n'est pas demandée.",
        RectificationDejaDemandee = "RECTIFICATION_DEJA_DEMANDEE" at "rectification":
            "Une autre demande porte déjà cet identifiant : donnez-en un nouveau.",
        RectificationDecidee = "RECTIFICATION_DECIDEE" at "rectificationId":
            "Il est déjà répondu à cette demande : faites-en une autre.",
        PersonneMajeure = "PERSONNE_MAJEURE" at "personneId":
            "Cette personne est majeure : c'est à elle de faire cette demande.",
        DecideurConcerne = "DECIDEUR_CONCERNE" at "rectificationId":
            "Cette demande vous concerne : une autre personne doit y répondre.",
        ValeurManquante = "VALEUR_MANQUANTE" at "valeur":
            "Dites ce qui devrait être écrit, en 500 caractères au plus.",
        SuiteManquante = "SUITE_MANQUANTE" at "suite":
            "Dites ce qui a été fait, en 500 caractères au plus.",
        MotifManquant = "MOTIF_MANQUANT" at "motif":
            "Une demande et un refus disent leur motif, en 500 caractères au plus ; un refus dit aussi qu'on peut saisir la CNIL.",
    }
}

/// A demand that was not answered, or was.
#[derive(Debug, Clone, Copy)]
struct Demande {
    personne: PersonneId,
    par: PersonneId,
    decidee: bool,
}

/// A rectification.
#[derive(Debug, Clone, Default)]
pub struct Rectification(Option<Demande>);

impl Aggregate for Rectification {
    const TYPE: &'static str = "protection.rectification";
    /// Without its demand there is nothing to decide.
    const LACUNE: Lacune = Lacune::Continue;
    type Command = RectificationCommand;
    type Event = RectificationEvent;
    type Refus = RefusRectification;

    fn decide(&self, command: RectificationCommand) -> Result<Vec<RectificationEvent>, RefusRectification> {
        match command {
            RectificationCommand::DemanderRectification { demandeur, champ, valeur, motif } => {
                self.demander(demandeur, champ, &valeur, &motif)
            }
            RectificationCommand::AccorderRectification { suite, par, le } => {
                let personne = self.pending(par)?;
                let suite = texte::motif(&suite).ok_or(RefusRectification::SuiteManquante)?;
                Ok(vec![RectificationEvent::RectificationAccordee { personne, suite, par, le }])
            }
            RectificationCommand::RefuserRectification { motif, par, le } => {
                let personne = self.pending(par)?;
                let motif = texte::motif(&motif).ok_or(RefusRectification::MotifManquant)?;
                Ok(vec![RectificationEvent::RectificationRefusee { personne, motif, par, le }])
            }
        }
    }

    fn apply(&mut self, event: RectificationEvent) {
        match event {
            RectificationEvent::RectificationDemandee { personne, par, .. } => {
                self.0 = Some(Demande { personne, par, decidee: false });
            }
            RectificationEvent::RectificationAccordee { .. }
            | RectificationEvent::RectificationRefusee { .. } => {
                if let Some(demande) = &mut self.0 {
                    demande.decidee = true;
                }
            }
        }
    }
}

impl Rectification {
    fn demander(
        &self,
        demandeur: Demandeur,
        champ: Champ,
        valeur: &str,
        motif: &str,
    ) -> Result<Vec<RectificationEvent>, RefusRectification> {
        if self.0.is_some() {
            return Err(RefusRectification::RectificationDejaDemandee);
        }
        if demandeur.trop_tard() {
            return Err(RefusRectification::PersonneMajeure);
        }
        let valeur = texte::motif(valeur).ok_or(RefusRectification::ValeurManquante)?;
        let motif = texte::motif(motif).ok_or(RefusRectification::MotifManquant)?;
        let Demandeur { personne, par, le, .. } = demandeur;
        let avant_le = le.checked_add_months(Months::new(1)).unwrap_or(le);
        Ok(vec![RectificationEvent::RectificationDemandee {
            personne,
            par,
            champ,
            valeur,
            motif,
            le,
            avant_le,
        }])
    }

    /// Whom it is about, for who may still decide.
    fn pending(&self, par: PersonneId) -> Result<PersonneId, RefusRectification> {
        let demande = self.0.ok_or(RefusRectification::RectificationInconnue)?;
        if demande.decidee {
            return Err(RefusRectification::RectificationDecidee);
        }
        if par == demande.personne || par == demande.par {
            return Err(RefusRectification::DecideurConcerne);
        }
        Ok(demande.personne)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn personne(name: &str) -> PersonneId {
        PersonneId::derived(&[name])
    }

    fn demander(valeur: &str, motif: &str) -> RectificationCommand {
        let demandeur = Demandeur {
            personne: personne("Zoé"),
            par: personne("mère"),
            naissance: Some(day("2014-05-01")),
            le: day("2027-01-31"),
        };
        let (valeur, motif) = (valeur.into(), motif.into());
        RectificationCommand::DemanderRectification { demandeur, champ: Champ::EtatCivil, valeur, motif }
    }

    fn demandee() -> RectificationEvent {
        RectificationEvent::RectificationDemandee {
            personne: personne("Zoé"),
            par: personne("mère"),
            champ: Champ::EtatCivil,
            valeur: "Zoé, avec un accent".into(),
            motif: "Acte de naissance".into(),
            le: day("2027-01-31"),
            avant_le: day("2027-02-28"),
        }
    }

    fn accorder(suite: &str, par: &str) -> RectificationCommand {
        RectificationCommand::AccorderRectification {
            suite: suite.into(),
            par: personne(par),
            le: day("2027-02-01"),
        }
    }

    fn accordee() -> RectificationEvent {
        RectificationEvent::RectificationAccordee {
            personne: personne("Zoé"),
            suite: "Corrigé dans SIECLE".into(),
            par: personne("cheffe"),
            le: day("2027-02-01"),
        }
    }

    #[test]
    fn a_demand_says_what_and_why_and_is_answered_within_a_month() {
        given::<Rectification>([])
            .when(demander("Zoé, avec un accent", "Acte de naissance"))
            .then([demandee()]);
        given::<Rectification>([])
            .when(demander(" ", "Acte de naissance"))
            .then_refused(RefusRectification::ValeurManquante);
        given::<Rectification>([]).when(demander("Zoé", "")).then_refused(RefusRectification::MotifManquant);
    }

    #[test]
    fn it_is_granted_with_what_was_done_or_refused_with_a_reason() {
        given::<Rectification>([demandee()])
            .when(accorder("Corrigé dans SIECLE", "cheffe"))
            .then([accordee()]);
        given::<Rectification>([demandee()])
            .when(accorder("", "cheffe"))
            .then_refused(RefusRectification::SuiteManquante);
        let refuser = |motif: &str| RectificationCommand::RefuserRectification {
            motif: motif.into(),
            par: personne("cheffe"),
            le: day("2027-02-01"),
        };
        given::<Rectification>([demandee()])
            .when(refuser(""))
            .then_refused(RefusRectification::MotifManquant);
        given::<Rectification>([demandee()]).when(refuser("Pièce illisible")).then([
            RectificationEvent::RectificationRefusee {
                personne: personne("Zoé"),
                motif: "Pièce illisible".into(),
                par: personne("cheffe"),
                le: day("2027-02-01"),
            },
        ]);
    }

    #[test]
    fn a_demand_is_answered_once() {
        given::<Rectification>([])
            .when(accorder("Fait", "cheffe"))
            .then_refused(RefusRectification::RectificationInconnue);
        given::<Rectification>([demandee(), accordee()])
            .when(accorder("Fait", "cheffe"))
            .then_refused(RefusRectification::RectificationDecidee);
    }

    #[test]
    fn nobody_decides_on_his_own_demand() {
        for par in ["Zoé", "mère"] {
            given::<Rectification>([demandee()])
                .when(accorder("Fait", par))
                .then_refused(RefusRectification::DecideurConcerne);
        }
    }
}
