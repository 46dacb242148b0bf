//! The habilitation of someone to carry out control or maintenance operations in the ENT.
//!
//! The Région designates for all portals, an établissement for its own (RGPD, art. 28.3.b, 29
//! and 32.4: who has access acts on instruction and is bound to secrecy). It is held under a
//! compte apart, for parts of what portals hold, and for a year at most. By itself it opens
//! nothing: rights come with an intervention ([`super::Intervention`]).

use super::{Perimetre, Periode};
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, CompteId, Lacune, PersonneId, PortailId, texte};
use chrono::{Days, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Who may designate, and so how far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Designant {
    /// For all portals.
    Region,
    /// For its own.
    Etablissement,
}

/// The habilitation that is wished for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FicheHabilitation {
    /// The portal of who designates.
    pub portail: PortailId,
    /// The compte held for it.
    pub compte: CompteId,
    /// Who holds it.
    pub personne: PersonneId,
    /// For what.
    pub perimetres: BTreeSet<Perimetre>,
    /// The directeur who designates.
    pub par: PersonneId,
    /// First day.
    pub du: NaiveDate,
    /// First day without it.
    pub au: NaiveDate,
}

/// What may be asked of an habilitation.
#[derive(Debug, Clone)]
pub enum HabilitationCommand {
    /// Designates someone.
    AccorderHabilitation {
        /// Whom, for what and for how long.
        fiche: FicheHabilitation,
        /// What the portal may designate for; nothing for a portal that may not.
        designant: Option<Designant>,
        /// Whether that compte is nobody's own and no other office's.
        compte_libre: bool,
    },
    /// Ends it before its time.
    RevoquerHabilitation {
        /// Why.
        motif: String,
        /// First day without it.
        le: NaiveDate,
    },
}

events! {
    /// What happens to an habilitation.
    pub enum HabilitationEvent {
        /// Someone was designated.
        HabilitationAccordee = "portails.habilitation.accordee" v 1 Office of personne {
            portail: PortailId, designant: Designant, compte: CompteId, personne: PersonneId,
            perimetres: BTreeSet<Perimetre>, par: PersonneId, du: NaiveDate, au: NaiveDate,
        },
        /// He or she no longer is, from that day.
        HabilitationRevoquee = "portails.habilitation.revoquee" v 1 Office of personne {
            personne: PersonneId, motif: String, le: NaiveDate,
        },
    }
}

refusals! {
    /// Why an habilitation refuses.
    pub enum RefusHabilitation {
        DesignationImpossible = "DESIGNATION_IMPOSSIBLE" at "portail":
            "Seuls la Région et les établissements désignent des personnes habilitées.",
        CompteNonDistinct = "COMPTE_NON_DISTINCT" at "compteId":
            "L'habilitation s'exerce avec un compte distinct du compte personnel : créez un compte pour cette fonction.",
        PerimetreVide = "PERIMETRE_VIDE" at "perimetres":
            "Dites à quoi la personne est habilitée : un périmètre au moins.",
        PeriodeInvalide = "PERIODE_INVALIDE" at "au":
            "La fin de la période doit suivre son début.",
        HabilitationTropLongue = "HABILITATION_TROP_LONGUE" at "au":
            "Une habilitation dure un an au plus : accordez-en une autre à son terme.",
        HabilitationDejaAccordee = "HABILITATION_DEJA_ACCORDEE" at "habilitation":
            "Une autre habilitation porte déjà cet identifiant : donnez-en un nouveau.",
        HabilitationInexistante = "HABILITATION_INEXISTANTE" at "habilitationId":
            "Cette habilitation n'existe pas.",
        MotifManquant = "MOTIF_MANQUANT" at "motif":
            "Une révocation doit dire son motif, en 500 caractères au plus.",
    }
}

/// How long an habilitation lasts at most.
const DUREE_MAX: Days = Days::new(366);

/// State of an habilitation.
#[derive(Debug, Clone, Default)]
pub struct Habilitation {
    fiche: Option<FicheHabilitation>,
    fin: Option<NaiveDate>,
}

impl Aggregate for Habilitation {
    const TYPE: &'static str = "portails.habilitation";
    /// Both its events are about who holds it: they go together.
    const LACUNE: Lacune = Lacune::Fige;
    type Command = HabilitationCommand;
    type Event = HabilitationEvent;
    type Refus = RefusHabilitation;

    fn decide(&self, command: HabilitationCommand) -> Result<Vec<HabilitationEvent>, RefusHabilitation> {
        match command {
            HabilitationCommand::AccorderHabilitation { fiche, designant, compte_libre } => {
                let designant = designant.ok_or(RefusHabilitation::DesignationImpossible)?;
                if !compte_libre || fiche.compte == CompteId::personnel(fiche.personne) {
                    return Err(RefusHabilitation::CompteNonDistinct);
                }
                self.accorder(fiche, designant)
            }
            HabilitationCommand::RevoquerHabilitation { motif, le } => self.revoquer(&motif, le),
        }
    }

    fn apply(&mut self, event: HabilitationEvent) {
        match event {
            HabilitationEvent::HabilitationAccordee {
                portail,
                compte,
                personne,
                perimetres,
                par,
                du,
                au,
                ..
            } => {
                self.fiche = Some(FicheHabilitation { portail, compte, personne, perimetres, par, du, au });
                self.fin = Some(au);
            }
            HabilitationEvent::HabilitationRevoquee { le, .. } => self.fin = Some(le),
        }
    }
}

impl Habilitation {
    fn accorder(
        &self,
        fiche: FicheHabilitation,
        designant: Designant,
    ) -> Result<Vec<HabilitationEvent>, RefusHabilitation> {
        match &self.fiche {
            Some(known) if *known == fiche => return Ok(vec![]),
            Some(_) => return Err(RefusHabilitation::HabilitationDejaAccordee),
            None => {}
        }
        let FicheHabilitation { portail, compte, personne, perimetres, par, du, au } = fiche;
        if perimetres.is_empty() {
            return Err(RefusHabilitation::PerimetreVide);
        }
        if !(Periode { du, au: Some(au) }).is_sound() {
            return Err(RefusHabilitation::PeriodeInvalide);
        }
        if du.checked_add_days(DUREE_MAX).is_none_or(|last| last < au) {
            return Err(RefusHabilitation::HabilitationTropLongue);
        }
        Ok(vec![HabilitationEvent::HabilitationAccordee {
            portail,
            designant,
            compte,
            personne,
            perimetres,
            par,
            du,
            au,
        }])
    }

    fn revoquer(&self, motif: &str, le: NaiveDate) -> Result<Vec<HabilitationEvent>, RefusHabilitation> {
        let fiche = self.fiche.as_ref().ok_or(RefusHabilitation::HabilitationInexistante)?;
        let motif = texte::motif(motif).ok_or(RefusHabilitation::MotifManquant)?;
        if self.fin.is_some_and(|fin| fin <= le) {
            return Ok(vec![]);
        }
        Ok(vec![HabilitationEvent::HabilitationRevoquee { personne: fiche.personne, motif, le }])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn fiche(au: &str) -> FicheHabilitation {
        FicheHabilitation {
            portail: "www".parse().unwrap(),
            compte: CompteId::derived(&["technicien"]),
            personne: PersonneId::derived(&["Noé"]),
            perimetres: [Perimetre::Absences].into(),
            par: PersonneId::derived(&["présidente"]),
            du: day("2026-09-01"),
            au: day(au),
        }
    }

    fn accorder(fiche: FicheHabilitation) -> HabilitationCommand {
        let designant = Some(Designant::Region);
        HabilitationCommand::AccorderHabilitation { fiche, designant, compte_libre: true }
    }

    fn accordee(fiche: FicheHabilitation) -> HabilitationEvent {
        let FicheHabilitation { portail, compte, personne, perimetres, par, du, au } = fiche;
        let designant = Designant::Region;
        HabilitationEvent::HabilitationAccordee {
            portail,
            designant,
            compte,
            personne,
            perimetres,
            par,
            du,
            au,
        }
    }

    fn revoquer(le: &str) -> HabilitationCommand {
        HabilitationCommand::RevoquerHabilitation { motif: "départ".to_owned(), le: day(le) }
    }

    fn revoquee(le: &str) -> HabilitationEvent {
        let personne = PersonneId::derived(&["Noé"]);
        HabilitationEvent::HabilitationRevoquee { personne, motif: "départ".to_owned(), le: day(le) }
    }

    #[test]
    fn the_region_designates_someone_for_a_time() {
        let fiche = fiche("2027-09-01");
        given::<Habilitation>([]).when(accorder(fiche.clone())).then([accordee(fiche.clone())]);
        given::<Habilitation>([accordee(fiche.clone())]).when(accorder(fiche)).then([]);
    }

    #[test]
    fn one_id_names_one_habilitation() {
        given::<Habilitation>([accordee(fiche("2027-09-01"))])
            .when(accorder(fiche("2027-08-01")))
            .then_refused(RefusHabilitation::HabilitationDejaAccordee);
    }

    #[test]
    fn a_departement_or_an_academie_designates_nobody() {
        let fiche = fiche("2027-09-01");
        let other = HabilitationCommand::AccorderHabilitation { fiche, designant: None, compte_libre: true };
        given::<Habilitation>([]).when(other).then_refused(RefusHabilitation::DesignationImpossible);
    }

    #[test]
    fn the_compte_is_apart_and_nobody_elses() {
        let personal = FicheHabilitation {
            compte: CompteId::personnel(PersonneId::derived(&["Noé"])),
            ..fiche("2027-09-01")
        };
        given::<Habilitation>([]).when(accorder(personal)).then_refused(RefusHabilitation::CompteNonDistinct);
        let taken = HabilitationCommand::AccorderHabilitation {
            fiche: fiche("2027-09-01"),
            designant: Some(Designant::Etablissement),
            compte_libre: false,
        };
        given::<Habilitation>([]).when(taken).then_refused(RefusHabilitation::CompteNonDistinct);
    }

    #[test]
    fn it_is_for_something_and_for_a_year_at_most() {
        let nothing = FicheHabilitation { perimetres: [].into(), ..fiche("2027-09-01") };
        given::<Habilitation>([]).when(accorder(nothing)).then_refused(RefusHabilitation::PerimetreVide);
        given::<Habilitation>([])
            .when(accorder(fiche("2026-09-01")))
            .then_refused(RefusHabilitation::PeriodeInvalide);
        given::<Habilitation>([])
            .when(accorder(fiche("2027-09-03")))
            .then_refused(RefusHabilitation::HabilitationTropLongue);
    }

    #[test]
    fn it_is_revoked_with_a_reason_and_once() {
        let known = accordee(fiche("2027-09-01"));
        given::<Habilitation>([known.clone()]).when(revoquer("2026-12-01")).then([revoquee("2026-12-01")]);
        given::<Habilitation>([known.clone(), revoquee("2026-12-01")]).when(revoquer("2026-12-02")).then([]);
        let mute = HabilitationCommand::RevoquerHabilitation { motif: " ".to_owned(), le: day("2026-12-01") };
        given::<Habilitation>([known]).when(mute).then_refused(RefusHabilitation::MotifManquant);
        given::<Habilitation>([])
            .when(revoquer("2026-12-01"))
            .then_refused(RefusHabilitation::HabilitationInexistante);
    }
}
