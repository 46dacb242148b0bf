//! Which rights each root field of the schema asks, found out by asking it as many kinds of
//! users: what asks none would be a door that the matrix does not cover.
//!
//! `tests/matrix/portes.txt` is the approved list: with `droits.txt` it tells, of every query and
//! mutation, who may use it and in which situation. It also says what to listen for: a field whose
//! rights are on it is asked until they were heard, and each kind of user once more, lest there be
//! others by now. What the list does not have, and everything while it is approved anew, is asked longer.

use super::demande::{Etendue, Schema, Urne};
use super::ecole::Vecue;
use crate::contracts::{approve, approved};
use crate::rights::ecoute::Ecoute;
use anyhow::Result;
use api::graphql::ids::global_text;
use rand::SeedableRng;
use rand::rngs::StdRng;
use recits::{auditeur, exploitant};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What each field is approved to ask.
const LISTE: &str = "tests/matrix/portes.txt";
/// How often each field is asked by each kind of user, at most.
const ESSAIS: usize = 12;
/// After so many questions in a row that ask no right which was not heard before, a kind of user has
/// nothing more to say of a field that nobody knows, if somebody had.
const MUETS: usize = 4;

/// The kind of object in an id, of a type that is not called so.
const AUTREMENT_DIT: [(&str, &str); 1] = [("AbsenceCollective", "Collective")];

/// Fields of which nothing may be asked: they tell who asks what he is himself.
const SANS_DROIT: [&str; 2] = ["Query.fraicheur", "Query.moi"];

/// Fields that a program's token asks nothing: they are for the session of a browser. Their story
/// is in `stories::connexion`.
const DE_SESSION: [&str; 1] = ["Mutation.choisirProfil"];

// On one thread, so that all that is decided is heard.
#[tokio::test]
async fn every_root_field_asks_the_rights() -> Result<()> {
    let vecue = Vecue::ouvrir().await?;
    let schema = Schema::servi();
    let ecole = &vecue.ecole;
    let users = [
        ecole.principal,
        ecole.enseignante,
        ecole.parent,
        recits::personal(ecole.eleves[0]),
        ecole.administrateur,
        exploitant(),
        auditeur(),
    ];
    let (connus, heard) = (connus(&approved(LISTE)), Ecoute::default());
    let _listening = tracing::subscriber::set_default(heard.clone());
    let mut asked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (root, field) in schema.portes() {
        let rng = &mut StdRng::seed_from_u64(0);
        let (name, mut of_field) = (format!("{root}.{field}"), BTreeSet::new());
        let urnes = urnes(&vecue, &schema.rendus(root, &field));
        for who in users {
            let mut muets = 0;
            // Of several urns, each is of one kind: one question for each.
            for urne in urnes.iter().cycle().take(urnes.len().max(ESSAIS)) {
                heard.actions();
                let demande = schema.demande(root, &field, urne, Etendue::Racine, rng);
                ecole.maison.answer(Some(who), &demande.document, demande.variables).await?;
                let known = of_field.len();
                of_field.extend(heard.actions());
                muets = if of_field.len() > known { 0 } else { muets + 1 };
                if assez(&of_field, connus.get(&name), urnes.len()).is_some_and(|assez| muets >= assez) {
                    break;
                }
            }
        }
        asked.insert(name, of_field);
    }
    let none = asked.iter().filter(|(_, actions)| actions.is_empty()).map(|(name, _)| name.as_str());
    let uncovered: Vec<_> = none.filter(|name| !SANS_DROIT.contains(name)).collect();
    assert_eq!(uncovered, DE_SESSION, "no right is asked by these");
    approve(LISTE, &text(&asked));
    vecue.ecole.maison.close().await
}

/// After how many questions in a row that ask nothing new a kind of user is done with a field of which
/// this was heard, whose questions are drawn from so many urns; never before all that is known of it was.
fn assez(heard: &BTreeSet<String>, connus: Option<&BTreeSet<String>>, urnes: usize) -> Option<usize> {
    match connus {
        Some(connus) => connus.is_subset(heard).then_some(urnes),
        None => (!heard.is_empty()).then_some(MUETS.max(urnes)),
    }
}

/// The rights of each field, read from the list.
fn connus(list: &str) -> BTreeMap<String, BTreeSet<String>> {
    let lines = list.lines().filter_map(|line| line.split_once(' '));
    let rights = |said: &str| said.trim().split(", ").map(str::to_owned).collect();
    lines.map(|(name, said)| (name.to_owned(), rights(said))).collect()
}

#[test]
fn the_list_says_what_to_listen_for() {
    let rights = |names: &[&str]| names.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    let asked = BTreeMap::from([
        ("Mutation.basculerServiceEnt".to_owned(), rights(&["FermerServiceEnt", "OuvrirServiceEnt"])),
        ("Query.moi".to_owned(), rights(&[])),
    ]);
    let known = connus(&text(&asked));
    let both = &asked["Mutation.basculerServiceEnt"];
    assert_eq!(known.get("Mutation.basculerServiceEnt"), Some(both));
    assert_eq!(assez(&rights(&["FermerServiceEnt"]), Some(both), 1), None, "the other was not heard");
    assert_eq!(assez(both, Some(both), 1), Some(1));
    assert_eq!(assez(both, None, 1), Some(MUETS));
    assert_eq!(assez(&rights(&[]), known.get("Query.moi"), 1), None, "what asks nothing is asked on");
}

/// What the questions about a field are drawn from. What gives back any kind of object is asked for
/// each kind in turn: among some thirty, a few draws would miss most.
fn urnes(vecue: &Vecue, rendus: &[String]) -> Vec<Urne> {
    if rendus.is_empty() {
        return vec![vecue.urne.clone()];
    }
    let portail = global_text("Portail", &vecue.ecole.portail).0;
    let kinds = rendus.iter().map(|kind| {
        let otherwise = AUTREMENT_DIT.iter().find(|(one, _)| one == kind);
        let said = otherwise.map_or(kind.as_str(), |(_, said)| *said);
        match vecue.urne.ids.get_key_value(said) {
            Some((said, ids)) => (*said, ids.clone()),
            None if said == "Portail" => ("Portail", vec![portail.clone()]),
            None => panic!("no id of the kind {said} in this school: `ecole.rs` makes one"),
        }
    });
    kinds.map(|kind| Urne { ids: [kind].into(), ..vecue.urne.clone() }).collect()
}

fn text(asked: &BTreeMap<String, BTreeSet<String>>) -> String {
    let mut text = String::from(
        "LES PORTES ET LES DROITS\n\nDe chaque requête et mutation de GraphQL, les droits qu'elle demande : la matrice\n\
         (droits.txt) dit qui les a. Le programme produit ce texte, et des personnes l'approuvent.\n\n",
    );
    for (name, actions) in asked {
        let actions = actions.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let said = match actions.as_str() {
            "" if SANS_DROIT.contains(&name.as_str()) => "aucun : ne dit à qui demande que ce qu'il est",
            "" => "d'une session de navigateur seulement : voir son récit",
            actions => actions,
        };
        let _ = writeln!(text, "{name:40} {said}");
    }
    text
}
