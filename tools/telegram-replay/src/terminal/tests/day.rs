//! What a shop's day needs beyond approvals: values of earlier telegrams, vanishing terminals, dates.

use super::*;

#[tokio::test]
async fn an_acknowledgement_a_cancel_a_net_cancel_and_an_inquiry_are_built_from_an_earlier_exchange() {
    let report = played(
        "default terminal-header terminal_id=1000000001 merchant_no=1208800001 sent_at=now\n\
         > van terminal-0100 trace_no=000001 total_amount=50000\n\
         < terminal-0110 response_code=0000\n\
         > ack terminal-0120 trace_no=000002 original_trace_no=@van.trace_no original_date=@van.sent_at[..8] approval_no=@van.reply.approval_no\n\
         < terminal-0130 response_code=0000 approval_no=30000001 original_trace_no=000101 original_date=today\n\
         > part terminal-0400 trace_no=000003 card_track=@van.card_track original_trace_no=@van.trace_no original_date=@van.sent_at[..8] original_approval_no=@van.reply.approval_no cancel_amount=20000 reason=02\n\
         < terminal-0410 response_code=0000 total_amount=20000\n\
         > again part\n\
         < terminal-0410 response_code=0000 approval_no=@part.reply.approval_no\n\
         > net terminal-0420 trace_no=000004 original_trace_no=000001 original_date=today total_amount=@van.total_amount reason=01\n\
         < terminal-0430 response_code=0000\n\
         > state terminal-0300 trace_no=000005 original_trace_no=@van.trace_no original_date=@van.sent_at[..8]\n\
         < terminal-0310 state=02\n\
         > totals terminal-0500 trace_no=000006 business_date=today approval_count=1 approval_amount=50000 cancel_count=1 cancel_amount=20000\n\
         < terminal-0510 approval_count=1 cancel_amount=20000 difference=0\n\
         > opening terminal-0800 trace_no=000007 function=001\n\
         < terminal-0810 response_code=0000 function=001\n",
        100,
    )
    .await;
    assert_eq!(
        mismatches(&report),
        ["line 7: field \"original_trace_no\": expected \"000201\", found \"000101\""],
        "a literal is moved by the trace base, a value taken from a telegram is not"
    );
    let value = |index: usize, field: &str| report.exchanges[index].sent.value(field);
    assert_eq!(
        (value(1, "original_trace_no"), value(1, "approval_no")),
        ("000101", "30000001"),
        "the acknowledgement names what was approved"
    );
    assert_eq!(value(2, "card_track"), "*** (37 bytes)");
    assert_eq!((value(4, "original_trace_no"), value(4, "total_amount")), ("000101", "50000"));
    let summary = Summary {
        sent: 3,
        approved: 1,
        repeats: 1,
        cancelled: 1,
        net_cancelled: 1,
        acknowledged: 1,
        mismatches: 1,
        ..Summary::default()
    };
    assert_eq!(report.summary, summary);
}

#[tokio::test]
async fn a_telegram_that_refers_to_an_answer_that_never_came_is_not_sent() {
    let report = played(
        "> silent terminal-0100 trace_no=000001 total_amount=1062\n\
         < none 20ms\n\
         > cancel terminal-0400 terminal_id=1000000001 trace_no=000002 original_approval_no=@silent.reply.approval_no cancel_amount=1\n\
         < terminal-0410 response_code=0000\n\
         > again cancel\n\
         < terminal-0410 response_code=0000\n\
         > after terminal-0100 trace_no=000003 total_amount=1000\n\
         < terminal-0110 response_code=0000 total_amount=@cancel.cancel_amount\n",
        0,
    )
    .await;
    assert_eq!(
        mismatches(&report),
        [
            "line 5: expected an answer to silent above, found none",
            "line 7: expected a telegram sent as cancel, found none",
            "line 10: expected a telegram sent as cancel, found none"
        ]
    );
    assert!(!report.exchanges[1].was_sent() && report.exchanges[3].was_sent());
    assert_eq!(
        (report.summary.sent, report.summary.approved, report.summary.repeats),
        (2, 1, 0),
        "what never left is not counted"
    );
}

#[tokio::test]
async fn a_value_taken_over_that_does_not_fit_is_a_mismatch_without_the_value() {
    let report = played(
        "> van terminal-0100 trace_no=000001 total_amount=50000\n\
         < terminal-0110 total_amount=@van.card_track\n\
         > cancel terminal-0400 trace_no=@van.card_track\n",
        0,
    )
    .await;
    let found = mismatches(&report);
    assert_eq!(
        found,
        [
            "line 4: expected values that fit their fields, found terminal-0110 field \"total_amount\": expected at \
             most 12 bytes, found 21",
            "line 5: expected values that fit their fields, found terminal-0400 field \"header.trace_no\": expected \
             at most 6 bytes, found 21"
        ]
    );
}

#[tokio::test]
async fn a_terminal_vanishes_and_comes_back_on_a_new_socket() {
    let report = played(
        "> gone terminal-0100 trace_no=000001 total_amount=50000\n\
         close\n\
         > again gone\n\
         < terminal-0110 response_code=0000 trace_no=000001\n\
         > next terminal-0100 trace_no=000002 total_amount=1000\n\
         < terminal-0110 response_code=0000\n\
         close\n",
        0,
    )
    .await;
    assert_eq!(mismatches(&report), [""; 0], "nobody waits for the answer that was never read");
    assert!(report.exchanges[0].answer.is_none() && report.exchanges[1].answer.is_some());
    assert_eq!((report.summary.sent, report.summary.repeats, report.summary.approved), (3, 1, 1));
}

#[tokio::test]
async fn a_clock_is_reset_for_one_telegram_or_until_told_otherwise() {
    let report = played(
        "default terminal-header terminal_id=1000000007\n\
         > once terminal-0100 trace_no=000001 sent_at=20260101000000 total_amount=1000\n\
         < terminal-0110 response_code=0000 terminal_id=1000000007\n\
         default terminal-header sent_at=20260102000000\n\
         > a terminal-0100 trace_no=000002 total_amount=1000\n\
         > b terminal-0300 trace_no=000003\n\
         default terminal-header sent_at=now\n\
         > c terminal-0300 trace_no=000004\n",
        0,
    )
    .await;
    assert_eq!(mismatches(&report), [""; 0]);
    let sent_at =
        report.exchanges.iter().map(|exchange| &exchange.sent.value("sent_at")[..8]).collect::<Vec<_>>();
    assert_eq!(sent_at[..3], ["20260101", "20260102", "20260102"]);
    assert!(sent_at[3] > "20260102");
}

#[tokio::test]
async fn references_and_dates_that_cannot_fit_are_found_before_anything_is_sent() {
    let first = "> a terminal-0100 trace_no=000001 total_amount=1000\n";
    for (line, expected) in [
        ("> b terminal-0120 approval_no=@a.aproval_no", "line 4: terminal-0100 has no field \"aproval_no\""),
        ("> b terminal-0120 approval_no=@a.reply.vat", "line 4: terminal-0110 has no field \"vat\""),
        ("> b terminal-0120 aproval_no=@a.reply.approval_no", "line 4: terminal-0120 has no field"),
        (
            "> b terminal-0120 original_date=@a.sent_at[..15]",
            "line 4: terminal-0100 field \"header.sent_at\": expected a part of its 14 bytes, found one up to 15",
        ),
        ("< terminal-0110 approval_no=@a.x", "line 4: terminal-0100 has no field \"x\""),
        (
            "> b terminal-0100 sent_at=today",
            "line 4: terminal-0100 field \"header.sent_at\": expected a value",
        ),
        ("default terminal-header trace=1", "line 4: terminal-header has no field \"trace\""),
        (
            "> k kovan-approval host=1\n> b terminal-0120 approval_no=@k.reply.approval",
            "line 5: expected a terminal's telegram, found kovan-approval: what answers it is unknown",
        ),
    ] {
        let error = refused(&format!("{first}{line}\n")).await;
        assert!(error.starts_with(expected), "{error}");
    }
}
