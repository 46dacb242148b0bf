//! The journal of accesses: who read the record of these portals, why and how far, and who
//! was refused, since the first of the facts.

use super::piece::{Piece, piece};
use super::sac::Sac;
use crate::date::spoken;
use crate::obstacle::Obstacle;
use crate::raconter::Acte;
use crate::recit::{Noms, office};
use chrono::{DateTime, Utc};
use domain::journal::Consultation;
use domain::{Aggregate, PortailId};
use ledger::feed::facts_of_kind;
use ledger::keys::KeyRing;
use ledger::sealer::store::TileStore;
use sqlx::PgConnection;
use std::collections::BTreeSet;
use std::io::{Seek, Write};
use zip::result::ZipError;

/// Rows of the report, each with its proof; the file beside it has them all.
const TOLD: usize = 200;

/// See the module.
pub struct Acces {
    /// The last ones, in their order.
    pub derniers: Vec<Lecture>,
    /// How many there are.
    pub nombre: usize,
    jsonl: Vec<u8>,
}

/// A reading, or an attempt at one.
pub struct Lecture {
    /// Its place on the record.
    pub place: String,
    /// When, as said in French.
    pub le: String,
    /// Who.
    pub auteur: String,
    /// In which office.
    pub office: String,
    /// What, how far and why.
    pub phrase: String,
    /// Its evidence; none of one that is not sealed yet, as that of this very bundle.
    pub piece: Option<Piece>,
}

impl Acces {
    /// Those of these portals, from an instant on.
    pub async fn of(
        connection: &mut PgConnection,
        keys: &KeyRing,
        tuiles: &TileStore,
        portails: &BTreeSet<PortailId>,
        depuis: DateTime<Utc>,
    ) -> Result<Self, Obstacle> {
        let mut facts = facts_of_kind(connection, keys, Consultation::TYPE).await?;
        facts.retain(|fact| portails.contains(&fact.position.portail) && fact.envelope.recorded_at >= depuis);
        facts.sort_by(|a, b| {
            (a.envelope.recorded_at, &a.position).cmp(&(b.envelope.recorded_at, &b.position))
        });
        let noms = Noms::of(connection, &facts).await?;
        let (mut jsonl, mut derniers) = (Vec::new(), Vec::new());
        let first_told = facts.len().saturating_sub(TOLD);
        for (number, fact) in facts.iter().enumerate() {
            let acte = Acte { fact, noms: &noms };
            acte.write_json(&mut jsonl)?;
            if number >= first_told {
                let piece = match piece(connection, keys, tuiles, &acte).await {
                    Ok((piece, _)) => Some(piece),
                    Err(Obstacle::NotSealed(_)) => None,
                    Err(obstacle) => return Err(obstacle),
                };
                derniers.push(Lecture {
                    place: fact.position.to_string(),
                    le: spoken(fact.envelope.recorded_at),
                    auteur: acte.author(),
                    office: office(&fact.envelope.actor.office).to_string(),
                    phrase: acte.sentence(),
                    piece,
                });
            }
        }
        Ok(Self { derniers, nombre: facts.len(), jsonl })
    }

    /// Puts them into the bag, if there are any: SEDA knows no empty file.
    pub fn put<W: Write + Seek>(&self, sac: &mut Sac<W>) -> Result<(), ZipError> {
        if self.jsonl.is_empty() {
            return Ok(());
        }
        sac.add("acces.jsonl", &self.jsonl)?;
        self.derniers
            .iter()
            .filter_map(|lecture| lecture.piece.as_ref())
            .try_for_each(|piece| piece.put("acces", sac))
    }
}
