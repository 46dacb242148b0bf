//! Refusal codes, which clients may rely on.

use super::approve;
use std::collections::BTreeSet;

#[test]
fn refusal_codes_are_the_approved_ones() {
    let lines: BTreeSet<String> = domain::refusal_catalogue()
        .into_iter()
        .map(|spec| format!("{} {}", spec.code, spec.field.unwrap_or("-")))
        .collect();
    let text: String = lines.into_iter().map(|line| line + "\n").collect();
    approve("tests/contracts/refusals.txt", &text);
}
