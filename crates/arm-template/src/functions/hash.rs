//! The two hashes of the language: `guid` and `uniqueString`.

use uuid::{Uuid, uuid};

/// The namespace of the language's guids (Microsoft Learn, "String functions for Bicep", `guid`,
/// 2025).
const NAMESPACE: Uuid = uuid!("11fb06fb-712d-4ddd-98c7-e71bbd588830");

/// A version 5 UUID (RFC 4122) of the arguments, joined with hyphens.
pub(super) fn guid(name: &str) -> String {
    Uuid::new_v5(&NAMESPACE, name.as_bytes()).to_string()
}

/// Thirteen letters and digits of a 64-bit Murmur hash. Microsoft doesn't document how they are
/// made; this is what Terraform's `azapi` provider does, which speaks of the same function.
pub(super) fn unique_string(text: &str) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut hash = murmur(text.as_bytes());
    let letters = (0..13).map(|_| {
        let letter = LETTERS[usize::from((hash >> 59) as u8)];
        hash <<= 5;
        char::from(letter)
    });
    letters.collect()
}

/// Two 32-bit halves that are mixed with each other.
fn murmur(bytes: &[u8]) -> u64 {
    const FIRST: u32 = 0x239b_961b;
    const SECOND: u32 = 0xab0e_9789;
    let scramble = |word: u32, first: u32, turn: u32, second: u32| {
        word.wrapping_mul(first)
            .rotate_left(turn)
            .wrapping_mul(second)
    };
    let word = |bytes: &[u8]| {
        let mut four = [0; 4];
        four[..bytes.len()].copy_from_slice(bytes);
        u32::from_le_bytes(four)
    };
    let (mut low, mut high) = (0_u32, 0_u32);
    let blocks = bytes.chunks_exact(8);
    let rest = blocks.remainder();
    for block in blocks {
        low ^= scramble(word(&block[..4]), FIRST, 15, SECOND);
        low = low.rotate_left(19).wrapping_add(high);
        low = low.wrapping_mul(5).wrapping_add(0x561c_cd1b);
        high ^= scramble(word(&block[4..]), SECOND, 17, FIRST);
        high = high.rotate_left(13).wrapping_add(low);
        high = high.wrapping_mul(5).wrapping_add(0x0bca_a747);
    }
    let (start, end) = rest.split_at(rest.len().min(4));
    low ^= scramble(word(start), FIRST, 15, SECOND);
    high ^= scramble(word(end), SECOND, 17, FIRST);
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    low ^= length;
    high ^= length;
    let exchange = |low: u32, high: u32| {
        let low = low.wrapping_add(high);
        (low, high.wrapping_add(low))
    };
    (low, high) = exchange(low, high);
    (low, high) = exchange(finished(low), finished(high));
    u64::from(high) << 32 | u64::from(low)
}

fn finished(mut half: u32) -> u32 {
    half ^= half >> 16;
    half = half.wrapping_mul(0x85eb_ca6b);
    half ^= half >> 13;
    half = half.wrapping_mul(0xc2b2_ae35);
    half ^ half >> 16
}

#[cfg(test)]
mod tests {
    use super::{guid, unique_string};

    /// A value that the `azapi` provider's function of the same name gives.
    #[test]
    fn unique_strings_are_those_of_azure() {
        let joined = "/subscriptions/00000000-0000-0000-0000-000000000000-resource-id";
        assert_eq!(unique_string(joined), "cwvxuqg24sifi");
    }

    #[test]
    fn guids_are_of_version_5() {
        let id = guid("a-b");
        assert_eq!(id, guid("a-b"));
        assert_eq!((id.len(), &id[14..15]), (36, "5"));
    }
}
