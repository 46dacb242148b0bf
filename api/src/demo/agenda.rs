//! What everybody does and when. Acts of one instant are done together, instants in their order.

use super::calendrier::{heure, instant};
use super::{Avancement, Demo, ErreurDemo};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use commands::rights::Acteur;
use commands::{Commands, Demande, UseCaseError};
use domain::CompteId;
use futures::future::BoxFuture;
use futures::{StreamExt, TryStreamExt, stream};
use ledger::clock::ManualClock;
use projections::runner::Runner;
use std::collections::{BTreeMap, HashMap};

/// Acts under way at a time.
const ENSEMBLE: usize = 16;

type Faire = Box<dyn FnOnce(Commands, Demande) -> BoxFuture<'static, Result<(), UseCaseError>> + Send>;

/// Something that someone does.
pub struct Geste {
    compte: CompteId,
    nom: String,
    relit: bool,
    faire: Faire,
}

impl Geste {
    /// What `compte` does; `nom` is unique in the demo.
    pub fn nouveau<R>(
        compte: CompteId,
        nom: String,
        faire: impl FnOnce(Commands, Demande) -> R + Send + 'static,
    ) -> Self
    where
        R: Future<Output = Result<(), UseCaseError>> + Send + 'static,
    {
        let faire: Faire = Box::new(|commands, demande| Box::pin(faire(commands, demande)));
        Self { compte, nom, relit: false, faire }
    }

    /// It reads in the views what an act of an earlier instant made.
    pub fn apres_relecture(self) -> Self {
        Self { relit: true, ..self }
    }
}

/// See the module.
pub struct Agenda {
    fin: DateTime<Utc>,
    gestes: BTreeMap<DateTime<Utc>, Vec<Geste>>,
}

impl Agenda {
    /// An empty agenda, whose last day is that one.
    pub fn jusqu_au(jour: NaiveDate) -> Self {
        Self { fin: instant(jour, heure(23, 59)), gestes: BTreeMap::new() }
    }

    /// Adds an act; one after the last day will not have happened.
    pub fn inscrire(&mut self, jour: NaiveDate, heure: NaiveTime, geste: Geste) {
        let instant = instant(jour, heure);
        if instant <= self.fin {
            self.gestes.entry(instant).or_default().push(geste);
        }
    }

    /// Does everything, each act at its instant.
    pub async fn derouler(
        self,
        commands: &Commands,
        runner: &Runner,
        clock: &ManualClock,
        demo: &Demo,
        suivi: &(dyn Fn(Avancement) + Sync),
    ) -> Result<(), ErreurDemo> {
        let total = self.gestes.values().map(Vec::len).sum();
        let mut faits = 0;
        let mut acteurs = HashMap::new();
        for (instant, gestes) in self.gestes {
            clock.set(instant);
            if gestes.iter().any(|geste| geste.relit) {
                runner.catch_up().await?;
            }
            faits += gestes.len();
            ensemble(commands, demo, &mut acteurs, gestes).await?;
            suivi(Avancement { etape: "Premier trimestre", faits, total });
        }
        clock.set(self.fin);
        Ok(runner.catch_up().await?)
    }
}

/// Does the acts of one instant.
async fn ensemble(
    commands: &Commands,
    demo: &Demo,
    acteurs: &mut HashMap<CompteId, Acteur>,
    gestes: Vec<Geste>,
) -> Result<(), ErreurDemo> {
    let mut prets = Vec::with_capacity(gestes.len());
    for Geste { compte, nom, faire, .. } in gestes {
        let acteur = match acteurs.get(&compte) {
            Some(acteur) => acteur.clone(),
            None => {
                let charge = commands.acteur(Some(compte)).await;
                let acteur = charge.map_err(|source| ErreurDemo::Geste { geste: nom.clone(), source })?;
                acteurs.insert(compte, acteur.clone());
                acteur
            }
        };
        let demande = demo.demande(acteur, &nom);
        prets.push((nom, faire(commands.clone(), demande)));
    }
    stream::iter(prets)
        .map(|(geste, fait)| async move { fait.await.map_err(|source| ErreurDemo::Geste { geste, source }) })
        .buffer_unordered(ENSEMBLE)
        .try_collect()
        .await
}
