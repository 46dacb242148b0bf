use super::ValeurAuBulletin::{HorsBulletin, Injustifiee, Justifiee};
use super::*;
use crate::PersonneId;
use crate::absences::PolitiqueDemiJournees;
use crate::annuaire::Zone;

fn motif(legitime: bool, bulletin: bool) -> MotifDAbsence {
    MotifDAbsence { code: "m".into(), libelle: "Motif".into(), legitime, bulletin, alertes: !legitime }
}

fn decision(recevable: bool, motif: Option<MotifDAbsence>) -> Decision {
    Decision { recevable, motif, raison: None, par: PersonneId::derived(&["cpe"]) }
}

fn creneau(debut: &str, fin: &str) -> Creneau {
    Creneau { debut: debut.parse().unwrap(), fin: fin.parse().unwrap() }
}

/// A morning of stated absence.
fn matin(jour: &str, valeur: ValeurAuBulletin) -> AbsenceAuBulletin {
    let creneau = creneau(&format!("{jour}T08:00:00"), &format!("{jour}T11:00:00"));
    AbsenceAuBulletin { creneau, constatee: true, valeur }
}

/// How many half-days are told of November, and how many of these are not justified.
fn novembre(absences: &[AbsenceAuBulletin], ailleurs: &[Creneau]) -> (usize, usize) {
    let days = ("2026-11-01".parse().unwrap(), "2026-11-30".parse().unwrap());
    let counted = DemiJourneesAuBulletin::compter(&[], &Zone::A.into(), days, absences, ailleurs);
    assert!(counted.injustifiees.is_subset(&counted.toutes));
    (counted.toutes.len(), counted.injustifiees.len())
}

#[test]
fn what_was_said_and_decided_makes_what_an_absence_is_on_the_bulletin() {
    let (good, bad, untold) = (motif(true, true), motif(false, true), motif(true, false));
    let kept = |motif: &MotifDAbsence| decision(true, Some(motif.clone()));
    for (dit, decided, valeur) in [
        (None, None, Injustifiee),
        // The family's word holds until it is judged, but takes nothing off the bulletin.
        (Some(&good), None, Justifiee),
        (Some(&bad), None, Injustifiee),
        (Some(&untold), None, Justifiee),
        (None, Some(kept(&good)), Justifiee),
        (Some(&good), Some(kept(&bad)), Injustifiee),
        (Some(&good), Some(kept(&untold)), HorsBulletin),
        (Some(&bad), Some(kept(&motif(false, false))), HorsBulletin),
        (Some(&good), Some(decision(false, Some(good.clone()))), Injustifiee),
        (Some(&good), Some(decision(false, Some(untold.clone()))), Injustifiee),
    ] {
        assert_eq!(ValeurAuBulletin::de(dit, decided.as_ref()), valeur, "{dit:?} {decided:?}");
    }
}

#[test]
fn half_days_are_told_by_what_their_absences_are() {
    let monday = |valeur| matin("2026-11-02", valeur);
    assert_eq!(novembre(&[], &[]), (0, 0));
    assert_eq!(novembre(&[monday(Injustifiee)], &[]), (1, 1));
    assert_eq!(novembre(&[monday(Justifiee)], &[]), (1, 0));
    assert_eq!(novembre(&[monday(HorsBulletin)], &[]), (0, 0));
    // Of two files over one morning, what is excused once is excused.
    assert_eq!(novembre(&[monday(Injustifiee), monday(Justifiee)], &[]), (1, 0));
    assert_eq!(novembre(&[monday(Injustifiee), monday(HorsBulletin)], &[]), (0, 0));
    let tuesday = matin("2026-11-03", Justifiee);
    assert_eq!(novembre(&[monday(Injustifiee), tuesday, matin("2026-11-11", Injustifiee)], &[]), (2, 1));
}

#[test]
fn a_half_day_that_is_justified_in_part_is_not_justified() {
    let later = creneau("2026-11-02T10:00:00", "2026-11-02T12:00:00");
    let later = AbsenceAuBulletin { creneau: later, constatee: true, valeur: Injustifiee };
    assert_eq!(novembre(&[matin("2026-11-02", Justifiee), later], &[]), (1, 1));
}

#[test]
fn who_is_at_school_elsewhere_is_not_absent() {
    let trip = creneau("2026-11-02T08:00:00", "2026-11-02T18:00:00");
    assert_eq!(novembre(&[matin("2026-11-02", Injustifiee)], &[trip]), (0, 0));
}

#[test]
fn what_is_announced_makes_no_half_day_and_justifies_what_is_stated() {
    let announced = AbsenceAuBulletin { constatee: false, ..matin("2026-11-02", Justifiee) };
    assert_eq!(novembre(&[announced], &[]), (0, 0));
    assert_eq!(novembre(&[announced, matin("2026-11-02", Injustifiee)], &[]), (1, 0));
}

#[test]
fn only_the_days_of_the_period_are_told_each_month_by_its_own_policy() {
    let tolerant = PolitiqueDemiJournees { tolerance: 240, ..PolitiqueDemiJournees::default() };
    let politiques = [PolitiqueEnVigueur { politique: tolerant, depuis: "2026-11-30".parse().unwrap() }];
    let jours = ["2026-09-30", "2026-10-01", "2026-10-05", "2026-11-03"];
    let absences = jours.map(|jour| matin(jour, Injustifiee));
    let days = ("2026-10-01".parse().unwrap(), "2026-11-30".parse().unwrap());
    let counted = DemiJourneesAuBulletin::compter(&politiques, &Zone::A.into(), days, &absences, &[]);
    let told: Vec<_> = counted.toutes.iter().map(|one| one.jour.to_string()).collect();
    assert_eq!(told, ["2026-10-01", "2026-10-05"], "November is counted by the policy of its last day");
}
