//! Two OpenID providers at one ENT, each of its own people; and who works in two établissements, who acts
//! in one of them at a time.

use anyhow::{Context, Result};
use domain::annuaire::{Origine, Parole, Personne, PersonneCommand, Profil};
use domain::{CompteId, EtablissementId, journee};
use recits::absent::skipped;
use recits::accueil::{Accueil, Place};
use recits::fournisseur::{Fournisseur, SECRET};
use recits::navigateur::{Navigateur, Page};
use recits::{exploitant, global, portail};
use reqwest::{StatusCode, Url};
use serde_json::{Value, json};
use uuid::Uuid;

/// Names of the providers, and what people read of them.
const FAMILLES: (&str, &str) = ("educonnect", "EduConnect");
const AGENTS: (&str, &str) = ("academie", "Agents de Lyon");

const MOI: &str = "{ moi { compte profilActif { profil etablissementId } profils { profil etablissementId } \
    etablissements { uai } enseignements { matiere } connexions(first: 5) { nodes { fournisseur } } } }";

/// A school and two real providers.
struct Scene {
    accueil: Accueil,
    familles: Fournisseur,
    agents: Fournisseur,
    _secret: tempfile::TempDir,
}

impl Scene {
    /// None where providers are not installed.
    async fn open() -> Result<Option<Self>> {
        let place = Place::take().await?;
        let familles = Fournisseur::start(&place.origin, FAMILLES.0).await?;
        let agents = Fournisseur::start(&place.origin, AGENTS.0).await?;
        let Some((familles, agents)) = familles.zip(agents) else {
            skipped("oidc-provider is not installed (npm ci in tests/doors)")?;
            return Ok(None);
        };
        let secret = tempfile::tempdir()?;
        let file = secret.path().join("secret");
        std::fs::write(&file, SECRET)?;
        let entry = |(nom, libelle): (&str, &str), provider: &Fournisseur| {
            format!(
                "[[fournisseur]]\nnom = \"{nom}\"\nlibelle = \"{libelle}\"\nportail = \"ac-lyon\"\n\
                 protocole = \"oidc\"\nemetteur = \"{}\"\nclient_id = \"ent\"\nsecret_file = {file:?}\n\
                 scope = \"openid ent\"\n\
                 cles = {{ FrEduCtRefId = \"educonnect\", identifiant = \"identifiant\" }}\n",
                provider.emetteur
            )
        };
        let text = entry(FAMILLES, &familles) + &entry(AGENTS, &agents);
        let accueil = Accueil::ouvrir(place, &text).await?;
        Ok(Some(Self { accueil, familles, agents, _secret: secret }))
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.accueil.origin)
    }

    /// Has a provider vouch for somebody of the directory.
    async fn vouch(&self, provider: &Fournisseur, compte: CompteId) -> Result<()> {
        let cle = self.accueil.educonnect(compte).await?;
        provider.annonce(json!({ "sub": compte.to_string(), "FrEduCtRefId": cle })).await
    }

    /// A browser that has been to the provider of this name and back.
    async fn back_from(&self, nom: &str) -> Result<(Navigateur, Page)> {
        let mut browser = Navigateur::new()?;
        let page = browser.get(&self.at(&format!("/connexion/{nom}?vers=/sante"))).await?;
        self.accueil.settle().await?;
        Ok((browser, page))
    }

    async fn moi(&self, browser: &mut Navigateur) -> Result<Value> {
        Ok(browser.ask(&self.accueil.origin, MOI).await?["data"]["moi"].take())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_provider_vouches_for_its_own() -> Result<()> {
    let Some(scene) = Scene::open().await? else { return Ok(()) };
    let ecole = &scene.accueil.ecole;
    let choice = Navigateur::new()?.get(&scene.at("/connexion")).await?;
    assert_eq!((choice.status, choice.url.path()), (StatusCode::OK, "/connexion"));
    for (nom, libelle) in [FAMILLES, AGENTS] {
        let offered = choice.text.contains(libelle) && choice.text.contains(&format!("/connexion/{nom}"));
        assert!(offered, "{}", choice.text);
    }
    let signed = [(&scene.familles, FAMILLES.0, ecole.parent), (&scene.agents, AGENTS.0, ecole.enseignante)];
    for (provider, nom, compte) in signed {
        scene.vouch(provider, compte).await?;
        let (mut browser, page) = scene.back_from(nom).await?;
        assert_eq!(page.url.path(), "/sante", "{}", page.text);
        let moi = scene.moi(&mut browser).await?;
        assert_eq!(moi["compte"], compte.to_string());
        assert_eq!(moi["connexions"]["nodes"], json!([{ "fournisseur": nom }]));
    }
    // The same identifiant is somebody else's at the other provider.
    let office = ecole.administrateur;
    let lier = json!({ "compte": office.0, "fournisseur": AGENTS.0, "nature": "IDENTIFIANT",
        "cle": "cpe-admin" });
    ecole.maison.granted(exploitant(), "lierIdentite", lier, "").await?;
    for provider in [&scene.familles, &scene.agents] {
        provider.annonce(json!({ "sub": "cpe-admin", "identifiant": "cpe-admin" })).await?;
    }
    let (mut browser, page) = scene.back_from(FAMILLES.0).await?;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text.contains("ne vous connaît pas encore"), "{}", page.text);
    assert_eq!(scene.moi(&mut browser).await?, Value::Null);
    let (mut browser, _) = scene.back_from(AGENTS.0).await?;
    assert_eq!(scene.moi(&mut browser).await?["compte"], office.to_string());
    scene.accueil.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_provider_has_a_browser_bring_is_not_taken_at_the_counter_of_the_other() -> Result<()> {
    let Some(scene) = Scene::open().await? else { return Ok(()) };
    scene.vouch(&scene.agents, scene.accueil.ecole.enseignante).await?;
    let mut browser = Navigateur::new()?;
    let back = |url: &Url| url.path().ends_with("/retour");
    let url = browser.get_until(&scene.at(&format!("/connexion/{}", AGENTS.0)), back).await?;
    let [here, there] = [AGENTS.0, FAMILLES.0].map(|nom| format!("/connexion/{nom}/retour"));
    let elsewhere = url.as_str().replace(&here, &there);
    assert_eq!(browser.get(&elsewhere).await?.status, StatusCode::FORBIDDEN);
    assert_eq!(scene.moi(&mut browser).await?, Value::Null);
    assert_eq!(scene.accueil.record().await?, ["identite.tentative.echouee"]);
    // What was brought to the wrong counter is spent.
    assert_eq!(browser.get(url.as_str()).await?.status, StatusCode::FORBIDDEN);
    assert_eq!(scene.moi(&mut browser).await?, Value::Null);
    scene.accueil.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_works_in_two_etablissements_sees_the_one_that_is_chosen() -> Result<()> {
    let Some(scene) = Scene::open().await? else { return Ok(()) };
    let ecole = &scene.accueil.ecole;
    let bench = &ecole.maison.bench;
    let (autre, uai): (Uuid, String) =
        sqlx::query_as("SELECT id, uai FROM etablissement WHERE uai <> $1 ORDER BY uai LIMIT 1")
            .bind(&ecole.uai)
            .fetch_one(&bench.views)
            .await?;
    let command = PersonneCommand::RattacherPersonne {
        etablissement: EtablissementId(autre),
        profil: Profil::Enseignant,
        fonctions: vec![],
        parole: Parole::de(Origine::Aaf, "Lyon", journee(scene.accueil.now())),
    };
    let context = bench.context(&portail("ac-lyon"), &["rattacher"]);
    bench.record::<Personne>(context, ecole.enseignante, command).await?;
    scene.accueil.settle().await?;
    scene.vouch(&scene.agents, ecole.enseignante).await?;
    let (mut browser, page) = scene.back_from(AGENTS.0).await?;
    assert_eq!(page.url.path(), "/connexion/profil", "{}", page.text);
    let moi = scene.moi(&mut browser).await?;
    let profils = moi["profils"].as_array().context("no profils")?;
    assert!(profils.len() == 2 && profils.iter().all(|one| one["profil"] == "ENSEIGNANT"), "{moi}");
    assert_eq!((&moi["profilActif"], &moi["enseignements"]), (&Value::Null, &json!([])), "none is chosen");
    let origin = &scene.accueil.origin;
    let enseignement = global("Enseignement", ecole.enseignement);
    let carnet = format!(
        "{{ node(id: \"{enseignement}\") {{ ... on Enseignement {{
            evaluations(first: 1) {{ nodes {{ titre }} }} }} }} }}"
    );
    for (place, uai, teaches) in
        [(ecole.etablissement()?, &ecole.uai, true), (global("Etablissement", autre), &uai, false)]
    {
        let choose = format!(
            "mutation {{ choisirProfil(input: {{ etablissementId: \"{place}\", profil: ENSEIGNANT }}) \
             {{ userErrors {{ code }} }} }}"
        );
        let chosen = browser.ask(origin, &choose).await?;
        assert_eq!(chosen["data"]["choisirProfil"]["userErrors"], json!([]), "{chosen}");
        let moi = scene.moi(&mut browser).await?;
        assert_eq!(moi["profilActif"], json!({ "profil": "ENSEIGNANT", "etablissementId": place }));
        assert_eq!(moi["etablissements"], json!([{ "uai": uai }]));
        let enseignements = moi["enseignements"].as_array().context("no list")?;
        assert_eq!(!enseignements.is_empty(), teaches, "{moi}");
        let read = browser.ask(origin, &carnet).await?;
        assert_eq!(read["data"]["node"]["evaluations"].is_object(), teaches, "{uai}: {read}");
    }
    scene.accueil.close().await
}
