//! Small fields at every width: where checks of eight bytes at a time begin, end and overlap.

use codec::{Code, Korean, MonthDayTime, Telegram, Text, Uhc};
use jiff::civil::{Date, DateTime, Time};

/// One character in each charset, and in a field that has room around it.
#[derive(Telegram, Debug)]
#[telegram(spec = "pair", dir = "../layouts", length = 15)]
pub(crate) struct Pair {
    #[field(at = 0, len = 2, kind = "korean")]
    pub(crate) ksx1001: Korean<2>,
    #[field(at = 2, len = 2, kind = "korean")]
    pub(crate) uhc: Korean<2, Uhc>,
    #[field(at = 4, len = 5, kind = "korean")]
    pub(crate) within: Korean<5>,
    #[field(at = 9, len = 3, kind = "korean")]
    pub(crate) half: Korean<3>,
    #[field(at = 12, len = 3, kind = "korean")]
    pub(crate) half_uhc: Korean<3, Uhc>,
}

/// Each form of a date or time.
#[derive(Telegram, Debug)]
#[telegram(spec = "moments", dir = "../layouts", length = 112)]
pub(crate) struct Moments {
    #[field(at = 0, len = 14, kind = "datetime")]
    pub(crate) at14: DateTime,
    #[field(at = 14, len = 14, kind = "datetime")]
    pub(crate) maybe_at14: Option<DateTime>,
    #[field(at = 28, len = 12, kind = "datetime")]
    pub(crate) at12: DateTime,
    #[field(at = 40, len = 12, kind = "datetime")]
    pub(crate) maybe_at12: Option<DateTime>,
    #[field(at = 52, len = 10, kind = "datetime")]
    pub(crate) at10: MonthDayTime,
    #[field(at = 62, len = 10, kind = "datetime")]
    pub(crate) maybe_at10: Option<MonthDayTime>,
    #[field(at = 72, len = 8, kind = "datetime")]
    pub(crate) day8: Date,
    #[field(at = 80, len = 8, kind = "datetime")]
    pub(crate) maybe_day8: Option<Date>,
    #[field(at = 88, len = 6, kind = "datetime")]
    pub(crate) day6: Date,
    #[field(at = 94, len = 6, kind = "datetime")]
    pub(crate) maybe_day6: Option<Date>,
    #[field(at = 100, len = 6, kind = "datetime")]
    pub(crate) time6: Time,
    #[field(at = 106, len = 6, kind = "datetime")]
    pub(crate) maybe_time6: Option<Time>,
}

/// Texts and Korean of each width.
#[derive(Telegram, Debug)]
#[telegram(spec = "texts", dir = "../layouts", length = 1346)]
pub(crate) struct Texts {
    #[field(at = 0, len = 1, kind = "text")]
    pub(crate) l1: Text<1>,
    #[field(at = 1, len = 1, kind = "code")]
    pub(crate) r1: Code<1>,
    #[field(at = 2, len = 2, kind = "text")]
    pub(crate) l2: Text<2>,
    #[field(at = 4, len = 2, kind = "code")]
    pub(crate) r2: Code<2>,
    #[field(at = 6, len = 3, kind = "text")]
    pub(crate) l3: Text<3>,
    #[field(at = 9, len = 3, kind = "code")]
    pub(crate) r3: Code<3>,
    #[field(at = 12, len = 4, kind = "text")]
    pub(crate) l4: Text<4>,
    #[field(at = 16, len = 4, kind = "code")]
    pub(crate) r4: Code<4>,
    #[field(at = 20, len = 5, kind = "text")]
    pub(crate) l5: Text<5>,
    #[field(at = 25, len = 5, kind = "code")]
    pub(crate) r5: Code<5>,
    #[field(at = 30, len = 6, kind = "text")]
    pub(crate) l6: Text<6>,
    #[field(at = 36, len = 6, kind = "code")]
    pub(crate) r6: Code<6>,
    #[field(at = 42, len = 7, kind = "text")]
    pub(crate) l7: Text<7>,
    #[field(at = 49, len = 7, kind = "code")]
    pub(crate) r7: Code<7>,
    #[field(at = 56, len = 8, kind = "text")]
    pub(crate) l8: Text<8>,
    #[field(at = 64, len = 8, kind = "code")]
    pub(crate) r8: Code<8>,
    #[field(at = 72, len = 9, kind = "text")]
    pub(crate) l9: Text<9>,
    #[field(at = 81, len = 9, kind = "code")]
    pub(crate) r9: Code<9>,
    #[field(at = 90, len = 10, kind = "text")]
    pub(crate) l10: Text<10>,
    #[field(at = 100, len = 10, kind = "code")]
    pub(crate) r10: Code<10>,
    #[field(at = 110, len = 11, kind = "text")]
    pub(crate) l11: Text<11>,
    #[field(at = 121, len = 11, kind = "code")]
    pub(crate) r11: Code<11>,
    #[field(at = 132, len = 12, kind = "text")]
    pub(crate) l12: Text<12>,
    #[field(at = 144, len = 12, kind = "code")]
    pub(crate) r12: Code<12>,
    #[field(at = 156, len = 13, kind = "text")]
    pub(crate) l13: Text<13>,
    #[field(at = 169, len = 13, kind = "code")]
    pub(crate) r13: Code<13>,
    #[field(at = 182, len = 14, kind = "text")]
    pub(crate) l14: Text<14>,
    #[field(at = 196, len = 14, kind = "code")]
    pub(crate) r14: Code<14>,
    #[field(at = 210, len = 15, kind = "text")]
    pub(crate) l15: Text<15>,
    #[field(at = 225, len = 15, kind = "code")]
    pub(crate) r15: Code<15>,
    #[field(at = 240, len = 16, kind = "text")]
    pub(crate) l16: Text<16>,
    #[field(at = 256, len = 16, kind = "code")]
    pub(crate) r16: Code<16>,
    #[field(at = 272, len = 17, kind = "text")]
    pub(crate) l17: Text<17>,
    #[field(at = 289, len = 17, kind = "code")]
    pub(crate) r17: Code<17>,
    #[field(at = 306, len = 18, kind = "text")]
    pub(crate) l18: Text<18>,
    #[field(at = 324, len = 18, kind = "code")]
    pub(crate) r18: Code<18>,
    #[field(at = 342, len = 24, kind = "text")]
    pub(crate) l24: Text<24>,
    #[field(at = 366, len = 24, kind = "code")]
    pub(crate) r24: Code<24>,
    #[field(at = 390, len = 31, kind = "text")]
    pub(crate) l31: Text<31>,
    #[field(at = 421, len = 31, kind = "code")]
    pub(crate) r31: Code<31>,
    #[field(at = 452, len = 32, kind = "text")]
    pub(crate) l32: Text<32>,
    #[field(at = 484, len = 32, kind = "code")]
    pub(crate) r32: Code<32>,
    #[field(at = 516, len = 33, kind = "text")]
    pub(crate) l33: Text<33>,
    #[field(at = 549, len = 33, kind = "code")]
    pub(crate) r33: Code<33>,
    #[field(at = 582, len = 1, kind = "korean")]
    pub(crate) k1: Korean<1>,
    #[field(at = 583, len = 2, kind = "korean")]
    pub(crate) k2: Korean<2>,
    #[field(at = 585, len = 3, kind = "korean")]
    pub(crate) k3: Korean<3>,
    #[field(at = 588, len = 4, kind = "korean")]
    pub(crate) k4: Korean<4>,
    #[field(at = 592, len = 5, kind = "korean")]
    pub(crate) k5: Korean<5>,
    #[field(at = 597, len = 6, kind = "korean")]
    pub(crate) k6: Korean<6>,
    #[field(at = 603, len = 7, kind = "korean")]
    pub(crate) k7: Korean<7>,
    #[field(at = 610, len = 8, kind = "korean")]
    pub(crate) k8: Korean<8>,
    #[field(at = 618, len = 9, kind = "korean")]
    pub(crate) k9: Korean<9>,
    #[field(at = 627, len = 10, kind = "korean")]
    pub(crate) k10: Korean<10>,
    #[field(at = 637, len = 11, kind = "korean")]
    pub(crate) k11: Korean<11>,
    #[field(at = 648, len = 12, kind = "korean")]
    pub(crate) k12: Korean<12>,
    #[field(at = 660, len = 13, kind = "korean")]
    pub(crate) k13: Korean<13>,
    #[field(at = 673, len = 14, kind = "korean")]
    pub(crate) k14: Korean<14>,
    #[field(at = 687, len = 15, kind = "korean")]
    pub(crate) k15: Korean<15>,
    #[field(at = 702, len = 16, kind = "korean")]
    pub(crate) k16: Korean<16>,
    #[field(at = 718, len = 17, kind = "korean")]
    pub(crate) k17: Korean<17>,
    #[field(at = 735, len = 18, kind = "korean")]
    pub(crate) k18: Korean<18>,
    #[field(at = 753, len = 31, kind = "korean")]
    pub(crate) k31: Korean<31>,
    #[field(at = 784, len = 32, kind = "korean")]
    pub(crate) k32: Korean<32>,
    #[field(at = 816, len = 33, kind = "korean")]
    pub(crate) k33: Korean<33>,
    #[field(at = 849, len = 55, kind = "korean")]
    pub(crate) k55: Korean<55>,
    #[field(at = 904, len = 56, kind = "korean")]
    pub(crate) k56: Korean<56>,
    #[field(at = 960, len = 57, kind = "korean")]
    pub(crate) k57: Korean<57>,
    #[field(at = 1017, len = 62, kind = "korean")]
    pub(crate) k62: Korean<62>,
    #[field(at = 1079, len = 63, kind = "korean")]
    pub(crate) k63: Korean<63>,
    #[field(at = 1142, len = 64, kind = "korean")]
    pub(crate) k64: Korean<64>,
    #[field(at = 1206, len = 65, kind = "korean")]
    pub(crate) k65: Korean<65>,
    #[field(at = 1271, len = 66, kind = "korean")]
    pub(crate) k66: Korean<66>,
    #[field(at = 1337, len = 9, kind = "korean")]
    pub(crate) u9: Korean<9, Uhc>,
}
