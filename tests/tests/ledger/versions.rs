//! What an earlier program recorded is read as today's.

use anyhow::Result;
use domain::notes::{
    Evaluation, EvaluationCommand, EvaluationEvent, FicheEvaluation, LigneDeNote, Regime, Resultat, Valeur,
};
use domain::{
    Aggregate, AnneeScolaire, DivisionId, EnseignementId, EvaluationId, EvenementId, Event, PersonneId,
    Retention,
};
use ledger::envelope::{Envelope, FORMAT, Stream, leaf_hash};
use ledger::feed::facts_after;
use ledger::keys::{KeyName, Subject};
use ledger::seal::seal;
use recits::{Bench, portail};
use serde_json::json;
use sqlx::PgPool;
use std::collections::BTreeSet;

/// A mark as programs wrote it before `note_saisie` had its second version, appended as
/// they did: sealed, in an envelope, through the one door.
async fn record_of_an_earlier_program(
    bench: &Bench,
    evaluation: EvaluationId,
    eleve: PersonneId,
) -> Result<()> {
    let recorded_at = bench.ledger.clock().now();
    let period = AnneeScolaire::at(recorded_at);
    let name =
        KeyName { subject: Subject::Personne(eleve), retention: Retention::Scolarite, period: period.into() };
    let keys = bench.keys.for_names(&BTreeSet::from([name.clone()])).await?;
    let event_type = "notes.evaluation.note_saisie".to_owned();
    let payload = json!({ "type": event_type, "data": { "eleve": eleve, "note": "12.5" } });
    let event_id = EvenementId::derived(&["of an earlier program"]);
    let sealed = seal(&keys[&name].bytes, event_id, &serde_json::to_vec(&payload)?)?;
    let context = bench.context(&portail("0690001b"), &["earlier"]);
    let envelope = Envelope {
        format: FORMAT,
        event_id,
        event_type,
        version: 1,
        portail: context.portail,
        annee: period,
        stream: Stream { kind: Evaluation::TYPE.to_owned(), id: evaluation.to_string() },
        sequence: 2,
        recorded_at,
        business_date: context.business_date,
        actor: context.actor,
        authority: context.authority,
        command_id: context.command_id,
        cause: None,
        key_id: keys[&name].id,
        ct_sha256: sealed.ct_sha256,
        commit: sealed.commit,
    };
    append(bench.ledger.pool(), &envelope, &sealed.text).await
}

async fn append(app: &PgPool, envelope: &Envelope, payload: &str) -> Result<()> {
    let leaf = envelope.to_canonical()?;
    let verdict: String = sqlx::query_scalar(
        "SELECT verdict FROM ledger.append($1, $2, ARRAY[$3], ARRAY[$4], ARRAY[$5], ARRAY[1], ARRAY[$6],
             ARRAY[$7], ARRAY[$8], ARRAY[$9], ARRAY[$10], ARRAY[$11], ARRAY[$12], ARRAY[$13], ARRAY[$14])",
    )
    .bind(envelope.recorded_at)
    .bind(envelope.annee.0)
    .bind(envelope.command_id.0)
    .bind([0_u8; 32].as_slice())
    .bind(envelope.portail.as_str())
    .bind(&envelope.stream.kind)
    .bind(&envelope.stream.id)
    .bind(i64::try_from(envelope.sequence)?)
    .bind(&envelope.event_type)
    .bind(envelope.version.to_string())
    .bind(payload)
    .bind(&leaf)
    .bind(envelope.key_id.0)
    .bind(leaf_hash(leaf.as_bytes()).as_slice())
    .fetch_one(app)
    .await?;
    assert_eq!(verdict, "recorded");
    Ok(())
}

fn fiche() -> FicheEvaluation {
    FicheEvaluation {
        enseignement: EnseignementId::derived(&["maths"]),
        auditoire: DivisionId::derived(&["6A"]).into(),
        titre: "Fractions".to_owned(),
        date: "2026-11-23".parse().unwrap(),
        bareme: Valeur::whole(20),
        coefficient: Valeur::whole(1),
        formative: false,
        sous_matiere: None,
        regime: Regime::Obligatoire,
    }
}

#[tokio::test]
async fn a_mark_of_an_earlier_program_is_read_as_todays_by_the_feed_and_by_its_aggregate() -> Result<()> {
    let bench = Bench::open().await?;
    let (evaluation, eleve) = (EvaluationId::derived(&["fractions"]), PersonneId::derived(&["Zoé"]));
    let auteur = PersonneId::derived(&["enseignante"]);
    let context = |command: &str| bench.context(&portail("0690001b"), &[command]);
    let created = EvaluationCommand::CreerEvaluation { fiche: fiche(), auteur };
    bench.record::<Evaluation>(context("create"), evaluation, created).await?;
    record_of_an_earlier_program(&bench, evaluation, eleve).await?;

    let resultat = Resultat::Note { valeur: "12.5".parse()? };
    let (journal, _) = bench.journals().await?.remove(0);
    assert_eq!(bench.verify(&journal).await?.fault, None);
    let mut connection = bench.ledger.pool().acquire().await?;
    let facts = facts_after(&mut connection, &bench.keys, &journal, 1, &[], 10).await?;
    let read: Vec<_> = facts.iter().filter_map(|fact| fact.event()).collect();
    assert_eq!(read, [&Event::Evaluation(EvaluationEvent::NoteSaisie { eleve, resultat })]);
    assert_eq!(facts[0].envelope.version, 1);
    drop(connection);

    // Published and corrected: the aggregate says what stood before.
    let publier =
        EvaluationCommand::PublierEvaluation { visible_des: None, maintenant: bench.ledger.clock().now() };
    bench.record::<Evaluation>(context("publish"), evaluation, publier).await?;
    let absent = Resultat::Absent { compte_zero: false };
    let ligne = LigneDeNote { eleve, auditoire: Some(fiche().auditoire), resultat: absent };
    let correction = EvaluationCommand::CorrigerNote { ligne, motif: "Absente ce jour-là.".to_owned() };
    bench.record::<Evaluation>(context("correct"), evaluation, correction).await?;
    let mut connection = bench.ledger.pool().acquire().await?;
    let facts = facts_after(&mut connection, &bench.keys, &journal, 3, &[], 10).await?;
    let Some(Event::Evaluation(EvaluationEvent::NoteCorrigee { avant, apres, .. })) = facts[0].event() else {
        panic!("{:?}", facts[0]);
    };
    assert_eq!((*avant, *apres), (Some(resultat), absent));
    Ok(())
}
