//! Who asks, with every relation that a policy may look at.

use super::Portees;
use domain::annuaire::Auditoire;
use domain::portails::{Attribution, Perimetre, ServiceEnt};
use domain::{CompteId, DivisionId, EtablissementId, GroupeId, InterventionId, PersonneId, PortailId};
use std::collections::BTreeSet;

/// A compte and what its holder is to the school, as the directory and the offices
/// say at the instant of the request. The default is nobody: a visitor who has not
/// signed in.
///
/// Every relation names its object: one may teach in one établissement and be a
/// parent in another, so a bare profil would grant too much.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Acteur {
    /// The compte that signed in; `None` for a visitor.
    pub compte: Option<CompteId>,
    /// The human being behind the compte. An office's separate compte names its holder
    /// too, so that nobody judges his own content under another hat.
    pub personne: Option<PersonneId>,
    /// Other fiches of the same human being: what was recorded under them is his or her own.
    pub fiches: BTreeSet<PersonneId>,
    /// The compte is an office's: it has none of its holder's own rights.
    pub compte_d_office: bool,
    /// Attached to, whatever the profil.
    pub etablissements: BTreeSet<EtablissementId>,
    /// Pupil of.
    pub divisions: BTreeSet<DivisionId>,
    /// In these groupes, by whatever way.
    pub groupes: BTreeSet<GroupeId>,
    /// Pupils for whom the person answers with the right to be informed.
    pub enfants: BTreeSet<PersonneId>,
    /// Of age today (code civil, art. 414).
    pub majeur: bool,
    /// Chef or adjoint of.
    pub direction_de: BTreeSet<EtablissementId>,
    /// CPE or AED of.
    pub vie_scolaire_de: BTreeSet<EtablissementId>,
    /// Teacher in.
    pub enseigne_dans: BTreeSet<EtablissementId>,
    /// Administrative staff of.
    pub administratif_de: BTreeSet<EtablissementId>,
    /// Infirmier of.
    pub infirmier_de: BTreeSet<EtablissementId>,
    /// Directeur de publication in office of.
    pub directeur_de: BTreeSet<PortailId>,
    /// Administrateur ENT, by a delegation in force, of.
    pub administrateur_de: BTreeSet<PortailId>,
    /// What such a delegation does not entrust.
    pub hors_delegation: BTreeSet<(PortailId, Attribution)>,
    /// Where nothing is open to the acteur: the adhésion is over, or the lycée is private, and
    /// he or she is not of the équipe de direction.
    pub fermes: BTreeSet<EtablissementId>,
    /// Of the acteur's établissements, those whose adhésion is over: nothing is added there.
    pub terminees: BTreeSet<EtablissementId>,
    /// Bricks that are closed to the acteur's profil.
    pub fermetures: BTreeSet<(EtablissementId, ServiceEnt)>,
    /// Personne habilitée, under an habilitation in force, for these portals.
    pub habilite_de: BTreeSet<PortailId>,
    /// Personne habilitée of the Région: for all portals.
    pub habilite_partout: bool,
    /// Open interventions of a personne habilitée.
    pub interventions: Vec<InterventionEnCours>,
    /// Where the profil is in which he or she chose to act, if one was chosen.
    pub etablissement_choisi: Option<EtablissementId>,
    /// Acts as a pupil, as who answers for one, or in no profil yet: has no function.
    pub sans_fonction: bool,
    /// Operator of the platform.
    pub exploitant: bool,
    /// Audits the record, by configuration.
    pub auditeur: bool,
    /// Suspended comptes, and locked ones, may do nothing.
    pub suspendu: bool,
    /// What the token of a program is for; all of it for who signed in.
    pub portees: Portees,
}

impl Acteur {
    /// A visitor who has not signed in.
    pub fn anonyme() -> Self {
        Self::default()
    }

    /// Who sits at the machine's console: an operator, whose compte is the platform's own.
    pub fn console() -> Self {
        Self { compte: Some(CompteId::NONE), exploitant: true, ..Self::default() }
    }

    /// The personal compte of a person, without any relation yet.
    pub fn personnel(personne: PersonneId) -> Self {
        Self { compte: Some(CompteId::personnel(personne)), personne: Some(personne), ..Self::default() }
    }

    /// Whether a fiche is this human being's.
    pub fn is(&self, personne: PersonneId) -> bool {
        self.personne == Some(personne) || self.fiches.contains(&personne)
    }

    /// Whether the person works in some établissement.
    pub fn est_du_personnel(&self) -> bool {
        let places = [
            &self.direction_de,
            &self.vie_scolaire_de,
            &self.enseigne_dans,
            &self.administratif_de,
            &self.infirmier_de,
        ];
        places.iter().any(|places| !places.is_empty())
    }

    /// Whether the acteur is a pupil of this division, or in this groupe.
    pub fn est_de(&self, auditoire: Auditoire) -> bool {
        match auditoire {
            Auditoire::Division(division) => self.divisions.contains(&division),
            Auditoire::Groupe(groupe) => self.groupes.contains(&groupe),
        }
    }

    /// All fiches of this human being.
    pub fn identites(&self) -> Vec<PersonneId> {
        self.personne.into_iter().chain(self.fiches.iter().copied()).collect()
    }
}

/// An open intervention: what it lets its personne habilitée into, for as long as it is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterventionEnCours {
    /// Which one.
    pub id: InterventionId,
    /// On which portal.
    pub portail: PortailId,
    /// The portal's établissement.
    pub etablissement: Option<EtablissementId>,
    /// In what.
    pub perimetres: BTreeSet<Perimetre>,
}
