//! What a delivery of several files may have: one file of each root, and no more entries than one
//! établissement has.

/// The files and the entries that were met so far.
#[derive(Debug, Default)]
pub(in crate::importer) struct Inventaire {
    racines: Vec<&'static str>,
    entrees: usize,
}

impl Inventaire {
    /// Counts an entry under the root of its file; says in French what there are too many of.
    pub fn compter(
        &mut self,
        racine: &'static str,
        premiere: bool,
        entrees_max: usize,
    ) -> Result<(), String> {
        if premiere {
            if self.contient(racine) {
                return Err(format!("deux fichiers {racine} : une livraison n'en a qu'un"));
            }
            self.racines.push(racine);
        }
        self.entrees += 1;
        if self.entrees > entrees_max {
            return Err(format!("plus de {entrees_max} entrées : ce n'est pas un seul établissement"));
        }
        Ok(())
    }

    /// Whether there is a file of this root.
    pub fn contient(&self, racine: &str) -> bool {
        self.racines.contains(&racine)
    }
}
