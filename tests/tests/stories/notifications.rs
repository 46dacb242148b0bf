//! Families are told outside the ENT, by a mail server that is not ours: at once or in the evening,
//! once, and not at night; and what nobody took is known to the vie scolaire.

use anyhow::{Context, Result};
use api::envois::{Distribution, Envois, Expedition, Message, Passeur, Refus};
use async_trait::async_trait;
use domain::notifications::{Calme, Canal, Preferences, PreferencesCommand};
use domain::{CompteId, PersonneId};
use projections::annuaire::Annuaire;
use recits::courrier::{Courrier, Mail};
use recits::passerelle::Passerelle;
use recits::{DOMAINE, Ecole, global, personal, portail};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use uuid::Uuid;

/// A school that writes to families by a real mail server.
struct Ecrivant {
    ecole: Ecole,
    courrier: Courrier,
    distribution: Distribution,
    /// Two parents of different families who have an address, and their children.
    familles: Vec<(CompteId, String, Uuid)>,
}

impl Ecrivant {
    async fn ouvrir() -> Result<Option<Self>> {
        let Some(courrier) = Courrier::start().await? else { return Ok(None) };
        let expedition = par(courrier.port)?;
        let ecole = Ecole::ouvrir_en_ecrivant(expedition.clone()).await?;
        let distribution = Distribution::new(ecole.maison.commands.clone(), expedition);
        let familles: Vec<(Uuid, String, Uuid)> = sqlx::query_as(
            "SELECT DISTINCT ON (s.eleve) s.responsable, p.courriel, s.eleve
             FROM responsabilite s JOIN personne p ON p.id = s.responsable
             WHERE s.eleve = ANY ($1) AND s.destinataire AND p.courriel IS NOT NULL
               AND NOT EXISTS (SELECT FROM responsabilite o JOIN personne q ON q.id = o.responsable
                               WHERE o.eleve = s.eleve AND o.destinataire AND q.courriel IS NULL)
             ORDER BY s.eleve, s.responsable",
        )
        .bind(&ecole.eleves)
        .fetch_all(&ecole.maison.bench.views)
        .await?;
        let familles = familles.into_iter().map(|(who, at, eleve)| (personal(who), at, eleve)).collect();
        Ok(Some(Self { ecole, courrier, distribution, familles }))
    }

    async fn distribuer(&self) -> Result<()> {
        self.ecole.distribuer(&self.distribution).await
    }

    async fn absent(&self, eleve: Uuid, debut: &str, fin: &str) -> Result<Value> {
        let ecole = &self.ecole;
        let appel = ecole.pointer(&ecole.heure("2026-11-23", debut, fin), &[eleve]).await?;
        self.distribuer().await?;
        let clore = json!({ "appelId": appel });
        ecole.maison.granted(ecole.enseignante, "cloreAppel", clore, "").await?;
        Ok(appel)
    }

    async fn mails_to(&self, address: &str) -> Result<Vec<Mail>> {
        let mails = self.courrier.mails().await?.into_iter();
        Ok(mails.filter(|mail| mail.to.iter().any(|to| to == address)).collect())
    }

    fn au(&self, instant: &str) -> Result<()> {
        self.ecole.maison.bench.clock.set(instant.parse()?);
        Ok(())
    }

    async fn a_traiter(&self, who: CompteId) -> Result<Value> {
        let query = "query($p: String!) { envoisATraiter(portail: $p, first: 50) {
            edges { node { id canal etat essais lettre destinataire { nom } } } } }";
        let asked = self.ecole.maison.ask(Some(who), query, json!({ "p": self.ecole.portail })).await?;
        Ok(asked["envoisATraiter"]["edges"].clone())
    }
}

fn par(port: u16) -> Result<Expedition> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("envois.toml");
    let relay = format!("relais = \"smtp://127.0.0.1:{port}\"\nexpediteur = \"ent@{DOMAINE}\"");
    std::fs::write(&file, format!("[courriel]\n{relay}\n"))?;
    Envois::read(&file)?.expedition(DOMAINE)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_family_is_told_of_an_absence_once_the_roll_is_closed() -> Result<()> {
    let Some(ici) = Ecrivant::ouvrir().await? else { return Ok(()) };
    let (parent, address, eleve) = ici.familles.first().context("no family has an address")?.clone();
    let appel = ici.absent(eleve, "08:00:00", "08:55:00").await?;
    assert_eq!(ici.mails_to(&address).await?, [], "an open roll is a draft");
    ici.distribuer().await?;
    ici.distribuer().await?;
    let [mail] = ici.mails_to(&address).await?.try_into().ok().context("told once")?;
    let pupil = Annuaire::eleves(&ici.ecole.maison.bench.views, &[eleve]).await?;
    let prenom = &pupil.first().context("no pupil")?.personne.prenom;
    assert_eq!(mail.subject, format!("{prenom} était absent(e) le 23/11/2026 de 8 h 00 à 8 h 55"));
    assert!(mail.text.contains(&format!("https://{}.{DOMAINE}/", ici.ecole.portail)), "{}", mail.text);
    assert!(mail.id.ends_with(&format!("@{DOMAINE}>")), "{}", mail.id);
    assert_eq!(mail.automatic.as_deref(), Some("auto-generated"));
    let mine = "{ mesEnvois(first: 5) { edges { node { canal etat theme eleve { prenom } } } } }";
    let mine = ici.ecole.maison.ask(Some(parent), mine, json!({})).await?;
    let told =
        json!({ "canal": "COURRIEL", "etat": "REMIS", "theme": "ABSENCES", "eleve": { "prenom": prenom } });
    assert_eq!(mine["mesEnvois"]["edges"], json!([{ "node": told }]));
    // The pupil was there after all: who was told otherwise is told so.
    let correction = json!({ "appelId": appel, "motif": "Était à l'infirmerie",
        "pointage": { "eleveId": global("Eleve", eleve), "etat": "PRESENT" } });
    ici.ecole.maison.granted(ici.ecole.cpe, "corrigerAppel", correction, "").await?;
    ici.distribuer().await?;
    let mails = ici.mails_to(&address).await?;
    assert!(mails.last().context("told")?.subject.contains("bien présent"), "{mails:#?}");
    ici.ecole.maison.close().await
}

/// An evaluation of today's; its id.
async fn evaluer(ecole: &Ecole, titre: &str) -> Result<Value> {
    let creation = json!({ "enseignementId": global("Enseignement", ecole.enseignement), "titre": titre,
                           "date": "2026-11-23", "bareme": "20", "coefficient": "1" });
    let fields = "evaluation { id }";
    let mut creee = ecole.maison.granted(ecole.enseignante, "creerEvaluation", creation, fields).await?;
    Ok(creee["evaluation"]["id"].take())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_woken_and_marks_come_together_in_the_evening() -> Result<()> {
    let Some(ici) = Ecrivant::ouvrir().await? else { return Ok(()) };
    let (_, address, eleve) = ici.familles.first().context("no family has an address")?.clone();
    let (maison, ecole) = (&ici.ecole.maison, &ici.ecole);
    let place = json!({ "eleveId": global("Eleve", eleve), "cycle": "CYCLE_3", "niveau": 2,
                        "domaine": "LANGUE_FRANCAISE" });
    let note = json!({ "eleveId": global("Eleve", eleve), "resultat": { "etat": "NOTE", "note": "4" } });
    for (titre, entrees) in [
        ("Fractions", vec![("positionnerCompetences", &place), ("saisirNotes", &note)]),
        ("Droites", vec![("saisirNotes", &note), ("positionnerCompetences", &place)]),
        ("Récit", vec![("positionnerCompetences", &place)]),
    ] {
        let evaluation = evaluer(ecole, titre).await?;
        for (mutation, ligne) in entrees {
            let input = json!({ "evaluationId": evaluation, "lignes": [ligne] });
            maison.granted(ecole.enseignante, mutation, input, "").await?;
        }
        let publier = json!({ "evaluationId": evaluation });
        maison.granted(ecole.enseignante, "publierEvaluation", publier, "").await?;
    }
    ici.distribuer().await?;
    assert_eq!(ici.mails_to(&address).await?, []);
    ici.au("2026-11-23T17:00:00Z")?;
    ici.distribuer().await?;
    let [mail] = ici.mails_to(&address).await?.try_into().ok().context("one mail for all")?;
    assert_eq!(mail.text.matches("a une nouvelle note en").count(), 2, "{}", mail.text);
    let alone = mail.text.matches("a une nouvelle évaluation de compétences en").count();
    assert_eq!(alone, 1, "of what bears no mark: {}", mail.text);
    assert!(!mail.text.contains(" 4"), "a mark is read in the ENT: {}", mail.text);
    // At nine in the evening it is too late for today.
    ici.au("2026-11-23T20:30:00Z")?;
    ici.absent(eleve, "15:00:00", "15:55:00").await?;
    ici.distribuer().await?;
    assert_eq!(ici.mails_to(&address).await?.len(), 1);
    ici.au("2026-11-24T06:00:00Z")?;
    ici.distribuer().await?;
    assert_eq!(ici.mails_to(&address).await?.len(), 2);
    ici.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_be_reached_is_known_to_the_vie_scolaire() -> Result<()> {
    let Some(ici) = Ecrivant::ouvrir().await? else { return Ok(()) };
    let [gone, busy] = [&ici.familles[0], &ici.familles[1]];
    ici.courrier.refuse(&gone.1, Some(550)).await?;
    ici.courrier.refuse(&busy.1, Some(451)).await?;
    ici.absent(gone.2, "08:00:00", "08:55:00").await?;
    ici.absent(busy.2, "09:00:00", "09:55:00").await?;
    ici.distribuer().await?;
    let states = |edges: &Value| -> Vec<String> {
        let edges = edges.as_array().cloned().unwrap_or_default();
        edges.iter().map(|edge| format!("{} {}", edge["node"]["canal"], edge["node"]["etat"])).collect()
    };
    let seen = ici.a_traiter(ici.ecole.cpe).await?;
    assert_eq!(states(&seen), [r#""LETTRE" "PREPARE""#], "what failed is told by a letter: {seen:#}");
    let mine = "{ mesEnvois(first: 5) { edges { node { canal etat } } } }";
    let mut told = states(&ici.ecole.maison.ask(Some(gone.0), mine, json!({})).await?["mesEnvois"]["edges"]);
    told.sort();
    assert_eq!(told, [r#""COURRIEL" "ABANDONNE""#, r#""LETTRE" "PREPARE""#]);
    ici.distribuer().await?;
    assert_eq!(states(&ici.a_traiter(ici.ecole.cpe).await?).len(), 1, "one letter");
    assert_eq!(ici.a_traiter(ici.ecole.enseignante).await?, Value::Null, "it is no teacher's to read");
    // Whom the relay puts off is tried again later, and then told.
    ici.courrier.refuse(&busy.1, None).await?;
    ici.distribuer().await?;
    assert_eq!(ici.mails_to(&busy.1).await?, [], "not before a minute");
    ici.au("2026-11-23T07:01:00Z")?;
    ici.distribuer().await?;
    assert_eq!(ici.mails_to(&busy.1).await?.len(), 1);
    ici.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_address_is_written_a_letter() -> Result<()> {
    let Some(ici) = Ecrivant::ouvrir().await? else { return Ok(()) };
    let maison = &ici.ecole.maison;
    let without: Option<Uuid> = sqlx::query_scalar(
        "SELECT s.eleve FROM responsabilite s JOIN personne p ON p.id = s.responsable
         WHERE s.eleve = ANY ($1) AND s.destinataire AND p.courriel IS NULL ORDER BY 1 LIMIT 1",
    )
    .bind(&ici.ecole.eleves)
    .fetch_optional(&maison.bench.views)
    .await?;
    ici.absent(without.context("every family has an address")?, "08:00:00", "08:55:00").await?;
    ici.distribuer().await?;
    let seen = ici.a_traiter(ici.ecole.cpe).await?;
    let letter = &seen[0]["node"];
    assert_eq!((&letter["canal"], &letter["etat"]), (&json!("LETTRE"), &json!("PREPARE")), "{seen:#}");
    assert!(letter["lettre"].as_str().context("no text")?.contains("était absent(e) le 23/11/2026"));
    let posted = json!({ "envoiId": letter["id"] });
    assert_eq!(maison.refused(ici.ecole.enseignante, "posterLettre", posted.clone()).await?, "INTERDIT");
    let done = maison.granted(ici.ecole.cpe, "posterLettre", posted.clone(), "envoi { etat }").await?;
    assert_eq!(done["envoi"]["etat"], "REMIS");
    assert_eq!(maison.refused(ici.ecole.cpe, "posterLettre", posted).await?, "ENVOI_CLOS");
    assert_eq!(ici.a_traiter(ici.ecole.cpe).await?, json!([]));
    ici.ecole.maison.close().await
}

/// A relay that takes a mail and dies before it says so, as the program could before it records it.
struct Mourant(Courrier, Expedition, Mutex<u32>);

#[async_trait]
impl Passeur for Mourant {
    fn canal(&self) -> Canal {
        Canal::Courriel
    }

    async fn remettre(&self, message: &Message) -> Result<(), Refus> {
        let relay = self.1.par(Canal::Courriel).context("no relay").map_err(Refus::Passeur)?;
        relay.remettre(message).await?;
        let mut deaths = self.2.lock().map_err(|_| Refus::Passeur(anyhow::anyhow!("poisoned")))?;
        match *deaths {
            0 => Ok(()),
            _ => {
                *deaths -= 1;
                Err(Refus::Passeur(anyhow::anyhow!("died")))
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_left_twice_has_one_name() -> Result<()> {
    let Some(ici) = Ecrivant::ouvrir().await? else { return Ok(()) };
    let Some(courrier) = Courrier::start().await? else { return Ok(()) };
    let (_, _, eleve) = ici.familles.first().context("no family has an address")?.clone();
    let port = courrier.port;
    let dying = Arc::new(Mourant(courrier, par(port)?, Mutex::new(1)));
    struct Shared(Arc<Mourant>);
    #[async_trait]
    impl Passeur for Shared {
        fn canal(&self) -> Canal {
            self.0.canal()
        }
        async fn remettre(&self, message: &Message) -> Result<(), Refus> {
            self.0.remettre(message).await
        }
    }
    let expedition = Expedition::new(vec![Box::new(Shared(dying.clone()))], DOMAINE);
    let distribution = Distribution::new(ici.ecole.maison.commands.clone(), expedition);
    // Nobody else sends here: the school's own distribution only makes its empty rounds.
    ici.absent(eleve, "08:00:00", "08:55:00").await?;
    let runner = &ici.ecole.maison.bench.runner;
    runner.catch_up().await?;
    assert!(
        distribution.round().await.is_err() || {
            runner.catch_up().await?;
            distribution.round().await.is_err()
        }
    );
    for _ in 0..3 {
        runner.catch_up().await?;
        distribution.round().await.map_err(|error| anyhow::anyhow!(error))?;
    }
    let mails = dying.0.mails().await?;
    let names: BTreeSet<_> = mails.iter().map(|mail| (&mail.to, &mail.id)).collect();
    assert_eq!(
        mails.len(),
        names.len() + 1,
        "one left twice, and its mailbox knows it for the same: {mails:#?}"
    );
    ici.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_sms_goes_to_a_telephone_that_its_owner_has_confirmed() -> Result<()> {
    let passerelle = Passerelle::par(Canal::Sms);
    let expedition = passerelle.expedition(DOMAINE);
    let ecole = Ecole::ouvrir_en_ecrivant(expedition.clone()).await?;
    let (maison, parent) = (&ecole.maison, ecole.parent);
    let by_sms = json!({ "choix": [{ "theme": "ABSENCES", "canaux": ["SMS"], "rythme": "IMMEDIAT" }] });
    assert_eq!(maison.refused(parent, "choisirPreferences", by_sms.clone()).await?, "TELEPHONE_INCONNU");
    let declared = json!({ "clientMutationId": Uuid::from_u128(9), "numero": "06 39 98 00 01" });
    maison.granted(parent, "declarerTelephone", declared.clone(), "").await?;
    let code: String = passerelle.last()?.texte.chars().filter(char::is_ascii_digit).collect();
    maison.granted(parent, "declarerTelephone", declared, "").await?;
    assert_eq!(passerelle.messages()?.len(), 1, "a retry sends no code");
    let confirm = |code: &str| json!({ "code": code });
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let fields = "preferences { telephone }";
    let missed = maison.granted(parent, "confirmerTelephone", confirm(wrong), fields).await?;
    assert_eq!(missed["preferences"]["telephone"], Value::Null);
    let confirmed = maison.granted(parent, "confirmerTelephone", confirm(&code), fields).await?;
    assert_eq!(confirmed["preferences"]["telephone"], "+33639980001");
    maison.granted(parent, "choisirPreferences", by_sms, "").await?;
    ecole.faire_l_appel(&ecole.heure("2026-11-23", "08:00:00", "08:55:00"), &ecole.eleves[..1]).await?;
    ecole.distribuer(&Distribution::new(maison.commands.clone(), expedition)).await?;
    let sms = passerelle.last()?;
    assert_eq!(sms.adresse, "+33639980001");
    assert!(sms.texte.contains("était absent(e)"), "{}", sms.texte);
    ecole.maison.close().await
}

/// Whom the directory can write to of what the division has to do: its pupils, and who answers for
/// them with the right to be informed.
async fn adresses(ecole: &Ecole, sauf: CompteId) -> Result<Vec<String>> {
    let mut found: Vec<String> = sqlx::query_scalar(
        "SELECT p.courriel FROM personne p WHERE p.courriel IS NOT NULL AND p.id <> $2
         AND (p.id = ANY ($1)
              OR p.id IN (SELECT responsable FROM responsabilite WHERE eleve = ANY ($1) AND destinataire))",
    )
    .bind(&ecole.eleves)
    .bind(sauf.0)
    .fetch_all(&ecole.maison.bench.views)
    .await?;
    found.sort();
    Ok(found)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_division_is_told_of_a_travail_in_the_evening_and_of_what_becomes_of_it() -> Result<()> {
    let passerelle = Passerelle::par(Canal::Courriel);
    let expedition = passerelle.expedition(DOMAINE);
    let ecole = Ecole::ouvrir_en_ecrivant(expedition.clone()).await?;
    let (maison, distribution) =
        (&ecole.maison, Distribution::new(ecole.maison.commands.clone(), expedition));
    let silence = json!({ "choix": [{ "theme": "TRAVAUX", "canaux": [], "rythme": "QUOTIDIEN" }] });
    maison.granted(ecole.autre_parent, "choisirPreferences", silence, "").await?;
    let travail = |pour_le: &str| {
        json!({ "enseignementId": global("Enseignement", ecole.enseignement), "pourLe": pour_le,
                "titre": "Exercices 4 à 7", "minutes": 30 })
    };
    let mut donner = travail("2026-11-27");
    donner["travail"] = json!(Uuid::from_u128(2));
    let donne = maison.granted(ecole.enseignante, "donnerTravail", donner, "travail { id }").await?;
    let id = json!({ "travailId": donne["travail"]["id"] });
    ecole.distribuer(&distribution).await?;
    maison.granted(ecole.enseignante, "publierTravail", id.clone(), "").await?;
    ecole.distribuer(&distribution).await?;
    assert_eq!(passerelle.messages()?.len(), 0, "not before the evening");
    maison.bench.clock.set("2026-11-23T17:00:00Z".parse()?);
    ecole.distribuer(&distribution).await?;
    let told = passerelle.messages()?;
    let mut whom: Vec<_> = told.iter().map(|message| message.adresse.clone()).collect();
    whom.sort();
    let wanted = adresses(&ecole, ecole.autre_parent).await?;
    assert!(!wanted.is_empty(), "nobody has an address");
    assert_eq!(whom, wanted, "once each");
    for message in &told {
        assert!(message.texte.contains("pour le 27/11/2026"), "{}", message.texte);
        assert!(!message.texte.contains("Exercices"), "what it is, is read in the ENT: {}", message.texte);
    }
    let mut modifier = travail("2026-11-30");
    modifier["travailId"] = id["travailId"].clone();
    maison.granted(ecole.enseignante, "modifierTravail", modifier, "").await?;
    maison.granted(ecole.enseignante, "annulerTravail", id, "").await?;
    ecole.distribuer(&distribution).await?;
    maison.bench.clock.set("2026-11-24T17:00:00Z".parse()?);
    ecole.distribuer(&distribution).await?;
    let evening = passerelle.messages()?.split_off(told.len());
    assert_eq!(evening.len(), wanted.len(), "both in one message");
    for message in evening {
        assert!(message.texte.contains("pour le 30/11/2026"), "{}", message.texte);
        let says = |what: &str| message.texte.contains(what);
        assert!(says("a changé") && says("n'est plus à faire"), "{}", message.texte);
    }
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_from_another_house_goes_on_choosing_where_it_was_begun() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (maison, bench) = (&ecole.maison, &ecole.maison.bench);
    let (ailleurs, personne) = (portail("0690002c"), PersonneId(ecole.parent.0));
    let chosen = PreferencesCommand::ChoisirPreferences {
        personne,
        choix: BTreeMap::new(),
        calme: Calme::default(),
        autres: BTreeSet::new(),
    };
    let context = bench.context(&ailleurs, &["chosen in another house"]);
    bench.record::<Preferences>(context, personne, chosen).await?;
    let choix = json!({ "choix": [{ "theme": "NOTES", "canaux": ["LETTRE"], "rythme": "IMMEDIAT" }] });
    let field = "preferences { choix { theme canaux } }";
    let told = maison.granted(ecole.parent, "choisirPreferences", choix, field).await?;
    let notes = json!({ "theme": "NOTES", "canaux": ["LETTRE"] });
    let kept = told["preferences"]["choix"].as_array().context("no choice")?;
    assert!(kept.contains(&notes), "{told:#}");
    let sql = "SELECT portail FROM ledger.events WHERE aggregate_type = 'notifications.preferences'";
    let journals: Vec<String> = sqlx::query_scalar(sql).fetch_all(&bench.owner).await?;
    assert_eq!(journals, ["0690002c", "0690002c"]);
    ecole.maison.close().await
}
