//! Signing in by CAS, with a small server that follows the protocol's text; and a choice among
//! several providers.

use anyhow::{Context, Result};
use domain::CompteId;
use recits::accueil::{Accueil, Place};
use recits::cas::ServeurCas;
use recits::navigateur::Navigateur;
use reqwest::{StatusCode, Url};
use serde_json::Value;
use uuid::Uuid;

struct Scene {
    accueil: Accueil,
    cas: ServeurCas,
}

impl Scene {
    async fn open() -> Result<Self> {
        let (place, cas) = (Place::take().await?, ServeurCas::start().await?);
        let text = format!(
            "[[fournisseur]]\nnom = \"region\"\nlibelle = \"Région\"\nportail = \"ac-lyon\"\nprotocole = \"cas\"\n\
             adresse = \"{}\"\nacademie = \"LYON\"\ncles = {{ joinKey = \"jointure\", FrEduVecteur = \"fr_edu_vecteur\" }}\n\
             [[fournisseur]]\nnom = \"autre\"\nlibelle = \"Un autre\"\nportail = \"ac-lyon\"\nprotocole = \"cas\"\n\
             adresse = \"{}/autre\"\ncles = {{ user = \"identifiant\" }}\n",
            cas.adresse, cas.adresse
        );
        Ok(Self { accueil: Accueil::ouvrir(place, &text).await?, cas })
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.accueil.origin)
    }

    /// Has the server say of the next user what it says of somebody of the directory.
    async fn vouch(&self, compte: CompteId) -> Result<()> {
        let cle = self.accueil.source(compte).await?.cle;
        self.cas.annonce("henri.ford7", &format!("<cas:joinKey>[\"{cle}\"]</cas:joinKey>"));
        Ok(())
    }

    async fn moi(&self, browser: &mut Navigateur) -> Result<Value> {
        let answer = browser.ask(&self.accueil.origin, "{ moi { compte } }").await?;
        Ok(answer["data"]["moi"]["compte"].clone())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_chooses_among_the_providers_and_a_ticket_serves_once() -> Result<()> {
    let scene = Scene::open().await?;
    let parent = scene.accueil.ecole.parent;
    scene.vouch(parent).await?;
    let mut browser = Navigateur::new()?;
    let choice = browser.get(&scene.at("/connexion?vers=/sante")).await?;
    for link in ["href=\"/connexion/region?vers=/sante\"", "href=\"/connexion/autre?vers=/sante\""] {
        assert!(choice.text.contains(link), "{}", choice.text);
    }
    let back = |url: &Url| url.path().ends_with("/retour");
    let retour = browser.get_until(&scene.at("/connexion/region?vers=/sante"), back).await?;
    let kept = browser.cookie(&retour);
    assert_eq!(browser.get(retour.as_str()).await?.url.path(), "/sante");
    assert_eq!(scene.moi(&mut browser).await?, parent.to_string());
    let replayed = reqwest::Client::new().get(retour).header("cookie", kept).send().await?;
    assert_eq!(replayed.status(), StatusCode::FORBIDDEN);
    // A ticket that the server does not know.
    let retour = browser.get_until(&scene.at("/connexion/region"), back).await?;
    let forged = browser.get(&retour.as_str().replace("ticket=ST-", "ticket=ST-9")).await?;
    assert_eq!(forged.status, StatusCode::FORBIDDEN, "{}", forged.text);
    scene.accueil.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_of_cas_ends_the_session_and_its_sockets() -> Result<()> {
    let scene = Scene::open().await?;
    scene.vouch(scene.accueil.ecole.parent).await?;
    let mut browser = Navigateur::new()?;
    browser.get(&scene.at("/connexion/region?vers=/sante")).await?;
    scene.accueil.settle().await?;
    let socket = scene.accueil.socket(&browser).await?;
    assert_eq!(scene.cas.deconnecte().await?, 200);
    assert_eq!(socket.closed().await?, 4403);
    assert_eq!(scene.moi(&mut browser).await?, Value::Null);
    scene.accueil.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vecteur_finds_the_pupil_and_who_answers_for_him_and_never_guesses() -> Result<()> {
    let scene = Scene::open().await?;
    let ecole = &scene.accueil.ecole;
    let views = &ecole.maison.bench.views;
    let (eleve, parent) = (ecole.eleves[0], ecole.parent.0);
    let numero: String = sqlx::query_scalar("SELECT numero FROM immatriculation WHERE eleve = $1")
        .bind(eleve)
        .fetch_one(views)
        .await?;
    let name = async |id: Uuid| {
        let row: (String, String) = sqlx::query_as("SELECT nom, prenom FROM personne WHERE id = $1")
            .bind(id)
            .fetch_one(views)
            .await?;
        anyhow::Ok(row)
    };
    let vecteur = |profil: u8, (nom, prenom): &(String, String), numero: &str| {
        format!("<cas:FrEduVecteur>{profil}|{nom}|{prenom}|{numero}|{}</cas:FrEduVecteur>", ecole.uai)
    };
    for (profil, who) in [(4, eleve), (2, parent)] {
        scene.cas.annonce("x", &vecteur(profil, &name(who).await?, &numero));
        let mut browser = Navigateur::new()?;
        browser.get(&scene.at("/connexion/region?vers=/sante")).await?;
        assert_eq!(scene.moi(&mut browser).await?, who.to_string(), "{profil}");
    }
    for wrong in [
        vecteur(2, &name(parent).await?, "0"),
        vecteur(4, &name(parent).await?, &numero),
        vecteur(2, &("Inconnu".to_owned(), "Paul".to_owned()), &numero),
    ] {
        scene.cas.annonce("x", &wrong);
        let page = Navigateur::new()?.get(&scene.at("/connexion/region")).await?;
        assert!(page.text.contains("ne vous connaît pas encore"), "{wrong}: {}", page.text);
    }
    let both = name(parent).await?;
    let homonyms = vecteur(2, &both, &numero);
    let other = vecteur(4, &name(eleve).await?, &numero);
    scene.cas.annonce("x", &format!("{homonyms}{other}"));
    let page = Navigateur::new()?.get(&scene.at("/connexion/region")).await?;
    assert!(page.text.contains("Plusieurs personnes"), "{}", page.text);
    scene.accueil.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_does_not_answer_is_nobodys_fault() -> Result<()> {
    let scene = Scene::open().await?;
    let mut browser = Navigateur::new()?;
    let at_cas = |url: &Url| url.path().starts_with("/cas/autre");
    let leaving = browser.get_until(&scene.at("/connexion/autre"), at_cas).await?;
    let back =
        leaving.query_pairs().find(|(name, _)| name == "service").context("no address")?.1.into_owned();
    let page = browser.get(&format!("{back}&ticket=ST-1")).await?;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{}", page.text);
    assert!(scene.accueil.record().await?.is_empty());
    scene.accueil.close().await
}
