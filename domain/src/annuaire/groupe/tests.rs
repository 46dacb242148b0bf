use super::*;
use crate::testing::given;
use proptest::prelude::*;

const ANNEE: AnneeScolaire = AnneeScolaire(2026);

fn uai() -> Uai {
    "0690001B".parse().unwrap()
}

fn id(code: &str) -> GroupeId {
    uai().groupe(ANNEE, code)
}

fn cree(code: &str) -> GroupeEvent {
    GroupeEvent::GroupeCree { groupe: id(code), annee: ANNEE, code: code.into(), libelle: code.into() }
}

fn creer(code: &str) -> GroupeCommand {
    creer_pour(ANNEE, code, code)
}

fn creer_pour(annee: AnneeScolaire, code: &str, libelle: &str) -> GroupeCommand {
    let (code, libelle) = (code.into(), libelle.into());
    GroupeCommand::CreerGroupe {
        uai: uai(),
        annee,
        code,
        libelle,
        aujourd_hui: "2026-11-23".parse().unwrap(),
    }
}

fn personne(name: &str) -> PersonneId {
    PersonneId::derived(&[name])
}

fn part(code: &str) -> Membre {
    Membre::Ensemble(Ensemble::Groupe { groupe: id(code) })
}

fn inclus(groupe: &str, part: &str) -> GroupeEvent {
    GroupeEvent::EnsembleInclus { groupe: id(groupe), ensemble: Ensemble::Groupe { groupe: id(part) } }
}

fn inscrite(groupe: &str, name: &str) -> GroupeEvent {
    GroupeEvent::PersonneInscrite { groupe: id(groupe), personne: personne(name) }
}

fn ajouter(groupe: &str, membres: Vec<Membre>, connus: &[Membre]) -> GroupeCommand {
    GroupeCommand::AjouterMembres { groupe: id(groupe), membres, connus: connus.iter().copied().collect() }
}

fn passer(gardes: &[&str]) -> GroupeCommand {
    let gardes = gardes.iter().map(|code| id(code)).collect();
    GroupeCommand::PasserAnnee { annee: AnneeScolaire(2027), gardes }
}

#[test]
fn a_groupe_is_opened_under_a_code_that_no_other_of_its_year_has() {
    given::<Groupes>([]).when(creer("LATIN")).then([cree("LATIN")]);
    given::<Groupes>([cree("LATIN")])
        .when(creer("LATIN"))
        .then_refused(RefusGroupe::CodeDejaPris { code: "LATIN".into() });
}

#[test]
fn a_groupe_has_a_name() {
    for libelle in ["", "a\u{7}b"] {
        let creer = creer_pour(ANNEE, "LATIN", libelle);
        given::<Groupes>([]).when(creer).then_refused(RefusGroupe::TexteInvalide { champ: "libelle" });
    }
}

#[test]
fn a_groupe_is_opened_for_this_school_year_or_the_next() {
    for annee in [2025, 2028, 2207] {
        let creer = creer_pour(AnneeScolaire(annee), "LATIN", "Latin");
        given::<Groupes>([]).when(creer).then_refused(RefusGroupe::AnneeLointaine);
    }
}

#[test]
fn a_new_name_is_a_fact_and_the_same_one_is_none() {
    let rename =
        |libelle: &str| GroupeCommand::RenommerGroupe { groupe: id("LATIN"), libelle: libelle.into() };
    let renamed = GroupeEvent::GroupeRenomme { groupe: id("LATIN"), libelle: "Latin débutant".into() };
    given::<Groupes>([cree("LATIN")]).when(rename(" Latin débutant ")).then([renamed]);
    given::<Groupes>([cree("LATIN")]).when(rename("LATIN")).then([]);
}

#[test]
fn persons_divisions_and_groupes_are_members_once() {
    let (zoe, sixieme) = (Membre::Personne(personne("Zoé")), DivisionId::derived(&["6A"]));
    let ensemble = Ensemble::Division { division: sixieme };
    let division = Membre::Ensemble(ensemble);
    given::<Groupes>([cree("LATIN"), cree("GREC")])
        .when(ajouter("LATIN", vec![zoe, division, part("GREC"), zoe], &[zoe, division]))
        .then([
            inscrite("LATIN", "Zoé"),
            GroupeEvent::EnsembleInclus { groupe: id("LATIN"), ensemble },
            inclus("LATIN", "GREC"),
        ]);
    given::<Groupes>([cree("LATIN"), inscrite("LATIN", "Zoé")])
        .when(ajouter("LATIN", vec![zoe], &[zoe]))
        .then([]);
}

#[test]
fn a_groupe_that_a_source_declares_is_a_member_that_no_hand_opened() {
    given::<Groupes>([cree("LANGUES")])
        .when(ajouter("LANGUES", vec![part("6LAT")], &[part("6LAT")]))
        .then([inclus("LANGUES", "6LAT")]);
    given::<Groupes>([cree("LANGUES")])
        .when(ajouter("LANGUES", vec![part("6LAT")], &[]))
        .then_refused(RefusGroupe::GroupeInconnu);
    // A hand has opened it since that was read, and put this one in.
    given::<Groupes>([cree("LANGUES"), cree("6LAT"), inclus("6LAT", "LANGUES")])
        .when(ajouter("LANGUES", vec![part("6LAT")], &[part("6LAT")]))
        .then_refused(RefusGroupe::CycleDeGroupes { groupe: id("6LAT") });
}

#[test]
fn nobody_from_outside_is_a_member() {
    given::<Groupes>([cree("LATIN")])
        .when(ajouter("LATIN", vec![Membre::Personne(personne("Zoé"))], &[]))
        .then_refused(RefusGroupe::MembreExterieur);
}

#[test]
fn a_groupe_is_never_within_itself_by_whatever_way_round() {
    let chain = [cree("A"), cree("B"), cree("C"), inclus("A", "B"), inclus("B", "C")];
    for (into, what) in [("A", "A"), ("B", "A"), ("C", "A")] {
        given::<Groupes>(chain.clone())
            .when(ajouter(into, vec![part(what)], &[]))
            .then_refused(RefusGroupe::CycleDeGroupes { groupe: id(what) });
    }
    given::<Groupes>(chain).when(ajouter("A", vec![part("C")], &[])).then([inclus("A", "C")]);
}

#[test]
fn what_is_not_there_is_not_taken_out() {
    let retirer = |name| GroupeCommand::RetirerMembres {
        groupe: id("LATIN"),
        membres: vec![Membre::Personne(personne(name))],
    };
    let gone = GroupeEvent::PersonneDesinscrite { groupe: id("LATIN"), personne: personne("Zoé") };
    given::<Groupes>([cree("LATIN"), inscrite("LATIN", "Zoé")]).when(retirer("Zoé")).then([gone]);
    given::<Groupes>([cree("LATIN"), inscrite("LATIN", "Zoé")]).when(retirer("Ali")).then([]);
}

#[test]
fn a_groupe_is_led_by_staff_of_the_etablissement() {
    let nommer = |personnel| GroupeCommand::NommerEncadrant {
        groupe: id("LATIN"),
        encadrant: personne("Ada"),
        personnel,
    };
    let nomme = GroupeEvent::EncadrantNomme { groupe: id("LATIN"), encadrant: personne("Ada") };
    given::<Groupes>([cree("LATIN")]).when(nommer(false)).then_refused(RefusGroupe::EncadrantExterieur);
    given::<Groupes>([cree("LATIN")]).when(nommer(true)).then([nomme.clone()]);
    given::<Groupes>([cree("LATIN"), nomme]).when(nommer(true)).then([]);
}

#[test]
fn when_the_year_turns_a_groupe_is_kept_or_closed() {
    given::<Groupes>([cree("LATIN"), cree("GREC")]).when(passer(&["LATIN"])).then([
        GroupeEvent::GroupeClos { groupe: id("GREC") },
        GroupeEvent::GroupeReconduit { groupe: id("LATIN"), annee: AnneeScolaire(2027) },
    ]);
}

#[test]
fn what_is_within_a_kept_groupe_is_kept_too() {
    given::<Groupes>([cree("LANGUES"), cree("LATIN"), inclus("LANGUES", "LATIN")])
        .when(passer(&["LANGUES"]))
        .then_refused(RefusGroupe::SousGroupeNonGarde { groupe: id("LATIN") });
}

#[test]
fn a_closed_groupe_takes_nobody() {
    let zoe = Membre::Personne(personne("Zoé"));
    given::<Groupes>([cree("LATIN"), GroupeEvent::GroupeClos { groupe: id("LATIN") }])
        .when(ajouter("LATIN", vec![zoe], &[zoe]))
        .then_refused(RefusGroupe::GroupeFerme);
}

/// Groupes 0 to 5; each number below is a wish that may be refused.
fn live(wishes: &[(u8, u8, u8)]) -> Groupes {
    let mut groupes = Groupes::default();
    let code = |number: u8| char::from(b'A' + number % 6).to_string();
    for number in 0..6 {
        groupes.apply(cree(&code(number)));
    }
    for &(what, into, which) in wishes {
        let membre = match what % 2 {
            0 => part(&code(which)),
            _ => Membre::Personne(personne(&code(which))),
        };
        let command = match what % 5 {
            4 => GroupeCommand::RetirerMembres { groupe: id(&code(into)), membres: vec![membre] },
            _ => ajouter(&code(into), vec![membre], &[membre]),
        };
        for event in groupes.decide(command).unwrap_or_default() {
            groupes.apply(event);
        }
    }
    groupes
}

/// Who is in an open groupe, at whatever depth.
fn persons(groupes: &Groupes, groupe: GroupeId) -> BTreeSet<PersonneId> {
    let all = groupes.parts(groupe).into_iter().chain([groupe]);
    let membres = all.filter_map(|id| groupes.0.get(&id).filter(|it| !it.clos)).flat_map(|it| &it.membres);
    membres
        .filter_map(|membre| match membre {
            Membre::Personne(personne) => Some(*personne),
            Membre::Ensemble(_) => None,
        })
        .collect()
}

proptest! {
    #[test]
    fn no_wishes_make_a_cycle(wishes in prop::collection::vec((0..10u8, 0..6u8, 0..6u8), 0..60)) {
        let groupes = live(&wishes);
        for groupe in groupes.0.keys() {
            prop_assert!(!groupes.parts(*groupe).contains(groupe));
        }
    }

    #[test]
    fn nobody_loses_a_groupe_that_is_kept(
        wishes in prop::collection::vec((0..10u8, 0..6u8, 0..6u8), 0..60),
        kept in prop::collection::btree_set(0..6u8, 0..6),
    ) {
        let before = live(&wishes);
        let mut gardes: BTreeSet<_> = kept.iter().map(|number| id(&char::from(b'A' + number).to_string())).collect();
        let parts: BTreeSet<_> = gardes.iter().flat_map(|groupe| before.parts(*groupe)).collect();
        gardes.extend(parts);
        let mut after = before.clone();
        let turned = GroupeCommand::PasserAnnee { annee: AnneeScolaire(2027), gardes: gardes.clone() };
        for event in before.decide(turned).unwrap() {
            after.apply(event);
        }
        for groupe in &gardes {
            prop_assert_eq!(persons(&before, *groupe), persons(&after, *groupe));
            prop_assert_eq!(&before.0[groupe].encadrants, &after.0[groupe].encadrants);
        }
        for groupe in before.0.keys().filter(|groupe| !gardes.contains(groupe)) {
            prop_assert!(after.0[groupe].clos);
        }
    }
}
