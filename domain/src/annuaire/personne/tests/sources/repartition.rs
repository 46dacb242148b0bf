//! In which groupes a person is, as sources say it.

use super::*;

fn groupes(codes: &[&str]) -> BTreeSet<GroupeId> {
    codes.iter().map(|&code| GroupeId::derived(&[code])).collect()
}

fn repartir(codes: &[&str], parole: Parole) -> PersonneCommand {
    PersonneCommand::RepartirPersonne { etablissement: college(), groupes: groupes(codes), parole }
}

fn repartie(codes: &[&str], provenance: Provenance) -> PersonneEvent {
    let (personne, etablissement) = (alix(), college());
    PersonneEvent::PersonneRepartie { personne, etablissement, groupes: groupes(codes), provenance }
}

fn entendus(codes: &[&str]) -> PersonneEvent {
    entendue(Dit::Groupes { etablissement: college(), groupes: groupes(codes) })
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
        repartie(&[], de_l_aaf()),
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
    // What was said before the turn of the year is no news after it.
    let reaffecte = PersonneEvent::EleveReaffecte {
        personne: alix(),
        etablissement: college(),
        division: Some(DivisionId::derived(&["5B"])),
        provenance: saisie(Some("Bascule")),
    };
    let tournee = || dans(&["LAT"]).chain([reaffecte.clone()]);
    given::<Personne>(tournee()).when(repartir(&["LAT"], aaf())).then([]);
    given::<Personne>(tournee()).when(repartir(&["GRE"], aaf())).then([repartie(&["GRE"], de_l_aaf())]);
}
