//! Use cases: the only crate that appends to the record.
//!
//! One function = one use case = one mutation of the faces: rights → load → decide →
//! append. There is no business `if` here: facts that a rule needs from elsewhere are
//! read and handed to the aggregate in its command.

pub mod absences;
mod act;
mod acteurs;
pub mod annuaire;
pub mod cahier_de_textes;
mod catalogue;
pub mod conservation;
pub mod cqrs;
mod error;
pub mod identite;
pub mod journal;
pub mod notes;
pub mod notifications;
pub mod pieces;
pub mod portails;
pub mod protection;
pub mod publications;
pub mod rights;
pub mod vie_de_l_eleve;

pub use act::{Act, Demande};
pub use acteurs::{Choix, Identifie};
pub use error::{Refused, UseCaseError};
pub use identite::{Arrivee, Echec, Entree};

use chrono::{DateTime, NaiveDate, Utc};
use domain::annuaire::CalendrierNational;
use domain::{CompteId, PortailId, journee};
use ledger::Ledger;
use ledger::blobs::Blobs;
use ledger::keys::KeyRing;
use ledger::unit::Recorded;
use projections::annuaire::{Annuaire, Enseignement};
use rights::{Acteur, Action, Autorite, DECISIONS, Resource, Rights};
use sqlx::PgPool;
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

/// What every use case needs. Cheap to clone.
#[derive(Clone)]
pub struct Commands {
    ledger: Ledger,
    /// In the live place of the read models; never written through.
    views: PgPool,
    rights: Arc<Rights>,
    /// Comptes of the platform's operators, by configuration.
    exploitants: Arc<BTreeSet<CompteId>>,
    /// Comptes of those who audit the record, by configuration.
    auditeurs: Arc<BTreeSet<CompteId>>,
    /// The vacances of the school years that are known.
    national: Arc<CalendrierNational>,
    /// Where files are kept.
    blobs: Option<Blobs>,
}

impl Commands {
    /// Use cases over a record and its views.
    pub fn new(
        ledger: Ledger,
        views: PgPool,
        rights: impl Into<Arc<Rights>>,
        exploitants: BTreeSet<CompteId>,
    ) -> Self {
        Self {
            ledger,
            views,
            rights: rights.into(),
            exploitants: Arc::new(exploitants),
            auditeurs: Arc::default(),
            national: Arc::default(),
            blobs: None,
        }
    }

    /// The same, with these comptes as auditors.
    pub fn audited_by(self, auditeurs: BTreeSet<CompteId>) -> Self {
        Self { auditeurs: Arc::new(auditeurs), ..self }
    }

    /// The same, with the vacances that this calendar knows.
    pub fn with_calendar(self, national: CalendrierNational) -> Self {
        Self { national: Arc::new(national), ..self }
    }

    /// The vacances of the school years that are known.
    pub fn national(&self) -> &CalendrierNational {
        &self.national
    }

    /// Now, by the clock that dates the record.
    pub fn now(&self) -> DateTime<Utc> {
        self.ledger.clock().now()
    }

    /// The school day that it is.
    pub fn today(&self) -> NaiveDate {
        journee(self.now())
    }

    /// The keys that open contents.
    pub fn keys(&self) -> &KeyRing {
        self.ledger.keys()
    }

    /// The views.
    pub fn views(&self) -> &PgPool {
        &self.views
    }

    /// Decides a right; what is forbidden looks like what does not exist. Who has the right may
    /// still find the brick closed, and is told so.
    pub fn permit(&self, acteur: &Acteur, action: Action, on: &Resource) -> Result<Autorite, UseCaseError> {
        let autorite = self.rights.decide(acteur, action, on).map_err(|_| UseCaseError::Interdit)?;
        catalogue::admit(acteur, action, on).inspect_err(|refus| {
            tracing::debug!(target: DECISIONS, ?action, permitted = false, motif = refus.code());
        })?;
        Ok(autorite)
    }

    /// The first answer to a demand that was recorded before, if it was: also for an actor
    /// who has lost the right since.
    pub async fn answered(&self, demande: &Demande) -> Result<Option<Recorded>, UseCaseError> {
        let compte = demande.acteur.compte.unwrap_or(CompteId::NONE);
        Ok(self.ledger.answered(compte, demande.commande, &demande.corps).await?)
    }

    /// Begins an act on a portal that takes effect today.
    fn act(&self, demande: &Demande, autorite: Autorite, portail: PortailId) -> Act {
        self.act_on(demande, autorite, portail, self.today())
    }

    /// Begins an act on a portal that takes effect on `day`.
    fn act_on(&self, demande: &Demande, autorite: Autorite, portail: PortailId, day: NaiveDate) -> Act {
        Act::new(&self.ledger, demande, autorite, portail, day)
    }

    /// The enseignement of an act, and the same as a resource of the rights.
    async fn enseignement(&self, id: Uuid) -> Result<(Enseignement, Resource), UseCaseError> {
        let found = Annuaire::enseignements(&self.views, &[id]).await?.pop();
        let enseignement = found.ok_or(UseCaseError::Interdit)?;
        let resource = rights_of::enseignement(&enseignement, self.today());
        Ok((enseignement, resource))
    }
}

/// The label of a portal as a view stores it.
fn portail(label: &str) -> Result<PortailId, UseCaseError> {
    label.parse().map_err(UseCaseError::fault)
}

/// Rows of views as resources of the rights.
pub mod rights_of {
    use crate::rights::Resource;
    use chrono::{DateTime, NaiveDate, Utc};
    use domain::{
        DivisionId, EnseignementId, EtablissementId, GroupeId, PersonneId, PortailId, PublicationId,
        SignalementId, journee,
    };
    use projections::annuaire::{Division, Eleve, Enseignement, Groupe};
    use projections::portails::Portail;
    use projections::publications::{Publication, Signalement};
    use uuid::Uuid;

    /// An enseignement, on a day.
    pub fn enseignement(row: &Enseignement, le: NaiveDate) -> Resource {
        Resource::Enseignement {
            id: EnseignementId(row.id),
            etablissement: EtablissementId(row.etablissement),
            enseignants: row.enseignants(le).into_iter().map(PersonneId).collect(),
            absents: row.absents(le).into_iter().map(PersonneId).collect(),
        }
    }

    /// A division before its conseil de classe, on a day.
    pub fn conseil(
        row: &Division,
        enseignements: &[Enseignement],
        principaux: &[Uuid],
        le: NaiveDate,
    ) -> Resource {
        Resource::Conseil {
            division: DivisionId(row.id),
            etablissement: EtablissementId(row.etablissement),
            enseignants: enseignements.iter().flat_map(|row| row.enseignants(le)).map(PersonneId).collect(),
            principaux: principaux.iter().copied().map(PersonneId).collect(),
        }
    }

    /// A groupe.
    pub fn groupe(row: &Groupe) -> Resource {
        Resource::Groupe {
            id: GroupeId(row.id),
            etablissement: EtablissementId(row.etablissement),
            encadrants: row.encadrants.iter().copied().map(PersonneId).collect(),
        }
    }

    /// A pupil, as each établissement that keeps a record of him or her has it.
    pub fn dossiers(row: &Eleve) -> Vec<(Option<Uuid>, Resource)> {
        let kept = |etablissement: Option<Uuid>| (etablissement, dossier(row, etablissement));
        match row.dossiers.as_slice() {
            [] => vec![kept(None)],
            several => several.iter().map(|etablissement| kept(Some(*etablissement))).collect(),
        }
    }

    /// The same, as one établissement has it; wherever he or she is, without one.
    pub fn dossier(row: &Eleve, etablissement: Option<Uuid>) -> Resource {
        let personne = PersonneId(row.personne.id);
        Resource::Eleve { personne, etablissement: etablissement.map(EtablissementId) }
    }

    /// A pupil's life at school, as an établissement keeps it.
    pub fn dossier_eleve(eleve: Uuid, etablissement: Uuid, principaux: &[Uuid]) -> Resource {
        Resource::DossierEleve {
            personne: PersonneId(eleve),
            etablissement: EtablissementId(etablissement),
            principaux: principaux.iter().copied().map(PersonneId).collect(),
        }
    }

    /// An incident, a punition or a stage, by who is behind it.
    pub fn constat(id: Uuid, etablissement: Uuid, auteur: Uuid) -> Resource {
        let etablissement = EtablissementId(etablissement);
        Resource::Constat { id, etablissement, auteur: PersonneId(auteur) }
    }

    /// A portal.
    pub fn portail(id: PortailId, row: Option<&Portail>) -> Resource {
        let etablissement = row.and_then(|row| row.etablissement).map(EtablissementId);
        Resource::Portail { id, etablissement }
    }

    /// A publication by who wrote its newest version.
    pub fn publication(
        row: &Publication,
        portail: PortailId,
        carrier: Option<&Portail>,
        en_ligne: bool,
    ) -> Resource {
        written_by(row.auteur, row, portail, carrier, (en_ligne, is_for_all(row)))
    }

    /// A publication by who wrote what readers see of it.
    pub fn parution(
        row: &Publication,
        portail: PortailId,
        carrier: Option<&Portail>,
        now: DateTime<Utc>,
    ) -> Resource {
        let house_is_public = carrier.is_some_and(|carrier| carrier.is_public(journee(now)));
        let shown = (row.is_online(now), is_for_all(row) && house_is_public);
        written_by(row.paru_auteur.unwrap_or(row.auteur), row, portail, carrier, shown)
    }

    fn is_for_all(row: &Publication) -> bool {
        row.audience.as_deref() == Some("public")
    }

    fn written_by(
        auteur: Uuid,
        row: &Publication,
        portail: PortailId,
        carrier: Option<&Portail>,
        (en_ligne, publique): (bool, bool),
    ) -> Resource {
        Resource::Publication {
            id: PublicationId(row.id),
            portail,
            etablissement: carrier.and_then(|row| row.etablissement).map(EtablissementId),
            auteur: PersonneId(auteur),
            en_ligne,
            publique,
        }
    }

    /// Anything that a portal carries and does not show to everyone, whoever wrote it:
    /// who may read this may read the list.
    pub fn publications(portail: PortailId, carrier: Option<&Portail>, en_ligne: bool) -> Resource {
        Resource::Publication {
            id: PublicationId(Uuid::nil()),
            portail,
            etablissement: carrier.and_then(|row| row.etablissement).map(EtablissementId),
            auteur: PersonneId(Uuid::nil()),
            en_ligne,
            publique: false,
        }
    }

    /// A notice.
    pub fn signalement(row: &Signalement, portail: PortailId) -> Resource {
        Resource::Signalement {
            id: SignalementId(row.id),
            portail,
            auteur_du_contenu: PersonneId(row.auteur),
            signalant: PersonneId(row.signalant),
        }
    }

    /// Any notice of a portal, whoever gave it: who may read this may read the list.
    pub fn signalements(portail: PortailId) -> Resource {
        Resource::Signalement {
            id: SignalementId(Uuid::nil()),
            portail,
            auteur_du_contenu: PersonneId(Uuid::nil()),
            signalant: PersonneId(Uuid::nil()),
        }
    }
}
