//! What portals may say of their offices, and their view must follow.

use super::replay::check;
use anyhow::Result;
use domain::portails::{Attribution, NaturePortail, Portail, PortailCommand};
use domain::{CompteId, DelegationId, PersonneId, PortailId};
use projections::portails::Portails;
use recits::{Bench, portail};

/// Asks a portal for these, one after the other.
async fn ask(bench: &Bench, portail: &PortailId, commands: Vec<PortailCommand>) -> Result<()> {
    for (number, command) in commands.into_iter().enumerate() {
        let context = bench.context(portail, &[portail.as_str(), &number.to_string()]);
        bench.record::<Portail>(context, portail, command).await?;
    }
    Ok(())
}

fn opened(portail: &PortailId) -> PortailCommand {
    let (portail, nom) = (portail.clone(), "Académie".to_owned());
    PortailCommand::OuvrirPortail { portail, nature: NaturePortail::Academie, nom }
}

fn directed_by(name: &str, qualite: &str) -> PortailCommand {
    PortailCommand::PrendreDirection {
        directeur: PersonneId::derived(&[name]),
        qualite: qualite.to_owned(),
        depuis: "2026-09-01".parse().unwrap(),
        delegant: None,
    }
}

#[tokio::test]
async fn who_takes_office_twice_on_one_day_has_one_term() -> Result<()> {
    let bench = Bench::open().await?;
    let portail = portail("ac-lyon");
    let terms = vec![
        opened(&portail),
        directed_by("Awa", "principal"),
        directed_by("Awa", "principale"),
        directed_by("Éric", "principal"),
        directed_by("Awa", "proviseure"),
    ];
    ask(&bench, &portail, terms).await?;
    bench.runner.catch_up().await?;
    let day = "2026-09-01".parse()?;
    let in_office = Portails::directions_on(&bench.views, &[portail.to_string()], day).await?;
    let in_office: Vec<_> = in_office.into_iter().map(|term| (term.directeur, term.qualite)).collect();
    assert_eq!(in_office, [(PersonneId::derived(&["Awa"]).0, "proviseure".to_owned())]);
    check(&bench).await
}

#[tokio::test]
async fn two_portals_may_give_one_id_to_their_delegations() -> Result<()> {
    let bench = Bench::open().await?;
    let delegation = DelegationId::derived(&["the same"]);
    let (du, le) = ("2026-09-01".parse()?, "2026-10-01".parse()?);
    for label in ["ac-lyon", "ac-grenoble"] {
        let portail = portail(label);
        let accorded = PortailCommand::AccorderDelegation {
            delegation,
            compte: CompteId::derived(&[label]),
            compte_libre: true,
            administrateur: PersonneId::derived(&["Zoé"]),
            rattache: true,
            par: PersonneId::derived(&["Awa"]),
            attributions: [Attribution::Moderation].into(),
            du,
            au: None,
        };
        let commands = vec![opened(&portail), directed_by("Awa", "rectrice"), accorded];
        ask(&bench, &portail, commands).await?;
    }
    let portail = portail("ac-lyon");
    let revoked = PortailCommand::RevoquerDelegation { delegation, motif: "Départ".to_owned(), le };
    bench.record::<Portail>(bench.context(&portail, &["revoke"]), &portail, revoked).await?;
    bench.runner.catch_up().await?;
    for (label, running) in [("ac-lyon", 0), ("ac-grenoble", 1)] {
        assert_eq!(Portails::delegations_on(&bench.views, label, le).await?.len(), running, "{label}");
    }
    check(&bench).await
}
