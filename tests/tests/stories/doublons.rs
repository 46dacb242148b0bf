//! Two fiches of one person: found, read as one, and as two again. Ids stay where they are.

use anyhow::{Context, Result};
use domain::annuaire::{
    EtatCivil, NiveauResponsabilite, Origine, Parole, Personne, PersonneCommand, Profil, Responsabilite,
    Source, Uai,
};
use domain::{CompteId, PersonneId};
use recits::{Ecole, exploitant, global, personal};
use serde_json::{Value, json};
use uuid::Uuid;

/// Somebody once more, under a key of another source.
pub(super) async fn twin(ecole: &Ecole, of: CompteId) -> Result<PersonneId> {
    let bench = &ecole.maison.bench;
    let known = projections::annuaire::Annuaire::personnes(&bench.views, &[of.0]).await?.pop();
    let known = known.context("nobody")?;
    let twin = PersonneId::derived(&["bis", &of.to_string()]);
    let academie = "ac-lyon".parse()?;
    let parole = Parole::de(Origine::Csv, &ecole.uai, "2026-11-23".parse()?);
    let commands = [
        PersonneCommand::EnregistrerPersonne {
            personne: twin,
            source: Source { origine: Origine::Csv, portee: ecole.uai.clone(), cle: "bis".into() },
            etat_civil: EtatCivil {
                nom: known.nom.to_lowercase(),
                prenom: known.prenom.to_uppercase(),
                naissance: known.naissance,
                ..EtatCivil::default()
            },
            parole: parole.clone(),
        },
        PersonneCommand::RattacherPersonne {
            etablissement: ecole.uai.parse::<Uai>()?.etablissement(),
            profil: Profil::Responsable,
            fonctions: vec![],
            parole,
        },
    ];
    for (number, command) in commands.into_iter().enumerate() {
        let context = bench.context(&academie, &["bis", &number.to_string()]);
        bench.record::<Personne>(context, twin, command).await?;
    }
    bench.runner.catch_up().await?;
    Ok(twin)
}

/// The feed says that the twin answers for another pupil.
async fn answers_for(ecole: &Ecole, twin: PersonneId, eleve: Uuid) -> Result<()> {
    let bench = &ecole.maison.bench;
    let line = |responsable| Responsabilite {
        responsable,
        lien: "10".into(),
        niveau: NiveauResponsabilite::Legale1,
        destinataire: true,
    };
    let responsables = vec![line(twin), line(PersonneId(ecole.autre_parent.0))];
    let parole = Parole::de(Origine::Aaf, "Lyon", "2026-11-23".parse()?);
    let command = PersonneCommand::EtablirResponsabilites { responsables, parole };
    bench.record::<Personne>(bench.context(&"ac-lyon".parse()?, &["répond"]), eleve, command).await?;
    Ok(bench.runner.catch_up().await?)
}

async fn children(ecole: &Ecole, who: CompteId) -> Result<Vec<Value>> {
    let seen = ecole.maison.ask(Some(who), "query { moi { enfants { id } } }", json!({})).await?;
    Ok(seen["moi"]["enfants"].as_array().cloned().unwrap_or_default())
}

pub(super) fn merge(ecole: &Ecole, fiche: PersonneId, dans: CompteId) -> Value {
    json!({ "portail": ecole.portail, "ficheId": global("Personne", fiche.0),
            "dansId": global("Personne", dans.0), "motif": "Même livret de famille" })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_is_proposed_with_where_its_score_comes_from() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let twin = twin(&ecole, ecole.parent).await?;
    let query = "query($portail: String!) { doublons(portail: $portail) {
        score fiches { id } indices { libelle points } } }";
    let portail = json!({ "portail": ecole.portail });
    let mut found = ecole.maison.ask(Some(ecole.principal), query, portail.clone()).await?["doublons"].take();
    let pairs = found.as_array_mut().context("no list")?;
    let of_twin = pairs.iter().find(|pair| pair["fiches"].to_string().contains(&global("Personne", twin.0)));
    let pair = of_twin.context("the twin is not proposed")?;
    let points = pair["indices"].as_array().context("no reasons")?.iter();
    let sum: i64 = points.filter_map(|indice| indice["points"].as_i64()).sum();
    assert_eq!(pair["score"], sum.clamp(0, 100));
    assert!(pair.to_string().contains("même nom de famille"), "{pair}");
    for stranger in [ecole.parent, ecole.enseignante, ecole.cpe, exploitant()] {
        assert_eq!(ecole.maison.ask(Some(stranger), query, portail.clone()).await?["doublons"], Value::Null);
    }
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parent_with_two_fiches_sees_the_children_of_both_and_of_one_again() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let other = twin(&ecole, ecole.parent).await?;
    answers_for(&ecole, other, ecole.autre_eleve).await?;
    let (mine, theirs) = (children(&ecole, ecole.parent).await?, children(&ecole, personal(other.0)).await?);
    maison.granted(ecole.principal, "fusionnerFiches", merge(&ecole, other, ecole.parent), "").await?;
    for compte in [ecole.parent, personal(other.0)] {
        let seen = children(&ecole, compte).await?;
        assert_eq!(seen.len(), mine.len() + theirs.len(), "{compte:?}");
        let query = "query($id: ID!) { eleve(id: $id) { notes(first: 1) { edges { cursor } } } }";
        for child in [ecole.eleves[0], ecole.autre_eleve] {
            let id = json!({ "id": global("Eleve", child) });
            assert!(maison.ask(Some(compte), query, id).await?["eleve"]["notes"].is_object());
        }
    }
    assert_eq!(
        maison.refused(ecole.principal, "fusionnerFiches", merge(&ecole, other, ecole.parent)).await?,
        "FICHE_DEJA_FONDUE"
    );
    // One person is locked under whichever fiche.
    let lock = json!({ "compte": ecole.parent.0, "motif": "Compte compromis" });
    maison.granted(ecole.principal, "verrouillerCompte", lock.clone(), "").await?;
    maison.bench.runner.catch_up().await?;
    assert_eq!(children(&ecole, personal(other.0)).await?, Vec::<Value>::new());
    maison.granted(ecole.principal, "deverrouillerCompte", lock, "").await?;
    maison.bench.runner.catch_up().await?;
    let separate = json!({ "portail": ecole.portail, "ficheId": global("Personne", other.0),
                           "motif": "Deux personnes" });
    maison.granted(ecole.principal, "separerFiches", separate, "").await?;
    assert_eq!(children(&ecole, ecole.parent).await?, mine);
    assert_eq!(children(&ecole, personal(other.0)).await?, theirs);
    crate::projections::replay::check(&maison.bench).await?;
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_under_a_fiche_is_ones_own_under_the_other() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let twin = twin(&ecole, ecole.enseignante).await?;
    let teacher = PersonneId(ecole.enseignante.0);
    maison.granted(ecole.principal, "fusionnerFiches", merge(&ecole, teacher, personal(twin.0)), "").await?;
    let evaluation = json!({ "enseignementId": global("Enseignement", ecole.enseignement),
        "titre": "Fractions", "date": "2026-11-23", "bareme": "20", "coefficient": "1" });
    for compte in [ecole.enseignante, personal(twin.0)] {
        maison.granted(compte, "creerEvaluation", evaluation.clone(), "").await?;
    }
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_merges_his_own_fiche_nor_one_from_elsewhere() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let own = merge(&ecole, PersonneId(ecole.parent.0), ecole.principal);
    assert_eq!(maison.refused(ecole.principal, "fusionnerFiches", own).await?, "DECIDEUR_INTERESSE");
    let elsewhere = merge(&ecole, PersonneId::derived(&["inconnue"]), ecole.parent);
    assert_eq!(maison.refused(ecole.principal, "fusionnerFiches", elsewhere).await?, "FICHES_D_AILLEURS");
    let unlike = merge(&ecole, PersonneId(ecole.autre_parent.0), ecole.parent);
    assert_eq!(maison.refused(ecole.principal, "fusionnerFiches", unlike).await?, "FICHES_DISSEMBLABLES");
    let other = merge(&ecole, twin(&ecole, ecole.parent).await?, ecole.parent);
    for stranger in [ecole.parent, ecole.enseignante, exploitant()] {
        assert_eq!(maison.refused(stranger, "fusionnerFiches", other.clone()).await?, "INTERDIT");
    }
    maison.granted(ecole.administrateur, "fusionnerFiches", other, "").await?;
    ecole.maison.close().await
}

/// The fiche under which somebody directs a portal is read as another one.
#[tokio::test(flavor = "multi_thread")]
async fn a_directeur_directs_under_whichever_fiche_the_term_is() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let twin = twin(&ecole, ecole.principal).await?;
    let merged = merge(&ecole, PersonneId(ecole.principal.0), personal(twin.0));
    maison.granted(ecole.administrateur, "fusionnerFiches", merged, "").await?;
    maison.bench.runner.catch_up().await?;
    let delegation = json!({ "portail": ecole.portail, "delegation": Uuid::from_u128(2),
        "compte": CompteId::derived(&["second"]).0, "du": "2026-11-23",
        "administrateurId": global("Personne", ecole.enseignante.0) });
    maison.granted(ecole.principal, "accorderDelegation", delegation, "portail { hote }").await?;
    ecole.maison.close().await
}
