//! How many net-cancels and repeated cancels go to one acquirer at a time.
