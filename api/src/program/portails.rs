//! `ent ouvrir-portails-partenaires`: the houses that are known beforehand.

use super::with_house;
use crate::config::Config;
use anyhow::bail;
use commands::Demande;
use commands::rights::Acteur;
use domain::CommandeId;

/// Opens those that are not open yet, and says which they are.
pub async fn ouvrir_partenaires(config: &Config) -> anyhow::Result<()> {
    with_house(config, async |house| {
        let opened = match house.commands.ouvrir_portails_partenaires(&demande()).await {
            Ok(opened) => opened,
            Err(error) => bail!("{error}"),
        };
        for (portail, now) in opened {
            let state = if now { "ouvert" } else { "déjà ouvert" };
            println!("{portail}.{} : {state}", config.base_domain);
        }
        Ok(house.runner.catch_up().await?)
    })
    .await
}

/// What the console asks, once.
fn demande() -> Demande {
    #[allow(clippy::disallowed_methods)] // the edge that makes ids
    let commande = CommandeId(uuid::Uuid::new_v4());
    Demande { acteur: Acteur::console(), commande, corps: Vec::new(), cause: None }
}
