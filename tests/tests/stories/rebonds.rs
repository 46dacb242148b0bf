//! A relay that took a mail may bring it back a day later. Reports of that are read (RFC 3464), the vie
//! scolaire sees which family was not told, and an address that does not exist is written to no more.

use super::doublons::{merge, twin};
use anyhow::{Context, Result};
use api::envois::rebonds::{Bilan, relever};
use api::envois::{Distribution, Envois};
use chrono::TimeDelta;
use domain::{CompteId, PersonneId};
use ledger::clock::Clock;
use recits::courrier::{Courrier, Mail};
use recits::{DOMAINE, Ecole, personal};
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

/// A parent of a pupil whose whole family has addresses.
struct Famille {
    parent: CompteId,
    adresse: String,
    eleve: Uuid,
}

/// A school that writes to families, and the mailbox to which reports go.
struct Relevant {
    ecole: Ecole,
    courrier: Courrier,
    distribution: Distribution,
    familles: Vec<Famille>,
    boite: TempDir,
}

impl Relevant {
    async fn ouvrir() -> Result<Option<Self>> {
        let Some(courrier) = Courrier::start().await? else { return Ok(None) };
        let boite = tempfile::tempdir()?;
        let file = boite.path().join("envois.toml");
        let relay =
            format!("relais = \"smtp://127.0.0.1:{}\"\nexpediteur = \"ent@{DOMAINE}\"", courrier.port);
        std::fs::write(&file, format!("[courriel]\n{relay}\nretours = \"rebonds@{DOMAINE}\"\n"))?;
        let expedition = Envois::read(&file)?.expedition(DOMAINE)?;
        let ecole = Ecole::ouvrir_en_ecrivant(expedition.clone()).await?;
        let distribution = Distribution::new(ecole.maison.commands.clone(), expedition);
        let familles: Vec<(Uuid, String, Uuid)> = sqlx::query_as(
            "SELECT DISTINCT ON (s.eleve) s.responsable, p.courriel, s.eleve
             FROM responsabilite s JOIN personne p ON p.id = s.responsable
             WHERE s.eleve = ANY ($1) AND s.destinataire AND p.courriel IS NOT NULL
             ORDER BY s.eleve, s.responsable",
        )
        .bind(&ecole.eleves)
        .fetch_all(&ecole.maison.bench.views)
        .await?;
        let famille = |(parent, adresse, eleve)| Famille { parent: personal(parent), adresse, eleve };
        let familles = familles.into_iter().map(famille).collect();
        Ok(Some(Self { ecole, courrier, distribution, familles, boite }))
    }

    /// The pupil of a family is absent for an hour, and the family is told: a minute later than all
    /// before, for it is the newest that is asked for.
    async fn absent(&self, famille: &Famille, debut: &str, fin: &str) -> Result<()> {
        let clock = &self.ecole.maison.bench.clock;
        clock.set(clock.now() + TimeDelta::minutes(1));
        let heure = self.ecole.heure("2026-11-23", debut, fin);
        self.ecole.faire_l_appel(&heure, &[famille.eleve]).await?;
        self.ecole.distribuer(&self.distribution).await
    }

    /// The newest mail to a family.
    async fn mail(&self, famille: &Famille) -> Result<Mail> {
        let mails = self.courrier.mails().await?.into_iter();
        let mut to = mails.filter(|mail| mail.to.contains(&famille.adresse));
        to.next_back().context("no mail")
    }

    /// A relay says of a mail why it came back from an address; the mailbox is read.
    async fn revient(&self, mail: &Mail, adresse: &str, statut: &str) -> Result<Bilan> {
        let file = self.boite.path().join("rapport.eml");
        std::fs::write(&file, rapport(mail, adresse, statut))?;
        let bilan = relever(&self.ecole.maison.commands, DOMAINE, &file).await?;
        self.ecole.maison.bench.runner.catch_up().await?;
        Ok(bilan)
    }

    async fn a_traiter(&self, who: CompteId) -> Result<Value> {
        let query = "query($p: String!) {
            envoisATraiter(portail: $p, first: 50) { edges { node { canal etat } } }
            adressesEnDefaut(portail: $p, first: 50) { edges { node { adresse personne { nom } } } } }";
        self.ecole.maison.ask(Some(who), query, json!({ "p": self.ecole.portail })).await
    }

    async fn en_defaut(&self) -> Result<Vec<String>> {
        let seen = self.a_traiter(self.ecole.cpe).await?;
        let edges = seen["adressesEnDefaut"]["edges"].as_array().context("no list")?.clone();
        let adresse = |edge: Value| edge["node"]["adresse"].as_str().unwrap_or_default().to_owned();
        Ok(edges.into_iter().map(adresse).collect())
    }

    /// By which way the newest envoi to a family goes, and where it is.
    async fn dernier(&self, famille: &Famille) -> Result<(Value, Value)> {
        let query = "{ mesEnvois(first: 1) { edges { node { canal etat } } } }";
        let asked = self.ecole.maison.ask(Some(famille.parent), query, json!({})).await?;
        let node = &asked["mesEnvois"]["edges"][0]["node"];
        Ok((node["canal"].clone(), node["etat"].clone()))
    }

    /// How many letters to a family wait to be posted.
    async fn lettres(&self, famille: &Famille) -> Result<usize> {
        let query = "{ mesEnvois(first: 20) { edges { node { canal etat } } } }";
        let asked = self.ecole.maison.ask(Some(famille.parent), query, json!({})).await?;
        let edges = asked["mesEnvois"]["edges"].as_array().context("no list")?;
        let letter = json!({ "canal": "LETTRE", "etat": "PREPARE" });
        Ok(edges.iter().filter(|edge| edge["node"] == letter).count())
    }

    /// How many mails the relay has taken for a family.
    async fn recus(&self, famille: &Famille) -> Result<usize> {
        let mails = self.courrier.mails().await?.into_iter();
        Ok(mails.filter(|mail| mail.to.contains(&famille.adresse)).count())
    }

    async fn recorded(&self, kind: &str) -> Result<i64> {
        let sql = "SELECT count(*) FROM ledger.events WHERE event_type = $1";
        Ok(sqlx::query_scalar(sql).bind(kind).fetch_one(&self.ecole.maison.bench.owner).await?)
    }
}

/// After RFC 3464, appendix B.1.
fn rapport(mail: &Mail, adresse: &str, statut: &str) -> String {
    format!(
        "From: Mail Delivery Subsystem <MAILER-DAEMON@relais.exemple.fr>\r\n\
         To: <ent@{DOMAINE}>\r\n\
         Subject: Returned mail\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"RAA14128.773615765\"\r\n\r\n\
         --RAA14128.773615765\r\n\r\n\
         ----- The following addresses had delivery problems -----\r\n\r\n\
         --RAA14128.773615765\r\n\
         content-type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; relais.exemple.fr\r\n\r\n\
         Original-Recipient: rfc822;{adresse}\r\n\
         Final-Recipient: rfc822;{adresse}\r\n\
         Action: failed\r\n\
         Status: {statut}\r\n\r\n\
         --RAA14128.773615765\r\n\
         content-type: message/rfc822\r\n\r\n\
         Message-ID: {}\r\n\
         Subject: Absence\r\n\r\n\
         Bonjour,\r\n\
         --RAA14128.773615765--\r\n",
        mail.id
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_not_told_is_known_once_the_mail_is_back() -> Result<()> {
    let Some(ici) = Relevant::ouvrir().await? else { return Ok(()) };
    let famille = ici.familles.first().context("no family has an address")?;
    ici.absent(famille, "08:00:00", "08:55:00").await?;
    assert_eq!(ici.dernier(famille).await?, (json!("COURRIEL"), json!("REMIS")));
    let mail = ici.mail(famille).await?;
    let name = mail.id.trim_matches(['<', '>']).split('@').next().context("no name")?.to_owned();
    assert_eq!(mail.retour, format!("rebonds+{name}@{DOMAINE}"));
    let back = Bilan { courriels: 1, revenus: 1, inconnus: 0 };
    assert_eq!(ici.revient(&mail, &famille.adresse, "5.1.1").await?, back);
    assert_eq!(ici.revient(&mail, &famille.adresse, "5.1.1").await?, back, "a mailbox may be read again");
    assert_eq!(ici.recorded("notifications.envoi.non_remis").await?, 1);
    assert_eq!(ici.dernier(famille).await?, (json!("COURRIEL"), json!("NON_REMIS")));
    let seen = ici.a_traiter(ici.ecole.cpe).await?;
    assert!(seen["envoisATraiter"]["edges"].to_string().contains("NON_REMIS"), "{seen:#}");
    let teacher = ici.a_traiter(ici.ecole.enseignante).await?;
    assert_eq!(teacher["adressesEnDefaut"], Value::Null, "it is no teacher's to read");
    // The address is written to no more, until the directory has another one.
    assert_eq!(ici.en_defaut().await?, [famille.adresse.as_str()]);
    let query = "{ mesPreferences { courrielsEnDefaut { adresse } } }";
    let mine = ici.ecole.maison.ask(Some(famille.parent), query, json!({})).await?;
    assert_eq!(mine["mesPreferences"]["courrielsEnDefaut"], json!([{ "adresse": famille.adresse }]));
    // Of that absence and of the next one it is told by letters.
    ici.absent(famille, "09:00:00", "09:55:00").await?;
    assert_eq!(ici.dernier(famille).await?, (json!("LETTRE"), json!("PREPARE")));
    assert_eq!(ici.lettres(famille).await?, 2);
    let seen = ici.a_traiter(ici.ecole.cpe).await?;
    assert!(!seen["envoisATraiter"]["edges"].to_string().contains("NON_REMIS"), "{seen:#}");
    sqlx::query(
        "UPDATE annuaire.personne SET courriel = 'autre@exemple.fr' WHERE lower(courriel) = lower($1)",
    )
    .bind(&famille.adresse)
    .execute(&ici.ecole.maison.bench.owner)
    .await?;
    assert_eq!(ici.en_defaut().await?, Vec::<String>::new());
    ici.absent(famille, "10:00:00", "10:55:00").await?;
    assert_eq!(ici.dernier(famille).await?, (json!("COURRIEL"), json!("REMIS")));
    ici.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_under_another_fiche_of_the_same_person_answers_for_the_mail_that_came_back() -> Result<()> {
    let Some(ici) = Relevant::ouvrir().await? else { return Ok(()) };
    let famille = ici.familles.first().context("no family has an address")?;
    ici.absent(famille, "08:00:00", "08:55:00").await?;
    ici.revient(&ici.mail(famille).await?, &famille.adresse, "5.1.1").await?;
    let principale = personal(twin(&ici.ecole, famille.parent).await?.0);
    let read_as = merge(&ici.ecole, PersonneId(famille.parent.0), principale);
    ici.ecole.maison.granted(ici.ecole.principal, "fusionnerFiches", read_as, "").await?;
    let seen = ici.a_traiter(ici.ecole.cpe).await?;
    assert!(seen["envoisATraiter"]["edges"].to_string().contains("NON_REMIS"), "told in vain: {seen:#}");
    ici.absent(famille, "09:00:00", "09:55:00").await?;
    assert_eq!(ici.lettres(famille).await?, 2, "of both absences, to the principal fiche");
    let seen = ici.a_traiter(ici.ecole.cpe).await?;
    assert!(!seen["envoisATraiter"]["edges"].to_string().contains("NON_REMIS"), "{seen:#}");
    ici.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_address_that_does_not_exist_is_given_up() -> Result<()> {
    let Some(ici) = Relevant::ouvrir().await? else { return Ok(()) };
    let [famille, autre] = [&ici.familles[0], &ici.familles[1]];
    ici.absent(famille, "08:00:00", "08:55:00").await?;
    ici.absent(autre, "09:00:00", "09:55:00").await?;
    // A mailbox that was full for five days, and a report of an address to which the mail did not go.
    let back = Bilan { courriels: 1, revenus: 1, inconnus: 0 };
    assert_eq!(ici.revient(&ici.mail(famille).await?, &famille.adresse, "4.2.2").await?, back);
    assert_eq!(ici.revient(&ici.mail(autre).await?, &famille.adresse, "5.1.1").await?, back);
    assert_eq!(ici.recorded("notifications.envoi.non_remis").await?, 2);
    assert_eq!(ici.en_defaut().await?, Vec::<String>::new());
    // Of a mail that this ENT has not sent nothing is recorded.
    let foreign = Mail { id: format!("<{}@{DOMAINE}>", "0".repeat(32)), ..ici.mail(autre).await? };
    let unknown = Bilan { courriels: 1, revenus: 0, inconnus: 1 };
    assert_eq!(ici.revient(&foreign, &autre.adresse, "5.1.1").await?, unknown);
    // A relay that knows at once is believed too.
    ici.courrier.refuse_as(&autre.adresse, "5.1.1").await?;
    ici.absent(autre, "10:00:00", "10:55:00").await?;
    assert_eq!(ici.recorded("notifications.envoi.abandonne").await?, 1);
    assert_eq!(ici.en_defaut().await?, [autre.adresse.as_str()]);
    assert_eq!(ici.lettres(autre).await?, 2, "of both absences");
    ici.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_works_after_all_is_written_to_again() -> Result<()> {
    let Some(ici) = Relevant::ouvrir().await? else { return Ok(()) };
    let [famille, autre] = [&ici.familles[0], &ici.familles[1]];
    let maison = &ici.ecole.maison;
    ici.absent(famille, "08:00:00", "08:55:00").await?;
    ici.revient(&ici.mail(famille).await?, &famille.adresse, "5.1.1").await?;
    let query = "{ mesPreferences { courrielsEnDefaut { envoi { id } } } }";
    let mine = maison.ask(Some(famille.parent), query, json!({})).await?;
    let given_up = &mine["mesPreferences"]["courrielsEnDefaut"][0]["envoi"]["id"];
    let restore = json!({ "envoiId": given_up });
    for stranger in [autre.parent, ici.ecole.enseignante] {
        assert_eq!(maison.refused(stranger, "retablirAdresse", restore.clone()).await?, "INTERDIT");
    }
    // Its owner says that it works.
    let done = maison.granted(famille.parent, "retablirAdresse", restore.clone(), "envoi { id }").await?;
    assert_eq!(&done["envoi"]["id"], given_up);
    assert_eq!(maison.refused(famille.parent, "retablirAdresse", restore).await?, "ADRESSE_EN_USAGE");
    assert_eq!(ici.en_defaut().await?, Vec::<String>::new());
    ici.absent(famille, "09:00:00", "09:55:00").await?;
    assert_eq!(ici.recus(famille).await?, 2);
    // It does not, and then it does: the vie scolaire has it from the family.
    ici.revient(&ici.mail(famille).await?, &famille.adresse, "5.1.1").await?;
    assert_eq!(ici.en_defaut().await?, [famille.adresse.as_str()]);
    let query = "query($p: String!) { adressesEnDefaut(portail: $p, first: 5) {
        edges { node { envoi { id } } } } }";
    let seen = maison.ask(Some(ici.ecole.cpe), query, json!({ "p": ici.ecole.portail })).await?;
    let restore = json!({ "envoiId": seen["adressesEnDefaut"]["edges"][0]["node"]["envoi"]["id"] });
    maison.granted(ici.ecole.cpe, "retablirAdresse", restore, "").await?;
    assert_eq!(ici.en_defaut().await?, Vec::<String>::new());
    ici.absent(famille, "10:00:00", "10:55:00").await?;
    assert_eq!(ici.recus(famille).await?, 3);
    ici.ecole.maison.close().await
}
