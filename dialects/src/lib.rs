//! Each counterparty's language: layout structs and their translation.
