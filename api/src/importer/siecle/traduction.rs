//! From an export to what the directory is told. Pure: what was known before is in the [`Etat`].

use super::lecture::{EleveLu, LienLu, Lieu, PersonneLue, PlaceLue, RefusDeResponsables, Siecle};
use crate::importer::envoi::Origine;
use crate::importer::etat::Etat;
use crate::importer::groupe::ecarter;
use crate::importer::motif::Motif;
use crate::importer::rapport::Rapport;
use crate::importer::rapprochement::Trouve;
use crate::importer::traduction::{Traduction, en_eleve, en_responsable};
use crate::importer::versement::Versement;
use commands::annuaire::{
    DivisionDecrite, EleveDecrit, EtablissementDecrit, Fiche, GroupeDecrit, GroupesDecrits, GroupesDits,
    Identite, Limite, PersonneDecrite,
};
use domain::PersonneId;
use domain::annuaire::{self, EtatCivil, NiveauResponsabilite, Responsabilite, Source, Uai};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

const ELEVES: &str = "Élèves";
const RESPONSABLES: &str = "Responsables";

/// What an export says, in the directory's words. What cannot be taken is in the report.
pub fn traduire(etat: &Etat, lu: Siecle, rapport: &mut Rapport) -> Versement {
    let sans_refus = rapport.lignes.is_empty();
    let nomme_chacun = rapport.lignes.iter().all(|ligne| ligne.identifiant.is_some());
    let citees = rapport.lignes.iter().filter_map(|ligne| ligne.identifiant.as_deref());
    let citees = citees.flat_map(|id| [Source::cle_d_eleve(id), cle_d_adulte(id)]);
    let mut citees: HashSet<_> = citees.filter_map(|cle| connue(etat, &lu.uai, &cle)).collect();
    if lu.responsables.is_none() {
        // The file of the adults was not delivered: nobody says that they are gone.
        citees.extend(etat.connues_sous(ADULTE));
    }
    let mut travail = Travail {
        etat,
        citees,
        uai: lu.uai,
        du: lu.du,
        eleves: HashMap::new(),
        adultes: HashMap::new(),
        refus: lu.refus,
        sans_refus,
        rapport,
    };
    let (divisions, groupes) = travail.places(&lu.eleves, lu.places, &lu.mefs);
    let eleves = travail.reconnaitre_eleves(lu.eleves);
    let (adultes, liens) = match lu.responsables {
        Some((adultes, liens)) => {
            let liens = travail.reconnaitre_adultes(&adultes, liens);
            (adultes, Some(liens))
        }
        None => (vec![], None),
    };
    let mut personnes = travail.dire_eleves(eleves, &divisions, &groupes, liens.as_ref());
    personnes.extend(travail.dire_adultes(adultes, liens.as_ref()));
    let etablissement = vec![travail.ouvrir(&divisions, &groupes)];
    let (uai, citees) = (travail.uai, travail.citees);
    Versement { uai, etablissement, personnes, ensuite: vec![], citees, nomme_chacun }
}

/// How the keys of adults begin.
const ADULTE: &str = "personne/";

fn cle_d_adulte(id: &str) -> String {
    format!("{ADULTE}{id}")
}

fn connue(etat: &Etat, uai: &Uai, cle: &str) -> Option<PersonneId> {
    match etat.trouver(cle, uai.etablissement(), &[], "", None) {
        Trouve::Un(personne) => Some(personne),
        Trouve::Personne | Trouve::Plusieurs => None,
    }
}

/// By pupil, who answers for him or her; the pupils of whom that is not all; and the adults who have
/// the right to be informed of one whose entry is refused.
#[derive(Default)]
struct Liens {
    par_eleve: BTreeMap<String, Vec<LienLu>>,
    incomplets: HashSet<String>,
    informes: HashSet<String>,
}

/// Code and formation of the division of a pupil.
type Divisions = HashMap<String, (String, Option<String>)>;

/// Codes of the groupes of a pupil.
type Groupes = HashMap<String, BTreeSet<String>>;

struct Travail<'a> {
    etat: &'a Etat,
    uai: Uai,
    du: chrono::NaiveDate,
    citees: HashSet<PersonneId>,
    /// By id in the export.
    eleves: HashMap<String, PersonneId>,
    adultes: HashMap<String, PersonneId>,
    refus: RefusDeResponsables,
    /// No line is refused: one may have said of a pupil in which groupes he or she is.
    sans_refus: bool,
    rapport: &'a mut Rapport,
}

impl Travail<'_> {
    fn origine(&self, rubrique: &'static str, lieu: &Lieu, id: &str) -> Origine {
        Origine {
            rubrique,
            fichier: lieu.fichier.clone(),
            ligne: lieu.ligne,
            identifiant: id.to_owned(),
            principale: true,
        }
    }

    fn remarquer(&mut self, rubrique: &'static str, lieu: &Lieu, id: &str, motif: &Motif) {
        let origine = self.origine(rubrique, lieu, id);
        self.rapport.remarquer(&origine, motif, None);
    }

    fn source(&self, cle: String) -> Source {
        Source { origine: annuaire::Origine::Siecle, portee: self.uai.to_string(), cle }
    }

    /// The division and the groupes of each pupil; a line for a pupil whom the export does not name is
    /// told, and so is a groupe that the directory cannot have.
    fn places(
        &mut self,
        eleves: &[EleveLu],
        lues: Vec<PlaceLue>,
        mefs: &BTreeMap<String, String>,
    ) -> (Divisions, Groupes) {
        let connus: HashMap<&str, &EleveLu> = eleves.iter().map(|eleve| (eleve.id.as_str(), eleve)).collect();
        let (mut divisions, mut groupes) = (Divisions::new(), Groupes::new());
        for PlaceLue { lieu, eleve, division, groupes: siens } in lues {
            let Some(connu) = connus.get(eleve.as_str()) else {
                self.remarquer(ELEVES, &lieu, &eleve, &Motif::EleveInconnu);
                continue;
            };
            if let Some(code) = division {
                let mef = connu.mef.as_ref().map(|mef| mefs.get(mef).unwrap_or(mef).clone());
                divisions.insert(eleve.clone(), (code, mef));
            }
            let admis: &mut BTreeSet<String> = groupes.entry(eleve.clone()).or_default();
            for code in siens {
                match ecarter(&code) {
                    Some(motif) => self.remarquer(ELEVES, &lieu, &eleve, &motif),
                    None => {
                        admis.insert(code);
                    }
                }
            }
        }
        (divisions, groupes)
    }

    /// The pupils who are there, each once.
    fn reconnaitre_eleves(&mut self, lus: Vec<EleveLu>) -> Vec<EleveLu> {
        let mut pris = HashSet::new();
        let mut gardes = Vec::new();
        for lu in lus {
            let cle = Source::cle_d_eleve(&lu.id);
            let noms = [Some(lu.nom.as_str()), lu.nom_d_usage.as_deref()];
            let noms: Vec<_> = noms.into_iter().flatten().collect();
            let (ici, prenom) = (self.uai.etablissement(), lu.prenom.as_str());
            let qui = match self.etat.trouver(&cle, ici, &noms, prenom, Some(lu.naissance)) {
                Trouve::Un(connue) => connue,
                Trouve::Personne => PersonneId::derived(&[self.uai.as_str(), "siecle", &cle]),
                Trouve::Plusieurs => {
                    self.remarquer(ELEVES, &lu.lieu, &lu.id, &Motif::RapprochementAmbigu);
                    continue;
                }
            };
            // Who has left is named, but no longer as a pupil of the établissement.
            if lu.sortie.is_some_and(|sortie| sortie <= self.du) {
                continue;
            }
            if pris.insert(qui) {
                self.eleves.insert(lu.id.clone(), qui);
                gardes.push(lu);
            } else {
                self.remarquer(ELEVES, &lu.lieu, &lu.id, &Motif::EntreeEnDouble);
            }
        }
        gardes
    }

    /// The adults of the export, each once; and the lines that tie one to a pupil of it.
    fn reconnaitre_adultes(&mut self, lues: &[PersonneLue], liens: Vec<LienLu>) -> Liens {
        let mut par_adulte: HashMap<&str, Vec<PersonneId>> = HashMap::new();
        for lien in &liens {
            if let Some(eleve) = self.eleves.get(&lien.eleve) {
                par_adulte.entry(&lien.personne).or_default().push(*eleve);
            }
        }
        let mut pris = HashSet::new();
        for lue in lues {
            let cle = cle_d_adulte(&lue.id);
            let noms = [Some(lue.nom.as_str()), lue.nom_d_usage.as_deref()];
            let noms: Vec<_> = noms.into_iter().flatten().collect();
            let eleves = par_adulte.get(lue.id.as_str()).map(Vec::as_slice).unwrap_or_default();
            let qui = match self.etat.trouver_adulte(&cle, eleves, &noms, &lue.prenom) {
                Trouve::Un(connue) => connue,
                Trouve::Personne => PersonneId::derived(&[self.uai.as_str(), "siecle", &cle]),
                Trouve::Plusieurs => {
                    self.remarquer(RESPONSABLES, &lue.lieu, &lue.id, &Motif::RapprochementAmbigu);
                    continue;
                }
            };
            if pris.insert(qui) && !self.adultes.contains_key(&lue.id) {
                self.adultes.insert(lue.id.clone(), qui);
            } else {
                self.remarquer(RESPONSABLES, &lue.lieu, &lue.id, &Motif::EntreeEnDouble);
            }
        }
        let nommes: HashSet<&str> = lues.iter().map(|lue| lue.id.as_str()).collect();
        self.garder(liens, &nommes)
    }

    /// The lines that tie an adult of the export to a pupil of it. Without an adult whose entry is
    /// refused, what is said of a pupil is not all.
    fn garder(&mut self, liens: Vec<LienLu>, nommes: &HashSet<&str>) -> Liens {
        let mut gardes = Liens::default();
        for lien in liens {
            if !self.eleves.contains_key(&lien.eleve) {
                if lien.niveau > 0 && self.cite_eleve(&lien.eleve) {
                    gardes.informes.insert(lien.personne.clone());
                }
                self.remarquer(RESPONSABLES, &lien.lieu, &lien.eleve, &Motif::EleveInconnu);
            } else if self.adultes.contains_key(&lien.personne) {
                gardes.par_eleve.entry(lien.eleve.clone()).or_default().push(lien);
            } else if nommes.contains(lien.personne.as_str()) || self.refus.vise_adulte(&lien.personne) {
                self.remarquer(RESPONSABLES, &lien.lieu, &lien.personne, &Motif::ResponsableRefuse);
                gardes.incomplets.insert(lien.eleve);
            } else {
                self.remarquer(RESPONSABLES, &lien.lieu, &lien.personne, &Motif::ResponsableInconnu);
            }
        }
        gardes.incomplets.extend(self.eleves.keys().filter(|id| self.refus.vise_eleve(id)).cloned());
        gardes
    }

    /// Whether the export speaks of a pupil whose entry is refused.
    fn cite_eleve(&self, id: &str) -> bool {
        let connu = connue(self.etat, &self.uai, &Source::cle_d_eleve(id));
        connu.is_some_and(|personne| self.citees.contains(&personne))
    }

    fn dire_eleves(
        &self,
        lus: Vec<EleveLu>,
        divisions: &Divisions,
        groupes: &Groupes,
        liens: Option<&Liens>,
    ) -> Vec<(PersonneId, Traduction, Origine)> {
        let ici = self.uai.etablissement();
        let dire = |lu: EleveLu| {
            let personne = self.eleves.get(&lu.id).copied()?;
            let origine = self.origine(ELEVES, &lu.lieu, &lu.id);
            let division = divisions.get(&lu.id).map(|(code, _)| self.uai.division(code));
            let codes = groupes.get(&lu.id).cloned().or_else(|| self.sans_refus.then(BTreeSet::new));
            let dits = codes.map(|codes| GroupesDits { uai: self.uai.clone(), codes });
            let complets = liens.filter(|liens| !liens.incomplets.contains(&lu.id));
            let responsables =
                complets.map(|liens| self.responsabilites(liens.par_eleve.get(&lu.id).into_iter().flatten()));
            let etat_civil = EtatCivil {
                nom: lu.nom_d_usage.unwrap_or(lu.nom),
                prenom: lu.prenom,
                civilite: None,
                naissance: Some(lu.naissance),
                courriel: None,
            };
            let fiche = Fiche::Personne(PersonneDecrite {
                personne,
                identite: Identite::Entiere { source: self.source(Source::cle_d_eleve(&lu.id)), etat_civil },
                rattachements: vec![en_eleve(ici)],
                perimetre: None,
                eleve: Some(EleveDecrit {
                    affectations: vec![(ici, division)],
                    numeros: vec![],
                    responsables,
                }),
                groupes: dits.into_iter().collect(),
            });
            Some((personne, Traduction { fiches: vec![fiche], remarques: vec![] }, origine))
        };
        lus.into_iter().filter_map(dire).collect()
    }

    /// Who answers for a pupil: of those who represent him or her, who pays comes first, then who
    /// is to be called first. An adult named twice counts once, for the stronger tie.
    fn responsabilites<'l>(&self, liens: impl Iterator<Item = &'l LienLu>) -> Vec<Responsabilite> {
        let force = |lien: &LienLu| match lien.niveau {
            1 => 0,
            2 => 1,
            _ => 2,
        };
        let mut liens: Vec<_> = liens.collect();
        liens.sort_by_key(|lien| (force(lien), !lien.paie, !lien.prioritaire, lien.personne.clone()));
        let (mut vus, mut legaux) = (HashSet::new(), 0);
        let uniques = liens.into_iter().filter(|lien| vus.insert(lien.personne.as_str()));
        let dire = |lien: &LienLu| {
            let niveau = match lien.niveau {
                1 if legaux == 0 => NiveauResponsabilite::Legale1,
                1 => NiveauResponsabilite::Legale2,
                2 => NiveauResponsabilite::Charge,
                _ => NiveauResponsabilite::Contact,
            };
            legaux += usize::from(niveau.is_legale());
            Some(Responsabilite {
                responsable: *self.adultes.get(&lien.personne)?,
                lien: lien.parente.clone(),
                niveau,
                // Code civil, art. 373-2; code de l'éducation, art. L131-4.
                destinataire: niveau.is_legale() || niveau == NiveauResponsabilite::Charge,
            })
        };
        uniques.filter_map(dire).collect()
    }

    fn dire_adultes(
        &self,
        lues: Vec<PersonneLue>,
        liens: Option<&Liens>,
    ) -> Vec<(PersonneId, Traduction, Origine)> {
        let informes: BTreeSet<&str> = liens
            .into_iter()
            .flat_map(|liens| liens.par_eleve.values())
            .flatten()
            .filter(|lien| lien.niveau > 0)
            .map(|lien| lien.personne.as_str())
            .chain(liens.into_iter().flat_map(|liens| &liens.informes).map(String::as_str))
            .collect();
        let mut dits = HashSet::new();
        let dire = |lue: PersonneLue| {
            let personne = self.adultes.get(&lue.id).copied().filter(|_| dits.insert(lue.id.clone()))?;
            let origine = self.origine(RESPONSABLES, &lue.lieu, &lue.id);
            let ici = informes.contains(lue.id.as_str()).then(|| en_responsable(self.uai.etablissement()));
            let etat_civil = EtatCivil {
                nom: lue.nom_d_usage.unwrap_or(lue.nom),
                prenom: lue.prenom,
                civilite: lue.civilite,
                naissance: None,
                courriel: lue.courriel,
            };
            let fiche = Fiche::Personne(PersonneDecrite {
                personne,
                identite: Identite::Entiere { source: self.source(cle_d_adulte(&lue.id)), etat_civil },
                rattachements: ici.into_iter().collect(),
                perimetre: None,
                eleve: None,
                groupes: vec![],
            });
            Some((personne, Traduction { fiches: vec![fiche], remarques: vec![] }, origine))
        };
        lues.into_iter().filter_map(dire).collect()
    }

    /// The divisions that the directory does not have yet, and the groupes, of which nothing but the code
    /// is known.
    fn ouvrir(&self, divisions: &Divisions, groupes: &Groupes) -> (Fiche, Origine) {
        let nouvelles: BTreeMap<&String, &Option<String>> =
            divisions.values().map(|(code, mef)| (code, mef)).collect();
        let nouvelles = nouvelles.into_iter().filter(|(code, _)| !self.etat.divisions.contains(*code));
        let divisions: Vec<_> = nouvelles
            .map(|(code, mef)| DivisionDecrite {
                code: code.clone(),
                libelle: code.clone(),
                mef: mef.clone(),
            })
            .collect();
        let codes: BTreeSet<&String> = groupes.values().flatten().collect();
        let groupes = codes.into_iter().map(|code| GroupeDecrit {
            code: code.clone(),
            libelle: code.clone(),
            divisions: BTreeSet::new(),
        });
        let origine = Origine {
            rubrique: ELEVES,
            fichier: "livraison".into(),
            ligne: 1,
            identifiant: self.uai.to_string(),
            principale: false,
        };
        let fiche = Fiche::Etablissement(EtablissementDecrit {
            uai: self.uai.clone(),
            fiche: None,
            source: None,
            divisions,
            groupes: Some(GroupesDecrits { groupes: groupes.collect(), entiers: self.sans_refus }),
            enseignements: vec![],
            limite: Limite::Aucune,
        });
        (fiche, origine)
    }
}

#[cfg(test)]
mod tests;
