//! The schema is brought up to date once, whoever asks.

use anyhow::Result;
use recits::Base;
use sqlx::postgres::PgPoolOptions;

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
