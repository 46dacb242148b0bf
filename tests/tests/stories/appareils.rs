//! Who wishes so is told on a telephone or a browser of his, by a push service that reads nothing; the
//! screen says that there is something, and not what.

use super::doublons::{merge, twin};
use anyhow::{Context, Result, ensure};
use api::envois::Distribution;
use domain::notifications::Canal;
use domain::{CompteId, PersonneId};
use recits::passerelle::Passerelle;
use recits::sonnette::{CLE_PUBLIQUE, Pushable, Sonnette};
use recits::{DOMAINE, Ecole, global, personal};
use serde_json::{Value, json};

const MES_APPAREILS: &str = "preferences { appareils { nom } }";

/// A school whose families may be told by push.
struct Sonnant {
    ecole: Ecole,
    sonnette: Sonnette,
    distribution: Distribution,
}

impl Sonnant {
    async fn ouvrir() -> Result<Self> {
        let sonnette = Sonnette::ouvrir().await?;
        let expedition = sonnette.expedition(DOMAINE)?;
        let ecole = Ecole::ouvrir_en_ecrivant(expedition.clone()).await?;
        let distribution = Distribution::new(ecole.maison.commands.clone(), expedition);
        Ok(Self { ecole, sonnette, distribution })
    }

    /// The parent gives these devices, and wishes to be told of absences by them.
    async fn choisir(&self, appareils: &[&Pushable]) -> Result<()> {
        let (maison, parent) = (&self.ecole.maison, self.ecole.parent);
        for appareil in appareils {
            maison.granted(parent, "declarerAppareil", appareil.declaration(), MES_APPAREILS).await?;
        }
        maison.granted(parent, "choisirPreferences", par_appareil(), "").await?;
        Ok(())
    }

    /// The first pupil is absent for an hour of the day, at an instant of it.
    async fn absent(&self, instant: &str, debut: &str, fin: &str) -> Result<()> {
        self.au(instant)?;
        let heure = self.ecole.heure("2026-11-23", debut, fin);
        self.ecole.faire_l_appel(&heure, &self.ecole.eleves[..1]).await?;
        self.distribuer().await
    }

    fn au(&self, instant: &str) -> Result<()> {
        self.ecole.maison.bench.clock.set(instant.parse()?);
        Ok(())
    }

    async fn distribuer(&self) -> Result<()> {
        self.ecole.distribuer(&self.distribution).await
    }

    /// The newest envoi to the parent.
    async fn dernier(&self) -> Result<Value> {
        let query = "{ mesEnvois(first: 1) { edges { node { canal etat essais } } } }";
        let asked = self.ecole.maison.ask(Some(self.ecole.parent), query, json!({})).await?;
        Ok(asked["mesEnvois"]["edges"][0]["node"].clone())
    }

    async fn appareils(&self, who: CompteId) -> Result<Value> {
        let query = "{ mesPreferences { appareils { id nom } cleDesNotifications } }";
        Ok(self.ecole.maison.ask(Some(who), query, json!({})).await?["mesPreferences"].clone())
    }
}

fn par_appareil() -> Value {
    json!({ "choix": [{ "theme": "ABSENCES", "canaux": ["APPAREIL"], "rythme": "IMMEDIAT" }] })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_says_that_there_is_something_and_where_to_read_it() -> Result<()> {
    let ici = Sonnant::ouvrir().await?;
    let (maison, parent) = (&ici.ecole.maison, ici.ecole.parent);
    assert_eq!(maison.refused(parent, "choisirPreferences", par_appareil()).await?, "APPAREIL_INCONNU");
    assert_eq!(ici.appareils(parent).await?["cleDesNotifications"], CLE_PUBLIQUE);
    let (telephone, ordinateur) = (Pushable::new("telephone")?, Pushable::new("ordinateur")?);
    ici.choisir(&[&telephone, &ordinateur]).await?;
    let again = maison.granted(parent, "declarerAppareil", telephone.declaration(), MES_APPAREILS).await?;
    let both = json!([{ "nom": "telephone" }, { "nom": "ordinateur" }]);
    assert_eq!(again["preferences"]["appareils"], both);
    ici.absent("2026-11-23T07:00:00Z", "08:00:00", "08:55:00").await?;
    ici.distribuer().await?;
    for appareil in [&telephone, &ordinateur] {
        let [coup] = ici.sonnette.pour(appareil)?.try_into().ok().context("told once")?;
        let said = appareil.lit(&coup)?;
        assert_eq!(said["texte"], "Une nouvelle concerne votre enfant.");
        assert_eq!(said["lien"], format!("https://{}.{DOMAINE}/", ici.ecole.portail));
        assert_eq!(said.as_object().context("no object")?.len(), 3, "{said}");
        assert_eq!(said["id"], coup.entete("topic")?);
        assert_eq!(coup.entete("urgency")?, "high");
        assert_eq!(coup.entete("ttl")?, "86400");
        assert_eq!(coup.entete("content-encoding")?, "aes128gcm");
        assert_eq!(coup.est_de_nous()?["sub"], format!("mailto:ent@{DOMAINE}"));
    }
    let [coup] = ici.sonnette.pour(&telephone)?.try_into().ok().context("told once")?;
    ensure!(ordinateur.lit(&coup).is_err(), "one device reads what was for the other");
    assert_eq!(ici.dernier().await?, json!({ "canal": "APPAREIL", "etat": "REMIS", "essais": 0 }));
    ici.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_gone_is_lost_and_one_that_is_busy_is_asked_again() -> Result<()> {
    let ici = Sonnant::ouvrir().await?;
    let parent = ici.ecole.parent;
    let (telephone, ordinateur) = (Pushable::new("telephone")?, Pushable::new("ordinateur")?);
    ici.choisir(&[&telephone, &ordinateur]).await?;
    ici.sonnette.repond(&telephone, 410)?;
    ici.absent("2026-11-23T07:00:00Z", "08:00:00", "08:55:00").await?;
    assert_eq!(ici.dernier().await?["etat"], "REMIS", "the other device took it");
    let left = ici.appareils(parent).await?["appareils"].clone();
    assert_eq!((left[0]["nom"].as_str(), left.as_array().map(Vec::len)), (Some("ordinateur"), Some(1)));
    // The service has too much to do: when it says, and the device is kept.
    ici.sonnette.repond_apres(&ordinateur, 429, 600)?;
    ici.absent("2026-11-23T08:00:00Z", "09:00:00", "09:55:00").await?;
    assert_eq!(ici.dernier().await?, json!({ "canal": "APPAREIL", "etat": "PREPARE", "essais": 1 }));
    ici.sonnette.repond(&ordinateur, 201)?;
    ici.distribuer().await?;
    ici.au("2026-11-23T08:09:59Z")?;
    ici.distribuer().await?;
    assert_eq!(ici.sonnette.pour(&ordinateur)?.len(), 2, "not before the ten minutes that it asked for");
    ici.au("2026-11-23T08:10:00Z")?;
    ici.distribuer().await?;
    assert_eq!(ici.dernier().await?["etat"], "REMIS");
    let [_, first, second] = ici.sonnette.pour(&ordinateur)?.try_into().ok().context("asked again once")?;
    assert_eq!(first.entete("topic")?, second.entete("topic")?, "it takes the place of the first");
    // And the last one goes: of this absence one is told by a letter, and of the next one by a mail or one.
    ici.sonnette.repond(&ordinateur, 404)?;
    ici.absent("2026-11-23T09:00:00Z", "10:00:00", "10:55:00").await?;
    let query = "{ mesEnvois(first: 2) { edges { node { canal etat } } } }";
    let asked = ici.ecole.maison.ask(Some(parent), query, json!({})).await?;
    let mut last = asked["mesEnvois"]["edges"].as_array().context("no envois")?.clone();
    last.sort_by_key(|edge| edge["node"]["canal"].to_string());
    assert_eq!(last[0]["node"], json!({ "canal": "APPAREIL", "etat": "ABANDONNE" }));
    assert_eq!(last[1]["node"], json!({ "canal": "LETTRE", "etat": "PREPARE" }), "no mail would leave here");
    assert_eq!(ici.appareils(parent).await?["appareils"], json!([]));
    ici.absent("2026-11-23T10:00:00Z", "11:00:00", "11:55:00").await?;
    let last = ici.dernier().await?;
    ensure!(["COURRIEL", "LETTRE"].iter().any(|canal| last["canal"] == *canal), "{last}");
    assert_eq!(ici.sonnette.pour(&ordinateur)?.len(), 4);
    ici.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_chosen_a_way_that_is_closed_since_is_told_by_another() -> Result<()> {
    let ici = Sonnant::ouvrir().await?;
    ici.choisir(&[&Pushable::new("telephone")?]).await?;
    ici.au("2026-11-23T07:00:00Z")?;
    let heure = ici.ecole.heure("2026-11-23", "08:00:00", "08:55:00");
    ici.ecole.faire_l_appel(&heure, &ici.ecole.eleves[..1]).await?;
    let by_mail = Passerelle::par(Canal::Courriel).expedition(DOMAINE);
    ici.ecole.distribuer(&Distribution::new(ici.ecole.maison.commands.clone(), by_mail)).await?;
    let last = ici.dernier().await?;
    ensure!(["COURRIEL", "LETTRE"].iter().any(|canal| last["canal"] == *canal), "{last}");
    ici.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn only_its_owner_takes_a_device_back_and_none_is_a_machine_of_ours() -> Result<()> {
    let ici = Sonnant::ouvrir().await?;
    let (maison, parent) = (&ici.ecole.maison, ici.ecole.parent);
    for adresse in
        ["http://push.exemple.fr/a", "https://localhost/a", "https://127.0.0.1/a", "https://[::1]/a"]
    {
        let mut near = Pushable::new("telephone")?.declaration();
        near["adresse"] = json!(adresse);
        assert_eq!(maison.refused(parent, "declarerAppareil", near).await?, "SAISIE_INVALIDE", "{adresse}");
    }
    let telephone = Pushable::new("telephone")?;
    ici.choisir(&[&telephone]).await?;
    let id = ici.appareils(parent).await?["appareils"][0]["id"].clone();
    let forget = json!({ "appareilId": id });
    maison.granted(ici.ecole.autre_parent, "oublierAppareil", forget.clone(), MES_APPAREILS).await?;
    assert_eq!(ici.appareils(parent).await?["appareils"][0]["id"], id, "it is not the other's");
    let forgotten = maison.granted(parent, "oublierAppareil", forget, MES_APPAREILS).await?;
    assert_eq!(forgotten["preferences"]["appareils"], json!([]));
    ici.absent("2026-11-23T07:00:00Z", "08:00:00", "08:55:00").await?;
    ensure!(ici.sonnette.pour(&telephone)?.is_empty(), "a device that was taken back is written to");
    ici.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_follow_a_fiche_that_is_read_as_another_and_come_back_with_it() -> Result<()> {
    let ici = Sonnant::ouvrir().await?;
    let (ecole, maison, parent) = (&ici.ecole, &ici.ecole.maison, ici.ecole.parent);
    let (telephone, ordinateur) = (Pushable::new("telephone")?, Pushable::new("ordinateur")?);
    ici.choisir(&[&telephone, &ordinateur]).await?;
    let principale = personal(twin(ecole, parent).await?.0);
    let read_as = merge(ecole, PersonneId(parent.0), principale);
    maison.granted(ecole.principal, "fusionnerFiches", read_as, "").await?;
    for compte in [parent, principale] {
        assert_eq!(ici.appareils(compte).await?["appareils"].as_array().map(Vec::len), Some(2));
    }
    ici.absent("2026-11-23T07:00:00Z", "08:00:00", "08:55:00").await?;
    assert_eq!(ici.sonnette.pour(&telephone)?.len(), 1, "what was chosen counts under either fiche");
    // Under the principal fiche one chooses by them too, and takes one back.
    maison.granted(principale, "choisirPreferences", par_appareil(), "").await?;
    let known = ici.appareils(principale).await?["appareils"].as_array().cloned().context("no list")?;
    let other = known.iter().find(|one| one["nom"] == "ordinateur").context("no computer")?;
    let forget = json!({ "appareilId": other["id"] });
    let left = maison.granted(principale, "oublierAppareil", forget, MES_APPAREILS).await?;
    assert_eq!(left["preferences"]["appareils"], json!([{ "nom": "telephone" }]));
    let separate = json!({ "portail": ecole.portail, "ficheId": global("Personne", parent.0),
                           "motif": "Deux personnes" });
    maison.granted(ecole.principal, "separerFiches", separate, "").await?;
    assert_eq!(ici.appareils(principale).await?["appareils"], json!([]));
    assert_eq!(ici.appareils(parent).await?["appareils"][0]["nom"], "telephone");
    ici.absent("2026-11-23T08:00:00Z", "09:00:00", "09:55:00").await?;
    assert_eq!(ici.sonnette.pour(&telephone)?.len(), 2);
    assert_eq!(ici.sonnette.pour(&ordinateur)?.len(), 1);
    ici.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_of_two_fiches_rings_once_and_one_that_is_given_again_stays_where_it_was() -> Result<()> {
    let ici = Sonnant::ouvrir().await?;
    let (ecole, maison, parent) = (&ici.ecole, &ici.ecole.maison, ici.ecole.parent);
    let (telephone, ordinateur) = (Pushable::new("telephone")?, Pushable::new("ordinateur")?);
    ici.choisir(&[&telephone, &ordinateur]).await?;
    let principale = personal(twin(ecole, parent).await?.0);
    maison.granted(principale, "declarerAppareil", telephone.declaration(), MES_APPAREILS).await?;
    let read_as = merge(ecole, PersonneId(parent.0), principale);
    maison.granted(ecole.principal, "fusionnerFiches", read_as, "").await?;
    let seen =
        maison.granted(principale, "declarerAppareil", ordinateur.declaration(), MES_APPAREILS).await?;
    let given = seen["preferences"]["appareils"].as_array().map(Vec::len);
    assert_eq!(given, Some(3), "the telephone under both fiches, and the computer: {seen:#}");
    ici.absent("2026-11-23T07:00:00Z", "08:00:00", "08:55:00").await?;
    for appareil in [&telephone, &ordinateur] {
        assert_eq!(ici.sonnette.pour(appareil)?.len(), 1);
    }
    ici.ecole.maison.close().await
}
