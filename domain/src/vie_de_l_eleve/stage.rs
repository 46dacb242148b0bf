//! A stage en entreprise: its convention, who has signed it, and the visit of the référent.
//!
//! No pupil begins before everybody has signed: the school, the company, the pupil and, for a minor,
//! who answers for him (code de l'éducation, art. L124-1 and D124-4; D331-1 for collégiens). The company
//! names a tuteur (art. L124-9), to whom the school may open an account: it is of this stage alone.

use super::{LIGNE_MAX, recit};
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, Lacune, PersonneId, texte};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a convention says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FicheStage {
    /// The company.
    pub entreprise: String,
    /// Who looks after the pupil there.
    pub tuteur: String,
    /// First day.
    pub du: NaiveDate,
    /// Last day.
    pub au: NaiveDate,
    /// What the pupil does there.
    pub activites: String,
}

/// A party to a convention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartieStage {
    /// The school, by its chef.
    Etablissement,
    /// The company: by its tuteur's account, or on paper, as the school records it.
    Entreprise,
    /// The pupil.
    Eleve,
    /// Who answers for a minor.
    Responsable,
}

/// What may be asked of a stage.
#[derive(Debug, Clone)]
pub enum StageCommand {
    /// Prepares its convention.
    PreparerStage {
        /// Whose.
        eleve: PersonneId,
        /// What it says.
        fiche: FicheStage,
        /// The teacher who follows it.
        referent: PersonneId,
        /// The pupil is a minor.
        mineur: bool,
        /// Who prepares it.
        par: PersonneId,
    },
    /// Signs it.
    SignerConvention {
        /// For which party.
        partie: PartieStage,
        /// The parties for which who signs may.
        permises: BTreeSet<PartieStage>,
        /// Who.
        par: PersonneId,
        /// When.
        le: NaiveDate,
    },
    /// Says whose account is that of who looks after the pupil there.
    DesignerTuteur {
        /// Whose; the last one who was named, and nobody else.
        tuteur: PersonneId,
        /// Who says so.
        par: PersonneId,
        /// When.
        le: NaiveDate,
    },
    /// Tells what the référent saw there.
    RendreCompteDeVisite {
        /// When.
        le: NaiveDate,
        /// What.
        compte_rendu: String,
        /// Who.
        par: PersonneId,
    },
}

events! {
    /// What happens to a stage.
    pub enum StageEvent {
        /// Its convention was prepared.
        StagePrepare = "vie_de_l_eleve.stage.prepare" v 1 Scolarite of eleve {
            eleve: PersonneId, fiche: FicheStage, referent: PersonneId, mineur: bool, par: PersonneId,
        },
        /// A party signed.
        ConventionSignee = "vie_de_l_eleve.stage.convention_signee" v 1 Scolarite of eleve {
            eleve: PersonneId, partie: PartieStage, par: PersonneId, le: NaiveDate,
        },
        /// Everybody has: the pupil may begin.
        ConventionConclue = "vie_de_l_eleve.stage.convention_conclue" v 1 Scolarite of eleve {
            eleve: PersonneId, le: NaiveDate,
        },
        /// That person's account reads the stage, and signs for the company, until its last day.
        TuteurDesigne = "vie_de_l_eleve.stage.tuteur_designe" v 1 Scolarite of eleve {
            eleve: PersonneId, tuteur: PersonneId, par: PersonneId, le: NaiveDate,
        },
        /// The référent was there.
        VisiteFaite = "vie_de_l_eleve.stage.visite_faite" v 1 Scolarite of eleve {
            eleve: PersonneId, le: NaiveDate, compte_rendu: String, par: PersonneId,
        },
    }
}

refusals! {
    /// Why a stage refuses.
    pub enum RefusStage {
        StageInexistant = "STAGE_INEXISTANT" at "stageId": "Ce stage n'existe pas.",
        StageDejaPrepare = "STAGE_DEJA_PREPARE":
            "Un autre stage porte déjà cet identifiant : prenez-en un nouveau.",
        FicheInvalide = "FICHE_DE_STAGE_INVALIDE" at "fiche":
            "Dites l'entreprise et le tuteur en une ligne de 1 à 200 caractères, et les activités en 2 000 au plus.",
        DatesInversees = "DATES_INVERSEES" at "au": "Un stage finit au plus tôt le jour où il commence.",
        PartieRefusee = "PARTIE_REFUSEE" at "partie":
            "Vous ne signez pas pour cette partie : chacune signe pour elle-même.",
        ConventionNonConclue = "CONVENTION_NON_CONCLUE":
            "La convention n'est pas encore signée de tous : l'élève n'a pas commencé.",
        StageTermine = "STAGE_TERMINE" at "stageId":
            "Ce stage est terminé : un compte n'y ouvrirait plus rien.",
        HorsStage = "HORS_STAGE" at "le": "Une visite se fait pendant le stage : corrigez sa date.",
        CompteRenduInvalide = "COMPTE_RENDU_INVALIDE" at "compteRendu":
            "Rendez compte de la visite, en 2 000 caractères au plus.",
    }
}

/// State of a stage.
#[derive(Debug, Clone, Default)]
pub struct Stage {
    eleve: Option<PersonneId>,
    dates: Option<(NaiveDate, NaiveDate)>,
    tuteur: Option<PersonneId>,
    attendues: BTreeSet<PartieStage>,
}

impl Aggregate for Stage {
    const TYPE: &'static str = "vie_de_l_eleve.stage";
    const LACUNE: Lacune = Lacune::Continue;
    type Command = StageCommand;
    type Event = StageEvent;
    type Refus = RefusStage;

    fn decide(&self, command: StageCommand) -> Result<Vec<StageEvent>, RefusStage> {
        match command {
            StageCommand::PreparerStage { .. } if self.eleve.is_some() => Err(RefusStage::StageDejaPrepare),
            StageCommand::PreparerStage { eleve, fiche, referent, mineur, par } => {
                let fiche = fiche.checked()?;
                Ok(vec![StageEvent::StagePrepare { eleve, fiche, referent, mineur, par }])
            }
            StageCommand::SignerConvention { partie, permises, par, le } => {
                self.signer(partie, &permises, par, le)
            }
            StageCommand::DesignerTuteur { tuteur, par, le } => {
                let (eleve, (_, au)) = self.eleve.zip(self.dates).ok_or(RefusStage::StageInexistant)?;
                if le > au {
                    return Err(RefusStage::StageTermine);
                }
                let nouveau = self.tuteur != Some(tuteur);
                let designe = StageEvent::TuteurDesigne { eleve, tuteur, par, le };
                Ok(nouveau.then_some(designe).into_iter().collect())
            }
            StageCommand::RendreCompteDeVisite { le, compte_rendu, par } => {
                let (eleve, (du, au)) = self.eleve.zip(self.dates).ok_or(RefusStage::StageInexistant)?;
                if !self.attendues.is_empty() {
                    return Err(RefusStage::ConventionNonConclue);
                }
                if !(du..=au).contains(&le) {
                    return Err(RefusStage::HorsStage);
                }
                let compte_rendu = recit(&compte_rendu).ok_or(RefusStage::CompteRenduInvalide)?;
                Ok(vec![StageEvent::VisiteFaite { eleve, le, compte_rendu, par }])
            }
        }
    }

    fn apply(&mut self, event: StageEvent) {
        match event {
            StageEvent::StagePrepare { eleve, fiche, mineur, .. } => {
                self.eleve = Some(eleve);
                self.dates = Some((fiche.du, fiche.au));
                self.attendues = [PartieStage::Etablissement, PartieStage::Entreprise, PartieStage::Eleve]
                    .into_iter()
                    .chain(mineur.then_some(PartieStage::Responsable))
                    .collect();
            }
            StageEvent::ConventionSignee { partie, .. } => {
                self.attendues.remove(&partie);
            }
            StageEvent::TuteurDesigne { tuteur, .. } => self.tuteur = Some(tuteur),
            StageEvent::ConventionConclue { .. } | StageEvent::VisiteFaite { .. } => {}
        }
    }
}

impl Stage {
    fn signer(
        &self,
        partie: PartieStage,
        permises: &BTreeSet<PartieStage>,
        par: PersonneId,
        le: NaiveDate,
    ) -> Result<Vec<StageEvent>, RefusStage> {
        let eleve = self.eleve.ok_or(RefusStage::StageInexistant)?;
        if !permises.contains(&partie) {
            return Err(RefusStage::PartieRefusee);
        }
        if !self.attendues.contains(&partie) {
            return Ok(vec![]);
        }
        let last = self.attendues.len() == 1;
        let conclue = last.then_some(StageEvent::ConventionConclue { eleve, le });
        Ok([StageEvent::ConventionSignee { eleve, partie, par, le }].into_iter().chain(conclue).collect())
    }
}

impl FicheStage {
    fn checked(self) -> Result<Self, RefusStage> {
        if self.au < self.du {
            return Err(RefusStage::DatesInversees);
        }
        let line = |text: &str| texte::line(text, LIGNE_MAX).ok_or(RefusStage::FicheInvalide);
        let activites = recit(&self.activites).ok_or(RefusStage::FicheInvalide)?;
        Ok(Self { entreprise: line(&self.entreprise)?, tuteur: line(&self.tuteur)?, activites, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn qui(name: &str) -> PersonneId {
        PersonneId::derived(&[name])
    }

    fn fiche(du: &str, au: &str) -> FicheStage {
        FicheStage {
            entreprise: "Boulangerie du Coin".into(),
            tuteur: "M. Levain".into(),
            du: day(du),
            au: day(au),
            activites: "Observation".into(),
        }
    }

    fn prepare(mineur: bool) -> StageEvent {
        let fiche = fiche("2026-12-07", "2026-12-11");
        StageEvent::StagePrepare { eleve: qui("Zoé"), fiche, referent: qui("Ada"), mineur, par: qui("Ada") }
    }

    fn signer(partie: PartieStage) -> StageCommand {
        let (par, le) = (qui("signataire"), day("2026-11-24"));
        StageCommand::SignerConvention { partie, permises: [partie].into(), par, le }
    }

    fn signee(partie: PartieStage) -> StageEvent {
        let (par, le) = (qui("signataire"), day("2026-11-24"));
        StageEvent::ConventionSignee { eleve: qui("Zoé"), partie, par, le }
    }

    #[test]
    fn a_convention_is_concluded_by_its_last_signature_a_minors_with_a_parents() {
        use PartieStage::{Eleve, Entreprise, Etablissement, Responsable};
        let conclue = StageEvent::ConventionConclue { eleve: qui("Zoé"), le: day("2026-11-24") };
        let three = || [Etablissement, Entreprise].map(signee);
        given::<Stage>([prepare(false)].into_iter().chain(three()))
            .when(signer(Eleve))
            .then([signee(Eleve), conclue.clone()]);
        given::<Stage>([prepare(true)].into_iter().chain(three())).when(signer(Eleve)).then([signee(Eleve)]);
        given::<Stage>([prepare(true)].into_iter().chain(three()).chain([signee(Eleve)]))
            .when(signer(Responsable))
            .then([signee(Responsable), conclue]);
    }

    #[test]
    fn nobody_signs_for_another_party() {
        let (par, le) = (qui("Zoé"), day("2026-11-24"));
        let command = StageCommand::SignerConvention {
            partie: PartieStage::Etablissement,
            permises: [PartieStage::Eleve].into(),
            par,
            le,
        };
        given::<Stage>([prepare(true)]).when(command).then_refused(RefusStage::PartieRefusee);
    }

    #[test]
    fn a_visit_is_made_during_a_stage_that_everybody_has_signed() {
        let visiter = |le: &str| StageCommand::RendreCompteDeVisite {
            le: day(le),
            compte_rendu: "Tout va bien.".into(),
            par: qui("Ada"),
        };
        given::<Stage>([prepare(false)])
            .when(visiter("2026-12-09"))
            .then_refused(RefusStage::ConventionNonConclue);
        use PartieStage::{Eleve, Entreprise, Etablissement};
        let signed = || [prepare(false)].into_iter().chain([Etablissement, Entreprise, Eleve].map(signee));
        given::<Stage>(signed()).when(visiter("2026-12-14")).then_refused(RefusStage::HorsStage);
        given::<Stage>(signed()).when(visiter("2026-12-09")).then([StageEvent::VisiteFaite {
            eleve: qui("Zoé"),
            le: day("2026-12-09"),
            compte_rendu: "Tout va bien.".into(),
            par: qui("Ada"),
        }]);
    }

    #[test]
    fn a_tuteur_is_named_once_until_the_last_day_and_another_takes_the_place() {
        let designer = |name: &str, le: &str| StageCommand::DesignerTuteur {
            tuteur: qui(name),
            par: qui("chef"),
            le: day(le),
        };
        let designe = |name: &str| StageEvent::TuteurDesigne {
            eleve: qui("Zoé"),
            tuteur: qui(name),
            par: qui("chef"),
            le: day("2026-12-11"),
        };
        let known = || [prepare(true), designe("Levain")];
        given::<Stage>([prepare(true)]).when(designer("Levain", "2026-12-11")).then([designe("Levain")]);
        given::<Stage>(known()).when(designer("Levain", "2026-12-11")).then([]);
        given::<Stage>(known()).when(designer("Miche", "2026-12-11")).then([designe("Miche")]);
        given::<Stage>([prepare(true)])
            .when(designer("Levain", "2026-12-12"))
            .then_refused(RefusStage::StageTermine);
        given::<Stage>([]).when(designer("Levain", "2026-12-11")).then_refused(RefusStage::StageInexistant);
    }

    #[test]
    fn a_stage_ends_after_it_begins_and_names_its_company() {
        let preparer = |fiche| StageCommand::PreparerStage {
            eleve: qui("Zoé"),
            fiche,
            referent: qui("Ada"),
            mineur: true,
            par: qui("Ada"),
        };
        given::<Stage>([])
            .when(preparer(fiche("2026-12-11", "2026-12-07")))
            .then_refused(RefusStage::DatesInversees);
        let nameless = FicheStage { entreprise: " ".into(), ..fiche("2026-12-07", "2026-12-11") };
        given::<Stage>([]).when(preparer(nameless)).then_refused(RefusStage::FicheInvalide);
    }
}
