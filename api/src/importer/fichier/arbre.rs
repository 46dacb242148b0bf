//! Reads one XML file of records: the tags at given paths are given one after the other, each
//! with all that it holds, and the rest is passed over.
//!
//! Memory is bounded by the limits of one record, nothing outside the file is ever opened, and
//! neither DOCTYPE nor entities of a file's own are admitted: what these readers read has none.

use super::noeud::Noeud;
use super::xml::{expliquer, lignes_blanches, mal_forme, resoudre, valeur, verifier};
use super::{Defaut, MotifRejet, Rejet, Source};
use quick_xml::Reader;
use quick_xml::events::attributes::{AttrError, Attribute};
use quick_xml::events::{BytesStart, Event};
use std::io::Read;
use std::sync::Arc;

/// Most nested tags.
pub const PROFONDEUR_MAX: usize = 24;
/// Most tags of one record: a division of STS has its teachings, some hundreds.
pub const NOEUDS_MAX: usize = 20_000;
/// Most bytes of text of one record.
pub const TEXTE_MAX: usize = 1024 * 1024;

/// What a file may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forme {
    /// Name of its root.
    pub racine: &'static str,
    /// Paths of its records, under the root.
    pub releves: &'static [&'static str],
}

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Releve {
    /// Root of its file.
    pub racine: &'static str,
    /// Its path.
    pub chemin: &'static str,
    /// What it holds.
    pub noeud: Noeud,
}

/// An iterator over the records of one file.
pub struct LecteurDeReleves<R: Read> {
    fichier: Arc<str>,
    formes: &'static [Forme],
    forme: Option<Forme>,
    racine: Noeud,
    xml: Reader<Source<R>>,
    tampon: Vec<u8>,
    chemin: Vec<String>,
    /// The tags that are open of the record under construction, its own first.
    ouverts: Vec<Noeud>,
    releve: Option<&'static str>,
    noeuds: usize,
    octets: usize,
    commence: bool,
    fini: bool,
}

impl<R: Read> LecteurDeReleves<R> {
    /// Reads `source`, named `fichier` in refusals, which is one of these forms.
    pub fn new(fichier: &str, source: R, formes: &'static [Forme]) -> Self {
        let mut xml = Reader::from_reader(Source::new(source));
        xml.config_mut().check_end_names = true;
        Self {
            fichier: fichier.into(),
            formes,
            forme: None,
            racine: Noeud::default(),
            xml,
            tampon: Vec::new(),
            chemin: Vec::new(),
            ouverts: Vec::new(),
            releve: None,
            noeuds: 0,
            octets: 0,
            commence: false,
            fini: false,
        }
    }

    /// Name of the file.
    pub fn fichier(&self) -> &Arc<str> {
        &self.fichier
    }

    /// An attribute of the file's root, once that was read.
    pub fn attribut_de_racine(&self, nom: &str) -> Option<&str> {
        self.racine.attribut(nom)
    }

    fn avancer(&mut self) -> Result<Option<Releve>, Rejet> {
        let mut tampon = std::mem::take(&mut self.tampon);
        tampon.clear();
        self.xml.get_mut().debuter_element();
        let ligne = self.xml.get_ref().ligne();
        let suite = match self.xml.read_event_into(&mut tampon) {
            Ok(evenement) => {
                self.traiter(&evenement, ligne).map_err(|motif| (ligne + lignes_blanches(&evenement), motif))
            }
            Err(erreur) => Err(expliquer(self.xml.get_ref(), &erreur, ligne)),
        };
        self.tampon = tampon;
        suite.map_err(|(ligne, motif)| rejet(&self.fichier, ligne, None, motif.into()))
    }

    fn traiter(&mut self, evenement: &Event<'_>, ligne: u64) -> Result<Option<Releve>, MotifRejet> {
        match evenement {
            Event::Start(balise) => self.ouvrir(balise, ligne)?,
            Event::Empty(balise) => {
                self.ouvrir(balise, ligne)?;
                return Ok(self.fermer());
            }
            Event::End(_) => return Ok(self.fermer()),
            Event::Text(texte) => self.texte(&texte.xml10_content())?,
            Event::CData(texte) => self.texte(&texte.xml10_content())?,
            Event::GeneralRef(reference) => self.texte(resoudre(reference)?.encode_utf8(&mut [0; 4]))?,
            Event::Decl(_) if !self.commence => {}
            Event::Decl(_) => return Err(mal_forme("déclaration XML déplacée")),
            Event::DocType(_) => return Err(MotifRejet::DoctypeRefuse),
            Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => self.finir()?,
        }
        self.commence = true;
        Ok(None)
    }

    fn ouvrir(&mut self, balise: &BytesStart<'_>, ligne: u64) -> Result<(), MotifRejet> {
        if balise.attributes_raw().contains('&') {
            for attribut in balise.attributes() {
                valeur(&lisible(attribut)?.value)?;
            }
        }
        let nom = balise.name().as_ref().to_owned();
        match self.forme {
            None => {
                let forme = self.formes.iter().find(|forme| forme.racine == nom);
                let attendue = self.formes.first().map_or("", |forme| forme.racine);
                self.forme = Some(*forme.ok_or(MotifRejet::RacineInattendue { attendue })?);
                self.racine = self.noeud(nom.clone(), balise, ligne)?;
                self.chemin.push(nom);
                return Ok(());
            }
            Some(_) if self.chemin.is_empty() => return Err(mal_forme("deux racines")),
            Some(_) if self.chemin.len() >= PROFONDEUR_MAX => {
                return Err(MotifRejet::TropProfond { max: PROFONDEUR_MAX });
            }
            Some(forme) => {
                self.chemin.push(nom.clone());
                if self.releve.is_none() {
                    self.releve = forme.releves.iter().copied().find(|chemin| self.est_a(chemin));
                    (self.noeuds, self.octets) = (0, 0);
                }
            }
        }
        if self.releve.is_some() {
            let noeud = self.noeud(nom, balise, ligne)?;
            self.ouverts.push(noeud);
        }
        Ok(())
    }

    /// A tag with its attributes, which count.
    fn noeud(&mut self, nom: String, balise: &BytesStart<'_>, ligne: u64) -> Result<Noeud, MotifRejet> {
        self.compter(1, 0)?;
        let mut noeud = Noeud { nom, ligne, ..Noeud::default() };
        for attribut in balise.attributes() {
            let attribut = lisible(attribut)?;
            let dite = valeur(&attribut.value)?;
            self.compter(0, dite.len())?;
            noeud.attributs.push((attribut.key.as_ref().to_owned(), dite.into_owned()));
        }
        Ok(noeud)
    }

    fn est_a(&self, chemin: &str) -> bool {
        chemin.split('/').eq(self.chemin.iter().skip(1).map(String::as_str))
    }

    fn compter(&mut self, noeuds: usize, octets: usize) -> Result<(), MotifRejet> {
        self.noeuds += noeuds;
        self.octets += octets;
        if self.noeuds > NOEUDS_MAX || self.octets > TEXTE_MAX {
            return Err(MotifRejet::ElementTropGrand { max: TEXTE_MAX as u64 });
        }
        Ok(())
    }

    /// A tag closes; the record's own completes it.
    fn fermer(&mut self) -> Option<Releve> {
        self.chemin.pop();
        let ferme = self.ouverts.pop()?;
        match self.ouverts.last_mut() {
            Some(parent) => {
                parent.enfants.push(ferme);
                None
            }
            None => {
                let (chemin, forme) = (self.releve.take()?, self.forme?);
                Some(Releve { racine: forme.racine, chemin, noeud: ferme })
            }
        }
    }

    fn texte(&mut self, texte: &str) -> Result<(), MotifRejet> {
        verifier(texte)?;
        if self.chemin.is_empty() && !texte.trim().is_empty() {
            return Err(mal_forme("texte hors de la racine"));
        }
        if !self.ouverts.is_empty() {
            self.compter(0, texte.len())?;
        }
        if let Some(noeud) = self.ouverts.last_mut() {
            noeud.texte.push_str(texte);
        }
        Ok(())
    }

    fn finir(&mut self) -> Result<(), MotifRejet> {
        self.fini = true;
        match self.forme {
            None => Err(MotifRejet::FichierVide),
            Some(_) if !self.chemin.is_empty() => Err(MotifRejet::FichierTronque),
            Some(_) => Ok(()),
        }
    }
}

fn lisible(lu: Result<Attribute<'_>, AttrError>) -> Result<Attribute<'_>, MotifRejet> {
    lu.map_err(|_| mal_forme("attribut mal écrit"))
}

impl<R: Read> Iterator for LecteurDeReleves<R> {
    type Item = Result<Releve, Rejet>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.fini {
            match self.avancer() {
                Ok(None) => {}
                Ok(Some(releve)) => return Some(Ok(releve)),
                Err(fatal) => {
                    self.fini = true;
                    return Some(Err(fatal));
                }
            }
        }
        None
    }
}

impl<R: Read> std::iter::FusedIterator for LecteurDeReleves<R> {}

/// Longest identifier that is repeated in a report.
const IDENTIFIANT_MAX: usize = 64;

/// A refusal, with its place.
pub(in crate::importer) fn rejet(
    fichier: &Arc<str>,
    ligne: u64,
    identifiant: Option<&str>,
    defaut: Defaut,
) -> Rejet {
    let Defaut { attribut, motif } = defaut;
    let identifiant = identifiant.map(|texte| texte.chars().take(IDENTIFIANT_MAX).collect());
    Rejet { fichier: fichier.clone(), ligne, identifiant, attribut, motif }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMES: &[Forme] = &[Forme { racine: "R", releves: &["P", "D/E"] }];

    fn lire(texte: &str) -> Vec<Result<Releve, Rejet>> {
        LecteurDeReleves::new("f.xml", texte.as_bytes(), FORMES).collect()
    }

    fn code(texte: &str) -> &'static str {
        match lire(texte).pop() {
            Some(Err(rejet)) => rejet.motif.code(),
            autre => panic!("{autre:?}"),
        }
    }

    #[test]
    fn records_are_given_whole_and_the_rest_is_passed_over() {
        let lus = lire("<R><X><E>non</E></X>\n<P>1</P><D>\n<E ID=\"7\"><N> a &amp; b </N><N/></E></D></R>");
        let lus: Vec<_> = lus.into_iter().map(Result::unwrap).collect();
        let chemins: Vec<_> = lus.iter().map(|releve| (releve.chemin, releve.noeud.ligne)).collect();
        assert_eq!(chemins, [("P", 2), ("D/E", 3)]);
        let noeud = &lus[1].noeud;
        assert_eq!((noeud.attribut("ID"), noeud.texte("N")), (Some("7"), Some("a & b")));
        assert_eq!(noeud.enfants("N").count(), 2);
    }

    #[test]
    fn an_attribute_has_the_references_that_a_text_has() {
        let lus = lire("<R><X A=\"b &amp; c\"/><P A=\"L&apos;&#233;t&#xE9; &lt;&quot;&gt;\"/></R>");
        let [Ok(releve)] = lus.as_slice() else { panic!("{lus:?}") };
        assert_eq!(releve.noeud.attribut("A"), Some("L'été <\">"));
    }

    #[test]
    fn hostile_and_damaged_files_end_with_their_reason() {
        for (texte, attendu) in [
            ("", "FICHIER_VIDE"),
            ("<S/>", "FICHIER_RACINE_INATTENDUE"),
            ("<!DOCTYPE R SYSTEM \"file:///etc/passwd\"><R/>", "FICHIER_DOCTYPE_REFUSE"),
            ("<R><P>&lol;</P></R>", "FICHIER_ENTITE_REFUSEE"),
            ("<R><P A=\"&lol;\"/></R>", "FICHIER_ENTITE_REFUSEE"),
            ("<R><X A=\"&lol;\"/></R>", "FICHIER_ENTITE_REFUSEE"),
            ("<R><P A=\"&#1;\"/></R>", "FICHIER_CARACTERE_INTERDIT"),
            ("<R><P A=\"a & b\"/></R>", "FICHIER_XML_MAL_FORME"),
            ("<R><P>", "FICHIER_TRONQUE"),
            ("<R><P></D></R>", "FICHIER_XML_MAL_FORME"),
            ("<R/><R/>", "FICHIER_XML_MAL_FORME"),
            ("<?xml version=\"1.0\" encoding=\"EBCDIC\"?><R/>", "FICHIER_ENCODAGE_REFUSE"),
        ] {
            assert_eq!(code(texte), attendu, "{texte}");
        }
        let profond = format!("<R>{}", "<P>".repeat(PROFONDEUR_MAX + 1));
        assert_eq!(code(&profond), "FICHIER_TROP_PROFOND");
        let large = format!("<R><P>{}</P></R>", "<N/>".repeat(NOEUDS_MAX + 1));
        assert_eq!(code(&large), "FICHIER_ELEMENT_TROP_GRAND");
    }
}
