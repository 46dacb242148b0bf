//! Nobody changes what was recorded: the program may not, and the owner is refused.

use super::facts::{appel, ouvert, unit};
use anyhow::Result;
use recits::{Bench, portail};
use sqlx::PgPool;

async fn bench() -> Result<Bench> {
    let bench = Bench::open().await?;
    let context = bench.context(&portail("0690001b"), &["1"]);
    bench.ledger.append(unit(context, "", [(&appel("a"), 1, ouvert())])).await?;
    Ok(bench)
}

/// The SQLSTATE and the message with which a statement is refused.
async fn refusal(pool: &PgPool, statement: &str) -> (String, String) {
    let error = sqlx::raw_sql(statement).execute(pool).await.expect_err(statement);
    let error = error.into_database_error().expect(statement);
    (error.code().unwrap_or_default().into_owned(), error.message().to_owned())
}

const FORBIDDEN: &str = "42501";

#[tokio::test]
async fn the_program_may_not_change_remove_or_add_an_event() -> Result<()> {
    let bench = bench().await?;
    let program: String =
        sqlx::query_scalar("SELECT current_user::text").fetch_one(bench.ledger.pool()).await?;
    assert_eq!(program, "ent_app");
    for statement in [
        "UPDATE ledger.events SET event_type = event_type",
        "DELETE FROM ledger.events",
        "TRUNCATE ledger.events",
        "INSERT INTO ledger.events TABLE ledger.events",
        "UPDATE ledger.commands SET digest = digest",
        "DELETE FROM ledger.commands",
        "TRUNCATE ledger.commands",
        "INSERT INTO ledger.commands TABLE ledger.commands",
        "UPDATE ledger.journal SET position = position",
        "DELETE FROM ledger.journal",
        "INSERT INTO ledger.journal VALUES ('0690009z', 2026, 0)",
        "UPDATE ledger.keys SET wrapped = wrapped",
        "DELETE FROM ledger.keys",
        "TRUNCATE ledger.keys CASCADE",
        "UPDATE ledger.checkpoints SET note = note",
        "DELETE FROM ledger.checkpoints",
        "TRUNCATE ledger.checkpoints",
        "UPDATE ledger.meta SET leaf = leaf",
        "DELETE FROM ledger.meta",
        "TRUNCATE ledger.meta",
        "DROP TABLE ledger.events",
        "CREATE TABLE ledger.other ()",
        "CREATE TABLE public.other ()",
        "SET session_replication_role = replica",
    ] {
        let (code, message) = refusal(bench.ledger.pool(), statement).await;
        assert_eq!(code, FORBIDDEN, "{statement}: {message}");
    }
    // Who does not own a table may not disable its triggers; the owner is told first.
    let (code, _) = refusal(bench.ledger.pool(), "ALTER TABLE ledger.events DISABLE TRIGGER ALL").await;
    assert_eq!(code, FORBIDDEN);
    Ok(())
}

#[tokio::test]
async fn the_program_may_hold_append_and_erase_and_call_no_other_function_of_the_record() -> Result<()> {
    let bench = bench().await?;
    let callable: Vec<String> = sqlx::query_scalar(
        "SELECT proname::text FROM pg_proc
         WHERE pronamespace = 'ledger'::regnamespace AND has_function_privilege('ent_app', oid, 'EXECUTE')
         ORDER BY 1",
    )
    .fetch_all(&bench.owner)
    .await?;
    assert_eq!(callable, ["append", "destroy", "hold", "hold_for_erasure"]);
    Ok(())
}

#[tokio::test]
async fn an_auditor_reads_the_record_and_may_not_append() -> Result<()> {
    let bench = bench().await?;
    let rights: (bool, bool) = sqlx::query_as(
        "SELECT has_table_privilege('ent_auditeur', 'ledger.events', 'SELECT'),
                bool_or(has_function_privilege('ent_auditeur', oid, 'EXECUTE'))
         FROM pg_proc WHERE pronamespace = 'ledger'::regnamespace",
    )
    .fetch_one(&bench.owner)
    .await?;
    assert_eq!(rights, (true, false));
    Ok(())
}

#[tokio::test]
async fn even_the_owner_is_refused() -> Result<()> {
    let bench = bench().await?;
    for table in ["events", "commands"] {
        for statement in [
            format!("UPDATE ledger.{table} SET portail = portail"),
            format!("DELETE FROM ledger.{table}"),
            format!("TRUNCATE ledger.{table}"),
        ] {
            let (code, message) = refusal(&bench.owner, &statement).await;
            assert_eq!(code, FORBIDDEN, "{statement}");
            assert!(message.contains("append-only"), "{statement}: {message}");
        }
    }
    Ok(())
}
