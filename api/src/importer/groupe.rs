//! Which groupes of a feed the directory can have, and under which name. One that it cannot have is set
//! aside alone: an établissement is told in one act, and would be refused with all its divisions.
//!
//! No feed can put a groupe into another: the AAF and STS say of which divisions one is made, and SIECLE who
//! is in it. A code that is a groupe's is no division's there, and is told and left out, so that no feed
//! closes a cycle; what hands nest is for the domain to refuse (`domain::annuaire::Groupes`).

use super::motif::Motif;
use domain::annuaire::DeclarationDeGroupe;

/// What a report quotes of a code that is too long, in characters: enough to find it by.
const DEBUT: usize = 40;

/// Why a groupe of this code is set aside, if it is. No source has declared it before either, so that
/// those that stay are still all that the directory can have.
pub fn ecarter(code: &str) -> Option<Motif> {
    let debut = || code.chars().filter(|c| !c.is_control()).take(DEBUT).collect::<String>();
    (!DeclarationDeGroupe::admet(code)).then(|| Motif::GroupeInadmissible(debut()))
}

/// The name of a groupe, which is its code where the feed has none that the directory can have, and what
/// is to be said then.
pub fn nommer(code: &str, libelle: Option<String>) -> (String, Option<Motif>) {
    match libelle {
        Some(libelle) if DeclarationDeGroupe::admet(&libelle) => (libelle, None),
        Some(_) => (code.to_owned(), Some(Motif::GroupeMalNomme(code.to_owned()))),
        None => (code.to_owned(), Some(Motif::GroupeSansLibelle(code.to_owned()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_the_directory_cannot_have_is_quoted_by_its_beginning() {
        assert_eq!(ecarter(&"G".repeat(200)), None);
        let debut = "G".repeat(DEBUT);
        assert_eq!(ecarter(&"G".repeat(201)), Some(Motif::GroupeInadmissible(debut)));
        assert_eq!(ecarter("6\nLAT"), Some(Motif::GroupeInadmissible("6LAT".into())));
    }

    #[test]
    fn a_code_serves_where_there_is_no_name_to_be_had() {
        let latin = || Some("Latin".to_owned());
        assert_eq!(nommer("6LAT", latin()), ("Latin".to_owned(), None));
        let code = || "6LAT".to_owned();
        assert_eq!(nommer("6LAT", None), (code(), Some(Motif::GroupeSansLibelle(code()))));
        let long = Some("L".repeat(201));
        assert_eq!(nommer("6LAT", long), (code(), Some(Motif::GroupeMalNomme(code()))));
    }
}
