//! The HTTP side: the services as the customer's client sees them, the control API, and the console page.
//!
//! All stand on one port. [`FRONTS`] is the list of the services.

mod answer;
mod chat_session;
mod console;
mod control;
mod digital_channels;
mod exchange;
mod form;
mod gms;
mod gms_cometd;
mod guard;
mod poll;
pub(crate) mod secure;
mod web_messaging;
pub(crate) mod wire;
mod yellow;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::response::Redirect;
use axum::routing::get;

use crate::world::Shared;

/// How customers reach a service.
struct Front {
    /// Its routes.
    router: fn(Arc<Shared>) -> Router,
    /// What the directory says of it: names, and the addresses behind `scheme://host:port`, the scheme without an `s`.
    places: &'static [Place],
}

/// One address of a service.
struct Place {
    /// Its key in the directory.
    name: &'static str,
    /// `http` or `ws`.
    scheme: &'static str,
    /// Its path.
    path: &'static str,
}

/// Every front, one entry each.
const FRONTS: &[Front] = &[
    digital_channels::FRONT,
    gms::FRONT,
    gms_cometd::FRONT,
    chat_session::FRONT,
    web_messaging::FRONT,
    yellow::FRONT,
];

/// Everything that the sandbox serves.
pub(crate) fn router(shared: &Arc<Shared>) -> Router {
    let own = control::router(Arc::clone(shared)).merge(console::router());
    services(shared)
        .merge(own.layer(axum::middleware::from_fn(guard::same_origin)))
        .route("/", get(|| async { Redirect::temporary("/console") }))
}

/// The services alone.
fn services(shared: &Arc<Shared>) -> Router {
    FRONTS.iter().fold(Router::new(), |all, front| all.merge((front.router)(Arc::clone(shared))))
}

/// Where every service is, by its name in the directory.
pub(crate) fn addresses(at: SocketAddr, secure: bool) -> BTreeMap<String, String> {
    let places = FRONTS.iter().flat_map(|front| front.places);
    let s = if secure { "s" } else { "" };
    places.map(|place| (place.name.to_owned(), format!("{}{s}://{at}{}", place.scheme, place.path))).collect()
}
