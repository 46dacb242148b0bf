//! The sentences of the record: each event of each context has one, in the file of its
//! context, and the compiler asks for that of a new event.
//!
//! A sentence says what was done, after the name of who did it. What was erased has none:
//! its type is said, and that its content is no longer there.

mod absences;
mod annuaire;
mod conservation;
mod dossiers_absence;
mod identite;
mod intitule;
mod journal;
mod noms;
mod notes;
mod portails;
mod protection;
mod publications;
mod texte;
mod vie_annuaire;

pub use intitule::{intitule, office};
pub use noms::Noms;

use domain::Event;

/// What the author of an event did, after his or her name.
pub fn phrase(event: &Event, noms: &Noms) -> String {
    match event {
        Event::Etablissement(event) => annuaire::etablissement(event, noms),
        Event::Personne(event) => annuaire::personne(event, noms),
        Event::Alimentation(event) => annuaire::alimentation(event),
        Event::Groupes(event) => vie_annuaire::groupe(event, noms),
        Event::Calendrier(event) => vie_annuaire::calendrier(event, noms),
        Event::Remplacements(event) => vie_annuaire::remplacement(event, noms),
        Event::Identite(event) => vie_annuaire::identite(event, noms),
        Event::Inscription(event) => vie_annuaire::inscription(event, noms),
        Event::Bascule(event) => vie_annuaire::bascule(event, noms),
        Event::Portail(event) => portails::phrase(event, noms),
        Event::Adhesion(event) => portails::adhesion(event),
        Event::Catalogue(event) => portails::catalogue(event),
        Event::Theme(event) => portails::theme(event),
        Event::MiseEnGarde(event) => portails::mise_en_garde(event, noms),
        Event::Habilitation(event) => portails::habilitation(event, noms),
        Event::Intervention(event) => portails::intervention(event, noms),
        Event::Appel(event) => absences::phrase(event, noms),
        Event::DossierAbsence(event) => dossiers_absence::dossier(event, noms),
        Event::Collective(event) => dossiers_absence::collective(event),
        Event::Dispense(event) => dossiers_absence::dispense(event, noms),
        Event::Reglement(event) => dossiers_absence::reglement(event),
        Event::Assiduite(event) => dossiers_absence::assiduite(event, noms),
        Event::Evaluation(event) => notes::phrase(event, noms),
        Event::Publication(event) => publications::publication(event, noms),
        Event::Signalement(event) => publications::signalement(event, noms),
        Event::Gels(event) => conservation::gel(event, noms),
        Event::Destruction(event) => conservation::destruction(event),
        Event::Remise(event) => protection::remise(event, noms),
        Event::Rectification(event) => protection::rectification(event, noms),
        Event::Consultation(event) => journal::consultation(event),
        Event::Verification(event) => journal::verification(event),
        Event::Liaison(event) => identite::liaison(event, noms),
        Event::Session(event) => identite::session(event),
        Event::Compte(event) => identite::compte(event, noms),
        Event::Tentative(event) => identite::tentative(event),
    }
}

#[cfg(test)]
mod tests;
