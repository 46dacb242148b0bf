//! The end of interventions: rights end by themselves at the limit; that it has passed is put
//! on the record, and the directeur told, soon after.

use commands::rights::Acteur;
use commands::{Commands, Demande};
use domain::{CommandeId, InterventionId};
use ledger::wake;
use std::time::Duration;
use tokio::sync::watch;

/// How long after its limit an intervention is found at most.
const PAUSE: Duration = Duration::from_secs(60);

/// States the end of interventions until `stop` is true.
pub async fn expire(commands: Commands, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(error) = commands.constater_expirations(demande).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "the end of an intervention could not be stated; trying again");
        }
        tokio::select! {
            _ = stop.changed() => {}
            () = wake::tick(PAUSE) => {}
        }
    }
}

/// The same for each intervention, whichever process finds it.
fn demande(intervention: InterventionId) -> Demande {
    let commande = CommandeId::derived(&["expiration", &intervention.to_string()]);
    Demande { acteur: Acteur::console(), commande, corps: Vec::new(), cause: None }
}
