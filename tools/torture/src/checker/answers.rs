//! I3 and I8: answers agree with one another, and reach whom they are for.

use std::collections::HashSet;

use super::{Facts, LooseEnd, Violation};
use crate::{
    book::{Purchase, claims_no_key, is_open},
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
    for (key, rivals) in &facts.rivals {
        let holders: Vec<_> =
            rivals.iter().filter(|rival| facts.holds_its_key(rival) && !is_dead(facts, rival)).collect();
        if holders.len() > 1 {
            let mut violation = Violation::new(format!("several telegrams under {key:?} were taken"));
            violation.evidence = holders.into_iter().flat_map(|holder| facts.about(holder)).collect();
            violations.push(violation);
        }
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

/// Whether all it was told is that its key is withdrawn, whatever telegram would come under it.
fn is_dead(facts: &Facts<'_>, purchase: &Purchase) -> bool {
    let exchange = facts.evidence.records.of(&purchase.approval);
    exchange.is_some_and(|exchange| {
        let mut tells =
            exchange.heard.iter().filter(|heard| !is_open(&heard.code) && !claims_no_key(&heard.code));
        tells.all(|heard| heard.code == "9013" || heard.code == "9011")
    })
}

fn several(facts: &Facts<'_>, purchase: &Purchase) -> Option<String> {
    // What is still owed, or a person's, is not meant to live.
    let undone_later = facts.record(purchase).is_some_and(|record| {
        record.payment.needs_person() || (facts.leaves(LooseEnd::Debts) && record.payment.is_open())
    });
    let live = facts.given_for(purchase).filter(|given| given.left() > 0).count();
    (live > 1 && !undone_later).then(|| format!("{live} approvals of one purchase live"))
}

fn disagreement(facts: &Facts<'_>, purchase: &Purchase) -> Option<String> {
    let heard = &facts.evidence.records.of(&purchase.approval)?.heard;
    let expected = mark(purchase.original.amount);
    let is_final = |code: &str| !is_open(code) && !claims_no_key(code);
    let of_it = heard.iter().filter(|heard| is_final(&heard.code) && heard.mark == expected);
    // A late approval of a payment that was refused is owed its net-cancel.
    let owes = facts
        .record(purchase)
        .is_none_or(|record| record.payment.attempts().iter().any(|attempt| attempt.debt().is_some()));
    let mut last: Option<(&str, &str)> = None;
    for heard in of_it {
        let (code, number) = (heard.code.as_str(), heard.approval_no.as_str());
        let agrees = match last {
            None => true,
            Some(("0000", before)) if code == "0000" => number == before,
            Some(("0000", _)) => matches!(code, "9013" | "9031"),
            Some((before, _)) => code == before || (code == "9013" && owes),
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
            } else if heard.code == "0000"
                && heard.mark == mark(amount)
                && facts.is_heard(&heard.route)
                && !given.contains(&approved)
            {
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
