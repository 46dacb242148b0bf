//! Lots on their way to the record: a bounded number at a time.

use commands::UseCaseError;
use commands::annuaire::{Fiche, Importation, Issue, Lot};
use std::sync::Arc;
use tokio::task::JoinSet;

/// Fiches of one act.
const LOT: usize = 50;
/// Acts under way at a time.
const EN_VOL: usize = 32;

/// The entry that a fiche comes from.
#[derive(Debug, Clone)]
pub struct Origine {
    /// The heading under which the report counts it.
    pub rubrique: &'static str,
    /// Name of its file.
    pub fichier: Arc<str>,
    /// Line where it starts.
    pub ligne: u64,
    /// Key of the entry.
    pub identifiant: String,
    /// The fiche is the entry itself, and not something else that the entry made known.
    pub principale: bool,
}

/// A fiche of which it is known what became.
pub type Reponse = (Origine, Issue);

type Vol = Result<Vec<Reponse>, UseCaseError>;

/// See the module.
pub struct Envoi {
    importation: Importation,
    lot: Vec<(Fiche, Origine)>,
    vols: JoinSet<Vol>,
}

impl Envoi {
    /// Nothing on its way yet.
    pub fn nouveau(importation: Importation) -> Self {
        Self { importation, lot: Vec::new(), vols: JoinSet::new() }
    }

    /// Sends the fiches of one entry, in the same act; gives what became of others meanwhile.
    pub async fn confier(
        &mut self,
        fiches: impl IntoIterator<Item = (Fiche, Origine)>,
    ) -> Result<Vec<Reponse>, UseCaseError> {
        self.lot.extend(fiches);
        if self.lot.len() < LOT { Ok(Vec::new()) } else { self.expedier().await }
    }

    /// Sends one fiche in an act of its own.
    pub async fn confier_seule(
        &mut self,
        fiche: Fiche,
        origine: Origine,
    ) -> Result<Vec<Reponse>, UseCaseError> {
        let mut reponses = if self.lot.is_empty() { Vec::new() } else { self.expedier().await? };
        self.lot.push((fiche, origine));
        reponses.extend(self.expedier().await?);
        Ok(reponses)
    }

    async fn expedier(&mut self) -> Result<Vec<Reponse>, UseCaseError> {
        let mut reponses = Vec::new();
        while self.vols.len() >= EN_VOL {
            reponses.extend(self.attendre_un().await?);
        }
        let (fiches, origines): (Vec<_>, Vec<_>) = std::mem::take(&mut self.lot).into_iter().unzip();
        let importation = self.importation.clone();
        self.vols.spawn(async move {
            let issues = importation.importer(Lot(fiches)).await?;
            Ok(origines.into_iter().zip(issues).collect())
        });
        Ok(reponses)
    }

    /// The import that the lots are acts of.
    pub fn importation(&self) -> &Importation {
        &self.importation
    }

    /// Sends what is left and waits for everything.
    pub async fn attendre(&mut self) -> Result<Vec<Reponse>, UseCaseError> {
        let mut reponses = if self.lot.is_empty() { Vec::new() } else { self.expedier().await? };
        while !self.vols.is_empty() {
            reponses.extend(self.attendre_un().await?);
        }
        Ok(reponses)
    }

    async fn attendre_un(&mut self) -> Vol {
        match self.vols.join_next().await {
            Some(Ok(vol)) => vol,
            Some(Err(error)) => Err(UseCaseError::fault(error)),
            None => Ok(Vec::new()),
        }
    }
}
