//! Exact decimals, as clients write them and read them.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use domain::notes::Valeur;

/// A mark, a scale or a coefficient. A number that comes without quotes, as 12.5, has been
/// read as a binary one, which most decimals are not: it is refused rather than rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal(pub Valeur);

/// Nombre décimal exact, de deux décimales au plus : une chaîne, comme "12.5". À la
/// saisie, "12,5" et les entiers sont acceptés ; les nombres à virgule flottante, non.
#[Scalar]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = match value {
            Value::String(text) => text,
            Value::Number(number) if number.is_f64() => return Err(InputValueError::custom(FLOTTANT)),
            Value::Number(number) => number.to_string(),
            _ => return Err(InputValueError::custom(AUTRE)),
        };
        text.parse().map(Self).map_err(InputValueError::custom)
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// What is told of 12.5 without quotes.
const FLOTTANT: &str =
    "une note n'est jamais un nombre à virgule flottante : écrivez-la entre guillemets, comme \"12,5\"";

/// What is told of what is no number at all.
const AUTRE: &str = "écrivez le nombre entre guillemets, comme \"12,5\"";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> InputValueResult<Decimal> {
        Decimal::parse(serde_json::from_str(json).unwrap())
    }

    fn written(json: &str) -> Value {
        ScalarType::to_value(&read(json).unwrap())
    }

    fn told(json: &str) -> String {
        read(json).unwrap_err().into_server_error(async_graphql::Pos::default()).message
    }

    #[test]
    fn a_mark_is_a_text_with_a_comma_or_a_point() {
        assert_eq!(read(r#""12,5""#).unwrap(), read(r#""12.5""#).unwrap());
        assert_eq!(written(r#""12,5""#), Value::from("12.5"));
    }

    #[test]
    fn a_mark_keeps_its_places() {
        assert_eq!(written(r#""12,50""#), Value::from("12.50"));
    }

    #[test]
    fn a_whole_number_is_a_mark_as_it_stands() {
        assert_eq!(written("20"), Value::from("20"));
        assert_eq!(written("-1"), Value::from("-1"));
    }

    #[test]
    fn a_float_is_refused_however_round_it_is() {
        for json in ["12.5", "0.1", "20.0", "2e1"] {
            assert!(told(json).contains("virgule flottante"), "{json}");
        }
    }

    #[test]
    fn what_is_no_decimal_says_why() {
        assert!(told(r#""douze""#).contains("n'est pas un nombre"));
        assert!(told(r#""12,345""#).contains("plus de deux décimales"));
        assert!(told("1234567").contains("trop grand"));
        for json in ["true", "[12]", "{}", "null"] {
            assert!(told(json).contains("entre guillemets"), "{json}");
        }
    }
}
