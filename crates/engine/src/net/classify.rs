//! What the HTTP library says, as one of the few faults that the machines tell apart.
//!
//! The line that matters runs between "nothing was sent" and "the request may have arrived": a message is repeated without
//! asking the transcript only on the near side of it.

use std::error::Error;
use std::io;

use envoi_protocol::io::IoFault;

/// The fault for this error.
pub(super) fn fault(error: &reqwest::Error) -> IoFault {
    if error.is_builder() {
        IoFault::BadRequest
    } else if error.is_connect() {
        // While connecting even a timeout means that nothing was sent.
        if has_tls_cause(error) { IoFault::Tls } else { IoFault::Unreachable }
    } else if error.is_timeout() {
        IoFault::Timeout
    } else {
        IoFault::Broken
    }
}

/// A short name of the cause for logs, without any address.
pub(super) fn cause(error: &reqwest::Error) -> String {
    let mut deepest: &dyn Error = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    if std::ptr::eq(deepest, error as &dyn Error) {
        String::from("no cause given")
    } else {
        deepest.to_string()
    }
}

fn has_tls_cause(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<rustls::Error>() {
            return true;
        }
        // An io::Error hides what it wraps from `source`, which skips to the cause behind it.
        if let Some(inner) = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref)
            && has_tls_cause(inner)
        {
            return true;
        }
        next = error.source();
    }
    false
}
