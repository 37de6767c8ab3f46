//! What is wrong, in plain English: what happened, then what can be done.

use envoi_protocol::fault::{Fault, FaultCode};
use envoi_protocol::view::{ArchiveView, EndReason};

/// One or two sentences for a fault, with its details for support behind them.
pub(crate) fn fault(fault: &Fault, company: &str) -> String {
    let sentence = sentence(fault.code, company);
    match &fault.detail {
        Some(detail) => format!("{sentence} ({detail})"),
        None => sentence,
    }
}

fn sentence(code: FaultCode, company: &str) -> String {
    let fixed = match code {
        FaultCode::Offline => "You're offline, or the address is not reachable.",
        FaultCode::NotAnswering => return format!("{company} isn't answering."),
        FaultCode::ServiceError => return format!("{company} has trouble of its own. Try again later."),
        FaultCode::RateLimited => "Sending is paused for a moment: the service asked to slow down.",
        FaultCode::CaptivePortal => {
            "A web page answered. Sign in to this network in a browser, then try again."
        }
        FaultCode::UnreadableAnswer => "The answer could not be understood. Check the address.",
        FaultCode::AnswerTooLarge => "The answer was too large to be taken.",
        FaultCode::UnsafeConnection => {
            "The connection to this address can't be trusted, so nothing was sent. If your organisation has its own \
             certificates, name them with extra_ca_file."
        }
        FaultCode::BadAddress => "This address can't be used.",
        FaultCode::WrongKey => "This key isn't accepted here. Check api_key.",
        FaultCode::UnknownAddress => "No chat service answers at this address. Check url.",
        FaultCode::UnknownEndpoint => "The service doesn't know this entry point. Check endpoint.",
        FaultCode::NameMissing => "The service wants a first name.",
        FaultCode::FieldMissing => "Something is left out that is needed.",
        FaultCode::FieldBad => "Something holds what it cannot hold.",
        FaultCode::SignInAgain => "The service wants to know again who is there. Start a new chat.",
        FaultCode::SignInNeeded => "You have to sign in to go on with this chat; /again begins.",
        FaultCode::SignInDeclined => return format!("{company} did not accept the sign-in."),
        FaultCode::SignInUnfinished => "You have not signed in.",
        FaultCode::SignInFailed => {
            "Signing in can't work as it is set up. Check sign_in_url and sign_in_port."
        }
        FaultCode::ChatGone => return format!("{company} no longer has this chat open. Start a new chat."),
        FaultCode::ChatOver => "This chat has ended.",
        FaultCode::Declined => return format!("{company} declined."),
        FaultCode::FileType => "This kind of file is not taken.",
        FaultCode::FileSize => "This file is too large.",
        FaultCode::FileEmpty => "This file is empty.",
        FaultCode::FileName => "A file of this name is not taken; give it another one.",
        FaultCode::AgentNeeded => "Files are taken only while an agent is with you.",
        FaultCode::FileCount => "No more files are taken in this chat.",
        FaultCode::FilesWaiting => {
            "Too many files are waiting to be sent. Send this one when others have left."
        }
        FaultCode::MessageTooLong => "This message is too long.",
        FaultCode::ServiceClosed => "This company takes no new chats right now.",
        FaultCode::OpenElsewhere => "This chat is open somewhere else; /again goes on with it here.",
        FaultCode::ClearedElsewhere => {
            return format!("By signing in here, your other chat with {company} was ended.");
        }
        FaultCode::Unsupported => "This can't be done here.",
        FaultCode::TooLate => "There is no such thing, or it is too late for it.",
        FaultCode::KeyringLocked => {
            "Your system's password store is locked. Unlock it, for instance by signing in to the desktop, and try again."
        }
        FaultCode::KeyringMissing => {
            "This computer has no password store, so chats are forgotten when Envoi quits. On Linux, install and start one \
             that provides the Secret Service, such as gnome-keyring, KWallet or KeePassXC."
        }
        FaultCode::KeyringFailed => "The system's password store failed.",
        FaultCode::DiskFailed => {
            "A file could not be written. Check the free space and the rights of the folder."
        }
        FaultCode::PerhapsSent => {
            "It cannot be told whether this message arrived. Send it again, or leave it."
        }
        FaultCode::ArchiveDamaged => {
            "What was kept could not be read; it was set aside, and a new archive is begun."
        }
        FaultCode::CompanyGone => {
            return format!(
                "{company} is no longer among the companies of this profile; what was said can be read."
            );
        }
        FaultCode::CompanyBroken => {
            return format!(
                "The entry of {company} in the configuration has a mistake; what was said can be read."
            );
        }
        FaultCode::ConfigBroken => "The configuration file has a mistake, so nothing was added. Correct it.",
        FaultCode::AlreadyThere => "There is a company of this name or address already.",
    };
    fixed.to_owned()
}

/// One sentence for an end.
pub(crate) fn end(reason: EndReason, by: Option<&str>, company: &str) -> String {
    match reason {
        EndReason::EndedByMe => String::from("You ended this chat."),
        EndReason::EndedByThem => format!("The chat has ended: {} ended it.", by.unwrap_or(company)),
        EndReason::ReadOnly => String::from("This chat is read only."),
        EndReason::Expired => String::from("This chat was quiet for too long and is closed."),
        EndReason::SignedInElsewhere => {
            String::from("You have signed in elsewhere; this chat goes on there.")
        }
        EndReason::SignedOut => String::from("You were signed out. Sign in with a new chat."),
        EndReason::Lost => format!("This chat can't be picked up again: {company} no longer has it open."),
    }
}

/// How many messages were not sent.
pub(crate) fn not_sent(count: u64) -> String {
    match count {
        1 => String::from("1 message was not sent"),
        _ => format!("{count} messages were not sent"),
    }
}

/// What is to be known of the archive; nothing where all is well.
pub(crate) fn archive(view: &ArchiveView) -> Option<String> {
    match view {
        ArchiveView::Kept | ArchiveView::Opening => None,
        // Each chat says for itself that it is not kept.
        ArchiveView::Memory { .. } => None,
        ArchiveView::Rebuilt { aside } => Some(format!(
            "Chats that were kept could not be read. The unreadable file was put aside as {aside}, and a new one is begun; what is \
             still open comes back from the company. The old file is deleted after 30 days, or when you delete a chat."
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_words_of_its_own() {
        let mut seen = std::collections::BTreeSet::new();
        for code in FaultCode::ALL {
            let words = fault(&Fault::new(*code), "Tidewater");
            assert!(words.ends_with('.'), "{code:?}");
            assert!(seen.insert(words), "{code:?} is worded like another");
        }
    }

    #[test]
    fn details_stand_behind_the_sentence() {
        assert_eq!(
            fault(&Fault::with_detail(FaultCode::Declined, "400 X"), "Tidewater"),
            "Tidewater declined. (400 X)"
        );
    }
}
