//! A delivery of each source, of some hundred invented people.

use anyhow::{Context, Result};
use api::importer::aaf::generator::{Academie, Encodage, EtablissementPrevu, Nature, Plan, generate, uai};
use std::fs;
use std::path::{Path, PathBuf};

/// What is imported.
#[derive(Debug, Clone, Copy)]
pub enum Source {
    /// The *annuaire académique fédérateur*, all that it knows.
    AafComplet,
    /// The same, what has changed.
    AafDelta,
    /// The pupils of an établissement and their families.
    Siecle,
    /// Its teachers and what they teach.
    Sts,
    /// Whom it names itself.
    Csv,
}

/// Arguments of `ent importer`.
pub struct Livraison {
    /// For what is to be known before.
    pub base: Option<Vec<String>>,
    /// For the delivery.
    pub arguments: Vec<String>,
}

/// People of a delivery, of each kind.
const PERSONNES: usize = 150;

impl Source {
    /// Writes the files of its delivery into a folder.
    pub fn livraison(self, folder: &Path) -> Result<Livraison> {
        let base = folder.join("base");
        let divisions = if matches!(self, Self::AafComplet) { 12 } else { 2 };
        generate(&base, &plan(divisions)?)?;
        let aaf = |path: &Path| -> Result<Vec<String>> { Ok(vec!["aaf".to_owned(), text(path)?]) };
        let delivery = folder.join("livraison");
        fs::create_dir(&delivery)?;
        let college = uai(1, 9_000);
        let du = || ["--du".to_owned(), "2026-09-15".to_owned()];
        let arguments = match self {
            Self::AafComplet => return Ok(Livraison { base: None, arguments: aaf(&base)? }),
            Self::AafDelta => {
                delta(&base, &delivery)?;
                aaf(&delivery)?
            }
            Self::Siecle => {
                fs::write(delivery.join("eleves.xml"), eleves(&college))?;
                fs::write(delivery.join("responsables.xml"), responsables(&college))?;
                vec!["siecle".to_owned(), text(&delivery)?]
            }
            Self::Sts => {
                fs::write(delivery.join("sts_emp.xml"), sts(&college))?;
                ["sts".to_owned(), text(&delivery)?].into_iter().chain(du()).collect()
            }
            Self::Csv => {
                let file = delivery.join("personnes.csv");
                fs::write(&file, csv())?;
                let whose = ["csv".to_owned(), text(&file)?, "--uai".to_owned(), college];
                whose.into_iter().chain(du()).collect()
            }
        };
        Ok(Livraison { base: Some(aaf(&base)?), arguments })
    }
}

fn text(path: &Path) -> Result<String> {
    Ok(path.to_str().context("a path that is no text")?.to_owned())
}

fn plan(divisions: usize) -> Result<Plan> {
    Ok(Plan {
        seed: 7,
        academie: Academie::Lyon,
        date: "2026-09-14".parse()?,
        etablissements: vec![EtablissementPrevu { nature: Nature::College, divisions }],
        eleves_par_division: 12,
        encodage: Encodage::Utf8,
    })
}

/// The values of an attribute in the only file of a category.
fn values(feed: &Path, categorie: &str, attribut: &str) -> Result<Vec<String>> {
    let files: Vec<PathBuf> =
        fs::read_dir(feed)?.map(|file| Ok(file?.path())).collect::<std::io::Result<_>>()?;
    let file = files.iter().find(|path| path.to_string_lossy().contains(categorie));
    let written = fs::read_to_string(file.with_context(|| format!("no file {categorie}"))?)?;
    let from = format!("<attr name=\"{attribut}\"><value>");
    let values = written.split(&from).skip(1).filter_map(|rest| rest.split("</value>").next());
    Ok(values.map(str::to_owned).collect())
}

fn entry(operation: &str, categorie: &str, id: &str, body: &str) -> String {
    format!(
        "<{operation}><operationalAttributes><attr name=\"categoriePersonne\"><value>{categorie}</value>\
         </attr></operationalAttributes><identifier><id>{id}</id></identifier>{body}</{operation}>\n"
    )
}

fn attribute(name: &str, value: &str) -> String {
    format!("<attr name=\"{name}\"><value>{value}</value></attr>")
}

/// Pupils who come, whose names change, and a member of the staff who goes.
fn delta(base: &Path, into: &Path) -> Result<()> {
    let first = |categorie, attribut| -> Result<String> {
        values(base, categorie, attribut)?.into_iter().next().with_context(|| format!("no {attribut}"))
    };
    let (ou, division) = (first("_Eleve_", "ENTPersonStructRattach")?, first("_Eleve_", "ENTEleveClasses")?);
    let adulte = first("_PersRelEleve_", "ENTPersonJointure")?;
    let mut eleves = String::new();
    for (rang, cle) in values(base, "_Eleve_", "ENTPersonJointure")?.iter().enumerate() {
        let body = format!(
            "<modifications><modification name=\"givenName\" operation=\"replace\">\
             <value>Camille {rang}</value></modification></modifications>"
        );
        eleves += &entry("modifyRequest", "Eleve", cle, &body);
    }
    for rang in 0..PERSONNES {
        let cle = format!("neuf{rang}");
        let attributes = attribute("ENTPersonJointure", &cle)
            + &attribute("sn", "NEUF")
            + &attribute("givenName", &format!("Alix {rang}"))
            + &attribute("ENTPersonDateNaissance", "01/02/2014")
            + &attribute("ENTPersonStructRattach", &ou)
            + &attribute("ENTEleveClasses", &division)
            + &attribute("ENTElevePersRelEleve", &format!("{adulte}$10$1$1$1$0"));
        eleves += &entry("addRequest", "Eleve", &cle, &format!("<attributes>{attributes}</attributes>"));
    }
    let parti = first("_PersEducNat_", "ENTPersonJointure")?;
    let personnels = entry("deleteRequest", "PersEducNat", &parti, "");
    for (categorie, entries) in [("Eleve", eleves), ("PersEducNat", personnels)] {
        let written = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ficAlimMENESR>\n{entries}</ficAlimMENESR>\n"
        );
        fs::write(into.join(format!("ENT_Delta_20260915_{categorie}_0000.xml")), written)?;
    }
    Ok(())
}

/// One text for each person.
fn each(write: impl Fn(usize) -> String) -> String {
    (1..=PERSONNES).map(write).collect()
}

fn parametres(uai: &str) -> String {
    format!("<PARAMETRES><UAJ>{uai}</UAJ><DATE_EXPORT>15/09/2026</DATE_EXPORT></PARAMETRES>")
}

fn eleves(uai: &str) -> String {
    let eleves = each(|rang| {
        format!(
            "<ELEVE ELEVE_ID=\"{rang}\"><NOM_DE_FAMILLE>FICTIF</NOM_DE_FAMILLE><PRENOM>Alix {rang}</PRENOM>\
             <DATE_NAISS>01/02/2014</DATE_NAISS><CODE_MEF>10010012110</CODE_MEF></ELEVE>\n"
        )
    });
    let places = each(|rang| {
        format!(
            "<STRUCTURES_ELEVE ELEVE_ID=\"{rang}\"><STRUCTURE><CODE_STRUCTURE>6 Z</CODE_STRUCTURE>\
             <TYPE_STRUCTURE>D</TYPE_STRUCTURE></STRUCTURE></STRUCTURES_ELEVE>\n"
        )
    });
    let parametres = parametres(uai);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<BEE_ELEVES VERSION=\"3.0\">{parametres}<DONNEES>\n\
         <ELEVES>{eleves}</ELEVES><STRUCTURES>{places}</STRUCTURES></DONNEES></BEE_ELEVES>\n"
    )
}

fn responsables(uai: &str) -> String {
    let adultes = each(|rang| {
        format!(
            "<PERSONNE PERSONNE_ID=\"{rang}\"><NOM_DE_FAMILLE>FICTIF</NOM_DE_FAMILLE>\
             <PRENOM>Dominique {rang}</PRENOM></PERSONNE>\n"
        )
    });
    let liens = each(|rang| {
        format!(
            "<RESPONSABLE_ELEVE><ELEVE_ID>{rang}</ELEVE_ID><PERSONNE_ID>{rang}</PERSONNE_ID>\
             <NIVEAU_RESPONSABILITE>1</NIVEAU_RESPONSABILITE><CODE_PARENTE>10</CODE_PARENTE>\
             </RESPONSABLE_ELEVE>\n"
        )
    });
    let parametres = parametres(uai);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<BEE_RESPONSABLES VERSION=\"2.1\">{parametres}\n\
         <DONNEES><PERSONNES>{adultes}</PERSONNES><RESPONSABLES>{liens}</RESPONSABLES></DONNEES>\n\
         </BEE_RESPONSABLES>\n"
    )
}

/// Each teacher has a matière of the division alone.
fn sts(uai: &str) -> String {
    let matieres = each(|rang| {
        format!("<MATIERE CODE=\"{rang:06}\"><LIBELLE_EDITION>Matière {rang}</LIBELLE_EDITION></MATIERE>\n")
    });
    let individus = each(|rang| {
        format!(
            "<INDIVIDU ID=\"{rang}\" TYPE=\"epp\"><NOM_USAGE>FICTIF</NOM_USAGE><PRENOM>Jeanne {rang}</PRENOM>\
             <DATE_NAISSANCE>1975-02-27</DATE_NAISSANCE><FONCTION>ENS</FONCTION></INDIVIDU>\n"
        )
    });
    let donnes = each(|rang| {
        format!(
            "<SERVICE CODE_MATIERE=\"{rang:06}\"><ENSEIGNANTS><ENSEIGNANT ID=\"{rang}\"/></ENSEIGNANTS>\
             </SERVICE>\n"
        )
    });
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<STS_EDT><PARAMETRES><UAJ CODE=\"{uai}\"><ACADEMIE>\
         <LIBELLE>LYON</LIBELLE></ACADEMIE><DENOM_COMPL>DES TILLEULS</DENOM_COMPL>\
         <CODE_CATEGORIE>CLG</CODE_CATEGORIE><COMMUNE>LYON</COMMUNE></UAJ></PARAMETRES>\
         <NOMENCLATURES><MATIERES>{matieres}</MATIERES></NOMENCLATURES><DONNEES>\
         <INDIVIDUS>{individus}</INDIVIDUS><STRUCTURE><DIVISIONS><DIVISION CODE=\"6Z\">\
         <LIBELLE_LONG>6EME Z</LIBELLE_LONG><SERVICES>{donnes}</SERVICES></DIVISION></DIVISIONS>\
         </STRUCTURE></DONNEES></STS_EDT>"
    )
}

fn csv() -> String {
    let head = "identifiant;profil;nom;prenom;naissance;eleve;lien;niveau;destinataire\n".to_owned();
    head + &each(|rang| {
        format!(
            "e{rang};eleve;Fictif;Alix {rang};29/02/2012;;;;\n\
             r{rang};responsable;Fictif;Dominique {rang};;e{rang};mere;legal;oui\n"
        )
    })
}
