//! Everybody else: what each is given and what it spares itself is told on its page.

mod binrw;
mod deku;
mod fixcol;
mod fixed_record;
mod fixed_width;
mod fwf;
mod naive;
mod nom;
mod owned;

use super::Case;
use super::samples::Telegrams;

/// The peers that know the card company's request.
pub(super) fn card450(telegrams: &Telegrams) -> Vec<Case> {
    [
        naive::Card450::cases(telegrams),
        nom::Card450::cases(telegrams),
        fwf::Card450::cases(telegrams),
        binrw::Card450::cases(telegrams),
        fixed_record::Card450::cases(telegrams),
        deku::Card450::cases(telegrams),
        fixcol::Card450::cases(telegrams),
        fixed_width::Card450::cases(telegrams),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The peers that know KOVAN's approval request.
pub(super) fn kovan(telegrams: &Telegrams) -> Vec<Case> {
    [
        naive::Kovan::cases(telegrams),
        nom::Kovan::cases(telegrams),
        fwf::Kovan::cases(telegrams),
        binrw::Kovan::cases(telegrams),
        fixed_record::Kovan::cases(telegrams),
        deku::Kovan::cases(telegrams),
        fixcol::Kovan::cases(telegrams),
        fixed_width::Kovan::cases(telegrams),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The peers that know the wide layout. fixcol reads UTF-8 only, and the wide layout has EUC-KR in it.
pub(super) fn wide(telegrams: &Telegrams) -> Vec<Case> {
    [
        naive::Wide::cases(telegrams),
        nom::Wide::cases(telegrams),
        fwf::Wide::cases(telegrams),
        binrw::Wide::cases(telegrams),
        fixed_record::Wide::cases(telegrams),
        deku::Wide::cases(telegrams),
        fixed_width::Wide::cases(telegrams),
    ]
    .into_iter()
    .flatten()
    .collect()
}
