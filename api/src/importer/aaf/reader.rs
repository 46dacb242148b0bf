//! Reads one file of a feed, entry by entry.
//!
//! Memory is bounded by the limits of one entry whatever the file, and nothing outside the file is
//! ever opened. A faulty entry is a [`Rejet`] and the next one is read; a file that is not XML, not
//! of its encoding, or that uses entities (XXE, « billion laughs ») ends with one fatal [`Rejet`]
//! after the entries that stand before the fault.

use super::entree::{Categorie, Entree};
use super::requete::{PROFONDEUR_MAX, Requete};
use super::typage::typer;
use crate::importer::fichier::Source;
use crate::importer::fichier::xml::{expliquer, lignes_blanches, mal_forme, resoudre, verifier};
use crate::importer::fichier::{Defaut, MotifRejet, Rejet};
use domain::annuaire::NatureDeLivraison;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::io::Read;
use std::sync::Arc;

const RACINE: &str = "ficAlimMENESR";
/// Longest identifier that is repeated in a report.
const IDENTIFIANT_MAX: usize = 64;

/// Where the file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Etape {
    /// Before anything but a byte order mark.
    Debut,
    /// Before the root.
    Prologue { doctype: bool },
    /// In the root.
    Corps,
    /// After the root.
    Epilogue,
    /// Nothing more will be said.
    Fin,
}

/// An iterator over the entries of one file.
pub struct AafReader<R: Read> {
    fichier: Arc<str>,
    attendue: Option<Categorie>,
    nature: NatureDeLivraison,
    xml: Reader<Source<R>>,
    tampon: Vec<u8>,
    etape: Etape,
    profondeur: usize,
    requete: Option<Requete>,
    debut_de_requete: u64,
    ligne: u64,
}

impl<R: Read> AafReader<R> {
    /// Reads `source`, named `fichier` in refusals.
    pub fn new(fichier: &str, source: R) -> Self {
        let mut xml = Reader::from_reader(Source::new(source));
        xml.config_mut().check_end_names = true;
        Self {
            fichier: fichier.into(),
            attendue: None,
            nature: NatureDeLivraison::Complete,
            xml,
            tampon: Vec::new(),
            etape: Etape::Debut,
            profondeur: 0,
            requete: None,
            debut_de_requete: 0,
            ligne: 1,
        }
    }

    /// Refuses entries of another category.
    pub fn attendre(mut self, categorie: Categorie) -> Self {
        self.attendue = Some(categorie);
        self
    }

    /// Reads a file of a feed of that nature: a complete one modifies and deletes nothing.
    pub fn de_nature(mut self, nature: NatureDeLivraison) -> Self {
        self.nature = nature;
        self
    }

    /// Bytes read so far.
    pub fn octets_lus(&self) -> u64 {
        self.xml.get_ref().octets()
    }

    /// Line where the last entry given starts.
    pub fn ligne(&self) -> u64 {
        self.ligne
    }

    /// Reads one piece of XML, and what it completes.
    fn avancer(&mut self) -> Result<Option<Result<Entree, Rejet>>, Rejet> {
        let mut tampon = std::mem::take(&mut self.tampon);
        tampon.clear();
        self.xml.get_mut().debuter_element();
        let ligne = self.xml.get_ref().ligne();
        let debut = self.xml.get_ref().position();
        let suite = match self.xml.read_event_into(&mut tampon) {
            Ok(evenement) => self
                .traiter(&evenement, debut, ligne)
                .map_err(|motif| (ligne + lignes_blanches(&evenement), motif)),
            Err(erreur) => Err(expliquer(self.xml.get_ref(), &erreur, ligne)),
        };
        self.tampon = tampon;
        suite.map_err(|(ligne, motif)| self.rejeter(ligne, None, motif.into()))
    }

    fn traiter(
        &mut self,
        evenement: &Event<'_>,
        debut: u64,
        ligne: u64,
    ) -> Result<Option<Result<Entree, Rejet>>, MotifRejet> {
        let position = self.xml.get_ref().position();
        if let Some(requete) = &mut self.requete {
            requete.mesurer(position - self.debut_de_requete);
        }
        match evenement {
            Event::Start(balise) => self.ouvrir(balise, debut, ligne)?,
            Event::Empty(balise) => {
                self.ouvrir(balise, debut, ligne)?;
                return Ok(self.fermer());
            }
            Event::End(_) => return Ok(self.fermer()),
            Event::Text(texte) => self.texte(&texte.xml10_content())?,
            Event::CData(texte) => self.texte(&texte.xml10_content())?,
            Event::GeneralRef(reference) => self.texte(resoudre(reference)?.encode_utf8(&mut [0; 4]))?,
            Event::Decl(_) if self.etape == Etape::Debut => {}
            Event::Decl(_) => return Err(mal_forme("déclaration XML déplacée")),
            Event::DocType(declaration) => self.doctype(declaration)?,
            Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => self.finir()?,
        }
        if self.etape == Etape::Debut {
            self.etape = Etape::Prologue { doctype: false };
        }
        Ok(None)
    }

    fn ouvrir(&mut self, balise: &BytesStart<'_>, debut: u64, ligne: u64) -> Result<(), MotifRejet> {
        let nom = balise.name();
        let lire = |nom| balise.try_get_attribute(nom).map_err(|_| mal_forme("attribut mal écrit"));
        let (attribut, operation) = (lire("name")?, lire("operation")?);
        if balise.attributes_raw().contains('&') {
            return Err(MotifRejet::EntiteRefusee);
        }
        match self.etape {
            Etape::Debut | Etape::Prologue { .. } if nom.as_ref() == RACINE => self.etape = Etape::Corps,
            Etape::Debut | Etape::Prologue { .. } => {
                return Err(MotifRejet::RacineInattendue { attendue: RACINE });
            }
            Etape::Epilogue | Etape::Fin => return Err(mal_forme("deux racines")),
            Etape::Corps if self.profondeur >= PROFONDEUR_MAX => {
                return Err(MotifRejet::TropProfond { max: PROFONDEUR_MAX });
            }
            Etape::Corps => match &mut self.requete {
                Some(requete) => {
                    let attribut = attribut.as_ref().map(|a| a.value.as_ref());
                    let operation = operation.as_ref().map(|a| a.value.as_ref());
                    requete.ouvrir(nom.as_ref(), attribut, operation);
                }
                None => {
                    self.debut_de_requete = debut;
                    self.requete = Some(Requete::nouvelle(nom.as_ref(), ligne, self.nature));
                }
            },
        }
        self.profondeur += 1;
        Ok(())
    }

    /// A tag closes; at the second level it completes an entry.
    fn fermer(&mut self) -> Option<Result<Entree, Rejet>> {
        self.profondeur = self.profondeur.saturating_sub(1);
        match self.profondeur {
            0 => self.etape = Etape::Epilogue,
            1 => return self.requete.take().map(|requete| self.conclure(requete)),
            _ => {
                if let Some(requete) = &mut self.requete {
                    requete.fermer();
                }
            }
        }
        None
    }

    fn conclure(&mut self, mut requete: Requete) -> Result<Entree, Rejet> {
        self.ligne = requete.ligne;
        let typee = match requete.defaut.take() {
            Some(defaut) => Err(defaut),
            None => typer(&requete, self.attendue),
        };
        typee.map_err(|defaut| {
            let identifiant: String = requete.identifiant.chars().take(IDENTIFIANT_MAX).collect();
            self.rejeter(requete.ligne, Some(identifiant).filter(|texte| !texte.is_empty()), defaut)
        })
    }

    fn texte(&mut self, texte: &str) -> Result<(), MotifRejet> {
        verifier(texte)?;
        match &mut self.requete {
            Some(requete) => requete.ajouter(texte),
            None if texte.trim().is_empty() => {}
            None => return Err(mal_forme("texte hors d'une entrée")),
        }
        Ok(())
    }

    /// Admits `ficAlimMENESR SYSTEM "ficAlimMENESR.dtd"`, once, before the root; never opens it.
    fn doctype(&mut self, declaration: &str) -> Result<(), MotifRejet> {
        let mut mots = declaration.split_ascii_whitespace();
        let mots = (mots.next(), mots.next(), mots.next(), mots.next());
        let systeme = Some("\"ficAlimMENESR.dtd\"");
        let systeme_simple = Some("'ficAlimMENESR.dtd'");
        let admis = mots == (Some(RACINE), Some("SYSTEM"), systeme, None)
            || mots == (Some(RACINE), Some("SYSTEM"), systeme_simple, None);
        match self.etape {
            Etape::Debut | Etape::Prologue { doctype: false } if admis => {
                self.etape = Etape::Prologue { doctype: true };
                Ok(())
            }
            _ => Err(MotifRejet::DoctypeRefuse),
        }
    }

    fn finir(&mut self) -> Result<(), MotifRejet> {
        let etape = std::mem::replace(&mut self.etape, Etape::Fin);
        match etape {
            Etape::Epilogue | Etape::Fin => Ok(()),
            Etape::Corps => Err(MotifRejet::FichierTronque),
            Etape::Debut | Etape::Prologue { .. } => Err(MotifRejet::FichierVide),
        }
    }

    fn rejeter(&self, ligne: u64, identifiant: Option<String>, defaut: Defaut) -> Rejet {
        let Defaut { attribut, motif } = defaut;
        Rejet { fichier: self.fichier.clone(), ligne, identifiant, attribut, motif }
    }
}

impl<R: Read> Iterator for AafReader<R> {
    type Item = Result<Entree, Rejet>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.etape != Etape::Fin {
            match self.avancer() {
                Ok(None) => {}
                Ok(entree) => return entree,
                Err(fatal) => {
                    self.etape = Etape::Fin;
                    self.ligne = fatal.ligne;
                    return Some(Err(fatal));
                }
            }
        }
        None
    }
}

impl<R: Read> std::iter::FusedIterator for AafReader<R> {}
