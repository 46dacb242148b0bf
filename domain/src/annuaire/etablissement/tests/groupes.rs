//! The groupes that sources declare.

use super::*;

const ANNEE: AnneeScolaire = AnneeScolaire(2026);
const SUIVANTE: AnneeScolaire = AnneeScolaire(2027);

fn declaration(code: &str, libelle: &str, divisions: &[&str]) -> DeclarationDeGroupe {
    DeclarationDeGroupe {
        annee: ANNEE,
        code: code.into(),
        libelle: libelle.into(),
        divisions: divisions.iter().map(|code| uai().division(code)).collect(),
    }
}

fn declarer(declaration: DeclarationDeGroupe, origine: Origine) -> EtablissementCommand {
    EtablissementCommand::DeclarerGroupe { declaration, parole: parole(origine) }
}

fn declare(declaration: DeclarationDeGroupe, origine: Origine) -> EtablissementEvent {
    let groupe = uai().groupe(declaration.annee, &declaration.code);
    let provenance = Provenance::de(origine, portee(origine));
    EtablissementEvent::GroupeDeclare { groupe, declaration, provenance }
}

fn entendu(declaration: DeclarationDeGroupe, origine: Origine) -> EtablissementEvent {
    let groupe = uai().groupe(declaration.annee, &declaration.code);
    let provenance = Provenance::de(origine, portee(origine));
    let dit = DitEtablissement::Groupe { groupe, declaration };
    EtablissementEvent::ParoleEntendue { dit, provenance }
}

fn limiter(codes: &[&str], origine: Origine) -> EtablissementCommand {
    let sauf = codes.iter().map(|code| uai().groupe(ANNEE, code)).collect();
    EtablissementCommand::LimiterGroupes { annee: ANNEE, sauf, parole: parole(origine) }
}

fn tourner() -> EtablissementCommand {
    EtablissementCommand::TournerGroupes { annee: SUIVANTE }
}

fn tournee() -> EtablissementEvent {
    EtablissementEvent::AnneeTournee { annee: SUIVANTE }
}

fn abandonne(code: &str) -> EtablissementEvent {
    EtablissementEvent::GroupeAbandonne { groupe: uai().groupe(ANNEE, code) }
}

fn latin() -> DeclarationDeGroupe {
    declaration("6LAT", "Latin", &["6A"])
}

#[test]
fn a_groupe_is_declared_once_and_again_when_it_changes() {
    let before = || [enregistre(), ouverte()];
    given::<Etablissement>(before())
        .when(declarer(latin(), Origine::Aaf))
        .then([declare(latin(), Origine::Aaf)]);
    let known = || before().into_iter().chain([declare(latin(), Origine::Aaf)]);
    given::<Etablissement>(known()).when(declarer(latin(), Origine::Aaf)).then([]);
    let renamed = declaration("6LAT", "Latin et grec", &["6A"]);
    given::<Etablissement>(known())
        .when(declarer(renamed.clone(), Origine::Aaf))
        .then([declare(renamed, Origine::Aaf)]);
}

#[test]
fn the_groupe_of_another_year_is_another_one() {
    let next = DeclarationDeGroupe { annee: SUIVANTE, ..latin() };
    let known = [enregistre(), ouverte(), declare(latin(), Origine::Aaf)];
    given::<Etablissement>(known.clone())
        .when(declarer(next.clone(), Origine::Aaf))
        .then([declare(next.clone(), Origine::Aaf)]);
    let both = || known.clone().into_iter().chain([declare(next.clone(), Origine::Aaf)]);
    given::<Etablissement>(both()).when(tourner()).then([abandonne("6LAT"), tournee()]);
    // A source that still speaks of the year before says nothing of those of the next.
    given::<Etablissement>(both()).when(limiter(&["6LAT"], Origine::Aaf)).then([]);
}

#[test]
fn what_the_turn_of_the_year_has_ended_is_not_declared_again_by_a_feed_of_that_year() {
    let tourne = || [enregistre(), ouverte(), declare(latin(), Origine::Aaf), abandonne("6LAT"), tournee()];
    let grec = declaration("6GRE", "Grec", &[]);
    given::<Etablissement>(tourne()).when(declarer(latin(), Origine::Aaf)).then([]);
    given::<Etablissement>(tourne()).when(declarer(grec, Origine::Sts)).then([]);
    let next = DeclarationDeGroupe { annee: SUIVANTE, ..latin() };
    given::<Etablissement>(tourne())
        .when(declarer(next.clone(), Origine::Aaf))
        .then([declare(next, Origine::Aaf)]);
    // Asked again, the turn is no news; without any groupe it is one all the same.
    given::<Etablissement>(tourne()).when(tourner()).then([]);
    given::<Etablissement>([enregistre()]).when(tourner()).then([tournee()]);
}

#[test]
fn a_groupe_comes_from_divisions_that_are_open() {
    given::<Etablissement>([enregistre(), ouverte()])
        .when(declarer(declaration("6LAT", "Latin", &["6B"]), Origine::Aaf))
        .then_refused(RefusEtablissement::DivisionInconnue);
    given::<Etablissement>([enregistre()])
        .when(declarer(declaration(" ", "Latin", &[]), Origine::Aaf))
        .then_refused(RefusEtablissement::TexteInvalide { champ: "code" });
}

#[test]
fn what_a_source_reads_beforehand_of_a_code_or_a_name_is_what_is_decided() {
    let (long, trop) = ("G".repeat(200), "G".repeat(201));
    assert!(DeclarationDeGroupe::admet(&long) && !DeclarationDeGroupe::admet(&trop));
    given::<Etablissement>([enregistre()])
        .when(declarer(declaration(&long, &long, &[]), Origine::Aaf))
        .then([declare(declaration(&long, &long, &[]), Origine::Aaf)]);
    given::<Etablissement>([enregistre()])
        .when(declarer(declaration(&trop, "Latin", &[]), Origine::Aaf))
        .then_refused(RefusEtablissement::TexteInvalide { champ: "code" });
    given::<Etablissement>([enregistre()])
        .when(declarer(declaration("6LAT", &trop, &[]), Origine::Aaf))
        .then_refused(RefusEtablissement::TexteInvalide { champ: "libelle" });
}

#[test]
fn a_lesser_source_adds_what_is_missing_and_overwrites_nothing() {
    let nu = declaration("6LAT", "6LAT", &[]);
    let known = || [enregistre(), ouverte(), declare(nu.clone(), Origine::Aaf)];
    given::<Etablissement>(known())
        .when(declarer(latin(), Origine::Sts))
        .then([declare(latin(), Origine::Sts)]);
    let nomme = declaration("6LAT", "Langues anciennes", &["6A"]);
    given::<Etablissement>([enregistre(), ouverte(), declare(nomme, Origine::Aaf)])
        .when(declarer(latin(), Origine::Sts))
        .then([entendu(latin(), Origine::Sts)]);
}

#[test]
fn a_groupe_ends_when_no_source_declares_it_any_more() {
    let grec = declaration("6GRE", "Grec", &[]);
    let nomme = declaration("6LAT", "Langues anciennes", &["6A"]);
    let known = || {
        [
            enregistre(),
            ouverte(),
            declare(nomme.clone(), Origine::Aaf),
            declare(grec.clone(), Origine::Aaf),
            entendu(latin(), Origine::Sts),
        ]
    };
    given::<Etablissement>(known()).when(limiter(&["6LAT", "6GRE"], Origine::Aaf)).then([]);
    given::<Etablissement>(known()).when(limiter(&["6LAT"], Origine::Aaf)).then([abandonne("6GRE")]);
    // The next one speaks.
    given::<Etablissement>(known()).when(limiter(&["6GRE"], Origine::Aaf)).then([
        EtablissementEvent::ParoleRetiree {
            objet: ObjetEtablissement::Groupe { groupe: uai().groupe(ANNEE, "6LAT") },
            provenance: provenance(),
        },
        declare(latin(), Origine::Sts),
    ]);
    // A source takes back its own word and no other's.
    given::<Etablissement>(known()).when(limiter(&["6LAT"], Origine::Sts)).then([]);
}

fn enseigner(annee: AnneeScolaire, code: &str) -> EtablissementCommand {
    EtablissementCommand::AttribuerAuGroupe {
        annee,
        groupe: code.into(),
        matiere: maths(),
        enseignant: prof("Ada"),
        parole: parole(Origine::Sts),
    }
}

fn enseigne(code: &str) -> EtablissementEvent {
    let groupe = uai().groupe(ANNEE, code);
    EtablissementEvent::EnseignementAttribue {
        enseignement: groupe.enseignement("061300"),
        auditoire: groupe.into(),
        matiere: maths(),
        enseignant: prof("Ada"),
        principal: false,
        provenance: Provenance::de(Origine::Sts, portee(Origine::Sts)),
    }
}

fn n_enseigne_plus(code: &str) -> EtablissementEvent {
    let enseignement = uai().groupe(ANNEE, code).enseignement("061300");
    EtablissementEvent::EnseignementRetire { enseignement, enseignant: prof("Ada") }
}

#[test]
fn a_matiere_is_taught_to_a_groupe_that_is_declared() {
    let known = || [enregistre(), ouverte(), declare(latin(), Origine::Sts)];
    given::<Etablissement>(known()).when(enseigner(ANNEE, "6LAT")).then([enseigne("6LAT")]);
    let taught = known().into_iter().chain([enseigne("6LAT")]);
    given::<Etablissement>(taught).when(enseigner(ANNEE, "6LAT")).then([]);
    for command in [enseigner(ANNEE, "6GRE"), enseigner(SUIVANTE, "6LAT")] {
        given::<Etablissement>(known()).when(command).then_refused(RefusEtablissement::GroupeNonDeclare);
    }
    assert_ne!(uai().groupe(ANNEE, "6A").enseignement("061300"), uai().enseignement("6A", "061300"));
}

#[test]
fn what_was_taught_to_a_groupe_ends_with_it() {
    let grec = || declaration("6GRE", "Grec", &[]);
    let [latin, grec] = [latin(), grec()].map(|declaration| declare(declaration, Origine::Sts));
    let taught = || {
        let known = [enregistre(), ouverte(), latin.clone(), grec.clone()];
        known.into_iter().chain([enseigne("6LAT"), enseigne("6GRE")])
    };
    given::<Etablissement>(taught())
        .when(limiter(&["6GRE"], Origine::Sts))
        .then([n_enseigne_plus("6LAT"), abandonne("6LAT")]);
    given::<Etablissement>(taught()).when(tourner()).then([
        n_enseigne_plus("6GRE"),
        abandonne("6GRE"),
        n_enseigne_plus("6LAT"),
        abandonne("6LAT"),
        tournee(),
    ]);
}

#[test]
fn a_feed_that_is_late_lets_nobody_teach_the_groupes_of_the_year_before() {
    let taught = [enregistre(), ouverte(), declare(latin(), Origine::Sts), enseigne("6LAT")];
    let ended = [n_enseigne_plus("6LAT"), abandonne("6LAT"), tournee()];
    given::<Etablissement>(taught.into_iter().chain(ended)).when(enseigner(ANNEE, "6LAT")).then([]);
}
