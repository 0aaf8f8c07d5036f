//! `switch sandbox --once`: a shop's day.

use std::{
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;

fn a_day(folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_switch"))
        .args(["sandbox", "--once", "--json", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder)
        .output()
        .unwrap()
}

#[test]
fn a_day_goes_as_its_samples_say_also_a_second_one_on_the_same_store() {
    let folder = tempfile::tempdir().unwrap();
    let mut summaries = Vec::new();
    for day in ["the first day", "the second one"] {
        let output = a_day(folder.path());
        let (stdout, stderr) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(0), "{day}: {stdout} {stderr}");
        let summary: Value = serde_json::from_str(stdout.lines().last().unwrap()).unwrap();
        let number = |name: &str| summary[name].as_u64().unwrap_or_else(|| panic!("no {name} in {summary}"));
        assert_eq!((number("mismatches"), number("owed")), (0, 0), "{day}: {summary}");
        let counted = ["approved", "declined", "refused", "repeats"].map(number).iter().sum::<u64>();
        assert!(counted < number("sent"), "cancels and those that got no answer are sent besides: {summary}");
        for some in ["cancelled", "net_cancelled", "terminal_net_cancelled", "acknowledged", "needs_person"] {
            assert!(number(some) > 0, "{day}: {some} of {summary}");
        }
        let (standing, doubtful) = (number("standing_won"), number("doubtful_won"));
        assert!(doubtful > 0, "{day}: {summary}");
        assert_eq!(
            number("live_won"),
            standing - doubtful,
            "{day}: the acquirers did the cancel in doubt: {summary}"
        );
        for acquirer in ["kovan", "kovan2", "kspay", "kicc", "card450"] {
            let live = summary["books_won"][acquirer].as_u64().expect("every acquirer's book is told");
            assert_eq!(live > 0, acquirer != "kovan2", "{day}: {acquirer} of {summary}");
        }
        summaries.push(summary);
    }
    assert_eq!(summaries[0], summaries[1], "what terminals of an earlier run traded is not counted again");
}
