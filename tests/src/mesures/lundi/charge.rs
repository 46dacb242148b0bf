//! The load: rolls and pages, each begun at the instant that is planned for it, whether or not
//! those before are answered. Latency counts from that instant: who had to wait to be asked
//! has waited.

use super::client::Clients;
use super::region::{Enseignant, Region};
use crate::mesures::load::histogram;
use anyhow::Result;
use chrono::NaiveDate;
use hdrhistogram::Histogram;
use ledger::unit::Position;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;

const PAGE: &str = "{ moi { enfants { personne { prenom } \
    absences(first: 10) { nodes { date etat minutes } } \
    notes(first: 10) { nodes { titre matiere date bareme resultat { etat note } } } } } }";

/// What is measured, in the order of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Acte {
    /// `ouvrirAppel`, of which a client waits for the id.
    Ouvrir,
    /// `pointerEleves`, thirty lines.
    Pointer,
    /// `cloreAppel`.
    Clore,
    /// The three of them.
    Appel,
    /// A family's page.
    Page,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Resultats {
    /// Latencies in microseconds.
    pub latences: BTreeMap<Acte, Histogram<u64>>,
    /// How often what went wrong.
    pub erreurs: BTreeMap<String, u64>,
    /// When each roll was answered to be closed, and where it is on the record.
    pub clos: Vec<(std::time::Instant, Position)>,
    /// From the first act that was planned to the last that was answered.
    pub duree: Duration,
}

/// See the module.
pub struct Charge {
    clients: Clients,
    region: Region,
    jour: NaiveDate,
    resultats: Mutex<Resultats>,
}

impl Charge {
    /// On these clients, with rolls of that school day.
    pub fn new(clients: Clients, region: Region, jour: NaiveDate) -> Arc<Self> {
        Arc::new(Self { clients, region, jour, resultats: Mutex::default() })
    }

    /// Every teacher takes the roll once, spread over a time in which families read so many pages
    /// a second.
    pub async fn run(self: &Arc<Self>, sur: Duration, pages: f64) -> Result<Resultats> {
        let start = Instant::now();
        let rolls = paced(start, self.region.enseignants.len(), sur, |number, planned| {
            let charge = self.clone();
            async move { charge.appel(number, planned).await }
        });
        let wanted = (pages * sur.as_secs_f64()).round() as usize;
        let pages = paced(start, wanted, sur, |number, planned| {
            let charge = self.clone();
            async move { charge.page(number, planned).await }
        });
        tokio::try_join!(rolls, pages)?;
        let mut found = std::mem::take(&mut *self.resultats.lock().unwrap_or_else(PoisonError::into_inner));
        found.duree = start.elapsed();
        Ok(found)
    }

    async fn appel(&self, number: usize, planned: Instant) -> Result<()> {
        let Some(enseignant) = self.region.enseignants.get(number) else { return Ok(()) };
        match self.three_requests(enseignant, planned).await? {
            Ok(position) => {
                self.note(Acte::Appel, planned)?;
                let clos = (std::time::Instant::now(), position);
                self.resultats.lock().unwrap_or_else(PoisonError::into_inner).clos.push(clos);
            }
            Err(code) => self.fail(code),
        }
        Ok(())
    }

    /// Each request begins when the one before is answered.
    async fn three_requests(
        &self,
        enseignant: &Enseignant,
        planned: Instant,
    ) -> Result<Result<Position, String>> {
        let seance = json!({ "enseignementId": crate::global("Enseignement", enseignant.enseignement),
                             "date": self.jour, "debut": "08:00:00", "fin": "08:55:00" });
        let opened = match self.tell(enseignant, "ouvrirAppel", "appel { id }", seance).await {
            Ok(payload) => payload,
            Err(code) => return Ok(Err(code)),
        };
        self.note(Acte::Ouvrir, planned)?;
        let (appel, began) = (&opened["appel"]["id"], Instant::now());
        let lines: Vec<_> = enseignant.eleves.iter().enumerate().map(ligne).collect();
        let lines = json!({ "appelId": appel, "pointages": lines });
        if let Err(code) = self.tell(enseignant, "pointerEleves", "", lines).await {
            return Ok(Err(code));
        }
        self.note(Acte::Pointer, began)?;
        let began = Instant::now();
        let closed = match self.tell(enseignant, "cloreAppel", "", json!({ "appelId": appel })).await {
            Ok(payload) => payload,
            Err(code) => return Ok(Err(code)),
        };
        self.note(Acte::Clore, began)?;
        Ok(Ok(closed["position"].as_str().unwrap_or_default().parse()?))
    }

    async fn tell(
        &self,
        enseignant: &Enseignant,
        mutation: &str,
        fields: &str,
        input: Value,
    ) -> Result<Value, String> {
        let kind = mutation[..1].to_uppercase() + &mutation[1..] + "Input";
        let query = format!(
            "mutation($input: {kind}!) {{ {mutation}(input: $input) {{ position userErrors {{ code }} {fields} }} }}"
        );
        let mut data = self.clients.ask(&enseignant.token, &query, &json!({ "input": input })).await?;
        let payload = data[mutation].take();
        match payload["userErrors"][0]["code"].as_str() {
            Some(code) => Err(code.to_owned()),
            None => Ok(payload),
        }
    }

    async fn page(&self, number: usize, planned: Instant) -> Result<()> {
        let familles = &self.region.familles;
        let Some(token) = familles.get(number % familles.len().max(1)) else { return Ok(()) };
        match self.clients.ask(token, PAGE, &json!({})).await {
            Ok(page) if page["moi"]["enfants"][0].is_object() => self.note(Acte::Page, planned),
            Ok(_) => {
                self.fail("page vide".to_owned());
                Ok(())
            }
            Err(code) => {
                self.fail(code);
                Ok(())
            }
        }
    }

    fn note(&self, acte: Acte, since: Instant) -> Result<()> {
        let latency = u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX);
        let mut found = self.resultats.lock().unwrap_or_else(PoisonError::into_inner);
        let histogram = match found.latences.entry(acte) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(fresh) => fresh.insert(histogram()?),
        };
        histogram.saturating_record(latency);
        Ok(())
    }

    fn fail(&self, code: String) {
        let mut found = self.resultats.lock().unwrap_or_else(PoisonError::into_inner);
        *found.erreurs.entry(code).or_default() += 1;
    }
}

/// Of thirty pupils one is absent and one late.
fn ligne((rang, eleve): (usize, &uuid::Uuid)) -> Value {
    let eleve = crate::global("Eleve", *eleve);
    match rang {
        0 => json!({ "eleveId": eleve, "etat": "ABSENT" }),
        1 => json!({ "eleveId": eleve, "etat": "EN_RETARD", "minutes": 5 }),
        _ => json!({ "eleveId": eleve, "etat": "PRESENT" }),
    }
}

/// Begins so many acts, evenly over a time, and waits until the last has ended.
async fn paced<F, Asked>(start: Instant, count: usize, sur: Duration, ask: F) -> Result<()>
where
    F: Fn(usize, Instant) -> Asked,
    Asked: Future<Output = Result<()>> + Send + 'static,
{
    let mut asked = JoinSet::new();
    for number in 0..count {
        let planned = start + sur.mul_f64(number as f64 / count as f64);
        tokio::time::sleep_until(planned).await;
        asked.spawn(ask(number, planned));
        while let Some(ended) = asked.try_join_next() {
            ended??;
        }
    }
    while let Some(ended) = asked.join_next().await {
        ended??;
    }
    Ok(())
}
