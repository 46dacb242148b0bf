//! Any object by its global id (Relay).

use super::absences::{AbsenceCollective, Appel, Dispense, DossierAbsence};
use super::annuaire::{Division, Eleve, Enseignement, Etablissement, Groupe, Personne};
use super::cahier_de_textes::{Seance, Travail};
use super::ids::parts;
use super::moderation::Signalement;
use super::notes::{Bulletin, Evaluation};
use super::portails::Portail;
use super::publications::Publication;
use super::vie_de_l_eleve::{Incident, Mot, Passage, Punition, Sanction, Stage};
use async_graphql::{Context, ID, Interface, Object, Result};
use domain::{IncidentId, MotId, PassageId, PunitionId, SanctionId, StageId};
use uuid::Uuid;

/// Un objet qui a un identifiant global.
#[derive(Interface)]
#[allow(clippy::large_enum_variant)] // one is made for each answer, and moved once
#[graphql(field(name = "id", ty = "ID", desc = "Identifiant global, opaque."))]
pub enum Node {
    AbsenceCollective(AbsenceCollective),
    Appel(Appel),
    Bulletin(Bulletin),
    Dispense(Dispense),
    Division(Division),
    DossierAbsence(DossierAbsence),
    Eleve(Eleve),
    Enseignement(Enseignement),
    Etablissement(Etablissement),
    Evaluation(Evaluation),
    Groupe(Groupe),
    Incident(Incident),
    Mot(Mot),
    Passage(Passage),
    Personne(Personne),
    Portail(Portail),
    Publication(Publication),
    Punition(Punition),
    Sanction(Sanction),
    Seance(Seance),
    Signalement(Signalement),
    Stage(Stage),
    Travail(Travail),
}

/// The root of ids.
#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// L'objet qui porte cet identifiant ; rien s'il n'existe pas ou n'est pas ouvert à qui demande.
    async fn node(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Node>> {
        let Some((kind, key)) = parts(&id) else { return Ok(None) };
        if kind == "Portail" {
            return Ok(Portail::load(ctx, &key).await?.map(Node::Portail));
        }
        let Ok(key) = Uuid::parse_str(&key) else { return Ok(None) };
        Ok(match kind.as_str() {
            "Appel" => Appel::load(ctx, key).await?.map(Node::Appel),
            "Bulletin" => Bulletin::load(ctx, key).await?.map(Node::Bulletin),
            "Collective" => AbsenceCollective::load(ctx, key).await?.map(Node::AbsenceCollective),
            "Dispense" => Dispense::load(ctx, key).await?.map(Node::Dispense),
            "Division" => Division::load(ctx, key).await?.map(Node::Division),
            "DossierAbsence" => DossierAbsence::load(ctx, key).await?.map(Node::DossierAbsence),
            "Eleve" => Eleve::load(ctx, key).await?.map(Node::Eleve),
            "Enseignement" => Enseignement::load(ctx, key).await?.map(Node::Enseignement),
            "Etablissement" => Etablissement::load(ctx, key).await?.map(Node::Etablissement),
            "Evaluation" => Evaluation::load(ctx, key).await?.map(Node::Evaluation),
            "Groupe" => Groupe::load(ctx, key).await?.map(Node::Groupe),
            "Incident" => Incident::load(ctx, IncidentId(key)).await?.map(Node::Incident),
            "Mot" => Mot::load(ctx, MotId(key)).await?.map(Node::Mot),
            "Passage" => Passage::load(ctx, PassageId(key)).await?.map(Node::Passage),
            "Personne" => Personne::load(ctx, key).await?.map(Node::Personne),
            "Publication" => Publication::load(ctx, key).await?.map(Node::Publication),
            "Punition" => Punition::load(ctx, PunitionId(key)).await?.map(Node::Punition),
            "Sanction" => Sanction::load(ctx, SanctionId(key)).await?.map(Node::Sanction),
            "Seance" => Seance::load(ctx, key).await?.map(Node::Seance),
            "Signalement" => Signalement::load(ctx, key).await?.map(Node::Signalement),
            "Stage" => Stage::load(ctx, StageId(key)).await?.map(Node::Stage),
            "Travail" => Travail::load(ctx, key).await?.map(Node::Travail),
            _ => None,
        })
    }
}
