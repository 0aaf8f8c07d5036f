//! Telegram layouts as their owners publish them, and the reader that checks them.
