//! What enters the dossier of whom an event names (RGPD, art. 15 and 20).
//!
//! A content that is about a person is sealed under his or her key, and handed over whole. Others
//! name persons in passing: who wrote a text, who answers for a pupil, who is stood in for. Of
//! these the person is handed what is his or hers, and nothing about anybody else. The table says
//! of every place in every type of event how it is found, or why it is not handed over.

mod mentions;

pub use mentions::MENTIONS;

use crate::PersonneId;
use serde_json::{Map, Value};

/// Where events name someone, and what comes of it.
#[derive(Debug, Clone, Copy)]
pub struct Mention {
    /// Where in them.
    pub lieu: Lieu,
    /// The types of events.
    pub evenements: &'static [&'static str],
    /// What is handed over.
    pub suite: Suite,
}

/// Where an event names someone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lieu {
    /// In its content: the names of the fields that lead there, between points.
    Champ(&'static str),
    /// Its envelope says who acts, and the act is about the same person.
    Acteur,
    /// Its stream is the person's compte.
    Flux,
}

/// What of an event is handed to whom it names there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suite {
    /// All: its content is sealed under the person's key.
    Entier,
    /// These fields; the event is found this way.
    Extrait(Voie, &'static [&'static str]),
    /// Nothing, and why, in French.
    Reserve(&'static str),
}

/// How an event is found that names a person and is not sealed under his or her key. No way
/// reads a whole journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voie {
    /// Among what the person did.
    Acte,
    /// In the stream of his or her personal compte.
    Compte,
    /// In the streams of the pupils for whom he or she answers today.
    Enfant,
    /// In the replacements of what he or she teaches today.
    Remplacement,
}

impl Voie {
    /// The types of events that are found this way.
    pub fn evenements(self) -> Vec<&'static str> {
        let siennes =
            MENTIONS.iter().filter(|mention| matches!(mention.suite, Suite::Extrait(par, _) if par == self));
        siennes.flat_map(|mention| mention.evenements).copied().collect()
    }

    /// What the content of an event, found this way, says of someone who has these fiches.
    pub fn extrait(self, evenement: &str, contenu: &Value, fiches: &[PersonneId]) -> Option<Value> {
        let noms: Vec<_> = fiches.iter().map(PersonneId::to_string).collect();
        let mut mentions = MENTIONS.iter().filter(|mention| mention.evenements.contains(&evenement));
        mentions.find_map(|mention| mention.extrait(self, contenu, &noms))
    }
}

impl Mention {
    fn extrait(&self, voie: Voie, contenu: &Value, noms: &[String]) -> Option<Value> {
        let Suite::Extrait(par, champs) = self.suite else { return None };
        if par != voie {
            return None;
        }
        let dit = match self.lieu {
            Lieu::Champ(chemin) => nommant(contenu, &chemin.split('.').collect::<Vec<_>>(), noms)?,
            Lieu::Acteur | Lieu::Flux => contenu.clone(),
        };
        let remis = champs.iter().filter_map(|champ| Some(((*champ).to_owned(), dit.get(champ)?.clone())));
        Some(Value::Object(remis.collect::<Map<_, _>>()))
    }
}

/// A content without the lines that name only others; nothing where it does not name them there.
fn nommant(contenu: &Value, chemin: &[&str], noms: &[String]) -> Option<Value> {
    match (contenu, chemin) {
        (Value::Array(lignes), _) => {
            let siennes: Vec<_> = lignes.iter().filter_map(|ligne| nommant(ligne, chemin, noms)).collect();
            (!siennes.is_empty()).then_some(Value::Array(siennes))
        }
        (Value::Object(champs), [premier, suite @ ..]) => {
            let sien = nommant(champs.get(*premier)?, suite, noms)?;
            let mut champs = champs.clone();
            champs.insert((*premier).to_owned(), sien);
            Some(Value::Object(champs))
        }
        (Value::String(nom), []) => noms.contains(nom).then(|| contenu.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
