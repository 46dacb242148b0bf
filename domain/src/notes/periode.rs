//! A period of a division, from the last mark to the bulletins.
//!
//! Marks are entered until the direction locks the period; the fact that locks it names the
//! policy by which its averages are made. The conseil de classe then meets, and bulletins are
//! published. Unlocking says why, and is possible until families have been told: afterwards a
//! mark is corrected, and the bulletin stays as it was told. A locked period keeps its days: a
//! calendar that is cut anew would else put a mark out of it, or another one in. Source: code de
//! l'éducation, art. R421-51 (conseil de classe) and D111-3 (what families are told at the end of
//! a period).

use super::PolitiqueVersionnee;
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, AnneeScolaire, DivisionId, EnseignementId, Lacune, PeriodeId, PersonneId, texte};
use crate::{AppreciationsId, BulletinId};
use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A period as the calendar of the établissement has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FichePeriode {
    /// Whose it is.
    pub division: DivisionId,
    /// Of which year.
    pub annee: AnneeScolaire,
    /// Which one in the year, from 1.
    pub rang: u16,
    /// Its name.
    pub libelle: String,
    /// First day.
    pub debut: NaiveDate,
    /// Last day.
    pub fin: NaiveDate,
}

impl FichePeriode {
    /// Its id, which follows from the division, the year and the rank.
    pub fn periode(&self) -> PeriodeId {
        PeriodeId::de(self.division, self.annee, self.rang)
    }

    /// Its first and its last day.
    pub fn jours(&self) -> (NaiveDate, NaiveDate) {
        (self.debut, self.fin)
    }
}

impl PeriodeId {
    /// The period of a division that has this rank in a year.
    pub fn de(division: DivisionId, annee: AnneeScolaire, rang: u16) -> Self {
        Self::derived(&[&division.to_string(), &annee.to_string(), &rang.to_string()])
    }

    /// The appreciations of an enseignement in this period.
    pub fn appreciations(self, enseignement: EnseignementId) -> AppreciationsId {
        AppreciationsId::derived(&[&self.to_string(), &enseignement.to_string()])
    }

    /// The bulletin of a pupil for this period.
    pub fn bulletin(self, eleve: PersonneId) -> BulletinId {
        BulletinId::derived(&[&self.to_string(), &eleve.to_string()])
    }
}

/// Where a period stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EtatDePeriode {
    /// Marks are entered.
    #[default]
    Ouverte,
    /// They no longer are.
    Verrouillee,
    /// The conseil de classe meets.
    Conseil,
    /// Bulletins are published.
    Publiee,
}

impl EtatDePeriode {
    /// The frozen name, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ouverte => "ouverte",
            Self::Verrouillee => "verrouillee",
            Self::Conseil => "conseil",
            Self::Publiee => "publiee",
        }
    }

    /// The state of this name.
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Ouverte, Self::Verrouillee, Self::Conseil, Self::Publiee];
        all.into_iter().find(|etat| etat.as_str() == name)
    }
}

/// What others want to do within a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActeDansLaPeriode {
    /// Create an evaluation, or enter marks.
    Saisir,
    /// Correct a published mark.
    Corriger,
    /// Write an appreciation.
    Apprecier,
    /// Write what the conseil says of a pupil.
    Examiner,
    /// Give absences that are counted in another program.
    Denombrer,
}

/// What may be asked of a period.
#[derive(Debug, Clone)]
pub enum PeriodeCommand {
    /// Locks it.
    Verrouiller {
        /// The period.
        fiche: FichePeriode,
        /// The policy by which its averages are made.
        politique: PolitiqueVersionnee,
    },
    /// Opens entry again.
    Deverrouiller {
        /// Why.
        motif: String,
    },
    /// Says that the conseil de classe meets.
    ReunirConseil,
    /// Publishes its bulletins.
    PublierPeriode {
        /// From which instant families read them.
        visible_des: DateTime<Utc>,
        /// Now.
        maintenant: DateTime<Utc>,
    },
    /// Asks whether something may be done in it; nothing happens to the period.
    Admettre {
        /// What.
        acte: ActeDansLaPeriode,
    },
    /// Asks whether the calendar may cut it anew; nothing happens to the period.
    Redecouper {
        /// The first and the last day that it would have; nothing, if it would be no more.
        jours: Option<(NaiveDate, NaiveDate)>,
    },
}

events! {
    /// What happens to a period.
    pub enum PeriodeEvent {
        /// No mark is entered any more; averages are made by this policy.
        PeriodeVerrouillee = "notes.periode.verrouillee" v 1 Scolarite {
            fiche: FichePeriode, politique: PolitiqueVersionnee,
        },
        /// Marks are entered again.
        PeriodeDeverrouillee = "notes.periode.deverrouillee" v 1 Scolarite { motif: String },
        /// The conseil de classe meets.
        ConseilReuni = "notes.periode.conseil_reuni" v 1 Scolarite {},
        /// Bulletins are published, and read from that instant on.
        PeriodePubliee = "notes.periode.publiee" v 1 Scolarite { visible_des: DateTime<Utc> },
    }
}

refusals! {
    /// Why a period refuses.
    pub enum RefusPeriode {
        PeriodeInconnue = "PERIODE_INCONNUE" at "rang":
            "Le calendrier de l'établissement n'a pas cette période pour cette division : fixez-la d'abord.",
        PeriodeVerrouillee = "PERIODE_VERROUILLEE":
            "La saisie de cette période est close : demandez à la direction de la déverrouiller, avec un motif.",
        PeriodeDejaVerrouillee = "PERIODE_DEJA_VERROUILLEE":
            "Cette période est déjà verrouillée.",
        PeriodeOuverte = "PERIODE_OUVERTE":
            "La saisie de cette période est encore ouverte : verrouillez-la d'abord.",
        ConseilNonReuni = "CONSEIL_NON_REUNI":
            "Le conseil de classe de cette période n'est pas réuni : réunissez-le d'abord.",
        BulletinsPublies = "BULLETINS_PUBLIES":
            "Les bulletins de cette période sont publiés : ils restent tels qu'ils furent dits. Corrigez la note avec un motif ; la moyenne du jour en tiendra compte.",
        MotifManquant = "MOTIF_MANQUANT" at "motif":
            "Un déverrouillage doit dire son motif, en 500 caractères au plus.",
        JoursVerrouilles = "JOURS_VERROUILLES":
            "Une période verrouillée garde ses jours : déverrouillez-la d'abord, avec un motif. Ceux d'une période dont les bulletins sont publiés ne changent plus.",
        PublicationPassee = "PUBLICATION_PASSEE" at "visibleDes":
            "Cet instant est passé : donnez un instant à venir.",
    }
}

/// A period of a division; without any fact, marks are entered.
#[derive(Debug, Clone, Default)]
pub struct PeriodeDeNotes {
    etat: EtatDePeriode,
    /// Those that it had when it was locked last.
    jours: Option<(NaiveDate, NaiveDate)>,
}

impl Aggregate for PeriodeDeNotes {
    const TYPE: &'static str = "notes.periode";
    /// A period of which a fact was erased is over: nothing is entered in it any more.
    const LACUNE: Lacune = Lacune::Fige;
    type Command = PeriodeCommand;
    type Event = PeriodeEvent;
    type Refus = RefusPeriode;

    fn decide(&self, command: PeriodeCommand) -> Result<Vec<PeriodeEvent>, RefusPeriode> {
        use EtatDePeriode::{Conseil, Ouverte, Publiee, Verrouillee};
        match (command, self.etat) {
            (PeriodeCommand::Admettre { acte }, etat) => admettre(acte, etat).map(|()| vec![]),
            (PeriodeCommand::Redecouper { jours }, etat) if etat == Ouverte || jours == self.jours => {
                Ok(vec![])
            }
            (PeriodeCommand::Redecouper { .. }, _) => Err(RefusPeriode::JoursVerrouilles),
            (_, Publiee) => Err(RefusPeriode::BulletinsPublies),
            (PeriodeCommand::Verrouiller { fiche, politique }, Ouverte) => {
                Ok(vec![PeriodeEvent::PeriodeVerrouillee { fiche, politique }])
            }
            (PeriodeCommand::Verrouiller { .. }, Verrouillee | Conseil) => {
                Err(RefusPeriode::PeriodeDejaVerrouillee)
            }
            (_, Ouverte) => Err(RefusPeriode::PeriodeOuverte),
            (PeriodeCommand::Deverrouiller { motif }, Verrouillee | Conseil) => {
                let motif = texte::motif(&motif).ok_or(RefusPeriode::MotifManquant)?;
                Ok(vec![PeriodeEvent::PeriodeDeverrouillee { motif }])
            }
            (PeriodeCommand::ReunirConseil, Verrouillee) => Ok(vec![PeriodeEvent::ConseilReuni {}]),
            (PeriodeCommand::ReunirConseil, Conseil) => Ok(vec![]),
            (PeriodeCommand::PublierPeriode { .. }, Verrouillee) => Err(RefusPeriode::ConseilNonReuni),
            (PeriodeCommand::PublierPeriode { visible_des, maintenant }, Conseil) => {
                if visible_des < maintenant {
                    return Err(RefusPeriode::PublicationPassee);
                }
                Ok(vec![PeriodeEvent::PeriodePubliee { visible_des }])
            }
        }
    }

    fn apply(&mut self, event: PeriodeEvent) {
        if let PeriodeEvent::PeriodeVerrouillee { fiche, .. } = &event {
            self.jours = Some(fiche.jours());
        }
        self.etat = match event {
            PeriodeEvent::PeriodeVerrouillee { .. } => EtatDePeriode::Verrouillee,
            PeriodeEvent::PeriodeDeverrouillee { .. } => EtatDePeriode::Ouverte,
            PeriodeEvent::ConseilReuni {} => EtatDePeriode::Conseil,
            PeriodeEvent::PeriodePubliee { .. } => EtatDePeriode::Publiee,
        };
    }
}

/// A mark that families were told stays theirs to have set right, once the bulletins are out
/// (RGPD, art. 16).
fn admettre(acte: ActeDansLaPeriode, etat: EtatDePeriode) -> Result<(), RefusPeriode> {
    use ActeDansLaPeriode::{Apprecier, Corriger, Denombrer, Examiner, Saisir};
    use EtatDePeriode::{Conseil, Ouverte, Publiee, Verrouillee};
    match (acte, etat) {
        (Apprecier | Denombrer, Ouverte | Verrouillee | Conseil) | (Saisir | Corriger, Ouverte) => Ok(()),
        (Examiner, Conseil) | (Corriger, Publiee) => Ok(()),
        (Saisir | Corriger, Verrouillee | Conseil) => Err(RefusPeriode::PeriodeVerrouillee),
        (Examiner, Ouverte | Verrouillee) => Err(RefusPeriode::ConseilNonReuni),
        (Saisir | Apprecier | Examiner | Denombrer, Publiee) => Err(RefusPeriode::BulletinsPublies),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;

    fn fiche() -> FichePeriode {
        FichePeriode {
            division: DivisionId::derived(&["6A"]),
            annee: AnneeScolaire(2026),
            rang: 1,
            libelle: "1er trimestre".into(),
            debut: "2026-09-01".parse().unwrap(),
            fin: "2026-11-30".parse().unwrap(),
        }
    }

    fn verrouiller() -> PeriodeCommand {
        PeriodeCommand::Verrouiller { fiche: fiche(), politique: PolitiqueVersionnee::default() }
    }

    fn verrouillee() -> PeriodeEvent {
        PeriodeEvent::PeriodeVerrouillee { fiche: fiche(), politique: PolitiqueVersionnee::default() }
    }

    fn reuni() -> PeriodeEvent {
        PeriodeEvent::ConseilReuni {}
    }

    fn soir() -> DateTime<Utc> {
        "2026-12-04T17:00:00Z".parse().unwrap()
    }

    fn publier() -> PeriodeCommand {
        PeriodeCommand::PublierPeriode { visible_des: soir(), maintenant: soir() }
    }

    fn publiee() -> PeriodeEvent {
        PeriodeEvent::PeriodePubliee { visible_des: soir() }
    }

    fn deverrouiller(motif: &str) -> PeriodeCommand {
        PeriodeCommand::Deverrouiller { motif: motif.into() }
    }

    #[test]
    fn a_period_is_locked_once_by_a_fact_that_names_the_policy() {
        given::<PeriodeDeNotes>([]).when(verrouiller()).then([verrouillee()]);
        given::<PeriodeDeNotes>([verrouillee()])
            .when(verrouiller())
            .then_refused(RefusPeriode::PeriodeDejaVerrouillee);
    }

    #[test]
    fn unlocking_says_why_and_lets_the_period_be_locked_again() {
        let unlocked = || PeriodeEvent::PeriodeDeverrouillee { motif: "note oubliée".into() };
        given::<PeriodeDeNotes>([verrouillee()]).when(deverrouiller("note oubliée")).then([unlocked()]);
        given::<PeriodeDeNotes>([verrouillee(), reuni()])
            .when(deverrouiller("note oubliée"))
            .then([unlocked()]);
        given::<PeriodeDeNotes>([verrouillee(), unlocked()]).when(verrouiller()).then([verrouillee()]);
        given::<PeriodeDeNotes>([verrouillee()])
            .when(deverrouiller(" "))
            .then_refused(RefusPeriode::MotifManquant);
        given::<PeriodeDeNotes>([])
            .when(deverrouiller("note oubliée"))
            .then_refused(RefusPeriode::PeriodeOuverte);
    }

    #[test]
    fn steps_are_taken_in_their_order() {
        given::<PeriodeDeNotes>([])
            .when(PeriodeCommand::ReunirConseil)
            .then_refused(RefusPeriode::PeriodeOuverte);
        given::<PeriodeDeNotes>([verrouillee()]).when(PeriodeCommand::ReunirConseil).then([reuni()]);
        given::<PeriodeDeNotes>([verrouillee()]).when(publier()).then_refused(RefusPeriode::ConseilNonReuni);
        given::<PeriodeDeNotes>([verrouillee(), reuni()]).when(publier()).then([publiee()]);
    }

    #[test]
    fn what_was_published_is_neither_unlocked_nor_published_again() {
        for command in [verrouiller(), deverrouiller("erreur"), PeriodeCommand::ReunirConseil, publier()] {
            given::<PeriodeDeNotes>([verrouillee(), reuni(), publiee()])
                .when(command)
                .then_refused(RefusPeriode::BulletinsPublies);
        }
    }

    #[test]
    fn bulletins_are_not_published_in_the_past() {
        let late = soir() + chrono::TimeDelta::seconds(1);
        given::<PeriodeDeNotes>([verrouillee(), reuni()])
            .when(PeriodeCommand::PublierPeriode { visible_des: soir(), maintenant: late })
            .then_refused(RefusPeriode::PublicationPassee);
    }

    #[test]
    fn a_locked_period_keeps_its_days_and_an_open_one_is_cut_as_one_likes() {
        let other = Some((fiche().debut, "2026-12-04".parse().unwrap()));
        let redecouper = |jours| PeriodeCommand::Redecouper { jours };
        let opened = PeriodeEvent::PeriodeDeverrouillee { motif: "note oubliée".into() };
        for jours in [None, other, Some(fiche().jours())] {
            given::<PeriodeDeNotes>([]).when(redecouper(jours)).then([]);
            given::<PeriodeDeNotes>([verrouillee(), opened.clone()]).when(redecouper(jours)).then([]);
        }
        for history in
            [vec![verrouillee()], vec![verrouillee(), reuni()], vec![verrouillee(), reuni(), publiee()]]
        {
            for jours in [None, other] {
                given::<PeriodeDeNotes>(history.clone())
                    .when(redecouper(jours))
                    .then_refused(RefusPeriode::JoursVerrouilles);
            }
            given::<PeriodeDeNotes>(history).when(redecouper(Some(fiche().jours()))).then([]);
        }
    }

    #[test]
    fn each_state_admits_its_acts_and_no_others() {
        use ActeDansLaPeriode::{Apprecier, Corriger, Denombrer, Examiner, Saisir};
        let histories = [
            vec![],
            vec![verrouillee()],
            vec![verrouillee(), reuni()],
            vec![verrouillee(), reuni(), publiee()],
        ];
        let table = [
            (Saisir, [true, false, false, false]),
            (Corriger, [true, false, false, true]),
            (Apprecier, [true, true, true, false]),
            (Examiner, [false, false, true, false]),
            (Denombrer, [true, true, true, false]),
        ];
        for (acte, admitted) in table {
            for (history, expected) in histories.iter().zip(admitted) {
                let mut periode = PeriodeDeNotes::default();
                history.iter().cloned().for_each(|event| periode.apply(event));
                let answer = periode.decide(PeriodeCommand::Admettre { acte });
                assert_eq!(answer.is_ok(), expected, "{acte:?} {:?}", periode.etat);
                assert!(answer.unwrap_or_default().is_empty());
            }
        }
    }
}
