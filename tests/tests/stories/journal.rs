//! Who reads the journal of a portal, and how.

use anyhow::{Context, Result, bail};
use domain::{AnneeScolaire, CompteId, Event, PortailId};
use ledger::feed::{Journal, facts_after};
use recits::{Ecole, exploitant, global};
use serde_json::{Value, json};

const JOURNAL: &str = "query($portail: String!, $filtre: FiltreInput) { portail(nom: $portail) {
    journal(first: 50, motif: \"contrôle\", filtre: $filtre) { edges { node { type personne { id } } } } } }";

#[tokio::test(flavor = "multi_thread")]
async fn only_the_directeur_de_publication_reads_his_portals_journal() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let variables = json!({ "portail": ecole.portail });
    let read = maison.ask(Some(ecole.principal), JOURNAL, variables.clone()).await?;
    assert_eq!(read["portail"]["journal"]["edges"].as_array().map(Vec::len), Some(3));
    let others = [ecole.enseignante, ecole.cpe, ecole.parent, ecole.administrateur, exploitant()];
    for other in others.map(Some).into_iter().chain([None]) {
        let read = maison.ask(other, JOURNAL, variables.clone()).await?;
        assert_eq!(read["portail"]["journal"], Value::Null, "{other:?}");
    }
    ecole.maison.close().await
}

/// What the journal says to the directeur of who reported a content of `auteur`.
async fn reported(ecole: &Ecole, auteur: CompteId) -> Result<(Value, usize)> {
    let maison = &ecole.maison;
    let redaction = json!({ "portail": ecole.portail, "titre": "Sortie", "corps": "Jeudi." });
    let redigee = maison.granted(auteur, "redigerActualite", redaction, "publication { id }").await?;
    let publication = redigee["publication"]["id"].clone();
    let parution = json!({ "publicationId": publication, "version": 1, "audience": "PUBLIC" });
    maison.granted(ecole.principal, "publierPublication", parution, "").await?;
    let notice = json!({ "publicationId": publication, "version": 1, "motif": "AUTRE",
        "explication": "C'est vendredi.", "bonneFoi": true });
    let recu = maison.granted(ecole.parent, "signalerContenu", notice, "signalement { id }").await?;
    let query = "query($portail: String!, $filtre: FiltreInput, $apres: Position) { portail(nom: $portail) {
        journal(first: 50, motif: \"contrôle\", filtre: $filtre, apres: $apres) { nodes { compte commande personne { id } } } } }";
    let read = async |filtre: Value| {
        let variables = json!({ "portail": ecole.portail, "filtre": filtre, "apres": recu["position"] });
        let read = maison.ask(Some(ecole.principal), query, variables).await?;
        anyhow::Ok(read["portail"]["journal"]["nodes"].clone())
    };
    let newest = read(json!({ "type": "publications.signalement" })).await?[0].clone();
    let sought =
        json!({ "type": "publications.signalement", "personneId": global("Personne", ecole.parent.0) });
    Ok((newest, read(sought).await?.as_array().map_or(0, Vec::len)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directeur_does_not_learn_who_reported_his_own_content() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (of_another, found) = reported(&ecole, ecole.enseignante).await?;
    assert_eq!(of_another["compte"], json!(ecole.parent.0));
    assert_eq!(of_another["personne"]["id"], json!(global("Personne", ecole.parent.0)));
    assert_eq!(found, 1);
    let (own, found) = reported(&ecole, ecole.principal).await?;
    assert_eq!(own, json!({ "compte": null, "commande": null, "personne": null }));
    assert_eq!(found, 1, "to look for a person does not tell it either");
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_is_filtered_by_type_person_and_time() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let count = async |filtre: Value| -> Result<usize> {
        let variables = json!({ "portail": ecole.portail, "filtre": filtre });
        let read = ecole.maison.ask(Some(ecole.principal), JOURNAL, variables).await?;
        Ok(read["portail"]["journal"]["edges"].as_array().map_or(0, Vec::len))
    };
    assert_eq!(count(json!({ "type": "portails" })).await?, 3);
    assert_eq!(count(json!({ "type": "portails.portail.ouvert" })).await?, 1);
    assert_eq!(count(json!({ "type": "portails.portail.ouv" })).await?, 0, "a type is not cut in its middle");
    assert_eq!(
        count(json!({ "type": "portails", "personneId": global("Personne", ecole.principal.0) })).await?,
        1
    );
    assert_eq!(count(json!({ "type": "portails", "du": "2026-11-24T00:00:00Z" })).await?, 0);
    assert_eq!(count(json!({ "type": "portails", "au": "2026-11-24T00:00:00Z" })).await?, 3);
    ecole.maison.close().await
}

/// Every consultation on the record of the portal: type, compte, office and content.
pub(super) async fn consultations(ecole: &Ecole) -> Result<Vec<(String, CompteId, String, Value)>> {
    consultations_at(ecole, ecole.portail.parse()?).await
}

/// The same of any portal.
pub(super) async fn consultations_at(
    ecole: &Ecole,
    portail: PortailId,
) -> Result<Vec<(String, CompteId, String, Value)>> {
    let bench = &ecole.maison.bench;
    let journal = Journal { portail, annee: AnneeScolaire(2026) };
    let mut connection = bench.ledger.pool().acquire().await?;
    let kinds = &["journal.consultation"];
    let facts = facts_after(&mut connection, &bench.another_ring(), &journal, 0, kinds, 100).await?;
    let told = facts.iter().map(|fact| {
        let content = match fact.event() {
            Some(Event::Consultation(event)) => serde_json::to_value(event)?["data"].take(),
            other => bail!("{other:?}"),
        };
        let envelope = &fact.envelope;
        Ok((envelope.event_type.clone(), envelope.actor.compte, envelope.actor.office.clone(), content))
    });
    told.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_the_journal_is_on_the_record_before_anything_is_shown() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let variables = json!({ "portail": ecole.portail, "filtre": { "type": "portails" } });
    ecole.maison.ask(Some(ecole.principal), JOURNAL, variables).await?;
    let (faite, compte, office, content) = consultations(&ecole).await?.pop().context("nothing recorded")?;
    assert_eq!(faite, "journal.consultation.faite");
    assert_eq!((compte, office.as_str()), (ecole.principal, "directeur_de_publication"));
    assert_eq!(
        content,
        json!({ "motif": "contrôle", "portee":
            { "nature": "lecture", "annee": 2026, "objet": "type portails, 50 au plus" } })
    );
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_refused_is_on_the_record_once_a_minute_and_who_has_no_compte_is_not() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let variables = json!({ "portail": ecole.portail });
    for who in [Some(ecole.cpe), Some(ecole.cpe), None] {
        let read = ecole.maison.ask(who, JOURNAL, variables.clone()).await?;
        assert_eq!(read["portail"]["journal"], Value::Null);
    }
    let recorded = consultations(&ecole).await?;
    let [(refusee, compte, office, content)] = recorded.as_slice() else { bail!("{recorded:?}") };
    assert_eq!((refusee.as_str(), *compte), ("journal.consultation.refusee", ecole.cpe));
    assert_eq!((office.as_str(), &content["motif"]), ("aucun", &json!("contrôle")));
    let elsewhere = ecole.maison.ask(Some(ecole.cpe), JOURNAL, json!({ "portail": "0000000z" })).await?;
    assert_eq!(elsewhere["portail"], Value::Null);
    assert!(
        ecole
            .maison
            .bench
            .journals()
            .await?
            .iter()
            .all(|(journal, _)| journal.portail.as_str() != "0000000z")
    );
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_is_not_read_without_a_motive() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let query =
        "query($portail: String!) { portail(nom: $portail) { journal(first: 5) { nodes { type } } } }";
    let answer =
        ecole.maison.answer(Some(ecole.principal), query, json!({ "portail": ecole.portail })).await?;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "MOTIF_MANQUANT", "{answer}");
    assert_eq!(answer["data"]["portail"]["journal"], Value::Null);
    assert!(consultations(&ecole).await?.is_empty());
    ecole.maison.close().await
}
