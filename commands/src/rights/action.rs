//! What may be asked of the program: one action per use case and per query.

use super::Portee;
use domain::portails::ServiceEnt;
use std::fmt;

/// Declares the actions, by the part of the ENT that they are of and the brick of the catalogue
/// that closes them. Running the house is no brick: nobody closes it.
macro_rules! actions {
    ($($portee:ident, $brick:expr => { $($(#[$doc:meta])* $name:ident),* $(,)? })*) => {
        /// Something that an [`Acteur`](super::Acteur) may be allowed to do. The names are
        /// those of the policies, and of the matrix that jurists read.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action {
            $($($(#[$doc])* $name,)*)*
        }

        impl Action {
            /// Every action, in the order of the contexts.
            pub const ALL: &'static [Self] = &[$($(Self::$name,)*)*];

            /// The name used in the policies.
            pub const fn as_str(self) -> &'static str {
                match self { $($(Self::$name => stringify!($name),)*)* }
            }

            /// The part of the ENT that it is of.
            pub const fn portee(self) -> Portee {
                match self { $($(Self::$name => Portee::$portee,)*)* }
            }

            /// The brick that a portal's catalogue opens or closes it with.
            pub const fn service_ent(self) -> Option<ServiceEnt> {
                match self { $($(Self::$name => $brick,)*)* }
            }
        }
    };
}

actions! {
    Annuaire, None => {
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
    }
    Portails, None => {
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
    }
    Absences, Some(ServiceEnt::Absences) => {
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
        /// Note a departure, the infirmerie or a forgotten carnet in a roll.
        NoterIncident,
        /// Remind a teacher of a roll that is not closed.
        RappelerAppel,
        /// Say how an établissement counts half-days, and which motives it knows.
        FixerReglementAbsences,
        /// Read that.
        LireReglementAbsences,
        /// Read the files of absences of an établissement, and its forgotten rolls.
        SuivreAbsences,
        /// Keep these files: state, contact, settle, follow up.
        TenirDossiersAbsence,
        /// State what rolls show of absences, and which thresholds they reach.
        ConstaterAssiduite,
        /// Announce or justify the absence of a pupil.
        JustifierAbsence,
        /// Write down, for a family, the justificatif that it handed over outside the ENT.
        RecueillirJustificatif,
        /// Read the figures of absences of an académie, without names.
        LireChiffresAbsences,
    }
    Notes, Some(ServiceEnt::Notes) => {
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
        /// Write appreciations of an enseignement.
        RedigerAppreciations,
        /// Read the bulletins of one pupil as he or she, or the family, is told of them.
        LireBulletin,
        /// Read by which policies averages are made.
        LirePolitiqueDeMoyenne,
        /// Set such a policy.
        FixerPolitiqueDeMoyenne,
        /// Read what a conseil de classe has before it.
        LireConseil,
        /// Write what a conseil de classe says of a pupil.
        TenirConseil,
        /// Say where a pupil stands in the socle.
        PositionnerEleve,
        /// Lock a period, or unlock it.
        VerrouillerPeriode,
        /// Publish the bulletins of a period.
        PublierBulletins,
        /// Give absences and lates of a period that are counted in another program.
        DonnerAssiduites,
        /// Take bulletins out as the ministry's livrets, and read what they lack.
        ExporterLivrets,
    }
    CahierDeTextes, Some(ServiceEnt::CahierDeTextes) => {
        /// Read the emploi du temps of an établissement.
        LireEmploiDuTemps,
        /// Read that of one pupil.
        LireEmploiDuTempsEleve,
        /// Change an emploi du temps by hand.
        GererEmploiDuTemps,
        /// Import one from a timetable program.
        ImporterEmploiDuTemps,
        /// Write what is done in an enseignement, give travaux, and give copies back.
        RedigerCahier,
        /// Read the cahier of an enseignement, drafts too.
        LireCahier,
        /// Put a visa on it.
        ViserCahier,
        /// Read what a division has to do, and how much it is.
        LireCharge,
        /// Read the published cahier of one pupil.
        LireCahierEleve,
        /// Do a travail: say that it is done, hand it in.
        FaireTravail,
        /// Open and close the private address of an agenda.
        GererAbonnement,
    }
    Publications, Some(ServiceEnt::Actualites) => {
        /// Draft an actualité on a portal.
        RedigerActualite,
        /// Edit a publication.
        ModifierPublication,
        /// Submit a draft to the directeur de publication.
        SoumettrePublication,
        /// Put a publication online.
        PublierPublication,
        /// Put it online in a space that is moderated a posteriori.
        DiffuserPublication,
    }
    // To withdraw and to report are owed whatever is closed (LCEN, art. 6; DSA, art. 16).
    Publications, None => {
        /// Take a publication offline.
        RetirerPublication,
    }
    Publications, Some(ServiceEnt::Actualites) => {
        /// Read a publication.
        LirePublication,
    }
    Moderation, None => {
        /// Report a content (DSA, art. 16).
        SignalerContenu,
        /// Read a report.
        LireSignalement,
        /// Record that one knows of a report.
        PrendreConnaissance,
        /// Decide on a report (DSA, art. 17).
        RendreDecision,
        /// Say how a space of a portal is moderated.
        FixerModeDeModeration,
    }
    Journal, None => {
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
    }
    Conservation, None => {
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
    }
    Protection, None => {
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
    }
    Identite, None => {
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
    }
    Notifications, None => {
        /// Say how one is told.
        ChoisirPreferences,
        /// Read it, and what was sent to one.
        LirePreferences,
        /// Read which families could not be told.
        LireEnvois,
        /// State that a letter was posted.
        PosterLettre,
        /// State that an address which was given up works.
        RetablirAdresse,
        /// Prepare what facts have told.
        PreparerEnvois,
        /// State what became of what was sent.
        ConstaterEnvoi,
    }
    Exploitation, None => {
        /// Read how the views stand.
        LireVues,
    }
    Pieces, None => {
        /// Deposit a file, to join it to what one writes.
        DeposerPiece,
    }
    VieDeLEleve, Some(ServiceEnt::VieDeLEleve) => {
        /// Report an incident.
        SignalerIncident,
        /// Read the incidents of an établissement.
        LireIncidents,
        /// Read an incident, a punition or a stage, by who is behind it.
        LireConstat,
        /// Follow an incident and close it.
        TraiterIncident,
        /// Give a punition.
        DonnerPunition,
        /// Put a punition off, or say whether it was done.
        ConclurePunition,
        /// Engage a disciplinary procedure.
        EngagerProcedure,
        /// Inform, hear, notify, carry out, note a recourse.
        ConduireProcedure,
        /// Pronounce a sanction, revoke its sursis, annul it.
        PrononcerSanction,
        /// Ask that a sanction leave the file early.
        DemanderEffacement,
        /// Take a sanction out of the file.
        EffacerSanction,
        /// Read the sanctions of one pupil.
        LireSanctions,
        /// Read the punitions, the carnet and the stages of one pupil.
        LireVieEleve,
        /// Write in the carnet of a pupil.
        EcrireAuCarnet,
        /// Write to the school about one's child.
        EcrireALEcole,
        /// Acknowledge a word of the carnet.
        SignerMot,
        /// Receive pupils at the infirmerie, and write down the care.
        TenirInfirmerie,
        /// Read that a pupil was at the infirmerie.
        LirePassages,
        /// Read why, and what was done.
        LireSoins,
        /// Prepare a stage.
        PreparerStage,
        /// Sign its convention.
        SignerConvention,
        /// Open a stage to the account of who looks after the pupil in the company.
        DesignerTuteur,
        /// Tell of a visit there.
        VisiterStage,
        /// Read a stage, as who looks after the pupil in the company.
        LireSonStage,
        /// Sign its convention for the company.
        SignerPourEntreprise,
    }
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
