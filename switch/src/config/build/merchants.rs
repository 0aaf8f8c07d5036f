//! The `[[merchants]]` and `[[terminals]]` rows.

use std::collections::BTreeMap;

use payment::{AcquirerName, MerchantNo, TerminalId};
use rustc_hash::FxHashMap;
use toml::{Spanned, Value};

use super::{Build, MANY_VANS, strip};
use crate::config::{Acquirer, Merchant, file};

/// The keys of a merchant that are no acquirer's; no acquirer has such a name.
pub(super) const OWN: [&str; 4] = ["no", "name", "van_weights", "direct"];

impl Build {
    pub(super) fn merchants(
        &mut self,
        merchants: Vec<BTreeMap<String, Spanned<Value>>>,
        acquirers: &BTreeMap<AcquirerName, Acquirer>,
    ) -> FxHashMap<MerchantNo, Merchant> {
        let mut built = FxHashMap::default();
        for merchant in merchants {
            let span = merchant.get("no").or_else(|| merchant.values().next()).map_or(0..0, Spanned::span);
            let text =
                |key: &str| merchant.get(key).and_then(|value| value.get_ref().as_str()).unwrap_or_default();
            if let Some(name) = merchant.get("name")
                && !name.get_ref().is_str()
            {
                let found = name.get_ref();
                self.problem(name.span(), format!("merchants.name: expected a string, found {found}"));
            }
            let name = text("name").to_owned();
            let Ok(no) = MerchantNo::new(text("no")) else {
                let found = merchant.get("no").map_or("none".to_owned(), |no| no.get_ref().to_string());
                self.problem(span, format!("merchants.no: expected a string of 10 digits, found {found}"));
                self.has_unreadable_merchant = true;
                continue;
            };
            let mut rows = BTreeMap::new();
            for (key, value) in merchant.iter().filter(|(key, _)| !OWN.contains(&key.as_str())) {
                let row = Spanned::new(value.span(), key.clone());
                let Some(acquirer) = self.known(&row, &format!("a row of merchant {no}"), acquirers) else {
                    continue;
                };
                if let Some(identifiers) = self.merchant_row(no, key, value, &acquirers[&acquirer]) {
                    rows.insert(acquirer, identifiers);
                }
            }
            let built_merchant = Merchant {
                name,
                van_weights: merchant
                    .get("van_weights")
                    .map(|weights| self.van_weights(no, weights, &merchant, acquirers)),
                direct: merchant.get("direct").is_none_or(|direct| self.direct(no, direct)),
                acquirers: rows,
            };
            if built.insert(no, built_merchant).is_some() {
                self.problem(span, format!("merchants.no: expected each number once, found {no} again"));
            }
        }
        built
    }

    /// The merchant's own shares.
    fn van_weights(
        &mut self,
        no: MerchantNo,
        weights: &Spanned<Value>,
        merchant: &BTreeMap<String, Spanned<Value>>,
        acquirers: &BTreeMap<AcquirerName, Acquirer>,
    ) -> Vec<(AcquirerName, u32)> {
        let key = format!("van_weights of merchant {no}");
        let Some(table) = weights.get_ref().as_table().filter(|table| !table.is_empty()) else {
            let found = weights.get_ref();
            self.problem(
                weights.span(),
                format!("{key}: expected a table such as {{ kovan = 60, kspay = 40 }}, found {found}"),
            );
            return Vec::new();
        };
        if table.len() > MANY_VANS {
            let what = format!("{key}: expected at most {MANY_VANS}, found {}", table.len());
            self.problem(weights.span(), what);
        }
        let mut built = Vec::new();
        for (name, weight) in table {
            let share = weight.as_integer().and_then(|weight| u32::try_from(weight).ok());
            let share = share.filter(|share| *share > 0);
            if share.is_none() {
                // Under a name that is none, anything may stand.
                let is_number = weight.is_integer() || weight.is_float();
                let found = if is_number { weight.to_string() } else { format!("a {}", weight.type_str()) };
                let expected = format!("{key}: expected 1 to {} for {name}, found {found}", u32::MAX);
                self.problem(weights.span(), expected);
            }
            let spanned = Spanned::new(weights.span(), name.clone());
            let Some(acquirer) = self.known(&spanned, &key, acquirers) else { continue };
            if !merchant.contains_key(name) {
                let expected = format!("{key}: expected a row of it for {name}, found none");
                self.problem(weights.span(), expected);
            }
            built.extend(share.map(|share| (acquirer, share)));
        }
        built
    }

    fn direct(&mut self, no: MerchantNo, direct: &Spanned<Value>) -> bool {
        direct.get_ref().as_bool().unwrap_or_else(|| {
            let found = direct.get_ref();
            self.problem(
                direct.span(),
                format!("direct of merchant {no}: expected true or false, found {found}"),
            );
            true
        })
    }

    fn merchant_row(
        &mut self,
        no: MerchantNo,
        key: &str,
        value: &Spanned<Value>,
        acquirer: &Acquirer,
    ) -> Option<BTreeMap<String, String>> {
        let identifiers = value.get_ref().as_table().and_then(|table| {
            table.iter().map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
        });
        let Some(identifiers) = identifiers else {
            self.problem(value.span(), format!("{key} of merchant {no}: expected a table of strings"));
            return None;
        };
        if let Err(problem) = acquirer.dialect.check_merchant(&identifiers) {
            self.problem(value.span(), format!("{key} of merchant {no}: expected {problem}"));
            return None;
        }
        Some(identifiers)
    }

    pub(super) fn terminals(
        &mut self,
        terminals: Vec<file::Terminal>,
        merchants: &FxHashMap<MerchantNo, Merchant>,
    ) -> FxHashMap<TerminalId, MerchantNo> {
        let mut built = FxHashMap::default();
        for terminal in terminals {
            let id = TerminalId::new(terminal.id.get_ref());
            let id = id
                .map_err(|expected| {
                    self.unexpected(&terminal.id, "terminals.id", strip(&expected.to_string()));
                })
                .ok();
            let merchant =
                MerchantNo::new(terminal.merchant_no.get_ref()).ok().filter(|no| merchants.contains_key(no));
            if merchant.is_none() && !self.has_unreadable_merchant {
                self.unexpected(
                    &terminal.merchant_no,
                    "terminals.merchant_no",
                    "the no of a [[merchants]] row",
                );
            }
            let (Some(id), Some(merchant)) = (id, merchant) else { continue };
            if built.insert(id, merchant).is_some() {
                self.unexpected(&terminal.id, "terminals.id", "each id once");
            }
        }
        built
    }
}
