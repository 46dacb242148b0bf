//! Composite values: fields separated by `$`, dates `jj/mm/aaaa`. All of it is parsed here.

use crate::importer::fichier::MotifRejet;
use chrono::NaiveDate;
use std::ops::RangeInclusive;

/// The fields of one value.
pub(super) struct Champs<'a>(Vec<&'a str>);

impl<'a> Champs<'a> {
    /// Splits a value that must have so many fields.
    pub(super) fn decouper(valeur: &'a str, nombre: RangeInclusive<usize>) -> Result<Self, MotifRejet> {
        let champs: Vec<_> = valeur.split('$').map(str::trim).collect();
        if nombre.contains(&champs.len()) {
            Ok(Self(champs))
        } else {
            Err(MotifRejet::NombreDeChamps { trouves: champs.len(), min: *nombre.start() })
        }
    }

    /// A field, counted from 0, where it is there and not empty.
    pub(super) fn optionnel(&self, rang: usize) -> Option<String> {
        self.champ(rang).map(str::to_owned)
    }

    /// A field that must be there.
    pub(super) fn requis(&self, rang: usize) -> Result<String, MotifRejet> {
        self.optionnel(rang).ok_or(MotifRejet::ChampVide { rang: rang + 1 })
    }

    /// Every field from this one on, without the empty ones.
    pub(super) fn suite(&self, rang: usize) -> Vec<String> {
        (rang..self.0.len()).filter_map(|rang| self.optionnel(rang)).collect()
    }

    /// A small code; an empty field is 0.
    pub(super) fn code(&self, rang: usize) -> Result<u8, MotifRejet> {
        let champ = self.champ(rang).unwrap_or("0");
        champ.parse().map_err(|_| MotifRejet::CodeInconnu { rang: rang + 1 })
    }

    /// A flag: 1, or 0 or empty.
    pub(super) fn drapeau(&self, rang: usize) -> Result<bool, MotifRejet> {
        match self.code(rang)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(MotifRejet::CodeInconnu { rang: rang + 1 }),
        }
    }

    fn champ(&self, rang: usize) -> Option<&'a str> {
        self.0.get(rang).copied().filter(|champ| !champ.is_empty())
    }
}

/// Reads `jj/mm/aaaa`, exactly.
pub(super) fn date(valeur: &str) -> Result<NaiveDate, MotifRejet> {
    let forme = valeur.len() == 10
        && valeur.bytes().enumerate().all(|(rang, octet)| match rang {
            2 | 5 => octet == b'/',
            _ => octet.is_ascii_digit(),
        });
    let date = forme.then(|| NaiveDate::parse_from_str(valeur, "%d/%m/%Y").ok()).flatten();
    date.ok_or(MotifRejet::DateInvalide)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_as_many_fields_as_its_format_says() {
        assert!(Champs::decouper("12$6A", 2..=2).is_ok());
        for (valeur, trouves) in [("12", 1), ("12$6A$x", 3), ("", 1)] {
            let refus = Champs::decouper(valeur, 2..=2).err();
            assert_eq!(refus, Some(MotifRejet::NombreDeChamps { trouves, min: 2 }), "{valeur}");
        }
    }

    #[test]
    fn an_empty_field_is_no_field() {
        let champs = Champs::decouper("12$ $b", 3..=3).unwrap();
        assert_eq!(champs.requis(1), Err(MotifRejet::ChampVide { rang: 2 }));
        assert_eq!(champs.suite(0), ["12", "b"]);
        assert_eq!(champs.optionnel(9), None);
    }

    #[test]
    fn a_flag_is_nothing_but_0_or_1() {
        let champs = Champs::decouper("1$0$$2$x$256", 6..=6).unwrap();
        assert_eq!(
            [champs.drapeau(0), champs.drapeau(1), champs.drapeau(2)],
            [Ok(true), Ok(false), Ok(false)]
        );
        for rang in 3..6 {
            assert_eq!(champs.drapeau(rang), Err(MotifRejet::CodeInconnu { rang: rang + 1 }));
        }
    }

    #[test]
    fn a_date_is_a_day_of_the_calendar_written_the_french_way() {
        assert_eq!(date("29/02/2012"), Ok(NaiveDate::from_ymd_opt(2012, 2, 29).unwrap()));
        for faux in ["29/02/2013", "2012-02-29", "1/2/2012", "+1/02/2012", "01/02/12", "", "0é/02/201"] {
            assert_eq!(date(faux), Err(MotifRejet::DateInvalide), "{faux}");
        }
    }
}
