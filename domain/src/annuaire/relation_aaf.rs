//! How the AAF says who answers for a pupil.
//!
//! `ENTElevePersRelEleve` (SDET, annexe 4) has six parts:
//! `person$lien$financier$legal$contact$paiement`. `legal` is 1 for the first legal
//! representative, 2 for the second, 0 for who is none; feeds often give 1 to both parents.
//! Who only pays or is paid has no responsibility for the pupil.

use super::NiveauResponsabilite;

/// One value of `ENTElevePersRelEleve`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelationAaf<'a> {
    /// Key of the adult in the same source.
    pub responsable: &'a str,
    /// Code of the tie (father, mother, tutor…).
    pub lien: &'a str,
    /// How this adult answers for the pupil.
    pub niveau: NiveauResponsabilite,
}

impl<'a> RelationAaf<'a> {
    /// Reads a value; `None` where a part is missing or a code unknown, so that a
    /// responsibility is never guessed.
    pub fn parse(value: &'a str) -> Option<Self> {
        let mut parts = value.split('$').map(str::trim);
        let responsable = parts.next().filter(|key| !key.is_empty())?;
        let lien = parts.next()?;
        let _financier = parts.next()?;
        let niveau = niveau(parts.next()?, parts.next()?)?;
        Some(Self { responsable, lien, niveau })
    }
}

fn niveau(legal: &str, contact: &str) -> Option<NiveauResponsabilite> {
    match (legal, contact) {
        ("1", _) => Some(NiveauResponsabilite::Legale1),
        ("2", _) => Some(NiveauResponsabilite::Legale2),
        ("0" | "", "1") => Some(NiveauResponsabilite::Contact),
        ("0" | "", "0" | "") => Some(NiveauResponsabilite::Aucune),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn niveau_of(value: &str) -> Option<NiveauResponsabilite> {
        RelationAaf::parse(value).map(|relation| relation.niveau)
    }

    #[test]
    fn the_fourth_part_says_who_represents_the_pupil() {
        assert_eq!(
            RelationAaf::parse("300$20$0$1$0$0"),
            Some(RelationAaf { responsable: "300", lien: "20", niveau: NiveauResponsabilite::Legale1 })
        );
        assert_eq!(niveau_of("301$10$0$2$1$0"), Some(NiveauResponsabilite::Legale2));
    }

    #[test]
    fn who_is_no_representative_is_a_contact_at_most() {
        assert_eq!(niveau_of("302$38$0$0$1$0"), Some(NiveauResponsabilite::Contact));
        assert_eq!(niveau_of("302$38$0$0$0$0"), Some(NiveauResponsabilite::Aucune));
    }

    #[test]
    fn who_pays_has_no_responsibility_for_it() {
        assert_eq!(niveau_of("303$90$1$0$0$1"), Some(NiveauResponsabilite::Aucune));
    }

    #[test]
    fn a_responsibility_is_never_guessed() {
        for value in ["", "303", "303$10$0$1", "$10$0$1$0$0", "303$10$0$7$0$0", "303$10$0$0$x$0"] {
            assert_eq!(RelationAaf::parse(value), None, "{value}");
        }
    }
}
