//! Numbers that are digits and nothing else: reading them by the standard library would take a sign, too.

/// The number that these digits are; `None` if they are none, something else, or too many.
#[must_use]
pub fn number(digits: &[u8]) -> Option<u64> {
    let next = |number: u64, digit: &u8| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    };
    digits.iter().try_fold(0, next).filter(|_| !digits.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_digits_are_a_number() {
        assert_eq!(number(b"0"), Some(0));
        assert_eq!(number(b"0012"), Some(12));
        assert_eq!(number(b"18446744073709551615"), Some(u64::MAX));
        for none in ["", "+1", "-1", "1.5", " 1", "1a", "18446744073709551616"] {
            assert_eq!(number(none.as_bytes()), None, "{none}");
        }
    }
}
