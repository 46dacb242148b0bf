//! What is to be done, and what pupils made of it.

use super::cahier::{lit_la_charge, lus_en_famille, may};
use crate::graphql::annuaire::{Enseignement, Personne};
use crate::graphql::context::{Here, fault};
use crate::graphql::ids::global;
use crate::graphql::pieces::PieceJointe;
use async_graphql::{Context, ID, Object, Result};
use chrono::{DateTime, NaiveDate, Utc};
use commands::rights::Action;
use domain::pieces::Objet;
use domain::{CopieId, PersonneId, TravailId};
use projections::cahier_de_textes::{self as views, Cahiers};
use uuid::Uuid;

/// Ce qui est à faire.
pub struct Travail {
    row: views::TravailDonne,
    /// The fiches of the pupil for whom it is shown; nobody's, to who gave it.
    eleve: Option<Vec<Uuid>>,
}

#[Object]
/// Ce qui est à faire.
impl Travail {
    pub async fn id(&self) -> ID {
        global("Travail", self.row.id)
    }

    /// Ce que c'est.
    async fn titre(&self) -> &str {
        &self.row.titre
    }

    /// Comment le faire.
    async fn consigne(&self) -> &str {
        &self.row.consigne
    }

    /// Jour où il est donné.
    async fn donne_le(&self) -> NaiveDate {
        self.row.donne_le
    }

    /// Jour pour lequel il est à faire.
    async fn pour_le(&self) -> NaiveDate {
        self.row.pour_le
    }

    /// Durée estimée, en minutes.
    async fn minutes(&self) -> i32 {
        self.row.minutes
    }

    /// Il se rend ici.
    async fn a_rendre(&self) -> bool {
        self.row.a_rendre
    }

    /// Les pièces qui l'accompagnent, dans l'ordre.
    #[graphql(complexity = "10 * child_complexity + 1")]
    async fn pieces(&self, ctx: &Context<'_>) -> Result<Vec<PieceJointe>> {
        PieceJointe::of(ctx, Objet::Travail { travail: TravailId(self.row.id) }).await
    }

    /// Quand les élèves ont pu le lire ; rien pour un brouillon.
    async fn publie_le(&self) -> Option<DateTime<Utc>> {
        self.row.publie_le
    }

    /// Il n'est plus à faire.
    async fn annule(&self) -> bool {
        self.row.annule
    }

    /// L'enseignement, pour qui peut le lire.
    async fn enseignement(&self, ctx: &Context<'_>) -> Result<Option<Enseignement>> {
        Enseignement::load(ctx, self.row.enseignement).await
    }

    /// Ce que l'élève en a fait, dans son cahier ; ce que tous en ont fait, pour l'enseignant ; rien
    /// pour ses collègues.
    #[graphql(complexity = "20 * child_complexity + 1")]
    async fn copies(&self, ctx: &Context<'_>) -> Result<Option<Vec<Copie>>> {
        if self.eleve.is_none() && !may(ctx, Action::LireCahier, self.row.enseignement).await? {
            return Ok(None);
        }
        let eleves = self.eleve.as_deref();
        let rows = Cahiers::copies(ctx.requete()?.views(), &[self.row.id], eleves).await.map_err(fault)?;
        Ok(Some(rows.into_iter().map(Copie).collect()))
    }
}

impl Travail {
    /// One that was given, for those of the school who may read it.
    pub fn for_teachers(row: views::TravailDonne) -> Self {
        Self { row, eleve: None }
    }

    /// One that is published, for a family: with what the pupil who has these fiches made of it.
    pub fn for_families(row: views::TravailDonne, fiches: Vec<Uuid>) -> Self {
        Self { row, eleve: Some(fiches) }
    }

    /// A travail, for who keeps the cahier; once it is published, for families and for those of the
    /// school who read what the division has to do.
    pub async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let requete = ctx.requete()?;
        let row = Cahiers::travaux(requete.views(), &[id]).await.map_err(fault)?.pop();
        let Some(row) = row else { return Ok(None) };
        if may(ctx, Action::LireCahier, row.enseignement).await? {
            return Ok(Some(Self::for_teachers(row)));
        }
        if !row.est_ouvert() {
            return Ok(None);
        }
        let fiches = lus_en_famille(ctx, row.auditoire).await?;
        if !fiches.is_empty() {
            return Ok(Some(Self::for_families(row, fiches)));
        }
        Ok(lit_la_charge(ctx, row.auditoire).await?.then_some(Self::for_teachers(row)))
    }
}

/// Ce qu'un élève a fait d'un travail.
pub struct Copie(views::Copie);

#[Object]
/// Ce qu'un élève a fait d'un travail.
impl Copie {
    /// L'élève.
    async fn eleve(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.eleve).await
    }

    /// Il le dit fait.
    async fn fait(&self) -> bool {
        self.0.fait
    }

    /// Les pièces jointes rendues, dans l'ordre.
    #[graphql(complexity = "10 * child_complexity + 1")]
    async fn pieces(&self, ctx: &Context<'_>) -> Result<Vec<PieceJointe>> {
        let copie = CopieId::de(TravailId(self.0.travail), PersonneId(self.0.eleve));
        PieceJointe::of(ctx, Objet::Copie { copie }).await
    }

    /// Nom du fichier rendu ; rien s'il n'y en a pas.
    async fn fichier(&self) -> Option<&str> {
        self.0.piece.as_ref().map(|piece| piece.nom.as_str())
    }

    /// Son empreinte SHA-256.
    async fn empreinte(&self) -> Option<&str> {
        self.0.piece.as_ref().map(|piece| piece.empreinte.as_str())
    }

    /// Chemin d'où le télécharger.
    async fn adresse(&self) -> Option<String> {
        self.0.piece.as_ref().map(|_| format!("/copies/{}/{}", self.0.travail, self.0.eleve))
    }

    /// Quand il fut rendu.
    async fn rendue_le(&self) -> Option<DateTime<Utc>> {
        self.0.rendue_le
    }

    /// Ce que l'enseignant en dit.
    async fn annotation(&self) -> Option<&str> {
        self.0.annotation.as_deref()
    }
}
