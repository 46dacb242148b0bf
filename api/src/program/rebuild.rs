//! `ent rejouer-projections`: views rebuilt from the record, beside those that serve.

use super::cli::RebuildArgs;
use super::with_house;
use crate::config::Config;
use crate::program::House;
use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};
use projections::Projection;
use projections::staleness::states;
use std::sync::Arc;

/// Rebuilds the named views, or lists them all.
pub async fn run(config: &Config, args: &RebuildArgs) -> anyhow::Result<()> {
    let views = views(&args.vues)?;
    with_house(config, async |house| {
        if args.liste {
            return list(house, &views).await;
        }
        for view in &views {
            rebuild(house, &**view, args.recommencer)
                .await
                .with_context(|| format!("{} n'a pas été reconstruite", view.name()))?;
        }
        Ok(())
    })
    .await
}

/// The views of these names; all of them without any name.
pub fn views(names: &[String]) -> anyhow::Result<Vec<Arc<dyn Projection>>> {
    let all = projections::all();
    if let Some(unknown) = names.iter().find(|name| all.iter().all(|view| view.name() != **name)) {
        let known: Vec<_> = all.iter().map(|view| view.name()).collect();
        bail!("aucune vue ne s'appelle « {unknown} » ; il y a : {}", known.join(", "));
    }
    let named = |view: &Arc<dyn Projection>| names.is_empty() || names.iter().any(|name| name == view.name());
    Ok(all.into_iter().filter(named).collect())
}

async fn rebuild(house: &House, view: &dyn Projection, start_over: bool) -> anyhow::Result<()> {
    let style = ProgressStyle::with_template("{msg:28} {bar:30} {pos}/{len} ({per_sec}, reste {eta})")?;
    let bar = ProgressBar::no_length().with_style(style).with_message(view.name());
    let mut rebuild = house.runner.begin_rebuild(view).await?;
    if start_over {
        rebuild.start_over().await?;
    }
    let mut first = true;
    while let Some((done, total)) = rebuild.step().await? {
        bar.set_length(total);
        bar.set_position(done);
        if std::mem::take(&mut first) {
            bar.reset_eta(); // what an earlier rebuild has read says nothing of this one's pace
        }
    }
    bar.set_message(format!("{} : bascule", view.name()));
    rebuild.switch().await?;
    bar.finish_and_clear();
    println!("{} : reconstruite, {} événements lus", view.name(), bar.position());
    Ok(())
}

async fn list(house: &House, views: &[Arc<dyn Projection>]) -> anyhow::Result<()> {
    for state in states(&house.pool, views, None, Some(house.commands.now())).await? {
        let living = state.living.map_or_else(|| "jamais suivie".to_owned(), |n| format!("version {n}"));
        println!(
            "{:28} {living:14} retard {} événements ({:.0} s)  {} mis de côté",
            state.name, state.events_behind, state.seconds_behind, state.set_aside
        );
        if let Some(next) = state.next {
            let pace = state.next_rate.zip(state.next_seconds_left());
            let pace =
                pace.map(|(rate, left)| format!(" ({rate:.0}/s, reste {left:.0} s)")).unwrap_or_default();
            let (done, all) = (state.next_done, state.recorded);
            println!("{:28} version {next} en construction : {done}/{all}{pace}", "");
        }
    }
    println!("\nCe qui est mis de côté : ent mis-de-cote");
    Ok(())
}
