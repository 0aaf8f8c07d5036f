//! Telegrams spoilt where rules begin and end.

use std::ops::Range;

use super::random::Random;

/// The bytes beside which some rule changes its mind: controls, the blank, signs, digits, letters, halves of characters.
pub(crate) const EDGES: &[u8] = &[
    0x00, 0x01, 0x1f, b' ', b'!', b'+', b'-', b'.', b'/', b'0', b'1', b'9', b':', b'=', b'@', b'A', b'Z',
    b'[', b'`', b'a', b'z', b'{', b'~', 0x7f, 0x80, 0x81, 0xa0, 0xa1, 0xc8, 0xfd, 0xfe, 0xff,
];

/// Changes one to three things in the fields at `places`; sometimes nothing.
pub(crate) fn mutate(telegram: &mut [u8], places: &[Range<usize>], random: &mut Random) {
    for _ in 0..random.pick(&[1, 1, 1, 2, 3]) {
        let field = places[random.below(places.len())].clone();
        let bytes = &mut telegram[field];
        let (from, to) = (random.below(bytes.len()), random.within(1, bytes.len()));
        let (from, to) = (from.min(to - 1), to);
        match random.below(10) {
            0 | 1 => bytes[from] = random.pick(EDGES),
            2 => bytes[from] = random.byte(),
            3 => bytes[from..to].fill(b' '),
            4 => bytes[from..].fill(random.pick(&[b' ', 0, b'0'])),
            5 => bytes[..to].fill(random.pick(b" 0-")),
            6 => bytes.rotate_left(1),
            7 => bytes.rotate_right(1),
            8 => bytes.fill(random.pick(EDGES)),
            _ => {
                let pair = random.pick(&[
                    [0xb0, 0xa1],
                    [0x8c, 0x63],
                    [0xa1, 0x20],
                    [b' ', b'-'],
                    *b"13",
                    *b"60",
                    *b"-0",
                ]);
                for (slot, byte) in bytes[from..].iter_mut().zip(pair) {
                    *slot = byte;
                }
            }
        }
    }
}
