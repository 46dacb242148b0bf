use super::*;
use crate::testing::given;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn prof(name: &str) -> PersonneId {
    PersonneId::derived(&[name])
}

fn maths() -> EnseignementId {
    EnseignementId::derived(&["maths"])
}

fn confier(absent: &str, remplacant: &str, du: &str, au: &str) -> RemplacementCommand {
    RemplacementCommand::ConfierRemplacement {
        enseignement: maths(),
        absent: prof(absent),
        attitre: true,
        remplacant: prof(remplacant),
        rattache: true,
        du: day(du),
        au: day(au),
    }
}

fn confie(absent: &str, remplacant: &str, du: &str, au: &str) -> RemplacementEvent {
    RemplacementEvent::RemplacementConfie {
        enseignement: maths(),
        absent: prof(absent),
        remplacant: prof(remplacant),
        du: day(du),
        au: day(au),
    }
}

fn ecourter(au: &str) -> RemplacementCommand {
    RemplacementCommand::EcourterRemplacement {
        enseignement: maths(),
        remplacant: prof("Emmy"),
        du: day("2026-11-23"),
        au: day(au),
    }
}

fn ecourte(au: &str) -> RemplacementEvent {
    RemplacementEvent::RemplacementEcourte {
        enseignement: maths(),
        remplacant: prof("Emmy"),
        du: day("2026-11-23"),
        au: day(au),
    }
}

const ADA: RemplacementEventArgs = ("Ada", "Emmy", "2026-11-23", "2026-12-07");
type RemplacementEventArgs = (&'static str, &'static str, &'static str, &'static str);

fn emmy_for_ada() -> RemplacementEvent {
    confie(ADA.0, ADA.1, ADA.2, ADA.3)
}

#[test]
fn a_teacher_is_replaced_from_a_day_to_a_day() {
    given::<Remplacements>([]).when(confier(ADA.0, ADA.1, ADA.2, ADA.3)).then([emmy_for_ada()]);
}

#[test]
fn a_span_is_of_a_day_to_a_year() {
    for au in ["2026-11-23", "2026-11-22", "2027-11-25"] {
        given::<Remplacements>([])
            .when(confier("Ada", "Emmy", "2026-11-23", au))
            .then_refused(RefusRemplacement::DatesDeRemplacement);
    }
}

#[test]
fn an_absent_teacher_has_one_substitute_at_a_time() {
    given::<Remplacements>([emmy_for_ada()])
        .when(confier("Ada", "Sofia", "2026-12-06", "2026-12-20"))
        .then_refused(RefusRemplacement::DejaRemplace { du: day("2026-11-23") });
    given::<Remplacements>([emmy_for_ada()])
        .when(confier("Ada", "Sofia", "2026-12-07", "2026-12-20"))
        .then([confie("Ada", "Sofia", "2026-12-07", "2026-12-20")]);
}

#[test]
fn two_who_teach_together_are_replaced_each_by_another() {
    given::<Remplacements>([emmy_for_ada()])
        .when(confier("Alan", "Sofia", "2026-11-23", "2026-12-07"))
        .then([confie("Alan", "Sofia", "2026-11-23", "2026-12-07")]);
}

#[test]
fn only_who_teaches_is_replaced_by_a_teacher_of_the_etablissement() {
    let asked = |attitre, rattache| RemplacementCommand::ConfierRemplacement {
        enseignement: maths(),
        absent: prof("Ada"),
        attitre,
        remplacant: prof("Emmy"),
        rattache,
        du: day("2026-11-23"),
        au: day("2026-12-07"),
    };
    given::<Remplacements>([]).when(asked(false, true)).then_refused(RefusRemplacement::AbsentNonAttitre);
    given::<Remplacements>([]).when(asked(true, false)).then_refused(RefusRemplacement::RemplacantExterieur);
}

#[test]
fn nobody_stands_in_for_himself() {
    given::<Remplacements>([])
        .when(confier("Ada", "Ada", "2026-11-23", "2026-12-07"))
        .then_refused(RefusRemplacement::RemplacantDeSoiMeme);
}

#[test]
fn who_comes_back_earlier_ends_the_span() {
    given::<Remplacements>([emmy_for_ada()]).when(ecourter("2026-11-30")).then([ecourte("2026-11-30")]);
    given::<Remplacements>([emmy_for_ada()]).when(ecourter("2026-12-07")).then([]);
    given::<Remplacements>([emmy_for_ada()])
        .when(ecourter("2026-12-08"))
        .then_refused(RefusRemplacement::FinApresTerme { au: day("2026-12-07") });
    given::<Remplacements>([])
        .when(ecourter("2026-11-30"))
        .then_refused(RefusRemplacement::RemplacementInconnu);
}

#[test]
fn a_span_ended_on_its_first_day_never_was() {
    given::<Remplacements>([emmy_for_ada(), ecourte("2026-11-23")])
        .when(confier("Ada", "Sofia", "2026-11-23", "2026-12-07"))
        .then([confie("Ada", "Sofia", "2026-11-23", "2026-12-07")]);
}
