//! The bricks of the ENT: what a portal may offer, in seven families.
//!
//! The list is frozen: the record names bricks by these words for ever. The catalogue of a
//! portal ([`super::Catalogue`]) says which are open there, and to whom.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Declares the bricks, family by family: frozen word and French name.
macro_rules! bricks {
    ($($famille:ident $titre:literal { $($(#[$doc:meta])* $name:ident = $word:literal $libelle:literal),* $(,)? })*) => {
        /// A brick of the ENT.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
        )]
        pub enum ServiceEnt {
            $($($(#[$doc])* #[serde(rename = $word)] $name),*),*
        }

        /// What bricks are for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs)]
        pub enum FamilleEnt { $($famille),* }

        impl ServiceEnt {
            /// All of them, family by family.
            pub const TOUS: &'static [Self] = &[$($(Self::$name),*),*];

            /// The frozen word, as serialised.
            pub const fn as_str(self) -> &'static str {
                match self { $($(Self::$name => $word),*),* }
            }

            /// Its name, as users read it.
            pub const fn libelle(self) -> &'static str {
                match self { $($(Self::$name => $libelle),*),* }
            }

            /// What it is for.
            pub const fn famille(self) -> FamilleEnt {
                match self { $($(Self::$name => FamilleEnt::$famille),*),* }
            }
        }

        impl FamilleEnt {
            /// Its name, as users read it.
            pub const fn libelle(self) -> &'static str {
                match self { $(Self::$famille => $titre),* }
            }
        }
    };
}

bricks! {
    Pedagogie "Pédagogie" {
        /// Resources through the GAR.
        RessourcesNumeriques = "ressources_numeriques" "Ressources numériques",
        /// Spaces inside one établissement or between several.
        EspacesCollaboratifs = "espaces_collaboratifs" "Espaces collaboratifs",
        /// One's own space.
        EspacePersonnel = "espace_personnel" "Espace personnel",
        /// Learning paths.
        Parcours = "parcours" "Parcours pédagogiques",
        /// By video.
        ClasseVirtuelle = "classe_virtuelle" "Classe virtuelle",
    }
    VieScolaire "Vie scolaire" {
        /// What is done in class, and what is to be done for it.
        CahierDeTextes = "cahier_de_textes" "Cahier de textes",
        /// Marks.
        Notes = "notes" "Notes",
        /// Rolls and absences.
        Absences = "absences" "Absences",
        /// Incidents, sanctions, carnet.
        VieDeLEleve = "vie_de_l_eleve" "Vie de l'élève",
    }
    Communication "Communication" {
        /// News of the portal.
        Actualites = "actualites" "Actualités",
        /// Messages.
        Messagerie = "messagerie" "Messagerie",
        /// Forums.
        Forum = "forum" "Forum",
        /// Blogs.
        Blog = "blog" "Blog",
    }
    Fonctionnement "Fonctionnement" {
        /// Rooms and equipment.
        Reservation = "reservation" "Réservation de ressources",
    }
    Public "Public" {
        /// The public home page and pages.
        PagesPubliques = "pages_publiques" "Pages publiques",
    }
    EntreInstitutions "Entre institutions" {
        /// Between collectivités or autorités académiques and établissements.
        EchangesInstitutionnels = "echanges_institutionnels" "Échanges entre institutions",
    }
    Ciblee "Communication ciblée" {
        /// Of collectivités and académies, aimed at a population.
        CommunicationCiblee = "communication_ciblee" "Communication ciblée",
    }
}

impl ServiceEnt {
    /// The brick that is filed under this word.
    pub fn named(word: &str) -> Option<Self> {
        Self::TOUS.iter().copied().find(|one| one.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_brick_is_found_again_by_its_frozen_word() {
        for one in ServiceEnt::TOUS {
            assert_eq!(ServiceEnt::named(one.as_str()), Some(*one));
            assert_eq!(serde_json::to_value(one).unwrap(), one.as_str());
        }
        assert_eq!(ServiceEnt::named("cantine"), None);
    }

    #[test]
    fn there_are_seven_families() {
        let families: BTreeSet<_> = ServiceEnt::TOUS.iter().map(|one| one.famille()).collect();
        assert_eq!(families.len(), 7);
        assert!(families.iter().all(|famille| !famille.libelle().is_empty()));
    }
}
