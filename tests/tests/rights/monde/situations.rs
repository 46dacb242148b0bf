//! About what each right is worth asking for.

use super::choses::{
    acces, conseil, constat, division, dossier, eleve, eleve_de, enseignement, fiche, groupe, publication,
    signalement,
};
use super::{college, lycee, personne, portail};
use commands::rights::{Acteur, Action, Resource};
use domain::{EnseignementId, GroupeId};

/// What is asked about, as a jurist would put it, and the thing itself; `None` where the
/// situation makes no sense for who asks (a visitor wrote nothing).
pub type Situation = (&'static str, fn(&Acteur) -> Option<Resource>);

/// The situations in which an action is worth asking for.
pub fn situations(action: Action) -> &'static [Situation] {
    match action {
        Action::LireEtablissement
        | Action::ImporterAnnuaire
        | Action::CreerGroupe
        | Action::FixerCalendrier
        | Action::AccueillirEleve
        | Action::PreparerBascule
        | Action::BasculerAnnee
        | Action::ExporterListes
        | Action::FixerReglementAbsences
        | Action::LireReglementAbsences
        | Action::SuivreAbsences
        | Action::TenirDossiersAbsence
        | Action::ConstaterAssiduite
        | Action::LirePolitiqueDeMoyenne
        | Action::FixerPolitiqueDeMoyenne
        | Action::ExporterLivrets
        | Action::LireEmploiDuTemps
        | Action::GererEmploiDuTemps
        | Action::ImporterEmploiDuTemps => ETABLISSEMENTS,
        Action::LireGroupe | Action::GererGroupe => GROUPES,
        Action::LireDivision | Action::LireCharge => DIVISIONS,
        Action::LirePersonne
        | Action::DemanderDonnees
        | Action::DemanderRectification
        | Action::ChoisirPreferences
        | Action::LirePreferences
        | Action::GererAbonnement
        | Action::DeposerPiece => PERSONNES,
        Action::OuvrirPortail
        | Action::ConclureAdhesion
        | Action::TerminerAdhesion
        | Action::PrendreDirection
        | Action::QuitterDirection
        | Action::OuvrirServiceEnt
        | Action::FermerServiceEnt
        | Action::DefinirTheme
        | Action::MettreEnGarde
        | Action::LireMisesEnGarde
        | Action::RepondreMiseEnGarde
        | Action::AccorderHabilitation
        | Action::RevoquerHabilitation
        | Action::LireHabilitations
        | Action::DemanderIntervention
        | Action::ContresignerIntervention
        | Action::CloreIntervention
        | Action::ConstaterExpiration
        | Action::LireInterventions
        | Action::AccorderDelegation
        | Action::RevoquerDelegation
        | Action::LirePortail
        | Action::SaisirAnnuaire
        | Action::RedigerActualite
        | Action::FixerModeDeModeration
        | Action::LireJournal
        | Action::SuivreJournal
        | Action::LireConservation
        | Action::PoserGel
        | Action::LeverGel
        | Action::DemanderDestruction
        | Action::ConfirmerDestruction
        | Action::AbandonnerDestruction
        | Action::AuditerJournal
        | Action::InscrireConsultation
        | Action::InscrireVerification
        | Action::LireDoublons
        | Action::FusionnerFiches
        | Action::InscrireRemise
        | Action::LireRectifications
        | Action::DeciderRectification
        | Action::LireEnvois
        | Action::PosterLettre
        | Action::RetablirAdresse
        | Action::PreparerEnvois
        | Action::ConstaterEnvoi
        | Action::LireChiffresAbsences => PORTAILS,
        Action::OuvrirAppel
        | Action::PointerEleves
        | Action::CloreAppel
        | Action::CorrigerAppel
        | Action::LireAppel
        | Action::NoterIncident
        | Action::RappelerAppel
        | Action::CreerEvaluation
        | Action::SaisirNotes
        | Action::CorrigerNote
        | Action::PublierEvaluation
        | Action::LireCarnetDeNotes
        | Action::RedigerAppreciations
        | Action::ConfierRemplacement
        | Action::RedigerCahier
        | Action::LireCahier
        | Action::ViserCahier => ENSEIGNEMENTS,
        Action::LireAbsencesEleve
        | Action::JustifierAbsence
        | Action::RecueillirJustificatif
        | Action::LireNotesEleve
        | Action::LireBulletin
        | Action::OpposerInformation
        | Action::RadierEleve
        | Action::LireEmploiDuTempsEleve
        | Action::LireCahierEleve
        | Action::FaireTravail => ELEVES,
        Action::LireConseil
        | Action::TenirConseil
        | Action::PositionnerEleve
        | Action::VerrouillerPeriode
        | Action::PublierBulletins
        | Action::DonnerAssiduites => CONSEILS,
        Action::ModifierPublication
        | Action::SoumettrePublication
        | Action::PublierPublication
        | Action::DiffuserPublication
        | Action::RetirerPublication
        | Action::LirePublication
        | Action::SignalerContenu => PUBLICATIONS,
        Action::LireSignalement | Action::PrendreConnaissance | Action::RendreDecision => SIGNALEMENTS,
        Action::OuvrirSession
        | Action::ChoisirProfil
        | Action::LireConnexions
        | Action::LireAcces
        | Action::LierIdentite
        | Action::RompreLiaison
        | Action::VerrouillerCompte
        | Action::DeverrouillerCompte => ACCES,
        Action::LireVues => PLATEFORME,
        Action::SignalerIncident | Action::LireIncidents => ETABLISSEMENTS,
        Action::LireConstat
        | Action::TraiterIncident
        | Action::ConclurePunition
        | Action::VisiterStage
        | Action::LireSonStage
        | Action::SignerPourEntreprise => CONSTATS,
        Action::DonnerPunition
        | Action::EngagerProcedure
        | Action::ConduireProcedure
        | Action::PrononcerSanction
        | Action::DemanderEffacement
        | Action::EffacerSanction
        | Action::LireSanctions
        | Action::LireVieEleve
        | Action::EcrireAuCarnet
        | Action::EcrireALEcole
        | Action::SignerMot
        | Action::TenirInfirmerie
        | Action::LirePassages
        | Action::LireSoins
        | Action::PreparerStage
        | Action::SignerConvention
        | Action::DesignerTuteur => DOSSIERS,
    }
}

const ETABLISSEMENTS: &[Situation] = &[
    ("le collège", |_| Some(Resource::Etablissement { id: college() })),
    ("un autre établissement", |_| Some(Resource::Etablissement { id: lycee() })),
];

const DIVISIONS: &[Situation] = &[
    ("la 6e A du collège", |_| Some(division("6A", college()))),
    ("une autre division du collège", |_| Some(division("6B", college()))),
    ("une division d'un autre établissement", |_| Some(division("2A", lycee()))),
];

const GROUPES: &[Situation] = &[
    ("un groupe de l'élève ELE", |_| Some(groupe("latin", "autre", college()))),
    ("un groupe que l'on encadre", |acteur| {
        Some(Resource::Groupe {
            id: GroupeId::derived(&["grec"]),
            etablissement: college(),
            encadrants: [acteur.personne?].into(),
        })
    }),
    ("un autre groupe du collège", |_| Some(groupe("chorale", "autre", college()))),
    ("un groupe d'un autre établissement", |_| Some(groupe("théâtre", "lointaine", lycee()))),
];

const PERSONNES: &[Situation] = &[
    ("soi-même", |acteur| {
        let id = acteur.personne?;
        Some(Resource::Personne { id, etablissements: acteur.etablissements.clone() })
    }),
    ("l'élève ELE", |_| Some(fiche("ELE", college()))),
    ("une autre personne du collège", |_| Some(fiche("autre", college()))),
    ("une personne d'un autre établissement", |_| Some(fiche("lointaine", lycee()))),
];

const PORTAILS: &[Situation] = &[
    ("le portail du collège", |_| {
        Some(Resource::Portail { id: portail("college"), etablissement: Some(college()) })
    }),
    ("le portail d'un autre établissement", |_| {
        Some(Resource::Portail { id: portail("lycee"), etablissement: Some(lycee()) })
    }),
    ("un portail partenaire", |_| Some(Resource::Portail { id: portail("ac-lyon"), etablissement: None })),
];

const ENSEIGNEMENTS: &[Situation] = &[
    ("un enseignement de l'enseignant ENS", |_| Some(enseignement("ENS", college()))),
    ("un enseignement d'un collègue du collège", |_| Some(enseignement("collègue", college()))),
    ("un enseignement de ENS, remplacé aujourd'hui", |_| {
        Some(Resource::Enseignement {
            id: EnseignementId::derived(&["remplacé"]),
            etablissement: college(),
            enseignants: [personne("remplaçante")].into(),
            absents: [personne("ENS")].into(),
        })
    }),
    ("un enseignement d'un autre établissement", |_| Some(enseignement("lointain", lycee()))),
];

const CONSEILS: &[Situation] = &[
    ("une division où ENS enseigne", |_| Some(conseil("ENS", "collègue", college()))),
    ("une division dont ENS est professeur principal", |_| Some(conseil("ENS", "ENS", college()))),
    ("une autre division du collège", |_| Some(conseil("collègue", "collègue", college()))),
    ("une division d'un autre établissement", |_| Some(conseil("lointain", "lointain", lycee()))),
];

const ELEVES: &[Situation] = &[
    ("soi-même", |acteur| Some(eleve_de(acteur.personne?, college()))),
    ("l'élève ELE, enfant de RES", |_| Some(eleve("ELE", college()))),
    ("un autre élève du collège", |_| Some(eleve("autre", college()))),
    ("un élève d'un autre établissement", |_| Some(eleve("lointain", lycee()))),
];

const PUBLICATIONS: &[Situation] = &[
    ("la sienne, hors ligne", |acteur| Some(publication("college", acteur.personne?, false, true))),
    ("la sienne, en ligne", |acteur| Some(publication("college", acteur.personne?, true, true))),
    ("d'autrui, hors ligne", |_| Some(publication("college", personne("autre"), false, true))),
    ("d'autrui, en ligne, pour le portail", |_| Some(publication("college", personne("autre"), true, false))),
    ("d'autrui, en ligne, publique", |_| Some(publication("college", personne("autre"), true, true))),
    ("autre portail, hors ligne", |_| Some(publication("lycee", personne("autre"), false, true))),
    ("autre portail, en ligne, pour le portail", |_| {
        Some(publication("lycee", personne("autre"), true, false))
    }),
    ("autre portail, en ligne, publique", |_| Some(publication("lycee", personne("autre"), true, true))),
];

const SIGNALEMENTS: &[Situation] = &[
    ("déposé par soi", |acteur| Some(signalement("college", personne("autre"), acteur.personne?))),
    ("visant son propre contenu", |acteur| Some(signalement("college", acteur.personne?, personne("tiers")))),
    ("entre d'autres personnes", |_| Some(signalement("college", personne("autre"), personne("tiers")))),
    ("sur un autre portail", |_| Some(signalement("lycee", personne("autre"), personne("tiers")))),
];

const ACCES: &[Situation] = &[
    ("son propre compte", |acteur| {
        let (compte, titulaire) = (acteur.compte?, acteur.personne);
        let (etablissements, portails) = (acteur.etablissements.clone(), acteur.administrateur_de.clone());
        Some(Resource::Acces { compte, titulaire, etablissements, portails })
    }),
    ("le compte de l'élève ELE", |_| Some(acces("ELE", college(), "college"))),
    ("un compte d'un autre établissement", |_| Some(acces("lointaine", lycee(), "lycee"))),
];

const CONSTATS: &[Situation] = &[
    ("le sien, au collège", |acteur| Some(constat(acteur.personne?, college()))),
    ("d'autrui, au collège", |_| Some(constat(personne("autre"), college()))),
    ("dans un autre établissement", |_| Some(constat(personne("lointaine"), lycee()))),
];

const DOSSIERS: &[Situation] = &[
    ("soi-même", |acteur| Some(dossier(acteur.personne?, college(), "autre"))),
    ("l'élève ELE, enfant de RES", |_| Some(dossier(personne("ELE"), college(), "autre"))),
    ("l'élève ELE, dont ENS est professeur principal", |_| {
        Some(dossier(personne("ELE"), college(), "ENS"))
    }),
    ("un autre élève du collège", |_| Some(dossier(personne("autre"), college(), "autre"))),
    ("un élève d'un autre établissement", |_| Some(dossier(personne("lointain"), lycee(), "autre"))),
];

const PLATEFORME: &[Situation] = &[("la plateforme", |_| Some(Resource::Plateforme))];
