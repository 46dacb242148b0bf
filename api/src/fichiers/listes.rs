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
use sqlx::PgPool;
use std::fs::File;
use std::io::BufWriter;
use tokio::sync::SemaphorePermit;
use uuid::Uuid;

/// Divisions or groupes of which the lists are read at a time.
const LOT: usize = 20;

pub(super) async fn divisions(
    State(fichiers): State<Fichiers>,
    Path(uai): Path<String>,
    Extension(identite): Extension<Identite>,
) -> Result<Response, Sans> {
    fichiers.liste(Sorte::Division, &uai, &identite).await
}

pub(super) async fn groupes(
    State(fichiers): State<Fichiers>,
    Path(uai): Path<String>,
    Extension(identite): Extension<Identite>,
) -> Result<Response, Sans> {
    fichiers.liste(Sorte::Groupe, &uai, &identite).await
}

/// Of what an établissement has lists.
#[derive(Clone, Copy)]
enum Sorte {
    Division,
    Groupe,
}

/// A division or a groupe, as a list names it: its id, its code and its name.
type Ensemble = (Uuid, String, String);

impl Sorte {
    /// Its name, that of a column and of a file.
    const fn nom(self) -> &'static str {
        match self {
            Self::Division => "division",
            Self::Groupe => "groupe",
        }
    }

    async fn ensembles(self, views: &PgPool, etablissement: Uuid) -> sqlx::Result<Vec<Ensemble>> {
        Ok(match self {
            Self::Division => {
                let rows = Annuaire::divisions_of(views, &[etablissement]).await?;
                rows.into_iter().map(|row| (row.id, row.code, row.libelle)).collect()
            }
            Self::Groupe => {
                let rows = Groupes::of(views, &[etablissement]).await?;
                rows.into_iter().map(|row| (row.id, row.code, row.libelle)).collect()
            }
        })
    }

    /// Who is in each of these.
    async fn personnes(self, views: &PgPool, ensembles: &[Uuid]) -> sqlx::Result<Vec<(Uuid, Personne)>> {
        match self {
            Self::Division => Annuaire::eleves_of(views, ensembles).await,
            Self::Groupe => Groupes::personnes(views, ensembles).await,
        }
    }
}

impl Fichiers {
    async fn liste(&self, sorte: Sorte, uai: &str, identite: &Identite) -> Result<Response, Sans> {
        let (etablissement, _place) = self.permitted(uai, identite).await?;
        let views = self.commands.views();
        let mut liste = Liste::begin(sorte.nom())?;
        for lot in sorte.ensembles(views, etablissement).await?.chunks(LOT) {
            let ids: Vec<_> = lot.iter().map(|(id, ..)| *id).collect();
            let dedans = sorte.personnes(views, &ids).await?;
            for (ensemble, code, libelle) in lot {
                let siennes = dedans.iter().filter(|(id, _)| id == ensemble).map(|(_, personne)| personne);
                liste.add(code, libelle, siennes)?;
            }
        }
        liste.send(&format!("{}s.csv", sorte.nom()))
    }

    /// The établissement, for who may take its lists out, and a place to write one.
    pub(super) async fn permitted(
        &self,
        uai: &str,
        identite: &Identite,
    ) -> Result<(Uuid, SemaphorePermit<'_>), Sans> {
        let uai: Uai = uai.parse().map_err(|_| Sans::Absent)?;
        let acteur = self.commands.acteur_identifie(identite.identifie()).await?;
        let id = uai.etablissement();
        self.commands.permit(&acteur, Action::ExporterListes, &Resource::Etablissement { id })?;
        Ok((id.0, self.place()?))
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
