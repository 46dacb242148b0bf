//! The transfer slip of a bundle: what an archives service asks for with what it takes in
//! (SEDA, the French profile of NF Z 44-022 MEDONA), so that the bundle can be deposited as it is.

use super::rapport::Rapport;
use super::sac::Fichier;
use crate::cli::Seda;
use askama::Template;
use chrono::{DateTime, SecondsFormat, Utc};

/// See the module.
#[derive(Template)]
#[template(path = "bordereau.xml")]
pub struct Bordereau<'a> {
    /// What the bundle says.
    pub rapport: &'a Rapport<'a>,
    /// Everything in the payload.
    pub fichiers: &'a [Fichier],
}

impl Bordereau<'_> {
    /// Its name: no other one is made by this house at this instant.
    fn nom(&self) -> String {
        let house = self.rapport.cles.first().and_then(|cle| cle.cle.split('+').next()).unwrap_or_default();
        format!("{house}/{}", instant(&self.rapport.le))
    }

    /// Of the versions only the namespaces differ, in what is said here.
    fn espace(&self) -> &'static str {
        match self.rapport.demande.seda {
            Seda::V2_1 => "fr:gouv:culture:archivesdefrance:seda:v2.1",
            Seda::V2_2 => "fr:gouv:culture:archivesdefrance:seda:v2.2",
        }
    }
}

fn instant(instant: &DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}
