//! Following the rolls of a division.

use super::Appel;
use crate::graphql::annuaire::division_resource;
use crate::graphql::context::{Here, Requete, fault};
use crate::graphql::ids::key;
use crate::graphql::tour::in_turn;
use async_graphql::futures_util::{Stream, stream};
use async_graphql::{Context, ID, Result, SimpleObject, Subscription};
use chrono::NaiveDate;
use commands::rights::Action;
use commands::rights_of;
use domain::annuaire::Uai;
use projections::absences::{self as views, Appels};
use projections::annuaire::Annuaire;
use projections::progress::Moves;
use uuid::Uuid;

/// Rolls and their lines.
type Seen = (Vec<views::Appel>, Vec<views::AppelLigne>);

/// Subscriptions to rolls.
#[derive(Default)]
pub struct AbsencesSubscription;

#[Subscription]
impl AbsencesSubscription {
    /// Les appels d'une division un jour donné, à chaque changement. Le droit est
    /// vérifié à chaque envoi.
    async fn appels_de_la_division<'a>(
        &self,
        ctx: &'a Context<'a>,
        division_id: ID,
        date: NaiveDate,
    ) -> Result<impl Stream<Item = AppelsDuJour> + 'a> {
        let requete = ctx.requete()?;
        let division = key("Division", &division_id).unwrap_or_default();
        Ok(stream::unfold((None, None), move |(moves, seen): (Option<Moves>, Option<Seen>)| async move {
            let mut moves = match moves {
                Some(moves) => moves,
                None => in_turn(|| moves_of(requete, division)).await?,
            };
            loop {
                moves.mark_seen();
                let now = in_turn(|| readable(requete, division, date)).await?;
                if seen.as_ref() != Some(&now) {
                    let appels = now.0.iter().cloned().map(Appel).collect();
                    return Some((AppelsDuJour { appels }, (Some(moves), Some(now))));
                }
                if !moves.next().await {
                    return None;
                }
            }
        }))
    }
}

/// Les appels d'une division un jour donné.
#[derive(SimpleObject)]
pub struct AppelsDuJour {
    /// Dans l'ordre de la journée.
    appels: Vec<Appel>,
}

/// What moves when a roll of this division does: the view of rolls, on the portal of its
/// établissement.
async fn moves_of(requete: &dyn Requete, division: Uuid) -> Result<Option<Moves>> {
    let views = requete.views();
    let Some(row) = Annuaire::divisions(views, &[division]).await.map_err(fault)?.pop() else {
        return Ok(None);
    };
    let found = Annuaire::etablissements(views, &[row.etablissement]).await.map_err(fault)?.pop();
    let uai = found.and_then(|etablissement| etablissement.uai.parse::<Uai>().ok());
    Ok(uai.map(|uai| requete.progress().moves(Appels::NAME, &uai.portail())))
}

/// The rolls of a division on a day that who asks may read now; nothing at all for who
/// may not read the division.
async fn readable(requete: &dyn Requete, division: Uuid, date: NaiveDate) -> Result<Option<Seen>> {
    let (views, commands) = (requete.views(), requete.commands());
    let acteur = requete.acteur_now().await?;
    let Some(row) = Annuaire::divisions(views, &[division]).await.map_err(fault)?.pop() else {
        return Ok(None);
    };
    if commands.permit(&acteur, Action::LireDivision, &division_resource(&row)).is_err() {
        return Ok(None);
    }
    let mut rows = Appels::of_auditoire(views, division, date).await.map_err(fault)?;
    let taught: Vec<_> = rows.iter().map(|row| row.enseignement).collect();
    let enseignements = Annuaire::enseignements(views, &taught).await.map_err(fault)?;
    rows.retain(|row| {
        let enseignement = enseignements.iter().find(|one| one.id == row.enseignement);
        enseignement.is_some_and(|one| {
            commands
                .permit(&acteur, Action::LireAppel, &rights_of::enseignement(one, commands.today()))
                .is_ok()
        })
    });
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let lines = Appels::lines(views, &ids).await.map_err(fault)?;
    Ok(Some((rows, lines)))
}
