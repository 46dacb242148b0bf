//! The rights matrix: every kind of user × every action × the situations that matter, in a
//! text that a jurist reads and approves.
//!
//! `tests/matrix/droits.txt` is the approved one. A change of the policies that changes a
//! right fails here; `ENT_APPROVE=1 cargo test -p recits matrix` rewrites the file, whose
//! difference is then reviewed like any other.

use super::monde::{Role, distribution, situations};
use cedar_policy::{Effect, PolicySet};
use commands::rights::{Action, POLICIES, Rights};
use std::fmt::Write;
use std::path::Path;

/// Width of the column of situations.
const LABEL: usize = 46;

/// What the user wants, in French.
fn libelle(action: Action) -> &'static str {
    match action {
        Action::LireEtablissement => "lire la fiche d'un établissement",
        Action::LireDivision => "lire la liste d'une division",
        Action::LirePersonne => "lire la fiche d'une personne",
        Action::ImporterAnnuaire => "importer l'annuaire d'un établissement",
        Action::SaisirAnnuaire => "saisir à la main ce que les sources ne nomment pas",
        Action::OpposerInformation => "s'opposer à l'information des responsables d'un élève",
        Action::LireGroupe => "lire un groupe et ceux qui y sont",
        Action::CreerGroupe => "créer un groupe dans un établissement",
        Action::GererGroupe => "dire qui est dans un groupe et qui l'encadre",
        Action::FixerCalendrier => "fixer l'année et les périodes d'un établissement",
        Action::ConfierRemplacement => "confier le remplacement d'un enseignant absent",
        Action::LireDoublons => "lire quelles fiches sont peut-être d'une seule personne",
        Action::FusionnerFiches => "fondre deux fiches d'une personne, ou les séparer",
        Action::RadierEleve => "radier un élève d'un établissement",
        Action::AccueillirEleve => "accueillir un élève venu d'ailleurs",
        Action::PreparerBascule => "préparer l'année suivante d'un établissement",
        Action::BasculerAnnee => "basculer l'année d'un établissement",
        Action::ExporterListes => "sortir les listes d'un établissement",
        Action::OuvrirPortail => "ouvrir un portail",
        Action::PrendreDirection => "inscrire le directeur de publication d'un portail",
        Action::ConclureAdhesion => "inscrire l'adhésion d'un établissement",
        Action::TerminerAdhesion => "mettre fin à une adhésion",
        Action::QuitterDirection => "inscrire le départ d'un directeur sans successeur",
        Action::OuvrirServiceEnt => "ouvrir un service d'un portail",
        Action::FermerServiceEnt => "fermer un service d'un portail",
        Action::DefinirTheme => "donner à un portail son apparence",
        Action::MettreEnGarde => "mettre en garde le directeur de publication",
        Action::LireMisesEnGarde => "lire les mises en garde d'un portail",
        Action::RepondreMiseEnGarde => "lire en directeur une mise en garde, et y répondre",
        Action::AccorderHabilitation => "désigner une personne habilitée",
        Action::RevoquerHabilitation => "mettre fin à une habilitation",
        Action::LireHabilitations => "lire les habilitations données par un portail",
        Action::DemanderIntervention => "demander une intervention sur un portail",
        Action::ContresignerIntervention => "contresigner une intervention",
        Action::CloreIntervention => "clore une intervention",
        Action::ConstaterExpiration => "constater qu'une intervention a pris fin",
        Action::LireInterventions => "lire les interventions sur un portail",
        Action::AccorderDelegation => "déléguer l'administration d'un portail",
        Action::RevoquerDelegation => "mettre fin à une délégation",
        Action::LirePortail => "lire la fiche et les mentions légales d'un portail",
        Action::OuvrirAppel => "ouvrir l'appel d'une séance",
        Action::PointerEleves => "pointer les élèves d'un appel ouvert",
        Action::CloreAppel => "clore un appel",
        Action::CorrigerAppel => "corriger un appel clos",
        Action::LireAppel => "lire un appel",
        Action::LireAbsencesEleve => "lire les absences d'un élève",
        Action::NoterIncident => "noter ce qui arrive à un élève pendant une séance",
        Action::RappelerAppel => "rappeler un appel qui n'est pas clos",
        Action::FixerReglementAbsences => "fixer le décompte et les motifs d'absence d'un établissement",
        Action::LireReglementAbsences => "lire le décompte et les motifs d'absence d'un établissement",
        Action::SuivreAbsences => "suivre les absences d'un établissement",
        Action::ConstaterAssiduite => "constater absences et seuils d'après les appels",
        Action::TenirDossiersAbsence => "tenir les dossiers d'absence d'un établissement",
        Action::JustifierAbsence => "annoncer ou justifier l'absence d'un élève",
        Action::RecueillirJustificatif => "enregistrer, pour une famille, le justificatif d'une absence",
        Action::LireChiffresAbsences => "lire les nombres d'absences d'une académie, sans aucun nom",
        Action::CreerEvaluation => "créer une évaluation",
        Action::SaisirNotes => "saisir des notes",
        Action::CorrigerNote => "corriger une note publiée",
        Action::PublierEvaluation => "publier les notes d'une évaluation",
        Action::LireCarnetDeNotes => "lire le carnet de notes d'un enseignement",
        Action::LireNotesEleve => "lire les notes d'un élève",
        Action::RedigerAppreciations => "rédiger les appréciations d'un enseignement",
        Action::LireBulletin => "lire les bulletins d'un élève, en intéressé",
        Action::LirePolitiqueDeMoyenne => "lire selon quelles règles un établissement calcule les moyennes",
        Action::FixerPolitiqueDeMoyenne => "fixer ces règles",
        Action::LireConseil => "lire ce qu'un conseil de classe a devant lui",
        Action::TenirConseil => "écrire ce que le conseil de classe dit d'un élève",
        Action::PositionnerEleve => "positionner un élève dans le socle commun",
        Action::VerrouillerPeriode => "clore ou rouvrir la saisie d'une période",
        Action::PublierBulletins => "publier les bulletins d'une période",
        Action::DonnerAssiduites => "donner les absences d'une période, comptées hors de l'ENT",
        Action::ExporterLivrets => "sortir les bulletins d'un établissement en livrets scolaires",
        Action::LireEmploiDuTemps => "lire l'emploi du temps d'un établissement",
        Action::LireEmploiDuTempsEleve => "lire l'emploi du temps d'un élève",
        Action::GererEmploiDuTemps => "changer l'emploi du temps à la main",
        Action::ImporterEmploiDuTemps => "importer l'emploi du temps d'un établissement",
        Action::RedigerCahier => "rédiger le cahier de textes d'un enseignement",
        Action::LireCahier => "lire le cahier de textes d'un enseignement",
        Action::ViserCahier => "viser un cahier de textes",
        Action::LireCharge => "lire la charge de travail d'une division",
        Action::LireCahierEleve => "lire le cahier de textes d'un élève",
        Action::FaireTravail => "marquer un travail fait, et le rendre",
        Action::GererAbonnement => "ouvrir l'adresse privée d'un agenda",
        Action::DeposerPiece => "déposer un fichier, à joindre à ce que l'on écrit",
        Action::RedigerActualite => "rédiger une actualité",
        Action::ModifierPublication => "modifier une publication",
        Action::SoumettrePublication => "soumettre une publication au directeur",
        Action::PublierPublication => "mettre une publication en ligne",
        Action::DiffuserPublication => "mettre une publication en ligne dans un espace modéré a posteriori",
        Action::RetirerPublication => "retirer une publication",
        Action::LirePublication => "lire une publication",
        Action::SignalerContenu => "signaler un contenu",
        Action::LireSignalement => "lire un signalement",
        Action::PrendreConnaissance => "prendre connaissance d'un signalement",
        Action::RendreDecision => "rendre une décision sur un signalement",
        Action::FixerModeDeModeration => "fixer le mode de modération d'un espace du portail",
        Action::LireJournal => "lire le journal d'un portail",
        Action::SuivreJournal => "suivre le journal d'un portail",
        Action::LireConservation => "lire ce qui est à détruire, gelé ou détruit",
        Action::PoserGel => "geler des contenus",
        Action::LeverGel => "lever un gel",
        Action::DemanderDestruction => "demander une destruction",
        Action::ConfirmerDestruction => "confirmer une destruction",
        Action::AbandonnerDestruction => "abandonner une destruction",
        Action::AuditerJournal => "lire les feuilles scellées du journal d'un portail",
        Action::InscrireConsultation => "inscrire la consultation d'un auditeur au journal d'un portail",
        Action::InscrireVerification => "inscrire la vérification du journal d'un portail",
        Action::DemanderDonnees => "demander toutes les données d'une personne",
        Action::InscrireRemise => "inscrire la remise de données demandées",
        Action::DemanderRectification => "demander une rectification au sujet d'une personne",
        Action::LireRectifications => "lire les demandes de rectification d'un portail",
        Action::DeciderRectification => "répondre à une demande de rectification",
        Action::OuvrirSession => "se connecter à un compte",
        Action::ChoisirProfil => "choisir le profil sous lequel on agit",
        Action::LireConnexions => "lire les connexions à un compte",
        Action::LireAcces => "lire ce qui ouvre un compte, et s'il est verrouillé",
        Action::LierIdentite => "dire quel compte ouvre une identité",
        Action::RompreLiaison => "détacher une identité d'un compte",
        Action::VerrouillerCompte => "verrouiller un compte",
        Action::DeverrouillerCompte => "déverrouiller un compte",
        Action::ChoisirPreferences => "dire comment on est prévenu",
        Action::LirePreferences => "relire comment on est prévenu, et ce qui fut envoyé",
        Action::LireEnvois => "lire quelles familles n'ont pu être prévenues",
        Action::PosterLettre => "dire qu'une lettre est postée",
        Action::RetablirAdresse => "dire que fonctionne une adresse à laquelle on n'écrit plus",
        Action::PreparerEnvois => "préparer les envois que les faits appellent",
        Action::ConstaterEnvoi => "constater ce qu'il advient d'un envoi",
        Action::LireVues => "lire l'état des vues",
        Action::SignalerIncident => "signaler un incident",
        Action::LireIncidents => "lire les incidents d'un établissement",
        Action::LireConstat => "lire un incident, une punition ou un stage",
        Action::TraiterIncident => "suivre un incident et le clore",
        Action::DonnerPunition => "donner une punition",
        Action::ConclurePunition => "reporter une punition, ou dire si elle est faite",
        Action::EngagerProcedure => "engager une procédure disciplinaire",
        Action::ConduireProcedure => "informer, entendre, notifier, exécuter",
        Action::PrononcerSanction => "prononcer une sanction, en révoquer le sursis, l'annuler",
        Action::DemanderEffacement => "demander l'effacement anticipé d'une sanction",
        Action::EffacerSanction => "effacer une sanction du dossier",
        Action::LireSanctions => "lire les sanctions d'un élève",
        Action::LireVieEleve => "lire les punitions, le carnet et les stages d'un élève",
        Action::EcrireAuCarnet => "écrire au carnet d'un élève",
        Action::EcrireALEcole => "écrire à l'école au sujet de son enfant",
        Action::SignerMot => "accuser réception d'un mot du carnet",
        Action::TenirInfirmerie => "recevoir à l'infirmerie et consigner un soin",
        Action::LirePassages => "savoir qu'un élève était à l'infirmerie",
        Action::LireSoins => "lire pourquoi, et ce qui a été fait",
        Action::PreparerStage => "préparer un stage",
        Action::SignerConvention => "signer une convention de stage",
        Action::DesignerTuteur => "ouvrir un stage au compte du tuteur en entreprise, ou le lui retirer",
        Action::VisiterStage => "rendre compte d'une visite de stage",
        Action::LireSonStage => "lire, en tuteur, le stage de l'élève que l'on accueille",
        Action::SignerPourEntreprise => "signer, en tuteur, une convention pour l'entreprise",
    }
}

fn render(rights: &Rights) -> String {
    let roles = distribution();
    let mut text = String::from(
        "MATRICE DES DROITS\n\n\
         Qui peut faire quoi, et dans quelle situation. Le programme produit ce texte, et des\n\
         personnes l'approuvent : tout changement d'un droit s'y voit.\n\n\
         \x20 oui   permis            ·   refusé            –   sans objet\n\nLES ACTEURS\n\n",
    );
    for Role { sigle, libelle, .. } in &roles {
        writeln!(text, "  {sigle}   {libelle}").unwrap();
    }
    let mut current = None;
    for action in Action::ALL {
        if current.replace(action.portee()) != Some(action.portee()) {
            let part = action.portee().nom().to_uppercase();
            write!(text, "\n\n{part:<width$}", width = LABEL + 2).unwrap();
            text.extend(roles.iter().map(|role| format!(" {}", role.sigle)));
            text.push('\n');
        }
        writeln!(text, "\n{action} : {}", libelle(*action)).unwrap();
        for (situation, resource) in situations(*action) {
            let cells = roles.iter().map(|role| match resource(&role.acteur) {
                None => "–",
                Some(resource) if rights.decide(&role.acteur, *action, &resource).is_ok() => "oui",
                Some(_) => "·",
            });
            let cells: String = cells.map(|cell| format!(" {cell:^3}")).collect();
            writeln!(text, "  {situation:<LABEL$}{}", cells.trim_end()).unwrap();
        }
    }
    text + &fondements()
}

/// Every policy, in its own words.
fn fondements() -> String {
    let mut text = String::from("\n\nLES RÈGLES ET LEURS FONDEMENTS\n");
    for (context, source) in POLICIES {
        let set: PolicySet = source.parse().unwrap();
        let mut policies: Vec<_> = set.policies().collect();
        policies.sort_by_key(|policy| policy.annotation("id"));
        writeln!(text, "\n{}", context.to_uppercase()).unwrap();
        for policy in policies {
            let note = |name| policy.annotation(name).unwrap();
            let effect = if policy.effect() == Effect::Permit { "permet" } else { "INTERDIT" };
            writeln!(text, "\n  {} ({effect})\n    {}\n    {}", note("id"), note("libelle"), note("article"))
                .unwrap();
        }
    }
    text
}

#[test]
fn the_matrix_is_the_approved_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("matrix/droits.txt");
    let actual = render(&Rights::load().unwrap());
    if std::env::var_os("ENT_APPROVE").is_some() {
        std::fs::write(&path, &actual).unwrap();
    }
    let approved = std::fs::read_to_string(&path).unwrap_or_default();
    let changed = approved.lines().zip(actual.lines()).find(|(old, new)| old != new);
    assert!(
        approved == actual,
        "the rights have changed; first difference: {changed:#?}\n\
         If that is meant, ENT_APPROVE=1 rewrites tests/matrix/droits.txt: review its difference."
    );
}

/// An action that nobody in the matrix may do is either forgotten by the policies or by the
/// matrix's situations.
#[test]
fn every_action_is_open_to_someone_and_closed_to_someone() {
    let rights = Rights::load().unwrap();
    for action in Action::ALL {
        let answers = || {
            let roles = distribution().into_iter();
            roles.flat_map(|role| {
                let asked = situations(*action).iter().filter_map(|(_, thing)| thing(&role.acteur));
                let answers: Vec<_> =
                    asked.map(|thing| rights.decide(&role.acteur, *action, &thing).is_ok()).collect();
                answers
            })
        };
        assert!(answers().any(|yes| yes), "{action} is open to nobody");
        assert!(answers().any(|yes| !yes), "{action} is closed to nobody");
    }
}
