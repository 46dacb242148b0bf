//! Finding those whom another source has named already.
//!
//! Sources share no key of people. The same names, the same date of birth and the same
//! établissement are the same person; where two are so alike, nobody is guessed. Names are
//! compared without accents, case, hyphens and apostrophes, which sources write differently.

use chrono::NaiveDate;
use domain::{EtablissementId, PersonneId};
use projections::annuaire::Presente;
use std::collections::HashMap;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// People of établissements, by identity.
#[derive(Debug, Default)]
pub struct Rapprochement(HashMap<(EtablissementId, String), Vec<PersonneId>>);

/// Whom a search found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouve {
    /// Nobody.
    Personne,
    /// One person.
    Un(PersonneId),
    /// Several, whom nothing tells apart.
    Plusieurs,
}

impl Rapprochement {
    /// Among these.
    pub fn parmi(presentes: impl IntoIterator<Item = Presente>) -> Self {
        let mut index: HashMap<_, Vec<PersonneId>> = HashMap::new();
        for Presente { personne, etablissement, nom, prenom, naissance, .. } in presentes {
            let Some(naissance) = naissance else { continue };
            let cle = (EtablissementId(etablissement), identite(&nom, &prenom, naissance));
            index.entry(cle).or_default().push(PersonneId(personne));
        }
        Self(index)
    }

    /// Who bears these names, was born that day and is in one of these établissements.
    pub fn chercher(
        &self,
        etablissements: impl IntoIterator<Item = EtablissementId>,
        noms: &[&str],
        prenom: &str,
        naissance: Option<NaiveDate>,
    ) -> Trouve {
        let Some(naissance) = naissance.filter(|_| !self.0.is_empty()) else { return Trouve::Personne };
        let identites: Vec<_> = noms.iter().map(|nom| identite(nom, prenom, naissance)).collect();
        let mut trouves: Vec<PersonneId> = Vec::new();
        for etablissement in etablissements {
            for identite in &identites {
                trouves.extend(self.0.get(&(etablissement, identite.clone())).into_iter().flatten());
            }
        }
        trouves.sort_unstable();
        trouves.dedup();
        match trouves.as_slice() {
            [] => Trouve::Personne,
            [un] => Trouve::Un(*un),
            [_, _, ..] => Trouve::Plusieurs,
        }
    }
}

fn identite(nom: &str, prenom: &str, naissance: NaiveDate) -> String {
    format!("{}|{}|{naissance}", sans_accents(nom), sans_accents(prenom))
}

/// A name as all sources would write it.
pub fn sans_accents(nom: &str) -> String {
    let lettres = nom.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_uppercase);
    let lettres = lettres.map(|c| if c.is_alphanumeric() { c } else { ' ' });
    let lettres: String = lettres.collect();
    lettres.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn presente(id: &str, nom: &str, naissance: &str) -> Presente {
        Presente {
            personne: PersonneId::derived(&[id]).0,
            etablissement: ici().0,
            nom: nom.into(),
            prenom: "Zoé-Anne".into(),
            naissance: naissance.parse().ok(),
            profil: "eleve".into(),
        }
    }

    fn ici() -> EtablissementId {
        EtablissementId::derived(&["ici"])
    }

    fn chercher(parmi: Vec<Presente>, nom: &str, prenom: &str, jour: &str) -> Trouve {
        Rapprochement::parmi(parmi).chercher([ici()], &[nom], prenom, jour.parse().ok())
    }

    #[test]
    fn accents_case_and_hyphens_tell_nobody_apart() {
        let parmi = vec![presente("z", "D’Été", "2012-02-29")];
        let trouve = chercher(parmi, "D'ETE", "ZOE ANNE", "2012-02-29");
        assert_eq!(trouve, Trouve::Un(PersonneId::derived(&["z"])));
    }

    #[test]
    fn another_day_of_birth_or_none_is_another_person() {
        let parmi = || vec![presente("z", "Martin", "2012-02-29"), presente("y", "Martin", "")];
        assert_eq!(chercher(parmi(), "Martin", "Zoé-Anne", "2012-03-01"), Trouve::Personne);
        assert_eq!(chercher(parmi(), "Martin", "Zoé-Anne", ""), Trouve::Personne);
    }

    #[test]
    fn nobody_is_guessed_among_two() {
        let parmi = vec![presente("z", "Martin", "2012-02-29"), presente("y", "Martin", "2012-02-29")];
        assert_eq!(chercher(parmi, "Martin", "Zoé-Anne", "2012-02-29"), Trouve::Plusieurs);
    }
}
