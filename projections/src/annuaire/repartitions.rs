//! The groupes that sources declare, and in which of them people are. [`super::Groupes`] reads them
//! with those that hands make.

use crate::lieux::vider;
use crate::{Forget, Projection, ProjectionError, stream_uuid};
use async_trait::async_trait;
use domain::annuaire::{DeclarationDeGroupe, EtablissementEvent, PersonneEvent};
use domain::{Aggregate, AnneeScolaire, EtablissementId, Event, GroupeId, PersonneId, annuaire};
use ledger::feed::Fact;
use sqlx::{FromRow, PgConnection, PgExecutor};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The view of the groupes that sources declare.
pub struct Repartitions;

#[async_trait]
impl Projection for Repartitions {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["groupe_declare", "repartition"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[annuaire::Etablissement::TYPE, annuaire::Personne::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[
            Forget {
                kind: annuaire::Etablissement::TYPE,
                sql: "DELETE FROM groupe_declare WHERE etablissement = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: annuaire::Personne::TYPE,
                sql: "DELETE FROM repartition WHERE personne = ANY ($1::text[]::uuid[])",
            },
        ]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        self.apply_all(&[fact], tx).await
    }

    async fn apply_all(&self, facts: &[&Fact], tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let mut changes = Changes::default();
        for fact in facts {
            match fact.event() {
                Some(Event::Etablissement(event)) => changes.groupes(stream_uuid(fact)?, event),
                Some(Event::Personne(event)) => changes.personne(event),
                // Erased, or of a stream that this view does not hear.
                Some(_) | None => {}
            }
        }
        changes.write(tx).await
    }
}

/// What facts change, gathered in memory: an import is millions of them.
#[derive(Default)]
struct Changes<'a> {
    declares: BTreeMap<Uuid, Declare<'a>>,
    abandonnes: BTreeSet<Uuid>,
    /// The groupes of a person in an établissement; none, where there are no more.
    repartitions: BTreeMap<(Uuid, Uuid), BTreeSet<GroupeId>>,
}

/// A groupe that is declared.
struct Declare<'a> {
    etablissement: Uuid,
    declaration: &'a DeclarationDeGroupe,
    clos: bool,
}

impl<'a> Changes<'a> {
    fn groupes(&mut self, etablissement: Uuid, event: &'a EtablissementEvent) {
        match event {
            EtablissementEvent::GroupeDeclare { groupe, declaration, .. } => {
                self.abandonnes.remove(&groupe.0);
                self.declares.insert(groupe.0, Declare { etablissement, declaration, clos: false });
            }
            EtablissementEvent::GroupeAbandonne { groupe } => match self.declares.get_mut(&groupe.0) {
                Some(declare) => declare.clos = true,
                None => {
                    self.abandonnes.insert(groupe.0);
                }
            },
            // The groupes that it ends are abandoned one by one.
            EtablissementEvent::AnneeTournee { .. }
            | EtablissementEvent::EtablissementEnregistre { .. }
            | EtablissementEvent::EtablissementReconnu { .. }
            | EtablissementEvent::EtablissementActualise { .. }
            | EtablissementEvent::DivisionOuverte { .. }
            | EtablissementEvent::DivisionActualisee { .. }
            | EtablissementEvent::EnseignementAttribue { .. }
            | EtablissementEvent::EnseignementRetire { .. }
            | EtablissementEvent::ParoleEntendue { .. }
            | EtablissementEvent::ParoleRetiree { .. } => {}
        }
    }

    fn personne(&mut self, event: &PersonneEvent) {
        match event {
            PersonneEvent::PersonneRepartie { personne, etablissement, groupes, .. } => {
                self.repartir(*personne, *etablissement, groupes.clone());
            }
            // The groupes were of the division's year, or of who has left.
            PersonneEvent::EleveReaffecte { personne, etablissement, .. }
            | PersonneEvent::PersonneDetachee { personne, etablissement, .. } => {
                self.repartir(*personne, *etablissement, BTreeSet::new());
            }
            PersonneEvent::PersonneEnregistree { .. }
            | PersonneEvent::SourceReconnue { .. }
            | PersonneEvent::EtatCivilRectifie { .. }
            | PersonneEvent::PersonneRattachee { .. }
            | PersonneEvent::EleveAffecte { .. }
            | PersonneEvent::EleveImmatricule { .. }
            | PersonneEvent::ResponsabilitesEtablies { .. }
            | PersonneEvent::ParoleEntendue { .. }
            | PersonneEvent::ParoleRetiree { .. }
            | PersonneEvent::InformationOpposee { .. }
            | PersonneEvent::OppositionLevee { .. }
            | PersonneEvent::PersonneSuspendue { .. }
            | PersonneEvent::PersonneReprise { .. } => {}
        }
    }

    fn repartir(
        &mut self,
        personne: PersonneId,
        etablissement: EtablissementId,
        groupes: BTreeSet<GroupeId>,
    ) {
        self.repartitions.insert((personne.0, etablissement.0), groupes);
    }

    async fn write(self, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        abandonner(&self.abandonnes, &mut *tx).await?;
        declarer(&self.declares, &mut *tx).await?;
        repartir(&self.repartitions, tx).await
    }
}

async fn abandonner(abandonnes: &BTreeSet<Uuid>, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    if abandonnes.is_empty() {
        return Ok(());
    }
    let abandonnes: Vec<_> = abandonnes.iter().copied().collect();
    sqlx::query("UPDATE groupe_declare SET clos = true WHERE id = ANY ($1)")
        .bind(abandonnes)
        .execute(tx)
        .await?;
    Ok(())
}

async fn declarer(
    declares: &BTreeMap<Uuid, Declare<'_>>,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    if declares.is_empty() {
        return Ok(());
    }
    let divisions = |declare: &Declare<'_>| {
        let ids: Vec<_> = declare.declaration.divisions.iter().map(ToString::to_string).collect();
        ids.join(",")
    };
    sqlx::query(
        "INSERT INTO groupe_declare (id, etablissement, annee, code, libelle, divisions, clos)
         SELECT id, etablissement, annee, code, libelle, string_to_array(divisions, ',')::uuid[], clos
         FROM unnest($1::uuid[], $2::uuid[], $3::int2[], $4::text[], $5::text[], $6::text[], $7::bool[])
              AS d (id, etablissement, annee, code, libelle, divisions, clos)
         ON CONFLICT (id) DO UPDATE SET libelle = excluded.libelle, divisions = excluded.divisions,
             clos = excluded.clos",
    )
    .bind(declares.keys().copied().collect::<Vec<_>>())
    .bind(declares.values().map(|un| un.etablissement).collect::<Vec<_>>())
    .bind(declares.values().map(|un| un.declaration.annee.0).collect::<Vec<_>>())
    .bind(declares.values().map(|un| un.declaration.code.as_str()).collect::<Vec<_>>())
    .bind(declares.values().map(|un| un.declaration.libelle.as_str()).collect::<Vec<_>>())
    .bind(declares.values().map(divisions).collect::<Vec<_>>())
    .bind(declares.values().map(|un| un.clos).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

async fn repartir(
    repartitions: &BTreeMap<(Uuid, Uuid), BTreeSet<GroupeId>>,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    if repartitions.is_empty() {
        return Ok(());
    }
    vider("repartition", "personne", repartitions.keys().copied().unzip(), &mut *tx).await?;
    let lignes: Vec<_> = repartitions
        .iter()
        .flat_map(|((personne, etablissement), groupes)| {
            groupes.iter().map(|groupe| (*personne, *etablissement, groupe.0))
        })
        .collect();
    sqlx::query(
        "INSERT INTO repartition (personne, etablissement, groupe)
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[])",
    )
    .bind(lignes.iter().map(|(personne, ..)| *personne).collect::<Vec<_>>())
    .bind(lignes.iter().map(|(_, etablissement, _)| *etablissement).collect::<Vec<_>>())
    .bind(lignes.iter().map(|(.., groupe)| *groupe).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// A groupe that sources declare.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct GroupeDeclare {
    pub etablissement: Uuid,
    pub code: String,
}

impl Repartitions {
    /// Frozen name of the view.
    pub const NAME: &'static str = "annuaire.repartitions";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// The groupes that sources declare in these établissements for a school year.
    pub async fn declares(
        db: impl PgExecutor<'_>,
        etablissements: &[Uuid],
        annee: AnneeScolaire,
    ) -> sqlx::Result<Vec<GroupeDeclare>> {
        sqlx::query_as(
            "SELECT etablissement, code FROM groupe_declare
             WHERE etablissement = ANY ($1) AND annee = $2 AND NOT clos ORDER BY etablissement, code",
        )
        .bind(etablissements)
        .bind(annee.0)
        .fetch_all(db)
        .await
    }
}
