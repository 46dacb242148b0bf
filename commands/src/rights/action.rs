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
    /// Read a groupe and who is in it.
    LireGroupe,
    /// Open a groupe in an établissement.
    CreerGroupe,
    /// Change who is in a groupe, and who leads it.
    GererGroupe,
    /// Say how the school year of an établissement goes, and its periods.
    FixerCalendrier,
    /// Let someone stand in for an absent teacher.
    ConfierRemplacement,
    /// Read which fiches may be of one person.
    LireDoublons,
    /// Read two fiches as one, or as two again.
    FusionnerFiches,
    /// Strike a pupil off the list of an établissement.
    RadierEleve,
    /// Take in a pupil who comes from elsewhere.
    AccueillirEleve,
    /// Prepare the next school year of an établissement, and read its plan.
    PreparerBascule,
    /// Turn the school year of an établissement.
    BasculerAnnee,
    /// Take the lists of an établissement out as files.
    ExporterListes,
    // portails
    /// Open a portal.
    OuvrirPortail,
    /// Name the directeur de publication of a portal.
    PrendreDirection,
    /// Delegate moderation of a portal to an administrateur ENT.
    AccorderDelegation,
    /// End such a delegation.
    RevoquerDelegation,
    /// Read a portal's public record, the mentions légales.
    LirePortail,
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
    // protection
    /// Ask for all that is held about a person.
    DemanderDonnees,
    /// Record that such data were handed over.
    InscrireRemise,
    /// Ask that something about a person be set right.
    DemanderRectification,
    /// Read what is asked to be set right on a portal.
    LireRectifications,
    /// Grant or refuse it.
    DeciderRectification,
    // exploitation
    /// Read how the views stand.
    LireVues,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
