//! Data keys: one per subject, retention class and period, so that what the law says
//! of one person's one kind of data at one time is done by destroying one key.
//!
//! A ring remembers keys for a while, with the count of erasures that it knew of when it
//! read them: once it learns of another ([`KeyRing::learn`]) they are read again.

use crate::kek::{KekProvider, Wrapped};
use crate::seal::SealError;
use domain::conservation::Periode;
use domain::{CleId, PersonneId, PortailId, Retention};
use moka::sync::Cache;
use rand::TryRngCore;
use sqlx::{PgExecutor, PgPool};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Keys held in memory; the least used leave first.
const CACHED: u64 = 200_000;
/// How long one is held.
const LIFETIME: Duration = Duration::from_secs(600);

/// Whose key: the person whom a content is about, else the portal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// A person.
    Personne(PersonneId),
    /// A portal, for contents about nobody in particular.
    Portail(PortailId),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Personne(id) => write!(f, "personne:{id}"),
            Self::Portail(id) => write!(f, "portail:{id}"),
        }
    }
}

/// What a key is filed under.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyName {
    /// Whose.
    pub subject: Subject,
    /// For which class of contents.
    pub retention: Retention,
    /// Written when: see [`Retention::periode`].
    pub period: Periode,
}

/// A data key in the clear.
pub struct DataKey {
    /// Its id, as events name it.
    pub id: CleId,
    /// Its bytes.
    pub bytes: Zeroizing<[u8; 32]>,
}

/// The living keys of names, given as three lists. A plan is kept as it was made over a table that was
/// empty, when an import began: joined plainly, it reads all keys, or all of a class and a year, for
/// each batch. So each name is looked up by itself (`OFFSET 0` keeps it so), by its subject alone, of
/// which there are few; what is compared as not distinct is in the way of no other index.
pub const LIVING: &str = "SELECT k.* FROM unnest($1::text[], $2::text[], $3::text[])
         AS n (subject, retention, period)
     CROSS JOIN LATERAL (
         SELECT id, subject, retention, period, kek_id, wrapped FROM ledger.keys
         WHERE subject = n.subject AND wrapped IS NOT NULL
           AND ROW (retention, period) IS NOT DISTINCT FROM ROW (n.retention, n.period) OFFSET 0) k";

/// All data keys, through the database and the key-encryption key. Cheap to clone.
#[derive(Clone)]
pub struct KeyRing {
    pool: PgPool,
    kek: Arc<dyn KekProvider>,
    by_name: Cache<KeyName, Held>,
    by_id: Cache<CleId, Held>,
    /// How many erasures it knows of.
    erasures: Arc<AtomicU64>,
}

/// A key, and how many erasures were known of when it was read.
#[derive(Clone)]
struct Held {
    key: Arc<DataKey>,
    erasures: u64,
}

fn held<K: Hash + Eq + Send + Sync + 'static>() -> Cache<K, Held> {
    Cache::builder().max_capacity(CACHED).time_to_live(LIFETIME).build()
}

/// Whether a key was refused because the key-encryption key was replaced meanwhile.
fn is_retired(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|error| error.code()).as_deref() == Some("LK003")
}

#[derive(sqlx::FromRow)]
struct KeyRow {
    id: Uuid,
    subject: String,
    retention: String,
    period: String,
    kek_id: String,
    wrapped: Option<Vec<u8>>,
}

impl KeyRing {
    /// A ring over the keys of `pool`.
    pub fn new(pool: PgPool, kek: Arc<dyn KekProvider>) -> Self {
        let (by_name, by_id) = (held(), held());
        Self { pool, kek, by_name, by_id, erasures: Arc::default() }
    }

    /// Learns how many erasures there have been; says whether that is news. Keys that were
    /// read before an erasure do not serve after it, even those on their way here.
    pub fn learn(&self, erasures: u64) -> bool {
        let news = self.erasures.fetch_max(erasures, Ordering::SeqCst) < erasures;
        if news {
            self.forget_all();
        }
        news
    }

    fn known(&self) -> u64 {
        self.erasures.load(Ordering::SeqCst)
    }

    fn still<K: Hash + Eq + Send + Sync + 'static>(
        &self,
        keys: &Cache<K, Held>,
        by: &K,
    ) -> Option<Arc<DataKey>> {
        keys.get(by).filter(|held| held.erasures == self.known()).map(|held| held.key)
    }

    /// Forgets all keys; those that exist still are read again.
    pub fn forget_all(&self) {
        self.by_name.invalidate_all();
        self.by_id.invalidate_all();
    }

    /// The key-encryption key.
    pub fn kek(&self) -> &dyn KekProvider {
        &*self.kek
    }

    /// The keys of these names, made where there are none yet. Several processes that
    /// make one at the same time agree on the one that was stored first.
    pub async fn for_names(
        &self,
        names: &BTreeSet<KeyName>,
    ) -> Result<BTreeMap<KeyName, Arc<DataKey>>, SealError> {
        let mut found = BTreeMap::new();
        let mut missing = Vec::new();
        let erasures = self.known();
        for name in names {
            match self.still(&self.by_name, name) {
                Some(key) => drop(found.insert(name.clone(), key)),
                None => missing.push(name.clone()),
            }
        }
        if !missing.is_empty() {
            for (name, key) in self.get_or_create(missing, erasures).await? {
                self.by_name.insert(name.clone(), Held { key: key.clone(), erasures });
                found.insert(name, key);
            }
        }
        Ok(found)
    }

    /// The keys with these ids; a destroyed key is absent.
    pub async fn for_ids(
        &self,
        executor: impl PgExecutor<'_>,
        ids: &BTreeSet<CleId>,
    ) -> Result<BTreeMap<CleId, Arc<DataKey>>, SealError> {
        let mut found = BTreeMap::new();
        let mut missing = Vec::new();
        let erasures = self.known();
        for id in ids {
            match self.still(&self.by_id, id) {
                Some(key) => drop(found.insert(*id, key)),
                None => missing.push(id.0),
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        let rows: Vec<KeyRow> = sqlx::query_as(
            "SELECT id, subject, retention, period, kek_id, wrapped FROM ledger.keys WHERE id = ANY ($1)",
        )
        .bind(&missing)
        .fetch_all(executor)
        .await?;
        for row in rows {
            if let Some(key) = self.open(&row, erasures)? {
                found.insert(key.id, key);
            }
        }
        Ok(found)
    }

    /// Those that are made now are known without being read again.
    async fn get_or_create(
        &self,
        names: Vec<KeyName>,
        erasures: u64,
    ) -> Result<Vec<(KeyName, Arc<DataKey>)>, SealError> {
        let made = match self.create(&names).await {
            Err(SealError::Database(error)) if is_retired(&error) => {
                self.kek.refresh()?;
                self.create(&names).await?
            }
            created => created?,
        };
        let (mut keys, mut there) = (Vec::with_capacity(names.len()), Vec::new());
        for (name, made) in names.into_iter().zip(made) {
            match made {
                Some(key) => keys.push((name, self.hold(key, erasures))),
                None => there.push(name),
            }
        }
        if !there.is_empty() {
            keys.extend(self.living(there, erasures).await?);
        }
        Ok(keys)
    }

    /// The keys of these names, which all live.
    async fn living(
        &self,
        names: Vec<KeyName>,
        erasures: u64,
    ) -> Result<Vec<(KeyName, Arc<DataKey>)>, SealError> {
        let (subjects, retentions, periods) = columns(&names);
        let rows: Vec<KeyRow> = sqlx::query_as(LIVING)
            .bind(subjects)
            .bind(retentions)
            .bind(periods)
            .fetch_all(&self.pool)
            .await?;
        let mut rows: BTreeMap<_, _> = rows
            .into_iter()
            .map(|row| ((row.subject.clone(), row.retention.clone(), row.period.clone()), row))
            .collect();
        names
            .into_iter()
            .map(|name| {
                let filed =
                    (name.subject.to_string(), name.retention.as_str().to_owned(), name.period.to_string());
                let row = rows.remove(&filed).ok_or(SealError::UnknownKey)?;
                let key = self.open(&row, erasures)?.ok_or(SealError::UnknownKey)?;
                Ok((name, key))
            })
            .collect()
    }

    /// Makes the keys of these names that do not live yet; nothing, for one that does.
    async fn create(&self, names: &[KeyName]) -> Result<Vec<Option<Arc<DataKey>>>, SealError> {
        let mut keys = Vec::with_capacity(names.len());
        let mut wrapped = Vec::with_capacity(names.len());
        let mut kek_ids = Vec::with_capacity(names.len());
        for _ in names {
            let key = fresh()?;
            let under = self.kek.wrap(&key.bytes)?;
            kek_ids.push(under.kek_id);
            wrapped.push(under.bytes);
            keys.push(key);
        }
        let (subjects, retentions, periods) = columns(names);
        let made: Vec<Uuid> = sqlx::query_scalar(
            "INSERT INTO ledger.keys (id, subject, retention, period, kek_id, wrapped)
             SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[])
             ON CONFLICT DO NOTHING RETURNING id",
        )
        .bind(keys.iter().map(|key| key.id.0).collect::<Vec<_>>())
        .bind(subjects)
        .bind(retentions)
        .bind(periods)
        .bind(kek_ids)
        .bind(wrapped)
        .fetch_all(&self.pool)
        .await?;
        let made: BTreeSet<Uuid> = made.into_iter().collect();
        Ok(keys.into_iter().map(|key| made.contains(&key.id.0).then_some(key)).collect())
    }

    fn open(&self, row: &KeyRow, erasures: u64) -> Result<Option<Arc<DataKey>>, SealError> {
        let Some(bytes) = &row.wrapped else { return Ok(None) };
        let wrapped = Wrapped { kek_id: row.kek_id.clone(), bytes: bytes.clone() };
        let key = Arc::new(DataKey { id: CleId(row.id), bytes: self.kek.unwrap(&wrapped)? });
        Ok(Some(self.hold(key, erasures)))
    }

    fn hold(&self, key: Arc<DataKey>, erasures: u64) -> Arc<DataKey> {
        self.by_id.insert(key.id, Held { key: key.clone(), erasures });
        key
    }
}

/// What names are filed under, as three lists.
fn columns(names: &[KeyName]) -> (Vec<String>, Vec<&'static str>, Vec<String>) {
    (
        names.iter().map(|name| name.subject.to_string()).collect(),
        names.iter().map(|name| name.retention.as_str()).collect(),
        names.iter().map(|name| name.period.to_string()).collect(),
    )
}

/// A key that nobody has.
fn fresh() -> Result<Arc<DataKey>, SealError> {
    let mut random = Zeroizing::new([0; 48]);
    rand::rngs::OsRng.try_fill_bytes(random.as_mut()).map_err(|_| SealError::NoRandomness)?;
    let (id, key) = random.split_at(16);
    let id = id.try_into().map_err(|_| SealError::NoRandomness)?;
    let mut bytes = Zeroizing::new([0_u8; 32]);
    bytes.copy_from_slice(key);
    Ok(Arc::new(DataKey { id: CleId(uuid::Builder::from_random_bytes(id).into_uuid()), bytes }))
}
