//! After any erasures in any order: journals verify, nothing that was erased can be read
//! anywhere in the database, and views equal those that are rebuilt from zero.
//!
//! Every text that is recorded carries the name of the key under which it is sealed, so that
//! it can be looked for in every column of every table.

use anyhow::{Context, Result, ensure};
use domain::absences::{Appel, AppelEvent, Presence, Seance};
use domain::annuaire::{EtatCivil, Personne, PersonneEvent, Source};
use domain::notes::{Evaluation, EvaluationEvent, FicheEvaluation, Resultat};
use domain::publications::{Contenu, Publication, PublicationEvent};
use domain::{
    Aggregate, AppelId, CleId, DivisionId, EnseignementId, EvaluationId, Event, PersonneId, PublicationId,
    Retention,
};
use ledger::envelope::Stream;
use ledger::erasure::Erasure;
use ledger::unit::Unit;
use proptest::prelude::*;
use proptest::test_runner::Config;
use recits::{Bench, PORTAIL, portail};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Each case has a database of its own.
const CASES: u32 = 8;
const SHRINKS: u32 = 20;

/// One thing that happens.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Something is written about a person or, without one, by the portal.
    Write { what: u8, stream: u8, personne: u8 },
    /// The views read everything.
    Follow,
    /// The keys of one subject are destroyed.
    Erase { subject: u8, class: u8, last_year: bool },
    /// The next school year begins.
    Turn,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (0..6u8, 0..3u8, 0..3u8).prop_map(|(what, stream, personne)| Step::Write { what, stream, personne }),
        2 => Just(Step::Follow),
        3 => (0..4u8, 0..3u8, any::<bool>())
            .prop_map(|(subject, class, last_year)| Step::Erase { subject, class, last_year }),
        1 => Just(Step::Turn),
    ];
    proptest::collection::vec(step, 5..60)
}

fn config() -> Config {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let cases = asked.unwrap_or(CASES);
    Config { cases, max_shrink_iters: SHRINKS, failure_persistence: None, ..Config::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn after_any_erasures_proofs_stand_contents_are_gone_and_views_are_those_of_a_replay(steps in steps()) {
        let found = tokio::runtime::Runtime::new().unwrap().block_on(live(&steps));
        prop_assert!(found.is_ok(), "{:?}", found);
    }
}

async fn live(steps: &[Step]) -> Result<()> {
    let mut school = School::open().await?;
    for step in steps {
        school.step(*step).await.with_context(|| format!("{step:?}"))?;
    }
    school.follow().await?;
    school.check().await
}

#[tokio::test]
async fn what_is_not_erased_is_found_where_the_property_looks() -> Result<()> {
    let mut school = School::open().await?;
    let mut seen = BTreeSet::new();
    for what in [1, 0, 3, 2, 4, 5] {
        school.step(Step::Write { what, stream: 0, personne: 0 }).await?;
    }
    school.follow().await?;
    for mark in school.written.values() {
        if found(&school.bench, mark).await? > 0 {
            seen.insert(mark.clone());
        }
    }
    ensure!(seen.len() == school.written.len() && seen.len() >= 4, "{seen:?} of {:?}", school.written);
    Ok(())
}

#[tokio::test]
async fn until_the_views_follow_they_keep_what_was_erased_and_not_longer() -> Result<()> {
    let mut school = School::open().await?;
    school.step(Step::Write { what: 4, stream: 0, personne: 0 }).await?;
    school.follow().await?;
    school.step(Step::Erase { subject: 0, class: 1, last_year: false }).await?;
    ensure!(school.check().await.is_err(), "a view that has not followed shows the property's failure");
    school.follow().await?;
    school.check().await
}

#[tokio::test]
async fn a_view_that_is_rebuilt_while_something_is_erased_keeps_nothing_of_it() -> Result<()> {
    let mut school = School::open().await?;
    for what in [1, 0, 3, 2] {
        school.step(Step::Write { what, stream: 0, personne: 0 }).await?;
    }
    school.follow().await?;
    let (runner, view) = (school.bench.runner.clone(), projections::notes::Notes);
    let mut rebuild = runner.begin_rebuild(&view).await?;
    while rebuild.step().await?.is_some() {}
    school.step(Step::Erase { subject: 0, class: 0, last_year: false }).await?;
    rebuild.switch().await?;
    school.follow().await?;
    school.check().await
}

/// The name under which a key is filed: subject, class, year.
type Name = (String, &'static str, String);

struct School {
    bench: Bench,
    annee: i16,
    commands: u32,
    sequences: BTreeMap<Stream, u64>,
    /// The mark in texts under each living key.
    written: BTreeMap<Name, String>,
    erased: Vec<String>,
}

impl School {
    async fn open() -> Result<Self> {
        let bench = Bench::open().await?;
        let (sequences, written) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { bench, annee: 2026, commands: 0, sequences, written, erased: Vec::new() })
    }

    async fn step(&mut self, step: Step) -> Result<()> {
        match step {
            Step::Write { what, stream, personne } => self.write(what, stream, personne).await,
            Step::Follow => self.follow().await,
            Step::Erase { subject, class, last_year } => self.erase(subject, class, last_year).await,
            Step::Turn => {
                self.annee += 1;
                self.bench.clock.set(format!("{}-11-23T07:00:00Z", self.annee).parse()?);
                Ok(())
            }
        }
    }

    async fn follow(&self) -> Result<()> {
        Ok(self.bench.runner.catch_up().await?)
    }

    /// The mark of a text sealed under the key of a subject.
    fn mark(&mut self, subject: String, class: Retention) -> String {
        let name = (subject, class.as_str(), self.annee.to_string());
        let fresh = format!("MARQUE{}x{}Z", self.erased.len(), self.written.len());
        self.written.entry(name).or_insert(fresh).clone()
    }

    async fn write(&mut self, what: u8, stream: u8, personne: u8) -> Result<()> {
        let id = |kind: &str| uuid::Uuid::from_bytes([stream + kind.len() as u8; 16]);
        let eleve = personne_of(personne);
        let (about, of_portail) = (format!("personne:{eleve}"), format!("portail:{PORTAIL}"));
        let (kind, id, event) = match what {
            0 => {
                let motif = self.mark(about, Retention::Scolarite);
                let (avant, apres) = (Presence::Absent, Presence::Present);
                let event = AppelEvent::AppelCorrige { eleve, avant, apres, motif };
                (Appel::TYPE, id("appel").to_string(), Event::Appel(event))
            }
            1 => (Appel::TYPE, id("appel").to_string(), Event::Appel(opened(AppelId(id("appel"))))),
            2 => {
                let motif = self.mark(about, Retention::Scolarite);
                let event =
                    EvaluationEvent::NoteCorrigee { eleve, avant: None, apres: Resultat::Absent, motif };
                (Evaluation::TYPE, id("evaluation").to_string(), Event::Evaluation(event))
            }
            3 => {
                let titre = self.mark(of_portail, Retention::Scolarite);
                let event = created(EvaluationId(id("evaluation")), titre);
                (Evaluation::TYPE, id("evaluation").to_string(), Event::Evaluation(event))
            }
            4 => {
                let nom = self.mark(about, Retention::Annuaire);
                let etat_civil = EtatCivil { nom, ..EtatCivil::default() };
                let source = Source { academie: "lyon".into(), cle: "1".into() };
                let event = PersonneEvent::PersonneEnregistree { personne: eleve, source, etat_civil };
                (Personne::TYPE, eleve.to_string(), Event::Personne(event))
            }
            _ => {
                let titre = self.mark(of_portail, Retention::Publication);
                let publication = PublicationId(id("publication"));
                (Publication::TYPE, publication.to_string(), Event::Publication(written(titre)))
            }
        };
        let stream = Stream { kind: kind.to_owned(), id };
        // A view has each thing once: what begins a stream begins it once.
        if begins(&event) && self.sequences.contains_key(&stream) {
            return Ok(());
        }
        self.record(stream, event).await
    }

    fn unit(&mut self) -> Unit {
        self.commands += 1;
        let command = self.commands.to_string();
        Unit::new(self.bench.context(&portail(PORTAIL), &[&command]), vec![])
    }

    async fn record(&mut self, stream: Stream, event: Event) -> Result<()> {
        let mut unit = self.unit();
        let sequence = self.sequences.entry(stream.clone()).or_default();
        *sequence += 1;
        let sequence = *sequence;
        unit.stage(stream, sequence, &event, payload(&event)?);
        self.bench.ledger.append(unit).await?;
        Ok(())
    }

    async fn erase(&mut self, subject: u8, class: u8, last_year: bool) -> Result<()> {
        let subject = match subject {
            3 => format!("portail:{PORTAIL}"),
            person => format!("personne:{}", personne_of(person)),
        };
        let class = [Retention::Scolarite, Retention::Annuaire, Retention::Publication][usize::from(class)];
        let annee = self.annee - i16::from(last_year);
        let keys: Vec<Uuid> = sqlx::query_scalar(
            "SELECT id FROM ledger.keys
             WHERE subject = $1 AND retention = $2 AND period = $3 AND wrapped IS NOT NULL",
        )
        .bind(&subject)
        .bind(class.as_str())
        .bind(annee.to_string())
        .fetch_all(&self.bench.owner)
        .await?;
        if keys.is_empty() {
            return Ok(());
        }
        let mut unit = self.unit();
        let stream = Stream { kind: "conservation.gel".into(), id: format!("dit {}", self.commands) };
        let said = Event::Gels(domain::conservation::GelEvent::GelLeve {
            gel: domain::GelId::derived(&["g"]),
            motif: "Essai".into(),
            par: domain::conservation::Auteur { compte: domain::CompteId::NONE, personne: None },
            le: "2026-11-23".parse()?,
        });
        unit.stage(stream, 1, &said, payload(&said)?);
        let keys = keys.into_iter().map(CleId).collect();
        self.bench.ledger.erase(unit, &Erasure { keys, unmoved: vec![] }).await?;
        if let Some(mark) = self.written.remove(&(subject, class.as_str(), annee.to_string())) {
            self.erased.push(mark);
        }
        Ok(())
    }

    async fn check(&self) -> Result<()> {
        for (journal, head) in self.bench.journals().await? {
            let verdict = self.bench.verify(&journal).await?;
            ensure!(verdict.fault.is_none() && i64::try_from(verdict.leaves)? == head, "{verdict:?}");
        }
        for mark in &self.erased {
            let places = found(&self.bench, mark).await?;
            ensure!(places == 0, "{mark} is still in {places} rows");
        }
        crate::projections::replay::check(&self.bench).await
    }
}

fn personne_of(number: u8) -> PersonneId {
    PersonneId::derived(&["personne", &number.to_string()])
}

/// Whether it begins its stream.
fn begins(event: &Event) -> bool {
    matches!(
        event,
        Event::Appel(AppelEvent::AppelOuvert { .. })
            | Event::Evaluation(EvaluationEvent::EvaluationCreee { .. })
            | Event::Publication(_)
    )
}

fn opened(appel: AppelId) -> AppelEvent {
    let seance = Seance {
        enseignement: EnseignementId(appel.0),
        division: DivisionId::derived(&["6A"]),
        date: "2026-11-23".parse().unwrap(),
        debut: "08:00:00".parse().unwrap(),
        fin: "09:00:00".parse().unwrap(),
    };
    AppelEvent::AppelOuvert { seance, enseignant: personne_of(9) }
}

fn created(id: EvaluationId, titre: String) -> EvaluationEvent {
    let fiche = FicheEvaluation {
        enseignement: EnseignementId(id.0),
        division: DivisionId::derived(&["6A"]),
        titre,
        date: "2026-11-23".parse().unwrap(),
        bareme: "20".parse().unwrap(),
        coefficient: "1".parse().unwrap(),
        formative: false,
    };
    EvaluationEvent::EvaluationCreee { fiche, auteur: personne_of(9) }
}

fn written(titre: String) -> PublicationEvent {
    let contenu = Contenu { corps: format!("Texte de {titre}"), titre };
    PublicationEvent::ActualiteRedigee {
        portail: portail(PORTAIL),
        auteur: personne_of(9),
        version: 1,
        contenu,
    }
}

fn payload(event: &Event) -> Result<Vec<u8>> {
    Ok(match event {
        Event::Appel(event) => serde_json::to_vec(event)?,
        Event::Evaluation(event) => serde_json::to_vec(event)?,
        Event::Personne(event) => serde_json::to_vec(event)?,
        Event::Publication(event) => serde_json::to_vec(event)?,
        Event::Gels(event) => serde_json::to_vec(event)?,
        other => anyhow::bail!("no such event here: {other:?}"),
    })
}

/// In how many rows of all tables of the database a text is found, in any column: as text,
/// in JSON, or as bytes.
async fn found(bench: &Bench, text: &str) -> Result<i64> {
    let tables: Vec<(String, String)> = sqlx::query_as(
        "SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'm', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'",
    )
    .fetch_all(&bench.owner)
    .await?;
    ensure!(tables.len() > 20, "only {} tables", tables.len());
    let bytes: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut rows = 0;
    for (schema, table) in tables {
        let sql = format!(
            "SELECT count(*) FROM \"{schema}\".\"{table}\" t WHERE strpos(t::text, $1) > 0 OR strpos(t::text, $2) > 0"
        );
        rows += sqlx::query_scalar::<_, i64>(&sql).bind(text).bind(&bytes).fetch_one(&bench.owner).await?;
    }
    Ok(rows)
}
