//! A small school for the tests of rights: one of each kind of user around one collège,
//! and the things that they might ask for.

use commands::rights::{Acteur, Action, InterventionEnCours, Resource};
use domain::portails::Perimetre;
use domain::{
    CompteId, DivisionId, EnseignementId, EtablissementId, GroupeId, InterventionId, PersonneId, PortailId,
    PublicationId, SignalementId,
};
use std::collections::BTreeSet;

pub fn personne(name: &str) -> PersonneId {
    PersonneId::derived(&[name])
}

pub fn college() -> EtablissementId {
    EtablissementId::derived(&["collège"])
}

pub fn lycee() -> EtablissementId {
    EtablissementId::derived(&["lycée"])
}

pub fn portail(label: &str) -> PortailId {
    label.parse().unwrap()
}

/// A kind of user.
pub struct Role {
    pub sigle: &'static str,
    pub libelle: &'static str,
    pub acteur: Acteur,
}

/// Someone of the collège, known by the sigle.
fn membre(sigle: &str) -> Acteur {
    Acteur { etablissements: [college()].into(), ..Acteur::personnel(personne(sigle)) }
}

/// One of each. The collège's own are attached to it; the visitor, the administrateur's separate
/// compte, the partner's directeur and the operator are not.
pub fn distribution() -> Vec<Role> {
    let role = |sigle, libelle, acteur| Role { sigle, libelle, acteur };
    let administrateur = Acteur {
        compte: Some(CompteId::derived(&["administrateur"])),
        personne: Some(personne("AEN")),
        compte_d_office: true,
        administrateur_de: [portail("college")].into(),
        ..Acteur::default()
    };
    vec![
        role("ANO", "visiteur sans compte", Acteur::anonyme()),
        role(
            "ELE",
            "élève de 6e A",
            Acteur {
                divisions: [DivisionId::derived(&["6A"])].into(),
                groupes: [GroupeId::derived(&["latin"])].into(),
                ..membre("ELE")
            },
        ),
        role(
            "MAJ",
            "élève majeur de 6e A",
            Acteur { divisions: [DivisionId::derived(&["6A"])].into(), majeur: true, ..membre("MAJ") },
        ),
        role(
            "RES",
            "responsable légal de l'élève ELE, avec droit à l'information",
            Acteur { enfants: [personne("ELE")].into(), ..membre("RES") },
        ),
        role("RSI", "responsable légal de l'élève ELE, sans droit à l'information", membre("RSI")),
        role("ENS", "enseignant au collège", Acteur { enseigne_dans: [college()].into(), ..membre("ENS") }),
        role(
            "VSC",
            "vie scolaire du collège (CPE, AED)",
            Acteur { vie_scolaire_de: [college()].into(), ..membre("VSC") },
        ),
        role(
            "DIR",
            "direction du collège (chef, adjoint)",
            Acteur { direction_de: [college()].into(), ..membre("DIR") },
        ),
        role(
            "ADM",
            "personnel administratif du collège",
            Acteur { administratif_de: [college()].into(), ..membre("ADM") },
        ),
        role(
            "INF",
            "infirmier du collège",
            Acteur {
                administratif_de: [college()].into(),
                infirmier_de: [college()].into(),
                ..membre("INF")
            },
        ),
        role(
            "DPU",
            "directeur de publication du portail du collège, sans autre fonction",
            Acteur { directeur_de: [portail("college")].into(), ..membre("DPU") },
        ),
        role("AEN", "administrateur ENT du portail du collège (compte séparé)", administrateur),
        role(
            "DPP",
            "directeur de publication d'un portail partenaire, sans autre fonction",
            Acteur { directeur_de: [portail("ac-lyon")].into(), ..Acteur::personnel(personne("DPP")) },
        ),
        role(
            "EXP",
            "exploitant de la plateforme",
            Acteur { exploitant: true, ..Acteur::personnel(personne("EXP")) },
        ),
        role(
            "AUD",
            "auditeur du journal, nommé par la plateforme",
            Acteur { auditeur: true, ..Acteur::personnel(personne("AUD")) },
        ),
        role("HAB", "personne habilitée par l'établissement, sans intervention ouverte", habilite([].into())),
        role(
            "INT",
            "personne habilitée pendant une intervention ouverte sur tout le collège",
            habilite(Perimetre::TOUS.iter().copied().collect()),
        ),
        role(
            "FER",
            "enseignant du collège, si la maison lui est fermée (fin de l'adhésion, lycée privé)",
            Acteur { fermes: [college()].into(), ..Acteur::personnel(personne("FER")) },
        ),
        role("SUS", "compte suspendu, qui a par ailleurs toutes les fonctions du collège", suspendu()),
    ]
}

fn habilite(perimetres: BTreeSet<Perimetre>) -> Acteur {
    let open = InterventionEnCours {
        id: InterventionId::derived(&["1"]),
        portail: portail("college"),
        etablissement: Some(college()),
        perimetres,
    };
    Acteur {
        compte: Some(CompteId::derived(&["habilité"])),
        personne: Some(personne("HAB")),
        compte_d_office: true,
        habilite_de: [portail("college")].into(),
        interventions: vec![open],
        ..Acteur::default()
    }
}

fn suspendu() -> Acteur {
    Acteur {
        divisions: [DivisionId::derived(&["6A"])].into(),
        enfants: [personne("ELE")].into(),
        direction_de: [college()].into(),
        vie_scolaire_de: [college()].into(),
        enseigne_dans: [college()].into(),
        administratif_de: [college()].into(),
        directeur_de: [portail("college")].into(),
        administrateur_de: [portail("college")].into(),
        auditeur: true,
        suspendu: true,
        ..membre("SUS")
    }
}

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
        | Action::GererAbonnement => PERSONNES,
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
        | Action::PublierBulletins => CONSEILS,
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
        Action::LireConstat | Action::TraiterIncident | Action::ConclurePunition | Action::VisiterStage => {
            CONSTATS
        }
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
        | Action::SignerConvention => DOSSIERS,
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

fn division(name: &str, etablissement: EtablissementId) -> Resource {
    Resource::Division { id: DivisionId::derived(&[name]), etablissement }
}

fn groupe(name: &str, encadrant: &str, etablissement: EtablissementId) -> Resource {
    Resource::Groupe {
        id: GroupeId::derived(&[name]),
        etablissement,
        encadrants: [personne(encadrant)].into(),
    }
}

fn fiche(name: &str, etablissement: EtablissementId) -> Resource {
    Resource::Personne { id: personne(name), etablissements: [etablissement].into() }
}

fn acces(name: &str, etablissement: EtablissementId, label: &str) -> Resource {
    Resource::Acces {
        compte: CompteId::personnel(personne(name)),
        titulaire: Some(personne(name)),
        etablissements: [etablissement].into(),
        portails: [portail(label)].into(),
    }
}

fn enseignement(enseignant: &str, etablissement: EtablissementId) -> Resource {
    Resource::Enseignement {
        id: EnseignementId::derived(&[enseignant]),
        etablissement,
        enseignants: [personne(enseignant)].into(),
        absents: [].into(),
    }
}

fn conseil(enseignant: &str, principal: &str, etablissement: EtablissementId) -> Resource {
    Resource::Conseil {
        division: DivisionId::derived(&["6A"]),
        etablissement,
        enseignants: [personne(enseignant)].into(),
        principaux: [personne(principal)].into(),
    }
}

fn eleve(name: &str, etablissement: EtablissementId) -> Resource {
    eleve_de(personne(name), etablissement)
}

fn eleve_de(personne: PersonneId, etablissement: EtablissementId) -> Resource {
    Resource::Eleve { personne, etablissement: Some(etablissement) }
}

fn constat(auteur: PersonneId, etablissement: EtablissementId) -> Resource {
    Resource::Constat { id: uuid::Uuid::from_u128(1), etablissement, auteur }
}

fn dossier(personne: PersonneId, etablissement: EtablissementId, principal: &str) -> Resource {
    Resource::DossierEleve { personne, etablissement, principaux: [self::personne(principal)].into() }
}

fn publication(label: &str, auteur: PersonneId, en_ligne: bool, publique: bool) -> Resource {
    Resource::Publication {
        id: PublicationId::derived(&["actualité"]),
        portail: portail(label),
        etablissement: Some(if label == "lycee" { lycee() } else { college() }),
        auteur,
        en_ligne,
        publique,
    }
}

fn signalement(label: &str, auteur_du_contenu: PersonneId, signalant: PersonneId) -> Resource {
    Resource::Signalement {
        id: SignalementId::derived(&["1"]),
        portail: portail(label),
        auteur_du_contenu,
        signalant,
    }
}
