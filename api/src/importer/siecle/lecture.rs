//! Reads the files of an export into memory: those of one établissement are a few megabytes,
//! and no more entries are taken than the largest one has.

use crate::importer::fichier::ouverture::lire_chacun;
use crate::importer::fichier::{
    Defaut, Forme, Inventaire, LecteurDeReleves, MotifRejet, Noeud, Rejet, Releve, rejet,
};
use chrono::NaiveDate;
use domain::AnneeScolaire;
use domain::annuaire::Uai;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// Most entries of an export, of all kinds.
pub const ENTREES_MAX: usize = 200_000;

const ELEVES: &str = "BEE_ELEVES";
const RESPONSABLES: &str = "BEE_RESPONSABLES";
const NOMENCLATURES: &str = "BEE_NOMENCLATURES";
const PARAMETRES: &str = "PARAMETRES";
const ELEVE: &str = "DONNEES/ELEVES/ELEVE";
const APPARTENANCES: &str = "DONNEES/STRUCTURES/STRUCTURES_ELEVE";
const PERSONNE: &str = "DONNEES/PERSONNES/PERSONNE";
const LIEN: &str = "DONNEES/RESPONSABLES/RESPONSABLE_ELEVE";
const MEF: &str = "DONNEES/MEFS/MEF";

/// The files of an export.
pub const FORMES: &[Forme] = &[
    Forme { racine: ELEVES, releves: &[PARAMETRES, ELEVE, APPARTENANCES] },
    Forme { racine: RESPONSABLES, releves: &[PARAMETRES, PERSONNE, LIEN] },
    Forme { racine: NOMENCLATURES, releves: &[PARAMETRES, MEF] },
];

/// Where an entry stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lieu {
    /// Name of the file.
    pub fichier: Arc<str>,
    /// Line where it starts.
    pub ligne: u64,
}

/// A pupil.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct EleveLu {
    pub lieu: Lieu,
    pub id: String,
    pub nom: String,
    pub nom_d_usage: Option<String>,
    pub prenom: String,
    pub naissance: NaiveDate,
    pub mef: Option<String>,
    /// The day on which the pupil left.
    pub sortie: Option<NaiveDate>,
}

/// The division and the groupes of a pupil.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct PlaceLue {
    pub lieu: Lieu,
    pub eleve: String,
    pub division: Option<String>,
    pub groupes: BTreeSet<String>,
}

/// An adult.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct PersonneLue {
    pub lieu: Lieu,
    pub id: String,
    pub civilite: Option<String>,
    pub nom: String,
    pub nom_d_usage: Option<String>,
    pub prenom: String,
    pub courriel: Option<String>,
}

/// What an adult is to a pupil.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct LienLu {
    pub lieu: Lieu,
    pub eleve: String,
    pub personne: String,
    /// 0 contact, 1 *représentant légal*, 2 *personne en charge*.
    pub niveau: u8,
    pub parente: String,
    pub paie: bool,
    pub prioritaire: bool,
}

/// Keys of what is refused of the responsables; nothing, for an entry that does not say its own.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct RefusDeResponsables {
    /// Of the pupils of lines that tie an adult to one.
    pub eleves: BTreeSet<Option<String>>,
    /// Of adults.
    pub adultes: BTreeSet<Option<String>>,
}

/// What an export says.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Siecle {
    pub uai: Uai,
    /// The day of the export; of several files, the oldest.
    pub du: NaiveDate,
    /// The school year of the export, where it says: from July on SIECLE prepares the next one.
    pub annee: Option<AnneeScolaire>,
    pub eleves: Vec<EleveLu>,
    /// Where pupils are.
    pub places: Vec<PlaceLue>,
    /// Nothing, where no file of responsables was delivered.
    pub responsables: Option<(Vec<PersonneLue>, Vec<LienLu>)>,
    /// Whose adults are not all known, since an entry of the responsables is refused.
    pub refus: RefusDeResponsables,
    /// National formation of each, by code.
    pub mefs: BTreeMap<String, String>,
    /// Pupils and adults met.
    pub lus: (u64, u64),
    /// What is refused, and under which heading.
    pub rejets: Vec<(&'static str, Rejet)>,
}

/// What each file says of the export.
struct Entete {
    uai: Uai,
    du: NaiveDate,
    annee: Option<AnneeScolaire>,
}

#[derive(Default)]
struct Lecture {
    entetes: Vec<Entete>,
    inventaire: Inventaire,
    eleves: Vec<EleveLu>,
    places: Vec<PlaceLue>,
    personnes: Vec<PersonneLue>,
    liens: Vec<LienLu>,
    refus: RefusDeResponsables,
    mefs: BTreeMap<String, String>,
    lus: (u64, u64),
    rejets: Vec<(&'static str, Rejet)>,
}

impl Siecle {
    /// Reads the files of an export; says in French why they are none.
    pub fn lire(chemin: &Path) -> Result<Self, String> {
        let mut lecture = Lecture::default();
        lire_chacun(chemin, "SIECLE", |nom, fichier| lecture.fichier(nom, fichier))?;
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
                    self.rejets.push((rubrique(racine.unwrap_or(ELEVES)), rejet));
                    break;
                }
            };
            let premiere = racine.replace(releve.racine).is_none();
            self.inventaire.compter(releve.racine, premiere, ENTREES_MAX)?;
            self.releve(&fichier, &releve);
        }
        Ok(())
    }

    fn releve(&mut self, fichier: &Arc<str>, releve: &Releve) {
        let noeud = &releve.noeud;
        let lieu = || Lieu { fichier: fichier.clone(), ligne: noeud.ligne };
        let (identifiant, lu) = match (releve.racine, releve.chemin) {
            (_, PARAMETRES) => (None, entete(noeud).map(|entete| self.entetes.push(entete))),
            (_, ELEVE) => {
                self.lus.0 += 1;
                (noeud.attribut("ELEVE_ID"), eleve(noeud, lieu()).map(|lu| self.eleves.push(lu)))
            }
            (_, APPARTENANCES) => {
                (noeud.attribut("ELEVE_ID"), place(noeud, lieu()).map(|lue| self.places.push(lue)))
            }
            (_, PERSONNE) => {
                self.lus.1 += 1;
                (noeud.attribut("PERSONNE_ID"), personne(noeud, lieu()).map(|lue| self.personnes.push(lue)))
            }
            (_, LIEN) => (noeud.texte("ELEVE_ID"), lien(noeud, lieu()).map(|lu| self.liens.push(lu))),
            (_, _) => (
                noeud.attribut("CODE_MEF"),
                mef(noeud).map(|(code, national)| {
                    self.mefs.insert(code, national);
                }),
            ),
        };
        if let Err(defaut) = lu {
            self.refus.retenir(releve.chemin, identifiant);
            let refus = rejet(fichier, noeud.ligne, identifiant, defaut);
            self.rejets.push((rubrique(releve.racine), refus));
        }
    }

    fn finir(self) -> Result<Siecle, String> {
        let fatal = self.rejets.iter().any(|(_, rejet)| rejet.motif.fatal());
        if !fatal && !self.inventaire.contient(ELEVES) {
            return Err(format!("aucun fichier {ELEVES} : une livraison de SIECLE dit d'abord les élèves"));
        }
        let mut entetes = self.entetes.into_iter();
        let Some(Entete { uai, mut du, mut annee }) = entetes.next() else {
            return Err(match self.rejets.into_iter().next() {
                Some((_, rejet)) => rejet.to_string(),
                None => format!("aucun fichier ne dit son établissement dans {PARAMETRES}"),
            });
        };
        for autre in entetes {
            if autre.uai != uai {
                return Err(format!("les fichiers sont de deux établissements, {uai} et {}", autre.uai));
            }
            if let Some((une, deux)) = annee.zip(autre.annee).filter(|(une, deux)| une != deux) {
                return Err(format!("les fichiers sont de deux années scolaires, {une} et {deux}"));
            }
            (du, annee) = (du.min(autre.du), annee.or(autre.annee));
        }
        let avec_responsables = self.inventaire.contient(RESPONSABLES);
        Ok(Siecle {
            uai,
            du,
            annee,
            eleves: self.eleves,
            places: self.places,
            responsables: avec_responsables.then_some((self.personnes, self.liens)),
            refus: self.refus,
            mefs: self.mefs,
            lus: self.lus,
            rejets: self.rejets,
        })
    }
}

impl RefusDeResponsables {
    /// Whether a line that ties an adult to this pupil may be refused.
    pub fn vise_eleve(&self, id: &str) -> bool {
        vise(&self.eleves, id)
    }

    /// Whether the entry of this adult may be refused.
    pub fn vise_adulte(&self, id: &str) -> bool {
        vise(&self.adultes, id)
    }

    fn retenir(&mut self, chemin: &str, identifiant: Option<&str>) {
        let cles = match chemin {
            LIEN => &mut self.eleves,
            PERSONNE => &mut self.adultes,
            _ => return,
        };
        cles.insert(identifiant.map(str::to_owned));
    }
}

fn vise(cles: &BTreeSet<Option<String>>, id: &str) -> bool {
    cles.contains(&None) || cles.contains(&Some(id.to_owned()))
}

fn rubrique(racine: &str) -> &'static str {
    if racine == RESPONSABLES { "Responsables" } else { "Élèves" }
}

fn entete(noeud: &Noeud) -> Result<Entete, Defaut> {
    let uai = noeud.requis("UAJ")?.parse().map_err(|_| MotifRejet::UaiInvalide.dans("UAJ"))?;
    let jour = noeud.date("DATE_EXPORT", "%d/%m/%Y")?;
    let du = jour.ok_or_else(|| MotifRejet::ElementManquant { nom: "DATE_EXPORT" }.dans("DATE_EXPORT"))?;
    let annee = noeud.enfant("ANNEE_SCOLAIRE").map(Noeud::annee_scolaire).transpose()?;
    Ok(Entete { uai, du, annee })
}

fn eleve(noeud: &Noeud, lieu: Lieu) -> Result<EleveLu, Defaut> {
    let naissance = noeud.date("DATE_NAISS", "%d/%m/%Y")?;
    Ok(EleveLu {
        lieu,
        id: noeud.cle("ELEVE_ID")?,
        nom: noeud.requis("NOM_DE_FAMILLE")?,
        nom_d_usage: noeud.texte("NOM_USAGE").map(str::to_owned),
        prenom: noeud.requis("PRENOM")?,
        naissance: naissance
            .ok_or_else(|| MotifRejet::ElementManquant { nom: "DATE_NAISS" }.dans("DATE_NAISS"))?,
        mef: noeud.texte("CODE_MEF").map(str::to_owned),
        sortie: noeud.date("DATE_SORTIE", "%d/%m/%Y")?,
    })
}

/// Codes are of divisions (`D`) or of groupes (`G`); of several divisions, the first is taken.
fn place(noeud: &Noeud, lieu: Lieu) -> Result<PlaceLue, Defaut> {
    let codes = |genre: &str| {
        let siens = noeud.enfants("STRUCTURE").filter(|un| un.texte("TYPE_STRUCTURE") == Some(genre));
        let codes = siens.filter_map(|un| un.texte("CODE_STRUCTURE"));
        codes.map(str::to_owned).collect::<Vec<_>>()
    };
    Ok(PlaceLue {
        lieu,
        eleve: noeud.cle("ELEVE_ID")?,
        division: codes("D").into_iter().next(),
        groupes: codes("G").into_iter().collect(),
    })
}

fn personne(noeud: &Noeud, lieu: Lieu) -> Result<PersonneLue, Defaut> {
    Ok(PersonneLue {
        lieu,
        id: noeud.cle("PERSONNE_ID")?,
        civilite: noeud.texte("LC_CIVILITE").map(str::to_owned),
        nom: noeud.requis("NOM_DE_FAMILLE")?,
        nom_d_usage: noeud.texte("NOM_USAGE").map(str::to_owned),
        prenom: noeud.requis("PRENOM")?,
        courriel: noeud.texte("MEL").map(str::to_owned),
    })
}

/// Version 2.1 says `NIVEAU_RESPONSABILITE`; 2.0 said `RESP_LEGAL`, 1 or 2 for who represents.
fn lien(noeud: &Noeud, lieu: Lieu) -> Result<LienLu, Defaut> {
    let niveau = match (noeud.texte("NIVEAU_RESPONSABILITE"), noeud.texte("RESP_LEGAL")) {
        (Some("0"), _) | (None, Some("0")) => 0,
        (Some("1"), _) | (None, Some("1" | "2")) => 1,
        (Some("2"), _) => 2,
        // A responsibility is never guessed.
        _ => {
            let nom = "NIVEAU_RESPONSABILITE";
            return Err(MotifRejet::ElementInvalide { nom }.dans(nom));
        }
    };
    let oui = |nom: &str| matches!(noeud.texte(nom), Some("1" | "true"));
    Ok(LienLu {
        lieu,
        eleve: noeud.requis("ELEVE_ID")?,
        personne: noeud.requis("PERSONNE_ID")?,
        niveau,
        parente: noeud.texte("CODE_PARENTE").unwrap_or("0").to_owned(),
        paie: oui("PAIE_FRAIS_SCOLAIRES"),
        prioritaire: oui("A_CONTACTER_EN_PRIORITE"),
    })
}

fn mef(noeud: &Noeud) -> Result<(String, String), Defaut> {
    let code = noeud.cle("CODE_MEF")?;
    let national = noeud.texte("MEF_RATTACHEMENT").map_or_else(|| code.clone(), str::to_owned);
    Ok((code, national))
}
