//! The sessions of browsers.
//!
//! A browser holds a random secret of 256 bits, and the database its hash: who reads the
//! database opens nothing. This is operational state, not a read model: what happened is on the
//! record, and a session that is lost is opened again.

use super::Clock;
use super::secret::Secret;
use chrono::{DateTime, TimeDelta, Utc};
use commands::{Choix, Entree};
use domain::annuaire::Profil;
use domain::identite::{FournisseurId, ProfilTenu};
use domain::{CompteId, EtablissementId, PortailId, SessionId};
use sqlx::{FromRow, PgPool};
use tokio::sync::broadcast;
use uuid::Uuid;

/// A session ends so long after its last request.
const INACTIVE: TimeDelta = TimeDelta::hours(1);
/// And so long after its opening at the latest: a school day.
const ABSOLUE: TimeDelta = TimeDelta::hours(12);
/// How long one has to sign in at the provider.
const ALLER: TimeDelta = TimeDelta::minutes(10);
/// How many endings who listens may be behind before it looks again by itself.
const HEARD: usize = 1024;
/// The last request is noted no more often than this.
const NOTED: TimeDelta = TimeDelta::minutes(1);

/// A session that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// Which.
    pub id: SessionId,
    /// Whose.
    pub compte: CompteId,
    /// In which profil its user acts.
    pub choix: Choix,
    /// When it ends at the latest.
    pub expire: DateTime<Utc>,
}

/// A session that has ended, as the record needs it.
#[derive(Debug, Clone, FromRow)]
pub struct Finie {
    id: Uuid,
    compte: Uuid,
    portail: String,
}

impl Finie {
    /// Which.
    pub fn id(&self) -> SessionId {
        SessionId(self.id)
    }

    /// Whose.
    pub fn compte(&self) -> CompteId {
        CompteId(self.compte)
    }

    /// In whose journal it is.
    pub fn portail(&self) -> Option<PortailId> {
        self.portail.parse().ok()
    }
}

/// A session to be opened.
pub struct Ouverture<'a> {
    /// Its id on the record.
    pub id: SessionId,
    /// Who was let in.
    pub entree: &'a Entree,
    /// By whom.
    pub fournisseur: &'a FournisseurId,
    /// A keyed digest of what the provider calls this sign-in.
    pub sid: Option<[u8; 32]>,
    /// The same of its user.
    pub sub: Option<[u8; 32]>,
}

/// A sign-in that has come back.
#[derive(Debug, FromRow)]
pub struct Retour {
    /// From which provider it was expected.
    pub fournisseur: String,
    /// Where its user wanted to go.
    pub vers: String,
}

/// All of them. Cheap to clone.
#[derive(Clone)]
pub struct Sessions {
    pool: PgPool,
    clock: Clock,
    /// Says which sessions have ended or changed in this process: what they hold open looks again.
    news: broadcast::Sender<SessionId>,
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    compte: Uuid,
    plusieurs: bool,
    etablissement: Option<Uuid>,
    profil: Option<String>,
    vue_le: DateTime<Utc>,
    expire: DateTime<Utc>,
}

/// A session of a compte that was locked is none.
const LIVING: &str = "SELECT s.id, s.compte, s.plusieurs, s.etablissement, s.profil, s.vue_le, s.expire
    FROM identite.session_ouverte s
    WHERE s.expire > $2 AND s.vue_le > $3 AND NOT EXISTS (
        SELECT FROM verrou v WHERE v.verrouille AND (v.jusque IS NULL OR v.jusque > $2)
          AND v.compte IN (SELECT s.compte UNION ALL SELECT autre.fiche FROM annuaire.identite i
                           JOIN annuaire.identite autre ON autre.racine = i.racine WHERE i.fiche = s.compte))";

impl Sessions {
    /// The sessions of a database.
    pub fn new(pool: PgPool, clock: Clock) -> Self {
        Self { pool, clock, news: broadcast::channel(HEARD).0 }
    }

    /// Remembers that a browser was sent to a provider, and where it wants to go.
    pub async fn aller(&self, secret: &Secret, fournisseur: &FournisseurId, vers: &str) -> sqlx::Result<()> {
        let now = (self.clock)();
        self.forget_old(now).await?;
        sqlx::query("INSERT INTO identite.aller (secret, fournisseur, vers, expire) VALUES ($1, $2, $3, $4)")
            .bind(secret.hash().as_slice())
            .bind(fournisseur.as_str())
            .bind(vers)
            .bind(now + ALLER)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Takes such a memory: it serves once.
    pub async fn retour(&self, secret: &Secret) -> sqlx::Result<Option<Retour>> {
        sqlx::query_as(
            "WITH taken AS (DELETE FROM identite.aller WHERE secret = $1 RETURNING fournisseur, vers, expire)
             SELECT fournisseur, vers FROM taken WHERE expire > $2",
        )
        .bind(secret.hash().as_slice())
        .bind((self.clock)())
        .fetch_optional(&self.pool)
        .await
    }

    /// Opens a session. Who has one profil acts in it.
    pub async fn open(&self, secret: &Secret, ouverture: &Ouverture<'_>) -> sqlx::Result<()> {
        let Ouverture { id, entree, fournisseur, sid, sub } = ouverture;
        let only = match entree.profils.as_slice() {
            [only] => Some(*only),
            _ => None,
        };
        let now = (self.clock)();
        sqlx::query(
            "INSERT INTO identite.session_ouverte
                 (secret, id, compte, fournisseur, sid, sub, portail, plusieurs, etablissement, profil, vue_le, expire)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(secret.hash().as_slice())
        .bind(id.0)
        .bind(entree.compte.0)
        .bind(fournisseur.as_str())
        .bind(sid.as_ref().map(<[u8; 32]>::as_slice))
        .bind(sub.as_ref().map(<[u8; 32]>::as_slice))
        .bind(entree.portail.as_str())
        .bind(entree.profils.len() > 1)
        .bind(only.map(|only| only.etablissement.0))
        .bind(only.map(|only| only.profil.as_str()))
        .bind(now)
        .bind(now + ABSOLUE)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The session of a browser, if it lives.
    pub async fn find(&self, secret: &Secret) -> sqlx::Result<Option<Session>> {
        let now = (self.clock)();
        let row: Option<Row> = sqlx::query_as(&format!("{LIVING} AND s.secret = $1"))
            .bind(secret.hash().as_slice())
            .bind(now)
            .bind(now - INACTIVE)
            .fetch_optional(&self.pool)
            .await?;
        let Some(row) = row else { return Ok(None) };
        if now - row.vue_le > NOTED {
            sqlx::query("UPDATE identite.session_ouverte SET vue_le = $2 WHERE id = $1 AND vue_le < $2")
                .bind(row.id)
                .bind(now)
                .execute(&self.pool)
                .await?;
        }
        Ok(Some(row.into()))
    }

    /// Whether a session lives, and its user acts in the same profil as when it was found.
    pub async fn stands(&self, session: &Session) -> sqlx::Result<bool> {
        let now = (self.clock)();
        let row: Option<Row> = sqlx::query_as(&format!("{LIVING} AND s.id = $1"))
            .bind(session.id.0)
            .bind(now)
            .bind(now - INACTIVE)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.is_some_and(|row| Session::from(row).choix == session.choix))
    }

    /// In whose journal a session is.
    pub async fn portail(&self, id: SessionId) -> sqlx::Result<Option<PortailId>> {
        let label: Option<String> =
            sqlx::query_scalar("SELECT portail FROM identite.session_ouverte WHERE id = $1")
                .bind(id.0)
                .fetch_optional(&self.pool)
                .await?;
        Ok(label.and_then(|label| label.parse().ok()))
    }

    /// Has the user of a session act in this profil from the next request on.
    pub async fn choose(&self, id: SessionId, choix: ProfilTenu) -> sqlx::Result<()> {
        sqlx::query("UPDATE identite.session_ouverte SET etablissement = $2, profil = $3 WHERE id = $1")
            .bind(id.0)
            .bind(choix.etablissement.0)
            .bind(choix.profil.as_str())
            .execute(&self.pool)
            .await?;
        // What it holds open was opened in another profil.
        self.tell(&[id]);
        Ok(())
    }

    /// Ends the session of a browser.
    pub async fn close(&self, id: SessionId) -> sqlx::Result<Option<Finie>> {
        let finie = sqlx::query_as(
            "DELETE FROM identite.session_ouverte WHERE id = $1 RETURNING id, compte, portail",
        )
        .bind(id.0)
        .fetch_optional(&self.pool)
        .await?;
        self.tell(&[id]);
        Ok(finie)
    }

    /// Ends the session that a provider calls `sid`, or without it all of whom it calls `sub`.
    pub async fn close_of(
        &self,
        fournisseur: &FournisseurId,
        sid: Option<[u8; 32]>,
        sub: Option<[u8; 32]>,
    ) -> sqlx::Result<Vec<Finie>> {
        let ended: Vec<Finie> = sqlx::query_as(
            "DELETE FROM identite.session_ouverte
             WHERE fournisseur = $1 AND CASE WHEN $2::bytea IS NOT NULL THEN sid = $2 ELSE sub = $3 END
             RETURNING id, compte, portail",
        )
        .bind(fournisseur.as_str())
        .bind(sid.as_ref().map(<[u8; 32]>::as_slice))
        .bind(sub.as_ref().map(<[u8; 32]>::as_slice))
        .fetch_all(&self.pool)
        .await?;
        Ok(self.told(ended))
    }

    /// Ends all sessions of a compte.
    pub async fn close_all(&self, compte: CompteId) -> sqlx::Result<Vec<Finie>> {
        let ended: Vec<Finie> = sqlx::query_as(
            "DELETE FROM identite.session_ouverte WHERE compte = $1 RETURNING id, compte, portail",
        )
        .bind(compte.0)
        .fetch_all(&self.pool)
        .await?;
        Ok(self.told(ended))
    }

    /// Whether a provider's notice is heard for the first time.
    pub async fn first_heard(&self, jeton: [u8; 32], expire: DateTime<Utc>) -> sqlx::Result<bool> {
        let heard = sqlx::query(
            "INSERT INTO identite.deconnexion_entendue (jeton, expire) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        )
        .bind(jeton.as_slice())
        .bind(expire)
        .execute(&self.pool)
        .await?;
        Ok(heard.rows_affected() == 1)
    }

    /// Says which sessions end or change in this process; those of other processes are found
    /// out by looking again.
    pub fn news(&self) -> broadcast::Receiver<SessionId> {
        self.news.subscribe()
    }

    fn told(&self, ended: Vec<Finie>) -> Vec<Finie> {
        let ids: Vec<_> = ended.iter().map(Finie::id).collect();
        self.tell(&ids);
        ended
    }

    fn tell(&self, ids: &[SessionId]) {
        for id in ids {
            // Nobody listens where nothing is open.
            let _ = self.news.send(*id);
        }
    }

    /// Who begins to sign in sweeps behind those who left.
    async fn forget_old(&self, now: DateTime<Utc>) -> sqlx::Result<()> {
        for (table, column, before) in [
            ("aller", "expire", now),
            ("deconnexion_entendue", "expire", now),
            ("session_ouverte", "expire", now),
            ("session_ouverte", "vue_le", now - INACTIVE),
        ] {
            sqlx::query(&format!("DELETE FROM identite.{table} WHERE {column} <= $1"))
                .bind(before)
                .execute(&self.pool)
                .await?;
        }
        Ok(())
    }
}

impl From<Row> for Session {
    fn from(row: Row) -> Self {
        let chosen = row.etablissement.zip(row.profil.as_deref().and_then(Profil::named));
        let choix = match chosen {
            Some((etablissement, profil)) => {
                Choix::Un(ProfilTenu { etablissement: EtablissementId(etablissement), profil })
            }
            None if row.plusieurs => Choix::Aucun,
            None => Choix::Tous,
        };
        Self { id: SessionId(row.id), compte: CompteId(row.compte), choix, expire: row.expire }
    }
}
