//! The *procès-verbal d'effacement*: what was asked, what is gone, and how that was checked.
//!
//! Nothing here is taken from what was said at the time: each finding is made anew, in the database
//! and in the store of files, when the document is drawn up.

use super::restes::{PieceEffacee, Restes, restes};
use super::{Destruction, Registre};
use crate::runner::RunnerError;
use chrono::{DateTime, NaiveDate, Utc};
use domain::CleId;
use domain::conservation::{Auteur, Lot};
use ledger::blobs::{BlobFault, Blobs};
use ledger::keys::KeyRing;
use ledger::seal::{SealError, hex};
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

/// How many of the places where it is not as it should be are named.
const LIEUX: i32 = 20;

/// What a document cannot vouch for.
const RESERVES: &[&str] = &[
    "Les sauvegardes de la base de données faites avant l'exécution contiennent encore les clés détruites, \
     chiffrées : elles s'ouvrent tant que la clé de chiffrement de ces clés existe. La commande « ent cles \
     tourner » la remplace et la détruit ; les copies du fichier de clés sont à détruire avec elle.",
    "Les pages libérées par PostgreSQL et ses journaux de transactions gardent les anciens octets jusqu'à \
     leur réemploi : ils relèvent de la même clé de chiffrement.",
    "Les octets chiffrés des pièces jointes restent là où elles sont déposées jusqu'au prochain balayage, et dans \
     les sauvegardes qui en sont faites : ils ne s'ouvrent que par les clés détruites.",
    "Ce que des personnes ont imprimé, exporté ou reçu par courriel n'est pas dans l'ENT.",
];

/// What it does not vouch for where its bound was reached.
const PARTIEL: &str = "Les pièces jointes ou les fils des vues sont nombreux, et ce document-ci n'en a relu \
     qu'une partie : la commande « ent conservation proces-verbal » les relit tous.";

/// With what a document is drawn up, and how far.
pub struct Moyens<'a> {
    /// The keys of contents.
    pub keys: &'a KeyRing,
    /// Where files are kept.
    pub blobs: &'a Blobs,
    /// How many files, and how many streams of each view, are looked at; none where all are.
    pub limite: Option<u32>,
    /// Now.
    pub now: DateTime<Utc>,
}

/// Why a document cannot be drawn up.
#[derive(Debug, thiserror::Error)]
pub enum ConstatFault {
    /// What there is could not be counted.
    #[error("the record and its views")]
    Database(#[from] sqlx::Error),
    /// The keys could not be read.
    #[error("data keys")]
    Keys(#[from] SealError),
    /// A view could not be followed again.
    #[error("a replay of a view")]
    Views(#[from] RunnerError),
    /// The store of files did not answer.
    #[error("the store of files")]
    Blobs(#[from] BlobFault),
}

/// See the module.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProcesVerbal {
    /// Of which destruction.
    pub destruction: Uuid,
    /// On which portal.
    pub portail: String,
    /// By what right.
    pub fondement: String,
    /// Why.
    pub motif: String,
    /// Who asked, and when.
    pub demandee_par: Auteur,
    /// When it was asked.
    pub demandee_le: NaiveDate,
    /// Who confirmed.
    pub confirmee_par: Auteur,
    /// When it was done.
    pub confirmee_le: NaiveDate,
    /// Where the journal says so.
    pub place: String,
    /// The hash of that leaf, in hexadecimal.
    pub empreinte: String,
    /// When this was drawn up.
    pub dresse_le: DateTime<Utc>,
    /// What was destroyed.
    pub lots: Vec<Lot>,
    /// What was checked.
    pub constats: Vec<Constat>,
    /// What became of each file.
    pub pieces: Vec<PieceEffacee>,
    /// The views, and whether each is purged.
    pub vues: Vec<VuePurgee>,
    /// What it cannot vouch for.
    pub reserves: Vec<&'static str>,
}

/// One thing that was counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Constat {
    /// What, in French.
    pub objet: &'static str,
    /// How, in French.
    pub methode: &'static str,
    /// How many there should be.
    pub attendu: i64,
    /// How many there are.
    pub constate: i64,
    /// Where it is not as it should be, to begin with: ids of keys, or places of the journal.
    pub lieux: Vec<String>,
}

impl Constat {
    /// That there should be none, and where those are that there are.
    pub(super) fn aucun(
        objet: &'static str,
        methode: &'static str,
        count: usize,
        mut lieux: Vec<String>,
    ) -> Self {
        lieux.truncate(usize::try_from(LIEUX).unwrap_or_default());
        Self { objet, methode, attendu: 0, constate: number(count), lieux }
    }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A view, in the place where it lives or in the one where its next version fills.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct VuePurgee {
    /// Its name.
    pub nom: String,
    /// Its version.
    pub version: i32,
    /// Whether it was purged of this destruction.
    pub purgee: bool,
}

impl ProcesVerbal {
    /// Whether everything is as it should be.
    pub fn conforme(&self) -> bool {
        self.constats.iter().all(|constat| constat.attendu == constat.constate)
            && self.vues.iter().all(|vue| vue.purgee)
    }
}

#[derive(sqlx::FromRow)]
struct Counted {
    number: i64,
    leaf_hash: Vec<u8>,
    gone: i64,
    kept: Vec<String>,
    elsewhere: i64,
    others: Vec<String>,
    events: i64,
    whole: i64,
    broken: Vec<String>,
}

impl Registre {
    /// Draws up the document of a destruction; nothing while it is not done.
    pub async fn proces_verbal(
        connection: &mut PgConnection,
        moyens: &Moyens<'_>,
        destruction: Destruction,
    ) -> Result<Option<ProcesVerbal>, ConstatFault> {
        let done = destruction.annee.zip(destruction.position).zip(destruction.terminee_par);
        let Some((((annee, position), confirmee_par), confirmee_le)) = done.zip(destruction.terminee_le)
        else {
            return Ok(None);
        };
        let Some(counted) = count(connection, &destruction, annee, position).await? else { return Ok(None) };
        let ids = destruction.cles.iter().copied().map(CleId).collect();
        let living = moyens.keys.for_ids(&mut *connection, &ids).await?.into_keys().collect();
        let vues = views(connection, counted.number).await?;
        let Restes { pieces, constats, entiers } = restes(connection, moyens, &destruction.cles).await?;
        let destroyed = |lot: &Lot| destruction.cles.contains(&lot.cle.0);
        Ok(Some(ProcesVerbal {
            destruction: destruction.id,
            place: format!("{}/{annee}/{position}", destruction.portail),
            empreinte: hex(&counted.leaf_hash),
            portail: destruction.portail,
            fondement: destruction.fondement,
            motif: destruction.motif,
            demandee_par: destruction.demandee_par,
            demandee_le: destruction.demandee_le,
            confirmee_par,
            confirmee_le,
            dresse_le: moyens.now,
            constats: [findings(counted, destruction.cles.len(), living), constats].concat(),
            lots: destruction.lots.into_iter().filter(destroyed).collect(),
            pieces,
            vues,
            reserves: RESERVES.iter().copied().chain((!entiers).then_some(PARTIEL)).collect(),
        }))
    }
}

fn findings(counted: Counted, keys: usize, living: Vec<CleId>) -> Vec<Constat> {
    vec![
        Constat {
            objet: "Clés détruites par cette exécution",
            methode: "lignes de la table des clés sans octets, marquées du numéro de cet effacement",
            attendu: number(keys),
            constate: counted.gone,
            lieux: counted.kept,
        },
        Constat::aucun(
            "Clés de la liste que le programme sait encore ouvrir",
            "ouverture de chaque clé de la liste avec le fichier de clés",
            living.len(),
            living.iter().map(ToString::to_string).collect(),
        ),
        Constat {
            objet: "Clés détruites par cette exécution et absentes de la liste",
            methode: "lignes marquées du numéro de cet effacement, moins la liste",
            attendu: 0,
            constate: counted.elsewhere,
            lieux: counted.others,
        },
        Constat {
            objet: "Événements scellés sous ces clés, dont la feuille du journal est intacte",
            methode: "SHA-256 (RFC 6962) de chaque feuille, recalculé et comparé à celui qui est enregistré",
            attendu: counted.events,
            constate: counted.whole,
            lieux: counted.broken,
        },
    ]
}

async fn count(
    connection: &mut PgConnection,
    destruction: &Destruction,
    annee: i16,
    position: i64,
) -> Result<Option<Counted>, sqlx::Error> {
    sqlx::query_as(
        "SELECT r.number, said.leaf_hash,
                (SELECT count(*) FROM ledger.keys WHERE id = ANY ($4) AND wrapped IS NULL AND destroyed = r.number)
                    AS gone,
                ARRAY (SELECT id::text FROM ledger.keys
                       WHERE id = ANY ($4) AND (wrapped IS NOT NULL OR destroyed IS DISTINCT FROM r.number)
                       ORDER BY id LIMIT $5) AS kept,
                (SELECT count(*) FROM ledger.keys WHERE id <> ALL ($4) AND wrapped IS NULL AND destroyed = r.number)
                    AS elsewhere,
                ARRAY (SELECT id::text FROM ledger.keys
                       WHERE id <> ALL ($4) AND wrapped IS NULL AND destroyed = r.number
                       ORDER BY id LIMIT $5) AS others,
                e.events, e.whole, e.broken
         FROM ledger.erasures r
         JOIN ledger.events said USING (portail, annee, position)
         CROSS JOIN (
             SELECT count(*) AS events, count(*) FILTER (WHERE intact) AS whole,
                    coalesce((array_agg(place ORDER BY place) FILTER (WHERE NOT intact))[1:$5], '{}') AS broken
             FROM (SELECT concat_ws('/', portail, annee, position) AS place,
                          leaf_hash = sha256(decode('00', 'hex') || convert_to(metadata::text, 'UTF8')) AS intact
                   FROM ledger.events WHERE key_id = ANY ($4)) under) e
         WHERE r.portail = $1 AND r.annee = $2 AND r.position = $3",
    )
    .bind(&destruction.portail)
    .bind(annee)
    .bind(position)
    .bind(&destruction.cles)
    .bind(LIEUX)
    .fetch_optional(connection)
    .await
}

async fn views(connection: &mut PgConnection, number: i64) -> Result<Vec<VuePurgee>, sqlx::Error> {
    sqlx::query_as(
        "SELECT projection AS nom, version, purged >= $1 AS purgee
         FROM (TABLE projections.version UNION ALL TABLE prochain.version) v ORDER BY 1, 2",
    )
    .bind(number)
    .fetch_all(connection)
    .await
}
