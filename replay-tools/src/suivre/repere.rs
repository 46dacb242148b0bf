//! How far one has read, and the file that remembers it.

use super::{SuivreFault, file};
use crate::cli;
use crate::obstacle::Obstacle;
use domain::PortailId;
use ledger::unit::Position;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;

/// The last act that was read: what follows it comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repere {
    /// None.
    Debut,
    /// Its place in the portal's journals.
    Place(Position),
    /// Its rank in the stream, from 1.
    Rang(u64),
}

impl Repere {
    /// What the command line names, for what it follows.
    pub fn asked(text: &str, options: &cli::Suivre) -> Result<Self, SuivreFault> {
        Self::read(text, options).ok_or_else(|| {
            let expected = match options.fil {
                Some(_) => "le rang d'un acte dans le fil, tel que 3",
                None => "une place du journal de ce portail, telle que 0750001a/2026/42",
            };
            SuivreFault::Elsewhere(text.to_owned(), expected)
        })
    }

    fn read(text: &str, options: &cli::Suivre) -> Option<Self> {
        match options.fil {
            Some(_) => text.parse().ok().map(Self::Rang),
            None => {
                let place: Position = text.parse().ok()?;
                (place.portail == options.portail && place.annee.0 >= 0).then_some(Self::Place(place))
            }
        }
    }
}

impl fmt::Display for Repere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Debut => f.write_str("le début"),
            Self::Place(place) => write!(f, "{place}"),
            Self::Rang(rang) => write!(f, "{rang}"),
        }
    }
}

/// The file of `--reprise`.
pub struct Reprise<'a> {
    path: PathBuf,
    options: &'a cli::Suivre,
}

/// What stands in it: the reference, and what it is one of.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Souvenir {
    portail: PortailId,
    fil: Option<String>,
    depuis: String,
}

impl<'a> Reprise<'a> {
    /// The file at a path, for what is followed.
    pub fn of(path: &std::path::Path, options: &'a cli::Suivre) -> Self {
        Self { path: path.to_owned(), options }
    }

    /// Where one was, if ever. A file that is of something else is not taken for nothing: acts
    /// would be told twice.
    pub fn read(&self) -> Result<Option<Repere>, Obstacle> {
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(file(&self.path, error)),
        };
        let souvenir: Option<Souvenir> = serde_json::from_str(&text).ok();
        let of_this = |souvenir: &Souvenir| {
            souvenir.portail == self.options.portail && souvenir.fil == self.options.fil
        };
        let repere =
            souvenir.filter(of_this).and_then(|souvenir| Repere::read(&souvenir.depuis, self.options));
        let none = || SuivreFault::NotAReprise { path: self.path.clone() };
        Ok(Some(repere.ok_or_else(none)?))
    }

    /// Remembers it, whole or not at all.
    pub fn write(&self, repere: &Repere) -> Result<(), Obstacle> {
        let (portail, fil) = (self.options.portail.clone(), self.options.fil.clone());
        let souvenir = Souvenir { portail, fil, depuis: repere.to_string() };
        let text = serde_json::to_vec(&souvenir).map_err(io::Error::from)?;
        let mut beside = self.path.clone().into_os_string();
        beside.push(".nouveau");
        let beside = PathBuf::from(beside);
        let written = File::create(&beside).and_then(|mut file| {
            file.write_all(&text)?;
            file.sync_data()
        });
        written.map_err(|error| file(&beside, error))?;
        fs::rename(&beside, &self.path).map_err(|error| file(&self.path, error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    fn options(arguments: &[&str]) -> cli::Suivre {
        let given = ["ent-rejeu", "suivre", "--porte", "http://p", "--portail", "0750001a"];
        let cli = cli::Cli::try_parse_from(given.iter().chain(arguments)).unwrap();
        match cli.command {
            cli::Command::Suivre(options) => options,
            _ => unreachable!(),
        }
    }

    #[test]
    fn where_one_was_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reprise");
        for (arguments, depuis) in [(&[][..], "0750001a/2026/42"), (&["--fil", "absences.appel-a"], "7")] {
            let options = options(arguments);
            let reprise = Reprise::of(&path, &options);
            assert_eq!(reprise.read().unwrap(), None);
            let repere = Repere::asked(depuis, &options).unwrap();
            reprise.write(&repere).unwrap();
            assert_eq!(reprise.read().unwrap(), Some(repere));
            fs::remove_file(&path).unwrap();
        }
    }

    #[test]
    fn a_reference_of_something_else_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reprise");
        let (journal, fil) = (options(&[]), options(&["--fil", "absences.appel-a"]));
        Reprise::of(&path, &fil).write(&Repere::Rang(3)).unwrap();
        assert!(Reprise::of(&path, &journal).read().is_err());
        fs::write(&path, "{").unwrap();
        assert!(Reprise::of(&path, &journal).read().is_err());
        for text in ["", "3", "0690001b/2026/42", "0750001a/-1/42", "0750001a/2026/-1"] {
            assert!(Repere::asked(text, &journal).is_err(), "{text}");
        }
        assert!(Repere::asked("0750001a/2026/42", &fil).is_err());
    }
}
