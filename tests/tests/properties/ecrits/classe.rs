//! What is written in the property of erasures under the classes that no other event there has.

use super::personne_of;
use domain::conservation::{Auteur, GelEvent, Gels, Portee};
use domain::identite::{Session, SessionEvent};
use domain::portails::{Gravite, MiseEnGarde, MiseEnGardeEvent};
use domain::publications::{ContenuSignale, Empreinte, MotifSignalement, Signalement, SignalementEvent};
use domain::vie_de_l_eleve::{
    DecisionDeSanction, NatureSanction, Passage, PassageEvent, Sanction, SanctionEvent,
};
use domain::{Aggregate, CompteId, Event, GelId, PersonneId, PublicationId};
use recits::{PORTAIL, portail};
use std::collections::BTreeSet;
use uuid::Uuid;

/// How many things there are to write.
pub const QUOI: u8 = 8;

/// One of them, as in [`super::of_a_pupil`]; the text is a name that an address can carry.
pub fn of_a_class(
    what: u8,
    key: Uuid,
    personne: PersonneId,
    begun: impl Fn(&str) -> bool,
    text: &str,
) -> (&'static str, Event) {
    let texte = text.to_owned();
    match what {
        0 if begun(Passage::TYPE) => {
            let soin = PassageEvent::SoinConsigne {
                eleve: personne,
                motif: texte,
                soin: "Repos".to_owned(),
                par: personne_of(9),
            };
            (Passage::TYPE, Event::Passage(soin))
        }
        0 => {
            let (par, arrivee) = (personne_of(9), at());
            (Passage::TYPE, Event::Passage(PassageEvent::PassageOuvert { eleve: personne, par, arrivee }))
        }
        1..=3 => (Sanction::TYPE, Event::Sanction(prononce(what, personne, texte))),
        4 => (Signalement::TYPE, Event::Signalement(recu(key, personne, texte))),
        5 => {
            let event = MiseEnGardeEvent::MiseEnGardeAdressee {
                portail: portail(PORTAIL),
                par: personne_of(8),
                directeur: personne_of(9),
                gravite: Gravite::Conseil,
                objet: texte,
                texte: "Voyez avec le rectorat.".to_owned(),
            };
            (MiseEnGarde::TYPE, Event::MiseEnGarde(event))
        }
        6 => {
            // Its draft, which nobody records, has no text yet.
            let named = if text.is_empty() { "aucun" } else { text };
            let event = SessionEvent::SessionOuverte { fournisseur: named.parse().unwrap(), adresse: None };
            (Session::TYPE, Event::Session(event))
        }
        _ => {
            let event = GelEvent::GelPose {
                gel: GelId(key),
                portee: Portee { personne: Some(personne), classes: BTreeSet::new() },
                motif: texte,
                par: Auteur { compte: CompteId::NONE, personne: None },
                le: at().date_naive(),
            };
            (Gels::TYPE, Event::Gels(event))
        }
    }
}

fn at() -> chrono::DateTime<chrono::Utc> {
    "2026-11-23T07:00:00Z".parse().unwrap()
}

/// Each of another class.
fn prononce(what: u8, eleve: PersonneId, motifs: String) -> SanctionEvent {
    let (le, effacement) = (at().date_naive(), None);
    let decision = |nature| DecisionDeSanction { nature, motifs, conseil: None, sursis: None };
    match what {
        1 => {
            let decision = decision(NatureSanction::Blame);
            SanctionEvent::BlamePrononce { eleve, decision, le, effacement }
        }
        2 => {
            let decision = decision(NatureSanction::ExclusionDeLEtablissement { jours: 3 });
            SanctionEvent::ExclusionTemporairePrononcee { eleve, decision, le, effacement }
        }
        _ => {
            let decision = decision(NatureSanction::ExclusionDefinitive);
            SanctionEvent::ExclusionDefinitivePrononcee { eleve, decision, le, effacement }
        }
    }
}

fn recu(key: Uuid, signalant: PersonneId, explication: String) -> SignalementEvent {
    let contenu = ContenuSignale {
        publication: PublicationId(key),
        version: 1,
        empreinte: Empreinte::of(b"vu"),
        portail: portail(PORTAIL),
        auteur: personne_of(9),
    };
    SignalementEvent::SignalementRecu {
        contenu,
        signalant,
        motif: MotifSignalement::Autre,
        explication,
        le: at(),
    }
}
