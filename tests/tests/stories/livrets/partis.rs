//! Who is no longer where a part of the year was told.

use super::{Annee, FRANCAIS};
use crate::stories::doublons::merge;
use anyhow::{Context, Result};
use domain::annuaire::{EtatCivil, Origine, Parole, Personne, PersonneCommand, Uai};
use projections::annuaire::Annuaire;
use recits::{global, personal};
use serde_json::json;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn who_left_under_one_fiche_and_is_elsewhere_under_another_is_told_there_alone() -> Result<()> {
    let mut t = Annee::ouvrir().await?;
    t.importer_siecle().await?;
    t.importer_sts().await?;
    let (maison, views) = (&t.ecole.maison, &t.ecole.maison.bench.views);
    let sql = "SELECT d.id, n.id FROM division d JOIN enseignement n ON n.division = d.id
        WHERE d.code = 'TG1' AND n.matiere_code = $1";
    let (terminale, enseignement): (Uuid, Uuid) =
        sqlx::query_as(sql).bind(FRANCAIS).fetch_one(views).await.context("no terminale")?;
    let sql = "SELECT personne FROM source WHERE origine = 'siecle' AND cle = 'eleve/3000'";
    let eve: Uuid = sqlx::query_scalar(sql).fetch_one(views).await?;
    t.periodes(terminale, "SEMESTRES").await?;
    let resultat = json!({ "etat": "NOTE", "note": "13.5" });
    let ligne = json!({ "eleveId": global("Eleve", eve), "resultat": resultat });
    t.evaluer(enseignement, "2026-11-16", vec![ligne]).await?;
    t.conclure(terminale, 1, &[eve]).await?;
    t.au("2026-11-26T09:00:00Z")?;
    let command = PersonneCommand::ReaffecterEleve {
        etablissement: t.ecole.uai.parse::<Uai>()?.etablissement(),
        division: None,
        annee: None,
        parole: Parole::de(Origine::Siecle, &t.ecole.uai, "2026-11-26".parse()?),
    };
    let context = maison.bench.context(&"ac-lyon".parse()?, &["part"]);
    maison.bench.record::<Personne>(context, eve, command).await?;
    let known = Annuaire::personnes(views, &[eve]).await?.pop().context("nobody")?;
    let (nom, prenom, naissance) = (known.nom, known.prenom, known.naissance);
    let bis = t.ecole.inscrire("bis", EtatCivil { nom, prenom, naissance, ..EtatCivil::default() }).await?;
    maison.bench.runner.catch_up().await?;
    let lsl = "precontroleLsl(divisionId: $d, annee: 2026)";
    let told = t.precontrole(lsl, terminale).await?;
    assert_eq!(told.len(), 1, "her year is told where she left: {told:?}");
    maison.granted(t.ecole.principal, "fusionnerFiches", merge(&t.ecole, bis, personal(eve)), "").await?;
    assert_eq!(t.precontrole(lsl, terminale).await?, [], "it ends in the division of her other fiche");
    t.ecole.maison.close().await
}
