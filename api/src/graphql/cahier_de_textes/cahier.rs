//! What is written in the cahiers, and what is to be done: for who keeps them, for who reads a
//! pupil's, and the load of a division.

use super::CAHIERS;
use super::semaine::{eleve_de, etablissement_de, semaine};
use super::travail::Travail;
use crate::graphql::annuaire::{Enseignement, Personne};
use crate::graphql::context::{Here, fault, top_level};
use crate::graphql::ids::{global, key};
use crate::graphql::pieces::PieceJointe;
use crate::graphql::position::Position;
use async_graphql::{Context, ID, Object, Result, SimpleObject};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use commands::rights::{Action, Resource};
use commands::rights_of;
use domain::pieces::Objet;
use domain::{DivisionId, SeanceId};
use projections::annuaire::Groupes;
use projections::cahier_de_textes::{self as views, Cahiers};
use uuid::Uuid;

/// Longest span that is shown at once, in days.
const JOURS_MAX: i64 = 62;

/// Queries of cahiers.
#[derive(Default)]
pub struct CahierQuery;

#[Object]
impl CahierQuery {
    /// Le cahier d'un enseignement entre deux jours, brouillons compris ; rien pour qui ne peut le lire.
    #[graphql(complexity = "20 * child_complexity + 1")]
    async fn cahier_de_textes(
        &self,
        ctx: &Context<'_>,
        enseignement_id: ID,
        du: NaiveDate,
        au: NaiveDate,
        apres: Option<Position>,
    ) -> Result<Option<CahierDEnseignement>> {
        let requete = ctx.requete()?;
        requete.reach(CAHIERS, apres.as_ref()).await?;
        let Some(id) = key("Enseignement", &enseignement_id) else { return Ok(None) };
        if !may(ctx, Action::LireCahier, id).await? || !is_shown(du, au) {
            return Ok(None);
        }
        let seances = Cahiers::seances_de(requete.views(), id, (du, au)).await.map_err(fault)?;
        let travaux = Cahiers::travaux_de(requete.views(), id, (du, au)).await.map_err(fault)?;
        let visas = Cahiers::visas(requete.views(), id).await.map_err(fault)?;
        Ok(Some(CahierDEnseignement {
            seances: seances.into_iter().map(Seance).collect(),
            travaux: travaux.into_iter().map(Travail::for_teachers).collect(),
            visas: visas.into_iter().map(Visa).collect(),
        }))
    }

    /// Le cahier d'un élève entre deux jours, tel qu'il est publié ; rien pour qui n'y a pas droit.
    #[graphql(complexity = "20 * child_complexity + 1")]
    async fn cahier_eleve(
        &self,
        ctx: &Context<'_>,
        eleve_id: ID,
        du: NaiveDate,
        au: NaiveDate,
        apres: Option<Position>,
    ) -> Result<Option<CahierDEleve>> {
        let requete = ctx.requete()?;
        requete.reach(CAHIERS, apres.as_ref()).await?;
        let found = eleve_de(ctx, &eleve_id, Action::LireCahierEleve).await?;
        let Some((eleve, _)) = found else { return Ok(None) };
        let (Some(division), true) = (eleve.division, is_shown(du, au)) else { return Ok(None) };
        let views = requete.views();
        let groupes = Groupes::suivis(views, &eleve.fiches).await.map_err(fault)?;
        let auditoires = [vec![division], groupes].concat();
        let seances = Cahiers::seances_publiees(views, &auditoires, (du, au)).await.map_err(fault)?;
        let travaux = Cahiers::travaux_publies(views, &auditoires, (du, au)).await.map_err(fault)?;
        Ok(Some(CahierDEleve {
            seances: seances.into_iter().map(Seance).collect(),
            travaux: travaux
                .into_iter()
                .map(|row| Travail::for_families(row, eleve.fiches.clone()))
                .collect(),
        }))
    }

    /// Ce qu'une division entière a à faire pour une semaine, qui que ce soit qui l'ait donné ; rien pour qui
    /// n'y enseigne pas. Ce que ses groupes ont à faire n'y est pas.
    #[graphql(complexity = "20 * child_complexity + 1")]
    async fn charge_de_travail(
        &self,
        ctx: &Context<'_>,
        division_id: ID,
        #[graphql(desc = "Un jour de la semaine.")] jour: NaiveDate,
        apres: Option<Position>,
    ) -> Result<Option<ChargeDeTravail>> {
        let requete = ctx.requete()?;
        requete.reach(CAHIERS, apres.as_ref()).await?;
        let Some(id) = key("Division", &division_id) else { return Ok(None) };
        if !lit_la_charge(ctx, id).await? {
            return Ok(None);
        }
        let rows = Cahiers::travaux_publies(requete.views(), &[id], semaine(jour)).await.map_err(fault)?;
        Ok(Some(ChargeDeTravail {
            minutes: rows.iter().map(|row| row.minutes).sum(),
            travaux: rows.into_iter().map(Travail::for_teachers).collect(),
        }))
    }
}

fn is_shown(du: NaiveDate, au: NaiveDate) -> bool {
    (0..=JOURS_MAX).contains(&(au - du).num_days())
}

pub(super) async fn may(ctx: &Context<'_>, action: Action, enseignement: Uuid) -> Result<bool> {
    let requete = ctx.requete()?;
    let row = requete.loaders().enseignements.load_one(enseignement).await.map_err(fault)?;
    let today = requete.commands().today();
    match row {
        Some(row) => requete.may(action, &rights_of::enseignement(&row, today)).await,
        None => Ok(false),
    }
}

/// Whether who asks reads what a division has to do.
async fn lit_la_charge(ctx: &Context<'_>, division: Uuid) -> Result<bool> {
    let Some(etablissement) = etablissement_de(ctx, Some(division)).await? else { return Ok(false) };
    let division = Resource::Division { id: DivisionId(division), etablissement };
    ctx.requete()?.may(Action::LireCharge, &division).await
}

/// Le cahier d'un enseignement, pour qui le tient ou le vise.
#[derive(SimpleObject)]
pub struct CahierDEnseignement {
    /// Les séances, dans l'ordre.
    seances: Vec<Seance>,
    /// Les travaux, par échéance.
    travaux: Vec<Travail>,
    /// Qui l'a visé, et jusqu'où ; le dernier d'abord.
    visas: Vec<Visa>,
}

/// Le cahier d'un élève.
#[derive(SimpleObject)]
pub struct CahierDEleve {
    /// Les séances publiées, dans l'ordre.
    seances: Vec<Seance>,
    /// Les travaux publiés, par échéance.
    travaux: Vec<Travail>,
}

/// Ce qu'une division a à faire pour une semaine.
#[derive(SimpleObject)]
pub struct ChargeDeTravail {
    /// Minutes estimées, en tout.
    minutes: i32,
    /// Les travaux, par échéance.
    travaux: Vec<Travail>,
}

/// Ce qui est écrit d'une séance.
pub struct Seance(pub views::SeanceEcrite);

#[Object]
/// Ce qui est écrit d'une séance.
impl Seance {
    pub async fn id(&self) -> ID {
        global("Seance", self.0.id)
    }

    /// Jour.
    async fn date(&self) -> NaiveDate {
        self.0.date
    }

    /// Début, heure locale.
    async fn debut(&self) -> NaiveTime {
        self.0.debut
    }

    /// Fin, heure locale.
    async fn fin(&self) -> NaiveTime {
        self.0.fin
    }

    /// De quoi il s'agit.
    async fn titre(&self) -> &str {
        &self.0.titre
    }

    /// Ce qui est prévu.
    async fn avant(&self) -> &str {
        &self.0.avant
    }

    /// Ce qui a été fait.
    async fn apres_seance(&self) -> &str {
        &self.0.apres
    }

    /// Les pièces qui l'accompagnent, dans l'ordre.
    #[graphql(complexity = "10 * child_complexity + 1")]
    async fn pieces(&self, ctx: &Context<'_>) -> Result<Vec<PieceJointe>> {
        PieceJointe::of(ctx, Objet::Seance { seance: SeanceId(self.0.id) }).await
    }

    /// Quand les élèves ont pu la lire ; rien pour un brouillon.
    async fn publiee_le(&self) -> Option<DateTime<Utc>> {
        self.0.publiee_le
    }

    /// Elle est reprise d'une autre, dans une progression.
    async fn reprise(&self) -> bool {
        self.0.reprise_de.is_some()
    }

    /// L'enseignement, pour qui peut le lire.
    async fn enseignement(&self, ctx: &Context<'_>) -> Result<Option<Enseignement>> {
        Enseignement::load(ctx, self.0.enseignement).await
    }

    /// Qui l'a écrite.
    async fn auteur(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.auteur).await
    }
}

impl Seance {
    /// What is written of a séance, for who has the right to read it.
    pub async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let requete = ctx.requete()?;
        let row = Cahiers::seances(requete.views(), &[id]).await.map_err(fault)?.pop();
        let Some(row) = row else { return Ok(None) };
        let droit = requete.commands().droit_de_lire_seance(requete.acteur().await?, &row).await;
        let Some(droit) = droit.map_err(top_level)? else { return Ok(None) };
        Ok(requete.may(droit.action, &droit.on).await?.then_some(Self(row)))
    }
}

/// Un visa sur un cahier.
pub struct Visa(views::Visa);

#[Object(name = "VisaDeCahier")]
/// Un visa sur un cahier.
impl Visa {
    /// Dernier jour vu.
    async fn jusqu_au(&self) -> NaiveDate {
        self.0.jusqu_au
    }

    /// Par l'inspection, et non par la direction.
    async fn inspection(&self) -> bool {
        self.0.qualite == "inspection"
    }

    /// Quand.
    async fn le(&self) -> DateTime<Utc> {
        self.0.le
    }

    /// Par qui.
    async fn par(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.par).await
    }
}
