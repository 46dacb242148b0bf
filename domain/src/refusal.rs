//! Refusals: the domain says no with a stable code and a sentence that helps.

/// A refusal of the domain. Its `Display` is a French sentence for who asked: what
/// is refused, and what to do instead.
pub trait Refusal: std::error::Error + PartialEq + Send + Sync + 'static {
    /// Every refusal of this aggregate.
    const SPECS: &'static [RefusalSpec];

    /// Which of them this is.
    fn spec(&self) -> &'static RefusalSpec;
}

/// The part of a refusal that clients may rely on.
#[derive(Debug, PartialEq, Eq)]
pub struct RefusalSpec {
    /// Frozen code, in capitals.
    pub code: &'static str,
    /// The input field at fault, where there is one.
    pub field: Option<&'static str>,
}

/// Declares an aggregate's refusals: name, frozen code, field at fault, sentence.
macro_rules! refusals {
    (
        $(#[$doc:meta])*
        pub enum $name:ident {
            $($(#[$variant_doc:meta])* $variant:ident $({ $($field:ident : $type:ty),* $(,)? })?
                = $code:literal $(at $at:literal)? : $sentence:literal),* $(,)?
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, thiserror::Error)]
        #[allow(missing_docs)]
        pub enum $name {
            $($(#[$variant_doc])* #[error($sentence)] $variant $({ $($field: $type),* })?,)*
        }

        impl $crate::Refusal for $name {
            const SPECS: &'static [$crate::RefusalSpec] = &[$($crate::RefusalSpec {
                code: $code,
                field: $crate::refusal::first(&[$($at)?]),
            }),*];

            fn spec(&self) -> &'static $crate::RefusalSpec {
                let code = match self { $(Self::$variant { .. } => $code),* };
                $crate::refusal::find(Self::SPECS, code)
            }
        }
    };
}
pub(crate) use refusals;

pub(crate) const fn first(names: &[&'static str]) -> Option<&'static str> {
    if names.is_empty() { None } else { Some(names[0]) }
}

/// `specs` has `code` because the same macro call wrote both.
pub(crate) fn find(specs: &'static [RefusalSpec], code: &str) -> &'static RefusalSpec {
    specs.iter().find(|spec| spec.code == code).unwrap_or(&specs[0])
}

/// Every refusal of every aggregate, for the contracts that the faces publish.
pub fn refusal_catalogue() -> Vec<&'static RefusalSpec> {
    use crate::{
        absences, annuaire, cahier_de_textes, conservation, identite, journal, notes, notifications, pieces,
        portails, protection, publications, vie_de_l_eleve,
    };
    [
        crate::ContenuEfface::SPECS,
        annuaire::RefusEtablissement::SPECS,
        annuaire::RefusPersonne::SPECS,
        annuaire::RefusAlimentation::SPECS,
        annuaire::RefusGroupe::SPECS,
        annuaire::RefusCalendrier::SPECS,
        annuaire::RefusRemplacement::SPECS,
        annuaire::RefusIdentite::SPECS,
        annuaire::RefusInscription::SPECS,
        annuaire::RefusBascule::SPECS,
        portails::RefusPortail::SPECS,
        portails::RefusAdhesion::SPECS,
        portails::RefusCatalogue::SPECS,
        portails::RefusTheme::SPECS,
        portails::RefusMiseEnGarde::SPECS,
        portails::RefusHabilitation::SPECS,
        portails::RefusIntervention::SPECS,
        absences::RefusAppel::SPECS,
        absences::RefusDossierAbsence::SPECS,
        absences::RefusCollective::SPECS,
        absences::RefusDispense::SPECS,
        absences::RefusReglement::SPECS,
        absences::RefusAssiduite::SPECS,
        notes::RefusEvaluation::SPECS,
        notes::RefusPolitique::SPECS,
        notes::RefusPeriode::SPECS,
        notes::RefusAppreciation::SPECS,
        notes::RefusConseil::SPECS,
        notes::RefusBulletin::SPECS,
        notes::RefusPositionnement::SPECS,
        notes::RefusTableau::SPECS,
        notes::RefusLivret::SPECS,
        notes::Manque::SPECS,
        cahier_de_textes::RefusEmploiDuTemps::SPECS,
        cahier_de_textes::RefusSeance::SPECS,
        cahier_de_textes::RefusTravail::SPECS,
        cahier_de_textes::RefusCopie::SPECS,
        cahier_de_textes::RefusCahier::SPECS,
        cahier_de_textes::RefusAbonnement::SPECS,
        pieces::RefusPiece::SPECS,
        publications::RefusPublication::SPECS,
        publications::RefusSignalement::SPECS,
        publications::RefusEspace::SPECS,
        conservation::RefusGel::SPECS,
        conservation::RefusDestruction::SPECS,
        protection::RefusRemise::SPECS,
        protection::RefusRectification::SPECS,
        journal::RefusConsultation::SPECS,
        journal::RefusVerification::SPECS,
        identite::RefusLiaison::SPECS,
        identite::RefusSession::SPECS,
        identite::RefusCompte::SPECS,
        identite::RefusTentative::SPECS,
        notifications::RefusPreferences::SPECS,
        notifications::RefusEnvoi::SPECS,
        vie_de_l_eleve::RefusIncident::SPECS,
        vie_de_l_eleve::RefusPunition::SPECS,
        vie_de_l_eleve::RefusSanction::SPECS,
        vie_de_l_eleve::RefusMot::SPECS,
        vie_de_l_eleve::RefusPassage::SPECS,
        vie_de_l_eleve::RefusStage::SPECS,
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn one_code_means_one_thing_and_points_at_one_field() {
        let mut fields = BTreeMap::new();
        for spec in refusal_catalogue() {
            let first = *fields.entry(spec.code).or_insert(spec.field);
            assert_eq!(first, spec.field, "{}", spec.code);
        }
    }

    #[test]
    fn every_code_is_frozen_in_capitals() {
        for spec in refusal_catalogue() {
            assert!(spec.code.bytes().all(|b| b.is_ascii_uppercase() || b == b'_'), "{}", spec.code);
        }
    }
}
