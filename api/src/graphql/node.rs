//! Any object by its global id (Relay).

use super::absences::Appel;
use super::annuaire::{Division, Eleve, Enseignement, Etablissement, Groupe, Personne};
use super::ids::parts;
use super::moderation::Signalement;
use super::notes::Evaluation;
use super::portails::Portail;
use super::publications::Publication;
use async_graphql::{Context, ID, Interface, Object, Result};
use uuid::Uuid;

/// Un objet qui a un identifiant global.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Identifiant global, opaque."))]
pub enum Node {
    Appel(Appel),
    Division(Division),
    Eleve(Eleve),
    Enseignement(Enseignement),
    Etablissement(Etablissement),
    Evaluation(Evaluation),
    Groupe(Groupe),
    Personne(Personne),
    Portail(Portail),
    Publication(Publication),
    Signalement(Signalement),
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
            "Division" => Division::load(ctx, key).await?.map(Node::Division),
            "Eleve" => Eleve::load(ctx, key).await?.map(Node::Eleve),
            "Enseignement" => Enseignement::load(ctx, key).await?.map(Node::Enseignement),
            "Etablissement" => Etablissement::load(ctx, key).await?.map(Node::Etablissement),
            "Evaluation" => Evaluation::load(ctx, key).await?.map(Node::Evaluation),
            "Groupe" => Groupe::load(ctx, key).await?.map(Node::Groupe),
            "Personne" => Personne::load(ctx, key).await?.map(Node::Personne),
            "Publication" => Publication::load(ctx, key).await?.map(Node::Publication),
            "Signalement" => Signalement::load(ctx, key).await?.map(Node::Signalement),
            _ => None,
        })
    }
}
