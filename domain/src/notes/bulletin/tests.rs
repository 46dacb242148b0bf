use super::*;
use crate::AnneeScolaire;
use crate::notes::{PolitiqueVersionnee, moyenne};
use crate::testing::given;

fn eleve() -> PersonneId {
    PersonneId::derived(&["eleve"])
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn soir() -> DateTime<Utc> {
    instant("2026-12-04T17:00:00Z")
}

fn contenu(synthese: &str) -> Box<ContenuBulletin> {
    let division = DivisionId::derived(&["6A"]);
    Box::new(ContenuBulletin {
        etablissement: EtablissementDuBulletin {
            etablissement: EtablissementId::derived(&["collège"]),
            uai: "0690001B".into(),
            nom: "Collège".into(),
            commune: "Lyon".into(),
            academie: "LYON".into(),
        },
        division: DivisionDuBulletin { division, code: "6A".into(), libelle: "Sixième A".into(), mef: None },
        periode: FichePeriode {
            division,
            annee: AnneeScolaire(2026),
            rang: 1,
            libelle: "1er trimestre".into(),
            debut: "2026-09-01".parse().unwrap(),
            fin: "2026-11-30".parse().unwrap(),
        },
        eleve: EleveDuBulletin { nom: "Fictif".into(), prenom: "Alix".into(), naissance: None },
        enseignements: vec![],
        generale: moyenne(&PolitiqueVersionnee::default(), soir(), vec![]),
        generale_de_la_division: None,
        conseil: Examen { synthese: Some(synthese.into()), ..Examen::default() },
        assiduite: None,
        positionnements: vec![],
    })
}

fn publier(synthese: &str) -> BulletinCommand {
    BulletinCommand::PublierBulletin { eleve: eleve(), contenu: contenu(synthese), visible_des: soir() }
}

fn publie() -> Vec<BulletinEvent> {
    let contenu = contenu("Bien.");
    let empreinte = contenu.empreinte().unwrap();
    vec![
        BulletinEvent::BulletinFige { eleve: eleve(), contenu, empreinte },
        BulletinEvent::BulletinPublie { eleve: eleve(), visible_des: soir() },
    ]
}

fn lire(qui: &str, le: DateTime<Utc>) -> BulletinCommand {
    BulletinCommand::LireBulletin { par: PersonneId::derived(&[qui]), le }
}

fn lu(qui: &str) -> BulletinEvent {
    BulletinEvent::BulletinLu { eleve: eleve(), par: PersonneId::derived(&[qui]), le: soir() }
}

#[test]
fn a_bulletin_is_frozen_with_its_hash_and_published_for_an_hour() {
    given::<Bulletin>([]).when(publier("Bien.")).then(publie());
}

#[test]
fn what_was_told_is_not_told_otherwise() {
    given::<Bulletin>(publie()).when(publier("Très bien.")).then_refused(RefusBulletin::BulletinDejaPublie);
}

#[test]
fn nobody_reads_it_before_its_hour() {
    given::<Bulletin>(publie())
        .when(lire("mère", instant("2026-12-04T16:59:59Z")))
        .then_refused(RefusBulletin::BulletinNonPublie);
    given::<Bulletin>([]).when(lire("mère", soir())).then_refused(RefusBulletin::BulletinNonPublie);
}

#[test]
fn each_reads_it_for_the_first_time_once() {
    given::<Bulletin>(publie()).when(lire("mère", soir())).then([lu("mère")]);
    let read = || publie().into_iter().chain([lu("mère")]);
    given::<Bulletin>(read()).when(lire("mère", instant("2026-12-05T08:00:00Z"))).then([]);
    given::<Bulletin>(read()).when(lire("père", soir())).then([lu("père")]);
}

#[test]
fn the_hash_is_of_every_word_and_survives_being_stored() {
    let told = contenu("Bien.");
    assert_ne!(told.empreinte(), contenu("Bien").empreinte());
    let stored = serde_json::to_string(&told).unwrap();
    let read: ContenuBulletin = serde_json::from_str(&stored).unwrap();
    assert_eq!(read.empreinte(), told.empreinte());
}

#[test]
fn figures_are_those_that_were_counted_and_in_an_old_bulletin_those_that_were_typed() {
    let figures =
        |demi_journees| Some(Assiduite { demi_journees, injustifiees: 1, retards: 0, donnee: false });
    let mut old = contenu("Bien.");
    old.conseil.assiduite = figures(3);
    let stored = serde_json::to_value(&old).unwrap();
    assert!(stored.get("assiduite").is_none(), "its hash is of the words that it was made of");
    assert_eq!(serde_json::from_value::<ContenuBulletin>(stored).unwrap().assiduite(), figures(3));
    let counted = ContenuBulletin { assiduite: figures(2), ..*old };
    assert_eq!(counted.assiduite(), figures(2));
    assert_eq!(contenu("Bien.").assiduite(), None);
}
