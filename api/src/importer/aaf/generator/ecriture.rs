//! The files of a generated feed: one run of numbered files per category, each of at most
//! [`ENTREES_PAR_FICHIER`] entries as real deliveries have.

use super::Encodage;
use crate::importer::aaf::{Categorie, attribut};
use chrono::NaiveDate;
use encoding_rs::ISO_8859_15;
use quick_xml::escape::escape;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

pub(super) const ENTREES_PAR_FICHIER: u64 = 10_000;

/// Attributes of an entry.
pub(super) type Attributs<'a> = &'a [(&'static str, Vec<String>)];

/// One attribute of one value.
pub(super) fn un(attribut: &'static str, valeur: impl Into<String>) -> (&'static str, Vec<String>) {
    (attribut, vec![valeur.into()])
}

/// The open files.
pub(super) struct Ecriture {
    dossier: PathBuf,
    date: NaiveDate,
    encodage: Encodage,
    courants: BTreeMap<Categorie, Courant>,
    octets: u64,
}

struct Courant {
    sortie: BufWriter<File>,
    entrees: u64,
}

impl Ecriture {
    pub(super) fn dans(dossier: &Path, date: NaiveDate, encodage: Encodage) -> io::Result<Self> {
        std::fs::create_dir_all(dossier)?;
        Ok(Self { dossier: dossier.to_owned(), date, encodage, courants: BTreeMap::new(), octets: 0 })
    }

    /// Writes one entry. An attribute without value is written empty, as real feeds do.
    pub(super) fn entree(
        &mut self,
        categorie: Categorie,
        identifiant: &str,
        attributs: Attributs<'_>,
    ) -> io::Result<()> {
        let nature = match categorie {
            Categorie::EtabEducNat => "categorieStructure",
            Categorie::MefEducNat => "categorieMef",
            Categorie::MatiereEducNat => "categorieMatiere",
            Categorie::PersRelEleve | Categorie::PersEducNat | Categorie::Eleve => "categoriePersonne",
        };
        let mut texte = format!(
            "<addRequest>\n<operationalAttributes><attr name=\"{nature}\"><value>{}</value></attr>\
             </operationalAttributes>\n<identifier><id>{identifiant}</id></identifier>\n<attributes>\n",
            categorie.nom(),
        );
        for (nom, valeurs) in attributs {
            let _ = write!(texte, "<attr name=\"{nom}\">");
            for valeur in valeurs {
                let _ = write!(texte, "<value>{}</value>", escape(valeur.as_str()));
            }
            texte.push_str(if valeurs.is_empty() { "<value/></attr>\n" } else { "</attr>\n" });
        }
        texte.push_str("</attributes>\n</addRequest>\n");
        self.ecrire(categorie, &texte)
    }

    /// Ends every file; gives the bytes written.
    pub(super) fn finir(mut self) -> io::Result<u64> {
        for (_, courant) in std::mem::take(&mut self.courants) {
            self.octets += terminer(courant)?;
        }
        Ok(self.octets)
    }

    fn ecrire(&mut self, categorie: Categorie, texte: &str) -> io::Result<()> {
        let entrees = self.courants.get(&categorie).map_or(0, |courant| courant.entrees);
        if entrees.is_multiple_of(ENTREES_PAR_FICHIER) {
            if let Some(plein) = self.courants.remove(&categorie) {
                self.octets += terminer(plein)?;
            }
            let sortie = self.ouvrir(categorie, entrees / ENTREES_PAR_FICHIER)?;
            self.courants.insert(categorie, Courant { sortie, entrees });
        }
        let octets = encoder(texte, self.encodage);
        if let Some(courant) = self.courants.get_mut(&categorie) {
            courant.entrees += 1;
            courant.sortie.write_all(&octets)?;
        }
        Ok(())
    }

    /// Never writes over a file that is there.
    fn ouvrir(&self, categorie: Categorie, numero: u64) -> io::Result<BufWriter<File>> {
        let date = self.date.format("%Y%m%d");
        let nom = format!("ENT2D-ESSAI_Complet_{date}_{}_{numero:04}.xml", categorie.nom());
        let mut sortie = BufWriter::new(File::create_new(self.dossier.join(nom))?);
        writeln!(sortie, "<?xml version=\"1.0\" encoding=\"{}\"?>", self.encodage.nom())?;
        writeln!(sortie, "<!DOCTYPE ficAlimMENESR SYSTEM \"ficAlimMENESR.dtd\">\n<ficAlimMENESR>")?;
        Ok(sortie)
    }
}

fn terminer(mut courant: Courant) -> io::Result<u64> {
    courant.sortie.write_all(b"</ficAlimMENESR>\n")?;
    courant.sortie.flush()?;
    Ok(courant.sortie.get_ref().metadata()?.len())
}

/// A character that ISO-8859-15 lacks becomes a numeric reference.
fn encoder(texte: &str, encodage: Encodage) -> std::borrow::Cow<'_, [u8]> {
    match encodage {
        Encodage::Utf8 => texte.as_bytes().into(),
        Encodage::Iso8859_15 => ISO_8859_15.encode(texte).0,
    }
}

/// Attributes of civil status, for whoever has one.
pub(super) fn etat_civil(
    jointure: &str,
    noms: &super::tirage::Noms,
    naissance: Option<NaiveDate>,
) -> Vec<(&'static str, Vec<String>)> {
    let naissance = naissance.map(|jour| jour.format("%d/%m/%Y").to_string());
    vec![
        un(attribut::PERSONNE_JOINTURE, jointure),
        (attribut::DATE_DE_NAISSANCE, naissance.into_iter().collect()),
        un(attribut::NOM_DE_NAISSANCE, noms.naissance),
        un(attribut::NOM, noms.usage.as_str()),
        un(attribut::PRENOM, noms.prenom),
        un(attribut::CIVILITE, if noms.feminin { "Mme" } else { "M." }),
    ]
}
