use super::*;
use std::path::Path;

fn with(variables: &[(&str, &str)]) -> Result<Config, Error> {
    read(None, variables)
}

fn read(file: Option<PathBuf>, variables: &[(&str, &str)]) -> Result<Config, Error> {
    let nowhere = ("ENT_DATA_DIR", "/nowhere/ent");
    let value = |name: &str| {
        let found = variables.iter().chain([&nowhere]).find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    Config::read(file, value)
}

fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ent.toml");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

#[test]
fn a_first_run_needs_no_configuration() {
    let config = Config::read(None, |_| None).unwrap();
    assert_eq!(config.data_dir, Path::new("./.ent"));
    assert_eq!(config.kek_file, Path::new("./.ent/kek.json"));
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert!(config.database_url.is_none() && config.exploitants.is_empty());
}

#[test]
fn the_environment_prevails_over_the_file_and_each_value_says_where_it_is_from() {
    let (_folder, path) = file("listen = \"0.0.0.0:80\"\naudience = \"lycee\"\npool_size = 4\n");
    let config = read(Some(path.clone()), &[("ENT_LISTEN", "[::1]:81")]).unwrap();
    assert_eq!((config.listen.to_string().as_str(), config.pool_size), ("[::1]:81", 4));
    let report = config.to_string();
    for line in [
        "listen = [::1]:81  # environment variable ENT_LISTEN".to_owned(),
        format!("audience = lycee  # {}", path.display()),
        "log = info  # default".to_owned(),
    ] {
        assert!(report.lines().any(|shown| shown == line), "{line}\n{report}");
    }
}

#[test]
fn the_file_of_the_data_directory_is_read_if_it_is_there() {
    let (folder, _) = file("audience = \"cite\"\n");
    let data_dir = folder.path().to_str().unwrap();
    assert_eq!(with(&[("ENT_DATA_DIR", data_dir)]).unwrap().audience, "cite");
}

#[test]
fn a_file_asked_for_must_be_there() {
    let missing = with(&[("ENT_CONFIG", "/nowhere/ent.toml")]).unwrap_err();
    assert!(missing.to_string().contains("/nowhere/ent.toml"), "{missing}");
}

#[test]
fn a_key_that_does_not_exist_is_refused_with_its_file() {
    let (_folder, path) = file("listn = \"127.0.0.1:80\"\n");
    let refused = read(Some(path.clone()), &[]).unwrap_err().to_string();
    assert!(refused.contains("listn") && refused.contains(path.to_str().unwrap()), "{refused}");
}

#[test]
fn a_value_that_cannot_be_used_is_refused_with_its_place() {
    for (name, value) in [
        ("ENT_LISTEN", "8080"),
        ("ENT_BASE_DOMAIN", "ent..fr"),
        ("ENT_BASE_DOMAIN", "https://ent.fr"),
        ("DATABASE_URL", "mysql://localhost/ent"),
        ("ENT_DATABASE_OWNER_URL", "postgres://localhost/ent"),
        ("ENT_ISSUER", "http://idp.example.fr"),
        ("ENT_JWKS", "http://idp.example.fr/jwks"),
        ("ENT_HORODATEUR", "tsa.exemple.fr"),
        ("ENT_HORODATEUR", "https://tsa.exemple.fr"),
        ("ENT_HORODATEUR_POLITIQUE", "toutes"),
        ("ENT_MANDATAIRE", "x forwarded"),
        ("ENT_CADENCE_COMPTE", "0"),
        ("ENT_EXPLOITANTS", "admin"),
        ("ENT_LOG", "ent=loud"),
        ("ENT_LOG_FORMAT", "xml"),
        ("ENT_POOL_SIZE", "0"),
        ("ENT_POOL_SIZE", "many"),
        ("ENT_REQUEST_TIMEOUT_S", "-1"),
        ("ENT_MAX_CONNECTIONS", "0"),
        ("ENT_DOCUMENTS_SEULS", "oui"),
        ("ENT_DOCUMENTS_SEULS", "true"),
    ] {
        let refused = with(&[(name, value)]).unwrap_err().to_string();
        assert!(refused.contains(name), "{name}={value}: {refused}");
    }
    let (_folder, path) = file("pool_size = \"four\"\n");
    let refused = read(Some(path.clone()), &[]).unwrap_err().to_string();
    assert!(refused.contains("pool_size") && refused.contains(path.to_str().unwrap()), "{refused}");
}

#[test]
fn what_is_written_like_a_number_stays_the_text_that_it_is() {
    assert_eq!(with(&[("ENT_AUDIENCE", "007")]).unwrap().audience, "007");
}

#[test]
fn a_variable_set_to_nothing_is_not_set() {
    assert_eq!(with(&[("ENT_AUDIENCE", "")]).unwrap().audience, "ent");
}

#[test]
fn exploitants_are_a_list_in_the_file_and_separated_by_commas_in_the_environment() {
    let (one, two) = ("6f6f9c1e-0000-4000-8000-000000000001", "6f6f9c1e-0000-4000-8000-000000000002");
    let (_folder, path) = file(&format!("exploitants = [\"{one}\", \"{two}\"]\n"));
    let listed = read(Some(path), &[]).unwrap().exploitants;
    assert_eq!(listed.len(), 2);
    assert_eq!(with(&[("ENT_EXPLOITANTS", &format!("{one}, {two}"))]).unwrap().exploitants, listed);
}

#[test]
fn neither_report_nor_debug_nor_refusal_shows_a_password() {
    let secret = "correcthorse";
    let url = format!("postgres://ent:{secret}@db.example.fr/ent?password={secret}");
    let config = with(&[("DATABASE_URL", &url), ("ENT_DATABASE_OWNER_URL", &url)]).unwrap();
    assert!(config.to_string().contains("postgres://ent:***@db.example.fr/ent?password=***"), "{config}");
    let refused = with(&[("DATABASE_URL", &format!("mysql://ent:{secret}@db/ent"))]).unwrap_err();
    let (_folder, path) = file(&format!("database_url = \"postgres://ent:{secret}@db/ent\n"));
    let syntax = read(Some(path), &[]).unwrap_err();
    assert!(syntax.to_string().contains("line 1"), "{syntax}");
    for text in
        [config.to_string(), format!("{config:?}"), format!("{refused} {refused:?} {syntax} {syntax:?}")]
    {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn a_development_issuer_on_this_machine_may_do_without_tls() {
    let config =
        with(&[("ENT_ISSUER", "http://localhost:9000"), ("ENT_JWKS", "/etc/ent/jwks.json")]).unwrap();
    assert_eq!(config.issuer.as_deref(), Some("http://localhost:9000"));
    assert_eq!(config.jwks, Some(Jwks::File(PathBuf::from("/etc/ent/jwks.json"))));
}
