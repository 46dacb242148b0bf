//! Who knew what when of a content that was reported (DSA, art. 6 §1: liability begins with
//! actual knowledge, and with what is done upon it).

use super::espaces::ModeDeModeration;
use crate::graphql::annuaire::Personne;
use crate::graphql::context::{Here, fault};
use async_graphql::{Context, Enum, Object, Result};
use chrono::{DateTime, Utc};
use domain::publications::OfficeModeration;
use projections::publications::{Acte, Histoire, NatureActe, Signalement};
use uuid::Uuid;

/// Ce qui est arrivé à un contenu signalé, ou au signalement.
#[derive(Enum, Copy, Clone, PartialEq, Eq, Debug)]
pub enum NatureDEtape {
    /// La version a été mise en ligne.
    MiseEnLigne,
    /// Le signalement a été reçu.
    Signalement,
    /// Un modérateur en a eu connaissance, le premier.
    ConnaissanceDuModerateur,
    /// Le directeur de la publication en a eu connaissance.
    ConnaissanceDuDirecteur,
    /// Le signalement a été tranché.
    Decision,
    /// La publication a été cachée.
    Masquage,
    /// Elle a été montrée de nouveau.
    Demasquage,
    /// Elle a été retirée pour toujours.
    Retrait,
}

/// Une étape de la vie d'un contenu signalé.
pub struct Etape {
    nature: NatureDEtape,
    mode: Option<ModeDeModeration>,
    le: DateTime<Utc>,
    par: Option<Uuid>,
    recu_le: DateTime<Utc>,
}

#[Object]
/// Une étape de la vie d'un contenu signalé.
impl Etape {
    /// Ce qui est arrivé.
    async fn nature(&self) -> NatureDEtape {
        self.nature
    }

    /// D'une mise en ligne, comment l'espace où elle eut lieu était modéré alors ; rien pour les
    /// autres étapes.
    async fn mode_de_moderation(&self) -> Option<ModeDeModeration> {
        self.mode
    }

    /// Quand.
    async fn le(&self) -> DateTime<Utc> {
        self.le
    }

    /// Qui ; jamais qui a signalé.
    async fn par(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        match self.par {
            Some(personne) => Personne::named(ctx, personne).await,
            None => Ok(None),
        }
    }

    /// Minutes entières depuis la réception du signalement ; rien pour ce qui la précède.
    async fn delai_en_minutes(&self) -> Option<i64> {
        (self.le >= self.recu_le).then(|| (self.le - self.recu_le).num_minutes())
    }
}

/// The steps, in their order, of a notice that who asks may read.
pub async fn of(ctx: &Context<'_>, notice: &Signalement) -> Result<Vec<Etape>> {
    let views = ctx.requete()?.views();
    let actes = Histoire::actes(views, &notice.portail, Some(notice.publication)).await.map_err(fault)?;
    Ok(etapes(notice, &actes))
}

fn etapes(notice: &Signalement, actes: &[Acte]) -> Vec<Etape> {
    let step = |nature, le, par| Etape { nature, mode: None, le, par, recu_le: notice.recu_le };
    let of_version = |acte: &&Acte| acte.version.is_none_or(|version| version == notice.version);
    let of_publication = actes.iter().filter(of_version).map(|acte| {
        let nature = match acte.nature {
            NatureActe::Publiee => NatureDEtape::MiseEnLigne,
            NatureActe::Retiree => NatureDEtape::Retrait,
            NatureActe::Masquee => NatureDEtape::Masquage,
            NatureActe::Demasquee => NatureDEtape::Demasquage,
        };
        let mode = acte.mode.as_deref().and_then(ModeDeModeration::named);
        Etape { mode, ..step(nature, acte.le, acte.par.or(acte.directeur)) }
    });
    let known = |office| match office {
        OfficeModeration::Moderateur => {
            (NatureDEtape::ConnaissanceDuModerateur, notice.connu_du_moderateur_le)
        }
        OfficeModeration::Directeur => (NatureDEtape::ConnaissanceDuDirecteur, notice.connu_du_directeur_le),
    };
    let known = [OfficeModeration::Moderateur, OfficeModeration::Directeur].map(known);
    let known = known.into_iter().filter_map(|(nature, le)| Some(step(nature, le?, None)));
    let received = step(NatureDEtape::Signalement, notice.recu_le, None);
    let decided = notice.decide_le.map(|le| step(NatureDEtape::Decision, le, notice.decide_par));
    // Those of one instant are told in this order: one learns, decides, and then acts.
    let before = of_publication.clone().filter(|step| step.nature == NatureDEtape::MiseEnLigne);
    let after = of_publication.filter(|step| step.nature != NatureDEtape::MiseEnLigne);
    let mut steps: Vec<_> = before.chain([received]).chain(known).chain(decided).chain(after).collect();
    steps.sort_by_key(|step| step.le);
    steps
}
