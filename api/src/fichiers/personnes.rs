//! The people of an établissement, in the file that it may import again.

use super::tableur::Tableur;
use super::{Fichiers, Sans, attachment};
use crate::identity::Identite;
use crate::importer::csv::COLONNES;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::annuaire::Profil;
use projections::annuaire::{Annuaire, Lien, Rattachee};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, BufWriter};
use uuid::Uuid;

pub(super) async fn personnes(
    State(fichiers): State<Fichiers>,
    Path(uai): Path<String>,
    Extension(identite): Extension<Identite>,
) -> Result<Response, Sans> {
    let (etablissement, _place) = fichiers.permitted(&uai, &identite).await?;
    let views = fichiers.commands.views();
    let mut membres = Annuaire::membres_de(views, etablissement).await?;
    let liens = Annuaire::liens_de(views, etablissement).await?;
    let connus: BTreeSet<Uuid> = membres.iter().map(|un| un.personne.id).collect();
    let ailleurs: BTreeSet<Uuid> =
        liens.iter().map(|lien| lien.responsable).filter(|id| !connus.contains(id)).collect();
    let ailleurs: Vec<_> = ailleurs.into_iter().collect();
    membres.extend(Annuaire::adultes_d_ailleurs(views, etablissement, &ailleurs).await?);
    let fichier = tempfile::tempfile().map_err(Sans::fault)?;
    let fichier = ecrire(fichier, &membres, &liens).map_err(Sans::fault)?;
    attachment(fichier, "text/csv; charset=utf-8", "personnes.csv")
}

fn ecrire(fichier: File, membres: &[Rattachee], liens: &[Lien]) -> io::Result<File> {
    let cles: HashMap<Uuid, String> = membres.iter().map(|un| (un.personne.id, un.identifiant())).collect();
    let mut par_adulte: BTreeMap<Uuid, Vec<&Lien>> = BTreeMap::new();
    for lien in liens {
        par_adulte.entry(lien.responsable).or_default().push(lien);
    }
    let mut table = Tableur::new(BufWriter::new(fichier), &COLONNES)?;
    for membre in membres {
        let siens = par_adulte.remove(&membre.personne.id).unwrap_or_default();
        if siens.is_empty() || membre.profil == Profil::Eleve.as_str() {
            ligne(&mut table, membre, ["", "", "", ""])?;
            continue;
        }
        for lien in siens {
            let eleve = cles.get(&lien.eleve).map(String::as_str).unwrap_or_default();
            let destinataire = if lien.destinataire { "oui" } else { "non" };
            ligne(&mut table, membre, [eleve, &lien.lien, &lien.niveau, destinataire])?;
        }
    }
    table.end()?.into_inner().map_err(io::IntoInnerError::into_error)
}

fn ligne(table: &mut Tableur<BufWriter<File>>, membre: &Rattachee, lien: [&str; 4]) -> io::Result<()> {
    let personne = &membre.personne;
    let naissance = personne.naissance.map(|jour| jour.format("%d/%m/%Y").to_string()).unwrap_or_default();
    let (identifiant, fonctions) = (membre.identifiant(), membre.fonctions.join("|"));
    let cellules = [
        &*identifiant,
        &membre.profil,
        &personne.nom,
        &personne.prenom,
        personne.civilite.as_deref().unwrap_or_default(),
        &naissance,
        personne.courriel.as_deref().unwrap_or_default(),
        membre.division.as_deref().unwrap_or_default(),
        &fonctions,
    ];
    table.line(cellules.into_iter().chain(lien))
}
