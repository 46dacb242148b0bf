//! The views of the house, as an auditor names them.

use crate::obstacle::Obstacle;
use projections::Projection;
use std::sync::Arc;

/// A view, and those of its tables that are to be shown.
pub struct View {
    /// The view.
    pub projection: Arc<dyn Projection>,
    /// Its tables, without their schema.
    pub tables: Vec<&'static str>,
}

impl View {
    /// A table's name as the database knows it: with its context.
    pub fn qualified(&self, table: &str) -> String {
        let name = self.projection.name();
        format!("{}.{table}", name.split_once('.').map_or(name, |(context, _)| context))
    }
}

/// The views that were asked for: all of them; one by its name; or one for a table of
/// its, named with its context or without.
pub fn find(asked: Option<&str>) -> Result<Vec<View>, Obstacle> {
    let all = projections::all().into_iter();
    let all = all.map(|projection| View { tables: projection.tables().to_vec(), projection });
    let Some(asked) = asked else { return Ok(all.collect()) };
    let known: Vec<&str> = all.clone().map(|view| view.projection.name()).collect();
    let found = all.clone().find(|view| view.projection.name() == asked).or_else(|| {
        all.filter_map(|mut view| {
            let table =
                *view.tables.iter().find(|table| asked == **table || asked == view.qualified(table))?;
            view.tables = vec![table];
            Some(view)
        })
        .next()
    });
    let unknown = || Obstacle::UnknownView { asked: asked.to_owned(), known: known.join(", ") };
    Ok(vec![found.ok_or_else(unknown)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(asked: &str) -> Vec<&'static str> {
        find(Some(asked)).unwrap().into_iter().flat_map(|view| view.tables).collect()
    }

    #[test]
    fn a_view_is_asked_for_by_its_name_or_by_a_table() {
        assert_eq!(tables("absences.appels"), ["appel", "appel_ligne", "appel_incident", "appel_rappel"]);
        assert_eq!(tables("appel_ligne"), ["appel_ligne"]);
        assert_eq!(tables("absences.appel"), ["appel"]);
    }

    #[test]
    fn without_a_name_every_view_is_meant() {
        assert_eq!(find(None).unwrap().len(), projections::all().len());
    }

    #[test]
    fn an_unknown_view_is_told_with_those_that_exist() {
        let Err(obstacle) = find(Some("appels; DROP TABLE appel")) else { panic!("it was found") };
        assert!(obstacle.reasons().contains("absences.appels, absences.dossiers"), "{}", obstacle.reasons());
    }
}
