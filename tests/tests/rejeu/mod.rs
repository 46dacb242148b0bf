//! What an auditor finds out with `ent-rejeu`, signed in as the auditor.

mod avancement;
mod clotures;
pub mod contreseings;
mod dehors;
mod deux_dates;
mod dossier;
mod emporte;
mod exporter;
pub mod histoire;
pub mod juges;
mod par_http;
mod prevenus;
mod prouver;
mod prouver_objets;
mod raconter;
mod rotation;
mod sceaux;
mod seau;
mod suivre;
pub mod temoin;
mod temoin_reel;
mod temoins_du_programme;
mod tuiles;

use anyhow::Result;
use domain::absences::{Appel, AppelCommand, Pointage, Presence, Seance};
use domain::{DivisionId, EnseignementId, PersonneId, journee};
use ledger::clock::Clock;
use recits::{Bench, PORTAIL, portail};
use replay_tools::verdict::Verdict;
use secrecy::ExposeSecret;
use serde_json::Value;
use std::process::Command;

/// What is carried away here is put on no record, unless a test is of that.
pub const SANS_CONSULTATION: [&str; 2] = ["--sans-consultation", "essai"];

const LUNDI: &str = "2026-11-23T08:05:00Z";
const MARDI: &str = "2026-11-24T09:00:00Z";

/// On Monday a pupil is entered absent and the roll is closed; on Tuesday it is
/// corrected: the pupil had come late.
async fn bench() -> Result<Bench> {
    let bench = Bench::open_at(LUNDI.parse()?).await?;
    let division = DivisionId::derived(&["6A"]);
    let seance = Seance {
        enseignement: EnseignementId::derived(&["maths"]),
        auditoire: division.into(),
        date: journee(bench.clock.now()),
        debut: "09:00:00".parse()?,
        fin: "10:00:00".parse()?,
    };
    let (eleve, auditoire) = (PersonneId::derived(&["eleve"]), Some(seance.auditoire));
    let pointage = |presence| Pointage { eleve, auditoire, presence };
    let enseignant = PersonneId::derived(&["enseignante"]);
    act(&bench, &seance, AppelCommand::OuvrirAppel { seance, enseignant, maintenant: bench.clock.now() })
        .await?;
    act(&bench, &seance, AppelCommand::PointerEleves { pointages: vec![pointage(Presence::Absent)] }).await?;
    act(&bench, &seance, AppelCommand::CloreAppel).await?;
    bench.clock.set(MARDI.parse()?);
    let pointage = pointage(Presence::EnRetard { minutes: 10 });
    act(&bench, &seance, AppelCommand::CorrigerAppel { pointage, motif: "arrivé en retard".to_owned() })
        .await?;
    bench.runner.catch_up().await?;
    Ok(bench)
}

async fn act(bench: &Bench, seance: &Seance, command: AppelCommand) -> Result<()> {
    let context = bench.context(&portail(PORTAIL), &[&format!("{command:?}")]);
    bench.record::<Appel>(context, seance.appel(), command).await?;
    Ok(())
}

/// Runs the program with the auditor's URL.
async fn ran(bench: &Bench, arguments: &[&str]) -> (Verdict, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let access = ["ent-rejeu", "--base", bench.base().auditor_url().expose_secret()];
    let arguments = access.iter().chain(arguments);
    let verdict = replay_tools::run(arguments, &mut out, &mut err).await;
    out.extend(err);
    (verdict, String::from_utf8(out).unwrap())
}

/// The same, with the key file.
pub async fn ran_with_keys(bench: &Bench, arguments: &[&str]) -> (Verdict, String) {
    let kek = bench.kek_file();
    let arguments: Vec<_> = ["--cle", kek.to_str().unwrap()].iter().chain(arguments).copied().collect();
    ran(bench, &arguments).await
}

/// What only a superuser who has switched the triggers off can do.
pub async fn tamper(bench: &Bench, statement: &str) -> Result<()> {
    let mut tx = bench.owner.begin().await?;
    sqlx::raw_sql("SET LOCAL session_replication_role = replica").execute(&mut *tx).await?;
    let done = sqlx::raw_sql(statement).execute(&mut *tx).await?;
    assert!(done.rows_affected() > 0, "nothing was tampered with: {statement}");
    Ok(tx.commit().await?)
}

#[tokio::test]
async fn an_auditor_lists_the_journals() -> Result<()> {
    let (verdict, told) = ran(&bench().await?, &["journaux", "--json"]).await;
    assert_eq!(verdict, Verdict::Valide, "{told}");
    let journal: Value = serde_json::from_str(&told)?;
    assert_eq!((&journal["portail"], &journal["annee"]), (&PORTAIL.into(), &2026.into()));
    assert_eq!(journal["evenements"], 4);
    assert_eq!(journal["premier"], "2026-11-23T08:05:00.000000Z");
    assert_eq!(journal["dernier"], "2026-11-24T09:00:00.000000Z");
    Ok(())
}

#[tokio::test]
async fn an_untouched_record_is_valid_down_to_its_contents() -> Result<()> {
    let (verdict, told) = ran_with_keys(&bench().await?, &["verifier"]).await;
    assert_eq!(verdict, Verdict::Valide, "{told}");
    assert!(told.contains("4 événements, 4 contenus conformes, 0 contenu effacé"), "{told}");
    Ok(())
}

#[tokio::test]
async fn without_the_keys_the_verdict_stays_open_unless_contents_are_left_out() -> Result<()> {
    let bench = bench().await?;
    let (verdict, told) = ran(&bench, &["verifier"]).await;
    assert_eq!(verdict, Verdict::Indetermine, "{told}");
    assert!(told.contains("contenus non ouverts"), "{told}");
    let (verdict, told) = ran(&bench, &["verifier", "--sans-contenus"]).await;
    assert_eq!(verdict, Verdict::Valide, "{told}");
    for needs_contents in [&["comparer"][..], &["rejouer", "--au", "2026-11-23"]] {
        let (verdict, told) = ran(&bench, needs_contents).await;
        assert_eq!(verdict, Verdict::Indetermine, "{told}");
        assert!(told.contains("ENT_KEK_FILE"), "{told}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_itself_ends_with_the_code_of_its_verdict() -> Result<()> {
    let bench = bench().await?;
    let code = |command: &mut Command| anyhow::Ok(command.output()?.status.code());
    assert_eq!(code(&mut avancement::verifier(&bench)?)?, Some(0));
    assert_eq!(code(avancement::verifier(&bench)?.env_remove("ENT_KEK_FILE"))?, Some(2), "not opened");
    tamper(&bench, "DELETE FROM ledger.events WHERE position = 2").await?;
    assert_eq!(code(&mut avancement::verifier(&bench)?)?, Some(1));
    Ok(())
}

#[tokio::test]
async fn the_keys_of_another_house_accuse_nobody() -> Result<()> {
    let (bench, other) = (bench().await?, Bench::open().await?);
    let kek = other.kek_file();
    let (verdict, told) = ran(&bench, &["--cle", kek.to_str().unwrap(), "verifier"]).await;
    assert_eq!(verdict, Verdict::Indetermine, "{told}");
    assert!(told.contains("n'est pas celui de cette base"), "{told}");
    Ok(())
}

#[tokio::test]
async fn a_rewritten_event_is_named_with_its_portal_year_and_position() -> Result<()> {
    let bench = bench().await?;
    tamper(
        &bench,
        "UPDATE ledger.events SET metadata = replace(metadata::text, 'enseignant', 'chef')::json WHERE position = 3",
    )
    .await?;
    let (verdict, told) = ran_with_keys(&bench, &["verifier"]).await;
    assert_eq!(verdict, Verdict::Invalide, "{told}");
    assert!(told.contains("0690001b, 2026-2027 : INVALIDE — événement n° 3 : l'enveloppe"), "{told}");
    let (verdict, told) = ran(&bench, &["verifier", "--json", "--portail", PORTAIL, "--annee", "2026"]).await;
    assert_eq!(verdict, Verdict::Invalide, "a fault is one without the keys too");
    let told: Value = serde_json::from_str(&told)?;
    assert_eq!(told["journaux"][0]["faute"]["position"], 3);
    assert_eq!(told["journaux"][0]["faute"]["nature"], "empreinte");
    Ok(())
}

#[tokio::test]
async fn a_past_day_shows_a_roll_as_it_stood_before_its_correction() -> Result<()> {
    let bench = bench().await?;
    for (day, etat) in [("2026-11-23", "absent"), ("2026-11-24", "en_retard")] {
        let (verdict, told) =
            ran_with_keys(&bench, &["rejouer", "--au", day, "--vue", "appel_ligne", "--json"]).await;
        assert_eq!(verdict, Verdict::Valide, "{told}");
        let line: Value = serde_json::from_str(&told)?;
        assert_eq!((&line["table"], &line["ligne"]["etat"]), (&"absences.appel_ligne".into(), &etat.into()));
    }
    let (_, told) =
        ran_with_keys(&bench, &["rejouer", "--au", "2026-11-22", "--vue", "absences.appels"]).await;
    assert!(told.contains("absences.appel : 0 ligne\n"), "{told}");
    Ok(())
}

#[tokio::test]
async fn a_replay_follows_only_the_journals_of_the_portal_asked_for() -> Result<()> {
    let bench = bench().await?;
    for (portail, rows) in [(PORTAIL, "4"), ("0750001a", "0")] {
        let (verdict, told) =
            ran_with_keys(&bench, &["rejouer", "--au", "2026-11-24", "--portail", portail]).await;
        assert_eq!(verdict, Verdict::Valide, "{told}");
        let entries = told.lines().find(|line| line.contains("audit.entree")).unwrap();
        assert!(entries.ends_with(rows), "{told}");
    }
    Ok(())
}

#[tokio::test]
async fn living_views_equal_a_replay_until_someone_changes_them() -> Result<()> {
    let bench = bench().await?;
    let (verdict, told) = ran_with_keys(&bench, &["comparer"]).await;
    assert_eq!(verdict, Verdict::Valide, "{told}");
    sqlx::raw_sql("UPDATE absences.appel_ligne SET etat = 'present'").execute(&bench.owner).await?;
    let (verdict, told) = ran_with_keys(&bench, &["comparer", "--json"]).await;
    assert_eq!(verdict, Verdict::Invalide, "{told}");
    let told: Value = serde_json::from_str(&told)?;
    assert_eq!(told["differences"][0]["table"], "absences.appel_ligne");
    assert_eq!(told["differences"].as_array().map(Vec::len), Some(1), "{told}");
    Ok(())
}

#[tokio::test]
async fn a_view_that_set_a_fact_aside_is_not_called_equal() -> Result<()> {
    let bench = bench().await?;
    sqlx::raw_sql(
        "INSERT INTO projections.set_aside
         SELECT projection, version, portail, annee, 1, 'absences.appel', 'x', 'x', 'x'
         FROM projections.checkpoint WHERE projection = 'absences.appels'",
    )
    .execute(&bench.owner)
    .await?;
    let (verdict, told) = ran_with_keys(&bench, &["comparer"]).await;
    assert_eq!(verdict, Verdict::Indetermine, "{told}");
    assert!(told.contains("absences.appels n'a pu être comparée : 1 événement a été mis de côté"), "{told}");
    Ok(())
}

/// The view that a rebuild would put in its place is not the one that the snapshot shows.
#[tokio::test(flavor = "multi_thread")]
async fn a_comparison_is_right_while_views_are_rebuilt() -> Result<()> {
    let bench = bench().await?;
    let rebuilding = async {
        for _ in 0..3 {
            for view in projections::all() {
                bench.runner.rebuild(&*view, |_, _| ()).await?;
            }
        }
        anyhow::Ok(())
    };
    let comparing = async {
        for _ in 0..5 {
            let (verdict, told) = ran_with_keys(&bench, &["comparer"]).await;
            assert_eq!(verdict, Verdict::Valide, "{told}");
        }
        Ok(())
    };
    tokio::try_join!(rebuilding, comparing)?;
    Ok(())
}

#[tokio::test]
async fn a_replay_says_which_event_a_view_cannot_follow_and_goes_on() -> Result<()> {
    let bench = bench().await?;
    // The table of a replay is like the living one: it refuses the late pupil of Tuesday.
    sqlx::raw_sql("ALTER TABLE absences.appel_ligne ADD CHECK (minutes IS NULL) NOT VALID")
        .execute(&bench.owner)
        .await?;
    let (verdict, told) = ran_with_keys(&bench, &["rejouer", "--au", "2026-11-24"]).await;
    assert_eq!(verdict, Verdict::Indetermine, "{told}");
    assert!(
        told.contains("absences.appels ne peut suivre l'événement 0690001b/2026/4 (absences.appel."),
        "{told}"
    );
    assert!(told.contains("audit.entree"), "{told}");
    let (verdict, told) = ran_with_keys(&bench, &["comparer"]).await;
    assert_eq!(verdict, Verdict::Indetermine, "{told}");
    assert!(
        told.contains("absences.appels n'a pu être comparée : le rejeu n'a pu suivre 1 événement"),
        "{told}"
    );
    Ok(())
}
