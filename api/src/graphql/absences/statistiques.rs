//! What the absences of an établissement come to in a month, in GraphQL.

use crate::graphql::annuaire::Division;
use async_graphql::{Object, SimpleObject};
use chrono::NaiveDate;
use domain::absences::{ChiffresDuMois, MoisCivil};
use domain::annuaire::NiveauScolaire;
use projections::annuaire as views;
use std::collections::BTreeMap;

/// Les absences d'un ensemble d'élèves dans un mois.
pub struct ChiffresDAssiduite(ChiffresDuMois);

#[Object]
/// Les absences d'un ensemble d'élèves dans un mois.
impl ChiffresDAssiduite {
    /// Combien d'élèves, chacun dans la dernière division où il était dans le mois.
    async fn eleves(&self) -> u32 {
        self.0.eleves
    }

    /// Demi-journées où ils étaient attendus.
    async fn demi_journees_dues(&self) -> u32 {
        self.0.dues
    }

    /// Celles où ils étaient absents.
    async fn constatees(&self) -> u32 {
        self.0.constatees
    }

    /// De ces dernières, celles dont le motif est légitime : retenu, ou donné et pas encore jugé.
    async fn justifiees(&self) -> u32 {
        self.0.justifiees()
    }

    /// Les autres, comme au bulletin.
    async fn injustifiees(&self) -> u32 {
        self.0.injustifiees
    }

    /// Celles qui comptent pour les seuils.
    async fn sans_motif_legitime(&self) -> u32 {
        self.0.sans_motif
    }

    /// Élèves qui atteignent le seuil d'un signalement.
    async fn signalements(&self) -> u32 {
        self.0.signalements
    }

    /// Élèves qui atteignent celui d'un suivi renforcé.
    async fn suivis(&self) -> u32 {
        self.0.suivis
    }

    /// Part des demi-journées dues où les élèves étaient absents : une fraction exacte, comme « 3/40 » ;
    /// rien si aucune n'est due.
    async fn taux_d_absence(&self) -> Option<String> {
        self.0.taux_d_absence().map(|taux| taux.to_string())
    }

    /// La même, des absences sans motif légitime.
    async fn taux_sans_motif_legitime(&self) -> Option<String> {
        self.0.taux_sans_motif().map(|taux| taux.to_string())
    }

    /// Part des élèves qui atteignent le seuil d'un signalement, en fraction exacte.
    async fn taux_d_absenteisme(&self) -> Option<String> {
        self.0.taux_d_absenteisme().map(|taux| taux.to_string())
    }
}

/// Les absences d'un niveau dans un mois.
#[derive(SimpleObject)]
pub struct AbsencesDuNiveau {
    /// Code du dispositif de formation ; rien si la formation des divisions n'est pas connue.
    code: Option<String>,
    libelle: String,
    chiffres: ChiffresDAssiduite,
}

/// Les absences d'une division dans un mois.
#[derive(SimpleObject)]
pub struct AbsencesDeLaDivision {
    division: Division,
    chiffres: ChiffresDAssiduite,
}

/// Les absences d'un établissement dans un mois, jusqu'à aujourd'hui.
pub struct StatistiquesAbsences {
    mois: MoisCivil,
    divisions: Vec<(views::Division, ChiffresDuMois)>,
}

impl StatistiquesAbsences {
    /// Those of a month, by division.
    pub fn new(mois: MoisCivil, divisions: Vec<(views::Division, ChiffresDuMois)>) -> Self {
        Self { mois, divisions }
    }
}

#[Object]
/// Les absences d'un établissement dans un mois, jusqu'à aujourd'hui.
impl StatistiquesAbsences {
    /// Premier jour du mois.
    async fn mois(&self) -> NaiveDate {
        self.mois.debut()
    }

    /// De tous les élèves.
    async fn total(&self) -> ChiffresDAssiduite {
        ChiffresDAssiduite(self.divisions.iter().map(|(_, chiffres)| *chiffres).sum())
    }

    /// Par niveau.
    #[graphql(complexity = "10 * child_complexity + 1")]
    async fn niveaux(&self) -> Vec<AbsencesDuNiveau> {
        let mut by_level: BTreeMap<Option<NiveauScolaire>, ChiffresDuMois> = BTreeMap::new();
        for (division, chiffres) in &self.divisions {
            let total = by_level.entry(division.mef.as_deref().and_then(NiveauScolaire::du_mef)).or_default();
            *total = *total + *chiffres;
        }
        let told = |(niveau, chiffres): (Option<NiveauScolaire>, ChiffresDuMois)| AbsencesDuNiveau {
            code: niveau.as_ref().map(|niveau| niveau.code().to_owned()),
            libelle: niveau.map_or_else(|| "Formation inconnue".to_owned(), |niveau| niveau.to_string()),
            chiffres: ChiffresDAssiduite(chiffres),
        };
        by_level.into_iter().map(told).collect()
    }

    /// Par division, dans l'ordre de leurs codes.
    #[graphql(complexity = "35 * child_complexity + 1")]
    async fn divisions(&self) -> Vec<AbsencesDeLaDivision> {
        let told = |(division, chiffres): &(views::Division, ChiffresDuMois)| AbsencesDeLaDivision {
            division: Division(division.clone()),
            chiffres: ChiffresDAssiduite(*chiffres),
        };
        self.divisions.iter().map(told).collect()
    }
}
