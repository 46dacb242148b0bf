//! In which groupes a person is, as sources say it.

use super::*;

fn groupes(codes: &[&str]) -> BTreeSet<GroupeId> {
    codes.iter().map(|&code| GroupeId::derived(&[code])).collect()
}

const ANNEE: AnneeScolaire = AnneeScolaire(2026);
const SUIVANTE: AnneeScolaire = AnneeScolaire(2027);

fn repartir(codes: &[&str], parole: Parole) -> PersonneCommand {
    repartir_en(ANNEE, codes, parole)
}

fn repartir_en(annee: AnneeScolaire, codes: &[&str], parole: Parole) -> PersonneCommand {
    PersonneCommand::RepartirPersonne { etablissement: college(), annee, groupes: groupes(codes), parole }
}

fn repartie(codes: &[&str], provenance: Provenance) -> PersonneEvent {
    repartie_en(Some(ANNEE), codes, provenance)
}

fn repartie_en(annee: Option<AnneeScolaire>, codes: &[&str], provenance: Provenance) -> PersonneEvent {
    let (personne, etablissement) = (alix(), college());
    PersonneEvent::PersonneRepartie { personne, etablissement, annee, groupes: groupes(codes), provenance }
}

fn entendus(codes: &[&str]) -> PersonneEvent {
    entendus_en(ANNEE, codes)
}

fn entendus_en(annee: AnneeScolaire, codes: &[&str]) -> PersonneEvent {
    entendue(Dit::Groupes { etablissement: college(), annee: Some(annee), groupes: groupes(codes) })
}

fn reaffecte(annee: Option<AnneeScolaire>) -> PersonneEvent {
    PersonneEvent::EleveReaffecte {
        personne: alix(),
        etablissement: college(),
        division: Some(DivisionId::derived(&["5B"])),
        annee,
        provenance: saisie(Some("Bascule")),
    }
}

/// The year turns.
fn tourner() -> PersonneCommand {
    PersonneCommand::ReaffecterEleve {
        etablissement: college(),
        division: Some(DivisionId::derived(&["5B"])),
        annee: Some(SUIVANTE),
        parole: Parole { provenance: saisie(Some("Bascule")), ..aaf() },
    }
}

fn eleve() -> [PersonneEvent; 3] {
    [enregistree(), rattachee(Profil::Eleve, &[]), affecte(Some("6A"))]
}

/// A pupil of whom the AAF says these groupes.
fn dans(codes: &[&str]) -> impl Iterator<Item = PersonneEvent> {
    eleve().into_iter().chain([repartie(codes, de_l_aaf())])
}

#[test]
fn a_list_takes_the_place_of_the_one_before() {
    given::<Personne>(eleve())
        .when(repartir(&["LAT", "ANG"], aaf()))
        .then([repartie(&["LAT", "ANG"], de_l_aaf())]);
    given::<Personne>(dans(&["LAT", "ANG"])).when(repartir(&["ANG", "LAT"], aaf())).then([]);
    given::<Personne>(dans(&["LAT", "ANG"]))
        .when(repartir(&["ANG"], aaf()))
        .then([repartie(&["ANG"], de_l_aaf())]);
    given::<Personne>(dans(&["ANG"])).when(repartir(&[], aaf())).then([repartie(&[], de_l_aaf())]);
}

#[test]
fn who_is_nothing_in_the_etablissement_is_in_none_of_its_groupes() {
    given::<Personne>([enregistree()])
        .when(repartir(&["LAT"], aaf()))
        .then_refused(RefusPersonne::PersonneNonRattachee);
}

#[test]
fn a_feed_without_groupes_says_nothing_and_a_lesser_one_does_not_overwrite() {
    given::<Personne>(eleve()).when(repartir(&[], aaf())).then([]);
    let de_siecle = || eleve().into_iter().chain([repartie(&["LAT"], de_siecle())]);
    given::<Personne>(de_siecle()).when(repartir(&[], aaf())).then([]);
    given::<Personne>(de_siecle()).when(repartir(&["ANG"], aaf())).then([repartie(&["ANG"], de_l_aaf())]);
    given::<Personne>(dans(&["ANG"])).when(repartir(&["LAT"], siecle())).then([entendus(&["LAT"])]);
    let les_deux = || dans(&["ANG"]).chain([entendus(&["LAT"])]);
    given::<Personne>(les_deux()).when(repartir(&["LAT"], siecle())).then([]);
}

#[test]
fn when_the_better_source_no_longer_names_a_pupil_the_next_one_says_the_groupes() {
    let rattachement =
        Dit::Rattachement { etablissement: college(), profil: Profil::Eleve, fonctions: vec![] };
    let known = || {
        let connu = [reconnue(), entendue(Dit::EtatCivil(etat_civil())), entendue(rattachement.clone())];
        dans(&["ANG"]).chain(connu)
    };
    // It says nothing of them: then nobody does.
    given::<Personne>(known()).when(retirer(ici())).then([
        retiree(Objet::Rattachement { etablissement: college() }),
        retiree(Objet::Affectation { etablissement: college() }),
        repartie_en(None, &[], de_l_aaf()),
        retiree(Objet::EtatCivil),
    ]);
    given::<Personne>(known().chain([entendus(&["LAT"])])).when(retirer(ici())).then([
        retiree(Objet::Rattachement { etablissement: college() }),
        retiree(Objet::Affectation { etablissement: college() }),
        retiree(Objet::Groupes { etablissement: college() }),
        repartie(&["LAT"], de_siecle()),
        retiree(Objet::EtatCivil),
    ]);
}

#[test]
fn who_is_detached_or_changes_division_is_in_no_groupe_of_before() {
    let detachee = PersonneEvent::PersonneDetachee {
        personne: alix(),
        etablissement: college(),
        provenance: de_l_aaf(),
    };
    let revenue = dans(&["LAT"]).chain([detachee, rattachee(Profil::Eleve, &[])]);
    given::<Personne>(revenue).when(repartir(&["LAT"], aaf())).then([repartie(&["LAT"], de_l_aaf())]);
    // What was said before somebody decided is no news after it.
    let change = || dans(&["LAT"]).chain([reaffecte(None)]);
    given::<Personne>(change()).when(repartir(&["LAT"], aaf())).then([]);
    given::<Personne>(change()).when(repartir(&["GRE"], aaf())).then([repartie(&["GRE"], de_l_aaf())]);
}

#[test]
fn after_the_turn_a_feed_of_the_year_before_puts_nobody_into_a_groupe() {
    given::<Personne>(dans(&["LAT"])).when(tourner()).then([reaffecte(Some(SUIVANTE))]);
    let tournee = || dans(&["LAT"]).chain([reaffecte(Some(SUIVANTE))]);
    given::<Personne>(tournee()).when(repartir(&["LAT"], aaf())).then([]);
    given::<Personne>(tournee()).when(repartir(&["GRE"], siecle())).then([]);
    given::<Personne>(tournee()).when(repartir_en(SUIVANTE, &["LAT27"], aaf())).then([repartie_en(
        Some(SUIVANTE),
        &["LAT27"],
        de_l_aaf(),
    )]);
}

#[test]
fn who_is_already_in_the_division_of_the_year_that_begins_leaves_the_groupes_of_before_too() {
    let place = || dans(&["LAT"]).chain([affecte(Some("5B"))]);
    given::<Personne>(place()).when(tourner()).then([reaffecte(Some(SUIVANTE))]);
    let tournee = || place().chain([reaffecte(Some(SUIVANTE))]);
    given::<Personne>(tournee()).when(repartir(&["GRE"], aaf())).then([]);
    given::<Personne>(tournee()).when(tourner()).then([]);
}

#[test]
fn who_is_already_in_the_groupes_of_the_year_that_begins_stays_there_when_it_turns() {
    let neufs = || repartie_en(Some(SUIVANTE), &["LAT27"], de_l_aaf());
    let aout = || dans(&["LAT"]).chain([neufs(), entendus_en(SUIVANTE, &["GRE27"]), entendus(&["ANG"])]);
    // SIECLE spoke last of the year before: that word is the one that it has.
    given::<Personne>(aout()).when(tourner()).then([reaffecte(Some(SUIVANTE)), neufs()]);
    let aout = || dans(&["LAT"]).chain([neufs(), entendus_en(SUIVANTE, &["GRE27"])]);
    let redits = || [reaffecte(Some(SUIVANTE)), neufs(), entendus_en(SUIVANTE, &["GRE27"])];
    given::<Personne>(aout()).when(tourner()).then(redits());
    // The list of August, told again, is known; told by a program that kept no years, it is heard anew.
    let tournee = || aout().chain(redits());
    given::<Personne>(tournee()).when(repartir_en(SUIVANTE, &["LAT27"], aaf())).then([]);
    let sans_annee = dans(&[]).chain([repartie_en(None, &["LAT27"], de_l_aaf()), reaffecte(Some(SUIVANTE))]);
    given::<Personne>(sans_annee).when(repartir_en(SUIVANTE, &["LAT27"], aaf())).then([neufs()]);
}
