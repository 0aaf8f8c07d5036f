-- Cancels and totals: a payment is found by its telegram's key for as long as it is kept, and what a terminal did on a day is counted by an index alone.

-- How it counts in the totals of its terminal and business date; NULL while that is open and where nothing was approved.
ALTER TABLE payment ADD COLUMN counts_as TEXT CHECK (counts_as IN ('approval', 'net-cancel'));

-- Until when no other payment may have the key of its telegram. It stands here and not in the table of claims, so that a payment has one entry by
-- its key and not two. NULL where it did not claim its key, or did so in the table.
ALTER TABLE payment ADD COLUMN key_until INTEGER;

UPDATE payment SET counts_as = 'approval' WHERE phase = 'approved';

-- The approval's net-cancel is owed, done or stuck.
UPDATE payment SET counts_as = 'net-cancel', phase = 'withdrawn'
    WHERE phase = 'approved'
      AND json_type(state, '$.payment.attempts[' || json_extract(state, '$.payment.phase.Approved.attempt') || '].debt') = 'object';

-- The terminal was told 9022.
UPDATE payment SET counts_as = 'net-cancel'
    WHERE phase = 'refused' AND json_extract(state, '$.payment.phase.Refused.code') = '9022';

-- A net-cancel of it is in the manual queue.
UPDATE payment SET phase = 'needs-person' WHERE state LIKE '%"Stuck"%';

CREATE INDEX payment_key ON payment (terminal_id, business_date, trace_no, total_amount);

-- What is no approval is the exception, and so an approval costs nothing here but its place among the open ones.
CREATE INDEX payment_not_approved ON payment (terminal_id, business_date, counts_as, total_amount)
    WHERE open = 0 AND counts_as IS NOT 'approval';
DROP INDEX payment_open;
CREATE INDEX payment_open ON payment (terminal_id, business_date, counts_as, total_amount) WHERE open = 1;

-- One row a cancel that may have been sent.
CREATE TABLE payment_cancel (
    serial        INTEGER PRIMARY KEY,
    payment       INTEGER NOT NULL,         -- what it cancels, wholly or in part
    terminal_id   TEXT    NOT NULL,         -- of its own key, as are the next two
    business_date TEXT    NOT NULL,         -- yyyy-mm-dd
    trace_no      INTEGER NOT NULL,
    total_amount  INTEGER NOT NULL,
    done          INTEGER NOT NULL CHECK (done IN (0, 1)) -- 1: it is cancelled
) STRICT;

CREATE INDEX payment_cancel_done ON payment_cancel (terminal_id, business_date, total_amount) WHERE done = 1;
