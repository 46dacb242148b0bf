//! What offices print leaves as files, whole or not at all.

use super::trimestre::Trimestre;
use anyhow::{Context, Result};
use axum::http::StatusCode;
use domain::annuaire::{Etablissement, EtablissementCommand, Matiere, Origine, Parole, Uai};
use domain::{CompteId, PersonneId};
use projections::annuaire::Annuaire;
use recits::{Ecole, exploitant, personal};
use serde_json::{Value, json};
use std::io::{Cursor, Read};
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_which_a_line_cannot_be_read_is_not_sent() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    for date in ["2026-11-05", "2026-11-06"] {
        ecole.faire_l_appel(&ecole.heure(date, "08:00:00", "09:00:00"), &ecole.eleves[..1]).await?;
        ecole.constater(date).await?;
    }
    let maison = &ecole.maison;
    let month = format!("/listes/{}/absences/2026-11.csv", ecole.uai);
    let (status, bytes) = maison.telecharger(Some(ecole.cpe), &month).await?;
    let whole = String::from_utf8(bytes)?;
    assert_eq!((status, whole.lines().count()), (StatusCode::OK, 3), "{whole}");
    // The first line can still be read, and the second one no more.
    let sql = "UPDATE absences.dossier_absence SET decision = '\"?\"' WHERE date = '2026-11-06'";
    sqlx::query(sql).execute(&maison.bench.owner).await?;
    for path in [month.clone(), month.replace(".csv", ".xlsx")] {
        let (status, bytes) = maison.telecharger(Some(ecole.cpe), &path).await?;
        let told = String::from_utf8(bytes)?;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{told}");
        assert!(!told.contains("2026-11-05"), "no half of a file: {told}");
    }
    ecole.maison.close().await
}

/// Three evaluations, of which none is published: all are marked, but the last one of which only what
/// is no mark is said.
async fn evaluer(t: &Trimestre) -> Result<()> {
    let ecrit = t.evaluation(json!({ "date": "2026-11-16" })).await?;
    t.noter(&ecrit, ["12", "9", "15", "8.5", "17", "11"]).await?;
    let oral = json!({ "titre": "Oral", "date": "2026-11-17", "bareme": "10", "coefficient": "2" });
    t.noter(&t.evaluation(oral).await?, ["8", "5", "7", "4", "9", "6"]).await?;
    let piege = t.evaluation(json!({ "titre": "=CMD()", "date": "2026-11-18" })).await?;
    let sans_note = [
        json!({ "etat": "ABSENT" }),
        json!({ "etat": "DISPENSE" }),
        json!({ "etat": "NON_RENDU", "compteZero": true }),
    ];
    let ligne = |(rang, resultat): (usize, &Value)| json!({ "eleveId": t.eleve(rang), "resultat": resultat });
    let lignes: Vec<_> = sans_note.iter().enumerate().map(ligne).collect();
    t.prof("saisirNotes", json!({ "evaluationId": piege, "lignes": lignes }), "").await?;
    Ok(())
}

/// The line of a pupil in a file, after the names.
async fn ligne<'a>(t: &Trimestre, text: &'a str, rang: usize) -> Result<&'a str> {
    let views = &t.ecole.maison.bench.views;
    let eleve = Annuaire::personnes(views, &t.eleves[rang..=rang]).await?.pop().context("nobody")?;
    let names = format!("{};{};", eleve.nom, eleve.prenom);
    text.lines().find_map(|line| line.strip_prefix(&names)).with_context(|| format!("{names} {text}"))
}

/// Somebody who teaches the division something else, and is not its professeur principal.
async fn autre_enseignant(ecole: &Ecole) -> Result<CompteId> {
    let found: Uuid = sqlx::query_scalar(
        "SELECT t.personne FROM enseignant t JOIN enseignement n ON n.id = t.enseignement
         WHERE n.division = $1 AND t.personne NOT IN (SELECT personne FROM enseignant WHERE enseignement = $2)
         GROUP BY t.personne HAVING NOT bool_or(t.principal) ORDER BY t.personne LIMIT 1",
    )
    .bind(ecole.division)
    .bind(ecole.enseignement)
    .fetch_one(&ecole.maison.bench.views)
    .await
    .context("one person teaches the division all")?;
    Ok(personal(found))
}

/// From the next day on somebody is professeur principal of the division.
async fn nommer_principal(ecole: &Ecole, qui: CompteId) -> Result<()> {
    let bench = &ecole.maison.bench;
    let division =
        Annuaire::divisions(&bench.views, &[ecole.division]).await?.pop().context("no division")?;
    bench.clock.set("2026-11-24T08:00:00Z".parse()?);
    let command = EtablissementCommand::AttribuerEnseignement {
        division: division.code,
        matiere: Matiere { code: "998700".to_owned(), libelle: "VIE DE CLASSE".to_owned() },
        enseignant: PersonneId(qui.0),
        principal: true,
        parole: Parole::de(Origine::Aaf, "Lyon", "2026-11-24".parse()?),
    };
    let context = bench.context(&"ac-lyon".parse()?, &["professeur principal"]);
    bench.record::<Etablissement>(context, ecole.uai.parse::<Uai>()?.etablissement(), command).await?;
    Ok(bench.runner.catch_up().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gradebook_is_taken_out_by_who_reads_it() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    evaluer(&t).await?;
    let (ecole, maison) = (&t.ecole, &t.ecole.maison);
    let carnet = format!("/carnets/{}/2026/1", ecole.enseignement);
    let (status, bytes) = maison.telecharger(Some(ecole.enseignante), &format!("{carnet}.csv")).await?;
    let text = String::from_utf8(bytes)?;
    assert_eq!((status, text.lines().count()), (StatusCode::OK, ecole.eleves.len() + 1), "{text}");
    let columns = "\u{feff}nom;prenom;Contrôle (16/11/2026, sur 20, coefficient 1);\
                   Oral (17/11/2026, sur 10, coefficient 2);'=CMD() (18/11/2026, sur 20, coefficient 1);\
                   ailleurs;moyenne";
    assert_eq!(text.lines().next(), Some(columns), "no spreadsheet runs a title");
    let said = ["12;8;absent;;14,70", "9;5;dispensé;;9,70", "15;7;non rendu (0);;10,80"];
    for (rang, said) in said.into_iter().enumerate() {
        assert_eq!(ligne(&t, &text, rang).await?, said);
    }
    let (status, bytes) = maison.telecharger(Some(ecole.principal), &format!("{carnet}.xlsx")).await?;
    assert_eq!(status, StatusCode::OK);
    let (mut archive, mut sheet) = (zip::ZipArchive::new(Cursor::new(bytes))?, String::new());
    archive.by_name("xl/worksheets/sheet1.xml")?.read_to_string(&mut sheet)?;
    for said in ["=CMD() (18/11/2026", "non rendu (0)", "14,70"] {
        assert!(sheet.contains(said), "{said}: {sheet}");
    }
    assert!(!sheet.contains("<f>"), "{sheet}");

    let autre = autre_enseignant(ecole).await?;
    let csv = format!("{carnet}.csv");
    let eleve = personal(t.eleves[0]);
    for stranger in [t.parents[0], eleve, autre, ecole.cpe, exploitant()] {
        assert_eq!(maison.telecharger(Some(stranger), &csv).await?.0, StatusCode::NOT_FOUND, "{stranger}");
    }
    assert_eq!(maison.telecharger(None, &csv).await?.0, StatusCode::NOT_FOUND);
    nommer_principal(ecole, autre).await?;
    let (status, bytes) = maison.telecharger(Some(autre), &csv).await?;
    assert_eq!((status, String::from_utf8(bytes)?), (StatusCode::OK, text), "the professeur principal");
    let unknown = format!("/carnets/{}/2026/7.csv", ecole.enseignement);
    assert_eq!(maison.telecharger(Some(ecole.principal), &unknown).await?.0, StatusCode::CONFLICT);
    t.ecole.maison.close().await
}
