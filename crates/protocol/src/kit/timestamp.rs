//! Moments as services write them: a text of ISO 8601, or a number of milliseconds.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;

use super::digits;

/// Milliseconds since 1970-01-01 UTC, whether they stand there as a number or as a text; `None` if it is neither.
#[must_use]
pub fn millis(text: &str) -> Option<i64> {
    usual(text).or_else(|| text.parse().ok()).or_else(|| of_text(text))
}

/// Milliseconds since 1970-01-01 UTC of a text; `None` if it is none.
#[must_use]
pub fn of_text(text: &str) -> Option<i64> {
    usual(text).or_else(|| Some(text.parse::<Timestamp>().ok()?.as_millisecond()))
}

/// Reads `2026-01-05T10:00:03.012Z`. Nearly every moment is written so, and there is one in every entry: all that may stand in
/// another form does not have to be looked for.
fn usual(text: &str) -> Option<i64> {
    let text: [u8; 24] = text.as_bytes().try_into().ok()?;
    #[rustfmt::skip]
    let [
        year @ .., b'-', m, o, b'-', d, a, b'T', h, u, b':', i, n, b':', s, e, b'.', x, y, z, b'Z',
    ] = text else { return None };
    let date = Date::new(number(&year)?, number(&[m, o])?, number(&[d, a])?).ok()?;
    let time = Time::new(number(&[h, u])?, number(&[i, n])?, number(&[s, e])?, 0).ok()?;
    let second = Offset::UTC.to_timestamp(date.to_datetime(time)).ok()?;
    Some(second.as_millisecond() + number::<i64>(&[x, y, z])?)
}

fn number<N: TryFrom<u64>>(of: &[u8]) -> Option<N> {
    N::try_from(digits::number(of)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_numbers_are_read() {
        assert_eq!(millis("2021-07-09T10:25:38.829Z"), Some(1_625_826_338_829));
        assert_eq!(millis("1625826338829"), Some(1_625_826_338_829));
        assert_eq!(millis("-5"), Some(-5));
        assert_eq!(of_text("1625826338829"), None, "a number is no text");
        for none in ["", "yesterday", "2021-07-09", "2021-13-09T10:25:38.829Z", "2021-02-29T10:25:38.829Z"] {
            assert_eq!((millis(none), of_text(none)), (None, None), "{none}");
        }
    }

    #[test]
    fn the_usual_form_is_read_as_the_library_reads_it() {
        let library = |text: &str| Some(text.parse::<Timestamp>().ok()?.as_millisecond());
        let mut rng = fastrand::Rng::with_seed(3);
        for _ in 0..20_000 {
            let (year, month, day) = (rng.u16(0..=9_999), rng.u8(0..=13), rng.u8(0..=32));
            let (hour, minute, second) = (rng.u8(0..=24), rng.u8(0..=60), rng.u8(0..=61));
            let fraction = rng.u16(0..=999);
            let text =
                format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:03}Z");
            assert_eq!(of_text(&text), library(&text), "{text}");
        }
        for odd in ["+999-01-05T10:00:03.012Z", "2026-01-05T10:00:03.0+2Z", "2026-01-05t10:00:03.012z"] {
            assert_eq!(of_text(odd), library(odd), "{odd}");
        }
    }
}
