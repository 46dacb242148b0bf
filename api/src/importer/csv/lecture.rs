//! Reads the file, line by line: a bad one is refused with its place, and the next one is read.

use crate::fichiers::tableur;
use crate::importer::fichier::ouverture::ouvrir;
use crate::importer::fichier::{Defaut, MotifRejet, Rejet, rejet};
use chrono::NaiveDate;
use csv::{ByteRecord, ErrorKind, ReaderBuilder, StringRecord, Trim};
use domain::annuaire::{NiveauResponsabilite, Profil};
use std::collections::{BTreeSet, HashMap};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// Most bytes of a file: an établissement has some thousands of people.
pub const TAILLE_MAX: u64 = 16 * 1024 * 1024;
/// Most lines.
const LIGNES_MAX: u64 = 100_000;
/// Most bytes of a field.
const CHAMP_MAX: usize = 1_000;

/// The columns, in the order in which an établissement's own list of its people is written. Those that
/// must be there come first.
pub const COLONNES: [&str; 13] = [
    "identifiant",
    "profil",
    "nom",
    "prenom",
    "civilite",
    "naissance",
    "courriel",
    "division",
    "fonctions",
    "eleve",
    "lien",
    "niveau",
    "destinataire",
];
/// How many of them must be there.
const OBLIGATOIRES: usize = 4;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct LigneLue {
    pub ligne: u64,
    pub identifiant: String,
    pub profil: Profil,
    pub nom: String,
    pub prenom: String,
    pub civilite: Option<String>,
    pub naissance: Option<NaiveDate>,
    pub courriel: Option<String>,
    pub division: Option<String>,
    pub fonctions: Vec<String>,
    /// For whom an adult answers, and how.
    pub reponse: Option<Reponse>,
}

/// What an adult is to a pupil.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Reponse {
    pub eleve: String,
    pub lien: String,
    /// As the file says it; otherwise he or she is a legal representative, the first or the second.
    pub niveau: Option<NiveauResponsabilite>,
    pub destinataire: bool,
}

/// A file.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct FichierCsv {
    pub fichier: Arc<str>,
    pub lignes: Vec<LigneLue>,
    pub lues: u64,
    pub rejets: Vec<Rejet>,
    /// Whether the file has a column that says for whom an adult answers.
    pub dit_les_responsables: bool,
    /// For whom the adults of lines that are refused answer; nothing, where that cannot be read.
    pub eleves_des_refus: BTreeSet<Option<String>>,
}

impl FichierCsv {
    /// Reads a file; says in French why it is none.
    pub fn lire(chemin: &Path) -> Result<Self, String> {
        let illisible = |erreur: std::io::Error| format!("le fichier n'a pas pu être lu ({})", erreur.kind());
        let nom = chemin.file_name().map(|nom| nom.to_string_lossy().into_owned()).unwrap_or_default();
        let mut octets = Vec::new();
        let mut source = ouvrir(chemin).map_err(illisible)?.take(TAILLE_MAX + 1);
        source.read_to_end(&mut octets).map_err(illisible)?;
        if octets.len() as u64 > TAILLE_MAX {
            return Err(format!(
                "le fichier dépasse {TAILLE_MAX} octets : ce n'est pas un seul établissement"
            ));
        }
        Self::de_texte(&nom, &octets)
    }

    /// Reads a file that is in memory.
    pub fn de_texte(nom: &str, octets: &[u8]) -> Result<Self, String> {
        let octets = octets.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(octets);
        let premiere = octets.split(|octet| *octet == b'\n').next().unwrap_or_default();
        let separateur = if premiere.contains(&b';') { b';' } else { b',' };
        let mut lecteur = ReaderBuilder::new()
            .delimiter(separateur)
            .trim(Trim::All)
            .flexible(true)
            .has_headers(true)
            .from_reader(octets);
        let entete = lecteur.headers().map_err(|_| ENTETE_ILLISIBLE.to_owned())?;
        let (colonnes, largeur) = (colonnes(entete)?, entete.len());
        let mut fichier = Self {
            fichier: nom.into(),
            lignes: Vec::new(),
            lues: 0,
            rejets: Vec::new(),
            dit_les_responsables: colonnes.contains_key("eleve"),
            eleves_des_refus: BTreeSet::new(),
        };
        let mut champs = ByteRecord::new();
        loop {
            let ligne = lecteur.position().line();
            match lecteur.read_byte_record(&mut champs) {
                Ok(false) => break,
                Ok(true) => {}
                Err(erreur) => {
                    let ligne = erreur.position().map_or(ligne, csv::Position::line);
                    let motif = match erreur.kind() {
                        ErrorKind::Io(erreur) => MotifRejet::Lecture { erreur: erreur.kind() },
                        _ => MotifRejet::FichierTronque,
                    };
                    fichier.rejets.push(rejet(&fichier.fichier, ligne, None, motif.into()));
                    break;
                }
            }
            fichier.lues += 1;
            if fichier.lues > LIGNES_MAX {
                return Err(format!("plus de {LIGNES_MAX} lignes : ce n'est pas un seul établissement"));
            }
            let ligne = champs.position().map_or(ligne, csv::Position::line);
            fichier.prendre(&champs, ligne, largeur, &colonnes);
        }
        Ok(fichier)
    }

    fn prendre(
        &mut self,
        champs: &ByteRecord,
        ligne: u64,
        largeur: usize,
        colonnes: &HashMap<&'static str, usize>,
    ) {
        match lire_ligne(champs, ligne, largeur, colonnes) {
            Ok(lue) => self.lignes.push(lue),
            Err(Refus { defaut, cle, eleve }) => {
                self.eleves_des_refus.extend(eleve);
                self.rejets.push(rejet(&self.fichier, ligne, cle.as_deref(), defaut));
            }
        }
    }
}

/// A line that is refused.
struct Refus {
    defaut: Defaut,
    cle: Option<String>,
    /// For whom an adult answers, if it says so; nothing of it, where that cannot be read.
    eleve: Option<Option<String>>,
}

/// Of a line in which nothing can be read.
impl From<Defaut> for Refus {
    fn from(defaut: Defaut) -> Self {
        Self { defaut, cle: None, eleve: Some(None) }
    }
}

fn lire_ligne(
    champs: &ByteRecord,
    ligne: u64,
    largeur: usize,
    colonnes: &HashMap<&'static str, usize>,
) -> Result<LigneLue, Refus> {
    let champs = StringRecord::from_byte_record(champs.clone())
        .map_err(|_| Defaut::from(MotifRejet::EncodageMensonger { declare: "UTF-8" }))?;
    let champs = Champs { champs, colonnes };
    // Otherwise its fields are not where they seem to be, and neither is its key.
    entiere(&champs, largeur)?;
    lire(&champs, ligne).map_err(|defaut| Refus {
        defaut,
        cle: champs.optionnel("identifiant").map(str::to_owned),
        eleve: champs.optionnel("eleve").map(|cle| Some(cle.to_owned())),
    })
}

const ENTETE_ILLISIBLE: &str =
    "la première ligne ne se lit pas : elle nomme les colonnes, en UTF-8 (« CSV UTF-8 » dans un tableur)";

/// Where each column stands.
fn colonnes(entete: &StringRecord) -> Result<HashMap<&'static str, usize>, String> {
    let mut colonnes = HashMap::new();
    for (rang, nom) in entete.iter().enumerate() {
        let nom = nom.trim().to_lowercase();
        let Some(connue) = COLONNES.into_iter().find(|colonne| *colonne == nom) else {
            let nom: String = nom.chars().take(40).collect();
            return Err(format!(
                "la colonne « {nom} » n'est pas prévue ; colonnes : {}",
                COLONNES.join(", ")
            ));
        };
        if colonnes.insert(connue, rang).is_some() {
            return Err(format!("la colonne « {connue} » figure deux fois"));
        }
    }
    match COLONNES.into_iter().take(OBLIGATOIRES).find(|colonne| !colonnes.contains_key(colonne)) {
        Some(absente) => Err(format!("la colonne « {absente} » manque")),
        None => Ok(colonnes),
    }
}

struct Champs<'a> {
    champs: StringRecord,
    colonnes: &'a HashMap<&'static str, usize>,
}

impl Champs<'_> {
    fn optionnel(&self, nom: &str) -> Option<&str> {
        let champ = self.champs.get(*self.colonnes.get(nom)?)?;
        Some(tableur::texte(champ.trim()).trim()).filter(|champ| !champ.is_empty())
    }

    fn requis(&self, nom: &'static str) -> Result<&str, Defaut> {
        self.optionnel(nom).ok_or_else(|| MotifRejet::ElementManquant { nom }.dans(nom))
    }

    /// One of these words.
    fn mot<T: Copy>(&self, nom: &'static str, mots: &[(&str, T)]) -> Result<T, Defaut> {
        let mot = self.requis(nom)?.to_lowercase();
        let trouve = mots.iter().find(|(autre, _)| *autre == mot).map(|(_, valeur)| *valeur);
        trouve.ok_or_else(|| MotifRejet::ElementInvalide { nom }.dans(nom))
    }
}

const PROFILS: [(&str, Profil); 7] = [
    ("eleve", Profil::Eleve),
    ("responsable", Profil::Responsable),
    ("enseignant", Profil::Enseignant),
    ("direction", Profil::Direction),
    ("vie_scolaire", Profil::VieScolaire),
    ("administratif", Profil::Administratif),
    ("autre", Profil::Autre),
];
const NIVEAUX: [(&str, Option<NiveauResponsabilite>); 6] = [
    ("legal", None),
    ("legale1", Some(NiveauResponsabilite::Legale1)),
    ("legale2", Some(NiveauResponsabilite::Legale2)),
    ("charge", Some(NiveauResponsabilite::Charge)),
    ("contact", Some(NiveauResponsabilite::Contact)),
    ("aucune", Some(NiveauResponsabilite::Aucune)),
];

/// Whether a line is one: without a column more or less, and without a quotation mark that took
/// others in.
fn entiere(champs: &Champs<'_>, largeur: usize) -> Result<(), Defaut> {
    if champs.champs.len() != largeur {
        return Err(MotifRejet::NombreDeColonnes { trouvees: champs.champs.len(), attendues: largeur }.into());
    }
    if champs.champs.iter().any(|champ| champ.contains(['\n', '\r'])) {
        return Err(MotifRejet::SautDeLigne.into());
    }
    Ok(())
}

/// Codes of functions, several in one field.
fn fonctions(champs: &Champs<'_>) -> Vec<String> {
    let codes = champs.optionnel("fonctions").unwrap_or_default().split('|');
    codes.map(str::trim).filter(|code| !code.is_empty()).map(str::to_owned).collect()
}

fn lire(champs: &Champs<'_>, ligne: u64) -> Result<LigneLue, Defaut> {
    if champs.champs.iter().any(|champ| champ.len() > CHAMP_MAX) {
        return Err(MotifRejet::ValeurTropLongue { max: CHAMP_MAX }.into());
    }
    let profil = champs.mot("profil", &PROFILS)?;
    let naissance = champs.optionnel("naissance").map(|jour| NaiveDate::parse_from_str(jour, "%d/%m/%Y"));
    let naissance = naissance.transpose().map_err(|_| MotifRejet::DateInvalide.dans("naissance"))?;
    if profil == Profil::Eleve && naissance.is_none() {
        return Err(MotifRejet::ElementManquant { nom: "naissance" }.dans("naissance"));
    }
    let reponse = if profil != Profil::Eleve && champs.optionnel("eleve").is_some() {
        Some(Reponse {
            eleve: champs.requis("eleve")?.to_owned(),
            lien: champs.optionnel("lien").unwrap_or("autre").to_owned(),
            niveau: champs.mot("niveau", &NIVEAUX)?,
            destinataire: champs.mot("destinataire", &[("oui", true), ("non", false)])?,
        })
    } else {
        None
    };
    let texte = |nom: &str| champs.optionnel(nom).map(str::to_owned);
    Ok(LigneLue {
        ligne,
        identifiant: champs.requis("identifiant")?.to_owned(),
        profil,
        nom: champs.requis("nom")?.to_owned(),
        prenom: champs.requis("prenom")?.to_owned(),
        civilite: texte("civilite"),
        naissance,
        courriel: texte("courriel"),
        division: texte("division"),
        fonctions: fonctions(champs),
        reponse,
    })
}
