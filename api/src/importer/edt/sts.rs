//! What a timetable program gives back to STS (`emp_sts`, root `EDT_STS`): of each division and
//! groupe, what is taught, by whom, and the courses of it.
//!
//! A course says its alternance, and an alternance the weeks in which it runs, each by its first
//! day of school. The school year is that of these days: the file's own word for it is what the
//! program was told. `sts_emp`, beside it, says who the teachers are.

use super::lu::{COURS_MAX, CoursLu, EmploiDuTempsLu, EnseignantDuCours, GroupeLu};
use crate::importer::fichier::ouverture::lire_chacun;
use crate::importer::fichier::{Defaut, Forme, LecteurDeReleves, MotifRejet, Noeud, Rejet, Releve, rejet};
use crate::importer::sts::{au_numero, cle_d_enseignant};
use chrono::{NaiveDate, NaiveTime};
use domain::AnneeScolaire;
use domain::JourDeSemaine;
use domain::annuaire::{Matiere, Uai};
use domain::cahier_de_textes::{Plage, Semaines};
use std::collections::HashMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

const EXPORT: &str = "STS_EDT";
const RETOUR: &str = "EDT_STS";
const ETABLISSEMENT: &str = "PARAMETRES/UAJ";
const MATIERE: &str = "NOMENCLATURES/MATIERES/MATIERE";
const INDIVIDU: &str = "DONNEES/INDIVIDUS/INDIVIDU";
const ALTERNANCE: &str = "DONNEES/ALTERNANCES/ALTERNANCE";
const DIVISION: &str = "DONNEES/STRUCTURE/DIVISIONS/DIVISION";
const GROUPE: &str = "DONNEES/STRUCTURE/GROUPES/GROUPE";

const FORMES: &[Forme] = &[
    Forme { racine: RETOUR, releves: &[ETABLISSEMENT, ALTERNANCE, DIVISION, GROUPE] },
    Forme { racine: EXPORT, releves: &[ETABLISSEMENT, MATIERE, INDIVIDU] },
];

/// Reads the files of a folder, or `emp_sts` alone.
pub fn lire(chemin: &Path) -> Result<EmploiDuTempsLu, String> {
    let mut lecture = Lecture::default();
    lire_chacun(chemin, "STS", |nom, fichier| lecture.fichier(nom, fichier))?;
    lecture.finir()
}

/// Reads a text that is in memory, named as given.
pub fn de_texte(nom: &str, octets: &[u8]) -> Result<EmploiDuTempsLu, String> {
    let mut lecture = Lecture::default();
    lecture.fichier(nom, octets)?;
    lecture.finir()
}

/// A course whose teacher and matière are still keys.
struct Brut {
    fichier: Arc<str>,
    ligne: u64,
    matiere: String,
    enseignant: String,
    jour: JourDeSemaine,
    plage: Plage,
    alternance: String,
    salle: Option<String>,
    division: Option<String>,
    groupe: Option<GroupeLu>,
}

#[derive(Default)]
struct Lecture {
    uai: Option<Uai>,
    matieres: HashMap<String, String>,
    individus: HashMap<String, EnseignantDuCours>,
    alternances: HashMap<String, Vec<NaiveDate>>,
    bruts: Vec<Brut>,
    lus: u64,
    rejets: Vec<Rejet>,
}

impl Lecture {
    fn fichier(&mut self, nom: &str, source: impl Read) -> Result<(), String> {
        let fichier: Arc<str> = nom.into();
        for lu in LecteurDeReleves::new(nom, source, FORMES) {
            let releve = match lu {
                Ok(releve) => releve,
                Err(rejet) => {
                    self.rejets.push(rejet);
                    break;
                }
            };
            if let Err(defaut) = self.releve(&fichier, &releve)? {
                let noeud = &releve.noeud;
                let cle = noeud.attribut("ID").or(noeud.attribut("CODE"));
                self.rejets.push(rejet(&fichier, noeud.ligne, cle, defaut));
            }
            if self.bruts.len() > COURS_MAX {
                return Err(format!("plus de {COURS_MAX} cours : ce n'est pas un seul établissement"));
            }
        }
        Ok(())
    }

    fn releve(&mut self, fichier: &Arc<str>, releve: &Releve) -> Result<Result<(), Defaut>, String> {
        let noeud = &releve.noeud;
        Ok(match releve.chemin {
            ETABLISSEMENT => return self.etablissement(noeud),
            MATIERE => noeud.cle("CODE").map(|code| {
                let libelles = ["LIBELLE_EDITION", "LIBELLE_LONG", "LIBELLE_COURT"];
                let libelle =
                    libelles.into_iter().find_map(|nom| noeud.texte(nom)).unwrap_or(&code).to_owned();
                self.matieres.insert(code, libelle);
            }),
            INDIVIDU => self.individu(noeud),
            ALTERNANCE => self.alternance(noeud),
            DIVISION => noeud.cle("CODE").and_then(|code| self.cours(fichier, noeud, Some(code), None)),
            _ => noeud.cle("CODE").and_then(|code| {
                let of = noeud.suite(&["DIVISIONS_APPARTENANCE", "DIVISION_APPARTENANCE"]);
                let divisions = of.iter().map(|one| one.cle("CODE")).collect::<Result<_, _>>()?;
                self.cours(fichier, noeud, None, Some(GroupeLu { code, divisions }))
            }),
        })
    }

    fn etablissement(&mut self, noeud: &Noeud) -> Result<Result<(), Defaut>, String> {
        let numero = noeud.attribut("CODE").or(noeud.contenu());
        let Some(Ok(uai)) = numero.map(str::parse::<Uai>) else {
            return Ok(Err(MotifRejet::UaiInvalide.dans("UAJ")));
        };
        match self.uai.replace(uai.clone()) {
            Some(other) if other != uai => {
                Err(format!("les fichiers sont de deux établissements, {other} et {uai}"))
            }
            Some(_) | None => Ok(Ok(())),
        }
    }

    fn individu(&mut self, noeud: &Noeud) -> Result<(), Defaut> {
        let lu = EnseignantDuCours {
            cle: Some(cle_d_enseignant(noeud)?),
            nom: noeud.requis("NOM_USAGE")?,
            prenom: noeud.requis("PRENOM")?,
            naissance: noeud.date("DATE_NAISSANCE", "%Y-%m-%d")?,
        };
        self.individus.insert(cle_d_enseignant(noeud)?, lu);
        Ok(())
    }

    fn alternance(&mut self, noeud: &Noeud) -> Result<(), Defaut> {
        let mut days = Vec::new();
        for jour in noeud.suite(&["SEMAINES", "DATE_DEBUT_SEMAINE"]) {
            let text = jour.contenu().unwrap_or_default();
            days.push(text.parse().map_err(|_| invalide("DATE_DEBUT_SEMAINE"))?);
        }
        self.alternances.insert(noeud.cle("CODE")?, days);
        Ok(())
    }

    fn cours(
        &mut self,
        fichier: &Arc<str>,
        noeud: &Noeud,
        division: Option<String>,
        groupe: Option<GroupeLu>,
    ) -> Result<(), Defaut> {
        for enseigne in noeud.suite(&["SERVICES", "SERVICE"]) {
            let matiere = enseigne.cle("CODE_MATIERE")?;
            for enseignant in enseigne.suite(&["ENSEIGNANTS", "ENSEIGNANT"]) {
                for cours in enseignant.suite(&["COURS_RATTACHES", "COURS"]) {
                    self.lus += 1;
                    let lu = brut(fichier, cours, &matiere, cle_d_enseignant(enseignant)?);
                    match lu {
                        Ok(lu) => {
                            self.bruts.push(Brut { division: division.clone(), groupe: groupe.clone(), ..lu })
                        }
                        Err(defaut) => self.rejets.push(rejet(fichier, cours.ligne, None, defaut)),
                    }
                }
            }
        }
        Ok(())
    }

    fn finir(self) -> Result<EmploiDuTempsLu, String> {
        let Self { uai, matieres, individus, alternances, bruts, lus, mut rejets } = self;
        let fatal = rejets.iter().find(|rejet| rejet.motif.fatal()).map(ToString::to_string);
        let Some(uai) = uai else {
            return Err(fatal.unwrap_or_else(|| "aucun fichier ne dit son établissement".to_owned()));
        };
        let first = alternances.values().flatten().min();
        let Some(annee) = first.map(|day| AnneeScolaire::of(*day)) else {
            return Err(fatal.unwrap_or_else(|| "aucune alternance ne dit ses semaines".to_owned()));
        };
        let mut cours = Vec::new();
        for brut in bruts {
            let Some(days) = alternances.get(&brut.alternance) else {
                rejets.push(rejet(&brut.fichier, brut.ligne, None, invalide("CODE_ALTERNANCE")));
                continue;
            };
            let semaines =
                days.iter().fold(Semaines::default(), |all, day| all.avec(Semaines::du(annee, *day)));
            cours.push(entier(brut, semaines, &matieres, &individus));
        }
        Ok(EmploiDuTempsLu { uai, annee, cours, lus, rejets })
    }
}

fn brut(fichier: &Arc<str>, noeud: &Noeud, matiere: &str, enseignant: String) -> Result<Brut, Defaut> {
    let jour = noeud.requis("JOUR")?.parse().ok().and_then(JourDeSemaine::numero);
    let debut = heure(&noeud.requis("HEURE_DEBUT")?).ok_or_else(|| invalide("HEURE_DEBUT"))?;
    let duree = heure(&noeud.requis("DUREE")?).ok_or_else(|| invalide("DUREE"))?;
    // A span that goes past midnight would be none.
    let fin = debut + (duree - NaiveTime::MIN);
    if fin <= debut {
        return Err(invalide("DUREE"));
    }
    Ok(Brut {
        fichier: fichier.clone(),
        ligne: noeud.ligne,
        matiere: matiere.to_owned(),
        enseignant,
        jour: jour.ok_or_else(|| invalide("JOUR"))?,
        plage: Plage { debut, fin },
        alternance: noeud.requis("CODE_ALTERNANCE")?,
        salle: noeud.texte("CODE_SALLE").map(str::to_owned),
        division: None,
        groupe: None,
    })
}

fn entier(
    brut: Brut,
    semaines: Semaines,
    matieres: &HashMap<String, String>,
    individus: &HashMap<String, EnseignantDuCours>,
) -> CoursLu {
    let unnamed = || EnseignantDuCours {
        cle: Some(brut.enseignant.clone()),
        nom: String::new(),
        prenom: String::new(),
        naissance: None,
    };
    let named = individus.get(&brut.enseignant).or_else(|| au_numero(individus, &brut.enseignant));
    let enseignant = named.cloned().unwrap_or_else(unnamed);
    let libelle = matieres.get(&brut.matiere).unwrap_or(&brut.matiere).clone();
    CoursLu {
        fichier: brut.fichier,
        ligne: brut.ligne,
        matiere: Matiere { code: brut.matiere, libelle },
        jour: brut.jour,
        plage: brut.plage,
        enseignants: vec![(enseignant, semaines)],
        divisions: brut.division.into_iter().map(|code| (code, semaines)).collect(),
        groupes: brut.groupe.into_iter().map(|groupe| (groupe, semaines)).collect(),
        salles: brut.salle.into_iter().map(|salle| (salle, semaines)).collect(),
    }
}

/// Hours and minutes as STS writes them, `HHMM`.
fn heure(text: &str) -> Option<NaiveTime> {
    let (hours, minutes) = text.split_at_checked(2).filter(|_| text.len() == 4)?;
    NaiveTime::from_hms_opt(hours.parse().ok()?, minutes.parse().ok()?, 0)
}

fn invalide(nom: &'static str) -> Defaut {
    MotifRejet::ElementInvalide { nom }.dans(nom)
}
