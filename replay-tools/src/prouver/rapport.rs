//! The report of an evidence bundle: the question, the answer in sentences, each fact with
//! its proof, how to check it all, and what it does not prove.

use super::piece::{Journalisee, Piece};
use super::temoins::Temoins;
use crate::cli;
use crate::date::spoken;
use askama::Template;
use chrono::{DateTime, Utc};

/// See the module.
#[derive(Template)]
#[template(path = "preuve.html")]
pub struct Rapport<'a> {
    /// What is asked, by whom and why.
    pub demande: &'a cli::Prouver,
    /// When the bundle was made.
    pub le: DateTime<Utc>,
    /// The facts that answer, in the order in which they were recorded.
    pub pieces: &'a [Piece],
    /// The journals that they are in.
    pub journaux: &'a [Journalisee],
    /// Who witnessed them, where a policy was given.
    pub temoins: Option<&'a Temoins>,
}

impl Rapport<'_> {
    fn le(&self) -> String {
        spoken(self.le)
    }

    /// Whether enough of those whom the policy names saw the head.
    fn temoigne(&self) -> bool {
        self.temoins.is_some_and(|temoins| temoins.quorum && !temoins.contreseings.is_empty())
    }

    fn sans_contenu(&self) -> usize {
        self.pieces.iter().filter(|piece| piece.absence.is_some()).count()
    }

    fn non_consignes(&self) -> usize {
        self.journaux.iter().filter(|journal| journal.meta.is_none()).count()
    }
}
