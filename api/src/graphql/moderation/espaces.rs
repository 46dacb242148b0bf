//! The spaces of a portal and how they are moderated, now or at a past instant.

use crate::graphql::annuaire::Personne;
use crate::graphql::context::{Here, fault};
use crate::graphql::position::Position;
use crate::graphql::publications::AudienceDePublication;
use async_graphql::{Context, Enum, Object, Result};
use chrono::{DateTime, Utc};
use domain::publications::{self as domaine, Audience};
use projections::publications::{Espaces, ModeFixe};

/// The view that these queries wait for.
pub const VIEW: (&str, i32) = (Espaces::NAME, Espaces::VERSION);

/// Quand ce qui est proposé dans un espace est contrôlé.
#[derive(Enum, Copy, Clone, PartialEq, Eq, Debug)]
#[graphql(remote = "domaine::ModeDeModeration")]
pub enum ModeDeModeration {
    /// Avant : rien n'est public que le directeur de la publication n'ait mis en ligne après
    /// l'avoir lu.
    APriori,
    /// Après : qui écrit met en ligne, et l'on contrôle ce qui est signalé.
    APosteriori,
}

impl ModeDeModeration {
    /// The one that a view stores under the word of the record.
    pub fn named(word: &str) -> Option<Self> {
        domaine::ModeDeModeration::named(word).map(Into::into)
    }
}

/// Un espace d'un portail : ce qui y est montré à une audience.
pub struct EspaceModere {
    espace: Audience,
    /// What was said of it, if anything was.
    fixe: Option<ModeFixe>,
}

impl EspaceModere {
    /// Those of a portal, as they were at an instant.
    pub async fn of(
        ctx: &Context<'_>,
        portail: &str,
        le: Option<DateTime<Utc>>,
        apres: Option<Position>,
    ) -> Result<Vec<Self>> {
        let requete = ctx.requete()?;
        requete.reach(VIEW, apres.as_ref()).await?;
        let le = le.unwrap_or_else(|| requete.commands().now());
        let fixes = Espaces::modes_at(requete.views(), portail, le).await.map_err(fault)?;
        let space = |espace: &Audience| {
            let fixe = fixes.iter().find(|fixe| fixe.espace == espace.as_str());
            Self { espace: *espace, fixe: fixe.cloned() }
        };
        Ok(Audience::TOUTES.iter().map(space).collect())
    }

    /// A space of which nothing was said is moderated a priori.
    fn mode_en_vigueur(&self) -> domaine::ModeDeModeration {
        let fixe = self.fixe.as_ref().and_then(|fixe| domaine::ModeDeModeration::named(&fixe.mode));
        fixe.unwrap_or_default()
    }
}

#[Object]
/// Un espace d'un portail : ce qui y est montré à une audience.
impl EspaceModere {
    /// À qui ce qui y paraît est montré.
    async fn espace(&self) -> AudienceDePublication {
        self.espace.into()
    }

    /// Comment il est modéré ; a priori, tant que le directeur de la publication n'a rien dit.
    async fn mode(&self) -> ModeDeModeration {
        self.mode_en_vigueur().into()
    }

    /// La loi dont cela découle, telle qu'elle était quand le mode fut fixé.
    async fn fondement(&self) -> String {
        match &self.fixe {
            Some(fixe) => fixe.fondement.clone(),
            None => self.mode_en_vigueur().fondement().to_owned(),
        }
    }

    /// Pourquoi ; rien tant que rien n'a été fixé.
    async fn motif(&self) -> Option<&str> {
        self.fixe.as_ref().map(|fixe| fixe.motif.as_str())
    }

    /// Depuis quand ; rien tant que rien n'a été fixé.
    async fn depuis(&self) -> Option<DateTime<Utc>> {
        self.fixe.as_ref().map(|fixe| fixe.depuis)
    }

    /// Par qui ; rien tant que rien n'a été fixé.
    async fn par(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        match &self.fixe {
            Some(fixe) => Personne::named(ctx, fixe.par).await,
            None => Ok(None),
        }
    }
}
