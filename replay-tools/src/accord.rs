//! Numbers and the nouns that agree with them.

/// So many of something: in French, zero and one are singular.
pub fn accord(count: impl Into<i128>, one: &str, many: &str) -> String {
    let count = count.into();
    format!("{count} {}", if count < 2 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plural_begins_at_two() {
        let told = [0, 1, 2].map(|count| accord(count, "contenu effacé", "contenus effacés"));
        assert_eq!(told, ["0 contenu effacé", "1 contenu effacé", "2 contenus effacés"]);
    }
}
