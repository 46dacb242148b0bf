//! The private PostgreSQL, with real servers in temporary directories.
// In a test, what cannot be had is a failure.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use api::postgres::{Error, Options, Serveur};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid};
use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::str::FromStr;
use std::time::{Duration, Instant};

async fn connect(url: &SecretString) -> PgConnection {
    PgConnectOptions::from_str(url.expose_secret()).unwrap().connect().await.unwrap()
}

async fn ask(url: &SecretString, query: &str) -> String {
    let mut connection = connect(url).await;
    let answer = sqlx::query_scalar(query).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    answer
}

async fn run(url: &SecretString, statement: &str) -> Result<(), sqlx::Error> {
    let mut connection = connect(url).await;
    let done = sqlx::raw_sql(statement).execute(&mut connection).await;
    connection.close().await.unwrap();
    done.map(|_| ())
}

async fn start(data: &Path) -> Serveur {
    Serveur::start(data, Options::volatile()).await.unwrap()
}

fn pid(serveur: &Serveur) -> Pid {
    Pid::from_raw(serveur.pid().unwrap().cast_signed())
}

async fn write_a_note(serveur: &Serveur) {
    run(&serveur.owner_url(), "CREATE TABLE note (texte text); INSERT INTO note VALUES ('12')")
        .await
        .unwrap();
}

async fn note(serveur: &Serveur) -> String {
    ask(&serveur.owner_url(), "SELECT texte FROM note").await
}

#[tokio::test]
async fn a_server_keeps_its_data_from_one_start_to_the_next() {
    let data = tempfile::tempdir().unwrap();
    let first = start(data.path()).await;
    write_a_note(&first).await;
    let process = pid(&first);
    first.stop().await.unwrap();
    assert!(kill(process, None).is_err());
    let second = start(data.path()).await;
    assert_eq!(note(&second).await, "12");
    second.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_is_durable_checked_and_off_the_network_unless_said_otherwise() {
    let data = tempfile::tempdir().unwrap();
    let serveur = Serveur::start(data.path(), Options::default()).await.unwrap();
    let url = serveur.app_url();
    for (setting, value) in [
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("synchronous_commit", "on"),
        ("data_checksums", "on"),
        ("listen_addresses", ""),
        ("server_encoding", "UTF8"),
        ("password_encryption", "scram-sha-256"),
    ] {
        assert_eq!(ask(&url, &format!("SHOW {setting}")).await, value, "{setting}");
    }
    for folder in ["postgres", "run", "secrets"] {
        let mode = fs::metadata(data.path().join(folder)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{folder}");
    }
    serveur.stop().await.unwrap();
}

#[tokio::test]
async fn only_the_owner_is_a_superuser_and_the_auditor_writes_nothing() {
    let data = tempfile::tempdir().unwrap();
    let serveur = start(data.path()).await;
    for (url, name, superuser) in [
        (serveur.owner_url(), "ent_owner", "on"),
        (serveur.app_url(), "ent_app", "off"),
        (serveur.auditor_url(), "ent_auditeur", "off"),
    ] {
        assert_eq!(ask(&url, "SELECT current_user::text").await, name);
        assert_eq!(ask(&url, "SHOW is_superuser").await, superuser);
    }
    run(&serveur.owner_url(), "CREATE TABLE note (texte text); GRANT ALL ON note TO ent_auditeur")
        .await
        .unwrap();
    let refused = run(&serveur.auditor_url(), "INSERT INTO note VALUES ('20')").await.unwrap_err();
    assert!(refused.to_string().contains("read-only transaction"), "{refused}");
    assert!(run(&serveur.app_url(), "CREATE TABLE public.autre (texte text)").await.is_err());
    serveur.stop().await.unwrap();
}

#[tokio::test]
async fn a_password_is_asked_even_on_the_socket() {
    let data = tempfile::tempdir().unwrap();
    let serveur = start(data.path()).await;
    let url = serveur.app_url();
    let options = PgConnectOptions::from_str(url.expose_secret()).unwrap().password("devine");
    assert!(options.connect().await.unwrap_err().to_string().contains("password authentication failed"));
    serveur.stop().await.unwrap();
}

#[tokio::test]
async fn a_second_ent_on_the_same_directory_is_told_who_has_it() {
    let data = tempfile::tempdir().unwrap();
    let first = start(data.path()).await;
    let refused = Serveur::start(data.path(), Options::volatile()).await.unwrap_err();
    assert!(matches!(refused, Error::Taken { .. }));
    assert!(refused.to_string().contains(&format!("pid {}", std::process::id())), "{refused}");
    first.stop().await.unwrap();
}

#[tokio::test]
async fn a_command_beside_the_ent_that_runs_uses_its_server_and_leaves_it_running() {
    let data = tempfile::tempdir().unwrap();
    let first = start(data.path()).await;
    write_a_note(&first).await;
    let beside = Serveur::beside(data.path(), Options::volatile()).await.unwrap();
    assert!(first.is_ours() && !beside.is_ours());
    assert_eq!((beside.pid(), note(&beside).await.as_str()), (first.pid(), "12"));
    beside.stop().await.unwrap();
    drop(Serveur::beside(data.path(), Options::volatile()).await.unwrap());
    assert_eq!(note(&first).await, "12");
    first.stop().await.unwrap();
    // Where none runs it has one of its own.
    let alone = Serveur::beside(data.path(), Options::volatile()).await.unwrap();
    assert!(alone.is_ours());
    let process = pid(&alone);
    alone.stop().await.unwrap();
    assert!(kill(process, None).is_err());
}

#[tokio::test]
async fn a_server_that_was_killed_recovers_what_was_committed() {
    let data = tempfile::tempdir().unwrap();
    let first = Serveur::start(data.path(), Options::default()).await.unwrap();
    write_a_note(&first).await;
    let _session_of_the_dead_server = connect(&first.app_url()).await;
    kill(pid(&first), Signal::SIGKILL).unwrap();
    first.detach();
    let second = Serveur::start(data.path(), Options::default()).await.unwrap();
    assert_eq!(note(&second).await, "12");
    second.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_left_behind_is_adopted_and_stopped_by_the_next_ent() {
    let data = tempfile::tempdir().unwrap();
    let first = start(data.path()).await;
    write_a_note(&first).await;
    let process = pid(&first);
    first.detach();
    let second = start(data.path()).await;
    assert_eq!(pid(&second), process);
    assert_eq!(note(&second).await, "12");
    second.stop().await.unwrap();
    assert!(kill(process, None).is_err());
}

#[tokio::test]
async fn a_volatile_server_left_behind_is_not_adopted_where_data_must_last() {
    let data = tempfile::tempdir().unwrap();
    let first = start(data.path()).await;
    let process = pid(&first);
    first.detach();
    let second = Serveur::start(data.path(), Options::default()).await.unwrap();
    assert_ne!(pid(&second), process);
    assert_eq!(ask(&second.owner_url(), "SHOW fsync").await, "on");
    second.stop().await.unwrap();
}

#[tokio::test]
async fn a_process_id_that_went_to_another_program_is_not_taken_for_the_server() {
    let data = tempfile::tempdir().unwrap();
    let first = start(data.path()).await;
    let pid_file = data.path().join("postgres/postmaster.pid");
    let text = fs::read_to_string(&pid_file).unwrap();
    let process = first.pid().unwrap().to_string();
    first.stop().await.unwrap();
    fs::write(&pid_file, text.replacen(&process, &std::process::id().to_string(), 1)).unwrap();
    let second = start(data.path()).await;
    assert!(second.is_alive());
    second.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_dropped_without_a_word_is_stopped_all_the_same() {
    let data = tempfile::tempdir().unwrap();
    let serveur = start(data.path()).await;
    let process = pid(&serveur);
    drop(serveur);
    assert!(kill(process, None).is_err());
}

#[tokio::test]
async fn data_of_another_major_version_are_refused_and_left_alone() {
    let data = tempfile::tempdir().unwrap();
    start(data.path()).await.stop().await.unwrap();
    let version = data.path().join("postgres/PG_VERSION");
    fs::write(&version, "9\n").unwrap();
    let refused = Serveur::start(data.path(), Options::volatile()).await.unwrap_err();
    assert!(refused.to_string().contains("was made by PostgreSQL 9, and only PostgreSQL"), "{refused}");
    assert_eq!(fs::read_to_string(&version).unwrap(), "9\n");
}

#[tokio::test]
async fn an_interrupted_first_run_leaves_nothing_that_looks_like_data() {
    let data = tempfile::tempdir().unwrap();
    let unfinished = data.path().join("postgres.unfinished");
    fs::create_dir(&unfinished).unwrap();
    fs::write(unfinished.join("PG_VERSION"), "15\n").unwrap();
    let serveur = start(data.path()).await;
    assert!(!unfinished.exists());
    serveur.stop().await.unwrap();
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_gets_a_short_private_one_for_its_time() {
    let data = tempfile::tempdir().unwrap();
    let long = data.path().join("établissement d'Ain ".repeat(5)).join("x".repeat(60));
    let serveur = start(&long).await;
    let socket_dir = serveur.socket_dir().to_owned();
    assert!(socket_dir.starts_with("/tmp"));
    assert_eq!(fs::metadata(&socket_dir).unwrap().permissions().mode() & 0o777, 0o700);
    serveur.detach();
    let adopted = start(&long).await;
    assert_eq!(adopted.socket_dir(), socket_dir);
    adopted.stop().await.unwrap();
    assert!(!socket_dir.exists());
}

#[tokio::test]
async fn a_server_that_cannot_start_says_why() {
    let data = tempfile::tempdir().unwrap();
    start(data.path()).await.stop().await.unwrap();
    fs::remove_file(data.path().join("postgres/global/pg_control")).unwrap();
    let refused = Serveur::start(data.path(), Options::volatile()).await.unwrap_err();
    assert!(matches!(refused, Error::Died { .. }));
    assert!(refused.to_string().contains("pg_control"), "{refused}");
}

#[tokio::test]
async fn as_root_a_closed_directory_above_the_data_is_named() {
    if !Uid::effective().is_root() {
        eprintln!("skipped: only root changes account");
        return;
    }
    let closed = tempfile::tempdir().unwrap();
    fs::set_permissions(closed.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let refused = Serveur::start(&closed.path().join("ent"), Options::volatile()).await.unwrap_err();
    let Error::Closed { closed: named, .. } = &refused else { panic!("{refused}") };
    assert_eq!(named, &closed.path().canonicalize().unwrap());
    assert!(refused.to_string().contains("ENT_DATA_DIR"), "{refused}");
}

/// Nobody uses the server for tests any more: waits until it has stopped.
async fn until_stopped(data: &Path) {
    let pid_file = data.join("postgres/postmaster.pid");
    let start = Instant::now();
    let mut look = tokio::time::interval(Duration::from_millis(50));
    while pid_file.exists() {
        assert!(start.elapsed() < Duration::from_secs(30), "the server outlived its users");
        look.tick().await;
    }
}

#[tokio::test]
async fn a_server_for_tests_is_shared_and_stops_after_its_last_user() {
    let data = tempfile::tempdir().unwrap();
    let first = Serveur::for_tests(data.path()).await.unwrap();
    let second = Serveur::for_tests(data.path()).await.unwrap();
    assert_eq!(first.pid(), second.pid());
    first.stop().await.unwrap();
    assert!(second.is_alive());
    second.stop().await.unwrap();
    until_stopped(data.path()).await;
}

#[tokio::test]
async fn who_joins_a_server_for_tests_has_its_roles_though_who_launched_it_was_killed_before() {
    let data = tempfile::tempdir().unwrap();
    let first = Serveur::for_tests(data.path()).await.unwrap();
    run(&first.owner_url(), "ALTER ROLE ent_app NOLOGIN").await.unwrap();
    fs::remove_file(data.path().join("established")).unwrap();
    for _ in 0..2 {
        let joined = Serveur::for_tests(data.path()).await.unwrap();
        assert_eq!(ask(&joined.app_url(), "SELECT current_user::text").await, "ent_app");
    }
    first.stop().await.unwrap();
    until_stopped(data.path()).await;
}
