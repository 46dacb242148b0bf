//! Pure decisions: what a school may do, and what follows from it.
//!
//! One module per bounded context, one file per aggregate. An [`Aggregate`]
//! turns a command into events or into a typed [`Refusal`]; it knows no clock, no
//! randomness, no database and no async: instants, ids and actors are fields of
//! the command. Whoever reads a file here reads the rules of the school, with
//! their source in law, and nothing else.

pub mod absences;
pub mod annuaire;
pub mod cahier_de_textes;
pub mod conservation;
pub mod identite;
pub mod journal;
pub mod notes;
pub mod notifications;
pub mod pieces;
pub mod portails;
pub mod protection;
pub mod publications;
pub mod vie_de_l_eleve;

mod aggregate;
mod calendar;
mod event;
mod id;
mod refusal;
pub mod testing;
mod texte;

pub use aggregate::{Aggregate, ContenuEfface, Lacune};
pub use calendar::{AnneeScolaire, JourDeSemaine, heure_locale, journee, minuit};
pub use event::{DomainEvent, Event, EventSpec, Retention, UnreadableEvent, catalogue};
pub use id::*;
pub use refusal::{Refusal, RefusalSpec, refusal_catalogue};
