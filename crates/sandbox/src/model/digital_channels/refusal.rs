//! The answers by which the service says no, with the status and the code that go over the wire.
//!
//! The codes are observed in public clients; which HTTP status goes with which code is our choice (section 13 of
//! `docs/protocols/digital-channels-v3.md`).

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// `x-api-key` is missing or not known.
    UnknownApiKey,
    /// The client token is missing, forged, or belongs to another chat.
    NotAuthorized,
    /// There is no such chat (any more).
    NoSession,
    /// As [`Refusal::NoSession`], but told by an empty 404.
    NoSessionWithoutWords,
    /// `data[endpoint]` names no endpoint.
    UnknownEndpoint,
    /// The customer gave no name.
    NoNickname,
    /// The upload is no picture.
    NotAPicture,
    /// The picture is too large.
    PictureTooLarge,
    /// Too many pictures in this chat.
    TooManyPictures,
    /// The participant is not the caller.
    OtherParticipant,
    /// Nothing is served at this path.
    NoSuchPath,
    /// The path is served, but not by this method.
    WrongMethod,
    /// The request cannot be understood; the text says why.
    Malformed(String),
}

impl Refusal {
    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::UnknownApiKey | Self::OtherParticipant => 403,
            Self::NotAuthorized => 401,
            Self::NoSession | Self::NoSessionWithoutWords | Self::NoSuchPath => 404,
            Self::PictureTooLarge => 413,
            Self::WrongMethod => 405,
            Self::UnknownEndpoint
            | Self::NoNickname
            | Self::NotAPicture
            | Self::TooManyPictures
            | Self::Malformed(_) => 400,
        }
    }

    /// `status.code` of the envelope; `None` when the body is to be empty.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::UnknownApiKey => Some("INVALID_CONTACT_CENTER"),
            Self::NotAuthorized => Some("AUTHENTICATION_REQUIRED"),
            Self::NoSession => Some("INVALID_SESSION"),
            Self::NoSessionWithoutWords => None,
            Self::UnknownEndpoint => Some("INVALID_ENDPOINT"),
            Self::NoNickname => Some("INVALID_NICKNAME"),
            Self::NotAPicture => Some("INVALID_FILE_TYPE"),
            Self::PictureTooLarge => Some("LIMIT_FILE_SIZE"),
            Self::TooManyPictures => Some("LIMIT_FILE_COUNT"),
            Self::OtherParticipant => Some("INVALID_PARTICIPANT"),
            Self::NoSuchPath => Some("NOT_FOUND"),
            Self::WrongMethod => Some("METHOD_NOT_ALLOWED"),
            Self::Malformed(_) => Some("INVALID_REQUEST"),
        }
    }

    /// `status.message` of the envelope, for people.
    #[must_use]
    pub fn message(&self) -> &str {
        match self {
            Self::UnknownApiKey => "The x-api-key header is missing or names no contact centre.",
            Self::NotAuthorized => "The x-nexus-client-key header is missing or does not open this chat.",
            Self::NoSession | Self::NoSessionWithoutWords => "There is no such chat.",
            Self::UnknownEndpoint => "data[endpoint] names no endpoint of this contact centre.",
            Self::NoNickname => "data[nickname] is missing.",
            Self::NotAPicture => "Only PNG, JPEG and GIF pictures are taken.",
            Self::PictureTooLarge => "The picture is too large.",
            Self::TooManyPictures => "This chat holds as many pictures as it may.",
            Self::OtherParticipant => "This participant is somebody else.",
            Self::NoSuchPath => "Nothing is served at this path.",
            Self::WrongMethod => "This path does not take this method.",
            Self::Malformed(why) => why,
        }
    }
}
