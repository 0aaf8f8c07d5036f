//! Digits at every width and in every padding.

use codec::{Digits, Telegram};

/// Zeros or blanks before digits, blanks behind them, all or nothing.
#[derive(Telegram, Debug)]
#[telegram(spec = "widths", dir = "../layouts", length = 1260)]
pub(crate) struct Widths {
    #[field(at = 0, len = 1, kind = "number")]
    pub(crate) zo1: Option<u8>,
    #[field(at = 1, len = 1, kind = "number")]
    pub(crate) br1: u8,
    #[field(at = 2, len = 1, kind = "digits")]
    pub(crate) bro1: Option<Digits<1>>,
    #[field(at = 3, len = 1, kind = "digits")]
    pub(crate) bl1: Digits<1>,
    #[field(at = 4, len = 1, kind = "number")]
    pub(crate) blo1: Option<u8>,
    #[field(at = 5, len = 1, kind = "digits")]
    pub(crate) dz1: Digits<1>,
    #[field(at = 6, len = 2, kind = "number")]
    pub(crate) zo2: Option<u8>,
    #[field(at = 8, len = 2, kind = "number")]
    pub(crate) br2: u8,
    #[field(at = 10, len = 2, kind = "digits")]
    pub(crate) bro2: Option<Digits<2>>,
    #[field(at = 12, len = 2, kind = "digits")]
    pub(crate) bl2: Digits<2>,
    #[field(at = 14, len = 2, kind = "number")]
    pub(crate) blo2: Option<u8>,
    #[field(at = 16, len = 2, kind = "digits")]
    pub(crate) dz2: Digits<2>,
    #[field(at = 18, len = 3, kind = "number")]
    pub(crate) zo3: Option<u16>,
    #[field(at = 21, len = 3, kind = "number")]
    pub(crate) br3: u16,
    #[field(at = 24, len = 3, kind = "digits")]
    pub(crate) bro3: Option<Digits<3>>,
    #[field(at = 27, len = 3, kind = "digits")]
    pub(crate) bl3: Digits<3>,
    #[field(at = 30, len = 3, kind = "number")]
    pub(crate) blo3: Option<u16>,
    #[field(at = 33, len = 3, kind = "digits")]
    pub(crate) dz3: Digits<3>,
    #[field(at = 36, len = 4, kind = "number")]
    pub(crate) zo4: Option<u16>,
    #[field(at = 40, len = 4, kind = "number")]
    pub(crate) br4: u16,
    #[field(at = 44, len = 4, kind = "digits")]
    pub(crate) bro4: Option<Digits<4>>,
    #[field(at = 48, len = 4, kind = "digits")]
    pub(crate) bl4: Digits<4>,
    #[field(at = 52, len = 4, kind = "number")]
    pub(crate) blo4: Option<u16>,
    #[field(at = 56, len = 4, kind = "digits")]
    pub(crate) dz4: Digits<4>,
    #[field(at = 60, len = 5, kind = "number")]
    pub(crate) zo5: Option<u32>,
    #[field(at = 65, len = 5, kind = "number")]
    pub(crate) br5: u32,
    #[field(at = 70, len = 5, kind = "digits")]
    pub(crate) bro5: Option<Digits<5>>,
    #[field(at = 75, len = 5, kind = "digits")]
    pub(crate) bl5: Digits<5>,
    #[field(at = 80, len = 5, kind = "number")]
    pub(crate) blo5: Option<u32>,
    #[field(at = 85, len = 5, kind = "digits")]
    pub(crate) dz5: Digits<5>,
    #[field(at = 90, len = 6, kind = "number")]
    pub(crate) zo6: Option<u32>,
    #[field(at = 96, len = 6, kind = "number")]
    pub(crate) br6: u32,
    #[field(at = 102, len = 6, kind = "digits")]
    pub(crate) bro6: Option<Digits<6>>,
    #[field(at = 108, len = 6, kind = "digits")]
    pub(crate) bl6: Digits<6>,
    #[field(at = 114, len = 6, kind = "number")]
    pub(crate) blo6: Option<u32>,
    #[field(at = 120, len = 6, kind = "digits")]
    pub(crate) dz6: Digits<6>,
    #[field(at = 126, len = 7, kind = "number")]
    pub(crate) zo7: Option<u32>,
    #[field(at = 133, len = 7, kind = "number")]
    pub(crate) br7: u32,
    #[field(at = 140, len = 7, kind = "digits")]
    pub(crate) bro7: Option<Digits<7>>,
    #[field(at = 147, len = 7, kind = "digits")]
    pub(crate) bl7: Digits<7>,
    #[field(at = 154, len = 7, kind = "number")]
    pub(crate) blo7: Option<u32>,
    #[field(at = 161, len = 7, kind = "digits")]
    pub(crate) dz7: Digits<7>,
    #[field(at = 168, len = 8, kind = "number")]
    pub(crate) zo8: Option<u32>,
    #[field(at = 176, len = 8, kind = "number")]
    pub(crate) br8: u32,
    #[field(at = 184, len = 8, kind = "digits")]
    pub(crate) bro8: Option<Digits<8>>,
    #[field(at = 192, len = 8, kind = "digits")]
    pub(crate) bl8: Digits<8>,
    #[field(at = 200, len = 8, kind = "number")]
    pub(crate) blo8: Option<u32>,
    #[field(at = 208, len = 8, kind = "digits")]
    pub(crate) dz8: Digits<8>,
    #[field(at = 216, len = 9, kind = "number")]
    pub(crate) zo9: Option<u32>,
    #[field(at = 225, len = 9, kind = "number")]
    pub(crate) br9: u32,
    #[field(at = 234, len = 9, kind = "digits")]
    pub(crate) bro9: Option<Digits<9>>,
    #[field(at = 243, len = 9, kind = "digits")]
    pub(crate) bl9: Digits<9>,
    #[field(at = 252, len = 9, kind = "number")]
    pub(crate) blo9: Option<u32>,
    #[field(at = 261, len = 9, kind = "digits")]
    pub(crate) dz9: Digits<9>,
    #[field(at = 270, len = 10, kind = "number")]
    pub(crate) zo10: Option<u64>,
    #[field(at = 280, len = 10, kind = "number")]
    pub(crate) br10: u64,
    #[field(at = 290, len = 10, kind = "digits")]
    pub(crate) bro10: Option<Digits<10>>,
    #[field(at = 300, len = 10, kind = "digits")]
    pub(crate) bl10: Digits<10>,
    #[field(at = 310, len = 10, kind = "number")]
    pub(crate) blo10: Option<u64>,
    #[field(at = 320, len = 10, kind = "digits")]
    pub(crate) dz10: Digits<10>,
    #[field(at = 330, len = 11, kind = "number")]
    pub(crate) zo11: Option<u64>,
    #[field(at = 341, len = 11, kind = "number")]
    pub(crate) br11: u64,
    #[field(at = 352, len = 11, kind = "digits")]
    pub(crate) bro11: Option<Digits<11>>,
    #[field(at = 363, len = 11, kind = "digits")]
    pub(crate) bl11: Digits<11>,
    #[field(at = 374, len = 11, kind = "number")]
    pub(crate) blo11: Option<u64>,
    #[field(at = 385, len = 11, kind = "digits")]
    pub(crate) dz11: Digits<11>,
    #[field(at = 396, len = 12, kind = "number")]
    pub(crate) zo12: Option<u64>,
    #[field(at = 408, len = 12, kind = "number")]
    pub(crate) br12: u64,
    #[field(at = 420, len = 12, kind = "digits")]
    pub(crate) bro12: Option<Digits<12>>,
    #[field(at = 432, len = 12, kind = "digits")]
    pub(crate) bl12: Digits<12>,
    #[field(at = 444, len = 12, kind = "number")]
    pub(crate) blo12: Option<u64>,
    #[field(at = 456, len = 12, kind = "digits")]
    pub(crate) dz12: Digits<12>,
    #[field(at = 468, len = 13, kind = "number")]
    pub(crate) zo13: Option<u64>,
    #[field(at = 481, len = 13, kind = "number")]
    pub(crate) br13: u64,
    #[field(at = 494, len = 13, kind = "digits")]
    pub(crate) bro13: Option<Digits<13>>,
    #[field(at = 507, len = 13, kind = "digits")]
    pub(crate) bl13: Digits<13>,
    #[field(at = 520, len = 13, kind = "number")]
    pub(crate) blo13: Option<u64>,
    #[field(at = 533, len = 13, kind = "digits")]
    pub(crate) dz13: Digits<13>,
    #[field(at = 546, len = 14, kind = "number")]
    pub(crate) zo14: Option<u64>,
    #[field(at = 560, len = 14, kind = "number")]
    pub(crate) br14: u64,
    #[field(at = 574, len = 14, kind = "digits")]
    pub(crate) bro14: Option<Digits<14>>,
    #[field(at = 588, len = 14, kind = "digits")]
    pub(crate) bl14: Digits<14>,
    #[field(at = 602, len = 14, kind = "number")]
    pub(crate) blo14: Option<u64>,
    #[field(at = 616, len = 14, kind = "digits")]
    pub(crate) dz14: Digits<14>,
    #[field(at = 630, len = 15, kind = "number")]
    pub(crate) zo15: Option<u64>,
    #[field(at = 645, len = 15, kind = "number")]
    pub(crate) br15: u64,
    #[field(at = 660, len = 15, kind = "digits")]
    pub(crate) bro15: Option<Digits<15>>,
    #[field(at = 675, len = 15, kind = "digits")]
    pub(crate) bl15: Digits<15>,
    #[field(at = 690, len = 15, kind = "number")]
    pub(crate) blo15: Option<u64>,
    #[field(at = 705, len = 15, kind = "digits")]
    pub(crate) dz15: Digits<15>,
    #[field(at = 720, len = 16, kind = "number")]
    pub(crate) zo16: Option<u64>,
    #[field(at = 736, len = 16, kind = "number")]
    pub(crate) br16: u64,
    #[field(at = 752, len = 16, kind = "digits")]
    pub(crate) bro16: Option<Digits<16>>,
    #[field(at = 768, len = 16, kind = "digits")]
    pub(crate) bl16: Digits<16>,
    #[field(at = 784, len = 16, kind = "number")]
    pub(crate) blo16: Option<u64>,
    #[field(at = 800, len = 16, kind = "digits")]
    pub(crate) dz16: Digits<16>,
    #[field(at = 816, len = 17, kind = "number")]
    pub(crate) zo17: Option<u64>,
    #[field(at = 833, len = 17, kind = "number")]
    pub(crate) br17: u64,
    #[field(at = 850, len = 17, kind = "digits")]
    pub(crate) bro17: Option<Digits<17>>,
    #[field(at = 867, len = 17, kind = "digits")]
    pub(crate) bl17: Digits<17>,
    #[field(at = 884, len = 17, kind = "number")]
    pub(crate) blo17: Option<u64>,
    #[field(at = 901, len = 17, kind = "digits")]
    pub(crate) dz17: Digits<17>,
    #[field(at = 918, len = 18, kind = "number")]
    pub(crate) zo18: Option<u64>,
    #[field(at = 936, len = 18, kind = "number")]
    pub(crate) br18: u64,
    #[field(at = 954, len = 18, kind = "digits")]
    pub(crate) bro18: Option<Digits<18>>,
    #[field(at = 972, len = 18, kind = "digits")]
    pub(crate) bl18: Digits<18>,
    #[field(at = 990, len = 18, kind = "number")]
    pub(crate) blo18: Option<u64>,
    #[field(at = 1008, len = 18, kind = "digits")]
    pub(crate) dz18: Digits<18>,
    #[field(at = 1026, len = 19, kind = "number")]
    pub(crate) zo19: Option<u64>,
    #[field(at = 1045, len = 19, kind = "number")]
    pub(crate) br19: u64,
    #[field(at = 1064, len = 19, kind = "digits")]
    pub(crate) bro19: Option<Digits<19>>,
    #[field(at = 1083, len = 19, kind = "digits")]
    pub(crate) bl19: Digits<19>,
    #[field(at = 1102, len = 19, kind = "number")]
    pub(crate) blo19: Option<u64>,
    #[field(at = 1121, len = 19, kind = "digits")]
    pub(crate) dz19: Digits<19>,
    #[field(at = 1140, len = 20, kind = "number")]
    pub(crate) zo20: Option<u128>,
    #[field(at = 1160, len = 20, kind = "number")]
    pub(crate) br20: u128,
    #[field(at = 1180, len = 20, kind = "digits")]
    pub(crate) bro20: Option<Digits<20>>,
    #[field(at = 1200, len = 20, kind = "digits")]
    pub(crate) bl20: Digits<20>,
    #[field(at = 1220, len = 20, kind = "number")]
    pub(crate) blo20: Option<u128>,
    #[field(at = 1240, len = 20, kind = "digits")]
    pub(crate) dz20: Digits<20>,
}
