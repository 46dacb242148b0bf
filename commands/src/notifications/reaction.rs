//! The reaction: what became known is prepared for whom it is to be told; so is another way to whom
//! nothing that was sent has reached.

use crate::rights::Action;
use crate::{Act, Commands, Demande, UseCaseError, portail, rights_of};
use chrono::{DateTime, TimeDelta, Utc};
use domain::notifications::{Canal, Choix, Envoi, EnvoiCommand, FicheEnvoi, SansSuite, Theme};
use domain::{CommandeId, EvenementId};
use projections::notifications::{APreparer, Annonces, Destinataire, Recherche};

/// What became known longer ago is no news: a program that comes back after days tells nobody of them.
/// For as long another way is sought after one has failed.
const FRAICHEUR: TimeDelta = TimeDelta::days(3);
/// For so long it is looked at again whom there is to tell: one view is read after the other, and that of
/// the directory may know somebody a moment later.
const RECUL: TimeDelta = TimeDelta::minutes(10);
/// The same of what the law has told at once: the directory is fed at night.
const RECUL_SANS_DELAI: TimeDelta = TimeDelta::days(1);
/// How many announcements are looked at together.
const LOT: i64 = 200;

impl Commands {
    /// Prepares what is to be told of what became known lately, where these ways are open, and what is
    /// to be told in another way; `demande` makes the program's own demand of an announcement. Says how
    /// many envois it has prepared.
    pub async fn preparer_envois(
        &self,
        ouverts: &[Canal],
        demande: impl Fn(CommandeId, EvenementId) -> Demande,
    ) -> Result<usize, UseCaseError> {
        let chosen = self.preparer_chaque(Recherche::Nouvelles, ouverts, &demande).await?;
        Ok(chosen + self.preparer_chaque(Recherche::EnVain, ouverts, &demande).await?)
    }

    async fn preparer_chaque(
        &self,
        recherche: Recherche,
        ouverts: &[Canal],
        demande: &impl Fn(CommandeId, EvenementId) -> Demande,
    ) -> Result<usize, UseCaseError> {
        let (maintenant, mut apres, mut prepared) = (self.now(), None, 0);
        loop {
            let lately = maintenant - FRAICHEUR..=maintenant;
            let page = Annonces::a_preparer(self.views(), recherche, lately, apres, LOT).await?;
            let Some(last) = page.last() else { return Ok(prepared) };
            apres = Some((last.connue_le, last.id));
            for annonce in &page {
                let to_each = |destinataire| match recherche {
                    Recherche::Nouvelles => fiches(annonce, destinataire, ouverts, maintenant),
                    Recherche::EnVain => {
                        autrement(annonce, destinataire, ouverts, maintenant).into_iter().collect()
                    }
                };
                let fiches: Vec<_> = annonce.destinataires.iter().flat_map(to_each).collect();
                let evenement = EvenementId(annonce.id);
                if !fiches.is_empty() {
                    let commande = commande(recherche, annonce, &fiches);
                    prepared += self.preparer(&demande(commande, evenement), annonce, fiches).await?;
                } else if recherche == Recherche::Nouvelles && est_sans_suite(annonce) {
                    let commande = CommandeId::derived(&["sans suite", &evenement.to_string()]);
                    self.renoncer(&demande(commande, evenement), annonce).await?;
                }
            }
        }
    }

    async fn preparer(
        &self,
        demande: &Demande,
        annonce: &APreparer,
        fiches: Vec<FicheEnvoi>,
    ) -> Result<usize, UseCaseError> {
        let (prepared, mut act) = (fiches.len(), self.act_of(demande, annonce)?);
        for fiche in fiches {
            act = act.tell::<Envoi>(fiche.id(), EnvoiCommand::PreparerEnvoi { fiche });
        }
        // What was prepared before is asked again while a view lags: nothing has come of it.
        let recorded = act.record().await?;
        Ok(if recorded.repeated { 0 } else { prepared })
    }

    /// Closes an announcement that nobody is told of, with the reason.
    async fn renoncer(&self, demande: &Demande, annonce: &APreparer) -> Result<(), UseCaseError> {
        let motif = match annonce.destinataires.is_empty() {
            true => SansSuite::SansDestinataire,
            false => SansSuite::SansMoyen,
        };
        let evenement = EvenementId(annonce.id);
        let command = EnvoiCommand::Renoncer { annonce: evenement, motif };
        let act = self.act_of(demande, annonce)?.tell::<Envoi>(SansSuite::id(evenement), command);
        act.record().await.map(drop)
    }

    fn act_of(&self, demande: &Demande, annonce: &APreparer) -> Result<Act, UseCaseError> {
        let portail = portail(&annonce.portail)?;
        let resource = rights_of::portail(portail.clone(), None);
        let autorite = self.permit(&demande.acteur, Action::PreparerEnvois, &resource)?;
        Ok(self.act(demande, autorite, portail))
    }
}

/// Whether it has been known for so long that nobody will be told of it: by what the views have read, and
/// not by the clock, since a directory that is being read may still name somebody.
fn est_sans_suite(annonce: &APreparer) -> bool {
    let recul = if annonce.details.theme().est_du_sans_delai() { RECUL_SANS_DELAI } else { RECUL };
    annonce.connue_le + recul <= annonce.lu_jusque
}

/// Of an announcement the ways that were chosen are prepared once, whatever is chosen meanwhile; another
/// way, each once.
fn commande(recherche: Recherche, annonce: &APreparer, fiches: &[FicheEnvoi]) -> CommandeId {
    let parts: Vec<_> = match recherche {
        Recherche::Nouvelles => vec!["envois".to_owned(), EvenementId(annonce.id).to_string()],
        Recherche::EnVain => {
            let ids = fiches.iter().map(|fiche| fiche.id().to_string());
            std::iter::once("autrement".to_owned()).chain(ids).collect()
        }
    };
    CommandeId::derived(&parts.iter().map(String::as_str).collect::<Vec<_>>())
}

/// By which ways somebody is told: those chosen that lead anywhere; where none does, of what the
/// law has told at once, by a mail, and by a letter to who has no address.
fn fiches(
    annonce: &APreparer,
    destinataire: &Destinataire,
    ouverts: &[Canal],
    maintenant: DateTime<Utc>,
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
        canaux.push(sans_choix(destinataire));
    }
    let calme = destinataire.calme.unwrap_or_default();
    let pas_avant = choix.depart(&annonce.details, calme, maintenant);
    canaux.into_iter().map(|canal| fiche(annonce, destinataire, canal, pas_avant)).collect()
}

/// By which other way somebody is told of what the law has told at once, and whom no way has reached
/// that was tried; none once all were. Where no relay of mail is open, a mail would tell nobody.
fn autrement(
    annonce: &APreparer,
    destinataire: &Destinataire,
    ouverts: &[Canal],
    maintenant: DateTime<Utc>,
) -> Option<FicheEnvoi> {
    let tried = &destinataire.en_vain;
    let due = annonce.details.theme().est_du_sans_delai();
    if tried.is_empty() || !due {
        return None;
    }
    let leads = |canal: &Canal| *canal == Canal::Lettre || ouverts.contains(canal);
    let mut ways = [sans_choix(destinataire), Canal::Lettre].into_iter().filter(leads);
    let canal = ways.find(|canal| !tried.contains(canal))?;
    let pas_avant = destinataire.calme.unwrap_or_default().apres(maintenant);
    Some(fiche(annonce, destinataire, canal, pas_avant))
}

/// The way that everybody has.
fn sans_choix(destinataire: &Destinataire) -> Canal {
    if destinataire.courriel { Canal::Courriel } else { Canal::Lettre }
}

fn fiche(
    annonce: &APreparer,
    destinataire: &Destinataire,
    canal: Canal,
    pas_avant: DateTime<Utc>,
) -> FicheEnvoi {
    FicheEnvoi {
        destinataire: destinataire.personne,
        canal,
        annonce: EvenementId(annonce.id),
        theme: annonce.details.theme(),
        pas_avant,
    }
}
