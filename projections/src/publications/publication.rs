//! Publications: what readers see, and what is being written.

use super::{stored, word};
use crate::{Forget, Projection, ProjectionError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::publications::{Audience, Contenu, PublicationEvent};
use domain::{Aggregate, Event, PersonneId, publications};
use ledger::feed::Fact;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

/// The view of publications.
pub struct Publications;

#[async_trait]
impl Projection for Publications {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["publication"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[publications::Publication::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[Forget {
            kind: publications::Publication::TYPE,
            sql: "DELETE FROM publication WHERE id = ANY ($1::text[]::uuid[])",
        }]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let Some(Event::Publication(event)) = fact.event() else { return Ok(()) };
        let id = crate::stream_uuid(fact)?;
        let change = match event {
            PublicationEvent::ActualiteRedigee { auteur, version, contenu, .. } => {
                return insert_publication(tx, fact, id, *auteur, *version, contenu).await;
            }
            PublicationEvent::PublicationPubliee {
                version, empreinte, directeur, audience, du, au, ..
            } => {
                // The version named is always the newest: the guard only keeps what was
                // never put online from being shown, were it otherwise.
                sqlx::query(
                    "UPDATE publication
                     SET paru_version = version, paru_titre = titre, paru_corps = corps, paru_empreinte = $3,
                         paru_auteur = auteur, directeur = $4, audience = $5, du = $6, au = $7, soumise = false
                     WHERE id = $1 AND version = $2",
                )
                .bind(id)
                .bind(stored(*version)?)
                .bind(empreinte.as_str())
                .bind(directeur.0)
                .bind(word(audience)?)
                .bind(*du)
                .bind(*au)
            }
            PublicationEvent::PublicationModifiee { auteur, version, contenu } => sqlx::query(
                "UPDATE publication SET auteur = $2, version = $3, titre = $4, corps = $5, soumise = false
                 WHERE id = $1",
            )
            .bind(id)
            .bind(auteur.0)
            .bind(stored(*version)?)
            .bind(&contenu.titre)
            .bind(&contenu.corps),
            PublicationEvent::PublicationSoumise { .. } => {
                sqlx::query("UPDATE publication SET soumise = true WHERE id = $1").bind(id)
            }
            PublicationEvent::PublicationRetiree { .. } => {
                sqlx::query("UPDATE publication SET retiree = true, soumise = false WHERE id = $1").bind(id)
            }
            PublicationEvent::PublicationMasquee { .. } => {
                sqlx::query("UPDATE publication SET masquee = true WHERE id = $1").bind(id)
            }
            PublicationEvent::PublicationDemasquee { .. } => {
                sqlx::query("UPDATE publication SET masquee = false WHERE id = $1").bind(id)
            }
        };
        change.execute(tx).await?;
        Ok(())
    }
}

async fn insert_publication(
    tx: &mut PgConnection,
    fact: &Fact,
    id: Uuid,
    auteur: PersonneId,
    version: u32,
    contenu: &Contenu,
) -> Result<(), ProjectionError> {
    sqlx::query(
        "INSERT INTO publication (id, portail, auteur, version, titre, corps, soumise, masquee, retiree,
                                  redigee_le)
         VALUES ($1, $2, $3, $4, $5, $6, false, false, false, $7)",
    )
    .bind(id)
    .bind(fact.position.portail.as_str())
    .bind(auteur.0)
    .bind(stored(version)?)
    .bind(&contenu.titre)
    .bind(&contenu.corps)
    .bind(fact.envelope.recorded_at)
    .execute(tx)
    .await?;
    Ok(())
}

/// A publication as it stands: `titre` and `corps` are the newest version's and `auteur`
/// wrote it; `paru_*` are what readers see, and who wrote that.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Publication {
    pub id: Uuid,
    pub portail: String,
    pub auteur: Uuid,
    pub version: i32,
    pub titre: String,
    pub corps: String,
    pub soumise: bool,
    pub paru_version: Option<i32>,
    pub paru_titre: Option<String>,
    pub paru_corps: Option<String>,
    pub paru_empreinte: Option<String>,
    pub paru_auteur: Option<Uuid>,
    pub directeur: Option<Uuid>,
    pub audience: Option<String>,
    pub du: Option<DateTime<Utc>>,
    pub au: Option<DateTime<Utc>>,
    pub masquee: bool,
    pub retiree: bool,
    pub redigee_le: DateTime<Utc>,
}

impl Publication {
    /// Whether its audience can read it at this instant: published, neither hidden nor
    /// withdrawn, from `du` on and before `au`.
    pub fn is_online(&self, now: DateTime<Utc>) -> bool {
        let shown = self.paru_version.is_some() && !self.masquee && !self.retiree;
        shown && self.du.is_some_and(|du| du <= now) && self.au.is_none_or(|au| now < au)
    }
}

impl Publications {
    /// Frozen name of the view.
    pub const NAME: &'static str = "publications.publications";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// The publications with these ids.
    pub async fn by_ids(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<Publication>> {
        sqlx::query_as("SELECT * FROM publication WHERE id = ANY ($1)").bind(ids).fetch_all(db).await
    }

    /// What is online on a portal at an instant for this kind of reader (who is of the
    /// portal reads what is public too), newest first, after a place given by the
    /// (du, publication) of the last one seen.
    pub async fn online(
        db: impl PgExecutor<'_>,
        portail: &str,
        now: DateTime<Utc>,
        reader: Audience,
        after: Option<(DateTime<Utc>, Uuid)>,
        limit: i64,
    ) -> sqlx::Result<Vec<Publication>> {
        let audiences: &[&str] = match reader {
            Audience::Public => &["public"],
            Audience::Portail => &["public", "portail"],
        };
        let (du, publication) = after.unzip();
        sqlx::query_as(
            "SELECT * FROM publication
             WHERE portail = $1 AND paru_version IS NOT NULL AND NOT masquee AND NOT retiree
               AND du <= $2 AND (au IS NULL OR $2 < au) AND audience = ANY ($3)
               AND ($4::timestamptz IS NULL OR (du, id) < ($4, $5))
             ORDER BY du DESC, id DESC LIMIT $6",
        )
        .bind(portail)
        .bind(now)
        .bind(audiences)
        .bind(du)
        .bind(publication)
        .bind(limit)
        .fetch_all(db)
        .await
    }

    /// Whether anything that a portal publishes is, or may again be, online at an instant or
    /// after it: what is hidden may be shown again.
    pub async fn any_online_from(
        db: impl PgExecutor<'_>,
        portail: &str,
        from: DateTime<Utc>,
    ) -> sqlx::Result<bool> {
        sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM publication
                            WHERE portail = $1 AND paru_version IS NOT NULL AND NOT retiree
                              AND (au IS NULL OR au > $2))",
        )
        .bind(portail)
        .bind(from)
        .fetch_one(db)
        .await
    }

    /// Everything written for a portal, or only its drafts (what has a version that was
    /// never put online), newest first, after a place given by the (redigee_le,
    /// publication) of the last one seen.
    pub async fn of_portail(
        db: impl PgExecutor<'_>,
        portail: &str,
        only_drafts: bool,
        after: Option<(DateTime<Utc>, Uuid)>,
        limit: i64,
    ) -> sqlx::Result<Vec<Publication>> {
        let (redigee_le, publication) = after.unzip();
        sqlx::query_as(
            "SELECT * FROM publication
             WHERE portail = $1
               AND (NOT $2 OR (paru_version IS DISTINCT FROM version AND NOT retiree))
               AND ($3::timestamptz IS NULL OR (redigee_le, id) < ($3, $4))
             ORDER BY redigee_le DESC, id DESC LIMIT $5",
        )
        .bind(portail)
        .bind(only_drafts)
        .bind(redigee_le)
        .bind(publication)
        .bind(limit)
        .fetch_all(db)
        .await
    }

    /// The drafts of an author on a portal, in the same order.
    pub async fn drafts_of(
        db: impl PgExecutor<'_>,
        portail: &str,
        auteur: Uuid,
        after: Option<(DateTime<Utc>, Uuid)>,
        limit: i64,
    ) -> sqlx::Result<Vec<Publication>> {
        let (redigee_le, publication) = after.unzip();
        sqlx::query_as(
            "SELECT * FROM publication
             WHERE portail = $1 AND auteur = $2 AND paru_version IS DISTINCT FROM version AND NOT retiree
               AND ($3::timestamptz IS NULL OR (redigee_le, id) < ($3, $4))
             ORDER BY redigee_le DESC, id DESC LIMIT $5",
        )
        .bind(portail)
        .bind(auteur)
        .bind(redigee_le)
        .bind(publication)
        .bind(limit)
        .fetch_all(db)
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    /// Published for an hour.
    fn published(du: DateTime<Utc>) -> Publication {
        Publication {
            id: Uuid::nil(),
            portail: "0690001d".to_owned(),
            auteur: Uuid::nil(),
            version: 2,
            titre: "Kermesse".to_owned(),
            corps: "Samedi.".to_owned(),
            soumise: false,
            paru_version: Some(1),
            paru_titre: Some("Kermesse".to_owned()),
            paru_corps: Some("Vendredi.".to_owned()),
            paru_empreinte: Some("0".repeat(64)),
            paru_auteur: Some(Uuid::nil()),
            directeur: Some(Uuid::nil()),
            audience: Some("public".to_owned()),
            du: Some(du),
            au: Some(du + TimeDelta::hours(1)),
            masquee: false,
            retiree: false,
            redigee_le: du,
        }
    }

    #[test]
    fn a_publication_is_online_from_its_first_instant_to_just_before_its_last() {
        let du = DateTime::UNIX_EPOCH;
        let publication = published(du);
        assert!(!publication.is_online(du - TimeDelta::microseconds(1)));
        assert!(publication.is_online(du));
        assert!(publication.is_online(du + TimeDelta::minutes(59)));
        assert!(!publication.is_online(du + TimeDelta::hours(1)));
    }

    #[test]
    fn without_an_end_a_publication_stays_online() {
        let du = DateTime::UNIX_EPOCH;
        let publication = Publication { au: None, ..published(du) };
        assert!(publication.is_online(du + TimeDelta::weeks(520)));
    }

    #[test]
    fn what_is_hidden_withdrawn_or_only_written_is_not_online() {
        let du = DateTime::UNIX_EPOCH;
        assert!(!Publication { masquee: true, ..published(du) }.is_online(du));
        assert!(!Publication { retiree: true, ..published(du) }.is_online(du));
        assert!(!Publication { paru_version: None, du: None, ..published(du) }.is_online(du));
    }
}
