//! Registers of the staff, each with numbers of its own: a number alone names nobody.

use crate::importer::fichier::{Defaut, Noeud};
use domain::annuaire::{RegistreSts, Source};

/// Under which key the directory keeps whom a tag names. Before registers were read, and where a
/// file tells none, a number is of EPP.
pub(in crate::importer) fn cle_d_enseignant(noeud: &Noeud) -> Result<String, Defaut> {
    let registre = noeud.attribut("TYPE").map_or(RegistreSts::Epp, RegistreSts::named);
    Ok(Source::cle_d_enseignant(registre, &noeud.cle("ID")?))
}

/// What is kept under a number whose register a file does not tell: of the one who has it, if only
/// one register does.
pub(in crate::importer) fn au_numero<'a, T>(
    connus: impl IntoIterator<Item = (&'a String, T)>,
    numero: &str,
) -> Option<T> {
    let mut same = connus.into_iter().filter(|(cle, _)| Source::sans_registre(cle) == numero);
    let (_, found) = same.next()?;
    same.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_number_without_a_register_is_of_the_only_one_who_has_it() {
        let connus: BTreeMap<String, &str> =
            [("12", "Ada"), ("local/12", "Alix"), ("local/7", "Noa")].map(|(k, v)| (k.to_owned(), v)).into();
        assert_eq!(au_numero(&connus, "7"), Some(&"Noa"));
        assert_eq!(au_numero(&connus, "12"), None, "nobody is guessed");
        assert_eq!(au_numero(&connus, "local/12"), None);
    }
}
