//! Établissements: their divisions, groupes and staff.

use super::ecriture::{Ecriture, etat_civil, un};
use super::nomenclature::{COLLEGE, LANGUES, LYCEE, Matiere, Niveau, POSTES, TRONC_COMMUN};
use super::tirage::Tirage;
use super::{Academie, Nature, uai};
use crate::importer::aaf::{Categorie, attribut};
use std::collections::BTreeMap;
use std::io;

/// A division of an école.
pub(super) struct Division {
    pub(super) code: String,
    pub(super) niveau: &'static Niveau,
}

/// An établissement, collège or lycée.
pub(super) struct Ecole {
    pub(super) jointure: String,
    pub(super) commune: &'static str,
    pub(super) divisions: Vec<Division>,
    /// Calendar year of the rentrée.
    pub(super) annee: i32,
    nature: Nature,
    niveaux: &'static [Niveau],
    uai: String,
    nom: &'static str,
    academie: Academie,
}

impl Ecole {
    pub(super) fn nouvelle(
        rang: u32,
        academie: Academie,
        nature: Nature,
        divisions: usize,
        annee: i32,
        tirage: &mut Tirage,
    ) -> Self {
        let niveaux = match nature {
            Nature::College => COLLEGE,
            Nature::Lycee => LYCEE,
        };
        let divisions = niveaux.iter().cycle().take(divisions).enumerate();
        let divisions = divisions.map(|(numero, niveau)| Division {
            code: format!("{}{}", niveau.prefixe, lettre(numero / niveaux.len())),
            niveau,
        });
        Self {
            jointure: (1_001 + rang).to_string(),
            commune: tirage.commune(),
            divisions: divisions.collect(),
            annee,
            nature,
            niveaux,
            uai: uai(academie.departement(rang), 9_000 + (rang / academie.departements()) % 1_000),
            nom: tirage.etablissement(),
            academie,
        }
    }

    /// `établissement$code`.
    pub(super) fn dedans(&self, code: &str) -> String {
        format!("{}${code}", self.jointure)
    }

    /// The groupe of second language that a pupil of this level draws.
    pub(super) fn langue(&self, niveau: &Niveau, tirage: &mut Tirage) -> Option<String> {
        let part = tirage.part();
        let (groupe, ..) = LANGUES.iter().find(|(_, limite, _)| part < *limite).filter(|_| niveau.lv2)?;
        Some(format!("{}{groupe}", niveau.prefixe))
    }

    pub(super) fn ecrire(&self, sortie: &mut Ecriture) -> io::Result<()> {
        let (sigle, nature) = match self.nature {
            Nature::College => ("CLG", "COLLEGE"),
            Nature::Lycee => ("LYC", "LYCEE ENSEIGNT GENERAL ET TECHNOLOGIQUE"),
        };
        let classes = self.divisions.iter();
        let classes = classes.map(|division| {
            format!("{}${} {}${}", division.code, division.niveau.libelle, division.code, division.niveau.mef)
        });
        let attributs = [
            un(attribut::STRUCTURE_JOINTURE, self.jointure.as_str()),
            un(attribut::STRUCTURE_UAI, self.uai.as_str()),
            un("ENTEtablissementUAI", self.uai.as_str()),
            un(attribut::STRUCTURE_NOM, format!("{sigle}${}${}", self.nom, self.commune)),
            un(attribut::STRUCTURE_TYPE, nature),
            un("ENTEtablissementMinistereTutelle", "MINISTERE DE L'EDUCATION NATIONALE"),
            un("ENTEtablissementContrat", "PU"),
            un(attribut::COMMUNE, self.commune),
            un(attribut::ACADEMIE, self.academie.nom()),
            (attribut::STRUCTURE_CLASSES, classes.collect()),
            (attribut::STRUCTURE_GROUPES, self.groupes()),
        ];
        sortie.entree(Categorie::EtabEducNat, &self.jointure, &attributs)
    }

    /// Declarations of the groupes of second language, for the levels that have divisions.
    fn groupes(&self) -> Vec<String> {
        let mut groupes = Vec::new();
        for niveau in self.niveaux.iter().filter(|niveau| niveau.lv2) {
            let du_niveau = self.divisions.iter().filter(|division| division.niveau.mef == niveau.mef);
            let codes: Vec<_> = du_niveau.map(|division| division.code.as_str()).collect();
            for (groupe, _, matiere) in LANGUES.iter().filter(|_| !codes.is_empty()) {
                let prefixe = niveau.prefixe;
                groupes.push(format!("{prefixe}{groupe}${} {prefixe}${}", matiere.libelle, codes.join("$")));
            }
        }
        groupes
    }

    /// Writes the staff; gives their number.
    pub(super) fn ecrire_personnels(&self, tirage: &mut Tirage, sortie: &mut Ecriture) -> io::Result<u64> {
        let mut nombre = 0;
        for poste in POSTES {
            for _ in 0..self.divisions.len().div_ceil(poste.divisions) {
                self.ecrire_personnel(poste.champs, &Attributions::default(), tirage, sortie)?;
                nombre += 1;
            }
        }
        let principaux = self.principaux();
        for matiere in TRONC_COMMUN {
            for attributions in self.enseignants(matiere, &principaux) {
                let fonction = format!("ENS$ENSEIGNEMENT DEVANT ELEVES${}", matiere.poste);
                self.ecrire_personnel(&fonction, &attributions, tirage, sortie)?;
                nombre += 1;
            }
        }
        for (groupe, _, matiere) in LANGUES {
            let groupes = self.groupes();
            let groupes = groupes.iter().filter_map(|declaration| declaration.split('$').next());
            let siens = groupes.filter(|code| code.ends_with(groupe));
            let groupes = siens.map(|code| format!("{}${}", self.dedans(code), matiere.code)).collect();
            let fonction = format!("ENS$ENSEIGNEMENT DEVANT ELEVES${}", matiere.poste);
            self.ecrire_personnel(
                &fonction,
                &Attributions { groupes, ..Attributions::default() },
                tirage,
                sortie,
            )?;
            nombre += 1;
        }
        Ok(nombre)
    }

    /// For each division, the matière of its professeur principal.
    fn principaux(&self) -> BTreeMap<&str, &'static str> {
        let matieres = TRONC_COMMUN.iter().take(4).cycle();
        self.divisions
            .iter()
            .zip(matieres)
            .map(|(division, matiere)| (division.code.as_str(), matiere.code))
            .collect()
    }

    /// Shares the divisions of a matière among its teachers. The second also stands by the first in
    /// one division: co-teaching.
    fn enseignants(&self, matiere: &Matiere, principaux: &BTreeMap<&str, &str>) -> Vec<Attributions> {
        let attribution = |division: &Division| format!("{}${}", self.dedans(&division.code), matiere.code);
        let parts = self.divisions.chunks(matiere.divisions);
        let mut enseignants: Vec<_> = parts
            .map(|part| Attributions {
                classes: part.iter().map(attribution).collect(),
                groupes: Vec::new(),
                principal: part
                    .iter()
                    .filter(|division| principaux.get(division.code.as_str()) == Some(&matiere.code))
                    .map(|division| self.dedans(&division.code))
                    .collect(),
            })
            .collect();
        if let (Some(second), Some(division)) = (enseignants.get_mut(1), self.divisions.first()) {
            second.classes.push(attribution(division));
        }
        enseignants
    }

    fn ecrire_personnel(
        &self,
        fonction: &str,
        attributions: &Attributions,
        tirage: &mut Tirage,
        sortie: &mut Ecriture,
    ) -> io::Result<()> {
        let jointure = tirage.cle();
        let (feminin, nom) = (tirage.chance(58), tirage.nom());
        let noms = tirage.personne(feminin, nom);
        let age = i32::try_from(24 + tirage.sous(40)).unwrap_or(40);
        let naissance = tirage.jour(self.annee - age);
        let enseigne = !(attributions.classes.is_empty() && attributions.groupes.is_empty());
        let mut attributs = etat_civil(&jointure, &noms, Some(naissance));
        attributs.extend([
            un(attribut::COURRIEL, format!("a{jointure}@{}.example", self.academie.domaine())),
            un(attribut::RATTACHEMENT, self.jointure.as_str()),
            (attribut::CLASSES_MATIERES, attributions.classes.clone()),
            (attribut::GROUPES_MATIERES, attributions.groupes.clone()),
            (attribut::PROFESSEUR_PRINCIPAL, attributions.principal.clone()),
            un(attribut::FONCTIONS, self.dedans(fonction)),
            un(attribut::DEVANT_ELEVES, if enseigne { "O" } else { "N" }),
        ]);
        sortie.entree(Categorie::PersEducNat, &jointure, &attributs)
    }
}

/// What a member of the staff teaches, as the feed writes it.
#[derive(Default)]
struct Attributions {
    classes: Vec<String>,
    groupes: Vec<String>,
    principal: Vec<String>,
}

/// A, B… Z, then numbers.
fn lettre(rang: usize) -> String {
    match u8::try_from(rang) {
        Ok(rang) if rang < 26 => char::from(b'A' + rang).to_string(),
        _ => rang.to_string(),
    }
}
