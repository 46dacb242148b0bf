//! Reads the files of an export into memory: those of one établissement are a few megabytes.

use super::registre::cle_d_enseignant;
use crate::importer::fichier::ouverture::lire_chacun;
use crate::importer::fichier::{
    Defaut, Forme, Inventaire, LecteurDeReleves, MotifRejet, Noeud, Rejet, Releve, rejet,
};
use chrono::NaiveDate;
use commands::annuaire::AuditoireDecrit;
use domain::AnneeScolaire;
use domain::annuaire::Uai;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// Most entries of an export, of all kinds.
pub const ENTREES_MAX: usize = 50_000;

const EXPORT: &str = "STS_EDT";
const RETOUR: &str = "EDT_STS";
const ETABLISSEMENT: &str = "PARAMETRES/UAJ";
const ANNEE: &str = "PARAMETRES/ANNEE_SCOLAIRE";
const MATIERE: &str = "NOMENCLATURES/MATIERES/MATIERE";
const CIVILITE: &str = "NOMENCLATURES/CIVILITES/CIVILITE";
const INDIVIDU: &str = "DONNEES/INDIVIDUS/INDIVIDU";
const DIVISION: &str = "DONNEES/STRUCTURE/DIVISIONS/DIVISION";
const GROUPE: &str = "DONNEES/STRUCTURE/GROUPES/GROUPE";

/// The files of an export.
pub const FORMES: &[Forme] = &[
    Forme { racine: EXPORT, releves: &[ETABLISSEMENT, ANNEE, MATIERE, CIVILITE, INDIVIDU, DIVISION, GROUPE] },
    Forme { racine: RETOUR, releves: &[ETABLISSEMENT, ANNEE, DIVISION, GROUPE] },
];

/// A member of the staff.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct EnseignantLu {
    pub fichier: Arc<str>,
    pub ligne: u64,
    /// Under which key the directory keeps this person, by number and register.
    pub id: String,
    pub civilite: Option<String>,
    pub nom: String,
    pub nom_de_naissance: Option<String>,
    pub prenom: String,
    pub naissance: Option<NaiveDate>,
    /// `ENS`, `DIR`, `EDU`…
    pub fonction: Option<String>,
    /// Codes of the disciplines of the post.
    pub disciplines: BTreeSet<String>,
    /// Divisions of which this person is professeur principal.
    pub principal_de: BTreeSet<String>,
}

/// What is taught to a division or a groupe, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct EnseignementLu {
    pub fichier: Arc<str>,
    pub ligne: u64,
    pub auditoire: AuditoireDecrit,
    pub matiere: String,
    pub enseignant: String,
}

/// A groupe. A timetable program gives it back in its own file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct GroupeLu {
    pub fichier: Arc<str>,
    pub ligne: u64,
    pub libelle: Option<String>,
    /// Codes of the divisions from which its members come.
    pub divisions: BTreeSet<String>,
    /// Keys of those who teach it.
    pub enseignants: BTreeSet<String>,
    /// Where it is declared once more in the same file: what is said there is not taken.
    pub doubles: Vec<u64>,
}

/// A division: its name, and its formation.
pub type DivisionLue = (Option<String>, Option<String>);

/// What an export says.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Sts {
    pub uai: Uai,
    pub academie: String,
    pub nom: String,
    pub nature: Option<String>,
    pub commune: Option<String>,
    /// The school year of which the export speaks, where it says.
    pub annee: Option<AnneeScolaire>,
    pub matieres: BTreeMap<String, String>,
    pub enseignants: Vec<EnseignantLu>,
    pub divisions: BTreeMap<String, DivisionLue>,
    pub enseignements: Vec<EnseignementLu>,
    /// Groupes, by code.
    pub groupes: BTreeMap<String, GroupeLu>,
    /// A groupe is refused: those that are read are not all.
    pub groupe_refuse: bool,
    /// Members of the staff met.
    pub lus: u64,
    pub rejets: Vec<Rejet>,
}

#[derive(Debug, Default)]
struct Entete {
    uai: Option<Uai>,
    academie: String,
    nom: String,
    nature: Option<String>,
    commune: Option<String>,
    annee: Option<AnneeScolaire>,
}

#[derive(Default)]
struct Lecture {
    entete: Entete,
    inventaire: Inventaire,
    matieres: BTreeMap<String, String>,
    civilites: BTreeMap<String, String>,
    enseignants: Vec<EnseignantLu>,
    divisions: BTreeMap<String, DivisionLue>,
    enseignements: Vec<EnseignementLu>,
    groupes: BTreeMap<String, GroupeLu>,
    groupe_refuse: bool,
    lus: u64,
    rejets: Vec<Rejet>,
}

impl Sts {
    /// Reads the files of an export; says in French why they are none.
    pub fn lire(chemin: &Path) -> Result<Self, String> {
        let mut lecture = Lecture::default();
        lire_chacun(chemin, "STS", |nom, fichier| lecture.fichier(nom, fichier))?;
        lecture.finir()
    }

    /// Reads files that are in memory, named as given.
    pub fn de_textes(textes: &[(&str, &[u8])]) -> Result<Self, String> {
        let mut lecture = Lecture::default();
        for (nom, octets) in textes {
            lecture.fichier(nom, *octets)?;
        }
        lecture.finir()
    }
}

impl Lecture {
    fn fichier(&mut self, nom: &str, source: impl Read) -> Result<(), String> {
        let fichier: Arc<str> = nom.into();
        let mut racine = None;
        for lu in LecteurDeReleves::new(nom, source, FORMES) {
            let releve = match lu {
                Ok(releve) => releve,
                Err(rejet) => {
                    self.rejets.push(rejet);
                    break;
                }
            };
            let premiere = racine.replace(releve.racine).is_none();
            self.inventaire.compter(releve.racine, premiere, ENTREES_MAX)?;
            if let Err(defaut) = self.releve(&fichier, &releve)? {
                let noeud = &releve.noeud;
                self.groupe_refuse |= releve.chemin == GROUPE;
                let cle = cle_d_enseignant(noeud).ok();
                let identifiant = cle.as_deref().or(noeud.attribut("CODE"));
                self.rejets.push(rejet(&fichier, noeud.ligne, identifiant, defaut));
            }
        }
        Ok(())
    }

    fn releve(&mut self, fichier: &Arc<str>, releve: &Releve) -> Result<Result<(), Defaut>, String> {
        let noeud = &releve.noeud;
        Ok(match releve.chemin {
            ETABLISSEMENT => return self.etablissement(releve.racine, noeud),
            ANNEE => return self.annee(noeud),
            MATIERE => libelle(noeud).map(|(code, libelle)| {
                self.matieres.insert(code, libelle);
            }),
            CIVILITE => libelle(noeud).map(|(code, libelle)| {
                self.civilites.insert(code, libelle);
            }),
            INDIVIDU => {
                self.lus += 1;
                individu(noeud, fichier, &self.civilites).map(|lu| self.enseignants.push(lu))
            }
            DIVISION => self.division(noeud, fichier),
            _ => self.groupe(noeud, fichier),
        })
    }

    /// `UAJ` has the number as its attribute in `sts_emp`, as its text in `emp_sts`.
    fn etablissement(&mut self, racine: &str, noeud: &Noeud) -> Result<Result<(), Defaut>, String> {
        let numero = noeud.attribut("CODE").or(noeud.contenu());
        let Some(Ok(uai)) = numero.map(str::parse::<Uai>) else {
            return Ok(Err(MotifRejet::UaiInvalide.dans("UAJ")));
        };
        if let Some(autre) = self.entete.uai.as_ref().filter(|autre| **autre != uai) {
            return Err(format!("les fichiers sont de deux établissements, {autre} et {uai}"));
        }
        self.entete.uai = Some(uai);
        if racine == EXPORT {
            let academie = noeud.enfant("ACADEMIE").and_then(|academie| academie.texte("LIBELLE"));
            self.entete.academie = academie.unwrap_or_default().to_owned();
            let noms = ["DENOM_COMPL", "DENOM_PRINC"].into_iter().find_map(|nom| noeud.texte(nom));
            self.entete.nom = noms.unwrap_or_default().to_owned();
            self.entete.nature = noeud.texte("CODE_CATEGORIE").or(noeud.texte("SIGLE")).map(nature);
            self.entete.commune = noeud.texte("COMMUNE").map(str::to_owned);
        }
        Ok(Ok(()))
    }

    fn annee(&mut self, noeud: &Noeud) -> Result<Result<(), Defaut>, String> {
        let annee = match noeud.annee_scolaire() {
            Ok(annee) => annee,
            Err(defaut) => return Ok(Err(defaut)),
        };
        match self.entete.annee.replace(annee).filter(|autre| *autre != annee) {
            Some(autre) => Err(format!("les fichiers sont de deux années scolaires, {autre} et {annee}")),
            None => Ok(Ok(())),
        }
    }

    fn division(&mut self, noeud: &Noeud, fichier: &Arc<str>) -> Result<(), Defaut> {
        let code = noeud.cle("CODE")?;
        let mefs = noeud.suite(&["MEFS_APPARTENANCE", "MEF_APPARTENANCE"]);
        let mef = mefs.first().and_then(|mef| mef.attribut("CODE")).map(str::to_owned);
        let (libelle, connue) = self.divisions.entry(code.clone()).or_default();
        *libelle = libelle.take().or_else(|| noeud.texte("LIBELLE_LONG").map(str::to_owned));
        *connue = connue.take().or(mef);
        for enseigne in noeud.suite(&["SERVICES", "SERVICE"]) {
            let matiere = enseigne.cle("CODE_MATIERE")?;
            for enseignant in enseigne.suite(&["ENSEIGNANTS", "ENSEIGNANT"]) {
                self.enseignements.push(EnseignementLu {
                    fichier: fichier.clone(),
                    ligne: enseigne.ligne,
                    auditoire: AuditoireDecrit::Division(code.clone()),
                    matiere: matiere.clone(),
                    enseignant: cle_d_enseignant(enseignant)?,
                });
            }
        }
        Ok(())
    }

    fn groupe(&mut self, noeud: &Noeud, fichier: &Arc<str>) -> Result<(), Defaut> {
        let code = noeud.cle("CODE")?;
        let divisions = noeud.suite(&["DIVISIONS_APPARTENANCE", "DIVISION_APPARTENANCE"]);
        let divisions = divisions.into_iter().filter_map(|une| une.attribut("CODE")).map(str::to_owned);
        let enseignants = noeud.suite(&["SERVICES", "SERVICE", "ENSEIGNANTS", "ENSEIGNANT"]);
        let enseignants: BTreeSet<_> =
            enseignants.into_iter().map(cle_d_enseignant).collect::<Result<_, _>>()?;
        let libelle = noeud.texte("LIBELLE_LONG").map(str::to_owned);
        let enseignes = enseignes_au_groupe(noeud, &code, fichier)?;
        match self.groupes.entry(code) {
            Entry::Vacant(place) => {
                self.enseignements.extend(enseignes);
                place.insert(GroupeLu {
                    fichier: fichier.clone(),
                    ligne: noeud.ligne,
                    libelle,
                    divisions: divisions.collect(),
                    enseignants,
                    doubles: Vec::new(),
                });
            }
            Entry::Occupied(place) if place.get().fichier == *fichier => {
                place.into_mut().doubles.push(noeud.ligne);
            }
            Entry::Occupied(place) => {
                let connu = place.into_mut();
                connu.libelle = connu.libelle.take().or(libelle);
                connu.divisions.extend(divisions);
                connu.enseignants.extend(enseignants);
                self.enseignements.extend(enseignes);
            }
        }
        Ok(())
    }

    fn finir(self) -> Result<Sts, String> {
        let fatal = self.rejets.iter().any(|rejet| rejet.motif.fatal());
        if !fatal && !self.inventaire.contient(EXPORT) {
            return Err(format!("aucun fichier {EXPORT} : une livraison de STS dit d'abord qui enseigne"));
        }
        let Entete { uai, academie, nom, nature, commune, annee } = self.entete;
        let Some(uai) = uai else {
            return Err(match self.rejets.into_iter().next() {
                Some(rejet) => rejet.to_string(),
                None => format!("aucun fichier ne dit son établissement dans {ETABLISSEMENT}"),
            });
        };
        Ok(Sts {
            uai,
            academie,
            nom,
            nature,
            commune,
            annee,
            matieres: self.matieres,
            enseignants: self.enseignants,
            divisions: self.divisions,
            enseignements: self.enseignements,
            groupes: self.groupes,
            groupe_refuse: self.groupe_refuse,
            lus: self.lus,
            rejets: self.rejets,
        })
    }
}

/// What is taught to a groupe: who is there without a matière leads it, and no more.
fn enseignes_au_groupe(noeud: &Noeud, code: &str, fichier: &Arc<str>) -> Result<Vec<EnseignementLu>, Defaut> {
    let mut enseignes = Vec::new();
    for enseigne in noeud.suite(&["SERVICES", "SERVICE"]) {
        let Some(matiere) = enseigne.attribut("CODE_MATIERE") else { continue };
        for enseignant in enseigne.suite(&["ENSEIGNANTS", "ENSEIGNANT"]) {
            enseignes.push(EnseignementLu {
                fichier: fichier.clone(),
                ligne: enseigne.ligne,
                auditoire: AuditoireDecrit::Groupe(code.to_owned()),
                matiere: matiere.to_owned(),
                enseignant: cle_d_enseignant(enseignant)?,
            });
        }
    }
    Ok(enseignes)
}

/// The kind of établissement, in the words of the AAF.
fn nature(code: &str) -> String {
    match code {
        "CLG" => "COLLEGE",
        "LYC" | "LGT" | "LG" | "LT" | "LPO" | "LP" => "LYCEE",
        autre => autre,
    }
    .to_owned()
}

fn libelle(noeud: &Noeud) -> Result<(String, String), Defaut> {
    let code = noeud.cle("CODE")?;
    let libelles = ["LIBELLE_EDITION", "LIBELLE_LONG", "LIBELLE_COURT"];
    let libelle = libelles.into_iter().find_map(|nom| noeud.texte(nom)).unwrap_or(&code).to_owned();
    Ok((code, libelle))
}

fn individu(
    noeud: &Noeud,
    fichier: &Arc<str>,
    civilites: &BTreeMap<String, String>,
) -> Result<EnseignantLu, Defaut> {
    let disciplines = noeud.suite(&["DISCIPLINES", "DISCIPLINE"]);
    let principal = noeud.suite(&["PROFS_PRINC", "PROF_PRINC"]);
    let codes = |texte: Vec<Option<&str>>| texte.into_iter().flatten().map(str::to_owned).collect();
    Ok(EnseignantLu {
        fichier: fichier.clone(),
        ligne: noeud.ligne,
        id: cle_d_enseignant(noeud)?,
        civilite: noeud.texte("CIVILITE").and_then(|code| civilites.get(code).cloned()),
        nom: noeud.requis("NOM_USAGE")?,
        nom_de_naissance: noeud.texte("NOM_PATRONYMIQUE").map(str::to_owned),
        prenom: noeud.requis("PRENOM")?,
        naissance: noeud.date("DATE_NAISSANCE", "%Y-%m-%d")?,
        fonction: noeud.texte("FONCTION").map(str::to_owned),
        disciplines: codes(disciplines.iter().map(|discipline| discipline.attribut("CODE")).collect()),
        principal_de: codes(principal.iter().map(|charge| charge.texte("CODE_STRUCTURE")).collect()),
    })
}
