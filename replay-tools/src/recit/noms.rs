//! Names of the persons, divisions, groupes and enseignements that a tale mentions: those that the
//! directory shows today. The record itself has pseudonymous ids only. An envoi is named by the person
//! whom it is to.

use domain::notifications::EnvoiEvent;
use domain::{DivisionId, EnseignementId, Event, GroupeId, PersonneId};
use ledger::feed::Fact;
use projections::annuaire::{Annuaire, Groupes};
use serde_json::Value;
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct Noms(BTreeMap<Uuid, String>);

impl Noms {
    /// The names of all that these facts mention.
    pub async fn of(connection: &mut PgConnection, facts: &[Fact]) -> sqlx::Result<Self> {
        let mut ids = BTreeSet::new();
        for fact in facts {
            ids.extend(fact.envelope.actor.personne.map(|personne| personne.0));
            ids.insert(fact.envelope.actor.compte.0);
            if let Some(Ok(content)) = fact.event().map(Event::to_json) {
                collect(&content, &mut ids);
            }
        }
        let ids: Vec<_> = ids.into_iter().collect();
        let mut noms = BTreeMap::new();
        for row in Annuaire::personnes(&mut *connection, &ids).await? {
            let civilite = row.civilite.map(|civilite| civilite + " ").unwrap_or_default();
            noms.insert(row.id, format!("{civilite}{} {}", row.prenom, row.nom).trim().to_owned());
        }
        let enseignements = Annuaire::enseignements(&mut *connection, &ids).await?;
        let auditoires = enseignements.iter().map(|row| row.auditoire.id());
        let ids: BTreeSet<_> = ids.iter().copied().chain(auditoires).collect();
        let ids: Vec<_> = ids.into_iter().collect();
        for row in Annuaire::divisions(&mut *connection, &ids).await? {
            noms.insert(row.id, row.code);
        }
        for row in Groupes::by_ids(&mut *connection, &ids).await? {
            noms.insert(row.id, row.code);
        }
        for row in enseignements {
            let auditoire = noms.get(&row.auditoire.id()).cloned().unwrap_or_default();
            noms.insert(row.id, format!("{}, {auditoire}", row.matiere_libelle));
        }
        let mut noms = Self(noms);
        for fact in facts {
            let Some(Event::Envoi(EnvoiEvent::EnvoiPrepare { destinataire, .. })) = fact.event() else {
                continue;
            };
            if let Ok(envoi) = Uuid::parse_str(&fact.envelope.stream.id) {
                let nom = noms.personne(*destinataire);
                noms.0.insert(envoi, format!("envoi à {nom}"));
            }
        }
        Ok(noms)
    }

    /// Names that are known already.
    #[cfg(test)]
    pub fn known<const N: usize>(noms: [(Uuid, &str); N]) -> Self {
        Self(noms.into_iter().map(|(id, nom)| (id, nom.to_owned())).collect())
    }

    /// A person.
    pub fn personne(&self, id: PersonneId) -> String {
        self.named(id.0, "une personne que l'annuaire ne nomme plus")
    }

    /// A division.
    pub fn division(&self, id: DivisionId) -> String {
        self.named(id.0, "une division que l'annuaire ne nomme plus")
    }

    /// A groupe.
    pub fn groupe(&self, id: GroupeId) -> String {
        self.named(id.0, "un groupe que l'annuaire ne nomme plus")
    }

    /// An enseignement: its matière, and its division or its groupe.
    pub fn enseignement(&self, id: EnseignementId) -> String {
        self.named(id.0, "un enseignement que l'annuaire ne nomme plus")
    }

    /// The name that goes with an id, if the directory has one.
    pub fn get(&self, id: Uuid) -> Option<&str> {
        self.0.get(&id).map(String::as_str)
    }

    fn named(&self, id: Uuid, otherwise: &str) -> String {
        self.get(id).map_or_else(|| format!("{otherwise} ({id})"), str::to_owned)
    }
}

/// Every id in a content, wherever it stands.
fn collect(value: &Value, ids: &mut BTreeSet<Uuid>) {
    match value {
        Value::String(text) => ids.extend(Uuid::parse_str(text)),
        Value::Array(values) => values.iter().for_each(|value| collect(value, ids)),
        Value::Object(fields) => fields.values().for_each(|value| collect(value, ids)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
