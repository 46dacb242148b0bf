//! Notifications: what families, and pupils of their travaux, are told outside the ENT, by which way,
//! whether it left and whether it came back.
//!
//! A mail or an SMS is not confidential, and a message to a device may show on a locked screen: each
//! says that something is waiting and where to read it, never a mark, a motive or a sanction (RGPD, art. 5.1.c and 32). What the law has told to
//! families without delay, an absence above all (code de l'éducation, art. R131-6), can be
//! neither silenced nor put off to the evening.

mod annonce;
mod appareil;
mod calme;
mod envoi;
mod preferences;
mod telephone;

pub use annonce::{Annonce, Theme};
pub use appareil::{Appareil, PasUnAppareil};
pub use calme::{Calme, fin_de_journee};
pub use envoi::*;
pub use preferences::*;
pub use telephone::Telephone;
