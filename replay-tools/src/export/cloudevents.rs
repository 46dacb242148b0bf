//! CloudEvents 1.0 in JSON, one a line. What the record knows of an event beyond the
//! attributes of the specification is in extensions; `data` is the content as it was written.

use super::{Contenu, Evenement, ExportFault, Writer, jsonl};
use chrono::{DateTime, Utc};
use ledger::envelope::Envelope;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::fs::File;
use std::io::{BufWriter, Write};

/// An event, with the names of the specification (§3.1) and of our extensions. These have
/// lower-case letters only, and no integer: theirs have 32 bits.
#[derive(Serialize, Deserialize)]
struct CloudEvent {
    specversion: String,
    id: String,
    source: String,
    #[serde(rename = "type")]
    event_type: String,
    subject: String,
    time: DateTime<Utc>,
    dataschema: String,
    datacontenttype: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    data: Option<Box<RawValue>>,
    entposition: String,
    entleafhash: String,
    entleaf: String,
    entsealed: String,
    entstate: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    entsalt: Option<String>,
}

impl CloudEvent {
    fn of(event: &Evenement) -> Result<Self, ExportFault> {
        let unreadable = |_| ExportFault::Envelope(event.position);
        let envelope: Envelope = serde_json::from_str(&event.feuille).map_err(unreadable)?;
        let (entsalt, data) = match &event.contenu {
            Contenu::Ouvert { sel, texte } => {
                (Some(sel.clone()), Some(RawValue::from_string(texte.clone()).map_err(unreadable)?))
            }
            Contenu::Efface | Contenu::Sante | Contenu::Ferme => (None, None),
        };
        Ok(Self {
            specversion: "1.0".to_owned(),
            id: envelope.event_id.to_string(),
            source: format!("/journal/{}/{}", envelope.portail, envelope.annee),
            subject: format!("{}/{}", envelope.stream.kind, envelope.stream.id),
            time: envelope.recorded_at,
            dataschema: format!("urn:ent:evenement:{}:{}", envelope.event_type, envelope.version),
            datacontenttype: "application/json".to_owned(),
            event_type: envelope.event_type,
            data,
            entposition: event.position.to_string(),
            entleafhash: event.empreinte.clone(),
            entleaf: event.feuille.clone(),
            entsealed: event.charge.clone(),
            entstate: event.contenu.etat().to_owned(),
            entsalt,
        })
    }

    fn read(self) -> Option<Evenement> {
        let texte = self.data.map(|data| data.get().to_owned());
        Some(Evenement {
            position: self.entposition.parse().ok()?,
            empreinte: self.entleafhash,
            feuille: self.entleaf,
            charge: self.entsealed,
            contenu: Contenu::read(&self.entstate, self.entsalt, texte)?,
        })
    }
}

/// Writes lines.
pub struct Lines(BufWriter<File>);

impl Lines {
    /// Lines at the beginning of a file.
    pub fn new(file: File) -> Self {
        Self(BufWriter::new(file))
    }
}

impl Writer for Lines {
    fn write(&mut self, event: &Evenement) -> Result<(), ExportFault> {
        serde_json::to_writer(&mut self.0, &CloudEvent::of(event)?).map_err(std::io::Error::from)?;
        Ok(self.0.write_all(b"\n")?)
    }

    fn finish(mut self: Box<Self>) -> Result<(), ExportFault> {
        Ok(self.0.flush()?)
    }
}

/// The events of a file.
pub fn read(file: File) -> impl Iterator<Item = Result<Evenement, ExportFault>> {
    jsonl::lines(file, CloudEvent::read)
}
