//! What rolls show is stated without anybody asking: absences soon after a roll is closed or
//! corrected, thresholds every evening. Both may be stated again at any time, by any process.
//!
//! A roll may be called or corrected long after its day, an absence entered, a trip called off. So every
//! month of the school year that has an absence is counted each evening: what was stated of it before
//! is not stated anew.

use super::vacances;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Europe::Paris;
use commands::rights::Acteur;
use commands::{Commands, Demande};
use domain::absences::MoisCivil;
use domain::annuaire::Uai;
use domain::{AnneeScolaire, CommandeId};
use ledger::wake;
use projections::absences::Dossiers;
use projections::notifications::Annonces;
use std::collections::BTreeSet;
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
#[derive(Debug)]
pub struct Constats {
    /// Rolls that told something later are still to be read.
    jusque: DateTime<Utc>,
    /// The last evening on which thresholds were stated.
    soir: Option<NaiveDate>,
    /// The months of which they were already stated this evening, while those of others could not be.
    faits: BTreeSet<(String, MoisCivil)>,
}

/// States until `stop` is true.
pub async fn state(commands: Commands, mut stop: watch::Receiver<bool>) {
    let mut constats = Constats::reprendre(commands.now());
    vacances::warn(&commands);
    while !*stop.borrow() {
        if let Err(error) = constats.round(&commands).await {
            let error = &*error as &dyn Error;
            tracing::warn!(error, "absences could not be stated; trying again");
        }
        tokio::select! {
            _ = stop.changed() => {}
            () = wake::tick(PAUSE) => {}
        }
    }
}

impl Constats {
    /// Those of a program that starts now.
    pub fn reprendre(maintenant: DateTime<Utc>) -> Self {
        Self { jusque: maintenant - REPRISE, soir: None, faits: BTreeSet::new() }
    }

    /// States what rolls have told since the last round and, once in the evening, what thresholds are
    /// reached. A day that cannot be stated is tried again, and holds up no other.
    pub async fn round(&mut self, commands: &Commands) -> Result<(), Failed> {
        let mut failed = None;
        for (portail, jour, told) in Annonces::journees(commands.views(), self.jusque).await? {
            match constater_absences(commands, &portail, jour, told).await {
                Ok(()) if failed.is_none() => self.jusque = told,
                Ok(()) => {}
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        let stated = self.evening(commands).await;
        failed.map_or(stated, Err)
    }

    async fn evening(&mut self, commands: &Commands) -> Result<(), Failed> {
        let there = commands.now().with_timezone(&Paris).naive_local();
        let today = there.date();
        if there.time() < SOIR {
            self.faits.clear();
            return Ok(());
        }
        if self.soir == Some(today) {
            return Ok(());
        }
        let rentree = AnneeScolaire::of(today).debut();
        let mut failed = None;
        for (uai, mois) in Dossiers::mois(commands.views(), (rentree, today)).await? {
            let key = (uai, MoisCivil::of(mois));
            if self.faits.contains(&key) {
                continue;
            }
            // Of an établissement that cannot be read the pupils of all others are none the worse.
            let stated = constater_seuils(commands, today, &key.0, key.1).await;
            match stated {
                Ok(()) => {
                    self.faits.insert(key);
                }
                Err(error) => failed = Some(error),
            }
        }
        if let Some(error) = failed {
            return Err(error);
        }
        vacances::warn(commands);
        self.faits.clear();
        self.soir = Some(today);
        Ok(())
    }
}

async fn constater_absences(
    commands: &Commands,
    portail: &str,
    jour: NaiveDate,
    told: DateTime<Utc>,
) -> Result<(), Failed> {
    // A partner's portal has no rolls.
    let Ok(uai) = portail.to_uppercase().parse::<Uai>() else { return Ok(()) };
    let demande = demande(&["absences", portail, &jour.to_string(), &told.to_rfc3339()]);
    commands.constater_absences(&demande, &uai, jour).await?;
    Ok(())
}

async fn constater_seuils(
    commands: &Commands,
    soir: NaiveDate,
    uai: &str,
    mois: MoisCivil,
) -> Result<(), Failed> {
    let demande = demande(&["seuils", uai, &soir.to_string(), &mois.to_string()]);
    commands.constater_seuils(&demande, &uai.parse()?, mois).await?;
    Ok(())
}

/// The program's own demand, the same whichever process makes it.
fn demande(parts: &[&str]) -> Demande {
    let commande = CommandeId::derived(parts);
    Demande { acteur: Acteur::console(), commande, corps: Vec::new(), cause: None }
}
