//! Names to draw from, one a line in the files beside. First names and surnames come from every
//! region and shore, and are drawn apart: the people of a generated feed are nobody.

/// First names given to girls.
pub(super) const FEMININS: &str = include_str!("noms/feminins.txt");

/// First names given to boys.
pub(super) const MASCULINS: &str = include_str!("noms/masculins.txt");

/// Surnames, as the feed writes them.
pub(super) const FAMILLES: &str = include_str!("noms/familles.txt");

/// Names of établissements.
pub(super) const ETABLISSEMENTS: &str = include_str!("noms/etablissements.txt");

/// Towns that no map has.
pub(super) const COMMUNES: &str = include_str!("noms/communes.txt");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_enough_names_and_none_twice() {
        let uniques = |listes: &str| {
            let uniques: std::collections::BTreeSet<_> = listes.lines().collect();
            assert_eq!(uniques.len(), listes.lines().count());
            assert!(!uniques.contains(""));
            uniques.len()
        };
        assert!(uniques(&[FEMININS, MASCULINS].concat()) >= 150);
        assert!(uniques(FAMILLES) >= 200);
        assert!(uniques(ETABLISSEMENTS) >= 10 && uniques(COMMUNES) >= 10);
    }
}
