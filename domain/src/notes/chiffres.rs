//! How the averages of a division are spread, and what these figures were made from.
//!
//! They are made of all averages alike, and name nobody: two pupils may trade theirs, and no
//! figure moves. So who knows his own learns which averages there may be, and not whose, but where
//! all others are the same. That is not summed up, nor is a division of a few. The explanation
//! says every rule and rounding, and sums in place of the averages of others, which are theirs
//! (RGPD, art. 5.1.c).

use super::{Fraction, PolitiqueVersionnee, Valeur};
use crate::heure_locale;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the averages of a division are spread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Repartition {
    /// How many pupils have an average.
    pub effectif: u32,
    /// The lowest average.
    pub minimum: Valeur,
    /// The highest one.
    pub maximum: Valeur,
    /// The middle one; of the two in the middle, their mean.
    pub mediane: Valeur,
    /// The mean of all.
    pub moyenne: Valeur,
    /// What they were made from; not known of bulletins from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calcul: Option<CalculDeRepartition>,
}

/// What the figures of a division were made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CalculDeRepartition {
    /// The rules.
    pub politique: PolitiqueVersionnee,
    /// The instant as of which averages are what they are.
    pub au: DateTime<Utc>,
    /// Whether they are those that families read, which wait for the marks of several.
    pub arretee: bool,
    /// How many pupils have none.
    pub sans_moyenne: u32,
    /// The sum of all, as they are told.
    pub somme: Fraction,
    /// Their mean before rounding.
    pub moyenne_exacte: Fraction,
    /// The one in the middle, or the two.
    pub milieu: Vec<Valeur>,
    /// Their mean before rounding.
    pub mediane_exacte: Fraction,
}

/// Fewer averages than these are not summed up: who knows his own, and a friend's, would know
/// the others' (RGPD, art. 5.1.c; the same bound as for figures without names).
pub const EFFECTIF_MINIMAL: usize = 5;

/// Why figures that families read don't move with each mark.
const ARRETES: &str = "Ces chiffres sont arrêtés : ils ne changent qu'à la publication d'une évaluation qui note cinq élèves au moins, pour que nul n'y lise la note d'un autre.";

/// How averages are spread, rounded like them, as of an instant; nothing where that would tell one
/// pupil's. Who has none is only counted.
pub fn repartition(
    politique: &PolitiqueVersionnee,
    au: DateTime<Utc>,
    moyennes: impl IntoIterator<Item = Option<Valeur>>,
) -> Option<Repartition> {
    let (with, without): (Vec<_>, Vec<_>) = moyennes.into_iter().partition(Option::is_some);
    let mut sorted: Vec<Valeur> = with.into_iter().flatten().collect();
    sorted.sort();
    if nomme(&sorted) {
        return None;
    }
    let milieu = milieu(&sorted).to_vec();
    let (_, mediane_exacte) = moyenne_de(&milieu)?;
    let (somme, moyenne_exacte) = moyenne_de(&sorted)?;
    Some(Repartition {
        effectif: u32::try_from(sorted.len()).ok()?,
        minimum: *sorted.first()?,
        maximum: *sorted.last()?,
        mediane: politique.politique.arrondir(&mediane_exacte)?,
        moyenne: politique.politique.arrondir(&moyenne_exacte)?,
        calcul: Some(CalculDeRepartition {
            politique: politique.clone(),
            au,
            arretee: false,
            sans_moyenne: u32::try_from(without.len()).ok()?,
            somme,
            moyenne_exacte,
            milieu,
            mediane_exacte,
        }),
    })
}

/// Whether figures of these, in order, would tell somebody a named one: they are few, or all but
/// one are the same, and who has that one knows everybody's.
fn nomme(sorted: &[Valeur]) -> bool {
    let [first, second, .., before, last] = sorted else { return true };
    sorted.len() < EFFECTIF_MINIMAL || first == before || second == last
}

/// Of values in order, the one in the middle or the two.
fn milieu(sorted: &[Valeur]) -> &[Valeur] {
    let middle = sorted.len() / 2;
    let from = if sorted.len() % 2 == 1 { middle } else { middle.saturating_sub(1) };
    sorted.get(from..=middle).unwrap_or(sorted)
}

/// Their sum and their mean, exactly.
fn moyenne_de(them: &[Valeur]) -> Option<(Fraction, Fraction)> {
    let somme: Fraction = them.iter().copied().map(Fraction::from).sum();
    let exacte = somme.clone().divided(Fraction::whole(i64::try_from(them.len()).ok()?))?;
    Some((somme, exacte))
}

impl Repartition {
    /// The same, as what families read until the marks of several change it.
    pub(super) fn arretee(mut self) -> Self {
        if let Some(calcul) = &mut self.calcul {
            calcul.arretee = true;
        }
        self
    }

    /// The explanation in French, one sentence each: rules, who counts, each figure. Nothing where
    /// what they were made from is not known.
    pub fn texte(&self) -> Vec<String> {
        let Some(calcul) = &self.calcul else { return vec![] };
        let PolitiqueVersionnee { version, politique } = &calcul.politique;
        let le = heure_locale(calcul.au).format("%d/%m/%Y à %H h %M");
        let sans_moyenne = match calcul.sans_moyenne {
            0 => "tous les élèves en ont une".to_owned(),
            1 => "1 élève n'en a pas".to_owned(),
            many => format!("{many} élèves n'en ont pas"),
        };
        let exacte = &calcul.mediane_exacte;
        let mediane = match calcul.milieu.as_slice() {
            [one, other] => format!("{one:#} et {other:#} sont au milieu, leur moyenne est {exacte}"),
            _ => format!("{exacte} est au milieu"),
        };
        let mut lines = vec![
            format!("« {} », version {version}.", politique.nom),
            politique.regle_d_arrondi(),
            format!("Notes du {le} : {} moyennes comptent, {sans_moyenne}.", self.effectif),
            format!("La plus basse est {:#}, la plus haute {:#}.", self.minimum, self.maximum),
            format!("Médiane : {mediane}, arrondi à {:#} sur 20.", self.mediane),
            format!(
                "Moyenne : {} points divisés par {} : {}, arrondi à {:#} sur 20.",
                calcul.somme, self.effectif, calcul.moyenne_exacte, self.moyenne
            ),
        ];
        if calcul.arretee {
            lines.push(ARRETES.to_owned());
        }
        lines
    }
}

#[cfg(test)]
mod tests;
