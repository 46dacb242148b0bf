use super::*;
use crate::importer::rapprochement::Rapprochement;
use aaf::{Appartenance, Attribution, ClasseDecl, EtabEducNat, Fonction, LienResponsable, MatiereEducNat};
use commands::annuaire::AuditoireDecrit;

const LYON: Academie = Academie::Lyon;

fn etablissement(jointure: &str, uai: &str) -> EtabEducNat {
    EtabEducNat {
        jointure: jointure.into(),
        uai: uai.into(),
        nom: "JEAN MOULIN".into(),
        nature: Some("COLLEGE".into()),
        academie: Some("LYON".into()),
        commune: Some("LYON".into()),
        classes: vec![ClasseDecl { code: "6A".into(), libelle: None, mefs: vec![] }],
        groupes: vec![],
    }
}

/// A feed that said one établissement, `1`, and one matière.
fn registre() -> Registre {
    let mut registre = Registre::default();
    registre.prendre_etablissement(etablissement("1", "0690001B")).unwrap();
    registre.prendre_matiere(MatiereEducNat { code: "020700".into(), libelle: "FRANÇAIS".into() });
    registre.delimiter();
    registre
}

/// The feed has adults of these keys.
fn avec_adultes(registre: &mut Registre, jointures: &[&str]) {
    let connus = jointures.iter().map(|&jointure| jointure.into()).collect();
    registre.prendre_adultes(connus, Default::default());
}

fn personne(academie: Academie, jointure: &str) -> PersonneId {
    crate::importer::registre::personne(academie, jointure)
}

fn etat_civil() -> aaf::EtatCivil {
    aaf::EtatCivil {
        nom: "MARTIN".into(),
        nom_de_naissance: None,
        prenom: "Zoé".into(),
        civilite: None,
        date_de_naissance: None,
    }
}

fn eleve_de(etablissement: &str, division: &str) -> aaf::Eleve {
    aaf::Eleve {
        jointure: "e1".into(),
        ine: None,
        numero: Some("4512".into()),
        etat_civil: etat_civil(),
        rattachement: etablissement.into(),
        mef: None,
        classes: vec![Appartenance { etablissement: etablissement.into(), code: division.into() }],
        groupes: vec![],
        responsables: vec![],
    }
}

fn adulte(jointure: &str) -> aaf::PersRelEleve {
    aaf::PersRelEleve { jointure: jointure.into(), etat_civil: etat_civil(), courriel: None }
}

fn lien(personne: &str, responsabilite: aaf::Responsabilite, financier: bool) -> LienResponsable {
    LienResponsable {
        personne: personne.into(),
        lien: 10,
        financier,
        responsabilite,
        contact: false,
        paiement: false,
    }
}

fn prof() -> aaf::PersEducNat {
    let fonction = |code: &str| Fonction {
        etablissement: "1".into(),
        code: code.into(),
        libelle: None,
        code_poste: None,
        libelle_poste: None,
    };
    aaf::PersEducNat {
        jointure: "p1".into(),
        etat_civil: etat_civil(),
        courriel: None,
        rattachement: "1".into(),
        fonctions: vec![fonction("ENS")],
        classes_matieres: vec![Attribution {
            etablissement: "1".into(),
            code: "6A".into(),
            matiere: Some("020700".into()),
        }],
        groupes: vec![],
        groupes_matieres: vec![],
        professeur_principal_de: vec![Appartenance { etablissement: "1".into(), code: "6A".into() }],
        devant_eleves: Some(true),
    }
}

fn decrite(traduction: &Traduction) -> &PersonneDecrite {
    match traduction.fiches.last() {
        Some(Fiche::Personne(decrite)) => decrite,
        autre => panic!("{autre:?}"),
    }
}

fn remarques(traduction: &Traduction) -> Vec<&'static str> {
    traduction.remarques.iter().map(|(motif, _)| motif.code()).collect()
}

#[test]
fn an_etablissement_that_cannot_be_identified_is_rejected_and_so_are_its_people() {
    let mut registre = registre();
    let faux = registre.prendre_etablissement(etablissement("2", "0690001D"));
    assert_eq!(faux.unwrap_err().code(), "IMPORT_UAI_FAUX");
    assert_eq!(eleve(&mut registre, LYON, eleve_de("2", "6A")).unwrap_err(), Motif::EtablissementRejete);
    assert_eq!(eleve(&mut registre, LYON, eleve_de("3", "6A")).unwrap_err(), Motif::EtablissementInconnu);
    let ailleurs = aaf::PersEducNat { rattachement: "2".into(), fonctions: vec![], ..prof() };
    let ailleurs = aaf::PersEducNat { classes_matieres: vec![], ..ailleurs };
    assert_eq!(personnel(&mut registre, LYON, ailleurs).unwrap_err(), Motif::EtablissementRejete);
}

#[test]
fn a_feed_is_of_one_academie_of_the_region() {
    let mut registre = registre();
    let de = |academie: Option<&str>| EtabEducNat {
        academie: academie.map(str::to_owned),
        ..etablissement(academie.unwrap_or("-"), "0690002C")
    };
    for (academie, code) in [
        (Some("PARIS"), "IMPORT_ACADEMIE_INCONNUE"),
        (Some("GRENOBLE"), "IMPORT_AUTRE_ACADEMIE"),
        (None, "IMPORT_ACADEMIE_ABSENTE"),
    ] {
        assert_eq!(registre.prendre_etablissement(de(academie)).unwrap_err().code(), code);
    }
    assert_eq!(registre.academie(), Some(LYON));
}

#[test]
fn one_number_and_one_key_are_one_etablissement() {
    let mut registre = registre();
    for (jointure, uai) in [("1", "0690002C"), ("2", "0690001B")] {
        let double = registre.prendre_etablissement(etablissement(jointure, uai));
        assert_eq!(double, Err(Motif::EntreeEnDouble), "{jointure}");
    }
}

#[test]
fn a_pupil_belongs_to_the_division_that_the_entry_names() {
    let mut registre = registre();
    let traduction = eleve(&mut registre, LYON, eleve_de("1", "6A")).unwrap();
    let uai = registre.etablissement("1").unwrap().uai.clone();
    let decrite = decrite(&traduction);
    assert_eq!(decrite.personne, PersonneId::derived(&["ac-lyon", "aaf", "e1"]));
    let eleve = decrite.eleve.as_ref().unwrap();
    assert_eq!(eleve.affectations, [(uai.etablissement(), Some(uai.division("6A")))]);
    assert_eq!(decrite.rattachements.first().unwrap().profil, Profil::Eleve);
    assert_eq!(traduction.fiches.len(), 1);
}

#[test]
fn a_division_that_only_a_pupil_names_is_opened_before_the_pupil_and_once() {
    let mut registre = registre();
    let traduction = eleve(&mut registre, LYON, eleve_de("1", "6B")).unwrap();
    let [Fiche::Etablissement(ouverte), Fiche::Personne(_)] = traduction.fiches.as_slice() else {
        panic!("{traduction:?}");
    };
    assert_eq!(ouverte.divisions.first().unwrap().code, "6B");
    let autre = aaf::Eleve { jointure: "e2".into(), ..eleve_de("1", "6B") };
    assert_eq!(eleve(&mut registre, LYON, autre).unwrap().fiches.len(), 1);
}

#[test]
fn both_parents_answer_whatever_the_order_of_the_values() {
    let liens = [
        lien("a", aaf::Responsabilite::Legale, false),
        lien("b", aaf::Responsabilite::Legale, true),
        lien("c", aaf::Responsabilite::Aucune, true),
        lien("a", aaf::Responsabilite::Aucune, false),
    ];
    let mut inverses: Vec<_> = liens.iter().cloned().rev().collect();
    let qui = |jointure: &str| personne(LYON, jointure);
    let droits = responsabilites(liens.iter().collect(), qui);
    assert_eq!(responsabilites(inverses.iter_mut().map(|lien| &*lien).collect(), qui), droits);
    let niveaux: Vec<_> = droits.iter().map(|droit| (droit.niveau, droit.destinataire)).collect();
    assert_eq!(
        niveaux,
        [
            (NiveauResponsabilite::Legale1, true),
            (NiveauResponsabilite::Legale2, true),
            (NiveauResponsabilite::Aucune, false),
        ]
    );
    assert_eq!(droits.first().unwrap().responsable, personne(LYON, "b"));
}

#[test]
fn a_link_to_nobody_is_remarked_upon_and_the_pupil_imported_without_it() {
    let mut registre = registre();
    let responsables = vec![lien("x", aaf::Responsabilite::Legale, true)];
    let traduction = eleve(&mut registre, LYON, aaf::Eleve { responsables, ..eleve_de("1", "6A") }).unwrap();
    assert_eq!(remarques(&traduction), ["IMPORT_RESPONSABLE_INCONNU"]);
    assert!(decrite(&traduction).eleve.as_ref().unwrap().responsables.as_ref().unwrap().is_empty());
}

#[test]
fn where_the_entry_of_an_adult_is_refused_nothing_is_said_of_who_answers() {
    for (refuse, code, dits) in [
        (Some("x"), "IMPORT_RESPONSABLE_REFUSE", None),
        (None, "IMPORT_RESPONSABLE_REFUSE", None),
        (Some("y"), "IMPORT_RESPONSABLE_INCONNU", Some(1)),
    ] {
        let mut registre = registre();
        let refuses = [refuse.map(Into::into)];
        registre.prendre_adultes(["m".into()].into_iter().collect(), refuses.into_iter().collect());
        let legal = |jointure| lien(jointure, aaf::Responsabilite::Legale, true);
        let lu = aaf::Eleve { responsables: vec![legal("m"), legal("x")], ..eleve_de("1", "6A") };
        let traduction = eleve(&mut registre, LYON, lu).unwrap();
        assert_eq!(remarques(&traduction), [code]);
        let responsables = decrite(&traduction).eleve.as_ref().unwrap().responsables.as_ref();
        assert_eq!(responsables.map(Vec::len), dits);
        // The adult whom the feed names goes on to belong to the établissement.
        let traduction = responsable(&mut registre, LYON, adulte("m")).unwrap();
        assert_eq!(decrite(&traduction).rattachements.len(), 1);
    }
}

/// The parents live apart: one is informed of the pupil, the other was left a phone number.
#[test]
fn separated_parents_come_through_with_their_different_rights() {
    let mut registre = registre();
    avec_adultes(&mut registre, &["m", "p"]);
    let contact = LienResponsable { contact: true, ..lien("p", aaf::Responsabilite::Aucune, false) };
    let responsables = vec![lien("m", aaf::Responsabilite::Legale, true), contact];
    let traduction = eleve(&mut registre, LYON, aaf::Eleve { responsables, ..eleve_de("1", "6A") }).unwrap();
    let responsables = decrite(&traduction).eleve.as_ref().unwrap().responsables.clone().unwrap();
    let droits = |jointure| {
        let qui = personne(LYON, jointure);
        responsables.iter().find(|un| un.responsable == qui).map(|un| (un.niveau, un.destinataire))
    };
    assert_eq!(droits("m"), Some((NiveauResponsabilite::Legale1, true)));
    assert_eq!(droits("p"), Some((NiveauResponsabilite::Contact, false)));
    let lieux = |registre: &mut Registre, jointure| {
        let traduction = responsable(registre, LYON, adulte(jointure)).unwrap();
        decrite(&traduction).rattachements.len()
    };
    assert_eq!((lieux(&mut registre, "m"), lieux(&mut registre, "p")), (1, 0));
}

#[test]
fn whom_another_source_named_first_keeps_his_or_her_id() {
    let mut registre = registre();
    let naissance = "2012-02-29".parse().ok();
    let connue = PersonneId::derived(&["siecle"]);
    let ou = registre.etablissement("1").unwrap().uai.etablissement();
    let presente = |personne: PersonneId| projections::annuaire::Presente {
        personne: personne.0,
        etablissement: ou.0,
        nom: "Martin".into(),
        prenom: "ZOE".into(),
        naissance,
        profil: "eleve".into(),
    };
    let nee = || aaf::EtatCivil { date_de_naissance: naissance, ..etat_civil() };
    let lu = || aaf::Eleve { etat_civil: nee(), ..eleve_de("1", "6A") };
    registre.chercher_parmi(Rapprochement::parmi([presente(connue)]));
    assert_eq!(decrite(&eleve(&mut registre, LYON, lu()).unwrap()).personne, connue);
    registre.chercher_parmi(Rapprochement::parmi([presente(connue), presente(personne(LYON, "z"))]));
    let autre = aaf::Eleve { jointure: "e2".into(), ..lu() };
    assert_eq!(eleve(&mut registre, LYON, autre).unwrap_err(), Motif::RapprochementAmbigu);
    // A key that is known stays its person's, whoever else bears the name.
    for parmi in [vec![presente(connue)], vec![presente(connue), presente(personne(LYON, "z"))]] {
        let cle = format!("e{}", 2 + parmi.len());
        registre.chercher_parmi(Rapprochement::parmi(parmi));
        assert!(registre.a_un_homonyme(&nee()));
        registre.connaitre(LYON, cle.clone(), personne(LYON, &cle));
        let traduction = eleve(&mut registre, LYON, aaf::Eleve { jointure: cle.clone(), ..lu() }).unwrap();
        assert_eq!(decrite(&traduction).personne, personne(LYON, &cle));
        assert_eq!(remarques(&traduction), ["IMPORT_DOUBLE_POSSIBLE"]);
    }
}

#[test]
fn a_key_is_one_person() {
    let mut registre = registre();
    responsable(&mut registre, LYON, adulte("e1")).unwrap();
    assert_eq!(responsable(&mut registre, LYON, adulte("e1")).unwrap_err(), Motif::EntreeEnDouble);
    assert_eq!(eleve(&mut registre, LYON, eleve_de("1", "6A")).unwrap_err(), Motif::EntreeEnDouble);
}

#[test]
fn what_a_teacher_teaches_is_said_of_the_etablissement() {
    let mut registre = registre();
    let traduction = personnel(&mut registre, LYON, prof()).unwrap();
    assert_eq!(remarques(&traduction), [] as [&str; 0]);
    assert_eq!(decrite(&traduction).rattachements.first().unwrap().profil, Profil::Enseignant);
    let decrit = registre.decrire("1", registre.importes().next().unwrap().1);
    let attribution = decrit.enseignements.first().unwrap();
    assert_eq!((attribution.matiere.libelle.as_str(), attribution.principal), ("FRANÇAIS", true));
    registre.rejeter_personne(personne(LYON, "p1"));
    assert_eq!(registre.decrire("1", registre.importes().next().unwrap().1).enseignements, []);
}

#[test]
fn what_a_teacher_teaches_to_a_groupe_is_said_where_the_matiere_is_named() {
    let mut registre = Registre::default();
    let latin = aaf::GroupeDecl { code: "6LAT".into(), libelle: Some("Latin".into()), classes: vec![] };
    let lu = EtabEducNat { groupes: vec![latin], ..etablissement("1", "0690001B") };
    registre.prendre_etablissement(lu).unwrap();
    registre.prendre_matiere(MatiereEducNat { code: "020700".into(), libelle: "FRANÇAIS".into() });
    registre.delimiter();
    let attribution = |code: &str, matiere: Option<&str>| Attribution {
        etablissement: "1".into(),
        code: code.into(),
        matiere: matiere.map(str::to_owned),
    };
    let groupes_matieres = vec![
        attribution("6LAT", Some("020700")),
        attribution("6LAT", None),
        attribution("6GRE", Some("020700")),
    ];
    let traduction = personnel(&mut registre, LYON, aaf::PersEducNat { groupes_matieres, ..prof() }).unwrap();
    assert_eq!(remarques(&traduction), ["IMPORT_GROUPE_NON_DECLARE"]);
    let decrit = registre.decrire("1", registre.importes().next().unwrap().1);
    let dits: Vec<_> =
        decrit.enseignements.iter().map(|dit| (dit.auditoire.clone(), dit.principal)).collect();
    let attendus =
        [(AuditoireDecrit::Division("6A".into()), true), (AuditoireDecrit::Groupe("6LAT".into()), false)];
    assert_eq!(dits, attendus);
}

#[test]
fn a_teacher_whose_entry_is_refused_goes_on_to_teach() {
    let mut registre = registre();
    personnel(&mut registre, LYON, prof()).unwrap();
    let (present, refuse, parti) = (personne(LYON, "p1"), personne(LYON, "p2"), personne(LYON, "p3"));
    let decrire = |registre: &Registre| registre.decrire("1", registre.importes().next().unwrap().1);
    let limites = |registre: &Registre, enseignants: Option<&BTreeSet<PersonneId>>| {
        let dits = registre.limiter(decrire(registre), enseignants);
        dits.iter().map(|dit| (dit.limite, dit.enseignements.len())).collect::<Vec<_>>()
    };
    assert_eq!(limites(&registre, None), [(Limite::Etablissement, 1)]);
    registre.citer(LYON, &["p2"]);
    assert_eq!(registre.refusees().collect::<Vec<_>>(), [refuse]);
    let mut chacun = vec![(Limite::Enseignant(present), 1), (Limite::Enseignant(parti), 0)];
    chacun.sort_by_key(|(_, nombre)| *nombre);
    let mut dits = limites(&registre, Some(&BTreeSet::from([present, refuse, parti])));
    assert_eq!(dits.remove(0), (Limite::Aucune, 1));
    dits.sort_by_key(|(_, nombre)| *nombre);
    assert_eq!(dits, chacun);
    registre.citer(LYON, &[]);
    assert_eq!(limites(&registre, None), [(Limite::Aucune, 1)], "it may be anybody who is refused");
}

#[test]
fn the_profil_is_the_one_that_gives_most_to_do() {
    for (codes, enseigne, attendu) in [
        (vec!["ENS", "DIR"], true, Profil::Direction),
        (vec!["AED"], false, Profil::VieScolaire),
        (vec!["DOC", "ENS"], false, Profil::Enseignant),
        (vec!["MDS"], false, Profil::Administratif),
        (vec![], true, Profil::Enseignant),
        (vec![], false, Profil::Administratif),
    ] {
        assert_eq!(profil(&codes.iter().copied().collect(), enseigne), attendu, "{codes:?}");
    }
}

#[test]
fn what_an_attribution_lacks_is_remarked_upon() {
    let mut registre = registre();
    let attribution = |etablissement: &str, code: &str, matiere: Option<&str>| Attribution {
        etablissement: etablissement.into(),
        code: code.into(),
        matiere: matiere.map(str::to_owned),
    };
    let classes_matieres = vec![
        attribution("1", "6A", None),
        attribution("1", "6C", Some("999999")),
        attribution("9", "6A", Some("020700")),
    ];
    let traduction = personnel(&mut registre, LYON, aaf::PersEducNat { classes_matieres, ..prof() }).unwrap();
    assert_eq!(
        remarques(&traduction),
        [
            "IMPORT_ETABLISSEMENT_IGNORE",
            "IMPORT_SERVICE_SANS_MATIERE",
            "IMPORT_MATIERE_INCONNUE",
            "IMPORT_PRINCIPAL_SANS_SERVICE",
        ]
    );
}
