//! The HTTP side: the service as the customer's client sees it, the control API, and the console page.

mod answer;
mod call;
mod console;
mod control;
mod digital_channels;
mod form;
mod guard;
pub(crate) mod wire;

use std::sync::Arc;

use axum::Router;
use axum::response::Redirect;
use axum::routing::get;

use crate::world::Shared;

/// Everything that the sandbox serves.
pub(crate) fn router(shared: &Arc<Shared>) -> Router {
    let own = control::router(Arc::clone(shared)).merge(console::router());
    Router::new()
        .merge(digital_channels::router(Arc::clone(shared)))
        .merge(own.layer(axum::middleware::from_fn(guard::same_origin)))
        .route("/", get(|| async { Redirect::temporary("/console") }))
}
