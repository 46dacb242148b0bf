//! Event types and the schemas of their payloads.

use super::approve;

#[test]
fn event_schemas_are_the_approved_ones() {
    for (stream, specs, schema) in domain::catalogue() {
        let text = serde_json::to_string_pretty(&serde_json::json!({
            "stream": stream,
            "events": specs,
            "schema": schema(),
        }));
        approve(&format!("tests/contracts/events/{stream}.json"), &(text.unwrap() + "\n"));
    }
}
