//! Life at school: what happens to a pupil beside lessons, and what the school answers.
//!
//! An incident is what was seen; a punition answers small faults and is no sanction; a sanction
//! is one of six, pronounced after a procedure in which the pupil is heard, and leaves the file on
//! a day that the law fixes (code de l'éducation, art. R511-12 to R511-13-1 and R421-10-1).

mod carnet;
mod delai;
mod effacement;
mod incident;
mod nature;
mod passage;
mod punition;
mod sanction;
mod stage;

pub use carnet::*;
pub use delai::{fin_du_delai, ouvrable};
pub use effacement::{CauseEffacement, effacement, fin_du_sursis};
pub use incident::*;
pub use nature::*;
pub use passage::*;
pub use punition::*;
pub use sanction::*;
pub use stage::*;

use crate::texte;

/// Longest account, message or reason, in characters.
const TEXTE_MAX: usize = 2_000;
/// Longest name, in characters.
const LIGNE_MAX: usize = 200;

/// An account as it is kept.
fn recit(text: &str) -> Option<String> {
    texte::paragraphs(text, TEXTE_MAX)
}

/// The same, where there may be none; too long a one is none to keep.
fn recit_facultatif(text: Option<&str>) -> Option<Option<String>> {
    match text {
        Some(text) => recit(text).map(Some),
        None => Some(None),
    }
}
