//! A portal as it was: what it showed and to whom, who answered for it, who moderated it.

use super::annuaire::Personne;
use super::audit::consult;
use super::context::{Here, fault};
use super::ids::{global, key};
use super::moderation::ModeDeModeration;
use super::portails::{Delegation, DirectionDePublication};
use super::position::Position;
use super::publications::{AudienceDePublication, audience};
use crate::pages::publication_at;
use async_graphql::{Context, Enum, ID, Object, Result};
use chrono::{DateTime, Utc};
use commands::rights::Action;
use domain::journal::{NatureConsultation, Portee};
use domain::journee;
use ledger::unit as place;
use projections::portails::Portails;
use projections::publications::{self as views, Histoire, NatureActe};
use std::collections::HashMap;
use uuid::Uuid;

/// Un portail tel qu'il était à un instant passé.
pub struct Retrospective {
    portail: String,
    le: DateTime<Utc>,
    consultation: place::Position,
}

impl Retrospective {
    /// The portal at an instant, for who may read its journal.
    pub async fn of(
        ctx: &Context<'_>,
        portail: &str,
        le: DateTime<Utc>,
        motif: String,
    ) -> Result<Option<Self>> {
        let objet = format!("le portail au {}", le.to_rfc3339());
        let portee = Portee { nature: NatureConsultation::Retrospective, annee: None, objet };
        let consulted = consult(ctx, portail, Action::LireJournal, portee, Some(motif)).await?;
        Ok(consulted.map(|consultation| Self { portail: portail.to_owned(), le, consultation }))
    }
}

#[Object]
/// Un portail tel qu'il était à un instant passé.
impl Retrospective {
    /// Cet instant.
    async fn le(&self) -> DateTime<Utc> {
        self.le
    }

    /// Place, au journal, de la consultation que voici.
    async fn consultation(&self) -> Position {
        Position(self.consultation.clone())
    }

    /// Qui répondait de ce que le portail publiait.
    async fn directeur_de_publication(&self, ctx: &Context<'_>) -> Result<Option<DirectionDePublication>> {
        let portails = [self.portail.clone()];
        let rows = Portails::directions_on(ctx.requete()?.views(), &portails, journee(self.le)).await;
        Ok(rows.map_err(fault)?.into_iter().next().map(DirectionDePublication))
    }

    /// Qui administrait l'ENT par délégation, et y modérait avec le directeur.
    async fn administrateurs(&self, ctx: &Context<'_>) -> Result<Vec<Delegation>> {
        let views = ctx.requete()?.views();
        let rows = Portails::delegations_on(views, &self.portail, journee(self.le)).await.map_err(fault)?;
        Ok(rows.into_iter().map(Delegation).collect())
    }

    /// Ce que le portail montrait, du plus récent au plus ancien ; ou une seule de ses
    /// publications, par son identifiant ou par l'adresse de sa page.
    #[graphql(complexity = "50 * child_complexity + 1")]
    async fn affichages(
        &self,
        ctx: &Context<'_>,
        publication_id: Option<ID>,
        #[graphql(desc = "Adresse d'une page du portail : https://…/actualites/…, ou son chemin.")]
        adresse: Option<String>,
    ) -> Result<Vec<Affichage>> {
        let requete = ctx.requete()?;
        // What was written just before is part of the past too.
        requete
            .reach((Histoire::NAME, Histoire::VERSION), Some(&Position(self.consultation.clone())))
            .await?;
        // An id of another type, or an address of another portal, is nothing's: no line.
        let by_id = publication_id.map(|id| key("Publication", &id).unwrap_or_default());
        let by_address = adresse.map(|adresse| publication_at(&self.portail, &adresse).unwrap_or_default());
        let only = match (by_id, by_address) {
            (Some(id), Some(other)) if id != other => Some(Uuid::nil()),
            (id, other) => id.or(other),
        };
        let shown = Histoire::shown(requete.views(), &self.portail, only, self.le).await.map_err(fault)?;
        let version = |one: &views::Affichage| Some((one.parution.publication, one.parution.version?));
        let versions: Vec<_> = shown.iter().filter_map(version).collect();
        let redactions = Histoire::redactions(requete.views(), &versions).await.map_err(fault)?;
        let mut redactions: HashMap<_, _> =
            redactions.into_iter().map(|one| ((one.publication, one.version), one)).collect();
        let affichage = |one: views::Affichage| {
            let redaction = version(&one).and_then(|version| redactions.remove(&version));
            Affichage { shown: one, redaction }
        };
        Ok(shown.into_iter().map(affichage).collect())
    }
}

/// Ce qui était montré d'une publication.
pub struct Affichage {
    shown: views::Affichage,
    redaction: Option<views::Redaction>,
}

#[Object]
/// Ce qui était montré d'une publication.
impl Affichage {
    /// La publication, telle qu'on la demande aujourd'hui.
    async fn publication_id(&self) -> ID {
        global("Publication", self.shown.parution.publication)
    }

    /// Numéro de la version montrée.
    async fn version(&self) -> Option<i32> {
        self.shown.parution.version
    }

    /// Son titre ; rien s'il a été effacé.
    async fn titre(&self) -> Option<&str> {
        self.redaction.as_ref().map(|one| one.titre.as_str())
    }

    /// Son texte ; rien s'il a été effacé.
    async fn corps(&self) -> Option<&str> {
        self.redaction.as_ref().map(|one| one.corps.as_str())
    }

    /// SHA-256 du titre, d'un saut de ligne et du texte, tel qu'inscrit à la mise en ligne.
    async fn empreinte(&self) -> Option<&str> {
        self.shown.parution.empreinte.as_deref()
    }

    /// Qui l'avait écrite.
    async fn auteur(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        named(ctx, self.redaction.as_ref().map(|one| one.auteur)).await
    }

    /// Comment l'espace où elle paraissait était modéré, à sa mise en ligne.
    async fn mode_de_moderation(&self) -> Option<ModeDeModeration> {
        self.shown.parution.mode.as_deref().and_then(ModeDeModeration::named)
    }

    /// Qui en répondait.
    async fn directeur_de_publication(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        named(ctx, self.shown.parution.directeur).await
    }

    /// À qui elle était montrée.
    async fn audience(&self) -> Option<AudienceDePublication> {
        self.shown.parution.audience.as_deref().map(audience)
    }

    /// En ligne à partir de cet instant.
    async fn du(&self) -> Option<DateTime<Utc>> {
        self.shown.parution.du
    }

    /// En ligne jusqu'à cet instant, exclu, comme prévu à la mise en ligne.
    async fn au(&self) -> Option<DateTime<Utc>> {
        self.shown.parution.au
    }

    /// Ce qui y a mis fin ou l'a changée ensuite, s'il y a lieu.
    async fn suite(&self) -> Option<SuiteDAffichage> {
        self.shown.suite.clone().map(SuiteDAffichage)
    }
}

/// L'acte qui a changé ce qu'une publication montrait.
pub struct SuiteDAffichage(views::Acte);

#[Object]
/// L'acte qui a changé ce qu'une publication montrait.
impl SuiteDAffichage {
    /// Lequel.
    async fn nature(&self) -> NatureDActe {
        self.0.nature.into()
    }

    /// Quand.
    async fn le(&self) -> DateTime<Utc> {
        self.0.le
    }

    /// Par qui ; d'une mise en ligne dont le journal ne le dit pas, le directeur qui en répond.
    async fn par(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        named(ctx, self.0.par.or(self.0.directeur)).await
    }

    /// Pourquoi ; rien pour une mise en ligne.
    async fn motif(&self) -> Option<&str> {
        self.0.motif.as_deref()
    }
}

async fn named(ctx: &Context<'_>, personne: Option<Uuid>) -> Result<Option<Personne>> {
    match personne {
        Some(personne) => Personne::named(ctx, personne).await,
        None => Ok(None),
    }
}

/// Ce qu'un acte a fait de ce qu'une publication montre.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "NatureActe")]
pub enum NatureDActe {
    /// Une version a été mise en ligne.
    Publiee,
    /// La publication a été retirée pour toujours.
    Retiree,
    /// Elle a été cachée.
    Masquee,
    /// Elle a été montrée de nouveau.
    Demasquee,
}
