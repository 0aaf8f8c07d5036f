//! What a view shows, field by field, as text; and every setter of a patch.

use std::collections::BTreeMap;

use codec::{
    Binary, Charset, Code, Digits, Korean, MonthDayTime, Occurrences, Secret, Telegram, Text, Truncated,
};
use jiff::civil::{Date, DateTime, Time};
use zeroize::Zeroize;

use super::layout::State;

/// A value as text; none where it is absent.
pub(crate) trait Shown {
    fn shown(&self) -> Option<String>;
}

macro_rules! by_display {
    ($($value:ty),+) => {$(
        impl Shown for $value {
            fn shown(&self) -> Option<String> {
                Some(self.to_string())
            }
        }
    )+};
}

by_display!(u8, u16, u32, u64, u128, i8, i32, i64, i128, DateTime, Date, Time, MonthDayTime);

macro_rules! inline {
    ($($value:ident),+) => {$(
        impl<const N: usize> Shown for $value<N> {
            fn shown(&self) -> Option<String> {
                Some(self.to_string())
            }
        }
    )+};
}

inline!(Text, Code, Digits);

impl<const N: usize, C: Charset> Shown for Korean<N, C> {
    fn shown(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl<const N: usize> Shown for Binary<N> {
    fn shown(&self) -> Option<String> {
        Some(self.as_bytes().escape_ascii().to_string())
    }
}

impl Shown for State {
    fn shown(&self) -> Option<String> {
        Code::from(*self).shown()
    }
}

impl<T: Shown> Shown for Truncated<T> {
    fn shown(&self) -> Option<String> {
        self.get().shown()
    }
}

impl<T: Shown + Zeroize> Shown for Secret<T> {
    fn shown(&self) -> Option<String> {
        self.expose().shown()
    }
}

impl<T: Shown> Shown for Option<T> {
    fn shown(&self) -> Option<String> {
        self.as_ref().and_then(Shown::shown)
    }
}

/// A view, or views of a group that repeats.
pub(crate) trait Fields {
    /// Adds every value by its path.
    fn add_to(self, path: &str, values: &mut BTreeMap<String, Option<String>>);
}

impl<'a, T: Telegram<View<'a>: Fields> + 'a> Fields for Occurrences<'a, T> {
    fn add_to(self, path: &str, values: &mut BTreeMap<String, Option<String>>) {
        for (index, view) in self.into_iter().enumerate() {
            view.add_to(&format!("{path}[{index}]."), values);
        }
    }
}

/// Sets one field of a telegram to what another has.
pub(crate) struct Setter<T> {
    pub(crate) field: &'static str,
    pub(crate) set: fn(&mut [u8], &T) -> Result<(), codec::Error>,
}

/// A telegram whose fields can all be set.
pub(crate) trait Settable: Telegram + 'static {
    const SETTERS: &'static [Setter<Self>];
}

macro_rules! fields {
    (
        $record:ident, $view:ident, $patch:ident:
        values($($value:ident: $set:ident),*), groups($($group:ident),*), repeats($($repeat:ident),*)
    ) => {
        impl $crate::full::shown::Fields for $view<'_> {
            fn add_to(self, path: &str, values: &mut std::collections::BTreeMap<String, Option<String>>) {
                $(values.insert(format!("{path}{}", stringify!($value)), $crate::full::shown::Shown::shown(&self.$value()));)*
                $($crate::full::shown::Fields::add_to(self.$group(), &format!("{path}{}.", stringify!($group)), values);)*
                $($crate::full::shown::Fields::add_to(self.$repeat(), &format!("{path}{}", stringify!($repeat)), values);)*
            }
        }

        impl $crate::full::shown::Settable for $record {
            const SETTERS: &'static [$crate::full::shown::Setter<Self>] = &[$(
                $crate::full::shown::Setter {
                    field: stringify!($value),
                    set: |bytes, from| {
                        let mut patch: $patch<'_> = $record::patch(bytes)?;
                        patch.$set(from.$value.clone()).map(drop)
                    },
                },
            )*];
        }
    };
}

pub(crate) use fields;
