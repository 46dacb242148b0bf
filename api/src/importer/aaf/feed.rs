//! A feed: the files of one delivery, found in a folder by their names
//! (`…_Complet_AAAAMMJJ_Categorie_NNNN.xml`, or `…_Delta_…`) and read in order.

use super::entree::{Categorie, Entree};
use super::reader::AafReader;
use crate::importer::fichier::ouverture::ouvrir;
use crate::importer::fichier::{MotifRejet, Rejet};
use chrono::NaiveDate;
use domain::annuaire::NatureDeLivraison;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Why a folder is not a feed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum LivraisonRefusee {
    #[error("le dossier de la livraison n'a pas pu être lu ({erreur})")]
    DossierIllisible { erreur: io::ErrorKind },
    #[error("le dossier ne contient aucun fichier d'une livraison de l'annuaire fédérateur")]
    AucunFichier,
    #[error("« {nom} » n'est pas un fichier ordinaire : les liens et les dossiers ne sont pas suivis")]
    FichierSpecial { nom: String },
    #[error("« {nom} » est une archive : décompressez la livraison avant de l'importer")]
    Archive { nom: String },
    #[error(
        "le dossier mêle une livraison complète et une différentielle : importez-les l'une après l'autre"
    )]
    NaturesMelees,
    #[error("« {nom} » n'a pas le nom d'un fichier de livraison")]
    NomInattendu { nom: String },
    #[error(
        "le dossier n'a pas « {nom} », que le numéro du suivant annonce : la livraison n'est pas entière"
    )]
    FichierManquant { nom: String },
    #[error("le dossier mêle des livraisons du {premiere} et du {autre}")]
    DatesDifferentes { premiere: NaiveDate, autre: NaiveDate },
}

impl LivraisonRefusee {
    /// Frozen code, in capitals.
    pub fn code(&self) -> &'static str {
        match self {
            Self::DossierIllisible { .. } => "AAF_DOSSIER_ILLISIBLE",
            Self::AucunFichier => "AAF_AUCUN_FICHIER",
            Self::FichierSpecial { .. } => "AAF_FICHIER_SPECIAL",
            Self::Archive { .. } => "AAF_ARCHIVE",
            Self::NaturesMelees => "AAF_NATURES_MELEES",
            Self::NomInattendu { .. } => "AAF_NOM_INATTENDU",
            Self::FichierManquant { .. } => "AAF_FICHIER_MANQUANT",
            Self::DatesDifferentes { .. } => "AAF_DATES_DIFFERENTES",
        }
    }
}

/// One file of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fichier {
    /// Category of its entries.
    pub categorie: Categorie,
    /// File name; its number is at the end, so that names sort as numbers do.
    pub nom: String,
    /// Where it is.
    pub chemin: PathBuf,
    /// Whether it is of a complete feed or a delta.
    pub nature: NatureDeLivraison,
    /// Its size.
    pub octets: u64,
}

impl Fichier {
    /// Opens it, unless it has become a link or a device since it was found.
    pub fn ouvrir(&self) -> io::Result<AafReader<File>> {
        let fichier = ouvrir(&self.chemin)?;
        Ok(AafReader::new(&self.nom, fichier).attendre(self.categorie).de_nature(self.nature))
    }
}

/// A feed of one date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Livraison {
    /// Whether it says everything, or what changed.
    pub nature: NatureDeLivraison,
    /// Date that the file names carry.
    pub date: NaiveDate,
    /// Its files, in order of dependency.
    pub fichiers: Vec<Fichier>,
}

impl Livraison {
    /// Finds the files of the feed in `dossier`. Files that are not XML are left alone.
    pub fn open(dossier: &Path) -> Result<Self, LivraisonRefusee> {
        let mut premier = None;
        let mut fichiers = Vec::new();
        for trouve in std::fs::read_dir(dossier).map_err(illisible)? {
            let trouve = trouve.map_err(illisible)?;
            let nom = trouve.file_name().to_string_lossy().into_owned();
            let Some(Nom { nature, jour, categorie }) = reconnaitre(&nom)? else { continue };
            let metadonnees = trouve.path().symlink_metadata().map_err(illisible)?;
            if !metadonnees.is_file() {
                return Err(LivraisonRefusee::FichierSpecial { nom });
            }
            let (premiere_nature, premiere) = *premier.get_or_insert((nature, jour));
            if premiere_nature != nature {
                return Err(LivraisonRefusee::NaturesMelees);
            }
            if premiere != jour {
                let (premiere, autre) = (premiere.min(jour), premiere.max(jour));
                return Err(LivraisonRefusee::DatesDifferentes { premiere, autre });
            }
            let octets = metadonnees.len();
            fichiers.push(Fichier { categorie, nom, chemin: trouve.path(), nature, octets });
        }
        fichiers.sort_by(|a, b| (a.categorie, &a.nom).cmp(&(b.categorie, &b.nom)));
        let noms: Vec<_> = fichiers.iter().map(|fichier| fichier.nom.as_str()).collect();
        if let Some(nom) = manquant(&noms) {
            return Err(LivraisonRefusee::FichierManquant { nom });
        }
        let (nature, date) = premier.ok_or(LivraisonRefusee::AucunFichier)?;
        Ok(Self { nature, date, fichiers })
    }

    /// Size of the whole.
    pub fn octets(&self) -> u64 {
        self.fichiers.iter().map(|fichier| fichier.octets).sum()
    }

    /// Categories of which there is no file. To read such a feed as complete would suspend
    /// everybody of that category: who imports must refuse or be asked.
    pub fn categories_absentes(&self) -> Vec<Categorie> {
        let presente = |categorie| self.fichiers.iter().any(|fichier| fichier.categorie == categorie);
        Categorie::TOUTES.into_iter().filter(|categorie| !presente(*categorie)).collect()
    }

    /// Reads every file in turn; `suivi` hears the bytes read so far, of [`Self::octets`]. A file
    /// refused as a whole is one fatal [`Rejet`], and the next file is read.
    pub fn entrees<F: FnMut(u64)>(&self, suivi: F) -> Entrees<'_, F> {
        Entrees { restants: self.fichiers.iter(), courant: None, octets_finis: 0, octets: 0, suivi }
    }
}

/// The entries of a feed.
pub struct Entrees<'a, F> {
    restants: std::slice::Iter<'a, Fichier>,
    courant: Option<(&'a Fichier, AafReader<File>)>,
    octets_finis: u64,
    octets: u64,
    suivi: F,
}

impl<F: FnMut(u64)> Entrees<'_, F> {
    /// Name of the file, and line where the last entry given starts.
    pub fn lieu(&self) -> Option<(&str, u64)> {
        self.courant.as_ref().map(|(fichier, lecteur)| (fichier.nom.as_str(), lecteur.ligne()))
    }

    /// Category of the file of the last entry given.
    pub fn categorie(&self) -> Option<Categorie> {
        self.courant.as_ref().map(|(fichier, _)| fichier.categorie)
    }

    fn suivre(&mut self) {
        let lus = self.courant.as_ref().map_or(0, |(_, lecteur)| lecteur.octets_lus());
        if self.octets != self.octets_finis + lus {
            self.octets = self.octets_finis + lus;
            (self.suivi)(self.octets);
        }
    }
}

impl<F: FnMut(u64)> Iterator for Entrees<'_, F> {
    type Item = Result<Entree, Rejet>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((fichier, lecteur)) = &mut self.courant {
                let entree = lecteur.next();
                if entree.is_some() {
                    self.suivre();
                    return entree;
                }
                self.octets_finis += fichier.octets;
                self.courant = None;
                self.suivre();
            }
            let fichier = self.restants.next()?;
            match fichier.ouvrir() {
                Ok(lecteur) => self.courant = Some((fichier, lecteur)),
                Err(erreur) => {
                    self.octets_finis += fichier.octets;
                    return Some(Err(Rejet {
                        fichier: fichier.nom.as_str().into(),
                        ligne: 1,
                        identifiant: None,
                        attribut: None,
                        motif: MotifRejet::Lecture { erreur: erreur.kind() },
                    }));
                }
            }
        }
    }
}

fn illisible(erreur: io::Error) -> LivraisonRefusee {
    LivraisonRefusee::DossierIllisible { erreur: erreur.kind() }
}

/// What a file name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Nom {
    nature: NatureDeLivraison,
    jour: NaiveDate,
    categorie: Categorie,
}

/// Reads a file name; nothing, if it is not the feed's business.
fn reconnaitre(nom: &str) -> Result<Option<Nom>, LivraisonRefusee> {
    let minuscules = nom.to_ascii_lowercase();
    if [".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".zst", ".7z"]
        .iter()
        .any(|fin| minuscules.ends_with(fin))
    {
        return Err(LivraisonRefusee::Archive { nom: nom.to_owned() });
    }
    if !minuscules.ends_with(".xml") {
        return Ok(None);
    }
    let inattendu = || LivraisonRefusee::NomInattendu { nom: nom.to_owned() };
    analyser(nom).map(Some).ok_or_else(inattendu)
}

/// The first file that the numbers of these, in order, show to be missing. Some académies begin at
/// 0, some at 1.
fn manquant(noms: &[&str]) -> Option<String> {
    let lire = |nom: &str| {
        let (debut, numero) = nom.strip_suffix(".xml")?.rsplit_once('_')?;
        Some((debut.to_owned(), numero.parse::<u32>().ok()?))
    };
    let mut precedent = None;
    for (debut, numero) in noms.iter().filter_map(|nom| lire(nom)) {
        let attendu = match &precedent {
            Some((meme, dernier)) if *meme == debut => dernier + 1,
            _ => numero.min(1),
        };
        if numero != attendu {
            return Some(format!("{debut}_{attendu:04}.xml"));
        }
        precedent = Some((debut, numero));
    }
    None
}

fn analyser(nom: &str) -> Option<Nom> {
    let mut parts = nom.strip_suffix(".xml")?.rsplitn(5, '_');
    let (numero, categorie, date, nature) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let prefixe = parts.next()?;
    let chiffres = |texte: &str| texte.bytes().all(|octet| octet.is_ascii_digit());
    let forme = numero.len() == 4 && chiffres(numero) && date.len() == 8 && chiffres(date);
    if !forme || prefixe.is_empty() {
        return None;
    }
    let nature = match nature {
        "Complet" => NatureDeLivraison::Complete,
        "Delta" => NatureDeLivraison::Delta,
        _ => return None,
    };
    let jour = NaiveDate::parse_from_str(date, "%Y%m%d").ok()?;
    Some(Nom { nature, jour, categorie: Categorie::nommee(categorie)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_a_feed_is_known_by_its_name() {
        use NatureDeLivraison::{Complete, Delta};
        let jour = NaiveDate::from_ymd_opt(2026, 9, 14).unwrap();
        for (nom, nature, categorie) in [
            ("ENT_Complet_20260914_Eleve_0000.xml", Complete, Categorie::Eleve),
            ("ENT2DVA-ENT16_Complet_20260914_PersEducNat_0012.xml", Complete, Categorie::PersEducNat),
            ("ENT_0690001D_Complet_20260914_MefEducNat_0000.xml", Complete, Categorie::MefEducNat),
            ("ENT_Delta_20260914_Eleve_0000.xml", Delta, Categorie::Eleve),
        ] {
            assert_eq!(reconnaitre(nom), Ok(Some(Nom { nature, jour, categorie })), "{nom}");
        }
    }

    #[test]
    fn other_files_are_left_alone_or_refused_by_name() {
        assert_eq!(reconnaitre("ficAlimMENESR.dtd"), Ok(None));
        for (nom, code) in [
            ("ENT_Differentiel_20260914_Eleve_0000.xml", "AAF_NOM_INATTENDU"),
            ("ENT_Complet_20260914_Eleve_0000.xml.gz", "AAF_ARCHIVE"),
            ("livraison.ZIP", "AAF_ARCHIVE"),
            ("Eleve.xml", "AAF_NOM_INATTENDU"),
            ("_Complet_20260914_Eleve_0000.xml", "AAF_NOM_INATTENDU"),
            ("ENT_Complet_20260931_Eleve_0000.xml", "AAF_NOM_INATTENDU"),
            ("ENT_Complet_20260914_Invite_0000.xml", "AAF_NOM_INATTENDU"),
        ] {
            assert_eq!(reconnaitre(nom).map_err(|refus| refus.code()), Err(code), "{nom}");
        }
    }
}
