//! How old the views are, in GraphQL: for operators, and for who reads a portal.

use super::context::{Here, fault};
use async_graphql::{Context, Object, Result, SimpleObject};
use commands::rights::{Action, Resource};
use domain::PortailId;
use projections::staleness::{ViewState, states};

/// Queries of the state of the views.
#[derive(Default)]
pub struct VuesQuery;

#[Object]
impl VuesQuery {
    /// L'état des vues ; pour qui exploite la plateforme.
    async fn vues(&self, ctx: &Context<'_>) -> Result<Option<Vec<Vue>>> {
        let requete = ctx.requete()?;
        if !requete.may(Action::LireVues, &Resource::Plateforme).await? {
            return Ok(None);
        }
        let (all, now) = (projections::all(), requete.commands().now());
        let found = states(requete.views(), &all, None, Some(now)).await.map_err(fault)?;
        Ok(Some(found.into_iter().map(Vue::from).collect()))
    }

    /// De combien ce que montre un portail est en retard sur ce qui y a été enregistré ;
    /// pour tout compte.
    async fn fraicheur(&self, ctx: &Context<'_>, portail: String) -> Result<Option<Fraicheur>> {
        let requete = ctx.requete()?;
        let acteur = requete.acteur().await?;
        if acteur.compte.is_none() || acteur.suspendu {
            return Ok(None);
        }
        // What is no label is no portal's, and nothing is late there.
        let portail = portail.parse::<PortailId>().map(|id| id.to_string()).unwrap_or_default();
        let (all, now) = (projections::all(), requete.commands().now());
        let found = states(requete.views(), &all, Some(&portail), Some(now)).await.map_err(fault)?;
        Ok(Some(Fraicheur {
            retard_evenements: found.iter().map(|view| view.events_behind).max().unwrap_or_default(),
            retard_secondes: found.iter().map(|view| view.seconds_behind).fold(0.0, f64::max),
        }))
    }
}

/// L'état d'une vue, tenue à jour à partir du journal.
#[derive(SimpleObject)]
pub struct Vue {
    /// Son nom.
    nom: String,
    /// La version en service, si elle l'est déjà.
    version: Option<i32>,
    /// Événements enregistrés qu'elle n'a pas lus.
    retard_evenements: i64,
    /// Âge du plus ancien d'entre eux.
    retard_secondes: f64,
    /// Faits qu'elle n'a pu suivre, et ceux qui attendent derrière eux.
    mis_de_cote: i64,
    /// La version qui se construit à côté, s'il y en a une.
    reconstruction: Option<Reconstruction>,
}

/// Une vue qui se construit à côté de celle qui sert.
#[derive(SimpleObject)]
pub struct Reconstruction {
    /// Sa version.
    version: i32,
    /// Événements lus.
    fait: i64,
    /// Événements enregistrés.
    total: i64,
    /// Événements lus par seconde, depuis que la reconstruction a commencé ou repris.
    par_seconde: Option<f64>,
    /// Temps qu'il reste à cette allure, en secondes.
    reste_secondes: Option<f64>,
}

/// De combien un portail est en retard sur ce qui y a été enregistré.
#[derive(SimpleObject)]
pub struct Fraicheur {
    /// Événements que la plus en retard de ses vues n'a pas lus.
    retard_evenements: i64,
    /// Âge du plus ancien événement non lu ; zéro si tout est lu.
    retard_secondes: f64,
}

impl From<ViewState> for Vue {
    fn from(state: ViewState) -> Self {
        let built = |version| Reconstruction {
            version,
            fait: state.next_done,
            total: state.recorded,
            par_seconde: state.next_rate,
            reste_secondes: state.next_seconds_left(),
        };
        Self {
            version: state.living,
            retard_evenements: state.events_behind,
            retard_secondes: state.seconds_behind,
            mis_de_cote: state.set_aside,
            reconstruction: state.next.map(built),
            nom: state.name,
        }
    }
}
