//! The catalogue of a portal, asked at the one place where rights are decided: who has a right
//! still finds a brick closed that is closed to his or her profil, and nothing is added where
//! the adhésion is over.

use crate::error::{Refused, UseCaseError};
use crate::rights::{Acteur, Action, Resource};
use domain::portails::{RefusCatalogue, ServiceEnt};

/// Lets an act through that is permitted, if the brick to which it belongs is open.
pub fn admit(acteur: &Acteur, action: Action, on: &Resource) -> Result<(), UseCaseError> {
    let (Some(brick), Some(place)) = (service_ent(action), on.etablissement()) else { return Ok(()) };
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

/// The brick to which an action belongs. Running the house is no brick: nobody closes it.
fn service_ent(action: Action) -> Option<ServiceEnt> {
    match action {
        Action::OuvrirAppel
        | Action::PointerEleves
        | Action::CloreAppel
        | Action::CorrigerAppel
        | Action::LireAppel
        | Action::LireAbsencesEleve => Some(ServiceEnt::Absences),
        Action::CreerEvaluation
        | Action::SaisirNotes
        | Action::CorrigerNote
        | Action::PublierEvaluation
        | Action::LireCarnetDeNotes
        | Action::LireNotesEleve => Some(ServiceEnt::Notes),
        Action::RedigerActualite
        | Action::ModifierPublication
        | Action::SoumettrePublication
        | Action::PublierPublication
        | Action::LirePublication => Some(ServiceEnt::Actualites),
        // To withdraw and to report are owed whatever is closed (LCEN, art. 6; DSA, art. 16).
        Action::RetirerPublication
        | Action::SignalerContenu
        | Action::LireSignalement
        | Action::PrendreConnaissance
        | Action::RendreDecision
        | Action::LireEtablissement
        | Action::LireDivision
        | Action::LirePersonne
        | Action::ImporterAnnuaire
        | Action::SaisirAnnuaire
        | Action::OpposerInformation
        | Action::OuvrirPortail
        | Action::ConclureAdhesion
        | Action::TerminerAdhesion
        | Action::PrendreDirection
        | Action::QuitterDirection
        | Action::AccorderDelegation
        | Action::RevoquerDelegation
        | Action::OuvrirServiceEnt
        | Action::FermerServiceEnt
        | Action::DefinirTheme
        | Action::LirePortail
        | Action::MettreEnGarde
        | Action::LireMisesEnGarde
        | Action::RepondreMiseEnGarde
        | Action::AccorderHabilitation
        | Action::RevoquerHabilitation
        | Action::LireHabilitations
        | Action::DemanderIntervention
        | Action::ContresignerIntervention
        | Action::CloreIntervention
        | Action::ConstaterExpiration
        | Action::LireInterventions
        | Action::LireJournal
        | Action::SuivreJournal
        | Action::AuditerJournal
        | Action::InscrireConsultation
        | Action::InscrireVerification
        | Action::LireConservation
        | Action::PoserGel
        | Action::LeverGel
        | Action::DemanderDestruction
        | Action::ConfirmerDestruction
        | Action::AbandonnerDestruction
        | Action::OuvrirSession
        | Action::ChoisirProfil
        | Action::LireConnexions
        | Action::LireAcces
        | Action::LierIdentite
        | Action::RompreLiaison
        | Action::VerrouillerCompte
        | Action::DeverrouillerCompte
        | Action::LireVues => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{EnseignementId, EtablissementId, PersonneId};

    fn college() -> EtablissementId {
        EtablissementId::derived(&["collège"])
    }

    fn maths() -> Resource {
        let enseignants = [PersonneId::derived(&["Ada"])].into();
        Resource::Enseignement {
            id: EnseignementId::derived(&["maths"]),
            etablissement: college(),
            enseignants,
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
