//! A progression taken up in another enseignement: where its séances go, and for when its travaux
//! are to be done there.

use super::{FicheSeance, RefusSeance};
use chrono::NaiveDate;

/// Where the séances of a progression go in another enseignement: one after the other on what its
/// emploi du temps has, in the order of both.
pub fn placer_progression<T>(
    seances: Vec<T>,
    places: Vec<FicheSeance>,
) -> Result<Vec<(T, FicheSeance)>, RefusSeance> {
    match (seances.len(), places.len()) {
        (0, _) => Err(RefusSeance::ProgressionVide),
        (wanted, there) if wanted > there => {
            Err(RefusSeance::ProgressionTropLongue { seances: wanted, places: there })
        }
        _ => Ok(seances.into_iter().zip(places).collect()),
    }
}

/// When a travail of a progression is given in the other enseignement, and for when: `seances` has
/// the days of each séance here and there, in their order.
///
/// It is for the séance that corresponds to the first one from its day on; where no other follows,
/// for as many days after the last one as here. It is given at the séance that corresponds to the
/// last one before, and a day ahead at least. `None`: there is no séance.
pub fn echeance(
    seances: &[(NaiveDate, NaiveDate)],
    donne_le: NaiveDate,
    pour_le: NaiveDate,
) -> Option<(NaiveDate, NaiveDate)> {
    let ((_, first), (last_here, last)) = (*seances.first()?, *seances.last()?);
    let due = match seances.iter().find(|(here, _)| *here >= pour_le) {
        Some((_, there)) => *there,
        None => last.checked_add_signed(pour_le - last_here)?,
    };
    let given = seances.iter().rev().find(|(here, _)| *here <= donne_le).map_or(first, |(_, there)| *there);
    Some((given.min(due.pred_opt()?), due))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DivisionId, EnseignementId};
    use proptest::prelude::*;

    fn place() -> FicheSeance {
        FicheSeance {
            enseignement: EnseignementId::derived(&["maths"]),
            auditoire: DivisionId::derived(&["6A"]).into(),
            date: day(0),
            debut: "08:00:00".parse().unwrap(),
            fin: "09:00:00".parse().unwrap(),
        }
    }

    /// A day of the week from Monday 30 November 2026 on, or of a later one.
    fn day(after: i64) -> NaiveDate {
        "2026-11-30".parse::<NaiveDate>().unwrap() + chrono::TimeDelta::days(after)
    }

    #[test]
    fn a_progression_goes_where_there_is_room_for_all_of_it() {
        let (seances, places) = (vec!["1", "2"], vec![place(), place(), place()]);
        assert_eq!(placer_progression(seances, places.clone()), Ok(vec![("1", place()), ("2", place())]));
        let refus = RefusSeance::ProgressionTropLongue { seances: 4, places: 3 };
        assert_eq!(placer_progression(vec![(); 4], places.clone()), Err(refus));
        assert_eq!(placer_progression(Vec::<()>::new(), places), Err(RefusSeance::ProgressionVide));
    }

    #[test]
    fn a_travail_is_for_the_seance_that_corresponds() {
        // Mondays and Thursdays here, Tuesdays and Fridays there, a fortnight later.
        let seances = [(day(0), day(15)), (day(3), day(18)), (day(7), day(22))];
        let found = |given, due| echeance(&seances, day(given), day(due));
        assert_eq!(found(0, 3), Some((day(15), day(18))), "from one to the next");
        assert_eq!(found(1, 7), Some((day(15), day(22))));
        assert_eq!(found(0, 5), Some((day(15), day(22))), "on no day of one: for the next");
        assert_eq!(found(-2, 3), Some((day(15), day(18))), "given before them all: at the first");
        assert_eq!(found(-2, 0), Some((day(14), day(15))), "for the first: the day before");
        assert_eq!(found(7, 9), Some((day(22), day(24))), "after them all: as long after the last");
        assert_eq!(echeance(&[], day(0), day(3)), None);
    }

    proptest! {
        #[test]
        fn a_travail_is_always_given_before_it_is_due(
            mut here in prop::collection::vec(0i64..300, 1..20),
            mut there in prop::collection::vec(0i64..300, 20),
            given in 0i64..300,
            days in 1i64..60,
        ) {
            here.sort_unstable();
            there.sort_unstable();
            let seances: Vec<_> = here.into_iter().map(day).zip(there.into_iter().map(day)).collect();
            let (donne_le, pour_le) = echeance(&seances, day(given), day(given + days)).unwrap();
            prop_assert!(donne_le < pour_le);
        }
    }
}
