//! EDT's own export (`ExportEmploiDuTemps`, version 1.1).
//!
//! Hours are places of a grid, from 0. Weeks are masks: bit *i* is week *i*, where week 1 begins on
//! `DatePremierJourSemaine1`; the same in each teacher, class and room of a course. Lists come
//! before the courses that name them by number.

use super::lu::{COURS_MAX, CoursLu, EmploiDuTempsLu, EnseignantDuCours, GroupeLu};
use crate::importer::fichier::ouverture::{fichiers_xml, ouvrir};
use crate::importer::fichier::{Defaut, Forme, LecteurDeReleves, MotifRejet, Noeud, Rejet, Releve, rejet};
use chrono::{NaiveDate, NaiveTime};
use domain::AnneeScolaire;
use domain::JourDeSemaine;
use domain::annuaire::{Matiere, Uai};
use domain::cahier_de_textes::{Plage, Semaines};
use std::collections::HashMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

const ANNEE: &str = "AnneeScolaire";
const PLACE: &str = "GrilleHoraire/PlacesParJour/Place";
const MATIERE: &str = "Matieres/Matiere";
const PROFESSEUR: &str = "Professeurs/Professeur";
const CLASSE: &str = "Classes/Classe";
const GROUPE: &str = "Groupes/Groupe";
const SALLE: &str = "Salles/Salle";
const COURS: &str = "Cours/Cours";

const FORMES: &[Forme] = &[Forme {
    racine: "ExportEmploiDuTemps",
    releves: &[ANNEE, PLACE, MATIERE, PROFESSEUR, CLASSE, GROUPE, SALLE, COURS],
}];

/// Reads the file, or the only one of a folder.
pub fn lire(chemin: &Path) -> Result<EmploiDuTempsLu, String> {
    let illisible = |erreur: std::io::Error| format!("l'export n'a pas pu être lu ({})", erreur.kind());
    match fichiers_xml(chemin).map_err(illisible)?.as_slice() {
        [(nom, chemin)] => Lecture::default().tout(nom, ouvrir(chemin).map_err(illisible)?),
        _ => Err("donnez un fichier, ou un dossier qui n'en contient qu'un".to_owned()),
    }
}

/// Reads a text that is in memory, named as given.
pub fn de_texte(nom: &str, octets: &[u8]) -> Result<EmploiDuTempsLu, String> {
    Lecture::default().tout(nom, octets)
}

#[derive(Default)]
struct Lecture {
    annee: Option<AnneeScolaire>,
    premiere: Option<NaiveDate>,
    places: HashMap<u16, (NaiveTime, NaiveTime)>,
    matieres: HashMap<String, Matiere>,
    professeurs: HashMap<String, EnseignantDuCours>,
    classes: HashMap<String, String>,
    /// Parts of classes, each with the code of its class.
    parties: HashMap<String, String>,
    groupes: HashMap<String, GroupeLu>,
    salles: HashMap<String, String>,
    cours: Vec<CoursLu>,
    lus: u64,
    rejets: Vec<Rejet>,
}

impl Lecture {
    fn tout(mut self, nom: &str, source: impl Read) -> Result<EmploiDuTempsLu, String> {
        let fichier: Arc<str> = nom.into();
        let mut lecteur = LecteurDeReleves::new(nom, source, FORMES);
        for lu in lecteur.by_ref() {
            let releve = match lu {
                Ok(releve) => releve,
                Err(rejet) => {
                    self.rejets.push(rejet);
                    break;
                }
            };
            if let Err(defaut) = self.releve(&fichier, &releve) {
                let noeud = &releve.noeud;
                self.rejets.push(rejet(&fichier, noeud.ligne, noeud.attribut("Ident"), defaut));
            }
            if self.lus as usize > COURS_MAX {
                return Err(format!("plus de {COURS_MAX} cours : ce n'est pas un seul établissement"));
            }
        }
        let uai = lecteur.attribut_de_racine("UAI").map(str::parse::<Uai>);
        let fatal = self.rejets.iter().find(|rejet| rejet.motif.fatal()).map(ToString::to_string);
        let uai = match (uai, fatal) {
            (Some(Ok(uai)), _) => uai,
            (_, Some(rejet)) => return Err(rejet),
            (Some(Err(faux)), None) => return Err(faux.to_string()),
            (None, None) => return Err("l'export ne dit pas l'UAI de son établissement".to_owned()),
        };
        let annee = self.annee.ok_or("l'export ne dit pas son année scolaire")?;
        let Self { cours, lus, rejets, .. } = self;
        Ok(EmploiDuTempsLu { uai, annee, cours, lus, rejets })
    }

    fn releve(&mut self, fichier: &Arc<str>, releve: &Releve) -> Result<(), Defaut> {
        let noeud = &releve.noeud;
        match releve.chemin {
            ANNEE => self.annee(noeud)?,
            PLACE => {
                let hours = (heure(noeud, "LibelleHeureDebut")?, heure(noeud, "LibelleHeureFin")?);
                self.places.insert(nombre(noeud, "Numero")?, hours);
            }
            MATIERE => {
                let (code, libelle) = (noeud.cle("Code")?, noeud.cle("Libelle")?);
                self.matieres.insert(noeud.cle("Ident")?, Matiere { code, libelle });
            }
            PROFESSEUR => {
                let professeur = professeur(noeud)?;
                self.professeurs.insert(noeud.cle("Ident")?, professeur);
            }
            CLASSE => {
                let nom = noeud.cle("Nom")?;
                for partie in noeud.enfants("PartieDeClasse") {
                    self.parties.insert(partie.cle("Ident")?, nom.clone());
                }
                self.classes.insert(noeud.cle("Ident")?, nom);
            }
            GROUPE => {
                let groupe = self.groupe(noeud)?;
                self.groupes.insert(noeud.cle("Ident")?, groupe);
            }
            SALLE => {
                self.salles.insert(noeud.cle("Ident")?, noeud.cle("Nom")?);
            }
            _ => {
                self.lus += 1;
                let cours = self.cours(fichier, noeud)?;
                self.cours.push(cours);
            }
        }
        Ok(())
    }

    fn annee(&mut self, noeud: &Noeud) -> Result<(), Defaut> {
        let debut: NaiveDate = valeur(noeud, "DateDebut")?;
        self.premiere = Some(valeur(noeud, "DatePremierJourSemaine1")?);
        self.annee = Some(AnneeScolaire::of(debut));
        Ok(())
    }

    fn groupe(&self, noeud: &Noeud) -> Result<GroupeLu, Defaut> {
        let mut divisions = Vec::new();
        for classe in noeud.enfants("Classe") {
            divisions.push(connu(&self.classes, classe, "Classe")?);
        }
        for partie in noeud.enfants("PartieDeClasse") {
            divisions.push(connu(&self.parties, partie, "PartieDeClasse")?);
        }
        divisions.sort();
        divisions.dedup();
        Ok(GroupeLu { code: noeud.cle("Nom")?, divisions })
    }

    fn cours(&self, fichier: &Arc<str>, noeud: &Noeud) -> Result<CoursLu, Defaut> {
        let absente = || MotifRejet::ElementManquant { nom: "Matiere" }.dans("Matiere");
        let matiere = connu(&self.matieres, noeud.enfant("Matiere").ok_or_else(absente)?, "Matiere")?;
        let jour = JourDeSemaine::numero(nombre(noeud, "Jour")?).ok_or_else(|| invalide("Jour"))?;
        let mut groupes = Vec::new();
        for partie in noeud.enfants("PartieDeClasse") {
            let division = connu(&self.parties, partie, "PartieDeClasse")?;
            let code = format!("{division} ({})", partie.cle("Ident")?);
            groupes.push((GroupeLu { code, divisions: vec![division] }, self.semaines(partie)?));
        }
        for groupe in noeud.enfants("Groupe") {
            groupes.push((connu(&self.groupes, groupe, "Groupe")?, self.semaines(groupe)?));
        }
        Ok(CoursLu {
            fichier: fichier.clone(),
            ligne: noeud.ligne,
            matiere,
            jour,
            plage: self.plage(noeud)?,
            enseignants: self.presents(noeud, "Professeur", &self.professeurs)?,
            divisions: self.presents(noeud, "Classe", &self.classes)?,
            groupes,
            salles: self.presents(noeud, "Salle", &self.salles)?,
        })
    }

    /// Those of a list who are there, and in which weeks.
    fn presents<T: Clone>(
        &self,
        noeud: &Noeud,
        nom: &'static str,
        liste: &HashMap<String, T>,
    ) -> Result<Vec<(T, Semaines)>, Defaut> {
        noeud.enfants(nom).map(|one| Ok((connu(liste, one, nom)?, self.semaines(one)?))).collect()
    }

    fn semaines(&self, noeud: &Noeud) -> Result<Semaines, Defaut> {
        let bits = valeur(noeud, "Semaines")?;
        let (Some(annee), Some(premiere)) = (self.annee, self.premiere) else {
            return Err(MotifRejet::ElementManquant { nom: ANNEE }.dans("Semaines"));
        };
        Ok(Semaines::depuis(annee, premiere, bits))
    }

    fn plage(&self, noeud: &Noeud) -> Result<Plage, Defaut> {
        let (first, count) = (nombre(noeud, "NumeroPlaceDebut")?, nombre(noeud, "NombrePlaces")?);
        let last = first.checked_add(count).and_then(|after| after.checked_sub(1)).filter(|_| count > 0);
        let start = self.places.get(&first).ok_or_else(|| invalide("NumeroPlaceDebut"))?;
        let end = last.and_then(|last| self.places.get(&last)).ok_or_else(|| invalide("NombrePlaces"))?;
        let plage = Plage { debut: start.0, fin: end.1 };
        if plage.debut < plage.fin { Ok(plage) } else { Err(invalide("NombrePlaces")) }
    }
}

fn professeur(noeud: &Noeud) -> Result<EnseignantDuCours, Defaut> {
    Ok(EnseignantDuCours {
        cle: noeud.attribut("IDSTS").map(str::to_owned),
        nom: noeud.cle("Nom")?,
        prenom: noeud.cle("Prenom")?,
        naissance: noeud.attribut("DateNaissance").and_then(|text| text.parse().ok()),
    })
}

/// What a list has under the number that is named.
fn connu<T: Clone>(liste: &HashMap<String, T>, noeud: &Noeud, nom: &'static str) -> Result<T, Defaut> {
    liste.get(&noeud.cle("Ident")?).cloned().ok_or_else(|| invalide(nom))
}

fn invalide(nom: &'static str) -> Defaut {
    MotifRejet::ElementInvalide { nom }.dans(nom)
}

fn valeur<T: std::str::FromStr>(noeud: &Noeud, nom: &'static str) -> Result<T, Defaut> {
    noeud.cle(nom)?.parse().map_err(|_| invalide(nom))
}

fn nombre(noeud: &Noeud, nom: &'static str) -> Result<u16, Defaut> {
    valeur(noeud, nom)
}

/// An hour of XML Schema, of which the seconds may have a fraction.
fn heure(noeud: &Noeud, nom: &'static str) -> Result<NaiveTime, Defaut> {
    valeur(noeud, nom)
}
