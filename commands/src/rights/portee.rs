//! What a program's token may be limited to (RFC 6749, §3.3; RFC 9068, §2.2.3.1): one word for
//! each part of the ENT. A token narrows what its compte may do, and never widens it.

use super::Action;

/// Declares the parts, each with its word and its name.
macro_rules! portees {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $nom:literal);* $(;)?) => {
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

            /// What people call it.
            pub const fn nom(self) -> &'static str {
                match self { $(Self::$name => $nom),* }
            }
        }
    };
}

portees! {
    /// The directory.
    Annuaire = "annuaire", "Annuaire";
    /// Portals and their offices.
    Portails = "portails", "Portails";
    /// Rolls and absences.
    Absences = "absences", "Absences";
    /// Evaluations and marks.
    Notes = "notes", "Notes";
    /// Emplois du temps, séances and travaux.
    CahierDeTextes = "cahier_de_textes", "Cahier de textes";
    /// What is, or is to be, made public.
    Publications = "publications", "Publications";
    /// Notices and decisions.
    Moderation = "moderation", "Modération";
    /// The record.
    Journal = "journal", "Journal";
    /// Holds and destructions.
    Conservation = "conservation", "Conservation";
    /// What the law gives people over their own data.
    Protection = "protection", "Protection des données";
    /// Comptes and what opens them.
    Identite = "identite", "Identité";
    /// How one is told outside the ENT.
    Notifications = "notifications", "Notifications";
    /// How the platform runs.
    Exploitation = "exploitation", "Exploitation";
    /// Incidents, sanctions, the carnet, the infirmerie, stages.
    VieDeLEleve = "vie_de_l_eleve", "Vie de l'élève";
    /// Files that accompany what is written.
    Pieces = "pieces", "Pièces jointes";
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

    /// A `scope` that names all of them.
    pub fn scope_entier() -> String {
        Portee::ALL.iter().map(|portee| portee.as_str()).collect::<Vec<_>>().join(" ")
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
        assert_eq!(Portees::of_scope(&Portees::scope_entier()), Portees::default());
    }
}
