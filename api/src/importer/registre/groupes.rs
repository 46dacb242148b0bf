//! The groupes that a feed declares in an établissement, and in which of them it puts people.

use super::{Etablissement, Registre};
use crate::importer::aaf::GroupeDecl;
use crate::importer::groupe::{ecarter, nommer};
use crate::importer::motif::Motif;
use commands::annuaire::{AuditoireDecrit, GroupeDecrit, GroupesDits};
use domain::PersonneId;
use std::collections::{BTreeMap, BTreeSet};

impl Etablissement {
    /// Takes all the groupes of the établissement, in place of those of before; says what could not be
    /// taken of them.
    pub fn declarer_groupes(&mut self, lus: Vec<GroupeDecl>) -> Vec<Motif> {
        let (mut remarques, mut declares) = (Vec::new(), BTreeMap::new());
        for GroupeDecl { code, libelle, classes } in lus {
            if let Some(motif) = ecarter(&code) {
                remarques.push(motif);
                continue;
            }
            if declares.contains_key(&code) {
                remarques.push(Motif::GroupeEnDouble(code));
                continue;
            }
            let (libelle, sans_nom) = nommer(&code, libelle);
            remarques.extend(sans_nom);
            let (divisions, ailleurs): (BTreeSet<_>, BTreeSet<_>) =
                classes.into_iter().partition(|classe| self.divisions.contains_key(classe));
            remarques.extend(ailleurs.iter().map(|_| Motif::GroupeHorsDivision(code.clone())));
            declares.insert(code.clone(), GroupeDecrit { code, libelle, divisions });
        }
        self.codes_de_groupes = declares.keys().cloned().collect();
        self.groupes = Some(declares.into_values().collect());
        remarques
    }

    /// Whether it declares a groupe.
    pub fn declare_groupe(&self, code: &str) -> bool {
        self.codes_de_groupes.contains(code)
    }

    /// Takes an attribution of a teacher in a groupe, if there is such a groupe.
    pub fn prendre_attribution_au_groupe(
        &mut self,
        groupe: &str,
        matiere: &str,
        enseignant: PersonneId,
    ) -> bool {
        let declare = self.declare_groupe(groupe);
        if declare {
            let attribution = (AuditoireDecrit::Groupe(groupe.to_owned()), matiere.to_owned(), enseignant);
            self.enseignements.insert(attribution, false);
        }
        declare
    }
}

impl Registre {
    /// In which groupes a feed puts somebody, in each of the établissements where he or she is: of those
    /// that it names, by key of the établissement and code, those that the établissement declares.
    pub fn repartir<'a>(
        &self,
        lieux: &BTreeSet<&'a str>,
        nommes: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> (Vec<GroupesDits>, Vec<Motif>) {
        let connus = lieux.iter().filter_map(|lieu| {
            let connu = self.etablissements.get(*lieu)?.as_ref()?;
            Some((*lieu, (connu, BTreeSet::new())))
        });
        let mut dits: BTreeMap<&str, (&Etablissement, BTreeSet<String>)> = connus.collect();
        let mut remarques = Vec::new();
        for (lieu, code) in nommes {
            match dits.get_mut(lieu) {
                Some((connu, codes)) if connu.declare_groupe(code) => {
                    codes.insert(code.to_owned());
                }
                Some(_) => remarques.push(Motif::GroupeNonDeclare(code.to_owned())),
                None => remarques.push(Motif::GroupeAilleurs(code.to_owned())),
            }
        }
        let dits = dits.into_values().map(|(connu, codes)| GroupesDits { uai: connu.uai.clone(), codes });
        (dits.collect(), remarques)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::importer::aaf::{ClasseDecl, EtabEducNat};

    fn groupe(code: &str, libelle: Option<&str>, classes: &[&str]) -> GroupeDecl {
        let classes = classes.iter().map(|&classe| classe.to_owned()).collect();
        GroupeDecl { code: code.into(), libelle: libelle.map(str::to_owned), classes }
    }

    /// A feed with one établissement, `1`, that has one division and declares these.
    fn registre(groupes: Vec<GroupeDecl>) -> (Registre, Vec<&'static str>) {
        let mut registre = Registre::default();
        let lu = EtabEducNat {
            jointure: "1".into(),
            uai: "0690001B".into(),
            nom: "JEAN MOULIN".into(),
            nature: Some("COLLEGE".into()),
            academie: Some("LYON".into()),
            commune: Some("LYON".into()),
            classes: vec![ClasseDecl { code: "6A".into(), libelle: None, mefs: vec![] }],
            groupes,
        };
        let remarques = registre.prendre_etablissement(lu).unwrap();
        (registre, remarques.iter().map(Motif::code).collect())
    }

    #[test]
    fn a_groupe_is_taken_once_without_what_nobody_knows_and_named_by_its_code_at_worst() {
        let (mut registre, remarques) = registre(vec![
            groupe("6LAT", Some("Latin"), &["6A", "6Z"]),
            groupe("6GRE", None, &[]),
            groupe("6LAT", Some("Autre"), &["6A"]),
        ]);
        let attendues =
            ["IMPORT_GROUPE_HORS_DIVISION", "IMPORT_GROUPE_SANS_LIBELLE", "IMPORT_GROUPE_EN_DOUBLE"];
        assert_eq!(remarques, attendues);
        let decrit = |code: &str, libelle: &str, divisions: &[&str]| GroupeDecrit {
            code: code.into(),
            libelle: libelle.into(),
            divisions: divisions.iter().map(|&code| code.to_owned()).collect(),
        };
        let dits = [decrit("6GRE", "6GRE", &[]), decrit("6LAT", "Latin", &["6A"])];
        assert_eq!(registre.etablissement("1").unwrap().groupes.as_deref(), Some(dits.as_slice()));
    }

    #[test]
    fn groupes_that_name_each_other_or_themselves_are_taken_with_none_within() {
        let (mut registre, remarques) = registre(vec![
            groupe("6LAT", Some("Latin"), &["6A", "6GRE"]),
            groupe("6GRE", Some("Grec"), &["6LAT", "6GRE"]),
        ]);
        assert_eq!(remarques, ["IMPORT_GROUPE_HORS_DIVISION"; 3]);
        let connu = registre.etablissement("1").unwrap();
        let dits: Vec<_> = connu.groupes.iter().flatten().map(|groupe| groupe.divisions.len()).collect();
        assert_eq!(dits, [0, 1], "the division alone stays");
    }

    #[test]
    fn a_groupe_that_the_directory_cannot_have_is_set_aside_and_the_etablissement_is_taken() {
        let trop = "G".repeat(201);
        let (mut registre, remarques) = registre(vec![
            groupe(&trop, Some("Latin"), &["6A"]),
            groupe("6GRE", Some(&trop), &["6A"]),
            groupe("6LAT", Some("Latin"), &[]),
        ]);
        assert_eq!(remarques, ["IMPORT_GROUPE_INADMISSIBLE", "IMPORT_GROUPE_MAL_NOMME"]);
        let connu = registre.etablissement("1").unwrap();
        let dits: Vec<_> = connu.groupes.iter().flatten().map(|groupe| groupe.libelle.as_str()).collect();
        assert_eq!(dits, ["6GRE", "Latin"]);
        assert_eq!(connu.codes_de_groupes, BTreeSet::from(["6GRE".to_owned(), "6LAT".to_owned()]));
    }

    #[test]
    fn somebody_is_in_the_declared_groupes_of_where_he_is_and_in_no_other() {
        let (registre, _) = registre(vec![groupe("6LAT", Some("Latin"), &[])]);
        let ici = BTreeSet::from(["1"]);
        let (dits, remarques) = registre.repartir(&ici, [("1", "6LAT"), ("1", "6GRE"), ("2", "6LAT")]);
        assert_eq!(dits.len(), 1);
        assert_eq!(dits[0].codes, BTreeSet::from(["6LAT".to_owned()]));
        let codes: Vec<_> = remarques.iter().map(Motif::code).collect();
        assert_eq!(codes, ["IMPORT_GROUPE_NON_DECLARE", "IMPORT_GROUPE_AILLEURS"]);
        // Who is in none is said to be in none.
        let (dits, _) = registre.repartir(&ici, []);
        assert!(dits[0].codes.is_empty());
    }
}
