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

/// The key of a global id of this type. Another type's id is nobody's.
pub fn key(kind: &str, id: &ID) -> Option<Uuid> {
    let (found, key) = parts(id)?;
    (found == kind).then(|| Uuid::parse_str(&key).ok()).flatten()
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
}
