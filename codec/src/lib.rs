//! Fixed-width telegrams: layouts, views, EUC-KR, frames, errors.

pub mod frame;
