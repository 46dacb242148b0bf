//! From text to typed entries: which attributes each category must and may have.

use super::attribut as a;
use super::champs::{Champs, date};
use super::entree::{
    Appartenance, Attribution, Categorie, ClasseDecl, Eleve, Entree, EtabEducNat, EtatCivil, Fonction,
    GroupeDecl, LienResponsable, MatiereEducNat, MefEducNat, PersEducNat, PersRelEleve, Responsabilite,
};
use super::modification::{EtatCivilModifie, Modification, Suppression};
use super::requete::{Operation, Requete};
use crate::importer::fichier::{Defaut, MotifRejet};
use std::ops::RangeInclusive;

/// Types an entry that has no fault yet.
pub(super) fn typer(requete: &Requete, attendue: Option<Categorie>) -> Result<Entree, Defaut> {
    let categorie = Categorie::nommee(&requete.categorie).ok_or(MotifRejet::CategorieInconnue)?;
    if let Some(attendue) = attendue.filter(|attendue| *attendue != categorie) {
        return Err(MotifRejet::CategorieInattendue { attendue: attendue.nom() }.into());
    }
    if requete.identifiant.is_empty() {
        return Err(MotifRejet::IdentifiantManquant.into());
    }
    let valeurs = Valeurs(&requete.attributs);
    match requete.operation {
        Operation::Ajout => {}
        Operation::Modification => return modification(requete, categorie).map(Entree::Modification),
        Operation::Suppression => {
            let jointure = requete.identifiant.clone();
            return Ok(Entree::Suppression(Suppression { categorie, jointure }));
        }
    }
    let entree = match categorie {
        Categorie::EtabEducNat => Entree::EtabEducNat(etablissement(&valeurs)?),
        Categorie::MefEducNat => Entree::MefEducNat(mef(&valeurs)?),
        Categorie::MatiereEducNat => Entree::MatiereEducNat(matiere(&valeurs)?),
        Categorie::PersRelEleve => Entree::PersRelEleve(responsable(&valeurs)?),
        Categorie::PersEducNat => Entree::PersEducNat(personnel(&valeurs)?),
        Categorie::Eleve => Entree::Eleve(eleve(&valeurs)?),
    };
    if entree.jointure() == requete.identifiant {
        Ok(entree)
    } else {
        Err(MotifRejet::IdentifiantDifferent { jointure: entree.jointure().to_owned() }.into())
    }
}

/// The values of an entry, by attribute; none is empty.
struct Valeurs<'a>(&'a [(&'static str, String)]);

impl<'a> Valeurs<'a> {
    fn toutes(&self, attribut: &'static str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.0.iter().filter(move |(nom, _)| *nom == attribut).map(|(_, valeur)| valeur.as_str())
    }

    /// The only value. The same one said twice is one.
    fn une(&self, attribut: &'static str) -> Result<Option<String>, Defaut> {
        let mut valeurs = self.toutes(attribut);
        let premiere = valeurs.next();
        if valeurs.all(|autre| Some(autre) == premiere) {
            Ok(premiere.map(str::to_owned))
        } else {
            Err(MotifRejet::ValeursMultiples.dans(attribut))
        }
    }

    fn requise(&self, attribut: &'static str) -> Result<String, Defaut> {
        self.une(attribut)?.ok_or_else(|| MotifRejet::AttributManquant.dans(attribut))
    }

    /// Every value, split into so many fields and read by `lire`.
    fn composees<T>(
        &self,
        attribut: &'static str,
        nombre: RangeInclusive<usize>,
        lire: impl Fn(&Champs<'_>) -> Result<T, MotifRejet>,
    ) -> Result<Vec<T>, Defaut> {
        self.toutes(attribut)
            .map(|valeur| Champs::decouper(valeur, nombre.clone()).and_then(|champs| lire(&champs)))
            .collect::<Result<_, _>>()
            .map_err(|motif| motif.dans(attribut))
    }

    /// `établissement$code`, and for some groupes a third field that is not needed.
    fn appartenances(&self, attribut: &'static str) -> Result<Vec<Appartenance>, Defaut> {
        self.composees(attribut, 2..=3, |champs| {
            Ok(Appartenance { etablissement: champs.requis(0)?, code: champs.requis(1)? })
        })
    }

    /// `établissement$code$matière`.
    fn attributions(&self, attribut: &'static str) -> Result<Vec<Attribution>, Defaut> {
        self.composees(attribut, 2..=3, |champs| {
            Ok(Attribution {
                etablissement: champs.requis(0)?,
                code: champs.requis(1)?,
                matiere: champs.optionnel(2),
            })
        })
    }

    fn etat_civil(&self) -> Result<EtatCivil, Defaut> {
        let naissance = self.une(a::DATE_DE_NAISSANCE)?;
        let naissance = naissance.map(|jour| date(&jour)).transpose();
        Ok(EtatCivil {
            nom: self.requise(a::NOM)?,
            nom_de_naissance: self.une(a::NOM_DE_NAISSANCE)?,
            prenom: self.requise(a::PRENOM)?,
            civilite: self.une(a::CIVILITE)?,
            date_de_naissance: naissance.map_err(|motif| motif.dans(a::DATE_DE_NAISSANCE))?,
        })
    }

    /// `code$libellé$formations…`.
    fn divisions(&self) -> Result<Vec<ClasseDecl>, Defaut> {
        self.composees(a::STRUCTURE_CLASSES, 1..=usize::MAX, |champs| {
            Ok(ClasseDecl { code: champs.requis(0)?, libelle: champs.optionnel(1), mefs: champs.suite(2) })
        })
    }

    /// `code$libellé$divisions…`.
    fn groupes(&self) -> Result<Vec<GroupeDecl>, Defaut> {
        self.composees(a::STRUCTURE_GROUPES, 1..=usize::MAX, |champs| {
            Ok(GroupeDecl { code: champs.requis(0)?, libelle: champs.optionnel(1), classes: champs.suite(2) })
        })
    }

    /// `établissement$code$libellé$code du poste$libellé du poste`.
    fn fonctions(&self) -> Result<Vec<Fonction>, Defaut> {
        self.composees(a::FONCTIONS, 2..=5, |champs| {
            Ok(Fonction {
                etablissement: champs.requis(0)?,
                code: champs.requis(1)?,
                libelle: champs.optionnel(2),
                code_poste: champs.optionnel(3),
                libelle_poste: champs.optionnel(4),
            })
        })
    }

    /// The first of a person's addresses.
    fn courriel(&self) -> Option<String> {
        self.toutes(a::COURRIEL).next().map(str::to_owned)
    }
}

fn etablissement(valeurs: &Valeurs<'_>) -> Result<EtabEducNat, Defaut> {
    Ok(EtabEducNat {
        jointure: valeurs.requise(a::STRUCTURE_JOINTURE)?,
        uai: uai(valeurs.requise(a::STRUCTURE_UAI)?)?,
        nom: nom_courant(&valeurs.requise(a::STRUCTURE_NOM)?),
        nature: valeurs.une(a::STRUCTURE_TYPE)?,
        academie: valeurs.une(a::ACADEMIE)?,
        commune: valeurs.une(a::COMMUNE)?,
        classes: valeurs.divisions()?,
        groupes: valeurs.groupes()?,
    })
}

/// The letter is a check that test feeds ignore, so its value is not held against them.
fn uai(texte: String) -> Result<String, Defaut> {
    let forme = texte.len() == 8
        && texte.bytes().enumerate().all(|(rang, octet)| match rang {
            7 => octet.is_ascii_uppercase(),
            _ => octet.is_ascii_digit(),
        });
    if forme { Ok(texte) } else { Err(MotifRejet::UaiInvalide.dans(a::STRUCTURE_UAI)) }
}

/// `type$nom$commune`, or a plain name.
fn nom_courant(valeur: &str) -> String {
    let champs = Champs::decouper(valeur, 3..=3);
    champs.ok().and_then(|champs| champs.optionnel(1)).unwrap_or_else(|| valeur.replace('$', " "))
}

fn mef(valeurs: &Valeurs<'_>) -> Result<MefEducNat, Defaut> {
    Ok(MefEducNat {
        code: valeurs.requise(a::MEF_JOINTURE)?,
        libelle: valeurs.requise(a::MEF_LIBELLE)?,
        rattachement: valeurs.une(a::MEF_RATTACHEMENT)?,
        statistique: valeurs.une(a::MEF_STATISTIQUE)?,
    })
}

fn matiere(valeurs: &Valeurs<'_>) -> Result<MatiereEducNat, Defaut> {
    Ok(MatiereEducNat {
        code: valeurs.requise(a::MATIERE_JOINTURE)?,
        libelle: valeurs.requise(a::MATIERE_LIBELLE)?,
    })
}

fn responsable(valeurs: &Valeurs<'_>) -> Result<PersRelEleve, Defaut> {
    Ok(PersRelEleve {
        jointure: valeurs.requise(a::PERSONNE_JOINTURE)?,
        etat_civil: valeurs.etat_civil()?,
        courriel: valeurs.courriel(),
    })
}

fn personnel(valeurs: &Valeurs<'_>) -> Result<PersEducNat, Defaut> {
    let devant_eleves = match valeurs.une(a::DEVANT_ELEVES)?.as_deref() {
        Some("O") => Some(true),
        Some("N") => Some(false),
        Some(_) => return Err(MotifRejet::CodeInconnu { rang: 1 }.dans(a::DEVANT_ELEVES)),
        None => None,
    };
    Ok(PersEducNat {
        jointure: valeurs.requise(a::PERSONNE_JOINTURE)?,
        etat_civil: valeurs.etat_civil()?,
        courriel: valeurs.courriel(),
        rattachement: valeurs.requise(a::RATTACHEMENT)?,
        fonctions: valeurs.fonctions()?,
        classes_matieres: valeurs.attributions(a::CLASSES_MATIERES)?,
        groupes: valeurs.appartenances(a::GROUPES)?,
        groupes_matieres: valeurs.attributions(a::GROUPES_MATIERES)?,
        professeur_principal_de: valeurs.appartenances(a::PROFESSEUR_PRINCIPAL)?,
        devant_eleves,
    })
}

/// What a delta names of an entry, and nothing else.
fn modification(requete: &Requete, categorie: Categorie) -> Result<Box<Modification>, Defaut> {
    let valeurs = Valeurs(&requete.attributs);
    let nomme = |attribut: &'static str| requete.nommes.contains(&attribut).then_some(attribut);
    let requise = |attribut| nomme(attribut).map(|attribut| valeurs.requise(attribut)).transpose();
    let une = |attribut| nomme(attribut).map(|attribut| valeurs.une(attribut)).transpose();
    let appartenances = |attribut| nomme(attribut).map(|a| valeurs.appartenances(a)).transpose();
    let naissance = match une(a::DATE_DE_NAISSANCE)? {
        None => None,
        Some(None) if categorie == Categorie::Eleve => {
            return Err(MotifRejet::AttributManquant.dans(a::DATE_DE_NAISSANCE));
        }
        Some(None) => Some(None),
        Some(Some(jour)) => Some(Some(date(&jour).map_err(|motif| motif.dans(a::DATE_DE_NAISSANCE))?)),
    };
    // A teacher's are said twice; a pupil has no other list than the first.
    let groupes =
        [appartenances(a::ELEVE_GROUPES)?, appartenances(a::GROUPES)?, appartenances(a::GROUPES_MATIERES)?];
    let libelle = match categorie {
        Categorie::MefEducNat => requise(a::MEF_LIBELLE)?,
        Categorie::MatiereEducNat => requise(a::MATIERE_LIBELLE)?,
        _ => None,
    };
    Ok(Box::new(Modification {
        categorie,
        jointure: requete.identifiant.clone(),
        etat_civil: EtatCivilModifie {
            nom: requise(a::NOM)?,
            prenom: requise(a::PRENOM)?,
            civilite: une(a::CIVILITE)?,
            date_de_naissance: naissance,
            courriel: nomme(a::COURRIEL).map(|_| valeurs.courriel()),
        },
        rattachement: requise(a::RATTACHEMENT)?,
        classes: appartenances(a::ELEVE_CLASSES)?,
        groupes: groupes.into_iter().flatten().reduce(|tous, autres| [tous, autres].concat()),
        responsables: nomme(a::ELEVE_RESPONSABLES)
            .map(|attribut| valeurs.composees(attribut, 6..=6, lien))
            .transpose()?,
        fonctions: nomme(a::FONCTIONS).map(|_| valeurs.fonctions()).transpose()?,
        classes_matieres: nomme(a::CLASSES_MATIERES)
            .map(|attribut| valeurs.attributions(attribut))
            .transpose()?,
        groupes_matieres: nomme(a::GROUPES_MATIERES)
            .map(|attribut| valeurs.attributions(attribut))
            .transpose()?,
        professeur_principal_de: appartenances(a::PROFESSEUR_PRINCIPAL)?,
        nom_courant: requise(a::STRUCTURE_NOM)?.map(|nom| nom_courant(&nom)),
        commune: requise(a::COMMUNE)?,
        divisions: nomme(a::STRUCTURE_CLASSES).map(|_| valeurs.divisions()).transpose()?,
        groupes_declares: nomme(a::STRUCTURE_GROUPES).map(|_| valeurs.groupes()).transpose()?,
        libelle,
    }))
}

fn eleve(valeurs: &Valeurs<'_>) -> Result<Eleve, Defaut> {
    let etat_civil = valeurs.etat_civil()?;
    if etat_civil.date_de_naissance.is_none() {
        return Err(MotifRejet::AttributManquant.dans(a::DATE_DE_NAISSANCE));
    }
    Ok(Eleve {
        jointure: valeurs.requise(a::PERSONNE_JOINTURE)?,
        ine: valeurs.une(a::ELEVE_INE)?,
        numero: valeurs.une(a::ELEVE_NUMERO)?,
        etat_civil,
        rattachement: valeurs.requise(a::RATTACHEMENT)?,
        mef: valeurs.une(a::ELEVE_MEF)?,
        classes: valeurs.appartenances(a::ELEVE_CLASSES)?,
        groupes: valeurs.appartenances(a::ELEVE_GROUPES)?,
        responsables: valeurs.composees(a::ELEVE_RESPONSABLES, 6..=6, lien)?,
    })
}

/// `personne$lien$financier$légal$contact$paiement`.
fn lien(champs: &Champs<'_>) -> Result<LienResponsable, MotifRejet> {
    Ok(LienResponsable {
        personne: champs.requis(0)?,
        lien: champs.code(1)?,
        financier: champs.drapeau(2)?,
        responsabilite: match champs.code(3)? {
            0 => Responsabilite::Aucune,
            1 => Responsabilite::Legale,
            2 => Responsabilite::EnCharge,
            _ => return Err(MotifRejet::CodeInconnu { rang: 4 }),
        },
        contact: champs.drapeau(4)?,
        paiement: champs.drapeau(5)?,
    })
}
