//! A stage en entreprise: its convention, who has signed it, and the visit of the référent.
//!
//! No pupil begins before everybody has signed: the school, the company, the pupil and, for a minor,
//! who answers for him (code de l'éducation, art. L124-1 and D124-4; D331-1 for collégiens). The company
//! names a tuteur (art. L124-9), to whom the school may open an account: it is of this stage alone, and the
//! school may withdraw it before the last day.

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
    /// Takes the stage away from that account.
    RetirerTuteur {
        /// Why.
        motif: String,
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
        /// That person's account does so no more.
        TuteurRetire = "vie_de_l_eleve.stage.tuteur_retire" v 1 Scolarite of eleve {
            eleve: PersonneId, tuteur: PersonneId, motif: String, par: PersonneId, le: NaiveDate,
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
        MotifManquant = "MOTIF_MANQUANT" at "motif":
            "Retirer un stage au compte de son tuteur demande un motif, en 500 caractères au plus.",
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
            StageCommand::RetirerTuteur { motif, par, le } => {
                let eleve = self.eleve.ok_or(RefusStage::StageInexistant)?;
                let motif = texte::motif(&motif).ok_or(RefusStage::MotifManquant)?;
                let retire = |tuteur| StageEvent::TuteurRetire { eleve, tuteur, motif, par, le };
                Ok(self.tuteur.map(retire).into_iter().collect())
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
            StageEvent::TuteurRetire { .. } => self.tuteur = None,
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
mod tests;
