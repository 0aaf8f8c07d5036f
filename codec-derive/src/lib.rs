//! #[derive(Telegram)]: a struct that must equal its layout file.
