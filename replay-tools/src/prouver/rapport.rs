//! The report of an evidence bundle: the question, the answer in sentences, each fact with
//! its proof, how to check it all, and what it does not prove.

use super::acces::Acces;
use super::horodatages::Horodatage;
use super::journalisee::Journalisee;
use super::page::Page;
use super::piece::Piece;
use crate::cli;
use crate::date::spoken;
use crate::temoins::Temoins;
use askama::Template;
use chrono::{DateTime, Utc};
use ledger::tlog::maison::Published;

/// See the module.
#[derive(Template)]
#[template(path = "preuve.html")]
pub struct Rapport<'a> {
    /// What is asked, by whom and why.
    pub demande: &'a cli::Prouver,
    /// When the bundle was made.
    pub le: DateTime<Utc>,
    /// The first and the last instant of the facts.
    pub periode: (DateTime<Utc>, DateTime<Utc>),
    /// The facts that answer, in the order in which they were recorded.
    pub pieces: &'a [Piece],
    /// The journals that they are in.
    pub journaux: &'a [Journalisee],
    /// What readers had before their eyes, if it is a publication.
    pub pages: &'a [Page],
    /// Who read the record since.
    pub acces: &'a Acces,
    /// The keys of the house.
    pub cles: &'a [Published],
    /// Who dated them, and when.
    pub horodatages: &'a [Horodatage],
    /// Who witnessed them, where a policy was given.
    pub temoins: Option<&'a Temoins>,
}

impl Rapport<'_> {
    fn le(&self) -> String {
        spoken(self.le)
    }

    fn dite(&self, instant: &DateTime<Utc>) -> String {
        spoken(*instant)
    }

    fn ou(&self, instant: &Option<DateTime<Utc>>, sinon: &str) -> String {
        instant.map_or_else(|| sinon.to_owned(), spoken)
    }

    /// Whether enough of those whom the policy names saw the head.
    fn temoigne(&self) -> bool {
        self.temoins.is_some_and(|temoins| temoins.quorum && !temoins.contreseings.is_empty())
    }

    /// Whether the answer says who was told.
    fn previent(&self) -> bool {
        self.demande.objet.nature.se_dit_aux_familles()
    }

    fn sans_contenu(&self) -> usize {
        self.pieces.iter().filter(|piece| piece.absence.is_some()).count()
    }

    fn non_consignes(&self) -> usize {
        self.journaux.iter().filter(|journal| journal.meta.is_none()).count()
    }
}
