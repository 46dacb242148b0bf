//! A tag of a file with all that it holds: small, since its reader bounds it.

use super::{Defaut, MotifRejet};
use chrono::NaiveDate;
use domain::AnneeScolaire;
use std::ops::Range;

/// School years that a file may name: of four figures, and not of before there were such files.
const ANNEES: Range<i16> = 2000..10_000;

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Noeud {
    /// Name of the tag.
    pub nom: String,
    /// Line where it starts.
    pub ligne: u64,
    pub(super) attributs: Vec<(String, String)>,
    pub(super) texte: String,
    pub(super) enfants: Vec<Noeud>,
}

impl Noeud {
    /// An attribute, where it is there and not empty.
    pub fn attribut(&self, nom: &str) -> Option<&str> {
        let trouve = self.attributs.iter().find(|(autre, _)| autre == nom);
        trouve.map(|(_, valeur)| valeur.trim()).filter(|valeur| !valeur.is_empty())
    }

    /// The first tag of that name in it.
    pub fn enfant(&self, nom: &str) -> Option<&Noeud> {
        self.enfants.iter().find(|enfant| enfant.nom == nom)
    }

    /// The tags of that name in it.
    pub fn enfants<'a>(&'a self, nom: &'a str) -> impl Iterator<Item = &'a Noeud> {
        self.enfants.iter().filter(move |enfant| enfant.nom == nom)
    }

    /// The tags at the end of a path of names.
    pub fn suite<'a>(&'a self, chemin: &'a [&'a str]) -> Vec<&'a Noeud> {
        let mut noeuds = vec![self];
        for nom in chemin {
            noeuds = noeuds.into_iter().flat_map(move |noeud| noeud.enfants(nom)).collect();
        }
        noeuds
    }

    /// Its own text, where there is one.
    pub fn contenu(&self) -> Option<&str> {
        Some(self.texte.trim()).filter(|texte| !texte.is_empty())
    }

    /// The text of a tag in it, where there is one.
    pub fn texte(&self, nom: &str) -> Option<&str> {
        self.enfant(nom).and_then(Noeud::contenu)
    }

    /// The text of a tag in it, which must be there.
    pub(in crate::importer) fn requis(&self, nom: &'static str) -> Result<String, Defaut> {
        self.texte(nom).map(str::to_owned).ok_or_else(|| MotifRejet::ElementManquant { nom }.dans(nom))
    }

    /// An attribute that must be there.
    pub(in crate::importer) fn cle(&self, nom: &'static str) -> Result<String, Defaut> {
        self.attribut(nom).map(str::to_owned).ok_or_else(|| MotifRejet::ElementManquant { nom }.dans(nom))
    }

    /// The school year that a tag `ANNEE_SCOLAIRE` names: as its text in SIECLE and in what a timetable
    /// program gives back, as its attribute in what STS exports.
    pub(in crate::importer) fn annee_scolaire(&self) -> Result<AnneeScolaire, Defaut> {
        let nom = "ANNEE_SCOLAIRE";
        let ecrite = self.attribut("ANNEE").or(self.contenu());
        let annee = ecrite.and_then(|ecrite| ecrite.parse::<i16>().ok());
        let annee = annee.filter(|annee| ANNEES.contains(annee)).map(AnneeScolaire);
        annee.ok_or_else(|| MotifRejet::ElementInvalide { nom }.dans(nom))
    }

    /// The date in a tag, written in that format, where there is one.
    pub(in crate::importer) fn date(
        &self,
        nom: &'static str,
        format: &str,
    ) -> Result<Option<NaiveDate>, Defaut> {
        let lire = |texte| NaiveDate::parse_from_str(texte, format);
        let date = self.texte(nom).map(lire).transpose();
        date.map_err(|_| MotifRejet::ElementInvalide { nom }.dans(nom))
    }
}
