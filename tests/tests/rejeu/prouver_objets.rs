//! Evidence of each kind of object, as known at an instant, and the lives of a mark and a page.

use super::{SANS_CONSULTATION, ran_with_keys};
use anyhow::{Context, Result};
use ledger::sealer::log::Log;
use recits::{Ecole, global};
use replay_tools::verdict::Verdict;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

/// A Monday at school: a mark is entered at 8, published at 9 and corrected at 10; a page is
/// published at 8, reported at 9, and withdrawn at 10 by who has known of it since 9.
struct Lundi {
    ecole: Ecole,
    evaluation: String,
    publication: String,
    signalement: String,
    home: TempDir,
}

const HEURES: [&str; 3] = ["2026-11-23T08:00:00Z", "2026-11-23T09:00:00Z", "2026-11-23T10:00:00Z"];

impl Lundi {
    async fn passe() -> Result<Self> {
        let ecole = Ecole::ouvrir().await?;
        let maison = &ecole.maison;
        let at = |heure: usize| -> Result<()> {
            maison.bench.clock.set(HEURES[heure].parse()?);
            Ok(())
        };
        at(0)?;
        let creation = json!({ "enseignementId": global("Enseignement", ecole.enseignement), "titre": "Dictée",
            "date": "2026-11-23", "bareme": "20", "coefficient": "1" });
        let creee =
            maison.granted(ecole.enseignante, "creerEvaluation", creation, "evaluation { id }").await?;
        let evaluation = &creee["evaluation"]["id"];
        let line = |eleve, note: &str| {
            json!({ "eleveId": global("Personne", eleve),
            "resultat": { "etat": "NOTE", "note": note } })
        };
        let lignes = json!([line(ecole.eleves[0], "8"), line(ecole.autre_eleve, "15")]);
        let saisie = json!({ "evaluationId": evaluation, "lignes": lignes });
        maison.granted(ecole.enseignante, "saisirNotes", saisie, "").await?;
        let redaction = json!({ "portail": ecole.portail, "titre": "Sortie", "corps": "Jeudi." });
        let redigee =
            maison.granted(ecole.enseignante, "redigerActualite", redaction, "publication { id }").await?;
        let publication = &redigee["publication"]["id"];
        let parution = json!({ "publicationId": publication, "version": 1, "audience": "PUBLIC" });
        maison.granted(ecole.principal, "publierPublication", parution, "").await?;
        at(1)?;
        let published = json!({ "evaluationId": evaluation });
        maison.granted(ecole.enseignante, "publierEvaluation", published, "").await?;
        let notice = json!({ "publicationId": publication, "version": 1, "motif": "AUTRE",
            "explication": "C'est vendredi.", "bonneFoi": true });
        let recu = maison.granted(ecole.parent, "signalerContenu", notice, "signalement { id }").await?;
        let signalement = &recu["signalement"]["id"];
        let seen = json!({ "signalementId": signalement });
        maison.granted(ecole.administrateur, "prendreConnaissance", seen, "").await?;
        at(2)?;
        let correction =
            json!({ "evaluationId": evaluation, "ligne": line(ecole.eleves[0], "10"), "motif": "Erreur" });
        maison.granted(ecole.enseignante, "corrigerNote", correction, "").await?;
        let decision = json!({ "signalementId": signalement, "decision": "RETRAIT", "motifs": {
            "faits": "Le jour est faux.", "fondement": { "nature": "CONDITIONS", "texte": "Charte, art. 2" },
            "moyensAutomatises": false, "voiesDeRecours": "Le chef d'établissement." } });
        maison.granted(ecole.administrateur, "rendreDecision", decision, "").await?;
        maison.sealer.pass().await?;
        maison.sealer.consign().await?;
        let home = tempfile::tempdir()?;
        let keys = json!(maison.sealer.verifier_keys(&Log::Meta)).to_string();
        fs::write(home.path().join("cles.json"), keys)?;
        let of_kind = async |kind: &'static str| -> Result<String> {
            let found = "SELECT aggregate_id FROM ledger.events WHERE aggregate_type = $1 LIMIT 1";
            Ok(sqlx::query_scalar(found).bind(kind).fetch_one(&maison.bench.owner).await?)
        };
        let evaluation = of_kind("notes.evaluation").await?;
        let publication = of_kind("publications.publication").await?;
        let signalement = of_kind("publications.signalement").await?;
        Ok(Self { evaluation, publication, signalement, home, ecole })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    async fn prouve(&self, name: &str, objet: &[&str]) -> (Verdict, String) {
        let text = |path: PathBuf| path.to_str().unwrap_or_default().to_owned();
        let (vers, cles) = (text(self.path(name)), text(self.path("cles.json")));
        let tuiles = text(self.ecole.maison.bench.tiles());
        let mut arguments = vec!["prouver"];
        arguments.extend(objet);
        arguments.extend(["--question", "Que sait-on ?", "--demandeur", "le juge", "--motif", "recours"]);
        arguments.extend(["--vers", &vers, "--sceaux", &cles, "--tuiles", &tuiles]);
        arguments.extend(SANS_CONSULTATION);
        ran_with_keys(&self.ecole.maison.bench, &arguments).await
    }

    /// What a bundle says: its report and its request, once its own script has found it good.
    async fn rapport(&self, name: &str, objet: &[&str]) -> Result<(String, Value)> {
        let name = format!("{name}.zip");
        let (verdict, told) = self.prouve(&name, objet).await;
        assert_eq!(verdict, Verdict::Valide, "{told}");
        let home = tempfile::tempdir()?;
        zip::ZipArchive::new(File::open(self.path(&name))?)?.extract(home.path())?;
        let racine = home.path().join(name.trim_end_matches(".zip"));
        let judged = Command::new("bash").arg(racine.join("data/verify.sh")).output()?;
        assert!(judged.status.success(), "{}", String::from_utf8_lossy(&judged.stdout));
        let demande = serde_json::from_slice(&fs::read(racine.join("data/demande.json"))?)?;
        Ok((fs::read_to_string(racine.join("data/rapport.html"))?, demande))
    }

    async fn raconte(&self, objet: &[&str]) -> Result<String> {
        let arguments: Vec<_> = ["raconter"].into_iter().chain(objet.iter().copied()).collect();
        let (verdict, told) = ran_with_keys(&self.ecole.maison.bench, &arguments).await;
        assert_eq!(verdict, Verdict::Valide, "{told}");
        Ok(told)
    }
}

/// That a text holds these, in this order.
fn in_order(text: &str, expected: &[&str]) {
    let mut rest = text;
    for part in expected {
        let at = rest.find(part).unwrap_or_else(|| panic!("not there, or not in its turn: {part}\n{text}"));
        rest = &rest[at + part.len()..];
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_is_proven_as_it_is_and_as_it_was_known_before_it_was_corrected() -> Result<()> {
    let lundi = Lundi::passe().await?;
    let eleve = lundi.ecole.eleves[0].to_string();
    let objet = ["evaluation", lundi.evaluation.as_str(), "--eleve", eleve.as_str()];
    let (rapport, demande) = lundi.rapport("note", &objet).await?;
    in_order(&rapport, &["a créé l", "a saisi pour l", "a publié les notes"]);
    assert!(rapport.contains("« 10 » au lieu de « 8 »") && !rapport.contains("« 15 »"), "{rapport}");
    assert_eq!((&demande["connu_au"], &demande["objet"]["eleve"]), (&Value::Null, &json!(eleve)));
    let then = [&objet[..], &["--au", "2026-11-23T09:30:00Z"]].concat();
    let (rapport, demande) = lundi.rapport("avant", &then).await?;
    assert!(rapport.contains("« 8 »") && !rapport.contains("au lieu de"), "{rapport}");
    assert!(rapport.contains("seuls les actes enregistrés jusqu'alors"), "{rapport}");
    assert!(rapport.contains("enregistré le 23/11/2026 à 10:30:00"), "{rapport}");
    assert_eq!(demande["connu_au"], "2026-11-23T09:30:00Z");
    let before = [&objet[..], &["--au", "2026-11-22"]].concat();
    let (verdict, told) = lundi.prouve("rien.zip", &before).await;
    assert_eq!(verdict, Verdict::Indetermine, "{told}");
    assert!(told.contains("ne connaissait pas encore cet objet"), "{told}");
    lundi.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_proven_with_who_knew_and_with_what_was_known_at_an_hour() -> Result<()> {
    let lundi = Lundi::passe().await?;
    let objet = ["signalement", lundi.signalement.as_str()];
    let (rapport, _) = lundi.rapport("signalement", &objet).await?;
    in_order(
        &rapport,
        &[
            "4 actes",
            "a mis en ligne la version 1",
            "dans un espace modéré a priori",
            "a signalé la version 1",
            "a pris connaissance du signalement",
            "Le jour est faux.",
        ],
    );
    assert!(!rapport.contains("La page, telle que"), "a notice does not tell when its page ended: {rapport}");
    let then = [&objet[..], &["--au", "2026-11-23T09:30:00Z"]].concat();
    let (rapport, _) = lundi.rapport("avant", &then).await?;
    assert!(rapport.contains("a pris connaissance") && !rapport.contains("Le jour est faux."), "{rapport}");
    let before = [&objet[..], &["--au", "2026-11-23T08:30:00Z"]].concat();
    let (verdict, told) = lundi.prouve("rien.zip", &before).await;
    assert_eq!(verdict, Verdict::Indetermine, "{told}");
    assert!(told.contains("ne connaissait pas encore cet objet"), "the page was, the notice was not: {told}");
    lundi.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_is_proven_by_the_acts_that_gave_it() -> Result<()> {
    let lundi = Lundi::passe().await?;
    let principal = lundi.ecole.principal.0.to_string();
    let (rapport, demande) = lundi.rapport("office", &["office", &principal]).await?;
    assert!(rapport.contains("2 actes sur cet objet"), "{rapport}");
    assert!(rapport.contains(&format!("[{}/2026/2]", lundi.ecole.portail)), "{rapport}");
    assert_eq!(demande["objet"]["nature"], "office");
    lundi.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_proven_as_it_was_shown_before_it_was_withdrawn() -> Result<()> {
    let lundi = Lundi::passe().await?;
    let objet = ["publication", lundi.publication.as_str()];
    let (rapport, _) = lundi.rapport("page", &objet).await?;
    in_order(&rapport, &["a rédigé l", "a mis en ligne la version 1", "a retiré la publication"]);
    let then = [&objet[..], &["--au", "2026-11-23T09:30:00Z"]].concat();
    let (rapport, _) = lundi.rapport("avant", &then).await?;
    assert!(!rapport.contains("a retiré") && rapport.contains("aucune fin enregistrée"), "{rapport}");
    lundi.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lives_of_a_mark_and_of_a_page_are_told_from_beginning_to_end() -> Result<()> {
    let lundi = Lundi::passe().await?;
    let eleve = lundi.ecole.eleves[0].to_string();
    let told = lundi.raconte(&["evaluation", &lundi.evaluation, "--eleve", &eleve]).await?;
    in_order(
        &told,
        &[
            "Le 23/11/2026 à 09:00:00, ",
            "(enseignant) a créé l'évaluation « Dictée » du 23/11/2026",
            "a saisi pour l'élève",
            "Le 23/11/2026 à 10:00:00, ",
            "a publié les notes : les élèves et leurs familles les voient",
            "« 10 » au lieu de « 8 », au motif « Erreur »",
            "De quel droit : ",
        ],
    );
    assert!(!told.contains("« 15 »"), "the other pupil's: {told}");
    let whole = lundi.raconte(&["evaluation", &lundi.evaluation]).await?;
    assert!(whole.contains("« 15 »"), "{whole}");
    let told = lundi.raconte(&["publication", &lundi.publication]).await?;
    in_order(
        &told,
        &[
            "(personnel de l'établissement) ",
            "a rédigé l'actualité « Sortie » (version 1, empreinte ",
            "(directeur de la publication) ",
            "a mis en ligne la version 1 (empreinte ",
            "pour tous, à partir du 23/11/2026 à 09:00:00",
            "(administrateur de l'ENT) ",
            "a retiré la publication pour toujours, au motif « ",
        ],
    );
    let line = told.lines().find(|line| line.contains("Au journal : ")).context("no place")?;
    assert!(line.contains(&format!("Au journal : {}/2026/", lundi.ecole.portail)), "{line}");
    lundi.ecole.maison.close().await
}
