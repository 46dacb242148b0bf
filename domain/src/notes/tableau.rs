//! Marks in a table that a teacher brings: each line names a pupil and a result.
//!
//! Nothing is taken where one line is wrong, and every wrong line is told with its number.

use super::{Resultat, Valeur};
use crate::PersonneId;
use crate::annuaire::normalise;
use crate::refusal::refusals;
use std::collections::{BTreeMap, BTreeSet};

/// A line of the table, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LigneDeTableau {
    /// Its number in the file, from 1.
    pub numero: u64,
    /// Family name.
    pub nom: String,
    /// First name.
    pub prenom: String,
    /// A mark, or `ABS`, `DISP`, `NN` (non noté), `NR` (non rendu); `ABS0` and `NR0` count as zero.
    pub resultat: String,
}

/// A pupil of the class.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Inscrit {
    pub eleve: PersonneId,
    pub nom: String,
    pub prenom: String,
}

refusals! {
    /// Why a table refuses.
    pub enum RefusTableau {
        TableauVide = "TABLEAU_VIDE" at "csv":
            "Ce tableau n'a aucune ligne : donnez un en-tête « nom;prenom;resultat », puis une ligne par élève.",
        TableauIllisible { erreurs: String } = "TABLEAU_ILLISIBLE" at "csv":
            "Rien n'a été saisi. Corrigez ces lignes, puis recommencez : {erreurs}",
    }
}

/// How many wrong lines are told at a time.
const ERREURS_MAX: usize = 20;

/// The results of a table, each with its pupil.
pub fn lire_tableau(
    lignes: &[LigneDeTableau],
    classe: &[Inscrit],
    bareme: Valeur,
) -> Result<Vec<(PersonneId, Resultat)>, RefusTableau> {
    if lignes.is_empty() {
        return Err(RefusTableau::TableauVide);
    }
    let mut by_name: BTreeMap<(String, String), Vec<PersonneId>> = BTreeMap::new();
    for Inscrit { eleve, nom, prenom } in classe {
        by_name.entry((normalise(nom), normalise(prenom))).or_default().push(*eleve);
    }
    let (mut read, mut errors, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    for ligne in lignes {
        let name = (normalise(&ligne.nom), normalise(&ligne.prenom));
        let named = by_name.get(&name).map_or(&[][..], Vec::as_slice);
        let found = match (named, resultat(&ligne.resultat, bareme)) {
            ([], _) => Err("aucun élève de la division ne porte ce nom et ce prénom".to_owned()),
            ([_, _, ..], _) => {
                Err("plusieurs élèves portent ce nom et ce prénom : saisissez-les à la main".to_owned())
            }
            ([eleve], _) if !seen.insert(*eleve) => Err("cet élève figure déjà plus haut".to_owned()),
            ([eleve], Ok(resultat)) => Ok((*eleve, resultat)),
            ([_], Err(error)) => Err(error),
        };
        match found {
            Ok(found) => read.push(found),
            Err(error) => errors.push(format!("ligne {} : {error}", ligne.numero)),
        }
    }
    if errors.is_empty() { Ok(read) } else { Err(RefusTableau::TableauIllisible { erreurs: told(errors) }) }
}

fn told(mut errors: Vec<String>) -> String {
    let more = errors.len().saturating_sub(ERREURS_MAX);
    errors.truncate(ERREURS_MAX);
    if more > 0 {
        errors.push(format!("et {more} autres lignes"));
    }
    errors.join(" ; ") + "."
}

fn resultat(text: &str, bareme: Valeur) -> Result<Resultat, String> {
    match text.trim().to_uppercase().as_str() {
        "" => Err("il manque le résultat : une note, ABS, ABS0, DISP, NN, NR ou NR0".to_owned()),
        "ABS" => Ok(Resultat::Absent { compte_zero: false }),
        "ABS0" => Ok(Resultat::Absent { compte_zero: true }),
        "DISP" => Ok(Resultat::Dispense),
        "NN" => Ok(Resultat::NonNote),
        "NR" => Ok(Resultat::NonRendu { compte_zero: false }),
        "NR0" => Ok(Resultat::NonRendu { compte_zero: true }),
        number => match number.parse::<Valeur>() {
            Ok(valeur) if valeur < Valeur::ZERO => Err(format!("la note {valeur:#} est négative")),
            Ok(valeur) if valeur > bareme => Err(format!("la note {valeur:#} dépasse le barème {bareme:#}")),
            Ok(valeur) => Ok(Resultat::Note { valeur }),
            Err(error) => Err(error.to_string()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn inscrit(nom: &str, prenom: &str) -> Inscrit {
        Inscrit { eleve: PersonneId::derived(&[nom, prenom]), nom: nom.into(), prenom: prenom.into() }
    }

    fn classe() -> Vec<Inscrit> {
        vec![inscrit("Éluard", "Zoé"), inscrit("Fictif", "Alix"), inscrit("Fictif", "Noé")]
    }

    fn ligne(numero: u64, nom: &str, prenom: &str, resultat: &str) -> LigneDeTableau {
        LigneDeTableau { numero, nom: nom.into(), prenom: prenom.into(), resultat: resultat.into() }
    }

    fn read(lignes: &[LigneDeTableau]) -> Result<Vec<(PersonneId, Resultat)>, RefusTableau> {
        lire_tableau(lignes, &classe(), Valeur::whole(20))
    }

    #[test]
    fn names_are_found_however_they_are_written() {
        let lignes = [
            ligne(2, "ELUARD", " zoe", "12,5"),
            ligne(3, "Fictif", "Alix", "nr0"),
            ligne(4, "fictif", "Noe", "abs0"),
        ];
        let expected = vec![
            (classe()[0].eleve, Resultat::Note { valeur: "12.5".parse().unwrap() }),
            (classe()[1].eleve, Resultat::NonRendu { compte_zero: true }),
            (classe()[2].eleve, Resultat::Absent { compte_zero: true }),
        ];
        assert_eq!(read(&lignes), Ok(expected));
    }

    #[test]
    fn nothing_is_taken_where_a_line_is_wrong_and_each_wrong_line_is_told() {
        let lignes = [
            ligne(2, "Fictif", "Alix", "12"),
            ligne(3, "Inconnu", "Max", "12"),
            ligne(4, "Fictif", "Noé", "20,5"),
            ligne(5, "Fictif", "Alix", "ABS"),
            ligne(6, "Éluard", "Zoé", "douze"),
        ];
        let Err(RefusTableau::TableauIllisible { erreurs }) = read(&lignes) else { panic!("taken") };
        for told in [
            "ligne 3 : aucun",
            "ligne 4 : la note 20,5 dépasse",
            "ligne 5 : cet élève",
            "ligne 6 : « DOUZE »",
        ] {
            assert!(erreurs.contains(told), "{told}: {erreurs}");
        }
        assert!(!erreurs.contains("ligne 2"));
    }

    #[test]
    fn homonyms_are_not_guessed_and_an_empty_table_is_none() {
        let twins = [
            inscrit("Fictif", "Alix"),
            Inscrit { eleve: PersonneId::derived(&["autre"]), ..inscrit("FICTIF", "Alix") },
        ];
        let found = lire_tableau(&[ligne(2, "Fictif", "Alix", "12")], &twins, Valeur::whole(20));
        assert!(matches!(found, Err(RefusTableau::TableauIllisible { .. })));
        assert_eq!(read(&[]), Err(RefusTableau::TableauVide));
    }

    #[test]
    fn a_long_list_of_errors_is_cut_short() {
        let lignes: Vec<_> = (2..100).map(|numero| ligne(numero, "Inconnu", "Max", "12")).collect();
        let Err(RefusTableau::TableauIllisible { erreurs }) = read(&lignes) else { panic!("taken") };
        assert!(erreurs.ends_with("et 78 autres lignes."), "{erreurs}");
    }

    proptest! {
        #[test]
        fn a_line_gives_a_result_that_the_scale_admits_or_an_error(text in ".{0,8}") {
            if let Ok(Resultat::Note { valeur }) = resultat(&text, Valeur::whole(20)) {
                prop_assert!(Valeur::ZERO <= valeur && valeur <= Valeur::whole(20));
            }
        }
    }
}
