//! What may be asked of the program: one action per use case and per query.

use std::fmt;

/// Declares the actions, context by context.
macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// Something that an [`Acteur`](super::Acteur) may be allowed to do. The names are
        /// those of the policies, and of the matrix that jurists read.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action {
            $($(#[$doc])* $name),*
        }

        impl Action {
            /// Every action, in the order of the contexts.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name used in the policies.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),* }
            }
        }
    };
}

actions! {
    // annuaire
    /// Read the record of an établissement.
    LireEtablissement,
    /// Read the list of a division.
    LireDivision,
    /// Read the record of a person.
    LirePersonne,
    /// Import a directory file into an établissement.
    ImporterAnnuaire,
    /// Enter by hand what the feeds lack.
    SaisirAnnuaire,
    /// Object, as a pupil of age, to others being informed; or no longer.
    OpposerInformation,
    // portails
    /// Open a portal.
    OuvrirPortail,
    /// Record the convention by which an établissement adheres.
    ConclureAdhesion,
    /// End it.
    TerminerAdhesion,
    /// Name the directeur de publication of a portal.
    PrendreDirection,
    /// End the term of one who has no successor.
    QuitterDirection,
    /// Delegate moderation of a portal to an administrateur ENT.
    AccorderDelegation,
    /// End such a delegation.
    RevoquerDelegation,
    /// Open a brick of a portal to some profils.
    OuvrirServiceEnt,
    /// Close it to them.
    FermerServiceEnt,
    /// Give a portal its look.
    DefinirTheme,
    /// Read a portal's public record, the mentions légales.
    LirePortail,
    /// Warn the directeur de publication.
    MettreEnGarde,
    /// Read what was said to the directeur.
    LireMisesEnGarde,
    /// Read it as the directeur, and answer.
    RepondreMiseEnGarde,
    /// Designate a personne habilitée.
    AccorderHabilitation,
    /// End such a designation.
    RevoquerHabilitation,
    /// Read who is designated.
    LireHabilitations,
    /// Ask for an intervention on a portal.
    DemanderIntervention,
    /// Open it as a second person.
    ContresignerIntervention,
    /// Close it.
    CloreIntervention,
    /// State that its time is over.
    ConstaterExpiration,
    /// Read what was asked, opened and read on a portal.
    LireInterventions,
    // absences
    /// Open the roll of a séance.
    OuvrirAppel,
    /// Enter lines of an open roll.
    PointerEleves,
    /// Close a roll.
    CloreAppel,
    /// Correct a closed roll.
    CorrigerAppel,
    /// Read a roll.
    LireAppel,
    /// Read the absences of one pupil.
    LireAbsencesEleve,
    // notes
    /// Create an evaluation.
    CreerEvaluation,
    /// Enter marks.
    SaisirNotes,
    /// Correct a published mark.
    CorrigerNote,
    /// Make the marks of an evaluation known to pupils and families.
    PublierEvaluation,
    /// Read the gradebook of an enseignement.
    LireCarnetDeNotes,
    /// Read the marks of one pupil.
    LireNotesEleve,
    // publications
    /// Draft an actualité on a portal.
    RedigerActualite,
    /// Edit a publication.
    ModifierPublication,
    /// Submit a draft to the directeur de publication.
    SoumettrePublication,
    /// Put a publication online.
    PublierPublication,
    /// Take a publication offline.
    RetirerPublication,
    /// Read a publication.
    LirePublication,
    /// Report a content (DSA, art. 16).
    SignalerContenu,
    /// Read a report.
    LireSignalement,
    /// Record that one knows of a report.
    PrendreConnaissance,
    /// Decide on a report (DSA, art. 17).
    RendreDecision,
    // audit
    /// Read a portal's journal.
    LireJournal,
    /// Follow a portal's journal as it grows.
    SuivreJournal,
    /// Read the leaves of a portal's journal as they were sealed.
    AuditerJournal,
    /// Record that an auditor has consulted a portal's journal by its database.
    InscrireConsultation,
    /// Record what a verification of a portal's journal found.
    InscrireVerification,
    // conservation
    /// Read what is due, held and destroyed on a portal.
    LireConservation,
    /// Protect contents from destruction.
    PoserGel,
    /// End such a protection.
    LeverGel,
    /// Ask that contents be destroyed.
    DemanderDestruction,
    /// Destroy what another has asked for.
    ConfirmerDestruction,
    /// Give such a destruction up.
    AbandonnerDestruction,
    // identite
    /// Sign in to a compte.
    OuvrirSession,
    /// Say in which profil one acts.
    ChoisirProfil,
    /// Read who signed in to a compte, and when.
    LireConnexions,
    /// Read what opens a compte, and whether it is locked.
    LireAcces,
    /// Say which compte an external identity opens.
    LierIdentite,
    /// End that.
    RompreLiaison,
    /// Lock a compte.
    VerrouillerCompte,
    /// Unlock it.
    DeverrouillerCompte,
    // exploitation
    /// Read how the views stand.
    LireVues,
}

impl Action {
    /// Whether it shows something and changes nothing: the names of such actions say so.
    pub fn is_reading(self) -> bool {
        ["Lire", "Suivre", "Auditer"].iter().any(|word| self.as_str().starts_with(word))
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
