//! Why a journal in which nothing is wrong is not wholly proven: what is missing accuses nobody,
//! and shows nothing either.

use chrono::NaiveDate;

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reserve {
    /// An export carries no checkpoint: nothing ties it to what the house sealed.
    SansSceau,
    /// The days before its first event were not closed, as was the rule then.
    ClotureAnterieure {
        /// The first day.
        du: NaiveDate,
        /// The last one.
        au: NaiveDate,
    },
}

impl Reserve {
    /// What is missing, in French.
    pub fn spoken(self) -> String {
        match self {
            Self::SansSceau => "il n'emporte aucun sceau, et rien ne montre que c'est bien le journal de la \
                 plateforme : exportez-le depuis son premier événement jusqu'à un événement scellé"
                .to_owned(),
            Self::ClotureAnterieure { du, au } => format!(
                "clôture absente du {} au {} : antérieure à la règle, qui clôt chaque jour dès le 1er août",
                du.format("%d/%m/%Y"),
                au.format("%d/%m/%Y")
            ),
        }
    }

    /// A stable name for machines.
    pub fn name(self) -> &'static str {
        match self {
            Self::SansSceau => "sceau_absent",
            Self::ClotureAnterieure { .. } => "cloture_anterieure_a_la_regle",
        }
    }
}
