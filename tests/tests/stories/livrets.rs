//! A trimestre leaves as the ministry's livrets, which its own grammars judge; and a family has the
//! bulletin on paper.

mod exports;
mod partis;

use crate::rejeu::juges::{asked, juges, said};
use anyhow::{Context, Result, ensure};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use chrono::{DateTime, Utc};
use domain::annuaire::{Etablissement, EtablissementCommand, Matiere, Origine, Parole, Uai};
use domain::{CompteId, PersonneId};
use http_body_util::BodyExt;
use recits::absent::skipped;
use recits::{Ecole, avec, exploitant, global};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use uuid::Uuid;

const NOVEMBRE: &str = "2026-11-23T09:00:00Z";
const CONSEIL: &str = "2026-12-01T16:00:00Z";
const APRES: &str = "2026-12-07T09:00:00Z";
const FRANCAIS: &str = "020700";
const LATIN: &str = "020300";

/// A school with a trimestre behind it.
struct Annee {
    ecole: Ecole,
    /// Code of its first division.
    code: String,
    /// Pupils of the first division, with one whom only SIECLE knows.
    eleves: Vec<Uuid>,
}

impl Annee {
    async fn ouvrir() -> Result<Self> {
        let ecole = Ecole::ouvrir().await?;
        let views = &ecole.maison.bench.views;
        let code = sqlx::query_scalar("SELECT code FROM division WHERE id = $1")
            .bind(ecole.division)
            .fetch_one(views)
            .await?;
        let eleves = ecole.eleves.clone();
        let annee = Self { ecole, code, eleves };
        annee.au(NOVEMBRE)?;
        let premier =
            json!({ "uai": annee.ecole.uai, "annee": 2026, "debut": "2026-09-01", "fin": "2027-07-03" });
        annee.chef("fixerAnnee", premier).await?;
        annee.ecole.quinzaine_d_absences(annee.eleves[0]).await?;
        Ok(annee)
    }

    fn au(&self, instant: &str) -> Result<()> {
        self.ecole.maison.bench.clock.set(instant.parse::<DateTime<Utc>>()?);
        Ok(())
    }

    async fn chef(&self, mutation: &str, input: Value) -> Result<Value> {
        self.ecole.maison.granted(self.ecole.principal, mutation, input, "").await
    }

    fn periode(&self, division: Uuid, rang: u16, more: Value) -> Value {
        avec(json!({ "divisionId": global("Division", division), "annee": 2026, "rang": rang }), more)
    }

    /// Cuts the year of a division: three trimestres, or two semestres.
    async fn periodes(&self, division: Uuid, decoupage: &str) -> Result<()> {
        let days: &[(&str, &str)] = match decoupage {
            "TRIMESTRES" => {
                &[("2026-09-01", "2026-11-30"), ("2026-12-01", "2027-03-05"), ("2027-03-06", "2027-07-03")]
            }
            _ => &[("2026-09-01", "2026-11-25"), ("2026-11-26", "2027-07-03")],
        };
        let cut = |(rank, (debut, fin)): (usize, &(&str, &str))| json!({ "libelle": format!("Période {}", rank + 1), "debut": debut, "fin": fin });
        let periodes: Vec<_> = days.iter().enumerate().map(cut).collect();
        let input = json!({ "divisionId": global("Division", division), "annee": 2026,
            "decoupage": decoupage, "periodes": periodes });
        self.chef("fixerPeriodes", input).await?;
        Ok(())
    }

    /// An evaluation with its results, published.
    async fn evaluer(&self, enseignement: Uuid, date: &str, lignes: Vec<Value>) -> Result<()> {
        let (maison, prof) = (&self.ecole.maison, self.ecole.enseignante);
        let input = json!({ "enseignementId": global("Enseignement", enseignement), "titre": "Contrôle",
            "date": date, "bareme": "20", "coefficient": "1" });
        let made = maison.granted(prof, "creerEvaluation", input, "evaluation { id }").await?;
        let id = &made["evaluation"]["id"];
        maison.granted(prof, "saisirNotes", json!({ "evaluationId": id, "lignes": lignes }), "").await?;
        maison.granted(prof, "publierEvaluation", json!({ "evaluationId": id }), "").await?;
        Ok(())
    }

    /// Marks of the first trimestre: one pupil is dispensed, and nobody has marked the newcomer. Each
    /// is told a word.
    async fn noter(&self) -> Result<()> {
        let note = |(rank, eleve): (usize, &Uuid)| {
            let resultat = match rank {
                0 => json!({ "etat": "DISPENSE" }),
                _ => json!({ "etat": "NOTE", "note": format!("{}.5", 8 + rank) }),
            };
            json!({ "eleveId": global("Eleve", *eleve), "resultat": resultat })
        };
        let lignes: Vec<_> = self.ecole.eleves.iter().enumerate().map(note).collect();
        self.evaluer(self.ecole.enseignement, "2026-11-16", lignes).await?;
        let mots = |eleve: &Uuid| json!({ "eleveId": global("Eleve", *eleve), "texte": "Élève « appliqué » & <vif>." });
        self.apprecier(self.ecole.enseignement, 1, self.eleves.iter().map(mots).collect()).await?;
        Ok(())
    }

    /// Locks a period, lets the conseil say something of each pupil, and publishes.
    async fn conclure(&self, division: Uuid, rang: u16, examines: &[Uuid]) -> Result<()> {
        self.chef("verrouillerPeriode", self.periode(division, rang, json!({}))).await?;
        self.chef("reunirConseil", self.periode(division, rang, json!({}))).await?;
        for eleve in examines {
            let examen = json!({ "eleveId": global("Eleve", *eleve), "vue": 0,
                "synthese": "Bon trimestre :\n« sérieux » & <appliqué>.", "avis": "COMPLIMENTS" });
            self.chef("examinerEleve", self.periode(division, rang, examen)).await?;
        }
        self.chef("publierBulletins", self.periode(division, rang, json!({}))).await?;
        Ok(())
    }

    async fn apprecier(&self, enseignement: Uuid, rang: u16, lignes: Vec<Value>) -> Result<()> {
        let input = json!({ "enseignementId": global("Enseignement", enseignement), "annee": 2026,
            "rang": rang, "lignes": lignes });
        let ecran = "enseignement { id }";
        self.ecole.maison.granted(self.ecole.enseignante, "redigerAppreciations", input, ecran).await?;
        Ok(())
    }

    /// From a school day on the teacher of the story is professeure principale of the first division,
    /// or no longer.
    async fn principale(&self, principal: bool, le: &str) -> Result<()> {
        self.au(&format!("{le}T08:00:00Z"))?;
        let bench = &self.ecole.maison.bench;
        let sql = "SELECT matiere_code, matiere_libelle FROM enseignement WHERE id = $1";
        let (code, libelle): (String, String) =
            sqlx::query_as(sql).bind(self.ecole.enseignement).fetch_one(&bench.views).await?;
        let command = EtablissementCommand::AttribuerEnseignement {
            division: self.code.clone(),
            matiere: Matiere { code, libelle },
            enseignant: PersonneId(self.ecole.enseignante.0),
            principal,
            parole: Parole::de(Origine::Aaf, "Lyon", le.parse()?),
        };
        let etablissement = self.ecole.uai.parse::<Uai>()?.etablissement();
        let context = bench.context(&"ac-lyon".parse()?, &["principale", le]);
        bench.record::<Etablissement>(context, etablissement, command).await?;
        Ok(bench.runner.catch_up().await?)
    }

    /// Of each pupil of a division, the codes of what lacks.
    async fn precontrole(&self, query: &str, division: Uuid) -> Result<Vec<(String, Vec<String>)>> {
        let query =
            format!("query($d: ID!) {{ found: {query} {{ eleve {{ id }} manques {{ code message }} }} }}");
        let asked = json!({ "d": global("Division", division) });
        let found = self.ecole.maison.ask(Some(self.ecole.principal), &query, asked.clone()).await?;
        for stranger in [self.ecole.enseignante, self.ecole.parent, exploitant()] {
            let hidden = self.ecole.maison.ask(Some(stranger), &query, asked.clone()).await?;
            assert_eq!(hidden["found"], Value::Null);
        }
        let lines = found["found"].as_array().context(format!("{found:#}"))?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let codes = |line: &Value| {
            line["manques"].as_array().into_iter().flatten().map(|one| text(&one["code"])).collect()
        };
        Ok(lines.iter().map(|line| (text(&line["eleve"]["id"]), codes(line))).collect())
    }

    async fn get(&self, who: Option<CompteId>, path: &str) -> Result<(StatusCode, Vec<u8>)> {
        let mut request = Request::get(path);
        if let Some(compte) = who {
            let token = self.ecole.maison.token(compte)?;
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let response = self.ecole.maison.send(request.body(Body::empty())?).await?;
        let status = response.status();
        Ok((status, response.into_body().collect().await?.to_bytes().to_vec()))
    }

    /// What the direction is given at an address.
    async fn sorti(&self, path: &str) -> Result<(StatusCode, String)> {
        let (status, bytes) = self.get(Some(self.ecole.principal), path).await?;
        for stranger in [None, Some(self.ecole.enseignante), Some(self.ecole.parent), Some(exploitant())] {
            assert_eq!(self.get(stranger, path).await?.0, StatusCode::NOT_FOUND);
        }
        Ok((status, String::from_utf8(bytes)?))
    }
}

/// A grammar of the ministry or of a publisher, if it is here.
pub(super) fn grammaire(name: &str) -> Result<Option<PathBuf>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/reference").join(name);
    if !path.exists() {
        skipped("the grammars are not here (../shared/reference)")?;
        return Ok(None);
    }
    Ok(Some(path))
}

/// Lets a grammar judge a file; and a file with a word too many after this tag, which it must refuse.
pub(super) fn juger(grammaire: &Path, text: &str, balise: &str) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("fichier.xml");
    let judged = |text: &str| -> Result<_> {
        fs::write(&file, text)?;
        Ok(Command::new("xmllint")
            .args(["--noout", "--nonet", "--schema"])
            .arg(grammaire)
            .arg(&file)
            .output()?)
    };
    let output = judged(text)?;
    ensure!(output.status.success(), "{}\n{text}", said(&output));
    let balise = format!("<{balise}>");
    assert!(!judged(&text.replacen(&balise, &format!("{balise}<ministre/>"), 1))?.status.success());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trimestre_leaves_as_the_livret_scolaire_unique_once_nothing_lacks() -> Result<()> {
    let mut t = Annee::ouvrir().await?;
    let division = t.ecole.division;
    t.periodes(division, "TRIMESTRES").await?;
    let lsu = "precontroleLsu(divisionId: $d, annee: 2026, rang: 1)";
    let path = format!("/livrets/{}/lsu/2026/1.xml?division={}", t.ecole.uai, global("Division", division));
    let all = |told: &[(String, Vec<String>)], code: &str| {
        told.iter().all(|(_, codes)| codes.iter().any(|it| it == code))
    };
    let told = t.precontrole(lsu, division).await?;
    assert_eq!(told.len(), t.ecole.eleves.len());
    assert!(all(&told, "BULLETIN_ABSENT"), "{told:?}");
    t.importer_siecle().await?;
    t.noter().await?;
    t.au(CONSEIL)?;
    let (last, examined) = t.eleves.split_last().context("nobody")?;
    t.conclure(division, 1, examined).await?;
    t.au(APRES)?;
    let told = t.precontrole(lsu, division).await?;
    assert!(all(&told, "ENSEIGNANT_SANS_NUMERO"), "{told:?}");
    t.importer_sts().await?;
    let told = t.precontrole(lsu, division).await?;
    let lacking: Vec<_> = told.iter().filter(|(_, codes)| !codes.is_empty()).collect();
    assert_eq!(lacking.len(), 1, "{told:?}");
    assert_eq!(lacking[0].0, global("Personne", *last));
    assert_eq!(lacking[0].1, ["SYNTHESE_ABSENTE"]);
    let (status, refusal) = t.sorti(&path).await?;
    assert_eq!(status, StatusCode::CONFLICT);
    let line = "Zoé-Éléonore L'Hôpital <&> Cœur : le conseil de classe n'a pas écrit de synthèse.";
    assert!(refusal.lines().any(|it| it == line), "{refusal}");
    let version = format!("{path}&version=13.0");
    let (status, refusal) = t.sorti(&version).await?;
    assert!(status == StatusCode::CONFLICT && refusal.contains("demandez 7.0"), "{refusal}");
    t.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ministrys_grammar_takes_a_division_with_who_is_dispensed_or_has_no_mark() -> Result<()> {
    let mut t = Annee::ouvrir().await?;
    let division = t.ecole.division;
    t.importer_siecle().await?;
    t.importer_sts().await?;
    t.periodes(division, "TRIMESTRES").await?;
    t.noter().await?;
    let place = json!({ "divisionId": global("Division", division), "eleveId": global("Eleve", t.eleves[0]),
        "positionnements": [{ "cycle": "CYCLE_3", "domaine": "LANGUE_FRANCAISE", "niveau": 3 }] });
    t.ecole.maison.granted(t.ecole.enseignante, "positionnerEleve", place, "eleve { nom }").await?;
    t.au(CONSEIL)?;
    t.conclure(division, 1, &t.eleves).await?;
    t.au(APRES)?;
    let path = format!("/livrets/{}/lsu/2026/1.xml?division={}", t.ecole.uai, global("Division", division));
    let (status, file) = t.sorti(&path).await?;
    assert_eq!(status, StatusCode::OK, "{file}");
    for expected in [
        "nom=\"L&#39;Hôpital &#60;&#38;&#62; Cœur\" prenom=\"Zoé-Éléonore\"",
        "date-conseil-classe=\"2026-12-01\" date-scolarite=\"2026-09-01\"",
        "nb-retards=\"2\" nb-abs-justifiees=\"2\" nb-abs-injustifiees=\"1\"",
        "nb-retards=\"0\" nb-abs-justifiees=\"0\" nb-abs-injustifiees=\"0\"",
        "<domaine code=\"CPD_FRA\" positionnement=\"3\"/>",
        "Élève « appliqué » &#38; &#60;vif&#62;.",
        "<enseignant id=\"Tlocal-7",
        "type=\"local\" id-sts=\"7",
    ] {
        assert!(file.contains(expected), "{expected}\n{file}");
    }
    assert_eq!(file.matches("<bilan-periodique ").count(), t.eleves.len());
    assert_eq!(file.matches("eleve-non-note=\"true\"").count(), 2, "the dispensed, and the newcomer");
    if let Some(grammaire) = grammaire("lsu/import-complet-strict.xsd")? {
        juger(&grammaire, &file, "entete")?;
    }
    t.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_professeurs_principaux_are_those_of_the_end_of_the_period() -> Result<()> {
    let mut t = Annee::ouvrir().await?;
    let division = t.ecole.division;
    t.importer_siecle().await?;
    t.importer_sts().await?;
    t.periodes(division, "TRIMESTRES").await?;
    t.noter().await?;
    t.principale(true, "2026-11-24").await?;
    t.au(CONSEIL)?;
    t.conclure(division, 1, &t.eleves).await?;
    t.principale(false, "2026-12-03").await?;
    t.au(APRES)?;
    let path = format!("/livrets/{}/lsu/2026/1.xml?division={}", t.ecole.uai, global("Division", division));
    let (status, file) = t.sorti(&path).await?;
    assert_eq!(status, StatusCode::OK, "{file}");
    assert_eq!(file.matches("prof-princ-refs=\"Tlocal-7").count(), t.eleves.len(), "{file}");
    t.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminales_year_leaves_as_the_livret_scolaire_du_lycee() -> Result<()> {
    let mut t = Annee::ouvrir().await?;
    t.importer_siecle().await?;
    t.importer_sts().await?;
    let views = &t.ecole.maison.bench.views;
    let sql = "SELECT d.id, n.id FROM division d JOIN enseignement n ON n.division = d.id
        WHERE d.code = 'TG1' AND n.matiere_code = $1";
    let enseigne = async |matiere: &str| -> Result<(Uuid, Uuid)> {
        sqlx::query_as(sql).bind(matiere.to_owned()).fetch_one(views).await.context("no terminale")
    };
    let (division, enseignement) = enseigne(FRANCAIS).await?;
    let (_, latin) = enseigne(LATIN).await?;
    let sql = "SELECT personne FROM source WHERE origine = 'siecle' AND cle = 'eleve/3000'";
    let eve: Uuid = sqlx::query_scalar(sql).fetch_one(views).await?;
    t.periodes(division, "SEMESTRES").await?;
    let path = format!("/livrets/{}/lsl/2026.xml", t.ecole.uai);
    for (rang, jour, mots) in
        [(1, "2026-11-16", "Bon début."), (2, "2026-11-27", "Une année « solide » & riche.")]
    {
        let resultat = json!({ "etat": "NOTE", "note": "13.5" });
        let eleve = global("Eleve", eve);
        let mut taught = vec![enseignement];
        if rang == 1 {
            // Nobody has a mark in Latin after the first semestre.
            taught.push(latin);
        }
        for enseignement in taught {
            let ligne = json!({ "eleveId": eleve, "resultat": resultat });
            t.evaluer(enseignement, jour, vec![ligne]).await?;
            t.apprecier(enseignement, rang, vec![json!({ "eleveId": eleve, "texte": mots })]).await?;
        }
        if rang == 2 {
            let told = t.precontrole("precontroleLsl(divisionId: $d, annee: 2026)", division).await?;
            // Its teacher may still write, until the bulletins are published.
            assert_eq!(told[0].1, ["BULLETIN_ABSENT", "APPRECIATION_ABSENTE"], "{told:?}");
            let (status, refusal) = t.sorti(&path).await?;
            assert!(status == StatusCode::CONFLICT && refusal.contains("sa période 2"), "{refusal}");
        }
        t.conclure(division, rang, &[eve]).await?;
    }
    let (status, file) = t.sorti(&path).await?;
    assert_eq!(status, StatusCode::OK, "{file}");
    assert!(
        file.contains("<eleve id=\"3000\">") && file.contains("<periode numero=\"2\" moyenne=\"13.50\"/>"),
        "{file}"
    );
    assert!(file.contains("<annuelle>Une année « solide » &#38; riche.</annuelle>"), "{file}");
    assert!(file.contains("<annuelle>Bon début.</annuelle>"), "Latin ended with these words: {file}");
    assert_eq!(file.matches("<eleve ").count(), 1, "the collège is of the other livret");
    if let Some(grammaire) = grammaire("lsl/import-lsl.xsd")? {
        juger(&grammaire, &file, "entete")?;
    }
    t.ecole.maison.close().await
}

/// What a reader of the document hears: its tags, its language, its title, its text.
const READ_PDF: &str = "
import sys, pypdf
pdf = pypdf.PdfReader(sys.argv[1])
root = pdf.trailer['/Root']
print(root['/MarkInfo']['/Marked'], '/StructTreeRoot' in root, root['/Lang'], pdf.metadata.title)
print(' '.join(' '.join(page.extract_text() for page in pdf.pages).split()))
";

#[tokio::test(flavor = "multi_thread")]
async fn a_bulletin_is_read_on_paper_and_that_it_was_is_on_the_record() -> Result<()> {
    let t = Annee::ouvrir().await?;
    let (division, enseignement) = (t.ecole.division, t.ecole.enseignement);
    t.periodes(division, "TRIMESTRES").await?;
    let note = |eleve: &Uuid| json!({ "eleveId": global("Eleve", *eleve), "resultat": { "etat": "NOTE", "note": "13.5" } });
    t.evaluer(enseignement, "2026-11-16", t.eleves.iter().map(note).collect()).await?;
    t.au(CONSEIL)?;
    t.conclure(division, 1, &t.eleves[..1]).await?;
    t.au(APRES)?;
    let maison = &t.ecole.maison;
    let query = "query($id: ID!) { eleve(id: $id) { bulletins { id adresse empreinte luLe } } }";
    let asked_for = json!({ "id": global("Eleve", t.eleves[0]) });
    let bulletin = async || -> Result<Value> {
        let found = maison.ask(Some(t.ecole.parent), query, asked_for.clone()).await?;
        Ok(found["eleve"]["bulletins"][0].clone())
    };
    let avant = bulletin().await?;
    assert_eq!(avant["luLe"], Value::Null);
    let adresse = avant["adresse"].as_str().context(format!("{avant:#}"))?;
    let page = format!("{adresse}.html");
    for stranger in [None, Some(t.ecole.autre_parent), Some(t.ecole.administrateur), Some(exploitant())] {
        for path in [page.clone(), format!("{adresse}.pdf")] {
            assert_eq!(t.get(stranger, &path).await?.0, StatusCode::NOT_FOUND, "{stranger:?}");
        }
    }
    // The conseil reads it and tells nobody that it did.
    assert_eq!(t.get(Some(t.ecole.principal), &page).await?.0, StatusCode::OK);
    assert_eq!(bulletin().await?["luLe"], Value::Null);
    let (status, bytes) = t.get(Some(t.ecole.parent), &page).await?;
    assert_eq!(status, StatusCode::OK);
    let html = String::from_utf8(bytes)?;
    let empreinte = avant["empreinte"].as_str().context("no hash")?;
    for expected in
        ["<html lang=\"fr\">", "13,50", "Compliments", "&#60;appliqué&#62;", "scope=\"row\"", empreinte]
    {
        assert!(html.contains(expected), "{expected}\n{html}");
    }
    maison.bench.runner.catch_up().await?;
    assert!(bulletin().await?["luLe"].is_string());

    let (status, bytes) = t.get(Some(t.ecole.parent), &format!("{adresse}.pdf")).await?;
    let Some(juges) = juges()? else {
        assert_eq!(status, StatusCode::NOT_IMPLEMENTED);
        assert!(String::from_utf8(bytes)?.contains("ne fait pas de PDF"));
        return t.ecole.maison.close().await;
    };
    assert_eq!(status, StatusCode::OK, "{}", String::from_utf8_lossy(&bytes));
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("bulletin.pdf");
    fs::write(&file, bytes)?;
    let path = file.to_str().context("a path")?;
    let read = said(&asked(&juges, "python3", &["-c", READ_PDF, path])?);
    assert!(read.starts_with("True True fr Bulletin de "), "{read}");
    for expected in [
        "Bulletin du Période 1",
        "13,50",
        "Compliments",
        "« sérieux » & <appliqué>",
        "Demi-journées d'absence",
    ] {
        assert!(read.contains(expected), "{expected}: {read}");
    }
    t.ecole.maison.close().await
}
