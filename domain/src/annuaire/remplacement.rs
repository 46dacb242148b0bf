//! Who stands in for an absent teacher of an enseignement, and for how long.
//!
//! A span runs from its first day to the day before `au`. Within it the substitute does what
//! the absent teacher does, who reads and no longer writes; before and after it nothing
//! changes for either. An absent teacher has one substitute at a time. Source: code de
//! l'éducation, art. L912-1 and D911-5 (replacement of short absences, which the chef
//! d'établissement organises).

use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, EnseignementId, Lacune, PersonneId};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// Longest span, in days: a replacement is of one school year.
const JOURS_MAX: i64 = 366;

/// What may be asked of the replacements of an enseignement.
#[derive(Debug, Clone)]
pub enum RemplacementCommand {
    /// Lets someone stand in for an absent teacher.
    ConfierRemplacement {
        /// Which enseignement.
        enseignement: EnseignementId,
        /// For whom.
        absent: PersonneId,
        /// Whether the absent teacher teaches it.
        attitre: bool,
        /// Who stands in.
        remplacant: PersonneId,
        /// Whether the directory attaches the substitute to the établissement, as a teacher.
        rattache: bool,
        /// First day.
        du: NaiveDate,
        /// First day without.
        au: NaiveDate,
    },
    /// Ends a span before its time, or before it began.
    EcourterRemplacement {
        /// Which enseignement.
        enseignement: EnseignementId,
        /// Who stands in.
        remplacant: PersonneId,
        /// First day of the span.
        du: NaiveDate,
        /// First day without.
        au: NaiveDate,
    },
}

events! {
    /// What happens to the replacements of an enseignement.
    pub enum RemplacementEvent {
        /// Someone stands in, from that day until the day before that day.
        RemplacementConfie = "annuaire.remplacement.confie" v 1 Annuaire of remplacant {
            enseignement: EnseignementId, absent: PersonneId, remplacant: PersonneId,
            du: NaiveDate, au: NaiveDate,
        },
        /// The span that began that day ends earlier; on its first day, it never was.
        RemplacementEcourte = "annuaire.remplacement.ecourte" v 1 Annuaire of remplacant {
            enseignement: EnseignementId, remplacant: PersonneId, du: NaiveDate, au: NaiveDate,
        },
    }
}

refusals! {
    /// Why replacements refuse.
    pub enum RefusRemplacement {
        DatesDeRemplacement = "DATES_DE_REMPLACEMENT" at "au":
            "Un remplacement dure d'un jour à un an : donnez un premier jour, et un premier jour sans remplaçant qui le suive.",
        AbsentNonAttitre = "ABSENT_NON_ATTITRE" at "absentId":
            "Cette personne n'est pas un enseignant attitré de cet enseignement : vérifiez qui est absent.",
        RemplacantExterieur = "REMPLACANT_EXTERIEUR" at "remplacantId":
            "Le remplaçant est un enseignant rattaché à l'établissement : rattachez-le d'abord.",
        RemplacantDeSoiMeme = "REMPLACANT_DE_SOI_MEME" at "remplacantId":
            "Le remplaçant est l'absent lui-même : choisissez une autre personne.",
        DejaRemplace { du: NaiveDate } = "DEJA_REMPLACE" at "du":
            "Un autre remplacement du même enseignant court sur cette période, depuis le {du} : écourtez-le d'abord.",
        RemplacementInconnu = "REMPLACEMENT_INCONNU" at "du":
            "Aucun remplacement par cette personne ne commence ce jour-là.",
        FinApresTerme { au: NaiveDate } = "FIN_APRES_TERME" at "au":
            "Ce remplacement se termine le {au} : on l'écourte, on ne le prolonge pas. Confiez-en un autre à sa suite.",
    }
}

/// A span: who is absent, and the first day without.
#[derive(Debug, Clone, Copy)]
struct Periode {
    absent: PersonneId,
    au: NaiveDate,
}

/// The replacements of an enseignement, by who stands in and from when.
#[derive(Debug, Clone, Default)]
pub struct Remplacements(BTreeMap<(PersonneId, NaiveDate), Periode>);

impl Aggregate for Remplacements {
    const TYPE: &'static str = "annuaire.remplacement";
    /// Spans stand for themselves.
    const LACUNE: Lacune = Lacune::Recommence;
    type Command = RemplacementCommand;
    type Event = RemplacementEvent;
    type Refus = RefusRemplacement;

    fn decide(&self, command: RemplacementCommand) -> Result<Vec<RemplacementEvent>, RefusRemplacement> {
        match command {
            RemplacementCommand::ConfierRemplacement {
                enseignement,
                absent,
                attitre,
                remplacant,
                rattache,
                du,
                au,
            } => {
                if !attitre {
                    return Err(RefusRemplacement::AbsentNonAttitre);
                }
                if !rattache {
                    return Err(RefusRemplacement::RemplacantExterieur);
                }
                self.free(absent, remplacant, du, au)?;
                Ok(vec![RemplacementEvent::RemplacementConfie { enseignement, absent, remplacant, du, au }])
            }
            RemplacementCommand::EcourterRemplacement { enseignement, remplacant, du, au } => {
                let known = self.0.get(&(remplacant, du)).ok_or(RefusRemplacement::RemplacementInconnu)?;
                match au {
                    au if au == known.au => Ok(vec![]),
                    au if au > known.au => Err(RefusRemplacement::FinApresTerme { au: known.au }),
                    au if au < du => Err(RefusRemplacement::DatesDeRemplacement),
                    au => {
                        Ok(vec![RemplacementEvent::RemplacementEcourte { enseignement, remplacant, du, au }])
                    }
                }
            }
        }
    }

    fn apply(&mut self, event: RemplacementEvent) {
        match event {
            RemplacementEvent::RemplacementConfie { absent, remplacant, du, au, .. } => {
                self.0.insert((remplacant, du), Periode { absent, au });
            }
            RemplacementEvent::RemplacementEcourte { remplacant, du, au, .. } if au == du => {
                self.0.remove(&(remplacant, du));
            }
            RemplacementEvent::RemplacementEcourte { remplacant, du, au, .. } => {
                if let Some(periode) = self.0.get_mut(&(remplacant, du)) {
                    periode.au = au;
                }
            }
        }
    }
}

impl Remplacements {
    fn free(
        &self,
        absent: PersonneId,
        remplacant: PersonneId,
        du: NaiveDate,
        au: NaiveDate,
    ) -> Result<(), RefusRemplacement> {
        if au <= du || (au - du).num_days() > JOURS_MAX {
            return Err(RefusRemplacement::DatesDeRemplacement);
        }
        if absent == remplacant {
            return Err(RefusRemplacement::RemplacantDeSoiMeme);
        }
        let overlapping = self.0.iter().find(|((other, since), periode)| {
            (periode.absent == absent || *other == remplacant) && *since < au && du < periode.au
        });
        match overlapping {
            Some(((_, du), _)) => Err(RefusRemplacement::DejaRemplace { du: *du }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
