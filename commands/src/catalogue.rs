//! The catalogue of a portal, asked at the one place where rights are decided: who has a right
//! still finds a brick closed that is closed to his or her profil, and nothing is added where
//! the adhésion is over.

use crate::error::{Refused, UseCaseError};
use crate::rights::{Acteur, Action, Resource};
use domain::portails::RefusCatalogue;

/// Lets an act through that is permitted, if the brick to which it belongs is open.
pub fn admit(acteur: &Acteur, action: Action, on: &Resource) -> Result<(), UseCaseError> {
    let (Some(brick), Some(place)) = (action.service_ent(), on.etablissement()) else { return Ok(()) };
    // What everybody may read is not closed to those who have signed in.
    if let Resource::Publication { publique: true, en_ligne: true, .. } = on
        && action.is_reading()
    {
        return Ok(());
    }
    if acteur.terminees.contains(&place) && !action.is_reading() {
        return Err(UseCaseError::Refused(Refused::of(&RefusCatalogue::AdhesionTerminee)));
    }
    if acteur.fermetures.contains(&(place, brick)) {
        let libelle = brick.libelle();
        return Err(UseCaseError::Refused(Refused::of(&RefusCatalogue::ServiceEntFerme { libelle })));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::portails::ServiceEnt;
    use domain::{EnseignementId, EtablissementId, PersonneId};
    use std::collections::BTreeSet;

    fn college() -> EtablissementId {
        EtablissementId::derived(&["collège"])
    }

    fn maths() -> Resource {
        let enseignants = [PersonneId::derived(&["Ada"])].into();
        Resource::Enseignement {
            id: EnseignementId::derived(&["maths"]),
            etablissement: college(),
            enseignants,
            absents: BTreeSet::new(),
        }
    }

    fn code(admitted: Result<(), UseCaseError>) -> Option<&'static str> {
        admitted.err().and_then(|error| error.code())
    }

    #[test]
    fn a_closed_brick_is_closed_to_reading_too_and_others_stay_open() {
        let ada = PersonneId::derived(&["Ada"]);
        let acteur = Acteur { fermetures: [(college(), ServiceEnt::Notes)].into(), ..Acteur::personnel(ada) };
        for action in [Action::SaisirNotes, Action::LireCarnetDeNotes] {
            assert_eq!(code(admit(&acteur, action, &maths())), Some("SERVICE_FERME"), "{action}");
        }
        assert_eq!(code(admit(&acteur, Action::OuvrirAppel, &maths())), None);
    }

    #[test]
    fn where_the_adhesion_is_over_one_reads_and_adds_nothing() {
        let acteur =
            Acteur { terminees: [college()].into(), ..Acteur::personnel(PersonneId::derived(&["Marie"])) };
        assert_eq!(code(admit(&acteur, Action::CorrigerAppel, &maths())), Some("ADHESION_TERMINEE"));
        assert_eq!(code(admit(&acteur, Action::LireAppel, &maths())), None);
    }
}
