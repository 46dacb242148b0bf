//! What an import did, for the person who must mend the source: counts, and one line per
//! entry that was not taken as it is. It never quotes what the feed says of people, only their
//! opaque keys.

mod texte;

use super::envoi::Origine;
use super::fichier::Rejet;
use super::motif::Motif;
use commands::Refused;
use commands::annuaire::Issue;
use domain::annuaire::Livraison;
use serde::Serialize;
use std::collections::BTreeMap;
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
    /// Persons whom the source no longer names.
    pub retires: u64,
}

/// How often a reason was met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MotifCompte {
    /// How much it matters.
    pub gravite: Gravite,
    /// Frozen code.
    pub code: &'static str,
    /// French sentence, of the first time.
    pub raison: String,
    /// Lines, by file.
    pub par_fichier: BTreeMap<Arc<str>, u64>,
    /// Lines.
    pub nombre: u64,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rapport {
    /// Which delivery of which source.
    pub livraison: Livraison,
    /// The timetable program, where this is an emploi du temps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emploi_du_temps: Option<&'static str>,
    /// What courses of it want twice at one time: told, and no reason to refuse any.
    #[serde(skip_serializing_if = "is_zero")]
    pub conflits: u64,
    /// Nothing was recorded, on purpose.
    pub a_blanc: bool,
    /// Nothing was recorded, for a file of the feed is damaged.
    pub interrompu: bool,
    /// The delivery no longer names so many that nobody was suspended: it was not taken to its end.
    pub retraits_a_confirmer: bool,
    /// The headings of the counts, in their order.
    #[serde(skip)]
    pub rubriques: &'static [&'static str],
    /// By heading. Nomenclatures are read and not stored.
    pub comptes: BTreeMap<&'static str, Comptes>,
    /// By reason, from the most frequent on: filled once all is read.
    pub motifs: Vec<MotifCompte>,
    /// What was not taken as it is, by file and line.
    pub lignes: Vec<Ligne>,
    /// Lines beyond [`LIGNES_MAX`].
    pub lignes_omises: u64,
}

impl Rapport {
    /// A report of nothing yet, which will count under these headings.
    pub fn nouveau(livraison: Livraison, rubriques: &'static [&'static str], a_blanc: bool) -> Self {
        Self {
            livraison,
            emploi_du_temps: None,
            conflits: 0,
            a_blanc,
            interrompu: false,
            retraits_a_confirmer: false,
            rubriques,
            comptes: BTreeMap::new(),
            motifs: Vec::new(),
            lignes: Vec::new(),
            lignes_omises: 0,
        }
    }

    /// Counts under a heading.
    pub fn compte(&mut self, rubrique: &'static str) -> &mut Comptes {
        self.comptes.entry(rubrique).or_default()
    }

    /// The lines of that gravity.
    pub fn lignes_de(&self, gravite: Gravite) -> impl Iterator<Item = &Ligne> {
        self.lignes.iter().filter(move |ligne| ligne.gravite == gravite)
    }

    /// Adds a line.
    pub fn noter(&mut self, ligne: Ligne) {
        self.compter_motif(&ligne);
        if self.lignes.len() < LIGNES_MAX {
            self.lignes.push(ligne);
        } else {
            self.lignes_omises += 1;
        }
    }

    fn compter_motif(&mut self, ligne: &Ligne) {
        let Ligne { gravite, code, fichier, raison, .. } = ligne;
        let connu = self.motifs.iter_mut().find(|motif| (motif.gravite, motif.code) == (*gravite, *code));
        let motif = match connu {
            Some(motif) => motif,
            None => {
                let (raison, par_fichier) = (raison.clone(), BTreeMap::new());
                let nouveau = MotifCompte { gravite: *gravite, code, raison, par_fichier, nombre: 0 };
                self.motifs.push(nouveau);
                let Some(dernier) = self.motifs.last_mut() else { return };
                dernier
            }
        };
        motif.nombre += 1;
        *motif.par_fichier.entry(fichier.clone()).or_default() += 1;
    }

    /// Adds what is to be said of an entry, or of something that it says.
    pub fn remarquer(&mut self, origine: &Origine, motif: &Motif, attribut: Option<&'static str>) {
        if motif.gravite() == Gravite::Rejet {
            self.compte(origine.rubrique).rejetes += 1;
        }
        self.noter(Ligne {
            gravite: motif.gravite(),
            fichier: origine.fichier.clone(),
            ligne: origine.ligne,
            identifiant: Some(origine.identifiant.clone()).filter(|cle| !cle.is_empty()),
            attribut,
            code: motif.code(),
            raison: motif.to_string(),
        });
    }

    /// Adds why an entry was refused by its reader.
    pub fn rejeter(&mut self, rubrique: &'static str, rejet: Rejet) {
        self.compte(rubrique).rejetes += 1;
        self.noter(rejet.into());
    }

    /// Adds all that was refused in reading; says whether the delivery is damaged, of which nothing is
    /// taken then.
    pub fn rejeter_tous(&mut self, rejets: impl IntoIterator<Item = (&'static str, Rejet)>) -> bool {
        for (rubrique, rejet) in rejets {
            self.interrompu |= rejet.motif.fatal();
            self.rejeter(rubrique, rejet);
        }
        if self.interrompu {
            self.ranger();
        }
        self.interrompu
    }

    /// Counts what became of an entry.
    pub fn conclure(&mut self, origine: &Origine, issue: Issue) {
        let compte = self.compte(origine.rubrique);
        match issue {
            Issue::Cree => compte.crees += 1,
            Issue::Modifie => compte.modifies += 1,
            Issue::Inchange => compte.inchanges += 1,
            Issue::Refuse(refus) => {
                compte.rejetes += 1;
                self.refuser(origine, refus);
            }
        }
    }

    /// Adds that the directory refused what an entry says.
    pub fn refuser(&mut self, origine: &Origine, refus: Refused) {
        self.noter(Ligne {
            gravite: Gravite::Rejet,
            fichier: origine.fichier.clone(),
            ligne: origine.ligne,
            identifiant: Some(origine.identifiant.clone()).filter(|cle| !cle.is_empty()),
            attribut: None,
            code: refus.code,
            raison: refus.message,
        });
    }

    /// Puts the lines in the order of the files, since acts under way together end in any order,
    /// and the reasons in that of their frequency.
    pub fn ranger(&mut self) {
        self.lignes.sort_by(|a, b| (&a.fichier, a.ligne).cmp(&(&b.fichier, b.ligne)));
        self.motifs.sort_by(|a, b| (a.gravite, b.nombre, a.code).cmp(&(b.gravite, a.nombre, b.code)));
    }
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

fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::annuaire::NatureDeLivraison;

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

    fn rapport() -> Rapport {
        let livraison = Livraison {
            origine: domain::annuaire::Origine::Aaf,
            portee: "Lyon".into(),
            nature: NatureDeLivraison::Complete,
            du: "2026-09-14".parse().unwrap(),
            annee: None,
        };
        Rapport::nouveau(livraison, &["Eleve"], false)
    }

    #[test]
    fn a_field_can_neither_break_the_line_nor_run_as_a_formula() {
        let mut rapport = rapport();
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
        let mut rapport = rapport();
        (0..LIGNES_MAX + 2).for_each(|_| rapport.noter(ligne("x")));
        assert_eq!((rapport.lignes.len(), rapport.lignes_omises), (LIGNES_MAX, 2));
    }

    #[test]
    fn an_administrator_reads_each_reason_once_with_its_count_and_first_places() {
        let mut rapport = rapport();
        for numero in 0..12 {
            rapport.noter(Ligne { ligne: numero, ..ligne("absent") });
        }
        rapport.noter(Ligne { code: "AUTRE", fichier: "g.xml".into(), ..ligne("illisible") });
        rapport.ranger();
        let texte = rapport.to_string();
        assert!(texte.contains("Livraison complète du 14/09/2026 : l'annuaire fédérateur, Lyon"), "{texte}");
        assert!(texte.contains("Rejets (13)\n\n  12 × absent [CODE]\n    12 dans f.xml\n"), "{texte}");
        assert!(texte.contains("    f.xml, ligne 9, =1+1, l\n    et 2 autres\n"), "{texte}");
        assert!(texte.contains("  1 × illisible [AUTRE]\n    1 dans g.xml\n"), "{texte}");
        let json = serde_json::to_value(&rapport).unwrap();
        assert_eq!(json["motifs"][0]["par_fichier"]["f.xml"], 12);
        assert_eq!(json["lignes"].as_array().unwrap().len(), 13);
    }
}
