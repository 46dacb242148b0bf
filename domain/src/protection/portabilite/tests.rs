//! Every place in which an event of the catalogue names someone is in the table, once.

use super::*;
use crate::catalogue;
use crate::identite::{Compte, Session};
use crate::protection::types_de_sante;
use crate::{Aggregate, EventSpec};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// An event type's name, and a path in its content.
type Place = (String, String);

/// Where contents of the catalogue name persons or comptes, as their schemas say.
fn nommees() -> BTreeSet<Place> {
    let mut places = BTreeSet::new();
    for (nom, contenu, definitions) in contenus() {
        suivre(&contenu, &definitions, "", &mut |chemin| {
            places.insert((nom.clone(), chemin.to_owned()));
        });
    }
    places
}

/// Name, schema of the content, and the definitions that it refers to, of every type.
fn contenus() -> Vec<(String, Value, Value)> {
    let every = catalogue().into_iter().flat_map(|(_, _, schema)| {
        let schema = schema().to_value();
        let definitions = schema["$defs"].clone();
        let types = schema["oneOf"].as_array().cloned().unwrap_or_default();
        types.into_iter().map(move |one| {
            let nom = one["properties"]["type"]["const"].as_str().unwrap().to_owned();
            (nom, one["properties"]["data"].clone(), definitions.clone())
        })
    });
    every.collect()
}

/// Tells the paths of a schema at which there is an id of a person or of a compte.
fn suivre(schema: &Value, definitions: &Value, chemin: &str, dire: &mut dyn FnMut(&str)) {
    if let Some(nom) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        match nom {
            "PersonneId" | "CompteId" => dire(chemin),
            nom => suivre(&definitions[nom], definitions, chemin, dire),
        }
    }
    for (nom, champ) in schema["properties"].as_object().into_iter().flatten() {
        let chemin = if chemin.is_empty() { nom.clone() } else { format!("{chemin}.{nom}") };
        suivre(champ, definitions, &chemin, dire);
    }
    for dessous in ["items", "additionalProperties"] {
        if schema[dessous].is_object() {
            suivre(&schema[dessous], definitions, chemin, dire);
        }
    }
    for dessous in ["oneOf", "anyOf", "allOf", "prefixItems"] {
        for schema in schema[dessous].as_array().into_iter().flatten() {
            suivre(schema, definitions, chemin, dire);
        }
    }
}

#[test]
fn every_place_that_names_someone_is_in_the_table_once() {
    let mut dites = BTreeMap::<Place, u32>::new();
    for mention in MENTIONS {
        let Lieu::Champ(champ) = mention.lieu else { continue };
        for evenement in mention.evenements {
            *dites.entry((evenement.to_string(), champ.to_owned())).or_default() += 1;
        }
    }
    assert!(dites.values().all(|times| *times == 1), "{dites:?}");
    let dites: BTreeSet<_> = dites.into_keys().collect();
    let nommees = nommees();
    assert!(nommees.len() > 100, "the schemas are read");
    assert_eq!(dites.symmetric_difference(&nommees).collect::<Vec<_>>(), Vec::<&Place>::new());
}

#[test]
fn every_event_of_a_compte_is_in_the_table_though_its_content_may_name_nobody() {
    let specs: Vec<&EventSpec> = catalogue()
        .into_iter()
        .filter(|(flux, _, _)| [Session::TYPE, Compte::TYPE].contains(flux))
        .flat_map(|(_, specs, _)| specs)
        .collect();
    for spec in specs {
        assert!(MENTIONS.iter().any(|mention| mention.evenements.contains(&spec.name)), "{}", spec.name);
    }
}

#[test]
fn every_event_and_every_field_of_the_table_exists_and_every_reserve_has_its_reason() {
    let contenus: BTreeMap<_, _> = contenus().into_iter().map(|(nom, contenu, _)| (nom, contenu)).collect();
    for Mention { evenements, suite, .. } in MENTIONS {
        for evenement in *evenements {
            let contenu = contenus.get(*evenement).unwrap_or_else(|| panic!("{evenement}"));
            match suite {
                Suite::Entier => {}
                Suite::Extrait(_, champs) => {
                    for champ in *champs {
                        assert!(contenu["properties"].get(champ).is_some(), "{evenement} {champ}");
                    }
                }
                Suite::Reserve(raison) => assert!(raison.len() > 20, "{evenement}"),
            }
        }
    }
}

#[test]
fn nothing_of_somebodys_health_is_handed_to_another_person() {
    // When something was done and how a family was reached tell nothing of it.
    let anodins = ["creneau", "le", "moyen"];
    let sante = types_de_sante();
    for Mention { evenements, suite, .. } in MENTIONS {
        let Suite::Extrait(_, champs) = suite else { continue };
        for evenement in evenements.iter().filter(|evenement| sante.contains(*evenement)) {
            assert!(champs.iter().all(|champ| anodins.contains(champ)), "{evenement}: {champs:?}");
        }
    }
}

#[test]
fn a_parent_is_told_of_his_own_line_and_of_no_other() {
    let (pere, mere) = (PersonneId::derived(&["père"]), PersonneId::derived(&["mère"]));
    let contenu = json!({
        "personne": "élève",
        "responsables": [{ "responsable": mere, "niveau": 1 }, { "responsable": pere, "niveau": 2 }],
        "provenance": "tue",
    });
    let dit = |fiches: &[PersonneId]| {
        Voie::Enfant.extrait("annuaire.personne.responsabilites_etablies", &contenu, fiches)
    };
    let sienne = json!({ "personne": "élève", "responsables": [{ "responsable": pere, "niveau": 2 }] });
    assert_eq!(dit(&[pere]), Some(sienne));
    assert_eq!(dit(&[PersonneId::derived(&["oncle"])]), None);
}

#[test]
fn an_event_is_extracted_only_the_way_by_which_it_is_found() {
    let auteur = PersonneId::derived(&["auteur"]);
    let contenu = json!({ "auteur": auteur, "version": 1, "contenu": { "titre": "Sortie" } });
    let dit = |voie: Voie| voie.extrait("publications.publication.modifiee", &contenu, &[auteur]);
    assert_eq!(dit(Voie::Acte), Some(json!({ "version": 1, "contenu": { "titre": "Sortie" } })));
    assert_eq!(dit(Voie::Enfant), None);
    assert!(Voie::Acte.evenements().contains(&"publications.publication.modifiee"));
}
