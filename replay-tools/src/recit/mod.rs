//! The sentences of the record: each event of each context has one, in the file of its
//! context, and the compiler asks for that of a new event.
//!
//! A sentence says what was done, after the name of who did it. What was erased has none:
//! its type is said, and that its content is no longer there.

mod absences;
mod annuaire;
mod conservation;
mod identite;
mod intitule;
mod journal;
mod noms;
mod notes;
mod portails;
mod publications;
mod texte;

pub use intitule::{intitule, office};
pub use noms::Noms;

use domain::Event;
use serde_json::Value;

/// What the author of an event did, after his or her name.
pub fn phrase(event: &Event, noms: &Noms) -> String {
    match event {
        Event::Etablissement(event) => annuaire::etablissement(event, noms),
        Event::Personne(event) => annuaire::personne(event, noms),
        Event::Alimentation(event) => annuaire::alimentation(event),
        Event::Portail(event) => portails::phrase(event, noms),
        Event::Adhesion(event) => portails::adhesion(event),
        Event::Catalogue(event) => portails::catalogue(event),
        Event::Theme(event) => portails::theme(event),
        Event::MiseEnGarde(event) => portails::mise_en_garde(event, noms),
        Event::Habilitation(event) => portails::habilitation(event, noms),
        Event::Intervention(event) => portails::intervention(event, noms),
        Event::Appel(event) => absences::phrase(event, noms),
        Event::Evaluation(event) => notes::phrase(event, noms),
        Event::Publication(event) => publications::publication(event, noms),
        Event::Signalement(event) => publications::signalement(event, noms),
        Event::Gels(event) => conservation::gel(event, noms),
        Event::Destruction(event) => conservation::destruction(event),
        Event::Consultation(event) => journal::consultation(event),
        Event::Verification(event) => journal::verification(event),
        Event::Liaison(event) => identite::liaison(event, noms),
        Event::Session(event) => identite::session(event),
        Event::Compte(event) => identite::compte(event, noms),
        Event::Tentative(event) => identite::tentative(event),
    }
}

/// A content as JSON.
fn content(event: &Event) -> serde_json::Result<Value> {
    match event {
        Event::Etablissement(event) => serde_json::to_value(event),
        Event::Personne(event) => serde_json::to_value(event),
        Event::Alimentation(event) => serde_json::to_value(event),
        Event::Portail(event) => serde_json::to_value(event),
        Event::Adhesion(event) => serde_json::to_value(event),
        Event::Catalogue(event) => serde_json::to_value(event),
        Event::Theme(event) => serde_json::to_value(event),
        Event::MiseEnGarde(event) => serde_json::to_value(event),
        Event::Habilitation(event) => serde_json::to_value(event),
        Event::Intervention(event) => serde_json::to_value(event),
        Event::Appel(event) => serde_json::to_value(event),
        Event::Evaluation(event) => serde_json::to_value(event),
        Event::Publication(event) => serde_json::to_value(event),
        Event::Signalement(event) => serde_json::to_value(event),
        Event::Gels(event) => serde_json::to_value(event),
        Event::Destruction(event) => serde_json::to_value(event),
        Event::Consultation(event) => serde_json::to_value(event),
        Event::Verification(event) => serde_json::to_value(event),
        Event::Liaison(event) => serde_json::to_value(event),
        Event::Session(event) => serde_json::to_value(event),
        Event::Compte(event) => serde_json::to_value(event),
        Event::Tentative(event) => serde_json::to_value(event),
    }
}

#[cfg(test)]
mod tests;
