//! What an établissement says and decides by hand, beside its sources.

use super::*;

#[test]
fn a_hand_says_why_and_does_not_overwrite_a_feed() {
    let main = |motif: Option<&str>| Parole { provenance: saisie(motif), ..parole(Origine::Saisie) };
    let affecter = |division: &str, motif| PersonneCommand::AffecterEleve {
        etablissement: college(),
        division: Some(DivisionId::derived(&[division])),
        parole: main(motif),
    };
    let eleve = [enregistree(), rattachee(Profil::Eleve, &[])];
    given::<Personne>(eleve.clone())
        .when(affecter("6A", Some(" ")))
        .then_refused(RefusPersonne::MotifManquant);
    given::<Personne>(eleve.clone()).when(affecter("6A", Some("Arrivée en cours d'année"))).then([
        PersonneEvent::EleveAffecte {
            personne: alix(),
            etablissement: college(),
            division: Some(DivisionId::derived(&["6A"])),
            provenance: saisie(Some("Arrivée en cours d'année")),
        },
    ]);
    given::<Personne>(eleve.into_iter().chain([affecte(Some("6A"))]))
        .when(affecter("6B", Some("Préférence")))
        .then_refused(RefusPersonne::SourcePrevaut);
}

#[test]
fn nobody_enters_the_direction_by_hand() {
    let parole = Parole { provenance: saisie(Some("Remplacement")), ..parole(Origine::Saisie) };
    given::<Personne>([enregistree()])
        .when(PersonneCommand::RattacherPersonne {
            etablissement: college(),
            profil: Profil::Direction,
            fonctions: vec![],
            parole,
        })
        .then_refused(RefusPersonne::ProfilReserve);
}

fn de_la_main() -> Provenance {
    saisie(Some("bascule vers l'année 2027"))
}

fn reaffecter(code: Option<&str>) -> PersonneCommand {
    PersonneCommand::ReaffecterEleve {
        etablissement: college(),
        division: code.map(|code| DivisionId::derived(&[code])),
        annee: None,
        parole: Parole { provenance: de_la_main(), ..aaf() },
    }
}

/// The hand's word on the division ends.
fn relayee() -> PersonneEvent {
    PersonneEvent::ParoleRetiree {
        personne: alix(),
        objet: Objet::Affectation { etablissement: college() },
        provenance: provenance(Origine::Saisie),
    }
}

fn reaffecte(code: Option<&str>) -> PersonneEvent {
    PersonneEvent::EleveReaffecte {
        personne: alix(),
        etablissement: college(),
        division: code.map(|code| DivisionId::derived(&[code])),
        annee: None,
        provenance: de_la_main(),
    }
}

#[test]
fn a_division_that_is_decided_counts_whatever_sources_said_before() {
    let en_sixieme = || [enregistree(), rattachee(Profil::Eleve, &[]), affecte(Some("6A"))];
    given::<Personne>(en_sixieme()).when(reaffecter(Some("5B"))).then([reaffecte(Some("5B"))]);
    given::<Personne>(en_sixieme()).when(reaffecter(None)).then([reaffecte(None)]);
    given::<Personne>(en_sixieme()).when(reaffecter(Some("6A"))).then([]);
    given::<Personne>([enregistree()])
        .when(reaffecter(Some("5B")))
        .then_refused(RefusPersonne::EleveNonRattache);
}

#[test]
fn a_source_that_says_last_years_division_again_says_nothing_new() {
    let en_cinquieme = || {
        given::<Personne>([
            enregistree(),
            rattachee(Profil::Eleve, &[]),
            affecte(Some("6A")),
            reaffecte(Some("5B")),
        ])
    };
    en_cinquieme().when(affecter(Some("6A"))).then([]);
    // The feed has caught up: what was decided by hand is no longer held against it.
    en_cinquieme().when(affecter(Some("5C"))).then([affecte(Some("5C")), relayee()]);
    // What it said once is news again after it has said something else.
    let heard = [affecte(Some("6A")), reaffecte(Some("5B")), affecte(Some("5C")), relayee()];
    given::<Personne>([enregistree(), rattachee(Profil::Eleve, &[])].into_iter().chain(heard))
        .when(affecter(Some("6A")))
        .then([affecte(Some("6A"))]);
}

#[test]
fn who_was_entered_by_hand_leaves_with_the_feed_that_took_over() {
    let par_la_main = PersonneEvent::PersonneRattachee {
        personne: alix(),
        etablissement: college(),
        profil: Profil::Eleve,
        fonctions: vec![],
        provenance: de_la_main(),
    };
    let relayee = PersonneEvent::ParoleRetiree {
        personne: alix(),
        objet: Objet::Rattachement { etablissement: college() },
        provenance: provenance(Origine::Saisie),
    };
    let entendue =
        entendue_de(Dit::Rattachement { etablissement: college(), profil: Profil::Eleve, fonctions: vec![] });
    let avant = [enregistree(), par_la_main];
    given::<Personne>(avant.clone())
        .when(rattacher(Profil::Eleve, &[]))
        .then([entendue.clone(), relayee.clone()]);
    given::<Personne>(avant.clone().into_iter().chain([entendue.clone(), relayee.clone()]))
        .when(rattacher(Profil::Eleve, &[]))
        .then([]);
    given::<Personne>(avant.into_iter().chain([entendue, relayee]))
        .when(retirer(ici()))
        .then([PersonneEvent::PersonneSuspendue { personne: alix() }]);
}

fn entendue_de(dit: Dit) -> PersonneEvent {
    PersonneEvent::ParoleEntendue { personne: alix(), dit, provenance: de_l_aaf() }
}
