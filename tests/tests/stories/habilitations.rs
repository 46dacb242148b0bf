//! Who warns, and who is let in for a time: mises en garde, habilitations, interventions.

use super::cahier::get;
use super::doublons::{merge, twin};
use anyhow::{Context, Result};
use axum::http::StatusCode;
use chrono::TimeDelta;
use commands::Demande;
use commands::rights::Acteur;
use domain::{CommandeId, CompteId};
use ledger::clock::Clock;
use recits::{Ecole, exploitant, global, personal};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn a_directeur_who_was_warned_has_read_it_and_answers_on_the_record() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let warning = json!({ "portail": ecole.portail, "miseEnGarde": Uuid::from_u128(9),
        "gravite": "MISE_EN_GARDE", "objet": "Photos", "texte": "Des élèves y sont sans accord." });
    for other in [ecole.principal, ecole.cpe, ecole.enseignante, exploitant()] {
        assert_eq!(maison.refused(other, "mettreEnGarde", warning.clone()).await?, "INTERDIT");
    }
    let fields = "miseEnGarde { id texte directeur { id } }";
    let said = maison.granted(ecole.administrateur, "mettreEnGarde", warning, fields).await?;
    assert_eq!(said["miseEnGarde"]["directeur"]["id"], json!(global("Personne", ecole.principal.0)));
    let id = said["miseEnGarde"]["id"].clone();
    let list = "query($p: String!) { portail(nom: $p) { misesEnGarde(first: 5) { nodes { objet texte lueLe reponse } } } }";
    let variables = json!({ "p": ecole.portail });
    let told = maison.ask(Some(ecole.principal), list, variables.clone()).await?;
    let unread = json!([{ "objet": "Photos", "texte": null, "lueLe": null, "reponse": null }]);
    assert_eq!(told["portail"]["misesEnGarde"]["nodes"], unread, "reading it is a fact");
    let told = maison.ask(Some(ecole.enseignante), list, variables.clone()).await?;
    assert_eq!(told["portail"]["misesEnGarde"], Value::Null);
    let one = json!({ "miseEnGardeId": id });
    assert_eq!(maison.refused(ecole.administrateur, "lireMiseEnGarde", one.clone()).await?, "INTERDIT");
    let read = maison.granted(ecole.principal, "lireMiseEnGarde", one, "miseEnGarde { texte lueLe }").await?;
    assert_eq!(read["miseEnGarde"]["texte"], json!("Des élèves y sont sans accord."));
    assert!(read["miseEnGarde"]["lueLe"].is_string());
    let answer = json!({ "miseEnGardeId": id, "reponse": "Retirées ce matin." });
    maison.granted(ecole.principal, "repondreMiseEnGarde", answer, "miseEnGarde { id }").await?;
    let told = maison.ask(Some(ecole.administrateur), list, variables).await?;
    assert_eq!(told["portail"]["misesEnGarde"]["nodes"][0]["reponse"], json!("Retirées ce matin."));
    let other = json!({ "miseEnGardeId": id, "reponse": "Rien à dire." });
    let refused = maison.refused(ecole.principal, "repondreMiseEnGarde", other).await?;
    assert_eq!(refused, "MISE_EN_GARDE_DEJA_REPONDUE");
    ecole.maison.close().await
}

/// What there is to let somebody into.
const PERIMETRES: [&str; 5] = ["ANNUAIRE", "PUBLICATIONS", "ABSENCES", "NOTES", "CAHIER_DE_TEXTES"];

/// The Région's président has designated two persons, each under a compte of its own.
struct Region {
    ecole: Ecole,
    president: CompteId,
    un: CompteId,
    deux: CompteId,
}

impl Region {
    async fn ouvrir() -> Result<Self> {
        let ecole = Ecole::ouvrir().await?;
        let maison = &ecole.maison;
        let demande = Demande {
            acteur: Acteur::console(),
            commande: CommandeId::derived(&["partenaires"]),
            corps: Vec::new(),
            cause: None,
        };
        maison.commands.ouvrir_portails_partenaires(&demande).await?;
        maison.bench.runner.catch_up().await?;
        let president = ecole.collegue;
        let direction = json!({ "portail": "www", "directeurId": global("Personne", president.0),
            "qualite": "président du Conseil régional", "depuis": "2026-09-01" });
        maison.granted(exploitant(), "prendreDirection", direction, "portail { hote }").await?;
        let [un, deux] = ["un", "deux"].map(|name| CompteId::derived(&["habilité", name]));
        let region = Self { president, un, deux, ecole };
        region.habiliter(un, region.ecole.enseignante, 1).await?;
        region.habiliter(deux, region.ecole.cpe, 2).await?;
        Ok(region)
    }

    async fn habiliter(&self, compte: CompteId, personne: CompteId, number: u128) -> Result<()> {
        let habilitation = json!({ "portail": "www", "habilitation": Uuid::from_u128(number),
            "compte": compte.0, "personneId": global("Personne", personne.0),
            "perimetres": PERIMETRES, "du": "2026-09-01", "au": "2027-09-01" });
        let maison = &self.ecole.maison;
        maison.granted(self.president, "accorderHabilitation", habilitation, "habilitation { id }").await?;
        Ok(())
    }

    /// Asks for an intervention on the collège's portal: its id, and where it stands.
    async fn demander(&self, qui: CompteId, perimetre: &str, number: u128) -> Result<(Value, Value)> {
        let asked = json!({ "portail": self.ecole.portail, "intervention": Uuid::from_u128(number),
            "perimetres": [perimetre], "motif": "Absences en double", "ticket": "INC-1234", "minutes": 60 });
        let fields = "intervention { id etat }";
        let asked = self.ecole.maison.granted(qui, "demanderIntervention", asked, fields).await?;
        Ok((asked["intervention"]["id"].clone(), asked["intervention"]["etat"].clone()))
    }

    /// The same, and the second person signs where it takes two: its id.
    async fn ouvrir_sur(&self, perimetre: &str, number: u128) -> Result<Value> {
        let (id, etat) = self.demander(self.un, perimetre, number).await?;
        if etat == json!("DEMANDEE") {
            let sign = json!({ "interventionId": id });
            self.ecole.maison.granted(self.deux, "contresignerIntervention", sign, "").await?;
        }
        Ok(id)
    }

    /// The parts of the house of which one thing each is shown to who may be let in.
    async fn lu(&self, publication: &Value) -> Result<BTreeSet<&'static str>> {
        let ecole = &self.ecole;
        let query = "query($d: ID!, $e: ID!, $n: ID!, $p: ID!) {
            division(id: $d) { code } publication(id: $p) { titre }
            eleve(id: $e) { absences(first: 1) { nodes { debut } } notes(first: 1) { nodes { titre } } }
            cahierDeTextes(enseignementId: $n, du: \"2026-11-01\", au: \"2026-11-30\") { visas { jusquAu } } }";
        let variables = json!({ "d": global("Division", ecole.division), "e": global("Eleve", ecole.eleves[0]),
            "n": global("Enseignement", ecole.enseignement), "p": publication });
        let said = ecole.maison.ask(Some(self.un), query, variables).await?;
        let (eleve, cahier) = (&said["eleve"], &said["cahierDeTextes"]);
        let things = [&said["division"], &said["publication"], &eleve["absences"], &eleve["notes"], cahier];
        let shown = PERIMETRES.into_iter().zip(things).filter(|(_, one)| !one.is_null());
        Ok(shown.map(|(part, _)| part).collect())
    }

    async fn absences(&self, qui: CompteId) -> Result<Value> {
        let query = "query($e: ID!) { eleve(id: $e) { absences(first: 5) { nodes { debut } } notes(first: 5) { nodes { titre } } } }";
        let variables = json!({ "e": global("Eleve", self.ecole.eleves[0]) });
        Ok(self.ecole.maison.ask(Some(qui), query, variables).await?["eleve"].take())
    }

    async fn interventions(&self, qui: CompteId) -> Result<Value> {
        self.ecole.maison.bench.runner.catch_up().await?;
        let query = "query($p: String!) { portail(nom: $p) { interventions(first: 5) { nodes {
            etat motif ticket personne { id } contresigneePar { id } compteRendu
            lectures(first: 20) { nodes { objet perimetre } } avis { nature directeur { id } } } } } }";
        let variables = json!({ "p": self.ecole.portail });
        Ok(self.ecole.maison.ask(Some(qui), query, variables).await?["portail"]["interventions"].take())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gravest_is_opened_by_a_second_person_and_every_reading_is_on_the_record() -> Result<()> {
    let region = Region::ouvrir().await?;
    let maison = &region.ecole.maison;
    assert_eq!(region.absences(region.un).await?, Value::Null, "an habilitation alone opens nothing");
    let (id, etat) = region.demander(region.un, "ABSENCES", 11).await?;
    assert_eq!(etat, json!("DEMANDEE"));
    assert_eq!(region.absences(region.un).await?, Value::Null);
    let sign = json!({ "interventionId": id });
    let refused = maison.refused(region.un, "contresignerIntervention", sign.clone()).await?;
    assert_eq!(refused, "SECONDE_PERSONNE_REQUISE");
    assert_eq!(maison.refused(exploitant(), "contresignerIntervention", sign.clone()).await?, "INTERDIT");
    let fields = "intervention { etat }";
    let open = maison.granted(region.deux, "contresignerIntervention", sign, fields).await?;
    assert_eq!(open["intervention"]["etat"], json!("OUVERTE"));
    let read = region.absences(region.un).await?;
    assert!(read["absences"].is_object(), "{read}");
    assert_eq!(read["notes"], Value::Null, "it is open on the absences alone");
    assert_eq!(region.absences(region.deux).await?, Value::Null, "who signs does not come in");
    let told = region.interventions(region.ecole.principal).await?;
    let who = |compte: CompteId| json!({ "id": global("Personne", compte.0) });
    let objet = format!("Eleve {}", region.ecole.eleves[0]);
    assert_eq!(
        told["nodes"],
        json!([{ "etat": "OUVERTE", "motif": "Absences en double", "ticket": "INC-1234",
            "personne": who(region.ecole.enseignante), "contresigneePar": who(region.ecole.cpe),
            "compteRendu": null,
            "lectures": { "nodes": [{ "objet": objet, "perimetre": "ABSENCES" }] },
            "avis": [{ "nature": "OUVERTURE", "directeur": who(region.ecole.principal) }] }])
    );
    for other in [region.ecole.enseignante, region.ecole.parent, region.president] {
        assert_eq!(region.interventions(other).await?, Value::Null);
    }
    region.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intervention_shows_its_own_part_until_it_is_closed_or_its_time_is_over() -> Result<()> {
    let region = Region::ouvrir().await?;
    let (ecole, maison) = (&region.ecole, &region.ecole.maison);
    let redaction = json!({ "portail": ecole.portail, "titre": "Brouillon", "corps": "Pas encore." });
    let written =
        maison.granted(ecole.enseignante, "redigerActualite", redaction, "publication { id }").await?;
    let publication = &written["publication"]["id"];
    let nothing = BTreeSet::new();
    assert_eq!(region.lu(publication).await?, nothing);
    for (part, number) in PERIMETRES.into_iter().zip(51..) {
        let id = region.ouvrir_sur(part, number).await?;
        assert_eq!(region.lu(publication).await?, BTreeSet::from([part]));
        let close = json!({ "interventionId": id, "compteRendu": "Vu." });
        maison.granted(region.un, "cloreIntervention", close, "").await?;
        assert_eq!(region.lu(publication).await?, nothing, "{part} is closed");
    }
    for (part, number) in PERIMETRES.into_iter().zip(61..) {
        region.ouvrir_sur(part, number).await?;
    }
    assert_eq!(region.lu(publication).await?, BTreeSet::from(PERIMETRES));
    let clock = &maison.bench.clock;
    clock.set(clock.now() + TimeDelta::minutes(60));
    assert_eq!(region.lu(publication).await?, nothing, "an hour later");
    region.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inspecteur_puts_a_visa_during_an_intervention_on_the_cahiers_and_on_nothing_else() -> Result<()> {
    let region = Region::ouvrir().await?;
    let (ecole, maison) = (&region.ecole, &region.ecole.maison);
    let enseignement = global("Enseignement", ecole.enseignement);
    let viser = json!({ "enseignementId": enseignement, "jusquAu": "2026-11-20" });
    let (notes, _) = region.demander(region.un, "NOTES", 41).await?;
    maison.granted(region.deux, "contresignerIntervention", json!({ "interventionId": notes }), "").await?;
    assert_eq!(maison.refused(region.un, "viserCahier", viser.clone()).await?, "INTERDIT");
    let (cahiers, etat) = region.demander(region.un, "CAHIER_DE_TEXTES", 42).await?;
    assert_eq!(etat, json!("DEMANDEE"), "what pupils hand in is there too");
    maison.granted(region.deux, "contresignerIntervention", json!({ "interventionId": cahiers }), "").await?;
    maison.granted(region.un, "viserCahier", viser, "").await?;
    let query =
        "query($id: ID!) { cahierDeTextes(enseignementId: $id, du: \"2026-11-01\", au: \"2026-11-30\") {
        visas { jusquAu inspection } } }";
    let seen = maison.ask(Some(region.un), query, json!({ "id": enseignement })).await?;
    let visas = json!([{ "jusquAu": "2026-11-20", "inspection": true }]);
    assert_eq!(seen["cahierDeTextes"]["visas"], visas);
    let archive = format!("/cahiers/{}/2026.json", ecole.enseignement);
    assert_eq!(get(ecole, Some(region.un), &archive).await?.0, StatusCode::OK);
    assert_eq!(get(ecole, Some(region.deux), &archive).await?.0, StatusCode::NOT_FOUND);
    let told = region.interventions(ecole.principal).await?;
    let told = told["nodes"].as_array().context("no list")?;
    let readings = told.iter().flat_map(|one| one["lectures"]["nodes"].as_array().into_iter().flatten());
    let objet = format!("Enseignement {}", ecole.enseignement);
    let one = json!({ "objet": objet, "perimetre": "CAHIER_DE_TEXTES" });
    assert_eq!(readings.collect::<Vec<_>>(), [&one, &one], "a file is a reading too");
    region.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_end_with_the_time_of_the_intervention_and_the_directeur_is_told() -> Result<()> {
    let region = Region::ouvrir().await?;
    let maison = &region.ecole.maison;
    let (_, etat) = region.demander(region.un, "ANNUAIRE", 12).await?;
    assert_eq!(etat, json!("OUVERTE"), "nothing in it is grave");
    let list = "query($d: ID!) { division(id: $d) { eleves { nom } } }";
    let variables = json!({ "d": global("Division", region.ecole.division) });
    let told = maison.ask(Some(region.un), list, variables.clone()).await?;
    assert!(told["division"]["eleves"].as_array().is_some_and(|found| !found.is_empty()));
    let elsewhere: Uuid =
        sqlx::query_scalar("SELECT d.id FROM division d JOIN etablissement e ON e.id = d.etablissement WHERE e.uai <> $1 LIMIT 1")
            .bind(&region.ecole.uai)
            .fetch_one(&maison.bench.views)
            .await?;
    let other = json!({ "d": global("Division", elsewhere) });
    assert_eq!(maison.ask(Some(region.un), list, other).await?["division"], Value::Null);
    maison.bench.clock.set("2026-11-23T08:00:00Z".parse()?);
    assert_eq!(maison.ask(Some(region.un), list, variables).await?["division"], Value::Null, "an hour later");
    let demande = |id: domain::InterventionId| Demande {
        acteur: Acteur::console(),
        commande: CommandeId::derived(&["expiration", &id.to_string()]),
        corps: Vec::new(),
        cause: None,
    };
    assert_eq!(maison.commands.constater_expirations(demande).await?, 1);
    maison.bench.runner.catch_up().await?;
    assert_eq!(maison.commands.constater_expirations(demande).await?, 0);
    let told = region.interventions(region.ecole.principal).await?;
    let node = &told["nodes"][0];
    assert_eq!(node["etat"], json!("EXPIREE"));
    assert_eq!(node["avis"][1]["nature"], json!("EXPIRATION"));
    assert_eq!(node["lectures"]["nodes"].as_array().map(Vec::len), Some(1), "{node}");
    region.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intervention_is_closed_with_a_report_and_an_habilitation_can_be_revoked() -> Result<()> {
    let region = Region::ouvrir().await?;
    let maison = &region.ecole.maison;
    let (id, _) = region.demander(region.un, "ANNUAIRE", 13).await?;
    let close = json!({ "interventionId": id, "compteRendu": "Doublons retirés." });
    maison.granted(region.un, "cloreIntervention", close, "intervention { etat }").await?;
    let list = "query($d: ID!) { division(id: $d) { code } }";
    let variables = json!({ "d": global("Division", region.ecole.division) });
    assert_eq!(maison.ask(Some(region.un), list, variables.clone()).await?["division"], Value::Null);
    let told = region.interventions(region.ecole.principal).await?;
    assert_eq!(told["nodes"][0]["compteRendu"], json!("Doublons retirés."));
    assert_eq!(told["nodes"][0]["avis"][1]["nature"], json!("CLOTURE"));
    region.demander(region.un, "ANNUAIRE", 14).await?;
    let revocation = json!({ "habilitationId": global("Habilitation", Uuid::from_u128(1)),
        "motif": "Fin de mission", "le": "2026-11-23" });
    maison.granted(region.president, "revoquerHabilitation", revocation, "habilitation { jusque }").await?;
    assert_eq!(maison.ask(Some(region.un), list, variables).await?["division"], Value::Null);
    let asked = json!({ "portail": region.ecole.portail, "intervention": Uuid::from_u128(15),
        "perimetres": ["ANNUAIRE"], "motif": "Encore", "ticket": "INC-1235", "minutes": 60 });
    assert_eq!(maison.refused(region.un, "demanderIntervention", asked).await?, "INTERDIT");
    let told = maison
        .ask(Some(region.president), "{ portail(nom: \"www\") { habilitations { motifDeFin } } }", json!({}))
        .await?;
    let ended = told["portail"]["habilitations"].as_array().context("no list")?;
    assert!(ended.iter().any(|one| one["motifDeFin"] == json!("Fin de mission")), "{told}");
    let of_a_day = "query($le: NaiveDate) { portail(nom: \"www\") {
        habilitations(le: $le) { personne { id } } } }";
    let of = |who: CompteId| json!({ "personne": { "id": global("Personne", who.0) } });
    let (une, autre) = (of(region.ecole.enseignante), of(region.ecole.cpe));
    for (le, running) in
        [("2026-11-22", vec![&une, &autre]), ("2026-11-23", vec![&autre]), ("2026-08-31", vec![])]
    {
        let told = maison.ask(Some(region.president), of_a_day, json!({ "le": le })).await?;
        let told = told["portail"]["habilitations"].as_array().context("no list")?;
        let all = running.iter().all(|one| told.contains(one));
        assert!(all && told.len() == running.len(), "{le}: {told:?}");
    }
    region.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_etablissement_habilitates_for_its_own_portal_and_a_departement_for_none() -> Result<()> {
    let region = Region::ouvrir().await?;
    let maison = &region.ecole.maison;
    let trois = CompteId::derived(&["habilité", "trois"]);
    let own = json!({ "portail": region.ecole.portail, "habilitation": Uuid::from_u128(3),
        "compte": trois.0, "personneId": global("Personne", region.ecole.cpe.0),
        "perimetres": ["NOTES"], "du": "2026-09-01", "au": "2026-12-01" });
    maison.granted(region.ecole.principal, "accorderHabilitation", own, "habilitation { id }").await?;
    let asked = |portail: &str, perimetre: &str| {
        json!({ "portail": portail, "intervention": Uuid::from_u128(16), "perimetres": [perimetre],
            "motif": "Contrôle", "ticket": "1", "minutes": 60 })
    };
    assert_eq!(maison.refused(trois, "demanderIntervention", asked("www", "NOTES")).await?, "INTERDIT");
    let beyond =
        maison.refused(trois, "demanderIntervention", asked(&region.ecole.portail, "ANNUAIRE")).await?;
    assert_eq!(beyond, "NON_HABILITE");
    let direction = json!({ "portail": "isere", "directeurId": global("Personne", region.president.0),
        "qualite": "président du Conseil départemental", "depuis": "2026-09-01" });
    maison.granted(exploitant(), "prendreDirection", direction, "portail { hote }").await?;
    let none = json!({ "portail": "isere", "habilitation": Uuid::from_u128(4),
        "compte": CompteId::derived(&["quatre"]).0, "personneId": global("Personne", region.ecole.cpe.0),
        "perimetres": ["ANNUAIRE"], "du": "2026-09-01", "au": "2026-12-01" });
    let refused = maison.refused(region.president, "accorderHabilitation", none).await?;
    assert_eq!(refused, "DESIGNATION_IMPOSSIBLE");
    let personal = json!({ "portail": "www", "habilitation": Uuid::from_u128(5),
        "compte": region.ecole.cpe.0, "personneId": global("Personne", region.ecole.cpe.0),
        "perimetres": ["ANNUAIRE"], "du": "2026-09-01", "au": "2026-12-01" });
    let refused = maison.refused(region.president, "accorderHabilitation", personal).await?;
    assert_eq!(refused, "COMPTE_NON_DISTINCT");
    region.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_two_fiches_is_not_two_persons() -> Result<()> {
    let region = Region::ouvrir().await?;
    let (ecole, maison) = (&region.ecole, &region.ecole.maison);
    let twin = twin(ecole, ecole.enseignante).await?;
    let trois = CompteId::derived(&["habilité", "trois"]);
    region.habiliter(trois, personal(twin.0), 3).await?;
    let (id, _) = region.demander(region.un, "NOTES", 31).await?;
    maison.granted(ecole.principal, "fusionnerFiches", merge(ecole, twin, ecole.enseignante), "").await?;
    maison.bench.runner.catch_up().await?;
    let sign = json!({ "interventionId": id });
    let refused = maison.refused(trois, "contresignerIntervention", sign.clone()).await?;
    assert_eq!(refused, "SECONDE_PERSONNE_REQUISE");
    maison.granted(region.deux, "contresignerIntervention", sign, "").await?;
    region.ecole.maison.close().await
}
