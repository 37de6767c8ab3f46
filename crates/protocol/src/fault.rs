//! What can be wrong, in the form that leaves the core: a stable code, a class to act on, and details for support.
//!
//! The words a person reads are chosen in the user interface, by code.

use serde::{Deserialize, Serialize};

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Fault {
    /// Stable name; the interface words it.
    pub code: FaultCode,
    /// What can be done about it.
    pub class: FaultClass,
    /// For "Details" and for support: a status, a service's own code or reference. Never a secret, never a message.
    pub detail: Option<String>,
}

impl Fault {
    /// A fault without details.
    #[must_use]
    pub fn new(code: FaultCode) -> Self {
        Self { code, class: code.class(), detail: None }
    }

    /// The same fault with details for support.
    #[must_use]
    pub fn with_detail(code: FaultCode, detail: impl Into<String>) -> Self {
        Self { code, class: code.class(), detail: Some(detail.into()) }
    }
}

/// What can be done about a fault; the drivers act on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum FaultClass {
    /// Passes by itself: try again later.
    Retry,
    /// The service wants to know again who is there: drop what was kept and start anew.
    SignInAgain,
    /// What was asked for is no longer there.
    Gone,
    /// Understood and declined: trying again unchanged is useless.
    Refused,
    /// The answer could not be understood.
    Malformed,
}

macro_rules! codes {
    ($( $(#[doc = $doc:literal])+ $name:ident => $class:ident ),+ $(,)?) => {
        /// Stable names of everything that can be wrong. A code is added only when an interface words it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
        #[serde(rename_all = "snake_case")]
        pub enum FaultCode { $( $(#[doc = $doc])+ $name ),+ }

        impl FaultCode {
            /// Every code there is, in the order of declaration.
            pub const ALL: &'static [Self] = &[ $( Self::$name ),+ ];

            /// What can be done about it.
            #[must_use]
            pub const fn class(self) -> FaultClass {
                match self { $( Self::$name => FaultClass::$class ),+ }
            }
        }
    };
}

codes! {
    /// No connection to anything.
    Offline => Retry,
    /// The service cannot be reached or does not answer in time.
    NotAnswering => Retry,
    /// The service answered with an error of its own.
    ServiceError => Retry,
    /// The service asked to slow down.
    RateLimited => Retry,
    /// A page of some network's sign-in came where data was expected.
    CaptivePortal => Retry,
    /// The answer was not what the service is known to say.
    UnreadableAnswer => Malformed,
    /// The answer was too large to be taken.
    AnswerTooLarge => Malformed,
    /// The certificate cannot be trusted, or no secure connection could be made.
    UnsafeConnection => Refused,
    /// The address is not one that can be asked.
    BadAddress => Refused,
    /// The service does not accept the key.
    WrongKey => Refused,
    /// No chat service answers at this address.
    UnknownAddress => Refused,
    /// The service does not know this entry point.
    UnknownEndpoint => Refused,
    /// The service wants a first name.
    NameMissing => Refused,
    /// A required field is empty.
    FieldMissing => Refused,
    /// A field holds something it cannot hold.
    FieldBad => Refused,
    /// The service wants to know again who is there.
    SignInAgain => SignInAgain,
    /// The chat goes on as soon as the person signs in: `TryNow` opens the sign-in page.
    SignInNeeded => Refused,
    /// The sign-in page said no, or the service did not accept what it gave.
    SignInDeclined => Refused,
    /// The person did not finish signing in.
    SignInUnfinished => Refused,
    /// Signing in cannot work as it is set up on this computer.
    SignInFailed => Refused,
    /// The service no longer has this chat.
    ChatGone => Gone,
    /// The chat is over.
    ChatOver => Refused,
    /// The service declined for a reason of its own.
    Declined => Refused,
    /// This kind of file is not taken.
    FileType => Refused,
    /// The file is too large.
    FileSize => Refused,
    /// The file is empty.
    FileEmpty => Refused,
    /// The service does not take a file of this name.
    FileName => Refused,
    /// No more files are taken.
    FileCount => Refused,
    /// So many bytes of files wait to be sent that no more are taken in.
    FilesWaiting => Refused,
    /// Files are taken only while an agent is there.
    AgentNeeded => Refused,
    /// The message is too long.
    MessageTooLong => Refused,
    /// The service takes no new chats at the moment.
    ServiceClosed => Refused,
    /// The same chat was opened elsewhere, and only so many may be open: it goes on here when the person asks for it.
    OpenElsewhere => Refused,
    /// By signing in here, another chat of the same person was ended. Told, and nothing is wrong with this one.
    ClearedElsewhere => Refused,
    /// The service cannot do this.
    Unsupported => Refused,
    /// There is no such item, or it is too late for it.
    TooLate => Refused,
    /// The system's password store is locked.
    KeyringLocked => Retry,
    /// There is no password store.
    KeyringMissing => Refused,
    /// The password store failed.
    KeyringFailed => Retry,
    /// A file of ours could not be written.
    DiskFailed => Retry,
    /// The message may have arrived, and nothing can tell: the person decides whether it goes out again.
    PerhapsSent => Refused,
    /// The encrypted archive could not be read; it was set aside and begun anew.
    ArchiveDamaged => Refused,
    /// There is a company of this name or address already.
    AlreadyThere => Refused,
    /// The company is no longer in the configuration.
    CompanyGone => Refused,
    /// The company's entry in the configuration has a mistake.
    CompanyBroken => Refused,
    /// The file of the companies cannot be read as it stands, so nothing is added to it.
    ConfigBroken => Refused,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_snake_case_on_the_wire() {
        let json = serde_json::to_string(&Fault::with_detail(FaultCode::WrongKey, "403")).unwrap();
        assert_eq!(json, r#"{"code":"wrong_key","class":"refused","detail":"403"}"#);
    }

    #[test]
    fn every_code_survives_a_round_trip() {
        for code in FaultCode::ALL {
            let json = serde_json::to_string(code).unwrap();
            assert_eq!(serde_json::from_str::<FaultCode>(&json).unwrap(), *code);
        }
    }
}
