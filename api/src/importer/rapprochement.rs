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

/// People and where they are, by identity.
#[derive(Debug, Default)]
pub struct Rapprochement(HashMap<String, Vec<(EtablissementId, PersonneId)>>);

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
        let mut index: HashMap<_, Vec<_>> = HashMap::new();
        for Presente { personne, etablissement, nom, prenom, naissance, .. } in presentes {
            let Some(naissance) = naissance else { continue };
            let connues = index.entry(identite(&nom, &prenom, naissance)).or_default();
            connues.push((EtablissementId(etablissement), PersonneId(personne)));
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
        let etablissements: Vec<_> = etablissements.into_iter().collect();
        let ici = self.homonymes(noms, prenom, naissance).filter(|(ou, _)| etablissements.contains(ou));
        let mut trouves: Vec<PersonneId> = ici.map(|(_, personne)| personne).collect();
        trouves.sort_unstable();
        trouves.dedup();
        match trouves.as_slice() {
            [] => Trouve::Personne,
            [un] => Trouve::Un(*un),
            [_, _, ..] => Trouve::Plusieurs,
        }
    }

    /// Who bears these names and was born that day, and where.
    pub fn homonymes(
        &self,
        noms: &[&str],
        prenom: &str,
        naissance: Option<NaiveDate>,
    ) -> impl Iterator<Item = (EtablissementId, PersonneId)> {
        let naissance = naissance.filter(|_| !self.0.is_empty());
        let identites = naissance
            .into_iter()
            .flat_map(move |jour| noms.iter().map(move |nom| identite(nom, prenom, jour)));
        identites.filter_map(move |identite| self.0.get(&identite)).flatten().copied()
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
