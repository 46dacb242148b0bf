//! A progression is taken up in another enseignement.

use crate::error::Refused;
use crate::rights::Action;
use crate::{Commands, Demande, UseCaseError, portail};
use chrono::{Days, NaiveDate};
use domain::annuaire::Auditoire;
use domain::cahier_de_textes::{
    ContenuDeSeance, FicheTravail, RefusSeance, Seance, SeanceCommand, Travail, TravailCommand, echeance,
    placer_progression,
};
use domain::{AnneeScolaire, EnseignementId, SeanceId, TravailId};
use ledger::unit::Recorded;
use projections::cahier_de_textes::{Cahiers, SeanceEcrite, TravailDonne};

/// What was published in an enseignement in a school year.
struct Progression {
    seances: Vec<SeanceEcrite>,
    travaux: Vec<TravailDonne>,
}

impl Commands {
    /// Takes the published séances and travaux of an enseignement up in another one, as drafts, on
    /// what its emploi du temps has from a day on. Gives how many séances there are.
    pub async fn reprendre_progression(
        &self,
        demande: &Demande,
        source: EnseignementId,
        cible: EnseignementId,
        depuis: NaiveDate,
    ) -> Result<(usize, Recorded), UseCaseError> {
        let (_, from) = self.enseignement(source.0).await?;
        self.permit(&demande.acteur, Action::LireCahier, &from)?;
        let (row, resource) = self.enseignement(cible.0).await?;
        let autorite = self.permit(&demande.acteur, Action::RedigerCahier, &resource)?;
        let auteur = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        let Progression { seances, travaux } = self.progression(source).await?;
        let places = self.places(&row, cible, depuis).await?;
        let placed = placer_progression(seances, places)
            .map_err(|refus: RefusSeance| UseCaseError::Refused(Refused::of(&refus)))?;
        let days: Vec<_> = placed.iter().map(|(from, fiche)| (from.date, fiche.date)).collect();
        let (count, commande) = (placed.len(), demande.commande.to_string());
        let mut act = self.act_on(demande, autorite, portail(&row.portail)?, depuis);
        for (from, fiche) in placed {
            let seance = SeanceId::derived(&[&commande, &from.id.to_string()]);
            let contenu = ContenuDeSeance { titre: from.titre, avant: from.avant, apres: from.apres };
            let reprise_de = Some(SeanceId(from.id));
            let command = SeanceCommand::RedigerSeance { fiche, contenu, auteur, reprise_de };
            act = act.tell::<Seance>(seance, command);
        }
        for from in travaux {
            let travail = TravailId::derived(&[&commande, &from.id.to_string()]);
            let Some(fiche) = repris(from, &days, (cible, row.auditoire)) else { continue };
            act = act.tell::<Travail>(travail, TravailCommand::DonnerTravail { fiche, auteur });
        }
        Ok((count, act.record().await?))
    }

    /// What is published in an enseignement, in the last school year that has a séance of it.
    async fn progression(&self, source: EnseignementId) -> Result<Progression, UseCaseError> {
        let (today, years) = (self.today(), Days::new(3 * 366));
        let span =
            (today.checked_sub_days(years).unwrap_or(today), today.checked_add_days(years).unwrap_or(today));
        let mut seances = Cahiers::seances_de(&self.views, source.0, span).await?;
        let mut travaux = Cahiers::travaux_de(&self.views, source.0, span).await?;
        seances.retain(|row| row.publiee_le.is_some());
        let last = seances.iter().map(|row| AnneeScolaire::of(row.date)).max();
        seances.retain(|row| Some(AnneeScolaire::of(row.date)) == last);
        travaux.retain(|row| row.est_ouvert() && Some(AnneeScolaire::of(row.pour_le)) == last);
        Ok(Progression { seances, travaux })
    }
}

/// A travail as it is given in another enseignement, whose séances have these days.
fn repris(
    row: TravailDonne,
    days: &[(NaiveDate, NaiveDate)],
    (enseignement, auditoire): (EnseignementId, Auditoire),
) -> Option<FicheTravail> {
    let (donne_le, pour_le) = echeance(days, row.donne_le, row.pour_le)?;
    Some(FicheTravail {
        enseignement,
        auditoire,
        donne_le,
        pour_le,
        titre: row.titre,
        consigne: row.consigne,
        // A travail takes ten hours at most: the domain has let no other in.
        minutes: u16::try_from(row.minutes).ok()?,
        a_rendre: row.a_rendre,
    })
}
