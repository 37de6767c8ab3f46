//! Which proxy a call goes through, for the doctor: the same reading of the system's settings as the network's own.

use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use super::{Route, is_loopback};

/// The proxy on the way to `url`, without the name and password that may stand in its address.
#[must_use]
pub fn in_force(route: &Route, url: &Url) -> Option<String> {
    if is_loopback(url) {
        return None;
    }
    if let Some(proxy) = &route.proxy {
        return Some(shown(proxy.as_str()));
    }
    let target = url.as_str().parse().ok()?;
    Matcher::from_system().intercept(&target).map(|found| shown(&found.uri().to_string()))
}

fn shown(address: &str) -> String {
    match Url::parse(address) {
        Ok(mut url) => {
            // Neither fails for an address that has a host.
            let _ = url.set_username("");
            let _ = url.set_password(None);
            url.to_string()
        }
        Err(_) => String::from("an address that cannot be read"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_named_without_its_password() {
        let route =
            Route { proxy: Some("http://ann:hush@proxy.example:3128".parse().unwrap()), extra_ca_file: None };
        let url = "https://chat.example/x".parse().unwrap();
        assert_eq!(in_force(&route, &url).unwrap(), "http://proxy.example:3128/");
    }

    #[test]
    fn there_is_none_on_the_way_to_this_computer() {
        let route = Route { proxy: Some("http://proxy.example:3128".parse().unwrap()), extra_ca_file: None };
        for url in ["http://127.0.0.1:1/", "http://localhost/", "http://[::1]:8080/"] {
            assert_eq!(in_force(&route, &url.parse().unwrap()), None, "{url}");
        }
    }
}
