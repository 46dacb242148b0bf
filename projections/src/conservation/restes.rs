//! What is left of what was erased outside of the record: the bytes of files in their store, and rows
//! of views.

use super::proces_verbal::{Constat, ConstatFault, Moyens};
use crate::replay::Difference;
use crate::runner::differences;
use domain::pieces::Piece;
use domain::{Aggregate, CleId};
use ledger::blobs::Remains;
use ledger::envelope::Stream;
use serde::Serialize;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

/// A file that was sealed under a key that is destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PieceEffacee {
    /// Which.
    pub piece: Uuid,
    /// What its store still has of it.
    pub octets: Octets,
    /// Whether it is listed under a destroyed key, so that the next sweep removes what is there.
    pub a_balayer: bool,
}

/// See [`PieceEffacee`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Octets {
    /// Nothing.
    Absents,
    /// Bytes that no living key of the same subjects opens.
    Scelles,
    /// Bytes that one of these opens.
    Ouverts,
}

impl Octets {
    /// In French.
    pub fn dits(self) -> &'static str {
        match self {
            Self::Absents => "plus aucun octet",
            Self::Scelles => "octets scellés, qu'aucune clé vivante n'ouvre",
            Self::Ouverts => "octets qu'une clé vivante OUVRE",
        }
    }
}

/// What was found.
pub(super) struct Restes {
    /// Each file.
    pub pieces: Vec<PieceEffacee>,
    /// What is to be thought of it.
    pub constats: Vec<Constat>,
    /// Whether nothing was left out.
    pub entiers: bool,
}

/// Looks for what is left of what was sealed under these keys.
pub(super) async fn restes(
    connection: &mut PgConnection,
    moyens: &Moyens<'_>,
    cles: &[Uuid],
) -> Result<Restes, ConstatFault> {
    let (pieces, of_files) = pieces(connection, moyens, cles).await?;
    let (lignes, of_views) = vues(connection, moyens, cles).await?;
    let mut constats = findings(&pieces);
    constats.push(lignes);
    Ok(Restes { pieces, constats, entiers: of_files && of_views })
}

fn findings(pieces: &[PieceEffacee]) -> Vec<Constat> {
    let those = |wrong: fn(&PieceEffacee) -> bool| {
        pieces.iter().filter(|one| wrong(one)).map(|one| one.piece.to_string()).collect::<Vec<_>>()
    };
    let open = those(|one| one.octets == Octets::Ouverts);
    let unlisted = those(|one| one.octets != Octets::Absents && !one.a_balayer);
    vec![
        Constat::aucun(
            "Pièces jointes scellées sous ces clés, dont les octets s'ouvrent encore",
            "octets de chaque pièce lus au dépôt, et essayés avec chaque clé vivante des mêmes sujets",
            open.len(),
            open,
        ),
        Constat::aucun(
            "Pièces jointes scellées sous ces clés, dont les octets ne seront pas balayés",
            "octets présents au dépôt, moins ceux que la liste des pièces tient sous une clé détruite",
            unlisted.len(),
            unlisted,
        ),
    ]
}

#[derive(FromRow)]
struct Fichier {
    id: Uuid,
    a_balayer: bool,
    vivantes: Vec<Uuid>,
}

/// What became of each file, and whether these are all.
async fn pieces(
    connection: &mut PgConnection,
    moyens: &Moyens<'_>,
    cles: &[Uuid],
) -> Result<(Vec<PieceEffacee>, bool), ConstatFault> {
    let mut found: Vec<Fichier> = sqlx::query_as(
        "WITH under AS (
             SELECT aggregate_id::uuid AS id, key_id FROM ledger.events
             WHERE key_id = ANY ($1) AND aggregate_type = $2
             UNION SELECT id, key_id FROM ledger.blobs WHERE key_id = ANY ($1)
         ), files AS (
             SELECT id, array_agg(key_id) AS sealing FROM under GROUP BY id ORDER BY id LIMIT $3
         )
         SELECT f.id, b.id IS NOT NULL AND k.wrapped IS NULL AS a_balayer,
                ARRAY (SELECT living.id FROM ledger.keys s JOIN ledger.keys living USING (subject)
                       WHERE (s.id = ANY (f.sealing) OR s.id = b.key_id) AND living.wrapped IS NOT NULL)
                    AS vivantes
         FROM files f
         LEFT JOIN ledger.blobs b ON b.id = f.id
         LEFT JOIN ledger.keys k ON k.id = b.key_id
         ORDER BY f.id",
    )
    .bind(cles)
    .bind(Piece::TYPE)
    .bind(moyens.limite.map(|limite| i64::from(limite) + 1))
    .fetch_all(&mut *connection)
    .await?;
    let all = within(&mut found, moyens);
    let mut pieces = Vec::with_capacity(found.len());
    for Fichier { id, a_balayer, vivantes } in found {
        let ids = vivantes.into_iter().map(CleId).collect();
        let keys: Vec<_> = moyens.keys.for_ids(&mut *connection, &ids).await?.into_values().collect();
        let octets = match moyens.blobs.remains(id, &keys).await? {
            Remains::Gone => Octets::Absents,
            Remains::Sealed => Octets::Scelles,
            Remains::Open => Octets::Ouverts,
        };
        pieces.push(PieceEffacee { piece: id, octets, a_balayer });
    }
    Ok((pieces, all))
}

/// Whether the views have of the streams that lost a content what these give when they are followed
/// again, and whether all streams were.
async fn vues(
    connection: &mut PgConnection,
    moyens: &Moyens<'_>,
    cles: &[Uuid],
) -> Result<(Constat, bool), ConstatFault> {
    let lost: Vec<(String, String)> = sqlx::query_as(
        "SELECT DISTINCT aggregate_type, aggregate_id FROM ledger.events
         WHERE key_id = ANY ($1) ORDER BY 1, 2",
    )
    .bind(cles)
    .fetch_all(&mut *connection)
    .await?;
    let lost: Vec<_> = lost.into_iter().map(|(kind, id)| Stream { kind, id }).collect();
    let (mut rows, mut lieux, mut all) = (0, Vec::new(), true);
    for projection in crate::all() {
        let forgotten = |stream: &&Stream| projection.forgets().iter().any(|one| one.kind == stream.kind);
        let mut streams: Vec<_> = lost.iter().filter(forgotten).cloned().collect();
        all &= within(&mut streams, moyens);
        for difference in differences(connection, moyens.keys, &*projection, &streams).await? {
            let Difference { table, only_live, only_replayed } = difference;
            rows += only_live + only_replayed;
            let view = projection.name();
            lieux
                .push(format!("{view}, table {table} (en trop : {only_live}, manquantes : {only_replayed})"));
        }
    }
    let constat = Constat::aucun(
        "Lignes des vues en service qui ne sont pas celles d'un rejeu des fils de ces contenus",
        "chaque fil rejoué, de ce qui en reste, à la place de ses lignes, dans une transaction annulée",
        usize::try_from(rows).unwrap_or(usize::MAX),
        lieux,
    );
    Ok((constat, all))
}

/// Leaves out what is beyond the bound; says whether nothing is.
fn within<T>(found: &mut Vec<T>, moyens: &Moyens<'_>) -> bool {
    let most = moyens.limite.map_or(usize::MAX, |limite| limite as usize);
    let all = found.len() <= most;
    found.truncate(most);
    all
}
