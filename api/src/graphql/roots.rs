//! The roots, merged by part of the house.
//!
//! The engine lays out the resolver of each root within that of the next, so that a long list costs the
//! compiler far more than a few short ones.

use super::{
    absences, annuaire, cahier_de_textes, conservation, identite, moderation, node, notes, notifications,
    portails, protection, publications, vie_de_l_eleve, vues,
};
use async_graphql::MergedObject;

/// Every query.
#[derive(MergedObject, Default)]
pub struct Query(LesGens, LaMaison, LaClasse, LaVieScolaire);

/// Every mutation.
#[derive(MergedObject, Default)]
pub struct Mutation(DireLesGens, TenirLaMaison, FaireClasse, TenirLaVieScolaire);

/// Who is who.
#[derive(MergedObject, Default)]
pub struct LesGens(
    node::NodeQuery,
    annuaire::AnnuaireQuery,
    annuaire::GroupeQuery,
    annuaire::DoublonQuery,
    annuaire::BasculeQuery,
    identite::IdentiteQuery,
);

/// Portals, what they show, and what is kept of it.
#[derive(MergedObject, Default)]
pub struct LaMaison(
    portails::PortailsQuery,
    publications::PublicationsQuery,
    moderation::ModerationQuery,
    conservation::ConservationQuery,
    protection::ProtectionQuery,
    notifications::NotificationsQuery,
    vues::VuesQuery,
);

/// What is taught and marked.
#[derive(MergedObject, Default)]
pub struct LaClasse(
    notes::NotesQuery,
    notes::ConseilQuery,
    notes::BulletinQuery,
    notes::PolitiquesQuery,
    notes::LivretsQuery,
    cahier_de_textes::SemaineQuery,
    cahier_de_textes::CahierQuery,
);

/// Who was there, and what happened.
#[derive(MergedObject, Default)]
pub struct LaVieScolaire(
    absences::AbsencesQuery,
    absences::VieScolaireQuery,
    vie_de_l_eleve::VieDeLEleveQuery,
);

/// Who is who.
#[derive(MergedObject, Default)]
pub struct DireLesGens(
    annuaire::AnnuaireMutation,
    annuaire::GroupeMutation,
    annuaire::CalendrierMutation,
    annuaire::RemplacementMutation,
    annuaire::DoublonMutation,
    annuaire::InscriptionMutation,
    annuaire::BasculeMutation,
    identite::IdentiteMutation,
);

/// Portals, what they show, and what is kept of it.
#[derive(MergedObject, Default)]
pub struct TenirLaMaison(
    portails::PortailsMutation,
    portails::MaisonsMutation,
    portails::MisesEnGardeMutation,
    portails::InterventionsMutation,
    publications::PublicationsMutation,
    moderation::ModerationMutation,
    conservation::ConservationMutation,
    protection::ProtectionMutation,
    notifications::NotificationsMutation,
);

/// What is taught and marked.
#[derive(MergedObject, Default)]
pub struct FaireClasse(
    notes::NotesMutation,
    notes::ConseilMutation,
    notes::BulletinMutation,
    notes::CompetencesMutation,
    cahier_de_textes::EmploiDuTempsMutation,
    cahier_de_textes::CahierMutation,
    cahier_de_textes::PiecesMutation,
    cahier_de_textes::AbonnementMutation,
);

/// Who was there, and what happened.
#[derive(MergedObject, Default)]
pub struct TenirLaVieScolaire(
    absences::AbsencesMutation,
    absences::VieScolaireMutation,
    vie_de_l_eleve::VieDeLEleveMutation,
);
