-- Instants are microseconds since 1970-01-01T00:00:00Z. Amounts are won. No column holds a clear card number.

-- One row a payment: its newest state.
CREATE TABLE payment (
    id            INTEGER PRIMARY KEY,      -- business date (8 digits), instance (2), count (9)
    version       INTEGER NOT NULL,         -- how many times it was saved
    instance      INTEGER NOT NULL,         -- which switch instance saved it last, in which of its epochs
    epoch         INTEGER NOT NULL,
    open          INTEGER NOT NULL CHECK (open IN (0, 1)), -- 1: a start has to take it up again
    due           INTEGER,                  -- when something is to happen with it by itself
    phase         TEXT    NOT NULL,
    acquirer      TEXT    NOT NULL,         -- the last one tried; empty where none was
    terminal_id   TEXT    NOT NULL,
    business_date TEXT    NOT NULL,         -- yyyy-mm-dd
    trace_no      INTEGER NOT NULL,
    merchant_no   TEXT    NOT NULL,
    total_amount  INTEGER NOT NULL,
    first_serial  INTEGER,                  -- serials of its attempts and their net-cancels: first to last
    last_serial   INTEGER,
    saved_at      INTEGER NOT NULL,
    state         TEXT    NOT NULL,         -- JSON, without the card
    card          BLOB                      -- card number and expiry as ciphertext; NULL once no telegram can need it
) STRICT;

CREATE INDEX payment_open ON payment (due) WHERE open = 1;
CREATE INDEX payment_serial ON payment (first_serial) WHERE first_serial IS NOT NULL;

-- What happened, for ever: one row a save and one a note. Nothing updates or deletes here.
CREATE TABLE payment_event (
    id       INTEGER PRIMARY KEY,           -- instance * 10^16 + sequence
    instance INTEGER GENERATED ALWAYS AS (id / 10000000000000000) VIRTUAL,
    sequence INTEGER GENERATED ALWAYS AS (id % 10000000000000000) VIRTUAL,
    payment  INTEGER,                       -- NULL of a note
    version  INTEGER NOT NULL,              -- the payment's version after it; 0 of a note
    at       INTEGER NOT NULL,
    event    TEXT    NOT NULL               -- JSON
) STRICT;

-- Names that only one payment can hold at a time, until an instant.
CREATE TABLE claim (
    kind    TEXT    NOT NULL,
    key     TEXT    NOT NULL,
    payment INTEGER NOT NULL,
    until   INTEGER NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX claim_until ON claim (until);

-- The first serial of each instance that was never reserved.
CREATE TABLE serial_block (
    instance INTEGER PRIMARY KEY,
    next     INTEGER NOT NULL
) STRICT;

-- Who writes here. The epoch grows with every start.
CREATE TABLE switch_instance (
    instance     INTEGER PRIMARY KEY,
    epoch        INTEGER NOT NULL,
    started_at   INTEGER NOT NULL,
    lease_holder TEXT,
    lease_until  INTEGER
) STRICT;

-- How far each consumer has read the events of each instance.
CREATE TABLE consumer_position (
    consumer TEXT    NOT NULL,
    instance INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (consumer, instance)
) STRICT, WITHOUT ROWID;
