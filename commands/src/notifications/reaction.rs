//! The reaction: what became known is prepared for whom it is to be told.

use crate::rights::Action;
use crate::{Commands, Demande, UseCaseError, portail, rights_of};
use chrono::TimeDelta;
use domain::notifications::{Canal, Choix, Envoi, EnvoiCommand, FicheEnvoi, Theme};
use domain::{CommandeId, EvenementId};
use projections::notifications::{APreparer, Annonces, Destinataire};

/// What became known longer ago is no news: a program that comes back after days tells nobody of them.
const FRAICHEUR: TimeDelta = TimeDelta::days(3);
/// How many announcements are looked at together.
const LOT: i64 = 200;

impl Commands {
    /// Prepares what is to be told of what became known lately, where these ways are open; `demande`
    /// makes the program's own demand of an announcement. Says how many envois it has prepared.
    pub async fn preparer_envois(
        &self,
        ouverts: &[Canal],
        demande: impl Fn(CommandeId, EvenementId) -> Demande,
    ) -> Result<usize, UseCaseError> {
        let (maintenant, mut apres, mut prepared) = (self.now(), None, 0);
        loop {
            let lately = maintenant - FRAICHEUR..=maintenant;
            let page = Annonces::a_preparer(self.views(), lately, apres, LOT).await?;
            let Some(last) = page.last() else { return Ok(prepared) };
            apres = Some((last.connue_le, last.id));
            for annonce in &page {
                prepared += self.preparer(&demande, ouverts, annonce).await?;
            }
        }
    }

    async fn preparer(
        &self,
        demande: &impl Fn(CommandeId, EvenementId) -> Demande,
        ouverts: &[Canal],
        annonce: &APreparer,
    ) -> Result<usize, UseCaseError> {
        let evenement = EvenementId(annonce.id);
        let fiches: Vec<_> = annonce
            .destinataires
            .iter()
            .flat_map(|destinataire| fiches(annonce, destinataire, ouverts, self.now()))
            .collect();
        if fiches.is_empty() {
            return Ok(0);
        }
        let demande = demande(CommandeId::derived(&["envois", &evenement.to_string()]), evenement);
        let portail = portail(&annonce.portail)?;
        let resource = rights_of::portail(portail.clone(), None);
        let autorite = self.permit(&demande.acteur, Action::PreparerEnvois, &resource)?;
        let prepared = fiches.len();
        let mut act = self.act(&demande, autorite, portail);
        for fiche in fiches {
            act = act.tell::<Envoi>(fiche.id(), EnvoiCommand::PreparerEnvoi { fiche });
        }
        // What was prepared before is asked again while a view lags: nothing has come of it.
        let recorded = act.record().await?;
        Ok(if recorded.repeated { 0 } else { prepared })
    }
}

/// By which ways somebody is told: those chosen that lead anywhere; where none does, of what the
/// law has told at once, by a mail, and by a letter to who has no address.
fn fiches(
    annonce: &APreparer,
    destinataire: &Destinataire,
    ouverts: &[Canal],
    maintenant: chrono::DateTime<chrono::Utc>,
) -> Vec<FicheEnvoi> {
    let theme: Theme = annonce.details.theme();
    let chosen = destinataire.choix.as_ref().and_then(|choix| choix.get(&theme));
    let choix = chosen.cloned().unwrap_or_else(|| Choix::par_defaut(theme));
    let leads = |canal: &Canal| match canal {
        Canal::Courriel => destinataire.courriel,
        // Chosen once, a way may be closed since: what waited for it would be told to nobody.
        Canal::Sms => destinataire.telephone && ouverts.contains(canal),
        Canal::Appareil => destinataire.appareil && ouverts.contains(canal),
        Canal::Lettre => true,
    };
    let mut canaux: Vec<_> = choix.canaux.iter().copied().filter(leads).collect();
    if canaux.is_empty() && theme.est_du_sans_delai() {
        canaux.push(if destinataire.courriel { Canal::Courriel } else { Canal::Lettre });
    }
    let pas_avant = choix.depart(destinataire.calme.unwrap_or_default(), maintenant);
    let fiche = |canal| FicheEnvoi {
        destinataire: destinataire.personne,
        canal,
        annonce: EvenementId(annonce.id),
        theme,
        pas_avant,
    };
    canaux.into_iter().map(fiche).collect()
}
