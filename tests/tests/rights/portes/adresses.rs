//! Every address at which the program answers, read from the sources of its router: each is open to all
//! for a reason that is written here, or shows nothing to who is nobody there.
//!
//! `tests/matrix/adresses.txt` is the approved list, as `portes.txt` is that of the fields.

mod ecrites;

use super::demande::Schema;
use super::ecole::Vecue;
use super::etrangers::{etrangers, trahis};
use crate::contracts::approve;
use crate::rights::ecoute::Ecoute;
use anyhow::{Context, Result, ensure};
use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use domain::CompteId;
use http_body_util::BodyExt;
use recits::{DOMAINE, auditeur, global};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::time::Duration;
use uuid::Uuid;

/// How long what must come is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// To whom an address is open.
enum Ouverture {
    /// To all, and why.
    Tous(&'static str),
    /// By what is asked there.
    Selon(&'static str),
    /// To who has a right, of which this is said first.
    Droit(&'static str),
}

use Ouverture::{Droit, Selon, Tous};

const CHAMPS: &str = "de chaque champ demandé : portes.txt";
const ENTREE: &str = "c'est par là que l'on s'identifie (récits `connexion` et `guichet`)";
const SCEAU: &str = "des sceaux et des hachages, qui ne disent rien de personne : chacun vérifie";
const SONDE: &str = "pour qui exploite : des durées et des nombres";
const MENTIONS: &str = "loi du 21 juin 2004, art. 1-1 : les mentions légales sont dues à tous";
const CONTRAT: &str = "le contrat de l'API et sa page d'essai, sans données";

/// Each address, by its method and its path.
const ADRESSES: &[(&str, Ouverture)] = &[
    ("GET /", Tous(CONTRAT)),
    ("GET /actualites/{id}", Tous("loi du 29 juillet 1982, art. 93-2 : ce qui est publié pour tous")),
    ("GET /agenda/{secret}", Droit("qui en détient le secret")),
    ("GET /bulletins/{fichier}", Droit("")),
    ("GET /cahiers/{enseignement}/{annee}", Droit("")),
    ("GET /carnets/{enseignement}/{annee}/{fichier}", Droit("")),
    ("GET /connexion", Tous(ENTREE)),
    ("GET /connexion/profil", Tous(ENTREE)),
    ("POST /connexion/profil", Tous(ENTREE)),
    ("GET /connexion/{fournisseur}", Tous(ENTREE)),
    ("POST /connexion/{fournisseur}/deconnexion-distante", Tous(ENTREE)),
    ("GET /connexion/{fournisseur}/retour", Tous(ENTREE)),
    ("POST /connexion/{fournisseur}/retour", Tous(ENTREE)),
    ("GET /console", Tous(CONTRAT)),
    ("GET /copies/{travail}/{eleve}", Droit("")),
    ("GET /deconnexion", Tous(ENTREE)),
    ("POST /deconnexion", Tous(ENTREE)),
    ("POST /donnees/{remise}", Droit("qui l'a demandée")),
    ("GET /graphql", Selon(CHAMPS)),
    ("POST /graphql", Selon(CHAMPS)),
    ("POST /graphql/stream", Selon(CHAMPS)),
    ("GET /graphql/ws", Selon(CHAMPS)),
    ("GET /journal/checkpoint", Tous(SCEAU)),
    ("GET /journal/cles", Tous(SCEAU)),
    ("GET /journal/horodatages", Tous(SCEAU)),
    ("GET /journal/horodatages/{file}", Tous(SCEAU)),
    ("GET /journal/tile/{*tile}", Droit("les hachages à tous, et les feuilles")),
    ("GET /journal/{annee}/checkpoint", Tous(SCEAU)),
    ("GET /journal/{annee}/cles", Tous(SCEAU)),
    ("GET /journal/{annee}/consigne", Tous(SCEAU)),
    ("GET /journal/{annee}/tile/{*tile}", Droit("les hachages à tous, et les feuilles")),
    ("GET /listes/{uai}/absences/{fichier}", Droit("")),
    ("GET /listes/{uai}/divisions.csv", Droit("")),
    ("GET /listes/{uai}/groupes.csv", Droit("")),
    ("GET /listes/{uai}/personnes.csv", Droit("")),
    ("GET /listes/{uai}/registre/{fichier}", Droit("")),
    ("GET /livrets/{uai}/lsl/{fichier}", Droit("")),
    ("GET /livrets/{uai}/lsu/{annee}/{fichier}", Droit("")),
    ("GET /mentions-legales", Tous(MENTIONS)),
    ("GET /metrics", Tous(SONDE)),
    ("GET /pages.css", Tous("l'apparence des pages publiques")),
    ("GET /partenaires", Tous(MENTIONS)),
    ("POST /pieces", Droit("chacun, la famille d'un élève, et sa vie scolaire")),
    ("GET /pieces/{piece}", Droit("qui lit ce qu'elle accompagne")),
    ("GET /pret", Tous(SONDE)),
    ("GET /registre-des-traitements.json", Tous("RGPD, art. 13 et 30 : à quoi servent les données")),
    ("GET /sante", Tous(SONDE)),
    ("GET /sante-du-journal/{portail}", Tous(SCEAU)),
    ("GET /schema.graphql", Tous(CONTRAT)),
    ("GET /theme.css", Tous("l'apparence des pages publiques")),
    ("GET {assets}/{name}", Tous(CONTRAT)),
];

/// Each call of the door over gRPC, and to whom it is open (story `flux`).
const APPELS: &[(&str, Ouverture)] = &[
    ("ServerFeatures.GetSupportedMethods", Tous("la version du protocole, sans rien du journal")),
    ("Streams.Append", Selon("personne : on n'y écrit pas")),
    ("Streams.BatchAppend", Selon("personne : on n'y écrit pas")),
    ("Streams.Delete", Selon("personne : on n'y écrit pas")),
    ("Streams.Read", Selon("qui audite : AuditerJournal")),
    ("Streams.Tombstone", Selon("personne : on n'y écrit pas")),
];

#[test]
fn every_address_and_every_call_says_to_whom_it_is_open() -> Result<()> {
    let said = |list: &[(&str, Ouverture)]| -> BTreeSet<String> {
        list.iter().map(|(name, _)| (*name).to_owned()).collect()
    };
    assert_eq!(said(ADRESSES), ecrites::adresses());
    assert_eq!(said(APPELS), ecrites::appels()?);
    Ok(())
}

/// Somewhere that not everybody may go.
struct Porte {
    chemin: String,
    /// Who may.
    qui: Option<CompteId>,
    /// Where somebody else tries, if the path itself is the right.
    essai: Option<String>,
}

impl Porte {
    fn de(qui: CompteId, chemin: impl Into<String>) -> Self {
        Self { chemin: chemin.into(), qui: Some(qui), essai: None }
    }
}

/// One place in this school of each address that asks for a right.
async fn portes(vecue: &Vecue) -> Result<BTreeMap<&'static str, Porte>> {
    let (ecole, maison) = (&vecue.ecole, &vecue.ecole.maison);
    let (chef, cpe, parent) = (ecole.principal, ecole.cpe, ecole.parent);
    let uai = &ecole.uai;
    let of = |kind: &str| vecue.urne.uuids[kind][0].clone();
    let remise = Uuid::from_u128(91);
    let demande = json!({ "remise": remise, "personneId": global("Personne", ecole.eleves[0]) });
    maison.granted(parent, "demanderDonnees", demande, "").await?;
    let agenda = maison.granted(parent, "ouvrirAgenda", json!({}), "agenda { adresse }").await?;
    let agenda = agenda["agenda"]["adresse"].as_str().context("no address")?.to_owned();
    let essai = Some(format!("/agenda/{}.ics", Uuid::from_u128(92)));
    let copie = format!("/copies/{}/{}", of("Travail"), ecole.eleves[0]);
    let listes = |name: &str| Porte::de(chef, format!("/listes/{uai}/{name}"));
    let suivi = |name: &str| Porte::de(cpe, format!("/listes/{uai}/{name}"));
    Ok(BTreeMap::from([
        ("GET /agenda/{secret}", Porte { chemin: agenda, qui: None, essai }),
        ("GET /bulletins/{fichier}", Porte::de(parent, format!("/bulletins/{}.html", of("Bulletin")))),
        (
            "GET /cahiers/{enseignement}/{annee}",
            Porte::de(ecole.enseignante, format!("/cahiers/{}/2026.json", ecole.enseignement)),
        ),
        (
            "GET /carnets/{enseignement}/{annee}/{fichier}",
            Porte::de(ecole.enseignante, format!("/carnets/{}/2026/1.csv", ecole.enseignement)),
        ),
        ("GET /copies/{travail}/{eleve}", Porte::de(parent, copie)),
        ("POST /donnees/{remise}", Porte::de(parent, format!("/donnees/{remise}"))),
        ("GET /journal/tile/{*tile}", Porte::de(auditeur(), "/journal/tile/entries/000.p/1")),
        ("GET /journal/{annee}/tile/{*tile}", Porte::de(auditeur(), "/journal/2026/tile/entries/000.p/1")),
        ("GET /listes/{uai}/absences/{fichier}", suivi("absences/2026-11.csv")),
        ("GET /listes/{uai}/divisions.csv", listes("divisions.csv")),
        ("GET /listes/{uai}/groupes.csv", listes("groupes.csv")),
        ("GET /listes/{uai}/personnes.csv", listes("personnes.csv")),
        ("GET /listes/{uai}/registre/{fichier}", suivi("registre/2026-11-23.csv")),
        ("GET /livrets/{uai}/lsl/{fichier}", Porte::de(chef, format!("/livrets/{uai}/lsl/2026.xml"))),
        ("POST /pieces", Porte::de(cpe, format!("/pieces?eleveId={}", global("Eleve", ecole.eleves[0])))),
        (
            "GET /livrets/{uai}/lsu/{annee}/{fichier}",
            Porte::de(chef, format!("/livrets/{uai}/lsu/2026/1.xml")),
        ),
        ("GET /pieces/{piece}", Porte::de(ecole.enseignante, format!("/pieces/{}", of("Piece")))),
    ]))
}

/// Goes to a path by the method of its address, with a file where something is deposited; the
/// meta-journal is at the base domain.
async fn aller(
    vecue: &Vecue,
    qui: Option<CompteId>,
    adresse: &str,
    chemin: &str,
) -> Result<(StatusCode, String)> {
    let (maison, portail) = (&vecue.ecole.maison, &vecue.ecole.portail);
    let methode = adresse.split(' ').next().unwrap_or_default();
    let base = chemin.starts_with("/journal/tile");
    let hote = if base { DOMAINE.to_owned() } else { format!("{portail}.{DOMAINE}") };
    let mut request = Request::builder().method(methode).uri(chemin).header(header::HOST, hote);
    if let Some(compte) = qui {
        request = request.header(header::AUTHORIZATION, format!("Bearer {}", maison.token(compte)?));
    }
    let body = if methode == "POST" {
        request = request.header(header::CONTENT_DISPOSITION, "attachment; filename=cours.txt");
        Body::from("Voici")
    } else {
        Body::empty()
    };
    let response = maison.send(request.body(body)?).await?;
    let status = response.status();
    let bytes = response.into_body().collect().await?.to_bytes();
    Ok((status, String::from_utf8_lossy(&bytes).into_owned()))
}

fn est_un_refus(status: StatusCode) -> bool {
    [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&status)
}

// On one thread, so that all that is decided is heard.
#[tokio::test]
async fn an_address_that_asks_for_a_right_shows_a_stranger_nothing() -> Result<()> {
    let vecue = Vecue::ouvrir().await?;
    vecue.ecole.maison.sealer.pass().await?;
    vecue.ecole.maison.sealer.consign().await?;
    let portes = portes(&vecue).await?;
    let with_right = ADRESSES.iter().filter(|(_, ouverture)| matches!(ouverture, Droit(_)));
    let with_right: BTreeSet<_> = with_right.map(|(name, _)| *name).collect();
    assert_eq!(portes.keys().copied().collect::<BTreeSet<_>>(), with_right, "each is tried here");
    let strangers = etrangers(&vecue.ecole).await?;
    for (adresse, porte) in &portes {
        let chemin = porte.essai.as_ref().unwrap_or(&porte.chemin);
        for qui in &strangers {
            let (status, said) = aller(&vecue, *qui, adresse, chemin).await?;
            ensure!(est_un_refus(status), "{qui:?} is let in at {adresse}: {status}");
            ensure!(trahis(&vecue, &said).is_empty(), "{qui:?} is told at {adresse}: {said}");
        }
    }
    // The same places open to who may go there: it is not for want of an address that they are shut.
    let heard = Ecoute::default();
    let _listening = tracing::subscriber::set_default(heard.clone());
    let mut asked = BTreeMap::new();
    for (adresse, porte) in &portes {
        heard.actions();
        let (status, said) = aller(&vecue, porte.qui, adresse, &porte.chemin).await?;
        ensure!(!est_un_refus(status) && !status.is_server_error(), "{adresse}: {status}: {said}");
        asked.insert(*adresse, heard.actions());
    }
    approve("tests/matrix/adresses.txt", &texte(&asked));
    vecue.ecole.maison.close().await
}

fn texte(asked: &BTreeMap<&str, BTreeSet<String>>) -> String {
    let mut texte = String::from(
        "LES ADRESSES ET LES DROITS\n\nDe chaque adresse à laquelle l'ENT répond, et de chaque appel de la\n\
         porte gRPC, à qui elle est ouverte : à tous, et pourquoi, ou à qui a un droit, et la matrice\n\
         (droits.txt) dit qui l'a. Le programme produit ce texte, et des personnes l'approuvent.\n\n",
    );
    for (name, ouverture) in ADRESSES.iter().chain(APPELS) {
        let said = match ouverture {
            Tous(why) => format!("tous : {why}"),
            Selon(what) => (*what).to_owned(),
            Droit(whose) => {
                let actions = asked[name].iter().map(String::as_str).collect::<Vec<_>>().join(", ");
                let parts = [*whose, actions.as_str()].into_iter().filter(|part| !part.is_empty());
                parts.collect::<Vec<_>>().join(" : ")
            }
        };
        let _ = writeln!(texte, "{name:52} {said}");
    }
    texte
}

/// A document that follows something, in an event stream.
async fn suivre(
    vecue: &Vecue,
    qui: Option<CompteId>,
    document: &str,
    variables: &Value,
) -> Result<Response<Body>> {
    let maison = &vecue.ecole.maison;
    let mut request = Request::post("/graphql/stream")
        .header(header::ACCEPT, "text/event-stream")
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(compte) = qui {
        request = request.header(header::AUTHORIZATION, format!("Bearer {}", maison.token(compte)?));
    }
    let body = json!({ "query": document, "variables": variables }).to_string();
    maison.send(request.body(Body::from(body))?).await
}

/// What a stream says until it shows something, or ends.
async fn premier(response: Response<Body>) -> Result<String> {
    let (mut body, mut said) = (response.into_body(), String::new());
    while !said.contains("\"data\":{") {
        let next = tokio::time::timeout(PATIENCE, body.frame()).await.with_context(|| said.clone())?;
        let Some(frame) = next else { break };
        if let Ok(data) = frame?.into_data() {
            said.push_str(std::str::from_utf8(&data)?);
        }
    }
    Ok(said)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_shows_a_stranger_nothing() -> Result<()> {
    let vecue = Vecue::ouvrir().await?;
    let ecole = &vecue.ecole;
    let appels = "subscription($d: ID!) {
        appelsDeLaDivision(divisionId: $d, date: \"2026-11-23\") { appels { id } } }";
    let journal = "subscription($p: String!, $depuis: Position) {
        journal(portail: $p, depuis: $depuis, motif: \"Contrôle annuel\") { type } }";
    let division = json!({ "d": global("Division", ecole.division) });
    let depuis = json!({ "p": ecole.portail, "depuis": format!("{}/2026/1", ecole.portail) });
    let suivis = BTreeMap::from([
        ("appelsDeLaDivision", (ecole.enseignante, appels, division)),
        ("journal", (ecole.principal, journal, depuis)),
    ]);
    let mut champs = Schema::servi().champs("Subscription");
    champs.sort();
    assert_eq!(suivis.keys().copied().collect::<Vec<_>>(), champs, "each is asked here");
    let strangers = etrangers(ecole).await?;
    for (champ, (who, document, variables)) in &suivis {
        for qui in &strangers {
            let said = premier(suivre(&vecue, *qui, document, variables).await?).await?;
            let shown = said.contains("\"data\":{") || !trahis(&vecue, &said).is_empty();
            ensure!(!shown, "{qui:?} follows {champ}: {said}");
        }
        let said = premier(suivre(&vecue, Some(*who), document, variables).await?).await?;
        ensure!(said.contains("\"data\":{"), "who may follow {champ} is shown nothing: {said}");
    }
    vecue.ecole.maison.close().await
}
