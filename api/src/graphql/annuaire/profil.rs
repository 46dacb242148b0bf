//! What people are to a house and to a pupil, in the words that queries and mutations share.

use async_graphql::Enum;

/// Ce qu'une personne est dans un établissement.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domain::annuaire::Profil")]
pub enum Profil {
    Eleve,
    Responsable,
    Enseignant,
    Direction,
    VieScolaire,
    Administratif,
    Autre,
}

/// À quel titre un adulte répond d'un élève.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domain::annuaire::NiveauResponsabilite")]
pub enum NiveauDeResponsabilite {
    Legale1,
    Legale2,
    Charge,
    Contact,
    Aucune,
}
