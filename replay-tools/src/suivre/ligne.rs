//! How an act is told: one line in French, or one JSON object of the form of
//! [`exporter`](crate::exporter), whose contents are sealed.

use crate::date::spoken;
use crate::export::{Contenu, Evenement};
use crate::raconter::calm;
use crate::recit::{intitule, office};
use domain::PortailId;
use eventstore::RecordedEvent;
use ledger::envelope::{Envelope, leaf_hash};
use ledger::histoire::Rank;
use ledger::seal::hex;
use ledger::unit::Position;
use std::io::{self, Write};

/// An act as it came through the door.
pub struct Acte {
    /// Everything about it but its content.
    pub envelope: Envelope,
    place: Position,
    feuille: String,
    charge: String,
}

impl Acte {
    /// The act that is told, if it is one of this portal.
    pub fn read(recu: &RecordedEvent, portail: &PortailId) -> Option<Self> {
        let feuille = std::str::from_utf8(&recu.custom_metadata).ok()?.to_owned();
        let charge = std::str::from_utf8(&recu.data).ok()?.to_owned();
        let envelope: Envelope = serde_json::from_str(&feuille).ok()?;
        let place = Rank(i64::try_from(recu.position.commit).ok()?).place(portail)?;
        let of_there = envelope.portail == place.portail && envelope.annee == place.annee;
        of_there.then_some(Self { envelope, place, feuille, charge })
    }

    /// In French.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let Envelope { recorded_at, event_type, stream, actor, .. } = &self.envelope;
        let (what, office) = (calm(intitule(event_type)), calm(office(&actor.office)));
        let objet = calm(&format!("{}-{}", stream.kind, stream.id));
        writeln!(out, "{}  {}  {what} ({office})  {objet}", self.place, spoken(*recorded_at))
    }

    /// For machines, a line at once: who is killed in between leaves none that is half there.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let evenement = Evenement {
            position: self.place.position,
            empreinte: hex(&leaf_hash(self.feuille.as_bytes())),
            feuille: self.feuille.clone(),
            charge: self.charge.clone(),
            contenu: Contenu::Ferme,
        };
        let mut line = serde_json::to_vec(&evenement)?;
        line.push(b'\n');
        out.write_all(&line)
    }
}
