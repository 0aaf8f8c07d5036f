-- What waits for a person is found without a look at what does not.
CREATE INDEX payment_needs_person ON payment (id) WHERE phase = 'needs-person';
