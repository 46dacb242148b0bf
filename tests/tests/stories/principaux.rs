//! Who was professeur principal of a division on a past day, as far as the directory knows.

use anyhow::Result;
use domain::annuaire::{Etablissement, EtablissementCommand, Matiere, Origine, Parole, Uai};
use domain::{CompteId, PersonneId};
use projections::annuaire::Histoire;
use recits::Ecole;

/// A division that the directory gets during the year.
const DIVISION: &str = "6Z";

async fn dire(ecole: &Ecole, le: &str, which: &str, command: EtablissementCommand) -> Result<()> {
    let bench = &ecole.maison.bench;
    bench.clock.set(format!("{le}T08:00:00Z").parse()?);
    let context = bench.context(&"ac-lyon".parse()?, &["principaux", which, le]);
    bench.record::<Etablissement>(context, ecole.uai.parse::<Uai>()?.etablissement(), command).await?;
    Ok(bench.runner.catch_up().await?)
}

/// From a school day on somebody teaches the division, as its professeur principal or not.
async fn attribuer(ecole: &Ecole, le: &str, qui: CompteId, principal: bool) -> Result<()> {
    let command = EtablissementCommand::AttribuerEnseignement {
        division: DIVISION.to_owned(),
        matiere: Matiere { code: "020700".to_owned(), libelle: "FRANCAIS".to_owned() },
        enseignant: PersonneId(qui.0),
        principal,
        parole: Parole::de(Origine::Aaf, "Lyon", le.parse()?),
    };
    dire(ecole, le, &qui.to_string(), command).await
}

#[tokio::test(flavor = "multi_thread")]
async fn before_any_was_known_it_is_who_was_known_first_and_then_each_in_his_time() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (premiere, seconde) = (ecole.enseignante, ecole.collegue);
    let ouvrir = EtablissementCommand::OuvrirDivision {
        code: DIVISION.to_owned(),
        libelle: "SIXIEME Z".to_owned(),
        mef: None,
        parole: Parole::de(Origine::Aaf, "Lyon", "2026-11-24".parse()?),
    };
    dire(&ecole, "2026-11-24", "ouvrir", ouvrir).await?;
    attribuer(&ecole, "2026-11-24", premiere, false).await?;
    attribuer(&ecole, "2026-12-01", premiere, true).await?;
    attribuer(&ecole, "2027-01-11", premiere, false).await?;
    attribuer(&ecole, "2027-01-11", seconde, true).await?;
    let division = ecole.uai.parse::<Uai>()?.division(DIVISION).0;
    for (le, principale) in [("2026-11-27", premiere), ("2027-01-10", premiere), ("2027-01-11", seconde)] {
        let found = Histoire::principaux(&ecole.maison.bench.views, division, le.parse()?).await?;
        assert_eq!(found, [principale.0], "{le}");
    }
    ecole.maison.close().await
}
