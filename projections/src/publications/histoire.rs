//! What a portal showed at any past instant, and to whom.
//!
//! [`super::Publications`] knows what is online now. This view keeps the acts by which it came
//! to be, and what each version said; [`Histoire::shown`] follows them up to an instant by the
//! rules of [`super::Publication::is_online`], so that the history of now is the present.

use super::{stored, word};
use crate::{Forget, Projection, ProjectionError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::publications::{Contenu, PublicationEvent};
use domain::{Aggregate, Event, PersonneId, publications};
use ledger::feed::Fact;
use sqlx::{FromRow, PgConnection, PgExecutor};
use std::collections::BTreeSet;
use uuid::Uuid;

/// The view of what was online when.
pub struct Histoire;

#[async_trait]
impl Projection for Histoire {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["publication_version", "publication_acte"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[publications::Publication::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[
            Forget {
                kind: publications::Publication::TYPE,
                sql: "DELETE FROM publication_version WHERE publication = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: publications::Publication::TYPE,
                sql: "DELETE FROM publication_acte WHERE publication = ANY ($1::text[]::uuid[])",
            },
        ]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let Some(Event::Publication(event)) = fact.event() else { return Ok(()) };
        if let PublicationEvent::ActualiteRedigee { auteur, version, contenu, .. }
        | PublicationEvent::PublicationModifiee { auteur, version, contenu } = event
        {
            return insert_version(tx, crate::stream_uuid(fact)?, *version, *auteur, contenu).await;
        }
        match Acte::of(fact, event)? {
            Some(acte) => insert_act(tx, fact.position.portail.as_str(), &acte).await,
            None => Ok(()),
        }
    }
}

async fn insert_version(
    tx: &mut PgConnection,
    publication: Uuid,
    version: u32,
    auteur: PersonneId,
    contenu: &Contenu,
) -> Result<(), ProjectionError> {
    sqlx::query(
        "INSERT INTO publication_version (publication, version, titre, corps, auteur)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(publication)
    .bind(stored(version)?)
    .bind(&contenu.titre)
    .bind(&contenu.corps)
    .bind(auteur.0)
    .execute(tx)
    .await?;
    Ok(())
}

async fn insert_act(tx: &mut PgConnection, portail: &str, acte: &Acte) -> Result<(), ProjectionError> {
    sqlx::query(
        "INSERT INTO publication_acte (publication, sequence, portail, le, nature, version, empreinte,
                                       directeur, audience, du, au, mode, par, motif)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(acte.publication)
    .bind(acte.sequence)
    .bind(portail)
    .bind(acte.le)
    .bind(acte.nature)
    .bind(acte.version)
    .bind(&acte.empreinte)
    .bind(acte.directeur)
    .bind(&acte.audience)
    .bind(acte.du)
    .bind(acte.au)
    .bind(&acte.mode)
    .bind(acte.par)
    .bind(&acte.motif)
    .execute(tx)
    .await?;
    Ok(())
}

/// What an act did to what readers see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum NatureActe {
    /// A version was put online.
    Publiee,
    /// The publication was withdrawn for good.
    Retiree,
    /// It was hidden.
    Masquee,
    /// It was shown again.
    Demasquee,
}

/// An act on a publication.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Acte {
    pub publication: Uuid,
    pub sequence: i64,
    pub le: DateTime<Utc>,
    pub nature: NatureActe,
    pub version: Option<i32>,
    pub empreinte: Option<String>,
    pub directeur: Option<Uuid>,
    pub audience: Option<String>,
    pub du: Option<DateTime<Utc>>,
    pub au: Option<DateTime<Utc>>,
    /// How the space in which it went online was moderated, in the word of the record.
    pub mode: Option<String>,
    /// Who did it; none of what went online before that was told.
    pub par: Option<Uuid>,
    pub motif: Option<String>,
}

impl Acte {
    /// The act that an event is; none where it changes nothing of what readers see.
    pub fn of(fact: &Fact, event: &PublicationEvent) -> Result<Option<Self>, ProjectionError> {
        let sequence = i64::try_from(fact.envelope.sequence)
            .map_err(|_| ProjectionError::Unfit("the sequence is out of range".to_owned()))?;
        let bare = |nature| -> Result<Self, ProjectionError> {
            let (publication, le) = (crate::stream_uuid(fact)?, fact.envelope.recorded_at);
            Ok(Self {
                publication,
                sequence,
                le,
                nature,
                version: None,
                empreinte: None,
                directeur: None,
                audience: None,
                du: None,
                au: None,
                mode: None,
                par: None,
                motif: None,
            })
        };
        let by = |nature, par: &PersonneId, motif: &String| -> Result<Option<Self>, ProjectionError> {
            Ok(Some(Self { par: Some(par.0), motif: Some(motif.clone()), ..bare(nature)? }))
        };
        match event {
            PublicationEvent::PublicationPubliee {
                version,
                empreinte,
                directeur,
                audience,
                du,
                au,
                mode,
                par,
            } => Ok(Some(Self {
                version: Some(stored(*version)?),
                empreinte: Some(empreinte.as_str().to_owned()),
                directeur: Some(directeur.0),
                audience: Some(word(audience)?),
                du: Some(*du),
                au: *au,
                mode: Some(word(mode)?),
                par: par.map(|par| par.0),
                ..bare(NatureActe::Publiee)?
            })),
            PublicationEvent::PublicationRetiree { par, motif } => by(NatureActe::Retiree, par, motif),
            PublicationEvent::PublicationMasquee { par, motif } => by(NatureActe::Masquee, par, motif),
            PublicationEvent::PublicationDemasquee { par, motif } => by(NatureActe::Demasquee, par, motif),
            PublicationEvent::ActualiteRedigee { .. }
            | PublicationEvent::PublicationModifiee { .. }
            | PublicationEvent::PublicationSoumise { .. } => Ok(None),
        }
    }
}

/// What one version says, and who wrote it.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Redaction {
    pub publication: Uuid,
    pub version: i32,
    pub titre: String,
    pub corps: String,
    pub auteur: Uuid,
}

/// What was shown of a publication at an instant.
#[derive(Debug, Clone)]
pub struct Affichage {
    /// The act that put it online.
    pub parution: Acte,
    /// The act that changed it afterwards, if any did.
    pub suite: Option<Acte>,
}

impl Affichage {
    /// Follows the acts on one publication, in their order, up to an instant.
    fn at(actes: &[Acte], le: DateTime<Utc>) -> Option<Self> {
        let (before, after) = actes.split_at(actes.partition_point(|acte| acte.le <= le));
        let (mut parution, mut hidden, mut withdrawn) = (None, false, false);
        for acte in before {
            match acte.nature {
                NatureActe::Publiee => parution = Some(acte),
                NatureActe::Retiree => withdrawn = true,
                NatureActe::Masquee => hidden = true,
                NatureActe::Demasquee => hidden = false,
            }
        }
        let shown = |acte: &&Acte| acte.du.is_some_and(|du| du <= le) && acte.au.is_none_or(|au| le < au);
        let parution = parution.filter(|_| !hidden && !withdrawn).filter(shown)?.clone();
        Some(Self { parution, suite: after.first().cloned() })
    }

    /// When one publication was shown, as told by all acts on it, in their order: what changes
    /// that is an act, or the first or the last instant of a version.
    pub fn spans(actes: &[Acte]) -> Vec<Span> {
        let bounds = actes.iter().flat_map(|acte| [Some(acte.le), acte.du, acte.au]).flatten();
        let bounds: BTreeSet<_> = bounds.collect();
        let mut spans: Vec<Span> = Vec::new();
        for bound in bounds {
            let shown = Self::at(actes, bound).map(|shown| shown.parution);
            let open = spans.last_mut().filter(|span| span.au.is_none());
            match (open, shown) {
                (Some(open), Some(shown)) if open.parution.sequence == shown.sequence => {}
                (open, shown) => {
                    if let Some(open) = open {
                        open.au = Some(bound);
                    }
                    spans.extend(shown.map(|parution| Span { parution, du: bound, au: None }));
                }
            }
        }
        spans
    }
}

/// A time during which one version was shown without a break.
#[derive(Debug, Clone)]
pub struct Span {
    /// The act that put it online.
    pub parution: Acte,
    /// From then on.
    pub du: DateTime<Utc>,
    /// Until just before then; none while nothing is known to end it.
    pub au: Option<DateTime<Utc>>,
}

impl Histoire {
    /// Frozen name of the view.
    pub const NAME: &'static str = "publications.histoire";
    /// Version of its tables.
    pub const VERSION: i32 = 2;

    /// What a portal showed at an instant, or one publication of it, the newest first.
    pub async fn shown(
        db: impl PgExecutor<'_>,
        portail: &str,
        publication: Option<Uuid>,
        le: DateTime<Utc>,
    ) -> sqlx::Result<Vec<Affichage>> {
        let actes = Self::actes(db, portail, publication).await?;
        let of_each = actes.chunk_by(|one, next| one.publication == next.publication);
        let mut shown: Vec<_> = of_each.filter_map(|actes| Affichage::at(actes, le)).collect();
        shown.sort_by_key(|one| std::cmp::Reverse((one.parution.du, one.parution.publication)));
        Ok(shown)
    }

    /// The acts on the publications of a portal, or on one of them, in their order.
    pub async fn actes(
        db: impl PgExecutor<'_>,
        portail: &str,
        publication: Option<Uuid>,
    ) -> sqlx::Result<Vec<Acte>> {
        sqlx::query_as(
            "SELECT publication, sequence, le, nature, version, empreinte, directeur, audience, du, au, mode,
                    par, motif
             FROM publication_acte WHERE portail = $1 AND ($2::uuid IS NULL OR publication = $2)
             ORDER BY publication, sequence",
        )
        .bind(portail)
        .bind(publication)
        .fetch_all(db)
        .await
    }

    /// What these versions of publications say.
    pub async fn redactions(
        db: impl PgExecutor<'_>,
        versions: &[(Uuid, i32)],
    ) -> sqlx::Result<Vec<Redaction>> {
        let (publications, numbers): (Vec<_>, Vec<_>) = versions.iter().copied().unzip();
        sqlx::query_as(
            "SELECT v.* FROM publication_version v
             JOIN unnest($1::uuid[], $2::int[]) AS asked (publication, version) USING (publication, version)",
        )
        .bind(publications)
        .bind(numbers)
        .fetch_all(db)
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    fn acte(hour: i64, nature: NatureActe) -> Acte {
        let publiee = nature == NatureActe::Publiee;
        Acte {
            publication: Uuid::nil(),
            sequence: hour,
            le: at(hour),
            nature,
            version: publiee.then_some(1),
            empreinte: None,
            directeur: None,
            audience: None,
            du: publiee.then_some(at(hour + 1)),
            au: publiee.then_some(at(100)),
            mode: None,
            par: None,
            motif: None,
        }
    }

    #[test]
    fn a_version_is_shown_from_its_first_instant_until_it_is_hidden() {
        let actes =
            [acte(1, NatureActe::Publiee), acte(5, NatureActe::Masquee), acte(7, NatureActe::Demasquee)];
        let shown: Vec<_> = (0..9).filter(|hour| Affichage::at(&actes, at(*hour)).is_some()).collect();
        assert_eq!(shown, [2, 3, 4, 7, 8]);
        assert!(Affichage::at(&actes, at(100)).is_none());
        let suite = Affichage::at(&actes, at(2)).unwrap().suite.unwrap();
        assert_eq!((suite.nature, suite.le), (NatureActe::Masquee, at(5)));
    }

    #[test]
    fn spans_are_the_instants_at_which_something_was_shown() {
        use NatureActe::{Demasquee, Masquee, Publiee, Retiree};
        let lives: [&[(i64, NatureActe)]; 5] = [
            &[(1, Publiee)],
            &[(1, Publiee), (5, Masquee), (7, Demasquee), (9, Retiree)],
            &[(1, Publiee), (4, Publiee), (4, Masquee), (6, Demasquee)],
            &[(1, Publiee), (2, Retiree), (3, Publiee)],
            &[],
        ];
        for life in lives {
            let actes: Vec<_> = life.iter().map(|(hour, nature)| acte(*hour, *nature)).collect();
            let spans = Affichage::spans(&actes);
            for hour in 0..110 {
                let at = at(hour);
                let shown = Affichage::at(&actes, at).map(|shown| shown.parution.sequence);
                let mut of = spans.iter().filter(|span| span.du <= at && span.au.is_none_or(|au| at < au));
                assert_eq!(shown, of.next().map(|span| span.parution.sequence), "{life:?} at {hour}");
                assert!(of.next().is_none(), "{life:?} at {hour}: twice");
            }
        }
        let whole = [acte(1, Publiee)];
        assert_eq!(Affichage::spans(&whole).len(), 1, "a bound that changes nothing ends no span");
    }

    #[test]
    fn what_was_withdrawn_is_not_shown_again() {
        let actes =
            [acte(1, NatureActe::Publiee), acte(3, NatureActe::Retiree), acte(4, NatureActe::Demasquee)];
        assert!(Affichage::at(&actes, at(2)).is_some());
        assert!(Affichage::at(&actes, at(4)).is_none());
    }

    #[test]
    fn the_version_shown_is_the_last_one_that_was_put_online() {
        let second = Acte { version: Some(2), ..acte(4, NatureActe::Publiee) };
        let actes = [acte(1, NatureActe::Publiee), second];
        assert_eq!(Affichage::at(&actes, at(3)).unwrap().parution.version, Some(1));
        assert!(Affichage::at(&actes, at(4)).is_none(), "the second one begins later");
        assert_eq!(Affichage::at(&actes, at(5)).unwrap().parution.version, Some(2));
    }
}
