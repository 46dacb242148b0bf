//! When, by the clock of an authority outside of the house, what is shown was there already.

use super::journalisee::Journalisee;
use super::sac::Sac;
use crate::date::spoken;
use crate::obstacle::Obstacle;
use ledger::sealer::dating::{Dated, dated};
use ledger::sealer::store::TileStore;
use ledger::timestamp::query::response;
use sqlx::PgConnection;
use std::io::{self, Seek, Write};
use zip::result::ZipError;

/// A timestamp over the meta-journal, and what it dates here.
pub struct Horodatage {
    dated: Dated,
    /// The clôtures and the heads that it covers.
    pub couvre: Vec<String>,
}

/// Those of these journals.
pub async fn horodatages(
    connection: &mut PgConnection,
    tiles: &TileStore,
    journaux: &[Journalisee],
) -> Result<Vec<Horodatage>, Obstacle> {
    let leaves: Vec<(i64, String)> = journaux.iter().flat_map(leaves).collect();
    let indexes: Vec<_> = leaves.iter().map(|(index, _)| *index).collect();
    let dated = dated(connection, tiles, &indexes).await?;
    Ok(dated
        .into_iter()
        .map(|dated| {
            let covered = leaves.iter().filter(|(index, _)| *index < dated.timestamp.size);
            let couvre = covered.map(|(_, name)| name.clone()).collect();
            Horodatage { dated, couvre }
        })
        .collect())
}

/// Where a journal stands in the meta-journal: its clôtures, and the head that is shown.
fn leaves(journal: &Journalisee) -> Vec<(i64, String)> {
    let index = |index: u64| i64::try_from(index).unwrap_or(i64::MAX);
    let name = |what: String| format!("{what} de {}/{}", journal.journal.portail, journal.journal.annee.0);
    let clotures = journal
        .clotures
        .iter()
        .map(|one| (index(one.proof.index), name(format!("clôture du {}", one.jour.format("%d/%m/%Y")))));
    let head = journal.meta.iter().map(|meta| (index(meta.index), name("sceau".to_owned())));
    clotures.chain(head).collect()
}

impl Horodatage {
    /// When, as said in French.
    pub fn le(&self) -> String {
        spoken(self.dated.timestamp.gen_time)
    }

    /// By whom.
    pub fn autorite(&self) -> &str {
        &self.dated.timestamp.tsa
    }

    /// What it covers, as said in French.
    pub fn de_quoi(&self) -> String {
        self.couvre.join(", ")
    }

    /// Puts it into the bag.
    pub fn put<W: Write + Seek>(&self, sac: &mut Sac<W>) -> Result<(), ZipError> {
        let Dated { timestamp, note, extension } = &self.dated;
        let folder = format!("horodatages/{}", timestamp.size);
        let answer = response(&timestamp.token).map_err(io::Error::other)?;
        sac.add(&format!("{folder}/jeton.tsr"), &answer)?;
        sac.add(&format!("{folder}/note"), note.as_bytes())?;
        sac.add(&format!("{folder}/prolongement"), extension.to_string().as_bytes())
    }
}
