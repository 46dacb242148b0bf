//! The sentences of the record: each event of each context has one, in the file of its
//! context, and the compiler asks for that of a new event.
//!
//! A sentence says what was done, after the name of who did it. What was erased has none:
//! its type is said, and that its content is no longer there.

mod absences;
mod annuaire;
mod cahier_de_textes;
mod conservation;
mod dossiers_absence;
mod identite;
mod intitule;
mod journal;
mod noms;
mod notes;
mod notifications;
mod pieces;
mod portails;
mod protection;
mod publications;
mod texte;
mod vie_annuaire;
mod vie_de_l_eleve;

pub use intitule::{intitule, office};
pub use noms::Noms;
pub use publications::moderation;

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
        Event::Politiques(event) => notes::politique(event),
        Event::PeriodeDeNotes(event) => notes::periode(event),
        Event::Appreciations(event) => notes::appreciation(event, noms),
        Event::ConseilDeClasse(event) => notes::conseil(event, noms),
        Event::Bulletin(event) => notes::bulletin(event, noms),
        Event::Positionnements(event) => notes::positionnement(event, noms),
        Event::EmploiDuTemps(event) => cahier_de_textes::emploi_du_temps(event),
        Event::Seance(event) => cahier_de_textes::seance(event, noms),
        Event::Travail(event) => cahier_de_textes::travail(event, noms),
        Event::Copie(event) => cahier_de_textes::copie(event, noms),
        Event::Cahier(event) => cahier_de_textes::cahier(event, noms),
        Event::Abonnement(event) => cahier_de_textes::abonnement(event),
        Event::Piece(event) => pieces::piece(event, noms),
        Event::Publication(event) => publications::publication(event, noms),
        Event::Signalement(event) => publications::signalement(event, noms),
        Event::Espaces(event) => publications::espace(event),
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
        Event::Preferences(event) => notifications::preferences(event, noms),
        Event::Envoi(event) => notifications::envoi(event, noms),
        Event::Incident(event) => vie_de_l_eleve::incident(event, noms),
        Event::Punition(event) => vie_de_l_eleve::punition(event, noms),
        Event::Sanction(event) => vie_de_l_eleve::sanction(event, noms),
        Event::Mot(event) => vie_de_l_eleve::mot(event, noms),
        Event::Passage(event) => vie_de_l_eleve::passage(event, noms),
        Event::Stage(event) => vie_de_l_eleve::stage(event, noms),
    }
}

#[cfg(test)]
mod tests;
