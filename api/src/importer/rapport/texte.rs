//! A report as it is read: the text that an administrator has, and a table for a spreadsheet.

use super::{Comptes, Gravite, Ligne, MotifCompte, Rapport};
use domain::annuaire::{Livraison, NatureDeLivraison};
use std::fmt;

/// Places that the text shows of one reason; the other formats have them all.
const LIEUX_MONTRES: usize = 10;

impl Ligne {
    /// Where it stands: file, line, key of the entry and attribute.
    pub fn lieu(&self) -> String {
        let lieu = format!("{}, ligne {}", self.fichier, self.ligne);
        let precisions = self.identifiant.as_deref().into_iter().chain(self.attribut);
        precisions.fold(lieu, |lieu, precision| format!("{lieu}, {precision}"))
    }
}

impl fmt::Display for Ligne {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} : {} [{}]", self.lieu(), self.raison, self.code)
    }
}

impl Rapport {
    /// One line per entry that was not taken as it is, for a spreadsheet.
    pub fn en_csv(&self) -> String {
        let mut csv = String::from("gravite;fichier;ligne;identifiant;attribut;code;raison\r\n");
        for ligne in &self.lignes {
            let gravite = match ligne.gravite {
                Gravite::Rejet => "rejet",
                Gravite::Remarque => "remarque",
            };
            let numero = ligne.ligne.to_string();
            let champs = [
                gravite,
                &*ligne.fichier,
                &numero,
                ligne.identifiant.as_deref().unwrap_or_default(),
                ligne.attribut.unwrap_or_default(),
                ligne.code,
                &ligne.raison,
            ];
            csv.push_str(&champs.map(champ_csv).join(";"));
            csv.push_str("\r\n");
        }
        csv
    }

    fn titre(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Livraison { origine, portee, nature, du, .. } = &self.livraison;
        let nature = match nature {
            NatureDeLivraison::Complete => "complète",
            NatureDeLivraison::Delta => "différentielle",
        };
        let jour = du.format("%d/%m/%Y");
        match self.emploi_du_temps {
            Some(programme) => {
                writeln!(f, "Emploi du temps importé le {jour} : {programme}, {portee}")?;
                writeln!(f, "Conflits : {} (à relire dans l'ENT ; rien n'en est refusé)", self.conflits)?;
            }
            None => writeln!(f, "Livraison {nature} du {jour} : {}, {portee}", origine.nom())?,
        }
        if self.interrompu {
            writeln!(f, "Import interrompu : rien n'a été enregistré.")?;
        } else if self.a_blanc {
            writeln!(f, "Import à blanc : rien n'a été enregistré.")?;
        }
        Ok(())
    }

    fn tableau(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<16}{:>10}{:>10}{:>10}{:>12}{:>10}{:>10}",
            "", "lus", "créés", "modifiés", "inchangés", "rejetés", "retirés"
        )?;
        for rubrique in self.rubriques {
            let Comptes { lus, crees, modifies, inchanges, rejetes, retires } =
                self.comptes.get(rubrique).copied().unwrap_or_default();
            writeln!(
                f,
                "{rubrique:<16}{lus:>10}{crees:>10}{modifies:>10}{inchanges:>12}{rejetes:>10}{retires:>10}"
            )?;
        }
        Ok(())
    }

    /// One reason: how often in which file, and the first places.
    fn motif(&self, f: &mut fmt::Formatter<'_>, motif: &MotifCompte) -> fmt::Result {
        writeln!(f, "\n  {} × {} [{}]", motif.nombre, motif.raison, motif.code)?;
        for (fichier, nombre) in &motif.par_fichier {
            writeln!(f, "    {nombre} dans {fichier}")?;
        }
        let lieux = || self.lignes_de(motif.gravite).filter(|ligne| ligne.code == motif.code);
        lieux().take(LIEUX_MONTRES).try_for_each(|ligne| writeln!(f, "    {}", ligne.lieu()))?;
        let reste = motif.nombre.saturating_sub(LIEUX_MONTRES as u64);
        if reste > 0 {
            writeln!(f, "    et {reste} autres")?;
        }
        Ok(())
    }
}

impl fmt::Display for Rapport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.titre(f)?;
        self.tableau(f)?;
        for (gravite, titre) in [(Gravite::Rejet, "Rejets"), (Gravite::Remarque, "Remarques")] {
            let motifs = || self.motifs.iter().filter(|motif| motif.gravite == gravite);
            let nombre: u64 = motifs().map(|motif| motif.nombre).sum();
            if nombre > 0 {
                writeln!(f, "\n{titre} ({nombre})")?;
                motifs().try_for_each(|motif| self.motif(f, motif))?;
            }
        }
        if self.lignes_omises > 0 {
            writeln!(f, "\n{} lignes de plus ne sont pas détaillées.", self.lignes_omises)?;
        }
        Ok(())
    }
}

/// A field of RFC 4180. Spreadsheets run what starts like a formula: an apostrophe keeps it text.
fn champ_csv(champ: &str) -> String {
    let garde = if champ.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{garde}{}\"", champ.replace('"', "\"\""))
}
