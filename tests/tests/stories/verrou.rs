//! Marks and the lock of their period, at once and from two processes.

use super::trimestre::Trimestre;
use anyhow::{Context, Result};
use commands::notes::{LigneSaisie, QuellePeriode};
use commands::rights::{Acteur, Rights};
use commands::{Commands, Demande, UseCaseError};
use domain::notes::{Resultat, Valeur};
use domain::{AnneeScolaire, CommandeId, DivisionId, EvaluationId, PersonneId};
use futures::future::try_join_all;
use projections::annuaire::Calendriers;
use recits::global;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::task::JoinHandle;
use uuid::Uuid;

const EVALUATIONS: usize = 6;
/// How often the period is locked and opened again.
const VERROUS: usize = 4;
/// Marks that get in before each lock.
const AVANT: usize = 12;

/// Enters one mark after the other in an evaluation of its own, until it is refused.
struct Saisie {
    commands: Commands,
    acteur: Acteur,
    evaluation: EvaluationId,
    eleve: PersonneId,
    entered: Arc<AtomicUsize>,
}

impl Saisie {
    /// The code of the refusal.
    async fn saisir(self, verrou: usize) -> Result<String> {
        for number in 0.. {
            let resultat = Resultat::Note { valeur: Valeur::whole(number % 20) };
            let lignes = [LigneSaisie { eleve: self.eleve, resultat }];
            let (which, nth) = (self.evaluation.to_string(), format!("{verrou}.{number}"));
            let demande = demande(&self.acteur, &["mark", &which, &nth]);
            match self.commands.saisir_notes(&demande, self.evaluation, &lignes).await {
                Ok(_) => self.entered.fetch_add(1, Ordering::SeqCst),
                Err(UseCaseError::Refused(refused)) => return Ok(refused.code.to_owned()),
                Err(error) => return Err(error.into()),
            };
        }
        Ok(String::new())
    }
}

/// A wish of somebody's, by its name.
pub(super) fn demande(acteur: &Acteur, name: &[&str]) -> Demande {
    let corps = name.concat().into_bytes();
    Demande { acteur: acteur.clone(), commande: CommandeId::derived(name), corps, cause: None }
}

/// The use cases as another process has them: a writer of its own, and other memories.
pub(super) fn autre_processus(t: &Trimestre) -> Result<Commands> {
    let bench = &t.ecole.maison.bench;
    Ok(Commands::new(bench.another_process(), bench.views.clone(), Rights::load()?, BTreeSet::new()))
}

/// The first trimestre of the division.
pub(super) fn premier_trimestre(t: &Trimestre) -> QuellePeriode {
    QuellePeriode { division: DivisionId(t.ecole.division), annee: AnneeScolaire(2026), rang: 1 }
}

/// What the journal says of the period and of its marks, in its order.
async fn in_order(t: &Trimestre) -> Result<Vec<String>> {
    let sql = "SELECT event_type FROM ledger.events WHERE portail = $1
               AND (event_type = 'notes.evaluation.note_saisie' OR event_type LIKE 'notes.periode.%')
               ORDER BY annee, position";
    Ok(sqlx::query_scalar(sql).bind(&t.ecole.portail).fetch_all(&t.ecole.maison.bench.owner).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_mark_comes_in_behind_the_lock_of_its_period_whichever_process_locks_it() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    let (maison, bench) = (&t.ecole.maison, &t.ecole.maison.bench);
    for number in 0..EVALUATIONS {
        t.evaluation(json!({ "titre": format!("Contrôle {number}") })).await?;
    }
    let evaluations: Vec<Uuid> =
        sqlx::query_scalar("SELECT id FROM evaluation ORDER BY id").fetch_all(&bench.views).await?;
    let other = autre_processus(&t)?;
    let (prof, chef) = (
        maison.commands.acteur(Some(t.ecole.enseignante)).await?,
        other.acteur(Some(t.ecole.principal)).await?,
    );
    let quelle = premier_trimestre(&t);
    let eleve = PersonneId(*t.eleves.first().context("nobody is marked")?);
    for verrou in 0..VERROUS {
        let entered = Arc::new(AtomicUsize::new(0));
        let saisies = evaluations.iter().map(|evaluation| {
            let saisie = Saisie {
                commands: maison.commands.clone(),
                acteur: prof.clone(),
                evaluation: EvaluationId(*evaluation),
                eleve,
                entered: entered.clone(),
            };
            tokio::spawn(saisie.saisir(verrou))
        });
        let saisies: Vec<_> = saisies.collect();
        while entered.load(Ordering::SeqCst) < AVANT && !saisies.iter().any(JoinHandle::is_finished) {
            tokio::task::yield_now().await;
        }
        other.verrouiller_periode(&demande(&chef, &["lock", &verrou.to_string()]), quelle).await?;
        for refused in try_join_all(saisies).await? {
            assert_eq!(refused?, "PERIODE_VERROUILLEE");
        }
        let motif = "Une note oubliée".to_owned();
        let ouvrir = demande(&chef, &["unlock", &verrou.to_string()]);
        other.deverrouiller_periode(&ouvrir, quelle, motif).await?;
    }
    let (mut locked, mut locks, mut marks) = (false, 0, 0);
    for event in in_order(&t).await? {
        match event.as_str() {
            "notes.periode.verrouillee" => (locked, locks) = (true, locks + 1),
            "notes.periode.deverrouillee" => locked = false,
            _ => {
                assert!(!locked, "a mark came in behind lock {locks}");
                marks += 1;
            }
        }
    }
    assert_eq!(locks, VERROUS);
    assert!(marks >= VERROUS * AVANT, "{marks}");
    t.ecole.maison.close().await
}

/// The days of the first and of the last period of the division.
async fn jours(t: &Trimestre) -> Result<[String; 2]> {
    let bench = &t.ecole.maison.bench;
    bench.runner.catch_up().await?;
    let rows = Calendriers::periodes(&bench.views, &[t.ecole.division], 2026).await?;
    let (first, last) = rows.first().zip(rows.last()).context("the year is not cut")?;
    Ok([first, last].map(|row| format!("{} → {}", row.debut, row.fin)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_period_keeps_its_days_when_the_calendar_is_cut_anew() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    let (maison, chef) = (&t.ecole.maison, t.ecole.principal);
    let trimestres = |fins: [&str; 2], suites: [&str; 2]| {
        json!({ "divisionId": global("Division", t.ecole.division), "annee": 2026,
            "decoupage": "TRIMESTRES", "periodes": [
                { "libelle": "1er trimestre", "debut": "2026-09-01", "fin": fins[0] },
                { "libelle": "2e trimestre", "debut": suites[0], "fin": fins[1] },
                { "libelle": "3e trimestre", "debut": suites[1], "fin": "2027-07-03" }] })
    };
    let semestres = json!({ "divisionId": global("Division", t.ecole.division), "annee": 2026,
        "decoupage": "SEMESTRES", "periodes": [
            { "libelle": "1er semestre", "debut": "2026-09-01", "fin": "2027-01-22" },
            { "libelle": "2e semestre", "debut": "2027-01-23", "fin": "2027-07-03" }] });
    let annee =
        |debut: &str, fin: &str| json!({ "uai": t.ecole.uai, "annee": 2026, "debut": debut, "fin": fin });
    let avance = trimestres(["2026-11-20", "2027-03-05"], ["2026-11-21", "2027-03-06"]);
    t.chef("verrouillerPeriode", t.periode(json!({})), "").await?;
    for decoupe in [avance.clone(), semestres.clone()] {
        assert_eq!(maison.refused(chef, "fixerPeriodes", decoupe).await?, "JOURS_VERROUILLES");
    }
    let avancee = annee("2026-08-31", "2027-07-03");
    assert_eq!(maison.refused(chef, "fixerAnnee", avancee).await?, "JOURS_VERROUILLES");
    // Of another end only the last period is told: the locked one keeps its days.
    t.chef("fixerAnnee", annee("2026-09-01", "2027-07-06"), "").await?;
    assert_eq!(jours(&t).await?, ["2026-09-01 → 2026-11-30", "2027-03-06 → 2027-07-06"]);
    // A year that leaves out a period has none any more, and the locked one would be lost.
    let ecourtee = annee("2026-09-01", "2027-02-26");
    assert_eq!(maison.refused(chef, "fixerAnnee", ecourtee).await?, "JOURS_VERROUILLES");
    t.chef("fixerAnnee", annee("2026-09-01", "2027-07-03"), "").await?;
    let plus_tard = trimestres(["2026-11-30", "2027-03-12"], ["2026-12-01", "2027-03-13"]);
    t.chef("fixerPeriodes", plus_tard, "").await?;
    t.chef("deverrouillerPeriode", t.periode(json!({ "motif": "Une note oubliée" })), "").await?;
    t.chef("fixerPeriodes", avance, "").await?;
    // It is locked with the days that it has now.
    t.chef("verrouillerPeriode", t.periode(json!({})), "").await?;
    assert_eq!(maison.refused(chef, "fixerPeriodes", semestres).await?, "JOURS_VERROUILLES");
    t.ecole.maison.close().await
}
