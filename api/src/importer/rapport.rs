//! What an import did, for the person who must mend the source: counts, and one line per
//! entry that was not taken as it is. It never quotes what the feed says of people, only their
//! opaque keys.

use super::aaf::{Categorie, Rejet};
use chrono::NaiveDate;
use commands::annuaire::Issue;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Lines kept in memory; those beyond are counted, for a feed may be nothing but faults.
pub const LIGNES_MAX: usize = 100_000;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gravite {
    /// The entry was not imported.
    Rejet,
    /// The entry was imported without something that it says.
    Remarque,
}

/// One line of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ligne {
    /// How much it matters.
    pub gravite: Gravite,
    /// Name of the file.
    pub fichier: Arc<str>,
    /// Line where the entry starts.
    pub ligne: u64,
    /// Key of the entry.
    pub identifiant: Option<String>,
    /// Attribute at fault.
    pub attribut: Option<&'static str>,
    /// Frozen code.
    pub code: &'static str,
    /// French sentence.
    pub raison: String,
}

/// What became of the entries of a category.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Comptes {
    /// Entries met.
    pub lus: u64,
    /// Those that entered the directory.
    pub crees: u64,
    /// Those of which something changed.
    pub modifies: u64,
    /// Those that say nothing new.
    pub inchanges: u64,
    /// Those that were not imported.
    pub rejetes: u64,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rapport {
    /// Date of the feed.
    pub livraison: NaiveDate,
    /// Nothing was recorded, on purpose.
    pub a_blanc: bool,
    /// Nothing was recorded, for a file of the feed is damaged.
    pub interrompu: bool,
    /// By category, under its name in the feed. Nomenclatures are read and not stored.
    pub comptes: BTreeMap<&'static str, Comptes>,
    /// What was not taken as it is, by file and line.
    pub lignes: Vec<Ligne>,
    /// Lines beyond [`LIGNES_MAX`].
    pub lignes_omises: u64,
}

impl Rapport {
    /// A report of nothing yet.
    pub fn nouveau(livraison: NaiveDate, a_blanc: bool) -> Self {
        Self {
            livraison,
            a_blanc,
            interrompu: false,
            comptes: BTreeMap::new(),
            lignes: Vec::new(),
            lignes_omises: 0,
        }
    }

    /// Counts of a category.
    pub fn compte(&mut self, categorie: Categorie) -> &mut Comptes {
        self.comptes.entry(categorie.nom()).or_default()
    }

    /// The lines of that gravity.
    pub fn lignes_de(&self, gravite: Gravite) -> impl Iterator<Item = &Ligne> {
        self.lignes.iter().filter(move |ligne| ligne.gravite == gravite)
    }

    /// Adds a line.
    pub fn noter(&mut self, ligne: Ligne) {
        if self.lignes.len() < LIGNES_MAX {
            self.lignes.push(ligne);
        } else {
            self.lignes_omises += 1;
        }
    }

    /// Counts what became of an entry.
    pub fn compter(&mut self, categorie: Categorie, issue: &Issue) {
        let compte = self.compte(categorie);
        match issue {
            Issue::Cree => compte.crees += 1,
            Issue::Modifie => compte.modifies += 1,
            Issue::Inchange => compte.inchanges += 1,
            Issue::Refuse(_) => compte.rejetes += 1,
        }
    }

    /// Puts the lines in the order of the files: acts under way together end in any order.
    pub fn ranger(&mut self) {
        self.lignes.sort_by(|a, b| (&a.fichier, a.ligne).cmp(&(&b.fichier, b.ligne)));
    }

    /// One line per entry that was not taken as it is, for a spreadsheet.
    pub fn en_csv(&self) -> String {
        let mut csv = String::from("gravite;fichier;ligne;identifiant;attribut;code;raison\r\n");
        for ligne in &self.lignes {
            let gravite = match ligne.gravite {
                Gravite::Rejet => "rejet",
                Gravite::Remarque => "remarque",
            };
            let numero = ligne.ligne.to_string();
            let champs = [
                gravite,
                &*ligne.fichier,
                &numero,
                ligne.identifiant.as_deref().unwrap_or_default(),
                ligne.attribut.unwrap_or_default(),
                ligne.code,
                &ligne.raison,
            ];
            csv.push_str(&champs.map(champ_csv).join(";"));
            csv.push_str("\r\n");
        }
        csv
    }
}

/// A field of RFC 4180. Spreadsheets run what starts like a formula: an apostrophe keeps it text.
fn champ_csv(champ: &str) -> String {
    let garde = if champ.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{garde}{}\"", champ.replace('"', "\"\""))
}

impl From<Rejet> for Ligne {
    fn from(rejet: Rejet) -> Self {
        Self {
            gravite: Gravite::Rejet,
            fichier: rejet.fichier,
            ligne: rejet.ligne,
            identifiant: rejet.identifiant,
            attribut: rejet.attribut,
            code: rejet.motif.code(),
            raison: rejet.motif.to_string(),
        }
    }
}

impl fmt::Display for Ligne {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, ligne {}", self.fichier, self.ligne)?;
        for precision in self.identifiant.as_deref().into_iter().chain(self.attribut) {
            write!(f, ", {precision}")?;
        }
        write!(f, " : {} [{}]", self.raison, self.code)
    }
}

impl fmt::Display for Rapport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Livraison du {}", self.livraison.format("%d/%m/%Y"))?;
        if self.interrompu {
            writeln!(f, "Import interrompu : rien n'a été enregistré.")?;
        } else if self.a_blanc {
            writeln!(f, "Import à blanc : rien n'a été enregistré ; les rattachements des responsables")?;
            writeln!(f, "aux établissements de leurs enfants ne sont pas essayés.")?;
        }
        writeln!(
            f,
            "{:<16}{:>10}{:>10}{:>10}{:>12}{:>10}",
            "", "lus", "créés", "modifiés", "inchangés", "rejetés"
        )?;
        for categorie in Categorie::TOUTES {
            let Comptes { lus, crees, modifies, inchanges, rejetes } =
                self.comptes.get(categorie.nom()).copied().unwrap_or_default();
            let nom = categorie.nom();
            writeln!(f, "{nom:<16}{lus:>10}{crees:>10}{modifies:>10}{inchanges:>12}{rejetes:>10}")?;
        }
        for (gravite, titre) in [(Gravite::Rejet, "Rejets"), (Gravite::Remarque, "Remarques")] {
            let nombre = self.lignes_de(gravite).count();
            if nombre > 0 {
                writeln!(f, "\n{titre} ({nombre})")?;
                self.lignes_de(gravite).try_for_each(|ligne| writeln!(f, "  {ligne}"))?;
            }
        }
        if self.lignes_omises > 0 {
            writeln!(f, "\n{} lignes de plus ne sont pas détaillées.", self.lignes_omises)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ligne(raison: &str) -> Ligne {
        Ligne {
            gravite: Gravite::Rejet,
            fichier: "f.xml".into(),
            ligne: 3,
            identifiant: Some("=1+1".into()),
            attribut: Some("l"),
            code: "CODE",
            raison: raison.into(),
        }
    }

    #[test]
    fn a_field_can_neither_break_the_line_nor_run_as_a_formula() {
        let mut rapport = Rapport::nouveau("2026-09-14".parse().unwrap(), false);
        rapport.noter(ligne("dit « \"a\";b »"));
        let csv = rapport.en_csv();
        assert!(csv.contains("\"'=1+1\""), "{csv}");
        assert!(csv.contains("\"dit « \"\"a\"\";b »\""), "{csv}");
        assert_eq!(csv.lines().count(), 2);
    }

    #[test]
    fn a_line_says_where_and_why() {
        assert_eq!(ligne("absent").to_string(), "f.xml, ligne 3, =1+1, l : absent [CODE]");
    }

    #[test]
    fn a_feed_of_nothing_but_faults_does_not_fill_the_memory() {
        let mut rapport = Rapport::nouveau("2026-09-14".parse().unwrap(), false);
        (0..LIGNES_MAX + 2).for_each(|_| rapport.noter(ligne("x")));
        assert_eq!((rapport.lignes.len(), rapport.lignes_omises), (LIGNES_MAX, 2));
    }
}
