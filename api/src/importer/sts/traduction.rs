//! From an export to what the directory is told. Pure: what was known before is in the [`Etat`].

use super::lecture::{EnseignantLu, EnseignementLu, Sts};
use super::{ENSEIGNANTS, ETABLISSEMENT, au_numero};
use crate::importer::envoi::Origine;
use crate::importer::etat::Etat;
use crate::importer::motif::Motif;
use crate::importer::rapport::Rapport;
use crate::importer::rapprochement::Trouve;
use crate::importer::traduction::{Traduction, profil};
use crate::importer::versement::Versement;
use commands::annuaire::{
    DivisionDecrite, EnseignementDecrit, EtablissementDecrit, Fiche, Identite, Limite, PersonneDecrite,
    RattachementDecrit,
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
    for (fichier, ligne, code) in &lu.groupes {
        rapport.remarquer(&origine(ENSEIGNANTS, fichier, *ligne, code), &Motif::GroupeNonRepris, None);
    }
    let (qui, personnes) = enseignants(etat, &lu.uai, lu.enseignants, &lu.enseignements, rapport);
    let enseignements = enseignements(&qui, &lu.matieres, lu.enseignements, rapport);
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
        enseignements: vec![],
        limite: Limite::Aucune,
    };
    let enseigne = EtablissementDecrit {
        fiche: None,
        divisions: vec![],
        enseignements,
        limite: limite(nomme_chacun && citees.is_empty()),
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
/// teacher is known to teach.
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
    enseignements: &[EnseignementLu],
    rapport: &mut Rapport,
) -> (Qui, Vec<(PersonneId, Traduction, Origine)>) {
    let enseignent: HashSet<&str> = enseignements.iter().map(|lu| lu.enseignant.as_str()).collect();
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
        let enseigne =
            enseignent.contains(lu.id.as_str()) || enseignent.contains(Source::sans_registre(&lu.id));
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
    }
}

/// Who teaches what; a line that names nobody of the export is told.
fn enseignements(
    qui: &Qui,
    matieres: &BTreeMap<String, String>,
    lus: Vec<EnseignementLu>,
    rapport: &mut Rapport,
) -> Vec<EnseignementDecrit> {
    let mut dits: HashMap<(String, String, PersonneId), EnseignementDecrit> = HashMap::new();
    for lu in lus {
        let lieu = origine(ENSEIGNANTS, &lu.fichier, lu.ligne, &lu.enseignant);
        let named = qui.get(&lu.enseignant).or_else(|| au_numero(qui, &lu.enseignant));
        let Some((enseignant, principal_de)) = named else {
            rapport.remarquer(&lieu, &Motif::EnseignantInconnu, None);
            continue;
        };
        let libelle = matieres.get(&lu.matiere);
        if libelle.is_none() {
            rapport.remarquer(&lieu, &Motif::MatiereInconnue, None);
        }
        let decrit = EnseignementDecrit {
            principal: principal_de.contains(&lu.division),
            division: lu.division.clone(),
            matiere: Matiere { libelle: libelle.unwrap_or(&lu.matiere).clone(), code: lu.matiere.clone() },
            enseignant: *enseignant,
        };
        dits.insert((lu.division, lu.matiere, *enseignant), decrit);
    }
    let mut dits: Vec<_> = dits.into_values().collect();
    dits.sort_by(|a, b| {
        (&a.division, &a.matiere.code, a.enseignant).cmp(&(&b.division, &b.matiere.code, b.enseignant))
    });
    dits
}
