//! Global ids (Relay): opaque to clients, `base64(type:key)` inside.

use async_graphql::ID;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

/// The global id of an object whose key is a UUID.
pub fn global(kind: &str, key: Uuid) -> ID {
    global_text(kind, &key.to_string())
}

/// The global id of an object whose key is text.
pub fn global_text(kind: &str, key: &str) -> ID {
    ID(URL_SAFE_NO_PAD.encode(format!("{kind}:{key}")))
}

/// The type and key of a global id.
pub fn parts(id: &str) -> Option<(String, String)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
    let (kind, key) = text.split_once(':')?;
    Some((kind.to_owned(), key.to_owned()))
}

/// The key of a global id of this type. Another type's id is nobody's, and so is another
/// way to write the key: caches take ids by their letters, and an object has one.
pub fn key(kind: &str, id: &ID) -> Option<Uuid> {
    let (found, key) = parts(id)?;
    let uuid = Uuid::parse_str(&key).ok().filter(|uuid| uuid.to_string() == key)?;
    (found == kind).then_some(uuid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_another_type_is_nobodys() {
        let id = global("Appel", Uuid::nil());
        assert_eq!(key("Appel", &id), Some(Uuid::nil()));
        assert_eq!(key("Personne", &id), None);
        assert_eq!(key("Appel", &ID("é".into())), None);
    }

    #[test]
    fn an_object_has_one_id() {
        let uuid = Uuid::from_u128(0xabc);
        for other in [uuid.braced().to_string(), uuid.simple().to_string(), uuid.to_string().to_uppercase()] {
            assert_eq!(key("Appel", &global_text("Appel", &other)), None, "{other}");
        }
    }
}
