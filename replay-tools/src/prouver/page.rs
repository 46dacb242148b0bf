//! The page of a publication, as readers had it before their eyes: one file for each time
//! during which a version was shown without a break.
//!
//! The platform serves a title and a text; which colours and which menu a browser put around
//! them is not on the record, and isn't shown.

use super::rendered;
use super::sac::Sac;
use crate::date::spoken;
use crate::obstacle::Obstacle;
use crate::recit::moderation;
use askama::Template;
use chrono::{DateTime, Utc};
use domain::Event;
use domain::publications::{Contenu, ModeDeModeration, PublicationEvent};
use ledger::feed::Fact;
use projections::publications::{Acte, Affichage, Span};
use std::collections::BTreeMap;
use std::io::{Seek, Write};
use zip::result::ZipError;

/// See the module.
#[derive(Template)]
#[template(path = "page.html")]
pub struct Page {
    /// Its file in the bag.
    pub fichier: String,
    /// Which version of the publication.
    pub version: i32,
    /// To whom it was shown.
    pub audience: &'static str,
    /// How its space was moderated when it went online.
    pub moderation: &'static str,
    /// SHA-256 of its title, a line feed and its text: what the directeur published.
    pub empreinte: String,
    du: DateTime<Utc>,
    au: Option<DateTime<Utc>>,
    contenu: Option<Contenu>,
}

/// The pages of a publication, from all acts of its life.
pub fn pages(facts: &[Fact]) -> Result<Vec<Page>, Obstacle> {
    let (mut actes, mut contenus) = (Vec::new(), BTreeMap::new());
    for fact in facts {
        let Some(Event::Publication(event)) = fact.event() else { continue };
        if let PublicationEvent::ActualiteRedigee { version, contenu, .. }
        | PublicationEvent::PublicationModifiee { version, contenu, .. } = event
        {
            contenus.insert(i32::try_from(*version).unwrap_or(i32::MAX), contenu);
        }
        actes.extend(Acte::of(fact, event)?);
    }
    let spans = Affichage::spans(&actes).into_iter().enumerate();
    Ok(spans.map(|(number, span)| page(number + 1, span, &contenus)).collect())
}

fn page(number: usize, span: Span, contenus: &BTreeMap<i32, &Contenu>) -> Page {
    let Span { parution, du, au } = span;
    let version = parution.version.unwrap_or_default();
    Page {
        fichier: format!("pages/{number}-{}.html", du.format("%Y%m%dT%H%M%SZ")),
        version,
        audience: match parution.audience.as_deref() {
            Some("public") => "tout le monde",
            _ => "les personnes du portail",
        },
        moderation: moderation(
            parution.mode.as_deref().and_then(ModeDeModeration::named).unwrap_or_default(),
        ),
        empreinte: parution.empreinte.unwrap_or_default(),
        du,
        au,
        contenu: contenus.get(&version).map(|contenu| (*contenu).clone()),
    }
}

impl Page {
    /// From when on, as said in French.
    pub fn du(&self) -> String {
        spoken(self.du)
    }

    /// Until when, as said in French; none if nothing on the record ends it.
    pub fn au(&self) -> Option<String> {
        self.au.map(spoken)
    }

    /// Puts it into the bag.
    pub fn put<W: Write + Seek>(&self, sac: &mut Sac<W>) -> Result<(), ZipError> {
        sac.add(&self.fichier, rendered(self)?.as_bytes())
    }
}
