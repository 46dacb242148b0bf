//! The emploi du temps of a school, as EDT exports it.

pub mod reel;

use crate::{Ecole, exploitant};
use anyhow::{Result, ensure};
use api::importer::Rapport;
use api::importer::edt::ImportEmploiDuTemps;
use domain::CompteId;
use domain::cahier_de_textes::OrigineDuCours;
use std::sync::Arc;

/// Every week from 31 August on, as EDT writes it.
const SEMAINES: u64 = (1 << 41) - 2;

/// An export of EDT with a course of the teacher's, on Tuesdays at eight, and one of her colleague's.
async fn export(ecole: &Ecole, salle: &str) -> Result<String> {
    let views = &ecole.maison.bench.views;
    let nom = async |compte: CompteId| -> Result<(String, String, String)> {
        let sql =
            "SELECT nom, prenom, coalesce(to_char(naissance, 'YYYY-MM-DD'), '') FROM personne WHERE id = $1";
        Ok(sqlx::query_as(sql).bind(compte.0).fetch_one(views).await?)
    };
    let (code, matiere): (String, String) = sqlx::query_as(
        "SELECT d.code, n.matiere_libelle FROM enseignement n JOIN division d ON d.id = n.division WHERE n.id = $1",
    )
    .bind(ecole.enseignement)
    .fetch_one(views)
    .await?;
    let professeur = |ident: u8, (nom, prenom, naissance): (String, String, String)| {
        let naissance =
            if naissance.is_empty() { naissance } else { format!(" DateNaissance=\"{naissance}\"") };
        format!("<Professeur Ident=\"{ident}\" Nom=\"{nom}\" Prenom=\"{prenom}\"{naissance}/>")
    };
    let professeurs =
        professeur(1, nom(ecole.enseignante).await?) + &professeur(2, nom(ecole.collegue).await?);
    let cours = |place: u8, matiere: u8, professeur: u8, salle: u8| {
        format!(
            "<Cours Jour=\"2\" NumeroPlaceDebut=\"{place}\" NombrePlaces=\"1\"><Matiere Ident=\"{matiere}\"/>\
             <Professeur Ident=\"{professeur}\" Semaines=\"{SEMAINES}\"/><Classe Ident=\"1\" Semaines=\"{SEMAINES}\"/>\
             <Salle Ident=\"{salle}\" Semaines=\"{SEMAINES}\"/></Cours>\n"
        )
    };
    let uai = &ecole.uai;
    Ok(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- essai -->\n\
         <ExportEmploiDuTemps Version=\"1.1\" UAI=\"{uai}\">\
         <AnneeScolaire DateDebut=\"2026-09-01\" DateFin=\"2027-07-03\" DatePremierJourSemaine1=\"2026-08-31\"/>\
         <GrilleHoraire><PlacesParJour>\
         <Place Numero=\"0\" LibelleHeureDebut=\"08:00:00\" LibelleHeureFin=\"09:00:00\"/>\
         <Place Numero=\"1\" LibelleHeureDebut=\"09:00:00\" LibelleHeureFin=\"10:00:00\"/>\
         </PlacesParJour></GrilleHoraire>\
         <Matieres><Matiere Ident=\"1\" Code=\"XX\" Libelle=\"{matiere}\"/>\
         <Matiere Ident=\"2\" Code=\"VC\" Libelle=\"VIE DE CLASSE\"/></Matieres>\
         <Professeurs>{professeurs}</Professeurs><Classes><Classe Ident=\"1\" Nom=\"{code}\"/></Classes>\
         <Salles><Salle Ident=\"1\" Nom=\"{salle}\"/><Salle Ident=\"2\" Nom=\"C03\"/></Salles>\
         <Cours>{}{}</Cours></ExportEmploiDuTemps>",
        cours(0, 1, 1, 1),
        cours(1, 2, 2, 2),
    ))
}

/// Imports an export in which the teacher is in this room, or only tries to; nothing of it may be
/// refused.
pub async fn importer(ecole: &Ecole, salle: &str, a_blanc: bool) -> Result<Rapport> {
    let texte = export(ecole, salle).await?;
    importer_de(ecole, OrigineDuCours::Edt, &[("edt.xml", texte.as_str())], a_blanc).await
}

/// Imports these files of a program, or only tries to; nothing of them may be refused.
pub async fn importer_de(
    ecole: &Ecole,
    programme: OrigineDuCours,
    fichiers: &[(&str, &str)],
    a_blanc: bool,
) -> Result<Rapport> {
    let folder = tempfile::tempdir()?;
    for (nom, texte) in fichiers {
        std::fs::write(folder.path().join(nom), texte)?;
    }
    let operator = ecole.maison.commands.acteur(Some(exploitant())).await?;
    let import = ImportEmploiDuTemps { chemin: folder.path().to_owned(), programme, a_blanc };
    let rapport = import.run(&ecole.maison.commands, &operator, Arc::new(|_| ())).await?;
    ecole.maison.bench.runner.catch_up().await?;
    ensure!(rapport.lignes.is_empty(), "{rapport}");
    Ok(rapport)
}
