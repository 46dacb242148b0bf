//! What a program's token may be limited to (RFC 6749, §3.3; RFC 9068, §2.2.3.1): one word for
//! each part of the ENT. A token narrows what its compte may do, and never widens it.

use super::Action;

/// Declares the parts, each with its word.
macro_rules! portees {
    ($($(#[$doc:meta])* $name:ident = $word:literal),* $(,)?) => {
        /// A part of the ENT.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Portee {
            $($(#[$doc])* $name),*
        }

        impl Portee {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The word of it in a token's `scope`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }
        }
    };
}

portees! {
    /// The directory.
    Annuaire = "annuaire",
    /// Portals and their offices.
    Portails = "portails",
    /// Rolls and absences.
    Absences = "absences",
    /// Evaluations and marks.
    Notes = "notes",
    /// What is, or is to be, made public.
    Publications = "publications",
    /// Notices and decisions.
    Moderation = "moderation",
    /// The record.
    Journal = "journal",
    /// Holds and destructions.
    Conservation = "conservation",
    /// Comptes and what opens them.
    Identite = "identite",
    /// How the platform runs.
    Exploitation = "exploitation",
}

/// Several parts. The default is all of them: who signs in is not narrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Portees(u16);

impl Default for Portees {
    fn default() -> Self {
        Portee::ALL.iter().copied().collect()
    }
}

impl Portees {
    /// Those that a `scope` names. Words of others (`openid`, `profile`…) name none.
    pub fn of_scope(scope: &str) -> Self {
        let named = |word: &str| Portee::ALL.iter().copied().find(|portee| portee.as_str() == word);
        scope.split(' ').filter_map(named).collect()
    }

    /// Whether an action is of one of them.
    pub fn admit(self, action: Action) -> bool {
        self.0 & bit(action.portee()) != 0
    }
}

impl FromIterator<Portee> for Portees {
    fn from_iter<I: IntoIterator<Item = Portee>>(portees: I) -> Self {
        Self(portees.into_iter().fold(0, |all, portee| all | bit(portee)))
    }
}

const fn bit(portee: Portee) -> u16 {
    1 << portee as u16
}

impl Action {
    /// The part of the ENT that it is of.
    pub const fn portee(self) -> Portee {
        match self {
            Self::LireEtablissement
            | Self::LireDivision
            | Self::LirePersonne
            | Self::ImporterAnnuaire
            | Self::SaisirAnnuaire
            | Self::OpposerInformation => Portee::Annuaire,
            Self::OuvrirPortail
            | Self::ConclureAdhesion
            | Self::TerminerAdhesion
            | Self::PrendreDirection
            | Self::QuitterDirection
            | Self::AccorderDelegation
            | Self::RevoquerDelegation
            | Self::OuvrirServiceEnt
            | Self::FermerServiceEnt
            | Self::DefinirTheme
            | Self::LirePortail
            | Self::MettreEnGarde
            | Self::LireMisesEnGarde
            | Self::RepondreMiseEnGarde
            | Self::AccorderHabilitation
            | Self::RevoquerHabilitation
            | Self::LireHabilitations
            | Self::DemanderIntervention
            | Self::ContresignerIntervention
            | Self::CloreIntervention
            | Self::ConstaterExpiration
            | Self::LireInterventions => Portee::Portails,
            Self::OuvrirAppel
            | Self::PointerEleves
            | Self::CloreAppel
            | Self::CorrigerAppel
            | Self::LireAppel
            | Self::LireAbsencesEleve => Portee::Absences,
            Self::CreerEvaluation
            | Self::SaisirNotes
            | Self::CorrigerNote
            | Self::PublierEvaluation
            | Self::LireCarnetDeNotes
            | Self::LireNotesEleve => Portee::Notes,
            Self::RedigerActualite
            | Self::ModifierPublication
            | Self::SoumettrePublication
            | Self::PublierPublication
            | Self::RetirerPublication
            | Self::LirePublication => Portee::Publications,
            Self::SignalerContenu
            | Self::LireSignalement
            | Self::PrendreConnaissance
            | Self::RendreDecision => Portee::Moderation,
            Self::LireJournal
            | Self::SuivreJournal
            | Self::AuditerJournal
            | Self::InscrireConsultation
            | Self::InscrireVerification => Portee::Journal,
            Self::LireConservation
            | Self::PoserGel
            | Self::LeverGel
            | Self::DemanderDestruction
            | Self::ConfirmerDestruction
            | Self::AbandonnerDestruction => Portee::Conservation,
            Self::OuvrirSession
            | Self::ChoisirProfil
            | Self::LireConnexions
            | Self::LireAcces
            | Self::LierIdentite
            | Self::RompreLiaison
            | Self::VerrouillerCompte
            | Self::DeverrouillerCompte => Portee::Identite,
            Self::LireVues => Portee::Exploitation,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_admits_what_it_names_and_nothing_else() {
        let portees = Portees::of_scope("openid absences notes");
        assert!(portees.admit(Action::CloreAppel) && portees.admit(Action::LireNotesEleve));
        assert!(!portees.admit(Action::PublierPublication) && !portees.admit(Action::LireJournal));
        for scope in ["", "openid profile", "ABSENCES", "absence"] {
            let portees = Portees::of_scope(scope);
            assert!(Action::ALL.iter().all(|action| !portees.admit(*action)), "{scope}");
        }
    }

    #[test]
    fn who_is_not_narrowed_has_all_parts() {
        assert!(Action::ALL.iter().all(|action| Portees::default().admit(*action)));
        let words: Vec<&str> = Portee::ALL.iter().map(|portee| portee.as_str()).collect();
        assert_eq!(Portees::of_scope(&words.join(" ")), Portees::default());
    }
}
