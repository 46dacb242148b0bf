//! Files, as what they accompany shows them.

use super::context::{Here, fault};
use super::ids::global;
use async_graphql::{Context, ID, Object, Result};
use chrono::{DateTime, Utc};
use domain::pieces::Objet;
use projections::pieces as views;

/// Un fichier qui accompagne ce qui est écrit.
pub struct PieceJointe(views::PieceJointe);

#[Object]
/// Un fichier qui accompagne ce qui est écrit.
impl PieceJointe {
    pub async fn id(&self) -> ID {
        global("Piece", self.0.id)
    }

    /// Son nom.
    async fn nom(&self) -> &str {
        &self.0.fiche.nom
    }

    /// Son type de média, d'après ses octets.
    async fn media(&self) -> &str {
        self.0.fiche.format.media()
    }

    /// Combien d'octets il a.
    async fn taille(&self) -> u32 {
        self.0.fiche.taille
    }

    /// Son empreinte SHA-256, en hexadécimal.
    async fn empreinte(&self) -> &str {
        &self.0.fiche.empreinte
    }

    /// Chemin d'où le télécharger.
    async fn adresse(&self) -> String {
        format!("/pieces/{}", self.0.id)
    }

    /// Quand il fut joint.
    async fn jointe_le(&self) -> DateTime<Utc> {
        self.0.jointe_le
    }
}

impl PieceJointe {
    /// Those that accompany something, for who has been found to read it.
    pub async fn of(ctx: &Context<'_>, objet: Objet) -> Result<Vec<Self>> {
        let found = ctx.requete()?.loaders().pieces_of.load_one(objet).await.map_err(fault)?;
        Ok(found.unwrap_or_default().into_iter().map(Self).collect())
    }
}
