//! `ent rejouer-projections`: views emptied and rebuilt from the record.

use super::cli::RebuildArgs;
use super::with_house;
use crate::config::Config;
use crate::program::House;
use anyhow::bail;
use indicatif::{ProgressBar, ProgressStyle};
use projections::Projection;
use std::sync::Arc;

/// Rebuilds the named views, or lists them all.
pub async fn run(config: &Config, args: &RebuildArgs) -> anyhow::Result<()> {
    let all = projections::all();
    if let Some(unknown) = args.vues.iter().find(|name| all.iter().all(|view| view.name() != **name)) {
        let names: Vec<_> = all.iter().map(|view| view.name()).collect();
        bail!("aucune vue ne s'appelle « {unknown} » ; il y a : {}", names.join(", "));
    }
    with_house(config, async |house| {
        if args.liste {
            return list(house, &all).await;
        }
        for view in &all {
            if args.vues.is_empty() || args.vues.iter().any(|name| name == view.name()) {
                rebuild(house, view).await?;
            }
        }
        Ok(())
    })
    .await
}

async fn rebuild(house: &House, view: &Arc<dyn Projection>) -> anyhow::Result<()> {
    let style = ProgressStyle::with_template("{msg:28} {bar:30} {pos}/{len} ({per_sec}, reste {eta})")?;
    let bar = ProgressBar::no_length().with_style(style).with_message(view.name());
    let rebuilt = house.runner.rebuild(&**view, |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    });
    rebuilt.await?;
    bar.finish();
    println!("{} : reconstruite, {} événements lus", view.name(), bar.position());
    Ok(())
}

async fn list(house: &House, all: &[Arc<dyn Projection>]) -> anyhow::Result<()> {
    for view in all {
        let (lag, aside): (i64, i64) = sqlx::query_as(
            "SELECT coalesce((SELECT sum(j.position - coalesce(c.position, 0)) FROM ledger.journal j
                     LEFT JOIN projections.checkpoint c ON c.projection = $1 AND c.version = $2
                       AND c.portail = j.portail AND c.annee = j.annee), 0)::bigint,
                    (SELECT count(*) FROM projections.set_aside WHERE projection = $1 AND version = $2)",
        )
        .bind(view.name())
        .bind(view.version())
        .fetch_one(&house.pool)
        .await?;
        println!(
            "{:28} version {}  retard {lag} événements  {aside} mis de côté",
            view.name(),
            view.version()
        );
        let rows: Vec<(String, i16, i64, String, String)> = sqlx::query_as(
            "SELECT portail, annee, position, event_type, error FROM projections.set_aside
             WHERE projection = $1 AND version = $2 ORDER BY portail, annee, position LIMIT 50",
        )
        .bind(view.name())
        .bind(view.version())
        .fetch_all(&house.pool)
        .await?;
        for (portail, annee, position, event, error) in rows {
            println!("    {portail}/{annee}/{position}  {event} : {error}");
        }
    }
    Ok(())
}
