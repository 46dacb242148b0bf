//! The demo: three établissements of invented people and their first term, done through the use
//! cases as people would have, each act at its own instant.
//!
//! The same seed always does the same: people, marks and absences are drawn from it, and so is
//! every id that an act chooses. Nothing here writes anything but by a use case, so that a demo
//! filled again adds nothing.
//!
//! [`decor`] imports the directory and opens the portals; [`appels`], [`notes`], [`publications`] and
//! [`quotidien`] write in an [`agenda`] what everybody will do, and the agenda does it day by
//! day, by the [`calendrier`] of the académie; [`scene`] says who is who.

mod agenda;
mod appels;
mod calendrier;
mod decor;
mod notes;
mod publications;
mod quotidien;
mod scene;

pub use scene::{DemoScene, Role};

use crate::importer::ErreurImport;
use agenda::Agenda;
use chrono::NaiveDate;
use commands::rights::Acteur;
use commands::{Commands, Demande, UseCaseError};
use domain::{CommandeId, CompteId};
use ledger::clock::ManualClock;
use projections::runner::{Runner, RunnerError};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::path::PathBuf;

/// The compte of the demo's operator. It must be one of the program's exploitants.
pub fn exploitant() -> CompteId {
    CompteId::derived(&["demo", "exploitant"])
}

/// What to fill a record with.
#[derive(Debug, Clone)]
pub struct Demo {
    /// Source of every draw and of every id.
    pub graine: u64,
    /// Folder for the feed of the directory, which is left there to be looked at.
    pub dossier: PathBuf,
    /// Last day of what has happened.
    pub jusqu_au: NaiveDate,
}

/// How far the filling is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Avancement {
    /// What is being done, for who waits.
    pub etape: &'static str,
    /// Acts done.
    pub faits: usize,
    /// Acts to do.
    pub total: usize,
}

/// Why a demo could not be filled.
#[derive(Debug, thiserror::Error)]
pub enum ErreurDemo {
    /// The feed could not be written or read.
    #[error("la livraison de démonstration n'a pas pu être préparée")]
    Livraison(#[source] std::io::Error),
    /// The feed could not be imported.
    #[error("l'annuaire de démonstration n'a pas pu être importé")]
    Import(#[from] ErreurImport),
    /// The feed was not imported whole.
    #[error("l'annuaire de démonstration a été rejeté en partie ({rejets} lignes)")]
    Rejets {
        /// How many lines the report has.
        rejets: usize,
    },
    /// Somebody without whom there is no school is missing.
    #[error("il manque à la démonstration : {0}")]
    Manque(&'static str),
    /// An act was refused.
    #[error("« {geste} » n'a pas pu être fait")]
    Geste {
        /// Which one.
        geste: String,
        /// Why.
        source: UseCaseError,
    },
    /// The views could not follow.
    #[error("les vues n'ont pas suivi")]
    Vues(#[from] RunnerError),
    /// A view could not be read.
    #[error("une vue n'a pas pu être lue")]
    Lecture(#[from] sqlx::Error),
}

impl Demo {
    /// The whole first term.
    pub fn trimestre(graine: u64, dossier: PathBuf) -> Self {
        Self { graine, dossier, jusqu_au: calendrier::FIN_DU_TRIMESTRE }
    }

    /// A demand of the demo: its command id follows from the seed and from what is asked.
    fn demande(&self, acteur: Acteur, geste: &str) -> Demande {
        let commande = commande(self.graine, geste);
        Demande { acteur, commande, corps: geste.as_bytes().to_vec(), cause: None }
    }
}

/// The command id of an act of the demo.
fn commande(graine: u64, geste: &str) -> CommandeId {
    CommandeId::derived(&["demo", &graine.to_string(), geste])
}

/// Fills a record. `clock` must be the one that dates it, and [`exploitant`] one of its operators;
/// `suivi` hears how far it is.
pub async fn remplir(
    commands: &Commands,
    runner: &Runner,
    clock: &ManualClock,
    demo: &Demo,
    suivi: &(dyn Fn(Avancement) + Sync),
) -> Result<DemoScene, ErreurDemo> {
    suivi(Avancement { etape: "Annuaire et portails", faits: 0, total: 1 });
    let decor = decor::planter(commands, runner, clock, demo).await?;
    let mut des = ChaCha8Rng::seed_from_u64(demo.graine);
    let mut agenda = Agenda::jusqu_au(demo.jusqu_au);
    appels::inscrire(&mut agenda, &decor, &mut des);
    notes::inscrire(&mut agenda, &decor, &mut des, demo.graine);
    publications::inscrire(&mut agenda, &decor, demo.graine);
    quotidien::inscrire(&mut agenda, &decor, demo.graine);
    agenda.derouler(commands, runner, clock, demo, suivi).await?;
    scene::presenter(commands, &decor).await
}
