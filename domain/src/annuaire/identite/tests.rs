use super::*;
use crate::testing::given;

fn fiche(name: &str) -> PersonneId {
    PersonneId::derived(&[name])
}

fn portrait(name: &str, prenom: &str, naissance: &str) -> Portrait {
    Portrait {
        personne: fiche(name),
        nom: "Martin".into(),
        prenom: prenom.into(),
        naissance: Some(naissance.parse().unwrap()),
        courriel: None,
        etablissements: BTreeSet::new(),
    }
}

fn fondre(motif: &str) -> IdentiteCommand {
    let (one, other) = (portrait("B", "Zoé", "1980-05-04"), portrait("A", "ZOE", "1980-05-04"));
    IdentiteCommand::FondreFiche {
        fiche: fiche("B"),
        dans: fiche("A"),
        motif: motif.into(),
        portraits: Box::new((one, other)),
        d_ici: true,
        saisie_de_responsables: None,
        interesse: false,
    }
}

fn fondre_ceux(
    one: Portrait,
    other: Portrait,
    saisie_de_responsables: Option<SaisieDeResponsables>,
) -> IdentiteCommand {
    IdentiteCommand::FondreFiche {
        fiche: fiche("B"),
        dans: fiche("A"),
        motif: "Même pièce".into(),
        portraits: Box::new((one, other)),
        d_ici: true,
        saisie_de_responsables,
        interesse: false,
    }
}

#[test]
fn two_who_do_not_look_alike_are_two() {
    let zoe = || portrait("B", "Zoé", "1980-05-04");
    for other in [portrait("A", "Zoé", "1981-05-04"), portrait("A", "Paul", "1980-05-04")] {
        let refused = RefusIdentite::FichesDissemblables;
        given::<Identite>([]).when(fondre_ceux(zoe(), other, None)).then_refused(refused);
    }
}

#[test]
fn who_answers_for_a_pupil_by_hand_only_is_taken_back_first_by_whose_hand_it_was() {
    for (saisie, refused) in [
        (SaisieDeResponsables::DIci, RefusIdentite::ResponsablesSaisis),
        (SaisieDeResponsables::DuDepart, RefusIdentite::ResponsablesSaisisAuDepart),
    ] {
        let (one, other) = (portrait("B", "Zoé", "1980-05-04"), portrait("A", "Zoé", "1980-05-04"));
        given::<Identite>([]).when(fondre_ceux(one, other, Some(saisie))).then_refused(refused);
    }
}

fn fondue() -> IdentiteEvent {
    IdentiteEvent::FicheFondue { fiche: fiche("B"), dans: fiche("A"), motif: "Même pièce".into() }
}

fn absorbee() -> IdentiteEvent {
    IdentiteEvent::FicheAbsorbee { fiche: fiche("A"), absorbee: fiche("B") }
}

fn separer() -> IdentiteCommand {
    let motif = "Deux homonymes".into();
    IdentiteCommand::SeparerFiche { fiche: fiche("B"), de: fiche("A"), motif, interesse: false }
}

fn separee() -> IdentiteEvent {
    IdentiteEvent::FicheSeparee { fiche: fiche("B"), de: fiche("A"), motif: "Deux homonymes".into() }
}

#[test]
fn a_fiche_is_read_as_another_one_and_the_other_knows() {
    given::<Identite>([]).when(fondre(" Même pièce ")).then([fondue()]);
    let absorber = IdentiteCommand::AbsorberFiche { fiche: fiche("A"), absorbee: fiche("B") };
    given::<Identite>([]).when(absorber).then([absorbee()]);
}

#[test]
fn a_merge_says_why() {
    given::<Identite>([]).when(fondre("  ")).then_refused(RefusIdentite::MotifManquant);
}

#[test]
fn a_fiche_is_read_as_one_other() {
    given::<Identite>([fondue()]).when(fondre("Encore")).then_refused(RefusIdentite::FicheDejaFondue);
}

#[test]
fn no_chain_is_made_at_either_end() {
    let also = IdentiteEvent::FicheAbsorbee { fiche: fiche("B"), absorbee: fiche("C") };
    given::<Identite>([also]).when(fondre("Même pièce")).then_refused(RefusIdentite::FichePrincipale);
    let absorber = IdentiteCommand::AbsorberFiche { fiche: fiche("B"), absorbee: fiche("C") };
    given::<Identite>([fondue()]).when(absorber).then_refused(RefusIdentite::FicheDejaFondue);
}

#[test]
fn a_fiche_is_not_merged_with_itself() {
    let zoe = || portrait("A", "Zoé", "1980-05-04");
    let same = IdentiteCommand::FondreFiche {
        fiche: fiche("A"),
        dans: fiche("A"),
        motif: "Même pièce".into(),
        portraits: Box::new((zoe(), zoe())),
        d_ici: true,
        saisie_de_responsables: None,
        interesse: false,
    };
    given::<Identite>([]).when(same).then_refused(RefusIdentite::MemeFiche);
}

#[test]
fn nobody_merges_what_is_elsewhere_or_his_own() {
    let asked = |d_ici, interesse| IdentiteCommand::FondreFiche {
        fiche: fiche("B"),
        dans: fiche("A"),
        motif: "Même pièce".into(),
        portraits: Box::new((portrait("B", "Zoé", "1980-05-04"), portrait("A", "Zoé", "1980-05-04"))),
        d_ici,
        saisie_de_responsables: None,
        interesse,
    };
    given::<Identite>([]).when(asked(false, false)).then_refused(RefusIdentite::FichesDAilleurs);
    given::<Identite>([]).when(asked(true, true)).then_refused(RefusIdentite::DecideurInteresse);
}

#[test]
fn a_merge_is_undone_and_may_be_done_again() {
    given::<Identite>([fondue()]).when(separer()).then([separee()]);
    given::<Identite>([fondue(), separee()]).when(separer()).then_refused(RefusIdentite::FicheNonFondue);
    given::<Identite>([fondue(), separee()]).when(fondre("Même pièce")).then([fondue()]);
    let rendre = || IdentiteCommand::RendreFiche { fiche: fiche("A"), rendue: fiche("B") };
    let rendue = IdentiteEvent::FicheRendue { fiche: fiche("A"), rendue: fiche("B") };
    given::<Identite>([absorbee()]).when(rendre()).then([rendue.clone()]);
    given::<Identite>([absorbee(), rendue]).when(rendre()).then([]);
}

#[test]
fn what_is_read_as_another_is_separated_from_that_one() {
    let wrong = IdentiteCommand::SeparerFiche {
        fiche: fiche("B"),
        de: fiche("C"),
        motif: "Erreur".into(),
        interesse: false,
    };
    given::<Identite>([fondue()]).when(wrong).then_refused(RefusIdentite::FicheNonFondue);
}
