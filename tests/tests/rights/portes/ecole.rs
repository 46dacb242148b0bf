//! A school in which something of every kind has happened, and what identifies it.

use super::demande::{Tirage, Urne};
use anyhow::{Context, Result};
use api::envois::Distribution;
use axum::body::Body;
use axum::http::{Request, header};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::CompteId;
use domain::annuaire::Uai;
use domain::notifications::Canal;
use http_body_util::BodyExt;
use recits::passerelle::Passerelle;
use recits::{DOMAINE, Ecole, exploitant, global, personal};
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

/// Stands in everything that was written there and is nobody else's to read.
pub const SECRET: &str = "Ornithorynque";

/// For whom something was written, as people of a school would say: it is told apart by its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cercle {
    /// Whom it is about, the family, and who answers for it at school.
    Concernes,
    /// The pupils of the division, their families, and who teaches it.
    Division,
    /// The same, and all who work in the collège.
    DivisionEtPersonnels,
    /// All who work in the collège.
    Personnels,
    /// All of the collège.
    College,
}

impl Cercle {
    pub const ALL: [Self; 5] =
        [Self::Concernes, Self::Division, Self::DivisionEtPersonnels, Self::Personnels, Self::College];

    /// What is written for it.
    pub const fn texte(self) -> &'static str {
        match self {
            Self::Concernes => "Ornithorynque-concernes",
            Self::Division => "Ornithorynque-division",
            Self::DivisionEtPersonnels => "Ornithorynque-classe",
            Self::Personnels => "Ornithorynque-personnels",
            Self::College => "Ornithorynque-college",
        }
    }
}

const CONCERNES: &str = Cercle::Concernes.texte();
const DIVISION: &str = Cercle::Division.texte();
const COLLEGE: &str = Cercle::College.texte();

/// A school with a day behind it.
pub struct Vecue {
    pub ecole: Ecole,
    pub urne: Urne,
    /// Global ids of its people and of what is not public, which no stranger is ever given.
    pub tus: Vec<String>,
}

impl Vecue {
    pub async fn ouvrir() -> Result<Self> {
        let ecole = Ecole::ouvrir().await?;
        let persons = personnes(&ecole).await?;
        let of = |kind| persons.iter().map(|id| global(kind, *id)).collect::<Vec<_>>();
        let mut ids = Tirage::from([("Personne", of("Personne")), ("Eleve", of("Eleve"))]);
        for (kind, id) in faire(&ecole).await? {
            ids.entry(kind).or_default().push(id);
        }
        let mut uuids = Tirage::new();
        for (kind, ids) in &ids {
            uuids.insert(kind, ids.iter().map(|id| key(id)).collect::<Result<_>>()?);
        }
        uuids.insert("Compte", vec![ecole.enseignante.to_string(), ecole.administrateur.to_string()]);
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let colours = || texts(&["#000000", "#ffffff"]);
        let textes = Tirage::from([
            ("Portail", texts(&[&ecole.portail, "ac-lyon"])),
            ("Uai", texts(&[&ecole.uai])),
            ("Motif", texts(&["Motif"])),
            ("Fond", colours()),
            ("Texte", colours()),
            ("Accent", colours()),
        ]);
        // Mentions légales name the directeur to everybody.
        let directeur = global("Personne", ecole.principal.0);
        let tus = ids.values().flatten().filter(|id| **id != directeur).cloned().collect();
        Ok(Self { urne: Urne { ids, uuids, textes }, tus, ecole })
    }
}

/// Lets everything happen of which there are ids, and gives them with their kinds.
async fn faire(ecole: &Ecole) -> Result<Vec<(&'static str, String)>> {
    let maison = &ecole.maison;
    let (appel, evaluation) = classe(ecole).await?;
    let bulletin = bulletin(ecole).await?;
    let redaction = |pour: &str| json!({ "portail": ecole.portail, "titre": pour, "corps": pour });
    let (brouillon, interne) = (redaction(CONCERNES), redaction(COLLEGE));
    let brouillon = maison.granted(ecole.enseignante, "redigerActualite", brouillon, "publication { id }");
    let brouillon = id(brouillon.await?, "publication")?;
    let interne = maison.granted(ecole.enseignante, "redigerActualite", interne, "publication { id }");
    let interne = id(interne.await?, "publication")?;
    let parution = json!({ "publicationId": interne, "version": 1, "audience": "PORTAIL" });
    maison.granted(ecole.principal, "publierPublication", parution, "").await?;
    let notice = json!({ "publicationId": interne, "version": 1, "motif": "AUTRE", "explication": CONCERNES,
                         "bonneFoi": true });
    let notice = maison.granted(ecole.parent, "signalerContenu", notice, "signalement { id }").await?;
    let (seance, travail, piece) = cahier(ecole).await?;
    let mut offices = offices(ecole).await?;
    offices.extend(absences(ecole).await?);
    offices.extend(annuaire(ecole).await?);
    offices.extend(vie_de_l_eleve(ecole).await?);
    offices.push(("Envoi", envoi(ecole).await?));
    // Two school years later the roll is to be destroyed.
    maison.bench.clock.set("2028-08-01T08:00:00Z".parse()?);
    let destruction = json!({ "portail": ecole.portail, "destruction": Uuid::from_u128(2), "motif": CONCERNES,
                              "fondement": "ECHEANCE", "choix": [{ "classe": "SCOLARITE", "annee": 2026 }] });
    maison.granted(ecole.administrateur, "demanderDestruction", destruction, "").await?;
    offices.extend([
        ("Appel", appel),
        ("Cours", global("Cours", Uuid::from_u128(31))),
        ("Seance", seance),
        ("Travail", travail),
        ("Piece", piece),
        ("Evaluation", evaluation),
        ("Bulletin", bulletin),
        ("Publication", brouillon),
        ("Publication", interne),
        ("Signalement", id(notice, "signalement")?),
        ("Destruction", global("Destruction", Uuid::from_u128(2))),
        ("Etablissement", global("Etablissement", ecole.uai.parse::<Uai>()?.etablissement().0)),
        ("Division", global("Division", ecole.division)),
        ("Enseignement", global("Enseignement", ecole.enseignement)),
    ]);
    Ok(offices)
}

/// A directeur who is warned, somebody who is let in for an hour, and an identity of the
/// administrateur's; their ids.
async fn offices(ecole: &Ecole) -> Result<Vec<(&'static str, String)>> {
    let (maison, portail) = (&ecole.maison, &ecole.portail);
    let (warning, given, asked) = (Uuid::from_u128(11), Uuid::from_u128(12), Uuid::from_u128(13));
    let garde = json!({ "portail": portail, "miseEnGarde": warning, "gravite": "MISE_EN_GARDE",
                        "objet": CONCERNES, "texte": CONCERNES });
    maison.granted(ecole.administrateur, "mettreEnGarde", garde, "").await?;
    let habilite = CompteId::derived(&["habilité"]);
    let habilitation = json!({ "portail": portail, "habilitation": given, "compte": habilite.0,
                               "personneId": global("Personne", ecole.collegue.0),
                               "perimetres": ["ANNUAIRE"], "du": "2026-09-01", "au": "2027-09-01" });
    maison.granted(ecole.principal, "accorderHabilitation", habilitation, "").await?;
    let intervention = json!({ "portail": portail, "intervention": asked, "perimetres": ["ANNUAIRE"],
                               "motif": CONCERNES, "ticket": "INC-1", "minutes": 60 });
    maison.granted(habilite, "demanderIntervention", intervention, "").await?;
    let identite = json!({ "compte": ecole.administrateur.0, "fournisseur": "region",
                           "nature": "IDENTIFIANT", "cle": CONCERNES });
    maison.granted(exploitant(), "lierIdentite", identite, "").await?;
    let liaison: Uuid =
        sqlx::query_scalar("SELECT id FROM identite.liaison").fetch_one(&maison.bench.views).await?;
    Ok(vec![
        ("MiseEnGarde", global("MiseEnGarde", warning)),
        ("Habilitation", global("Habilitation", given)),
        ("Intervention", global("Intervention", asked)),
        ("Liaison", global("Liaison", liaison)),
    ])
}

/// The file of an absence, a dispense and an absence of the whole division; their ids.
async fn absences(ecole: &Ecole) -> Result<Vec<(&'static str, String)>> {
    let (maison, uai, eleve) = (&ecole.maison, &ecole.uai, global("Eleve", ecole.eleves[0]));
    let (dossier, dispense, collective) = (Uuid::from_u128(31), Uuid::from_u128(32), Uuid::from_u128(33));
    let creneau = json!({ "date": "2026-11-23", "debut": "08:00:00", "fin": "09:00:00" });
    let absence = json!({ "dossier": dossier, "uai": uai, "eleveId": eleve, "creneau": creneau });
    maison.granted(ecole.cpe, "saisirAbsence", absence, "").await?;
    let id = global("DossierAbsence", dossier);
    let contact = json!({ "dossierAbsenceId": id, "moyen": "TELEPHONE", "resume": CONCERNES });
    maison.granted(ecole.cpe, "contacterFamille", contact, "").await?;
    let asked = json!({ "dispense": dispense, "eleveId": eleve, "du": "2026-11-23", "au": "2026-12-18",
                        "enseignementId": global("Enseignement", ecole.enseignement) });
    maison.granted(ecole.cpe, "accorderDispense", asked, "").await?;
    let sortie = json!({ "collective": collective, "uai": uai, "nature": "SORTIE", "libelle": DIVISION,
                         "creneau": creneau, "divisionIds": [global("Division", ecole.division)] });
    maison.granted(ecole.cpe, "declarerAbsenceCollective", sortie, "").await?;
    Ok(vec![
        ("DossierAbsence", id),
        ("Dispense", global("Dispense", dispense)),
        ("Collective", global("Collective", collective)),
    ])
}

/// A groupe, a rectification that is asked for, and the next year in preparation; ids of the
/// first two.
async fn annuaire(ecole: &Ecole) -> Result<Vec<(&'static str, String)>> {
    let (maison, uai) = (&ecole.maison, &ecole.uai);
    let groupe = json!({ "uai": uai, "annee": 2026, "code": "LAT", "libelle": Cercle::Personnels.texte() });
    let groupe = maison.granted(ecole.principal, "creerGroupe", groupe, "groupe { id }").await?;
    let bascule = json!({ "uai": uai, "annee": 2027, "le": "2027-07-10" });
    maison.granted(ecole.principal, "preparerBascule", bascule, "").await?;
    let rectification = Uuid::from_u128(21);
    let asked = json!({ "rectification": rectification, "personneId": global("Personne", ecole.parent.0),
                        "champ": "ETAT_CIVIL", "valeur": CONCERNES, "motif": CONCERNES });
    maison.granted(ecole.parent, "demanderRectification", asked, "").await?;
    Ok(vec![("Groupe", id(groupe, "groupe")?), ("Rectification", global("Rectification", rectification))])
}

/// A roll that is closed and marks that are published; their ids.
async fn classe(ecole: &Ecole) -> Result<(String, String)> {
    let (maison, qui) = (&ecole.maison, ecole.enseignante);
    let (eleve, enseignement) =
        (global("Eleve", ecole.eleves[0]), global("Enseignement", ecole.enseignement));
    let seance = json!({ "enseignementId": enseignement, "date": "2026-11-23", "debut": "08:00:00",
                         "fin": "08:55:00" });
    let appel = id(maison.granted(qui, "ouvrirAppel", seance, "appel { id }").await?, "appel")?;
    let ligne = json!({ "appelId": appel, "pointages": [{ "eleveId": eleve, "etat": "ABSENT" }] });
    maison.granted(qui, "pointerEleves", ligne, "").await?;
    maison.granted(qui, "cloreAppel", json!({ "appelId": appel }), "").await?;
    let evaluation = json!({ "enseignementId": enseignement, "titre": DIVISION, "date": "2026-11-23",
                             "bareme": "20", "coefficient": "1" });
    let evaluation = maison.granted(qui, "creerEvaluation", evaluation, "evaluation { id }").await?;
    let evaluation = id(evaluation, "evaluation")?;
    // Of three: neither the average nor the best or the least of them is the first pupil's.
    let lignes: Vec<_> = ["13.37", "8", "18"]
        .into_iter()
        .zip(&ecole.eleves)
        .map(|(note, eleve)| {
            json!({ "eleveId": global("Eleve", *eleve), "resultat": { "etat": "NOTE", "note": note } })
        })
        .collect();
    let note = json!({ "evaluationId": evaluation, "lignes": lignes });
    maison.granted(qui, "saisirNotes", note, "").await?;
    maison.granted(qui, "publierEvaluation", json!({ "evaluationId": evaluation }), "").await?;
    Ok((appel, evaluation))
}

/// A trimestre that ends with bulletins; the id of the first pupil's.
async fn bulletin(ecole: &Ecole) -> Result<String> {
    let (maison, chef) = (&ecole.maison, ecole.principal);
    let division = global("Division", ecole.division);
    let annee = json!({ "uai": ecole.uai, "annee": 2026, "debut": "2026-09-01", "fin": "2027-07-03" });
    maison.granted(chef, "fixerAnnee", annee, "").await?;
    let periodes = json!({ "divisionId": division, "annee": 2026, "decoupage": "SEMESTRES", "periodes": [
        { "libelle": SECRET, "debut": "2026-09-01", "fin": "2027-01-31" },
        { "libelle": SECRET, "debut": "2027-02-01", "fin": "2027-07-03" }] });
    maison.granted(chef, "fixerPeriodes", periodes, "").await?;
    let premiere = json!({ "divisionId": division, "annee": 2026, "rang": 1 });
    for step in ["verrouillerPeriode", "reunirConseil"] {
        maison.granted(chef, step, premiere.clone(), "").await?;
    }
    let mut examen = premiere.clone();
    examen["eleveId"] = json!(global("Eleve", ecole.eleves[0]));
    examen["vue"] = json!(0);
    examen["synthese"] = json!(CONCERNES);
    maison.granted(chef, "examinerEleve", examen, "").await?;
    let ecran = "conseilDeClasse { eleves { bulletin { id } } }";
    let publiee = maison.granted(chef, "publierBulletins", premiere, ecran).await?;
    let bulletin = publiee["conseilDeClasse"]["eleves"][0]["bulletin"]["id"].as_str();
    Ok(bulletin.with_context(|| format!("{publiee:#}"))?.to_owned())
}

/// A séance and a travail that pupils read, what one of them hands in, and the file that another one
/// does; the ids of the first two and of the file.
async fn cahier(ecole: &Ecole) -> Result<(String, String, String)> {
    let (maison, qui) = (&ecole.maison, ecole.enseignante);
    let enseignement = global("Enseignement", ecole.enseignement);
    let cours = json!({ "uai": ecole.uai, "annee": 2026, "cours": Uuid::from_u128(31), "jour": "LUNDI",
                        "debut": "08:00:00", "fin": "09:00:00", "salles": [SECRET], "semaines": "TOUTES",
                        "enseignementIds": [enseignement] });
    maison.granted(ecole.principal, "placerCours", cours, "").await?;
    let seance = json!({ "seance": Uuid::from_u128(32), "enseignementId": enseignement, "date": "2026-11-23",
                         "debut": "08:00:00", "fin": "09:00:00",
                         "contenu": { "titre": DIVISION, "avant": DIVISION } });
    let seance = id(maison.granted(qui, "redigerSeance", seance, "seance { id }").await?, "seance")?;
    maison.granted(qui, "publierSeance", json!({ "seanceId": seance }), "").await?;
    let classe = Cercle::DivisionEtPersonnels.texte();
    let travail = json!({ "travail": Uuid::from_u128(33), "enseignementId": enseignement, "pourLe": "2026-11-27",
                          "titre": classe, "consigne": classe, "minutes": 30, "aRendre": true });
    let travail = id(maison.granted(qui, "donnerTravail", travail, "travail { id }").await?, "travail")?;
    maison.granted(qui, "publierTravail", json!({ "travailId": travail }), "").await?;
    let copie = json!({ "travailId": travail, "nom": "copie.txt", "contenu": STANDARD.encode(CONCERNES) });
    maison.granted(personal(ecole.eleves[0]), "rendreTravail", copie, "").await?;
    let piece = deposer(ecole, personal(ecole.eleves[1])).await?;
    let copie = json!({ "travailId": travail, "pieces": [piece] });
    let shown = "travail { copies { pieces { id } } }";
    maison.granted(personal(ecole.eleves[1]), "deposerCopie", copie, shown).await?;
    Ok((seance, travail, piece))
}

/// A file that somebody deposits; its id.
async fn deposer(ecole: &Ecole, qui: CompteId) -> Result<String> {
    let request = Request::post("/pieces")
        .header(header::AUTHORIZATION, format!("Bearer {}", ecole.maison.token(qui)?))
        .header(header::CONTENT_DISPOSITION, "attachment; filename=\"copie.txt\"");
    let response = ecole.maison.send(request.body(Body::from(CONCERNES))?).await?;
    let told = response.into_body().collect().await?.to_bytes();
    let told: Value = serde_json::from_slice(&told)?;
    Ok(told["id"].as_str().with_context(|| told.to_string())?.to_owned())
}

/// The family of who was absent is told so, by a carrier who keeps it; the id of what was sent.
async fn envoi(ecole: &Ecole) -> Result<String> {
    let (maison, passerelle) = (&ecole.maison, Passerelle::par(Canal::Courriel));
    let distribution = Distribution::new(maison.commands.clone(), passerelle.expedition(DOMAINE));
    ecole.distribuer(&distribution).await?;
    let envoi: Uuid = sqlx::query_scalar("SELECT id FROM envoi WHERE destinataire = $1 ORDER BY id LIMIT 1")
        .bind(ecole.parent.0)
        .fetch_one(&maison.bench.views)
        .await
        .context("nobody was told of anything")?;
    Ok(global("Envoi", envoi))
}

/// Something of each kind in the life of a pupil; their ids.
async fn vie_de_l_eleve(ecole: &Ecole) -> Result<Vec<(&'static str, String)>> {
    let (maison, eleve) = (&ecole.maison, global("Eleve", ecole.eleves[0]));
    let college = global("Etablissement", ecole.uai.parse::<Uai>()?.etablissement().0);
    let incident = json!({ "etablissementId": college, "nature": "VIOLENCE_PHYSIQUE", "lieu": "COUR",
        "gravite": "MOYENNE", "le": "2026-11-23",
        "protagonistes": [{ "personneId": eleve, "role": "AUTEUR", "recit": CONCERNES }] });
    let incident = maison.granted(ecole.enseignante, "signalerIncident", incident, "incident { id }").await?;
    let punition = json!({ "eleveId": eleve, "nature": "RETENUE", "le": "2026-11-25", "minutes": 60,
                           "travail": CONCERNES, "motif": CONCERNES });
    let punition = maison.granted(ecole.enseignante, "donnerPunition", punition, "punition { id }").await?;
    let procedure = json!({ "eleveId": eleve, "griefs": CONCERNES });
    let procedure = maison.granted(ecole.principal, "engagerProcedure", procedure, "sanction { id }").await?;
    let mot = json!({ "eleveId": eleve, "nature": "INFORMATION", "texte": CONCERNES });
    let mot = maison.granted(ecole.cpe, "ecrireMot", mot, "mot { id }").await?;
    let stage = json!({ "eleveId": eleve, "entreprise": CONCERNES, "tuteur": CONCERNES, "du": "2026-12-07",
        "au": "2026-12-11", "activites": CONCERNES, "referentId": global("Personne", ecole.enseignante.0) });
    let stage = maison.granted(ecole.principal, "preparerStage", stage, "stage { id }").await?;
    let infirmier = ecole.infirmier().await?;
    let passage = json!({ "eleveId": eleve });
    let passage = maison.granted(infirmier, "ouvrirPassage", passage, "passage { id }").await?;
    let ouvert = id(passage, "passage")?;
    let soin = json!({ "passageId": ouvert, "motif": CONCERNES, "soin": CONCERNES });
    maison.granted(infirmier, "consignerSoin", soin, "").await?;
    Ok(vec![
        ("Incident", id(incident, "incident")?),
        ("Punition", id(punition, "punition")?),
        ("Sanction", id(procedure, "sanction")?),
        ("Mot", id(mot, "mot")?),
        ("Stage", id(stage, "stage")?),
        ("Passage", ouvert),
    ])
}

fn id(payload: Value, field: &str) -> Result<String> {
    Ok(payload[field]["id"].as_str().with_context(|| format!("{payload:#}"))?.to_owned())
}

/// The key in a global id.
fn key(id: &str) -> Result<String> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(id)?)?;
    Ok(text.split_once(':').context("no global id")?.1.to_owned())
}

/// Everybody of the school's établissement.
async fn personnes(ecole: &Ecole) -> Result<Vec<Uuid>> {
    let views: &PgPool = &ecole.maison.bench.views;
    let sql = "SELECT personne FROM rattachement r JOIN etablissement e ON e.id = r.etablissement
               WHERE e.uai = $1 ORDER BY 1";
    Ok(sqlx::query_scalar(sql).bind(&ecole.uai).fetch_all(views).await?)
}

/// People of the other collège who have nothing to do with this one.
pub async fn voisins(ecole: &Ecole) -> Result<Vec<CompteId>> {
    let sql = "SELECT DISTINCT ON (r.profil) r.personne FROM rattachement r
               JOIN etablissement e ON e.id = r.etablissement
               WHERE e.uai <> $1 AND NOT EXISTS (
                   SELECT FROM rattachement s JOIN etablissement f ON f.id = s.etablissement
                   WHERE s.personne = r.personne AND f.uai = $1)
                 AND NOT EXISTS (
                   SELECT FROM responsabilite p JOIN rattachement s ON s.personne = p.eleve
                   JOIN etablissement f ON f.id = s.etablissement
                   WHERE p.responsable = r.personne AND f.uai = $1)
               ORDER BY r.profil, r.personne";
    let found: Vec<Uuid> =
        sqlx::query_scalar(sql).bind(&ecole.uai).fetch_all(&ecole.maison.bench.views).await?;
    Ok(found.into_iter().map(personal).collect())
}
