use super::*;
use crate::annuaire::{Decoupage, RegistreSts};
use crate::notes::{
    Assiduite, ContenuBulletin, DivisionDuBulletin, EleveDuBulletin, EnseignantDuBulletin, Entree,
    EtablissementDuBulletin, Examen, FichePeriode, Niveau, PolitiqueVersionnee, Positionnement, Regime,
    Resultat, Valeur, moyenne,
};
use crate::{DivisionId, EnseignementId, EtablissementId, Refusal};

const ADA: &str = "ada";

fn personne(name: &str) -> PersonneId {
    PersonneId::derived(&[name])
}

/// She is of the établissement's own register.
fn ada() -> NumeroSts {
    NumeroSts { registre: RegistreSts::Local, numero: 69_881 }
}

fn le() -> DateTime<Utc> {
    "2026-12-04T17:00:00Z".parse().unwrap()
}

fn cadre() -> CadreDuLivret {
    CadreDuLivret {
        annee: AnneeScolaire(2026),
        chef: Some("Marie Fictif".into()),
        rentree: "2026-09-01".parse().ok(),
        enseignants: [(personne(ADA), ada())].into(),
    }
}

fn periode(rang: u16) -> PeriodeDuLivret {
    let conseil = "2026-12-01".parse().ok();
    PeriodeDuLivret { rang, total: 3, conseil, principaux: vec![personne(ADA), personne("inconnue")] }
}

fn matiere(code: &str, note: Option<&str>) -> EnseignementDuBulletin {
    let entree = |note: &str| Entree {
        intitule: "Contrôle".into(),
        date: None,
        resultat: Resultat::Note { valeur: note.parse().unwrap() },
        bareme: Valeur::whole(20),
        coefficient: Valeur::whole(1),
        regime: Regime::Obligatoire,
        formative: false,
        sous_matiere: None,
    };
    EnseignementDuBulletin {
        enseignement: EnseignementId::derived(&[code]),
        matiere_code: code.into(),
        matiere: format!("Matière {code}"),
        enseignants: vec![EnseignantDuBulletin {
            personne: personne(ADA),
            nom: "Fictif".into(),
            prenom: "Ada".into(),
            civilite: Some("Mme".into()),
        }],
        moyenne: moyenne(&PolitiqueVersionnee::default(), le(), note.map(entree).into_iter().collect()),
        division: None,
        appreciation: Some("Travail sérieux & <régulier>.".into()),
    }
}

fn bulletin(rang: u16, mef: &str) -> BulletinFige {
    let division = DivisionId::derived(&["6A"]);
    let contenu = ContenuBulletin {
        etablissement: EtablissementDuBulletin {
            etablissement: EtablissementId::derived(&["collège"]),
            uai: "0690001B".into(),
            nom: "Collège".into(),
            commune: "Lyon".into(),
            academie: "LYON".into(),
        },
        division: DivisionDuBulletin {
            division,
            code: "6A".into(),
            libelle: "Sixième A".into(),
            mef: Some(mef.into()),
        },
        periode: FichePeriode {
            division,
            annee: AnneeScolaire(2026),
            rang,
            libelle: "Trimestre".into(),
            debut: "2026-09-01".parse().unwrap(),
            fin: "2026-11-30".parse().unwrap(),
        },
        eleve: EleveDuBulletin { nom: "Fictif".into(), prenom: "Alix".into(), naissance: None },
        enseignements: vec![matiere("020700", Some("14.5")), matiere("061300", None)],
        generale: moyenne(&PolitiqueVersionnee::default(), le(), vec![]),
        generale_de_la_division: None,
        conseil: Examen { synthese: Some("Bon trimestre.".into()), ..Examen::default() },
        assiduite: Some(Assiduite { demi_journees: 3, injustifiees: 1, retards: 2, donnee: false }),
        positionnements: vec![],
    };
    BulletinFige { contenu, le: le() }
}

fn socle(cycle: Cycle) -> Vec<Positionnement> {
    let niveau = Niveau::try_from(3).unwrap();
    let all = crate::notes::referentiel(cycle).iter();
    all.map(|entree| Positionnement { cycle, domaine: entree.domaine, niveau }).collect()
}

fn eleve(bulletins: impl IntoIterator<Item = BulletinFige>) -> EleveDuLivret {
    let bulletins = bulletins.into_iter().map(|one| (one.contenu.periode.rang, one)).collect();
    let redigeables = Redigeables::new();
    EleveDuLivret { eleve: personne("alix"), siecle: Some(4512), bulletins, redigeables }
}

/// With something changed in the bulletin of the first period.
fn changed(change: impl FnOnce(&mut ContenuBulletin)) -> EleveDuLivret {
    let mut one = bulletin(1, "10010012110");
    change(&mut one.contenu);
    eleve([one])
}

fn lsu(
    cadre: &CadreDuLivret,
    periode: &PeriodeDuLivret,
    eleve: &EleveDuLivret,
) -> Result<LivretLsu, Vec<Manque>> {
    let mut livret = LivretLsu::default();
    livret.ajouter(cadre, periode, eleve).map(|()| livret)
}

fn codes(told: Result<impl std::fmt::Debug, Vec<Manque>>) -> Vec<&'static str> {
    told.expect_err("nothing lacks").iter().map(|manque| manque.spec().code).collect()
}

#[test]
fn a_bulletin_becomes_a_bilan_that_refers_to_what_the_file_names() {
    let livret = lsu(&cadre(), &periode(1), &eleve([bulletin(1, "10010012110")])).unwrap();
    let bilan = &livret.bilans[0];
    assert_eq!((bilan.eleve, bilan.periode, bilan.assiduite), (4512, (1, 3), (2, 2, 1)));
    let figures: Vec<_> = bilan.acquis.iter().map(|one| one.moyenne.as_deref()).collect();
    assert_eq!(figures, [Some("14.50/20"), None], "who has no mark is not noted");
    assert_eq!(bilan.verrou.to_string(), "2026-12-04 18:00:00", "by the clock of the school");
    assert_eq!(bilan.principaux, [ada()], "nobody is referred to whom the file does not name");
    assert!(bilan.acquis.iter().all(|one| livret.disciplines.contains_key(&one.discipline)));
    assert_eq!(livret.enseignants[&ada()].civilite, Some("MME"));
    assert!(livret.bilans_de_cycle.is_empty());
}

#[test]
fn all_that_a_pupil_lacks_is_said_at_once_and_nothing_of_him_is_written() {
    let empty = CadreDuLivret { chef: None, rentree: None, enseignants: BTreeMap::new(), ..cadre() };
    let silent = |contenu: &mut ContenuBulletin| {
        contenu.conseil = Examen::default();
        contenu.assiduite = None;
    };
    let nobody = EleveDuLivret { siecle: None, ..changed(silent) };
    let sans_conseil = PeriodeDuLivret { conseil: None, ..periode(1) };
    assert_eq!(
        codes(lsu(&empty, &sans_conseil, &nobody)),
        [
            "NUMERO_SIECLE_INCONNU",
            "RESPONSABLE_INCONNU",
            "RENTREE_INCONNUE",
            "CONSEIL_SANS_DATE",
            "SYNTHESE_ABSENTE",
            "ASSIDUITE_ABSENTE",
            "ENSEIGNANT_SANS_NUMERO",
        ],
        "who teaches twice is said once"
    );
    let mut livret = LivretLsu::default();
    assert!(livret.ajouter(&empty, &sans_conseil, &nobody).is_err());
    assert_eq!(livret, LivretLsu::default());
    assert_eq!(codes(lsu(&cadre(), &periode(2), &eleve([bulletin(1, "101")]))), ["BULLETIN_ABSENT"]);
}

#[test]
fn what_does_not_fit_the_grammar_is_told_and_not_bent() {
    type Ecart = fn(&mut ContenuBulletin);
    let table: [(Ecart, &str); 5] = [
        (|it| it.conseil.synthese = Some("a".repeat(1_001)), "SYNTHESE_TROP_LONGUE"),
        (|it| it.enseignements[0].matiere_code = "FRANC".into(), "MATIERE_SANS_CODE"),
        (|it| it.enseignements[0].matiere_code = "0207éé".into(), "MATIERE_SANS_CODE"),
        (|it| it.enseignements[0].enseignants.clear(), "ENSEIGNANT_ABSENT"),
        (|it| it.enseignements.clear(), "ACQUIS_ABSENTS"),
    ];
    for (change, code) in table {
        assert_eq!(codes(lsu(&cadre(), &periode(1), &changed(change))), [code]);
    }
    let exactly = changed(|it| it.conseil.synthese = Some("é".repeat(1_000)));
    assert!(lsu(&cadre(), &periode(1), &exactly).is_ok());
}

#[test]
fn a_matiere_that_was_told_twice_is_one_line_made_from_all_results() {
    let twice = |mef: &str| {
        let (mut told, mut other) = (bulletin(1, mef), matiere("020700", Some("9")));
        let entree = other.moyenne.lignes[0].entree.clone();
        other.moyenne = moyenne(&PolitiqueVersionnee::default(), le(), vec![entree.clone(), entree]);
        other.enseignants[0].personne = personne("collègue");
        other.appreciation = Some("Et curieux.".into());
        told.contenu.enseignements = vec![matiere("020700", Some("14.5")), other];
        told
    };
    let mut cadre = cadre();
    let number = NumeroSts { registre: RegistreSts::Local, numero: 69_882 };
    cadre.enseignants.insert(personne("collègue"), number);
    let livret = lsu(&cadre, &periode(1), &eleve([twice("10010012110")])).unwrap();
    let [acquis] = livret.bilans[0].acquis.as_slice() else { panic!("{:?}", livret.bilans[0].acquis) };
    assert_eq!(acquis.moyenne.as_deref(), Some("10.83/20"), "of three marks, and not of two averages");
    assert_eq!(acquis.enseignants, [ada(), number]);
    assert_eq!(acquis.appreciation.as_deref(), Some("Travail sérieux & <régulier>.\nEt curieux."));
    let told = ScolariteLsl::of(&cadre, (Some(Decoupage::Semestres), 1), &eleve([twice("202")])).unwrap();
    assert_eq!(told.evaluations.len(), 1);
    assert_eq!(told.evaluations[0].periodes, [(1, "10.83".to_owned())]);
}

#[test]
fn two_pupils_are_never_one_in_a_file() {
    let (alix, mut livret) = (eleve([bulletin(1, "10110001110")]), LivretLsu::default());
    livret.ajouter(&cadre(), &periode(1), &alix).unwrap();
    let other = EleveDuLivret { eleve: personne("noa"), ..alix };
    let refused = livret.ajouter(&cadre(), &periode(1), &other).unwrap_err();
    assert_eq!(refused, [Manque::NumeroSieclePartage { numero: 4512 }]);
}

#[test]
fn a_cycle_ends_with_the_last_period_of_its_last_class_and_all_its_domaines() {
    let table =
        [("10010012110", Some(3)), ("10110001110", None), ("10310019110", Some(4)), ("20010018110", None)];
    for (mef, ends) in table {
        let mut last = bulletin(3, mef);
        last.contenu.positionnements = [socle(Cycle::Cycle3), socle(Cycle::Cycle4)].concat();
        let livret = lsu(&cadre(), &periode(3), &eleve([last])).unwrap();
        let cycles: Vec<_> = livret.bilans_de_cycle.iter().map(|one| (one.cycle, one.socle.len())).collect();
        assert_eq!(cycles, ends.map(|cycle| (cycle, 8)).into_iter().collect::<Vec<_>>(), "{mef}");
    }
    let mut sixieme = bulletin(3, "10010012110");
    sixieme.contenu.positionnements = socle(Cycle::Cycle3)[1..].to_vec();
    assert_eq!(codes(lsu(&cadre(), &periode(3), &eleve([sixieme.clone()]))), ["SOCLE_INCOMPLET"]);
    sixieme.contenu.periode.rang = 2;
    let earlier = lsu(&cadre(), &periode(2), &eleve([sixieme])).unwrap();
    assert_eq!(earlier.bilans[0].socle.len(), 7, "before its end what is known is told");
}

#[test]
fn a_year_of_the_lycee_has_each_period_and_the_words_of_the_last() {
    let all = || [bulletin(1, "202"), bulletin(2, "202")];
    let semestres = (Some(Decoupage::Semestres), 2);
    let told = ScolariteLsl::of(&cadre(), semestres, &eleve(all())).unwrap();
    assert_eq!((told.eleve, told.periode), (4512, 'S'));
    let francais = &told.evaluations[0];
    assert_eq!(francais.matiere, "020700");
    assert_eq!(francais.periodes, [(1, "14.50".to_owned()), (2, "14.50".to_owned())]);
    assert_eq!(told.evaluations[1].periodes, [], "without a mark nothing is said of a period");
    let [premier, mut second] = all();
    second.contenu.enseignements[1].appreciation = Some("a".repeat(301));
    let refused = codes(ScolariteLsl::of(&cadre(), semestres, &eleve([premier.clone(), second])));
    assert_eq!(refused, ["APPRECIATION_TROP_LONGUE"]);
    let half = codes(ScolariteLsl::of(&cadre(), semestres, &eleve([premier.clone()])));
    assert_eq!(half[0], "BULLETIN_ABSENT");
    assert!(codes(ScolariteLsl::of(&cadre(), (None, 0), &eleve([premier]))).contains(&"DECOUPAGE_INCONNU"));
}

#[test]
fn words_that_end_the_year_are_asked_for_while_somebody_may_write_them() {
    let semestres = (Some(Decoupage::Semestres), 2);
    let asked = |words: Option<String>| {
        let redigeables = [("020700".to_owned(), words)].into();
        let alix = EleveDuLivret { redigeables, ..eleve([bulletin(1, "202")]) };
        codes(ScolariteLsl::of(&cadre(), semestres, &alix))
    };
    assert_eq!(asked(None), ["BULLETIN_ABSENT", "APPRECIATION_ABSENTE"], "of the other nobody may write");
    assert_eq!(asked(Some("Une belle année.".into())), ["BULLETIN_ABSENT"]);
    assert_eq!(asked(Some("a".repeat(301))), ["BULLETIN_ABSENT", "APPRECIATION_TROP_LONGUE"]);
}

#[test]
fn a_matiere_that_ended_keeps_the_words_of_its_own_last_period() {
    let [mut premier, mut second] = [bulletin(1, "202"), bulletin(2, "202")];
    premier.contenu.enseignements[0].appreciation = Some("Un bon semestre.".into());
    premier.contenu.enseignements[1] =
        EnseignementDuBulletin { appreciation: None, ..matiere("061300", Some("9")) };
    second.contenu.enseignements = vec![matiere("030201", Some("12"))];
    let semestres = (Some(Decoupage::Semestres), 2);
    let told = ScolariteLsl::of(&cadre(), semestres, &eleve([premier, second])).unwrap();
    let annuelles: Vec<_> =
        told.evaluations.iter().map(|one| (one.matiere.as_str(), one.annuelle.as_str())).collect();
    let sans_mots = "Aucune appréciation n'a été écrite ; enseignement suivi jusqu'à la période 1.";
    assert_eq!(
        annuelles,
        [("020700", "Un bon semestre."), ("030201", "Travail sérieux & <régulier>."), ("061300", sans_mots)]
    );
    assert_eq!(told.evaluations[2].periodes, [(1, "9.00".to_owned())], "its average is not lost");
}

#[test]
fn a_class_is_of_one_livret() {
    let table =
        [(Some("10010012110"), [true, false]), (Some("20211010110"), [false, true]), (None, [true, true])];
    for (mef, taken) in table {
        assert_eq!([Livret::Lsu.prend(mef), Livret::Lsl.prend(mef)], taken, "{mef:?}");
    }
}

#[test]
fn the_newest_version_is_written_unless_another_is_asked_for() {
    for livret in [Livret::Lsu, Livret::Lsl] {
        let newest = livret.version(None).unwrap();
        assert_eq!(livret.version(Some(newest.version)), Some(newest));
        assert_eq!(livret.version(Some("13.0")), None);
        assert!(!newest.manque.is_empty());
    }
}

proptest::proptest! {
    /// Whatever the words, what is written is what XML may carry, and loses nothing else.
    #[test]
    fn words_keep_all_that_xml_may_carry(text in "\\PC{0,40}[\\n\\t]?\\PC{0,40}") {
        let written = redige(&text);
        let forbidden = |c: char| (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{fffe}' | '\u{ffff}');
        proptest::prop_assert!(!written.chars().any(forbidden));
        proptest::prop_assert_eq!(written, text.replace(forbidden, ""));
        proptest::prop_assert!(ecrit(&text, 7).chars().count() <= 7);
    }
}
