//! From a modification to what the directory is told. Pure: what it needs besides is in the
//! [`Registre`] and in the person's [`Situation`].

use super::situation::Situation;
use crate::importer::aaf::{self, Modification, attribut as a};
use crate::importer::motif::Motif;
use crate::importer::registre::Registre;
use crate::importer::traduction::{
    self as ajout, Traduction, affectations, en_eleve, liens, lieu, profil, repartir,
};
use commands::annuaire::{
    AuditoireDecrit, EleveDecrit, EnseignementDecrit, EtablissementDecrit, Fiche, GroupesDits, Identite,
    Limite, PersonneDecrite, RattachementDecrit,
};
use domain::annuaire::{Academie, Matiere, Rectification};
use domain::{EtablissementId, PersonneId};
use std::collections::{BTreeMap, BTreeSet};

/// An établissement; says what could not be taken of it.
pub fn etablissement(registre: &mut Registre, lu: Modification) -> Result<Vec<Motif>, Motif> {
    let connu = registre.etablissement(&lu.jointure)?;
    connu.actualiser(lu.nom_courant, lu.commune);
    for aaf::ClasseDecl { code, libelle, mefs } in lu.divisions.into_iter().flatten() {
        connu.declarer_division(code, libelle, mefs);
    }
    Ok(lu.groupes_declares.map(|lus| connu.declarer_groupes(lus)).unwrap_or_default())
}

/// A matière.
pub fn matiere(registre: &mut Registre, lu: Modification) {
    if let Some(libelle) = lu.libelle {
        registre.se_souvenir_de_la_matiere(lu.jointure, libelle);
    }
}

/// A member of the staff who is new; what he or she teaches is told at once.
pub fn personnel_ajoute(
    registre: &mut Registre,
    academie: Academie,
    lu: aaf::PersEducNat,
) -> Result<Traduction, Motif> {
    let (aux_classes, aux_groupes) = (lu.classes_matieres.clone(), lu.groupes_matieres.clone());
    let (jointure, principal) = (lu.jointure.clone(), lu.professeur_principal_de.clone());
    let mut traduction = ajout::personnel(registre, academie, lu)?;
    let qui = registre.personne(academie, &jointure);
    let aux_classes = enseigne(&aux_classes, AuditoireDecrit::Division);
    let enseigne: Vec<_> = aux_classes.chain(enseigne(&aux_groupes, AuditoireDecrit::Groupe)).collect();
    enseignements(registre, qui, &enseigne, &principal, &[], &mut traduction);
    Ok(traduction)
}

/// Something that is taught: key of the établissement, to whom, code of the matière.
type Enseigne<'a> = (&'a str, AuditoireDecrit, String);

/// What is taught, by attributions that state a matière.
fn enseigne(
    attributions: &[aaf::Attribution],
    auditoire: fn(String) -> AuditoireDecrit,
) -> impl Iterator<Item = Enseigne<'_>> {
    attributions.iter().filter_map(move |attribution| {
        let (code, matiere) = (attribution.code.clone(), attribution.matiere.clone()?);
        Some((attribution.etablissement.as_str(), auditoire(code), matiere))
    })
}

/// A person.
pub fn personne(
    registre: &mut Registre,
    academie: Academie,
    lu: Modification,
    situation: &Situation,
) -> Result<Traduction, Motif> {
    let qui = registre.personne(academie, &lu.jointure);
    let mut traduction = Traduction::default();
    let (rattachements, eleve, entier) = match lu.categorie {
        aaf::Categorie::Eleve => eleve(registre, academie, &lu, situation, &mut traduction),
        aaf::Categorie::PersEducNat => {
            let rattachements = fonctions(registre, &lu, &mut traduction);
            let entier = lu.fonctions.is_some();
            (rattachements, None, entier)
        }
        _ => (vec![], None, false),
    };
    let enseigne = lu.classes_matieres.is_some() || lu.groupes_matieres.is_some();
    if enseigne || lu.professeur_principal_de.is_some() {
        attributions(registre, qui, &lu, situation, &mut traduction);
    }
    let reste: &[_] = if entier { &[] } else { situation.etablissements.as_slice() };
    let groupes = groupes(registre, &lu, reste, &mut traduction);
    let perimetre = entier.then(|| registre.perimetre());
    let identite = Identite::Rectifiee(rectification(lu.etat_civil));
    traduction.fiches.push(Fiche::Personne(PersonneDecrite {
        personne: qui,
        identite,
        rattachements,
        perimetre,
        eleve,
        groupes,
    }));
    Ok(traduction)
}

/// In which groupes the person is from now on, where the delta says: in the établissements that it
/// names, and in those where he or she stays.
fn groupes(
    registre: &Registre,
    lu: &Modification,
    reste: &[EtablissementId],
    traduction: &mut Traduction,
) -> Vec<GroupesDits> {
    let Some(nommes) = &lu.groupes else { return vec![] };
    let connus = registre.importes().filter(|(_, connu)| reste.contains(&connu.uai.etablissement()));
    let dits = lu.classes.iter().flatten().map(|classe| classe.etablissement.as_str());
    let fonctions = lu.fonctions.iter().flatten().map(|fonction| fonction.etablissement.as_str());
    let lieux = connus.map(|(jointure, _)| jointure).chain(dits).chain(fonctions);
    let lieux: BTreeSet<&str> = lieux.chain(lu.rattachement.as_deref()).collect();
    let nommes: BTreeSet<_> = nommes.iter().map(lieu).collect();
    let attribut = if lu.categorie == aaf::Categorie::Eleve { a::ELEVE_GROUPES } else { a::GROUPES };
    repartir(registre, &lieux, nommes, attribut, traduction)
}

fn rectification(lu: aaf::EtatCivilModifie) -> Rectification {
    Rectification {
        nom: lu.nom,
        prenom: lu.prenom,
        civilite: lu.civilite,
        naissance: lu.date_de_naissance,
        courriel: lu.courriel,
    }
}

type Suite = (Vec<RattachementDecrit>, Option<EleveDecrit>, bool);

/// A pupil: where he or she is enrolled is said whole where the delta names the établissement.
fn eleve(
    registre: &mut Registre,
    academie: Academie,
    lu: &Modification,
    situation: &Situation,
    traduction: &mut Traduction,
) -> Suite {
    let classes = lu.classes.as_deref().unwrap_or_default();
    let mut lieux = affectations(registre, lu.rattachement.as_deref(), classes, traduction);
    let entier = lu.rattachement.is_some();
    if !entier && lu.classes.is_some() {
        let nommes: BTreeSet<_> = lieux.iter().map(|(id, _)| *id).collect();
        let sortis = situation.etablissements.iter().filter(|id| !nommes.contains(id));
        lieux.extend(sortis.map(|id| (*id, None)));
    }
    let ou: Vec<EtablissementId> = if lieux.is_empty() {
        situation.etablissements.clone()
    } else {
        lieux.iter().map(|(id, _)| *id).collect()
    };
    let responsables =
        lu.responsables.as_ref().and_then(|tous| liens(registre, academie, tous, &ou, traduction));
    let rattachements = lieux.iter().map(|(id, _)| en_eleve(*id)).collect();
    (rattachements, Some(EleveDecrit { affectations: lieux, numeros: vec![], responsables }), entier)
}

/// Where a member of the staff holds which functions.
fn fonctions(
    registre: &mut Registre,
    lu: &Modification,
    traduction: &mut Traduction,
) -> Vec<RattachementDecrit> {
    let mut codes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    codes.extend(lu.rattachement.as_deref().map(|rattachement| (rattachement, BTreeSet::new())));
    for fonction in lu.fonctions.iter().flatten() {
        codes.entry(&fonction.etablissement).or_default().extend(fonction.codes());
    }
    let mut rattachements = Vec::new();
    for (jointure, codes) in codes {
        match registre.etablissement(jointure) {
            Ok(etablissement) => rattachements.push(RattachementDecrit {
                etablissement: etablissement.uai.etablissement(),
                profil: profil(&codes, lu.classes_matieres.is_some() || lu.groupes_matieres.is_some()),
                fonctions: codes.into_iter().map(str::to_owned).collect(),
            }),
            Err(_) => traduction.remarquer(Motif::EtablissementIgnore),
        }
    }
    rattachements
}

/// What a teacher teaches from now on: as the delta says, to divisions and to groupes, or as it was where
/// it does not.
fn attributions(
    registre: &mut Registre,
    qui: PersonneId,
    lu: &Modification,
    situation: &Situation,
    traduction: &mut Traduction,
) {
    let cles: BTreeMap<EtablissementId, String> = registre
        .importes()
        .map(|(jointure, connu)| (connu.uai.etablissement(), jointure.to_owned()))
        .collect();
    let (aux_classes, aux_groupes) = (lu.classes_matieres.as_deref(), lu.groupes_matieres.as_deref());
    let reste = situation.enseigne.iter().filter_map(|(ou, auditoire, matiere)| {
        let dit = match auditoire {
            AuditoireDecrit::Division(_) => aux_classes.is_some(),
            AuditoireDecrit::Groupe(_) => aux_groupes.is_some(),
        };
        Some((cles.get(ou).filter(|_| !dit)?.as_str(), auditoire.clone(), matiere.clone()))
    });
    let enseigne: Vec<Enseigne<'_>> = enseigne(aux_classes.unwrap_or_default(), AuditoireDecrit::Division)
        .chain(enseigne(aux_groupes.unwrap_or_default(), AuditoireDecrit::Groupe))
        .chain(reste)
        .collect();
    let quittes: Vec<&str> =
        situation.enseigne.iter().filter_map(|(ou, ..)| cles.get(ou).map(String::as_str)).collect();
    let principal = lu.professeur_principal_de.as_deref().unwrap_or_default();
    enseignements(registre, qui, &enseigne, principal, &quittes, traduction);
}

/// Tells each établissement all that one teacher teaches there, but to groupes that it does not declare:
/// that he or she is said to lead one of these is remarked upon.
fn enseignements(
    registre: &mut Registre,
    qui: PersonneId,
    enseigne: &[Enseigne<'_>],
    principal: &[aaf::Appartenance],
    quittes: &[&str],
    traduction: &mut Traduction,
) {
    let lieux: BTreeSet<&str> = enseigne.iter().map(|(ou, ..)| *ou).chain(quittes.iter().copied()).collect();
    for lieu in lieux {
        let ici: Vec<_> = enseigne.iter().filter(|(ou, ..)| *ou == lieu).collect();
        let libelles: Vec<_> =
            ici.iter().map(|(_, _, code)| registre.matiere(code).unwrap_or(code).to_owned()).collect();
        let Ok(etablissement) = registre.etablissement(lieu) else {
            traduction.remarquer(Motif::EtablissementIgnore);
            continue;
        };
        let uai = etablissement.uai.clone();
        let mut attributions = Vec::new();
        for ((_, auditoire, code), libelle) in ici.into_iter().zip(libelles) {
            let charge = match auditoire {
                AuditoireDecrit::Division(division) => {
                    if etablissement.ouvrir_division(division) {
                        traduction.fiches.push(ajout::division(&uai, division));
                    }
                    Some(aaf::Appartenance { etablissement: lieu.to_owned(), code: division.clone() })
                }
                AuditoireDecrit::Groupe(groupe) if !etablissement.declare_groupe(groupe) => continue,
                AuditoireDecrit::Groupe(_) => None,
            };
            attributions.push(EnseignementDecrit {
                auditoire: auditoire.clone(),
                matiere: Matiere { code: code.clone(), libelle },
                enseignant: qui,
                principal: charge.is_some_and(|charge| principal.contains(&charge)),
            });
        }
        traduction.fiches.push(Fiche::Etablissement(EtablissementDecrit {
            uai,
            fiche: None,
            source: None,
            divisions: vec![],
            groupes: None,
            enseignements: attributions,
            limite: Limite::Enseignant(qui),
        }));
    }
}
