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

    /// Sends the fiches of one entry, in the same act, or those of a whole page, in several; gives
    /// what became of others meanwhile.
    pub async fn confier(
        &mut self,
        fiches: impl IntoIterator<Item = (Fiche, Origine)>,
    ) -> Result<Vec<Reponse>, UseCaseError> {
        self.lot.extend(fiches);
        let mut reponses = Vec::new();
        while let Some(taille) = prochain_lot(self.lot.len()) {
            reponses.extend(self.expedier(taille).await?);
        }
        Ok(reponses)
    }

    /// Sends one fiche in an act of its own.
    pub async fn confier_seule(
        &mut self,
        fiche: Fiche,
        origine: Origine,
    ) -> Result<Vec<Reponse>, UseCaseError> {
        let mut reponses = self.expedier(self.lot.len()).await?;
        self.lot.push((fiche, origine));
        reponses.extend(self.expedier(1).await?);
        Ok(reponses)
    }

    /// Sends the first fiches that wait.
    async fn expedier(&mut self, taille: usize) -> Result<Vec<Reponse>, UseCaseError> {
        let mut reponses = Vec::new();
        if taille == 0 {
            return Ok(reponses);
        }
        while self.vols.len() >= EN_VOL {
            reponses.extend(self.attendre_un().await?);
        }
        let (fiches, origines): (Vec<_>, Vec<_>) = self.lot.drain(..taille).unzip();
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
        let mut reponses = self.expedier(self.lot.len()).await?;
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

/// How many of the fiches that wait are the next act; none, while they are too few. An entry has a
/// few, which stay together; a page of withdrawals has thousands.
fn prochain_lot(en_attente: usize) -> Option<usize> {
    match en_attente {
        ..LOT => None,
        peu if peu < 2 * LOT => Some(peu),
        _ => Some(LOT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_sent_in_lots_and_the_fiches_of_an_entry_together() {
        let mut en_attente = 10_000;
        let mut lots = Vec::new();
        while let Some(taille) = prochain_lot(en_attente) {
            lots.push(taille);
            en_attente -= taille;
        }
        assert!(lots.iter().all(|taille| *taille < 2 * LOT), "{lots:?}");
        assert_eq!((lots.iter().sum::<usize>(), en_attente), (10_000, 0));
        assert_eq!((prochain_lot(LOT - 1), prochain_lot(LOT + 3)), (None, Some(LOT + 3)));
    }
}
