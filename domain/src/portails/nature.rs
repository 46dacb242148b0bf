//! Whose house a portal is, and who answers for it by law.

use crate::EtablissementId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whose house a portal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum NaturePortail {
    /// An établissement's.
    Etablissement {
        /// Which one.
        etablissement: EtablissementId,
    },
    /// A private lycée's, a partner through the CREC: its équipe de direction alone comes in.
    LyceePrive {
        /// Which one.
        etablissement: EtablissementId,
    },
    /// The front door common to all partners.
    Partenaires,
    /// The Région's.
    Region,
    /// A département's.
    Departement,
    /// An académie's.
    Academie,
    /// Agricultural teaching, for the région.
    Draaf,
    /// Catholic teaching, for the région.
    Crec,
}

impl NaturePortail {
    /// Whether it is an établissement's, whose chef answers for it.
    pub const fn is_etablissement(self) -> bool {
        matches!(self, Self::Etablissement { .. } | Self::LyceePrive { .. })
    }

    /// Who is directeur de la publication by law: who represents what publishes (loi n° 82-652
    /// of 29 July 1982, art. 93-2; code de l'éducation, art. R421-9 and R222-25; code général
    /// des collectivités territoriales, art. L3221-3 and L4231-3; décret n° 2010-429).
    pub const fn titulaire(self) -> &'static str {
        match self {
            Self::Etablissement { .. } | Self::LyceePrive { .. } => "le chef d'établissement",
            Self::Partenaires | Self::Region => "le président du Conseil régional",
            Self::Departement => "le président du Conseil départemental",
            Self::Academie => "le recteur de l'académie",
            Self::Draaf => "le directeur régional de l'alimentation, de l'agriculture et de la forêt",
            Self::Crec => "le président du Comité régional de l'enseignement catholique",
        }
    }
}
