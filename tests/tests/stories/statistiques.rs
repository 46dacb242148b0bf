//! What the absences of an établissement come to in a month, for who follows them.

use super::changement::{AutreDivision, affecter};
use anyhow::{Context, Result};
use domain::CompteId;
use domain::notes::Fraction;
use recits::{Ecole, exploitant, global};
use serde_json::{Value, json};
use uuid::Uuid;

/// Half-days of November 2026 in Lyon: seventeen whole days, and the mornings of three Wednesdays.
const DUES: i64 = 37;

/// The figures of a month, as somebody reads them.
async fn statistiques(ecole: &Ecole, who: CompteId, mois: &str) -> Result<Value> {
    let query = "query($uai: String!, $mois: NaiveDate!) { statistiquesAbsences(uai: $uai, mois: $mois) {
        mois total { ...chiffres } niveaux { code libelle chiffres { ...chiffres } }
        divisions { division { id } chiffres { ...chiffres } } } }
        fragment chiffres on ChiffresDAssiduite { eleves demiJourneesDues constatees justifiees
            injustifiees sansMotifLegitime signalements suivis tauxDAbsence tauxSansMotifLegitime tauxDAbsenteisme }";
    let asked = json!({ "uai": ecole.uai, "mois": mois });
    Ok(ecole.maison.ask(Some(who), query, asked).await?["statistiquesAbsences"].take())
}

/// An absence that the vie scolaire enters, under this id.
async fn saisir(ecole: &Ecole, number: u128, eleve: Uuid, (du, au): (&str, &str), fin: &str) -> Result<()> {
    let absence = json!({ "dossier": Uuid::from_u128(number), "uai": ecole.uai,
        "eleveId": global("Eleve", eleve),
        "creneau": { "date": du, "debut": "08:00:00", "dateFin": au, "fin": fin } });
    ecole.maison.granted(ecole.cpe, "saisirAbsence", absence, "").await?;
    Ok(())
}

/// A part of a whole, as it is written.
fn part(number: i64, of: i64) -> Result<String> {
    let part = Fraction::whole(number).divided(Fraction::whole(of));
    Ok(part.context("of nothing")?.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_figures_of_a_month_are_exact_and_of_all_by_level_and_by_division() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    maison.bench.clock.set("2026-12-01T16:00:00Z".parse()?);
    // A Monday and a Tuesday without a word, a Thursday morning of illness, and a Friday morning for a
    // reason that is not legitimate and alerts nobody.
    saisir(&ecole, 1, ecole.eleves[0], ("2026-11-16", "2026-11-17"), "17:00:00").await?;
    saisir(&ecole, 2, ecole.eleves[1], ("2026-11-19", "2026-11-19"), "11:00:00").await?;
    saisir(&ecole, 3, ecole.eleves[2], ("2026-11-20", "2026-11-20"), "11:00:00").await?;
    let reveil = json!({ "uai": ecole.uai, "code": "reveil", "libelle": "Panne de réveil",
                         "legitime": false, "bulletin": true, "alertes": false });
    maison.granted(ecole.principal, "definirMotifAbsence", reveil, "").await?;
    for (dossier, motif) in [(2, "maladie"), (3, "reveil")] {
        let settled = json!({ "dossierAbsenceId": global("DossierAbsence", Uuid::from_u128(dossier)),
                              "recevable": true, "motif": motif });
        maison.granted(ecole.cpe, "reglerAbsence", settled, "").await?;
    }

    let read = statistiques(&ecole, ecole.cpe, "2026-11-15").await?;
    assert_eq!(read["mois"], "2026-11-01");
    let divisions = read["divisions"].as_array().context("no list")?;
    let mine = json!(global("Division", ecole.division));
    let of_mine = divisions.iter().find(|one| one["division"]["id"] == mine).context("not there")?;
    let eleves = i64::try_from(ecole.eleves.len())?;
    let expected = json!({ "eleves": eleves, "demiJourneesDues": eleves * DUES, "constatees": 6,
        "justifiees": 1, "injustifiees": 5, "sansMotifLegitime": 4, "signalements": 1, "suivis": 0,
        "tauxDAbsence": part(6, eleves * DUES)?, "tauxSansMotifLegitime": part(4, eleves * DUES)?,
        "tauxDAbsenteisme": part(1, eleves)? });
    assert_eq!(of_mine["chiffres"], expected);
    let number = |chiffres: &Value, field: &str| chiffres[field].as_i64().unwrap_or_default();
    let niveaux = read["niveaux"].as_array().context("no list")?;
    for field in ["eleves", "demiJourneesDues", "constatees", "sansMotifLegitime", "signalements"] {
        let total = number(&read["total"], field);
        for parts in [divisions, niveaux] {
            let sum: i64 = parts.iter().map(|one| number(&one["chiffres"], field)).sum();
            assert_eq!(sum, total, "{field} {read:#}");
        }
    }
    assert!(number(&read["total"], "eleves") > eleves, "there is another division: {read:#}");
    assert!(niveaux.iter().all(|one| one["code"].is_string()), "{read:#}");

    assert_eq!(statistiques(&ecole, ecole.principal, "2026-11-30").await?, read);
    for stranger in [ecole.enseignante, ecole.parent, exploitant()] {
        assert_eq!(statistiques(&ecole, stranger, "2026-11-15").await?, Value::Null);
    }
    ecole.maison.close().await
}

/// What a division comes to in figures, or all of them.
fn chiffres(read: &Value, division: Option<Uuid>, fields: [&str; 4]) -> Result<[i64; 4]> {
    let id = division.map(|division| json!(global("Division", division)));
    let of = match &id {
        None => Some(&read["total"]),
        Some(id) => {
            let divisions = read["divisions"].as_array().context("no list")?;
            divisions.iter().find(|one| one["division"]["id"] == *id).map(|one| &one["chiffres"])
        }
    };
    let of = of.context("not there")?;
    Ok(fields.map(|field| of[field].as_i64().unwrap_or_default()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pupil_who_changes_division_is_one_and_reaches_a_threshold_in_the_last_one() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let autre = AutreDivision::de(&ecole).await?;
    let fields = ["eleves", "constatees", "sansMotifLegitime", "signalements"];
    ecole.maison.bench.clock.set("2026-12-07T16:00:00Z".parse()?);
    saisir(&ecole, 1, ecole.eleves[0], ("2026-12-03", "2026-12-04"), "17:00:00").await?;
    let read = statistiques(&ecole, ecole.cpe, "2026-12-01").await?;
    let [all, ..] = chiffres(&read, None, fields)?;
    let [there, ..] = chiffres(&read, Some(autre.division), fields)?;
    let [here, before @ ..] = chiffres(&read, Some(ecole.division), fields)?;
    assert_eq!(before, [4, 4, 1]);

    affecter(&ecole, ecole.eleves[0], autre.division, "2026-12-08").await?;
    ecole.maison.bench.clock.set("2026-12-18T16:00:00Z".parse()?);
    let read = statistiques(&ecole, ecole.cpe, "2026-12-01").await?;
    assert_eq!(chiffres(&read, None, fields)?, [all, 4, 4, 1], "nobody is two");
    assert_eq!(chiffres(&read, Some(ecole.division), fields)?, [here - 1, 4, 4, 0]);
    assert_eq!(chiffres(&read, Some(autre.division), fields)?, [there + 1, 0, 0, 1]);
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_month_that_runs_only_the_days_until_today_are_due() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    ecole.maison.bench.clock.set("2027-01-05T16:00:00Z".parse()?);
    let read = statistiques(&ecole, ecole.cpe, "2027-01-01").await?;
    let eleves = read["total"]["eleves"].as_i64().context("no number")?;
    assert_eq!(read["total"]["demiJourneesDues"], eleves * 4, "a Monday and a Tuesday after Noël");
    assert_eq!(read["total"]["tauxDAbsence"], "0");
    let later = statistiques(&ecole, ecole.cpe, "2027-02-01").await?;
    assert_eq!((&later["total"]["eleves"], &later["total"]["tauxDAbsence"]), (&json!(0), &Value::Null));
    ecole.maison.close().await
}
