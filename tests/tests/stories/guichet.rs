//! The pages of signing in that no provider has a part in: one that knocks too often is told so, and who
//! has several profils chooses by a form that no other site can send.

use anyhow::{Context, Result, ensure};
use api::http::Cadence;
use recits::accueil::{Accueil, Place};
use recits::cas::ServeurCas;
use recits::navigateur::{Navigateur, Page, encoded};
use reqwest::{Client, Response, StatusCode, header, redirect};
use serde_json::{Value, json};
use std::num::NonZeroU32;

/// Where a browser of the story is, as the proxy says.
const ICI: &str = "192.0.2.7";
const AILLEURS: &str = "192.0.2.8";
/// Sign-ins a minute of one address.
const CONNEXIONS: u32 = 2;

/// A school with two providers, of which one is there.
struct Scene {
    accueil: Accueil,
    cas: ServeurCas,
}

impl Scene {
    async fn open(cadence: Cadence) -> Result<Self> {
        let (place, cas) = (Place::take().await?, ServeurCas::start().await?);
        let text = format!(
            "[[fournisseur]]\nnom = \"region\"\nlibelle = \"Région\"\nportail = \"ac-lyon\"\nprotocole = \"cas\"\n\
             adresse = \"{}\"\nacademie = \"LYON\"\ncles = {{ joinKey = \"jointure\" }}\n\
             [[fournisseur]]\nnom = \"autre\"\nlibelle = \"Un autre\"\nportail = \"ac-lyon\"\nprotocole = \"cas\"\n\
             adresse = \"{}/autre\"\ncles = {{ user = \"identifiant\" }}\n",
            cas.adresse, cas.adresse
        );
        Ok(Self { accueil: Accueil::ouvrir_a_cadence(place, &text, cadence).await?, cas })
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.accueil.origin)
    }

    /// Knocks from an address, and goes nowhere from there.
    async fn frapper(&self, adresse: &str, path: &str) -> Result<Response> {
        let client = Client::builder().redirect(redirect::Policy::none()).build()?;
        Ok(client.get(self.at(path)).header("x-forwarded-for", adresse).send().await?)
    }

    /// Sends the choice of a profil with the cookies of a browser, from a page of such a site, if it says
    /// of which.
    async fn choisir_depuis(
        &self,
        browser: &Navigateur,
        site: Option<&str>,
        profil: &str,
    ) -> Result<Response> {
        let client = Client::builder().redirect(redirect::Policy::none()).build()?;
        let url = self.at("/connexion/profil");
        let request = client
            .post(&url)
            .header(header::COOKIE, browser.cookie(&url.parse()?))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(format!("profil={}", encoded(profil)));
        let request = match site {
            Some(site) => request.header("sec-fetch-site", site),
            None => request,
        };
        Ok(request.send().await?)
    }

    async fn profil_actif(&self, browser: &mut Navigateur) -> Result<Value> {
        let answer = browser.ask(&self.accueil.origin, "{ moi { profilActif { profil } } }").await?;
        Ok(answer["data"]["moi"]["profilActif"].clone())
    }
}

/// What the button of a profil on a page sends.
fn bouton(page: &Page, profil: &str) -> Result<String> {
    let values = page.text.split("value=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let mut of_it = values.filter(|value| value.split(' ').next_back() == Some(profil));
    Ok(of_it.next().with_context(|| format!("no button for {profil}: {}", page.text))?.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_knocks_too_often_is_shown_a_page_that_says_when_to_come_back() -> Result<()> {
    let connexion = NonZeroU32::new(CONNEXIONS).context("none at all")?;
    let mandataire = Some("x-forwarded-for".parse()?);
    let scene = Scene::open(Cadence { connexion, mandataire, ..Cadence::default() }).await?;
    for _ in 0..CONNEXIONS {
        assert_eq!(scene.frapper(ICI, "/connexion/region").await?.status(), StatusCode::SEE_OTHER);
    }
    for path in ["/connexion/region", "/connexion/region/retour?ticket=ST-1"] {
        let answer = scene.frapper(ICI, path).await?;
        assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS, "{path}");
        let headers = answer.headers().clone();
        let text = |name: header::HeaderName| {
            headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
        };
        let wait: u64 = text(header::RETRY_AFTER).parse()?;
        ensure!((1..=60).contains(&wait), "{path}: {wait} s");
        ensure!(text(header::CONTENT_TYPE).starts_with("text/html"), "{path}: {headers:?}");
        ensure!(!headers.contains_key(header::SET_COOKIE), "{path}: nobody has left");
        let page = answer.text().await?;
        ensure!(page.contains("Trop de connexions") && page.contains("attendez une minute"), "{page}");
    }
    // Whoever is elsewhere pays for nobody, and to choose a provider is not to knock.
    assert_eq!(scene.frapper(AILLEURS, "/connexion/region").await?.status(), StatusCode::SEE_OTHER);
    assert_eq!(scene.frapper(ICI, "/connexion").await?.status(), StatusCode::OK);
    scene.accueil.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profil_is_chosen_by_a_form_of_this_origin_among_ones_own() -> Result<()> {
    let scene = Scene::open(Cadence::default()).await?;
    let ecole = &scene.accueil.ecole;
    ecole.rendre_responsable(ecole.eleves[0], ecole.enseignante).await?;
    let cle = scene.accueil.source(ecole.enseignante).await?.cle;
    scene.cas.annonce("claire.prof", &format!("<cas:joinKey>[\"{cle}\"]</cas:joinKey>"));
    let mut browser = Navigateur::new()?;
    let page = browser.get(&scene.at("/connexion/region?vers=/sante")).await?;
    assert_eq!(page.url.path(), "/connexion/profil", "{}", page.text);
    scene.accueil.settle().await?;
    let (enseignante, parent) = (bouton(&page, "enseignant")?, bouton(&page, "responsable")?);
    let (enseignante, parent) = (enseignante.as_str(), parent.as_str());
    // Another site has the browser send its cookies, or a program does not say where it is.
    for site in [Some("cross-site"), Some("same-site"), None] {
        let answer = scene.choisir_depuis(&browser, site, enseignante).await?;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{site:?}");
        ensure!(answer.text().await?.contains("ORIGINE_REFUSEE"), "{site:?}");
    }
    assert_eq!(scene.profil_actif(&mut browser).await?, Value::Null, "nothing is chosen");
    // A profil that one has not, and one that is none.
    let ailleurs = enseignante.replace("enseignant", "direction");
    let refused = browser.post(&scene.at("/connexion/profil"), &[("profil", ailleurs.as_str())]).await?;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    ensure!(refused.text.contains("un des vôtres"), "{}", refused.text);
    let again = browser.post(&scene.at("/connexion/profil"), &[("profil", "proviseur")]).await?;
    assert_eq!((again.status, again.url.path()), (StatusCode::OK, "/connexion/profil"));
    assert_eq!(scene.profil_actif(&mut browser).await?, Value::Null);
    // One's own, and on to where one was going; another one later.
    let on = scene.at("/connexion/profil?vers=/sante");
    assert_eq!(browser.post(&on, &[("profil", enseignante)]).await?.url.path(), "/sante");
    assert_eq!(scene.profil_actif(&mut browser).await?, json!({ "profil": "ENSEIGNANT" }));
    let away = scene.at("/connexion/profil?vers=//exemple.fr/");
    let home = browser.post(&away, &[("profil", parent)]).await?;
    assert_eq!(home.url.host_str(), Some("127.0.0.1"), "nobody is sent elsewhere by way of us");
    assert_eq!(scene.profil_actif(&mut browser).await?, json!({ "profil": "RESPONSABLE" }));
    let record = scene.accueil.record().await?;
    let chosen = record.iter().filter(|kind| *kind == "identite.session.profil_choisi");
    assert_eq!(chosen.count(), 2);
    // Without a session one signs in first.
    let page = Navigateur::new()?.post(&on, &[("profil", parent)]).await?;
    assert_eq!((page.status, page.url.path()), (StatusCode::OK, "/connexion"), "{}", page.text);
    scene.accueil.close().await
}
