//! The lists of an établissement: the pupils of each division, who is in each groupe.

use super::tableur::Tableur;
use super::{Fichiers, Sans, attachment};
use crate::identity::Identite;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use commands::rights::{Action, Resource};
use domain::annuaire::Uai;
use projections::annuaire::{Annuaire, Groupes, Personne};
use std::fs::File;
use std::io::BufWriter;
use uuid::Uuid;

/// Divisions or groupes of which the lists are read at a time.
const LOT: usize = 20;

pub(super) async fn divisions(
    State(fichiers): State<Fichiers>,
    Path(uai): Path<String>,
    Extension(identite): Extension<Identite>,
) -> Result<Response, Sans> {
    let etablissement = fichiers.permitted(&uai, &identite).await?;
    let views = fichiers.commands.views();
    let rows = Annuaire::divisions_of(views, &[etablissement]).await?;
    let mut list = Liste::begin("division")?;
    for lot in rows.chunks(LOT) {
        let ids: Vec<_> = lot.iter().map(|row| row.id).collect();
        let eleves = Annuaire::eleves_of(views, &ids).await?;
        for division in lot {
            let of_it = eleves.iter().filter(|(id, _)| *id == division.id).map(|(_, eleve)| eleve);
            list.add(&division.code, &division.libelle, of_it)?;
        }
    }
    list.send("divisions.csv")
}

pub(super) async fn groupes(
    State(fichiers): State<Fichiers>,
    Path(uai): Path<String>,
    Extension(identite): Extension<Identite>,
) -> Result<Response, Sans> {
    let etablissement = fichiers.permitted(&uai, &identite).await?;
    let views = fichiers.commands.views();
    let rows = Groupes::of(views, &[etablissement]).await?;
    let mut list = Liste::begin("groupe")?;
    for lot in rows.chunks(LOT) {
        let ids: Vec<_> = lot.iter().map(|row| row.id).collect();
        let personnes = Groupes::personnes(views, &ids).await?;
        for groupe in lot {
            let of_it = personnes.iter().filter(|(id, _)| *id == groupe.id).map(|(_, personne)| personne);
            list.add(&groupe.code, &groupe.libelle, of_it)?;
        }
    }
    list.send("groupes.csv")
}

impl Fichiers {
    /// The établissement, for who may take its lists out.
    async fn permitted(&self, uai: &str, identite: &Identite) -> Result<Uuid, Sans> {
        let uai: Uai = uai.parse().map_err(|_| Sans::Absent)?;
        let acteur = self.commands.acteur_identifie(identite.identifie()).await?;
        let id = uai.etablissement();
        self.commands.permit(&acteur, Action::ExporterListes, &Resource::Etablissement { id })?;
        Ok(id.0)
    }
}

/// A list being written to the disk.
struct Liste(Tableur<BufWriter<File>>);

impl Liste {
    fn begin(ensemble: &str) -> Result<Self, Sans> {
        let file = tempfile::tempfile().map_err(Sans::fault)?;
        let columns = [ensemble, "libelle", "nom", "prenom", "naissance", "identifiant"];
        Tableur::new(BufWriter::new(file), &columns).map(Self).map_err(Sans::fault)
    }

    fn add<'a>(
        &mut self,
        code: &str,
        libelle: &str,
        personnes: impl Iterator<Item = &'a Personne>,
    ) -> Result<(), Sans> {
        for personne in personnes {
            let naissance = personne.naissance.map(|day| day.to_string()).unwrap_or_default();
            let id = personne.id.to_string();
            let cells = [code, libelle, &personne.nom, &personne.prenom, &naissance, &id];
            self.0.line(cells).map_err(Sans::fault)?;
        }
        Ok(())
    }

    fn send(self, name: &str) -> Result<Response, Sans> {
        let written = self.0.end().map_err(Sans::fault)?;
        let file = written.into_inner().map_err(|error| Sans::fault(error.into_error()))?;
        attachment(file, "text/csv; charset=utf-8", name)
    }
}
