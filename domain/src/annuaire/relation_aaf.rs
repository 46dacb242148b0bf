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
