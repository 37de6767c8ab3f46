//! The answers by which the service says no. Over HTTP some come under a status of their own; over CometD the object alone tells.

use serde_json::{Value, json};

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The proxy in front wants a key.
    NoKey,
    /// The proxy in front does not know the key.
    WrongKey,
    /// There is no such service.
    UnknownService,
    /// A first name is missing.
    NoFirstName,
    /// A last name is missing.
    NoLastName,
    /// A name is missing.
    NoName,
    /// The e-mail address is none.
    BadEmail,
    /// No chat can be started now.
    Closed,
    /// The chat is not known, over for this customer, or the key is wrong: `statusCode` 2.
    Over {
        /// With `chatEnded`.
        ended: bool,
    },
    /// The chat server cannot be reached: `statusCode` 1.
    Away,
    /// The chat or the file is not there: error 404.
    NotFound,
    /// Nothing is served at this path.
    NoSuchPath,
    /// The text is too long.
    TooLong,
    /// Too many files.
    FileCount {
        /// How many are allowed.
        allowed: usize,
    },
    /// Too many bytes.
    FileSize {
        /// How many are allowed.
        allowed: usize,
    },
    /// Files of this kind are not taken.
    FileType,
    /// The request lacks what it needs.
    Malformed,
}

impl Refusal {
    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Over { .. } | Self::Away => 200,
            Self::NoKey => 401,
            Self::WrongKey => 403,
            Self::NotFound | Self::NoSuchPath => 404,
            _ => 400,
        }
    }

    /// The body, or what is delivered; `None` for an empty one.
    #[must_use]
    pub fn body(&self) -> Option<Value> {
        let (code, advice) = match self {
            Self::NoSuchPath => return None,
            Self::Away => return Some(json!({ "statusCode": 1, "errors": [{ "code": 503 }] })),
            Self::Over { ended } => {
                let mut body =
                    json!({ "statusCode": 2, "errors": [{ "code": 404, "advice": "Start a new chat." }] });
                super::set(&mut body, "chatEnded", ended.then_some(Value::Bool(true)));
                return Some(body);
            }
            Self::NoKey => (401, String::new()),
            Self::WrongKey => (403, String::new()),
            Self::UnknownService => (306, String::new()),
            Self::NoFirstName => (102, String::new()),
            Self::NoLastName => (103, String::new()),
            Self::NoName => (161, String::new()),
            Self::BadEmail => (364, String::new()),
            Self::Closed => (240, String::new()),
            Self::NotFound => (404, String::new()),
            Self::TooLong => (204, String::new()),
            Self::FileCount { allowed } => (201, allowed.to_string()),
            Self::FileSize { allowed } => (202, allowed.to_string()),
            Self::FileType => (203, String::new()),
            // Which code a service has for this is not public.
            Self::Malformed => (400, String::new()),
        };
        Some(json!({ "errors": [{ "code": code, "advice": advice }] }))
    }

    /// What is delivered over CometD, where no status stands beside it.
    #[must_use]
    pub fn delivered(&self) -> Value {
        let mut body = self.body().unwrap_or_else(|| json!({ "errors": [{ "code": 404 }] }));
        if body.get("statusCode").is_none() {
            super::set(&mut body, "statusCode", Some(json!(2)));
        }
        body
    }
}
