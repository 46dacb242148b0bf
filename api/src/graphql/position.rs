//! Places in a journal, as clients hand them back.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};

/// Place dans le journal d'un portail, telle qu'une mutation l'a rendue. Passée à une
/// requête dans `apres`, elle garantit que la réponse tient compte de cette mutation.
pub struct Position(pub ledger::unit::Position);

#[Scalar]
impl ScalarType for Position {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text.parse().map_err(InputValueError::custom)?)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}
