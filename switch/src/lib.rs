//! Raw TCP switch for fixed-length card-approval telegrams.
