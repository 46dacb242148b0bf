//! A changed byte anywhere is found, and the verifier says where. Who tampers here is a
//! superuser who has switched the triggers off.

use super::facts::{absent, appel, ouvert, unit};
use anyhow::Result;
use ledger::feed::Journal;
use ledger::verify::{Fault, Located, Means, verify_journal};
use recits::{Bench, portail};

/// Where the tampering is done, in a journal of [`LAST`] events.
const PLACE: i64 = 5;
const LAST: i64 = 8;

/// Two rolls, called by turns: odd positions are of the one, even ones of the other.
async fn bench() -> Result<Bench> {
    let bench = Bench::open().await?;
    let rolls = [appel("a"), appel("b")];
    for position in 1..=LAST {
        let context = bench.context(&portail("0690001b"), &[&position.to_string()]);
        let stream = &rolls[usize::try_from(position + 1)? % 2];
        let event = if position < 3 { ouvert() } else { absent(&format!("pupil {position}")) };
        let sequence = position.unsigned_abs().div_ceil(2);
        bench.ledger.append(unit(context, "", [(stream, sequence, event)])).await?;
    }
    Ok(bench)
}

/// What the verifier finds while these statements have been run; nothing of them stays.
async fn found_after(bench: &Bench, statements: &[&str]) -> Result<Option<Located>> {
    let (journal, _) = bench.journals().await?.remove(0);
    let mut tx = bench.owner.begin().await?;
    sqlx::raw_sql("SET LOCAL session_replication_role = replica").execute(&mut *tx).await?;
    for statement in statements {
        let done = sqlx::raw_sql(statement).execute(&mut *tx).await?;
        assert!(done.rows_affected() > 0, "nothing was tampered with: {statement}");
    }
    let ring = bench.another_ring();
    let means = Means { contents: Some(&ring), seals: None };
    let verdict = verify_journal(&mut tx, &journal, means, |_| ()).await?;
    tx.rollback().await?;
    Ok(verdict.fault)
}

#[track_caller]
fn assert_at(found: Option<Located>, position: i64, what: &str) -> Fault {
    let located = found.unwrap_or_else(|| panic!("not found: {what}"));
    assert_eq!(located.position, position, "{what}: {}", located.fault);
    located.fault
}

#[tokio::test]
async fn an_untouched_journal_is_clean() -> Result<()> {
    let bench = bench().await?;
    let (journal, head) = bench.journals().await?.remove(0);
    let verdict = bench.verify(&journal).await?;
    assert_eq!((verdict.fault, verdict.contents, head), (None, LAST.unsigned_abs(), LAST));
    Ok(())
}

#[tokio::test]
async fn a_change_of_any_column_is_found() -> Result<()> {
    let bench = bench().await?;
    let changes = [
        ("aggregate_type", "'notes.evaluation'", Fault::Column("aggregate_type")),
        ("aggregate_id", "'5f7a5a0e-0000-5000-8000-000000000000'", Fault::Column("aggregate_id")),
        ("sequence", "sequence + 100", Fault::Column("sequence")),
        ("event_type", "'absences.appel.clos'", Fault::Column("event_type")),
        ("event_version", "'2'", Fault::Column("event_version")),
        ("payload", "replace(payload::text, '\"ct\":', '\"ct\" :')::json", Fault::Ciphertext),
        ("metadata", "(metadata::text || ' ')::json", Fault::Leaf),
        ("portail", "'0690002c'", Fault::Gap { expected: PLACE, found: PLACE + 1 }),
        ("annee", "annee + 1", Fault::Gap { expected: PLACE, found: PLACE + 1 }),
        ("position", "position + 100", Fault::Gap { expected: PLACE, found: PLACE + 1 }),
        ("key_id", "(SELECT key_id FROM ledger.events WHERE position = 1)", Fault::Column("key_id")),
        ("leaf_hash", "set_byte(leaf_hash, 31, get_byte(leaf_hash, 31) # 1)", Fault::Leaf),
    ];
    for (column, value, fault) in changes {
        let change = format!("UPDATE ledger.events SET {column} = {value} WHERE position = {PLACE}");
        let found = found_after(&bench, &[&change]).await?;
        assert_eq!(assert_at(found, PLACE, column), fault, "{column}");
    }
    let columns: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'ledger' AND table_name = 'events'",
    )
    .fetch_one(&bench.owner)
    .await?;
    assert_eq!(columns, 12, "a column that is not tampered with here");
    Ok(())
}

#[tokio::test]
async fn a_change_of_any_byte_of_a_content_or_an_envelope_is_found() -> Result<()> {
    let bench = bench().await?;
    for (column, fault) in [("payload", Fault::Ciphertext), ("metadata", Fault::Leaf)] {
        let text: String =
            sqlx::query_scalar(&format!("SELECT {column}::text FROM ledger.events WHERE position = {PLACE}"))
                .fetch_one(&bench.owner)
                .await?;
        let mut changed_bytes = 0;
        for at in 0..text.len() {
            let Some(changed) = changed_at(&text, at) else { continue };
            let change = format!("UPDATE ledger.events SET {column} = '{changed}' WHERE position = {PLACE}");
            let found = found_after(&bench, &[&change]).await?;
            assert_eq!(assert_at(found, PLACE, &change), fault);
            changed_bytes += 1;
        }
        assert!(changed_bytes * 2 > text.len(), "{changed_bytes} of {} bytes of {column}", text.len());
    }
    Ok(())
}

/// The text with another letter or figure at one place, where that is still JSON:
/// PostgreSQL itself refuses the rest.
fn changed_at(text: &str, at: usize) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    bytes[at] = match bytes[at] {
        b'a'..=b'y' | b'A'..=b'Y' | b'0'..=b'8' | b'+' => bytes[at] + 1,
        b'z' | b'Z' | b'9' | b'/' => bytes[at] - 1,
        _ => return None,
    };
    let changed = String::from_utf8(bytes).ok()?;
    serde_json::from_str::<serde_json::Value>(&changed).is_ok().then_some(changed)
}

#[tokio::test]
async fn a_removed_event_is_missed_at_its_place() -> Result<()> {
    let bench = bench().await?;
    let found = found_after(&bench, &["DELETE FROM ledger.events WHERE position = 5"]).await?;
    assert_eq!(assert_at(found, PLACE, "removed"), Fault::Gap { expected: 5, found: 6 });
    Ok(())
}

#[tokio::test]
async fn a_removed_tail_is_missed() -> Result<()> {
    let bench = bench().await?;
    let found = found_after(&bench, &["DELETE FROM ledger.events WHERE position > 5"]).await?;
    assert_eq!(assert_at(found, 6, "tail"), Fault::Head { head: LAST, found: 5 });
    Ok(())
}

#[tokio::test]
async fn a_head_that_forgets_an_event_is_found() -> Result<()> {
    let bench = bench().await?;
    let found = found_after(&bench, &["UPDATE ledger.journal SET position = position - 1"]).await?;
    assert_eq!(assert_at(found, LAST + 1, "head"), Fault::Head { head: LAST - 1, found: LAST });
    Ok(())
}

/// Puts each of two positions in the place of the other.
fn swap(one: i64, other: i64) -> [String; 3] {
    let put =
        |from: i64, to: i64| format!("UPDATE ledger.events SET position = {to} WHERE position = {from}");
    [put(one, 1_000), put(other, one), put(1_000, other)]
}

#[tokio::test]
async fn events_that_changed_places_are_found_in_one_stream_and_across_streams() -> Result<()> {
    let bench = bench().await?;
    for other in [6, 7] {
        let statements = swap(PLACE, other);
        let found = found_after(&bench, &statements.each_ref().map(String::as_str)).await?;
        assert_eq!(assert_at(found, PLACE, "swapped"), Fault::Place { first: other, last: other });
    }
    Ok(())
}

#[tokio::test]
async fn contents_that_changed_places_are_found() -> Result<()> {
    let bench = bench().await?;
    let swap = "UPDATE ledger.events e SET payload = o.payload FROM ledger.events o
                WHERE (e.position, o.position) IN ((5, 7), (7, 5))";
    let found = found_after(&bench, &[swap]).await?;
    assert_eq!(assert_at(found, PLACE, "contents"), Fault::Ciphertext);
    Ok(())
}

#[tokio::test]
async fn an_answer_that_was_removed_is_found() -> Result<()> {
    let bench = bench().await?;
    let found = found_after(&bench, &["DELETE FROM ledger.commands WHERE first_position = 5"]).await?;
    assert_eq!(assert_at(found, PLACE, "answer"), Fault::Place { first: 0, last: 0 });
    Ok(())
}

#[tokio::test]
async fn a_damaged_key_is_found_at_the_first_event_under_it() -> Result<()> {
    let bench = bench().await?;
    for damage in [
        "UPDATE ledger.keys SET wrapped = set_byte(wrapped, 0, get_byte(wrapped, 0) # 1)
         WHERE id = (SELECT key_id FROM ledger.events WHERE position = 5)",
        "UPDATE ledger.keys SET kek_id = 'kek-of-nobody'
         WHERE id = (SELECT key_id FROM ledger.events WHERE position = 5)",
        "UPDATE ledger.keys k SET wrapped = o.wrapped FROM ledger.keys o
         WHERE k.id = (SELECT key_id FROM ledger.events WHERE position = 5)
           AND o.id = (SELECT key_id FROM ledger.events WHERE position = 6)",
    ] {
        let found = found_after(&bench, &[damage]).await?;
        assert!(matches!(assert_at(found, PLACE, damage), Fault::Content(_)));
    }
    Ok(())
}

#[tokio::test]
async fn the_first_of_several_faults_is_named() -> Result<()> {
    let bench = bench().await?;
    let damage = [
        "UPDATE ledger.keys SET wrapped = '\\x00'
         WHERE id = (SELECT key_id FROM ledger.events WHERE position = 7)",
        "UPDATE ledger.events SET event_version = '2' WHERE position = 3",
        "DELETE FROM ledger.events WHERE position = 8",
    ];
    let found = found_after(&bench, &damage).await?;
    assert_eq!(assert_at(found, 3, "three faults"), Fault::Column("event_version"));
    Ok(())
}

/// Journals stand by themselves: what was done to one is not found in another.
#[tokio::test]
async fn a_fault_is_of_its_own_journal() -> Result<()> {
    let bench = bench().await?;
    let context = bench.context(&portail("0690002c"), &["elsewhere"]);
    bench.ledger.append(unit(context, "", [(&appel("c"), 1, ouvert())])).await?;
    let elsewhere = Journal { portail: portail("0690002c"), annee: domain::AnneeScolaire(2026) };
    let mut tx = bench.owner.begin().await?;
    sqlx::raw_sql(
        "SET LOCAL session_replication_role = replica; DELETE FROM ledger.events WHERE portail = '0690001b'",
    )
    .execute(&mut *tx)
    .await?;
    let verdict = verify_journal(&mut tx, &elsewhere, Means::default(), |_| ()).await?;
    assert_eq!((verdict.fault, verdict.leaves), (None, 1));
    Ok(())
}
