//! Pages in French, rendered whole by the program: light, without script.

mod sante_du_journal;

use axum::Router;
use axum::routing::get;
use sqlx::PgPool;

/// The pages, over the views.
pub fn routes(views: PgPool) -> Router {
    Router::new().route("/sante-du-journal/{portail}", get(sante_du_journal::page)).with_state(views)
}

/// Text as it may stand between tags and in attributes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_place() {
        assert_eq!(escaped("<b>\"L'été\" & moi"), "&lt;b&gt;&quot;L&#39;été&quot; &amp; moi");
    }
}
