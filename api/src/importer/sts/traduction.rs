//! From an export to what the directory is told. Pure: what was known before is in the [`Etat`].

use super::lecture::{EnseignantLu, EnseignementLu, GroupeLu, Sts};
use super::{ENSEIGNANTS, ETABLISSEMENT, au_numero};
use crate::importer::envoi::Origine;
use crate::importer::etat::Etat;
use crate::importer::groupe::{ecarter, nommer};
use crate::importer::motif::Motif;
use crate::importer::rapport::Rapport;
use crate::importer::rapprochement::Trouve;
use crate::importer::traduction::{Traduction, profil};
use crate::importer::versement::Versement;
use commands::annuaire::{
    AuditoireDecrit, DivisionDecrite, EnseignementDecrit, EtablissementDecrit, Fiche, GroupeDecrit,
    GroupesDecrits, GroupesDits, Identite, Limite, PersonneDecrite, RattachementDecrit,
};
use domain::PersonneId;
use domain::annuaire::{self, Academie, EtatCivil, FicheEtablissement, Matiere, Source, Uai};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// What an export says, in the directory's words. What cannot be taken is in the report.
pub fn traduire(etat: &Etat, academie: Academie, lu: Sts, rapport: &mut Rapport) -> Versement {
    let nomme_chacun = rapport.lignes.iter().all(|ligne| ligne.identifiant.is_some());
    let citees = rapport.lignes.iter().filter_map(|ligne| ligne.identifiant.as_deref());
    // Whoever may be meant is kept: a number was kept without its register once.
    let citees = citees.flat_map(|cle| [cle, Source::sans_registre(cle)]);
    let citees = citees.filter_map(|cle| match etat.trouver(cle, lu.uai.etablissement(), &[], "", None) {
        Trouve::Un(connue) => Some(connue),
        Trouve::Personne | Trouve::Plusieurs => None,
    });
    let citees: HashSet<_> = citees.collect();
    let encadrent = lu.groupes.values().flat_map(|lu| &lu.enseignants);
    let enseignent: HashSet<_> = lu.enseignements.iter().map(|lu| &lu.enseignant).chain(encadrent).collect();
    let (qui, mut personnes) = enseignants(etat, &lu.uai, lu.enseignants, &enseignent, rapport);
    let recevables = recevables(lu.groupes, &lu.uai, rapport);
    let declares: BTreeSet<_> = recevables.keys().cloned().collect();
    let encadres = encadres(&qui, &recevables, rapport);
    // A groupe that is refused takes nobody out of any.
    if !lu.groupe_refuse {
        encadrer(&lu.uai, encadres, &mut personnes);
    }
    let connues: BTreeSet<&String> = lu.divisions.keys().chain(&etat.divisions).collect();
    let groupes =
        GroupesDecrits { groupes: groupes(recevables, &connues, rapport), entiers: !lu.groupe_refuse };
    // What is taught to a groupe that is set aside is set aside with it.
    let mut lus = lu.enseignements;
    lus.retain(|lu| match &lu.auditoire {
        AuditoireDecrit::Division(_) => true,
        AuditoireDecrit::Groupe(code) => declares.contains(code),
    });
    let enseignements = enseignements(&qui, &lu.matieres, lus, rapport);
    let fiche = fiche(academie, &lu.nom, lu.nature.as_deref(), lu.commune.as_deref());
    let divisions = lu.divisions.into_iter().map(|(code, (libelle, mef))| {
        let libelle = libelle.unwrap_or_else(|| code.clone());
        DivisionDecrite { code, libelle, mef }
    });
    let ouverture = EtablissementDecrit {
        uai: lu.uai.clone(),
        fiche,
        source: None,
        divisions: divisions.collect(),
        groupes: Some(groupes),
        enseignements: vec![],
        limite: Limite::Aucune,
    };
    let enseigne = EtablissementDecrit {
        fiche: None,
        divisions: vec![],
        groupes: None,
        enseignements,
        limite: limite(nomme_chacun && citees.is_empty() && !lu.groupe_refuse),
        ..ouverture.clone()
    };
    let de_l_export = |principale| Origine {
        principale,
        ..origine(ETABLISSEMENT, &Arc::from("livraison"), 1, lu.uai.as_str())
    };
    Versement {
        etablissement: vec![(Fiche::Etablissement(ouverture), de_l_export(true))],
        personnes,
        ensuite: vec![(Fiche::Etablissement(enseigne), de_l_export(false))],
        citees,
        nomme_chacun,
        uai: lu.uai,
    }
}

/// What the list of teachings is the whole of: where an entry is refused, it lacks what that
/// teacher, or who teaches that groupe, is known to teach.
fn limite(entiere: bool) -> Limite {
    if entiere { Limite::Etablissement } else { Limite::Aucune }
}

fn origine(rubrique: &'static str, fichier: &Arc<str>, ligne: u64, cle: &str) -> Origine {
    let (fichier, identifiant) = (fichier.clone(), cle.to_owned());
    Origine { rubrique, fichier, ligne, identifiant, principale: true }
}

/// What the export says of the établissement, where it says all of it.
fn fiche(
    academie: Academie,
    nom: &str,
    nature: Option<&str>,
    commune: Option<&str>,
) -> Option<FicheEtablissement> {
    Some(FicheEtablissement {
        nom: Some(nom).filter(|nom| !nom.is_empty())?.to_owned(),
        nature: nature?.to_owned(),
        academie: academie.nom().to_owned(),
        commune: commune?.to_owned(),
    })
}

/// Who is who, by key of the export.
type Qui = BTreeMap<String, (PersonneId, BTreeSet<String>)>;

/// The staff, each once.
fn enseignants(
    etat: &Etat,
    uai: &Uai,
    lus: Vec<EnseignantLu>,
    enseignent: &HashSet<&String>,
    rapport: &mut Rapport,
) -> (Qui, Vec<(PersonneId, Traduction, Origine)>) {
    let (mut qui, mut pris, mut personnes) = (Qui::new(), HashSet::new(), Vec::new());
    for lu in lus {
        let lieu = origine(ENSEIGNANTS, &lu.fichier, lu.ligne, &lu.id);
        let noms = [Some(lu.nom.as_str()), lu.nom_de_naissance.as_deref()];
        let noms: Vec<_> = noms.into_iter().flatten().collect();
        let ici = uai.etablissement();
        let personne = match etat.trouver_au_registre(&lu.id, ici, &noms, &lu.prenom, lu.naissance) {
            Trouve::Un(connue) => connue,
            Trouve::Personne => PersonneId::derived(&[uai.as_str(), "sts", &lu.id]),
            Trouve::Plusieurs => {
                rapport.remarquer(&lieu, &Motif::RapprochementAmbigu, None);
                continue;
            }
        };
        if qui.contains_key(&lu.id) || !pris.insert(personne) {
            rapport.remarquer(&lieu, &Motif::EntreeEnDouble, None);
            continue;
        }
        qui.insert(lu.id.clone(), (personne, lu.principal_de.clone()));
        let sans_registre = Source::sans_registre(&lu.id).to_owned();
        let enseigne = enseignent.contains(&lu.id) || enseignent.contains(&sans_registre);
        let fiches = vec![Fiche::Personne(decrire(uai, personne, lu, enseigne))];
        personnes.push((personne, Traduction { fiches, remarques: vec![] }, lieu));
    }
    (qui, personnes)
}

fn decrire(uai: &Uai, personne: PersonneId, lu: EnseignantLu, enseigne: bool) -> PersonneDecrite {
    let codes: BTreeSet<&str> = lu.fonction.as_deref().into_iter().collect();
    let profil = profil(&codes, enseigne);
    let rattachement = RattachementDecrit {
        etablissement: uai.etablissement(),
        profil,
        fonctions: lu.fonction.into_iter().chain(lu.disciplines).collect(),
    };
    let source = Source { origine: annuaire::Origine::Sts, portee: uai.to_string(), cle: lu.id };
    let etat_civil = EtatCivil {
        nom: lu.nom,
        prenom: lu.prenom,
        civilite: lu.civilite,
        naissance: lu.naissance,
        courriel: None,
    };
    PersonneDecrite {
        personne,
        identite: Identite::Entiere { source, etat_civil },
        rattachements: vec![rattachement],
        perimetre: None,
        eleve: None,
        groupes: vec![],
    }
}

/// The groupes that the directory can have, by code; each other one is told, and set aside alone.
fn recevables(
    lus: BTreeMap<String, GroupeLu>,
    uai: &Uai,
    rapport: &mut Rapport,
) -> BTreeMap<String, GroupeLu> {
    let recevable = |(code, lu): &(String, GroupeLu)| {
        let Some(motif) = ecarter(code) else { return true };
        let lieu = origine(ETABLISSEMENT, &lu.fichier, lu.ligne, uai.as_str());
        rapport.remarquer(&lieu, &motif, None);
        false
    };
    lus.into_iter().filter(recevable).collect()
}

/// Codes of the groupes that each of the staff leads.
type Encadres = HashMap<PersonneId, BTreeSet<String>>;

/// Who leads which groupes; one that names somebody who is not in the export is told.
fn encadres(qui: &Qui, groupes: &BTreeMap<String, GroupeLu>, rapport: &mut Rapport) -> Encadres {
    let mut encadres = Encadres::new();
    for (code, groupe) in groupes {
        for cle in &groupe.enseignants {
            match qui.get(cle).or_else(|| au_numero(qui, cle)) {
                Some((personne, _)) => {
                    encadres.entry(*personne).or_default().insert(code.clone());
                }
                None => {
                    let lieu = origine(ENSEIGNANTS, &groupe.fichier, groupe.ligne, cle);
                    rapport.remarquer(&lieu, &Motif::EnseignantInconnu, None);
                }
            }
        }
    }
    encadres
}

/// Says of each of the staff which groupes he or she leads.
fn encadrer(uai: &Uai, mut encadres: Encadres, personnes: &mut [(PersonneId, Traduction, Origine)]) {
    for (personne, traduction, _) in personnes {
        let codes = encadres.remove(&*personne).unwrap_or_default();
        for fiche in &mut traduction.fiches {
            if let Fiche::Personne(decrite) = fiche {
                decrite.groupes = vec![GroupesDits { uai: uai.clone(), codes: codes.clone() }];
            }
        }
    }
}

/// The groupes that the export declares; what cannot be taken of them is told.
fn groupes(
    lus: BTreeMap<String, GroupeLu>,
    connues: &BTreeSet<&String>,
    rapport: &mut Rapport,
) -> Vec<GroupeDecrit> {
    let mut decrits = Vec::new();
    for (code, lu) in lus {
        let mut remarquer = |ligne, motif| {
            rapport.remarquer(&origine(ETABLISSEMENT, &lu.fichier, ligne, &code), &motif, None);
        };
        for double in &lu.doubles {
            remarquer(*double, Motif::GroupeEnDouble(code.clone()));
        }
        let (libelle, sans_nom) = nommer(&code, lu.libelle);
        if let Some(motif) = sans_nom {
            remarquer(lu.ligne, motif);
        }
        let (divisions, ailleurs): (BTreeSet<_>, BTreeSet<_>) =
            lu.divisions.into_iter().partition(|division| connues.contains(division));
        for _ in ailleurs {
            remarquer(lu.ligne, Motif::GroupeHorsDivision(code.clone()));
        }
        decrits.push(GroupeDecrit { code, libelle, divisions });
    }
    decrits
}

/// Who teaches what; a line that names nobody of the export is told. Of a groupe it was told already, of who
/// leads it.
fn enseignements(
    qui: &Qui,
    matieres: &BTreeMap<String, String>,
    lus: Vec<EnseignementLu>,
    rapport: &mut Rapport,
) -> Vec<EnseignementDecrit> {
    let mut dits: BTreeMap<(AuditoireDecrit, String, PersonneId), EnseignementDecrit> = BTreeMap::new();
    for lu in lus {
        let lieu = origine(ENSEIGNANTS, &lu.fichier, lu.ligne, &lu.enseignant);
        let named = qui.get(&lu.enseignant).or_else(|| au_numero(qui, &lu.enseignant));
        let Some((enseignant, principal_de)) = named else {
            if matches!(lu.auditoire, AuditoireDecrit::Division(_)) {
                rapport.remarquer(&lieu, &Motif::EnseignantInconnu, None);
            }
            continue;
        };
        let libelle = matieres.get(&lu.matiere);
        if libelle.is_none() {
            rapport.remarquer(&lieu, &Motif::MatiereInconnue, None);
        }
        let decrit = EnseignementDecrit {
            principal: match &lu.auditoire {
                AuditoireDecrit::Division(code) => principal_de.contains(code),
                AuditoireDecrit::Groupe(_) => false,
            },
            auditoire: lu.auditoire.clone(),
            matiere: Matiere { libelle: libelle.unwrap_or(&lu.matiere).clone(), code: lu.matiere.clone() },
            enseignant: *enseignant,
        };
        dits.insert((lu.auditoire, lu.matiere, *enseignant), decrit);
    }
    dits.into_values().collect()
}
