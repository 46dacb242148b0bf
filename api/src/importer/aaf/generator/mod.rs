//! Writes complete feeds of invented people: the demo's, and those that the benches read.
//!
//! The same [`Plan`] always gives the same bytes. Entries are written as they are drawn: memory
//! does not grow with the feed beyond the pupils of one établissement.

mod ecriture;
mod etablissement;
mod famille;
mod nomenclature;
mod noms;
mod tirage;

use super::{Categorie, attribut};
use chrono::{Datelike, NaiveDate};
use ecriture::{Ecriture, un};
use etablissement::Ecole;
use nomenclature::{COLLEGE, LANGUES, LYCEE, TRONC_COMMUN};
use std::io;
use std::path::Path;
use tirage::Tirage;

/// What to generate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Source of every draw.
    pub seed: u64,
    /// Whose feed it is.
    pub academie: Academie,
    /// Date of the feed; it decides of the school year, and so of the ages.
    pub date: NaiveDate,
    /// Établissements, in order.
    pub etablissements: Vec<EtablissementPrevu>,
    /// Pupils of each division.
    pub eleves_par_division: usize,
    /// Encoding of the files.
    pub encodage: Encodage,
}

/// An établissement to generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EtablissementPrevu {
    /// Collège or lycée.
    pub nature: Nature,
    /// Number of its divisions.
    pub divisions: usize,
}

/// Kind of établissement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Nature {
    College,
    Lycee,
}

/// An académie of the Région.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Academie {
    Clermont,
    Grenoble,
    Lyon,
}

/// Encoding of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Encodage {
    Utf8,
    Iso8859_15,
}

/// What was generated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Bilan {
    pub etablissements: u64,
    pub mefs: u64,
    pub matieres: u64,
    pub responsables: u64,
    pub personnels: u64,
    pub eleves: u64,
    pub octets: u64,
}

impl Bilan {
    /// People: adults in relation, staff, pupils.
    pub fn personnes(&self) -> u64 {
        self.responsables + self.personnels + self.eleves
    }

    /// Entries of every category.
    pub fn entrees(&self) -> u64 {
        self.etablissements + self.mefs + self.matieres + self.personnes()
    }
}

impl Plan {
    /// The demo: two collèges and a lycée, twenty divisions.
    pub fn demo(seed: u64, academie: Academie, date: NaiveDate) -> Self {
        let prevu = |nature, divisions| EtablissementPrevu { nature, divisions };
        Self {
            seed,
            academie,
            date,
            etablissements: vec![
                prevu(Nature::College, 8),
                prevu(Nature::College, 6),
                prevu(Nature::Lycee, 6),
            ],
            eleves_par_division: 26,
            encodage: Encodage::Utf8,
        }
    }

    /// About that many people, in établissements of twenty divisions.
    pub fn de_taille(seed: u64, academie: Academie, date: NaiveDate, personnes: usize) -> Self {
        const PAR_ETABLISSEMENT: usize = 1_315;
        let natures = [Nature::College, Nature::College, Nature::Lycee].into_iter().cycle();
        let nombre = personnes.div_ceil(PAR_ETABLISSEMENT);
        let prevu = |nature| EtablissementPrevu { nature, divisions: 20 };
        Self {
            seed,
            academie,
            date,
            etablissements: natures.take(nombre).map(prevu).collect(),
            eleves_par_division: 28,
            encodage: Encodage::Utf8,
        }
    }
}

impl Academie {
    /// Its name, as the feed writes it.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Clermont => "CLERMONT-FERRAND",
            Self::Grenoble => "GRENOBLE",
            Self::Lyon => "LYON",
        }
    }

    fn domaine(self) -> &'static str {
        match self {
            Self::Clermont => "ac-clermont",
            Self::Grenoble => "ac-grenoble",
            Self::Lyon => "ac-lyon",
        }
    }

    fn codes(self) -> &'static [u32] {
        match self {
            Self::Clermont => &[3, 15, 43, 63],
            Self::Grenoble => &[7, 26, 38, 73, 74],
            Self::Lyon => &[1, 42, 69],
        }
    }

    fn departements(self) -> u32 {
        u32::try_from(self.codes().len()).unwrap_or(1)
    }

    /// The département of the établissement of that rank.
    fn departement(self, rang: u32) -> u32 {
        self.codes().get((rang % self.departements()) as usize).copied().unwrap_or_default()
    }
}

impl Encodage {
    /// Its name in the XML declaration.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Iso8859_15 => "ISO-8859-15",
        }
    }
}

/// An UAI with its check letter: the number modulo 23.
pub fn uai(departement: u32, numero: u32) -> String {
    const LETTRES: &[u8; 23] = b"ABCDEFGHJKLMNPRSTUVWXYZ";
    let nombre = (departement % 1_000) * 10_000 + numero % 10_000;
    let lettre = LETTRES.get((nombre % 23) as usize).copied().map_or('A', char::from);
    format!("{nombre:07}{lettre}")
}

/// Writes the feed into `dossier`, which it makes if need be; never over a file that is there.
pub fn generate(dossier: &Path, plan: &Plan) -> io::Result<Bilan> {
    let mut sortie = Ecriture::dans(dossier, plan.date, plan.encodage)?;
    let mut tirage = Tirage::de(plan.seed);
    let mut bilan = Bilan::default();
    nomenclatures(&mut sortie, &mut bilan)?;
    let annee = if plan.date.month() >= 8 { plan.date.year() } else { plan.date.year() - 1 };
    for (rang, prevu) in (0..).zip(&plan.etablissements) {
        let EtablissementPrevu { nature, divisions } = *prevu;
        let ecole = Ecole::nouvelle(rang, plan.academie, nature, divisions, annee, &mut tirage);
        ecole.ecrire(&mut sortie)?;
        bilan.etablissements += 1;
        bilan.personnels += ecole.ecrire_personnels(&mut tirage, &mut sortie)?;
        let familles = famille::peupler(&ecole, plan.eleves_par_division, &mut tirage, &mut sortie)?;
        bilan.responsables += familles.responsables;
        bilan.eleves += familles.eleves;
    }
    bilan.octets = sortie.finir()?;
    Ok(bilan)
}

fn nomenclatures(sortie: &mut Ecriture, bilan: &mut Bilan) -> io::Result<()> {
    for niveau in COLLEGE.iter().chain(LYCEE) {
        let attributs = [
            un(attribut::MEF_JOINTURE, niveau.mef),
            un(attribut::MEF_LIBELLE, niveau.libelle),
            un(attribut::MEF_RATTACHEMENT, niveau.mef),
            un(attribut::MEF_STATISTIQUE, format!("21{}", niveau.mef.get(..9).unwrap_or_default())),
        ];
        sortie.entree(Categorie::MefEducNat, niveau.mef, &attributs)?;
        bilan.mefs += 1;
    }
    for matiere in TRONC_COMMUN.iter().chain(LANGUES.iter().map(|(_, _, matiere)| matiere)) {
        let attributs =
            [un(attribut::MATIERE_JOINTURE, matiere.code), un(attribut::MATIERE_LIBELLE, matiere.libelle)];
        sortie.entree(Categorie::MatiereEducNat, matiere.code, &attributs)?;
        bilan.matieres += 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letter_of_an_uai_is_its_number_modulo_23() {
        // The lycées du Parc and Louis-le-Grand, as the public directory has them.
        assert_eq!(uai(69, 26), "0690026D");
        assert_eq!(uai(75, 655), "0750655E");
        assert_eq!(uai(1, 9_999), "0019999N");
    }
}
