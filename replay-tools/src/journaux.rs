//! `journaux`: which journals there are, one per portal and school year.

use crate::cli;
use crate::connection::Source;
use crate::date::{spoken, spoken_annee};
use crate::obstacle::Obstacle;
use crate::table::Table;
use crate::verdict::Verdict;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::io::Write;

/// A journal as it is stored. Nothing is presumed sound: its portal may be no portal.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Inventaire {
    /// Whose.
    pub portail: String,
    /// Which school year.
    pub annee: i16,
    /// How many events are there.
    pub evenements: i64,
    premier: Option<String>,
    dernier: Option<String>,
}

/// Every journal that has a head or an event.
pub async fn inventory(connection: &mut PgConnection) -> Result<Vec<Inventaire>, sqlx::Error> {
    sqlx::query_as(
        "WITH counted AS (SELECT portail, annee, count(*) AS evenements, min(position) AS premier,
                                 max(position) AS dernier
                          FROM ledger.events GROUP BY 1, 2)
         SELECT portail, annee, coalesce(c.evenements, 0) AS evenements,
                a.metadata->>'recorded_at' AS premier, b.metadata->>'recorded_at' AS dernier
         FROM ledger.journal FULL JOIN counted c USING (portail, annee)
         LEFT JOIN ledger.events a USING (portail, annee)
         LEFT JOIN ledger.events b USING (portail, annee)
         WHERE a.position IS NOT DISTINCT FROM c.premier AND b.position IS NOT DISTINCT FROM c.dernier
         ORDER BY 1, 2",
    )
    .fetch_all(connection)
    .await
}

/// Runs the subcommand.
pub async fn run(source: &Source, options: &cli::Journaux, out: &mut dyn Write) -> Result<Verdict, Obstacle> {
    let journals = inventory(&mut source.reader().await?).await?;
    if options.json {
        for journal in &journals {
            let line = serde_json::json!({
                "portail": journal.portail, "annee": journal.annee, "evenements": journal.evenements,
                "premier": journal.premier, "dernier": journal.dernier,
            });
            writeln!(out, "{line}")?;
        }
        return Ok(Verdict::Valide);
    }
    if journals.is_empty() {
        writeln!(out, "Aucun journal.")?;
        return Ok(Verdict::Valide);
    }
    let mut table = Table::new(["Portail", "Année", "Événements", "Premier", "Dernier"]);
    for journal in &journals {
        table.push([
            journal.portail.clone(),
            spoken_annee(journal.annee),
            journal.evenements.to_string(),
            said(journal.premier.as_deref()),
            said(journal.dernier.as_deref()),
        ]);
    }
    table.write(out)?;
    Ok(Verdict::Valide)
}

fn said(instant: Option<&str>) -> String {
    match instant.map(str::parse::<DateTime<Utc>>) {
        Some(Ok(instant)) => spoken(instant),
        Some(Err(_)) => "illisible".to_owned(),
        None => "—".to_owned(),
    }
}
