//! `comparer`: do the living views say what the record says?
//!
//! Both are read in one snapshot, taken when the living views have followed the whole
//! record: a difference is then a fault, never a view that was a little late.

use crate::accord::accord;
use crate::catalogue::{self, View};
use crate::cli;
use crate::connection::Source;
use crate::obstacle::Obstacle;
use crate::scratch::Replay;
use crate::verdict::Verdict;
use projections::Projection;
use projections::replay::Difference;
use serde_json::json;
use sqlx::PgConnection;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

/// How often, and how many times, the living views are given time to follow.
const PAUSE: Duration = Duration::from_millis(250);
const PATIENCE: u32 = 40;

/// What was found.
#[derive(Default)]
struct Constat {
    differences: Vec<(String, Difference)>,
    /// Views that were not compared, and why.
    unknown: Vec<(&'static str, String)>,
    compared: usize,
    /// Events that were followed without their content, which was destroyed.
    erased: usize,
}

/// Runs the subcommand.
pub async fn run(source: &Source, options: &cli::Comparer, out: &mut dyn Write) -> Result<Verdict, Obstacle> {
    let views = catalogue::find(None)?;
    let mut constat = Constat::default();
    let mut compared = Vec::new();
    let mut connection = source.reader().await?;
    for view in &views {
        match set_aside(&mut connection, &*view.projection).await? {
            0 => compared.push(view),
            facts => constat.unknown.push((
                view.projection.name(),
                accord(facts, "événement a été mis de côté", "événements ont été mis de côté"),
            )),
        }
    }
    let projections = compared.iter().map(|view| Arc::clone(&view.projection));
    let mut replay = Replay::open(source, projections, None).await?;
    replay
        .hold(compared.iter().flat_map(|view| view.tables.iter().map(|table| view.qualified(table))))
        .await?;
    let mut left_out = wait_for_views(&mut replay, &compared).await?;
    replay.follow(None).await?;
    for view in &compared {
        let name = view.projection.name();
        let aside = replay.set_aside().await?.iter().filter(|fact| fact.projection == name).count();
        if aside > 0 && !left_out.iter().any(|(late, _)| *late == name) {
            let facts = accord(aside as u64, "événement", "événements");
            left_out.push((name, format!("le rejeu n'a pu suivre {facts}")));
        }
    }
    for difference in replay.scratch().differences().await? {
        let of = |view: &&&View| view.tables.contains(&difference.table);
        let Some(view) = compared.iter().find(of) else { continue };
        if !left_out.iter().any(|(name, _)| *name == view.projection.name()) {
            constat.differences.push((view.qualified(difference.table), difference));
        }
    }
    constat.erased = replay.erased();
    constat.compared = compared.len() - left_out.len();
    constat.unknown.extend(left_out);
    if options.json {
        constat.write_json(out)?
    } else {
        constat.write(out)?
    }
    Ok(constat.verdict())
}

/// How many facts the living view did not follow.
async fn set_aside(connection: &mut PgConnection, view: &dyn Projection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT count(*) FROM projections.set_aside WHERE projection = $1 AND version = $2")
        .bind(view.name())
        .bind(view.version())
        .fetch_one(connection)
        .await
}

/// Takes snapshots until all views have followed the record, and says which still have not.
async fn wait_for_views(
    replay: &mut Replay,
    views: &[&View],
) -> Result<Vec<(&'static str, String)>, Obstacle> {
    for _ in 0..PATIENCE {
        if lates(replay.connection(), views).await?.is_empty() {
            return Ok(Vec::new());
        }
        pause().await;
        replay.refresh().await?;
    }
    Ok(lates(replay.connection(), views).await?)
}

async fn lates(
    connection: &mut PgConnection,
    views: &[&View],
) -> Result<Vec<(&'static str, String)>, sqlx::Error> {
    let mut late = Vec::new();
    for view in views {
        let events: i64 = sqlx::query_scalar(
            "SELECT coalesce(sum(j.position - coalesce(c.position, 0)), 0)::bigint
             FROM ledger.journal j
             LEFT JOIN projections.checkpoint c
               ON c.projection = $1 AND c.version = $2 AND c.portail = j.portail AND c.annee = j.annee
             WHERE j.position > coalesce(c.position, 0)",
        )
        .bind(view.projection.name())
        .bind(view.projection.version())
        .fetch_one(&mut *connection)
        .await?;
        if events > 0 {
            late.push((
                view.projection.name(),
                accord(events, "événement de retard", "événements de retard"),
            ));
        }
    }
    Ok(late)
}

#[allow(clippy::disallowed_methods)] // a poll: nothing tells a reader that views have moved
async fn pause() {
    tokio::time::sleep(PAUSE).await;
}

impl Constat {
    fn verdict(&self) -> Verdict {
        if !self.differences.is_empty() {
            Verdict::Invalide
        } else if !self.unknown.is_empty() {
            Verdict::Indetermine
        } else {
            Verdict::Valide
        }
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        for (table, difference) in &self.differences {
            writeln!(
                out,
                "{table} diffère : {} seulement dans la vue, {} seulement dans le rejeu",
                accord(difference.only_live, "ligne", "lignes"),
                accord(difference.only_replayed, "ligne", "lignes")
            )?;
        }
        if self.erased > 0 && !self.differences.is_empty() {
            let erased = accord(
                self.erased as u64,
                "événement n'a plus son contenu",
                "événements n'ont plus leur contenu",
            );
            writeln!(out, "{erased} : une vue qui en garde quelque chose diffère du rejeu.")?;
        }
        for (view, reason) in &self.unknown {
            writeln!(out, "{view} n'a pu être comparée : {reason}")?;
        }
        let compared = accord(self.compared as u64, "vue comparée", "vues comparées");
        writeln!(out, "Verdict : {} — {compared} à un rejeu complet", self.verdict())
    }

    fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let differences: Vec<_> = self
            .differences
            .iter()
            .map(|(table, difference)| {
                json!({
                    "table": table,
                    "seulement_dans_la_vue": difference.only_live,
                    "seulement_dans_le_rejeu": difference.only_replayed,
                })
            })
            .collect();
        let unknown: Vec<_> =
            self.unknown.iter().map(|(view, reason)| json!({ "vue": view, "motif": reason })).collect();
        let told = json!({
            "verdict": self.verdict().word(), "vues_comparees": self.compared, "contenus_effaces": self.erased,
            "differences": differences, "non_comparees": unknown,
        });
        writeln!(out, "{told}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference() -> (String, Difference) {
        ("absences.appel".to_owned(), Difference { table: "appel", only_live: 1, only_replayed: 0 })
    }

    #[test]
    fn a_difference_is_a_fault_and_a_view_left_out_is_a_doubt() {
        let mut constat = Constat { compared: 6, ..Constat::default() };
        assert_eq!(constat.verdict(), Verdict::Valide);
        constat.unknown.push(("notes.notes", "3 événements de retard".to_owned()));
        assert_eq!(constat.verdict(), Verdict::Indetermine);
        constat.differences.push(difference());
        assert_eq!(constat.verdict(), Verdict::Invalide);
    }

    #[test]
    fn differences_are_named_per_table() {
        let constat = Constat { differences: vec![difference()], ..Constat::default() };
        let (mut text, mut machine) = (Vec::new(), Vec::new());
        constat.write(&mut text).unwrap();
        constat.write_json(&mut machine).unwrap();
        assert!(String::from_utf8(text).unwrap().starts_with("absences.appel diffère : 1 ligne seulement"));
        let told: serde_json::Value = serde_json::from_slice(&machine).unwrap();
        assert_eq!(told["differences"][0]["table"], "absences.appel");
    }
}
