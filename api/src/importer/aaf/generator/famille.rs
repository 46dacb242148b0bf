//! Families: brothers and sisters in several divisions, parents together, apart or alone, new
//! spouses who take care, and pupils in the charge of somebody else.

use super::ecriture::{Ecriture, etat_civil, un};
use super::etablissement::{Division, Ecole};
use super::tirage::{Noms, Tirage};
use crate::importer::aaf::{Categorie, attribut};
use chrono::NaiveDate;
use std::io;

/// Codes of kinship, of the nomenclature of SIECLE.
const PERE: u8 = 10;
const MERE: u8 = 20;
const AUTRE_FAMILLE: u8 = 39;
const AUTRE_LIEN: u8 = 90;

/// An adult of the family: key, kinship, and the flags of the link, written as in the feed.
struct Adulte {
    jointure: String,
    lien: u8,
    drapeaux: &'static str,
    noms: Noms,
}

/// What a family gave.
#[derive(Default)]
pub(super) struct Compte {
    pub(super) responsables: u64,
    pub(super) eleves: u64,
}

/// Fills the divisions of an école with families.
pub(super) fn peupler(
    ecole: &Ecole,
    eleves_par_division: usize,
    tirage: &mut Tirage,
    sortie: &mut Ecriture,
) -> io::Result<Compte> {
    let mut places: Vec<&Division> = ecole
        .divisions
        .iter()
        .flat_map(|division| std::iter::repeat_n(division, eleves_par_division))
        .collect();
    tirage.melanger(&mut places);
    let mut compte = Compte::default();
    let mut restantes = places.as_slice();
    while !restantes.is_empty() {
        let enfants = match tirage.sous(100) {
            0..64 => 1,
            64..94 => 2,
            _ => 3,
        };
        let (famille, suite) = restantes.split_at(enfants.min(restantes.len()));
        restantes = suite;
        compte.responsables += installer(ecole, famille, tirage, sortie)?;
        compte.eleves += famille.len() as u64;
    }
    Ok(compte)
}

/// Writes one family; gives the number of its adults.
fn installer(
    ecole: &Ecole,
    divisions: &[&Division],
    tirage: &mut Tirage,
    sortie: &mut Ecriture,
) -> io::Result<u64> {
    let (nom, adultes) = adultes(tirage);
    for adulte in &adultes {
        ecrire_adulte(adulte, ecole, tirage, sortie)?;
    }
    let mut jumeaux: Vec<(&str, NaiveDate)> = Vec::new();
    for division in divisions {
        let annee = ecole.annee - division.niveau.age - i32::from(tirage.chance(8));
        let jumeau = jumeaux.iter().find(|(mef, _)| *mef == division.niveau.mef).map(|(_, jour)| *jour);
        let naissance = jumeau.unwrap_or_else(|| tirage.jour(annee));
        jumeaux.push((division.niveau.mef, naissance));
        ecrire_eleve(ecole, division, naissance, &nom, &adultes, tirage, sortie)?;
    }
    Ok(adultes.len() as u64)
}

/// The adults, and the surname of the children.
fn adultes(tirage: &mut Tirage) -> (NomDesEnfants, Vec<Adulte>) {
    let (pere, mere) = (tirage.nom(), tirage.nom());
    let adulte = |tirage: &mut Tirage, lien, drapeaux, feminin, nom| Adulte {
        jointure: tirage.cle(),
        lien,
        drapeaux,
        noms: tirage.personne(feminin, nom),
    };
    let situation = tirage.sous(100);
    if situation < 2 {
        let tiers = if tirage.chance(50) { AUTRE_FAMILLE } else { AUTRE_LIEN };
        let feminin = tirage.chance(50);
        let nom = tirage.nom();
        return (NomDesEnfants(pere.to_owned(), pere), vec![adulte(tirage, tiers, "1$1$1$1", feminin, nom)]);
    }
    if situation < 10 {
        let nom = NomDesEnfants(mere.to_owned(), mere);
        return (nom, vec![adulte(tirage, MERE, "1$1$1$1", true, mere)]);
    }
    let mut deux =
        vec![adulte(tirage, MERE, "1$1$1$1", true, mere), adulte(tirage, PERE, "0$1$1$0", false, pere)];
    if situation < 35 {
        // Apart: both answer for the child; sometimes a new spouse takes care too.
        if tirage.chance(20) {
            let (feminin, nom) = (tirage.chance(50), tirage.nom());
            deux.push(adulte(tirage, AUTRE_LIEN, "0$2$1$0", feminin, nom));
        }
    } else if let Some(mere) = deux.first_mut().filter(|_| tirage.chance(60)) {
        pere.clone_into(&mut mere.noms.usage);
    }
    let usage = if tirage.chance(15) { format!("{pere} {mere}") } else { pere.to_owned() };
    (NomDesEnfants(usage, pere), deux)
}

/// Name in use, name at birth.
struct NomDesEnfants(String, &'static str);

fn ecrire_adulte(
    adulte: &Adulte,
    ecole: &Ecole,
    tirage: &mut Tirage,
    sortie: &mut Ecriture,
) -> io::Result<()> {
    let mut attributs = etat_civil(&adulte.jointure, &adulte.noms, None);
    let courriel = format!("p{}@familles.example", adulte.jointure);
    attributs.push((attribut::COURRIEL, tirage.chance(85).then_some(courriel).into_iter().collect()));
    // What real feeds have and the reader leaves; the numbers are kept for fiction by the ARCEP.
    let (ici, la) = (tirage.sous(100), tirage.sous(100));
    attributs.extend([
        un("mobile", format!("+33 6 39 98 {ici:02} {la:02}")),
        un("ENTPersonAdresse", format!("{} rue des Écoles$$$", ici + 1)),
        un("ENTPersonCodePostal", "00000"),
        un("ENTPersonVille", ecole.commune),
        un("ENTPersonPays", "FRANCE"),
    ]);
    sortie.entree(Categorie::PersRelEleve, &adulte.jointure, &attributs)
}

fn ecrire_eleve(
    ecole: &Ecole,
    division: &Division,
    naissance: NaiveDate,
    nom: &NomDesEnfants,
    adultes: &[Adulte],
    tirage: &mut Tirage,
    sortie: &mut Ecriture,
) -> io::Result<()> {
    let feminin = tirage.chance(50);
    let noms = Noms { usage: nom.0.clone(), ..tirage.personne(feminin, nom.1) };
    let jointure = tirage.cle();
    let liens = adultes
        .iter()
        .map(|adulte| format!("{}${}${}", adulte.jointure, adulte.lien, adulte.drapeaux))
        .collect();
    let groupes = ecole.langue(division.niveau, tirage).map(|groupe| ecole.dedans(&groupe));
    let mut attributs = etat_civil(&jointure, &noms, Some(naissance));
    attributs.extend([
        un(attribut::ELEVE_INE, ine(&jointure, tirage)),
        un(attribut::ELEVE_NUMERO, jointure.as_str()),
        (attribut::ELEVE_RESPONSABLES, liens),
        un("ENTEleveRegime", "DEMI-PENSIONNAIRE DANS L'ETABLISSEMENT"),
        un("ENTEleveStatutEleve", "SCOLAIRE"),
        un(attribut::ELEVE_MEF, division.niveau.mef),
        un("ENTEleveLibelleMEF", division.niveau.libelle),
        un(attribut::RATTACHEMENT, ecole.jointure.as_str()),
        un(attribut::ELEVE_CLASSES, ecole.dedans(&division.code)),
        (attribut::ELEVE_GROUPES, groupes.into_iter().collect()),
    ]);
    sortie.entree(Categorie::Eleve, &jointure, &attributs)
}

/// Nine digits and two letters, in a range that is not given.
fn ine(jointure: &str, tirage: &mut Tirage) -> String {
    let lettre = |tirage: &mut Tirage| char::from(b'A' + u8::try_from(tirage.sous(26)).unwrap_or_default());
    format!("{:0>9}{}{}", jointure, lettre(tirage), lettre(tirage))
}
