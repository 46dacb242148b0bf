//! Signing in by OpenID Connect, with a real provider (npm `oidc-provider`).

use anyhow::{Context, Result};
use domain::CompteId;
use domain::annuaire::{Personne, PersonneCommand};
use recits::absent::skipped;
use recits::accueil::{Accueil, Place};
use recits::fournisseur::{Fournisseur, SECRET};
use recits::navigateur::Navigateur;
use recits::{exploitant, global};
use reqwest::{StatusCode, Url};
use serde_json::{Value, json};
use uuid::Uuid;

const MOI: &str = "{ moi { compte profilActif { profil } profils { profil nom etablissementId } \
    connexions(first: 5) { nodes { fournisseur closeLe } } enfants { personne { nom } } \
    enseignements { matiere } } }";

/// A school and a real provider.
struct Scene {
    accueil: Accueil,
    fournisseur: Fournisseur,
    _secret: tempfile::TempDir,
}

impl Scene {
    /// None where the provider is not installed.
    async fn open() -> Result<Option<Self>> {
        let place = Place::take().await?;
        let Some(fournisseur) = Fournisseur::start(&place.origin, "educonnect").await? else {
            skipped("oidc-provider is not installed (npm ci in tests/doors)")?;
            return Ok(None);
        };
        let secret = tempfile::tempdir()?;
        let file = secret.path().join("secret");
        std::fs::write(&file, SECRET)?;
        let text = format!(
            "[[fournisseur]]\nnom = \"educonnect\"\nlibelle = \"EduConnect\"\nportail = \"ac-lyon\"\n\
             protocole = \"oidc\"\nemetteur = \"{}\"\nclient_id = \"ent\"\nsecret_file = {:?}\n\
             scope = \"openid ent\"\ncles = {{ FrEduCtRefId = \"educonnect\", identifiant = \"identifiant\" }}\n",
            fournisseur.emetteur, file
        );
        let accueil = Accueil::ouvrir(place, &text).await?;
        Ok(Some(Self { accueil, fournisseur, _secret: secret }))
    }

    /// Has the provider vouch for somebody of the directory.
    async fn vouch(&self, compte: CompteId) -> Result<()> {
        let cle = self.accueil.educonnect(compte).await?;
        self.fournisseur.annonce(json!({ "sub": compte.to_string(), "FrEduCtRefId": cle })).await
    }

    /// A browser in which somebody of the directory has signed in.
    async fn signed_in(&self, compte: CompteId) -> Result<Navigateur> {
        self.vouch(compte).await?;
        let mut browser = Navigateur::new()?;
        browser.get(&self.at("/connexion?vers=/sante")).await?;
        self.accueil.settle().await?;
        Ok(browser)
    }

    /// Where a browser is when it is about to bring its code.
    async fn about_to_return(&self, browser: &mut Navigateur) -> Result<Url> {
        let back = |url: &Url| url.path().ends_with("/retour");
        browser.get_until(&self.at("/connexion/educonnect?vers=/sante"), back).await
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.accueil.origin)
    }

    async fn moi(&self, browser: &mut Navigateur) -> Result<Value> {
        Ok(browser.ask(&self.accueil.origin, MOI).await?["data"]["moi"].take())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parent_signs_in_by_way_of_a_provider_and_out_again() -> Result<()> {
    let Some(scene) = Scene::open().await? else { return Ok(()) };
    let parent = scene.accueil.ecole.parent;
    scene.vouch(parent).await?;
    let mut browser = Navigateur::new()?;
    let page = browser.get(&scene.at("/connexion?vers=/sante")).await?;
    assert_eq!((page.status, page.url.path()), (StatusCode::OK, "/sante"), "{}", page.text);
    scene.accueil.settle().await?;
    let moi = scene.moi(&mut browser).await?;
    assert_eq!(moi["compte"], parent.to_string());
    assert_eq!(moi["profilActif"]["profil"], "RESPONSABLE", "{moi}");
    assert_eq!(moi["connexions"]["nodes"], json!([{ "fournisseur": "educonnect", "closeLe": null }]));
    assert_eq!(scene.accueil.record().await?, ["identite.liaison.etablie", "identite.session.ouverte"]);
    // The key is somebody's: it is in the sealed content, and nowhere else.
    let cle = scene.accueil.educonnect(parent).await?;
    let told: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM ledger.events WHERE (metadata::text || payload::text) LIKE '%' || $1 || '%'",
    )
    .bind(&cle)
    .fetch_one(&scene.accueil.ecole.maison.bench.owner)
    .await?;
    assert_eq!(told, 0);
    let gone = browser.post(&scene.at("/deconnexion"), &[("sortir", "oui")]).await?;
    assert_eq!(gone.status, StatusCode::OK);
    assert_eq!(scene.moi(&mut browser).await?, Value::Null);
    assert_eq!(scene.accueil.record().await?.last().map(String::as_str), Some("identite.session.close"));
    // Known from the first time on: only the sign-in is new.
    let mut again = scene.signed_in(parent).await?;
    assert_eq!(scene.moi(&mut again).await?["compte"], parent.to_string());
    let linked = scene.accueil.record().await?.into_iter().filter(|kind| kind == "identite.liaison.etablie");
    assert_eq!(linked.count(), 1);
    scene.accueil.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_back_serves_once_in_the_browser_that_left_and_for_its_own_sign_in() -> Result<()> {
    let Some(scene) = Scene::open().await? else { return Ok(()) };
    scene.vouch(scene.accueil.ecole.parent).await?;
    let mut browser = Navigateur::new()?;
    let back = scene.about_to_return(&mut browser).await?;
    // Somebody else's browser, to which the address was sent (login CSRF).
    let mut other = Navigateur::new()?;
    let page = other.get(back.as_str()).await?;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text.contains("recommencez-la"), "{}", page.text);
    // Another state than that which left.
    let forged = back.as_str().replace("state=", "state=x");
    assert_eq!(browser.get(&forged).await?.status, StatusCode::FORBIDDEN);
    // Neither spoils it: the way back still serves, once.
    let kept = browser.cookie(&back);
    assert_eq!(browser.get(back.as_str()).await?.url.path(), "/sante");
    let replayed = reqwest::Client::new().get(back.clone()).header("cookie", kept).send().await?;
    assert_eq!(replayed.status(), StatusCode::FORBIDDEN);
    let failures = scene.accueil.record().await?;
    assert!(failures.iter().any(|kind| kind == "identite.tentative.echouee"), "{failures:?}");
    scene.accueil.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_another_sign_in_or_of_another_time_lets_nobody_in() -> Result<()> {
    let Some(scene) = Scene::open().await? else { return Ok(()) };
    scene.vouch(scene.accueil.ecole.parent).await?;
    let mut browser = Navigateur::new()?;
    let at_provider = |url: &Url| url.path() == "/auth";
    let leaving = browser.get_until(&scene.at("/connexion/educonnect"), at_provider).await?;
    let nonce = leaving.query_pairs().find(|(name, _)| name == "nonce").context("no nonce")?.1.into_owned();
    let swapped = browser.get(&leaving.as_str().replace(&nonce, &"A".repeat(43))).await?;
    assert_eq!(swapped.status, StatusCode::FORBIDDEN);
    assert!(swapped.text.contains("pas valable"), "{}", swapped.text);
    // A code that was asked for with another verifier is not taken (RFC 7636).
    let leaving = browser.get_until(&scene.at("/connexion/educonnect"), at_provider).await?;
    let challenge =
        leaving.query_pairs().find(|(name, _)| name == "code_challenge").context("no PKCE")?.1.into_owned();
    let swapped = browser.get(&leaving.as_str().replace(&challenge, &"A".repeat(43))).await?;
    assert_eq!(swapped.status, StatusCode::FORBIDDEN);
    // Made two hours ago, or two hours hence.
    for ahead in [7200, -7200] {
        scene.accueil.ahead_by(ahead);
        let page = browser.get(&scene.at("/connexion/educonnect")).await?;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{ahead}: {}", page.text);
    }
    scene.accueil.ahead_by(0);
    assert_eq!(browser.get(&scene.at("/connexion/educonnect?vers=/sante")).await?.url.path(), "/sante");
    scene.accueil.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_changes_its_keys_is_believed_under_the_new_ones() -> Result<()> {
    let Some(scene) = Scene::open().await? else { return Ok(()) };
    let parent = scene.accueil.ecole.parent;
    scene.signed_in(parent).await?;
    scene.fournisseur.rotate().await?;
    // Keys are asked for no more than twice a minute.
    scene.accueil.ahead_by(45);
    let mut browser = scene.signed_in(parent).await?;
    assert_eq!(scene.moi(&mut browser).await?["compte"], parent.to_string());
    scene.accueil.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_at_the_provider_ends_what_is_open_here() -> Result<()> {
    let Some(scene) = Scene::open().await? else { return Ok(()) };
    let mut browser = scene.signed_in(scene.accueil.ecole.parent).await?;
    let mut other = scene.signed_in(scene.accueil.ecole.autre_parent).await?;
    let (socket, stays) = (scene.accueil.socket(&browser).await?, scene.accueil.socket(&other).await?);
    let page = browser.get(&format!("{}/session/end", scene.fournisseur.emetteur)).await?;
    let (_, rest) = page.text.split_once("name=\"xsrf\" value=\"").context("no form")?;
    let (xsrf, _) = rest.split_once('"').context("no value")?;
    let confirm = format!("{}/session/end/confirm", scene.fournisseur.emetteur);
    browser.post(&confirm, &[("xsrf", xsrf), ("logout", "yes")]).await?;
    assert_eq!(socket.closed().await?, 4403);
    assert_eq!(scene.moi(&mut browser).await?, Value::Null);
    assert!(scene.moi(&mut other).await?.is_object(), "another's session goes on");
    drop(stays);
    scene.accueil.settle().await?;
    let ended: String = sqlx::query_scalar("SELECT fin FROM connexion WHERE close_le IS NOT NULL")
        .fetch_one(&scene.accueil.ecole.maison.bench.views)
        .await?;
    assert_eq!(ended, "deconnexion_distante");
    scene.accueil.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_notice_of_logout_ends_nothing() -> Result<()> {
    let Some(scene) = Scene::open().await? else { return Ok(()) };
    let mut browser = scene.signed_in(scene.accueil.ecole.parent).await?;
    for forged in ["", "x", "eyJhbGciOiJub25lIiwidHlwIjoibG9nb3V0K2p3dCJ9.e30."] {
        let address = scene.at("/connexion/educonnect/deconnexion-distante");
        let page = browser.post(&address, &[("logout_token", forged)]).await?;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{forged}");
    }
    assert!(scene.moi(&mut browser).await?.is_object());
    scene.accueil.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_that_is_nobodys_or_unreadable_is_told_what_to_do() -> Result<()> {
    let Some(scene) = Scene::open().await? else { return Ok(()) };
    for (claims, said) in [
        (json!({ "sub": "a", "FrEduCtRefId": "{AAF}LYON|x|inconnue" }), "ne vous connaît pas encore"),
        (json!({ "sub": "b", "FrEduCtRefId": "LYON 4512" }), "une façon que"),
        (json!({ "sub": "c" }), "une façon que"),
        (json!({ "sub": "d", "FrEduCtRefId": "{AAF}LYON|x|1", "identifiant": "z" }), "Plusieurs personnes"),
    ] {
        scene.fournisseur.annonce(claims.clone()).await?;
        let page = Navigateur::new()?.get(&scene.at("/connexion/educonnect")).await?;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(page.text.contains(said), "{claims}: {}", page.text);
        assert!(page.text.contains("administrateur ENT"), "{}", page.text);
    }
    assert_eq!(scene.accueil.record().await?, ["identite.tentative.echouee"; 3], "one a minute of a kind");
    scene.accueil.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_sign_ins_lock_a_compte_and_its_administrateur_unlocks_it() -> Result<()> {
    let Some(scene) = Scene::open().await? else { return Ok(()) };
    let (ecole, parent) = (&scene.accueil.ecole, scene.accueil.ecole.parent);
    let maison = &ecole.maison;
    suspendre(&scene, parent).await?;
    scene.vouch(parent).await?;
    for _ in 0..5 {
        let page = Navigateur::new()?.get(&scene.at("/connexion/educonnect")).await?;
        assert!(page.text.contains("suspendu"), "{}", page.text);
        scene.accueil.settle().await?;
    }
    let locked = Navigateur::new()?.get(&scene.at("/connexion/educonnect")).await?;
    assert!(locked.text.contains("verrouillé"), "{}", locked.text);
    assert_eq!(
        scene.accueil.record().await?.iter().filter(|kind| *kind == "identite.compte.verrouille").count(),
        1
    );
    let demande = json!({ "compte": parent.0, "motif": "Identité vérifiée au secrétariat" });
    assert_eq!(maison.refused(ecole.enseignante, "deverrouillerCompte", demande.clone()).await?, "INTERDIT");
    let fields = "acces { verrou { motif } }";
    let payload =
        maison.granted(ecole.administrateur, "deverrouillerCompte", demande.clone(), fields).await?;
    assert_eq!(payload["acces"]["verrou"], Value::Null);
    assert_eq!(
        maison.refused(ecole.principal, "deverrouillerCompte", demande).await?,
        "COMPTE_NON_VERROUILLE"
    );
    scene.accueil.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_compte_is_locked_and_what_it_has_open_ends() -> Result<()> {
    let Some(scene) = Scene::open().await? else { return Ok(()) };
    let ecole = &scene.accueil.ecole;
    let mut browser = scene.signed_in(ecole.parent).await?;
    let socket = scene.accueil.socket(&browser).await?;
    let demande = json!({ "compte": ecole.parent.0, "motif": "Compte volé" });
    let fields = "acces { verrou { motif jusque } liaisons { fournisseur nature rompue } }";
    let payload = ecole.maison.granted(ecole.principal, "verrouillerCompte", demande, fields).await?;
    assert_eq!(payload["acces"]["verrou"], json!({ "motif": "Compte volé", "jusque": null }));
    let linked = json!([{ "fournisseur": "educonnect", "nature": "educonnect", "rompue": false }]);
    assert_eq!(payload["acces"]["liaisons"], linked);
    assert_eq!(socket.closed().await?, 4403);
    assert_eq!(scene.moi(&mut browser).await?, Value::Null);
    let page = Navigateur::new()?.get(&scene.at("/connexion/educonnect")).await?;
    assert!(page.text.contains("verrouillé"), "{}", page.text);
    // A token of it opens nothing either.
    let held = ecole.maison.ask(Some(ecole.parent), "{ moi { compte } }", json!({})).await?;
    assert_eq!(held["moi"], Value::Null);
    scene.accueil.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_compte_of_an_office_is_opened_by_an_identity_of_its_own_and_never_by_the_personal_one()
-> Result<()> {
    let Some(scene) = Scene::open().await? else { return Ok(()) };
    let ecole = &scene.accueil.ecole;
    let (maison, cpe, office) = (&ecole.maison, ecole.cpe, ecole.administrateur);
    // The CPE, who holds the office, signs in as herself.
    let mut browser = scene.signed_in(cpe).await?;
    assert_eq!(scene.moi(&mut browser).await?["compte"], cpe.to_string());
    let personal = scene.accueil.educonnect(cpe).await?;
    let lier = |nature: &str, cle: &str| json!({ "compte": office.0, "fournisseur": "educonnect", "nature": nature, "cle": cle });
    let refused = maison.refused(exploitant(), "lierIdentite", lier("EDUCONNECT", &personal)).await?;
    assert_eq!(refused, "IDENTITE_PERSONNELLE");
    let own = lier("IDENTIFIANT", "cpe-admin");
    assert_eq!(maison.refused(ecole.principal, "lierIdentite", own.clone()).await?, "INTERDIT");
    maison.granted(exploitant(), "lierIdentite", own, "acces { compte }").await?;
    scene.fournisseur.annonce(json!({ "sub": "cpe-admin", "identifiant": "cpe-admin" })).await?;
    let mut browser = Navigateur::new()?;
    browser.get(&scene.at("/connexion/educonnect")).await?;
    let moi = scene.moi(&mut browser).await?;
    assert_eq!((&moi["compte"], &moi["profils"]), (&json!(office.0), &json!([])));
    let mut browser = scene.signed_in(cpe).await?;
    assert_eq!(scene.moi(&mut browser).await?["compte"], cpe.to_string());
    // Detached, it opens nothing any more.
    let known: Uuid = sqlx::query_scalar("SELECT id FROM liaison WHERE compte = $1")
        .bind(office.0)
        .fetch_one(&maison.bench.views)
        .await?;
    let rompre = json!({ "liaison": known, "motif": "Fin de fonction" });
    assert_eq!(maison.refused(ecole.enseignante, "rompreLiaison", rompre.clone()).await?, "INTERDIT");
    maison.granted(office, "rompreLiaison", rompre, "acces { compte }").await?;
    scene.fournisseur.annonce(json!({ "sub": "cpe-admin", "identifiant": "cpe-admin" })).await?;
    let page = Navigateur::new()?.get(&scene.at("/connexion/educonnect")).await?;
    assert!(page.text.contains("détachée"), "{}", page.text);
    scene.accueil.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_several_profils_acts_in_one_at_a_time() -> Result<()> {
    let Some(scene) = Scene::open().await? else { return Ok(()) };
    let ecole = &scene.accueil.ecole;
    ecole.rendre_responsable(ecole.eleves[0], ecole.enseignante).await?;
    scene.vouch(ecole.enseignante).await?;
    let mut browser = Navigateur::new()?;
    let page = browser.get(&scene.at("/connexion?vers=/sante")).await?;
    assert_eq!(page.url.path(), "/connexion/profil", "{}", page.text);
    scene.accueil.settle().await?;
    let undecided = scene.moi(&mut browser).await?;
    assert_eq!((&undecided["enfants"], &undecided["enseignements"]), (&json!([]), &json!([])));
    assert_eq!(undecided["profils"].as_array().map(Vec::len), Some(2), "{undecided}");
    let etablissement = undecided["profils"][0]["etablissementId"].as_str().context("no id")?.to_owned();
    let choose = |profil: &str| {
        format!(
            "mutation {{ choisirProfil(input: {{ etablissementId: \"{etablissement}\", profil: {profil} }}) \
             {{ userErrors {{ code }} profil {{ profil }} }} }}"
        )
    };
    let origin = &scene.accueil.origin;
    let gradebook = format!(
        "{{ noeud: node(id: \"{}\") {{ ... on Enseignement {{ evaluations(first: 1) {{ nodes {{ titre }} }} }} }} }}",
        global("Enseignement", ecole.enseignement)
    );
    let socket = scene.accueil.socket(&browser).await?;
    let chosen = browser.ask(origin, &choose("ENSEIGNANT")).await?;
    assert_eq!(chosen["data"]["choisirProfil"]["userErrors"], json!([]), "{chosen}");
    assert_eq!(socket.closed().await?, 4403, "what was open under no profil ends");
    let teaching = scene.moi(&mut browser).await?;
    assert_eq!(teaching["enfants"], json!([]));
    assert!(teaching["enseignements"].as_array().is_some_and(|list| !list.is_empty()), "{teaching}");
    let read = browser.ask(origin, &gradebook).await?;
    assert!(read["data"]["noeud"]["evaluations"].is_object(), "{read}");
    browser.ask(origin, &choose("RESPONSABLE")).await?;
    let parent = scene.moi(&mut browser).await?;
    assert_eq!(parent["profilActif"]["profil"], "RESPONSABLE");
    assert_eq!((parent["enfants"].as_array().map(Vec::len), &parent["enseignements"]), (Some(1), &json!([])));
    let hidden = browser.ask(origin, &gradebook).await?;
    assert!(!hidden["data"]["noeud"]["evaluations"].is_object(), "a parent reads no gradebook: {hidden}");
    let refused = browser.ask(origin, &choose("DIRECTION")).await?;
    assert_eq!(refused["data"]["choisirProfil"]["userErrors"][0]["code"], "PROFIL_NON_TENU");
    scene.accueil.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_serves_pages_of_the_ent_and_no_other_sites() -> Result<()> {
    let Some(scene) = Scene::open().await? else { return Ok(()) };
    let mut browser = scene.signed_in(scene.accueil.ecole.parent).await?;
    for site in ["cross-site", "same-site"] {
        let (status, answer) = browser.ask_from(site, &scene.accueil.origin, "{ moi { compte } }").await?;
        assert_eq!(status, StatusCode::FORBIDDEN, "{site}");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "ORIGINE_REFUSEE");
    }
    let elsewhere = scene.at("/connexion/educonnect?vers=//exemple.fr/");
    assert_eq!(browser.get(&elsewhere).await?.url.host_str(), Some("127.0.0.1"));
    // It ends by itself, an hour after its last request.
    let clock = &scene.accueil.ecole.maison.bench.clock;
    clock.set(scene.accueil.now() + chrono::TimeDelta::minutes(61));
    assert_eq!(scene.moi(&mut browser).await?, Value::Null);
    scene.accueil.close().await
}

async fn suspendre(scene: &Scene, compte: CompteId) -> Result<()> {
    tell(scene, compte, "suspendre", PersonneCommand::SuspendrePersonne).await
}

/// What an import would tell the directory.
async fn tell(scene: &Scene, of: CompteId, what: &str, command: PersonneCommand) -> Result<()> {
    let bench = &scene.accueil.ecole.maison.bench;
    let context = bench.context(&recits::portail("ac-lyon"), &[what, &of.to_string()]);
    bench.record::<Personne>(context, of, command).await?;
    scene.accueil.settle().await
}
