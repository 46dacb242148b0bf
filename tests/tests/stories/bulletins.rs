//! A trimestre of a division: from evaluations to bulletins that two separated parents read.

use super::changement::AutreDivision;
use super::preuves::proven;
use super::trimestre::{CONSEIL, MARDI_SOIR, PUBLICATION, Trimestre};
use anyhow::{Context, Result};
use domain::CompteId;
use recits::global;
use serde_json::{Value, json};
use uuid::Uuid;

const APRES: &str = "2026-12-07T09:00:00Z";

impl Trimestre {
    /// Absences and lates of the pupils of a division, as the conseil has them on its screen.
    async fn assiduites(&self, division: Uuid) -> Result<Vec<Value>> {
        let query = "query($division: ID!) { conseilDeClasse(divisionId: $division, annee: 2026, rang: 1) {
            eleves { eleve { id } assiduite { demiJournees injustifiees retards } } } }";
        let asked = json!({ "division": global("Division", division) });
        let seen = self.ecole.maison.ask(Some(self.ecole.principal), query, asked).await?;
        seen["conseilDeClasse"]["eleves"].as_array().cloned().context("no conseil")
    }

    /// Those of the first pupil.
    async fn assiduite(&self) -> Result<Value> {
        let lines = self.assiduites(self.ecole.division).await?;
        let mine = global("Personne", self.eleves[0]);
        let line = lines.iter().find(|line| line["eleve"]["id"] == mine.as_str()).context("not there")?;
        Ok(line["assiduite"].clone())
    }

    /// The average of the one matière that is marked, as a family sees it, and its explanation.
    async fn moyenne(&self, qui: CompteId, le: Option<&str>) -> Result<(Value, String)> {
        let query = "query($id: ID!, $le: DateTime) { eleve(id: $id) { moyennes(annee: 2026, rang: 1, le: $le) {
            generale { moyenne }
            matieres { matiere division { effectif } moyenne { moyenne texte politique { nom version } } } } } }";
        let asked = json!({ "id": self.eleve(0), "le": le });
        let found = self.ecole.maison.ask(Some(qui), query, asked).await?;
        let matieres =
            found["eleve"]["moyennes"]["matieres"].as_array().context(format!("{found:#}"))?.clone();
        let marked = matieres.into_iter().find(|matiere| !matiere["moyenne"]["moyenne"].is_null());
        let Some(marked) = marked else { return Ok((Value::Null, String::new())) };
        assert_eq!(marked["moyenne"]["politique"]["nom"], "Au dixième");
        assert_eq!(marked["moyenne"]["moyenne"], found["eleve"]["moyennes"]["generale"]["moyenne"]);
        Ok((marked["moyenne"]["moyenne"].clone(), marked["moyenne"]["texte"].to_string()))
    }

    async fn bulletins(&self, qui: CompteId) -> Result<Vec<Value>> {
        let query = "query($id: ID!) { eleve(id: $id) { bulletins {
            id periode luLe empreinte contenu { prenom } } } }";
        let found = self.ecole.maison.ask(Some(qui), query, json!({ "id": self.eleve(0) })).await?;
        Ok(found["eleve"]["bulletins"].as_array().cloned().unwrap_or_default())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bulletins_are_published_with_the_proof_of_it() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    t.evaluer().await?;
    t.au(CONSEIL)?;
    t.tenir_conseil().await?;
    let maison = &t.ecole.maison;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let sealer = maison.sealer.clone();
    let sealing = tokio::spawn(async move { sealer.run(stopped).await });
    let input = t.periode(json!({ "visibleDes": PUBLICATION }));
    let published = t.chef("publierBulletins", input, "preuve").await?;
    assert_eq!(proven(maison, &published).await?, "notes.periode.publiee");
    stop.send_replace(true);
    sealing.await?;
    t.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_separated_parents_read_one_bulletin_and_a_later_correction_does_not_change_it() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    let [mere, pere] = t.parents;
    let premiere = t.evaluer().await?;
    assert_eq!(t.moyenne(mere, None).await?.0, "12.00", "the second evaluation waits for its hour");
    t.au(MARDI_SOIR)?;
    assert_eq!(t.moyenne(mere, None).await?.0, "14.70");
    t.au(CONSEIL)?;
    t.ecole.quinzaine_d_absences(t.eleves[0]).await?;
    t.tenir_conseil().await?;
    t.publier().await?;
    for parent in [mere, pere] {
        assert_eq!(t.bulletins(parent).await?, Vec::<Value>::new(), "before its hour there is none");
    }
    t.au(PUBLICATION)?;
    let bulletin = t.bulletins(mere).await?.pop().context("no bulletin")?;
    assert_eq!(bulletin["contenu"], Value::Null, "what it says is told by reading it");
    let contenu = "bulletin { luLe empreinte contenu { prenom generale { moyenne }
        conseil { synthese avis orientation } assiduite { demiJournees injustifiees retards }
        enseignements { enseignants moyenne { matiere appreciation division { effectif minimum maximum }
            moyenne { moyenne texte } } } } }";
    let read = async |parent: CompteId| -> Result<Value> {
        let input = json!({ "bulletinId": bulletin["id"] });
        Ok(t.ecole.maison.granted(parent, "lireBulletin", input, contenu).await?["bulletin"].take())
    };
    let of_mother = read(mere).await?;
    assert_eq!(of_mother["contenu"]["conseil"]["synthese"], "Bon trimestre.");
    assert_eq!(of_mother["contenu"]["conseil"]["avis"], "COMPLIMENTS");
    assert_eq!(of_mother["contenu"]["generale"]["moyenne"], "14.70");
    let counted = json!({ "demiJournees": 3, "injustifiees": 1, "retards": 2 });
    assert_eq!(of_mother["contenu"]["assiduite"], counted);
    assert!(of_mother["contenu"].to_string().contains("Travail sérieux."));
    assert!(of_mother["contenu"].to_string().contains("\"effectif\":6"));

    // A mark is corrected once the bulletin is out: the average of the day moves, with its reason.
    t.au(APRES)?;
    let correction = json!({ "evaluationId": premiere, "motif": "Exercice 3 oublié",
        "ligne": { "eleveId": t.eleve(0), "resultat": { "etat": "NOTE", "note": "15" } } });
    t.prof("corrigerNote", correction, "").await?;
    let (now, why_now) = t.moyenne(pere, None).await?;
    let (then, why_then) = t.moyenne(pere, Some(PUBLICATION)).await?;
    assert_eq!((now, then), (json!("15.70"), json!("14.70")));
    assert!(why_now.contains("15/20") && why_then.contains("12/20"), "{why_now}\n{why_then}");
    let of_father = read(pere).await?;
    assert_eq!(of_father["contenu"], of_mother["contenu"], "both parents are told the same");
    assert_eq!(of_father["empreinte"], of_mother["empreinte"]);
    assert_ne!(of_father["luLe"], of_mother["luLe"], "each reads it for the first time once");
    assert_eq!(read(mere).await?["luLe"], of_mother["luLe"]);
    let query = "query($id: ID!) { bulletin(id: $id) { lectures { par { id } } contenu { prenom } } }";
    let seen = t.ecole.maison.ask(Some(t.ecole.principal), query, json!({ "id": bulletin["id"] })).await?;
    assert_eq!(seen["bulletin"]["lectures"].as_array().map(Vec::len), Some(2), "{seen:#}");
    let stranger =
        t.ecole.maison.ask(Some(CompteId::derived(&["nobody"])), query, json!({ "id": bulletin["id"] }));
    assert_eq!(stranger.await?["bulletin"], Value::Null);
    t.ecole.maison.close().await
}

/// Absences and lates of a pupil, as another program counts them.
fn comptees(eleve: &str, justifiees: u16, injustifiees: u16) -> Value {
    json!({ "eleveId": eleve, "justifiees": justifiees, "injustifiees": injustifiees, "retards": 2 })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_school_that_follows_absences_elsewhere_gives_them_and_its_livret_leaves() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    let (maison, ecole) = (&t.ecole.maison, &t.ecole);
    t.evaluer().await?;
    assert_eq!(t.assiduite().await?, Value::Null, "nobody looked");
    let donner = |ligne: Value| t.periode(json!({ "lignes": [ligne] }));
    for other in [ecole.enseignante, ecole.cpe] {
        let asked = donner(comptees(&t.eleve(0), 3, 1));
        assert_eq!(maison.refused(other, "donnerAssiduites", asked).await?, "INTERDIT");
    }
    for (ligne, refus) in [
        (comptees(&global("Personne", ecole.parent.0), 3, 1), "ELEVE_HORS_DIVISION"),
        (comptees(&t.eleve(0), 999, 1), "ASSIDUITE_INVRAISEMBLABLE"),
    ] {
        assert_eq!(maison.refused(ecole.principal, "donnerAssiduites", donner(ligne)).await?, refus);
    }
    let fields = "conseilDeClasse { eleves { assiduite { demiJournees injustifiees retards donnee } } }";
    let told = t.chef("donnerAssiduites", donner(comptees(&t.eleve(0), 3, 1)), fields).await?;
    let given = json!({ "demiJournees": 4, "injustifiees": 1, "retards": 2, "donnee": true });
    let lines = told["conseilDeClasse"]["eleves"].as_array().context("no conseil")?;
    let known: Vec<_> = lines.iter().filter(|line| !line["assiduite"].is_null()).collect();
    assert_eq!((known.len(), &known[0]["assiduite"]), (1, &given), "{told:#}");

    t.au(CONSEIL)?;
    t.tenir_conseil().await?;
    t.publier().await?;
    t.au(APRES)?;
    let late = donner(comptees(&t.eleve(0), 3, 2));
    assert_eq!(maison.refused(ecole.principal, "donnerAssiduites", late).await?, "BULLETINS_PUBLIES");
    let query = "query($division: ID!) { precontroleLsu(divisionId: $division, annee: 2026, rang: 1) {
        eleve { id } manques { code } } }";
    let asked = json!({ "division": global("Division", ecole.division) });
    let seen = maison.ask(Some(ecole.principal), query, asked).await?;
    let lines = seen["precontroleLsu"].as_array().context("no livrets")?;
    let lacking = |rank: usize| {
        let id = global("Personne", t.eleves[rank]);
        let line = lines.iter().find(|line| line["eleve"]["id"] == *id);
        line.map(|line| line["manques"].to_string().contains("ASSIDUITE_ABSENTE"))
    };
    assert_eq!([lacking(0), lacking(1)], [Some(false), Some(true)], "{seen:#}");
    maison.bench.runner.catch_up().await?;
    crate::projections::replay::check(&maison.bench).await?;
    t.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absence_that_is_entered_by_hand_takes_nothing_from_what_is_given_of_others() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    let (maison, ecole) = (&t.ecole.maison, &t.ecole);
    let absence = json!({ "dossier": Uuid::from_u128(9), "uai": ecole.uai, "eleveId": t.eleve(1),
        "creneau": { "date": "2026-11-16", "debut": "08:00:00", "fin": "12:00:00" } });
    maison.granted(ecole.cpe, "saisirAbsence", absence, "").await?;
    maison.bench.runner.catch_up().await?;
    let donner = t.periode(json!({ "lignes": [comptees(&t.eleve(0), 3, 1)] }));
    let fields = "conseilDeClasse { eleves { eleve { id } assiduite { demiJournees donnee } } }";
    let told = t.chef("donnerAssiduites", donner, fields).await?;
    let lines = told["conseilDeClasse"]["eleves"].as_array().context("no conseil")?;
    let of = |rank: usize| {
        let id = global("Personne", t.eleves[rank]);
        lines.iter().find(|line| line["eleve"]["id"] == *id).map(|line| line["assiduite"].clone())
    };
    assert_eq!(of(0), Some(json!({ "demiJournees": 4, "donnee": true })), "{told:#}");
    assert_eq!(of(1), Some(json!({ "demiJournees": 1, "donnee": false })), "{told:#}");
    t.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_house_follows_absences_nobody_gives_them_and_what_was_given_gives_way() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    let donner = || t.periode(json!({ "lignes": [comptees(&t.eleve(0), 3, 1)] }));
    t.chef("donnerAssiduites", donner(), "").await?;
    t.ecole.faire_l_appel(&t.ecole.heure("2026-11-20", "08:00:00", "08:55:00"), &[]).await?;
    t.ecole.maison.bench.runner.catch_up().await?;
    assert_eq!(t.assiduite().await?, json!({ "demiJournees": 0, "injustifiees": 0, "retards": 0 }));
    let refused = t.ecole.maison.refused(t.ecole.principal, "donnerAssiduites", donner()).await?;
    assert_eq!(refused, "ASSIDUITE_SUIVIE");
    t.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_conseil_sees_the_absences_that_are_on_record_and_the_bulletin_keeps_them() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    let autre = AutreDivision::de(&t.ecole).await?;
    t.trimestres_de(autre.division).await?;
    assert_eq!(t.assiduite().await?, Value::Null, "nobody has looked yet");
    t.au(CONSEIL)?;
    t.ecole.quinzaine_d_absences(t.eleves[0]).await?;
    let counted = json!({ "demiJournees": 3, "injustifiees": 1, "retards": 2 });
    assert_eq!(t.assiduite().await?, counted);
    let others = t.assiduites(autre.division).await?;
    assert!(!others.is_empty() && others.iter().all(|line| line["assiduite"].is_null()), "{others:?}");
    t.tenir_conseil().await?;
    t.publier().await?;
    let late = t.ecole.heure("2026-11-23", "08:00:00", "11:00:00");
    t.ecole.faire_l_appel(&late, &t.eleves[..1]).await?;
    t.ecole.constater("2026-11-23").await?;
    assert_eq!(t.assiduite().await?, counted, "what the bulletin says is said");
    t.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_period_takes_no_mark_until_it_is_unlocked_with_a_reason() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    let (maison, prof) = (&t.ecole.maison, t.ecole.enseignante);
    let premiere = t.evaluer().await?;
    let tard = t.evaluation(json!({ "titre": "Oubli" })).await?;
    t.chef("verrouillerPeriode", t.periode(json!({})), "").await?;
    let saisir = json!({ "evaluationId": tard, "lignes": t.lignes(&["10"]) });
    assert_eq!(maison.refused(prof, "saisirNotes", saisir.clone()).await?, "PERIODE_VERROUILLEE");
    let correction = json!({ "evaluationId": premiere, "motif": "Erreur",
        "ligne": { "eleveId": t.eleve(0), "resultat": { "etat": "ABSENT" } } });
    assert_eq!(maison.refused(prof, "corrigerNote", correction).await?, "PERIODE_VERROUILLEE");
    let publier = t.periode(json!({}));
    assert_eq!(maison.refused(t.ecole.principal, "publierBulletins", publier).await?, "CONSEIL_NON_REUNI");
    let ouvrir = t.periode(json!({ "motif": "Une évaluation oubliée" }));
    assert_eq!(maison.refused(prof, "deverrouillerPeriode", ouvrir.clone()).await?, "INTERDIT");
    let ecran = "conseilDeClasse { etat deverrouillages { motif } }";
    let ouverte = t.chef("deverrouillerPeriode", ouvrir, ecran).await?;
    assert_eq!(ouverte["conseilDeClasse"]["etat"], "OUVERTE");
    assert_eq!(ouverte["conseilDeClasse"]["deverrouillages"][0]["motif"], "Une évaluation oubliée");
    t.prof("saisirNotes", saisir, "").await?;
    t.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conseil_has_the_whole_division_on_one_screen_and_loses_nobodys_words() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    let maison = &t.ecole.maison;
    t.evaluer().await?;
    t.tenir_conseil().await?;
    let ailleurs = t.periode(json!({ "eleveId": t.eleve(0), "vue": 0, "synthese": "Autre avis." }));
    assert_eq!(maison.refused(t.ecole.principal, "examinerEleve", ailleurs).await?, "EXAMEN_MODIFIE");
    let place = json!({ "divisionId": global("Division", t.ecole.division), "eleveId": t.eleve(0),
        "positionnements": [{ "cycle": "CYCLE_3", "domaine": "LANGUE_FRANCAISE", "niveau": 3 }] });
    t.prof("positionnerEleve", place, "eleve { nom }").await?;
    let query = "query($division: ID!) { conseilDeClasse(divisionId: $division, annee: 2026, rang: 1) {
        libelle etat politique { nom version } generales { effectif minimum maximum mediane moyenne
            explication { sansMoyenne somme moyenneExacte milieu medianeExacte politique { nom } texte } }
        eleves { eleve { id } version examen { synthese avis } generale { moyenne }
            matieres { matiere appreciation moyenne { moyenne } } positionnements { niveau maitrise } } } }";
    let asked = json!({ "division": global("Division", t.ecole.division) });
    let screen = maison.ask(Some(t.ecole.principal), query, asked.clone()).await?["conseilDeClasse"].take();
    assert_eq!((&screen["etat"], &screen["politique"]["version"]), (&json!("CONSEIL"), &json!(1)));
    assert_eq!(screen["generales"]["effectif"], 6, "only who has an average is counted");
    let why = &screen["generales"]["explication"];
    assert_eq!(why["sansMoyenne"], t.ecole.eleves.len() - 6);
    assert_eq!((&why["somme"], &why["moyenneExacte"]), (&json!("763/10"), &json!("763/60")));
    assert_eq!((&why["milieu"], &why["medianeExacte"]), (&json!(["11.70", "14.30"]), &json!("13")));
    let told = why["texte"].as_array().and_then(|lines| lines.last()).context("no text")?;
    assert_eq!(told, "Moyenne : 763/10 points divisés par 6 : 763/60, arrondi à 12,70 sur 20.");
    let lines = screen["eleves"].as_array().context("no pupils")?;
    assert_eq!(lines.len(), t.ecole.eleves.len());
    let first = lines.iter().find(|line| line["version"] == 1).context("nobody was examined")?;
    assert_eq!(first["eleve"]["id"], global("Personne", t.eleves[0]));
    assert_eq!(first["generale"]["moyenne"], "14.70");
    assert_eq!(first["positionnements"][0]["maitrise"], "Maîtrise satisfaisante");
    for stranger in [t.parents[0], t.ecole.administrateur] {
        assert_eq!(maison.ask(Some(stranger), query, asked.clone()).await?["conseilDeClasse"], Value::Null);
    }
    t.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_marks_is_taken_whole_or_not_at_all_and_an_evaluation_is_made_again() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    let (maison, prof) = (&t.ecole.maison, t.ecole.enseignante);
    let evaluation = t.evaluation(json!({ "regime": "SI_ELLE_MONTE", "sousMatiere": "Oral" })).await?;
    let noms: Vec<(String, String)> = sqlx::query_as(
        "SELECT nom, prenom FROM personne WHERE id = ANY ($1) ORDER BY array_position($1, id)",
    )
    .bind(&t.eleves)
    .fetch_all(&maison.bench.views)
    .await?;
    let table = |notes: [&str; 2]| {
        let ligne = |((nom, prenom), note): (&(String, String), &str)| format!("{nom};{prenom};{note}\n");
        "nom;prenom;resultat\n".to_owned() + &noms.iter().zip(notes).map(ligne).collect::<String>()
    };
    let wrong = json!({ "evaluationId": evaluation, "csv": table(["14", "21"]) });
    let told = maison.tell(prof, "importerNotes", wrong, "").await?;
    assert_eq!(told["userErrors"][0]["code"], "TABLEAU_ILLISIBLE");
    assert!(told["userErrors"][0]["message"].as_str().is_some_and(|it| it.contains("ligne 3 : la note 21")));
    let fields = "evaluation { regime sousMatiere notes { resultat { etat note } } }";
    let right = json!({ "evaluationId": evaluation, "csv": table(["14", "ABS"]) });
    let taken = t.prof("importerNotes", right, fields).await?["evaluation"].take();
    assert_eq!(taken["notes"].as_array().map(Vec::len), Some(2));
    assert_eq!((&taken["regime"], &taken["sousMatiere"]), (&json!("SI_ELLE_MONTE"), &json!("Oral")));
    let again = json!({ "evaluationId": evaluation, "date": "2026-11-20",
        "enseignementId": global("Enseignement", t.ecole.enseignement) });
    let copy = t.prof("dupliquerEvaluation", again.clone(), fields).await?["evaluation"].take();
    assert_eq!((&copy["regime"], &copy["notes"]), (&json!("SI_ELLE_MONTE"), &json!([])));
    assert_eq!(maison.refused(t.ecole.collegue, "dupliquerEvaluation", again).await?, "INTERDIT");
    t.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absence_counts_as_zero_where_the_teacher_says_so_until_it_is_excused() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    let premiere = t.evaluation(json!({})).await?;
    let seconde = t.evaluation(json!({ "titre": "Devoir surveillé" })).await?;
    let absent = |compte_zero: bool| json!({ "eleveId": t.eleve(0), "resultat": { "etat": "ABSENT", "compteZero": compte_zero } });
    t.prof("saisirNotes", json!({ "evaluationId": premiere, "lignes": t.lignes(&["12"]) }), "").await?;
    t.prof("saisirNotes", json!({ "evaluationId": seconde, "lignes": [absent(true)] }), "").await?;
    for evaluation in [&premiere, &seconde] {
        t.prof("publierEvaluation", json!({ "evaluationId": evaluation }), "").await?;
    }
    let mere = t.parents[0];
    let (moyenne, why) = t.moyenne(mere, None).await?;
    assert_eq!(moyenne, "6.00");
    assert!(why.contains("Devoir surveillé : absent, coefficient 1 ; comptée zéro"), "{why}");

    let excuse = json!({ "evaluationId": seconde, "ligne": absent(false), "motif": "Certificat médical" });
    t.prof("corrigerNote", excuse, "").await?;
    let (moyenne, why) = t.moyenne(mere, None).await?;
    assert_eq!(moyenne, "12.00");
    assert!(why.contains("Devoir surveillé : absent, coefficient 1 ; pas de note, ne compte pas"), "{why}");
    let query = "query($id: ID!) { eleve(id: $id) { notes(first: 5) { nodes {
        titre resultat { etat compteZero texte } corrections { avant { texte } motif } } } } }";
    let seen = t.ecole.maison.ask(Some(mere), query, json!({ "id": t.eleve(0) })).await?;
    let notes = seen["eleve"]["notes"]["nodes"].as_array().context("no marks")?;
    let told = notes.iter().find(|note| note["titre"] == "Devoir surveillé").context("it is not told")?;
    let sans_effet = "absent, sans effet sur la moyenne";
    assert_eq!(told["resultat"], json!({ "etat": "ABSENT", "compteZero": false, "texte": sans_effet }));
    let correction = json!([{ "avant": { "texte": "absent, compté zéro" }, "motif": "Certificat médical" }]);
    assert_eq!(told["corrections"], correction);
    t.ecole.maison.close().await
}
