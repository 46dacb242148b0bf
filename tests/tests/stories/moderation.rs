//! How a space of a portal is moderated is its directeur's to say; what goes online names the mode
//! that it was under, and is told so whatever is said later.

use super::verrou::demande;
use anyhow::Result;
use commands::publications::ParutionDemandee;
use commands::rights::{Acteur, Rights};
use commands::{Commands, UseCaseError};
use domain::publications::{Audience, ModeDeModeration};
use domain::{CompteId, PortailId, PublicationId};
use futures::future::try_join_all;
use recits::{Ecole, exploitant, global};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::task::JoinHandle;
use uuid::Uuid;

/// How many publications are put online at once, each by a writer of its own, one after the other.
pub(super) const ECRIVAINS: usize = 4;
pub(super) const BROUILLONS: usize = 12;
/// How many are online before what forbids the others.
pub(super) const AVANT: usize = 8;

const MODES: &str = "query($p: String!, $le: DateTime) { portail(nom: $p) {
    moderation(le: $le) { espace mode fondement motif depuis par { id } } } }";

/// The spaces of the portal at an instant, the public one first.
async fn espaces(ecole: &Ecole, le: Option<&str>) -> Result<[Value; 2]> {
    let variables = json!({ "p": ecole.portail, "le": le });
    let mut told = ecole.maison.ask(None, MODES, variables).await?;
    Ok([0_usize, 1].map(|at| told["portail"]["moderation"][at].take()))
}

fn at(ecole: &Ecole, heure: &str) -> Result<()> {
    ecole.maison.bench.clock.set(format!("2026-11-23T{heure}:00Z").parse()?);
    Ok(())
}

/// A draft of the teacher's.
pub(super) async fn brouillon(ecole: &Ecole, titre: &str) -> Result<Value> {
    let redaction = json!({ "portail": ecole.portail, "titre": titre, "corps": "Jeudi." });
    let mut redigee =
        ecole.maison.granted(ecole.enseignante, "redigerActualite", redaction, "publication { id }").await?;
    Ok(redigee["publication"]["id"].take())
}

fn parution(publication: &Value, audience: &str) -> Value {
    json!({ "publicationId": publication, "version": 1, "audience": audience })
}

fn reglage(ecole: &Ecole, mode: &str, motif: &str) -> Value {
    json!({ "portail": ecole.portail, "espace": "PORTAIL", "mode": mode, "motif": motif })
}

/// What everybody may read on the portal.
async fn lues(ecole: &Ecole, who: Option<CompteId>) -> Result<Vec<Value>> {
    let query = "query($p: String!) { portail(nom: $p) { actualites(first: 9) { nodes { titre } } } }";
    let mut told = ecole.maison.ask(who, query, json!({ "p": ecole.portail })).await?;
    Ok(serde_json::from_value(told["portail"]["actualites"]["nodes"].take())?)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_proposed_a_priori_is_public_once_the_directeur_has_put_it_online() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    for espace in espaces(&ecole, None).await? {
        assert_eq!((&espace["mode"], &espace["depuis"]), (&json!("A_PRIORI"), &Value::Null));
        let fondement = espace["fondement"].as_str().unwrap_or_default();
        assert!(fondement.contains("art. 93-3, al. 1"), "{fondement}");
    }
    let publication = brouillon(&ecole, "Sortie").await?;
    for audience in ["PUBLIC", "PORTAIL"] {
        let asked = parution(&publication, audience);
        assert_eq!(maison.refused(ecole.enseignante, "publierPublication", asked).await?, "INTERDIT");
    }
    let proposee = json!({ "publicationId": publication });
    maison.granted(ecole.enseignante, "soumettrePublication", proposee, "").await?;
    assert!(lues(&ecole, None).await?.is_empty(), "it is proposed, and not public");
    maison.granted(ecole.principal, "publierPublication", parution(&publication, "PUBLIC"), "").await?;
    assert_eq!(lues(&ecole, None).await?, [json!({ "titre": "Sortie" })]);
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_space_is_moderated_as_its_directeur_says_and_each_act_under_the_mode_of_its_instant() -> Result<()>
{
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    at(&ecole, "08:00")?;
    let after = || reglage(&ecole, "A_POSTERIORI", "Essai d'un trimestre");
    for who in [ecole.administrateur, ecole.enseignante, ecole.parent, exploitant()] {
        assert_eq!(maison.refused(who, "fixerModeDeModeration", after()).await?, "INTERDIT");
    }
    let mute = reglage(&ecole, "A_POSTERIORI", " ");
    assert_eq!(maison.refused(ecole.principal, "fixerModeDeModeration", mute).await?, "MOTIF_MANQUANT");
    maison.granted(ecole.principal, "fixerModeDeModeration", after(), "portail { hote }").await?;

    at(&ecole, "09:00")?;
    let (sortie, publique) = (brouillon(&ecole, "Sortie").await?, brouillon(&ecole, "Kermesse").await?);
    let other = maison.refused(ecole.collegue, "publierPublication", parution(&sortie, "PORTAIL")).await?;
    assert_eq!(other, "INTERDIT", "who has not written it");
    maison.granted(ecole.enseignante, "publierPublication", parution(&sortie, "PORTAIL"), "").await?;
    assert_eq!(lues(&ecole, Some(ecole.collegue)).await?, [json!({ "titre": "Sortie" })]);
    let open = maison.refused(ecole.enseignante, "publierPublication", parution(&publique, "PUBLIC")).await?;
    assert_eq!(open, "INTERDIT", "the public space is another one");
    let bal = brouillon(&ecole, "Bal").await?;
    let prevue =
        json!({ "publicationId": bal, "version": 1, "audience": "PORTAIL", "du": "2026-11-24T08:00:00Z" });
    maison.granted(ecole.principal, "publierPublication", prevue, "").await?;
    let version = json!({ "publicationId": bal, "titre": "Bal", "corps": "Vendredi." });
    maison.granted(ecole.enseignante, "modifierPublication", version, "").await?;
    let again = json!({ "publicationId": bal, "version": 2, "audience": "PORTAIL" });
    let again = maison.refused(ecole.enseignante, "publierPublication", again).await?;
    assert_eq!(again, "INTERDIT", "what the directeur has planned is not replaced");
    let notice = json!({ "publicationId": sortie, "version": 1, "motif": "AUTRE",
        "explication": "C'est vendredi.", "bonneFoi": true });
    let recu = maison.granted(ecole.collegue, "signalerContenu", notice, "signalement { id }").await?;

    at(&ecole, "10:00")?;
    let before = reglage(&ecole, "A_PRIORI", "Trop de signalements");
    maison.granted(ecole.principal, "fixerModeDeModeration", before, "").await?;
    let late =
        maison.refused(ecole.enseignante, "publierPublication", parution(&publique, "PORTAIL")).await?;
    assert_eq!(late, "INTERDIT");
    assert_eq!(lues(&ecole, Some(ecole.collegue)).await?.len(), 1, "what is online stays online");
    at(&ecole, "11:00")?;
    told_as_of_each_instant(&ecole).await?;
    named_by_the_act(&ecole, &recu["signalement"]["id"]).await?;
    crate::projections::replay::check(&maison.bench).await?;
    ecole.maison.close().await
}

async fn told_as_of_each_instant(ecole: &Ecole) -> Result<()> {
    let ana = json!(global("Personne", ecole.principal.0));
    for (le, mode, depuis, par) in [
        (Some("2026-11-23T07:30:00Z"), "A_PRIORI", Value::Null, Value::Null),
        (Some("2026-11-23T09:30:00Z"), "A_POSTERIORI", json!("2026-11-23T08:00:00+00:00"), ana.clone()),
        (None, "A_PRIORI", json!("2026-11-23T10:00:00+00:00"), ana),
    ] {
        let [public, portail] = espaces(ecole, le).await?;
        assert_eq!((&public["espace"], &public["mode"]), (&json!("PUBLIC"), &json!("A_PRIORI")));
        assert_eq!((&portail["mode"], &portail["depuis"]), (&json!(mode), &depuis), "{le:?}");
        assert_eq!(portail["par"].get("id").cloned().unwrap_or_default(), par, "{le:?}");
    }
    let [_, essai] = espaces(ecole, Some("2026-11-23T09:30:00Z")).await?;
    assert_eq!(essai["motif"], "Essai d'un trimestre");
    let fondement = essai["fondement"].as_str().unwrap_or_default();
    assert!(fondement.contains("art. 93-3, al. 5") && fondement.contains("LCEN"), "{fondement}");
    Ok(())
}

/// The timeline of the notice, and what a look back shows.
async fn named_by_the_act(ecole: &Ecole, signalement: &Value) -> Result<()> {
    let maison = &ecole.maison;
    let query =
        "query($id: ID!) { signalement(id: $id) { chronologie { nature modeDeModeration par { id } } } }";
    let told = maison.ask(Some(ecole.principal), query, json!({ "id": signalement })).await?;
    let first = &told["signalement"]["chronologie"][0];
    let ecrivain = global("Personne", ecole.enseignante.0);
    assert_eq!(
        first,
        &json!({ "nature": "MISE_EN_LIGNE", "modeDeModeration": "A_POSTERIORI", "par": { "id": ecrivain } })
    );
    let query = "query($p: String!) { portail(nom: $p) {
        retrospective(le: \"2026-11-23T10:30:00Z\", motif: \"Assignation\") {
            affichages { modeDeModeration directeurDePublication { id } } } } }";
    let told = maison.ask(Some(ecole.principal), query, json!({ "p": ecole.portail })).await?;
    assert_eq!(
        told["portail"]["retrospective"]["affichages"],
        json!([{ "modeDeModeration": "A_POSTERIORI",
            "directeurDePublication": { "id": global("Personne", ecole.principal.0) } }])
    );
    Ok(())
}

/// Puts publications online one after the other, until that is refused; the refusal, if there was one.
pub(super) async fn paraitre(
    commands: Commands,
    plume: Acteur,
    brouillons: Vec<Uuid>,
    online: Arc<AtomicUsize>,
) -> Result<Option<String>> {
    for id in brouillons {
        let asked = ParutionDemandee { version: 1, audience: Audience::Portail, du: None, au: None };
        let demande = demande(&plume, &["put online", &id.to_string()]);
        match commands.publier_publication(&demande, PublicationId(id), asked).await {
            Ok(_) => online.fetch_add(1, Ordering::SeqCst),
            Err(UseCaseError::Refused(refused)) => return Ok(Some(refused.code.to_owned())),
            Err(UseCaseError::Interdit) => return Ok(Some("INTERDIT".to_owned())),
            Err(error) => return Err(error.into()),
        };
    }
    Ok(None)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_goes_online_behind_the_mode_that_forbids_it_whichever_process_fixes_it() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (maison, bench) = (&ecole.maison, &ecole.maison.bench);
    at(&ecole, "08:00")?;
    let after = reglage(&ecole, "A_POSTERIORI", "Essai d'un trimestre");
    maison.granted(ecole.principal, "fixerModeDeModeration", after, "portail { hote }").await?;
    for number in 0..ECRIVAINS * BROUILLONS {
        brouillon(&ecole, &format!("Sortie {number}")).await?;
    }
    let written: Vec<Uuid> =
        sqlx::query_scalar("SELECT id FROM publication ORDER BY id").fetch_all(&bench.views).await?;
    let other = Commands::new(bench.another_process(), bench.views.clone(), Rights::load()?, BTreeSet::new());
    let plume = maison.commands.acteur(Some(ecole.enseignante)).await?;
    let chef = other.acteur(Some(ecole.principal)).await?;
    let online = Arc::new(AtomicUsize::new(0));
    let writers = written.chunks(BROUILLONS).map(|brouillons| {
        let commands = maison.commands.clone();
        tokio::spawn(paraitre(commands, plume.clone(), brouillons.to_vec(), online.clone()))
    });
    let writers: Vec<_> = writers.collect();
    while online.load(Ordering::SeqCst) < AVANT && !writers.iter().any(JoinHandle::is_finished) {
        tokio::task::yield_now().await;
    }
    let (portail, motif): (PortailId, _) = (ecole.portail.parse()?, "Trop de signalements".to_owned());
    let (before, fixer) = (ModeDeModeration::APriori, demande(&chef, &["a priori"]));
    other.fixer_mode_de_moderation(&fixer, portail, Audience::Portail, before, motif).await?;
    for refused in try_join_all(writers).await? {
        let refused = refused?;
        let codes = [None, Some("MODE_DE_MODERATION_CHANGE"), Some("INTERDIT")];
        assert!(codes.contains(&refused.as_deref()), "{refused:?}");
    }
    let sql = "SELECT event_type FROM ledger.events WHERE portail = $1 AND event_type IN
               ('publications.publication.publiee', 'publications.espace.mode_fixe')
               ORDER BY annee, position";
    let told: Vec<String> = sqlx::query_scalar(sql).bind(&ecole.portail).fetch_all(&bench.owner).await?;
    assert!(told.len() >= AVANT + 2, "{told:?}");
    assert_eq!(told.last().map(String::as_str), Some("publications.espace.mode_fixe"), "{told:?}");
    ecole.maison.close().await
}
