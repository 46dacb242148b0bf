//! `POST /donnees/{remise}`: hands a person's data over to who has asked for them.

use super::{Dossier, Fichiers, Sans, attachment};
use crate::identity::Identite;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use commands::Demande;
use domain::{CommandeId, PersonneId, RemiseId};

pub(super) async fn fetch(
    State(fichiers): State<Fichiers>,
    Path(id): Path<String>,
    Extension(identite): Extension<Identite>,
) -> Result<Response, Sans> {
    let remise: RemiseId = id.parse().map_err(|_| Sans::Absent)?;
    let commands = &fichiers.commands;
    let acteur = commands.acteur_identifie(identite.identifie()).await?;
    let commande = CommandeId((fichiers.ids)());
    let demande = Demande { acteur, commande, corps: format!("donnees\n{remise}").into_bytes(), cause: None };
    let row = commands.remise_de(&demande, remise).await?;
    let _place = fichiers.place()?;
    let dossier = Dossier::of(commands, PersonneId(row.personne)).await.map_err(Sans::fault)?;
    commands.remettre_donnees(&demande, remise, dossier.faits, dossier.empreinte).await?;
    attachment(dossier.fichier, "application/zip", "mes-donnees.zip")
}
