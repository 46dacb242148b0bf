//! `rejouer`: what a view showed of what was in force on a day, as it was known on that day
//! or on a later one.

use crate::accord::accord;
use crate::catalogue::{self, View};
use crate::cli;
use crate::connection::Source;
use crate::date::spoken;
use crate::obstacle::Obstacle;
use crate::scratch::Replay;
use crate::table::Table;
use crate::verdict::Verdict;
use domain::journee;
use projections::aside::Aside;
use projections::replay::AsOf;
use serde_json::Value;
use sqlx::PgConnection;
use std::io::Write;
use std::sync::Arc;

/// Rows shown of a table, to people, unless they say how many.
const SHOWN: u32 = 50;
/// Rows fetched at a time.
const PAGE: u32 = 500;

/// Runs the subcommand.
pub async fn run(source: &Source, options: &cli::Rejouer, out: &mut dyn Write) -> Result<Verdict, Obstacle> {
    let views = catalogue::find(options.vue.as_deref())?;
    let projections = views.iter().map(|view| Arc::clone(&view.projection));
    let mut replay = Replay::open(source, projections, options.portail.as_ref()).await?;
    replay.follow(Some(as_of(options)?)).await?;
    let aside = replay.set_aside().await?;
    if !options.json {
        write_title(options, replay.erased(), out)?;
    }
    write_aside(&aside, options.json, out)?;
    match (&options.vue, options.json) {
        (None, json) => write_counts(replay.connection(), &views, json, out).await?,
        (Some(_), true) => write_lines(replay.connection(), &views, options.limite, out).await?,
        (Some(_), false) => {
            write_tables(replay.connection(), &views, options.limite.unwrap_or(SHOWN), out).await?;
        }
    }
    Ok(if aside.is_empty() { Verdict::Valide } else { Verdict::Indetermine })
}

/// `--au` alone asks what was seen then: in force that day, and known by its end.
fn as_of(options: &cli::Rejouer) -> Result<AsOf, Obstacle> {
    let known = options.connu_au.or(options.au).ok_or(Obstacle::NoDate)?;
    Ok(AsOf { known, in_force: options.au.map(journee) })
}

/// What the views could not follow: their rows may lack it.
fn write_aside(aside: &[Aside], json: bool, out: &mut dyn Write) -> std::io::Result<()> {
    for fact in aside {
        let Aside { projection, portail, annee, position, event_type, error, .. } = fact;
        let place = format!("{portail}/{annee}/{position}");
        if json {
            let told =
                serde_json::json!({ "vue": projection, "place": place, "type": event_type, "erreur": error });
            writeln!(out, "{}", serde_json::json!({ "mis_de_cote": told }))?;
        } else {
            writeln!(out, "{projection} ne peut suivre l'événement {place} ({event_type}) : {error}")?;
        }
    }
    if !aside.is_empty() && !json {
        writeln!(out)?;
    }
    Ok(())
}

fn write_title(options: &cli::Rejouer, erased: usize, out: &mut dyn Write) -> std::io::Result<()> {
    match (options.au, options.connu_au) {
        (Some(au), None) => write!(out, "État au {}, heure de Paris", spoken(au))?,
        (Some(au), Some(connu)) => write!(
            out,
            "Ce qui était en vigueur le {}, tel que connu le {}, heure de Paris",
            journee(au).format("%d/%m/%Y"),
            spoken(connu)
        )?,
        (None, Some(connu)) => write!(out, "Tout ce qui était connu le {}, heure de Paris", spoken(connu))?,
        (None, None) => {}
    }
    if let Some(portail) = &options.portail {
        write!(out, ", d'après les seuls journaux du portail {portail}")?;
    }
    writeln!(out, ".")?;
    if erased > 0 {
        let erased = accord(
            erased as u64,
            "contenu enregistré avant cette date a été effacé",
            "contenus enregistrés avant cette date ont été effacés",
        );
        writeln!(out, "{erased} depuis.")?;
    }
    writeln!(out)
}

async fn write_counts(
    connection: &mut PgConnection,
    views: &[View],
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Obstacle> {
    let mut rendered = Table::new(["Vue", "Table", "Lignes"]);
    for view in views {
        for table in &view.tables {
            let (name, rows) = (view.projection.name(), count(connection, table).await?);
            if json {
                let line = serde_json::json!({ "vue": name, "table": view.qualified(table), "lignes": rows });
                writeln!(out, "{line}")?;
            } else {
                rendered.push([name.to_owned(), view.qualified(table), rows.to_string()]);
            }
        }
    }
    if !json {
        rendered.write(out)?;
    }
    Ok(())
}

/// JSON lines: the rows as PostgreSQL tells them, each under the name of its table.
async fn write_lines(
    connection: &mut PgConnection,
    views: &[View],
    limit: Option<u32>,
    out: &mut dyn Write,
) -> Result<(), Obstacle> {
    for (view, table) in tables(views) {
        let name = view.qualified(table);
        let mut left = limit.unwrap_or(u32::MAX);
        open_cursor(connection, table).await?;
        while left > 0 {
            let rows = fetch(connection, left.min(PAGE)).await?;
            let Ok(read @ 1..) = u32::try_from(rows.len()) else { break };
            for row in rows {
                writeln!(out, "{{\"table\":\"{name}\",\"ligne\":{row}}}")?;
            }
            left -= read.min(left);
        }
        close_cursor(connection).await?;
    }
    Ok(())
}

async fn write_tables(
    connection: &mut PgConnection,
    views: &[View],
    limit: u32,
    out: &mut dyn Write,
) -> Result<(), Obstacle> {
    for (index, (view, table)) in tables(views).enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let total = count(connection, table).await?;
        writeln!(out, "{} : {}", view.qualified(table), accord(total, "ligne", "lignes"))?;
        let columns = columns(connection, table).await?;
        let mut rendered = Table::new(&columns);
        open_cursor(connection, table).await?;
        let rows = fetch(connection, limit).await?;
        close_cursor(connection).await?;
        for row in &rows {
            let row: Value = serde_json::from_str(row).unwrap_or_default();
            rendered.push(columns.iter().map(|column| cell(row.get(column))));
        }
        if !rows.is_empty() {
            rendered.write(out)?;
        }
        let hidden = total - i64::try_from(rows.len()).unwrap_or(total);
        if hidden > 0 {
            writeln!(out, "… et {} (--limite, --json)", accord(hidden, "autre", "autres"))?;
        }
    }
    Ok(())
}

fn tables(views: &[View]) -> impl Iterator<Item = (&View, &'static str)> {
    views.iter().flat_map(|view| view.tables.iter().map(move |table| (view, *table)))
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "—".to_owned(),
        Some(Value::Bool(true)) => "oui".to_owned(),
        Some(Value::Bool(false)) => "non".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

// Table names below come from the views' own lists, never from who asks.

async fn count(connection: &mut PgConnection, table: &'static str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(&format!("SELECT count(*) FROM pg_temp.{table}")).fetch_one(connection).await
}

async fn columns(connection: &mut PgConnection, table: &'static str) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT attname::text FROM pg_attribute
         WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
    )
    .bind(format!("pg_temp.{table}"))
    .fetch_all(connection)
    .await
}

/// Rows come in the order of their columns, so that two replays read the same.
async fn open_cursor(connection: &mut PgConnection, table: &'static str) -> Result<(), sqlx::Error> {
    let sql = format!(
        "DECLARE lignes NO SCROLL CURSOR FOR SELECT row_to_json(t)::text FROM pg_temp.{table} t ORDER BY t"
    );
    sqlx::query(&sql).execute(connection).await.map(drop)
}

async fn fetch(connection: &mut PgConnection, rows: u32) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(&format!("FETCH {rows} FROM lignes")).persistent(false).fetch_all(connection).await
}

async fn close_cursor(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("CLOSE lignes").execute(connection).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn cells_are_told_in_french() {
        let cells = [json!(null), json!(true), json!(false), json!("absent"), json!(12.5), json!(["a"])];
        let told = cells.iter().map(|value| cell(Some(value))).collect::<Vec<_>>();
        assert_eq!(told, ["—", "oui", "non", "absent", "12.5", "[\"a\"]"]);
        assert_eq!(cell(None), "—");
    }
}
