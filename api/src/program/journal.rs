//! `ent verifier-journal` and `ent inscrire-consultation`: what an operator puts on the record
//! about the record. `ent-rejeu`, whose role writes nothing, can do neither.

use super::cli::{ConsultationArgs, VerifierArgs};
use super::horodateur::{Horodateur, date_journal};
use super::{House, with_house};
use crate::config::Config;
use anyhow::{bail, ensure};
use commands::Demande;
use commands::rights::{Acteur, Action};
use domain::CommandeId;
use domain::journal::{ConstatDeVerification, FauteDuJournal, NatureConsultation, Portee};
use ledger::feed::{Journal, heads};
use ledger::sealer::log::Log;
use ledger::tlog::maison::PublicKeys;
use ledger::verify::{Means, verify_journal};

/// Re-reads journals from their origin and puts what was found on their record.
pub async fn verify(config: &Config, args: &VerifierArgs) -> anyhow::Result<()> {
    with_house(config, async |house| {
        let sound = verify_all(house, args).await;
        house.runner.catch_up().await?;
        ensure!(sound?, "un journal au moins n'est plus ce qui a été enregistré");
        Ok(())
    })
    .await
}

/// Whether all are sound.
async fn verify_all(house: &House, args: &VerifierArgs) -> anyhow::Result<bool> {
    let mut connection = house.pool.acquire().await?;
    let published = house.sealer.verifier_keys(&Log::Meta);
    let published: String = published.iter().map(|key| format!("{}\n", key.key)).collect();
    let seals = PublicKeys::read(&published)?;
    let means = Means { contents: Some(house.ledger.keys()), seals: Some(&seals) };
    let mut sound = true;
    for (journal, _) in heads(&mut connection).await? {
        if args.portail.as_ref().is_some_and(|asked| *asked != journal.portail) {
            continue;
        }
        let found = verify_journal(&mut connection, &journal, means, |_| ()).await?;
        let faute = found.fault.map(|located| FauteDuJournal {
            position: located.position,
            nature: located.fault.to_string().chars().take(200).collect(),
        });
        match &faute {
            None => println!("{}, {} : valide, {} événements", journal.portail, journal.annee, found.leaves),
            Some(FauteDuJournal { position, nature }) => {
                sound = false;
                println!("{}, {} : INVALIDE, n° {position} : {nature}", journal.portail, journal.annee);
            }
        }
        let constat = ConstatDeVerification { annee: journal.annee, evenements: found.leaves, faute };
        house.commands.inscrire_verification(&demande(), journal.portail, constat).await?;
    }
    Ok(sound)
}

/// Puts the consultation of an auditor on the record, tells its place, and has it dated: what
/// is then exported is what an authority saw.
pub async fn consult(config: &Config, args: &ConsultationArgs) -> anyhow::Result<()> {
    with_house(config, async |house| {
        let objet = format!("{} : {}", args.auditeur, args.objet);
        let portee = Portee { nature: NatureConsultation::Export, annee: args.annee, objet };
        let recorded = house
            .commands
            .consulter_journal(
                &demande(),
                Action::InscrireConsultation,
                args.portail.clone(),
                portee,
                args.motif.clone(),
            )
            .await;
        let place = match recorded {
            Ok(recorded) => recorded.position,
            Err(error) => bail!("{error}"),
        };
        println!("Consultation inscrite : {place}");
        if let Some(horodateur) = Horodateur::of(config)? {
            let journal = Journal { portail: place.portail, annee: place.annee };
            match date_journal(&horodateur, &house.sealer, journal).await {
                Ok(()) => println!("Le journal est horodaté, consultation comprise."),
                Err(error) => {
                    eprintln!("Le journal n'est pas horodaté ({error:#}) : ent horodater, plus tard.")
                }
            }
        }
        Ok(())
    })
    .await
}

/// What the console asks, once.
fn demande() -> Demande {
    #[allow(clippy::disallowed_methods)] // the edge that makes ids
    let commande = CommandeId(uuid::Uuid::new_v4());
    Demande { acteur: Acteur::console(), commande, corps: Vec::new(), cause: None }
}
