//! Reads a feed twice on threads of its own: once to see that no file is damaged, for a feed
//! that is not whole must store nothing; then entry by entry.

use super::aaf::{Categorie, Entree, Livraison, Rejet};
use super::{Avancement, Etape, Suivi};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};

/// Entries handed over together.
const PAQUET: usize = 64;
/// Packets read ahead.
const AVANCE: usize = 4;
/// Files of which it is seen at a time whether they are damaged.
const ENSEMBLE: usize = 4;

/// An entry, or why it is refused, and where.
#[derive(Debug)]
pub struct Lu {
    /// Category of its file.
    pub categorie: Categorie,
    /// Name of its file.
    pub fichier: Arc<str>,
    /// Line where it starts.
    pub ligne: u64,
    /// What was read.
    pub entree: Result<Entree, Rejet>,
}

/// What a first reading tells.
#[derive(Debug, Default)]
pub struct Controle {
    /// The faults for which the rest of a file cannot be read.
    pub fatals: Vec<Rejet>,
    /// Keys of the adults in relation with pupils, who are read after the pupils that name them.
    pub adultes: HashSet<Box<str>>,
    /// Keys of those whose entry is refused; nothing for one that does not say of whom it is.
    pub adultes_refuses: HashSet<Option<Box<str>>>,
}

impl Controle {
    fn joindre(&mut self, autre: Self) {
        let Self { fatals, adultes, adultes_refuses } = autre;
        self.fatals.extend(fatals);
        self.adultes.extend(adultes);
        self.adultes_refuses.extend(adultes_refuses);
    }

    fn refuser_adulte(&mut self, rejet: &Rejet) {
        let cles = rejet.cles();
        if cles.is_empty() {
            self.adultes_refuses.insert(None);
        }
        self.adultes_refuses.extend(cles.into_iter().map(|cle| Some(cle.into())));
    }
}

/// Reads every file to its end, a few at a time.
pub async fn controler(livraison: Arc<Livraison>, suivi: Suivi) -> Result<Controle, tokio::task::JoinError> {
    let (octets, lus) = (livraison.octets(), Arc::new(AtomicU64::new(0)));
    let mut controle = Controle::default();
    for ensemble in livraison.fichiers.chunks(ENSEMBLE) {
        let fils: Vec<_> = ensemble
            .iter()
            .map(|fichier| {
                let un_seul = Livraison { fichiers: vec![fichier.clone()], ..*livraison };
                let (suivi, lus, mut ici) = (suivi.clone(), lus.clone(), 0);
                let suivre = move |lus_ici: u64| {
                    let de_plus = lus_ici.saturating_sub(ici);
                    ici = lus_ici;
                    let lus = lus.fetch_add(de_plus, Ordering::Relaxed) + de_plus;
                    suivi(Avancement { etape: Etape::Controle, octets: lus, total: octets });
                };
                spawn_blocking(move || controler_un(&un_seul, suivre))
            })
            .collect();
        for fil in fils {
            controle.joindre(fil.await?);
        }
    }
    Ok(controle)
}

fn controler_un(livraison: &Livraison, suivre: impl FnMut(u64)) -> Controle {
    let mut controle = Controle::default();
    let mut entrees = livraison.entrees(suivre);
    while let Some(entree) = entrees.next() {
        match entree {
            Ok(Entree::PersRelEleve(adulte)) => {
                controle.adultes.insert(adulte.jointure.into_boxed_str());
            }
            Err(rejet) if rejet.motif.fatal() => controle.fatals.push(rejet),
            Err(rejet) if entrees.categorie() == Some(Categorie::PersRelEleve) => {
                controle.refuser_adulte(&rejet);
            }
            Ok(_) | Err(_) => {}
        }
    }
    controle
}

/// Reads the feed; packets come as they are taken.
pub fn lire(livraison: Arc<Livraison>, suivi: Suivi) -> (mpsc::Receiver<Vec<Lu>>, JoinHandle<()>) {
    let (paquets, lus) = mpsc::channel(AVANCE);
    let fil = spawn_blocking(move || {
        let octets = livraison.octets();
        let mut paquet = Vec::with_capacity(PAQUET);
        let mut finis = 0;
        for fichier in &livraison.fichiers {
            let nom: Arc<str> = fichier.nom.as_str().into();
            let un_seul = Livraison { fichiers: vec![fichier.clone()], ..*livraison };
            let suivre = |lus| {
                suivi(Avancement { etape: Etape::Import, octets: finis + lus, total: octets });
            };
            let mut entrees = un_seul.entrees(suivre);
            while let Some(entree) = entrees.next() {
                let ligne = match &entree {
                    Ok(_) => entrees.lieu().map_or(1, |(_, ligne)| ligne),
                    Err(rejet) => rejet.ligne,
                };
                paquet.push(Lu { categorie: fichier.categorie, fichier: nom.clone(), ligne, entree });
                if paquet.len() == PAQUET && paquets.blocking_send(std::mem::take(&mut paquet)).is_err() {
                    return;
                }
            }
            finis += fichier.octets;
        }
        // An import that was given up takes no more.
        let _ = paquets.blocking_send(paquet);
    });
    (lus, fil)
}
