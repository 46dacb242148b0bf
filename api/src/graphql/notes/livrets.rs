//! What pupils lack for the ministry's livrets, in GraphQL: the list that the direction works off
//! before it takes the file out.

use crate::graphql::annuaire::Personne;
use crate::graphql::context::{Here, fault, top_level};
use crate::graphql::ids::key;
use crate::graphql::position::Position;
use async_graphql::{Context, ID, Object, Result, SimpleObject};
use commands::rights::{Action, Resource};
use domain::notes::Manque;
use domain::{AnneeScolaire, EtablissementId, PersonneId, Refusal};
use projections::annuaire::{Annuaire, Division, Etablissement};
use projections::notes::Bulletins;

/// The view that these queries wait for.
const VIEW: (&str, i32) = (Bulletins::NAME, Bulletins::VERSION);

/// Ce qui manque à un livret.
#[derive(SimpleObject)]
pub struct ManqueAuLivret {
    /// Code stable.
    code: &'static str,
    /// Ce qui manque, et où le compléter.
    message: String,
}

/// Un élève et ce qui manque à son livret ; rien, s'il peut partir.
pub struct ControleDeLivret {
    eleve: PersonneId,
    manques: Vec<Manque>,
}

#[Object]
/// Un élève et ce qui manque à son livret ; rien, s'il peut partir.
impl ControleDeLivret {
    async fn eleve(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.eleve.0).await
    }

    async fn manques(&self) -> Vec<ManqueAuLivret> {
        let told = |one: &Manque| ManqueAuLivret { code: one.spec().code, message: one.to_string() };
        self.manques.iter().map(told).collect()
    }
}

/// Queries of livrets.
#[derive(Default)]
pub struct LivretsQuery;

#[Object]
impl LivretsQuery {
    /// Ce qui manque aux élèves d'une division pour le livret scolaire unique d'une période, pour
    /// la direction.
    #[graphql(complexity = "40 * child_complexity + 1")]
    async fn precontrole_lsu(
        &self,
        ctx: &Context<'_>,
        division_id: ID,
        annee: i16,
        rang: u16,
        apres: Option<Position>,
    ) -> Result<Option<Vec<ControleDeLivret>>> {
        let Some((place, division)) = permitted(ctx, &division_id, apres.as_ref()).await? else {
            return Ok(None);
        };
        let commands = ctx.requete()?.commands();
        let livrets = commands.livrets_lsu(&place, &[division], (AnneeScolaire(annee), rang)).await;
        Ok(Some(told(livrets.map_err(top_level)?.eleves)))
    }

    /// Ce qui manque aux élèves d'une division pour le livret scolaire du lycée d'une année, pour
    /// la direction.
    #[graphql(complexity = "40 * child_complexity + 1")]
    async fn precontrole_lsl(
        &self,
        ctx: &Context<'_>,
        division_id: ID,
        annee: i16,
        apres: Option<Position>,
    ) -> Result<Option<Vec<ControleDeLivret>>> {
        let Some((place, division)) = permitted(ctx, &division_id, apres.as_ref()).await? else {
            return Ok(None);
        };
        let livrets = ctx.requete()?.commands().livrets_lsl(&place, &[division], AnneeScolaire(annee)).await;
        Ok(Some(told(livrets.map_err(top_level)?.eleves)))
    }
}

fn told(eleves: Vec<(PersonneId, Vec<Manque>)>) -> Vec<ControleDeLivret> {
    eleves.into_iter().map(|(eleve, manques)| ControleDeLivret { eleve, manques }).collect()
}

/// The division and its établissement, for who may take the livrets out.
async fn permitted(
    ctx: &Context<'_>,
    division: &ID,
    apres: Option<&Position>,
) -> Result<Option<(Etablissement, Division)>> {
    let requete = ctx.requete()?;
    requete.reach(VIEW, apres).await?;
    let Some(id) = key("Division", division) else { return Ok(None) };
    let found = Annuaire::divisions(requete.views(), &[id]).await.map_err(fault)?.pop();
    let Some(division) = found else { return Ok(None) };
    let id = EtablissementId(division.etablissement);
    if !requete.may(Action::ExporterLivrets, &Resource::Etablissement { id }).await? {
        return Ok(None);
    }
    let place = Annuaire::etablissements(requete.views(), &[id.0]).await.map_err(fault)?.pop();
    Ok(place.map(|place| (place, division)))
}
