//! `ent mis-de-cote`: what views could not follow; listed, explained, followed again.

use super::cli::AsideArgs;
use super::rebuild::views;
use super::with_house;
use crate::config::Config;
use crate::program::House;
use anyhow::bail;
use ledger::unit::Position;
use projections::aside::{Aside, Reason, explain, follow_again, list};

/// Does what the arguments ask.
pub async fn run(config: &Config, args: &AsideArgs) -> anyhow::Result<()> {
    let named: Vec<_> = args.vue.iter().cloned().collect();
    let views = views(&named)?;
    with_house(config, async |house| match &args.expliquer {
        Some(position) => tell(house, position).await,
        None if args.rejouer => {
            for view in &views {
                let keys = house.ledger.keys();
                let outcome = follow_again(&house.pool, keys, &**view, args.flux.as_deref()).await?;
                if outcome.followed + outcome.left > 0 {
                    println!(
                        "{} : {} faits suivis, {} restent de côté",
                        view.name(),
                        outcome.followed,
                        outcome.left
                    );
                }
            }
            show(house, args.vue.as_deref()).await
        }
        None => show(house, args.vue.as_deref()).await,
    })
    .await
}

async fn show(house: &House, view: Option<&str>) -> anyhow::Result<()> {
    let facts = list(&mut *house.pool.acquire().await?, view).await?;
    if facts.is_empty() {
        println!("Rien n'est mis de côté.");
    }
    for fact in facts {
        println!(
            "{}  {}  {} {}  {}\n    depuis {} : {}",
            fact.projection,
            place(&fact),
            fact.stream_kind,
            fact.stream_id,
            fact.event_type,
            fact.since.format("%Y-%m-%d %H:%M UTC"),
            fact.error
        );
    }
    Ok(())
}

/// What a fact is, without its content; what waits behind it; what to do.
async fn tell(house: &House, position: &Position) -> anyhow::Result<()> {
    let Some(explained) = explain(&mut *house.pool.acquire().await?, position).await? else {
        bail!("aucun fait n'est à la place {position}");
    };
    let envelope = explained.envelope;
    println!("Fait {position}");
    println!("  type          {}, version {}", envelope.event_type, envelope.version);
    println!("  flux          {} {}, n° {}", envelope.stream.kind, envelope.stream.id, envelope.sequence);
    println!("  enregistré    {}", envelope.recorded_at.format("%Y-%m-%d %H:%M:%S UTC"));
    println!("  date métier   {}", envelope.business_date);
    println!("  en qualité de {}", envelope.actor.office);
    println!("  règles        {}", envelope.authority.policies.join(", "));
    println!("  commande      {}", envelope.command_id);
    if explained.aside.is_empty() {
        println!("\nAucune vue ne l'a mis de côté.");
    }
    for fact in &explained.aside {
        let behind = explained.waiting.iter().filter(|waiting| waiting.projection == fact.projection);
        let behind: Vec<_> = behind.map(place).collect();
        println!("\n{} ne l'a pas suivi : {}", fact.projection, fact.error);
        if !behind.is_empty() {
            println!("  retient les faits suivants de son flux : {}", behind.join(", "));
        }
        println!("  {}", advice(fact));
    }
    Ok(())
}

fn place(fact: &Aside) -> String {
    format!("{}/{}/{}", fact.portail, fact.annee, fact.position)
}

fn advice(fact: &Aside) -> String {
    let view = &fact.projection;
    match fact.reason() {
        Reason::Waiting => {
            "Il attend un fait antérieur de son flux, à voir d'abord : ent mis-de-cote".to_owned()
        }
        Reason::Unreadable => format!(
            "Ce programme ne sait pas le lire : mettez-le à jour, puis : ent mis-de-cote --rejouer {view}"
        ),
        Reason::Tables => format!(
            "Une ligne de la vue y contredit : reconstruisez-la à côté : ent rejouer-projections {view}"
        ),
        Reason::Unfit => format!(
            "Il ne convient pas à la vue : c'est un défaut du programme, à signaler ; corrigé, suivez-le \
             de nouveau : ent mis-de-cote --rejouer {view}"
        ),
    }
}
