//! The schema is brought up to date once, whoever asks.

use anyhow::Result;
use projections::notifications::Envois;
use recits::{Base, Bench};
use sqlx::postgres::PgPoolOptions;

/// What brings a rebuild of the view of envois up to date with the living one.
const ENVOIS: &str =
    include_str!("../../../migrations/sql/20261201000760_etats_des_envois_en_reconstruction.sql");
/// The table of that view as it was made before its envois got one state more.
const AVANT: &str = "ALTER TABLE prochain.envoi DROP CONSTRAINT envoi_etat_check,
         ADD CONSTRAINT envoi_etat_check CHECK (etat IN ('prepare', 'remis', 'abandonne'));
     DROP INDEX prochain.envoi_message_idx";
/// What gives that view an index more, and the view as it was before.
const EN_VAIN: &str = include_str!("../../../migrations/sql/20261201000751_envois_en_vain.sql");
const SANS_INDEX: &str = "DROP INDEX notifications.envoi_maj_idx, prochain.envoi_maj_idx";

/// The constraints and the indexes of a table; of one that is not there, none.
async fn shape(bench: &Bench, table: &str) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = to_regclass($1)
         UNION ALL
         SELECT split_part(pg_get_indexdef(indexrelid), ' USING ', 2) FROM pg_index
         WHERE indrelid = to_regclass($1)
         ORDER BY 1",
    )
    .bind(table)
    .fetch_all(&bench.owner)
    .await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_programs_started_together_one_migrates_and_the_others_wait() -> Result<()> {
    let base = Base::create().await?;
    let owner = base.owner();
    let options = owner.connect_options();
    let name = format!("{}_empty", options.get_database().unwrap_or("test"));
    sqlx::query(&format!("CREATE DATABASE {name}")).execute(&owner).await?;
    let empty = (*options).clone().database(&name);
    let pools: Vec<_> =
        (0..4).map(|_| PgPoolOptions::new().max_connections(1).connect_lazy_with(empty.clone())).collect();
    for migrated in futures::future::join_all(pools.iter().map(::migrations::migrate)).await {
        migrated?;
    }
    let applied: Vec<i64> =
        sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success ORDER BY version")
            .fetch_all(&pools[0])
            .await?;
    assert_eq!(applied.last(), Some(&::migrations::latest()));
    for pool in pools {
        pool.close().await;
    }
    sqlx::query(&format!("DROP DATABASE {name}")).execute(&owner).await?;
    Ok(())
}

#[tokio::test]
async fn a_rebuild_that_was_under_way_takes_the_state_that_the_living_view_got_meanwhile() -> Result<()> {
    let bench = Bench::open().await?;
    drop(bench.runner.begin_rebuild(&Envois).await?);
    let living = shape(&bench, "notifications.envoi").await?;
    sqlx::raw_sql(AVANT).execute(&bench.owner).await?;
    assert_ne!(shape(&bench, "prochain.envoi").await?, living);
    for _ in 0..2 {
        sqlx::raw_sql(ENVOIS).execute(&bench.owner).await?;
        assert_eq!(shape(&bench, "prochain.envoi").await?, living);
        assert_eq!(shape(&bench, "notifications.envoi").await?, living);
    }
    Ok(())
}

#[tokio::test]
async fn a_rebuild_that_was_under_way_begins_anew_once_the_living_view_has_an_index_more() -> Result<()> {
    let bench = Bench::open().await?;
    let living = shape(&bench, "notifications.envoi").await?;
    drop(bench.runner.begin_rebuild(&Envois).await?);
    sqlx::raw_sql(SANS_INDEX).execute(&bench.owner).await?;
    sqlx::raw_sql(EN_VAIN).execute(&bench.owner).await?;
    assert_eq!(shape(&bench, "notifications.envoi").await?, living);
    assert_eq!(shape(&bench, "prochain.envoi").await?, Vec::<String>::new(), "it would be put in its place");
    drop(bench.runner.begin_rebuild(&Envois).await?);
    assert_eq!(shape(&bench, "prochain.envoi").await?, living);
    Ok(())
}
