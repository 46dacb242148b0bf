//! The adhésion of an établissement to the ENT, by a convention, and its end.
//!
//! The conseil d'administration consents to the convention (code de l'éducation, art. R421-20);
//! its reference and its first day are on the record. The portal is opened because the
//! établissement adheres, so that the convention may be recorded after it; only an end closes
//! the house: its pages are no longer public, and nothing in it is lost.

use super::Periode;
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, Lacune, texte};
use chrono::NaiveDate;

/// What may be asked of the adhésion of a portal.
#[derive(Debug, Clone)]
pub enum AdhesionCommand {
    /// Records the convention by which the établissement adheres.
    ConclureAdhesion {
        /// Whether the portal is an établissement's.
        etablissement: bool,
        /// Reference of the convention, and of the deliberation that allowed it.
        convention: String,
        /// First day.
        du: NaiveDate,
    },
    /// Ends it.
    TerminerAdhesion {
        /// Why.
        motif: String,
        /// First day without it.
        au: NaiveDate,
    },
}

events! {
    /// What happens to an adhésion.
    pub enum AdhesionEvent {
        /// The établissement adheres, from that day.
        AdhesionConclue = "portails.adhesion.conclue" v 1 Office { convention: String, du: NaiveDate },
        /// It no longer does, from that day.
        AdhesionTerminee = "portails.adhesion.terminee" v 1 Office { motif: String, au: NaiveDate },
    }
}

refusals! {
    /// Why an adhésion refuses.
    pub enum RefusAdhesion {
        PasEtablissement = "PAS_ETABLISSEMENT" at "portail":
            "Seul un établissement adhère à l'ENT : un partenaire y a son portail sans convention d'adhésion.",
        ConventionInvalide = "CONVENTION_INVALIDE" at "convention":
            "La référence de la convention doit tenir en une ligne de 1 à 200 caractères.",
        AdhesionEnCours = "ADHESION_EN_COURS" at "convention":
            "L'établissement adhère déjà par une autre convention : mettez-y fin d'abord.",
        AdhesionRetroactive { depuis: NaiveDate } = "ADHESION_RETROACTIVE" at "du":
            "L'adhésion précédente a pris fin le {depuis} : la suivante ne peut commencer avant.",
        AdhesionInexistante = "ADHESION_INEXISTANTE" at "portail":
            "Aucune adhésion n'est en cours sur ce portail : inscrivez d'abord sa convention.",
        PeriodeInvalide = "PERIODE_INVALIDE" at "au":
            "La fin de la période doit suivre son début.",
        MotifManquant = "MOTIF_MANQUANT" at "motif":
            "La fin d'une adhésion doit dire son motif, en 500 caractères au plus.",
    }
}

/// Longest reference, in characters.
const CONVENTION_MAX: usize = 200;

/// The last adhésion of a portal.
#[derive(Debug, Clone, Default)]
pub struct Adhesion {
    derniere: Option<(String, Periode)>,
}

impl Aggregate for Adhesion {
    const TYPE: &'static str = "portails.adhesion";
    /// Its contents are the portal's, kept as long as it.
    const LACUNE: Lacune = Lacune::Fige;
    type Command = AdhesionCommand;
    type Event = AdhesionEvent;
    type Refus = RefusAdhesion;

    fn decide(&self, command: AdhesionCommand) -> Result<Vec<AdhesionEvent>, RefusAdhesion> {
        match command {
            AdhesionCommand::ConclureAdhesion { etablissement: false, .. } => {
                Err(RefusAdhesion::PasEtablissement)
            }
            AdhesionCommand::ConclureAdhesion { convention, du, .. } => self.conclure(&convention, du),
            AdhesionCommand::TerminerAdhesion { motif, au } => self.terminer(&motif, au),
        }
    }

    fn apply(&mut self, event: AdhesionEvent) {
        match event {
            AdhesionEvent::AdhesionConclue { convention, du } => {
                self.derniere = Some((convention, Periode { du, au: None }));
            }
            AdhesionEvent::AdhesionTerminee { au, .. } => {
                if let Some((_, periode)) = &mut self.derniere {
                    periode.au = Some(au);
                }
            }
        }
    }
}

impl Adhesion {
    fn conclure(&self, convention: &str, du: NaiveDate) -> Result<Vec<AdhesionEvent>, RefusAdhesion> {
        let convention = texte::line(convention, CONVENTION_MAX).ok_or(RefusAdhesion::ConventionInvalide)?;
        match &self.derniere {
            Some((known, Periode { du: since, au: None })) => {
                let same = (known, *since) == (&convention, du);
                return if same { Ok(vec![]) } else { Err(RefusAdhesion::AdhesionEnCours) };
            }
            Some((_, Periode { au: Some(depuis), .. })) if du < *depuis => {
                return Err(RefusAdhesion::AdhesionRetroactive { depuis: *depuis });
            }
            Some(_) | None => {}
        }
        Ok(vec![AdhesionEvent::AdhesionConclue { convention, du }])
    }

    fn terminer(&self, motif: &str, au: NaiveDate) -> Result<Vec<AdhesionEvent>, RefusAdhesion> {
        let Some((_, periode)) = &self.derniere else { return Err(RefusAdhesion::AdhesionInexistante) };
        let motif = texte::motif(motif).ok_or(RefusAdhesion::MotifManquant)?;
        match periode.au {
            Some(known) if known == au => Ok(vec![]),
            Some(_) => Err(RefusAdhesion::AdhesionInexistante),
            None if au <= periode.du => Err(RefusAdhesion::PeriodeInvalide),
            None => Ok(vec![AdhesionEvent::AdhesionTerminee { motif, au }]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn conclure(convention: &str, du: &str) -> AdhesionCommand {
        AdhesionCommand::ConclureAdhesion {
            etablissement: true,
            convention: convention.to_owned(),
            du: day(du),
        }
    }

    fn conclue(convention: &str, du: &str) -> AdhesionEvent {
        AdhesionEvent::AdhesionConclue { convention: convention.to_owned(), du: day(du) }
    }

    fn terminer(au: &str) -> AdhesionCommand {
        AdhesionCommand::TerminerAdhesion { motif: "fermeture".to_owned(), au: day(au) }
    }

    fn terminee(au: &str) -> AdhesionEvent {
        AdhesionEvent::AdhesionTerminee { motif: "fermeture".to_owned(), au: day(au) }
    }

    #[test]
    fn an_etablissement_adheres_by_one_convention_at_a_time() {
        given::<Adhesion>([])
            .when(conclure(" 2026-17 ", "2026-09-01"))
            .then([conclue("2026-17", "2026-09-01")]);
        let known = conclue("2026-17", "2026-09-01");
        given::<Adhesion>([known.clone()]).when(conclure("2026-17", "2026-09-01")).then([]);
        given::<Adhesion>([known])
            .when(conclure("2026-18", "2026-10-01"))
            .then_refused(RefusAdhesion::AdhesionEnCours);
    }

    #[test]
    fn a_partner_does_not_adhere() {
        let partner = AdhesionCommand::ConclureAdhesion {
            etablissement: false,
            convention: "2026-17".to_owned(),
            du: day("2026-09-01"),
        };
        given::<Adhesion>([]).when(partner).then_refused(RefusAdhesion::PasEtablissement);
    }

    #[test]
    fn a_convention_has_a_reference() {
        given::<Adhesion>([])
            .when(conclure(" ", "2026-09-01"))
            .then_refused(RefusAdhesion::ConventionInvalide);
    }

    #[test]
    fn an_adhesion_ends_once_with_its_reason_after_it_began() {
        let known = conclue("2026-17", "2026-09-01");
        given::<Adhesion>([known.clone()]).when(terminer("2027-07-07")).then([terminee("2027-07-07")]);
        given::<Adhesion>([known.clone()])
            .when(terminer("2026-09-01"))
            .then_refused(RefusAdhesion::PeriodeInvalide);
        let mute = AdhesionCommand::TerminerAdhesion { motif: " ".to_owned(), au: day("2027-07-07") };
        given::<Adhesion>([known.clone()]).when(mute).then_refused(RefusAdhesion::MotifManquant);
        let ended = [known, terminee("2027-07-07")];
        given::<Adhesion>(ended.clone()).when(terminer("2027-07-07")).then([]);
        given::<Adhesion>(ended)
            .when(terminer("2027-08-01"))
            .then_refused(RefusAdhesion::AdhesionInexistante);
    }

    #[test]
    fn nothing_ends_that_was_not_concluded() {
        given::<Adhesion>([]).when(terminer("2027-07-07")).then_refused(RefusAdhesion::AdhesionInexistante);
    }

    #[test]
    fn who_has_left_may_adhere_again_from_then_on() {
        let ended = [conclue("2026-17", "2026-09-01"), terminee("2027-07-07")];
        given::<Adhesion>(ended.clone())
            .when(conclure("2027-03", "2027-09-01"))
            .then([conclue("2027-03", "2027-09-01")]);
        given::<Adhesion>(ended)
            .when(conclure("2027-03", "2027-07-06"))
            .then_refused(RefusAdhesion::AdhesionRetroactive { depuis: day("2027-07-07") });
    }
}
