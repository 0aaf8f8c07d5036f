//! I3 and I8: answers agree with one another, and reach whom they are for.

use std::collections::HashSet;

use super::{Facts, Violation};
use crate::{
    book::{Purchase, is_open},
    telegram::mark,
};

/// At most one live approval a key; every answer to a key agrees with those before, until it is undone, and never tells 0000 after that; another telegram
/// under the same key is refused.
pub(super) fn answers_to_a_key_agree(facts: &Facts<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (key, records) in facts.by_key.iter().filter(|(_, records)| records.len() > 1) {
        let ids: Vec<_> = records.iter().map(|record| record.id).collect();
        violations.push(Violation::new(format!("several payments under {key:?}: {ids:?}")));
    }
    for purchase in &facts.evidence.records.purchases {
        let what = disagreement(facts, purchase)
            .or_else(|| several(facts, purchase))
            .or_else(|| impostor(facts, purchase));
        if let Some(what) = what {
            let mut violation = Violation::new(what);
            violation.payment = facts.record(purchase).map(|record| record.id);
            violation.evidence = facts.about(purchase);
            violations.push(violation);
        }
    }
    violations
}

fn several(facts: &Facts<'_>, purchase: &Purchase) -> Option<String> {
    let lives = |given: &&super::Given| given.amount == purchase.original.amount && given.left() > 0;
    let stuck = facts.record(purchase).is_some_and(|record| record.payment.needs_person());
    let live = facts.given.iter().filter(lives).count();
    (live > 1 && !stuck).then(|| format!("{live} approvals of one purchase live"))
}

fn disagreement(facts: &Facts<'_>, purchase: &Purchase) -> Option<String> {
    let heard = &facts.evidence.records.of(&purchase.approval)?.heard;
    let expected = mark(purchase.original.amount);
    let of_it = heard.iter().filter(|heard| !is_open(&heard.code) && heard.mark == expected);
    let mut last: Option<(&str, &str)> = None;
    for heard in of_it {
        let (code, number) = (heard.code.as_str(), heard.approval_no.as_str());
        let agrees = match last {
            None => true,
            Some(("0000", before)) if code == "0000" => number == before,
            Some(("0000", _)) => matches!(code, "9013" | "9031"),
            Some(("9022", _)) => matches!(code, "9022" | "9013"),
            Some((before, _)) => code == before,
        };
        if !agrees {
            let (before, number_before) = last.unwrap_or_default();
            return Some(format!("told {code} {number} after {before} {number_before}"));
        }
        last = Some((code, number));
    }
    None
}

fn impostor(facts: &Facts<'_>, purchase: &Purchase) -> Option<String> {
    let amount = purchase.impostor?;
    let heard = &facts.evidence.records.of(&purchase.approval)?.heard;
    let told = heard
        .iter()
        .find(|heard| heard.mark == mark(amount) && heard.code != "9011" && !is_open(&heard.code));
    let approved = facts.given.iter().any(|given| given.amount == amount);
    match (told, approved) {
        (_, true) => Some("another telegram under the same key was approved".to_owned()),
        (Some(heard), false) => Some(format!("another telegram under the same key was told {}", heard.code)),
        (None, false) => None,
    }
}

/// Every answer speaks of the request it came for: what the merchant wrote into it comes back, and the approval is one that an acquirer gave for it.
pub(super) fn answers_reach_their_requests(facts: &Facts<'_>) -> Vec<Violation> {
    let mut violations: Vec<_> = facts.evidence.records.strays.iter().map(Violation::new).collect();
    let given: HashSet<_> = facts
        .given
        .iter()
        .map(|given| (given.acquirer.as_str(), given.approval_no.as_str(), given.amount))
        .collect();
    for purchase in &facts.evidence.records.purchases {
        let amount = purchase.original.amount;
        let marks = [Some(mark(amount)), purchase.impostor.map(mark)];
        let heard = facts.evidence.records.of(&purchase.approval).map_or(&[][..], |exchange| &exchange.heard);
        for heard in heard {
            let ours = heard.mark.is_empty() || marks.iter().flatten().any(|mark| *mark == heard.mark);
            let approved = (heard.route.as_str(), heard.approval_no.as_str(), amount);
            let what = if !ours {
                format!("an answer with another request's mark: {}", heard.mark)
            } else if heard.code == "0000" && heard.mark == mark(amount) && !given.contains(&approved) {
                format!("an approval that its acquirer never gave: {} {}", heard.route, heard.approval_no)
            } else if heard.code == "0000" && heard.amount != amount {
                format!("an approval of {} won", heard.amount)
            } else {
                continue;
            };
            let mut violation = Violation::new(what);
            violation.payment = facts.record(purchase).map(|record| record.id);
            violation.evidence = facts.about(purchase);
            violations.push(violation);
        }
    }
    violations
}
