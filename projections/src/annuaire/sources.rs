//! Under which key each source names whom and what: an import finds there again those whom it,
//! or another source, brought before.

use crate::{Forget, Projection, ProjectionError, stream_uuid};
use async_trait::async_trait;
use domain::annuaire::{EtablissementEvent, Origine, PersonneEvent, Source};
use domain::{Aggregate, Event, annuaire};
use futures::stream::BoxStream;
use ledger::feed::Fact;
use sqlx::{FromRow, PgConnection, PgExecutor};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The view of the keys of sources.
pub struct Sources;

#[async_trait]
impl Projection for Sources {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["source", "source_etablissement"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[annuaire::Etablissement::TYPE, annuaire::Personne::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[
            Forget {
                kind: annuaire::Personne::TYPE,
                sql: "DELETE FROM source WHERE personne = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: annuaire::Etablissement::TYPE,
                sql: "DELETE FROM source_etablissement WHERE etablissement = ANY ($1::text[]::uuid[])",
            },
        ]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        self.apply_all(&[fact], tx).await
    }

    async fn apply_all(&self, facts: &[&Fact], tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let (mut personnes, mut etablissements) = (Cles::new(), Cles::new());
        for fact in facts {
            let (source, cles) = match fact.event() {
                Some(Event::Personne(event)) => (personne(event), &mut personnes),
                Some(Event::Etablissement(event)) => (etablissement(event), &mut etablissements),
                // Erased, or of a stream that this view does not hear.
                Some(_) | None => continue,
            };
            if let Some(source) = source {
                cles.insert(source, stream_uuid(fact)?);
            }
        }
        let sql = "INSERT INTO source (origine, portee, cle, personne)
             SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[])
             ON CONFLICT (origine, portee, cle) DO UPDATE SET personne = excluded.personne";
        ecrire(sql, personnes, tx).await?;
        let sql = "INSERT INTO source_etablissement (origine, portee, cle, etablissement)
             SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[])
             ON CONFLICT (origine, portee, cle) DO UPDATE SET etablissement = excluded.etablissement";
        ecrire(sql, etablissements, tx).await
    }
}

/// Whose each key is; the last word counts.
type Cles<'a> = BTreeMap<&'a Source, Uuid>;

async fn ecrire(sql: &str, cles: Cles<'_>, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    if cles.is_empty() {
        return Ok(());
    }
    sqlx::query(sql)
        .bind(cles.keys().map(|source| source.origine.as_str()).collect::<Vec<_>>())
        .bind(cles.keys().map(|source| source.portee.as_str()).collect::<Vec<_>>())
        .bind(cles.keys().map(|source| source.cle.as_str()).collect::<Vec<_>>())
        .bind(cles.values().copied().collect::<Vec<_>>())
        .execute(tx)
        .await?;
    Ok(())
}

/// The key that an event tells.
fn personne(event: &PersonneEvent) -> Option<&Source> {
    match event {
        PersonneEvent::PersonneEnregistree { source, .. } | PersonneEvent::SourceReconnue { source, .. } => {
            Some(source)
        }
        PersonneEvent::EtatCivilRectifie { .. }
        | PersonneEvent::PersonneRattachee { .. }
        | PersonneEvent::PersonneDetachee { .. }
        | PersonneEvent::EleveAffecte { .. }
        | PersonneEvent::EleveReaffecte { .. }
        | PersonneEvent::PersonneRepartie { .. }
        | PersonneEvent::EleveImmatricule { .. }
        | PersonneEvent::ResponsabilitesEtablies { .. }
        | PersonneEvent::ParoleEntendue { .. }
        | PersonneEvent::ParoleRetiree { .. }
        | PersonneEvent::InformationOpposee { .. }
        | PersonneEvent::OppositionLevee { .. }
        | PersonneEvent::PersonneSuspendue { .. }
        | PersonneEvent::PersonneReprise { .. } => None,
    }
}

fn etablissement(event: &EtablissementEvent) -> Option<&Source> {
    match event {
        EtablissementEvent::EtablissementReconnu { source } => Some(source),
        EtablissementEvent::EtablissementEnregistre { .. }
        | EtablissementEvent::EtablissementActualise { .. }
        | EtablissementEvent::DivisionOuverte { .. }
        | EtablissementEvent::DivisionActualisee { .. }
        | EtablissementEvent::EnseignementAttribue { .. }
        | EtablissementEvent::EnseignementRetire { .. }
        | EtablissementEvent::GroupeDeclare { .. }
        | EtablissementEvent::GroupeAbandonne { .. }
        | EtablissementEvent::AnneeTournee { .. }
        | EtablissementEvent::ParoleEntendue { .. }
        | EtablissementEvent::ParoleRetiree { .. } => None,
    }
}

/// A key, and who or what has it.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Cle {
    pub cle: String,
    pub id: Uuid,
}

impl Sources {
    /// Frozen name of the view.
    pub const NAME: &'static str = "annuaire.sources";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// Keys of persons, of one source.
    pub async fn personnes(
        db: impl PgExecutor<'_>,
        origine: Origine,
        portee: &str,
    ) -> sqlx::Result<Vec<Cle>> {
        sqlx::query_as("SELECT cle, personne AS id FROM source WHERE origine = $1 AND portee = $2")
            .bind(origine.as_str())
            .bind(portee)
            .fetch_all(db)
            .await
    }

    /// Those of these keys that are known, of one source.
    pub async fn par_cles(
        db: impl PgExecutor<'_>,
        origine: Origine,
        portee: &str,
        cles: &[String],
    ) -> sqlx::Result<Vec<Cle>> {
        sqlx::query_as(
            "SELECT cle, personne AS id FROM source WHERE origine = $1 AND portee = $2 AND cle = ANY ($3)",
        )
        .bind(origine.as_str())
        .bind(portee)
        .bind(cles)
        .fetch_all(db)
        .await
    }

    /// Whom an académie's AAF names under this key.
    pub async fn personne_de(
        db: impl PgExecutor<'_>,
        academie: &str,
        cle: &str,
    ) -> sqlx::Result<Option<Uuid>> {
        sqlx::query_scalar("SELECT personne FROM source WHERE origine = $1 AND portee = $2 AND cle = $3")
            .bind(Origine::Aaf.as_str())
            .bind(academie)
            .bind(cle)
            .fetch_optional(db)
            .await
    }

    /// The keys of these persons, of one source.
    pub async fn cles_de(
        db: impl PgExecutor<'_>,
        origine: Origine,
        portee: &str,
        personnes: &[Uuid],
    ) -> sqlx::Result<Vec<Cle>> {
        sqlx::query_as(
            "SELECT cle, personne AS id FROM source
             WHERE origine = $1 AND portee = $2 AND personne = ANY ($3) ORDER BY personne, cle",
        )
        .bind(origine.as_str())
        .bind(portee)
        .bind(personnes)
        .fetch_all(db)
        .await
    }

    /// Whose source has named établissements or persons under these keys; who named most of them
    /// comes first.
    pub async fn portee_de(
        db: impl PgExecutor<'_>,
        origine: Origine,
        cles: &[String],
    ) -> sqlx::Result<Vec<String>> {
        sqlx::query_scalar(
            "SELECT portee FROM (
                 SELECT portee FROM source_etablissement WHERE origine = $1 AND cle = ANY ($2)
                 UNION ALL SELECT portee FROM source WHERE origine = $1 AND cle = ANY ($2)) nommee
             GROUP BY portee ORDER BY count(*) DESC, portee",
        )
        .bind(origine.as_str())
        .bind(cles)
        .fetch_all(db)
        .await
    }

    /// Keys of persons, of one source, whom another source names too: they are few.
    pub fn partagees<'a>(
        db: impl PgExecutor<'a> + 'a,
        origine: Origine,
        portee: &'a str,
    ) -> BoxStream<'a, sqlx::Result<Cle>> {
        sqlx::query_as(
            "SELECT s.cle, s.personne AS id FROM source s WHERE s.origine = $1 AND s.portee = $2
             AND EXISTS (SELECT FROM source o WHERE o.personne = s.personne AND o.origine <> s.origine)",
        )
        .bind(origine.as_str())
        .bind(portee)
        .fetch(db)
    }

    /// Keys of établissements, of one source.
    pub async fn etablissements(
        db: impl PgExecutor<'_>,
        origine: Origine,
        portee: &str,
    ) -> sqlx::Result<Vec<Cle>> {
        sqlx::query_as(
            "SELECT cle, etablissement AS id FROM source_etablissement WHERE origine = $1 AND portee = $2",
        )
        .bind(origine.as_str())
        .bind(portee)
        .fetch_all(db)
        .await
    }

    /// Those who are something in one of these établissements, whom a source has named and who are not
    /// suspended. Who is nothing there has nothing to lose there: a small feed of a large académie
    /// reads its own people.
    pub async fn presentes(
        db: impl PgExecutor<'_>,
        origine: Origine,
        portee: &str,
        etablissements: &[Uuid],
    ) -> sqlx::Result<Vec<Uuid>> {
        sqlx::query_scalar(
            "SELECT DISTINCT r.personne FROM rattachement r JOIN personne p ON p.id = r.personne
             WHERE r.etablissement = ANY ($3) AND NOT p.suspendue AND EXISTS (
                 SELECT FROM source s
                 WHERE s.personne = r.personne AND s.origine = $1 AND s.portee = $2)
             ORDER BY r.personne",
        )
        .bind(origine.as_str())
        .bind(portee)
        .bind(etablissements)
        .fetch_all(db)
        .await
    }

    /// Those of these persons whom a source of that owner has named.
    pub async fn nommees_par(
        db: impl PgExecutor<'_>,
        portee: &str,
        personnes: &[Uuid],
    ) -> sqlx::Result<Vec<Uuid>> {
        sqlx::query_scalar("SELECT DISTINCT personne FROM source WHERE portee = $1 AND personne = ANY ($2)")
            .bind(portee)
            .bind(personnes)
            .fetch_all(db)
            .await
    }

    /// Those of these persons whom nothing but a hand has named.
    pub async fn saisies_seulement(db: impl PgExecutor<'_>, personnes: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
        sqlx::query_scalar(
            "SELECT personne FROM source WHERE personne = ANY ($1)
             GROUP BY personne HAVING bool_and(origine = $2)",
        )
        .bind(personnes)
        .bind(Origine::Saisie.as_str())
        .fetch_all(db)
        .await
    }

    /// Under which key a source names a person, if it does.
    pub async fn cle_de(
        db: impl PgExecutor<'_>,
        personne: Uuid,
        origine: Origine,
        portee: &str,
    ) -> sqlx::Result<Option<String>> {
        sqlx::query_scalar(
            "SELECT cle FROM source WHERE personne = $1 AND origine = $2 AND portee = $3
             ORDER BY cle LIMIT 1",
        )
        .bind(personne)
        .bind(origine.as_str())
        .bind(portee)
        .fetch_optional(db)
        .await
    }

    /// Whether the views of the directory have read all that is recorded on a portal.
    pub async fn a_jour(db: impl PgExecutor<'_>, portail: &str) -> sqlx::Result<bool> {
        sqlx::query_scalar(
            "SELECT NOT EXISTS (
                 SELECT FROM ledger.journal j
                 CROSS JOIN unnest($2::text[]) view (name)
                 LEFT JOIN projections.version v ON v.projection = view.name
                 LEFT JOIN projections.checkpoint c ON c.projection = v.projection
                       AND c.version = v.version AND c.portail = j.portail AND c.annee = j.annee
                 WHERE j.portail = $1 AND j.position > coalesce(c.position, 0))",
        )
        .bind(portail)
        .bind([Self::NAME, super::Annuaire::NAME])
        .fetch_one(db)
        .await
    }
}
