//! A pupil changes division in February: what is said of a period is said in the division of its
//! last day, with all that the pupil got in it; a roll and a dispense are of the division of their day.

use super::doublons::merge;
use super::trimestre::Trimestre;
use anyhow::{Context, Result};
use domain::annuaire::{
    Etablissement, EtablissementCommand, EtatCivil, Matiere, Origine, Parole, Personne, PersonneCommand, Uai,
};
use domain::{CompteId, DivisionId, PersonneId};
use projections::annuaire::Annuaire;
use recits::{Ecole, global, personal};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Another division of the collège, where the same matière is taught.
pub(super) struct AutreDivision {
    pub division: Uuid,
    pub enseignement: Uuid,
    pub enseignante: CompteId,
}

impl AutreDivision {
    pub async fn de(ecole: &Ecole) -> Result<Self> {
        let (division, enseignement, enseignante): (Uuid, Uuid, Uuid) = sqlx::query_as(
            "SELECT n.division, n.id, t.personne FROM enseignement here
             JOIN enseignement n ON n.etablissement = here.etablissement AND n.division <> here.division
                  AND n.matiere_code = here.matiere_code
             JOIN enseignant t ON t.enseignement = n.id
             WHERE here.id = $1 ORDER BY n.id, t.personne LIMIT 1",
        )
        .bind(ecole.enseignement)
        .fetch_one(&ecole.maison.bench.views)
        .await
        .context("the matière is taught in one division only")?;
        Ok(Self { division, enseignement, enseignante: personal(enseignante) })
    }
}

/// From a school day on a pupil is in this division.
pub(super) async fn affecter(ecole: &Ecole, eleve: Uuid, division: Uuid, le: &str) -> Result<()> {
    let bench = &ecole.maison.bench;
    bench.clock.set(format!("{le}T08:00:00Z").parse()?);
    let etablissement = ecole.uai.parse::<Uai>()?.etablissement();
    let parole = Parole::de(Origine::Aaf, "Lyon", le.parse()?);
    let division = Some(DivisionId(division));
    let command = PersonneCommand::AffecterEleve { etablissement, division, parole };
    let context = bench.context(&"ac-lyon".parse()?, &["affecter", le]);
    bench.record::<Personne>(context, eleve, command).await?;
    Ok(bench.runner.catch_up().await?)
}

/// The general average of each pupil whom the conseil of a division has before it.
async fn conseil(t: &Trimestre, division: Uuid, rang: u16) -> Result<BTreeMap<String, Value>> {
    let query = "query($division: ID!, $rang: Int!) {
        conseilDeClasse(divisionId: $division, annee: 2026, rang: $rang) {
            eleves { eleve { id } generale { moyenne } } } }";
    let asked = json!({ "division": global("Division", division), "rang": rang });
    let seen = t.ecole.maison.ask(Some(t.ecole.principal), query, asked).await?;
    let lines = seen["conseilDeClasse"]["eleves"].as_array().context("no conseil")?.iter();
    let id = |line: &Value| line["eleve"]["id"].as_str().unwrap_or_default().to_owned();
    Ok(lines.map(|line| (id(line), line["generale"]["moyenne"].clone())).collect())
}

/// The same, as the family sees it.
async fn moyenne(t: &Trimestre, rang: u16) -> Result<Value> {
    let query = "query($id: ID!, $rang: Int!) { eleve(id: $id) {
        moyennes(annee: 2026, rang: $rang) { generale { moyenne } } } }";
    let asked = json!({ "id": t.eleve(0), "rang": rang });
    let mut seen = t.ecole.maison.ask(Some(t.parents[0]), query, asked).await?;
    Ok(seen["eleve"]["moyennes"]["generale"]["moyenne"].take())
}

/// Marks are published of the first trimestre, of January before the change and of January after
/// it, and of February in the new division.
async fn une_annee_en_deux_divisions(t: &Trimestre, there: &AutreDivision) -> Result<()> {
    let maison = &t.ecole.maison;
    let publier = |evaluation: &str| json!({ "evaluationId": evaluation });
    let automne = t.evaluation(json!({})).await?;
    t.noter(&automne, ["12", "9", "15", "8.5", "17", "11"]).await?;
    t.prof("publierEvaluation", publier(&automne), "").await?;
    t.au("2027-01-18T09:00:00Z")?;
    let janvier = t.evaluation(json!({ "titre": "Janvier", "date": "2027-01-11" })).await?;
    t.noter(&janvier, ["10", "9", "15", "8.5", "17", "11"]).await?;
    t.prof("publierEvaluation", publier(&janvier), "").await?;
    let corrigee_tard = t.evaluation(json!({ "titre": "Corrigée tard", "date": "2027-01-18" })).await?;

    affecter(&t.ecole, t.eleves[0], there.division, "2027-02-08").await?;
    let tard = json!({ "evaluationId": corrigee_tard, "lignes": t.lignes(&["14"]) });
    t.prof("saisirNotes", tard, "").await?;
    t.prof("publierEvaluation", publier(&corrigee_tard), "").await?;
    t.au("2027-02-22T09:00:00Z")?;
    let apres = t.evaluation(json!({ "titre": "Sans lui", "date": "2027-02-22" })).await?;
    let sans_lui = json!({ "evaluationId": apres, "lignes": t.lignes(&["5"]) });
    assert_eq!(maison.refused(t.ecole.enseignante, "saisirNotes", sans_lui).await?, "ELEVE_HORS_DIVISION");

    let fevrier = json!({ "enseignementId": global("Enseignement", there.enseignement),
        "titre": "Février", "date": "2027-02-22", "bareme": "20", "coefficient": "1" });
    let mut fevrier =
        maison.granted(there.enseignante, "creerEvaluation", fevrier, "evaluation { id }").await?;
    let fevrier = fevrier["evaluation"]["id"].take();
    let la_bas = json!({ "evaluationId": fevrier, "lignes": t.lignes(&["18"]) });
    maison.granted(there.enseignante, "saisirNotes", la_bas, "").await?;
    maison.granted(there.enseignante, "publierEvaluation", json!({ "evaluationId": fevrier }), "").await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_changes_division_is_told_of_each_period_where_it_ended_with_all_its_marks() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    let there = AutreDivision::de(&t.ecole).await?;
    t.trimestres_de(there.division).await?;
    une_annee_en_deux_divisions(&t, &there).await?;
    let (here, eleve) = (t.ecole.division, global("Personne", t.eleves[0]));
    let first = conseil(&t, here, 1).await?;
    assert_eq!(first.get(&eleve), Some(&json!("12.00")), "the first trimestre ended here");
    assert_eq!(conseil(&t, there.division, 1).await?.get(&eleve), None);
    let second = conseil(&t, here, 2).await?;
    assert_eq!(second.get(&eleve), None, "the second one did not");
    assert_eq!(second.len() + 1, first.len());
    // 10 and 14 in the one division, 18 in the other.
    assert_eq!(conseil(&t, there.division, 2).await?.get(&eleve), Some(&json!("14.00")));
    assert_eq!((moyenne(&t, 1).await?, moyenne(&t, 2).await?), (json!("12.00"), json!("14.00")));
    let carnet = format!("/carnets/{}/2026/2.csv", there.enseignement);
    let (_, bytes) = t.ecole.maison.telecharger(Some(there.enseignante), &carnet).await?;
    let text = String::from_utf8(bytes)?;
    assert!(text.contains(";18;2;14,00\n"), "two marks that are not shown count: {text}");
    t.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_pupil_got_under_another_fiche_counts_with_the_listed_one() -> Result<()> {
    let mut t = Trimestre::ouvrir().await?;
    let there = AutreDivision::de(&t.ecole).await?;
    let (here, premier) = (t.ecole.division, t.eleves[0]);
    let known = Annuaire::personnes(&t.ecole.maison.bench.views, &[premier]).await?.pop();
    let known = known.context("nobody")?;
    let (nom, prenom, naissance) = (known.nom, known.prenom, known.naissance);
    t.ecole.division = there.division;
    let bis = t.ecole.inscrire("bis", EtatCivil { nom, prenom, naissance, ..EtatCivil::default() }).await?;
    t.ecole.division = here;
    let maison = &t.ecole.maison;
    maison.bench.runner.catch_up().await?;
    let contre = t.evaluation(json!({})).await?;
    t.noter(&contre, ["12", "9", "15", "8.5", "17", "11"]).await?;
    t.prof("publierEvaluation", json!({ "evaluationId": contre }), "").await?;
    let la_bas = json!({ "enseignementId": global("Enseignement", there.enseignement),
        "titre": "Là-bas", "date": "2026-11-23", "bareme": "20", "coefficient": "1" });
    let made = maison.granted(there.enseignante, "creerEvaluation", la_bas, "evaluation { id }").await?;
    let ligne = json!({ "eleveId": global("Eleve", bis.0), "resultat": { "etat": "NOTE", "note": "18" } });
    let noter = json!({ "evaluationId": made["evaluation"]["id"], "lignes": [ligne] });
    maison.granted(there.enseignante, "saisirNotes", noter, "").await?;
    let eleve = global("Personne", premier);
    assert_eq!(conseil(&t, here, 1).await?.get(&eleve), Some(&json!("12.00")));
    maison.granted(t.ecole.principal, "fusionnerFiches", merge(&t.ecole, bis, personal(premier)), "").await?;
    // 12 here, and 18 there.
    assert_eq!(conseil(&t, here, 1).await?.get(&eleve), Some(&json!("15.00")));
    t.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_conseil_of_the_end_of_a_period_speaks_of_who_came_during_it() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    let there = AutreDivision::de(&t.ecole).await?;
    t.trimestres_de(there.division).await?;
    une_annee_en_deux_divisions(&t, &there).await?;
    let (maison, chef) = (&t.ecole.maison, t.ecole.principal);
    let mots = |enseignement: Uuid| {
        json!({ "enseignementId": global("Enseignement", enseignement), "annee": 2026, "rang": 2,
                "lignes": [{ "eleveId": t.eleve(0), "texte": "Bien arrivé." }] })
    };
    let gone =
        maison.refused(t.ecole.enseignante, "redigerAppreciations", mots(t.ecole.enseignement)).await?;
    assert_eq!(gone, "ELEVE_HORS_DIVISION");
    maison.granted(there.enseignante, "redigerAppreciations", mots(there.enseignement), "").await?;
    t.au("2027-03-09T16:00:00Z")?;
    let periode =
        |division: Uuid| json!({ "divisionId": global("Division", division), "annee": 2026, "rang": 2 });
    for division in [t.ecole.division, there.division] {
        for step in ["verrouillerPeriode", "reunirConseil"] {
            maison.granted(chef, step, periode(division), "").await?;
        }
    }
    let examen = |division: Uuid| {
        let mut examen = periode(division);
        examen["eleveId"] = json!(t.eleve(0));
        examen["vue"] = json!(0);
        examen["synthese"] = json!("Bon trimestre.");
        examen
    };
    let refused = maison.refused(chef, "examinerEleve", examen(t.ecole.division)).await?;
    assert_eq!(refused, "ELEVE_HORS_DIVISION");
    maison.granted(chef, "examinerEleve", examen(there.division), "").await?;
    maison.granted(chef, "publierBulletins", periode(there.division), "").await?;
    let query = "query($division: ID!) { conseilDeClasse(divisionId: $division, annee: 2026, rang: 2) {
        eleves { eleve { id } bulletin { contenu { generale { moyenne } conseil { synthese }
            enseignements { moyenne { appreciation moyenne { lignes { intitule } } } } } } } } }";
    let asked = json!({ "division": global("Division", there.division) });
    let seen = maison.ask(Some(chef), query, asked).await?;
    let lines = seen["conseilDeClasse"]["eleves"].as_array().context("no conseil")?;
    let line = lines.iter().find(|line| line["eleve"]["id"] == global("Personne", t.eleves[0]));
    let contenu = &line.context("the pupil is not there")?["bulletin"]["contenu"];
    assert_eq!(contenu["generale"]["moyenne"], "14.00");
    assert_eq!(contenu["conseil"]["synthese"], "Bon trimestre.");
    for told in ["Bien arrivé.", "Janvier", "Corrigée tard", "Février"] {
        assert!(contenu.to_string().contains(told), "{told}: {contenu:#}");
    }
    t.ecole.maison.close().await
}

/// A division more; its id.
async fn ouvrir(ecole: &Ecole, code: &str) -> Result<Uuid> {
    let (bench, uai) = (&ecole.maison.bench, ecole.uai.parse::<Uai>()?);
    let command = EtablissementCommand::OuvrirDivision {
        code: code.to_owned(),
        libelle: code.to_owned(),
        mef: None,
        parole: Parole::de(Origine::Sts, &ecole.uai, "2026-11-23".parse()?),
    };
    let context = bench.context(&"ac-lyon".parse()?, &["ouvrir", code]);
    bench.record::<Etablissement>(context, uai.etablissement(), command).await?;
    bench.runner.catch_up().await?;
    Ok(uai.division(code).0)
}

/// Somebody teaches Latin to a division; the enseignement.
async fn latin(ecole: &Ecole, division: Uuid, par: CompteId) -> Result<Uuid> {
    let bench = &ecole.maison.bench;
    let sql = "SELECT code FROM division WHERE id = $1";
    let code: String = sqlx::query_scalar(sql).bind(division).fetch_one(&bench.views).await?;
    let (uai, matiere) = (ecole.uai.parse::<Uai>()?, "020300");
    let command = EtablissementCommand::AttribuerEnseignement {
        division: code.clone(),
        matiere: Matiere { code: matiere.into(), libelle: "LATIN".into() },
        enseignant: PersonneId(par.0),
        principal: false,
        parole: Parole::de(Origine::Sts, &ecole.uai, "2026-11-23".parse()?),
    };
    let context = bench.context(&"ac-lyon".parse()?, &["latin", &code]);
    bench.record::<Etablissement>(context, uai.etablissement(), command).await?;
    bench.runner.catch_up().await?;
    Ok(uai.enseignement(&code, matiere).0)
}

/// The pupil has Latin in two divisions, and ends the trimestre in a third one, which has none.
#[tokio::test(flavor = "multi_thread")]
async fn a_matiere_of_two_earlier_divisions_is_told_once_with_the_teachers_of_both() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    let (maison, ici) = (&t.ecole.maison, t.ecole.division);
    let la_bas = AutreDivision::de(&t.ecole).await?.division;
    let enfin = ouvrir(&t.ecole, "3EURO").await?;
    let (premiere, seconde) = (t.ecole.enseignante, t.ecole.collegue);
    let (latin_ici, latin_la_bas) =
        (latin(&t.ecole, ici, premiere).await?, latin(&t.ecole, la_bas, seconde).await?);
    t.trimestres_de(enfin).await?;
    let noter = async |qui: CompteId, enseignement: Uuid, date: &str, note: &str| -> Result<()> {
        let fiche = json!({ "enseignementId": global("Enseignement", enseignement), "titre": "Version",
            "date": date, "bareme": "20", "coefficient": "1" });
        let mut made = maison.granted(qui, "creerEvaluation", fiche, "evaluation { id }").await?;
        let id = made["evaluation"]["id"].take();
        let notes = json!({ "evaluationId": id, "lignes": t.lignes(&[note]) });
        maison.granted(qui, "saisirNotes", notes, "").await?;
        maison.granted(qui, "publierEvaluation", json!({ "evaluationId": id }), "").await?;
        Ok(())
    };
    t.au("2026-12-14T09:00:00Z")?;
    noter(premiere, latin_ici, "2026-12-07", "10").await?;
    noter(premiere, latin_ici, "2026-12-14", "10").await?;
    affecter(&t.ecole, t.eleves[0], la_bas, "2027-01-11").await?;
    noter(seconde, latin_la_bas, "2027-01-11", "16").await?;
    affecter(&t.ecole, t.eleves[0], enfin, "2027-02-08").await?;
    t.au("2027-03-09T16:00:00Z")?;
    let periode = json!({ "divisionId": global("Division", enfin), "annee": 2026, "rang": 2 });
    for step in ["verrouillerPeriode", "reunirConseil", "publierBulletins"] {
        t.chef(step, periode.clone(), "").await?;
    }
    let query = "query($division: ID!) { conseilDeClasse(divisionId: $division, annee: 2026, rang: 2) {
        eleves { eleve { id } bulletin { contenu { generale { moyenne } enseignements {
            enseignants moyenne { matiere moyenne { moyenne } } } } } } } }";
    let asked = json!({ "division": global("Division", enfin) });
    let seen = maison.ask(Some(t.ecole.principal), query, asked).await?;
    let lines = seen["conseilDeClasse"]["eleves"].as_array().context("no conseil")?;
    let line = lines.iter().find(|line| line["eleve"]["id"] == global("Personne", t.eleves[0]));
    let contenu = &line.context("the pupil is not there")?["bulletin"]["contenu"];
    let told = contenu["enseignements"].as_array().context("no bulletin")?.iter();
    let told: Vec<_> = told.filter(|one| one["moyenne"]["matiere"] == "LATIN").collect();
    let [latin] = told.as_slice() else { panic!("{contenu:#}") };
    assert_eq!(latin["moyenne"]["moyenne"]["moyenne"], "12.00", "of three marks, and not of two averages");
    assert_eq!(latin["enseignants"].as_array().map(Vec::len), Some(2), "{latin:#}");
    assert_eq!(contenu["generale"]["moyenne"], "12.00");
    t.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_period_that_ended_before_the_house_opened_is_of_who_was_known_first() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    let there = AutreDivision::de(&t.ecole).await?;
    let semestres = json!({ "divisionId": global("Division", there.division), "annee": 2026,
        "decoupage": "SEMESTRES", "periodes": [
            { "libelle": "1er semestre", "debut": "2026-09-01", "fin": "2026-10-31" },
            { "libelle": "2e semestre", "debut": "2026-11-01", "fin": "2027-07-03" }] });
    t.chef("fixerPeriodes", semestres, "").await?;
    affecter(&t.ecole, t.eleves[0], there.division, "2027-02-08").await?;
    let newcomer = global("Personne", t.eleves[0]);
    let (first, second) = (conseil(&t, there.division, 1).await?, conseil(&t, there.division, 2).await?);
    assert!(!first.is_empty() && !first.contains_key(&newcomer));
    assert!(second.contains_key(&newcomer));
    assert_eq!(second.len(), first.len() + 1);
    t.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roll_is_of_who_was_in_the_division_on_its_day_though_it_is_called_later() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    let there = AutreDivision::de(&t.ecole).await?;
    affecter(&t.ecole, t.eleves[0], there.division, "2027-02-08").await?;
    let maison = &t.ecole.maison;
    let pointer = async |qui: CompteId, enseignement: Uuid, date: &str| -> Result<Value> {
        let seance = json!({ "enseignementId": global("Enseignement", enseignement), "date": date,
            "debut": "08:00:00", "fin": "08:55:00" });
        let mut appel = maison.granted(qui, "ouvrirAppel", seance, "appel { id }").await?;
        let absent = json!({ "appelId": appel["appel"]["id"].take(),
            "pointages": [{ "eleveId": t.eleve(0), "etat": "ABSENT" }] });
        Ok(maison.tell(qui, "pointerEleves", absent, "").await?["userErrors"].take())
    };
    let (here, hors_division) = (t.ecole.enseignement, "ELEVE_HORS_DIVISION");
    assert_eq!(pointer(t.ecole.enseignante, here, "2027-02-05").await?, json!([]));
    let too_soon = pointer(there.enseignante, there.enseignement, "2027-02-05").await?;
    assert_eq!(too_soon[0]["code"], hors_division, "the pupil came on Monday");
    let too_late = pointer(t.ecole.enseignante, here, "2027-02-08").await?;
    assert_eq!(too_late[0]["code"], hors_division, "the pupil left on Monday");
    assert_eq!(pointer(there.enseignante, there.enseignement, "2027-02-08").await?, json!([]));
    t.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispense_is_from_what_the_pupil_was_taught_on_its_first_day() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    let there = AutreDivision::de(&t.ecole).await?;
    affecter(&t.ecole, t.eleves[0], there.division, "2027-02-08").await?;
    let (maison, cpe) = (&t.ecole.maison, t.ecole.cpe);
    let dispense = |id: u128, enseignement: Uuid, du: &str| {
        json!({ "dispense": Uuid::from_u128(id), "eleveId": t.eleve(0), "du": du, "au": "2027-03-05",
            "enseignementId": global("Enseignement", enseignement) })
    };
    let (here, there) = (t.ecole.enseignement, there.enseignement);
    for (id, enseignement, du) in [(1, here, "2027-01-11"), (2, there, "2027-02-08")] {
        maison.granted(cpe, "accorderDispense", dispense(id, enseignement, du), "dispense { au }").await?;
    }
    for (id, enseignement, du) in [(3, here, "2027-02-08"), (4, there, "2027-01-11")] {
        let refused = maison.refused(cpe, "accorderDispense", dispense(id, enseignement, du)).await?;
        assert_eq!(refused, "DISPENSE_HORS_DIVISION", "{du}");
    }
    t.ecole.maison.close().await
}
