//! What rolls show is stated without anybody asking: absences soon after a roll is closed or
//! corrected, thresholds every evening. Both may be stated again at any time, by any process.

use super::vacances;
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Europe::Paris;
use commands::rights::Acteur;
use commands::{Commands, Demande};
use domain::CommandeId;
use domain::absences::MoisCivil;
use domain::annuaire::Uai;
use ledger::wake;
use projections::absences::Dossiers;
use projections::notifications::Annonces;
use std::error::Error;
use std::time::Duration;
use tokio::sync::watch;

/// How long after a roll its absences are stated at most.
const PAUSE: Duration = Duration::from_secs(20);
/// How far back a program looks that has just started.
const REPRISE: TimeDelta = TimeDelta::days(7);
/// When thresholds are stated, local time: lessons are over, and most rolls closed.
const SOIR: NaiveTime = match NaiveTime::from_hms_opt(19, 0, 0) {
    Some(soir) => soir,
    None => NaiveTime::MIN,
};

type Failed = Box<dyn Error + Send + Sync>;

/// What is known to be stated.
struct Progress {
    /// Rolls that told something later are still to be read.
    jusque: DateTime<Utc>,
    /// The last evening on which thresholds were stated.
    soir: Option<NaiveDate>,
}

/// States until `stop` is true.
pub async fn state(commands: Commands, mut stop: watch::Receiver<bool>) {
    let mut progress = Progress { jusque: commands.now() - REPRISE, soir: None };
    vacances::warn(&commands);
    while !*stop.borrow() {
        if let Err(error) = progress.round(&commands).await {
            let error = &*error as &dyn Error;
            tracing::warn!(error, "absences could not be stated; trying again");
        }
        tokio::select! {
            _ = stop.changed() => {}
            () = wake::tick(PAUSE) => {}
        }
    }
}

impl Progress {
    async fn round(&mut self, commands: &Commands) -> Result<(), Failed> {
        for (portail, jour, told) in Annonces::journees(commands.views(), self.jusque).await? {
            // A partner's portal has no rolls.
            if let Ok(uai) = portail.to_uppercase().parse::<Uai>() {
                let demande = demande(&["absences", &portail, &jour.to_string(), &told.to_rfc3339()]);
                commands.constater_absences(&demande, &uai, jour).await?;
            }
            self.jusque = told;
        }
        self.evening(commands).await
    }

    async fn evening(&mut self, commands: &Commands) -> Result<(), Failed> {
        let there = commands.now().with_timezone(&Paris).naive_local();
        let today = there.date();
        if there.time() < SOIR || self.soir == Some(today) {
            return Ok(());
        }
        let first = today.with_day(1).unwrap_or(today);
        for uai in Dossiers::etablissements(commands.views(), first, today).await? {
            let demande = demande(&["seuils", &uai, &today.to_string()]);
            commands.constater_seuils(&demande, &uai.parse()?, MoisCivil::of(today)).await?;
        }
        vacances::warn(commands);
        self.soir = Some(today);
        Ok(())
    }
}

/// The program's own demand, the same whichever process makes it.
fn demande(parts: &[&str]) -> Demande {
    let commande = CommandeId::derived(parts);
    Demande { acteur: Acteur::console(), commande, corps: Vec::new(), cause: None }
}
