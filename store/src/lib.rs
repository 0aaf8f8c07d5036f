//! The save contract of payments, and its engines: in-memory and SQLite.
