//! A journal that facts are in: the head that they are proven against, and what it held when
//! the days of these facts had ended.

use super::sac::Sac;
use crate::date::spoken;
use crate::obstacle::Obstacle;
use chrono::{DateTime, Utc};
use ledger::feed::Journal;
use ledger::sealer::closings::{Closed, Head, closings};
use ledger::sealer::store::TileStore;
use ledger::tlog::text::Proof;
use sqlx::PgConnection;
use std::io::{Seek, Write};
use zip::result::ZipError;

/// See the module.
pub struct Journalisee {
    /// Its name in its checkpoints.
    pub origine: String,
    /// How many events the checkpoint covers.
    pub taille: u64,
    /// When it was sealed.
    pub scelle: DateTime<Utc>,
    /// The checkpoint.
    pub sceau: String,
    /// That the meta-journal has it.
    pub meta: Option<Proof>,
    /// The clôtures of the days of the facts, and the last one.
    pub clotures: Vec<Closed>,
    /// Which journal.
    pub journal: Journal,
}

impl Journalisee {
    /// Looks for the clôtures of the days on which these positions were recorded.
    pub async fn close(
        &mut self,
        connection: &mut PgConnection,
        tiles: &TileStore,
        positions: &[i64],
    ) -> Result<(), Obstacle> {
        let head = Head { note: &self.sceau, size: self.taille };
        self.clotures = closings(connection, tiles, &self.journal, positions, head).await?;
        Ok(())
    }

    /// Puts it into the bag.
    pub fn put<W: Write + Seek>(&self, sac: &mut Sac<W>) -> Result<(), ZipError> {
        let folder = format!("journaux/{}-{}", folder(&self.journal), self.taille);
        sac.add(&format!("{folder}/checkpoint"), self.sceau.as_bytes())?;
        if let Some(meta) = &self.meta {
            sac.add(&format!("{folder}/meta.tlog-proof"), meta.to_string().as_bytes())?;
        }
        for Closed { jour, leaf, proof, extension, .. } in &self.clotures {
            let folder = format!("{folder}/clotures/{jour}");
            sac.add(&format!("{folder}/cloture.json"), leaf.as_bytes())?;
            sac.add(&format!("{folder}/meta.tlog-proof"), proof.to_string().as_bytes())?;
            sac.add(&format!("{folder}/prolongement"), extension.to_string().as_bytes())?;
        }
        Ok(())
    }

    /// When it was sealed, as said in French.
    pub fn scelle_le(&self) -> String {
        spoken(self.scelle)
    }

    /// The days whose clôtures are joined, as said in French.
    pub fn jours_clos(&self) -> String {
        let jours = self.clotures.iter().map(|closed| closed.jour.format("%d/%m/%Y").to_string());
        jours.collect::<Vec<_>>().join(", ")
    }
}

/// The name of a journal in a bag.
pub fn folder(journal: &Journal) -> String {
    format!("{}-{}", journal.portail, journal.annee)
}
