//! From an export to the courses of an emploi du temps. Pure: what the directory knows is given.

use super::COURS;
use super::lu::{CoursLu, EmploiDuTempsLu, EnseignantDuCours, GroupeLu};
use crate::importer::envoi::Origine;
use crate::importer::motif::Motif;
use crate::importer::rapport::Rapport;
use crate::importer::rapprochement::sans_accents;
use crate::importer::sts::au_numero;
use domain::annuaire::{Auditoire, Uai};
use domain::cahier_de_textes::{Cours, Participation, Public, Semaines};
use domain::{AnneeScolaire, CoursId, DivisionId, EnseignementId, PersonneId};
use projections::annuaire::{Enseignement, Presente};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What the directory knows of the établissement.
pub struct Connus {
    /// Whom STS names by which key.
    pub cles: HashMap<String, PersonneId>,
    /// Its teachers.
    pub enseignants: Vec<Presente>,
    /// Codes of its divisions.
    pub divisions: BTreeSet<String>,
    /// What is taught there.
    pub enseignements: Vec<Enseignement>,
}

impl Connus {
    /// Whom a course names: by the key in STS; else the one teacher of that name, and of that date
    /// of birth where both are known. Between two so alike nobody is guessed.
    fn enseignant(&self, lu: &EnseignantDuCours) -> Option<PersonneId> {
        let by_key = |cle: &String| self.cles.get(cle).or_else(|| au_numero(&self.cles, cle));
        if let Some(known) = lu.cle.as_ref().and_then(by_key) {
            return Some(*known);
        }
        let name = |nom: &str, prenom: &str| (sans_accents(nom), sans_accents(prenom));
        let wanted = name(&lu.nom, &lu.prenom);
        let alike = |one: &&Presente| {
            let born = one.naissance.zip(lu.naissance).is_none_or(|(known, said)| known == said);
            born && name(&one.nom, &one.prenom) == wanted
        };
        match self.enseignants.iter().filter(alike).collect::<Vec<_>>().as_slice() {
            [one] => Some(PersonneId(one.personne)),
            _ => None,
        }
    }
}

/// The courses, each once.
pub fn traduire(connus: &Connus, lu: EmploiDuTempsLu, rapport: &mut Rapport) -> Vec<Cours> {
    let EmploiDuTempsLu { uai, annee, cours, .. } = lu;
    let mut traduction = Traduction { connus, uai, annee, rapport };
    let translated: Vec<_> = cours.into_iter().filter_map(|lu| traduction.cours(lu)).collect();
    ensemble(translated)
}

struct Traduction<'a> {
    connus: &'a Connus,
    uai: Uai,
    annee: AnneeScolaire,
    rapport: &'a mut Rapport,
}

/// What tells a course from another one of its export: exports give them no key. Neither its
/// teachers nor its rooms do, so that who is replaced, or moved to another room, is so in the same
/// course.
type Cle = Vec<String>;

impl Traduction<'_> {
    fn cours(&mut self, lu: CoursLu) -> Option<(Cle, Cours)> {
        let origine = Origine {
            rubrique: COURS,
            fichier: lu.fichier.clone(),
            ligne: lu.ligne,
            identifiant: String::new(),
            principale: true,
        };
        let mut enseignants = Vec::new();
        for (enseignant, semaines) in &lu.enseignants {
            match self.connus.enseignant(enseignant) {
                Some(qui) => enseignants.push(Participation { qui, semaines: *semaines }),
                None => self.rapport.remarquer(&origine, &Motif::EnseignantDeCoursInconnu, None),
            }
        }
        let (publics, codes) = self.publics(&lu, &origine);
        let teachers: Vec<_> = enseignants.iter().map(|one| one.qui).collect();
        let mut cle = vec![
            lu.matiere.code.clone(),
            format!("{:?}", lu.jour),
            lu.plage.debut.to_string(),
            lu.plage.fin.to_string(),
        ];
        cle.extend(codes);
        let cours = Cours {
            id: CoursId::derived(&[]),
            enseignements: self.enseignements(&lu.matiere.code, &lu.matiere.libelle, &publics, &teachers),
            matiere: lu.matiere,
            jour: lu.jour,
            plage: lu.plage,
            enseignants,
            publics,
            salles: lu.salles.into_iter().map(|(qui, semaines)| Participation { qui, semaines }).collect(),
        };
        // Where nobody of it is known, a course is nobody's.
        match cours.verifier() {
            Ok(()) => {
                Some(([vec![self.uai.to_string(), self.annee.to_string()], cle].concat(), cours.range()))
            }
            Err(_) => {
                self.rapport.remarquer(&origine, &Motif::CoursSansPersonne, None);
                None
            }
        }
    }

    /// Whom a course is for, and the codes that tell it from others.
    fn publics(&mut self, lu: &CoursLu, origine: &Origine) -> (Vec<Participation<Public>>, Vec<String>) {
        let (mut publics, mut codes) = (Vec::new(), BTreeSet::new());
        for (code, semaines) in &lu.divisions {
            match self.division(code) {
                Some(division) => publics.push(present(Public::Division { division }, *semaines)),
                None => self.rapport.remarquer(origine, &Motif::DivisionInconnue, None),
            }
            codes.insert(code.clone());
        }
        for (GroupeLu { code, divisions }, semaines) in &lu.groupes {
            let known: Vec<_> = divisions.iter().filter_map(|code| self.division(code)).collect();
            if known.len() < divisions.len() {
                self.rapport.remarquer(origine, &Motif::DivisionInconnue, None);
            }
            let groupe = self.uai.groupe(self.annee, code);
            let public = Public::Groupe { groupe, code: code.clone(), divisions: known };
            publics.push(present(public, *semaines));
            codes.insert(code.clone());
        }
        (publics, codes.into_iter().collect())
    }

    fn division(&self, code: &str) -> Option<DivisionId> {
        self.connus.divisions.contains(code).then(|| self.uai.division(code))
    }

    /// The enseignements that a course is of: by the code of its matière, or by its name, since
    /// timetable programs have codes of their own; else what its teachers alone teach there. What is not
    /// taught to a groupe itself is taught to the divisions that it comes from.
    fn enseignements(
        &self,
        code: &str,
        libelle: &str,
        publics: &[Participation<Public>],
        teachers: &[PersonneId],
    ) -> Vec<EnseignementId> {
        let libelle = sans_accents(libelle);
        let there = |auditoire: Auditoire| {
            let here: Vec<_> =
                self.connus.enseignements.iter().filter(|one| one.auditoire == auditoire).collect();
            let named = here
                .iter()
                .filter(|one| one.matiere_code == code || sans_accents(&one.matiere_libelle) == libelle);
            let named: Vec<_> = named.map(|one| EnseignementId(one.id)).collect();
            if !named.is_empty() {
                return named;
            }
            let taught = here.iter().filter(|one| teachers.iter().any(|who| one.attitres.contains(&who.0)));
            match taught.collect::<Vec<_>>().as_slice() {
                [one] => vec![EnseignementId(one.id)],
                _ => vec![],
            }
        };
        let of = |public: &Public| {
            let own = match public {
                Public::Groupe { groupe, .. } => there(Auditoire::Groupe(*groupe)),
                Public::Division { .. } => vec![],
            };
            let divisions = public.divisions().iter().filter(|_| own.is_empty());
            let theirs: Vec<_> = divisions.flat_map(|one| there(Auditoire::Division(*one))).collect();
            [own, theirs].concat()
        };
        publics.iter().flat_map(|one| of(&one.qui)).collect()
    }
}

fn present<T>(qui: T, semaines: Semaines) -> Participation<T> {
    Participation { qui, semaines }
}

/// Gives each course its id. STS writes a course once for each of its teachers, and for each
/// alternance: what is at one time for the same pupils in the same matière is one course, unless
/// it is in two rooms in one week.
fn ensemble(cours: Vec<(Cle, Cours)>) -> Vec<Cours> {
    let mut by_key: BTreeMap<Cle, Vec<Cours>> = BTreeMap::new();
    for (cle, one) in cours {
        let same = by_key.entry(cle).or_default();
        match same.iter_mut().find(|known| joins(known, &one)) {
            Some(known) => {
                known.enseignants.extend(one.enseignants);
                known.publics.extend(one.publics);
                known.salles.extend(one.salles);
                known.enseignements.extend(one.enseignements);
            }
            None => same.push(one),
        }
    }
    let mut all = Vec::new();
    for (cle, mut same) in by_key {
        same.sort_by(|a, b| (&a.salles, &a.enseignants).cmp(&(&b.salles, &b.enseignants)));
        for (rank, one) in same.into_iter().enumerate() {
            let rank = rank.to_string();
            let parts: Vec<_> = cle.iter().map(String::as_str).chain([rank.as_str()]).collect();
            all.push(Cours { id: CoursId::derived(&parts), ..one.range() });
        }
    }
    all
}

/// Whether two are one course: in the same rooms, or never in one week.
fn joins(one: &Cours, other: &Cours) -> bool {
    let rooms = |cours: &Cours| cours.salles.iter().map(|room| room.qui.clone()).collect::<BTreeSet<_>>();
    rooms(one) == rooms(other) || one.semaines().commun(other.semaines()).est_vide()
}
