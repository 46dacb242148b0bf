//! What people type: measured in characters, free of control characters, kept
//! without the blanks around it.

/// Longest motif that a decision may state, in characters.
const MOTIF_MAX: usize = 500;

/// One line of 1 to `max` characters.
pub(crate) fn line(text: &str, max: usize) -> Option<String> {
    fitting(text.trim(), max, |_| false)
}

/// Text of 1 to `max` characters that may have lines and tabs. Browsers end lines
/// with CR LF; one of the two is kept, so that a hash does not depend on them.
pub(crate) fn paragraphs(text: &str, max: usize) -> Option<String> {
    fitting(text.replace("\r\n", "\n").trim(), max, |c| c == '\n' || c == '\t')
}

/// The reason given for an act.
pub(crate) fn motif(text: &str) -> Option<String> {
    paragraphs(text, MOTIF_MAX)
}

fn fitting(text: &str, max: usize, allowed: fn(char) -> bool) -> Option<String> {
    let fits = (1..=max).contains(&text.chars().count());
    let clean = text.chars().all(|c| !c.is_control() || allowed(c));
    (fits && clean).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_measured_in_characters_without_the_blanks_around_it() {
        assert_eq!(line("  é  ", 1), Some("é".to_owned()));
        assert_eq!(line("éé", 1), None);
        assert_eq!(line("  ", 10), None);
    }

    #[test]
    fn control_characters_are_never_kept() {
        assert_eq!(line("a\nb", 10), None);
        assert_eq!(paragraphs("a\u{0}b", 10), None);
        assert_eq!(paragraphs("a\r\n\tb", 10), Some("a\n\tb".to_owned()));
    }
}
