//! Base64 as clients write it: in both alphabets, with or without padding, as Graph's own library reads
//! it, and in one way for the same bytes otherwise. Knows no property and no token.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Decodes base64; `None` if the text is something else.
#[must_use]
pub fn decode_base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text.replace('-', "+").replace('_', "/")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_base64_alphabets_are_read() {
        for text in ["+/8=", "-_8=", "+/8", "-_8"] {
            assert_eq!(decode_base64(text), Some(vec![0xfb, 0xff]), "{text}");
        }
        // Too short, a blank, bits behind the last byte, padding that is too long or not at the end.
        for text in ["a", "a b=", "+/9", "+/8==", "+/8=+/8="] {
            assert_eq!(decode_base64(text), None, "{text}");
        }
    }
}
