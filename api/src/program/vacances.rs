//! The file of the vacances of school years that the program does not know by itself (`ENT_VACANCES`).
//!
//! ```toml
//! [[annees]]
//! annee = 2027                                         # 2027-2028
//!
//! [[annees.vacances]]
//! nom = "Toussaint"
//! zones = ["A", "B", "C"]
//! debut = "2027-10-24"                                 # first day without school
//! reprise = "2027-11-08"                               # first day of school
//! ```

use crate::config::Config;
use anyhow::Context;
use commands::Commands;
use domain::AnneeScolaire;
use domain::annuaire::{CalendrierNational, Vacances};
use figment::Figment;
use figment::providers::{Format, Toml};
use serde::Deserialize;
use std::path::Path;

/// See the module.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fichier {
    annees: Vec<Annee>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Annee {
    annee: AnneeScolaire,
    vacances: Vec<Vacances>,
}

/// What the program knows, and the file says besides or in its place.
pub fn of(config: &Config) -> anyhow::Result<CalendrierNational> {
    match &config.vacances {
        Some(path) => read(path).context("vacances"),
        None => Ok(CalendrierNational::default()),
    }
}

fn read(path: &Path) -> anyhow::Result<CalendrierNational> {
    let place = || path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(place)?;
    let file: Fichier = Figment::from(Toml::string(&text)).extract().with_context(place)?;
    let add = |known: CalendrierNational, one: Annee| known.completer(one.annee, one.vacances);
    file.annees.into_iter().try_fold(CalendrierNational::default(), add).with_context(place)
}

/// Where the vacances of a year are not known, days of vacances are told as days of school: absences are
/// counted on them, and courses shown.
pub fn warn(commands: &Commands) {
    for annee in commands.national().inconnues(commands.today()) {
        tracing::warn!(
            %annee,
            "the vacances of this school year are not known: say them in the file that ENT_VACANCES names"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOUSSAINT: &str = "[[annees]]\nannee = 2027\n[[annees.vacances]]\nnom = \"Toussaint\"\n\
        zones = [\"A\", \"B\", \"C\"]\ndebut = \"2027-10-24\"\nreprise = \"2027-11-08\"\n";

    fn lire(text: &str) -> anyhow::Result<CalendrierNational> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("vacances.toml");
        std::fs::write(&path, text)?;
        let file = path.display().to_string();
        let config = Config::read(None, |name| (name == "ENT_VACANCES").then(|| file.clone()))?;
        of(&config)
    }

    #[test]
    fn an_operator_adds_a_school_year_without_a_new_program() -> anyhow::Result<()> {
        let octobre = "2027-10-25".parse()?;
        let config = Config::read(None, |_| None)?;
        assert_eq!(of(&config)?.inconnues(octobre), [AnneeScolaire(2027)]);
        assert!(lire(TOUSSAINT)?.inconnues(octobre).is_empty());
        Ok(())
    }

    #[test]
    fn a_file_that_tells_no_year_is_refused_with_its_name_and_what_is_wrong() {
        for (text, wrong) in [
            (TOUSSAINT.replace("\"B\", ", ""), "zone B has no vacances"),
            (TOUSSAINT.replace("2027-11-08", "2027-10-08"), "need a name"),
            (TOUSSAINT.replace("annee = 2027", "annee = 2026"), "not between"),
            (TOUSSAINT.replace("reprise", "retour"), "retour"),
        ] {
            let refused = lire(&text).map(drop).unwrap_err();
            let said = format!("{refused:#}");
            assert!(said.contains("vacances.toml") && said.contains(wrong), "{wrong}: {said}");
        }
    }
}
