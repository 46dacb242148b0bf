//! From a file to what the directory is told. Pure: what was known before is in the [`Etat`].

use super::PERSONNES;
use super::lecture::{FichierCsv, LigneLue};
use crate::importer::envoi::Origine;
use crate::importer::etat::Etat;
use crate::importer::motif::Motif;
use crate::importer::rapport::Rapport;
use crate::importer::rapprochement::Trouve;
use crate::importer::traduction::{Traduction, division};
use crate::importer::versement::Versement;
use commands::annuaire::Fiche;
use commands::annuaire::{EleveDecrit, Identite, PersonneDecrite, RattachementDecrit};
use domain::PersonneId;
use domain::annuaire::{self, EtatCivil, NiveauResponsabilite, Profil, Responsabilite, Source, Uai};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// What a file says, in the directory's words. What cannot be taken is in the report.
pub fn traduire(etat: &Etat, uai: Uai, lu: FichierCsv, rapport: &mut Rapport) -> Versement {
    let nomme_chacun = rapport.lignes.iter().all(|ligne| ligne.identifiant.is_some());
    let citees = rapport.lignes.iter().filter_map(|ligne| ligne.identifiant.as_deref());
    let citees = citees.filter_map(|cle| match etat.trouver(cle, uai.etablissement(), &[], "", None) {
        Trouve::Un(connue) => Some(connue),
        Trouve::Personne | Trouve::Plusieurs => None,
    });
    let citees: HashSet<_> = citees.collect();
    let fichier = lu.fichier;
    let mut refus = lu.eleves_des_refus;
    let personnes = uniques(lu.lignes, &fichier, &mut refus, rapport);
    let qui = reconnaitre(etat, &uai, &fichier, &personnes, rapport);
    let mut responsables = responsables(&fichier, &personnes, &qui, &mut refus, rapport);
    if lu.dit_les_responsables {
        completer(&mut responsables, &personnes, &qui);
        taire(&mut responsables, &refus, &qui, &fichier, rapport);
    }
    let codes: BTreeSet<&str> = personnes
        .values()
        .flatten()
        .filter_map(|ligne| ligne.division.as_deref())
        .filter(|code| !etat.divisions.contains(*code))
        .collect();
    let etablissement = codes
        .into_iter()
        .map(|code| (division(&uai, code), Origine { principale: false, ..origine(&fichier, 1, code) }));
    let etablissement = etablissement.collect();
    let dire = |(cle, lignes): (String, Vec<LigneLue>)| {
        let personne = *qui.get(&cle)?;
        let lieu = origine(&fichier, lignes.first()?.ligne, &cle);
        let decrite = decrire(&uai, personne, cle, lignes, responsables.get(&personne))?;
        let fiches = vec![Fiche::Personne(decrite)];
        Some((personne, Traduction { fiches, remarques: vec![] }, lieu))
    };
    let personnes = personnes.into_iter().filter_map(dire).collect();
    Versement { uai, etablissement, personnes, ensuite: vec![], citees, nomme_chacun }
}

/// A pupil for whom no line answers has nobody any more.
fn completer(
    responsables: &mut HashMap<PersonneId, Vec<Responsabilite>>,
    personnes: &BTreeMap<String, Vec<LigneLue>>,
    qui: &Qui,
) {
    for (cle, lignes) in personnes {
        let est_eleve = lignes.first().is_some_and(|premiere| premiere.profil == Profil::Eleve);
        if let Some(eleve) = qui.get(cle).filter(|_| est_eleve) {
            responsables.entry(*eleve).or_default();
        }
    }
}

/// Without an adult whose line is refused, what the file says of a pupil is not all.
fn taire(
    responsables: &mut HashMap<PersonneId, Vec<Responsabilite>>,
    refus: &BTreeSet<Option<String>>,
    qui: &Qui,
    fichier: &Arc<str>,
    rapport: &mut Rapport,
) {
    if refus.contains(&None) {
        rapport.remarquer(&origine(fichier, 1, ""), &Motif::ResponsablesTus, None);
        responsables.clear();
    }
    for eleve in refus.iter().flatten().filter_map(|cle| qui.get(cle)) {
        responsables.remove(eleve);
    }
}

fn origine(fichier: &Arc<str>, ligne: u64, cle: &str) -> Origine {
    let (fichier, identifiant) = (fichier.clone(), cle.to_owned());
    Origine { rubrique: PERSONNES, fichier, ligne, identifiant, principale: true }
}

/// The lines of each person. Only an adult who answers for several pupils has more than one, and
/// they say the same of him or her; another line under the same key is another person.
fn uniques(
    lignes: Vec<LigneLue>,
    fichier: &Arc<str>,
    refus: &mut BTreeSet<Option<String>>,
    rapport: &mut Rapport,
) -> BTreeMap<String, Vec<LigneLue>> {
    let mut uniques: BTreeMap<String, Vec<LigneLue>> = BTreeMap::new();
    for ligne in lignes {
        let connues = uniques.entry(ligne.identifiant.clone()).or_default();
        let suite = |premiere: &LigneLue| {
            let meme = LigneLue { ligne: premiere.ligne, reponse: premiere.reponse.clone(), ..ligne.clone() };
            ligne.profil != Profil::Eleve && meme == *premiere
        };
        if connues.first().is_none_or(suite) {
            connues.push(ligne);
        } else {
            let lieu = origine(fichier, ligne.ligne, &ligne.identifiant);
            rapport.remarquer(&lieu, &Motif::EntreeEnDouble, None);
            refus.extend(ligne.reponse.map(|reponse| Some(reponse.eleve)));
        }
    }
    uniques
}

/// Who is who, by key of the file.
type Qui = HashMap<String, PersonneId>;

fn reconnaitre(
    etat: &Etat,
    uai: &Uai,
    fichier: &Arc<str>,
    personnes: &BTreeMap<String, Vec<LigneLue>>,
    rapport: &mut Rapport,
) -> Qui {
    let (mut qui, mut pris) = (Qui::new(), HashSet::new());
    for (cle, lignes) in personnes {
        let Some(premiere) = lignes.first() else { continue };
        let (ici, noms) = (uai.etablissement(), [premiere.nom.as_str()]);
        let personne = match etat.trouver(cle, ici, &noms, &premiere.prenom, premiere.naissance) {
            Trouve::Un(connue) => connue,
            Trouve::Personne => PersonneId::derived(&[uai.as_str(), "csv", cle]),
            Trouve::Plusieurs => {
                let lieu = origine(fichier, premiere.ligne, cle);
                rapport.remarquer(&lieu, &Motif::RapprochementAmbigu, None);
                continue;
            }
        };
        if pris.insert(personne) {
            qui.insert(cle.clone(), personne);
        } else {
            rapport.remarquer(&origine(fichier, premiere.ligne, cle), &Motif::EntreeEnDouble, None);
        }
    }
    qui
}

/// Who answers for each pupil of the file, in the order of its lines.
fn responsables(
    fichier: &Arc<str>,
    personnes: &BTreeMap<String, Vec<LigneLue>>,
    qui: &Qui,
    refus: &mut BTreeSet<Option<String>>,
    rapport: &mut Rapport,
) -> HashMap<PersonneId, Vec<Responsabilite>> {
    let mut liens: Vec<_> = personnes.values().flatten().filter(|ligne| ligne.reponse.is_some()).collect();
    liens.sort_by_key(|ligne| ligne.ligne);
    let mut responsables: HashMap<PersonneId, Vec<Responsabilite>> = HashMap::new();
    for ligne in liens {
        let Some(reponse) = &ligne.reponse else { continue };
        let Some(adulte) = qui.get(&ligne.identifiant) else {
            refus.insert(Some(reponse.eleve.clone()));
            continue;
        };
        let est_eleve = personnes.get(&reponse.eleve).and_then(|lignes| lignes.first());
        let est_eleve = est_eleve.is_some_and(|lue| lue.profil == Profil::Eleve);
        let Some(eleve) = qui.get(&reponse.eleve).filter(|_| est_eleve) else {
            let lieu = origine(fichier, ligne.ligne, &ligne.identifiant);
            rapport.remarquer(&lieu, &Motif::EleveInconnu, Some("eleve"));
            continue;
        };
        let connus = responsables.entry(*eleve).or_default();
        if connus.iter().any(|connu| connu.responsable == *adulte) {
            let lieu = origine(fichier, ligne.ligne, &ligne.identifiant);
            rapport.remarquer(&lieu, &Motif::EntreeEnDouble, Some("eleve"));
            continue;
        }
        let premier = !connus.iter().any(|connu| connu.niveau.is_legale());
        let niveau = match reponse.niveau {
            Some(niveau) => niveau,
            None if premier => NiveauResponsabilite::Legale1,
            None => NiveauResponsabilite::Legale2,
        };
        let (lien, destinataire) = (reponse.lien.clone(), reponse.destinataire);
        connus.push(Responsabilite { responsable: *adulte, lien, niveau, destinataire });
    }
    responsables
}

fn decrire(
    uai: &Uai,
    personne: PersonneId,
    cle: String,
    lignes: Vec<LigneLue>,
    responsables: Option<&Vec<Responsabilite>>,
) -> Option<PersonneDecrite> {
    let etablissement = uai.etablissement();
    let informe = lignes.iter().filter_map(|ligne| ligne.reponse.as_ref()).any(|lien| lien.destinataire);
    let premiere = lignes.into_iter().next()?;
    let rattache = premiere.profil != Profil::Responsable || informe;
    let rattachement =
        RattachementDecrit { etablissement, profil: premiere.profil, fonctions: premiere.fonctions };
    let eleve = (premiere.profil == Profil::Eleve).then(|| EleveDecrit {
        affectations: vec![(etablissement, premiere.division.as_deref().map(|code| uai.division(code)))],
        numeros: vec![],
        responsables: responsables.cloned(),
    });
    let source = Source { origine: annuaire::Origine::Csv, portee: uai.to_string(), cle };
    let etat_civil = EtatCivil {
        nom: premiere.nom,
        prenom: premiere.prenom,
        civilite: premiere.civilite,
        naissance: premiere.naissance,
        courriel: premiere.courriel,
    };
    Some(PersonneDecrite {
        personne,
        identite: Identite::Entiere { source, etat_civil },
        rattachements: rattache.then_some(rattachement).into_iter().collect(),
        perimetre: None,
        eleve,
        groupes: vec![],
    })
}
