//! What facts change in past situations, gathered in memory and written with three statements,
//! however many facts there are.

use crate::ProjectionError;
use chrono::NaiveDate;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Where one thing takes the place of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    nature: &'static str,
    sujet: Uuid,
    cadre: Uuid,
}

impl Place {
    pub fn new(nature: &'static str, sujet: Uuid, cadre: Uuid) -> Self {
        Self { nature, sujet, cadre }
    }
}

/// One thing that is so there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trait {
    pub objet: Uuid,
    pub mot: Option<&'static str>,
    pub droit: bool,
}

impl Trait {
    pub fn de(objet: Uuid) -> Self {
        Self { objet, mot: None, droit: false }
    }

    pub fn sous(self, mot: &'static str) -> Self {
        Self { mot: Some(mot), ..self }
    }
}

/// See the module.
#[derive(Default)]
pub struct Changements(BTreeMap<Place, Suite>);

/// What becomes of a place.
struct Suite {
    flux: Uuid,
    /// From this day on nothing that was known before holds.
    premier: NaiveDate,
    /// From which day on what is so, in order.
    jours: Vec<(NaiveDate, Vec<Trait>)>,
}

impl Changements {
    /// A stream says what is so from a day on.
    pub fn entendre(&mut self, place: Place, flux: Uuid, le: NaiveDate, devient: Vec<Trait>) {
        let suite = self.0.entry(place).or_insert_with(|| Suite { flux, premier: le, jours: vec![] });
        suite.premier = suite.premier.min(le);
        suite.jours.retain(|(jour, _)| *jour < le);
        suite.jours.push((le, devient));
    }

    /// Writes everything. What was known of a place is looked up by itself (`OFFSET 0` keeps it so), and
    /// found again by where it lies: nobody else writes here meanwhile. Joined plainly, by a plan that was
    /// made for so many places or while there were few rows, all of the table is read for each batch.
    pub async fn ecrire(self, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        if self.0.is_empty() {
            return Ok(());
        }
        for sql in [
            "DELETE FROM situation WHERE ctid = ANY (ARRAY (
                 SELECT s.ctid FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::date[])
                      AS c (nature, sujet, cadre, premier)
                 CROSS JOIN LATERAL (
                     SELECT ctid FROM situation
                     WHERE nature = c.nature AND sujet = c.sujet AND cadre = c.cadre
                       AND depuis >= c.premier OFFSET 0) s))",
            "UPDATE situation s SET jusque = d.premier
             FROM (SELECT l.ligne, c.premier FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::date[])
                        AS c (nature, sujet, cadre, premier)
                   CROSS JOIN LATERAL (
                       SELECT ctid AS ligne FROM situation
                       WHERE nature = c.nature AND sujet = c.sujet AND cadre = c.cadre
                         AND (jusque IS NULL OR jusque > c.premier) OFFSET 0) l) d
             WHERE s.ctid = d.ligne",
        ] {
            sqlx::query(sql)
                .bind(self.0.keys().map(|place| place.nature).collect::<Vec<_>>())
                .bind(self.0.keys().map(|place| place.sujet).collect::<Vec<_>>())
                .bind(self.0.keys().map(|place| place.cadre).collect::<Vec<_>>())
                .bind(self.0.values().map(|suite| suite.premier).collect::<Vec<_>>())
                .execute(&mut *tx)
                .await?;
        }
        self.inserer(tx).await
    }

    async fn inserer(&self, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let lignes: Vec<_> = self.0.iter().flat_map(|(place, suite)| lignes(place, suite)).collect();
        sqlx::query(
            "INSERT INTO situation (nature, sujet, cadre, depuis, jusque, objet, mot, droit, flux)
             SELECT * FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::date[], $5::date[], $6::uuid[],
                                  $7::text[], $8::bool[], $9::uuid[])",
        )
        .bind(lignes.iter().map(|ligne| ligne.place.nature).collect::<Vec<_>>())
        .bind(lignes.iter().map(|ligne| ligne.place.sujet).collect::<Vec<_>>())
        .bind(lignes.iter().map(|ligne| ligne.place.cadre).collect::<Vec<_>>())
        .bind(lignes.iter().map(|ligne| ligne.depuis).collect::<Vec<_>>())
        .bind(lignes.iter().map(|ligne| ligne.jusque).collect::<Vec<_>>())
        .bind(lignes.iter().map(|ligne| ligne.dit.objet).collect::<Vec<_>>())
        .bind(lignes.iter().map(|ligne| ligne.dit.mot).collect::<Vec<_>>())
        .bind(lignes.iter().map(|ligne| ligne.dit.droit).collect::<Vec<_>>())
        .bind(lignes.iter().map(|ligne| ligne.flux).collect::<Vec<_>>())
        .execute(tx)
        .await?;
        Ok(())
    }
}

/// A row.
struct Ligne<'a> {
    place: &'a Place,
    flux: Uuid,
    depuis: NaiveDate,
    jusque: Option<NaiveDate>,
    dit: &'a Trait,
}

fn lignes<'a>(place: &'a Place, suite: &'a Suite) -> impl Iterator<Item = Ligne<'a>> {
    let fins = suite.jours.iter().skip(1).map(|(jour, _)| Some(*jour)).chain([None]);
    suite.jours.iter().zip(fins).flat_map(move |((depuis, dits), jusque)| {
        dits.iter().map(move |dit| Ligne { place, flux: suite.flux, depuis: *depuis, jusque, dit })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jour(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn suite(words: &[(&str, u128)]) -> Vec<(NaiveDate, Option<NaiveDate>, Uuid)> {
        let place = Place::new("affectation", Uuid::nil(), Uuid::nil());
        let mut changements = Changements::default();
        for (le, objet) in words {
            let devient = if *objet == 0 { vec![] } else { vec![Trait::de(Uuid::from_u128(*objet))] };
            changements.entendre(place, Uuid::nil(), jour(le), devient);
        }
        let suites = changements.0.values();
        suites
            .flat_map(|suite| {
                lignes(&place, suite).map(|l| (l.depuis, l.jusque, l.dit.objet)).collect::<Vec<_>>()
            })
            .collect()
    }

    #[test]
    fn one_thing_takes_the_place_of_another_and_the_last_word_of_a_day_counts() {
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let told = suite(&[("2026-09-01", 1), ("2026-10-01", 9), ("2026-10-01", 2), ("2026-11-01", 0)]);
        let (september, october, november) = (jour("2026-09-01"), jour("2026-10-01"), jour("2026-11-01"));
        assert_eq!(told, [(september, Some(october), one), (october, Some(november), two)]);
    }

    #[test]
    fn a_word_about_a_past_day_holds_from_that_day_on() {
        let told = suite(&[("2026-09-01", 1), ("2026-11-01", 2), ("2026-10-01", 3)]);
        let (september, october) = (jour("2026-09-01"), jour("2026-10-01"));
        assert_eq!(
            told,
            [(september, Some(october), Uuid::from_u128(1)), (october, None, Uuid::from_u128(3))]
        );
    }
}
