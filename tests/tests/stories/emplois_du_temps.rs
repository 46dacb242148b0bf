//! Emplois du temps as large as real ones, and as they are given back to STS.

use super::livrets::{grammaire, juger};
use anyhow::{Context, Result, ensure};
use chrono::{Days, NaiveDate};
use domain::cahier_de_textes::{EmploiDuTemps, OrigineDuCours};
use domain::{Aggregate, CompteId};
use projections::annuaire::{Annuaire, Personne};
use recits::edt::importer_de;
use recits::edt::reel::{CHANGEMENT, Export, RELACHE};
use recits::{Ecole, global};
use serde_json::{Value, json};
use uuid::Uuid;

/// The Monday of a week, where the first one begins on 31 August.
fn lundi(semaine: u32) -> Result<NaiveDate> {
    let premier: NaiveDate = "2026-08-31".parse()?;
    Ok(premier + Days::new(7 * u64::from(semaine - 1)))
}

/// The week of the school's division in which a day is.
async fn semaine_division(ecole: &Ecole, jour: NaiveDate) -> Result<Vec<Value>> {
    let query = "query($id: ID!, $jour: NaiveDate!) { semaineDivision(divisionId: $id, jour: $jour) {
        date debut fin matiere salles enseignants { id } } }";
    let asked = json!({ "id": global("Division", ecole.division), "jour": jour });
    let seen = ecole.maison.ask(Some(ecole.principal), query, asked).await?;
    Ok(seen["semaineDivision"].as_array().context("no week")?.clone())
}

/// A teacher's.
async fn semaine_enseignant(ecole: &Ecole, qui: CompteId, jour: NaiveDate) -> Result<Vec<Value>> {
    let query = "query($uai: String!, $id: ID!, $jour: NaiveDate!) {
        semaineEnseignant(uai: $uai, personneId: $id, jour: $jour) { date debut fin matiere salles } }";
    let asked = json!({ "uai": ecole.uai, "id": global("Personne", qui.0), "jour": jour });
    let seen = ecole.maison.ask(Some(qui), query, asked).await?;
    Ok(seen["semaineEnseignant"].as_array().context("no week")?.clone())
}

/// How many facts there are of emplois du temps.
async fn faits(ecole: &Ecole) -> Result<i64> {
    let sql = "SELECT count(*) FROM ledger.events WHERE aggregate_type = $1";
    let pool = ecole.maison.bench.ledger.pool();
    Ok(sqlx::query_scalar(sql).bind(EmploiDuTemps::TYPE).fetch_one(pool).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_as_large_as_real_ones_is_imported_once() -> Result<()> {
    let ecole = Ecole::grande(18).await?;
    let export = Export::de(&ecole).await?;
    ensure!(export.texte.len() > 600_000, "{} bytes", export.texte.len());
    if let Some(grammaire) = grammaire("edt/ExportEmploiDuTemps.xsd")? {
        juger(&grammaire, &export.texte, "Eleves")?;
    }
    let fichiers = [("edt.xml", export.texte.as_str())];
    let rapport = importer_de(&ecole, OrigineDuCours::Edt, &fichiers, false).await?;
    let cours = rapport.comptes["Cours"];
    assert_eq!((cours.lus, cours.crees), (export.cours, export.cours), "{rapport}");
    les_semaines_alternent(&ecole, &export).await?;

    let before = faits(&ecole).await?;
    assert_eq!(u64::try_from(before)?, export.cours, "a fact for each course");
    ecole.maison.bench.clock.set("2026-11-24T06:00:00Z".parse()?);
    let rapport = importer_de(&ecole, OrigineDuCours::Edt, &fichiers, false).await?;
    let cours = rapport.comptes["Cours"];
    assert_eq!((cours.crees, cours.modifies, cours.inchanges), (0, 0, export.cours), "{rapport}");
    assert_eq!(faits(&ecole).await?, before, "nothing is said twice");
    ecole.maison.close().await
}

/// Weeks A and B have another matière at one hour, and single weeks are not like others.
async fn les_semaines_alternent(ecole: &Ecole, export: &Export) -> Result<()> {
    let [relache, b, changement] = [RELACHE, RELACHE + 1, CHANGEMENT].map(lundi);
    let (relache, b, changement) = (relache?, b?, changement?);
    let mut weeks = Vec::new();
    for monday in [relache, b, changement] {
        weeks.push(semaine_division(ecole, monday).await?);
    }
    let hours = 4 * export.matieres;
    let counts: Vec<_> = weeks.iter().map(Vec::len).collect();
    assert_eq!(counts, [hours - 1, hours, hours]);
    let hour = |week: usize, monday: NaiveDate, rang: usize| {
        let (days, debut) = export.alternance(rang);
        let date = json!(monday + Days::new(days));
        let found = weeks[week].iter().find(|hour| hour["date"] == date && hour["debut"] == debut);
        found.cloned().unwrap_or_default()
    };
    let (first, other, last) = (hour(0, relache, 0), hour(1, b, 0), hour(2, changement, 0));
    assert!(first["matiere"].is_string() && first["matiere"] == last["matiere"], "{first:#} {last:#}");
    assert_ne!(first["matiere"], other["matiere"], "in weeks B another matière has this hour");
    assert_eq!(first["salles"], other["salles"]);
    assert_ne!(first["enseignants"], json!([]));
    assert_eq!((&last["salles"], &last["enseignants"]), (&json!(["Gymnase"]), &json!([])));
    assert_eq!(hour(0, relache, 1), Value::Null, "not in that week");
    assert!(hour(2, changement, 1)["matiere"].is_string(), "and again in the next week A");
    assert_eq!(semaine_division(ecole, lundi(17)?).await?, Vec::<Value>::new(), "nothing in vacances");
    let taught: i64 = sqlx::query_scalar("SELECT count(*) FROM enseignant WHERE personne = $1")
        .bind(ecole.enseignante.0)
        .fetch_one(&ecole.maison.bench.views)
        .await?;
    let hers = semaine_enseignant(ecole, ecole.enseignante, b).await?;
    assert_eq!(hers.len(), 4 * usize::try_from(taught)?, "{hers:#?}");
    Ok(())
}

/// What STS knows of a teacher.
fn individu(numero: u8, personne: &Personne) -> String {
    let naissance = personne.naissance.map(|jour| format!("<DATE_NAISSANCE>{jour}</DATE_NAISSANCE>"));
    format!(
        "<INDIVIDU ID=\"{numero}\" TYPE=\"epp\"><NOM_USAGE>{}</NOM_USAGE>\
         <PRENOM>{}</PRENOM>{}</INDIVIDU>\n",
        personne.nom,
        personne.prenom,
        naissance.unwrap_or_default()
    )
}

/// A matière that a teacher teaches, with courses: alternance, day, hour and room.
fn enseigne(matiere: &str, enseignant: u8, cours: &[(&str, u8, &str, &str)]) -> String {
    let cours: String = cours
        .iter()
        .map(|(alternance, jour, debut, salle)| {
            format!(
                "<COURS><CODE_ALTERNANCE>{alternance}</CODE_ALTERNANCE><JOUR>{jour}</JOUR>\
                 <HEURE_DEBUT>{debut}</HEURE_DEBUT><DUREE>0130</DUREE>\
                 <CODE_SALLE>{salle}</CODE_SALLE></COURS>\n"
            )
        })
        .collect();
    format!(
        "<SERVICE CODE_MATIERE=\"{matiere}\"><ENSEIGNANTS><ENSEIGNANT TYPE=\"epp\" ID=\"{enseignant}\">\
         <COURS_RATTACHES>{cours}</COURS_RATTACHES></ENSEIGNANT></ENSEIGNANTS></SERVICE>\n"
    )
}

/// Weeks in which courses run, each by its first day of school.
fn alternance(code: &str, semaines: &[&str]) -> String {
    let semaines: String =
        semaines.iter().map(|jour| format!("<DATE_DEBUT_SEMAINE>{jour}</DATE_DEBUT_SEMAINE>")).collect();
    format!("<ALTERNANCE CODE=\"{code}\"><SEMAINES>{semaines}</SEMAINES></ALTERNANCE>\n")
}

/// What STS exports of the school, and what a timetable program gives back to it: the teacher and her
/// colleague are together on Tuesdays, take turns on Thursdays, and he has a groupe on Fridays.
async fn fichiers_de_sts(ecole: &Ecole) -> Result<(String, String)> {
    let views = &ecole.maison.bench.views;
    let qui = [ecole.enseignante.0, ecole.collegue.0];
    let personnes = Annuaire::personnes(views, &qui).await?;
    let individu = |numero: u8, id: Uuid| {
        personnes.iter().find(|one| one.id == id).map(|one| individu(numero, one)).unwrap_or_default()
    };
    let individus = individu(1, qui[0]) + &individu(2, qui[1]);
    let row =
        Annuaire::enseignements(views, &[ecole.enseignement]).await?.pop().context("no enseignement")?;
    let division = Annuaire::divisions(views, &[ecole.division]).await?.pop().context("no division")?.code;
    let (uai, matiere) = (&ecole.uai, &row.matiere_code);
    let export = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <STS_EDT><PARAMETRES><UAJ CODE=\"{uai}\"/></PARAMETRES>\
         <NOMENCLATURES><MATIERES><MATIERE CODE=\"{matiere}\"><LIBELLE_EDITION>{}</LIBELLE_EDITION></MATIERE>\
         </MATIERES></NOMENCLATURES>\
         <DONNEES><INDIVIDUS>{individus}</INDIVIDUS></DONNEES></STS_EDT>",
        row.matiere_libelle
    );
    let alternances = alternance("H", &["2026-11-23", "2026-11-30", "2026-12-07"])
        + &alternance("Q1", &["2026-11-23", "2026-12-07"])
        + &alternance("Q2", &["2026-11-30"]);
    let donnes = enseigne(matiere, 1, &[("H", 2, "0800", "B12"), ("Q1", 4, "1000", "C03")])
        + &enseigne(matiere, 2, &[("H", 2, "0800", "B12")])
        + &enseigne("VC", 2, &[("Q2", 4, "1000", "C04")]);
    let latin = enseigne("LATIN", 2, &[("H", 5, "0900", "D01")]);
    let retour = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <EDT_STS><PARAMETRES><UAJ>{uai}</UAJ></PARAMETRES>\
         <DONNEES><ALTERNANCES>{alternances}</ALTERNANCES>\
         <STRUCTURE><DIVISIONS><DIVISION CODE=\"{division}\">\
         <SERVICES>{donnes}</SERVICES></DIVISION></DIVISIONS>\
         <GROUPES><GROUPE CODE=\"LATIN1\"><DIVISIONS_APPARTENANCE>\
         <DIVISION_APPARTENANCE CODE=\"{division}\"/></DIVISIONS_APPARTENANCE>\
         <SERVICES>{latin}</SERVICES></GROUPE></GROUPES></STRUCTURE></DONNEES></EDT_STS>"
    );
    Ok((export, retour))
}

/// Day, hours and room of each hour.
fn heures(week: &[Value]) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let said = |hour: &Value| {
        let [date, debut, fin] = ["date", "debut", "fin"].map(|field| text(&hour[field]));
        format!("{date} {debut} {fin} {}", text(&hour["salles"][0]))
    };
    week.iter().map(said).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emploi_du_temps_that_is_given_back_to_sts_is_read_in_weeks() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (export, retour) = fichiers_de_sts(&ecole).await?;
    let fichiers = [("sts_emp.xml", export.as_str()), ("emp_sts.xml", retour.as_str())];
    let rapport = importer_de(&ecole, OrigineDuCours::Sts, &fichiers, false).await?;
    let cours = rapport.comptes["Cours"];
    assert_eq!((cours.lus, cours.crees), (5, 4), "two teachers have one course together: {rapport}");

    let (a, b) = (lundi(13)?, lundi(14)?);
    let hers = heures(&semaine_enseignant(&ecole, ecole.enseignante, a).await?);
    assert_eq!(hers, ["2026-11-24 08:00:00 09:30:00 B12", "2026-11-26 10:00:00 11:30:00 C03"]);
    let hers = heures(&semaine_enseignant(&ecole, ecole.enseignante, b).await?);
    assert_eq!(hers, ["2026-12-01 08:00:00 09:30:00 B12"]);
    let his = heures(&semaine_enseignant(&ecole, ecole.collegue, b).await?);
    let thursday = "2026-12-03 10:00:00 11:30:00 C04";
    let week = ["2026-12-01 08:00:00 09:30:00 B12", thursday, "2026-12-04 09:00:00 10:30:00 D01"];
    assert_eq!(his, week);
    let seen = semaine_division(&ecole, b).await?;
    assert_eq!(heures(&seen), week, "the division has the same week B");
    assert_eq!(seen[0]["enseignants"].as_array().map(Vec::len), Some(2), "{seen:#?}");
    let seen = heures(&semaine_division(&ecole, a).await?);
    assert_eq!(seen[1], "2026-11-26 10:00:00 11:30:00 C03");

    let before = faits(&ecole).await?;
    ecole.maison.bench.clock.set("2026-11-24T06:00:00Z".parse()?);
    let again = importer_de(&ecole, OrigineDuCours::Sts, &fichiers, false).await?;
    assert_eq!(again.comptes["Cours"].inchanges, 4, "{again}");
    assert_eq!(faits(&ecole).await?, before);
    ecole.maison.close().await
}
