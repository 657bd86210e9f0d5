//! Why a foreign file was not taken in, or not written.

use beffroi_app::{ImportError, ImportingError, ParcelError};

use super::{MOST_ECHOED, echoed};
use crate::{ApiError, ErrorCode};

pub(super) fn import(error: ImportingError) -> ApiError {
    let is = ApiError::new;
    match error {
        ImportingError::File { path, error } => why(error).with("path", path.display()),
        ImportingError::NotFound => is(ErrorCode::ImportNotFound),
        ImportingError::FormatUnknown { name } => {
            is(ErrorCode::ImportFormatUnknown).with("name", name.chars().take(MOST_ECHOED).collect::<String>())
        }
        ImportingError::Exists { path } => is(ErrorCode::ExportExists).with("path", path.display()),
        ImportingError::NotSealed { format } => is(ErrorCode::ExportNotSealed).with("format", format),
        ImportingError::TwoReaders { format } => is(ErrorCode::ExportTwoReaders).with("format", format),
        ImportingError::Write { format, error: ImportError::Locked { what: "password" } } => {
            is(ErrorCode::ExportNeedsPassword).with("format", format)
        }
        ImportingError::Write { format, error: ImportError::Locked { .. } } => is(ErrorCode::ExportNeedsReader).with("format", format),
        ImportingError::Write { format, error } => is(ErrorCode::ExportFailed).with("format", format).with("reason", error),
    }
}

pub(super) fn parcel(error: ParcelError) -> ApiError {
    let is = ApiError::new;
    match error {
        ParcelError::ReaderUnknown { reader } => is(ErrorCode::ParcelReaderUnknown).with("reader", echoed(&reader)),
        ParcelError::Empty => is(ErrorCode::ParcelEmpty),
        ParcelError::Never { name } => is(ErrorCode::ParcelNever).with("name", name),
        ParcelError::SignatureBroken { path } => is(ErrorCode::ParcelSignature).with("path", path.display()),
        ParcelError::SignerUnknown { path, name, fingerprint } => {
            is(ErrorCode::ParcelSignerUnknown).with("path", path.display()).with("name", name).with("fingerprint", fingerprint)
        }
        ParcelError::OtherSigner { path, fingerprint } => {
            is(ErrorCode::ParcelOtherSigner).with("path", path.display()).with("fingerprint", fingerprint)
        }
        ParcelError::NotForYou { path, readers } => {
            is(ErrorCode::ParcelNotForYou).with("path", path.display()).with("readers", echoed(&readers))
        }
    }
}

fn why(error: ImportError) -> ApiError {
    let is = ApiError::new;
    match error {
        ImportError::Io { path, source } => is(ErrorCode::ImportUnreadable).with("below", path).with("reason", source),
        ImportError::TooLarge { what, found, most } => {
            is(ErrorCode::ImportTooLarge).with("what", what).with("found", found).with("most", most)
        }
        ImportError::TooExpensive { what, found, most } => {
            is(ErrorCode::ImportTooExpensive).with("what", what).with("found", found).with("most", most)
        }
        ImportError::Truncated { what } => is(ErrorCode::ImportTruncated).with("what", what),
        ImportError::Malformed { what, at } => is(ErrorCode::ImportMalformed).with("what", what).with("at", at),
        ImportError::Altered { what } => is(ErrorCode::ImportAltered).with("what", what),
        ImportError::Locked { what } => is(match what {
            "key-file" => ErrorCode::ImportNeedsKeyFile,
            "identity" => ErrorCode::ImportNeedsIdentity,
            "mapping" => ErrorCode::ImportNeedsMapping,
            _ => ErrorCode::ImportNeedsPassword,
        }),
        ImportError::Wrong { what } => is(match what {
            "key-file" => ErrorCode::ImportWrongKeyFile,
            "identity" => ErrorCode::ImportWrongIdentity,
            _ => ErrorCode::ImportWrongPassword,
        }),
        ImportError::Unsupported { what } => {
            is(ErrorCode::ImportUnsupported).with("what", what.chars().take(MOST_ECHOED).collect::<String>())
        }
        ImportError::NotText { at } => is(ErrorCode::ImportNotText).with("at", at),
        ImportError::UnknownFormat => is(ErrorCode::ImportNoFormat),
        ImportError::WrongPlace { needs } => is(if needs == "folder" { ErrorCode::ImportNeedsFolder } else { ErrorCode::ImportNeedsFile }),
    }
}
