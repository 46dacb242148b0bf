//! The schema is brought up to date once, whoever asks.

use anyhow::Result;
use projections::Projection;
use projections::annuaire::Histoire;
use projections::notifications::{Annonces, Envois};
use projections::portails::Maisons;
use recits::{Base, Bench};
use sqlx::postgres::PgPoolOptions;

/// What brings a rebuild of the view of envois up to date with the living one.
const ENVOIS: &str =
    include_str!("../../../migrations/sql/20261201000760_etats_des_envois_en_reconstruction.sql");
/// The table of that view as it was made before its envois got one state more.
const ENVOIS_AVANT: &str = "ALTER TABLE prochain.envoi DROP CONSTRAINT envoi_etat_check,
         ADD CONSTRAINT envoi_etat_check CHECK (etat IN ('prepare', 'remis', 'abandonne'));
     DROP INDEX prochain.envoi_message_idx";
/// The same, of the view of past situations.
const SITUATIONS: &str =
    include_str!("../../../migrations/sql/20261201000761_situations_en_reconstruction.sql");
/// Its table as it was made before it got two natures more.
const SITUATIONS_AVANT: &str = "ALTER TABLE prochain.situation DROP CONSTRAINT situation_nature_check,
         ADD CONSTRAINT situation_nature_check
             CHECK (nature IN ('rattachement', 'affectation', 'responsabilite', 'suspension',
                               'radiation', 'enseignement', 'appartenance', 'cloture'));
     DO $$ BEGIN
         EXECUTE (SELECT format('DROP INDEX %s', i.indexrelid::regclass) FROM pg_index i
                  WHERE i.indrelid = 'prochain.situation'::regclass
                    AND pg_get_expr(i.indpred, i.indrelid) LIKE '%''repartition''%');
     END $$";
/// What gives the view of envois an index more, and the view as it was before.
const EN_VAIN: &str = include_str!("../../../migrations/sql/20261201000751_envois_en_vain.sql");
const SANS_INDEX: &str = "DROP INDEX notifications.envoi_maj_idx, prochain.envoi_maj_idx";
/// What brings the next version of the view of houses, and its table as it was before, which somebody has
/// followed.
const THEMES: &str = include_str!("../../../migrations/sql/20261201000790_themes_passes.sql");
const THEMES_AVANT: &str = "ALTER TABLE portails.theme DROP CONSTRAINT theme_pkey, ADD PRIMARY KEY (portail);
     INSERT INTO projections.checkpoint (projection, version, portail, annee, position)
     VALUES ('portails.maisons', 1, '0690001b', 2026, 1)";

/// What brings the two last versions of the view of announcements, with what changes its tables wherever they
/// stand; and these as they were before, which somebody has followed.
const PERSONNEL: &str = include_str!("../../../migrations/sql/20261201000775_annonces_au_personnel.sql");
const GROUPES: &str = include_str!("../../../migrations/sql/20261202000801_cahiers_de_groupes.sql");
const COMPETENCES: &str = include_str!("../../../migrations/sql/20261202000805_annonces_de_competences.sql");
const ANNONCES_AVANT: &str = "ALTER TABLE cahier_de_textes.seance DROP COLUMN groupe;
     ALTER TABLE cahier_de_textes.travail DROP COLUMN groupe;
     ALTER TABLE notifications.annonce_travail DROP COLUMN groupe;
     ALTER TABLE notifications.annonce
         DROP COLUMN groupe, DROP COLUMN personnel, DROP COLUMN etablissement,
         ADD CONSTRAINT annonce_check CHECK (num_nonnulls(eleve, division) = 1);
     ALTER TABLE notifications.annonce_seance DROP COLUMN enseignant;
     INSERT INTO projections.checkpoint (projection, version, portail, annee, position)
     VALUES ('notifications.annonces', 2, '0690001b', 2026, 1)";

#[tokio::test(flavor = "multi_thread")]
async fn of_programs_started_together_one_migrates_and_the_others_wait() -> Result<()> {
    let base = Base::create().await?;
    let owner = base.owner();
    let options = owner.connect_options();
    let name = format!("{}_empty", options.get_database().unwrap_or("test"));
    sqlx::query(&format!("CREATE DATABASE {name}")).execute(&owner).await?;
    let empty = (*options).clone().database(&name);
    let pools: Vec<_> =
        (0..4).map(|_| PgPoolOptions::new().max_connections(1).connect_lazy_with(empty.clone())).collect();
    for migrated in futures::future::join_all(pools.iter().map(::migrations::migrate)).await {
        migrated?;
    }
    let applied: Vec<i64> =
        sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success ORDER BY version")
            .fetch_all(&pools[0])
            .await?;
    assert_eq!(applied.last(), Some(&::migrations::latest()));
    for pool in pools {
        pool.close().await;
    }
    sqlx::query(&format!("DROP DATABASE {name}")).execute(&owner).await?;
    Ok(())
}

/// The constraints and indexes of a table.
async fn shape(bench: &Bench, table: &str) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = to_regclass($1)
         UNION ALL
         SELECT split_part(pg_get_indexdef(indexrelid), ' USING ', 2) FROM pg_index
         WHERE indrelid = to_regclass($1)
         ORDER BY 1",
    )
    .bind(table)
    .fetch_all(&bench.owner)
    .await?)
}

/// What fills in a table as it was made before becomes like the living one, however often it is told.
async fn takes_the_shape(
    view: &dyn Projection,
    (context, table): (&str, &str),
    (before, migration): (&str, &str),
) -> Result<()> {
    let bench = Bench::open().await?;
    drop(bench.runner.begin_rebuild(view).await?);
    let (living, filling) = (format!("{context}.{table}"), format!("prochain.{table}"));
    let expected = shape(&bench, &living).await?;
    sqlx::raw_sql(before).execute(&bench.owner).await?;
    assert_ne!(shape(&bench, &filling).await?, expected);
    for _ in 0..2 {
        sqlx::raw_sql(migration).execute(&bench.owner).await?;
        assert_eq!(shape(&bench, &filling).await?, expected);
        assert_eq!(shape(&bench, &living).await?, expected);
    }
    Ok(())
}

#[tokio::test]
async fn a_rebuild_that_was_under_way_takes_the_state_that_the_living_view_got_meanwhile() -> Result<()> {
    takes_the_shape(&Envois, ("notifications", "envoi"), (ENVOIS_AVANT, ENVOIS)).await
}

#[tokio::test]
async fn a_rebuild_that_was_under_way_takes_the_natures_that_the_living_view_got_meanwhile() -> Result<()> {
    takes_the_shape(&Histoire, ("annuaire", "situation"), (SITUATIONS_AVANT, SITUATIONS)).await
}

#[tokio::test]
async fn a_rebuild_that_was_under_way_begins_anew_once_the_living_view_has_an_index_more() -> Result<()> {
    let bench = Bench::open().await?;
    let living = shape(&bench, "notifications.envoi").await?;
    drop(bench.runner.begin_rebuild(&Envois).await?);
    sqlx::raw_sql(SANS_INDEX).execute(&bench.owner).await?;
    sqlx::raw_sql(EN_VAIN).execute(&bench.owner).await?;
    assert_eq!(shape(&bench, "notifications.envoi").await?, living);
    assert_eq!(shape(&bench, "prochain.envoi").await?, Vec::<String>::new(), "it would be put in its place");
    drop(bench.runner.begin_rebuild(&Envois).await?);
    assert_eq!(shape(&bench, "prochain.envoi").await?, living);
    Ok(())
}

#[tokio::test]
async fn who_skips_a_version_of_a_view_fills_the_next_one_in_the_shape_of_the_skipped_one() -> Result<()> {
    let bench = Bench::open().await?;
    for migration in [ANNONCES_AVANT, PERSONNEL, GROUPES, COMPETENCES] {
        sqlx::raw_sql(migration).execute(&bench.owner).await?;
    }
    drop(bench.runner.begin_rebuild(&Annonces).await?);
    let filling = shape(&bench, "prochain.annonce").await?;
    assert!(filling.iter().any(|line| line.contains("personnel")), "{filling:#?}");
    Ok(())
}

#[tokio::test]
async fn a_view_of_houses_that_was_followed_stays_beside_its_next_version() -> Result<()> {
    let bench = Bench::open().await?;
    let tables = ["adhesion", "fermeture", "theme"];
    let mut expected = Vec::new();
    for table in tables {
        expected.push(shape(&bench, &format!("portails.{table}")).await?);
    }
    sqlx::raw_sql(THEMES_AVANT).execute(&bench.owner).await?;
    let before = shape(&bench, "portails.theme").await?;
    sqlx::raw_sql(THEMES).execute(&bench.owner).await?;
    assert_eq!(shape(&bench, "portails.theme").await?, before, "the living one is left alone");
    for (table, expected) in tables.into_iter().zip(expected) {
        let coming = format!("prochain.{table}");
        assert_eq!(shape(&bench, &coming).await?, expected, "{table}");
        let emptied: bool = sqlx::query_scalar("SELECT has_table_privilege('ent_app', $1, 'TRUNCATE')")
            .bind(&coming)
            .fetch_one(&bench.owner)
            .await?;
        assert!(emptied, "{table}: the program fills it");
    }
    let version: i32 = sqlx::query_scalar("SELECT version FROM prochain.version WHERE projection = $1")
        .bind(Maisons::NAME)
        .fetch_one(&bench.owner)
        .await?;
    assert_eq!(version, Maisons::VERSION);
    Ok(())
}
