//! What a feed has said so far, as far as later entries need it: établissements, nomenclatures
//! and the ids of the people met. It is all that an import holds in memory.

use super::aaf::{EtabEducNat, MatiereEducNat, MefEducNat};
use super::motif::Motif;
use commands::annuaire::{DivisionDecrite, EnseignementDecrit, EtablissementDecrit};
use domain::annuaire::{Academie, FicheEtablissement, Matiere, Uai};
use domain::{EtablissementId, PersonneId};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// See the module.
#[derive(Debug, Default)]
pub struct Registre {
    academie: Option<Academie>,
    /// By key; `None` where it was rejected.
    etablissements: BTreeMap<String, Option<Etablissement>>,
    mefs: HashMap<String, String>,
    matieres: HashMap<String, String>,
    personnes: HashSet<PersonneId>,
}

/// An établissement that is imported.
#[derive(Debug)]
pub struct Etablissement {
    /// Its number.
    pub uai: Uai,
    fiche: FicheEtablissement,
    /// By code: name, and formations of the feed.
    divisions: BTreeMap<String, (String, Vec<String>)>,
    /// By division, matière and teacher: whether principal.
    enseignements: BTreeMap<(String, String, PersonneId), bool>,
}

impl Registre {
    /// Whose directory the feed is, once an établissement said so.
    pub fn academie(&self) -> Option<Academie> {
        self.academie
    }

    /// Takes an établissement, or says why not.
    pub fn prendre_etablissement(&mut self, lu: EtabEducNat) -> Result<(), Motif> {
        if self.etablissements.contains_key(&lu.jointure) {
            return Err(Motif::EntreeEnDouble);
        }
        let jointure = lu.jointure.clone();
        let pris = self.verifier(lu);
        let (connu, reponse) = match pris {
            Ok(etablissement) => (Some(etablissement), Ok(())),
            Err(motif) => (None, Err(motif)),
        };
        self.etablissements.insert(jointure, connu);
        reponse
    }

    fn verifier(&mut self, lu: EtabEducNat) -> Result<Etablissement, Motif> {
        let uai: Uai = lu.uai.parse().map_err(Motif::UaiFaux)?;
        if self.importes().any(|(_, autre)| autre.uai == uai) {
            return Err(Motif::EntreeEnDouble);
        }
        let academie: Academie =
            lu.academie.ok_or(Motif::AcademieAbsente)?.parse().map_err(Motif::AcademieEtrangere)?;
        let nature = lu.nature.ok_or(Motif::NatureAbsente)?;
        let commune = lu.commune.ok_or(Motif::CommuneAbsente)?;
        if *self.academie.get_or_insert(academie) != academie {
            return Err(Motif::AutreAcademie);
        }
        let fiche = FicheEtablissement { nom: lu.nom, nature, academie: academie.nom().to_owned(), commune };
        let divisions = lu.classes.into_iter().map(|classe| {
            let libelle = classe.libelle.unwrap_or_else(|| classe.code.clone());
            (classe.code, (libelle, classe.mefs))
        });
        Ok(Etablissement { uai, fiche, divisions: divisions.collect(), enseignements: BTreeMap::new() })
    }

    /// Forgets an établissement that the directory refused.
    pub fn rejeter_etablissement(&mut self, jointure: &str) {
        if let Some(connu) = self.etablissements.get_mut(jointure) {
            *connu = None;
        }
    }

    /// The établissements that are imported, by key.
    pub fn importes(&self) -> impl Iterator<Item = (&str, &Etablissement)> {
        let connus = self.etablissements.iter();
        connus.filter_map(|(jointure, connu)| Some((jointure.as_str(), connu.as_ref()?)))
    }

    /// Their ids.
    pub fn ids(&self) -> BTreeSet<EtablissementId> {
        self.importes().map(|(_, connu)| connu.uai.etablissement()).collect()
    }

    /// The établissement with this key, or why it cannot be had.
    pub fn etablissement(&mut self, jointure: &str) -> Result<&mut Etablissement, Motif> {
        match self.etablissements.get_mut(jointure) {
            Some(Some(connu)) => Ok(connu),
            Some(None) => Err(Motif::EtablissementRejete),
            None => Err(Motif::EtablissementInconnu),
        }
    }

    /// Takes a formation.
    pub fn prendre_mef(&mut self, mef: MefEducNat) {
        self.mefs.insert(mef.code.clone(), mef.rattachement.unwrap_or(mef.code));
    }

    /// Takes a matière.
    pub fn prendre_matiere(&mut self, matiere: MatiereEducNat) {
        self.matieres.insert(matiere.code, matiere.libelle);
    }

    /// Name of a matière.
    pub fn matiere(&self, code: &str) -> Option<&str> {
        self.matieres.get(code).map(String::as_str)
    }

    /// Takes a person; a second entry of the same key is refused.
    pub fn prendre_personne(&mut self, personne: PersonneId) -> Result<(), Motif> {
        if self.personnes.insert(personne) { Ok(()) } else { Err(Motif::EntreeEnDouble) }
    }

    /// Forgets a person whom the directory refused.
    pub fn rejeter_personne(&mut self, personne: PersonneId) {
        self.personnes.remove(&personne);
    }

    /// Whether the person was taken.
    pub fn connait(&self, personne: PersonneId) -> bool {
        self.personnes.contains(&personne)
    }

    /// What there is to say of an établissement now.
    pub fn decrire(&self, etablissement: &Etablissement) -> EtablissementDecrit {
        let Etablissement { uai, fiche, divisions, enseignements } = etablissement;
        let divisions = divisions.iter().map(|(code, (libelle, mefs))| DivisionDecrite {
            code: code.clone(),
            libelle: libelle.clone(),
            mef: mefs.first().map(|mef| self.mefs.get(mef).unwrap_or(mef).clone()),
        });
        let enseignements =
            enseignements.iter().map(|((division, code, enseignant), principal)| EnseignementDecrit {
                division: division.clone(),
                matiere: Matiere {
                    code: code.clone(),
                    libelle: self.matiere(code).unwrap_or(code).to_owned(),
                },
                enseignant: *enseignant,
                principal: *principal,
            });
        EtablissementDecrit {
            uai: uai.clone(),
            fiche: fiche.clone(),
            divisions: divisions.collect(),
            enseignements: enseignements.filter(|attribution| self.connait(attribution.enseignant)).collect(),
        }
    }
}

impl Etablissement {
    /// What is public about it.
    pub fn fiche(&self) -> &FicheEtablissement {
        &self.fiche
    }

    /// Opens a division that somebody names and the établissement does not declare; says whether
    /// it was missing.
    pub fn ouvrir_division(&mut self, code: &str) -> bool {
        let manquait = !self.divisions.contains_key(code);
        if manquait {
            self.divisions.insert(code.to_owned(), (code.to_owned(), Vec::new()));
        }
        manquait
    }

    /// Takes an attribution of a teacher.
    pub fn prendre_attribution(
        &mut self,
        division: &str,
        matiere: &str,
        enseignant: PersonneId,
        principal: bool,
    ) {
        self.ouvrir_division(division);
        let attribution = (division.to_owned(), matiere.to_owned(), enseignant);
        *self.enseignements.entry(attribution).or_default() |= principal;
    }
}
