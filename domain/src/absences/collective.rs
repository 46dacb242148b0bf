//! An absence of a whole group: a school trip, a stage. One fact for the group, and never an
//! absence of anybody: pupils are at school elsewhere. Source: code de l'éducation, art. R421-5
//! and D331-1 (stages); circulaire n° 2011-117 (sorties et voyages).

use super::Creneau;
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, DivisionId, EtablissementId, GroupeId, Lacune, texte};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Longest name, in characters.
const TEXTE_MAX: usize = 200;
/// Most divisions and groupes.
const NOMBRE_MAX: usize = 100;

/// What takes the group away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum NatureCollective {
    Sortie,
    Voyage,
    Stage,
    Autre,
}

impl NatureCollective {
    /// The frozen name, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sortie => "sortie",
            Self::Voyage => "voyage",
            Self::Stage => "stage",
            Self::Autre => "autre",
        }
    }
}

/// Who is away, from when to when, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FicheCollective {
    /// Where from.
    pub etablissement: EtablissementId,
    /// What takes the group away.
    pub nature: NatureCollective,
    /// In words.
    pub libelle: String,
    /// From when to when.
    pub creneau: Creneau,
    /// Whole divisions.
    pub divisions: BTreeSet<DivisionId>,
    /// Whole groupes.
    pub groupes: BTreeSet<GroupeId>,
}

/// What may be asked of it.
#[derive(Debug, Clone)]
pub enum CollectiveCommand {
    /// Declares it.
    DeclarerCollective {
        /// Which.
        fiche: FicheCollective,
        /// Whether its divisions and groupes are of the établissement.
        connus: bool,
    },
    /// It does not take place.
    AnnulerCollective {
        /// Why.
        motif: String,
    },
}

events! {
    /// What happens to it.
    pub enum CollectiveEvent {
        /// A group is away.
        CollectiveDeclaree = "absences.collective.declaree" v 1 Scolarite { fiche: FicheCollective },
        /// It is not.
        CollectiveAnnulee = "absences.collective.annulee" v 1 Scolarite { motif: String },
    }
}

refusals! {
    /// Why it refuses.
    pub enum RefusCollective {
        CollectiveInexistante = "COLLECTIVE_INEXISTANTE" at "collectiveId":
            "Aucune absence collective n'est déclarée sous cet identifiant.",
        CollectiveDejaDeclaree = "COLLECTIVE_DEJA_DECLAREE" at "collective":
            "Une absence collective porte déjà cet identifiant : donnez-en un nouveau.",
        CollectiveAnnulee = "COLLECTIVE_ANNULEE" at "collectiveId":
            "Cette absence collective est déjà annulée.",
        CollectiveSansLibelle = "COLLECTIVE_SANS_LIBELLE" at "libelle":
            "Une absence collective porte un libellé, en une ligne de 1 à 200 caractères.",
        CollectiveSansGroupe = "COLLECTIVE_SANS_GROUPE" at "divisionIds":
            "Une absence collective est celle de divisions ou de groupes de l'établissement, 100 au plus.",
        CollectiveSansDuree = "COLLECTIVE_SANS_DUREE" at "fin":
            "Une absence collective se termine après son début et dure un an au plus.",
        AnnulationSansMotif = "ANNULATION_SANS_MOTIF" at "motif":
            "Une annulation dit pourquoi, en 500 caractères au plus.",
    }
}

/// State of it.
#[derive(Debug, Clone, Default)]
pub struct Collective {
    declaree: bool,
    annulee: bool,
}

impl Aggregate for Collective {
    const TYPE: &'static str = "absences.collective";
    /// Its first event says what it is.
    const LACUNE: Lacune = Lacune::Continue;
    type Command = CollectiveCommand;
    type Event = CollectiveEvent;
    type Refus = RefusCollective;

    fn decide(&self, command: CollectiveCommand) -> Result<Vec<CollectiveEvent>, RefusCollective> {
        match command {
            CollectiveCommand::DeclarerCollective { fiche, connus } => self.declarer(fiche, connus),
            CollectiveCommand::AnnulerCollective { motif } => {
                if !self.declaree {
                    return Err(RefusCollective::CollectiveInexistante);
                }
                if self.annulee {
                    return Err(RefusCollective::CollectiveAnnulee);
                }
                let motif = texte::motif(&motif).ok_or(RefusCollective::AnnulationSansMotif)?;
                Ok(vec![CollectiveEvent::CollectiveAnnulee { motif }])
            }
        }
    }

    fn apply(&mut self, event: CollectiveEvent) {
        match event {
            CollectiveEvent::CollectiveDeclaree { .. } => self.declaree = true,
            CollectiveEvent::CollectiveAnnulee { .. } => self.annulee = true,
        }
    }
}

impl Collective {
    fn declarer(
        &self,
        mut fiche: FicheCollective,
        connus: bool,
    ) -> Result<Vec<CollectiveEvent>, RefusCollective> {
        if self.declaree {
            return Err(RefusCollective::CollectiveDejaDeclaree);
        }
        fiche.libelle =
            texte::line(&fiche.libelle, TEXTE_MAX).ok_or(RefusCollective::CollectiveSansLibelle)?;
        let groups = fiche.divisions.len() + fiche.groupes.len();
        if !connus || !(1..=NOMBRE_MAX).contains(&groups) {
            return Err(RefusCollective::CollectiveSansGroupe);
        }
        if !fiche.creneau.est_valide() {
            return Err(RefusCollective::CollectiveSansDuree);
        }
        Ok(vec![CollectiveEvent::CollectiveDeclaree { fiche }])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;
    use chrono::NaiveDate;

    fn fiche() -> FicheCollective {
        let day: NaiveDate = "2026-12-03".parse().unwrap();
        let at = |hour| day.and_hms_opt(hour, 0, 0).unwrap();
        FicheCollective {
            etablissement: EtablissementId::derived(&["collège"]),
            nature: NatureCollective::Sortie,
            libelle: "Musée".into(),
            creneau: Creneau { debut: at(8), fin: at(17) },
            divisions: [DivisionId::derived(&["6A"])].into(),
            groupes: BTreeSet::new(),
        }
    }

    fn declarer(fiche: FicheCollective, connus: bool) -> CollectiveCommand {
        CollectiveCommand::DeclarerCollective { fiche, connus }
    }

    fn declaree() -> CollectiveEvent {
        CollectiveEvent::CollectiveDeclaree { fiche: fiche() }
    }

    #[test]
    fn a_group_is_away_by_one_fact() {
        given::<Collective>([]).when(declarer(fiche(), true)).then([declaree()]);
        given::<Collective>([declaree()])
            .when(declarer(fiche(), true))
            .then_refused(RefusCollective::CollectiveDejaDeclaree);
    }

    #[test]
    fn a_group_is_known_has_a_name_and_a_length() {
        let refused =
            |fiche, connus, refus| given::<Collective>([]).when(declarer(fiche, connus)).then_refused(refus);
        refused(fiche(), false, RefusCollective::CollectiveSansGroupe);
        let nobody = FicheCollective { divisions: BTreeSet::new(), ..fiche() };
        refused(nobody, true, RefusCollective::CollectiveSansGroupe);
        let unnamed = FicheCollective { libelle: " ".into(), ..fiche() };
        refused(unnamed, true, RefusCollective::CollectiveSansLibelle);
        let debut = fiche().creneau.debut;
        let instant = FicheCollective { creneau: Creneau { debut, fin: debut }, ..fiche() };
        refused(instant, true, RefusCollective::CollectiveSansDuree);
    }

    #[test]
    fn it_is_called_off_once_with_a_reason() {
        let annuler = |motif: &str| CollectiveCommand::AnnulerCollective { motif: motif.into() };
        let called_off = CollectiveEvent::CollectiveAnnulee { motif: "Neige".into() };
        given::<Collective>([declaree()]).when(annuler("Neige")).then([called_off.clone()]);
        given::<Collective>([declaree()])
            .when(annuler(""))
            .then_refused(RefusCollective::AnnulationSansMotif);
        given::<Collective>([declaree(), called_off])
            .when(annuler("Neige"))
            .then_refused(RefusCollective::CollectiveAnnulee);
        given::<Collective>([]).when(annuler("Neige")).then_refused(RefusCollective::CollectiveInexistante);
    }
}
