//! What is asked about, with every attribute that a policy may look at.

use domain::{
    CompteId, DivisionId, EnseignementId, EtablissementId, GroupeId, PersonneId, PortailId, PublicationId,
    SignalementId,
};
use std::collections::BTreeSet;
use std::fmt;

/// The object of a request, loaded by who asks for the decision.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Resource {
    /// An établissement.
    Etablissement {
        /// Which one.
        id: EtablissementId,
    },
    /// A class of pupils.
    Division {
        /// Which one.
        id: DivisionId,
        /// Where.
        etablissement: EtablissementId,
    },
    /// A groupe.
    Groupe {
        /// Which one.
        id: GroupeId,
        /// Where.
        etablissement: EtablissementId,
        /// Who leads it.
        encadrants: BTreeSet<PersonneId>,
    },
    /// Someone's record in the directory.
    Personne {
        /// Whose.
        id: PersonneId,
        /// Attached to, whatever the profil.
        etablissements: BTreeSet<EtablissementId>,
    },
    /// An enseignement, for its rolls, its evaluations and its gradebook.
    Enseignement {
        /// Which one.
        id: EnseignementId,
        /// Where.
        etablissement: EtablissementId,
        /// Who teaches it today: co-teachers too, and substitutes in place of the absent.
        enseignants: BTreeSet<PersonneId>,
        /// For whom someone stands in today.
        absents: BTreeSet<PersonneId>,
    },
    /// A division before its conseil de classe.
    Conseil {
        /// Which one.
        division: DivisionId,
        /// Where.
        etablissement: EtablissementId,
        /// Who teaches it today.
        enseignants: BTreeSet<PersonneId>,
        /// Its professeurs principaux.
        principaux: BTreeSet<PersonneId>,
    },
    /// A pupil, for his or her marks and absences.
    Eleve {
        /// Who.
        personne: PersonneId,
        /// Where he or she is enrolled, if anywhere.
        etablissement: Option<EtablissementId>,
    },
    /// A pupil's life at school, as one établissement keeps it.
    DossierEleve {
        /// Who.
        personne: PersonneId,
        /// Which établissement.
        etablissement: EtablissementId,
        /// The professeurs principaux of the pupil's division.
        principaux: BTreeSet<PersonneId>,
    },
    /// An incident, a punition or a stage.
    Constat {
        /// Which one.
        id: uuid::Uuid,
        /// Where.
        etablissement: EtablissementId,
        /// Who reported, gave or follows it.
        auteur: PersonneId,
    },
    /// A portal, with its offices and its journal.
    Portail {
        /// Which one.
        id: PortailId,
        /// Its établissement; a partner's portal has none.
        etablissement: Option<EtablissementId>,
    },
    /// Something made, or to be made, public.
    Publication {
        /// Which one.
        id: PublicationId,
        /// On which portal.
        portail: PortailId,
        /// The portal's établissement.
        etablissement: Option<EtablissementId>,
        /// Who wrote it.
        auteur: PersonneId,
        /// Published, neither withdrawn nor masked, and within its dates.
        en_ligne: bool,
        /// Meant for everyone; otherwise for those attached to the portal's établissement.
        publique: bool,
    },
    /// A report about a content.
    Signalement {
        /// Which one.
        id: SignalementId,
        /// The portal that carries the content.
        portail: PortailId,
        /// Who wrote the content.
        auteur_du_contenu: PersonneId,
        /// Who reported it.
        signalant: PersonneId,
    },
    /// A compte as something that is opened, locked and unlocked.
    Acces {
        /// Which one.
        compte: CompteId,
        /// Whose it is; of an office's, who holds it.
        titulaire: Option<PersonneId>,
        /// Attached to, whatever the profil.
        etablissements: BTreeSet<EtablissementId>,
        /// The portals of these, and that of the office.
        portails: BTreeSet<PortailId>,
    },
    /// The platform itself, as its operators run it.
    Plateforme,
}

/// The kinds of [`Resource`]: the entity types of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Etablissement,
    Division,
    Groupe,
    Personne,
    Enseignement,
    Conseil,
    Eleve,
    Portail,
    Publication,
    Signalement,
    Acces,
    Plateforme,
    DossierEleve,
    Constat,
}

impl Kind {
    pub(super) const ALL: [Self; 14] = [
        Self::Etablissement,
        Self::Division,
        Self::Groupe,
        Self::Personne,
        Self::Enseignement,
        Self::Conseil,
        Self::Eleve,
        Self::Portail,
        Self::Publication,
        Self::Signalement,
        Self::Acces,
        Self::Plateforme,
        Self::DossierEleve,
        Self::Constat,
    ];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Etablissement => "Etablissement",
            Self::Division => "Division",
            Self::Groupe => "Groupe",
            Self::Personne => "Personne",
            Self::Enseignement => "Enseignement",
            Self::Conseil => "Conseil",
            Self::Eleve => "Eleve",
            Self::Portail => "Portail",
            Self::Publication => "Publication",
            Self::Signalement => "Signalement",
            Self::Acces => "Acces",
            Self::Plateforme => "Plateforme",
            Self::DossierEleve => "DossierEleve",
            Self::Constat => "Constat",
        }
    }
}

impl Resource {
    /// Whose house it is in, if it is an établissement's.
    pub fn etablissement(&self) -> Option<EtablissementId> {
        match self {
            Self::Etablissement { id } => Some(*id),
            Self::Division { etablissement, .. }
            | Self::Groupe { etablissement, .. }
            | Self::Enseignement { etablissement, .. }
            | Self::Conseil { etablissement, .. }
            | Self::DossierEleve { etablissement, .. }
            | Self::Constat { etablissement, .. } => Some(*etablissement),
            Self::Eleve { etablissement, .. }
            | Self::Portail { etablissement, .. }
            | Self::Publication { etablissement, .. } => *etablissement,
            Self::Personne { .. } | Self::Signalement { .. } | Self::Acces { .. } | Self::Plateforme => None,
        }
    }

    pub(super) const fn kind(&self) -> Kind {
        match self {
            Self::Etablissement { .. } => Kind::Etablissement,
            Self::Division { .. } => Kind::Division,
            Self::Groupe { .. } => Kind::Groupe,
            Self::Personne { .. } => Kind::Personne,
            Self::Enseignement { .. } => Kind::Enseignement,
            Self::Conseil { .. } => Kind::Conseil,
            Self::Eleve { .. } => Kind::Eleve,
            Self::Portail { .. } => Kind::Portail,
            Self::Publication { .. } => Kind::Publication,
            Self::Signalement { .. } => Kind::Signalement,
            Self::Acces { .. } => Kind::Acces,
            Self::Plateforme => Kind::Plateforme,
            Self::DossierEleve { .. } => Kind::DossierEleve,
            Self::Constat { .. } => Kind::Constat,
        }
    }
}

impl fmt::Display for Resource {
    /// Its kind and its id, which tell nobody's name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind().as_str();
        match self {
            Self::Etablissement { id } => write!(f, "{kind} {id}"),
            Self::Division { id, .. } => write!(f, "{kind} {id}"),
            Self::Groupe { id, .. } => write!(f, "{kind} {id}"),
            Self::Personne { id, .. } => write!(f, "{kind} {id}"),
            Self::Enseignement { id, .. } => write!(f, "{kind} {id}"),
            Self::Conseil { division, .. } => write!(f, "{kind} {division}"),
            Self::Eleve { personne, .. } => write!(f, "{kind} {personne}"),
            Self::Portail { id, .. } => write!(f, "{kind} {id}"),
            Self::Publication { id, .. } => write!(f, "{kind} {id}"),
            Self::Signalement { id, .. } => write!(f, "{kind} {id}"),
            Self::Acces { compte, .. } => write!(f, "{kind} {compte}"),
            Self::Plateforme => f.write_str(kind),
            Self::DossierEleve { personne, .. } => write!(f, "{kind} {personne}"),
            Self::Constat { id, .. } => write!(f, "{kind} {id}"),
        }
    }
}
